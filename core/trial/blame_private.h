/* blame_private.h - the ranking that the files of the blame fill in. */
#pragma once

#include "core/trial/trial_private.h"

struct ranking {
        const struct evidence *v;
        struct suspect *list;
        size_t count;
        unsigned best;          /* weight of the best suspect since it was last set to 0 */
        int bonus;              /* added to each weight: how telling the present evidence is */
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

/* ---- blame_value.c: what a sandbox denies by its values; unset denies nothing ---- */

/* Whether path is prefix or below it.  '#' in prefix stands for a number. */
bool path_matches(const char *path, const char *prefix);

/* Whether one of the paths of a list value is path, or above it. */
bool value_covers(const struct value *v, const char *path);
/* The same, with the length of the longest of them; destinations: of SOURCE:DESTINATION only the
 * latter counts.  0: none. */
size_t value_covers_from(const struct value *v, const char *path, bool destinations);

bool denies_capability(const struct sandbox *s, const char *name);
/* By its own value, without what other directives take from it. */
bool denies_capability_itself(const struct sandbox *s, const char *name);
bool denies_family(const struct sandbox *s, const char *name);
bool denies_call(const struct sandbox *s, const char *name);
/* The error that a call denied by SystemCallFilter= answers; 0: the process is killed. */
int denied_call_error(const struct sandbox *s, const char *name);
/* flags: CLONE_NEW*; 0: of a kind that is not known. */
bool denies_namespaces(const struct sandbox *s, const struct dialect *dialect, uint64_t flags);
bool denies_port(const struct sandbox *s, bool six, bool tcp, unsigned port);
/* address: "10.0.0.1" or "10.0.0.0/24" */
bool denies_address(const struct sandbox *s, const char *address);
bool address_is_loopback(const char *address);
/* Which interface others than the loopback are reached by is decided by routes: then, whether it
 * may be one that is denied. */
bool denies_interface(const struct sandbox *s, const char *address);
/* DevicePolicy or DeviceAllow, whichever denies the node; DIRECTIVE_COUNT: neither. */
enum directive_id denies_device(const struct sandbox *s, const char *path);
/* Whether DeviceAllow= names just this node. */
bool names_device(const struct sandbox *s, const char *path);
bool runs_as_root(const struct sandbox *s);

/* ---- blame.c ---- */
void blame_signal(struct ranking *k, int number);

/* ---- blame_denial.c ---- */

struct denial;
/* Fills in .directive of each. */
void blame_denials(struct ranking *k, struct denial *list, size_t count);

/* ---- blame_seen.c ---- */

/* One refusal that the observer saw. */
void blame_seen(struct ranking *k, const struct denial *d);

/* ---- blame_clue.c ---- */

void blame_clue(struct ranking *k, const struct clue *c, const char *message);
void blame_lost(struct ranking *k, const char *listener);
/* By path and error, and by the error alone. */
void blame_path(struct ranking *k, const struct clue *c);
void blame_error(struct ranking *k, const struct clue *c);
/* ---- blame_grants.c: what was given and no longer is ---- */
void blame_grants(struct ranking *k, const struct clue *c);

/* What takes the capability away; weight: for its own directive, others are less likely. */
void blame_needed(struct ranking *k, const char *capability, const char *what, const char *said,
                  unsigned weight);
