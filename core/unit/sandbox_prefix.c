/* sandbox_prefix.c - IP prefixes, as the members of IPAddressAllow= and IPAddressDeny=. */
#include "core/unit/sandbox_prefix.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static void clear_host_part(struct prefix *p)
{
        for (unsigned i = 0; i < sizeof(p->bytes); i++) {
                unsigned from = i * 8;

                if (from >= p->length)
                        p->bytes[i] = 0;
                else if (from + 8 > p->length)
                        p->bytes[i] &= (unsigned char)(0xff << (from + 8 - p->length));
        }
}

bool prefix_parse(const char *word, struct prefix *ret)
{
        struct prefix p = { .family = strchr(word, ':') ? AF_INET6 : AF_INET };
        const char *slash = strchr(word, '/');
        size_t n = slash ? (size_t)(slash - word) : strlen(word);
        char address[INET6_ADDRSTRLEN], *end = NULL;
        unsigned long length = p.family == AF_INET ? 32 : 128;

        if (n >= sizeof(address))
                return false;
        memcpy(address, word, n);
        address[n] = '\0';
        p.length = (unsigned)length;
        if (inet_pton(p.family, address, p.bytes) != 1)
                return false;
        if (slash) {
                if (!isdigit((unsigned char)slash[1]))
                        return false;
                length = strtoul(slash + 1, &end, 10);
                if (*end || length > p.length)
                        return false;
                p.length = (unsigned)length;
        }
        clear_host_part(&p);
        *ret = p;
        return true;
}

bool prefix_covers(const struct prefix *a, const struct prefix *b)
{
        struct prefix cut = *b;

        if (a->family != b->family || a->length > b->length)
                return false;
        cut.length = a->length;
        clear_host_part(&cut);
        return memcmp(a->bytes, cut.bytes, sizeof(cut.bytes)) == 0;
}
