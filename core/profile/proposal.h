/* proposal.h - what the guided walk proposes: for each directive that a service can commonly
 * bear, the strictest value that still makes sense.  A table; order means nothing, since the
 * walk goes by what each takes off the exposure. */
#pragma once

#include "core/unit/sandbox.h"

struct proposal {
        enum directive_id directive;
        const char *lines[3]; /* assignments, ends with NULL; "" alone is the empty set */
        enum {
                PROPOSE_ALWAYS,
                PROPOSE_TO_ROOT,   /* only to a service that root runs */
                PROPOSE_TO_OTHERS, /* only to one that root does not run */
        } to;
        enum directive_id unless; /* pointless while this one is on; itself: no such */
        const char *decision;     /* what a person has to decide first: offered last; or NULL */
};

const struct proposal *proposal_at(size_t i); /* NULL past the end */

/* The value that p would give s (with its implications), for draft or profile to set.
 * 1: nothing to propose: as strict already, not comparable, or not for this systemd or unit. */
int proposal_value(const struct proposal *p, const struct sandbox *s, const struct dialect *dialect,
                   struct value *ret);
