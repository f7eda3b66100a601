/* denial_asked_private.h - what the files that ask for silent refusals share. */
#pragma once

#include "core/trial/denial_private.h"

enum { EACH = 8 }; /* of one directive so many are told one by one */

struct asking {
        const struct behaviour *baseline;
        const struct sandbox *before, *after;
        const struct dialect *dialect;
        const struct denial *told; /* what is known to be refused with an error */
        size_t told_count;
        struct denials found;
        size_t of[DIRECTIVE_COUNT]; /* how many there are of each */
};

/* The change takes it away: it is so after, and was not before. */
bool asked_takes(const struct asking *q, enum directive_id id, const char *least);

/* what: the call or kind of use, for the key; object: what it is about.  1: it is dealt with. */
int asked_add(struct asking *q, enum directive_id id, const struct act *a, const char *what,
              const char *object, const char *matter);

/* denial_asked_network.c: 1: it is dealt with. */
int asked_address(struct asking *q, const struct act *a);
