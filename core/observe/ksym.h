/* ksym.h - kernel addresses to the names of functions, and who of them asked for a capability. */
#pragma once

#include "core/base/base.h"
#include "core/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ksyms;

/* Reads the text of /proc/kallsyms.  0; 1: it hides its addresses (kernel.kptr_restrict) or has no
 * functions; -ENOMEM. */
int ksym_parse(const char *text, size_t length, struct ksyms **ret);
/* The same of this machine's kernel. */
int ksym_open(struct ksyms **ret, struct err *e);
void ksym_free(struct ksyms *k);
DEFINE_SCOPED(struct ksyms, ksym_free)

/* Name of the function that address lies in, without what a compiler adds (".isra.0"); NULL: not
 * in the kernel's text.  room: 64 is enough for all but a few; longer ones are cut. */
enum { KSYM_NAME = 64 };
const char *ksym_find(const struct ksyms *k, uint64_t address, char name[KSYM_NAME]);

/* What a check's call stack (innermost first, return addresses) says. */
struct ksym_asker {
        char by[KSYM_NAME]; /* the function that asked; "" unknown */
        bool quiet;         /* a refusal would change nothing that the process sees */
};
/* root: the process runs as uid 0.  unaudited: the kernel said so itself (a tracepoint cannot). */
void ksym_asker(const struct ksyms *k, const uint64_t *stack, size_t length, unsigned capability,
                bool root, bool unaudited, struct ksym_asker *ret);
