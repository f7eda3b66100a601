/* test_view.c - what a sandbox lets its service see and do, and how that is checked from inside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/breach/view.h"

#include <errno.h>
#include <sched.h>
#include <string.h>

struct bench {
        struct dialect dialect;
        struct sandbox *unit;
        struct service_view view;
};

static void open_view(struct bench *b, const char *const *set)
{
        *b = (struct bench){ 0 };
        dialect_for((struct version){ 252, 0 }, SCOPE_SYSTEM, &b->dialect);
        assert_int_equal(sandbox_new("x.service", SCOPE_SYSTEM, &b->unit), 0);
        for (; *set; set++) {
                scoped(mem_freep) char *name = strndup(*set, strcspn(*set, "="));
                const struct directive *d = directive_find(name);
                struct value v = { 0 };

                assert_non_null(d);
                assert_int_equal(value_copy(&b->unit->settings[d->id].value, &v), 0);
                assert_int_equal(value_assign(&v, d, &b->dialect, strchr(*set, '=') + 1, NULL),
                                 ASSIGN_TAKEN);
                sandbox_set(b->unit, d->id, &v, ORIGIN_FILE);
        }
        assert_int_equal(sandbox_imply(b->unit, &b->dialect), 0);
        assert_int_equal(view_compute(b->unit, &b->dialect, &b->view), 0);
}
#define OPEN(b, ...) open_view(b, (const char *const[]){ __VA_ARGS__ __VA_OPT__(, ) NULL })

static void done(struct bench *b)
{
        view_done(&b->view);
        sandbox_free(b->unit);
        dialect_done(&b->dialect);
}

static void assert_reach(const struct bench *b, const char *path, enum reach reach)
{
        const struct view_path *p = view_path_of(&b->view, path);

        assert_non_null(p);
        if (p->reach != reach)
                fail_msg("%s: %d, not %d", path, (int)p->reach, (int)reach);
}

static void assert_says(const struct bench *b, enum fact_id fact, const char *words)
{
        scoped(mem_freep) char *line = strv_join(b->view.facts[fact], " ");

        if (!line || !strstr(line, words))
                fail_msg("%s: \"%s\" has no \"%s\"", fact_label(fact), line ? line : "", words);
}

/* ---- computed ---- */

static void without_a_sandbox_root_can_do_everything(void **state)
{
        struct bench b;

        (void)state;
        OPEN(&b);
        assert_true(b.view.is_root);
        assert_reach(&b, "/etc/shadow", REACH_WRITABLE);
        assert_int_equal(b.view.calls, b.view.all_calls);
        assert_says(&b, FACT_EFFECTIVE, "all");
        assert_says(&b, FACT_GAIN, "set-uid");
        assert_int_equal(b.view.own_namespaces, 0);
        done(&b);
}

static void the_rule_with_the_longest_path_counts(void **state)
{
        struct bench b;

        (void)state;
        OPEN(&b, "ProtectSystem=strict", "ReadWritePaths=/var", "ReadOnlyPaths=/var/lib/a",
             "InaccessiblePaths=-/var/lib/a/b", "ProtectHome=tmpfs");
        assert_reach(&b, "/etc", REACH_READ_ONLY);
        assert_reach(&b, "/usr/bin/true", REACH_READ_ONLY);
        assert_reach(&b, "/var/log", REACH_WRITABLE);
        assert_reach(&b, "/var/tmp", REACH_WRITABLE);
        assert_reach(&b, "/var/lib/a/x", REACH_READ_ONLY);
        assert_reach(&b, "/var/lib/a/b/c", REACH_HIDDEN);
        assert_reach(&b, "/var/lib/ab", REACH_WRITABLE);
        assert_reach(&b, "/home/me", REACH_EMPTY);
        assert_reach(&b, "/tmp", REACH_READ_ONLY);
        assert_true(b.view.own_namespaces & CLONE_NEWNS);
        done(&b);
}

static void a_user_writes_its_own_folders_and_what_is_everyones(void **state)
{
        struct bench b;

        (void)state;
        OPEN(&b, "User=www-data", "StateDirectory=x y:z", "ReadOnlyPaths=/var/tmp",
             "BindPaths=/srv/a:/srv/b:rbind", "ReadWritePaths=/var/run/r");
        assert_false(b.view.is_root);
        assert_reach(&b, "/etc", REACH_OWNED);
        assert_reach(&b, "/tmp", REACH_WRITABLE);
        assert_reach(&b, "/var/tmp/a", REACH_READ_ONLY);
        assert_reach(&b, "/var/lib/x", REACH_WRITABLE);
        assert_reach(&b, "/var/lib/y", REACH_WRITABLE);
        assert_reach(&b, "/srv/b", REACH_OWNED);
        assert_reach(&b, "/run/r", REACH_OWNED);
        assert_says(&b, FACT_WRITABLE, "/var/lib/y");
        done(&b);
}

static void a_command_with_a_plus_has_no_sandbox(void **state)
{
        struct bench b;
        struct exec_line *line;

        (void)state;
        OPEN(&b, "User=www-data", "ProtectSystem=strict", "SystemCallFilter=@system-service");
        view_done(&b.view);
        line = calloc(1, sizeof(*line));
        assert_non_null(line);
        *line = (struct exec_line){ strdup("ExecStart"), strdup("+"), strdup("/bin/a"),
                                    strdup("/bin/a") };
        b.unit->facts.exec = line;
        b.unit->facts.exec_count = 1;
        assert_int_equal(view_compute(b.unit, &b.dialect, &b.view), 0);
        assert_true(b.view.is_root && b.view.is_free);
        assert_reach(&b, "/etc", REACH_WRITABLE);
        assert_true(view_lets_call(&b.view, "mount", NULL));
        done(&b);
}

static void calls_are_counted_as_the_filters_have_them(void **state)
{
        struct bench b;
        int error = -1;

        (void)state;
        OPEN(&b, "SystemCallFilter=@system-service", "SystemCallFilter=~read:EBADF @clock:EINVAL",
             "ProtectKernelModules=yes");
        assert_false(view_lets_call(&b.view, "mount", &error));
        assert_int_equal(error, 0);
        assert_false(view_lets_call(&b.view, "read", &error));
        assert_int_equal(error, EBADF);
        assert_false(view_lets_call(&b.view, "init_module", &error));
        assert_int_equal(error, EPERM);
        assert_true(view_lets_call(&b.view, "execve", NULL));
        assert_true(b.view.calls < b.view.all_calls && b.view.calls > 100);
        assert_says(&b, FACT_CALLS, "@mount");
        done(&b);
}

static void a_deny_list_leaves_the_rest(void **state)
{
        struct bench b;
        int error = -1;

        (void)state;
        OPEN(&b, "SystemCallFilter=~@mount", "SystemCallErrorNumber=EPERM");
        assert_false(view_lets_call(&b.view, "umount2", &error));
        assert_int_equal(error, EPERM);
        assert_true(view_lets_call(&b.view, "ptrace", NULL));
        done(&b);
}

static void capabilities_follow_user_and_bounding_set(void **state)
{
        struct bench b;

        (void)state;
        OPEN(&b, "User=x", "AmbientCapabilities=CAP_NET_BIND_SERVICE CAP_CHOWN",
             "CapabilityBoundingSet=CAP_NET_BIND_SERVICE CAP_KILL");
        assert_int_equal(b.view.effective, UINT64_C(1) << 10);
        assert_says(&b, FACT_BOUNDING, "CAP_KILL");
        done(&b);
        OPEN(&b, "CapabilityBoundingSet=~CAP_SYS_ADMIN");
        assert_says(&b, FACT_EFFECTIVE, "all but CAP_SYS_ADMIN");
        done(&b);
}

/* facts/directives.md, 7: so it was up to 254. */
static void a_filter_takes_a_user_the_gain_of_privileges(void **state)
{
        struct bench b;

        (void)state;
        OPEN(&b, "User=x", "RestrictRealtime=yes");
        assert_true(b.view.no_new_privs);
        view_done(&b.view);
        b.dialect.version.major = 257;
        assert_int_equal(view_compute(b.unit, &b.dialect, &b.view), 0);
        assert_false(b.view.no_new_privs);
        done(&b);
        OPEN(&b, "RestrictRealtime=yes");
        assert_false(b.view.no_new_privs);
        done(&b);
        OPEN(&b, "User=x", "RestrictRealtime=no");
        assert_false(b.view.no_new_privs);
        done(&b);
}

/* ---- answers ---- */

static const struct view_answer *answer(const struct view_answer *list, size_t count,
                                        const char *words)
{
        for (size_t i = 0; i < count; i++)
                if (strstr(list[i].text, words))
                        return &list[i];
        fail_msg("no answer says \"%s\"", words);
        return NULL;
}

static void open_doors_come_first_and_say_what_closes_them(void **state)
{
        struct view_answer *list = NULL;
        size_t count = 0;
        struct bench b;

        (void)state;
        OPEN(&b, "ProtectHome=yes", "PrivateDevices=yes");
        assert_int_equal(view_answers(&b.view, &list, &count), 0);
        assert_true(list[0].open);
        assert_non_null(strstr(list[0].text, "Leave the sandbox"));
        assert_false(list[count - 1].open);
        for (size_t i = 0; i < count; i++)
                assert_int_equal(list[i].open, list[i].closer != NULL);
        assert_false(answer(list, count, "homes")->open);
        assert_true(answer(list, count, "network")->open);
        view_answers_free(list, count);
        done(&b);
}

static void every_door_can_be_closed(void **state)
{
        struct view_answer *list = NULL;
        size_t count = 0;
        struct bench b;

        (void)state;
        OPEN(&b, "DynamicUser=yes", "ProtectHome=yes", "PrivateDevices=yes", "PrivateNetwork=yes",
             "CapabilityBoundingSet=", "MemoryDenyWriteExecute=yes", "RestrictNamespaces=yes",
             "SystemCallFilter=@system-service", "SystemCallFilter=~@resources io_uring_setup",
             "ProtectProc=invisible");
        assert_int_equal(view_answers(&b.view, &list, &count), 0);
        for (size_t i = 0; i < count; i++)
                if (list[i].open)
                        fail_msg("still open: %s", list[i].text);
        view_answers_free(list, count);
        done(&b);
}

/* ---- seen ---- */

static void see(struct bench *b, const char *text, size_t *ret_count, char ***ret)
{
        struct sight s = { .caps = UINT64_MAX, .shared = ~b->view.own_namespaces };

        assert_int_equal(strv_split(text, "\n", &s.lines), 0);
        *ret = NULL;
        assert_int_equal(view_differences(&b->view, &s, ret), 0);
        *ret_count = strv_length(*ret);
        sight_done(&s);
}

static void what_is_as_computed_is_no_difference(void **state)
{
        char **list;
        size_t count;
        struct bench b;

        (void)state;
        OPEN(&b, "User=x", "ProtectSystem=strict", "ProtectHome=yes", "NoNewPrivileges=yes",
             "RestrictAddressFamilies=AF_UNIX", "SystemCallFilter=~mount", "PrivateDevices=yes");
        see(&b,
            "uid 33 33 33 33\nno-new-privs 1\ncap-effective 0000000000000000\n"
            "path r-x- /etc\npath ---- /home\npath EACCES /root\npath r-xe /run/user\n"
            "path ENOENT /boot\nfamily AF_UNIX ok\nfamily AF_INET EAFNOSUPPORT\n"
            "call mount SIGSYS\ncall umount2 EINVAL\nnamespace mnt 1\nnamespace net 2\n"
            "device null\ndevice tty\n",
            &count, &list);
        if (count)
                fail_msg("%s", list[0]);
        strv_free(list);
        done(&b);
}

static void each_contradiction_is_told(void **state)
{
        static const char *const seen[] = {
                "uid 0 0 0 0",       "no-new-privs 0",      "cap-effective 0000000000000001",
                "path rwx- /etc",    "path rwx- /home",     "family AF_INET ok",
                "call mount EFAULT", "call umount2 SIGSYS", "family AF_UNIX EAFNOSUPPORT",
                "device sda",
        };
        struct bench b;

        (void)state;
        OPEN(&b, "User=x", "ProtectSystem=strict", "ProtectHome=yes", "NoNewPrivileges=yes",
             "RestrictAddressFamilies=AF_UNIX", "SystemCallFilter=~mount", "PrivateDevices=yes");
        for (size_t i = 0; i < COUNT(seen); i++) {
                char **list;
                size_t count;

                see(&b, seen[i], &count, &list);
                if (count != 1)
                        fail_msg("%s: %zu differences", seen[i], count);
                strv_free(list);
        }
        done(&b);
}

static void broken_lines_are_no_harm(void **state)
{
        char **list;
        size_t count;
        struct bench b;

        (void)state;
        OPEN(&b, "ProtectSystem=strict");
        see(&b, "path\npath \npath rwx-\ncall \ncall\nfamily\nuid\ncap-effective\nuid \n\x1b[2J\n",
            &count, &list);
        strv_free(list);
        done(&b);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(without_a_sandbox_root_can_do_everything),
                cmocka_unit_test(the_rule_with_the_longest_path_counts),
                cmocka_unit_test(a_user_writes_its_own_folders_and_what_is_everyones),
                cmocka_unit_test(a_command_with_a_plus_has_no_sandbox),
                cmocka_unit_test(calls_are_counted_as_the_filters_have_them),
                cmocka_unit_test(a_deny_list_leaves_the_rest),
                cmocka_unit_test(capabilities_follow_user_and_bounding_set),
                cmocka_unit_test(a_filter_takes_a_user_the_gain_of_privileges),
                cmocka_unit_test(open_doors_come_first_and_say_what_closes_them),
                cmocka_unit_test(every_door_can_be_closed),
                cmocka_unit_test(what_is_as_computed_is_no_difference),
                cmocka_unit_test(each_contradiction_is_told),
                cmocka_unit_test(broken_lines_are_no_harm),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
