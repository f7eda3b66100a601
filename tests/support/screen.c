/* screen.c - drives a screen by key names and compares what it draws with tests/golden. */
#include "tests/support/screen.h"

#include "core/base/mem.h"
#include "core/base/text.h"

/* cmocka.h wants these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int screen_setup(void **state)
{
        (void)state;
        return setlocale(LC_ALL, "C.UTF-8") ? 0 : -1;
}

void press_keys(struct app *app, const char *const *keys)
{
        for (; *keys; keys++) {
                app_key(app, *keys);
                while (app->work.run) {
                        struct work work = app->work;

                        app->work.run = NULL;
                        work.run(work.state, app);
                }
        }
}

void type_text(struct app *app, const char *text)
{
        for (; *text; text++) {
                const char key[2] = { *text, '\0' };

                press(app, *text == ' ' ? "Space" : key);
        }
}

static char *draw(const struct app *app, int rows, int cols)
{
        struct canvas c;
        char *dump;

        assert_int_equal(canvas_open(&c, rows, cols, app->ascii), 0);
        app_draw(app, &c);
        dump = canvas_dump(&c);
        canvas_done(&c);
        assert_non_null(dump);
        return dump;
}

char *screen_text(const struct app *app, int rows, int cols)
{
        scoped(mem_freep) char *dump = draw(app, rows, cols);
        struct text t = { 0 };
        char *text;
        bool roles = false;

        for (const char *line = dump; *line; roles = !roles) {
                size_t n = strcspn(line, "\n") + 1;

                if (!roles)
                        text_addn(&t, line, n);
                line += n;
        }
        text = text_take(&t);
        assert_non_null(text);
        return text;
}

/* The whole file; NULL if it isn't there. */
static char *read_golden(const char *path)
{
        scoped(stream_closep) FILE *in = fopen(path, "re");
        struct text t = { 0 };
        char chunk[4096];
        size_t n;

        if (!in)
                return NULL;
        while ((n = fread(chunk, 1, sizeof(chunk), in)) > 0)
                text_addn(&t, chunk, n);
        return text_take(&t);
}

static void write_golden(const char *path, const char *dump)
{
        FILE *out = fopen(path, "we");

        assert_non_null(out);
        assert_true(fputs(dump, out) >= 0);
        assert_int_equal(fclose(out), 0);
}

void assert_golden(const struct app *app, int rows, int cols, const char *name)
{
        scoped(mem_freep) char *dump = draw(app, rows, cols);
        scoped(mem_freep) char *path = text_format("tests/golden/%s.txt", name);
        scoped(mem_freep) char *golden = NULL;

        assert_non_null(path);
        if (getenv("GOLDEN_UPDATE")) {
                write_golden(path, dump);
                return;
        }
        golden = read_golden(path);
        if (!golden)
                fail_msg("%s is not there; GOLDEN_UPDATE=1 writes it", path);
        else if (strcmp(golden, dump) != 0)
                fail_msg("%s differs; now it is:\n%s", path, dump);
}

void assert_golden_sizes(const struct app *app, const char *name)
{
        static const struct {
                int rows, cols;
        } sizes[] = { { 24, 80 }, { 12, 40 }, { 8, 20 } };

        for (size_t i = 0; i < COUNT(sizes); i++) {
                scoped(mem_freep) char *sized = text_format("%s-%dx%d", name, sizes[i].cols,
                                                            sizes[i].rows);

                assert_non_null(sized);
                assert_golden(app, sizes[i].rows, sizes[i].cols, sized);
        }
}
