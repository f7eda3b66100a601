/* test_canvas.c - cells, clipping, wrapping, and the tables behind keys and colours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/base.h"
#include "core/base/mem.h"
#include "tui/screen/action.h"
#include "tui/screen/canvas.h"
#include "tui/screen/list.h"
#include "tui/screen/prompt.h"
#include "tui/screen/theme.h"

#include <locale.h>
#include <string.h>

static const char *row_text(const struct canvas *c, int row)
{
        static char text[256];
        size_t used = 0;

        for (int col = 0; col < c->cols; col++) {
                const char *glyph;

                canvas_cell(c, row, col, &glyph);
                used += (size_t)snprintf(text + used, sizeof(text) - used, "%s", glyph);
        }
        return text;
}

static void text_is_cut_at_the_window(void **state)
{
        struct canvas c, part;

        (void)state;
        assert_int_equal(canvas_open(&c, 2, 8, false), 0);
        part = canvas_part(&c, 0, 2, 1, 4);
        assert_int_equal(canvas_text(&part, 0, 0, ROLE_TEXT, "abcdefgh"), 8);
        assert_string_equal(row_text(&c, 0), "  abcd  ");
        canvas_text(&c, 1, -3, ROLE_TEXT, "xyz12"); /* left of the window is cut as well */
        assert_string_equal(row_text(&c, 1), "12      ");
        canvas_text(&c, 9, 0, ROLE_TEXT, "nowhere");
        canvas_done(&c);
}

static void parts_outside_are_empty(void **state)
{
        struct canvas c, part;

        (void)state;
        assert_int_equal(canvas_open(&c, 2, 4, false), 0);
        part = canvas_part(&c, 5, 0, 3, 3);
        assert_int_equal(part.rows, 0);
        part = canvas_part(&c, 0, 0, -1, -1);
        assert_int_equal(part.cols, 0);
        canvas_text(&part, 0, 0, ROLE_TEXT, "x");
        canvas_wrap(&part, 0, ROLE_TEXT, "some longer text\nin lines", 0);
        assert_string_equal(row_text(&c, 0), "    ");
        canvas_done(&c);
}

static void a_field_that_is_too_long_says_so(void **state)
{
        struct canvas c;

        (void)state;
        assert_int_equal(canvas_open(&c, 1, 6, false), 0);
        canvas_field(&c, 0, 0, 5, ROLE_TEXT, "abcdefgh");
        assert_string_equal(row_text(&c, 0), "abcd\xe2\x80\xa6 ");
        c.ascii = true;
        canvas_field(&c, 0, 0, 5, ROLE_TEXT, "abcdefgh");
        assert_string_equal(row_text(&c, 0), "abcd~ ");
        canvas_done(&c);
}

static void wide_characters_take_two_cells(void **state)
{
        struct canvas c;

        (void)state;
        assert_int_equal(canvas_open(&c, 1, 5, false), 0);
        canvas_text(&c, 0, 0, ROLE_TEXT, "\xe4\xb8\xad\xe6\x96\x87x");
        assert_string_equal(row_text(&c, 0), "\xe4\xb8\xad\xe6\x96\x87x");
        canvas_clear(&c);
        canvas_text(&c, 0, 4, ROLE_TEXT, "\xe4\xb8\xad"); /* half of it would stick out */
        assert_string_equal(row_text(&c, 0), "     ");
        canvas_done(&c);
}

static void wrapped_text_keeps_its_indentation(void **state)
{
        struct canvas c;

        (void)state;
        assert_int_equal(canvas_open(&c, 4, 10, false), 0);
        assert_int_equal(canvas_wrap(&c, 0, ROLE_TEXT, "  one two three\nend", 0), 3);
        assert_string_equal(row_text(&c, 0), "  one two ");
        assert_string_equal(row_text(&c, 1), "  three   ");
        assert_string_equal(row_text(&c, 2), "end       ");
        canvas_clear(&c);
        assert_int_equal(canvas_wrap(&c, 0, ROLE_TEXT, "  one two three\nend", 1), 3);
        assert_string_equal(row_text(&c, 0), "  three   ");
        assert_string_equal(row_text(&c, 1), "end       ");
        canvas_done(&c);
}

static void text_from_outside_cannot_move_the_cursor(void **state)
{
        struct canvas c;

        (void)state;
        assert_int_equal(canvas_open(&c, 1, 8, false), 0);
        canvas_text(&c, 0, 0, ROLE_TEXT, "%s", "a\033[2J\nb");
        assert_null(strchr(row_text(&c, 0), '\033'));
        canvas_field(&c, 0, 0, 8, ROLE_TEXT, "\x9b\x07");
        assert_string_equal(row_text(&c, 0), "??      ");
        canvas_done(&c);
}

static void every_action_has_a_key_and_every_key_an_action(void **state)
{
        (void)state;
        for (int a = ACT_NONE + 1; a < ACTION_COUNT; a++) {
                bool found = false;
                const struct binding *b;

                assert_non_null(action_help((enum action)a));
                for (size_t i = 0; (b = binding_at(i)); i++)
                        found = found || b->action == (enum action)a;
                if (!found)
                        fail_msg("no key for: %s", action_help((enum action)a));
        }
        for (int s = 0; s < SCREEN_COUNT; s++)
                assert_non_null(screen_name((enum screen_id)s));
}

static void no_screen_binds_a_key_twice(void **state)
{
        const struct binding *a, *b;

        (void)state;
        for (size_t i = 0; (a = binding_at(i)); i++)
                for (size_t j = i + 1; (b = binding_at(j)); j++)
                        if (a->screen == b->screen && strcmp(a->key, b->key) == 0)
                                fail_msg("%s is bound twice on: %s", a->key,
                                         screen_name(a->screen));
}

static void a_screens_own_key_wins(void **state)
{
        (void)state;
        assert_int_equal(action_for(PAGE_SCREEN, "q"), ACT_BACK);
        assert_int_equal(action_for(UNITS_SCREEN, "q"), ACT_QUIT);
        assert_int_equal(action_for(UNIT_SCREEN, "Ctrl-X"), ACT_NONE);
}

static void without_colours_bad_still_differs_from_good(void **state)
{
        struct look good = theme_look(ROLE_GOOD, 0), bad = theme_look(ROLE_BAD, 0);
        struct look text = theme_look(ROLE_TEXT, 0), cursor = theme_look(ROLE_CURSOR, 0);

        (void)state;
        assert_int_not_equal(good.attributes, bad.attributes);
        assert_int_not_equal(text.attributes, cursor.attributes);
        for (int r = 0; r < ROLE_COUNT; r++)
                assert_int_equal(theme_look((enum role)r, 0).fg, -1);
}

static void the_cursor_stays_in_the_list(void **state)
{
        int cursor = 0;

        (void)state;
        assert_true(list_move(&cursor, 3, 10, ACT_UP));
        assert_int_equal(cursor, 0);
        assert_true(list_move(&cursor, 3, 10, ACT_PAGE_DOWN));
        assert_int_equal(cursor, 2);
        assert_true(list_move(&cursor, 0, 10, ACT_LAST));
        assert_int_equal(cursor, 0);
        assert_false(list_move(&cursor, 3, 10, ACT_SAVE));
        assert_int_equal(list_top(0, 100, 10), 0);
        assert_int_equal(list_top(99, 100, 10), 90);
        assert_int_equal(list_top(2, 3, 10), 0);
        assert_int_equal(list_top(5, 10, 0), 5);
}

static void a_prompt_edits_utf8(void **state)
{
        struct prompt p = { 0 };

        (void)state;
        prompt_open(&p, "a\xc3\xa9");
        assert_int_equal(prompt_key(&p, "Backspace"), PROMPT_TYPED);
        assert_string_equal(p.text, "a");
        prompt_key(&p, "\xc3\xa9");
        prompt_key(&p, "Left");
        prompt_key(&p, "Space");
        assert_string_equal(p.text, "a \xc3\xa9");
        prompt_key(&p, "Del");
        assert_string_equal(p.text, "a ");
        assert_int_equal(prompt_key(&p, "F5"), PROMPT_IGNORED);
        assert_int_equal(prompt_key(&p, "Esc"), PROMPT_LEFT);
        assert_false(p.open);
}

static void a_prompt_never_outgrows_its_room(void **state)
{
        struct prompt p = { 0 };

        (void)state;
        prompt_open(&p, "");
        for (int i = 0; i < PROMPT_ROOM + 100; i++)
                prompt_key(&p, "\xc3\xa9");
        assert_true(strlen(p.text) < PROMPT_ROOM);
        assert_int_equal(strlen(p.text) % 2, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(text_is_cut_at_the_window),
                cmocka_unit_test(parts_outside_are_empty),
                cmocka_unit_test(a_field_that_is_too_long_says_so),
                cmocka_unit_test(wide_characters_take_two_cells),
                cmocka_unit_test(wrapped_text_keeps_its_indentation),
                cmocka_unit_test(text_from_outside_cannot_move_the_cursor),
                cmocka_unit_test(every_action_has_a_key_and_every_key_an_action),
                cmocka_unit_test(no_screen_binds_a_key_twice),
                cmocka_unit_test(a_screens_own_key_wins),
                cmocka_unit_test(without_colours_bad_still_differs_from_good),
                cmocka_unit_test(the_cursor_stays_in_the_list),
                cmocka_unit_test(a_prompt_edits_utf8),
                cmocka_unit_test(a_prompt_never_outgrows_its_room),
        };

        setlocale(LC_ALL, "C.UTF-8");
        return cmocka_run_group_tests(tests, NULL, NULL);
}
