/* probe_parse.c - a probe as it is written. */
#include "core/trial/probe_private.h"

#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <string.h>

enum {
        TEXT_LIMIT = 4096,
        COMMAND_LIMIT = 65536,
        PATH_LIMIT = 4095,
        ABSTRACT_LIMIT = 107, /* of sun_path, without the leading NUL */
        HOST_LIMIT = 253,
        BUS_LIMIT = 255,
};

struct parsing {
        const char *text; /* all of it */
        const char *form; /* how this kind is written */
        struct probe *probe;
        struct err *e;
};

static int wrong(const struct parsing *p, const char *why)
{
        return err_say(p->e, -EINVAL, "the probe \"%.120s\": %s; it is written %s", p->text, why,
                       p->form);
}

static int keep(const struct parsing *p, const char *chars, size_t n, char **slot)
{
        *slot = strndup(chars, n);
        return *slot ? 0 : err_set(p->e, -ENOMEM, "cannot keep a probe");
}

/* ---- pieces ---- */

/* Control characters act on terminals and protocols; commands may have lines and tabs. */
static bool is_clean(const char *text, bool command)
{
        scoped(mem_freep) char *plain = strdup(text), *shown = NULL;

        for (char *c = plain; c && command && *c; c++)
                if (*c == '\n' || *c == '\t')
                        *c = ' ';
        shown = plain ? text_printable_dup(plain) : NULL;
        return shown && strcmp(plain, shown) == 0;
}

static bool parse_number(const char *text, size_t n, unsigned least, unsigned most, unsigned *ret)
{
        unsigned long number = 0;

        if (n == 0 || n > 5)
                return false;
        for (size_t i = 0; i < n; i++) {
                if (!isdigit((unsigned char)text[i]))
                        return false;
                number = number * 10 + (unsigned long)(text[i] - '0');
        }
        if (number < least || number > most)
                return false;
        *ret = (unsigned)number;
        return true;
}

static bool is_address(int family, const char *text)
{
        unsigned char bytes[sizeof(struct in6_addr)];

        return inet_pton(family, text, bytes) == 1;
}

static bool is_name(const char *text)
{
        size_t n = strlen(text);

        return n > 0 && n <= HOST_LIMIT && text[0] != '-' && text[0] != '.' &&
               strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._") ==
                       n;
}

/* "[::1]" or "127.0.0.1" or a name, without the brackets into .text.  *ret_end: what follows. */
static int take_host(struct parsing *p, const char *from, size_t n, const char **ret_end)
{
        const char *end;
        size_t length;
        int r;

        if (*from == '[') {
                end = memchr(from, ']', n);
                if (!end)
                        return wrong(p, "the bracket of the address is not closed");
                r = keep(p, from + 1, (size_t)(end - from - 1), &p->probe->text);
                if (r == 0 && !is_address(AF_INET6, p->probe->text))
                        r = wrong(p, "there is no IPv6 address between the brackets");
                *ret_end = end + 1;
                return r;
        }
        end = memchr(from, ':', n);
        length = end ? (size_t)(end - from) : n;
        if (end && memchr(end + 1, ':', n - length - 1))
                return wrong(p, "an IPv6 address stands in brackets, as [::1]");
        r = keep(p, from, length, &p->probe->text);
        *ret_end = from + length;
        if (r < 0)
                return r;
        /* "1.2.3" and "010.0.0.1" are no names that anybody means. */
        if (!is_address(AF_INET, p->probe->text) &&
            (!is_name(p->probe->text) || strspn(p->probe->text, "0123456789.") == length))
                return wrong(p, "the host is neither an address nor a name");
        return 0;
}

/* ---- kinds ---- */

/* In a twin nobody answers for names, and a probe asks the machine itself anyway. */
static int check_lookup(const struct parsing *p)
{
        const char *host = p->probe->text;

        if (is_address(AF_INET, host) || is_address(AF_INET6, host) ||
            strcmp(host, "localhost") == 0)
                return 0;
        return wrong(p, "the host is a name, and names are not looked up: give its address");
}

static int parse_port(struct parsing *p, const char *rest)
{
        const char *end = rest, *last = strrchr(rest, ':');
        int r;

        /* A number alone is the port. */
        if (!last) {
                r = keep(p, "localhost", strlen("localhost"), &p->probe->text);
                if (r < 0)
                        return r;
        } else {
                r = take_host(p, rest, strlen(rest), &end);
                if (r == 0)
                        r = check_lookup(p);
                if (r < 0)
                        return r;
                if (*end != ':')
                        return wrong(p, "behind the host there is no port");
                end++;
        }
        if (!parse_number(end, strlen(end), 1, 65535, &p->probe->port))
                return wrong(p, "the port is no number from 1 to 65535");
        return 0;
}

/* "=404" at the end of the path.  In a query the first '=' behind a '?' or '&' is the query's own:
 * "/?id=404" asks for status 200 to 399, "/?id=404=404" for a 404. */
static int take_status(struct parsing *p, const char *path, size_t *length)
{
        const char *equals = memrchr(path, '=', *length);
        const char *part = equals;

        while (part && part > path && *part != '?' && *part != '&')
                part--;
        if (!equals)
                return 0;
        if (memchr(path, '?', (size_t)(equals - path)) &&
            !memchr(part, '=', (size_t)(equals - part)))
                return 0;
        if (!parse_number(equals + 1, *length - (size_t)(equals - path) - 1, 100, 599,
                          &p->probe->status))
                return wrong(p, "behind '=' there is no HTTP status from 100 to 599 (%3D is a "
                                "plain '=')");
        *length = (size_t)(equals - path);
        return 0;
}

static int parse_http(struct parsing *p, const char *rest)
{
        size_t authority = strcspn(rest, "/?#");
        const char *end = rest, *path = rest + authority;
        size_t length = strlen(path);
        int r = 0;

        p->probe->port = 80;
        if (authority == 0)
                return wrong(p, "there is no host");
        if (memchr(rest, '@', authority))
                return wrong(p, "a user's name in the address is not sent");
        if (strchr(path, '#'))
                return wrong(p, "what stands behind '#' is never sent to a server");
        if (strchr(rest, ' '))
                return wrong(p, "a blank in it has to be written %20");
        r = take_host(p, rest, authority, &end);
        if (r < 0)
                return r;
        if (end != path && (*end != ':' || !parse_number(end + 1, (size_t)(path - end - 1), 1,
                                                         65535, &p->probe->port)))
                return wrong(p, "the port is no number from 1 to 65535");
        r = take_status(p, path, &length);
        if (r < 0)
                return r;
        if (*path == '/')
                return keep(p, path, length, &p->probe->path);
        p->probe->path = text_format("/%.*s", (int)length, path);
        return p->probe->path ? 0 : err_set(p->e, -ENOMEM, "cannot keep a probe");
}

static int parse_unix(struct parsing *p, const char *rest)
{
        if (*rest != '/' && *rest != '@')
                return wrong(p, "the name begins neither with '/' nor with '@'");
        if (!rest[1])
                return wrong(p, "there is no name");
        if (*rest == '@' && strlen(rest + 1) > ABSTRACT_LIMIT)
                return wrong(p, "the name is longer than that of a socket can be");
        if (strlen(rest) > PATH_LIMIT)
                return wrong(p, "the path is too long");
        return keep(p, rest, strlen(rest), &p->probe->text);
}

static int parse_file(struct parsing *p, const char *rest)
{
        if (*rest != '/')
                return wrong(p, "the path does not begin with '/'");
        if (strlen(rest) > PATH_LIMIT)
                return wrong(p, "the path is too long");
        return keep(p, rest, strlen(rest), &p->probe->text);
}

/* Two parts or more; a digit may begin a part of a unique name only, which nobody can know. */
static int parse_bus(struct parsing *p, const char *rest)
{
        bool start = true;
        unsigned dots = 0;

        for (const char *c = rest; *c; c++) {
                if (*c == '.' && !start) {
                        start = true;
                        dots++;
                        continue;
                }
                if (!(isalpha((unsigned char)*c) || *c == '_' || *c == '-' ||
                      (isdigit((unsigned char)*c) && !start)))
                        return wrong(p, "that is no name of a D-Bus service");
                start = false;
        }
        if (start || dots == 0 || strlen(rest) > BUS_LIMIT)
                return wrong(p, "that is no name of a D-Bus service");
        return keep(p, rest, strlen(rest), &p->probe->text);
}

static int parse_log(struct parsing *p, const char *rest)
{
        if (!rest[strspn(rest, " ")])
                return wrong(p, "there is no text to look for");
        return keep(p, rest, strlen(rest), &p->probe->text);
}

static int parse_watchdog(struct parsing *p, const char *rest)
{
        if (*rest)
                return wrong(p, "nothing follows the colon");
        return keep(p, "", 0, &p->probe->text);
}

static int parse_command(struct parsing *p, const char *rest)
{
        if (!rest[strspn(rest, " \t\n")])
                return wrong(p, "there is no command");
        return keep(p, rest, strlen(rest), &p->probe->text);
}

static int parse_slashless(struct parsing *p, const char *rest)
{
        (void)rest;
        return wrong(p, "the two slashes are missing");
}

static int parse_https(struct parsing *p, const char *rest)
{
        (void)rest;
        return wrong(p, "gird speaks no TLS");
}

/* clang-format off */
static const struct {
        const char *prefix;
        enum probe_kind kind;
        int (*parse)(struct parsing *p, const char *rest);
        const char *form;
} rows[] = {
        { "tcp:",      PROBE_TCP,      parse_port,     "tcp:PORT or tcp:ADDRESS:PORT, as tcp:[::1]:25" },
        { "udp:",      PROBE_UDP,      parse_port,     "udp:PORT or udp:ADDRESS:PORT, as udp:127.0.0.1:53" },
        { "unix:",     PROBE_UNIX,     parse_unix,     "unix:/PATH, or unix:@NAME for an abstract socket" },
        { "http://",   PROBE_HTTP,     parse_http,     "http://HOST[:PORT]/PATH[=STATUS], as http://localhost/=200" },
        { "http:",     PROBE_HTTP,     parse_slashless, "http://HOST[:PORT]/PATH[=STATUS], as http://localhost/=200" },
        { "https:",    PROBE_HTTP,     parse_https,    "as a command: sh:curl -fsk https://localhost/" },
        { "bus:",      PROBE_BUS,      parse_bus,      "bus:NAME, as bus:org.freedesktop.hostname1" },
        { "file:",     PROBE_FILE,     parse_file,     "file:/PATH" },
        { "log:",      PROBE_LOG,      parse_log,      "log:TEXT" },
        { "watchdog:", PROBE_WATCHDOG, parse_watchdog, "watchdog:" },
        { "sh:",       PROBE_COMMAND,  parse_command,  "sh:COMMAND" },
        { "",          PROBE_COMMAND,  parse_command,  "COMMAND" },
};
/* clang-format on */

void probe_done(struct probe *p)
{
        free(p->text);
        free(p->path);
        *p = (struct probe){ 0 };
}

int probe_parse(const char *text, struct probe *ret, struct err *e)
{
        struct parsing p = { .text = text, .e = e };
        scoped(probe_done) struct probe probe = { 0 };
        size_t i = 0;
        int r;

        while (!text_starts(text, rows[i].prefix))
                i++;
        probe.kind = rows[i].kind;
        p.probe = &probe;
        p.form = rows[i].form;
        if (strlen(text) > (rows[i].kind == PROBE_COMMAND ? COMMAND_LIMIT : TEXT_LIMIT))
                return wrong(&p, "it is too long");
        if (!is_clean(text, rows[i].kind == PROBE_COMMAND))
                return wrong(&p, "it holds control characters, or bytes that are not UTF-8");
        r = rows[i].parse(&p, text + strlen(rows[i].prefix));
        if (r < 0)
                return r;
        *ret = probe;
        probe = (struct probe){ 0 };
        return 0;
}

/* ---- where it is ---- */

static socklen_t make_address(int family, const char *text, unsigned port,
                              struct sockaddr_storage *ret)
{
        struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
        struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) };

        memset(ret, 0, sizeof(*ret));
        if (family == AF_INET && inet_pton(AF_INET, text, &v4.sin_addr) == 1) {
                memcpy(ret, &v4, sizeof(v4));
                return sizeof(v4);
        }
        if (family == AF_INET6 && inet_pton(AF_INET6, text, &v6.sin6_addr) == 1) {
                memcpy(ret, &v6, sizeof(v6));
                return sizeof(v6);
        }
        return 0;
}

size_t probe_addresses(const struct probe *p, struct sockaddr_storage ret[PROBE_ADDRESSES],
                       socklen_t ret_length[PROBE_ADDRESSES])
{
        static const int families[] = { AF_INET, AF_INET6 };

        for (size_t i = 0; i < COUNT(families); i++) {
                ret_length[0] = make_address(families[i], p->text, p->port, &ret[0]);
                if (ret_length[0])
                        return 1;
        }
        ret_length[0] = make_address(AF_INET, "127.0.0.1", p->port, &ret[0]);
        ret_length[1] = make_address(AF_INET6, "::1", p->port, &ret[1]);
        return 2;
}
