/* applying_private.h - what the files of an apply share. */
#pragma once

#include "tui/applying.h"

/* ---- applying_marks.c: directives that change files for good ---- */

/* What the unit would change with `after` and does not with `before`: a sentence each, and the
 * files as they are now.  1: there are too many to record; e says so. */
int applying_marks(const struct sandbox *before, const struct sandbox *after,
                   struct applying_plan *plan, struct err *e);

/* ---- applying_run.c ---- */

/* The same without any cancelling, to take back what a cancel has interrupted. */
struct job applying_last(const struct context *c);
