/* test_probe_suggest.c - the probes that a unit and what it was seen doing suggest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/trial/probe.h"
#include "core/unit/files.h"
#include "support/acts.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* The suggestions, with blanks between. */
static void assert_suggests(struct seen *s, const char *expected)
{
        scoped(strv_freep) char **list = NULL;
        scoped(mem_freep) char *joined = NULL;

        assert_int_equal(probes_suggest(s->behaviour, s->unit, &list), 0);
        joined = strv_join(list, " ");
        assert_string_equal(joined ? joined : "", expected);
}

static void a_listener_on_a_web_port_suggests_an_http_probe(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_bind(&s, AF_INET, SOCK_STREAM, "0.0.0.0", 80);
        seen_bind(&s, AF_INET6, SOCK_STREAM, "::", 80);
        seen_bind(&s, AF_INET6, SOCK_STREAM, "::1", 8080);
        assert_suggests(&s, "http://localhost/ http://[::1]:8080/");
        seen_done(&s);
}

static void a_web_server_speaks_http_on_any_port_but_those_of_tls(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        free(s.behaviour->binary);
        s.behaviour->binary = strdup("/usr/sbin/nginx");
        seen_bind(&s, AF_INET, SOCK_STREAM, "127.0.0.1", 4000);
        seen_bind(&s, AF_INET, SOCK_STREAM, "0.0.0.0", 443);
        assert_suggests(&s, "http://localhost:4000/ tcp:443");
        seen_done(&s);
}

static void other_listeners_suggest_a_connection(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_bind(&s, AF_INET, SOCK_STREAM, "127.0.0.1", 6379);
        seen_bind(&s, AF_INET6, SOCK_STREAM, "::1", 6380);
        seen_bind(&s, AF_INET, SOCK_STREAM, "127.0.0.53", 53);
        assert_suggests(&s, "tcp:6379 tcp:[::1]:6380 tcp:127.0.0.53:53");
        seen_done(&s);
}

static void what_a_twin_cannot_reach_or_what_differs_suggests_nothing(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_bind(&s, AF_INET, SOCK_STREAM, "192.0.2.7", 80);
        seen_bind(&s, AF_INET, SOCK_DGRAM, "0.0.0.0", 53);
        seen_bind(&s, AF_INET, SOCK_STREAM, "0.0.0.0", 0)->flags |= ACT_EPHEMERAL;
        seen_bind(&s, AF_INET, SOCK_STREAM, "0.0.0.0", 81)->error = 13;
        seen_bind(&s, AF_UNIX, SOCK_STREAM, "", 0);
        seen_bind(&s, AF_UNIX, SOCK_STREAM, "/run/app", 0)->flags |= ACT_GENERAL;
        seen_bind(&s, AF_UNIX, SOCK_STREAM, "/run/app.12345", 0);
        seen_bind(&s, AF_UNIX, SOCK_STREAM, "/run/app.sock.57.tmp", 0);
        seen_bind(&s, AF_UNIX, SOCK_STREAM, "/run/app/sock.318", 0);
        seen_bind(&s, AF_UNIX, SOCK_STREAM, "/run/odd\nname", 0);
        assert_suggests(&s, "");
        seen_done(&s);
}

static void a_connection_that_came_by_systemds_socket_suggests_its_port(void **state)
{
        struct seen s;
        struct act peer = { .kind = ACT_PEER, .a = AF_INET, .b = SOCK_STREAM, .c = 631 };

        (void)state;
        seen_open(&s, 257);
        peer.text = (char *)"any";
        peer.flags = ACT_GENERAL;
        seen_act(&s, &peer);
        assert_suggests(&s, "tcp:631");
        seen_done(&s);
}

static void sockets_of_lasting_names_are_connected_to(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_bind(&s, AF_UNIX, SOCK_STREAM, "/run/app/app.sock", 0);
        seen_bind(&s, AF_UNIX, SOCK_DGRAM, "@app", 0);
        assert_suggests(&s, "unix:/run/app/app.sock unix:@app");
        seen_done(&s);
}

static void a_bus_name_and_a_watchdog_come_from_the_unit(void **state)
{
        struct seen s;
        scoped(strv_freep) char **list = NULL;

        (void)state;
        seen_open(&s, 257);
        s.unit->facts.bus_name = strdup("org.example.App");
        seen_set(&s, "WatchdogSec", "30s");
        assert_suggests(&s, "bus:org.example.App watchdog:");
        assert_int_equal(probes_suggest(NULL, s.unit, &list), 0);
        assert_int_equal(strv_length(list), 2);
        seen_set(&s, "WatchdogSec", "0");
        assert_suggests(&s, "bus:org.example.App");
        seen_done(&s);
}

static void a_bus_name_is_read_from_unit_files(void **state)
{
        static const char text[] = "[Service]\nType=dbus\nBusName=org.example.Old\n"
                                   "BusName=org.example.App\nBusName=no-name\nExecStart=/bin/app\n";
        scoped(sandbox_freep) struct sandbox *s = NULL, *copy = NULL;
        scoped(strv_freep) char **list = NULL;
        struct dialect d;

        (void)state;
        dialect_for((struct version){ .major = 257 }, SCOPE_SYSTEM, &d);
        assert_int_equal(sandbox_new("app.service", SCOPE_SYSTEM, &s), 0);
        assert_int_equal(unit_parse(s, &d, "app.service", text, strlen(text)), 0);
        assert_int_equal(sandbox_copy(s, &copy), 0);
        assert_int_equal(probes_suggest(NULL, copy, &list), 0);
        assert_string_equal(list[0], "bus:org.example.App");
        assert_null(list[1]);
}

static void there_are_never_more_than_eight(void **state)
{
        struct seen s;
        scoped(strv_freep) char **list = NULL, **none = NULL;

        (void)state;
        seen_open(&s, 257);
        for (unsigned port = 1; port < 40; port++)
                seen_bind(&s, AF_INET, SOCK_STREAM, "127.0.0.1", port);
        assert_int_equal(probes_suggest(s.behaviour, s.unit, &list), 0);
        assert_int_equal(strv_length(list), 8);
        assert_int_equal(probes_suggest(NULL, NULL, &none), 0);
        assert_null(none);
        seen_done(&s);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_listener_on_a_web_port_suggests_an_http_probe),
                cmocka_unit_test(a_web_server_speaks_http_on_any_port_but_those_of_tls),
                cmocka_unit_test(other_listeners_suggest_a_connection),
                cmocka_unit_test(what_a_twin_cannot_reach_or_what_differs_suggests_nothing),
                cmocka_unit_test(a_connection_that_came_by_systemds_socket_suggests_its_port),
                cmocka_unit_test(sockets_of_lasting_names_are_connected_to),
                cmocka_unit_test(a_bus_name_and_a_watchdog_come_from_the_unit),
                cmocka_unit_test(a_bus_name_is_read_from_unit_files),
                cmocka_unit_test(there_are_never_more_than_eight),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
