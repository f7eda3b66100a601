/* score_address.c - the row about IP addresses. */
#include "core/score/score_private.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct prefix {
        int family;
        unsigned length;
        unsigned char bytes[16]; /* the host part is zero */
};

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

/* "10.0.0.0/8"; an address alone is a prefix of its whole length. */
static bool parse_prefix(const char *word, struct prefix *ret)
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

/* Over the bus systemd-analyze wants the very prefixes of "localhost"; from files it only
 * looks where the prefix begins. */
static bool is_localhost(const struct prefix *p, enum score_mode mode)
{
        static const unsigned char one[16] = { [15] = 1 };

        if (p->family == AF_INET)
                return p->bytes[0] == 127 && (mode == SCORE_OFFLINE || p->length == 8);
        return memcmp(p->bytes, one, sizeof(one)) == 0 &&
               (mode == SCORE_OFFLINE || p->length == 128);
}

/* Two halves of all addresses are not seen as all. */
static bool denies_all(char *const *words)
{
        bool all4 = false, all6 = false;

        for (; words && *words; words++) {
                struct prefix p;

                if (!parse_prefix(*words, &p) || p.length > 0)
                        continue;
                all4 |= p.family == AF_INET;
                all6 |= p.family == AF_INET6;
        }
        return all4 && all6;
}

static uint64_t judge_allowed(char *const *words, enum score_mode mode)
{
        uint64_t badness = 0;

        for (; words && *words; words++) {
                struct prefix p;

                if (!parse_prefix(*words, &p))
                        continue;
                if (!is_localhost(&p, mode))
                        return 5;
                badness = 2;
        }
        return badness;
}

/* Old clients overwrote what they had found in the ingress list by the egress list. */
static bool is_filtered(const struct subject *u)
{
        const struct setting *settings = u->sandbox->settings;
        char **ingress = settings[D_IPIngressFilterPath].value.words;
        char **egress = settings[D_IPEgressFilterPath].value.words;

        if (egress && *egress)
                return true;
        if (u->mode == SCORE_LIVE && !version_at_least(u->dialect->version, 249, 4))
                return false;
        return ingress && *ingress;
}

uint64_t judge_addresses(const struct check *c, const struct subject *u)
{
        const struct setting *settings = u->sandbox->settings;

        if (is_filtered(u))
                return 0;
        if (!denies_all(settings[c->directive].value.words))
                return 10;
        return judge_allowed(settings[D_IPAddressAllow].value.words, u->mode);
}
