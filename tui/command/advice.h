/* advice.h - what an observation says of each directive, as `gird show` tells it. */
#pragma once

#include "tui/advising.h"
#include "tui/command/report.h"

/* The section "Observed" in words. */
void advice_print(const struct context *c, const struct advising *a);
/* Adds "advice" and "coverage". */
void advice_json(const struct context *c, const struct advising *a, struct json *object);
