/* test_screen_edit.c - the editors of values, driven by keys. */
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tests/support/screen.h"
#include "tui/screen/view_edit.h"

/* cmocka.h wants these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

/* An editor alone on the screen: closing it ends the app. */
struct bench {
        struct app app;
        struct dialect dialect;
        char *got; /* the accepted lines, each ended by '|'; NULL: none */
        const char *complaint;
};

static int accept(void *state, char *const *lines, struct app *app, struct err *e)
{
        struct bench *b = state;
        struct text t = { 0 };

        (void)app;
        if (b->complaint)
                return err_say(e, -EINVAL, "%s", b->complaint);
        for (; *lines; lines++)
                text_addf(&t, "%s|", *lines);
        free(b->got);
        b->got = text_take(&t);
        return 0;
}

/* Opens the editor on what the assignments make of the directive. */
static void edit(struct bench *b, const char *name, const char *const *lines)
{
        const struct directive *d = directive_find(name);
        struct value v = { 0 };

        *b = (struct bench){ 0 };
        dialect_for((struct version){ 257, 0 }, SCOPE_SYSTEM, &b->dialect);
        assert_non_null(d);
        for (; *lines; lines++)
                assert_int_equal(value_assign(&v, d, &b->dialect, *lines, NULL), ASSIGN_TAKEN);
        view_edit_open(&b->app, d, &b->dialect, &v, (struct edit_done){ accept, b });
        value_done(&v);
        assert_int_equal(b->app.view_count, 1);
}
#define EDIT(b, name, ...) edit(b, name, (const char *const[]){ __VA_ARGS__ __VA_OPT__(, ) NULL })

static void done(struct bench *b)
{
        app_done(&b->app);
        free(b->got);
        dialect_done(&b->dialect);
}

static void assert_shows(const struct bench *b, const char *words)
{
        scoped(mem_freep) char *text = screen_text(&b->app, 24, 80);

        if (!strstr(text, words))
                fail_msg("\"%s\" is not on the screen:\n%s", words, text);
}

static void every_directive_has_an_editor_at_every_size(void **state)
{
        const struct directive *d;

        (void)state;
        for (size_t i = 0; (d = directive_at(i)); i++) {
                struct bench b;

                EDIT(&b, d->name);
                for (int cols = 1; cols < 90; cols += 11)
                        for (int rows = 1; rows < 30; rows += 7)
                                free(screen_text(&b.app, rows, cols));
                press(&b.app, "Enter");
                assert_true(b.app.quit);
                assert_null(b.got); /* nothing was changed, so nothing is handed on */
                done(&b);
        }
}

static void a_fresh_bounding_set_keeps_all(void **state)
{
        struct bench b;

        (void)state;
        EDIT(&b, "CapabilityBoundingSet");
        assert_golden_sizes(&b.app, "edit-caps-fresh");
        press(&b.app, "c", "Enter");
        assert_string_equal(b.got, "|");
        done(&b);
}

static void single_capabilities_are_ticked_off(void **state)
{
        struct bench b;

        (void)state;
        EDIT(&b, "CapabilityBoundingSet");
        press(&b.app, "/");
        type_text(&b.app, "mknod");
        press(&b.app, "Enter", "Space");
        assert_golden(&b.app, 24, 80, "edit-caps-mknod");
        press(&b.app, "Enter");
        assert_true(b.app.quit);
        assert_string_equal(b.got, "~|~CAP_MKNOD|");
        done(&b);
}

static void turning_capabilities_round_changes_no_value(void **state)
{
        struct bench b;

        (void)state;
        EDIT(&b, "CapabilityBoundingSet", "CAP_KILL CAP_CHOWN");
        assert_shows(&b, "[x] CAP_CHOWN");
        press(&b.app, "m");
        assert_shows(&b, "[ ] CAP_CHOWN");
        assert_shows(&b, "[x] CAP_FOWNER");
        press(&b.app, "Enter");
        assert_null(b.got);
        done(&b);
}

static void families_turn_round_and_mean_the_same(void **state)
{
        struct bench b;

        (void)state;
        EDIT(&b, "RestrictAddressFamilies", "AF_UNIX AF_INET");
        press(&b.app, "m");
        assert_shows(&b, "[x] is forbidden");
        assert_shows(&b, "[ ] AF_UNIX");
        assert_shows(&b, "[x] AF_NETLINK");
        press(&b.app, "m", "Enter"); /* and back: nothing has changed */
        assert_null(b.got);
        done(&b);
}

static void no_family_at_all_is_written_as_none(void **state)
{
        struct bench b;

        (void)state;
        EDIT(&b, "RestrictAddressFamilies", "AF_UNIX");
        press(&b.app, "Space", "Enter");
        assert_string_equal(b.got, "|none|");
        done(&b);
}

static void the_first_tick_on_families_forbids_one(void **state)
{
        struct bench b;

        (void)state;
        EDIT(&b, "RestrictAddressFamilies");
        press(&b.app, "Down", "Space");
        assert_golden_sizes(&b.app, "edit-families-one");
        press(&b.app, "Enter");
        assert_string_equal(b.got, "|~AF_INET|");
        done(&b);
}

static void groups_of_calls_have_three_states(void **state)
{
        struct bench b;

        (void)state;
        EDIT(&b, "SystemCallFilter", "@system-service", "~@resources");
        assert_golden_sizes(&b.app, "edit-calls");
        assert_shows(&b, "[x] @default");
        assert_shows(&b, "[-] @privileged");
        done(&b);
}

static void a_group_opens_to_its_calls(void **state)
{
        struct bench b;

        (void)state;
        EDIT(&b, "SystemCallFilter", "~@mount");
        press(&b.app, "/");
        type_text(&b.app, "@chown");
        press(&b.app, "Enter", "Right", "Down", "Down", "Space");
        assert_golden(&b.app, 24, 80, "edit-calls-open");
        press(&b.app, "Right"); /* closes it, the cursor is on the group again */
        assert_shows(&b, "[-] @chown");
        press(&b.app, "Space", "Enter");
        assert_string_equal(b.got, "|~@chown @mount|");
        done(&b);
}

static void a_call_in_a_closed_group_is_found(void **state)
{
        struct bench b;

        (void)state;
        EDIT(&b, "SystemCallFilter");
        press(&b.app, "/");
        type_text(&b.app, "pivot_root");
        assert_shows(&b, "nothing shown here");
        press(&b.app, "Enter", "Space", "Enter");
        assert_string_equal(b.got, "|~pivot_root|");
        done(&b);
}

static void a_call_can_be_added_with_its_errno(void **state)
{
        struct bench b;

        (void)state;
        EDIT(&b, "SystemCallFilter");
        press(&b.app, "a");
        type_text(&b.app, "clone3:ENOSYS");
        press(&b.app, "Enter");
        assert_shows(&b, "clone3:ENOSYS");
        press(&b.app, "Enter");
        assert_string_equal(b.got, "|~|~clone3:ENOSYS|");
        done(&b);
}

static void an_unknown_call_is_refused_and_can_be_corrected(void **state)
{
        struct bench b;

        (void)state;
        EDIT(&b, "SystemCallFilter");
        press(&b.app, "a");
        type_text(&b.app, "pivot_rot");
        press(&b.app, "Enter");
        assert_shows(&b, "pivot_rot");
        press(&b.app, "Backspace", "Backspace");
        type_text(&b.app, "oot");
        press(&b.app, "Enter", "Enter");
        assert_string_equal(b.got, "|~pivot_root|");
        done(&b);
}

static void calls_turn_round_and_mean_the_same(void **state)
{
        struct bench b;

        (void)state;
        EDIT(&b, "SystemCallFilter", "~@mount @swap");
        press(&b.app, "m");
        assert_shows(&b, "[x] is allowed");
        assert_shows(&b, "[ ] @mount");
        assert_shows(&b, "[x] @chown");
        press(&b.app, "m", "Enter");
        assert_null(b.got);
        done(&b);
}

static void a_list_of_no_calls_still_has_the_default_ones(void **state)
{
        struct bench b;

        (void)state;
        EDIT(&b, "SystemCallFilter", "@system-service");
        press(&b.app, "c");
        assert_shows(&b, "[x] @default");
        press(&b.app, "Enter");
        assert_string_equal(b.got, "|@default|");
        done(&b);
}

static void namespaces_are_allowed_one_by_one(void **state)
{
        struct bench b;

        (void)state;
        EDIT(&b, "RestrictNamespaces");
        press(&b.app, "c", "End", "Space", "Enter");
        assert_string_equal(b.got, "|time|");
        done(&b);
}

static void known_words_are_ticked(void **state)
{
        struct bench b;

        (void)state;
        EDIT(&b, "SystemCallArchitectures");
        press(&b.app, "Space");
        assert_golden(&b.app, 24, 80, "edit-architectures");
        press(&b.app, "Enter");
        assert_string_equal(b.got, "|native|");
        done(&b);
}

static void undo_takes_steps_back(void **state)
{
        struct bench b;

        (void)state;
        EDIT(&b, "CapabilityBoundingSet");
        press(&b.app, "Space", "c", "u", "u");
        press(&b.app, "Enter");
        assert_null(b.got);
        done(&b);
}

static void leaving_with_a_change_asks(void **state)
{
        struct bench b;

        (void)state;
        EDIT(&b, "CapabilityBoundingSet");
        press(&b.app, "Space", "q");
        assert_shows(&b, "leave without the change?");
        press(&b.app, "n");
        assert_false(b.app.quit);
        press(&b.app, "Esc", "y");
        assert_true(b.app.quit);
        assert_null(b.got);
        done(&b);
}

static void a_complaint_keeps_the_editor_open(void **state)
{
        struct bench b;

        (void)state;
        EDIT(&b, "CapabilityBoundingSet");
        b.complaint = "not on a Sunday";
        press(&b.app, "Space", "Enter");
        assert_false(b.app.quit);
        assert_shows(&b, "not on a Sunday");
        b.complaint = NULL;
        press(&b.app, "Enter");
        assert_true(b.app.quit);
        assert_non_null(b.got);
        done(&b);
}

static void paths_are_added_changed_and_deleted(void **state)
{
        struct bench b;

        (void)state;
        EDIT(&b, "ReadWritePaths", "/srv -/var/lib/x");
        press(&b.app, "a");
        type_text(&b.app, "/run/x y");
        press(&b.app, "Enter");
        assert_shows(&b, "y"); /* no absolute path: it stays in the prompt */
        press(&b.app, "Backspace", "Backspace", "Enter");
        assert_golden_sizes(&b.app, "edit-paths");
        press(&b.app, "Up", "x", "Down", "e", "Backspace");
        type_text(&b.app, "z");
        press(&b.app, "Enter", "Enter");
        assert_string_equal(b.got, "|/run/x -/var/lib/z|");
        done(&b);
}

static void an_empty_list_takes_the_setting_away(void **state)
{
        struct bench b;

        (void)state;
        EDIT(&b, "ReadOnlyPaths", "/srv");
        press(&b.app, "x");
        assert_shows(&b, "empty");
        press(&b.app, "Enter");
        assert_string_equal(b.got, "");
        done(&b);
}

static void a_polar_list_turns_round_whole(void **state)
{
        struct bench b;

        (void)state;
        EDIT(&b, "RestrictNetworkInterfaces", "lo eth0");
        press(&b.app, "m");
        assert_shows(&b, "all but these are allowed");
        press(&b.app, "Enter");
        assert_string_equal(b.got, "|~eth0 lo|");
        done(&b);
}

static void a_choice_says_what_each_value_means(void **state)
{
        struct bench b;

        (void)state;
        EDIT(&b, "ProtectSystem", "full");
        assert_golden_sizes(&b.app, "edit-choice");
        press(&b.app, "Down", "Enter");
        assert_string_equal(b.got, "strict|");
        done(&b);
}

static void a_choice_offers_only_what_this_systemd_knows(void **state)
{
        struct bench b;

        (void)state;
        EDIT(&b, "PrivateUsers");
        assert_shows(&b, "identity");
        {
                scoped(mem_freep) char *text = screen_text(&b.app, 24, 80);

                assert_null(strstr(text, "( ) managed"));
        }
        done(&b);
}

static void yes_or_no_is_a_choice(void **state)
{
        struct bench b;

        (void)state;
        EDIT(&b, "NoNewPrivileges");
        press(&b.app, "End", "Enter");
        assert_string_equal(b.got, "yes|");
        done(&b);
}

static void a_line_is_edited_where_it_stands(void **state)
{
        struct bench b;

        (void)state;
        EDIT(&b, "UMask", "0022");
        press(&b.app, "Backspace", "Backspace", "Backspace");
        type_text(&b.app, "077");
        assert_golden_sizes(&b.app, "edit-umask");
        press(&b.app, "Enter");
        assert_string_equal(b.got, "0077|");
        done(&b);
}

static void a_line_that_systemd_would_ignore_stays_open(void **state)
{
        struct bench b;

        (void)state;
        EDIT(&b, "UMask");
        type_text(&b.app, "qx9");
        press(&b.app, "Enter");
        assert_false(b.app.quit);
        assert_null(b.got);
        press(&b.app, "Esc");
        assert_shows(&b, "leave without the change?");
        press(&b.app, "y");
        assert_true(b.app.quit);
        done(&b);
}

static void escape_sequences_in_values_stay_text(void **state)
{
        struct bench b;
        const char *hostile = "/x\033]0;y\007z";

        (void)state;
        EDIT(&b, "RootDirectory");
        for (const char *c = hostile; *c; c++) {
                const char one[2] = { *c, '\0' };

                app_key(&b.app, one);
        }
        {
                scoped(mem_freep) char *text = screen_text(&b.app, 24, 80);

                assert_null(strchr(text, '\033'));
                assert_null(strchr(text, '\007'));
        }
        done(&b);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_directive_has_an_editor_at_every_size),
                cmocka_unit_test(a_fresh_bounding_set_keeps_all),
                cmocka_unit_test(single_capabilities_are_ticked_off),
                cmocka_unit_test(turning_capabilities_round_changes_no_value),
                cmocka_unit_test(families_turn_round_and_mean_the_same),
                cmocka_unit_test(no_family_at_all_is_written_as_none),
                cmocka_unit_test(the_first_tick_on_families_forbids_one),
                cmocka_unit_test(groups_of_calls_have_three_states),
                cmocka_unit_test(a_group_opens_to_its_calls),
                cmocka_unit_test(a_call_in_a_closed_group_is_found),
                cmocka_unit_test(a_call_can_be_added_with_its_errno),
                cmocka_unit_test(an_unknown_call_is_refused_and_can_be_corrected),
                cmocka_unit_test(calls_turn_round_and_mean_the_same),
                cmocka_unit_test(a_list_of_no_calls_still_has_the_default_ones),
                cmocka_unit_test(namespaces_are_allowed_one_by_one),
                cmocka_unit_test(known_words_are_ticked),
                cmocka_unit_test(undo_takes_steps_back),
                cmocka_unit_test(leaving_with_a_change_asks),
                cmocka_unit_test(a_complaint_keeps_the_editor_open),
                cmocka_unit_test(paths_are_added_changed_and_deleted),
                cmocka_unit_test(an_empty_list_takes_the_setting_away),
                cmocka_unit_test(a_polar_list_turns_round_whole),
                cmocka_unit_test(a_choice_says_what_each_value_means),
                cmocka_unit_test(a_choice_offers_only_what_this_systemd_knows),
                cmocka_unit_test(yes_or_no_is_a_choice),
                cmocka_unit_test(a_line_is_edited_where_it_stands),
                cmocka_unit_test(a_line_that_systemd_would_ignore_stays_open),
                cmocka_unit_test(escape_sequences_in_values_stay_text),
        };

        return cmocka_run_group_tests(tests, screen_setup, NULL);
}
