/* view_lesson.c - the course on the screen: the list of lessons, and one of them. */
#include "tui/screen/view_lesson.h"

#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/screen/list.h"
#include "tui/screen/views.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE = 10, ANSWER_MOST = 200 };

/* ---- one lesson ---- */

static bool runs(const struct lesson_view *v)
{
        return v->started && !v->ended;
}

static void draw_steps(const struct lesson_view *v, const struct canvas *c)
{
        int n = (int)strv_length(v->steps);
        int top = n > c->rows ? n - c->rows : 0;

        for (int i = 0; i < c->rows && top + i < n; i++)
                canvas_text(c, i, 0, top + i == n - 1 ? ROLE_TITLE : ROLE_TEXT, "%s",
                            v->steps[top + i]);
}

static void draw_lesson(const void *state, const struct canvas *c)
{
        const struct lesson_view *v = state;
        struct canvas body = canvas_part(c, 1, 0, c->rows - 1 - v->prompt.open, c->cols);
        int col = canvas_text(c, 0, 0, ROLE_TITLE, "Lesson %zu: %s", lesson_number(v->lesson),
                              v->lesson->name);

        if (v->progress.done)
                col = canvas_text(c, 0, col + 2, ROLE_GOOD, "done");
        if (runs(v)) {
                unsigned tenths = (unsigned)((job_now() - v->started) / 100000);

                canvas_text(c, 0, col + 2, ROLE_TEXT, "%u.%u s", tenths / 10, tenths % 10);
                draw_steps(v, &body);
        } else
                sheet_draw(&v->sheet, &body);
        if (v->prompt.open)
                prompt_draw(&v->prompt, c, c->rows - 1, "Directive=value: ");
}

static void on_progress(void *userdata, const char *step, const char *detail)
{
        struct lesson_view *v = userdata;
        unsigned tenths = (unsigned)((job_now() - v->started) / 100000);

        if (strv_addf(&v->steps, "%3u.%u s  %s%s%s", tenths / 10, tenths % 10, step,
                      detail ? ": " : "", detail ? detail : "") < 0)
                app_say(v->app, ROLE_BAD, "out of memory");
        app_redraw(v->app);
}

static void forget_result(struct lesson_view *v)
{
        lesson_result_done(&v->result);
        v->examined = false;
        v->error = (struct err){ 0 };
}

/* A lesson that can't be remembered can still be learnt. */
static void keep(struct lesson_view *v)
{
        struct err e = { 0 };

        if (v->app->context && lesson_keep(v->lesson, &v->progress, &e) < 0)
                app_fail(v->app, &e);
}

/* The whole examination, between two events of the loop. */
static void run(void *state, struct app *app)
{
        struct lesson_view *v = state;
        struct context *c = app->context;
        int r;

        forget_result(v);
        strv_free(v->steps);
        v->steps = NULL;
        v->ended = 0;
        v->started = job_now();
        c->job.progress = on_progress;
        c->job.userdata = v;
        r = lesson_examine(c, v->lesson, v->progress.answer, true, &v->result, &v->error);
        c->job.progress = NULL;
        v->ended = job_now();
        v->examined = r == 0;
        if (r == -ECANCELED)
                err_say(&v->error, r, "Cancelled; everything is undone.  t tries again.");
        else if (r != 0 && !v->error.code)
                err_set(&v->error, r < 0 ? r : -EIO, "the lesson's service was not tried");
        v->progress.done = v->progress.done || (v->examined && v->result.done);
        v->sheet.top = 0;
        lesson_fill(v);
        if (v->examined)
                keep(v);
}

/* Takes a line into the answer, unless something is wrong with it. */
static void add_line(struct lesson_view *v, const char *line, struct app *app)
{
        scoped(lesson_try_done) struct lesson_try t = { 0 };
        scoped(strv_freep) char **answer = NULL;
        struct err e = { 0 };
        int r;

        if (!*line)
                return;
        r = strv_length(v->progress.answer) >= ANSWER_MOST
                    ? err_say(&e, -E2BIG, "that are more lines than any lesson takes")
                    : strv_copy(v->progress.answer, &answer);
        if (r >= 0)
                r = strv_add(&answer, line);
        if (r >= 0)
                r = lesson_try_open(v->lesson, v->dialect,
                                    app->context ? app->context->known : NULL, answer, &t, &e);
        if (r < 0) {
                if (!e.code)
                        err_set(&e, r, "cannot take that line");
                app_fail(app, &e);
                prompt_open(&v->prompt, line); /* to be mended */
                return;
        }
        strv_free(v->progress.answer);
        v->progress.answer = take(answer);
        forget_result(v);
        v->sheet.top = 0;
        lesson_fill(v);
        keep(v);
}

static void delete_line(struct lesson_view *v, struct app *app)
{
        size_t n = strv_length(v->progress.answer);

        if (!n) {
                app_say(app, ROLE_FAIR, "there is no line to take away");
                return;
        }
        free(v->progress.answer[n - 1]);
        v->progress.answer[n - 1] = NULL;
        if (n == 1) {
                strv_free(v->progress.answer);
                v->progress.answer = NULL;
        }
        forget_result(v);
        v->sheet.top = 0;
        lesson_fill(v);
        keep(v);
}

static void next_hint(struct lesson_view *v, struct app *app)
{
        if (v->progress.hints >= LESSON_HINTS) {
                app_say(app, ROLE_FAIR, "these are all hints there are");
                v->sheet.focus = v->sheet.count;
                return;
        }
        v->progress.hints++;
        lesson_fill(v);
        v->sheet.focus = v->sheet.count;
        keep(v);
}

/* What is remembered of a lesson, and its text. */
static void turn_to(struct lesson_view *v, const struct lesson *l, struct app *app)
{
        struct err e = { 0 };

        lesson_progress_done(&v->progress);
        forget_result(v);
        v->started = v->ended = 0;
        v->lesson = l;
        v->sheet.top = 0;
        if (app->context && lesson_progress(l, &v->progress, &e) != 0)
                app_fail(app, &e);
        lesson_fill(v);
}

static bool act_lesson(void *state, enum action a, struct app *app)
{
        struct lesson_view *v = state;
        size_t number = lesson_number(v->lesson);
        const struct lesson *next = NULL;

        if (runs(v)) {
                if (a != ACT_CANCEL && a != ACT_BACK)
                        return false;
                app->context->job.cancelled = true;
                app_say(app, ROLE_FAIR, "cancelling, everything is undone");
                return true;
        }
        if (sheet_move(&v->sheet, a))
                return true;
        if (a == ACT_NEXT || (a == ACT_PREVIOUS && number > 1)) {
                next = lesson_at(a == ACT_NEXT ? number : number - 2);
                if (next)
                        turn_to(v, next, app);
        } else if (a == ACT_ADD)
                prompt_open(&v->prompt, "");
        else if (a == ACT_DELETE)
                delete_line(v, app);
        else if (a == ACT_HINT)
                next_hint(v, app);
        else if (a == ACT_TRY)
                app_work(app, run, v);
        else
                return false;
        return true;
}

static bool key_lesson(void *state, const char *name, struct app *app)
{
        struct lesson_view *v = state;

        if (!v->prompt.open)
                return false;
        if (prompt_key(&v->prompt, name) == PROMPT_ACCEPTED) {
                scoped(mem_freep) char *line = strdup(v->prompt.text);

                add_line(v, line ? line : "", app);
        }
        return true;
}

static void free_lesson(void *state)
{
        struct lesson_view *v = state;

        forget_result(v);
        lesson_progress_done(&v->progress);
        sheet_done(&v->sheet);
        strv_free(v->steps);
        free(v);
}

static const enum action *offer_lesson(const void *state)
{
        static const enum action running[] = { ACT_CANCEL, ACT_HELP, ACT_NONE };
        static const enum action idle[] = { ACT_ADD,  ACT_TRY,  ACT_HINT, ACT_DELETE,
                                            ACT_NEXT, ACT_BACK, ACT_HELP, ACT_NONE };

        return runs(state) ? running : idle;
}

const struct view_ops lesson_view_ops = {
        .screen = LESSON_SCREEN,
        .draw = draw_lesson,
        .act = act_lesson,
        .key = key_lesson,
        .free = free_lesson,
        .offer = offer_lesson,
};

static void open_lesson(struct app *app, const struct lesson *l)
{
        struct lesson_view *v = calloc(1, sizeof(*v));

        if (v) {
                v->app = app;
                v->dialect = app->context ? &app->context->dialect : NULL;
                turn_to(v, l, app);
        }
        app_push(app, &lesson_view_ops, v);
}

/* ---- the list ---- */

static void draw_list(const void *state, const struct canvas *c)
{
        const struct lessons_view *v = state;
        int rows = c->rows - 1, top = list_top(v->cursor, (int)v->count, rows), col;
        size_t done = 0;

        for (size_t i = 0; i < v->count; i++)
                done += v->done[i];
        col = canvas_text(c, 0, 0, ROLE_TITLE, "Lessons");
        col = canvas_text(c, 0, col + 2, ROLE_TEXT, "%zu of %zu done", done, v->count);
        if (v->note[0])
                canvas_text(c, 0, col + 2, ROLE_FAIR, "%s", v->note);
        for (int i = 0; i < rows && top + i < (int)v->count; i++) {
                const struct lesson *l = lesson_at((size_t)(top + i));
                scoped(mem_freep) char *sentence = help_sentence(lesson_page(l));
                bool is_done = v->done[top + i];

                canvas_text(c, 1 + i, 0, ROLE_TEXT, "%2d", top + i + 1);
                canvas_text(c, 1 + i, 4, is_done ? ROLE_GOOD : ROLE_TEXT, "[%c]",
                            is_done ? 'x' : ' ');
                canvas_text(c, 1 + i, 8, ROLE_TEXT, "%s", l->name);
                canvas_field(c, 1 + i, 22, c->cols - 22, ROLE_TEXT, sentence ? sentence : "");
                if (top + i == v->cursor)
                        canvas_paint(c, 1 + i, 0, c->cols, ROLE_CURSOR);
        }
}

/* Reads the marks: a lesson may have been done meanwhile. */
static void read_marks(void *state, struct app *app)
{
        struct lessons_view *v = state;

        v->note[0] = '\0';
        for (size_t i = 0; app->context && i < v->count; i++) {
                scoped(lesson_progress_done) struct lesson_progress p = { 0 };
                struct err e = { 0 };

                if (lesson_progress(lesson_at(i), &p, &e) != 0)
                        snprintf(v->note, sizeof(v->note), "%s", e.text);
                v->done[i] = p.done;
        }
}

static bool act_list(void *state, enum action a, struct app *app)
{
        struct lessons_view *v = state;

        if (list_move(&v->cursor, (int)v->count, PAGE, a))
                return true;
        if (a != ACT_OPEN)
                return false;
        open_lesson(app, lesson_at((size_t)v->cursor));
        return true;
}

static void free_list(void *state)
{
        struct lessons_view *v = state;

        free(v->done);
        free(v);
}

static const enum action list_footer[] = { ACT_OPEN, ACT_BACK, ACT_HELP, ACT_NONE };

const struct view_ops lessons_view_ops = {
        .screen = LESSONS_SCREEN,
        .draw = draw_list,
        .act = act_list,
        .resume = read_marks,
        .free = free_list,
        .footer = list_footer,
};

void view_lessons_open(struct app *app)
{
        struct lessons_view *v = calloc(1, sizeof(*v));
        size_t count = 0;

        while (lesson_at(count))
                count++;
        if (v) {
                v->count = count;
                v->done = calloc(count, sizeof(*v->done));
        }
        if (!v || !v->done) {
                free(v);
                app_say(app, ROLE_BAD, "out of memory");
                return;
        }
        read_marks(v, app);
        while (v->cursor + 1 < (int)count && v->done[v->cursor])
                v->cursor++; /* on the first that is not done yet */
        app_push(app, &lessons_view_ops, v);
}
