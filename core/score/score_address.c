/* score_address.c - the row about IP addresses. */
#include "core/score/score_private.h"

#include "core/unit/sandbox_prefix.h"

#include <string.h>
#include <sys/socket.h>

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

                if (!prefix_parse(*words, &p) || p.length > 0)
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

                if (!prefix_parse(*words, &p))
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
