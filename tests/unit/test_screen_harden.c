/* test_screen_harden.c - the search, applying and what is pending, as the screens show them; and
 * the refusals of a trial. */
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/unit/files.h"
#include "tests/support/screen.h"
#include "tui/screen/view_apply.h"
#include "tui/screen/view_harden.h"
#include "tui/screen/view_trial.h"
#include "tui/screen/view_unit.h"
#include "tui/screen/view_units.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static const char nginx[] = "[Service]\nExecStart=/usr/sbin/nginx\nPrivateTmp=yes\n";
static const uint64_t NOW = UINT64_C(1700000000000000), SECOND = 1000000;

static struct unit_view *open_unit(struct app *app, struct dialect *dialect)
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
        assert_int_equal(unit_arrange(v), 0);
        unit_fill_pane(v);
        app_push(app, &unit_view_ops, v);
        return v;
}

static void change(struct draft *d, enum directive_id id, const char *text)
{
        struct err e = { 0 };

        assert_int_equal(draft_set_lines(d, id, (char *[]){ (char *)text, NULL }, &e), 0);
}

static void close_unit(struct app *app, struct dialect *dialect)
{
        app_done(app);
        dialect_done(dialect);
}

static void assert_shows(const struct app *app, const char *words)
{
        scoped(mem_freep) char *text = screen_text(app, 24, 100);

        if (!strstr(text, words))
                fail_msg("it does not show \"%s\":\n%s", words, text);
}

static void draw_every_size(struct app *app)
{
        for (int ascii = 0; ascii < 2; ascii++) {
                app->ascii = ascii;
                for (int rows = 1; rows < 12; rows++)
                        for (int cols = 1; cols < 130; cols += 3) {
                                scoped(mem_freep) char *text = screen_text(app, rows, cols);

                                for (const char *c = text; *c; c++) {
                                        assert_int_not_equal(*c, '\033');
                                        assert_true(!ascii || (unsigned char)*c < 0x80);
                                }
                        }
        }
        app->ascii = false;
}

/* ---- the search ---- */

static struct harden_view *open_harden(struct app *app, struct unit_view *u)
{
        struct harden_view *v = calloc(1, sizeof(*v));

        v->app = app;
        v->draft = &u->draft;
        v->started = job_now();
        v->log.top = 1 << 20;
        app_push(app, &harden_view_ops, v);
        return v;
}

static void step(struct harden_view *v, enum search_kind kind, enum directive_id directive,
                 const char *what, size_t count, unsigned exposure, const struct outcome *o)
{
        struct search_step s = { .kind = kind,
                                 .directive = directive,
                                 .what = what,
                                 .count = count,
                                 .trials = 3,
                                 .exposure = exposure,
                                 .outcome = o };

        harden_step(v, &s);
}

static void the_steps_of_a_search_are_told_as_they_come(void **state)
{
        struct app app;
        struct dialect dialect;
        struct harden_view *v = open_harden(&app, open_unit(&app, &dialect));
        struct outcome broke = { .verdict = VERDICT_BROKE,
                                 .summary = (char *)"it does not run: \033[31mEROFS" };

        (void)state;
        assert_shows(&app, "Hardening nginx.service");
        step(v, SEARCH_TRYING, DIRECTIVE_COUNT, "what was seen to be safe", 43, 21, NULL);
        assert_shows(&app, "trying 43 changes: what was seen to be safe");
        step(v, SEARCH_TRIED, DIRECTIVE_COUNT, NULL, 43, 21, &broke);
        step(v, SEARCH_GAVE, D_ProtectHome, "it writes /root/x", 42, 23, NULL);
        step(v, SEARCH_EASED, D_ProtectSystem, "full", 42, 23, NULL);
        step(v, SEARCH_KEPT, D_PrivateTmp, NULL, 42, 23, NULL);
        step(v, SEARCH_STOPPED, DIRECTIVE_COUNT, "the aim is reached", 42, 23, NULL);
        assert_shows(&app, "broke: it does not run: ?[31mEROFS");
        assert_shows(&app, "ProtectHome given back: it writes /root/x");
        assert_shows(&app, "ProtectSystem eased: full");
        assert_shows(&app, "PrivateTmp holds after all");
        assert_shows(&app, "stopped: the aim is reached");
        assert_shows(&app, "2.3  3 trials, 43 changes");
        draw_every_size(&app);
        close_unit(&app, &dialect);
}

static void the_end_of_the_steps_stays_in_sight_until_somebody_scrolls(void **state)
{
        struct app app;
        struct dialect dialect;
        struct harden_view *v = open_harden(&app, open_unit(&app, &dialect));

        (void)state;
        for (size_t i = 1; i <= 40; i++)
                step(v, SEARCH_TRYING, DIRECTIVE_COUNT, NULL, i, 50, NULL);
        assert_shows(&app, "trying 40 changes");
        free(screen_text(&app, 12, 80));
        press(&app, "g");
        step(v, SEARCH_TRYING, DIRECTIVE_COUNT, NULL, 41, 50, NULL);
        {
                scoped(mem_freep) char *text = screen_text(&app, 12, 80);

                assert_non_null(strstr(text, "trying 1 change\n")
                                        ? text
                                        : strstr(text, "trying 1 change "));
                assert_null(strstr(text, "trying 41 changes"));
        }
        close_unit(&app, &dialect);
}

static void found(struct harden_view *v)
{
        struct search *s = &v->search;

        s->before = 96;
        s->after = 23;
        s->trials = 7;
        s->from_cache = 2;
        s->outcome.verdict = VERDICT_HELD;
        s->outcome.summary = strdup("it does the same with the changes");
        assert_int_equal(profile_copy(v->draft->profile, &s->profile), 0);
        s->forgone = calloc(1, sizeof(*s->forgone));
        s->forgone_count = 1;
        s->forgone[0] = (struct forgone){ D_CapabilityBoundingSet, strdup("none"),
                                          strdup("CAP_NET_ADMIN"),
                                          strdup("CAP_NET_ADMIN is needed: iptables, seen 3 "
                                                 "times") };
        v->started = 1 * SECOND;
        v->ended = 145 * SECOND;
        v->done = true;
        harden_fill(v);
}

static void a_search_ends_with_what_it_found_and_what_it_gave_back(void **state)
{
        struct app app;
        struct dialect dialect;
        struct unit_view *u = open_unit(&app, &dialect);
        struct harden_view *v = open_harden(&app, u);

        (void)state;
        change(&u->draft, D_ProtectSystem, "strict");
        change(&u->draft, D_ProtectHome, "yes");
        found(v);
        assert_golden_sizes(&app, "harden");
        draw_every_size(&app);
        press(&app, "d");
        assert_int_equal(app.view_count, 3);
        assert_shows(&app, "ProtectSystem");
        press(&app, "q");
        assert_int_equal(app.view_count, 2);
        close_unit(&app, &dialect);
}

static void where_nothing_held_there_is_nothing_to_save(void **state)
{
        struct app app;
        struct dialect dialect;
        struct harden_view *v = open_harden(&app, open_unit(&app, &dialect));

        (void)state;
        v->ended = v->started + 3 * SECOND;
        v->done = true;
        v->search.outcome.verdict = VERDICT_FLAKY;
        v->search.outcome.summary = strdup("it comes and goes without any changes");
        harden_fill(v);
        assert_shows(&app, "nothing held");
        assert_shows(&app, "comes and goes");
        press(&app, "s", "A", "d");
        assert_int_equal(app.view_count, 2);
        close_unit(&app, &dialect);
}

static void what_could_not_be_searched_says_why(void **state)
{
        struct app app;
        struct dialect dialect;
        struct harden_view *v = open_harden(&app, open_unit(&app, &dialect));

        (void)state;
        v->ended = 1;
        err_say(&v->error, 1, "a trial needs root, who alone can make a twin");
        assert_golden(&app, 10, 60, "harden-not");
        close_unit(&app, &dialect);
}

static void what_a_search_found_is_one_step_of_the_draft(void **state)
{
        struct app app;
        struct dialect dialect;
        struct unit_view *u = open_unit(&app, &dialect);
        scoped(profile_freep) struct profile *p = NULL;
        struct err e = { 0 };

        (void)state;
        change(&u->draft, D_ProtectSystem, "strict");
        assert_int_equal(profile_copy(u->draft.profile, &p), 0);
        p->verdict = VERDICT_HELD;
        change(&u->draft, D_ProtectSystem, "no");
        assert_int_equal(u->draft.profile->change_count, 0);
        assert_int_equal(draft_load(&u->draft, p, &e), 0);
        assert_int_equal(u->draft.profile->verdict, VERDICT_HELD);
        assert_true(u->draft.after.exposure < u->draft.before.exposure);
        assert_int_equal(draft_undo(&u->draft, &e), 0);
        assert_int_equal(u->draft.profile->change_count, 0);
        close_unit(&app, &dialect);
}

/* ---- applying ---- */

static struct apply_view *open_apply(struct app *app, struct unit_view *u)
{
        struct apply_view *v = calloc(1, sizeof(*v));

        change(&u->draft, D_ProtectSystem, "strict");
        u->draft.profile->verdict = VERDICT_HELD;
        v->app = app;
        v->draft = &u->draft;
        v->doing = "Looking at";
        v->started = job_now();
        v->within = 60 * SECOND;
        app_push(app, &apply_view_ops, v);
        return v;
}

static void add_guard(struct pending *p, const char *unit, enum guard_state state, uint64_t left)
{
        p->list = realloc(p->list, (p->count + 1) * sizeof(*p->list));
        assert_non_null(p->list);
        p->list[p->count++] = (struct guard){
                .unit = strdup(unit),
                .dropin = strdup("/run/systemd/system/x.d/zz-gird-trial.conf"),
                .state = state,
                .until = state == GUARD_PENDING && left ? NOW + left : 0,
                .said = state == GUARD_FAILED ? strdup("a \033[2J disk full") : NULL
        };
        p->now = NOW;
        p->ticked = UINT64_MAX / 2; /* no clock in these tests */
}

static void plan(struct apply_view *v)
{
        v->stage = APPLY_PLANNED;
        v->plan.running = true;
        assert_int_equal(strv_add(&v->plan.warnings, "2 connections are open, which it will drop"),
                         0);
        apply_fill(v);
}

static void applying_says_first_what_it_will_do(void **state)
{
        struct app app;
        struct dialect dialect;
        struct apply_view *v = open_apply(&app, open_unit(&app, &dialect));

        (void)state;
        v->plan.sessions = true;
        plan(v);
        assert_golden_sizes(&app, "apply-plan");
        draw_every_size(&app);
        close_unit(&app, &dialect);
}

static void marks_and_objections_want_a_second_yes(void **state)
{
        struct app app;
        struct dialect dialect;
        struct apply_view *v = open_apply(&app, open_unit(&app, &dialect));

        (void)state;
        assert_int_equal(strv_add(&v->plan.marks, "User=x re-owns /var/lib/\033[31mx"), 0);
        plan(v);
        press(&app, "y");
        assert_non_null(strstr(app.question, "It changes files for good. Apply"));
        press(&app, "n");
        assert_int_equal(v->stage, APPLY_PLANNED);
        assert_int_equal(strv_add(&v->plan.objections, "it carries this very session"), 0);
        apply_fill(v);
        press(&app, "Enter");
        assert_golden(&app, 24, 80, "apply-twice");
        assert_non_null(strstr(app.question, "advised against, and changes files for good"));
        press(&app, "Esc");
        assert_null(app.yes);
        draw_every_size(&app);
        close_unit(&app, &dialect);
}

static void what_no_trial_held_wants_a_second_yes(void **state)
{
        struct app app;
        struct dialect dialect;
        struct apply_view *v = open_apply(&app, open_unit(&app, &dialect));

        (void)state;
        v->objection = "it broke in its trial";
        plan(v);
        assert_shows(&app, "it broke in its trial");
        press(&app, "y");
        assert_non_null(strstr(app.question, "It is advised against. Apply"));
        close_unit(&app, &dialect);
}

static void a_countdown_runs_until_it_is_confirmed(void **state)
{
        struct app app;
        struct dialect dialect;
        struct apply_view *v = open_apply(&app, open_unit(&app, &dialect));

        (void)state;
        add_guard(&v->pending, "nginx.service", GUARD_PENDING, 42 * SECOND);
        v->pending.list[0].sessions = true;
        v->ran = true;
        v->applied.probe_count = 1;
        v->applied.probes = calloc(1, sizeof(*v->applied.probes));
        v->applied.probes[0] = (struct probe_result){ .command = strdup("http://127.0.0.1:80/"),
                                                      .baseline_ok = true,
                                                      .trial_ok = true,
                                                      .trial_ran = true };
        apply_settle(v);
        assert_int_equal(v->stage, APPLY_STANDING);
        assert_golden_sizes(&app, "apply-pending");
        press(&app, "s");
        assert_non_null(strstr(app.message.text, "c confirms it first"));
        v->pending.now += 41 * SECOND;
        assert_shows(&app, "reverts in 1 s");
        v->pending.now += 10 * SECOND;
        assert_shows(&app, "reverts in 0 s");
        draw_every_size(&app);
        close_unit(&app, &dialect);
}

static void what_is_confirmed_can_be_saved_or_taken_back(void **state)
{
        struct app app;
        struct dialect dialect;
        struct apply_view *v = open_apply(&app, open_unit(&app, &dialect));

        (void)state;
        add_guard(&v->pending, "nginx.service", GUARD_CONFIRMED, 0);
        apply_settle(v);
        assert_golden(&app, 12, 60, "apply-confirmed");
        press(&app, "c");
        assert_non_null(strstr(app.message.text, "nothing to confirm"));
        press(&app, "r");
        assert_non_null(strstr(app.question, "restarts nginx.service"));
        press(&app, "n");
        close_unit(&app, &dialect);
}

static void what_became_of_it_is_told(void **state)
{
        struct app app;
        struct dialect dialect;
        struct apply_view *v = open_apply(&app, open_unit(&app, &dialect));

        (void)state;
        add_guard(&v->pending, "nginx.service", GUARD_PENDING, SECOND);
        apply_settle(v);
        v->pending.list[0].state = GUARD_REVERTING;
        apply_settle(v);
        assert_shows(&app, "It is being taken back");
        v->pending.list[0].state = GUARD_FAILED;
        v->pending.list[0].said = strdup("no \033space");
        apply_settle(v);
        assert_shows(&app, "did not go well: no ?space");
        v->pending.list[0].state = GUARD_REVERTING;
        apply_settle(v);
        pending_done(&v->pending);
        apply_settle(v);
        assert_int_equal(v->stage, APPLY_OVER);
        assert_shows(&app, "nobody confirmed it in time");
        press(&app, "c", "r", "y", "s");
        assert_int_equal(app.view_count, 2);
        press(&app, "q");
        assert_int_equal(app.view_count, 1);
        close_unit(&app, &dialect);
}

static void a_change_that_waits_for_a_restart_has_no_countdown(void **state)
{
        struct app app;
        struct dialect dialect;
        struct apply_view *v = open_apply(&app, open_unit(&app, &dialect));

        (void)state;
        add_guard(&v->pending, "nginx.service", GUARD_PENDING, 0);
        v->pending.list[0].next_start = true;
        apply_settle(v);
        assert_shows(&app, "applied at its restart");
        assert_shows(&app, "It takes effect when nginx.service is restarted");
        assert_null(pending_first(&v->pending));
        close_unit(&app, &dialect);
}

/* ---- what is pending, elsewhere ---- */

static struct listing listing(const char *unit, unsigned exposure)
{
        struct listing l = { .unit = strdup(unit),
                             .description = strdup("Does something useful"),
                             .load = strdup("loaded"),
                             .active = strdup("active"),
                             .sub = strdup("running"),
                             .file_state = strdup("enabled"),
                             .scored = true,
                             .exposure = exposure };

        return l;
}

static void the_list_shows_what_is_pending_and_what_is_not_saved(void **state)
{
        struct app app = { 0 };
        struct units_view *v = calloc(1, sizeof(*v));

        (void)state;
        v->rows = calloc(3, sizeof(*v->rows));
        v->rows[0] = listing("nginx.service", 96);
        v->rows[1] = listing("redis-server.service", 12);
        v->rows[2] = listing("getty@tty1.service", 95);
        v->count = v->scored = 3;
        assert_int_equal(units_arrange(v), 0);
        app_push(&app, &units_view_ops, v);
        add_guard(&v->pending, "redis-server.service", GUARD_CONFIRMED, 0);
        add_guard(&v->pending, "nginx.service", GUARD_PENDING, 42 * SECOND);
        add_guard(&v->pending, "getty@tty1.service", GUARD_FAILED, 0);
        press(&app, "Down");
        assert_golden_sizes(&app, "units-pending");
        draw_every_size(&app);
        app_done(&app);
}

static void a_unit_shows_what_is_applied_to_it(void **state)
{
        struct app app;
        struct dialect dialect;
        struct unit_view *v = open_unit(&app, &dialect);

        (void)state;
        add_guard(&v->pending, "other.service", GUARD_PENDING, 9 * SECOND);
        assert_null(unit_guard(v));
        press(&app, "A");
        assert_non_null(strstr(app.message.text, "nothing is changed yet"));
        add_guard(&v->pending, "nginx.service", GUARD_PENDING, 42 * SECOND);
        press(&app, "Down");
        assert_golden_sizes(&app, "unit-pending");
        draw_every_size(&app);
        close_unit(&app, &dialect);
}

/* ---- refusals of a trial ---- */

static struct denial denial(enum directive_id id, const char *key, const char *message)
{
        return (struct denial){ .source = DENIAL_SEEN,
                                .error = 30,
                                .key = strdup(key),
                                .message = strdup(message),
                                .process = strdup("nginx"),
                                .directive = id };
}

static struct trial_view *open_bent(struct app *app, struct unit_view *u)
{
        struct trial_view *v = calloc(1, sizeof(*v));
        struct trial *t = &v->attempt.trial;

        change(&u->draft, D_ProtectSystem, "strict");
        v->app = app;
        v->draft = &u->draft;
        v->started = SECOND;
        v->ended = 5 * SECOND;
        v->done = true;
        t->verdict = VERDICT_BENT;
        t->summary = strdup("it stays up, but is refused what it was not before");
        t->where = strdup("own control group, overlay over /");
        t->unwatched = strdup("this kernel has no BTF; its journal was gone by instead");
        t->denial_count = 3;
        t->denials = calloc(3, sizeof(*t->denials));
        t->denials[0] = denial(D_ProtectSystem, "EROFS mkdir /usr/share/x",
                               "mkdir(/usr/share/x) by nginx was refused with EROFS, at 0.4 s");
        t->denials[0].accepted = strdup("only a \033[1mcache");
        t->denials[1] = denial(D_ProtectSystem, "EROFS unlink /usr/y",
                               "unlink(/usr/y) by nginx was refused with EROFS");
        t->denials[2] = denial(DIRECTIVE_COUNT, "EPERM chown /x",
                               "chown(/x) by nginx was refused with EPERM");
        t->baseline = (struct run){ .started = true,
                                    .stopped = true,
                                    .reload = { true, true, NULL },
                                    .restart = { true, true, NULL } };
        t->tried = (struct run){ .started = true,
                                 .stopped = true,
                                 .reload = { true, false, strdup("exit status 1") },
                                 .restart = { false, false, NULL } };
        trial_mark(v, 0);
        app_push(app, &trial_view_ops, v);
        return v;
}

static void refusals_and_steps_of_a_trial_are_told(void **state)
{
        struct app app;
        struct dialect dialect;
        struct trial_view *v = open_bent(&app, open_unit(&app, &dialect));

        (void)state;
        assert_int_equal(v->marked, 1); /* the first that counts */
        assert_golden_sizes(&app, "trial-bent");
        press(&app, "n");
        assert_int_equal(v->marked, 2);
        press(&app, "n");
        assert_int_equal(v->marked, 0);
        press(&app, "N");
        assert_int_equal(v->marked, 2);
        assert_golden(&app, 8, 20, "trial-bent-marked"); /* it is in sight */
        draw_every_size(&app);
        close_unit(&app, &dialect);
}

static void a_refusal_is_accepted_with_a_reason_and_kept(void **state)
{
        struct app app;
        struct dialect dialect;
        struct unit_view *u = open_unit(&app, &dialect);
        struct trial_view *v = open_bent(&app, u);

        (void)state;
        press(&app, "a");
        assert_true(v->prompt.open);
        assert_golden(&app, 8, 20, "trial-reason-20x8");
        press(&app, "Space", "Enter");
        assert_non_null(strstr(app.message.text, "a reason is wanted"));
        assert_null(v->attempt.trial.denials[1].accepted);
        press(&app, "a");
        type_text(&app, "it tries again later");
        press(&app, "Enter");
        assert_string_equal(v->attempt.trial.denials[1].accepted, "it tries again later");
        assert_string_equal(profile_accepts(u->draft.profile, "EROFS unlink /usr/y"),
                            "it tries again later");
        assert_false(u->draft.saved);
        assert_int_equal(v->marked, 2);
        press(&app, "a");
        type_text(&app, "no matter");
        press(&app, "Esc");
        assert_null(profile_accepts(u->draft.profile, "EPERM chown /x"));
        assert_int_equal(draft_undo(&u->draft, &(struct err){ 0 }), 0);
        assert_null(profile_accepts(u->draft.profile, "EROFS unlink /usr/y"));
        close_unit(&app, &dialect);
}

static void where_nothing_was_refused_there_is_nothing_to_accept(void **state)
{
        struct app app;
        struct dialect dialect;
        struct trial_view *v = open_bent(&app, open_unit(&app, &dialect));

        (void)state;
        denials_free(v->attempt.trial.denials, 3);
        v->attempt.trial.denials = NULL;
        v->attempt.trial.denial_count = 0;
        trial_mark(v, 0);
        press(&app, "a");
        assert_non_null(strstr(app.message.text, "nothing was refused"));
        press(&app, "n", "N");
        assert_false(v->prompt.open);
        close_unit(&app, &dialect);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_steps_of_a_search_are_told_as_they_come),
                cmocka_unit_test(the_end_of_the_steps_stays_in_sight_until_somebody_scrolls),
                cmocka_unit_test(a_search_ends_with_what_it_found_and_what_it_gave_back),
                cmocka_unit_test(where_nothing_held_there_is_nothing_to_save),
                cmocka_unit_test(what_could_not_be_searched_says_why),
                cmocka_unit_test(what_a_search_found_is_one_step_of_the_draft),
                cmocka_unit_test(applying_says_first_what_it_will_do),
                cmocka_unit_test(marks_and_objections_want_a_second_yes),
                cmocka_unit_test(what_no_trial_held_wants_a_second_yes),
                cmocka_unit_test(a_countdown_runs_until_it_is_confirmed),
                cmocka_unit_test(what_is_confirmed_can_be_saved_or_taken_back),
                cmocka_unit_test(what_became_of_it_is_told),
                cmocka_unit_test(a_change_that_waits_for_a_restart_has_no_countdown),
                cmocka_unit_test(the_list_shows_what_is_pending_and_what_is_not_saved),
                cmocka_unit_test(a_unit_shows_what_is_applied_to_it),
                cmocka_unit_test(refusals_and_steps_of_a_trial_are_told),
                cmocka_unit_test(a_refusal_is_accepted_with_a_reason_and_kept),
                cmocka_unit_test(where_nothing_was_refused_there_is_nothing_to_accept),
        };

        return cmocka_run_group_tests(tests, screen_setup, NULL);
}
