/* view_harden.c - a search for the tightest changes that hold, as it goes, and what it found. */
#include "tui/screen/view_harden.h"

#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/screen/views.h"
#include "tui/screen/wording.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* ---- the steps ---- */

/* "12.3 s  text": the end stays in sight unless somebody has scrolled up to read. */
static void add_step(struct harden_view *v, enum role role, const char *fmt, ...)
        __attribute__((format(printf, 3, 4)));

static void add_step(struct harden_view *v, enum role role, const char *fmt, ...)
{
        unsigned tenths = (unsigned)((job_now() - v->started) / 100000);
        scoped(mem_freep) char *words = NULL;
        struct text t = { 0 };
        va_list args;

        va_start(args, fmt);
        text_addv(&t, fmt, args);
        va_end(args);
        words = text_take(&t);
        sheet_add(&v->log, role, "%3u.%u s  %s", tenths / 10, tenths % 10,
                  words ? words : "out of memory");
        app_redraw(v->app);
}

static const char *directive_name(enum directive_id id)
{
        return id < DIRECTIVE_COUNT ? directive_at(id)->name : "something";
}

static void add_tried(struct harden_view *v, const struct search_step *s)
{
        const struct outcome *o = s->outcome;

        if (!o)
                return;
        add_step(v, wording_verdict(o->verdict), "%s%s%s", verdict_name(o->verdict),
                 o->summary ? ": " : "", o->summary ? o->summary : "");
}

void harden_step(void *userdata, const struct search_step *s)
{
        struct harden_view *v = userdata;
        const char *what = s->what ? s->what : "", *name = directive_name(s->directive);
        const char *colon = *what ? ": " : "";

        v->searching = true;
        v->trials = s->trials;
        v->exposure = s->exposure;
        switch (s->kind) {
        case SEARCH_TRYING:
                v->changes = s->count;
                add_step(v, ROLE_TITLE, "trying %zu change%s%s%s", s->count,
                         s->count == 1 ? "" : "s", colon, what);
                break;
        case SEARCH_TRIED:
                add_tried(v, s);
                break;
        case SEARCH_GAVE:
                add_step(v, ROLE_FAIR, "%s given back%s%s", name, colon, what);
                break;
        case SEARCH_EASED:
                add_step(v, ROLE_FAIR, "%s eased%s%s", name, colon, what);
                break;
        case SEARCH_KEPT:
                add_step(v, ROLE_GOOD, "%s holds after all%s%s", name, colon, what);
                break;
        case SEARCH_STOPPED:
                add_step(v, ROLE_FAIR, "stopped%s%s", colon, what);
                break;
        }
}

static void on_progress(void *userdata, const char *step, const char *detail)
{
        add_step(userdata, ROLE_TEXT, "%s%s%s", step, detail ? ": " : "", detail ? detail : "");
}

/* ---- the result ---- */

static void add_forgone(struct sheet *s, const struct search *found)
{
        if (found->forgone_count)
                sheet_add(s, ROLE_HEADING, "What it needs, so it was given back");
        for (size_t i = 0; i < found->forgone_count; i++) {
                const struct forgone *f = &found->forgone[i];

                sheet_add(s, ROLE_FAIR, "  %s: %s, not %s", directive_name(f->directive),
                          f->had ? f->had : "as it was", f->wished ? f->wished : "?");
                if (f->why)
                        sheet_add(s, ROLE_TEXT, "    %s", f->why);
        }
}

static void add_changes(struct sheet *s, const struct harden_view *v)
{
        const struct profile *p = v->search.profile;

        if (p->change_count)
                sheet_add(s, ROLE_HEADING, "What held");
        for (size_t i = 0; i < p->change_count; i++) {
                const struct change *change = &p->changes[i];
                const struct directive *d = directive_at(change->directive);
                scoped(mem_freep) char *value = wording_value(&change->value, d, v->draft->dialect);

                sheet_add(s, ROLE_GOOD, "  %s=%s", d->name, value ? value : "?");
                if (change->evidence)
                        sheet_add(s, ROLE_TEXT, "    %s", change->evidence);
        }
}

static void add_not_rehearsed(struct sheet *s, const struct outcome *o)
{
        if (o->not_rehearsed_count)
                sheet_add(s, ROLE_HEADING, "Not rehearsed: the twin does not enforce it");
        for (size_t i = 0; i < o->not_rehearsed_count; i++)
                sheet_add(s, ROLE_FAIR, "  %s", directive_name(o->not_rehearsed[i]));
}

/* What the draft has then: the search's own changes were taken over. */
static void add_denials(struct sheet *s, const struct harden_view *v)
{
        const struct outcome *o = &v->search.outcome;

        if (o->denial_count)
                sheet_add(s, ROLE_HEADING, "Refused, and it went on");
        for (size_t i = 0; i < o->denial_count; i++)
                wording_denial(s, &o->denials[i], v->draft->then, v->draft->dialect, false);
}

void harden_fill(struct harden_view *v)
{
        const struct search *found = &v->search;
        struct sheet *s = &v->sheet;

        sheet_done(s);
        if (found->outcome.summary)
                sheet_add(s, ROLE_TEXT, "%s", found->outcome.summary);
        if (found->stopped)
                sheet_add(s, ROLE_FAIR, "%s%s", found->stopped,
                          found->exhausted ? "; it could be tighter yet" : "");
        if (found->from_cache)
                sheet_add(s, ROLE_TEXT, "%zu trial%s, and %zu more known from before",
                          found->trials, found->trials == 1 ? "" : "s", found->from_cache);
        else
                sheet_add(s, ROLE_TEXT, "%zu trial%s", found->trials,
                          found->trials == 1 ? "" : "s");
        add_forgone(s, found);
        add_denials(s, v);
        if (found->profile)
                add_changes(s, v);
        add_not_rehearsed(s, &found->outcome);
}

/* ---- drawn ---- */

static int draw_exposures(const struct canvas *c, int col, unsigned before, unsigned after)
{
        col = canvas_text(c, 1, col, wording_role(before), "%u.%u", before / 10, before % 10);
        col = canvas_text(c, 1, col, ROLE_TEXT, " \xe2\x86\x92 ");
        return canvas_text(c, 1, col, wording_role(after), "%u.%u", after / 10, after % 10);
}

static void draw_running(const struct harden_view *v, const struct canvas *c, unsigned tenths)
{
        struct canvas body = canvas_part(c, 2, 0, c->rows - 2, c->cols);
        int col;

        canvas_text(c, 0, 0, ROLE_TITLE, "Hardening %s  %u.%u s", v->draft->now->unit, tenths / 10,
                    tenths % 10);
        if (v->searching) {
                col = draw_exposures(c, 0, v->draft->before.exposure, v->exposure);
                canvas_text(c, 1, col, ROLE_TEXT, "  %zu trial%s, %zu change%s", v->trials,
                            v->trials == 1 ? "" : "s", v->changes, v->changes == 1 ? "" : "s");
        }
        sheet_draw(&v->log, &body);
}

void harden_draw(const void *state, const struct canvas *c)
{
        const struct harden_view *v = state;
        const struct search *found = &v->search;
        struct canvas body = canvas_part(c, 2, 0, c->rows - 2, c->cols);
        uint64_t now = v->ended ? v->ended : job_now();
        unsigned tenths = (unsigned)((now - v->started) / 100000);
        int col;

        if (!v->ended) {
                draw_running(v, c, tenths);
                return;
        }
        if (!v->done) {
                canvas_text(c, 0, 0, ROLE_FAIR, "not hardened: %s", v->draft->now->unit);
                canvas_wrap(&body, 0, ROLE_TEXT, v->error.text, 0);
                return;
        }
        col = canvas_text(c, 0, 0, wording_verdict(found->outcome.verdict), "%s",
                          verdict_name(found->outcome.verdict));
        canvas_text(c, 0, col + 2, ROLE_TITLE, "%s", v->draft->now->unit);
        if (found->profile) {
                size_t n = found->profile->change_count;

                col = draw_exposures(c, 0, found->before, found->after);
                col = canvas_text(c, 1, col, ROLE_TEXT, "  %zu change%s", n, n == 1 ? "" : "s");
        } else
                col = canvas_text(c, 1, 0, ROLE_BAD, "nothing held");
        canvas_text(c, 1, col, ROLE_TEXT, "  %u.%u s", tenths / 10, tenths % 10);
        sheet_draw(&v->sheet, &body);
}

/* ---- the work ---- */

static void empty(struct harden_view *v)
{
        sheet_done(&v->log);
        sheet_done(&v->sheet);
        search_done(&v->search);
        v->search = (struct search){ 0 };
        v->error = (struct err){ 0 };
        v->searching = v->done = false;
        v->trials = v->changes = 0;
        v->ended = 0;
        v->log.top = INT_MAX - 1; /* its end */
}

/* What was found takes the place of the changes there were, which it contains. */
static void take_over(struct harden_view *v, struct app *app)
{
        struct err e = { 0 };

        if (!v->search.profile)
                return;
        if (draft_load(v->draft, v->search.profile, &e) < 0)
                app_fail(app, &e);
        else
                v->draft->saved = true; /* kept as the unit's last profile */
}

/* What was set by hand is kept; what earlier searches and observations brought is found anew. */
static int by_hand(const struct profile *now, struct profile **ret)
{
        int r = profile_copy(now, ret);

        for (size_t i = 0; r >= 0 && i < now->change_count; i++)
                if (now->changes[i].reason != REASON_HAND && now->changes[i].reason != REASON_FILE)
                        profile_unset(*ret, now->changes[i].directive);
        return r;
}

/* The whole search, between two events of the loop. */
static void run(void *state, struct app *app)
{
        struct harden_view *v = state;
        struct context *c = app->context;
        const struct arguments *a = c->args;
        scoped(profile_freep) struct profile *own = NULL;
        struct hardening_options o = { .keep = NULL,
                                       .preset = a->preset,
                                       .probes = v->draft->profile->probes,
                                       .aim = a->on[OPT_AIM] ? a->aim : UINT_MAX,
                                       .parallel = a->parallel,
                                       .trials = a->trials,
                                       .within = a->within,
                                       .settle = a->settle,
                                       .ignore_conditions = a->on[OPT_CONDITIONS],
                                       .accept_bent = a->on[OPT_ACCEPT_BENT],
                                       .step = harden_step,
                                       .userdata = v };
        int r;

        empty(v);
        v->started = job_now();
        c->job.progress = on_progress;
        c->job.userdata = v;
        r = by_hand(v->draft->profile, &own);
        if (r >= 0) {
                o.by_hand = own->change_count || own->accepted_count ? own : NULL;
                r = hardening_run(c, v->draft->now, &o, &v->search, &v->error);
        }
        c->job.progress = NULL;
        v->ended = job_now();
        v->done = r == 0;
        if (r == -ECANCELED)
                err_say(&v->error, r,
                        "Cancelled before anything held; everything is undone. "
                        "H searches again.");
        else if (r != 0 && !v->error.text[0])
                err_set(&v->error, r < 0 ? r : -EIO, "the search stopped");
        if (v->done) {
                take_over(v, app);
                harden_fill(v);
        }
}

/* ---- keys ---- */

static bool act_running(struct harden_view *v, enum action a, struct app *app)
{
        if (a == ACT_CANCEL || a == ACT_BACK) {
                app->context->job.cancelled = true;
                app_say(app, ROLE_FAIR, "stopping; what holds so far is kept");
                return true;
        }
        return sheet_move(&v->log, a);
}

static bool act(void *state, enum action a, struct app *app)
{
        struct harden_view *v = state;
        bool found = v->done && v->search.profile;

        if (!v->ended)
                return act_running(v, a, app);
        if (sheet_move(&v->sheet, a))
                return true;
        if (a == ACT_HARDEN)
                app_work(app, run, v);
        else if (a == ACT_DIFF && found)
                view_diff_open(app, v->draft);
        else if (a == ACT_SAVE && found)
                view_save_open(app, v->draft);
        else if (a == ACT_APPLY && found)
                view_apply_open(app, v->draft);
        else
                return false;
        return true;
}

static void view_free(void *state)
{
        struct harden_view *v = state;

        empty(v);
        free(v);
}

static const enum action *offer(const void *state)
{
        static const enum action running[] = { ACT_CANCEL, ACT_UP, ACT_HELP, ACT_NONE };
        static const enum action found[] = { ACT_DIFF,   ACT_SAVE, ACT_APPLY, ACT_BACK,
                                             ACT_HARDEN, ACT_HELP, ACT_NONE };
        static const enum action nothing[] = { ACT_HARDEN, ACT_BACK, ACT_HELP, ACT_NONE };
        const struct harden_view *v = state;

        return !v->ended ? running : v->done && v->search.profile ? found : nothing;
}

const struct view_ops harden_view_ops = {
        .screen = HARDEN_SCREEN,
        .draw = harden_draw,
        .act = act,
        .free = view_free,
        .offer = offer,
};

void view_harden_open(struct app *app, struct draft *d)
{
        struct harden_view *v = calloc(1, sizeof(*v));

        if (v) {
                v->app = app;
                v->draft = d;
                v->started = job_now();
        }
        app_push(app, &harden_view_ops, v);
        if (v)
                app_work(app, run, v);
}
