/* test_screen_export.c - choosing a form on the screen, and where it goes. */
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tests/support/screen.h"
#include "tui/screen/view_export.h"
#include "tui/screen/views.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

struct scene {
        struct app app;
        struct dialect dialect;
        struct draft draft;
};

static struct export_view *open_scene(struct scene *s, const char *word)
{
        struct sandbox *sandbox = NULL;
        struct profile *p = NULL;

        *s = (struct scene){ 0 };
        dialect_for((struct version){ 252, 39 }, SCOPE_SYSTEM, &s->dialect);
        assert_int_equal(sandbox_new("web.service", SCOPE_SYSTEM, &sandbox), 0);
        assert_int_equal(profile_new("web.service", SCOPE_SYSTEM, &p), 0);
        if (word)
                assert_int_equal(profile_assign(p, &s->dialect, word, NULL), 0);
        assert_int_equal(draft_open(&s->draft, sandbox, p, &s->dialect, SCORE_OFFLINE, NULL), 0);
        view_export_open(&s->app, &s->draft);
        assert_ptr_equal(app_top(&s->app)->ops, &export_view_ops);
        return app_top(&s->app)->state;
}

static void scene_done(struct scene *s)
{
        app_done(&s->app);
        draft_done(&s->draft);
}

static void it_lists_every_form_that_is_written(void **state)
{
        scoped(scene_done) struct scene s;
        scoped(mem_freep) char *text = NULL;
        const struct export_view *v = open_scene(&s, "PrivateTmp=yes");
        int count = 0;

        (void)state;
        for (size_t i = 0; form_at(i); i++)
                count += form_at(i)->write != NULL;
        assert_int_equal(v->count, count);
        text = screen_text(&s.app, 24, 80);
        for (int i = 0; i < v->count; i++)
                if (!strstr(text, v->forms[i]->name))
                        fail_msg("%s is not there:\n%s", v->forms[i]->name, text);
}

static void enter_asks_where_to_and_esc_leaves_it(void **state)
{
        scoped(scene_done) struct scene s;
        const struct export_view *v = open_scene(&s, "PrivateTmp=yes");
        scoped(mem_freep) char *text = NULL;

        (void)state;
        press(&s.app, "j", "Enter");
        assert_true(v->prompt.open);
        assert_int_equal(v->cursor, 1);
        type_text(&s.app, "/srv/q.json");
        text = screen_text(&s.app, 24, 80);
        assert_non_null(strstr(text, "write to: /srv/q.json"));
        press(&s.app, "Esc");
        assert_false(v->prompt.open);
        assert_ptr_equal(app_top(&s.app)->ops, &export_view_ops);
}

static void without_a_change_there_is_nothing_to_write(void **state)
{
        scoped(scene_done) struct scene s;
        const struct export_view *v = open_scene(&s, NULL);

        (void)state;
        press(&s.app, "Enter");
        assert_false(v->prompt.open);
        assert_non_null(strstr(s.app.message.text, "nothing is changed"));
        while (v->forms[v->cursor]->changes_only)
                press(&s.app, "j");
        press(&s.app, "Enter");
        assert_true(v->prompt.open);
}

static void it_fits_every_window(void **state)
{
        scoped(scene_done) struct scene s;
        struct export_view *v = open_scene(&s, "PrivateTmp=yes");

        (void)state;
        sheet_add(&v->sheet, ROLE_GOOD, "wrote /srv/\033[31mx");
        press(&s.app, "G", "Enter");
        for (int rows = 1; rows < 14; rows++)
                for (int cols = 1; cols < 100; cols += 3) {
                        scoped(mem_freep) char *text = screen_text(&s.app, rows, cols);

                        assert_null(strchr(text, '\033'));
                }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(it_lists_every_form_that_is_written),
                cmocka_unit_test(enter_asks_where_to_and_esc_leaves_it),
                cmocka_unit_test(without_a_change_there_is_nothing_to_write),
                cmocka_unit_test(it_fits_every_window),
        };

        return cmocka_run_group_tests(tests, screen_setup, NULL);
}
