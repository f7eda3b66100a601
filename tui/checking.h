/* checking.h - units looked at by a policy: which are meant, what they are, and what is found. */
#pragma once

#include "core/policy/policy.h"
#include "tui/context.h"

struct checking {
        struct policy *policy;    /* NULL: none was given */
        struct baseline baseline; /* what was recorded, or empty */
        bool has_baseline;
        struct checked *units;
        size_t count;
        struct baseline now; /* the same units as they are */
};
void checking_done(struct checking *k);

/* Reads what --policy, --threshold and --baseline name, and checks the units that the words mean:
 * unit names, patterns, unit files, folders of them; no words: every service.  < 0: typed wrongly
 * or unreadable, with file:line:column. */
int checking_run(struct context *c, char *const *words, struct checking *ret, struct err *e);
