/* plan.h - what the program in the kernel notes of a system call beside its count and errors: a
 * table by name, plan.inc. */
#pragma once

#include "core/observe/bpf/wire.h"

#include <stddef.h>

/* Fills a slot per native number; calls without a row, or unknown to this processor, get none. */
void plan_fill(struct wire_plan rows[static WIRE_COMPAT]);

/* The i-th row, by the order of the table; NULL past the end. */
const char *plan_at(size_t i, struct wire_plan *ret);
