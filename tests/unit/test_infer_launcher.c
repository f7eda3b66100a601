/* test_infer_launcher.c - units that start the sessions or jobs of others. */
#include "tests/support/acts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

/* A daemon that does next to nothing, so that nearly all is safe. */
static void quiet(struct seen *s)
{
        seen_open(s, 257);
        seen_call(s, "read");
        seen_call(s, "openat");
        seen_path(s, "/etc/app.conf", ACCESS_READ);
        seen_exec(s, "/usr/sbin/app", GAIN_COMMAND);
}

static void set_binary(struct seen *s, const char *path)
{
        free(s->behaviour->binary);
        s->behaviour->binary = strdup(path);
        assert_non_null(s->behaviour->binary);
}

static void assert_launcher(struct seen *s, bool launcher)
{
        seen_infer(s);
        assert_int_equal(s->advices.launcher, launcher);
        if (launcher)
                assert_non_null(s->advices.about);
        seen_done(s);
}

static void a_plain_daemon_is_no_launcher(void **state)
{
        struct seen s;

        (void)state;
        quiet(&s);
        seen_infer(&s);
        assert_false(s.advices.launcher);
        assert_null(s.advices.about);
        assert_changes(&s, "NoNewPrivileges");
        assert_changes(&s, "SystemCallFilter");
        seen_done(&s);
}

static void known_programs_are_launchers(void **state)
{
        static const char *const programs[] = {
                "/usr/sbin/sshd",
                "/usr/sbin/cron",
                "/usr/sbin/atd",
                "/sbin/agetty",
                "/usr/sbin/lightdm",
                "/usr/bin/dockerd",
                "/usr/bin/containerd",
                "/usr/sbin/libvirtd",
                "/usr/bin/systemd-nspawn",
                "/usr/bin/gitlab-runner",
                "/opt/puppetlabs/puppet/bin/puppet",
                "/usr/bin/salt-minion",
                "/usr/bin/chef-client",
                "/lib/systemd/systemd-machined",
        };

        (void)state;
        for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
                struct seen s;

                quiet(&s);
                set_binary(&s, programs[i]);
                assert_launcher(&s, true);
        }
}

static void a_launcher_behind_a_wrapper_is_found_by_its_command_line(void **state)
{
        struct seen s;

        (void)state;
        quiet(&s);
        seen_command(&s, "ExecStart", "/usr/sbin/sshd", "/usr/sbin/sshd -D");
        assert_launcher(&s, true);
}

static void a_program_of_another_name_is_none(void **state)
{
        struct seen s;

        (void)state;
        quiet(&s);
        set_binary(&s, "/usr/sbin/sshd_exporter");
        seen_command(&s, "ExecStart", "/usr/bin/cronolog", "/usr/bin/cronolog");
        assert_launcher(&s, false);
}

static void a_java_that_is_called_jenkins_is_one(void **state)
{
        struct seen s;

        (void)state;
        quiet(&s);
        free(s.unit->unit);
        free(s.behaviour->unit);
        s.unit->unit = strdup("jenkins.service");
        s.behaviour->unit = strdup("jenkins.service");
        seen_command(&s, "ExecStart", "/usr/bin/java17", "/usr/bin/java17 -jar jenkins.war");
        assert_launcher(&s, true);
}

static void a_unit_with_a_pam_session_is_one(void **state)
{
        struct seen s;

        (void)state;
        quiet(&s);
        seen_set(&s, "PAMName", "login");
        assert_launcher(&s, true);
}

static void whoever_sets_a_login_user_is_one(void **state)
{
        struct seen s;

        (void)state;
        quiet(&s);
        seen_path(&s, "/etc/pam.d/app", ACCESS_READ);
        seen_path(&s, "/proc/4711/loginuid", ACCESS_WRITE);
        assert_launcher(&s, true);
}

static void asking_pam_for_a_password_makes_none(void **state)
{
        struct seen s;

        (void)state;
        quiet(&s);
        seen_path(&s, "/etc/pam.d/app", ACCESS_READ);
        seen_path(&s, "/proc/4711/loginuid", ACCESS_READ);
        assert_launcher(&s, false);
}

static void shells_of_several_users_make_one(void **state)
{
        struct seen s;

        (void)state;
        quiet(&s);
        seen_exec(&s, "/bin/sh", 0)->uid = 1000;
        seen_path(&s, "/home/b/x", ACCESS_READ)->uid = 1001;
        assert_launcher(&s, true);
}

static void a_shell_of_its_own_user_makes_none(void **state)
{
        struct seen s;

        (void)state;
        quiet(&s);
        seen_exec(&s, "/bin/sh", 0)->uid = 33;
        seen_path(&s, "/srv/x", ACCESS_READ)->uid = 33;
        assert_launcher(&s, false);
}

static void a_shell_on_a_terminal_makes_one(void **state)
{
        struct seen s;

        (void)state;
        quiet(&s);
        seen_call(&s, "setsid");
        seen_path(&s, "/dev/pts/3", ACCESS_READ | ACCESS_WRITE);
        seen_exec(&s, "/bin/bash", 0)->uid = 1000;
        assert_launcher(&s, true);
}

static void what_sessions_inherit_is_not_advised(void **state)
{
        static const char *const inherited[] = {
                "NoNewPrivileges",
                "CapabilityBoundingSet",
                "SystemCallFilter",
                "ProtectSystem",
                "ProtectHome",
                "PrivateTmp",
                "RestrictSUIDSGID",
                "RestrictNamespaces",
                "PrivateDevices",
                "LockPersonality",
                "RestrictAddressFamilies",
                "MemoryDenyWriteExecute",
                "PrivateNetwork",
                "RestrictRealtime",
                "SystemCallArchitectures",
                "ProtectKernelLogs",
                "ProtectClock",
                "UMask",
                "PrivateMounts",
                "SystemCallErrorNumber",
        };
        struct seen s;

        (void)state;
        quiet(&s);
        set_binary(&s, "/usr/sbin/sshd");
        seen_infer(&s);
        for (size_t i = 0; i < sizeof(inherited) / sizeof(inherited[0]); i++)
                assert_false(seen_advice(&s, inherited[i])->changes);
        assert_unknown(&s, "NoNewPrivileges");
        assert_evidence(&s, "NoNewPrivileges", "sessions inherit it");
        assert_non_null(strstr(s.advices.about, "sshd"));
        seen_done(&s);
}

static void nothing_that_changes_a_launcher_reaches_its_sessions(void **state)
{
        struct seen s;

        (void)state;
        quiet(&s);
        set_binary(&s, "/usr/sbin/cron");
        seen_infer(&s);
        for (size_t i = 0; i < DIRECTIVE_COUNT; i++)
                if (s.advices.list[i].changes)
                        assert_string_equal(directive_at(i)->name, "NotifyAccess");
        seen_done(&s);
}

static void what_a_launcher_has_already_stands(void **state)
{
        struct seen s;

        (void)state;
        quiet(&s);
        set_binary(&s, "/usr/sbin/sshd");
        seen_set(&s, "ProtectClock", "yes");
        seen_infer(&s);
        assert_stands(&s, "ProtectClock");
        seen_done(&s);
}

static void what_acts_by_cgroup_says_so(void **state)
{
        struct seen s;

        (void)state;
        quiet(&s);
        set_binary(&s, "/usr/sbin/sshd");
        seen_infer(&s);
        assert_unknown(&s, "DevicePolicy");
        assert_evidence(&s, "DevicePolicy", "scope of its own");
        seen_done(&s);
}

static void a_users_manager_is_one(void **state)
{
        struct seen s;

        (void)state;
        quiet(&s);
        free(s.unit->unit);
        free(s.behaviour->unit);
        s.unit->unit = strdup("user@1000.service");
        s.behaviour->unit = strdup("user@1000.service");
        assert_launcher(&s, true);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_plain_daemon_is_no_launcher),
                cmocka_unit_test(known_programs_are_launchers),
                cmocka_unit_test(a_launcher_behind_a_wrapper_is_found_by_its_command_line),
                cmocka_unit_test(a_program_of_another_name_is_none),
                cmocka_unit_test(a_java_that_is_called_jenkins_is_one),
                cmocka_unit_test(a_unit_with_a_pam_session_is_one),
                cmocka_unit_test(whoever_sets_a_login_user_is_one),
                cmocka_unit_test(asking_pam_for_a_password_makes_none),
                cmocka_unit_test(shells_of_several_users_make_one),
                cmocka_unit_test(a_shell_of_its_own_user_makes_none),
                cmocka_unit_test(a_shell_on_a_terminal_makes_one),
                cmocka_unit_test(what_sessions_inherit_is_not_advised),
                cmocka_unit_test(nothing_that_changes_a_launcher_reaches_its_sessions),
                cmocka_unit_test(what_a_launcher_has_already_stands),
                cmocka_unit_test(what_acts_by_cgroup_says_so),
                cmocka_unit_test(a_users_manager_is_one),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
