/* score_address.c - the row about IP addresses. */
#include "core/score/score_private.h"

#include "core/base/base.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

struct prefix {
        int family;
        unsigned length;
        unsigned char bytes[16];
};

/* The words that stand for prefixes; systemd takes them in any case. */
static const struct {
        const char *word;
        struct prefix prefixes[2];
} named[] = {
        { "any", { { AF_INET, 0, { 0 } }, { AF_INET6, 0, { 0 } } } },
        { "localhost", { { AF_INET, 8, { 127 } }, { AF_INET6, 128, { [15] = 1 } } } },
        { "link-local", { { AF_INET, 16, { 169, 254 } }, { AF_INET6, 64, { 0xfe, 0x80 } } } },
        { "multicast", { { AF_INET, 4, { 224 } }, { AF_INET6, 8, { 0xff } } } },
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

static bool parse_prefix(const char *word, struct prefix *ret)
{
        struct prefix p = { .family = strchr(word, ':') ? AF_INET6 : AF_INET };
        unsigned most = p.family == AF_INET ? 32 : 128;
        const char *slash = strchr(word, '/');
        size_t n = slash ? (size_t)(slash - word) : strlen(word);
        char address[INET6_ADDRSTRLEN], *end = NULL;

        if (n >= sizeof(address))
                return false;
        memcpy(address, word, n);
        address[n] = '\0';
        if (inet_pton(p.family, address, p.bytes) != 1)
                return false;
        p.length = slash ? (unsigned)strtoul(slash + 1, &end, 10) : most;
        if (p.length > most || (end && (*end || end == slash + 1)))
                return false;
        clear_host_part(&p);
        *ret = p;
        return true;
}

/* The prefixes of one word: 0, 1 or 2 of them. */
static size_t prefixes_of(const char *word, struct prefix ret[2])
{
        for (size_t i = 0; i < COUNT(named); i++)
                if (strcasecmp(named[i].word, word) == 0) {
                        memcpy(ret, named[i].prefixes, sizeof(named[i].prefixes));
                        return 2;
                }
        return parse_prefix(word, ret) ? 1 : 0;
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

static bool denies_all(char *const *words)
{
        bool all4 = false, all6 = false;

        for (; words && *words; words++) {
                struct prefix p[2];
                size_t n = prefixes_of(*words, p);

                for (size_t i = 0; i < n; i++)
                        if (p[i].length == 0) {
                                all4 |= p[i].family == AF_INET;
                                all6 |= p[i].family == AF_INET6;
                        }
        }
        return all4 && all6;
}

static uint64_t judge_allowed(char *const *words, enum score_mode mode)
{
        uint64_t badness = 0;

        for (; words && *words; words++) {
                struct prefix p[2];
                size_t n = prefixes_of(*words, p);

                for (size_t i = 0; i < n; i++) {
                        if (!is_localhost(&p[i], mode))
                                return 5;
                        badness = 2;
                }
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
