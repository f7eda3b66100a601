/* test_trial_blame.c - evidence in, suspects out, most likely first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/trial/trial_private.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum { LINES = 8 };

/* A unit, its changes, and what its start left behind. */
struct scene {
        struct dialect dialect;
        struct sandbox *unit, *after;
        struct profile *profile;
        struct journal_line lines[LINES];
        struct run run;
        char *lost[LINES];
        struct suspect *suspects;
        size_t count;
};

static int set_up(void **state)
{
        struct scene *s = calloc(1, sizeof(*s));

        if (!s)
                return -1;
        dialect_for((struct version){ 252, 39 }, SCOPE_SYSTEM, &s->dialect);
        s->run.journal.lines = s->lines;
        strcpy(s->run.state.result, "exit-code");
        *state = s;
        return sandbox_new("x.service", SCOPE_SYSTEM, &s->unit) < 0 ||
               profile_new("x.service", SCOPE_SYSTEM, &s->profile) < 0;
}

static int tear_down(void **state)
{
        struct scene *s = *state;

        for (size_t i = 0; i < s->count; i++)
                free(s->suspects[i].why);
        free(s->suspects);
        sandbox_free(s->unit);
        sandbox_free(s->after);
        profile_free(s->profile);
        dialect_done(&s->dialect);
        free(s);
        return 0;
}

static void change(struct scene *s, const char *word)
{
        struct err e = { 0 };

        if (profile_assign(s->profile, &s->dialect, word, &e) < 0)
                fail_msg("%s", e.text);
}

static void say(struct scene *s, const char *message)
{
        assert_true(s->run.journal.count < LINES);
        s->lines[s->run.journal.count++].message = (char *)message;
}

static void end(struct scene *s, int code, int status)
{
        s->run.state.main_code = code;
        s->run.state.main_status = status;
}

static void accuse(struct scene *s, const struct problem *problems, size_t problem_count)
{
        static const struct journal silence = { 0 };
        struct denial *denials = NULL;
        size_t count = 0;
        struct evidence v = { .profile = s->profile,
                              .dialect = &s->dialect,
                              .before = s->unit,
                              .tried = &s->run,
                              .problems = problems,
                              .problem_count = problem_count,
                              .lost = s->lost,
                              .broke = true };

        assert_true(sandbox_imply(s->unit, &s->dialect) >= 0);
        assert_true(profile_apply(s->profile, s->unit, &s->dialect, &s->after) >= 0);
        assert_int_equal(denials_find(&silence, &s->run.journal, &denials, &count), 0);
        v.after = s->after;
        v.denials = denials;
        v.denial_count = count;
        assert_int_equal(blame(&v, &s->suspects, &s->count), 0);
        denials_free(denials, count);
}

static void assert_first(struct scene *s, enum directive_id id, unsigned least)
{
        accuse(s, NULL, 0);
        assert_true(s->count > 0);
        if (s->suspects[0].directive != id)
                fail_msg("first suspect is %s (%s)", directive_at(s->suspects[0].directive)->name,
                         s->suspects[0].why);
        assert_true(s->suspects[0].weight >= least);
        assert_true(*s->suspects[0].why);
}

static bool is_suspect(const struct scene *s, enum directive_id id)
{
        for (size_t i = 0; i < s->count; i++)
                if (s->suspects[i].directive == id)
                        return true;
        return false;
}

static void status_208_points_to_a_strict_device_policy(void **state)
{
        struct scene *s = *state;

        change(s, "DevicePolicy=strict");
        change(s, "PrivateTmp=yes");
        end(s, CLD_EXITED, 208);
        assert_first(s, D_DevicePolicy, 90);
        assert_false(is_suspect(s, D_PrivateTmp));
}

static void a_mount_failure_points_to_the_change_that_names_the_path(void **state)
{
        struct scene *s = *state;

        change(s, "InaccessiblePaths=/nope");
        change(s, "ReadWritePaths=/var/lib/x");
        change(s, "ProtectSystem=strict");
        say(s, "x.service: Failed to set up mount namespacing: /nope: No such file or directory");
        say(s,
            "x.service: Failed at step NAMESPACE spawning /usr/bin/x: No such file or directory");
        end(s, CLD_EXITED, 226);
        assert_first(s, D_InaccessiblePaths, 95);
        assert_non_null(strstr(s->suspects[0].why, "/nope"));
        assert_false(is_suspect(s, D_ProtectSystem));
}

static void sigsys_points_to_the_filter(void **state)
{
        struct scene *s = *state;

        change(s, "SystemCallFilter=@system-service");
        change(s, "MemoryDenyWriteExecute=yes");
        end(s, CLD_KILLED, SIGSYS);
        assert_first(s, D_SystemCallFilter, 90);
}

static void sigtrap_points_to_executable_memory(void **state)
{
        struct scene *s = *state;

        change(s, "SystemCallFilter=@system-service");
        change(s, "MemoryDenyWriteExecute=yes");
        end(s, CLD_DUMPED, SIGTRAP);
        assert_first(s, D_MemoryDenyWriteExecute, 80);
}

static void a_read_only_path_points_to_what_covers_it(void **state)
{
        struct scene *s = *state;

        change(s, "ProtectSystem=strict");
        change(s, "ProtectKernelTunables=yes");
        change(s, "ReadOnlyPaths=/srv");
        say(s, "cannot open /var/log/x.log: Read-only file system");
        end(s, CLD_EXITED, 1);
        assert_first(s, D_ProtectSystem, 80);
        assert_false(is_suspect(s, D_ReadOnlyPaths));
        assert_false(is_suspect(s, D_ProtectKernelTunables));
}

static void a_weaker_value_does_not_cover_the_path(void **state)
{
        struct scene *s = *state;

        change(s, "ProtectSystem=yes");
        change(s, "ReadOnlyPaths=/var");
        say(s, "cannot open /var/log/x.log: Read-only file system");
        end(s, CLD_EXITED, 1);
        assert_first(s, D_ReadOnlyPaths, 90);
        assert_false(is_suspect(s, D_ProtectSystem));
}

static void the_sysctls_are_tunables_even_under_a_strict_system(void **state)
{
        struct scene *s = *state;

        change(s, "ProtectSystem=strict");
        change(s, "ProtectKernelTunables=yes");
        say(s, "write /proc/sys/net/core/somaxconn: Read-only file system");
        end(s, CLD_EXITED, 1);
        assert_first(s, D_ProtectKernelTunables, 80);
        assert_false(is_suspect(s, D_ProtectSystem));
}

static void what_dynamic_user_brings_is_its_doing(void **state)
{
        struct scene *s = *state;

        change(s, "DynamicUser=yes");
        change(s, "PrivateDevices=yes");
        say(s, "cannot open /var/log/x.log: Read-only file system");
        end(s, CLD_EXITED, 1);
        assert_first(s, D_DynamicUser, 80);
        assert_non_null(strstr(s->suspects[0].why, "ProtectSystem"));
}

static void a_low_port_needs_its_capability(void **state)
{
        struct scene *s = *state;

        change(s, "CapabilityBoundingSet=CAP_CHOWN CAP_SETUID");
        change(s, "PrivateTmp=yes");
        say(s, "nginx: [emerg] bind() to 0.0.0.0:80 failed (13: Permission denied)");
        end(s, CLD_EXITED, 1);
        assert_first(s, D_CapabilityBoundingSet, 85);
        assert_non_null(strstr(s->suspects[0].why, "CAP_NET_BIND_SERVICE"));
}

static void a_capability_that_is_left_is_not_blamed(void **state)
{
        struct scene *s = *state;

        change(s, "CapabilityBoundingSet=CAP_NET_BIND_SERVICE");
        change(s, "PrivateUsers=yes");
        say(s, "bind() to 0.0.0.0:80 failed (13: Permission denied)");
        end(s, CLD_EXITED, 1);
        assert_first(s, D_PrivateUsers, 70);
        assert_false(is_suspect(s, D_CapabilityBoundingSet));
}

static void a_refused_family_points_to_the_families(void **state)
{
        struct scene *s = *state;

        change(s, "RestrictAddressFamilies=AF_UNIX");
        change(s, "PrivateNetwork=yes");
        say(s, "socket() [::]:80 failed (97: Address family not supported by protocol)");
        end(s, CLD_EXITED, 1);
        assert_first(s, D_RestrictAddressFamilies, 90);
}

static void the_audited_call_is_looked_up_in_the_filter(void **state)
{
        struct scene *s = *state;
        scoped(mem_freep) char *line = text_format("audit: type=1326 sig=31 syscall=%d",
                                                   syscall_number("mount"));

        change(s, "SystemCallFilter=@system-service");
        change(s, "SystemCallArchitectures=native");
        say(s, line);
        end(s, CLD_KILLED, SIGSYS);
        assert_first(s, D_SystemCallFilter, 95);
        assert_non_null(strstr(s->suspects[0].why, "mount()"));
}

static void a_filter_that_answers_errors_is_found_by_the_call(void **state)
{
        struct scene *s = *state;

        change(s, "SystemCallFilter=~@chown");
        change(s, "SystemCallErrorNumber=EPERM");
        change(s, "NoNewPrivileges=yes");
        say(s, "chown(\"/var/lib/x\", 33) failed (1: Operation not permitted)");
        end(s, CLD_EXITED, 1);
        assert_first(s, D_SystemCallFilter, 85);
        assert_non_null(strstr(s->suspects[0].why, "chown()"));
}

static void what_the_profile_did_not_change_is_no_suspect(void **state)
{
        struct scene *s = *state;
        struct value yes = { .set = true, .bits = 1 };

        sandbox_set(s->unit, D_MemoryDenyWriteExecute, &yes, ORIGIN_FILE);
        change(s, "MemoryDenyWriteExecute=yes");
        change(s, "LimitAS=1G");
        end(s, CLD_DUMPED, SIGTRAP);
        assert_first(s, D_LimitAS, 30);
        assert_false(is_suspect(s, D_MemoryDenyWriteExecute));
}

static void loosening_is_no_suspect_of_a_refusal(void **state)
{
        struct scene *s = *state;
        struct value strict = { .set = true };

        assert_int_equal(strv_add(&strict.words, "strict"), 0);
        sandbox_set(s->unit, D_ProtectSystem, &strict, ORIGIN_FILE);
        change(s, "ProtectSystem=full");
        change(s, "ReadOnlyPaths=/etc/x");
        say(s, "cannot open /etc/x/y: Read-only file system");
        end(s, CLD_EXITED, 1);
        assert_first(s, D_ReadOnlyPaths, 90);
        assert_false(is_suspect(s, D_ProtectSystem));
}

static void a_lost_port_points_to_a_private_network(void **state)
{
        struct scene *s = *state;

        change(s, "PrivateNetwork=yes");
        change(s, "ProtectHome=yes");
        s->run.started = s->run.settled = true;
        strcpy(s->run.state.result, "success");
        s->lost[0] = (char *)"tcp 0.0.0.0:6379";
        assert_first(s, D_PrivateNetwork, 85);
}

static void a_lost_socket_in_tmp_points_to_a_private_tmp(void **state)
{
        struct scene *s = *state;

        change(s, "PrivateTmp=yes");
        change(s, "PrivateDevices=yes");
        s->run.started = s->run.settled = true;
        strcpy(s->run.state.result, "success");
        s->lost[0] = (char *)"unix /tmp/x.sock";
        assert_first(s, D_PrivateTmp, 85);
}

static void a_problem_of_the_check_is_the_best_evidence(void **state)
{
        struct scene *s = *state;
        struct problem problems[] = {
                { .directive = D_User,
                  .fatal = true,
                  .text = (char *)"User=nobody-knows: there is no user" },
        };

        change(s, "User=nobody-knows");
        change(s, "PrivateUsers=yes");
        end(s, CLD_EXITED, 217);
        accuse(s, problems, COUNT(problems));
        assert_int_equal(s->suspects[0].directive, D_User);
        assert_true(s->suspects[0].weight >= 95);
        assert_non_null(strstr(s->suspects[0].why, "there is no user"));
}

static void without_evidence_changes_are_listed_by_risk_and_lightly(void **state)
{
        struct scene *s = *state;

        change(s, "LockPersonality=yes");
        change(s, "SystemCallFilter=@system-service");
        end(s, CLD_EXITED, 1);
        accuse(s, NULL, 0);
        assert_int_equal(s->count, 2);
        assert_int_equal(s->suspects[0].directive, D_SystemCallFilter);
        assert_true(s->suspects[0].weight <= 10);
        assert_non_null(strstr(s->suspects[0].why, "nothing that was seen"));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
        const struct CMUnitTest tests[] = {
                TEST(status_208_points_to_a_strict_device_policy),
                TEST(a_mount_failure_points_to_the_change_that_names_the_path),
                TEST(sigsys_points_to_the_filter),
                TEST(sigtrap_points_to_executable_memory),
                TEST(a_read_only_path_points_to_what_covers_it),
                TEST(a_weaker_value_does_not_cover_the_path),
                TEST(the_sysctls_are_tunables_even_under_a_strict_system),
                TEST(what_dynamic_user_brings_is_its_doing),
                TEST(a_low_port_needs_its_capability),
                TEST(a_capability_that_is_left_is_not_blamed),
                TEST(a_refused_family_points_to_the_families),
                TEST(the_audited_call_is_looked_up_in_the_filter),
                TEST(a_filter_that_answers_errors_is_found_by_the_call),
                TEST(what_the_profile_did_not_change_is_no_suspect),
                TEST(loosening_is_no_suspect_of_a_refusal),
                TEST(a_lost_port_points_to_a_private_network),
                TEST(a_lost_socket_in_tmp_points_to_a_private_tmp),
                TEST(a_problem_of_the_check_is_the_best_evidence),
                TEST(without_evidence_changes_are_listed_by_risk_and_lightly),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
