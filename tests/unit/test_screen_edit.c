/* test_screen_edit.c - the editors of lists, choices and lines, and what all editors share. */
#include "core/base/mem.h"
#include "tests/support/editor.h"
#include "tests/support/screen.h"

/* cmocka.h wants these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

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
                bench_done(&b);
        }
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
        bench_done(&b);
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
        bench_done(&b);
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
        bench_done(&b);
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
        bench_done(&b);
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
        bench_done(&b);
}

static void a_choice_says_what_each_value_means(void **state)
{
        struct bench b;

        (void)state;
        EDIT(&b, "ProtectSystem", "full");
        assert_golden_sizes(&b.app, "edit-choice");
        press(&b.app, "Down", "Enter");
        assert_string_equal(b.got, "strict|");
        bench_done(&b);
}

static void a_choice_offers_only_what_this_systemd_knows(void **state)
{
        struct bench b;

        (void)state;
        EDIT(&b, "PrivateUsers");
        assert_shows(&b, "identity");
        assert_hides(&b, "( ) managed");
        bench_done(&b);
}

static void a_value_that_is_none_of_the_words_can_be_kept(void **state)
{
        struct bench b;

        (void)state;
        bench_open(&b, 258, "ProtectHostname", (const char *const[]){ "private:box", NULL });
        assert_shows(&b, "(*) private:box");
        press(&b.app, "Enter");
        assert_null(b.got);
        bench_done(&b);
}

static void a_line_too_long_to_edit_is_left_alone(void **state)
{
        static char path[3000];
        struct bench b;

        (void)state;
        memset(path, 'x', sizeof(path) - 1);
        path[0] = '/';
        for (size_t i = 200; i < sizeof(path) - 1; i += 200)
                path[i] = '/';
        EDIT(&b, "ReadOnlyPaths", path);
        press(&b.app, "e");
        assert_shows(&b, "too long");
        press(&b.app, "Enter");
        assert_null(b.got);
        bench_done(&b);
}

static void yes_or_no_is_a_choice(void **state)
{
        struct bench b;

        (void)state;
        EDIT(&b, "NoNewPrivileges");
        press(&b.app, "End", "Enter");
        assert_string_equal(b.got, "yes|");
        bench_done(&b);
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
        bench_done(&b);
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
        bench_done(&b);
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
        assert_hides(&b, "\033");
        assert_hides(&b, "\007");
        bench_done(&b);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_directive_has_an_editor_at_every_size),
                cmocka_unit_test(leaving_with_a_change_asks),
                cmocka_unit_test(a_complaint_keeps_the_editor_open),
                cmocka_unit_test(paths_are_added_changed_and_deleted),
                cmocka_unit_test(an_empty_list_takes_the_setting_away),
                cmocka_unit_test(a_polar_list_turns_round_whole),
                cmocka_unit_test(a_choice_says_what_each_value_means),
                cmocka_unit_test(a_choice_offers_only_what_this_systemd_knows),
                cmocka_unit_test(a_value_that_is_none_of_the_words_can_be_kept),
                cmocka_unit_test(a_line_too_long_to_edit_is_left_alone),
                cmocka_unit_test(yes_or_no_is_a_choice),
                cmocka_unit_test(a_line_is_edited_where_it_stands),
                cmocka_unit_test(a_line_that_systemd_would_ignore_stays_open),
                cmocka_unit_test(escape_sequences_in_values_stay_text),
        };

        return cmocka_run_group_tests(tests, screen_setup, NULL);
}
