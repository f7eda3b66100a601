/* infer_addresses.c - with whom a unit has to speak over IP.
 *
 * A list of the addresses that were seen would be wrong tomorrow, so there are three answers only:
 * nobody, this machine, or unknown. */
#include "core/observe/infer_network.h"

#include <errno.h>

static char *const any[] = { (char *)"any", NULL };
static char *const localhost[] = { (char *)"localhost", NULL };
static char *const loopback[] = { (char *)"lo", NULL };

/* The act that tells of peers beyond this machine, and how. */
static const struct act *find_beyond(const struct inference *in, const char **ret_why)
{
        static const struct {
                enum act_kind kind;
                enum reach least;
                const char *why;
        } rows[] = {
                { ACT_CONNECT, REACH_BEYOND, "it talks to addresses beyond this machine" },
                { ACT_PEER, REACH_BEYOND, "it is talked to from beyond this machine" },
                { ACT_BIND, REACH_BEYOND, "it takes an address that others can reach" },
                { ACT_BIND, REACH_WILDCARD,
                  "it listens on every address, so whoever may come is not known" },
        };

        for (size_t i = 0; i < COUNT(rows); i++) {
                const struct act *a = find_reach(in, rows[i].kind, rows[i].least);

                if (a) {
                        *ret_why = rows[i].why;
                        return a;
                }
        }
        return NULL;
}

static int say_unknown(struct inference *in, const struct act *witness, const char *why)
{
        int r = advise_unknown(in, D_IPAddressDeny, any, witness, "%s", why);

        return r < 0 ? r : advise_unknown(in, D_IPAddressAllow, NULL, witness, "%s", why);
}

static int advise_addresses(struct inference *in)
{
        const char *why = NULL;
        const struct act *beyond = find_beyond(in, &why), *ip = find_ip(in);
        int r;

        if (beyond)
                return say_unknown(in, beyond, why);
        if (!in->coverage.live)
                return say_unknown(in, NULL,
                                   "a twin has no peers: only watching the live unit can tell whom "
                                   "it speaks with");
        if (!ip) {
                r = advise_safe(in, D_IPAddressDeny, BASIS_NETWORK, any, NULL, "it used no IP");
                return r < 0 ? r
                             : advise_safe(in, D_IPAddressAllow, BASIS_NETWORK, NULL, NULL,
                                           "no address has to be allowed");
        }
        r = advise_safe(in, D_IPAddressDeny, BASIS_NETWORK, any, ip,
                        "it spoke with this machine only, which IPAddressAllow= lets through");
        return r < 0 ? r
                     : advise_safe(in, D_IPAddressAllow, BASIS_NETWORK, localhost, ip,
                                   "it spoke with this machine only");
}

static int advise_interfaces(struct inference *in)
{
        const char *why = NULL;
        const struct act *beyond = find_beyond(in, &why);

        if (beyond)
                return advise_unknown(in, D_RestrictNetworkInterfaces, NULL, beyond,
                                      "%s, and which interface that takes is decided by routes",
                                      why);
        if (!in->coverage.live)
                return advise_unknown(in, D_RestrictNetworkInterfaces, loopback, NULL,
                                      "a twin has no interface but the loopback: only watching the "
                                      "live unit can tell");
        if (!bind_rules_enforced(in))
                return advise_unknown(in, D_RestrictNetworkInterfaces, loopback, NULL,
                                      "it used the loopback only, but systemd %u is mostly built "
                                      "without what enforces this: it would do nothing, silently",
                                      in->o->dialect->version.major);
        return advise_safe(in, D_RestrictNetworkInterfaces, BASIS_NETWORK, loopback, find_ip(in),
                           "it used no interface but the loopback");
}

int infer_addresses(struct inference *in)
{
        int r = advise_addresses(in);

        return r < 0 ? r : advise_interfaces(in);
}
