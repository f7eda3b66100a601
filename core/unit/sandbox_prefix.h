/* sandbox_prefix.h - IP prefixes, as the members of IPAddressAllow= and IPAddressDeny=. */
#pragma once

#include <stdbool.h>

struct prefix {
        int family; /* AF_INET, AF_INET6 */
        unsigned length;
        unsigned char bytes[16]; /* the host part is zero */
};

/* Takes "10.0.0.0/8" and, as the whole address, "10.0.0.1". */
bool prefix_parse(const char *word, struct prefix *ret);

/* Whether every address of b is one of a. */
bool prefix_covers(const struct prefix *a, const struct prefix *b);
