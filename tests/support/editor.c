/* editor.c - an editor of a value alone on the screen. */
#include "tests/support/editor.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "tests/support/screen.h"

/* cmocka.h wants these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

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

void bench_open(struct bench *b, unsigned major, const char *name, const char *const *lines)
{
        const struct directive *d = directive_find(name);
        struct value v = { 0 };

        *b = (struct bench){ 0 };
        dialect_for((struct version){ major, 0 }, SCOPE_SYSTEM, &b->dialect);
        assert_non_null(d);
        for (; *lines; lines++)
                assert_int_equal(value_assign(&v, d, &b->dialect, *lines, NULL), ASSIGN_TAKEN);
        view_edit_open(&b->app, d, &b->dialect, &v, (struct edit_done){ accept, b });
        value_done(&v);
        assert_int_equal(b->app.view_count, 1);
}

void bench_done(struct bench *b)
{
        app_done(&b->app);
        free(b->got);
        dialect_done(&b->dialect);
}

void assert_shows(const struct bench *b, const char *words)
{
        scoped(mem_freep) char *text = screen_text(&b->app, 24, 80);

        if (!strstr(text, words))
                fail_msg("\"%s\" is not on the screen:\n%s", words, text);
}

void assert_hides(const struct bench *b, const char *words)
{
        scoped(mem_freep) char *text = screen_text(&b->app, 24, 80);

        if (strstr(text, words))
                fail_msg("\"%s\" is on the screen:\n%s", words, text);
}
