/* behaviour_network.c - ports that the kernel or a random number chose, and addresses of which
 * there are many: what will be others next time. */
#include "core/observe/behaviour_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

enum {
        PORTS_LATER = 3, /* so many that were bound while it ran were not configured */
        PORTS_MANY = BEHAVIOUR_NAMES,
        ADDRESSES_MANY = 64,
        FIRST_UNPRIVILEGED = 1024,
};

static bool is_inet(const struct act *a)
{
        return (a->kind == ACT_BIND || a->kind == ACT_CONNECT || a->kind == ACT_PEER) &&
               (a->a == AF_INET || a->a == AF_INET6);
}

/* ---- ports ---- */

/* The sockets that share their ports: one kind, call, family and type. */
static int compare_sockets(const struct act *a, const struct act *b)
{
        struct act x = { .kind = a->kind, .a = a->a, .b = a->b };
        struct act y = { .kind = b->kind, .a = b->a, .b = b->b };

        if (a->kind == ACT_CONNECT) /* what is sent to many is not what is connected to */
                x.name = a->name;
        if (b->kind == ACT_CONNECT)
                y.name = b->name;
        return act_compare(&x, &y);
}

static int by_port(const void *a, const void *b)
{
        const struct act *x = *(struct act *const *)a, *y = *(struct act *const *)b;
        int r = compare_sockets(x, y);

        return r ? r : (x->c > y->c) - (x->c < y->c);
}

static bool is_within(const struct act *a, struct port_span ports)
{
        return a->c >= ports.first && a->c <= ports.last;
}

/* Different ports of one group. */
struct tally {
        size_t inside, inside_later;   /* of the kernel's range; bound while it ran */
        size_t outside, outside_later; /* unprivileged ones besides */
        bool known;                    /* its ports were found to be ephemeral before */
};

static void count_port(struct tally *t, const struct act *a, unsigned seen, struct port_span ports)
{
        bool later = (seen & SEEN_STEADY) && !(seen & SEEN_STARTUP);

        if (is_within(a, ports)) {
                t->inside++;
                t->inside_later += later;
        } else if (a->c >= FIRST_UNPRIVILEGED) {
                t->outside++;
                t->outside_later += later;
        }
}

static struct tally count_ports(struct act *const *list, size_t n, struct port_span ports)
{
        struct tally t = { 0 };

        for (size_t i = 0; i < n; i++) {
                unsigned seen = 0;

                t.known = t.known || (list[i]->flags & ACT_EPHEMERAL) ||
                          (list[i]->kind == ACT_BIND && list[i]->c == 0);
                for (; i + 1 < n && list[i + 1]->c == list[i]->c; i++)
                        seen |= list[i]->seen;
                count_port(&t, list[i], seen | list[i]->seen, ports);
        }
        return t;
}

/* A single port of the kernel's range that is bound at the start was configured; a second one, or
 * one that came while it ran, was not.  FTP servers and resolvers draw theirs from all ports. */
static bool is_ephemeral(const struct act *a, const struct tally *t, struct port_span ports)
{
        bool startup = a->seen & SEEN_STARTUP;

        if (a->kind != ACT_BIND) /* of a peer: clients have any */
                return a->c >= FIRST_UNPRIVILEGED &&
                       (t->known || t->inside + t->outside > PORTS_MANY);
        if (a->c == 0)
                return true;
        if (is_within(a, ports))
                return t->known || t->inside > 1 || t->inside_later > 0;
        return a->c >= FIRST_UNPRIVILEGED &&
               (t->inside + t->outside > PORTS_MANY ||
                (!startup && t->inside_later + t->outside_later >= PORTS_LATER));
}

static void forget_port(struct act *a)
{
        a->c = 0;
        a->flags |= ACT_EPHEMERAL;
}

static size_t group_end(struct act *const *list, size_t n, size_t from)
{
        size_t next = from + 1;

        while (next < n && compare_sockets(list[from], list[next]) == 0)
                next++;
        return next;
}

/* A connection arrives on a port that the unit bound: on any, if that was any. */
static void settle_peers(struct act **list, size_t n)
{
        qsort(list, n, sizeof(struct act *), by_port);
        for (size_t i = 0; i < n; i++) {
                struct act bound = *list[i], *key = &bound;
                struct act **same;

                if (list[i]->kind != ACT_PEER || list[i]->c < FIRST_UNPRIVILEGED)
                        continue;
                bound.kind = ACT_BIND;
                same = bsearch(&key, list, n, sizeof(struct act *), by_port);
                if (same)
                        continue;
                bound.c = 0;
                same = bsearch(&key, list, n, sizeof(struct act *), by_port);
                if (same && (*same)->flags & ACT_EPHEMERAL)
                        forget_port(list[i]);
        }
}

static void tidy_ports(struct act **list, size_t n, struct port_span ports)
{
        size_t next;

        qsort(list, n, sizeof(struct act *), by_port);
        for (size_t i = 0; i < n; i = next) {
                struct tally t;

                next = group_end(list, n, i);
                t = count_ports(list + i, next - i, ports);
                for (size_t j = i; j < next && list[i]->kind != ACT_PEER; j++)
                        if (is_ephemeral(list[j], &t, ports))
                                forget_port(list[j]);
        }
        settle_peers(list, n);
}

/* ---- addresses ---- */

/* How an address is shortened, step by step. */
static const struct {
        unsigned four, six; /* bits that stay */
} levels[] = { { 32, 128 }, { 24, 64 }, { 16, 48 }, { 0, 0 } };

struct address {
        unsigned char bytes[16];
        unsigned length, prefix;
        bool any; /* of all lengths */
};

static bool parse_address(const char *text, struct address *ret)
{
        struct address a = { 0 };
        char host[INET6_ADDRSTRLEN];
        size_t n = strcspn(text, "/");

        if (strcmp(text, "any") == 0) {
                *ret = (struct address){ .any = true };
                return true;
        }
        if (n >= sizeof(host))
                return false;
        memcpy(host, text, n);
        host[n] = '\0';
        if (inet_pton(AF_INET, host, a.bytes) == 1)
                a.length = 4;
        else if (inet_pton(AF_INET6, host, a.bytes) == 1)
                a.length = 16;
        else
                return false;
        a.prefix = text[n] ? (unsigned)strtoul(text + n + 1, NULL, 10) : a.length * 8;
        if (a.prefix > a.length * 8)
                return false;
        *ret = a;
        return true;
}

static bool is_mapped(const struct address *a)
{
        static const unsigned char prefix[12] = { [10] = 0xff, [11] = 0xff };

        return a->length == 16 && memcmp(a->bytes, prefix, sizeof(prefix)) == 0;
}

/* This machine's own is never part of a prefix: it decides IPAddressAllow=localhost. */
static bool is_loopback(const struct address *a)
{
        static const unsigned char one[16] = { [15] = 1 };

        if (a->any || a->length == 0)
                return false;
        if (a->length == 4)
                return a->bytes[0] == 127;
        return is_mapped(a) ? a->bytes[12] == 127 : memcmp(a->bytes, one, sizeof(one)) == 0;
}

static unsigned bits_at(const struct address *a, size_t level)
{
        if (a->length == 4)
                return levels[level].four;
        return is_mapped(a) ? 96 + levels[level].four : levels[level].six;
}

/* The level at which the group stands already. */
static size_t level_of(const struct act *a)
{
        struct address address;
        size_t level = 0;

        if (!(a->flags & ACT_GENERAL) || !a->text || !parse_address(a->text, &address))
                return 0;
        if (address.any)
                return COUNT(levels) - 1;
        while (level + 1 < COUNT(levels) && bits_at(&address, level) > address.prefix)
                level++;
        return level;
}

enum { ADDRESS_ROOM = INET6_ADDRSTRLEN + 8 };

/* What the act's address is at that level; false where it stays as it is. */
static bool shorten(const struct act *a, size_t level, char out[ADDRESS_ROOM])
{
        struct address address;
        char host[INET6_ADDRSTRLEN];
        unsigned bits;

        if (!a->text || !*a->text || !parse_address(a->text, &address) || is_loopback(&address))
                return false;
        if (level == 0)
                return snprintf(out, ADDRESS_ROOM, "%s", a->text) < ADDRESS_ROOM;
        bits = address.any || level + 1 == COUNT(levels) ? 0 : bits_at(&address, level);
        if (bits == 0)
                return snprintf(out, ADDRESS_ROOM, "any") > 0;
        if (address.prefix < bits)
                bits = address.prefix;
        for (unsigned i = 0; i < address.length * 8; i++)
                if (i >= bits)
                        address.bytes[i / 8] &= (unsigned char)~(0x80U >> i % 8);
        if (!inet_ntop(address.length == 4 ? AF_INET : AF_INET6, address.bytes, host, sizeof(host)))
                return false;
        return snprintf(out, ADDRESS_ROOM, "%s/%u", host, bits) > 0;
}

static int by_chars(const void *a, const void *b)
{
        return strcmp(a, b);
}

/* How many different ones there are at that level.  room: for n addresses. */
static size_t count_addresses(struct act *const *list, size_t n, size_t level,
                              char (*room)[ADDRESS_ROOM])
{
        size_t used = 0, different = 0;

        for (size_t i = 0; i < n; i++)
                used += shorten(list[i], level, room[used]);
        qsort(room, used, ADDRESS_ROOM, by_chars);
        for (size_t i = 0; i < used; i++)
                different += i == 0 || strcmp(room[i], room[i - 1]) != 0;
        return different;
}

static int set_level(struct act *a, size_t level)
{
        char shorter[ADDRESS_ROOM];
        char *text;

        if (!shorten(a, level, shorter))
                return 0;
        text = strdup(shorter);
        if (!text)
                return -ENOMEM;
        free(a->text);
        a->text = text;
        a->flags |= ACT_GENERAL;
        return 0;
}

static int compare_peers(const struct act *a, const struct act *b)
{
        int r = compare_sockets(a, b);

        return r ? r : (a->c > b->c) - (a->c < b->c);
}

static int by_peer(const void *a, const void *b)
{
        return compare_peers(*(struct act *const *)a, *(struct act *const *)b);
}

static int tidy_group(struct act **list, size_t n, char (*room)[ADDRESS_ROOM])
{
        size_t level = 0;
        int r = 0;

        for (size_t i = 0; i < n; i++)
                if (level_of(list[i]) > level)
                        level = level_of(list[i]);
        while (level + 1 < COUNT(levels) && count_addresses(list, n, level, room) > ADDRESSES_MANY)
                level++;
        for (size_t i = 0; level > 0 && i < n && r == 0; i++)
                r = set_level(list[i], level);
        return r;
}

static int tidy_addresses(struct act **list, size_t n)
{
        scoped(mem_freep) char(*room)[ADDRESS_ROOM] = calloc(n + 1, ADDRESS_ROOM);
        size_t next;
        int r = 0;

        if (!room)
                return -ENOMEM;
        qsort(list, n, sizeof(struct act *), by_peer);
        for (size_t i = 0; i < n && r == 0; i = next) {
                next = i + 1;
                while (next < n && compare_peers(list[i], list[next]) == 0)
                        next++;
                if (list[i]->kind != ACT_BIND)
                        r = tidy_group(list + i, next - i, room);
        }
        return r;
}

int tidy_network(struct behaviour *b, struct port_span ports)
{
        scoped(mem_freep) struct act **list = calloc(b->act_count + 1, sizeof(struct act *));
        size_t n = 0;
        int r;

        if (!list)
                return -ENOMEM;
        for (size_t i = 0; i < b->act_count; i++)
                if (is_inet(&b->acts[i]))
                        list[n++] = &b->acts[i];
        if (n == 0)
                return 0;
        tidy_ports(list, n, ports);
        r = tidy_addresses(list, n);
        behaviour_stale(b);
        return r;
}
