/* test_infer_syscalls.c - filters of system calls. */
#include "tests/support/acts.h"

#include "core/base/text.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* What about every daemon does. */
static const char *const plain[] = {
        "execve",        "brk",        "mmap",      "openat",     "newfstatat", "read",
        "write",         "close",      "mprotect",  "arch_prctl", "rseq",       "prlimit64",
        "getrandom",     "futex",      "socket",    "bind",       "listen",     "accept4",
        "epoll_create1", "epoll_wait", "epoll_ctl", "clone",      "wait4",      "exit_group",
};

static void begin(struct seen *s, unsigned major)
{
        seen_open(s, major);
        for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
                seen_call(s, plain[i]);
}

/* By the value alone: an allow-list with the plain name in it. */
static bool lets(const struct seen *s, const char *call)
{
        const struct value *v = &seen_advice(s, "SystemCallFilter")->value;
        const char *name = syscall_spelling(call);

        assert_true(v->set && v->allow);
        return name && strv_has(v->words, name);
}

static void must_let(const struct seen *s, const char *call)
{
        assert_true(!dialect_knows_call(&s->dialect, call) || lets(s, call));
}

static void a_plain_daemon_gets_system_service_less_what_it_does_not_use(void **state)
{
        struct seen s;

        (void)state;
        begin(&s, 257);
        seen_infer(&s);
        assert_changes(&s, "SystemCallFilter");
        for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
                assert_true(lets(&s, plain[i]));
        assert_false(lets(&s, "chown"));
        assert_false(lets(&s, "setuid"));
        assert_false(lets(&s, "mount"));
        assert_false(lets(&s, "setpriority"));
        assert_false(lets(&s, "keyctl"));
        assert_evidence(&s, "SystemCallFilter", "24 different system calls");
        seen_done(&s);
}

static void every_call_that_was_made_is_let_through(void **state)
{
        static const unsigned majors[] = { 247, 252, 257, 262 };

        (void)state;
        for (size_t m = 0; m < sizeof(majors) / sizeof(majors[0]); m++)
                for (size_t start = 0; start < 500; start += 7) {
                        struct seen s;

                        begin(&s, majors[m]);
                        for (size_t i = start; syscall_at(i) && i < start + 7; i++)
                                seen_call(&s, syscall_at(i));
                        seen_infer(&s);
                        assert_changes(&s, "SystemCallFilter");
                        for (size_t i = start; syscall_at(i) && i < start + 7; i++)
                                must_let(&s, syscall_at(i));
                        seen_done(&s);
                }
}

static void what_is_written_reads_back_the_same(void **state)
{
        const struct directive *d = directive_find("SystemCallFilter");
        char **lines = NULL;
        struct value again = { 0 };
        struct seen s;

        (void)state;
        begin(&s, 252);
        seen_call(&s, "chroot");
        seen_call(&s, "setuid");
        seen_infer(&s);
        assert_int_equal(
                value_print(&seen_advice(&s, "SystemCallFilter")->value, d, &s.dialect, &lines), 0);
        for (char **line = lines; *line; line++)
                assert_int_equal(value_assign(&again, d, &s.dialect, *line, NULL), ASSIGN_TAKEN);
        assert_true(value_equal(&again, &seen_advice(&s, "SystemCallFilter")->value));
        assert_true(strv_length(lines) <= 5);
        value_done(&again);
        strv_free(lines);
        seen_done(&s);
}

static void one_call_outside_is_named_and_two_bring_their_group(void **state)
{
        struct seen s;

        (void)state;
        begin(&s, 257);
        seen_call(&s, "chroot");
        seen_infer(&s);
        assert_true(lets(&s, "chroot"));
        assert_false(lets(&s, "mount"));
        assert_evidence(&s, "SystemCallFilter", "chroot");
        seen_done(&s);
        begin(&s, 257);
        seen_call(&s, "mount");
        seen_call(&s, "umount2");
        seen_infer(&s);
        assert_true(lets(&s, "mount_setattr"));
        assert_true(lets(&s, "umount"));
        assert_false(lets(&s, "chroot")); /* it is of @privileged as well, which was not used */
        assert_false(lets(&s, "reboot"));
        seen_done(&s);
}

/* A new libc makes the same thing by another call. */
static void newer_calls_for_the_same_thing_are_let_through(void **state)
{
        static const struct {
                const char *old, *newer;
        } pairs[] = {
                { "open", "openat2" },
                { "clone", "clone3" },
                { "access", "faccessat2" },
                { "stat", "statx" },
                { "epoll_wait", "epoll_pwait2" },
                { "close", "close_range" },
                { "chown", "fchownat" },
                { "mount", "fsopen" },
                { "mount", "move_mount" },
                { "settimeofday", "clock_settime" },
                { "umount", "umount2" },
                { "setuid", "setresuid" },
                { "init_module", "finit_module" },
        };

        (void)state;
        for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
                struct seen s;

                begin(&s, 257);
                seen_call(&s, pairs[i].old);
                seen_infer(&s);
                assert_true(lets(&s, pairs[i].newer));
                seen_done(&s);
        }
}

static void what_ends_or_crashes_a_program_is_always_let_through(void **state)
{
        static const char *const calls[] = {
                "exit_group",     "rt_sigreturn", "restart_syscall", "tgkill",
                "rt_sigprocmask", "gettid",       "clone3",          "rseq",
                "getrandom",      "futex_waitv",  "statx",           "faccessat2",
                "openat2",        "close_range",  "prctl",           "execve",
                "sigaltstack",    "membarrier",   "set_robust_list",
        };
        struct seen s;

        (void)state;
        begin(&s, 257);
        seen_infer(&s);
        for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
                assert_true(lets(&s, calls[i]));
        seen_done(&s);
}

static void io_uring_is_denied_unless_it_is_used(void **state)
{
        struct seen s;

        (void)state;
        begin(&s, 257);
        seen_infer(&s);
        assert_false(lets(&s, "io_uring_setup"));
        assert_false(lets(&s, "io_uring_enter"));
        assert_true(lets(&s, "io_submit"));
        assert_evidence(&s, "SystemCallFilter", "denied with the rest");
        seen_done(&s);
        begin(&s, 257);
        seen_call(&s, "io_uring_setup");
        seen_infer(&s);
        assert_true(lets(&s, "io_uring_enter"));
        assert_evidence(&s, "SystemCallFilter", "passes no filter");
        seen_done(&s);
}

static void one_call_of_a_group_keeps_the_group(void **state)
{
        struct seen s;

        (void)state;
        begin(&s, 257);
        seen_call(&s, "sched_setaffinity");
        seen_call(&s, "chown");
        seen_infer(&s);
        assert_true(lets(&s, "sched_setaffinity"));
        assert_true(lets(&s, "setpriority"));
        assert_true(lets(&s, "chown"));
        assert_false(lets(&s, "setuid"));
        seen_done(&s);
}

/* What the bounding set keeps for a day that was not watched, the filter keeps as well. */
static void the_filter_keeps_what_the_capabilities_are_kept_for(void **state)
{
        struct seen s;

        (void)state;
        begin(&s, 257);
        seen_path(&s, "/var/log/app/access.log", ACCESS_WRITE | ACCESS_CREATE);
        seen_path(&s, "/srv/www/index.html", ACCESS_READ)->uid = 33;
        seen_infer(&s);
        assert_true(lets(&s, "chown"));
        seen_done(&s);
}

static void the_units_own_list_only_gets_shorter(void **state)
{
        struct seen s;

        (void)state;
        begin(&s, 257);
        seen_set(&s, "SystemCallFilter",
                 "@basic-io @network-io @io-event @file-system @process "
                 "@signal execve");
        seen_call(&s, "mount");
        seen_infer(&s);
        assert_false(lets(&s, "mount"));
        assert_false(lets(&s, "mlock"));
        assert_true(lets(&s, "read"));
        seen_done(&s);
        begin(&s, 257);
        seen_set(&s, "SystemCallFilter", "~@obsolete @ipc");
        seen_infer(&s);
        assert_false(lets(&s, "shmget"));
        assert_true(lets(&s, "read"));
        seen_done(&s);
}

/* facts/shh.md 3b: "~capset:EPERM" on top of an allow-list, and systemd itself failed. */
static void no_call_ever_gets_an_errno_of_its_own(void **state)
{
        const struct directive *d = directive_find("SystemCallFilter");
        char **lines = NULL;
        struct seen s;

        (void)state;
        begin(&s, 257);
        seen_set(&s, "User", "redis");
        seen_set(&s, "SystemCallFilter", "@system-service");
        seen_infer(&s);
        assert_int_equal(
                value_print(&seen_advice(&s, "SystemCallFilter")->value, d, &s.dialect, &lines), 0);
        for (char **line = lines; *line; line++)
                assert_null(strchr(*line, ':'));
        strv_free(lines);
        seen_done(&s);
}

static void systemd_can_drop_capabilities_behind_the_filter(void **state)
{
        struct seen s;

        (void)state;
        begin(&s, 257);
        seen_set(&s, "User", "app");
        seen_exec(&s, "/usr/lib/app/helper", GAIN_SETUID);
        seen_infer(&s);
        assert_breaks(&s, "NoNewPrivileges", "yes");
        assert_changes(&s, "SystemCallFilter");
        assert_true(lets(&s, "capset"));
        assert_true(lets(&s, "capget"));
        seen_done(&s);
}

static void an_errno_is_chosen_with_the_filter(void **state)
{
        struct seen s;

        (void)state;
        begin(&s, 257);
        seen_infer(&s);
        assert_safe(&s, "SystemCallErrorNumber", "EPERM");
        assert_evidence(&s, "SystemCallErrorNumber", "kill");
        seen_done(&s);
}

static void the_units_own_errno_stays(void **state)
{
        struct seen s;

        (void)state;
        begin(&s, 257);
        seen_set(&s, "SystemCallErrorNumber", "EACCES");
        seen_infer(&s);
        assert_stands(&s, "SystemCallErrorNumber");
        assert_safe(&s, "SystemCallErrorNumber", "EACCES");
        seen_done(&s);
}

static void without_a_filter_there_is_no_errno(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_infer(&s);
        assert_false(seen_advice(&s, "SystemCallFilter")->changes);
        assert_false(seen_advice(&s, "SystemCallErrorNumber")->changes);
        seen_done(&s);
}

static void a_start_that_was_not_seen_advises_no_filter(void **state)
{
        struct seen s;

        (void)state;
        begin(&s, 257);
        seen_live_only(&s);
        seen_infer(&s);
        assert_unknown(&s, "SystemCallFilter");
        assert_false(seen_advice(&s, "SystemCallErrorNumber")->changes);
        seen_done(&s);
}

static void native_code_alone_and_only_native_calls(void **state)
{
        struct seen s;

        (void)state;
        begin(&s, 257);
        seen_infer(&s);
        assert_safe(&s, "SystemCallArchitectures", "native");
        assert_changes(&s, "SystemCallArchitectures");
        seen_done(&s);
}

static void foreign_code_keeps_its_architecture(void **state)
{
        struct seen s;

        (void)state;
        begin(&s, 257);
        seen_act(&s, &(struct act){
                             .kind = ACT_FOREIGN, .name = "x86", .text = "/opt/agent/bin/agent" });
        seen_infer(&s);
        assert_safe(&s, "SystemCallArchitectures", "native x86");
        assert_evidence(&s, "SystemCallArchitectures", "/opt/agent/bin/agent");
        seen_done(&s);
}

static void nothing_is_logged_for_its_own_sake(void **state)
{
        struct seen s;

        (void)state;
        begin(&s, 257);
        seen_infer(&s);
        assert_stands(&s, "SystemCallLog");
        seen_done(&s);
}

/* facts/shh.md 3a: an unknown argument, or a call nobody knows, ends nothing. */
static void a_call_that_nobody_knows_ends_nothing(void **state)
{
        struct seen s;

        (void)state;
        begin(&s, 247);
        seen_call(&s, "call_of_the_future");
        seen_args(&s, "timer_create", UINT64_MAX, UINT64_MAX, UINT64_MAX);
        seen_infer(&s);
        assert_changes(&s, "SystemCallFilter");
        assert_true(lets(&s, "timer_create"));
        seen_done(&s);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_plain_daemon_gets_system_service_less_what_it_does_not_use),
                cmocka_unit_test(every_call_that_was_made_is_let_through),
                cmocka_unit_test(what_is_written_reads_back_the_same),
                cmocka_unit_test(one_call_outside_is_named_and_two_bring_their_group),
                cmocka_unit_test(newer_calls_for_the_same_thing_are_let_through),
                cmocka_unit_test(what_ends_or_crashes_a_program_is_always_let_through),
                cmocka_unit_test(io_uring_is_denied_unless_it_is_used),
                cmocka_unit_test(one_call_of_a_group_keeps_the_group),
                cmocka_unit_test(the_filter_keeps_what_the_capabilities_are_kept_for),
                cmocka_unit_test(the_units_own_list_only_gets_shorter),
                cmocka_unit_test(no_call_ever_gets_an_errno_of_its_own),
                cmocka_unit_test(systemd_can_drop_capabilities_behind_the_filter),
                cmocka_unit_test(an_errno_is_chosen_with_the_filter),
                cmocka_unit_test(the_units_own_errno_stays),
                cmocka_unit_test(without_a_filter_there_is_no_errno),
                cmocka_unit_test(a_start_that_was_not_seen_advises_no_filter),
                cmocka_unit_test(native_code_alone_and_only_native_calls),
                cmocka_unit_test(foreign_code_keeps_its_architecture),
                cmocka_unit_test(nothing_is_logged_for_its_own_sake),
                cmocka_unit_test(a_call_that_nobody_knows_ends_nothing),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
