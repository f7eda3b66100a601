/* test_trial_verdict.c - from what was seen to a verdict and a sentence; lost listeners. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/trial/trial_private.h"

#include <string.h>

/* A trial in which all went well. */
static struct trial good(void)
{
        struct run up = { .started = true, .settled = true, .stopped = true };

        return (struct trial){ .baseline = up, .tried = up };
}

static void assert_verdict(const struct trial *t, char **lost, enum verdict wanted)
{
        assert_int_equal(verdict_of(t, lost, 3), wanted);
}

static void what_runs_as_before_has_held(void **state)
{
        struct trial t = good();

        (void)state;
        assert_verdict(&t, NULL, VERDICT_HELD);
}

static void what_does_not_start_or_stay_up_broke(void **state)
{
        struct trial t = good();

        (void)state;
        t.tried.started = false;
        t.tried.settled = false;
        assert_verdict(&t, NULL, VERDICT_BROKE);
        t.tried.started = true;
        assert_verdict(&t, NULL, VERDICT_BROKE);
}

static void ending_by_itself_is_judged_by_the_baseline(void **state)
{
        struct trial t = good();

        (void)state;
        t.tried.exited = true;
        assert_verdict(&t, NULL, VERDICT_BROKE);
        t.baseline.exited = true;
        assert_verdict(&t, NULL, VERDICT_HELD);
}

static void a_listener_that_is_not_back_broke(void **state)
{
        struct trial t = good();
        char *lost[] = { (char *)"tcp 0.0.0.0:80", NULL };

        (void)state;
        assert_verdict(&t, lost, VERDICT_BROKE);
}

static void a_probe_counts_only_if_it_passed_without_changes(void **state)
{
        struct trial t = good();
        struct probe_result probes[] = { { .command = (char *)"curl localhost" } };

        (void)state;
        t.probes = probes;
        t.probe_count = 1;
        assert_verdict(&t, NULL, VERDICT_HELD);
        probes[0].baseline_ok = true;
        assert_verdict(&t, NULL, VERDICT_BROKE);
        probes[0].trial_ok = true;
        assert_verdict(&t, NULL, VERDICT_HELD);
}

static void a_stop_that_was_clean_and_is_not_broke(void **state)
{
        struct trial t = good();

        (void)state;
        t.tried.stopped = false;
        assert_verdict(&t, NULL, VERDICT_BROKE);
        t.baseline.stopped = false;
        assert_verdict(&t, NULL, VERDICT_HELD);
}

static void a_new_refusal_bends(void **state)
{
        struct trial t = good();
        struct denial denials[] = { { .message = (char *)"x: Permission denied",
                                      .directive = DIRECTIVE_COUNT } };
        scoped(mem_freep) char *words = NULL;

        (void)state;
        t.denials = denials;
        t.denial_count = 1;
        assert_verdict(&t, NULL, VERDICT_BENT);
        t.verdict = VERDICT_BENT;
        words = verdict_summary(&t, NULL, 1);
        assert_non_null(strstr(words, "x: Permission denied"));
}

static void an_accepted_refusal_does_not_bend(void **state)
{
        struct trial t = good();
        struct denial denials[] = { { .message = (char *)"a: Permission denied",
                                      .directive = DIRECTIVE_COUNT,
                                      .accepted = (char *)"it copes" },
                                    { .message = (char *)"b: Permission denied",
                                      .directive = D_ProtectSystem } };
        scoped(mem_freep) char *bent = NULL;
        scoped(mem_freep) char *held = NULL;

        (void)state;
        t.denials = denials;
        t.denial_count = 2;
        assert_verdict(&t, NULL, VERDICT_BENT);
        t.verdict = VERDICT_BENT;
        bent = verdict_summary(&t, NULL, 1);
        assert_non_null(strstr(bent, "b: Permission denied; most likely because of ProtectSystem"));
        denials[1].accepted = (char *)"it copes";
        assert_verdict(&t, NULL, VERDICT_HELD);
        t.verdict = VERDICT_HELD;
        held = verdict_summary(&t, NULL, 1);
        assert_non_null(strstr(held, "2 refusals are accepted"));
}

/* A step counts only where the baseline took it. */
static void a_step_that_worked_and_does_not_broke(void **state)
{
        static const struct step worked = { .done = true, .ok = true };
        struct step failed = { .done = true, .said = (char *)"ExecReload=/bin/x failed" };
        struct trial t = good();
        scoped(mem_freep) char *reload = NULL;
        scoped(mem_freep) char *restart = NULL;

        (void)state;
        t.tried.reload = failed;
        assert_verdict(&t, NULL, VERDICT_HELD);
        t.baseline.reload = failed;
        assert_verdict(&t, NULL, VERDICT_HELD);
        t.baseline.reload = worked;
        assert_verdict(&t, NULL, VERDICT_BROKE);
        t.verdict = VERDICT_BROKE;
        reload = verdict_summary(&t, NULL, 1);
        assert_non_null(strstr(reload, "cannot be reloaded: ExecReload=/bin/x failed"));
        t.tried.reload = worked;
        t.baseline.restart = worked;
        t.tried.restart = failed;
        assert_verdict(&t, NULL, VERDICT_BROKE);
        restart = verdict_summary(&t, NULL, 1);
        assert_non_null(strstr(restart, "cannot be restarted"));
}

static void a_probe_that_fails_later_says_when(void **state)
{
        struct probe_result probes[] = { { .command = (char *)"curl localhost",
                                           .baseline_ok = true,
                                           .trial_ran = true,
                                           .failed = MOMENT_RELOADED } };
        struct trial t = good();
        scoped(mem_freep) char *words = NULL;

        (void)state;
        t.probes = probes;
        t.probe_count = 1;
        assert_verdict(&t, NULL, VERDICT_BROKE);
        t.verdict = VERDICT_BROKE;
        words = verdict_summary(&t, NULL, 1);
        assert_non_null(strstr(words, "this probe fails after a reload: curl localhost"));
}

static void a_verdict_says_that_it_saw_less(void **state)
{
        struct trial t = good();
        scoped(mem_freep) char *words = NULL;

        (void)state;
        t.verdict = VERDICT_HELD;
        t.unwatched = (char *)"no BTF";
        words = verdict_summary(&t, NULL, 1);
        assert_non_null(strstr(words, "not watched"));
}

static void what_the_stage_does_not_enforce_has_not_held(void **state)
{
        struct trial t = good();
        enum directive_id not_rehearsed[] = { D_IPAddressDeny };
        scoped(mem_freep) char *some = NULL;
        scoped(mem_freep) char *none = NULL;

        (void)state;
        t.not_rehearsed = not_rehearsed;
        t.not_rehearsed_count = 1;
        assert_int_equal(verdict_of(&t, NULL, 1), VERDICT_NOT_TRIED);
        none = verdict_summary(&t, NULL, 1);
        assert_non_null(strstr(none, "none of the changes"));
        assert_int_equal(verdict_of(&t, NULL, 2), VERDICT_HELD);
        t.verdict = VERDICT_HELD;
        some = verdict_summary(&t, NULL, 2);
        assert_non_null(strstr(some, "IPAddressDeny"));
}

static void a_summary_names_the_first_suspect_and_the_outcome(void **state)
{
        struct trial t = good();
        struct suspect suspects[] = { { .directive = D_DevicePolicy, .weight = 92 } };
        scoped(mem_freep) char *words = NULL;

        (void)state;
        t.verdict = VERDICT_BROKE;
        t.tried.settled = false;
        t.tried.outcome = (char *)"exit status 208/STDIN";
        t.suspects = suspects;
        t.suspect_count = 1;
        words = verdict_summary(&t, NULL, 1);
        assert_non_null(strstr(words, "208/STDIN"));
        assert_non_null(strstr(words, "DevicePolicy"));
}

static void a_summary_does_not_guess(void **state)
{
        struct trial t = good();
        struct suspect suspects[] = { { .directive = D_User, .weight = 10 } };
        scoped(mem_freep) char *words = NULL;

        (void)state;
        t.verdict = VERDICT_BROKE;
        t.tried.settled = false;
        t.suspects = suspects;
        t.suspect_count = 1;
        words = verdict_summary(&t, NULL, 1);
        assert_null(strstr(words, "User"));
        assert_non_null(strstr(words, "nothing that was seen"));
}

/* ---- listeners ---- */

static const struct port_range ephemeral = { 32768, 60999 };

static void assert_lost(char **baseline, char **tried, const char *wanted)
{
        scoped(strv_freep) char **lost = NULL;
        scoped(mem_freep) char *joined = NULL;

        assert_int_equal(listeners_lost(baseline, tried, ephemeral, &lost), 0);
        joined = strv_join(lost, ",");
        assert_string_equal(joined, wanted);
}

static void listeners_that_are_missing_are_lost(void **state)
{
        char *before[] = { (char *)"tcp 0.0.0.0:80", (char *)"tcp6 [::]:80",
                           (char *)"unix /run/x.sock", NULL };
        char *after[] = { (char *)"tcp 0.0.0.0:80", NULL };

        (void)state;
        assert_lost(before, after, "tcp6 [::]:80,unix /run/x.sock");
        assert_lost(before, before, "");
        assert_lost(before, NULL, "tcp 0.0.0.0:80,tcp6 [::]:80,unix /run/x.sock");
        assert_lost(NULL, after, "");
}

static void ports_that_the_kernel_chose_may_differ(void **state)
{
        char *before[] = { (char *)"tcp 127.0.0.1:41234", NULL };
        char *other[] = { (char *)"tcp 127.0.0.1:50001", NULL };
        char *elsewhere[] = { (char *)"tcp 0.0.0.0:50001", NULL };
        char *fixed[] = { (char *)"tcp 127.0.0.1:8080", NULL };

        (void)state;
        assert_lost(before, other, "");
        assert_lost(before, elsewhere, "tcp 127.0.0.1:41234");
        assert_lost(before, fixed, "tcp 127.0.0.1:41234");
        assert_lost(fixed, other, "tcp 127.0.0.1:8080");
}

static void names_with_a_process_id_may_differ(void **state)
{
        char *before[] = { (char *)"unix /run/x/worker-812.sock", NULL };
        char *after[] = { (char *)"unix /run/x/worker-9.sock", NULL };
        char *other[] = { (char *)"unix /run/y/worker-9.sock", NULL };

        (void)state;
        assert_lost(before, after, "");
        assert_lost(before, other, "unix /run/x/worker-812.sock");
}

static void assert_door(const char *listener, const char *wanted)
{
        scoped(mem_freep) char *probe = door_probe(listener);

        if (!wanted)
                assert_null(probe);
        else
                assert_string_equal(probe, wanted);
}

static void a_socket_is_knocked_at_where_it_listens(void **state)
{
        (void)state;
        assert_door("tcp 0.0.0.0:80", "tcp:127.0.0.1:80");
        assert_door("tcp 10.0.0.1:80", "tcp:10.0.0.1:80");
        assert_door("tcp6 [::]:80", "tcp:[::1]:80");
        assert_door("tcp6 [fe80::1]:80", "tcp:[fe80::1]:80");
        assert_door("udp 0.0.0.0:53", "udp:127.0.0.1:53");
        assert_door("unix /run/x.sock", "unix:/run/x.sock");
        assert_door("unix @x", "unix:@x");
        assert_door("sctp 0.0.0.0:80", NULL);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_runs_as_before_has_held),
                cmocka_unit_test(what_does_not_start_or_stay_up_broke),
                cmocka_unit_test(ending_by_itself_is_judged_by_the_baseline),
                cmocka_unit_test(a_listener_that_is_not_back_broke),
                cmocka_unit_test(a_probe_counts_only_if_it_passed_without_changes),
                cmocka_unit_test(a_stop_that_was_clean_and_is_not_broke),
                cmocka_unit_test(a_new_refusal_bends),
                cmocka_unit_test(an_accepted_refusal_does_not_bend),
                cmocka_unit_test(a_step_that_worked_and_does_not_broke),
                cmocka_unit_test(a_probe_that_fails_later_says_when),
                cmocka_unit_test(a_verdict_says_that_it_saw_less),
                cmocka_unit_test(what_the_stage_does_not_enforce_has_not_held),
                cmocka_unit_test(a_summary_names_the_first_suspect_and_the_outcome),
                cmocka_unit_test(a_summary_does_not_guess),
                cmocka_unit_test(listeners_that_are_missing_are_lost),
                cmocka_unit_test(ports_that_the_kernel_chose_may_differ),
                cmocka_unit_test(a_socket_is_knocked_at_where_it_listens),
                cmocka_unit_test(names_with_a_process_id_may_differ),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
