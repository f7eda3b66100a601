/* view_trial.c - a trial as it goes, and its verdict. */
#include "tui/screen/view_trial.h"

#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/screen/views.h"
#include "tui/screen/wording.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void draw_steps(const struct trial_view *v, const struct canvas *c)
{
        int n = (int)strv_length(v->steps);
        int top = n > c->rows ? n - c->rows : 0;

        for (int i = 0; i < c->rows && top + i < n; i++)
                canvas_text(c, i, 0, top + i == n - 1 ? ROLE_TITLE : ROLE_TEXT, "%s",
                            v->steps[top + i]);
}

void trial_draw(const void *state, const struct canvas *c)
{
        const struct trial_view *v = state;
        const struct trial *trial = &v->attempt.trial;
        struct canvas body = canvas_part(c, 2, 0, c->rows - 2 - v->prompt.open, c->cols);
        uint64_t now = v->ended ? v->ended : job_now();
        unsigned tenths = (unsigned)((now - v->started) / 100000);
        int col;

        if (!v->ended) {
                canvas_text(c, 0, 0, ROLE_TITLE, "Trying %s in a twin  %u.%u s",
                            v->draft->now->unit, tenths / 10, tenths % 10);
                draw_steps(v, &body);
                return;
        }
        if (!v->done) {
                canvas_text(c, 0, 0, ROLE_FAIR, "%s was not tried", v->draft->now->unit);
                canvas_wrap(&body, 0, ROLE_TEXT, v->error.text, 0);
                return;
        }
        col = canvas_text(c, 0, 0, wording_verdict(trial->verdict), "%s",
                          verdict_name(trial->verdict));
        col = canvas_text(c, 0, col + 2, ROLE_TITLE, "%s", v->draft->now->unit);
        if (v->attempt.scored)
                col = canvas_text(c, 0, col, ROLE_TEXT, "  %u.%u \xe2\x86\x92 %u.%u",
                                  v->attempt.before / 10, v->attempt.before % 10,
                                  v->attempt.after / 10, v->attempt.after % 10);
        canvas_text(c, 0, col, ROLE_TEXT, "  %u.%u s", tenths / 10, tenths % 10);
        sheet_draw(&v->sheet, &body);
        if (v->prompt.open)
                prompt_draw(&v->prompt, c, c->rows - 1, "reason: ");
}

static void on_progress(void *userdata, const char *step, const char *detail)
{
        struct trial_view *v = userdata;
        unsigned tenths = (unsigned)((job_now() - v->started) / 100000);

        if (strv_addf(&v->steps, "%3u.%u s  %s%s%s", tenths / 10, tenths % 10, step,
                      detail ? ": " : "", detail ? detail : "") < 0)
                app_say(v->app, ROLE_BAD, "out of memory");
        app_redraw(v->app);
}

/* The whole trial, between two events of the loop. */
static void run(void *state, struct app *app)
{
        struct trial_view *v = state;
        struct job *job = &app->context->job;
        int r;

        strv_free(v->steps);
        attempt_done(&v->attempt);
        v->steps = NULL;
        v->done = false;
        v->ended = 0;
        sheet_done(&v->sheet);
        v->error = (struct err){ 0 };
        v->started = job_now();
        job->progress = on_progress;
        job->userdata = v;
        r = attempt_try(app->context, v->draft->now, v->draft->profile, &v->attempt, &v->error);
        job->progress = NULL;
        v->ended = job_now();
        v->done = r == 0;
        if (r == -ECANCELED)
                err_say(&v->error, r, "Cancelled; everything is undone. t tries again.");
        else if (r != 0 && !v->error.text[0])
                err_set(&v->error, r < 0 ? r : -EIO, "the trial stopped");
        if (v->done) {
                trial_mark(v, 0);
                v->draft->saved = true; /* kept as the unit's last profile */
        }
}

static bool act_on_denial(struct trial_view *v, enum action a, struct app *app)
{
        const struct trial *trial = &v->attempt.trial;

        if (a != ACT_NEXT && a != ACT_PREVIOUS && a != ACT_ALLOW)
                return false;
        if (!v->done || !trial->denial_count)
                app_say(app, ROLE_FAIR, "nothing was refused");
        else if (a != ACT_ALLOW)
                trial_mark(v, a == ACT_NEXT ? 1 : -1);
        else if (!trial->denials[v->marked].key)
                app_say(app, ROLE_FAIR, "this one has no name to accept it by");
        else {
                const char *reason = trial->denials[v->marked].accepted;

                v->following = true;
                trial_fill(v);
                prompt_open(&v->prompt, reason ? reason : "");
        }
        return true;
}

static bool act(void *state, enum action a, struct app *app)
{
        struct trial_view *v = state;
        bool running = !v->ended;

        if (running && (a == ACT_CANCEL || a == ACT_BACK)) {
                app->context->job.cancelled = true;
                app_say(app, ROLE_FAIR, "cancelling, everything is undone");
                return true;
        }
        if (running)
                return false;
        if (sheet_move(&v->sheet, a)) {
                v->following = false;
                return true;
        }
        if (a == ACT_TRY)
                app_work(app, run, v);
        else if (a == ACT_SAVE && v->done)
                view_save_open(app, v->draft);
        else if (a == ACT_APPLY && v->done)
                view_apply_open(app, v->draft);
        else
                return act_on_denial(v, a, app);
        return true;
}

/* The reason, as it is typed. */
static bool key(void *state, const char *name, struct app *app)
{
        struct trial_view *v = state;

        if (!v->prompt.open)
                return false;
        if (prompt_key(&v->prompt, name) == PROMPT_ACCEPTED)
                trial_accept(v, v->prompt.text, app);
        return true;
}

static void view_free(void *state)
{
        struct trial_view *v = state;

        strv_free(v->steps);
        sheet_done(&v->sheet);
        attempt_done(&v->attempt);
        free(v);
}

static const enum action *offer(const void *state)
{
        static const enum action running[] = { ACT_CANCEL, ACT_HELP, ACT_NONE };
        static const enum action done[] = { ACT_SAVE, ACT_APPLY, ACT_TRY,
                                            ACT_BACK, ACT_HELP,  ACT_NONE };
        static const enum action bent[] = { ACT_NEXT, ACT_ALLOW, ACT_TRY, ACT_SAVE,
                                            ACT_BACK, ACT_HELP,  ACT_NONE };
        static const enum action failed[] = { ACT_TRY, ACT_BACK, ACT_HELP, ACT_NONE };
        const struct trial_view *v = state;

        return !v->ended                       ? running
               : !v->done                      ? failed
               : v->attempt.trial.denial_count ? bent
                                               : done;
}

const struct view_ops trial_view_ops = {
        .screen = TRIAL_SCREEN,
        .draw = trial_draw,
        .act = act,
        .key = key,
        .free = view_free,
        .offer = offer,
};

void view_trial_open(struct app *app, struct draft *d)
{
        struct trial_view *v = calloc(1, sizeof(*v));

        if (v) {
                v->app = app;
                v->draft = d;
                v->started = job_now();
        }
        app_push(app, &trial_view_ops, v);
        if (v)
                app_work(app, run, v);
}
