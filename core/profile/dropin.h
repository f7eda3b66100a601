/* dropin.h - a profile as a systemd drop-in: written so that what was shown is what results.
 *
 * Lists come with their reset line first, whatever other files add.  A setting that the
 * profile takes away becomes an empty assignment where systemd goes back to the default
 * for it, and the default itself where systemd ignores an empty one.
 * Specifiers: systemd expands '%' in a drop-in.  Values as typed keep theirs; values that are
 * plain text (change.literal: what was observed) have each '%' doubled. */
#pragma once

#include "core/profile/profile.h"

#define DROPIN_NAME "50-gird.conf"
#define DROPIN_MARK "# Written by gird "

struct known; /* directives the installed systemd parses: see known.h */

struct dropin_options {
        const struct dialect *dialect;
        const struct known *known; /* NULL: go by the catalogue's since column */
        const char *date;          /* ISO 8601; NULL: now */
        /* The unit as it stands, or NULL.  An empty BindPaths= empties BindReadOnlyPaths= as
         * well (value_reset_also); what the unit has there is then written again. */
        const struct sandbox *unit;
        char ***ret_left_out; /* directives this systemd does not know, with why; or NULL */
};

/* The whole file: header (gird's version, date, systemd, verdict), sections, a reason as a
 * comment before each directive, list resets first.  What this systemd would not act on is left
 * out, and a comment in the file says so.  Caller frees.
 * -EILSEQ: a value holds what no line of a unit file can (control characters, invalid UTF-8, a
 * backslash at its end). */
int dropin_render(const struct profile *p, const struct dropin_options *o, char **ret,
                  struct err *e);

/* The other way: the assignments of a drop-in (ours or another's) as a profile.  Unknown lines
 * are an error that names file:line.  In a file of ours the comments give reason and evidence. */
int dropin_parse(const char *file, const char *text, const char *unit,
                 const struct dialect *dialect, struct profile **ret, struct err *e);

bool dropin_is_ours(const char *text);
