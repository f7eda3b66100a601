/* test_trial_words.c - exit statuses, signals, outcomes, and what a journal line gives away. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/trial/trial_private.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

static void a_setup_failure_has_systemds_name_and_a_sentence(void **state)
{
        (void)state;
        assert_string_equal(exit_status_name(226), "NAMESPACE");
        assert_string_equal(exit_status_name(228), "SECCOMP");
        assert_string_equal(exit_status_name(203), "EXEC");
        assert_non_null(strstr(exit_status_meaning(208), "standard input"));
        assert_null(exit_status_name(199));
        assert_null(exit_status_meaning(-1));
}

static void every_status_that_systemd_sets_is_known(void **state)
{
        static const int holes[] = { 223, 234 };

        (void)state;
        for (int status = 200; status <= 244; status++) {
                if (status == holes[0] || status == holes[1])
                        continue;
                assert_non_null(exit_status_name(status));
                assert_non_null(exit_status_meaning(status));
        }
}

static void assert_words(int code, int status, const char *part)
{
        scoped(mem_freep) char *words = exit_words(code, status);

        assert_non_null(words);
        assert_non_null(strstr(words, part));
}

static void an_end_is_told_in_words(void **state)
{
        (void)state;
        assert_words(CLD_EXITED, 226, "exit status 226/NAMESPACE: ");
        assert_words(CLD_EXITED, 42, "exit status 42");
        assert_words(CLD_KILLED, SIGSYS, "killed by SIGSYS: ");
        assert_words(CLD_KILLED, SIGSYS, "SystemCallFilter=");
        assert_words(CLD_DUMPED, SIGTRAP, "core dumped");
        assert_words(CLD_KILLED, 12345, "signal 12345");
}

/* ---- clues ---- */

static void assert_clue(const char *message, int error, enum operation_id operation,
                        const char *path)
{
        scoped(clue_done) struct clue c = { 0 };

        assert_int_equal(clue_read(message, &c), 1);
        assert_int_equal(c.error, error);
        assert_int_equal(c.operation, operation);
        if (path)
                assert_string_equal(c.path, path);
        else
                assert_null(c.path);
}

static void error_operation_and_path_are_read_from_messages(void **state)
{
        (void)state;
        assert_clue("nginx: [emerg] bind() to 0.0.0.0:80 failed (13: Permission denied)", EACCES,
                    OPERATION_BIND_LOW, NULL);
        assert_clue("nginx: [emerg] bind() to 0.0.0.0:8080 failed (1: Operation not permitted)",
                    EPERM, OPERATION_BIND, NULL);
        assert_clue("bind() to [::]:80 failed (97: Address family not supported by protocol)",
                    EAFNOSUPPORT, OPERATION_BIND_LOW, NULL);
        assert_clue("error: Bind to port 22 on 0.0.0.0 failed: Permission denied.", EACCES,
                    OPERATION_BIND_LOW, NULL);
        assert_clue("Could not create server TCP listening socket *:6379: bind: Operation not "
                    "permitted",
                    EPERM, OPERATION_BIND, NULL);
        assert_clue("open() \"/run/nginx.pid\" failed (30: Read-only file system)", EROFS,
                    OPERATION_OPEN, "/run/nginx.pid");
        assert_clue("/usr/sbin/foo: cannot create /var/lib/foo/x: Read-only file system", EROFS,
                    OPERATION_NONE, "/var/lib/foo/x");
        assert_clue("PermissionError: [Errno 13] Permission denied: '/srv/data/x.db'", EACCES,
                    OPERATION_NONE, "/srv/data/x.db");
        assert_clue("Error: EROFS: read-only file system, open '/opt/app/log'", EROFS,
                    OPERATION_OPEN, "/opt/app/log");
        assert_clue("setgid(33) failed (1: Operation not permitted)", EPERM, OPERATION_SETGROUPS,
                    NULL);
        assert_clue("initgroups(www-data, 33) failed (1: Operation not permitted)", EPERM,
                    OPERATION_SETGROUPS, NULL);
        assert_clue("chown(\"/var/lib/nginx/body\", 33) failed (1: Operation not permitted)", EPERM,
                    OPERATION_CHOWN, "/var/lib/nginx/body");
        assert_clue("chroot(\"/run/sshd\"): Operation not permitted [preauth]", EPERM,
                    OPERATION_CHROOT, "/run/sshd");
        assert_clue("mprotect failed: errno = 13", EACCES, OPERATION_EXEC_MEMORY, NULL);
}

static void old_names_of_folders_are_folded(void **state)
{
        (void)state;
        assert_clue("cannot write /var/run/x/pid: Permission denied", EACCES, OPERATION_NONE,
                    "/run/x/pid");
        assert_clue("/bin/true: Permission denied", EACCES, OPERATION_NONE, "/usr/bin/true");
}

static void assert_no_clue(const char *message)
{
        scoped(clue_done) struct clue c = { 0 };

        assert_int_equal(clue_read(message, &c), 0);
        assert_null(c.path);
}

static void lines_without_a_refusal_give_nothing(void **state)
{
        (void)state;
        assert_no_clue("Started A high performance web server.");
        assert_no_clue("nginx.service: Main process exited, code=exited, status=226/NAMESPACE");
        assert_no_clue(
                "Failed at step NAMESPACE spawning /usr/sbin/nginx: No such file or directory");
        assert_no_clue("");
}

static void sigsys_is_a_refusal_without_an_errno(void **state)
{
        scoped(clue_done) struct clue c = { 0 };

        (void)state;
        assert_int_equal(
                clue_read("x.service: Main process exited, code=killed, status=31/SYS", &c), 1);
        assert_int_equal(c.signal, SIGSYS);
        assert_int_equal(c.error, 0);
}

static void the_kernels_audit_names_the_call(void **state)
{
        scoped(clue_done) struct clue c = { 0 };
        scoped(mem_freep) char *line = text_format(
                "audit: type=1326 audit(1.2:3): auid=0 pid=4 comm=\"x\" exe=\"/usr/bin/x\" sig=31 "
                "arch=c000003e syscall=%d compat=0 ip=0x7f code=0x80000000",
                syscall_number("mount"));

        (void)state;
        assert_int_equal(clue_read(line, &c), 1);
        assert_int_equal(c.signal, SIGSYS);
        assert_string_equal(c.call, "mount");
}

static void hostile_lines_do_no_harm(void **state)
{
        static const char *const lines[] = {
                "\x1b[2J\x80\xff: Permission denied",
                "/////////: Permission denied",
                "errno errno errno 999999999999",
                "syscall= type=1326",
                "type=1326 syscall=99999999999999999999",
                ":::::: bind ::: Permission denied",
                "bind :99999 port : port port 80x Permission denied",
                "/",
        };

        (void)state;
        for (size_t i = 0; i < COUNT(lines); i++) {
                scoped(clue_done) struct clue c = { 0 };
                scoped(mem_freep) char *normal = message_normal(lines[i]);

                assert_true(clue_read(lines[i], &c) >= 0);
                assert_non_null(normal);
        }
}

static void what_differs_from_start_to_start_is_dropped(void **state)
{
        scoped(mem_freep) char *a = message_normal("worker 4711 at 0xdeadbeef12 took 3 ms");
        scoped(mem_freep) char *b = message_normal("worker 99 at 0xcafe0123 took 12 ms");

        (void)state;
        assert_string_equal(a, b);
}

/* ---- denials ---- */

static struct journal journal_of(struct journal_line *lines, size_t count)
{
        return (struct journal){ .lines = lines, .count = count };
}

static void only_what_the_baseline_was_not_refused_is_a_denial(void **state)
{
        struct journal_line before[] = {
                { .message = (char *)"pid 12: cannot raise limit: Operation not permitted" }
        };
        struct journal_line after[] = {
                { .message = (char *)"pid 13: cannot raise limit: Operation not permitted" },
                { .message = (char *)"cannot write /etc/x: Read-only file system" },
                { .message = (char *)"cannot write /etc/x: Read-only file system" },
                { .message = (char *)"all is well" },
                { .message = NULL },
        };
        struct journal baseline = journal_of(before, COUNT(before)),
                       tried = journal_of(after, COUNT(after));
        struct denial *list = NULL;
        size_t count = 0;

        (void)state;
        assert_int_equal(denials_find(&baseline, &tried, &list, &count), 0);
        assert_int_equal(count, 1);
        assert_int_equal(list[0].error, EROFS);
        assert_string_equal(list[0].path, "/etc/x");
        denials_free(list, count);
}

static void a_full_stage_is_not_a_directives_doing(void **state)
{
        struct journal_line lines[] = { { .message = (char *)"write: No space left on device" } };
        struct run full = { .journal = { lines, 1 } }, killed = { 0 }, fine = { 0 };

        (void)state;
        strcpy(killed.state.result, "oom-kill");
        assert_non_null(stage_exhausted(&full, NULL));
        assert_non_null(stage_exhausted(&killed, NULL));
        assert_null(stage_exhausted(&fine, NULL));
}

/* ---- outcomes ---- */

static void assert_outcome(const struct run *r, const char *job_result, const char *part)
{
        struct exec_line exec[] = { { .key = (char *)"ExecStartPre",
                                      .line = (char *)"/usr/bin/check -q" } };
        struct sandbox *unit = NULL;
        scoped(mem_freep) char *words = NULL;

        assert_int_equal(sandbox_new("x.service", SCOPE_SYSTEM, &unit), 0);
        unit->facts.exec = exec;
        unit->facts.exec_count = 1;
        words = run_outcome(r, job_result, unit, 90000000);
        unit->facts.exec = NULL;
        unit->facts.exec_count = 0;
        sandbox_free(unit);
        assert_non_null(words);
        if (!strstr(words, part))
                fail_msg("\"%s\" is not in \"%s\"", part, words);
}

static void an_outcome_says_how_it_ended(void **state)
{
        struct run r = { .started = true };

        (void)state;
        strcpy(r.state.result, "exit-code");
        r.state.main_code = CLD_EXITED;
        r.state.main_status = 226;
        assert_outcome(&r, NULL, "226/NAMESPACE");
        assert_outcome(&r, "failed", "226/NAMESPACE");
        r.restarted = true;
        assert_outcome(&r, NULL, "starts it again");
        r.settled = true;
        r.took = 3100000;
        assert_outcome(&r, NULL, "3.1 s");
}

static void an_outcome_names_the_command_before_the_start_that_failed(void **state)
{
        struct run r = { 0 };

        (void)state;
        r.state.control_key = "ExecStartPre";
        r.state.control_code = CLD_EXITED;
        r.state.control_status = 1;
        assert_outcome(&r, "failed",
                       "ExecStartPre=/usr/bin/check -q failed: exit status 1/FAILURE");
}

static void an_outcome_says_what_was_waited_for(void **state)
{
        struct run r = { .state = { .type = (char *)"notify" } };

        (void)state;
        assert_outcome(&r, "timeout", "within 90 s (Type=notify");
        assert_outcome(&r, "dependency", "a unit that it needs failed");
}

static void the_journal_tells_the_end_that_a_restart_hides(void **state)
{
        struct journal_line lines[] = {
                { .message = (char *)"x.service: Main process exited, code=killed, status=31/SYS" },
                { .message = (char *)"x.service: Scheduled restart job, restart counter is at 1." },
        };
        struct run r = { .journal = { lines, COUNT(lines) } };
        int code = 0, status = 0;

        (void)state;
        assert_int_equal(run_exit(&r, &code, &status), 1);
        assert_int_equal(code, CLD_KILLED);
        assert_int_equal(status, SIGSYS);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_setup_failure_has_systemds_name_and_a_sentence),
                cmocka_unit_test(every_status_that_systemd_sets_is_known),
                cmocka_unit_test(an_end_is_told_in_words),
                cmocka_unit_test(error_operation_and_path_are_read_from_messages),
                cmocka_unit_test(old_names_of_folders_are_folded),
                cmocka_unit_test(lines_without_a_refusal_give_nothing),
                cmocka_unit_test(sigsys_is_a_refusal_without_an_errno),
                cmocka_unit_test(the_kernels_audit_names_the_call),
                cmocka_unit_test(hostile_lines_do_no_harm),
                cmocka_unit_test(what_differs_from_start_to_start_is_dropped),
                cmocka_unit_test(only_what_the_baseline_was_not_refused_is_a_denial),
                cmocka_unit_test(a_full_stage_is_not_a_directives_doing),
                cmocka_unit_test(an_outcome_says_how_it_ended),
                cmocka_unit_test(an_outcome_names_the_command_before_the_start_that_failed),
                cmocka_unit_test(an_outcome_says_what_was_waited_for),
                cmocka_unit_test(the_journal_tells_the_end_that_a_restart_hides),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
