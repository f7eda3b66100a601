/* view_observe.c - an observation as it goes, and what follows from it. */
#include "tui/screen/view_observe.h"

#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/screen/views.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- the result ---- */

static void add_advice(struct observe_view *v, const struct advice *a, enum role role)
{
        const struct directive *d = directive_at(a->directive);
        scoped(mem_freep) char *value = NULL;
        scoped(mem_freep) char *confidence = advising_confidence(a);

        if (a->value.set)
                value = value_show(&a->value, d, v->draft->dialect);
        sheet_add(&v->sheet, role, "  %s%s%s", d->name, value ? "=" : "", value ? value : "");
        sheet_add(&v->sheet, ROLE_TEXT, "    %s (%s)", a->evidence ? a->evidence : "",
                  confidence ? confidence : "?");
}

static void add_advices(struct observe_view *v, enum advice_verdict verdict, enum role role,
                        const char *title)
{
        bool any = false;

        for (size_t i = 0; i < COUNT(v->advising->advices.list); i++) {
                const struct advice *a = &v->advising->advices.list[i];

                if (a->verdict != verdict || (verdict == ADVICE_SAFE && !a->changes) ||
                    directive_at(i)->flags & NOT_A_SANDBOX)
                        continue;
                if (!any)
                        sheet_add(&v->sheet, ROLE_HEADING, "%s", title);
                any = true;
                add_advice(v, a, role);
        }
}

void observe_fill(struct observe_view *v)
{
        const struct advising *a = v->advising;

        sheet_done(&v->sheet);
        if (v->aside)
                sheet_add(&v->sheet, ROLE_FAIR,
                          "%s; what was seen is kept, and joins the rest the next time", v->aside);
        if (!a->known) {
                sheet_add(&v->sheet, ROLE_FAIR, "%s", a->why.text);
                return;
        }
        sheet_add(&v->sheet, ROLE_TEXT, "%s", a->watched);
        if (a->advices.about)
                sheet_add(&v->sheet, ROLE_FAIR, "%s", a->advices.about);
        add_advices(v, ADVICE_SAFE, ROLE_GOOD, "Safe, and stricter than it is");
        add_advices(v, ADVICE_BREAKS, ROLE_BAD, "Would break");
        add_advices(v, ADVICE_UNKNOWN, ROLE_FAIR, "Unknown");
}

/* ---- drawn ---- */

static void draw_steps(const struct observe_view *v, const struct canvas *c)
{
        int n = (int)strv_length(v->steps);
        int top = n > c->rows ? n - c->rows : 0;

        for (int i = 0; i < c->rows && top + i < n; i++)
                canvas_text(c, i, 0, top + i == n - 1 ? ROLE_TITLE : ROLE_TEXT, "%s",
                            v->steps[top + i]);
}

static void draw_numbers(const struct observe_view *v, const struct canvas *c)
{
        const struct observer_numbers *n = &v->numbers;
        int col = canvas_text(c, 1, 0, ROLE_TEXT, "%" PRIu64 " calls, %" PRIu64 " facts", n->calls,
                              n->facts);

        col = canvas_text(c, 1, col, ROLE_TEXT, ", %" PRIu64 " processes", n->processes);
        if (n->lost)
                canvas_text(c, 1, col, ROLE_BAD, ", %" PRIu64 " lost", n->lost);
}

void observe_draw(const void *state, const struct canvas *c)
{
        const struct observe_view *v = state;
        struct canvas body = canvas_part(c, 2, 0, c->rows - 2, c->cols);
        uint64_t now = v->ended ? v->ended : job_now();
        unsigned tenths = (unsigned)((now - v->started) / 100000);
        int col;

        if (!v->ended) {
                canvas_text(c, 0, 0, ROLE_TITLE, "Watching %s in a twin  %u.%u s",
                            v->draft->now->unit, tenths / 10, tenths % 10);
                draw_numbers(v, c);
                draw_steps(v, &body);
                return;
        }
        if (!v->done) {
                canvas_text(c, 0, 0, ROLE_FAIR, "%s was not observed", v->draft->now->unit);
                canvas_wrap(&body, 0, ROLE_TEXT, v->error.text, 0);
                return;
        }
        col = canvas_text(c, 0, 0, ROLE_TITLE, "%s", v->draft->now->unit);
        if (v->advising->known) {
                col = canvas_text(c, 0, col + 2, ROLE_GOOD, "%zu safe to take",
                                  v->advising->stricter);
                col = canvas_text(c, 0, col, ROLE_BAD, ", %zu would break", v->advising->breaks);
                col = canvas_text(c, 0, col, ROLE_FAIR, ", %zu unknown", v->advising->unknown);
        }
        canvas_text(c, 0, col, ROLE_TEXT, "  %u.%u s", tenths / 10, tenths % 10);
        sheet_draw(&v->sheet, &body);
}

/* ---- the work ---- */

static void on_progress(void *userdata, const char *step, const char *detail)
{
        struct observe_view *v = userdata;
        unsigned tenths = (unsigned)((job_now() - v->started) / 100000);

        if (strv_addf(&v->steps, "%3u.%u s  %s%s%s", tenths / 10, tenths % 10, step,
                      detail ? ": " : "", detail ? detail : "") < 0)
                app_say(v->app, ROLE_BAD, "out of memory");
        app_redraw(v->app);
}

static void on_numbers(void *userdata, const struct observer_numbers *n, uint64_t lasted)
{
        struct observe_view *v = userdata;

        (void)lasted;
        v->numbers = *n;
        app_redraw(v->app);
}

static void empty(struct observe_view *v)
{
        strv_free(v->steps);
        v->steps = NULL;
        free(v->aside);
        v->aside = NULL;
        sheet_done(&v->sheet);
        v->numbers = (struct observer_numbers){ 0 };
        v->error = (struct err){ 0 };
        v->done = false;
        v->ended = 0;
}

/* The whole observation, between two events of the loop. */
static void run(void *state, struct app *app)
{
        struct observe_view *v = state;
        struct context *c = app->context;
        struct observing_options o = { .probes = v->draft->profile->probes,
                                       .settle = c->args->settle,
                                       .numbers = on_numbers,
                                       .userdata = v };
        scoped(observing_done) struct observing made = { 0 };
        int r;

        empty(v);
        v->started = job_now();
        c->job.progress = on_progress;
        c->job.userdata = v;
        r = observing_run(c, v->draft->now, &o, &made, &v->error);
        c->job.progress = NULL;
        v->ended = job_now();
        v->done = r == 0;
        v->aside = take(made.aside);
        if (r == -ECANCELED)
                err_say(&v->error, r, "Cancelled before anything was seen. o observes again.");
        else if (r != 0 && !v->error.text[0])
                err_set(&v->error, r < 0 ? r : -EIO, "the observation stopped");
        if (advising_load(c, v->draft->now, v->advising) < 0)
                app_say(app, ROLE_BAD, "out of memory");
        if (v->done)
                observe_fill(v);
}

/* ---- keys ---- */

static void take_safe(struct observe_view *v, struct app *app)
{
        struct err e = { 0 };
        size_t n = 0;
        int r = v->advising->known ? draft_take(v->draft, &v->advising->advices, &n, &e) : 1;

        if (r < 0)
                app_fail(app, &e);
        else if (r > 0)
                app_say(app, ROLE_FAIR, "there is nothing to take over");
        else {
                app_pop(app); /* back to the unit, where the score has moved */
                app_say(app, ROLE_GOOD, "%zu directive%s taken over; u undoes it, t tries it", n,
                        n == 1 ? "" : "s");
        }
}

static bool act(void *state, enum action a, struct app *app)
{
        struct observe_view *v = state;
        bool running = !v->ended;

        if (running && (a == ACT_CANCEL || a == ACT_BACK)) {
                app->context->job.cancelled = true;
                app_say(app, ROLE_FAIR, "stopping; what was seen is kept");
                return true;
        }
        if (running)
                return false;
        if (sheet_move(&v->sheet, a))
                return true;
        if (a == ACT_OBSERVE)
                app_work(app, run, v);
        else if (a == ACT_TAKE_SAFE && v->done)
                take_safe(v, app);
        else
                return false;
        return true;
}

static void view_free(void *state)
{
        struct observe_view *v = state;

        empty(v);
        free(v);
}

static const enum action *offer(const void *state)
{
        static const enum action running[] = { ACT_CANCEL, ACT_HELP, ACT_NONE };
        static const enum action done[] = { ACT_TAKE_SAFE, ACT_OBSERVE, ACT_BACK, ACT_HELP,
                                            ACT_NONE };
        static const enum action nothing[] = { ACT_OBSERVE, ACT_BACK, ACT_HELP, ACT_NONE };
        const struct observe_view *v = state;

        return !v->ended                                                ? running
               : v->done && v->advising->known && v->advising->stricter ? done
                                                                        : nothing;
}

const struct view_ops observe_view_ops = {
        .screen = OBSERVE_SCREEN,
        .draw = observe_draw,
        .act = act,
        .free = view_free,
        .offer = offer,
};

void view_observe_open(struct app *app, struct draft *d, struct advising *advising)
{
        struct observe_view *v = calloc(1, sizeof(*v));

        if (v) {
                v->app = app;
                v->draft = d;
                v->advising = advising;
                v->started = job_now();
        }
        app_push(app, &observe_view_ops, v);
        if (v)
                app_work(app, run, v);
}
