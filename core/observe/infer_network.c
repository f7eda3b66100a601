/* infer_network.c - which networks a unit can do without. */
#include "core/observe/infer_network.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>

/* ---- addresses ---- */

static bool is_ip(uint64_t family)
{
        return family == AF_INET || family == AF_INET6;
}

static enum reach reach_of4(const unsigned char *bytes)
{
        static const unsigned char any[4];

        if (memcmp(bytes, any, sizeof(any)) == 0)
                return REACH_WILDCARD;
        return bytes[0] == 127 ? REACH_LOOPBACK : REACH_BEYOND;
}

enum reach act_reach(const struct act *a)
{
        static const unsigned char any[16], loopback[16] = { [15] = 1 },
                                            mapped[12] = { [10] = 0xff, [11] = 0xff };
        unsigned char bytes[16];

        if (!is_ip(a->a))
                return REACH_NONE;
        if (!a->text || !*a->text)
                return REACH_WILDCARD;
        if (inet_pton(AF_INET, a->text, bytes) == 1)
                return reach_of4(bytes);
        if (inet_pton(AF_INET6, a->text, bytes) != 1)
                return REACH_BEYOND; /* general, cut, or with a scope */
        if (memcmp(bytes, any, sizeof(any)) == 0)
                return REACH_WILDCARD;
        if (memcmp(bytes, loopback, sizeof(loopback)) == 0)
                return REACH_LOOPBACK;
        return memcmp(bytes, mapped, sizeof(mapped)) == 0 ? reach_of4(bytes + 12) : REACH_BEYOND;
}

const struct act *find_reach(const struct inference *in, enum act_kind k, enum reach least)
{
        const struct behaviour *b = in->o->behaviour;
        const struct act *found = NULL;

        for (const struct act *a = behaviour_first(b, k); a; a = behaviour_next(b, a))
                if (act_reach(a) >= least && (!found || a->first < found->first))
                        found = a;
        return found;
}

static const struct act *find_family(const struct inference *in, uint64_t family)
{
        const struct behaviour *b = in->o->behaviour;

        for (const struct act *a = behaviour_first(b, ACT_SOCKET); a; a = behaviour_next(b, a))
                if (a->a == family)
                        return a;
        return NULL;
}

const struct act *find_ip(const struct inference *in)
{
        static const enum act_kind kinds[] = { ACT_BIND, ACT_CONNECT, ACT_PEER };
        const struct act *found = NULL;

        for (size_t i = 0; i < COUNT(kinds) && !found; i++)
                found = find_reach(in, kinds[i], REACH_LOOPBACK);
        if (!found)
                found = find_family(in, AF_INET);
        return found ? found : find_family(in, AF_INET6);
}

/* ---- PrivateNetwork= ---- */

static bool has_ip_address(const struct inference *in, const struct act *a)
{
        (void)in;
        return is_ip(a->a);
}

/* "@name" of another: the service did not make it itself. */
static bool is_foreign_abstract(const struct inference *in, const struct act *a)
{
        const struct behaviour *b = in->o->behaviour;

        if (a->a != AF_UNIX || !a->text || a->text[0] != '@')
                return false;
        for (const struct act *own = behaviour_first(b, ACT_BIND); own;
             own = behaviour_next(b, own))
                if (own->a == AF_UNIX && own->text && strcmp(own->text, a->text) == 0)
                        return false;
        return true;
}

static bool is_abstract(const struct inference *in, const struct act *a)
{
        (void)in;
        return a->a == AF_UNIX && a->text && a->text[0] == '@' && a->text[1];
}

/* Device events come from the machine's own network namespace only. */
static bool hears_devices(const struct inference *in, const struct act *a)
{
        (void)in;
        return a->a == AF_NETLINK && a->c == NETLINK_KOBJECT_UEVENT;
}

static bool asks_kernel(const struct inference *in, const struct act *a)
{
        return a->a == AF_NETLINK && !hears_devices(in, a);
}

/* Other networks; a crypto socket is none. */
static bool is_other_network(const struct inference *in, const struct act *a)
{
        static const unsigned char local[] = { AF_UNSPEC, AF_UNIX, AF_NETLINK,
                                               AF_INET,   AF_ALG,  AF_INET6 };

        (void)in;
        for (size_t i = 0; i < COUNT(local); i++)
                if (a->a == local[i])
                        return false;
        return true;
}

/* clang-format off */
static const struct need private_network[] = {
        { .kind = ACT_CONNECT, .when = has_ip_address, .tried = true,
          .why = "it talks to an IP address" },
        { .kind = ACT_BIND, .when = has_ip_address, .tried = true,
          .why = "it takes an IP address, where nobody would reach it" },
        { .kind = ACT_CONNECT, .when = is_foreign_abstract, .tried = true,
          .why = "it talks to an abstract socket of somebody else" },
        { .kind = ACT_SOCKET, .when = is_other_network, .tried = true,
          .why = "it uses another kind of network than IP" },
        { .kind = ACT_SOCKET, .when = hears_devices, .tried = true,
          .why = "it listens to device events, which come to no private network" },
        { .kind = ACT_BIND, .when = is_abstract, .doubt = true,
          .why = "it offers an abstract socket, which nobody outside would reach" },
        { .kind = ACT_SOCKET, .when = has_ip_address, .doubt = true,
          .why = "it makes IP sockets, though it was not seen to use them" },
        { .kind = ACT_SOCKET, .when = asks_kernel, .doubt = true,
          .why = "it asks the kernel by netlink, which would tell of the loopback alone" },
        { .kind = ACT_PATH, .folders = "/sys/class/net /proc/net /proc/self/net /proc/PID/net",
          .doubt = true, .why = "it looks at the network's interfaces" },
        { .why = NULL },
};
/* clang-format on */

static int advise_private(struct inference *in)
{
        const struct rungs private = {
                D_PrivateNetwork,
                BASIS_NETWORK,
                "it used no network: no IP, no abstract socket of others, no netlink; sockets that "
                "systemd passes to it keep working",
                { { "yes", private_network } },
        };

        return advise_rungs(in, &private);
}

/* ---- RestrictAddressFamilies= ---- */

/* Numbers that the C library's headers have everywhere; systemd's names. */
static const struct {
        unsigned number;
        const char *name;
} families[] = {
        { 1, "AF_UNIX" },        { 2, "AF_INET" },    { 3, "AF_AX25" },     { 4, "AF_IPX" },
        { 5, "AF_APPLETALK" },   { 6, "AF_NETROM" },  { 7, "AF_BRIDGE" },   { 8, "AF_ATMPVC" },
        { 9, "AF_X25" },         { 10, "AF_INET6" },  { 11, "AF_ROSE" },    { 15, "AF_KEY" },
        { 16, "AF_NETLINK" },    { 17, "AF_PACKET" }, { 20, "AF_ATMSVC" },  { 21, "AF_RDS" },
        { 23, "AF_IRDA" },       { 24, "AF_PPPOX" },  { 26, "AF_LLC" },     { 27, "AF_IB" },
        { 28, "AF_MPLS" },       { 29, "AF_CAN" },    { 30, "AF_TIPC" },    { 31, "AF_BLUETOOTH" },
        { 32, "AF_IUCV" },       { 33, "AF_RXRPC" },  { 34, "AF_ISDN" },    { 35, "AF_PHONET" },
        { 36, "AF_IEEE802154" }, { 37, "AF_CAIF" },   { 38, "AF_ALG" },     { 39, "AF_NFC" },
        { 40, "AF_VSOCK" },      { 41, "AF_KCM" },    { 42, "AF_QIPCRTR" }, { 43, "AF_SMC" },
        { 44, "AF_XDP" },        { 45, "AF_MCTP" },
};

static const char *name_of(uint64_t family)
{
        for (size_t i = 0; i < COUNT(families); i++)
                if (families[i].number == family)
                        return families[i].name;
        return NULL;
}

/* The families of one kind of act.  1: one of them has no name, *witness uses it. */
static int add_families(const struct inference *in, enum act_kind k, char ***list,
                        const struct act **witness)
{
        const struct behaviour *b = in->o->behaviour;

        for (const struct act *a = behaviour_first(b, k); a; a = behaviour_next(b, a)) {
                const char *name = name_of(a->a);
                int r;

                if (a->a == AF_UNSPEC) /* connect() takes it to let go of a peer */
                        continue;
                if (!name) {
                        *witness = a;
                        return 1;
                }
                if (!*witness && a->a != AF_UNIX)
                        *witness = a;
                r = strv_has(*list, name) ? 0 : strv_add(list, name);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* What belongs together: a name that resolves to the other family tomorrow, or a machine without
 * IPv6, must not need another profile; and getifaddrs() asks by netlink, mostly as it starts. */
static int complete_families(const struct inference *in, char ***list)
{
        bool ip4 = strv_has(*list, "AF_INET"), ip6 = strv_has(*list, "AF_INET6");
        bool netlink = strv_has(*list, "AF_NETLINK");
        int r = strv_has(*list, "AF_UNIX") ? 0 : strv_add(list, "AF_UNIX");

        if (r == 0 && ip6 && !ip4)
                r = strv_add(list, "AF_INET");
        if (r == 0 && ip4 && !ip6)
                r = strv_add(list, "AF_INET6");
        if (r == 0 && (ip4 || ip6) && !netlink && !in->coverage.startup)
                r = strv_add(list, "AF_NETLINK");
        strv_sort(*list);
        return r;
}

static int advise_families(struct inference *in)
{
        /* Inherited sockets need no socket(), but after a reload it may make its own. */
        static const enum act_kind kinds[] = { ACT_SOCKET, ACT_BIND, ACT_CONNECT, ACT_PEER };
        scoped(strv_freep) char **list = NULL;
        scoped(mem_freep) char *joined = NULL;
        const struct act *witness = NULL;
        int r = 0;

        for (size_t i = 0; i < COUNT(kinds) && r == 0; i++)
                r = add_families(in, kinds[i], &list, &witness);
        if (r == 1)
                return advise_unknown(in, D_RestrictAddressFamilies, NULL, witness,
                                      "it uses an address family that has no name for systemd");
        if (r == 0)
                r = complete_families(in, &list);
        joined = r == 0 ? strv_join(list, " ") : NULL;
        if (!joined)
                return -ENOMEM;
        char *const lines[] = { joined, NULL };

        if (!witness)
                return advise_safe(in, D_RestrictAddressFamilies, BASIS_NETWORK, lines, NULL,
                                   "it made no sockets but unix ones, which stay for logs, "
                                   "notifications and names of users");
        return advise_safe(in, D_RestrictAddressFamilies, BASIS_NETWORK, lines, witness,
                           strv_has(list, "AF_INET")
                                   ? "it used these, or tried to; AF_UNIX stays for logs and "
                                     "notifications, and both families of IP go together"
                                   : "it used these, or tried to; AF_UNIX stays for logs and "
                                     "notifications");
}

/* ---- the rest ---- */

/* clang-format off */
static const struct remark remarks[] = {
        { D_NetworkNamespacePath,
          "it names a network that somebody else makes, which watching the unit cannot" },
        { D_BindNetworkInterface,
          "which interface its packets take is decided by routes, which change: set it by hand "
          "where the unit belongs to one network" },
        { D_NFTSet, "it only feeds sets of the firewall, whose rules gird does not know" },
        { D_IPIngressFilterPath, "it names a filter of your own; IPAddressDeny= is the one gird "
          "can advise on" },
        { D_IPEgressFilterPath, "it names a filter of your own; IPAddressDeny= is the one gird "
          "can advise on" },
        { D_BPFProgram, "it names a program of your own, which is not looked at" },
        { D_IPAccounting, "it counts packets and restricts nothing" },
};
/* clang-format on */

int infer_network(struct inference *in)
{
        int r = advise_private(in);

        if (r == 0)
                r = advise_families(in);
        if (r == 0)
                r = infer_addresses(in);
        if (r == 0)
                r = infer_ports(in);
        return r < 0 ? r : advise_remarks(in, remarks, COUNT(remarks));
}
