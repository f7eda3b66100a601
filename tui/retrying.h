/* retrying.h - kept profiles after an upgrade: which were tried with other versions, and trying
 * them again.  Nothing changes on disk but what a trial says of a profile. */
#pragma once

#include "tui/attempt.h"

/* A unit that has a kept profile. */
struct retrial {
        char *unit;
        struct sandbox *sandbox; /* NULL with .why_not */
        struct profile *profile; /* as it is kept; NULL with .why_not */
        char **changed;          /* what is different now, a sentence each; NULL: nothing */
        char *why_not;           /* why nothing can be said of it or done with it; or NULL */
        bool gone;               /* .why_not: the unit is no more, so that is no fault */
        bool due;                /* it was tried, and something changed since */
        enum verdict then;       /* before it was tried again */
};
void retrials_free(struct retrial *list, size_t count);

/* Looks at the kept profiles of these units, or of all that have one (NULL or empty).
 * < 0: typed wrongly, or nothing can be said at all. */
int retrying_look(struct context *c, char *const *units, struct retrial **ret, size_t *ret_count,
                  struct err *e);

/* Tries one again, as attempt_try() does. */
int retrying_try(struct context *c, struct retrial *r, struct attempt *ret, struct err *e);
