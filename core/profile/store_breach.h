/* store_breach.h - the last result of `gird breach`, kept beside the unit's profile so that the
 * list of units can show it:
 *
 *      UNIT/breach.json {"gird":1,"when":…,"states":[{"mark":…,"allowed":…,"tried":…,"chains":…}]}
 *
 * mark says which sandbox it was (breach_mark()): of a unit that was changed since, it says
 * nothing. */
#pragma once

#include "core/profile/store.h"

enum { BREACH_STATES = 2 }; /* as it stood, and with the changes */

struct breach_state {
        char mark[17];
        unsigned allowed, tried, chains;
};

struct breach_kept {
        struct breach_state states[BREACH_STATES];
        size_t count;
};

int store_put_breach(struct store *s, const char *unit, const struct breach_kept *k, struct err *e);
/* 1: there is none, or it is no such file; then e says so, and it counts as none. */
int store_get_breach(struct store *s, const char *unit, struct breach_kept *ret, struct err *e);
/* The state with that mark, or NULL. */
const struct breach_state *breach_kept_find(const struct breach_kept *k, const char *mark);
