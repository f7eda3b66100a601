/* infer_ports.c - which ports a unit has to take with bind().
 *
 * A port that the kernel or the service picked is another one next time: such ports are never
 * named, a range or all of the protocol stands for them (facts: shh froze 49 of a resolver's). */
#include "core/observe/infer_network.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

enum {
        PRIVILEGED = 1024, /* below: nobody picks such a port at random */
        NAMED_MOST = 8,    /* more of one kind than this are no list any more */
        RULES_MOST = 128,  /* systemd's own limit */
};

/* Debian's 252 was measured not to enforce these; which build of an older release does, the
 * version does not tell. */
bool bind_rules_enforced(const struct inference *in)
{
        return in->o->dialect->version.major >= 253;
}

/* One kind of socket. */
struct ports {
        const char *family, *protocol; /* "ipv4", "tcp"; "": neither of them */
        char **named;
        bool picked; /* a port of the service's or the kernel's choice */
        bool zero;   /* the kernel was asked to choose: "port 0 cannot be named" */
};

enum { KINDS = 6 };

static const char *protocol_of(const struct act *a)
{
        uint64_t type = a->b & 0xffffffff, protocol = a->b >> 32;

        if (type == SOCK_STREAM && (protocol == 0 || protocol == IPPROTO_TCP))
                return "tcp";
        if (type == SOCK_DGRAM && (protocol == 0 || protocol == IPPROTO_UDP))
                return "udp";
        return "";
}

/* Raw sockets have protocols where others have ports: no rule concerns them. */
static bool has_port(const struct act *a)
{
        uint64_t type = a->b & 0xffffffff;

        return (a->a == AF_INET || a->a == AF_INET6) && (type == SOCK_STREAM || type == SOCK_DGRAM);
}

static struct ports *kind_of(struct ports *kinds, const struct act *a)
{
        const char *family = a->a == AF_INET ? "ipv4" : "ipv6", *protocol = protocol_of(a);

        for (size_t i = 0; i < KINDS; i++) {
                if (!kinds[i].family) {
                        kinds[i].family = family;
                        kinds[i].protocol = protocol;
                }
                if (strcmp(kinds[i].family, family) == 0 &&
                    strcmp(kinds[i].protocol, protocol) == 0)
                        return &kinds[i];
        }
        return NULL; /* not reached: two families times three protocols */
}

/* What is bound while it works, and not as it starts or reloads, was picked for one peer. */
static bool is_picked(const struct act *a)
{
        return a->flags & ACT_EPHEMERAL ||
               (a->c >= PRIVILEGED && !(a->seen & (SEEN_STARTUP | SEEN_RELOAD)));
}

static int add_port(struct ports *p, const struct act *a)
{
        scoped(mem_freep) char *number = NULL;

        if (a->c == 0)
                p->zero = true;
        else if (is_picked(a))
                p->picked = true;
        else {
                number = text_format("%u", (unsigned)a->c);
                if (!number)
                        return -ENOMEM;
                return strv_has(p->named, number) ? 0 : strv_add(&p->named, number);
        }
        return 0;
}

static int add_rule(const struct ports *p, const char *port, char ***lines)
{
        scoped(mem_freep) char *rule = text_format("%s%s%s%s%s", p->family, *p->protocol ? ":" : "",
                                                   p->protocol, port ? ":" : "", port ? port : "");

        return rule ? strv_add(lines, rule) : -ENOMEM;
}

/* 1: the ports of this kind have no end. */
static int add_rules(const struct ports *p, char ***lines)
{
        bool many = p->picked || strv_length(p->named) > NAMED_MOST;
        int r = 0;

        if (p->zero) {
                r = add_rule(p, NULL, lines);
                return r < 0 ? r : 1;
        }
        if (many)
                r = add_rule(p, "1024-65535", lines);
        for (char **port = p->named; port && *port && r == 0; port++)
                if (!many || strlen(*port) < 4 || (strlen(*port) == 4 && strcmp(*port, "1024") < 0))
                        r = add_rule(p, *port, lines);
        return r < 0 ? r : many;
}

static int collect(const struct inference *in, struct ports *kinds, const struct act **ret_witness)
{
        const struct behaviour *b = in->o->behaviour;

        for (const struct act *a = behaviour_first(b, ACT_BIND); a; a = behaviour_next(b, a)) {
                struct ports *p = has_port(a) ? kind_of(kinds, a) : NULL;
                int r = p ? add_port(p, a) : 0;

                if (r < 0)
                        return r;
                if (p && (!*ret_witness || a->first < (*ret_witness)->first))
                        *ret_witness = a;
        }
        return 0;
}

static void kinds_done(struct ports (*kinds)[KINDS])
{
        for (size_t i = 0; i < KINDS; i++)
                strv_free((*kinds)[i].named);
}

static int say(struct inference *in, const struct act *witness, bool open, char *const *lines)
{
        static char *const any[] = { (char *)"any", NULL };
        int r;

        if (!bind_rules_enforced(in)) {
                r = advise_unknown(in, D_SocketBindDeny, any, witness,
                                   "systemd %u is mostly built without what enforces this: it "
                                   "would do nothing, silently",
                                   in->o->dialect->version.major);
                return r < 0 ? r
                             : advise_unknown(in, D_SocketBindAllow, lines, witness,
                                              "it only makes holes in SocketBindDeny=");
        }
        r = advise_safe(in, D_SocketBindDeny, BASIS_NETWORK, any, witness,
                        !witness ? "it took no port"
                        : open   ? "it took ports that differ from time to time, which "
                                   "SocketBindAllow= leaves open as a range"
                                 : "it took the ports that SocketBindAllow= leaves open");
        if (r < 0)
                return r;
        if (!witness)
                return advise_safe(in, D_SocketBindAllow, BASIS_NETWORK, NULL, NULL,
                                   "no port has to be left open");
        return advise_safe(in, D_SocketBindAllow, BASIS_NETWORK, lines, witness,
                           open ? "it took these, some of them picked anew each time"
                                : "it took these");
}

int infer_ports(struct inference *in)
{
        scoped(kinds_done) struct ports kinds[KINDS] = { 0 };
        scoped(strv_freep) char **lines = NULL;
        const struct act *witness = NULL;
        bool open = false;
        int r = collect(in, kinds, &witness);

        for (size_t i = 0; i < KINDS && kinds[i].family && r >= 0; i++) {
                r = add_rules(&kinds[i], &lines);
                open = open || r == 1;
        }
        if (r < 0)
                return r;
        if (strv_length(lines) > RULES_MOST)
                return advise_unknown(in, D_SocketBindDeny, NULL, witness,
                                      "it took more ports than systemd has rules for");
        return say(in, witness, open, lines);
}
