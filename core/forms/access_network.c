/* access_network.c - sockets it makes, ports it takes, peers it calls. */
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/forms/access_private.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { PRIVILEGED = 1024, PORT_MOST = 65535, RULES_MOST = 32 };

static int add_socket(struct access *a, unsigned family, unsigned type, unsigned protocol)
{
        struct socket_access *more;

        for (size_t i = 0; i < a->socket_count; i++)
                if (a->sockets[i].family == family && a->sockets[i].type == type &&
                    a->sockets[i].protocol == protocol)
                        return 0;
        more = reallocarray(a->sockets, a->socket_count + 1, sizeof(*more));
        if (!more)
                return -ENOMEM;
        a->sockets = more;
        a->sockets[a->socket_count++] = (struct socket_access){ family, type, protocol };
        return 0;
}

static unsigned type_of(const struct act *a)
{
        return a->b & 0xf;
}

static unsigned protocol_of(const struct act *a)
{
        unsigned protocol = a->kind == ACT_SOCKET ? (unsigned)a->c : (unsigned)(a->b >> 32);

        if (protocol || (a->a != AF_INET && a->a != AF_INET6))
                return protocol;
        return type_of(a) == SOCK_STREAM ? IPPROTO_TCP : type_of(a) == SOCK_DGRAM ? IPPROTO_UDP : 0;
}

/* ---- ports ---- */

struct ports {
        struct port_access **list;
        size_t *count;
};

static bool same_port(const struct port_access *p, const struct port_access *q)
{
        return p->family == q->family && p->type == q->type && p->protocol == q->protocol &&
               p->first == q->first && p->last == q->last &&
               strcmp(p->address ? p->address : "", q->address ? q->address : "") == 0;
}

static int add_port(struct ports to, const struct port_access *port)
{
        struct port_access *more;
        char *address = NULL;

        for (size_t i = 0; i < *to.count; i++)
                if (same_port(&(*to.list)[i], port))
                        return 0;
        more = reallocarray(*to.list, *to.count + 1, sizeof(*more));
        if (!more)
                return -ENOMEM;
        *to.list = more;
        if (port->address) {
                address = strdup(port->address);
                if (!address)
                        return -ENOMEM;
        }
        more[*to.count] = *port;
        more[(*to.count)++].address = address;
        return 0;
}

static bool is_wildcard(const char *address)
{
        return !address || !*address || strcmp(address, "0.0.0.0") == 0 ||
               strcmp(address, "::") == 0 || strcmp(address, "any") == 0;
}

/* A port that is another one each time stands for all that nobody is given by name. */
static int add_ip(struct ports to, const struct act *a)
{
        bool picked = a->flags & ACT_EPHEMERAL || a->c > PORT_MOST;
        struct port_access p = { .family = (unsigned)a->a,
                                 .type = type_of(a),
                                 .protocol = protocol_of(a),
                                 .first = picked ? PRIVILEGED : (unsigned)a->c,
                                 .last = picked ? PORT_MOST : (unsigned)a->c,
                                 .address = is_wildcard(a->text) ? NULL : a->text };

        if (p.first == 0)
                p.last = PORT_MOST; /* the kernel was asked to choose */
        return add_port(to, &p);
}

static int add_act(struct access *ret, const struct act *a)
{
        struct ports binds = { &ret->binds, &ret->bind_count };
        struct ports connects = { &ret->connects, &ret->connect_count };
        bool ip = a->a == AF_INET || a->a == AF_INET6;
        int r = 0;

        if (a->flags & ACT_BY_TWIN && a->kind == ACT_SOCKET)
                return 0;
        if (a->error == EAFNOSUPPORT || a->error == EPERM || a->error == EACCES)
                return 0;
        if (a->a)
                r = add_socket(ret, (unsigned)a->a, type_of(a), protocol_of(a));
        if (r == 0 && ip && a->kind == ACT_BIND)
                r = add_ip(binds, a);
        if (r == 0 && ip && a->kind == ACT_CONNECT)
                r = add_ip(connects, a);
        return r;
}

/* More peers than anybody reads are any peer of that kind. */
static void widen(struct port_access *list, size_t *count)
{
        size_t kept = 0;

        if (*count <= RULES_MOST)
                return;
        for (size_t i = 0; i < *count; i++) {
                free(list[i].address);
                list[i].address = NULL;
        }
        for (size_t i = 0; i < *count; i++) {
                bool there = false;

                for (size_t k = 0; k < kept && !there; k++)
                        there = same_port(&list[k], &list[i]);
                if (!there)
                        list[kept++] = list[i];
        }
        *count = kept;
}

/* ---- without an observation ---- */

static const struct {
        const char *name;
        unsigned family;
} families[] = {
        { "AF_UNIX", AF_UNIX },       { "AF_INET", AF_INET },           { "AF_INET6", AF_INET6 },
        { "AF_NETLINK", AF_NETLINK }, { "AF_PACKET", AF_PACKET },       { "AF_VSOCK", AF_VSOCK },
        { "AF_ALG", AF_ALG },         { "AF_BLUETOOTH", AF_BLUETOOTH }, { "AF_CAN", AF_CAN },
};

static int from_sandbox(const struct form_input *in, struct access *ret)
{
        const struct value *v = &in->after->settings[D_RestrictAddressFamilies].value;
        int r = 0;

        for (size_t i = 0; i < COUNT(families) && r == 0; i++) {
                bool named = strv_has(v->words, families[i].name);

                if (!v->set || named == v->allow)
                        r = add_socket(ret, families[i].family, 0, 0);
        }
        return r;
}

int network_find(const struct form_input *in, struct access *ret)
{
        static const enum act_kind kinds[] = { ACT_SOCKET, ACT_BIND, ACT_CONNECT, ACT_PEER };
        int r = 0;

        if (!in->behaviour)
                return from_sandbox(in, ret);
        for (size_t k = 0; k < COUNT(kinds); k++)
                for (const struct act *a = behaviour_first(in->behaviour, kinds[k]); a && r == 0;
                     a = behaviour_next(in->behaviour, a))
                        r = add_act(ret, a);
        widen(ret->binds, &ret->bind_count);
        widen(ret->connects, &ret->connect_count);
        return r;
}
