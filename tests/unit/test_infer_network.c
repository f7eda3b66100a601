/* test_infer_network.c - what a unit does without, by the sockets it made. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/acts.h"

#include <errno.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <sys/socket.h>

enum { AT_START = SEEN_TWIN | SEEN_STARTUP, AT_WORK = SEEN_TWIN | SEEN_LIVE | SEEN_STEADY };

static void listen_at_start(struct seen *s, int family, const char *address, unsigned port)
{
        seen_socket(s, family, SOCK_STREAM, 0);
        seen_bind(s, family, SOCK_STREAM, address, port)->seen = AT_START;
}

/* ---- PrivateNetwork= ---- */

static void unix_sockets_need_no_network(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_socket(&s, AF_UNIX, SOCK_STREAM, 0);
        seen_bind(&s, AF_UNIX, SOCK_STREAM, "/run/app.sock", 0);
        seen_connect(&s, AF_UNIX, SOCK_DGRAM, "/run/systemd/journal/socket", 0);
        seen_infer(&s);
        assert_safe(&s, "PrivateNetwork", "yes");
        assert_safe(&s, "RestrictAddressFamilies", "AF_UNIX");
        assert_safe(&s, "IPAddressDeny", "any");
        assert_safe(&s, "SocketBindDeny", "any");
        assert_safe(&s, "RestrictNetworkInterfaces", "lo");
        seen_done(&s);
}

static void whoever_uses_ip_keeps_the_network(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_socket(&s, AF_INET, SOCK_STREAM, 0);
        seen_connect(&s, AF_INET, SOCK_STREAM, "192.0.2.7", 443);
        seen_infer(&s);
        assert_breaks(&s, "PrivateNetwork", "yes");
        assert_evidence(&s, "PrivateNetwork", "192.0.2.7");
        seen_done(&s);

        /* even on the loopback: others find it there */
        seen_open(&s, 257);
        listen_at_start(&s, AF_INET, "127.0.0.1", 6379);
        seen_infer(&s);
        assert_breaks(&s, "PrivateNetwork", "yes");
        seen_done(&s);
}

static void a_try_that_the_twin_refused_is_a_need(void **state)
{
        struct seen s;
        struct act *a;

        (void)state;
        seen_open(&s, 257);
        seen_twin_only(&s);
        seen_socket(&s, AF_INET, SOCK_DGRAM, 0)->seen = AT_START;
        a = seen_connect(&s, AF_INET, SOCK_DGRAM, "198.51.100.1", 123);
        a->seen = AT_START;
        a->error = ENETUNREACH;
        a->flags |= ACT_BY_TWIN;
        seen_infer(&s);
        assert_breaks(&s, "PrivateNetwork", "yes");
        assert_unknown(&s, "RestrictAddressFamilies");
        assert_unknown(&s, "SocketBindDeny");
        assert_unknown(&s, "IPAddressDeny");
        seen_done(&s);
}

static void abstract_sockets_belong_to_a_network(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_connect(&s, AF_UNIX, SOCK_STREAM, "@/tmp/.X11-unix/X0", 0);
        seen_infer(&s);
        assert_breaks(&s, "PrivateNetwork", "yes");
        seen_done(&s);

        seen_open(&s, 257);
        seen_bind(&s, AF_UNIX, SOCK_STREAM, "@own", 0);
        seen_connect(&s, AF_UNIX, SOCK_STREAM, "@own", 0);
        seen_infer(&s);
        assert_unknown(&s, "PrivateNetwork");
        seen_done(&s);
}

static void device_events_come_to_no_private_network(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_socket(&s, AF_NETLINK, SOCK_RAW, NETLINK_KOBJECT_UEVENT);
        seen_infer(&s);
        assert_breaks(&s, "PrivateNetwork", "yes");
        seen_done(&s);

        seen_open(&s, 257);
        seen_socket(&s, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
        seen_infer(&s);
        assert_unknown(&s, "PrivateNetwork");
        assert_safe(&s, "RestrictAddressFamilies", "AF_NETLINK AF_UNIX");
        seen_done(&s);
}

static void sockets_that_systemd_passes_need_no_network(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_act(&s, &(struct act){ .kind = ACT_PEER,
                                    .a = AF_INET,
                                    .b = SOCK_STREAM,
                                    .c = 80,
                                    .text = "192.0.2.9" });
        seen_infer(&s);
        assert_safe(&s, "PrivateNetwork", "yes");
        assert_safe(&s, "RestrictAddressFamilies", "AF_INET AF_INET6 AF_UNIX");
        assert_unknown(&s, "IPAddressDeny");
        seen_done(&s);
}

/* ---- RestrictAddressFamilies= ---- */

static void both_families_of_ip_go_together(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        listen_at_start(&s, AF_INET6, "::", 80);
        seen_infer(&s);
        assert_safe(&s, "RestrictAddressFamilies", "AF_INET AF_INET6 AF_UNIX");
        seen_done(&s);
}

static void a_family_that_failed_is_kept(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_socket(&s, AF_PACKET, SOCK_RAW, 0)->error = EAFNOSUPPORT;
        seen_infer(&s);
        assert_safe(&s, "RestrictAddressFamilies", "AF_PACKET AF_UNIX");
        assert_breaks(&s, "PrivateNetwork", "yes");
        seen_done(&s);
}

static void a_family_without_a_name_is_unknown(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_socket(&s, 99, SOCK_STREAM, 0);
        seen_infer(&s);
        assert_unknown(&s, "RestrictAddressFamilies");
        seen_done(&s);
}

static void without_the_start_the_network_is_unknown(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_live_only(&s);
        seen_connect(&s, AF_INET, SOCK_STREAM, "127.0.0.1", 5432)->seen = SEEN_LIVE | SEEN_STEADY;
        seen_infer(&s);
        assert_unknown(&s, "RestrictAddressFamilies");
        assert_unknown(&s, "SocketBindDeny");
        assert_unknown(&s, "IPAddressDeny");
        seen_done(&s);
}

static void code_of_another_architecture_hides_its_families(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_act(&s, &(struct act){ .kind = ACT_FOREIGN, .text = "/opt/old", .name = "x86" });
        seen_infer(&s);
        assert_unknown(&s, "RestrictAddressFamilies");
        seen_done(&s);
}

/* ---- IPAddress*= ---- */

static void the_loopback_alone_is_allowed(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        listen_at_start(&s, AF_INET, "127.0.0.1", 11211);
        seen_connect(&s, AF_INET, SOCK_DGRAM, "127.0.0.53", 53);
        seen_connect(&s, AF_INET6, SOCK_STREAM, "::1", 5432);
        seen_connect(&s, AF_INET6, SOCK_STREAM, "::ffff:127.0.0.1", 5432);
        seen_infer(&s);
        assert_safe(&s, "IPAddressDeny", "any");
        assert_safe(&s, "IPAddressAllow", "localhost");
        assert_safe(&s, "RestrictNetworkInterfaces", "lo");
        seen_done(&s);
}

static void peers_of_a_wildcard_are_unknown(void **state)
{
        static const char *const addresses[] = { "0.0.0.0", "192.0.2.1" };
        struct seen s;

        (void)state;
        for (size_t i = 0; i < 2; i++) {
                seen_open(&s, 257);
                listen_at_start(&s, AF_INET, addresses[i], 80);
                seen_infer(&s);
                assert_unknown(&s, "IPAddressDeny");
                assert_unknown(&s, "IPAddressAllow");
                assert_unknown(&s, "RestrictNetworkInterfaces");
                seen_done(&s);
        }
}

static void a_twin_has_no_peers(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_twin_only(&s);
        listen_at_start(&s, AF_INET, "127.0.0.1", 6379);
        seen_infer(&s);
        assert_unknown(&s, "IPAddressDeny");
        assert_unknown(&s, "RestrictNetworkInterfaces");
        assert_safe(&s, "SocketBindDeny", "any");
        seen_done(&s);
}

/* ---- SocketBind*= ---- */

static void ports_are_left_open_by_number(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        listen_at_start(&s, AF_INET, "0.0.0.0", 80);
        listen_at_start(&s, AF_INET, "0.0.0.0", 443);
        seen_bind(&s, AF_INET6, SOCK_DGRAM, "::", 53)->seen = AT_START;
        seen_infer(&s);
        assert_safe(&s, "SocketBindDeny", "any");
        assert_safe(&s, "SocketBindAllow", "ipv4:tcp:80", "ipv4:tcp:443", "ipv6:udp:53");
        seen_done(&s);
}

/* shh froze 49 source ports of unbound; then 3 of 200 questions were answered. */
static void a_resolvers_random_ports_are_not_frozen(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_bind(&s, AF_INET, SOCK_DGRAM, "0.0.0.0", 53)->seen = AT_START;
        for (unsigned i = 0; i < 30; i++)
                seen_bind(&s, AF_INET, SOCK_DGRAM, "0.0.0.0", 1500 + i * 2011)->seen = AT_WORK;
        listen_at_start(&s, AF_INET, "0.0.0.0", 53);
        seen_infer(&s);
        assert_safe(&s, "SocketBindDeny", "any");
        assert_safe(&s, "SocketBindAllow", "ipv4:tcp:53", "ipv4:udp");
        seen_done(&s);
}

/* vsftpd -f: three passive ports were frozen, and every transfer failed. */
static void an_ftp_servers_passive_ports_are_not_frozen(void **state)
{
        static const unsigned passive[] = { 12001, 23117, 8911 };
        struct seen s;
        const struct value *v;

        (void)state;
        seen_open(&s, 257);
        listen_at_start(&s, AF_INET6, "::", 21);
        for (size_t i = 0; i < 3; i++)
                seen_bind(&s, AF_INET6, SOCK_STREAM, "::", passive[i])->seen = AT_WORK;
        seen_infer(&s);
        assert_safe(&s, "SocketBindDeny", "any");
        v = &seen_advice(&s, "SocketBindAllow")->value;
        assert_true(v->set);
        assert_string_not_equal(v->words[0], "ipv6:tcp:12001");
        assert_evidence(&s, "SocketBindAllow", "picked anew");
        seen_done(&s);

        /* one such port is enough to see that it was not configured */
        seen_open(&s, 257);
        listen_at_start(&s, AF_INET, "0.0.0.0", 21);
        seen_bind(&s, AF_INET, SOCK_STREAM, "0.0.0.0", 12001)->seen = AT_WORK;
        seen_infer(&s);
        assert_safe(&s, "SocketBindAllow", "ipv4:tcp:1024-65535", "ipv4:tcp:21");
        seen_done(&s);
}

static void port_zero_opens_the_protocol(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_bind(&s, AF_INET, SOCK_DGRAM, "0.0.0.0", 0)->seen = AT_START;
        seen_infer(&s);
        assert_safe(&s, "SocketBindAllow", "ipv4:udp");
        seen_done(&s);
}

static void raw_sockets_have_no_ports(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_bind(&s, AF_INET, SOCK_RAW, "0.0.0.0", 1)->seen = AT_START;
        seen_infer(&s);
        assert_safe(&s, "SocketBindDeny", "any");
        assert_stands(&s, "SocketBindAllow");
        seen_done(&s);
}

static void what_is_not_enforced_is_unknown(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 252);
        seen_infer(&s);
        assert_unknown(&s, "SocketBindDeny");
        assert_unknown(&s, "RestrictNetworkInterfaces");
        assert_safe(&s, "IPAddressDeny", "any");
        seen_done(&s);

        seen_open(&s, 247);
        seen_infer(&s);
        assert_unknown(&s, "SocketBindDeny");
        assert_evidence(&s, "SocketBindDeny", "does not know it");
        seen_done(&s);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(unix_sockets_need_no_network),
                cmocka_unit_test(whoever_uses_ip_keeps_the_network),
                cmocka_unit_test(a_try_that_the_twin_refused_is_a_need),
                cmocka_unit_test(abstract_sockets_belong_to_a_network),
                cmocka_unit_test(device_events_come_to_no_private_network),
                cmocka_unit_test(sockets_that_systemd_passes_need_no_network),
                cmocka_unit_test(both_families_of_ip_go_together),
                cmocka_unit_test(a_family_that_failed_is_kept),
                cmocka_unit_test(a_family_without_a_name_is_unknown),
                cmocka_unit_test(without_the_start_the_network_is_unknown),
                cmocka_unit_test(code_of_another_architecture_hides_its_families),
                cmocka_unit_test(the_loopback_alone_is_allowed),
                cmocka_unit_test(peers_of_a_wildcard_are_unknown),
                cmocka_unit_test(a_twin_has_no_peers),
                cmocka_unit_test(ports_are_left_open_by_number),
                cmocka_unit_test(a_resolvers_random_ports_are_not_frozen),
                cmocka_unit_test(an_ftp_servers_passive_ports_are_not_frozen),
                cmocka_unit_test(port_zero_opens_the_protocol),
                cmocka_unit_test(raw_sockets_have_no_ports),
                cmocka_unit_test(what_is_not_enforced_is_unknown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
