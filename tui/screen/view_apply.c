/* view_apply.c - changes put on the running unit, guarded. */
#include "tui/screen/view_apply.h"

#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/attempt.h"
#include "tui/screen/views.h"
#include "tui/screen/wording.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const uint64_t WITHIN = 60000000;

/* ---- drawn ---- */

static void draw_steps(const struct apply_view *v, const struct canvas *c)
{
        int n = (int)strv_length(v->steps);
        int top = n > c->rows ? n - c->rows : 0;

        for (int i = 0; i < c->rows && top + i < n; i++)
                canvas_text(c, i, 0, top + i == n - 1 ? ROLE_TITLE : ROLE_TEXT, "%s",
                            v->steps[top + i]);
}

/* The countdown comes first where the window is narrow. */
static void draw_guard(const struct apply_view *v, const struct canvas *c)
{
        const struct guard *g = apply_guard(v);
        char words[64] = "";
        int col = 0;

        if (g) {
                pending_words(g, v->pending.now, words, sizeof(words));
                col = canvas_text(c, 0, 0, pending_role(g), "%s", words) + 2;
        }
        canvas_text(c, 0, col, ROLE_TITLE, "%s", v->draft->now->unit);
}

void apply_draw(const void *state, const struct canvas *c)
{
        const struct apply_view *v = state;
        struct canvas body = canvas_part(c, 2, 0, c->rows - 2, c->cols);
        unsigned tenths = (unsigned)((job_now() - v->started) / 100000);

        switch (v->stage) {
        case APPLY_WORKING:
                canvas_text(c, 0, 0, ROLE_TITLE, "%s %s  %u.%u s", v->doing, v->draft->now->unit,
                            tenths / 10, tenths % 10);
                draw_steps(v, &body);
                return;
        case APPLY_PLANNED:
                canvas_text(c, 0, 0, ROLE_TITLE, "Apply to %s?", v->draft->now->unit);
                wording_exposures(c, 1, 0, v->draft);
                break;
        case APPLY_STANDING:
                draw_guard(v, c);
                break;
        case APPLY_OVER:
                canvas_text(c, 0, 0, ROLE_TITLE, "%s", v->draft->now->unit);
                break;
        }
        sheet_draw(&v->sheet, &body);
}

/* ---- the work ---- */

static void on_progress(void *userdata, const char *step, const char *detail)
{
        struct apply_view *v = userdata;
        unsigned tenths = (unsigned)((job_now() - v->started) / 100000);

        if (strv_addf(&v->steps, "%3u.%u s  %s%s%s", tenths / 10, tenths % 10, step,
                      detail ? ": " : "", detail ? detail : "") < 0)
                app_say(v->app, ROLE_BAD, "out of memory");
        app_redraw(v->app);
}

static void begin(struct apply_view *v, const char *doing)
{
        struct job *job = &v->app->context->job;

        strv_free(v->steps);
        v->steps = NULL;
        v->doing = doing;
        v->stage = APPLY_WORKING;
        v->started = job_now();
        job->progress = on_progress;
        job->userdata = v;
        app_redraw(v->app);
}

/* After any work: a guard that stands says more than the work's own answer. */
static void end(struct apply_view *v)
{
        struct context *c = v->app->context;

        c->job.progress = NULL;
        pending_read(&v->pending, c);
        if (apply_guard(v))
                apply_settle(v);
        apply_fill(v);
}

static struct applying_options options_of(const struct apply_view *v)
{
        const struct arguments *a = v->app->context->args;

        return (struct applying_options){ .unit = v->draft->now,
                                          .profile = v->draft->profile,
                                          .now = v->now,
                                          .next_start = v->next_start,
                                          .within = v->within,
                                          .settle = a->settle };
}

static void look(void *state, struct app *app)
{
        struct apply_view *v = state;
        struct applying_options o;
        struct err e = { 0 };
        int r;

        pending_read(&v->pending, app->context);
        v->found = apply_guard(v) != NULL;
        if (v->found) {
                apply_settle(v);
                return;
        }
        begin(v, "Looking at");
        applying_plan_done(&v->plan);
        v->plan = (struct applying_plan){ 0 };
        v->objection = attempt_objection(v->draft->profile, false);
        o = options_of(v);
        r = applying_look(app->context, &o, &v->plan, &e);
        if (r == 0)
                v->stage = APPLY_PLANNED;
        else
                apply_over(v, ROLE_FAIR, "%s",
                           e.text[0]         ? e.text
                           : r == -ECANCELED ? "Cancelled; nothing was done."
                                             : "it cannot be applied here");
        end(v);
}

/* What the draft has was kept as the unit's last profile, and its verdict with it. */
static void learn_verdict(struct apply_view *v)
{
        struct context *c = v->app->context;
        struct profile *own = v->draft->profile;
        scoped(profile_freep) struct profile *kept = NULL;
        struct err e = { 0 };

        if (store_get_profile(&c->store, own->unit, &c->dialect, &kept, &e) != 0 ||
            kept->change_count != own->change_count)
                return; /* the next trial says it */
        for (size_t i = 0; i < own->change_count; i++)
                if (kept->changes[i].directive != own->changes[i].directive ||
                    !value_equal(&kept->changes[i].value, &own->changes[i].value))
                        return;
        own->verdict = kept->verdict;
        free(own->tried);
        own->tried = take(kept->tried);
        v->draft->saved = true;
}

/* What was taken back at once, and why. */
static void say_reverted(struct apply_view *v)
{
        apply_over(v, ROLE_BAD, "Taken back at once: %s. Everything is as it was before.",
                   v->applied.why ? v->applied.why : "it did not come up");
}

static void run(void *state, struct app *app)
{
        struct apply_view *v = state;
        struct applying_options o = options_of(v);
        struct err e = { 0 };
        int r;

        begin(v, "Applying to");
        applied_done(&v->applied);
        v->applied = (struct applied){ 0 };
        r = applying_run(app->context, &o, &v->plan, &v->applied, &e);
        v->ran = r == 0;
        if (r == 0 && v->applied.reverted)
                say_reverted(v);
        else if (r == 0)
                apply_over(v, ROLE_FAIR, "It is not applied any more.");
        else if (r == -ECANCELED)
                apply_over(v, ROLE_FAIR, "Cancelled; what was applied is taken back.");
        else
                apply_over(v, ROLE_BAD, "%s", e.text[0] ? e.text : "it could not be applied");
        if (r == 0)
                learn_verdict(v);
        end(v);
        if (r != 0 && v->stage == APPLY_STANDING && e.text[0])
                app_fail(app, &e);
}

static void confirm(void *state, struct app *app)
{
        struct apply_view *v = state;
        const char *unit = v->draft->now->unit;
        struct err e = { 0 };
        int r;

        begin(v, "Confirming");
        r = applying_confirm(app->context, unit, false, &e);
        apply_over(v, ROLE_FAIR, "%s", e.text[0] ? e.text : "It is not applied any more.");
        learn_verdict(v);
        end(v);
        if (r != 0)
                app_say(app, ROLE_BAD, "%s", e.text[0] ? e.text : "it could not be confirmed");
        else
                app_say(app, ROLE_GOOD, "it stays until the next boot; s saves it for good");
}

static void revert(void *state, struct app *app)
{
        struct apply_view *v = state;
        struct err e = { 0 };
        int r;

        begin(v, "Taking back from");
        r = applying_revert(app->context, v->draft->now->unit, &e);
        if (r == 0) {
                v->reverted = true;
                apply_over(v, ROLE_GOOD, "Taken back: everything is as it was before.");
                if (v->found) /* the draft was made of the unit as it was until now */
                        v->draft->written = true;
        } else
                apply_over(v, ROLE_BAD, "%s", e.text[0] ? e.text : "it could not be taken back");
        end(v);
        if (r != 0)
                app_say(app, ROLE_BAD, "%s", e.text[0] ? e.text : "it could not be taken back");
}

/* ---- keys ---- */

static void apply_all_the_same(void *state, struct app *app)
{
        app_work(app, run, state);
}

static void revert_all_the_same(void *state, struct app *app)
{
        app_work(app, revert, state);
}

/* Once; twice where something speaks against it, or lasts. */
static void apply(struct apply_view *v, struct app *app)
{
        bool marks = v->plan.marks && *v->plan.marks;
        bool against = v->plan.objections && *v->plan.objections;

        if (!marks && !against && !v->objection) {
                app_work(app, run, v);
                return;
        }
        app_ask(app, apply_all_the_same, v, "%s%s%s. Apply it all the same?",
                against || v->objection ? "It is advised against" : "",
                marks && (against || v->objection) ? ", and " : "",
                marks ? (against || v->objection) ? "changes files for good"
                                                  : "It changes files for good"
                      : "");
}

static bool act_planned(struct apply_view *v, enum action a, struct app *app)
{
        if (a == ACT_PROCEED)
                apply(v, app);
        else if (a == ACT_WHEN && !v->plan.running)
                app_say(app, ROLE_FAIR, "it does not run, so there is nothing to restart");
        else if (a == ACT_WHEN) {
                v->now = v->plan.next_start;
                v->next_start = !v->plan.next_start;
                app_work(app, look, v);
        } else
                return sheet_move(&v->sheet, a);
        return true;
}

static void save(struct apply_view *v, struct app *app)
{
        if (v->shown != GUARD_CONFIRMED)
                app_say(app, ROLE_FAIR, "not yet: c confirms it first");
        else if (!v->draft->profile->change_count)
                app_say(app, ROLE_FAIR, "the changes are not known here; `gird save %s` saves them",
                        v->draft->now->unit);
        else
                view_save_open(app, v->draft);
}

static bool act_standing(struct apply_view *v, enum action a, struct app *app)
{
        bool pending = v->shown == GUARD_PENDING;

        if ((a == ACT_CONFIRM || a == ACT_PROCEED) && pending)
                app_work(app, confirm, v);
        else if (a == ACT_CONFIRM || a == ACT_PROCEED)
                app_say(app, ROLE_FAIR, "there is nothing to confirm");
        else if (a == ACT_REVERT && v->shown == GUARD_CONFIRMED)
                app_ask(app, revert_all_the_same, v, "Take it back, which restarts %s?",
                        v->draft->now->unit);
        else if (a == ACT_REVERT)
                app_work(app, revert, v);
        else if (a == ACT_SAVE)
                save(v, app);
        else
                return sheet_move(&v->sheet, a);
        return true;
}

static bool act(void *state, enum action a, struct app *app)
{
        struct apply_view *v = state;

        switch (v->stage) {
        case APPLY_WORKING:
                if (a != ACT_BACK)
                        return false;
                app->context->job.cancelled = true;
                app_say(app, ROLE_FAIR,
                        "stopping; what is applied and not confirmed is taken back");
                return true;
        case APPLY_PLANNED:
                return act_planned(v, a, app);
        case APPLY_STANDING:
                return act_standing(v, a, app);
        case APPLY_OVER:
                break;
        }
        return sheet_move(&v->sheet, a);
}

static bool tick(void *state, struct app *app)
{
        struct apply_view *v = state;

        if (v->stage != APPLY_STANDING || !pending_tick(&v->pending, app->context))
                return false;
        apply_settle(v);
        return true;
}

static void resume(void *state, struct app *app)
{
        struct apply_view *v = state;

        if (v->stage != APPLY_STANDING || !app->context)
                return;
        pending_read(&v->pending, app->context);
        apply_settle(v);
}

static void view_free(void *state)
{
        struct apply_view *v = state;

        strv_free(v->steps);
        applying_plan_done(&v->plan);
        applied_done(&v->applied);
        pending_done(&v->pending);
        text_done(&v->outcome);
        sheet_done(&v->sheet);
        free(v);
}

static const enum action *offer(const void *state)
{
        static const enum action working[] = { ACT_BACK, ACT_HELP, ACT_NONE };
        static const enum action planned[] = { ACT_PROCEED, ACT_WHEN, ACT_BACK, ACT_HELP,
                                               ACT_NONE };
        static const enum action pending[] = { ACT_CONFIRM, ACT_REVERT, ACT_BACK, ACT_HELP,
                                               ACT_NONE };
        static const enum action confirmed[] = { ACT_SAVE, ACT_REVERT, ACT_BACK, ACT_HELP,
                                                 ACT_NONE };
        static const enum action failed[] = { ACT_REVERT, ACT_BACK, ACT_HELP, ACT_NONE };
        const struct apply_view *v = state;

        switch (v->stage) {
        case APPLY_WORKING:
        case APPLY_OVER:
                break;
        case APPLY_PLANNED:
                return planned;
        case APPLY_STANDING:
                return v->shown == GUARD_PENDING     ? pending
                       : v->shown == GUARD_CONFIRMED ? confirmed
                       : v->shown == GUARD_FAILED    ? failed
                                                     : working;
        }
        return working;
}

const struct view_ops apply_view_ops = {
        .screen = APPLY_SCREEN,
        .draw = apply_draw,
        .act = act,
        .tick = tick,
        .resume = resume,
        .free = view_free,
        .offer = offer,
};

void view_apply_open(struct app *app, struct draft *d)
{
        struct apply_view *v = calloc(1, sizeof(*v));

        if (v) {
                const struct arguments *a = app->context ? app->context->args : NULL;

                v->app = app;
                v->draft = d;
                v->doing = "Looking at";
                v->started = job_now();
                v->within = a && a->confirm_within ? a->confirm_within : WITHIN;
        }
        app_push(app, &apply_view_ops, v);
        if (v)
                app_work(app, look, v);
}
