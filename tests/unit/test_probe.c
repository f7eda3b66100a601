/* test_probe.c - probes as they are written, and what a web server is told and answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/trial/probe_private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void assert_probe(const char *text, enum probe_kind kind, const char *what, unsigned port)
{
        scoped(probe_done) struct probe p = { 0 };
        struct err e = { 0 };

        if (probe_parse(text, &p, &e) != 0)
                fail_msg("%s: %s", text, e.text);
        assert_int_equal(p.kind, kind);
        assert_string_equal(p.text, what);
        assert_int_equal(p.port, port);
}

static void assert_http(const char *text, const char *host, unsigned port, const char *path,
                        unsigned status)
{
        scoped(probe_done) struct probe p = { 0 };
        struct err e = { 0 };

        if (probe_parse(text, &p, &e) != 0)
                fail_msg("%s: %s", text, e.text);
        assert_int_equal(p.kind, PROBE_HTTP);
        assert_string_equal(p.text, host);
        assert_int_equal(p.port, port);
        assert_string_equal(p.path, path);
        assert_int_equal(p.status, status);
}

/* Refused with a sentence that says why and how it is written. */
static void assert_refused(const char *text, const char *why)
{
        scoped(probe_done) struct probe p = { 0 };
        struct err e = { 0 };

        if (probe_parse(text, &p, &e) != -EINVAL)
                fail_msg("%s was taken", text);
        if (!strstr(e.text, why) || !strstr(e.text, "it is written "))
                fail_msg("%s: %s", text, e.text);
        for (const char *c = e.text; *c; c++)
                assert_true((unsigned char)*c >= 0x20);
}

static void ports_are_of_this_machine_unless_an_address_is_named(void **state)
{
        (void)state;
        assert_probe("tcp:80", PROBE_TCP, "localhost", 80);
        assert_probe("tcp:127.0.0.1:1", PROBE_TCP, "127.0.0.1", 1);
        assert_probe("tcp:[::1]:65535", PROBE_TCP, "::1", 65535);
        assert_probe("tcp:localhost:25", PROBE_TCP, "localhost", 25);
        assert_probe("udp:127.0.0.53:53", PROBE_UDP, "127.0.0.53", 53);
}

static void ports_that_are_none_are_refused(void **state)
{
        static const char *const wrong[] = { "tcp:",        "tcp:0",       "tcp:65536",
                                             "tcp:-1",      "tcp:+80",     "tcp: 80",
                                             "tcp:80 ",     "tcp:http",    "udp:1e3",
                                             "tcp:0x50",    "tcp:000080",  "tcp:99999999999",
                                             "tcp:[::1]:0", "tcp:[::1]80", "tcp:[::1]" };

        (void)state;
        for (size_t i = 0; i < COUNT(wrong); i++)
                assert_refused(wrong[i], "port");
}

static void hosts_are_addresses_as_names_are_not_looked_up(void **state)
{
        (void)state;
        assert_refused("tcp:example.org:80", "names are not looked up");
        assert_refused("tcp:::1:80", "brackets");
        assert_refused("tcp:[::1:80", "not closed");
        assert_refused("tcp:[127.0.0.1]:80", "IPv6");
        assert_refused("tcp:[]:80", "IPv6");
        assert_refused("tcp:1.2.3:80", "neither an address nor a name");
        assert_refused("tcp:256.0.0.1:80", "neither an address nor a name");
        assert_refused("tcp::80", "neither an address nor a name");
        assert_refused("tcp:a b:80", "neither an address nor a name");
}

static void sockets_files_names_and_lines_are_kept_as_written(void **state)
{
        (void)state;
        assert_probe("unix:/run/a b.sock", PROBE_UNIX, "/run/a b.sock", 0);
        assert_probe("unix:@name", PROBE_UNIX, "@name", 0);
        assert_probe("file:/etc/../run/x", PROBE_FILE, "/etc/../run/x", 0);
        assert_probe("bus:org.example.Thing2", PROBE_BUS, "org.example.Thing2", 0);
        assert_probe("log: ready: 100% ", PROBE_LOG, " ready: 100% ", 0);
        assert_probe("log:caf\xc3\xa9", PROBE_LOG, "caf\xc3\xa9", 0);
        assert_probe("watchdog:", PROBE_WATCHDOG, "", 0);
}

static void sockets_files_names_and_lines_that_are_none_are_refused(void **state)
{
        char text[8192] = "unix:@";

        (void)state;
        assert_refused("unix:", "neither with");
        assert_refused("unix:run/x", "neither with");
        assert_refused("unix:@", "no name");
        assert_refused("file:run/x", "does not begin with '/'");
        assert_refused("file:", "does not begin with '/'");
        assert_refused("bus:one", "no name of a D-Bus service");
        assert_refused("bus:a..b", "no name of a D-Bus service");
        assert_refused("bus:a.1b", "no name of a D-Bus service");
        assert_refused("bus:a.b.", "no name of a D-Bus service");
        assert_refused("bus::1.5", "no name of a D-Bus service");
        assert_refused("bus:", "no name of a D-Bus service");
        assert_refused("log:", "no text");
        assert_refused("log:  ", "no text");
        assert_refused("watchdog:10", "nothing follows");
        memset(text + 6, 'x', 108);
        assert_refused(text, "longer than");
        text[6 + 107] = '\0';
        assert_probe(text, PROBE_UNIX, text + 5, 0);
        memset(text + 6, 'x', 8000);
        assert_refused(text, "too long");
}

static void an_http_probe_has_host_port_path_and_status(void **state)
{
        (void)state;
        assert_http("http://localhost", "localhost", 80, "/", 0);
        assert_http("http://localhost/", "localhost", 80, "/", 0);
        assert_http("http://127.0.0.1:8080/a/b?c=d", "127.0.0.1", 8080, "/a/b?c=d", 0);
        assert_http("http://[::1]:81/x=404", "::1", 81, "/x", 404);
        assert_http("http://shop.example/=301", "shop.example", 80, "/", 301);
        assert_http("http://localhost?q=1", "localhost", 80, "/?q=1", 0);
}

static void the_status_is_told_apart_from_a_query(void **state)
{
        (void)state;
        assert_http("http://h/?id=404", "h", 80, "/?id=404", 0);
        assert_http("http://h/?id=404=404", "h", 80, "/?id=404", 404);
        assert_http("http://h/?a=1&b=404", "h", 80, "/?a=1&b=404", 0);
        assert_http("http://h/?a=1&b=2=503", "h", 80, "/?a=1&b=2", 503);
        assert_http("http://h/a=b=200", "h", 80, "/a=b", 200);
        assert_refused("http://h/a=b", "no HTTP status");
        assert_refused("http://h/=", "no HTTP status");
        assert_refused("http://h/=99", "no HTTP status");
        assert_refused("http://h/=600", "no HTTP status");
        assert_refused("http://h/?a=b=c", "no HTTP status");
}

static void addresses_that_are_no_http_are_refused(void **state)
{
        (void)state;
        assert_refused("http://", "no host");
        assert_refused("http:///x", "no host");
        assert_refused("http://user@h/", "user's name");
        assert_refused("http://h/#there", "#");
        assert_refused("http://h/a b", "%20");
        assert_refused("http://h:0/", "port");
        assert_refused("http://h:/", "port");
        assert_refused("http://::1/", "brackets");
        assert_refused("http://[::1/", "not closed");
        assert_refused("http://[::1]x/", "port");
        assert_refused("http:/h/", "slashes");
        assert_refused("https://localhost/", "TLS");
        assert_refused("http://h\r\nX: y/", "control characters");
}

static void everything_else_is_a_command(void **state)
{
        (void)state;
        assert_probe("redis-cli ping", PROBE_COMMAND, "redis-cli ping", 0);
        assert_probe("sh:tcp:80", PROBE_COMMAND, "tcp:80", 0);
        assert_probe("sh: true", PROBE_COMMAND, " true", 0);
        assert_probe("a\n\tb", PROBE_COMMAND, "a\n\tb", 0);
        assert_refused("", "no command");
        assert_refused(" \n", "no command");
        assert_refused("sh:", "no command");
}

static void hostile_text_is_refused(void **state)
{
        (void)state;
        assert_refused("log:a\nb", "control characters");
        assert_refused("log:\x1b[31m", "control characters");
        assert_refused("file:/a\xff", "control characters");
        assert_refused("unix:/run/\xe2\x80\xae", "control characters");
        assert_refused("echo \x1b]0;x\x07", "control characters");
        assert_refused("echo \xc3(", "control characters");
}

static void both_loopbacks_are_asked_where_no_address_is_named(void **state)
{
        static const struct {
                const char *text;
                size_t count;
                int family;
        } rows[] = { { "tcp:80", 2, AF_INET },
                     { "tcp:127.0.0.1:80", 1, AF_INET },
                     { "tcp:[::1]:80", 1, AF_INET6 },
                     { "http://shop.example/", 2, AF_INET } };

        (void)state;
        for (size_t i = 0; i < COUNT(rows); i++) {
                scoped(probe_done) struct probe p = { 0 };
                struct sockaddr_storage to[PROBE_ADDRESSES];
                socklen_t length[PROBE_ADDRESSES];

                assert_int_equal(probe_parse(rows[i].text, &p, NULL), 0);
                assert_int_equal(probe_addresses(&p, to, length), rows[i].count);
                assert_int_equal(to[0].ss_family, rows[i].family);
                if (rows[i].count == 2) {
                        struct sockaddr_in6 *six = (struct sockaddr_in6 *)&to[1];

                        assert_int_equal(to[1].ss_family, AF_INET6);
                        assert_int_equal(ntohs(six->sin6_port), 80);
                        assert_true(IN6_IS_ADDR_LOOPBACK(&six->sin6_addr));
                }
        }
}

static void a_request_names_the_host_and_keeps_nothing_open(void **state)
{
        scoped(probe_done) struct probe p = { 0 }, q = { 0 };
        scoped(mem_freep) char *first = NULL, *second = NULL;

        (void)state;
        assert_int_equal(probe_parse("http://shop.example/a?b=c", &p, NULL), 0);
        first = probe_request(&p);
        assert_true(text_starts(first, "GET /a?b=c HTTP/1.1\r\nHost: shop.example\r\n"));
        assert_non_null(strstr(first, "\r\nConnection: close\r\n"));
        assert_true(text_ends(first, "\r\n\r\n"));
        assert_int_equal(probe_parse("http://[::1]:81/\xc3\xa9", &q, NULL), 0);
        second = probe_request(&q);
        assert_true(text_starts(second, "GET /%C3%A9 HTTP/1.1\r\nHost: [::1]:81\r\n"));
}

static void an_answer_is_known_by_its_first_line(void **state)
{
        static const struct {
                const char *line;
                int status;
        } rows[] = { { "HTTP/1.1 200 OK\r\n", 200 },
                     { "HTTP/1.0 404\r\n", 404 },
                     { "HTTP/1.1 500\n", 500 },
                     { "HTTP/1.1 200 OK", -1 },
                     { "HT", -1 },
                     { "", -1 },
                     { "HTTP/1.1 200OK\r\n", 0 },
                     { "HTTP/1.1 20\r\n", 0 },
                     { "HTTP/1.1 900 X\r\n", 0 },
                     { "HTTP/ 200 OK\r\n", 0 },
                     { "HTTP/1.1\t200 OK\r\n", 0 },
                     { "220 mail.example ESMTP\r\n", 0 },
                     { "SSH-2.0", 0 } };

        (void)state;
        for (size_t i = 0; i < COUNT(rows); i++)
                assert_int_equal(probe_status(rows[i].line, strlen(rows[i].line)), rows[i].status);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(ports_are_of_this_machine_unless_an_address_is_named),
                cmocka_unit_test(ports_that_are_none_are_refused),
                cmocka_unit_test(hosts_are_addresses_as_names_are_not_looked_up),
                cmocka_unit_test(sockets_files_names_and_lines_are_kept_as_written),
                cmocka_unit_test(sockets_files_names_and_lines_that_are_none_are_refused),
                cmocka_unit_test(an_http_probe_has_host_port_path_and_status),
                cmocka_unit_test(the_status_is_told_apart_from_a_query),
                cmocka_unit_test(addresses_that_are_no_http_are_refused),
                cmocka_unit_test(everything_else_is_a_command),
                cmocka_unit_test(hostile_text_is_refused),
                cmocka_unit_test(both_loopbacks_are_asked_where_no_address_is_named),
                cmocka_unit_test(a_request_names_the_host_and_keeps_nothing_open),
                cmocka_unit_test(an_answer_is_known_by_its_first_line),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
