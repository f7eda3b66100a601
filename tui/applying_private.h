/* applying_private.h - what the files of an apply share. */
#pragma once

#include "tui/applying.h"

/* ---- applying_marks.c: directives that change files for good ---- */

/* What the unit would change with `after` and does not with `before`: a sentence each, and the
 * files as they are now. */
int applying_marks(const struct sandbox *before, const struct sandbox *after,
                   struct applying_plan *plan, struct err *e);

/* ---- applying_files.c ---- */

enum { APPLYING_FILES_LIMIT = 10000 };

struct applying_files {
        bool there;
        size_t count;  /* in it, at any depth */
        bool too_many; /* only the folder itself was recorded */
};
/* Records a folder (deep: and what is in it) in the plan, as it is now or as absent. */
int applying_files(struct applying_plan *plan, const char *path, bool deep,
                   struct applying_files *ret, struct err *e);

/* ---- applying_run.c ---- */

/* The same without any cancelling, to take back what a cancel has interrupted. */
struct job applying_last(const struct context *c);

/* ---- applying.c ---- */

/* What a profile says of when and where it was tried: "2026-11-23T13:03:38Z live". */
char *applying_tried(uint64_t began);
