/* view_breach.c - what an intruder could do, tried in a twin. */
#include "tui/screen/view_breach.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/screen/list.h"
#include "tui/screen/views.h"
#include "tui/screen/wording.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE = 10, DETAIL = 3 };

/* ---- drawing ---- */

static void draw_steps(const struct breach_view *v, const struct canvas *c)
{
        int n = (int)strv_length(v->steps);
        int top = n > c->rows ? n - c->rows : 0;

        for (int i = 0; i < c->rows && top + i < n; i++)
                canvas_text(c, i, 0, top + i == n - 1 ? ROLE_TITLE : ROLE_TEXT, "%s",
                            v->steps[top + i]);
}

/* Whether the changes have it by now. */
static bool is_set(const struct breach_view *v, const char *closer)
{
        return closer_holds(closer, v->draft->then, v->draft->dialect, NULL) > 0;
}

static void draw_lines(const struct breach_view *v, const struct canvas *c)
{
        int top = list_top(v->cursor, (int)v->count, c->rows);

        for (int i = 0; i < c->rows && top + i < (int)v->count; i++) {
                const struct breach_line *l = &v->lines[top + i];
                bool set = l->closer && is_set(v, l->closer);

                canvas_field(c, i, 0, c->cols, set ? ROLE_CHANGED : l->role, l->text);
                if (top + i == v->cursor)
                        canvas_paint(c, i, 0, c->cols, ROLE_CURSOR);
        }
}

/* All of the line under the cursor, and what can be done about it. */
static void draw_detail(const struct breach_view *v, const struct canvas *c)
{
        const struct breach_line *l = v->cursor < (int)v->count ? &v->lines[v->cursor] : NULL;
        scoped(mem_freep) char *answer = l && l->answer ? breaching_answer(l->answer) : NULL;
        scoped(mem_freep) char *closer = l && l->closer ? breaching_closer(l->closer) : NULL;
        struct text t = { 0 };
        scoped(mem_freep) char *text = NULL;

        if (!l)
                return;
        text_add(&t, l->text + strspn(l->text, " "));
        if (answer)
                text_addf(&t, ": %s", answer);
        text_add(&t, ".");
        if (closer)
                text_addf(&t,
                          is_set(v, l->closer) ? "  %s is set; b tries again." : "  Enter sets %s.",
                          closer);
        text = text_take(&t);
        canvas_rule(c, 0, ROLE_TEXT);
        if (text) {
                struct canvas below = canvas_part(c, 1, 0, c->rows - 1, c->cols);

                canvas_wrap(&below, 0, ROLE_TEXT, text, 0);
        }
}

static void draw(const void *state, const struct canvas *c)
{
        const struct breach_view *v = state;
        const struct breach *b = &v->breach;
        int detail = c->rows > 10 ? DETAIL + 1 : 0, col;
        struct canvas body = canvas_part(c, 1, 0, c->rows - 1 - (v->done ? detail : 0), c->cols);
        struct canvas foot = canvas_part(c, c->rows - detail, 0, detail, c->cols);

        if (!v->ended) {
                canvas_text(c, 0, 0, ROLE_TITLE, "Trying what an intruder in %s could do",
                            v->draft->now->unit);
                draw_steps(v, &body);
                return;
        }
        if (!v->done) {
                canvas_text(c, 0, 0, ROLE_FAIR, "%s was not tried", v->draft->now->unit);
                canvas_wrap(&body, 0, ROLE_TEXT, v->error.text, 0);
                return;
        }
        col = canvas_text(c, 0, 0, b->after.chains ? ROLE_BAD : ROLE_GOOD, "%s",
                          b->after.chains ? "can be left" : "no way out");
        if (b->changed)
                col = canvas_text(c, 0, col + 2, ROLE_CHANGED,
                                  "%zu \xe2\x86\x92 %zu of %zu allowed", b->before.allowed,
                                  b->after.allowed, b->move_count);
        else
                col = canvas_text(c, 0, col + 2, ROLE_TEXT, "%zu of %zu allowed", b->after.allowed,
                                  b->move_count);
        canvas_text(c, 0, col + 2, ROLE_TITLE, "%s", v->draft->now->unit);
        draw_lines(v, &body);
        if (detail)
                draw_detail(v, &foot);
}

/* ---- trying ---- */

static void on_progress(void *userdata, const char *step, const char *detail)
{
        struct breach_view *v = userdata;
        unsigned tenths = (unsigned)((job_now() - v->started) / 100000);

        if (strv_addf(&v->steps, "%3u.%u s  %s%s%s", tenths / 10, tenths % 10, step,
                      detail ? ": " : "", detail ? detail : "") < 0)
                app_say(v->app, ROLE_BAD, "out of memory");
        app_redraw(v->app);
}

static int try_draft(struct breach_view *v, struct context *c)
{
        scoped(entering_done) struct entering n = { 0 };
        const char *why;
        int r = breaching_open(c, v->draft, &n, &v->error);

        if (r == 0)
                r = breaching_run(c, &n, &v->breach, &v->error);
        if (r != 0)
                return r;
        why = v->breach.changed ? v->breach.why_after : v->breach.why_before;
        if (why)
                return err_say(&v->error, -EPERM, "Nothing can be started in this sandbox: %s",
                               why);
        r = breach_fill(v);
        return r < 0 ? err_set(&v->error, r, "cannot show the result") : 0;
}

static void run(void *state, struct app *app)
{
        struct breach_view *v = state;
        struct job *job = &app->context->job;
        int r;

        strv_free(v->steps);
        v->steps = NULL;
        v->done = false;
        v->ended = 0;
        v->cursor = 0;
        breach_done(&v->breach);
        v->error = (struct err){ 0 };
        v->started = job_now();
        job->progress = on_progress;
        job->userdata = v;
        r = try_draft(v, app->context);
        job->progress = NULL;
        v->ended = job_now();
        v->done = r == 0;
        if (r == -ECANCELED)
                err_say(&v->error, r, "Cancelled; everything is undone. b tries again.");
        else if (r != 0 && !v->error.text[0])
                err_set(&v->error, r < 0 ? r : -EIO, "it could not be tried");
}

/* ---- keys ---- */

/* Adds the line to what the draft has, as systemd would add it. */
static int set_line(struct draft *d, const char *line, struct err *e)
{
        size_t n = strcspn(line, "=");
        scoped(mem_freep) char *name = strndup(line, n);
        const struct directive *directive = name ? directive_find(name) : NULL;
        scoped(value_done) struct value v = { 0 };
        int r;

        if (!directive)
                return err_set(e, name ? -EINVAL : -ENOMEM, "cannot set %s", line);
        r = value_copy(&draft_setting(d, directive->id)->value, &v);
        if (r >= 0)
                r = value_assign(&v, directive, d->dialect, line + n + 1, e);
        if (r < 0)
                return err_set(e, r, "cannot set %s", line);
        return r == ASSIGN_TAKEN ? draft_set(d, directive->id, &v, e) : -EINVAL;
}

static void set_closer(struct breach_view *v, struct app *app)
{
        const struct breach_line *l = v->cursor < (int)v->count ? &v->lines[v->cursor] : NULL;
        scoped(strv_freep) char **lines = NULL;
        scoped(mem_freep) char *words = NULL;
        struct err e = { 0 };
        int r;

        if (!l || !l->closer) {
                app_say(app, ROLE_FAIR, "there is nothing to set for this line");
                return;
        }
        r = strv_split(l->closer, "\n", &lines);
        for (size_t i = 0; r >= 0 && lines[i]; i++)
                r = set_line(v->draft, lines[i], &e);
        words = breaching_closer(l->closer);
        if (r < 0)
                app_say(app, ROLE_BAD, "%s", e.text[0] ? e.text : "out of memory");
        else
                app_say(app, ROLE_CHANGED, "%s is set; u takes it back, b tries again",
                        words ? words : "it");
}

static void undo(struct breach_view *v, struct app *app)
{
        struct err e = { 0 };
        int r = draft_undo(v->draft, &e);

        if (r < 0)
                app_fail(app, &e);
        else if (r > 0)
                app_say(app, ROLE_FAIR, "nothing to undo");
}

static bool act(void *state, enum action a, struct app *app)
{
        struct breach_view *v = state;
        bool running = !v->ended;

        if (running && (a == ACT_CANCEL || a == ACT_BACK)) {
                app->context->job.cancelled = true;
                app_say(app, ROLE_FAIR, "cancelling, everything is undone");
                return true;
        }
        if (running)
                return false;
        if (v->done && list_move(&v->cursor, (int)v->count, PAGE, a))
                return true;
        if (a == ACT_BREACH)
                app_work(app, run, v);
        else if (a == ACT_TAKE && v->done)
                set_closer(v, app);
        else if (a == ACT_UNDO)
                undo(v, app);
        else
                return false;
        return true;
}

static void view_free(void *state)
{
        struct breach_view *v = state;

        for (size_t i = 0; i < v->count; i++)
                free(v->lines[i].text);
        free(v->lines);
        strv_free(v->steps);
        breach_done(&v->breach);
        free(v);
}

static const enum action *offer(const void *state)
{
        static const enum action running[] = { ACT_CANCEL, ACT_HELP, ACT_NONE };
        static const enum action done[] = { ACT_TAKE, ACT_BREACH, ACT_UNDO,
                                            ACT_BACK, ACT_HELP,   ACT_NONE };
        static const enum action failed[] = { ACT_BREACH, ACT_BACK, ACT_HELP, ACT_NONE };
        const struct breach_view *v = state;

        return !v->ended ? running : v->done ? done : failed;
}

const struct view_ops breach_view_ops = {
        .screen = BREACH_SCREEN,
        .draw = draw,
        .act = act,
        .free = view_free,
        .offer = offer,
};

void view_breach_open(struct app *app, struct draft *d)
{
        struct breach_view *v = calloc(1, sizeof(*v));

        if (v) {
                v->app = app;
                v->draft = d;
                v->started = job_now();
        }
        app_push(app, &breach_view_ops, v);
        if (v)
                app_work(app, run, v);
}
