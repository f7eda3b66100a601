/* bus.c - one call over D-Bus, by hand: a library would not fit in, and answers are judged by their
 * kind alone. */
#include "core/breach/program/bus.h"
#include "core/breach/program/program.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { MESSAGE = 4096, CALL = 1, REPLY = 2, FAILURE = 3, WAIT = 1500 };
enum { FIELD_PATH = 1, FIELD_INTERFACE, FIELD_MEMBER, FIELD_ERROR, FIELD_REPLY_TO, FIELD_TO };
enum { FIELD_SIGNATURE = 8, HEADER = 16 };

struct message {
        uint8_t bytes[MESSAGE];
        size_t length;
};

/* ---- writing: little endian, everything aligned ---- */

static void align(struct message *m, size_t to)
{
        while (m->length % to && m->length < MESSAGE)
                m->bytes[m->length++] = 0;
}

static void put(struct message *m, const void *bytes, size_t n)
{
        if (n > MESSAGE - m->length)
                return;
        memcpy(m->bytes + m->length, bytes, n);
        m->length += n;
}

static void put_number(struct message *m, uint32_t number)
{
        uint8_t b[4] = { (uint8_t)number, (uint8_t)(number >> 8), (uint8_t)(number >> 16),
                         (uint8_t)(number >> 24) };

        align(m, 4);
        put(m, b, sizeof(b));
}

static void put_string(struct message *m, const char *text)
{
        put_number(m, (uint32_t)strlen(text));
        put(m, text, strlen(text) + 1);
}

static void put_field(struct message *m, uint8_t field, char type, const char *value)
{
        uint8_t head[4] = { field, 1, (uint8_t)type, 0 };

        align(m, 8);
        put(m, head, sizeof(head));
        if (type == 'g') {
                uint8_t n = (uint8_t)strlen(value);

                put(m, &n, 1);
                put(m, value, strlen(value) + 1);
        } else {
                put_string(m, value);
        }
}

static void patch(struct message *m, size_t at, uint32_t number)
{
        for (int i = 0; i < 4; i++)
                m->bytes[at + (size_t)i] = (uint8_t)(number >> (8 * i));
}

static void build(struct message *m, const struct bus_call *c, uint32_t serial)
{
        const uint8_t start[4] = { 'l', CALL, 0, 1 };
        const char *signature = c->no_strings ? "as" : c->words[1] ? "ss" : c->words[0] ? "s" : "";
        size_t body;

        m->length = 0;
        put(m, start, sizeof(start));
        put_number(m, 0); /* length of the body */
        put_number(m, serial);
        put_number(m, 0); /* length of the fields */
        put_field(m, FIELD_PATH, 'o', c->path);
        put_field(m, FIELD_INTERFACE, 's', c->interface);
        put_field(m, FIELD_MEMBER, 's', c->member);
        put_field(m, FIELD_TO, 's', c->destination);
        if (*signature)
                put_field(m, FIELD_SIGNATURE, 'g', signature);
        patch(m, 12, (uint32_t)(m->length - HEADER));
        align(m, 8);
        body = m->length;
        if (c->no_strings)
                put_number(m, 0);
        for (int i = 0; !c->no_strings && i < 2 && c->words[i]; i++)
                put_string(m, c->words[i]);
        patch(m, 4, (uint32_t)(m->length - body));
}

/* ---- reading ---- */

static uint32_t get(const uint8_t *at)
{
        return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
               (uint32_t)at[3] << 24;
}

static int read_whole(int fd, uint8_t *to, size_t n)
{
        for (size_t have = 0; have < n;) {
                struct pollfd p = { .fd = fd, .events = POLLIN };
                ssize_t got;

                if (poll(&p, 1, WAIT) <= 0)
                        return -ETIMEDOUT;
                got = read(fd, to + have, n - have);
                if (got <= 0)
                        return got < 0 ? -errno : -ECONNRESET;
                have += (size_t)got;
        }
        return 0;
}

/* What is not wanted is read and let go, whatever its length says. */
static int skip(int fd, size_t n)
{
        uint8_t waste[512];
        int r = 0;

        while (r == 0 && n > 0) {
                size_t part = n < sizeof(waste) ? n : sizeof(waste);

                r = read_whole(fd, waste, part);
                n -= part;
        }
        return r;
}

/* Looks for the fields that matter; strings and numbers only, whatever else ends the search. */
static void read_fields(const uint8_t *f, size_t n, uint32_t *ret_to, char *ret_error, size_t size)
{
        for (size_t at = 0; at + 8 <= n;) {
                uint8_t field, type;
                uint32_t value;

                at = (at + 7) & ~(size_t)7;
                if (at + 8 > n)
                        return;
                field = f[at];
                type = f[at + 2];
                if (f[at + 1] != 1)
                        return;
                value = get(f + at + 4);
                if (type == 'u' && field == FIELD_REPLY_TO)
                        *ret_to = value;
                if (type == 'u') {
                        at += 8;
                } else if (type == 'g') {
                        at += 4 + 1 + (size_t)f[at + 4] + 1;
                } else {
                        if (value > n || at + 8 + value > n)
                                return;
                        if (field == FIELD_ERROR)
                                snprintf(ret_error, size, "%.*s", (int)value,
                                         (const char *)f + at + 8);
                        at += 8 + (size_t)value + 1;
                }
        }
}

static int read_reply(int fd, uint32_t serial, char *ret_error, size_t size)
{
        for (int i = 0; i < 64; i++) {
                uint8_t head[HEADER], fields[MESSAGE];
                uint32_t to = 0;
                size_t n, padded;
                int r = read_whole(fd, head, sizeof(head));

                if (r < 0)
                        return r;
                n = get(head + 12);
                padded = (n + 7) & ~(size_t)7;
                if (head[0] != 'l' || padded > sizeof(fields))
                        return -EBADMSG;
                *ret_error = '\0';
                r = read_whole(fd, fields, padded);
                if (r == 0)
                        read_fields(fields, n, &to, ret_error, size);
                if (r == 0)
                        r = skip(fd, get(head + 4));
                if (r < 0)
                        return r;
                if ((head[1] == REPLY || head[1] == FAILURE) && to == serial)
                        return 0;
        }
        return -ETIMEDOUT;
}

/* ---- talking ---- */

static int greet(int fd)
{
        char digits[16], line[80], answer[128];
        int n = snprintf(digits, sizeof(digits), "%u", (unsigned)geteuid());
        size_t at = (size_t)snprintf(line, sizeof(line), "%cAUTH EXTERNAL ", 0), got = 0;

        for (int i = 0; i < n; i++)
                at += (size_t)snprintf(line + at, sizeof(line) - at, "%02x", (unsigned)digits[i]);
        at += (size_t)snprintf(line + at, sizeof(line) - at, "\r\n");
        if (send(fd, line, at, MSG_NOSIGNAL) < 0)
                return -errno;
        do {
                int r = read_whole(fd, (uint8_t *)answer + got, 1);

                if (r < 0)
                        return r;
        } while (answer[got++] != '\n' && got < sizeof(answer));
        if (strncmp(answer, "OK", 2) != 0)
                return -EACCES;
        return result(send(fd, "BEGIN\r\n", 7, MSG_NOSIGNAL));
}

static int call_once(int fd, const struct bus_call *c, uint32_t serial, char *ret_error,
                     size_t size)
{
        struct message m;

        build(&m, c, serial);
        if (send(fd, m.bytes, m.length, MSG_NOSIGNAL) < 0)
                return -errno;
        return read_reply(fd, serial, ret_error, size);
}

static int talk(int fd, bool private, const struct bus_call *c, char *ret_error, size_t size)
{
        static const struct bus_call hello = { .destination = "org.freedesktop.DBus",
                                               .path = "/org/freedesktop/DBus",
                                               .interface = "org.freedesktop.DBus",
                                               .member = "Hello" };
        int r = greet(fd);

        if (r == 0 && !private)
                r = call_once(fd, &hello, 1, ret_error, size);
        return r < 0 ? r : call_once(fd, c, 2, ret_error, size);
}

int bus_ask(bool private, const struct bus_call *call, char *ret_error, size_t size)
{
        struct sockaddr_un to = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), r;

        if (fd < 0)
                return -errno;
        *ret_error = '\0';
        snprintf(to.sun_path, sizeof(to.sun_path), "%s",
                 private ? "/run/systemd/private" : "/run/dbus/system_bus_socket");
        r = result(connect(fd, (const struct sockaddr *)&to, sizeof(to)));
        if (r == 0)
                r = talk(fd, private, call, ret_error, size);
        close(fd);
        return r;
}
