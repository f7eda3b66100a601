/* test_screen_inside.c - what an intruder could do, on the screen. */
#include "core/base/mem.h"
#include "tests/support/screen.h"
#include "tui/screen/view_inside.h"
#include "tui/screen/views.h"

/* cmocka.h wants these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

struct bench {
        struct app app;
        struct dialect dialect;
        struct draft draft;
};

static void open_inside(struct bench *b)
{
        struct sandbox *s = NULL;
        struct err e = { 0 };

        *b = (struct bench){ 0 };
        dialect_for((struct version){ 252, 0 }, SCOPE_SYSTEM, &b->dialect);
        assert_int_equal(sandbox_new("nginx.service", SCOPE_SYSTEM, &s), 0);
        assert_int_equal(sandbox_imply(s, &b->dialect), 0);
        assert_int_equal(draft_open(&b->draft, s, NULL, &b->dialect, SCORE_OFFLINE, &e), 0);
}

static void set_line(struct bench *b, const char *name, const char *line)
{
        char *lines[] = { (char *)line, NULL };
        struct err e = { 0 };

        assert_int_equal(draft_set_lines(&b->draft, directive_find(name)->id, lines, &e), 0);
}

static void done(struct bench *b)
{
        app_done(&b->app);
        draft_done(&b->draft);
        dialect_done(&b->dialect);
}

static void open_doors_are_drawn_at_every_size(void **state)
{
        struct bench b;

        (void)state;
        open_inside(&b);
        set_line(&b, "ProtectHome", "yes");
        set_line(&b, "PrivateDevices", "yes");
        view_inside_open(&b.app, &b.draft);
        assert_golden_sizes(&b.app, "inside");
        done(&b);
}

static void what_the_changes_close_is_told(void **state)
{
        scoped(mem_freep) char *text = NULL;
        struct bench b;

        (void)state;
        open_inside(&b);
        set_line(&b, "ProtectHome", "yes");
        view_inside_open(&b.app, &b.draft);
        text = screen_text(&b.app, 80, 100);
        assert_non_null(strstr(text, "1 closed by the changes"));
        assert_non_null(strstr(text, "Look into people's homes.  (by the changes)"));
        assert_non_null(strstr(text, "closed by ProtectKernelModules=yes"));
        done(&b);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(open_doors_are_drawn_at_every_size),
                cmocka_unit_test(what_the_changes_close_is_told),
        };

        return cmocka_run_group_tests(tests, screen_setup, NULL);
}
