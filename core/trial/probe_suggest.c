/* probe_suggest.c - probes that a unit and what it was seen doing suggest.  Pure. */
#include "core/trial/probe_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

enum { SUGGEST_MOST = 8, DIGITS_MOST = 3 };

/* Where HTTP is spoken as a rule, and where only behind TLS. */
static const unsigned web_ports[] = { 80, 8000, 8008, 8080, 8081, 8088, 8888 };
static const unsigned tls_ports[] = { 443, 465, 563, 636, 853, 989, 990, 993, 995, 5061, 8443 };
static const char *const web_servers[] = { "apache2",    "caddy",    "cupsd",  "grafana",
                                           "gunicorn",   "h2o",      "httpd",  "lighttpd",
                                           "mini_httpd", "nginx",    "thttpd", "prometheus",
                                           "traefik",    "varnishd", "webfsd" };

static bool has_port(const unsigned *ports, size_t n, uint64_t port)
{
        for (size_t i = 0; i < n; i++)
                if (ports[i] == port)
                        return true;
        return false;
}

static bool serves_web(const char *program)
{
        const char *slash = program ? strrchr(program, '/') : NULL;
        const char *name = slash ? slash + 1 : program;

        for (size_t i = 0; name && i < COUNT(web_servers); i++)
                if (strcmp(web_servers[i], name) == 0)
                        return true;
        return false;
}

/* Only what can be written as a probe, each once, and not too many. */
static int suggest(char ***list, const char *text)
{
        scoped(probe_done) struct probe probe = { 0 };

        if (!text)
                return -ENOMEM;
        if (strv_length(*list) >= SUGGEST_MOST || strv_has(*list, text) ||
            probe_parse(text, &probe, NULL) < 0)
                return 0;
        return strv_add(list, text);
}

/* ---- listeners ---- */

/* The same next time, and as clients would find it. */
static bool is_lasting(const struct act *a)
{
        return a->error == 0 &&
               !(a->flags & (ACT_EPHEMERAL | ACT_GENERAL | ACT_CUT | ACT_CHROOT | ACT_GONE));
}

static bool is_tcp(const struct act *a)
{
        return (a->a == AF_INET || a->a == AF_INET6) && (a->b & 0xf) == SOCK_STREAM &&
               (a->b >> 32 == 0 || a->b >> 32 == IPPROTO_TCP) && a->c > 0 && a->c <= 65535;
}

/* How it is reached from the machine itself; NULL: it is not, a twin has only a loopback. */
static const char *reach(const struct act *a)
{
        static const char *const everywhere[] = { "0.0.0.0", "::", "127.0.0.1" };

        if (a->kind == ACT_PEER) /* systemd listens, and the connection came by any address */
                return "localhost";
        for (size_t i = 0; a->text && i < COUNT(everywhere); i++)
                if (strcmp(everywhere[i], a->text) == 0)
                        return "localhost";
        if (a->text && strcmp(a->text, "::1") == 0)
                return "[::1]";
        return a->text && text_starts(a->text, "127.") ? a->text : NULL;
}

static bool is_web(const struct behaviour *b, const struct act *a)
{
        if (has_port(tls_ports, COUNT(tls_ports), a->c))
                return false;
        return has_port(web_ports, COUNT(web_ports), a->c) || serves_web(b->binary) ||
               serves_web(a->process);
}

static int suggest_tcp(const struct behaviour *b, const struct act *a, bool web, char ***list)
{
        const char *host = reach(a);
        scoped(mem_freep) char *text = NULL;
        unsigned port = (unsigned)a->c;

        if (!host || is_web(b, a) != web)
                return 0;
        if (web && port == 80)
                text = text_format("http://%s/", host);
        else if (web)
                text = text_format("http://%s:%u/", host, port);
        else if (strcmp(host, "localhost") == 0)
                text = text_format("tcp:%u", port);
        else
                text = text_format("tcp:%s:%u", host, port);
        return suggest(list, text);
}

static int suggest_ports(const struct behaviour *b, bool web, char ***list)
{
        static const enum act_kind kinds[] = { ACT_BIND, ACT_PEER };
        int r = 0;

        for (size_t i = 0; r >= 0 && i < COUNT(kinds); i++)
                for (const struct act *a = behaviour_first(b, kinds[i]); r >= 0 && a;
                     a = behaviour_next(b, a))
                        /* A peer's own flags are about its address, which does not count. */
                        if (is_tcp(a) &&
                            (a->kind == ACT_PEER ? !(a->flags & ACT_EPHEMERAL) : is_lasting(a)))
                                r = suggest_tcp(b, a, web, list);
        return r;
}

/* "cgisock.318": of the process that made it. */
static bool ends_in_number(const char *name)
{
        const char *dot = strrchr(name, '.');

        return dot && dot[1] && !dot[1 + strspn(dot + 1, "0123456789")];
}

/* Names with a process id or a time in them are another one the next time, and temporary ones
 * (haproxy binds "admin.sock.57.tmp") are renamed at once. */
static bool is_stable(const char *name)
{
        size_t run = 0;

        if (text_ends(name, ".tmp") || text_ends(name, "~") || ends_in_number(name))
                return false;
        for (const char *c = name; *c; c++) {
                run = isdigit((unsigned char)*c) ? run + 1 : 0;
                if (run > DIGITS_MOST)
                        return false;
        }
        return (name[0] == '/' || name[0] == '@') && name[1];
}

static int suggest_sockets(const struct behaviour *b, char ***list)
{
        int r = 0;

        for (const struct act *a = behaviour_first(b, ACT_BIND); r >= 0 && a;
             a = behaviour_next(b, a)) {
                scoped(mem_freep) char *text = NULL;

                if (a->a != AF_UNIX || !is_lasting(a) || !a->text || !is_stable(a->text))
                        continue;
                text = text_format("unix:%s", a->text);
                r = suggest(list, text);
        }
        return r;
}

/* ---- the unit ---- */

static bool is_watched(const struct sandbox *unit)
{
        const char *time = setting_word(unit, D_WatchdogSec);

        return time && !text_starts(time, "infinity") && time[strcspn(time, "123456789")];
}

static int suggest_unit(const struct sandbox *unit, char ***list)
{
        scoped(mem_freep) char *text = NULL;
        int r = 0;

        if (unit->facts.bus_name) {
                text = text_format("bus:%s", unit->facts.bus_name);
                r = suggest(list, text);
        }
        if (r >= 0 && is_watched(unit))
                r = suggest(list, "watchdog:");
        return r;
}

int probes_suggest(const struct behaviour *b, const struct sandbox *unit, char ***ret)
{
        scoped(strv_freep) char **list = NULL;
        int r = unit ? suggest_unit(unit, &list) : 0;

        if (r >= 0 && b)
                r = suggest_ports(b, true, &list);
        if (r >= 0 && b)
                r = suggest_ports(b, false, &list);
        if (r >= 0 && b)
                r = suggest_sockets(b, &list);
        if (r < 0)
                return r;
        *ret = take(list);
        return 0;
}
