/* reading.h - what the readers share: assignments from elsewhere become changes of a profile. */
#pragma once

#include "core/base/text.h"
#include "core/forms/form.h"

struct reading {
        const char *file;
        const char *unit;
        const struct dialect *dialect;
        struct profile *profile;
        char **notes;
        struct err *e;
};

int reading_open(struct reading *r, const char *file, const char *unit, enum scope scope,
                 const struct dialect *dialect, struct err *e);
/* Ends it: the profile, marked as from a file, and the notes go to the caller.  result: what the
 * reader came to; on failure everything is freed.  An empty profile is a failure, too. */
int reading_close(struct reading *r, int result, const char *form, struct profile **ret,
                  char ***ret_notes);

/* One assignment, found at that line (and column; 0: not told).  What is no directive, or not known
 * to this systemd, becomes a note; a wrong value fails with its place. */
int reading_assign(struct reading *r, unsigned line, unsigned column, const char *key,
                   const char *text);
int reading_note(struct reading *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* "FILE:LINE: words", or with the column.  -EINVAL. */
int reading_fail(struct reading *r, unsigned line, unsigned column, const char *fmt, ...)
        __attribute__((format(printf, 4, 5)));
