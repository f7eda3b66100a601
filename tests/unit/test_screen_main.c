/* test_screen_main.c - the list of units, the unit's screen, a trial's result and the save dialog.
 */
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/unit/files.h"
#include "tests/support/screen.h"
#include "tui/screen/view_save.h"
#include "tui/screen/view_trial.h"
#include "tui/screen/view_unit.h"
#include "tui/screen/view_units.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static const char nginx[] =
        "[Unit]\nDescription=A web \033[31mserver\n[Service]\nExecStart=/usr/sbin/nginx\n"
        "PrivateTmp=yes\nProtectHome=read-only\nCapabilityBoundingSet=CAP_CHOWN CAP_SETUID\n"
        "ProtectSystme=yes\n";

static struct listing listing(const char *unit, const char *sub, int exposure, const char *note)
{
        struct listing l = { .unit = strdup(unit),
                             .description = strdup(note ? "" : "Does something useful"),
                             .load = strdup("loaded"),
                             .active = strdup(*sub == '-' ? "-" : "active"),
                             .sub = strdup(sub),
                             .file_state = strdup("enabled"),
                             .scored = exposure >= 0,
                             .exposure = exposure < 0 ? 0 : (unsigned)exposure,
                             .note = note };

        return l;
}

static struct units_view *open_units(struct app *app)
{
        struct units_view *v = calloc(1, sizeof(*v));

        *app = (struct app){ 0 };
        v->rows = calloc(5, sizeof(*v->rows));
        v->rows[0] = listing("nginx.service", "running", 96, NULL);
        v->rows[1] = listing("a-very-long-unit-name-that-does-not-fit-anywhere.service", "dead", 70,
                             NULL);
        v->rows[2] = listing("redis-server.service", "running", 12, NULL);
        v->rows[3] = listing("masked.service", "-", -1, "masked: it can't start");
        v->rows[4] = listing("getty@tty1.service", "running", 96, NULL);
        v->count = v->scored = 5;
        snprintf(v->source, sizeof(v->source), "systemd 252");
        assert_int_equal(units_arrange(v), 0);
        app_push(app, &units_view_ops, v);
        return v;
}

/* A draft of nginx, and its screen. */
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

static void units_are_listed_most_exposed_first(void **state)
{
        struct app app;

        (void)state;
        open_units(&app);
        assert_golden_sizes(&app, "units");
        app_done(&app);
}

static void units_sort_by_name_and_state(void **state)
{
        struct app app;
        struct units_view *v = open_units(&app);

        (void)state;
        press(&app, "s");
        assert_string_equal(v->rows[v->order[0]].unit,
                            "a-very-long-unit-name-that-does-not-fit-anywhere.service");
        press(&app, "s", "G");
        assert_golden(&app, 12, 80, "units-by-state");
        app_done(&app);
}

static void searching_moves_and_filtering_hides(void **state)
{
        struct app app;
        struct units_view *v = open_units(&app);

        (void)state;
        press(&app, "/");
        type_text(&app, "redis");
        assert_string_equal(v->rows[v->order[v->cursor]].unit, "redis-server.service");
        press(&app, "Enter", "f");
        type_text(&app, "nginx");
        assert_int_equal(v->shown, 1);
        assert_golden(&app, 12, 60, "units-filtered");
        press(&app, "Enter", "Esc");
        assert_int_equal(v->shown, 5);
        press(&app, "f");
        type_text(&app, "nothing has this");
        assert_golden(&app, 8, 40, "units-none");
        press(&app, "Down", "Enter", "Enter", "G", "g");
        app_done(&app);
}

static void states_are_stepped_through(void **state)
{
        struct app app;
        struct units_view *v = open_units(&app);

        (void)state;
        press(&app, "a");
        assert_string_equal(v->state, "dead");
        press(&app, "a", "a");
        assert_string_equal(v->state, "running");
        assert_int_equal(v->shown, 3);
        press(&app, "a");
        assert_null(v->state);
        app_done(&app);
}

static void a_unit_shows_its_directives_and_their_help(void **state)
{
        struct app app;
        struct dialect dialect;

        (void)state;
        open_unit(&app, &dialect);
        assert_golden_sizes(&app, "unit");
        app_done(&app);
        dialect_done(&dialect);
}

static void toggling_changes_the_exposure_at_once(void **state)
{
        struct app app;
        struct dialect dialect;
        struct unit_view *v = open_unit(&app, &dialect);
        unsigned before = v->draft.after.exposure;

        (void)state;
        press(&app, "/");
        type_text(&app, "PrivateNet");
        press(&app, "Enter", "Space");
        assert_true(v->draft.after.exposure < before);
        assert_int_equal(v->draft.before.exposure, before);
        assert_true(draft_changed(&v->draft, D_PrivateNetwork));
        assert_golden_sizes(&app, "unit-changed");
        press(&app, "u");
        assert_int_equal(v->draft.after.exposure, before);
        press(&app, "U");
        assert_true(draft_changed(&v->draft, D_PrivateNetwork));
        press(&app, "Space"); /* back to no: the unit's own value, so no change is left */
        assert_false(draft_changed(&v->draft, D_PrivateNetwork));
        app_done(&app);
        dialect_done(&dialect);
}

static void steps_end_at_the_strictest_value(void **state)
{
        struct app app;
        struct dialect dialect;
        struct unit_view *v = open_unit(&app, &dialect);

        (void)state;
        press(&app, "/");
        type_text(&app, "ProtectSystem");
        press(&app, "Enter", "+", "+", "+", "+");
        assert_string_equal(setting_word(v->draft.then, D_ProtectSystem), "strict");
        assert_non_null(strstr(app.message.text, "no stricter"));
        press(&app, "Space");
        assert_false(draft_changed(&v->draft, D_ProtectSystem));
        app_done(&app);
        dialect_done(&dialect);
}

static void the_cursor_never_rests_on_a_heading(void **state)
{
        struct app app;
        struct dialect dialect;
        struct unit_view *v = open_unit(&app, &dialect);

        (void)state;
        for (int i = 0; i < 300; i++) {
                static const char *const keys[] = {
                        "Down", "PgDn", "Up", "PgUp", "G", "g", "v", "n"
                };

                press(&app, keys[(i * 7 + i / 3) % 8]);
                if (v->line_count)
                        assert_non_null(unit_directive(v));
        }
        app_done(&app);
        dialect_done(&dialect);
}

static void a_directive_of_a_newer_systemd_cannot_be_set(void **state)
{
        struct app app;
        struct dialect dialect;
        struct unit_view *v = open_unit(&app, &dialect);

        (void)state;
        press(&app, "v", "/");
        type_text(&app, "PrivatePIDs");
        press(&app, "Enter", "Space");
        assert_non_null(strstr(app.message.text, "257"));
        assert_int_equal(v->draft.profile->change_count, 0);
        app_done(&app);
        dialect_done(&dialect);
}

static void leaving_with_changes_asks_first(void **state)
{
        struct app app;
        struct dialect dialect;
        struct unit_view *v = open_unit(&app, &dialect);

        (void)state;
        press(&app, "/");
        type_text(&app, "NoNewPriv");
        press(&app, "Enter", "Space", "q");
        assert_int_equal(app.view_count, 1);
        assert_golden(&app, 24, 80, "unit-leave");
        press(&app, "n");
        assert_false(app.quit);
        press(&app, "F10", "y");
        assert_true(app.quit);
        (void)v;
        app_done(&app);
        dialect_done(&dialect);
}

static void add_line(struct journal *j, const char *message)
{
        j->lines = realloc(j->lines, (j->count + 1) * sizeof(*j->lines));
        j->lines[j->count++] = (struct journal_line){ .identifier = strdup("nginx"),
                                                      .message = strdup(message) };
}

static void a_verdict_is_told_with_its_evidence(void **state)
{
        struct app app;
        struct dialect dialect;
        struct unit_view *u = open_unit(&app, &dialect);
        struct trial_view *v = calloc(1, sizeof(*v));
        struct trial *t = &v->attempt.trial;

        (void)state;
        v->app = &app;
        v->draft = &u->draft;
        v->started = 1000000;
        v->ended = 5300000;
        v->done = true;
        v->attempt.scored = true;
        v->attempt.before = 96;
        v->attempt.after = 90;
        t->verdict = VERDICT_BROKE;
        t->summary = strdup("with the changes it does not run: exit status 226/NAMESPACE");
        t->where = strdup("own control group, overlay over /");
        t->suspect_count = 1;
        t->suspects = calloc(1, sizeof(*t->suspects));
        t->suspects[0] = (struct suspect){ D_ProtectSystem, 90,
                                           strdup("/run/x: Read-only file system") };
        t->probe_count = 1;
        t->probes = calloc(1, sizeof(*t->probes));
        t->probes[0] = (struct probe_result){ .command = strdup("curl -fs localhost"),
                                              .baseline_ok = true,
                                              .trial_ran = true,
                                              .said = strdup("refused") };
        add_line(&t->tried.journal, "open() failed \033[31m(30: Read-only file system)");
        trial_fill(v);
        app_push(&app, &trial_view_ops, v);
        assert_golden_sizes(&app, "trial-broke");
        app_done(&app);
        dialect_done(&dialect);
}

static void what_could_not_be_tried_says_why(void **state)
{
        struct app app;
        struct dialect dialect;
        struct unit_view *u = open_unit(&app, &dialect);
        struct trial_view *v = calloc(1, sizeof(*v));

        (void)state;
        v->app = &app;
        v->draft = &u->draft;
        v->ended = 1;
        err_say(&v->error, 1, "systemd-nspawn is not here; install the package systemd-container");
        app_push(&app, &trial_view_ops, v);
        assert_golden(&app, 10, 60, "trial-not-tried");
        app_done(&app);
        dialect_done(&dialect);
}

static void saving_shows_the_exact_file_and_wants_a_second_key(void **state)
{
        struct app app;
        struct dialect dialect;
        struct unit_view *u = open_unit(&app, &dialect);
        struct save_view *v = calloc(1, sizeof(*v));

        (void)state;
        v->draft = &u->draft;
        v->path = strdup("/etc/systemd/system/nginx.service.d/50-gird.conf");
        v->text = strdup("# Written by gird 0\n[Service]\n# set by hand\nNoNewPrivileges=yes\n");
        v->objection = "no trial has held it";
        save_fill(v);
        app_push(&app, &save_view_ops, v);
        assert_golden_sizes(&app, "save-untested");
        press(&app, "y");
        assert_false(v->saved);
        assert_non_null(strstr(app.message.text, "U saves"));
        app_done(&app);
        dialect_done(&dialect);
}

static void any_size_is_drawn_without_harm(void **state)
{
        struct app app;
        struct dialect dialect;

        (void)state;
        open_unit(&app, &dialect);
        for (int rows = 1; rows < 12; rows++)
                for (int cols = 1; cols < 130; cols += 3)
                        free(screen_text(&app, rows, cols));
        app_done(&app);
        open_units(&app);
        for (int rows = 1; rows < 12; rows++)
                for (int cols = 1; cols < 130; cols += 3)
                        free(screen_text(&app, rows, cols));
        app_done(&app);
        dialect_done(&dialect);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(units_are_listed_most_exposed_first),
                cmocka_unit_test(units_sort_by_name_and_state),
                cmocka_unit_test(searching_moves_and_filtering_hides),
                cmocka_unit_test(states_are_stepped_through),
                cmocka_unit_test(a_unit_shows_its_directives_and_their_help),
                cmocka_unit_test(toggling_changes_the_exposure_at_once),
                cmocka_unit_test(steps_end_at_the_strictest_value),
                cmocka_unit_test(the_cursor_never_rests_on_a_heading),
                cmocka_unit_test(a_directive_of_a_newer_systemd_cannot_be_set),
                cmocka_unit_test(leaving_with_changes_asks_first),
                cmocka_unit_test(a_verdict_is_told_with_its_evidence),
                cmocka_unit_test(what_could_not_be_tried_says_why),
                cmocka_unit_test(saving_shows_the_exact_file_and_wants_a_second_key),
                cmocka_unit_test(any_size_is_drawn_without_harm),
        };

        return cmocka_run_group_tests(tests, screen_setup, NULL);
}
