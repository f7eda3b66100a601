/* blame_private.h - the ranking that the files of the blame fill in. */
#pragma once

#include "core/trial/trial_private.h"

struct ranking {
        const struct evidence *v;
        struct suspect *list;
        size_t count;
        unsigned best;          /* weight of the best suspect since it was last set to 0 */
        enum directive_id whom; /* and who that is */
        int fault;              /* -ENOMEM sticks here */
};

/* How a change may be to blame. */
enum {
        BY_LOOSENING = 1 << 0, /* any change: it is the set-up that failed, not a permission */
};

/* Points at d, if the profile changed it or brought it in by another directive; otherwise does
 * nothing.  The sentence follows the format. */
void point(struct ranking *k, enum directive_id d, unsigned weight, unsigned how, const char *fmt,
           ...) __attribute__((format(printf, 5, 6)));

/* "ProtectSystem=strict", as it is with the profile; cut where it is long.  Caller frees. */
char *ranking_setting(const struct ranking *k, enum directive_id d);

/* Whether d has at least this value with the profile; NULL: anything but its loosest. */
bool ranking_at_least(const struct ranking *k, enum directive_id d, const char *least);

/* Whether s denies it.  Unset denies nothing. */
bool denies_capability(const struct sandbox *s, const char *name);
bool denies_family(const struct sandbox *s, const char *name);
bool denies_call(const struct sandbox *s, const char *name);
bool runs_as_root(const struct sandbox *s);

/* Whether path is prefix or below it.  '#' in prefix stands for a number. */
bool path_matches(const char *path, const char *prefix);

/* Whether one of the paths of a list value is path, or above it. */
bool value_covers(const struct value *v, const char *path);

/* blame_clue.c */
void blame_clue(struct ranking *k, const struct clue *c, const char *message);
void blame_lost(struct ranking *k, const char *listener);
void blame_capability(struct ranking *k, enum operation_id operation, const char *said);
