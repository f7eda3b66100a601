/* test_decode.c - events of the BPF program made into acts, and bytes that are none refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/catalogue/dialect.h"
#include "core/observe/decode.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* An event with its strings behind it, as the ring gives it. */
struct bytes {
        struct wire_event event;
        char strings[WIRE_STRING + WIRE_BASE];
};

static struct bytes made(unsigned kind, const char *call, int error)
{
        struct bytes b = { .event = { .key = { .kind = (__u16)kind,
                                               .call = (__u16)syscall_number(call),
                                               .error = error },
                                      .when = 5000000,
                                      .tgid = 77,
                                      .euid = 33,
                                      .phases = PHASE_STARTUP,
                                      .comm = "nginx" } };

        return b;
}

static void put(struct bytes *b, const char *text, size_t text_length, const char *base,
                size_t base_length)
{
        memcpy(b->strings, text, text_length);
        memcpy(b->strings + text_length, base, base_length);
        b->event.text_length = (__u16)text_length;
        b->event.base_length = (__u16)base_length;
}
#define PUT(b, text, base) put(b, text, sizeof(text) - 1, base, sizeof(base) - 1)

static size_t length_of(const struct bytes *b)
{
        return sizeof(b->event) + b->event.text_length + b->event.base_length;
}

static struct decoded decoded_as(const struct bytes *b, bool twin)
{
        struct decoder d = { .twin = twin, .boot = 1000000 };
        struct decoded ret = { 0 };

        assert_int_equal(decode_event(&d, b, length_of(b), &ret), 0);
        return ret;
}

static void a_path_counts_from_its_folder(void **state)
{
        struct bytes b = made(WIRE_PATH, "openat", ENOENT);
        struct decoded d;

        (void)state;
        b.event.key.a = ACCESS_READ;
        PUT(&b, "conf/../nginx.conf\0", "nginx\0etc\0");
        d = decoded_as(&b, false);
        assert_int_equal(d.count, 1);
        assert_int_equal(d.acts[0].kind, ACT_PATH);
        assert_string_equal(d.acts[0].text, "/etc/nginx/nginx.conf");
        assert_string_equal(d.raw, "/etc/nginx/conf/../nginx.conf");
        assert_true(d.follow);
        assert_int_equal(d.acts[0].a, ACCESS_READ);
        assert_int_equal(d.acts[0].error, ENOENT);
        assert_int_equal(d.acts[0].flags, 0);
        assert_int_equal(d.acts[0].seen, SEEN_LIVE | SEEN_STARTUP);
        assert_int_equal(d.acts[0].first, 1005000);
        assert_int_equal(d.acts[0].uid, 33);
        assert_int_equal(d.acts[0].pid, 77);
        assert_string_equal(d.acts[0].process, "nginx");
        decoded_done(&d);
}

static void an_absolute_path_counts_alone(void **state)
{
        struct bytes b = made(WIRE_PATH, "unlink", 0);
        struct decoded d;

        (void)state;
        PUT(&b, "//run/./a", "nginx\0etc\0");
        d = decoded_as(&b, false);
        assert_string_equal(d.acts[0].text, "/run/a");
        assert_false(d.follow);
        decoded_done(&d);
}

static void a_resolved_file_is_what_the_kernel_walked(void **state)
{
        struct bytes b = made(WIRE_PATH, "openat", 0);
        struct decoded d;

        (void)state;
        b.event.flags = EVENT_RESOLVED | EVENT_DELETED | EVENT_CUT;
        b.event.mode = 0100644;
        b.event.owner = 7;
        memcpy(b.event.type, "ext4", 5);
        PUT(&b, "", "access.log\0nginx\0log\0var\0");
        d = decoded_as(&b, true);
        assert_string_equal(d.acts[0].text, "/var/log/nginx/access.log");
        assert_null(d.raw);
        assert_int_equal(d.acts[0].flags, ACT_RESOLVED | ACT_GONE | ACT_CUT);
        assert_int_equal(d.acts[0].mode, 0100644);
        assert_int_equal(d.acts[0].owner, 7);
        assert_string_equal(d.acts[0].type, "ext4");
        assert_int_equal(d.acts[0].seen, SEEN_TWIN | SEEN_STARTUP);
        decoded_done(&d);
}

static void a_string_that_could_not_be_read_is_no_path(void **state)
{
        struct bytes b = made(WIRE_PATH, "openat", ENOENT);
        struct decoder d = { 0 };
        struct decoded ret = { 0 };

        (void)state;
        b.event.flags = EVENT_UNREADABLE;
        PUT(&b, "", "etc\0");
        assert_int_equal(decode_event(&d, &b, length_of(&b), &ret), 1);
        assert_int_equal(ret.count, 0);
        b.event.key.error = EFAULT; /* the process could not read it either */
        assert_int_equal(decode_event(&d, &b, length_of(&b), &ret), 0);
        assert_int_equal(ret.count, 0);
}

static void addresses_are_words(void **state)
{
        static const struct {
                unsigned family;
                const char *text;
                size_t length;
                const char *words;
        } rows[] = {
                { AF_INET, "\x7f\0\0\1", 4, "127.0.0.1" },
                { AF_INET6, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 16, "::1" },
                { AF_INET6, "\0\0\0\0\0\0\0\0\0\0\xff\xff\x0a\0\0\5", 16, "10.0.0.5" },
                { AF_INET6, "\0\0\0", 3, "" },
                { AF_INET, "\1", 1, "" },
                { AF_UNIX, "/run/x.sock", 11, "/run/x.sock" },
                { AF_UNIX, "x.sock", 6, "/srv/x.sock" },
                { AF_UNIX, "\0name", 5, "@name" },
                { AF_UNIX, "\0a\033b\0", 5, "@a\\x1bb\\x00" },
                { AF_UNIX, "", 0, "" },
                { AF_NETLINK, "", 0, "" },
                { 4000, "abcd", 4, "" },
        };

        (void)state;
        for (size_t i = 0; i < COUNT(rows); i++) {
                char *words = decode_address(rows[i].family, rows[i].text, rows[i].length, "srv\0",
                                             4);

                assert_string_equal(words, rows[i].words);
                free(words);
        }
}

static void a_socket_in_a_folder_is_a_path_too(void **state)
{
        struct bytes b = made(WIRE_ADDRESS, "connect", ENOENT);
        struct decoded d;

        (void)state;
        b.event.key.a = AF_UNIX;
        b.event.key.b = SOCK_STREAM;
        PUT(&b, "/run/x.sock", "");
        d = decoded_as(&b, false);
        assert_int_equal(d.count, 2);
        assert_int_equal(d.acts[0].kind, ACT_CONNECT);
        assert_string_equal(d.acts[0].name, "connect");
        assert_string_equal(d.acts[0].text, "/run/x.sock");
        assert_int_equal(d.acts[1].kind, ACT_PATH);
        assert_int_equal(d.acts[1].a, ACCESS_CONNECT);
        assert_string_equal(d.acts[1].text, "/run/x.sock");
        decoded_done(&d);

        b.event.key.call = (__u16)syscall_number("bind");
        d = decoded_as(&b, false);
        assert_int_equal(d.acts[0].kind, ACT_BIND);
        assert_int_equal(d.acts[1].a, ACCESS_CREATE);
        decoded_done(&d);

        PUT(&b, "\0abstract", "");
        d = decoded_as(&b, false);
        assert_int_equal(d.count, 1);
        decoded_done(&d);
}

static void a_socket_has_its_kind_without_flags(void **state)
{
        struct bytes b = made(WIRE_ARGS, "socket", 0);
        struct decoded d;

        (void)state;
        b.event.key.a = AF_INET6;
        b.event.key.b = SOCK_DGRAM | SOCK_CLOEXEC;
        b.event.key.c = 17;
        d = decoded_as(&b, false);
        assert_int_equal(d.acts[0].kind, ACT_SOCKET);
        assert_int_equal(d.acts[0].a, AF_INET6);
        assert_int_equal(d.acts[0].b, SOCK_DGRAM);
        assert_int_equal(d.acts[0].c, 17);
        assert_null(d.acts[0].name);
        decoded_done(&d);
}

static void an_exec_is_a_program_with_its_parent_and_a_path(void **state)
{
        struct bytes b = made(WIRE_EXEC, "execve", 0);
        struct decoded d;

        (void)state;
        b.event.key.a = GAIN_SETUID;
        b.event.flags = EVENT_RESOLVED;
        PUT(&b, "sh\0", "sudo\0bin\0usr\0");
        d = decoded_as(&b, false);
        assert_int_equal(d.count, 2);
        assert_int_equal(d.acts[0].kind, ACT_EXEC);
        assert_string_equal(d.acts[0].text, "/usr/bin/sudo");
        assert_string_equal(d.acts[0].by, "sh");
        assert_int_equal(d.acts[0].a, GAIN_SETUID);
        assert_string_equal(d.acts[1].text, "/usr/bin/sudo");
        assert_int_equal(d.acts[1].a, ACCESS_EXEC);
        assert_null(d.raw);
        decoded_done(&d);
}

static void a_file_without_a_folder_is_known_by_its_name(void **state)
{
        struct bytes b = made(WIRE_PATH, "mmap", 0);
        struct decoded d;

        (void)state;
        b.event.key.a = ACCESS_MAP_EXEC;
        b.event.flags = EVENT_DELETED;
        PUT(&b, "memfd:jit", "");
        d = decoded_as(&b, false);
        assert_string_equal(d.acts[0].text, "/memfd:jit");
        assert_int_equal(d.acts[0].flags, ACT_GONE);
        assert_null(d.raw);
        decoded_done(&d);

        b.event.key.kind = WIRE_EXEC;
        d = decoded_as(&b, false);
        assert_string_equal(d.acts[0].text, "/memfd:jit");
        assert_null(d.acts[0].by);
        decoded_done(&d);
}

static void a_folder_may_be_the_root_of_what_is_opened(void **state)
{
        struct bytes b = made(WIRE_PATH, "openat2", ENOENT);
        struct decoded d;

        (void)state;
        b.event.flags = EVENT_RELATIVE;
        PUT(&b, "/passwd", "etc\0jail\0");
        d = decoded_as(&b, false);
        assert_string_equal(d.acts[0].text, "/jail/etc/passwd");
        decoded_done(&d);
}

static void refusals_and_deaths_name_their_call(void **state)
{
        struct bytes b = made(WIRE_SECCOMP, "chmod", EPERM);
        struct decoded d = decoded_as(&b, false);

        (void)state;
        assert_int_equal(d.acts[0].kind, ACT_REFUSED);
        assert_string_equal(d.acts[0].name, "chmod");
        assert_int_equal(d.acts[0].error, EPERM);
        decoded_done(&d);

        b = made(WIRE_KILLED, "read", 0);
        b.event.key.a = SIGSYS;
        b.event.key.b = (__u64)syscall_number("uname");
        d = decoded_as(&b, false);
        assert_int_equal(d.acts[0].kind, ACT_KILLED);
        assert_string_equal(d.acts[0].name, "uname");
        decoded_done(&d);

        b.event.key.a = SIGSEGV;
        d = decoded_as(&b, false);
        assert_null(d.acts[0].name);
        decoded_done(&d);
}

static void a_capability_has_a_name_and_no_stack_in_it(void **state)
{
        struct bytes b = made(WIRE_CAP, "chown", 0);
        struct decoded d;

        (void)state;
        b.event.key.b = 0xffffffff;
        b.event.key.c = 1;
        d = decoded_as(&b, false);
        assert_string_equal(d.acts[0].name, "CAP_CHOWN");
        assert_int_equal(d.acts[0].a, 0);
        assert_int_equal(d.acts[0].b, 0);
        assert_int_equal(d.acts[0].c, 1);
        assert_null(d.acts[0].by);
        decoded_done(&d);

        b.event.key.a = 1000;
        d = decoded_as(&b, false);
        assert_string_equal(d.acts[0].name, "CAP_1000");
        decoded_done(&d);
}

static void rights_that_are_borrowed_are_not_needed(void **state)
{
        struct bytes b = made(WIRE_CAP, "openat", 0);
        struct decoded d;

        (void)state;
        b.event.key.c = CHECK_BORROWED;
        d = decoded_as(&b, true);
        assert_int_equal(d.acts[0].flags, ACT_QUIET);
        assert_int_equal(d.acts[0].c, 0);
        decoded_done(&d);

        /* access() borrows those of the real ids: its own. */
        b.event.key.call = (__u16)syscall_number("faccessat2");
        d = decoded_as(&b, true);
        assert_int_equal(d.acts[0].flags, 0);
        decoded_done(&d);
}

static void a_call_nobody_knows_has_its_number(void **state)
{
        char buffer[CALL_NAME];

        (void)state;
        assert_string_equal(decode_call_name((unsigned)syscall_number("openat"), buffer), "openat");
        assert_string_equal(decode_call_name(511, buffer), "syscall_511");
        assert_string_equal(decode_call_name(WIRE_COMPAT + 500, buffer), "compat_500");
        assert_string_equal(decode_call_name(WIRE_COMPAT + 65000, buffer), "compat_65000");
        assert_string_equal(decode_call_name(WIRE_COMPAT + 436, buffer), "close_range");
#ifdef __x86_64__
        assert_string_equal(decode_call_name(WIRE_COMPAT + 102, buffer), "socketcall");
#endif
}

static void dots_and_slashes_go_and_nothing_is_above_the_root(void **state)
{
        static const char *const rows[][2] = {
                { "/", "/" },
                { "//", "/" },
                { "/..", "/" },
                { "/a/..", "/" },
                { "/a/../..", "/" },
                { "/a/./b/", "/a/b" },
                { "/a//b", "/a/b" },
                { "/a/b/../c", "/a/c" },
                { "/.../..a/a..", "/.../..a/a.." },
                { "/../../etc", "/etc" },
                { "/a/b/c/../../d", "/a/d" },
        };

        (void)state;
        for (size_t i = 0; i < COUNT(rows); i++) {
                char *path = strdup(rows[i][0]);

                assert_non_null(path);
                decode_normalise(path);
                assert_string_equal(path, rows[i][1]);
                free(path);
        }
}

static void what_a_twin_cannot_have_is_its_own_fault(void **state)
{
        static const struct {
                struct act act;
                bool twin;
        } rows[] = {
                { { .kind = ACT_CONNECT, .error = ENETUNREACH, .text = (char *)"8.8.8.8" }, true },
                { { .kind = ACT_CONNECT, .error = ECONNREFUSED, .text = (char *)"127.0.0.1" },
                  true },
                { { .kind = ACT_CONNECT, .error = EACCES, .text = (char *)"8.8.8.8" }, false },
                { { .kind = ACT_CONNECT, .error = ENOENT, .text = (char *)"/run/x" }, true },
                { { .kind = ACT_CONNECT, .error = ENOENT, .text = (char *)"/srv/x" }, false },
                { { .kind = ACT_CONNECT, .error = ENOENT, .text = (char *)"/running" }, false },
                { { .kind = ACT_PATH, .error = ENODEV, .text = (char *)"/dev/rtc0" }, true },
                { { .kind = ACT_PATH, .error = EACCES, .text = (char *)"/etc/shadow" }, false },
                { { .kind = ACT_PATH, .error = EROFS, .text = (char *)"/proc/sys/vm/x" }, true },
                { { .kind = ACT_PATH, .error = EROFS, .text = (char *)"/usr/x" }, false },
                { { .kind = ACT_PATH,
                    .error = ENOENT,
                    .text = (char *)"/run/x",
                    .a = ACCESS_CONNECT },
                  true },
                { { .kind = ACT_PATH, .error = ENOENT, .text = (char *)"/run/x", .a = ACCESS_READ },
                  false },
                { { .kind = ACT_CALL, .error = EPERM, .name = (char *)"keyctl" }, true },
                { { .kind = ACT_CALL, .error = EPERM, .name = (char *)"kill" }, false },
                { { .kind = ACT_CALL, .error = ENETUNREACH, .name = (char *)"sendto" }, true },
                { { .kind = ACT_CALL, .error = 0, .name = (char *)"keyctl" }, false },
                { { .kind = ACT_CAP, .error = EPERM, .name = (char *)"CAP_SYS_TIME" }, true },
                { { .kind = ACT_CAP, .error = EPERM, .name = (char *)"CAP_CHOWN" }, false },
                { { .kind = ACT_CAP, .error = 0, .name = (char *)"CAP_SYS_TIME" }, false },
        };

        (void)state;
        for (size_t i = 0; i < COUNT(rows); i++) {
                struct act a = rows[i].act;

                decode_twin(&a);
                assert_int_equal(a.flags, rows[i].twin ? ACT_BY_TWIN : 0);
        }
}

static void live_failures_are_nobody_elses(void **state)
{
        struct bytes b = made(WIRE_FAILED, "keyctl", EPERM);
        struct decoded d = decoded_as(&b, false);

        (void)state;
        assert_int_equal(d.acts[0].flags, 0);
        decoded_done(&d);
        d = decoded_as(&b, true);
        assert_int_equal(d.acts[0].flags, ACT_BY_TWIN);
        decoded_done(&d);
}

static void hostile_bytes_are_refused(void **state)
{
        struct decoder d = { 0 };
        struct decoded ret = { 0 };
        struct bytes b = made(WIRE_PATH, "openat", 0);

        (void)state;
        assert_int_equal(decode_event(&d, &b, 0, &ret), -EBADMSG);
        assert_int_equal(decode_event(&d, &b, sizeof(b.event) - 1, &ret), -EBADMSG);
        b.event.text_length = 10;
        assert_int_equal(decode_event(&d, &b, sizeof(b.event) + 9, &ret), -EBADMSG);
        b.event.base_length = 0xffff;
        assert_int_equal(decode_event(&d, &b, sizeof(b), &ret), -EBADMSG);
        b = made(WIRE_NONE, "openat", 0);
        assert_int_equal(decode_event(&d, &b, sizeof(b), &ret), -EBADMSG);
        b = made(60000, "openat", 0);
        assert_int_equal(decode_event(&d, &b, sizeof(b), &ret), -EBADMSG);
        b = made(WIRE_PATH, "openat", -5);
        assert_int_equal(decode_event(&d, &b, sizeof(b), &ret), -EBADMSG);
        b = made(WIRE_PATH, "openat", 1 << 20);
        assert_int_equal(decode_event(&d, &b, sizeof(b), &ret), -EBADMSG);
        assert_int_equal(ret.count, 0);
}

static void strings_without_an_end_end_with_the_bytes(void **state)
{
        struct bytes b = made(WIRE_PATH, "openat", 0);
        struct decoded d;

        (void)state;
        PUT(&b, "abc", "usr");
        memset(b.strings + 6, 'x', sizeof(b.strings) - 6);
        memset(b.event.comm, 'y', sizeof(b.event.comm));
        memset(b.event.type, 'z', sizeof(b.event.type));
        d = decoded_as(&b, false);
        assert_string_equal(d.acts[0].text, "/usr/abc");
        assert_int_equal(strlen(d.acts[0].process), 15);
        assert_int_equal(strlen(d.acts[0].type), 15);
        decoded_done(&d);
}

static void a_key_alone_says_what_it_can(void **state)
{
        struct decoder d = { 0 };
        struct decoded ret = { 0 };
        struct wire_key key = { .kind = WIRE_FAILED,
                                .call = (__u16)syscall_number("chown"),
                                .error = EPERM };

        (void)state;
        assert_int_equal(decode_key(&d, &key, &ret), 0);
        assert_string_equal(ret.acts[0].name, "chown");
        assert_int_equal(ret.acts[0].pid, 0);
        decoded_done(&ret);
        key.kind = WIRE_PATH;
        assert_int_equal(decode_key(&d, &key, &ret), 1);
}

static void a_slot_of_the_table_of_calls_is_an_act(void **state)
{
        struct decoder d = { .boot = 500 };
        struct wire_call call = { .count = 9, .first = 1000, .last = 9000, .phases = PHASE_STOP };
        struct act a = { 0 };

        (void)state;
        assert_int_equal(decode_call(&d, (unsigned)syscall_number("read"), &call, &a), 0);
        assert_string_equal(a.name, "read");
        assert_int_equal(a.count, 9);
        assert_int_equal(a.first, 501);
        assert_int_equal(a.last, 509);
        assert_int_equal(a.seen, SEEN_LIVE | SEEN_STOP);
        act_done(&a);
        call.count = 0;
        assert_int_equal(decode_call(&d, 0, &call, &a), 1);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_path_counts_from_its_folder),
                cmocka_unit_test(an_absolute_path_counts_alone),
                cmocka_unit_test(a_resolved_file_is_what_the_kernel_walked),
                cmocka_unit_test(a_string_that_could_not_be_read_is_no_path),
                cmocka_unit_test(addresses_are_words),
                cmocka_unit_test(a_socket_in_a_folder_is_a_path_too),
                cmocka_unit_test(a_socket_has_its_kind_without_flags),
                cmocka_unit_test(an_exec_is_a_program_with_its_parent_and_a_path),
                cmocka_unit_test(a_file_without_a_folder_is_known_by_its_name),
                cmocka_unit_test(a_folder_may_be_the_root_of_what_is_opened),
                cmocka_unit_test(refusals_and_deaths_name_their_call),
                cmocka_unit_test(a_capability_has_a_name_and_no_stack_in_it),
                cmocka_unit_test(rights_that_are_borrowed_are_not_needed),
                cmocka_unit_test(a_call_nobody_knows_has_its_number),
                cmocka_unit_test(dots_and_slashes_go_and_nothing_is_above_the_root),
                cmocka_unit_test(what_a_twin_cannot_have_is_its_own_fault),
                cmocka_unit_test(live_failures_are_nobody_elses),
                cmocka_unit_test(hostile_bytes_are_refused),
                cmocka_unit_test(strings_without_an_end_end_with_the_bytes),
                cmocka_unit_test(a_key_alone_says_what_it_can),
                cmocka_unit_test(a_slot_of_the_table_of_calls_is_an_act),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
