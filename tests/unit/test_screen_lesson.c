/* test_screen_lesson.c - the course on the screen: the list, a lesson, its answer and what came of
 * it. */
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tests/support/screen.h"
#include "tui/screen/view_lesson.h"
#include "tui/screen/views.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static struct lesson_view *top(struct app *app)
{
        struct lesson_view *v = app_top(app)->state;

        assert_ptr_equal(app_top(app)->ops, &lesson_view_ops);
        return v;
}

/* The lesson on the file system, without a machine. */
static struct lesson_view *open_files(struct app *app, struct dialect *dialect)
{
        struct lesson_view *v;

        *app = (struct app){ 0 };
        dialect_for((struct version){ 252, 39 }, SCOPE_SYSTEM, dialect);
        view_lessons_open(app);
        press(app, "j", "Enter");
        v = top(app);
        v->dialect = dialect;
        return v;
}

static void done(struct app *app, struct dialect *dialect)
{
        app_done(app);
        dialect_done(dialect);
}

static void assert_shows(const struct app *app, const char *words)
{
        scoped(mem_freep) char *text = screen_text(app, 24, 100);

        if (!strstr(text, words))
                fail_msg("it does not show \"%s\":\n%s", words, text);
}

static void draw_every_size(struct app *app)
{
        for (int ascii = 0; ascii < 2; ascii++) {
                app->ascii = ascii;
                for (int rows = 1; rows < 12; rows++)
                        for (int cols = 1; cols < 130; cols += 3) {
                                scoped(mem_freep) char *text = screen_text(app, rows, cols);

                                for (const char *c = text; *c; c++) {
                                        assert_int_not_equal(*c, '\033');
                                        assert_true(!ascii || (unsigned char)*c < 0x80);
                                }
                        }
        }
        app->ascii = false;
}

static void add(struct app *app, const char *line)
{
        press(app, "a");
        type_text(app, line);
        press(app, "Enter");
}

/* What an examination would have left. */
static void examine(struct lesson_view *v, bool works, bool reads)
{
        struct err e = { 0 };
        struct lesson_try t = { 0 };

        assert_int_equal(lesson_try_open(v->lesson, v->dialect, NULL, v->progress.answer, &t, &e),
                         0);
        lesson_result_done(&v->result);
        assert_int_equal(lesson_judge(&t, v->dialect, &v->result, &e), 0);
        lesson_try_done(&t);
        for (size_t i = 0; i < v->result.count; i++) {
                struct lesson_finding *f = &v->result.findings[i];

                f->looked = f->known = true;
                f->ok = f->check->kind == LESSON_WORKS ? works : i > 2 || !reads;
                f->before = true;
        }
        if (!works) {
                v->result.findings[0].said = strdup("it answers 500, not 200 to 399; it said: "
                                                    "\033[31mcannot write the log");
                assert_int_equal(
                        strv_add(&v->result.suspects, "ProtectSystem=strict: cannot write"), 0);
        }
        v->result.done = works && !reads;
        v->progress.done = v->result.done;
        v->examined = true;
        lesson_fill(v);
}

static void the_course_is_a_list_with_marks(void **state)
{
        struct app app = { 0 };
        struct lessons_view *v;

        (void)state;
        view_lessons_open(&app);
        v = app_top(&app)->state;
        v->done[0] = v->done[2] = true;
        press(&app, "j");
        assert_golden_sizes(&app, "lessons");
        draw_every_size(&app);
        press(&app, "q");
        assert_true(app.quit);
        app_done(&app);
}

static void a_lesson_shows_its_text_its_unit_and_its_task(void **state)
{
        struct app app;
        struct dialect dialect;

        (void)state;
        open_files(&app, &dialect);
        assert_golden_sizes(&app, "lesson");
        draw_every_size(&app);
        press(&app, "G");
        assert_golden(&app, 24, 80, "lesson-end");
        press(&app, "n");
        assert_shows(&app, "Lesson 3: users");
        press(&app, "N", "N", "N", "N");
        assert_shows(&app, "Lesson 1: score");
        done(&app, &dialect);
}

static void hints_come_one_by_one(void **state)
{
        struct app app;
        struct dialect dialect;
        struct lesson_view *v = open_files(&app, &dialect);

        (void)state;
        press(&app, "i");
        assert_golden(&app, 24, 80, "lesson-hint");
        press(&app, "i", "i");
        assert_int_equal(v->progress.hints, 3);
        assert_shows(&app, "LogsDirectory=gird-lesson");
        press(&app, "i");
        assert_shows(&app, "these are all hints there are");
        assert_int_equal(v->progress.hints, 3);
        done(&app, &dialect);
}

static void an_answer_is_typed_line_by_line(void **state)
{
        struct app app;
        struct dialect dialect;
        struct lesson_view *v = open_files(&app, &dialect);

        (void)state;
        press(&app, "x");
        assert_shows(&app, "there is no line to take away");
        press(&app, "a");
        type_text(&app, "ProtectSystem=str");
        assert_golden(&app, 24, 80, "lesson-typing");
        type_text(&app, "ict");
        press(&app, "Enter");
        add(&app, "LogsDirectory=gird-lesson");
        assert_golden_sizes(&app, "lesson-answer");
        assert_int_equal(strv_length(v->progress.answer), 2);
        press(&app, "x");
        assert_int_equal(strv_length(v->progress.answer), 1);
        press(&app, "x");
        assert_null(v->progress.answer);
        done(&app, &dialect);
}

static void a_line_that_is_wrong_stays_to_be_mended(void **state)
{
        struct app app;
        struct dialect dialect;
        struct lesson_view *v = open_files(&app, &dialect);

        (void)state;
        add(&app, "ProtectSytem=strict");
        assert_shows(&app, "ProtectSystem");
        assert_true(v->prompt.open);
        assert_string_equal(v->prompt.text, "ProtectSytem=strict");
        assert_null(v->progress.answer);
        press(&app, "Esc");
        assert_false(v->prompt.open);
        add(&app, "");
        assert_null(v->progress.answer);
        done(&app, &dialect);
}

static void what_came_of_an_answer_stands_first(void **state)
{
        struct app app;
        struct dialect dialect;
        struct lesson_view *v = open_files(&app, &dialect);

        (void)state;
        add(&app, "ProtectSystem=strict");
        examine(v, false, true);
        assert_golden_sizes(&app, "lesson-broke");
        draw_every_size(&app);
        examine(v, true, false);
        assert_golden_sizes(&app, "lesson-done");
        add(&app, "InaccessiblePaths=/etc/shadow");
        assert_false(v->examined); /* of another answer */
        done(&app, &dialect);
}

static void why_it_was_not_tried_is_told(void **state)
{
        struct app app;
        struct dialect dialect;
        struct lesson_view *v = open_files(&app, &dialect);

        (void)state;
        err_say(&v->error, 1, "to look at an answer gird makes a twin, which only root can");
        lesson_fill(v);
        assert_shows(&app, "which only root can");
        done(&app, &dialect);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_course_is_a_list_with_marks),
                cmocka_unit_test(a_lesson_shows_its_text_its_unit_and_its_task),
                cmocka_unit_test(hints_come_one_by_one),
                cmocka_unit_test(an_answer_is_typed_line_by_line),
                cmocka_unit_test(a_line_that_is_wrong_stays_to_be_mended),
                cmocka_unit_test(what_came_of_an_answer_stands_first),
                cmocka_unit_test(why_it_was_not_tried_is_told),
        };

        return cmocka_run_group_tests(tests, screen_setup, NULL);
}
