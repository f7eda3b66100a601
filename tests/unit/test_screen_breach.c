/* test_screen_breach.c - what an intruder could do, tried, on the screen. */
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tests/support/screen.h"
#include "tui/screen/view_breach.h"

/* cmocka.h wants these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct bench {
        struct app app;
        struct dialect dialect;
        struct draft draft;
        struct breach_view *view;
};

static void answer(struct breach_answers *a, const char *lines, const char *rest)
{
        const struct move *m;

        assert_int_equal(breach_answers_new(a), 0);
        assert_int_equal(breach_answers_read(a, lines), 0);
        for (size_t i = 0; (m = breach_at(i)); i++) {
                scoped(mem_freep) char *line = text_format("%s %s\n", m->name, rest);

                assert_int_equal(breach_answers_read(a, line), 0);
        }
}

static void fill(struct bench *b)
{
        scoped(breach_answers_done) struct breach_answers plain = { 0 };
        scoped(breach_answers_done) struct breach_answers as_is = { 0 };
        struct breach_evidence e = {
                .plain = &plain, .before = &as_is, .unit = b->draft.now, .dialect = &b->dialect
        };

        answer(&plain, "connect-docker ENOENT\nkeyctl-add EPERM\n", "ok");
        answer(&as_is,
               "connect-docker ENOENT\nkeyctl-add EPERM\nlist-home EACCES\nlist-root-home EACCES\n",
               "ok");
        assert_int_equal(breach_judge(&e, &b->view->breach), 0);
        assert_int_equal(breach_fill(b->view), 0);
        b->view->ended = 1;
        b->view->done = true;
}

static void open_breach(struct bench *b)
{
        struct sandbox *s = NULL;
        struct value v = { .set = true };
        struct err e = { 0 };

        *b = (struct bench){ 0 };
        dialect_for((struct version){ 252, 0 }, SCOPE_SYSTEM, &b->dialect);
        assert_int_equal(sandbox_new("nginx.service", SCOPE_SYSTEM, &s), 0);
        assert_int_equal(value_assign(&v, directive_find("ProtectHome"), &b->dialect, "yes", NULL),
                         ASSIGN_TAKEN);
        sandbox_set(s, D_ProtectHome, &v, ORIGIN_FILE);
        assert_int_equal(sandbox_imply(s, &b->dialect), 0);
        assert_int_equal(draft_open(&b->draft, s, NULL, &b->dialect, SCORE_OFFLINE, &e), 0);
        b->view = calloc(1, sizeof(*b->view));
        assert_non_null(b->view);
        b->view->app = &b->app;
        b->view->draft = &b->draft;
        fill(b);
        app_push(&b->app, &breach_view_ops, b->view);
}

static void done(struct bench *b)
{
        app_done(&b->app);
        draft_done(&b->draft);
        dialect_done(&b->dialect);
}

static void what_leads_out_is_drawn_first_at_every_size(void **state)
{
        struct bench b;

        (void)state;
        open_breach(&b);
        press(&b.app, "j");
        assert_golden_sizes(&b.app, "breach");
        done(&b);
}

static void enter_sets_what_closes_a_line_and_u_takes_it_back(void **state)
{
        scoped(mem_freep) char *text = NULL;
        struct bench b;

        (void)state;
        open_breach(&b);
        press(&b.app, "j", "Enter");
        assert_true(draft_changed(&b.draft, D_InaccessiblePaths));
        text = screen_text(&b.app, 24, 80);
        assert_non_null(strstr(text, "is set"));
        press(&b.app, "u");
        assert_false(draft_changed(&b.draft, D_InaccessiblePaths));
        done(&b);
}

static void a_heading_has_nothing_to_set(void **state)
{
        scoped(mem_freep) char *text = NULL;
        struct bench b;

        (void)state;
        open_breach(&b);
        press(&b.app, "Enter");
        assert_int_equal(b.draft.profile->change_count, 0);
        text = screen_text(&b.app, 24, 80);
        assert_non_null(strstr(text, "nothing to set"));
        done(&b);
}

static void a_second_closer_adds_to_the_first(void **state)
{
        scoped(mem_freep) char *shown = NULL;
        struct bench b;
        int line = -1;

        (void)state;
        open_breach(&b);
        for (size_t i = 0; i < b.view->count; i++)
                if (strstr(b.view->lines[i].text, "takes over a process"))
                        line = (int)i;
        assert_true(line > 0);
        b.view->cursor = line;
        press(&b.app, "Enter");
        for (size_t i = 0; i < b.view->count; i++)
                if (strstr(b.view->lines[i].text, "boots a kernel"))
                        b.view->cursor = (int)i;
        press(&b.app, "Enter");
        assert_int_equal(closer_holds("CapabilityBoundingSet=~CAP_SYS_PTRACE CAP_SYS_BOOT",
                                      b.draft.then, &b.dialect, NULL),
                         1);
        done(&b);
}

static void why_it_was_not_tried_is_told(void **state)
{
        scoped(mem_freep) char *text = NULL;
        struct bench b;

        (void)state;
        open_breach(&b);
        b.view->done = false;
        err_say(&b.view->error, -EPERM, "A twin needs root.");
        text = screen_text(&b.app, 24, 80);
        assert_non_null(strstr(text, "was not tried"));
        assert_non_null(strstr(text, "A twin needs root."));
        done(&b);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_leads_out_is_drawn_first_at_every_size),
                cmocka_unit_test(enter_sets_what_closes_a_line_and_u_takes_it_back),
                cmocka_unit_test(a_heading_has_nothing_to_set),
                cmocka_unit_test(a_second_closer_adds_to_the_first),
                cmocka_unit_test(why_it_was_not_tried_is_told),
        };

        return cmocka_run_group_tests(tests, screen_setup, NULL);
}
