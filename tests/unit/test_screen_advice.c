/* test_screen_advice.c - what an observation says, on the unit's screen and its own. */
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/unit/files.h"
#include "tests/support/screen.h"
#include "tui/screen/view_observe.h"
#include "tui/screen/view_unit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static const char nginx[] = "[Service]\nExecStart=/usr/sbin/nginx\nPrivateTmp=yes\n";

/* Advices as an observation could give them: three that matter, the others as the unit is. */
static void set_advice(struct advices *a, const struct dialect *dialect, enum directive_id id,
                       enum advice_verdict verdict, const char *text, const char *evidence)
{
        struct advice *advice = &a->list[id];

        assert_int_equal(
                value_assign(&advice->value, directive_at(id), dialect, text, &(struct err){ 0 }),
                ASSIGN_TAKEN);
        free(advice->evidence);
        advice->verdict = verdict;
        advice->changes = verdict == ADVICE_SAFE;
        advice->evidence = strdup(evidence);
        advice->confidence = verdict == ADVICE_UNKNOWN ? CONFIDENCE_NONE : CONFIDENCE_FAIR;
        advice->limits = strdup("it was watched in a twin only");
}

static void make_advising(struct advising *ret, const struct dialect *dialect)
{
        scoped(mem_freep) struct advices *a = calloc(1, sizeof(*a));

        assert_non_null(a);
        for (size_t i = 0; i < DIRECTIVE_COUNT; i++)
                a->list[i] = (struct advice){ .directive = (enum directive_id)i,
                                              .verdict = ADVICE_SAFE,
                                              .confidence = CONFIDENCE_HIGH };
        set_advice(a, dialect, D_NoNewPrivileges, ADVICE_SAFE, "yes",
                   "it ran nothing that gains privileges in 45 s");
        set_advice(a, dialect, D_ProtectHome, ADVICE_SAFE, "yes",
                   "it used nothing below /home, /root or /run/user in 45 s");
        set_advice(a, dialect, D_PrivateNetwork, ADVICE_BREAKS, "yes",
                   "bind to 0.0.0.0 port 80 (AF_INET SOCK_STREAM) by nginx (once, at 0.2 s)");
        set_advice(a, dialect, D_PrivateDevices, ADVICE_UNKNOWN, "yes",
                   "open of /dev/fuse failed in the twin");
        a->coverage = (struct coverage){ .seconds = 45,
                                         .events = 12345,
                                         .sessions = 1,
                                         .startup = true,
                                         .steady = true,
                                         .twin = true };
        assert_int_equal(advising_from(a, ret), 0);
}

static struct unit_view *open_unit(struct app *app, struct dialect *dialect, bool observed)
{
        struct unit_view *v = calloc(1, sizeof(*v));
        struct sandbox *s = NULL;
        struct err e = { 0 };

        *app = (struct app){ 0 };
        dialect_for((struct version){ 252, 39 }, SCOPE_SYSTEM, dialect);
        assert_int_equal(sandbox_new("nginx.service", SCOPE_SYSTEM, &s), 0);
        s->load = LOAD_LOADED;
        s->is_service = true;
        assert_true(unit_parse(s, dialect, "/etc/systemd/system/nginx.service", nginx,
                               strlen(nginx)) >= 0);
        assert_int_equal(sandbox_imply(s, dialect), 0);
        assert_int_equal(draft_open(&v->draft, s, NULL, dialect, SCORE_OFFLINE, &e), 0);
        if (observed)
                make_advising(&v->advising, dialect);
        assert_int_equal(unit_arrange(v), 0);
        unit_fill_pane(v);
        app_push(app, &unit_view_ops, v);
        return v;
}

static void each_directive_shows_what_an_observation_says(void **state)
{
        struct app app;
        struct dialect dialect;

        (void)state;
        open_unit(&app, &dialect, true);
        press(&app, "/");
        type_text(&app, "PrivateNetwork");
        press(&app, "Enter");
        assert_golden_sizes(&app, "unit-advice");
        press(&app, "/");
        type_text(&app, "PrivateDev");
        press(&app, "Enter");
        assert_golden(&app, 24, 80, "unit-advice-unknown");
        app_done(&app);
        dialect_done(&dialect);
}

static void one_key_takes_all_that_is_safe_and_one_undoes_it(void **state)
{
        struct app app;
        struct dialect dialect;
        struct unit_view *v = open_unit(&app, &dialect, true);
        unsigned before = v->draft.after.exposure;

        (void)state;
        press(&app, "a");
        assert_true(draft_changed(&v->draft, D_ProtectHome));
        assert_true(draft_changed(&v->draft, D_NoNewPrivileges));
        assert_false(draft_changed(&v->draft, D_PrivateNetwork));
        assert_int_equal(v->draft.profile->change_count, 2);
        assert_int_equal(profile_find(v->draft.profile, D_ProtectHome)->reason, REASON_OBSERVED);
        assert_true(v->draft.after.exposure < before);
        assert_golden(&app, 24, 80, "unit-advice-taken");
        press(&app, "a");
        assert_non_null(strstr(app.message.text, "nothing more"));
        assert_int_equal(v->draft.past_count, 1);
        press(&app, "u");
        assert_int_equal(v->draft.after.exposure, before);
        assert_int_equal(v->draft.profile->change_count, 0);
        press(&app, "U");
        assert_int_equal(v->draft.profile->change_count, 2);
        app_done(&app);
        dialect_done(&dialect);
}

static void what_was_set_by_hand_is_not_taken_over(void **state)
{
        struct app app;
        struct dialect dialect;
        struct unit_view *v = open_unit(&app, &dialect, true);

        (void)state;
        press(&app, "/");
        type_text(&app, "ProtectHome");
        press(&app, "Enter", "+", "a");
        assert_int_equal(profile_find(v->draft.profile, D_ProtectHome)->reason, REASON_HAND);
        assert_string_equal(setting_word(v->draft.then, D_ProtectHome), "read-only");
        assert_true(draft_changed(&v->draft, D_NoNewPrivileges));
        app_done(&app);
        dialect_done(&dialect);
}

static void without_an_observation_there_is_nothing_to_take(void **state)
{
        struct app app;
        struct dialect dialect;
        struct unit_view *v = open_unit(&app, &dialect, false);

        (void)state;
        press(&app, "a");
        assert_non_null(strstr(app.message.text, "not observed yet"));
        assert_int_equal(v->draft.profile->change_count, 0);
        app_done(&app);
        dialect_done(&dialect);
}

static struct observe_view *open_observe(struct app *app, struct unit_view *u)
{
        struct observe_view *v = calloc(1, sizeof(*v));

        v->app = app;
        v->draft = &u->draft;
        v->advising = &u->advising;
        v->started = 1000000;
        app_push(app, &observe_view_ops, v);
        return v;
}

static void an_observation_ends_with_what_follows_from_it(void **state)
{
        struct app app;
        struct dialect dialect;
        struct unit_view *u = open_unit(&app, &dialect, true);
        struct observe_view *v = open_observe(&app, u);

        (void)state;
        v->ended = 46300000;
        v->done = true;
        observe_fill(v);
        assert_golden_sizes(&app, "observe");
        press(&app, "a");
        assert_int_equal(app.view_count, 1);
        assert_int_equal(u->draft.profile->change_count, 2);
        app_done(&app);
        dialect_done(&dialect);
}

static void what_could_not_be_observed_says_why(void **state)
{
        struct app app;
        struct dialect dialect;
        struct observe_view *v = open_observe(&app, open_unit(&app, &dialect, false));

        (void)state;
        v->ended = 1;
        err_say(&v->error, 1, "observing needs root, who alone may watch others' processes");
        assert_golden(&app, 10, 60, "observe-not");
        press(&app, "a");
        assert_int_equal(app.view_count, 2);
        app_done(&app);
        dialect_done(&dialect);
}

static void any_size_is_drawn_without_harm(void **state)
{
        struct app app;
        struct dialect dialect;
        struct unit_view *u = open_unit(&app, &dialect, true);
        struct observe_view *v;

        (void)state;
        for (int rows = 1; rows < 12; rows++)
                for (int cols = 1; cols < 130; cols += 3)
                        free(screen_text(&app, rows, cols));
        v = open_observe(&app, u);
        for (int done = 0; done < 2; done++) {
                for (int rows = 1; rows < 12; rows++)
                        for (int cols = 1; cols < 130; cols += 3)
                                free(screen_text(&app, rows, cols));
                v->ended = 2000000;
                v->done = true;
                observe_fill(v);
        }
        app_done(&app);
        dialect_done(&dialect);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(each_directive_shows_what_an_observation_says),
                cmocka_unit_test(one_key_takes_all_that_is_safe_and_one_undoes_it),
                cmocka_unit_test(what_was_set_by_hand_is_not_taken_over),
                cmocka_unit_test(without_an_observation_there_is_nothing_to_take),
                cmocka_unit_test(an_observation_ends_with_what_follows_from_it),
                cmocka_unit_test(what_could_not_be_observed_says_why),
                cmocka_unit_test(any_size_is_drawn_without_harm),
        };

        return cmocka_run_group_tests(tests, screen_setup, NULL);
}
