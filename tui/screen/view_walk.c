/* view_walk.c - the guided walk: asking, taking, skipping, going back. */
#include "tui/screen/view_walk.h"

#include "core/base/base.h"
#include "tui/screen/views.h"

#include <errno.h>
#include <stdlib.h>

static bool answered(const struct walk_view *v, const struct proposal *p)
{
        for (size_t i = 0; i < v->answer_count; i++)
                if (v->answers[i].proposal == p)
                        return true;
        return false;
}

static void forget_open(struct walk_view *v)
{
        for (size_t i = 0; i < v->open_count; i++)
                value_done(&v->open[i].value);
        v->open_count = 0;
}

/* What takes most off the exposure comes first, what needs a decision last. */
static bool before(const struct walk_question *a, const struct walk_question *b)
{
        bool decide_a = a->proposal->decision, decide_b = b->proposal->decision;

        return decide_a != decide_b ? decide_b : a->exposure < b->exposure;
}

static void insert(struct walk_view *v, struct walk_question q)
{
        size_t i = v->open_count++;

        for (; i > 0 && before(&q, &v->open[i - 1]); i--)
                v->open[i] = v->open[i - 1];
        v->open[i] = q;
}

/* 1: not a question for this unit as it would be now. */
static int consider(struct walk_view *v, const struct proposal *p)
{
        scoped(value_done) struct value value = { 0 };
        unsigned exposure = v->draft->after.exposure;
        int r = proposal_value(p, v->draft->then, v->draft->dialect, &value);

        if (r != 0)
                return r;
        r = draft_what_if(v->draft, p->directive, &value, &exposure);
        if (r == -ENODATA && !v->draft->scored)
                r = 0;
        if (r < 0) /* with this value systemd would refuse the unit */
                return r == -ENODATA ? 1 : r;
        insert(v, (struct walk_question){ p, value, exposure });
        value = (struct value){ 0 };
        return 0;
}

int walk_arrange(struct walk_view *v)
{
        const struct proposal *p;

        forget_open(v);
        for (size_t i = 0; (p = proposal_at(i)) && i < COUNT(v->open); i++) {
                int r = answered(v, p) ? 1 : consider(v, p);

                if (r < 0)
                        return r;
        }
        if (!v->open_count)
                v->ended = true;
        walk_compose(v);
        return 0;
}

static void arrange(struct walk_view *v, struct app *app)
{
        if (walk_arrange(v) < 0)
                app_say(app, ROLE_BAD, "out of memory");
}

static void note_answer(struct walk_view *v, struct walk_answer a, struct app *app)
{
        a.after = v->draft->after.exposure;
        a.past_at = v->draft->past_at;
        v->answers[v->answer_count++] = a;
        arrange(v, app);
}

static void answer(struct walk_view *v, bool taken, struct app *app)
{
        const struct walk_question *q = &v->open[0];
        struct walk_answer a = { .proposal = q->proposal,
                                 .taken = taken,
                                 .before = v->draft->after.exposure };
        scoped(value_done) struct value value = { 0 };
        struct err e = { 0 };
        int r = 0;

        if (taken) {
                r = value_copy(&q->value, &value);
                r = r < 0 ? err_set(&e, r, "cannot take it")
                          : draft_set(v->draft, q->proposal->directive, &value, &e);
        }
        if (r < 0) {
                app_fail(app, &e);
                return;
        }
        note_answer(v, a, app);
}

/* The proposal, but as the user wants it: taken, with what the editor made of it. */
static int accept_edit(void *state, char *const *lines, struct app *app, struct err *e)
{
        struct walk_view *v = state;
        const struct walk_answer a = { .proposal = v->open[0].proposal,
                                       .taken = true,
                                       .before = v->draft->after.exposure };
        int r = draft_set_lines(v->draft, a.proposal->directive, lines, e);

        if (r >= 0)
                note_answer(v, a, app);
        return r;
}

static void edit(struct walk_view *v, struct app *app)
{
        const struct walk_question *q = &v->open[0];

        view_edit_open(app, directive_at(q->proposal->directive), v->draft->dialect, &q->value,
                       (struct edit_done){ accept_edit, v });
}

/* Takes the last answer back, and with it the change. */
static void go_back(struct walk_view *v, struct app *app)
{
        const struct walk_answer *last;
        struct err e = { 0 };
        int r = 0;

        if (v->ended && v->open_count) { /* stopped early: on with the question */
                v->ended = false;
                walk_compose(v);
                return;
        }
        if (!v->answer_count) {
                app_say(app, ROLE_FAIR, "this is the first question");
                return;
        }
        last = &v->answers[v->answer_count - 1];
        if (last->taken && last->past_at == v->draft->past_at)
                r = draft_undo(v->draft, &e);
        else if (last->taken) /* something else was changed since */
                r = draft_reset(v->draft, last->proposal->directive, &e);
        if (r < 0) {
                app_fail(app, &e);
                return;
        }
        v->answer_count--;
        v->ended = false;
        arrange(v, app);
}

static bool ask(struct walk_view *v, enum action a, struct app *app)
{
        switch (a) {
        case ACT_TAKE:
        case ACT_SKIP:
                answer(v, a == ACT_TAKE, app);
                return true;
        case ACT_EDIT:
                edit(v, app);
                return true;
        case ACT_MORE:
                view_page_open(app, directive_at(v->open[0].proposal->directive)->name);
                return true;
        case ACT_BACK: /* stops; the summary is the way out */
                if (!v->answer_count)
                        return false;
                v->ended = true;
                walk_compose(v);
                return true;
        default:
                return false;
        }
}

static bool act(void *state, enum action a, struct app *app)
{
        struct walk_view *v = state;

        if (sheet_move(&v->sheet, a) || (!v->ended && v->open_count && ask(v, a, app)))
                return true;
        switch (a) {
        case ACT_PREVIOUS:
                go_back(v, app);
                return true;
        case ACT_TRY:
                if (v->draft->profile->change_count)
                        view_trial_open(app, v->draft);
                else
                        app_say(app, ROLE_FAIR, "nothing is changed yet");
                return true;
        default:
                return false;
        }
}

/* After a trial its verdict stands in the summary.  What was read stays in view. */
static void resume(void *state, struct app *app)
{
        struct walk_view *v = state;
        int top = v->sheet.top;

        arrange(v, app);
        v->sheet.top = top;
}

static void view_free(void *state)
{
        struct walk_view *v = state;

        forget_open(v);
        sheet_done(&v->sheet);
        free(v);
}

static const enum action footer[] = { ACT_TAKE,     ACT_SKIP, ACT_EDIT, ACT_MORE,
                                      ACT_PREVIOUS, ACT_TRY,  ACT_HELP, ACT_NONE };

const struct view_ops walk_view_ops = {
        .screen = WALK_SCREEN,
        .draw = walk_draw,
        .act = act,
        .resume = resume,
        .free = view_free,
        .footer = footer,
};

void view_walk_open(struct app *app, struct draft *d)
{
        struct walk_view *v = calloc(1, sizeof(*v));

        if (v) {
                v->draft = d;
                if (walk_arrange(v) < 0) {
                        view_free(v);
                        v = NULL;
                } else if (!v->open_count) {
                        view_free(v);
                        app_say(app, ROLE_GOOD,
                                "the walk has nothing to propose: all it knows of is set");
                        return;
                }
        }
        app_push(app, &walk_view_ops, v);
}
