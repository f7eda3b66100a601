/* test_screen_page.c - help pages and the keys screen. */
#include "core/base/base.h"
#include "core/base/mem.h"
#include "tests/support/screen.h"
#include "tui/help.h"
#include "tui/screen/view_page.h"
#include "tui/screen/views.h"

/* cmocka.h wants these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static void assert_shows(const struct app *app, const char *words)
{
        scoped(mem_freep) char *text = screen_text(app, 24, 80);

        if (!strstr(text, words))
                fail_msg("\"%s\" is not on the screen:\n%s", words, text);
}

static void assert_hides(const struct app *app, const char *words)
{
        scoped(mem_freep) char *text = screen_text(app, 24, 80);

        if (strstr(text, words))
                fail_msg("\"%s\" is on the screen:\n%s", words, text);
}

/* A page of the test's own, so that rewriting pages changes no golden file. */
static const struct help_page sample = {
        "directives", "SampleHome",
        "SampleHome\n"
        "Keeps the service out of something that stands here for the example.\n"
        "\n"
        "What it does\n"
        "  Covers what is below /home, as ProtectHome= does, and needs a mount\n"
        "  namespace of its own, as PrivateTmp= does.\n"
        "\n"
        "Values\n"
        "  no   full access, the default\n"
        "  yes  none; see also ReadOnlyPaths=\n"
        "\n"
        "What breaks\n"
        "  A service that keeps its data there sees EACCES, or ENOENT where\n"
        "  TemporaryFileSystem= hides the folder.\n"
        "\n"
        "Tested\n"
        "  write-home  EROFS  ProtectHome=yes\n"
        "\n"
        "Example\n"
        "  [Service]\n"
        "  ProtectHome=yes\n"
        "\n"
        "See also\n"
        "  ProtectSystem, twin, PrivateTmp\n"
};

static void open_sample(struct app *app)
{
        page_view_show(app, &sample, NULL);
        free(screen_text(app, 24, 80)); /* the window is known from here on */
}

static void a_help_page_is_drawn_at_every_size(void **state)
{
        struct app app = { 0 };

        (void)state;
        open_sample(&app);
        assert_golden_sizes(&app, "page-sample");
        app_done(&app);
}

static const struct page_view *top_page(struct app *app)
{
        return app_top(app)->state;
}

static const char *marked(struct app *app)
{
        const struct page_view *v = top_page(app);

        return v->at ? v->links[v->at - 1].page->name : "none";
}

static void tab_goes_from_link_to_link_and_around(void **state)
{
        static const char *const names[] = {
                "ProtectHome",   "glossary", "PrivateTmp", "ReadOnlyPaths", "TemporaryFileSystem",
                "ProtectSystem", "twin",     "PrivateTmp", "ProtectHome"
        };
        struct app app = { 0 };

        (void)state;
        open_sample(&app);
        assert_string_equal(marked(&app), "none");
        for (size_t i = 0; i < COUNT(names); i++) {
                press(&app, "Tab");
                assert_string_equal(marked(&app), names[i]);
                free(screen_text(&app, 12, 40));
        }
        press(&app, "Shift-Tab");
        assert_string_equal(marked(&app), "PrivateTmp");
        assert_golden(&app, 24, 80, "page-link-80x24");
        assert_golden(&app, 12, 40, "page-link-40x12");
        app_done(&app);
}

static void enter_follows_a_link_and_left_comes_back(void **state)
{
        struct app app = { 0 };

        (void)state;
        open_sample(&app);
        press(&app, "Enter"); /* nothing is marked */
        assert_int_equal(app.view_count, 1);
        assert_non_null(strstr(app.message.text, "Tab"));
        press(&app, "Tab", "Enter");
        assert_int_equal(app.view_count, 2);
        assert_string_equal(top_page(&app)->title, "ProtectHome");
        press(&app, "Left");
        assert_string_equal(top_page(&app)->title, "SampleHome");
        assert_string_equal(marked(&app), "ProtectHome");
        press(&app, "Tab", "Tab", "Right", "Backspace");
        assert_string_equal(marked(&app), "PrivateTmp");
        app_done(&app);
}

static void a_word_of_the_glossary_leads_to_its_line(void **state)
{
        struct app app = { 0 };

        (void)state;
        open_sample(&app);
        press(&app, "Tab", "Tab", "Enter");
        assert_string_equal(top_page(&app)->title, "glossary");
        {
                scoped(mem_freep) char *text = screen_text(&app, 12, 40);
                const char *second = strchr(text, '\n') + 1;

                if (strncmp(second, "mount namespace", 15) != 0)
                        fail_msg("it does not begin with the term:\n%s", text);
        }
        press(&app, "Tab"); /* it stays where it is */
        {
                scoped(mem_freep) char *text = screen_text(&app, 12, 40);

                assert_non_null(strstr(text, "\nmount namespace"));
        }
        press(&app, "Home");
        assert_shows(&app, "ambient capability");
        app_done(&app);
}

static void tab_begins_with_what_is_seen(void **state)
{
        struct app app = { 0 };

        (void)state;
        open_sample(&app);
        free(screen_text(&app, 12, 40));
        press(&app, "Tab", "End");
        free(screen_text(&app, 12, 40));
        press(&app, "Tab");
        assert_string_equal(marked(&app), "ProtectSystem");
        press(&app, "Home");
        free(screen_text(&app, 12, 40));
        press(&app, "Tab");
        assert_string_equal(marked(&app), "ProtectHome");
        press(&app, "End");
        free(screen_text(&app, 12, 40));
        press(&app, "Shift-Tab");
        assert_string_equal(marked(&app), "PrivateTmp"); /* the last */
        app_done(&app);
}

static void slash_searches_in_the_page_and_n_goes_on(void **state)
{
        struct app app = { 0 };

        (void)state;
        open_sample(&app);
        press(&app, "/");
        type_text(&app, "PROTECTHOME");
        press(&app, "Enter");
        assert_golden(&app, 12, 40, "page-search-40x12");
        {
                size_t first = top_page(&app)->found_part;

                press(&app, "n");
                assert_true(top_page(&app)->found_part > first);
                press(&app, "N");
                assert_int_equal(top_page(&app)->found_part, first);
                press(&app, "N"); /* around */
                assert_true(top_page(&app)->found_part > first);
                press(&app, "n");
                assert_int_equal(top_page(&app)->found_part, first);
        }
        press(&app, "/");
        type_text(&app, "xyzzy");
        press(&app, "Enter");
        assert_non_null(strstr(app.message.text, "not on this page"));
        press(&app, "/");
        type_text(&app, "home");
        press(&app, "Esc"); /* nothing happens */
        assert_string_equal(top_page(&app)->search, "xyzzy");
        app_done(&app);
}

static void all_pages_are_searched_from_any_help(void **state)
{
        struct app app = { 0 };

        (void)state;
        view_keys_open(&app, UNITS_SCREEN);
        press(&app, "s");
        type_text(&app, "no new privileges nonewprivileges");
        assert_golden(&app, 12, 40, "page-asked-40x12");
        press(&app, "Enter");
        assert_int_equal(app.view_count, 2);
        assert_shows(&app, "Pages with: no new privileges nonewprivileges");
        assert_shows(&app, "NoNewPrivileges  (directives)");
        press(&app, "Tab", "Enter");
        assert_string_equal(top_page(&app)->title, "NoNewPrivileges");
        press(&app, "s");
        type_text(&app, "xyzzy");
        press(&app, "Enter");
        assert_non_null(strstr(app.message.text, "no page holds"));
        assert_int_equal(app.view_count, 3);
        press(&app, "s", "Enter"); /* no words: no search */
        assert_int_equal(app.view_count, 3);
        app_done(&app);
}

static void a_page_scrolls_to_its_end_and_no_further(void **state)
{
        struct app app = { 0 };

        (void)state;
        view_page_open(&app, "protecthome"); /* in any case */
        assert_hides(&app, "See also");
        press(&app, "End");
        assert_shows(&app, "See also");
        for (int i = 0; i < 50; i++)
                press(&app, "PgDn");
        assert_shows(&app, "See also");
        assert_hides(&app, "What it does");
        for (int i = 0; i < 40; i++)
                press(&app, "k"); /* each counts: none is lost beyond the end */
        assert_shows(&app, "What it does");
        app_done(&app);
}

static void ascii_terminals_get_ascii(void **state)
{
        struct app app = { .ascii = true };

        (void)state;
        view_page_open(&app, "ProtectHome");
        {
                scoped(mem_freep) char *text = screen_text(&app, 12, 40);

                for (const char *c = text; *c; c++)
                        assert_true((unsigned char)*c < 0x80);
        }
        app_done(&app);
}

static void every_page_can_be_read_at_twenty_columns(void **state)
{
        (void)state;
        for (const struct help_page *p = help_pages; p->folder; p++) {
                struct app app = { 0 };

                page_view_show(&app, p, NULL);
                assert_int_equal(app.view_count, 1);
                for (int rows = 1; rows < 12; rows += 3)
                        free(screen_text(&app, rows, 20));
                app_done(&app);
        }
}

static void an_unknown_page_is_a_message(void **state)
{
        struct app app = { 0 };

        (void)state;
        view_page_open(&app, "No\033Such");
        assert_int_equal(app.view_count, 0);
        assert_non_null(strstr(app.message.text, "no help page"));
        assert_null(strchr(app.message.text, '\033'));
        app_done(&app);
}

static void the_keys_screen_is_made_from_the_keymap(void **state)
{
        struct app app = { 0 };

        (void)state;
        view_keys_open(&app, WALK_SCREEN);
        assert_golden_sizes(&app, "keys-walk");
        app_done(&app);
}

static void every_binding_that_holds_is_on_its_screen(void **state)
{
        const struct binding *b;

        (void)state;
        for (size_t i = 0; (b = binding_at(i)); i++) {
                struct app app = { 0 };

                if (b->screen == ANY_SCREEN)
                        continue;
                view_keys_open(&app, b->screen);
                {
                        scoped(mem_freep) char *text = screen_text(&app, 100, 80);

                        assert_non_null(strstr(text, b->key));
                        assert_non_null(strstr(text, action_help(b->action)));
                }
                app_done(&app);
        }
}

static void every_action_has_a_key(void **state)
{
        (void)state;
        for (int a = ACT_NONE + 1; a < ACTION_COUNT; a++) {
                bool bound = false;

                for (size_t i = 0; binding_at(i); i++)
                        bound = bound || (int)binding_at(i)->action == a;
                if (!bound)
                        fail_msg("no key for \"%s\"", action_help((enum action)a));
        }
}

static void a_key_that_a_screen_uses_itself_is_not_listed_twice(void **state)
{
        struct app app = { 0 };

        (void)state;
        view_keys_open(&app, UNIT_SCREEN);
        {
                scoped(mem_freep) char *text = screen_text(&app, 100, 80);

                assert_non_null(strstr(text, "-, Left, h"));  /* looser, on the unit screen */
                assert_null(strstr(text, "q, Esc, Left, h")); /* so not the way back */
                assert_non_null(strstr(text, "q, Esc"));
        }
        app_done(&app);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_help_page_is_drawn_at_every_size),
                cmocka_unit_test(tab_goes_from_link_to_link_and_around),
                cmocka_unit_test(enter_follows_a_link_and_left_comes_back),
                cmocka_unit_test(a_word_of_the_glossary_leads_to_its_line),
                cmocka_unit_test(tab_begins_with_what_is_seen),
                cmocka_unit_test(slash_searches_in_the_page_and_n_goes_on),
                cmocka_unit_test(all_pages_are_searched_from_any_help),
                cmocka_unit_test(a_page_scrolls_to_its_end_and_no_further),
                cmocka_unit_test(ascii_terminals_get_ascii),
                cmocka_unit_test(every_page_can_be_read_at_twenty_columns),
                cmocka_unit_test(an_unknown_page_is_a_message),
                cmocka_unit_test(the_keys_screen_is_made_from_the_keymap),
                cmocka_unit_test(every_binding_that_holds_is_on_its_screen),
                cmocka_unit_test(every_action_has_a_key),
                cmocka_unit_test(a_key_that_a_screen_uses_itself_is_not_listed_twice),
        };

        return cmocka_run_group_tests(tests, screen_setup, NULL);
}
