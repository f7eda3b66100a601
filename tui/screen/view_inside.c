/* view_inside.c - what an intruder in the service could do, in plain words. */
#include "tui/screen/view_inside.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/breach/view.h"
#include "tui/screen/views.h"
#include "tui/screen/wording.h"

#include <string.h>

static void draw(const void *state, const struct canvas *c)
{
        const struct inside_view *v = state;
        struct canvas body = canvas_part(c, 1, 0, c->rows - 1, c->cols);
        int col = canvas_text(c, 0, 0, v->open ? ROLE_BAD : ROLE_GOOD, "%zu open", v->open);

        if (v->closed)
                col = canvas_text(c, 0, col, ROLE_CHANGED, ", %zu closed by the changes",
                                  v->closed);
        canvas_text(c, 0, col + 2, ROLE_TITLE, "%s", v->draft->now->unit);
        sheet_draw(&v->sheet, &body);
}

static bool act(void *state, enum action a, struct app *app)
{
        struct inside_view *v = state;

        (void)app;
        return sheet_move(&v->sheet, a);
}

static void view_free(void *state)
{
        struct inside_view *v = state;

        sheet_done(&v->sheet);
        free(v);
}

static const enum action footer[] = { ACT_DOWN, ACT_PAGE_DOWN, ACT_BACK, ACT_HELP, ACT_NONE };

const struct view_ops inside_view_ops = {
        .screen = INSIDE_SCREEN,
        .draw = draw,
        .act = act,
        .free = view_free,
        .footer = footer,
};

/* ---- what it says ---- */

struct answers {
        struct view_answer *list;
        size_t count;
};

static void answers_done(struct answers *a)
{
        view_answers_free(a->list, a->count);
}

static bool was_open(const struct answers *before, size_t question)
{
        for (size_t i = 0; i < before->count; i++)
                if (before->list[i].question == question)
                        return before->list[i].open;
        return false;
}

/* Each with what would close it. */
static void add_open(struct inside_view *v, const struct answers *now)
{
        for (size_t i = 0; i < now->count; i++) {
                if (!now->list[i].open)
                        continue;
                if (!v->open++)
                        sheet_add(&v->sheet, ROLE_HEADING, "An intruder in this service could");
                sheet_add(&v->sheet, ROLE_BAD, "  %s", now->list[i].text);
                sheet_add(&v->sheet, ROLE_TEXT, "    closed by %s", now->list[i].closer);
        }
}

static void add_closed(struct inside_view *v, const struct answers *before,
                       const struct answers *now)
{
        bool headed = false;

        for (size_t i = 0; i < now->count; i++) {
                bool fresh;

                if (now->list[i].open)
                        continue;
                fresh = was_open(before, now->list[i].question);
                v->closed += fresh;
                if (!headed)
                        sheet_add(&v->sheet, ROLE_HEADING, "It could not");
                headed = true;
                sheet_add(&v->sheet, fresh ? ROLE_CHANGED : ROLE_GOOD, "  %s%s", now->list[i].text,
                          fresh ? "  (by the changes)" : "");
        }
}

static void add_facts(struct inside_view *v, const struct service_view *now)
{
        sheet_add(&v->sheet, ROLE_HEADING, "What it has");
        for (int i = 0; i < FACT_COUNT; i++) {
                scoped(mem_freep) char *words = strv_join(now->facts[i], " ");
                const char *label = fact_label((enum fact_id)i);

                if (now->facts[i])
                        sheet_add(&v->sheet, ROLE_TEXT, "  %s: %s", label + strspn(label, " "),
                                  words ? words : "?");
        }
}

static int fill(struct inside_view *v)
{
        scoped(view_done) struct service_view before = { 0 }, now = { 0 };
        scoped(answers_done) struct answers was = { 0 }, is = { 0 };
        const struct draft *d = v->draft;
        int r = view_compute(d->now, d->dialect, &before);

        if (r >= 0)
                r = view_compute(d->then, d->dialect, &now);
        if (r >= 0)
                r = view_answers(&before, &was.list, &was.count);
        if (r >= 0)
                r = view_answers(&now, &is.list, &is.count);
        if (r < 0)
                return r;
        add_open(v, &is);
        add_closed(v, &was, &is);
        add_facts(v, &now);
        sheet_add(&v->sheet, ROLE_TEXT, "%s", "");
        sheet_add(
                &v->sheet, ROLE_TEXT,
                "Computed%s.  `gird breach` tries it, `gird show --view` looks at it from inside, "
                "`gird enter` takes you there.",
                d->profile->change_count ? " with the changes" : "");
        return 0;
}

void view_inside_open(struct app *app, const struct draft *d)
{
        struct inside_view *v = calloc(1, sizeof(*v));

        if (v) {
                v->draft = d;
                if (fill(v) < 0)
                        v->sheet.failed = true;
        }
        app_push(app, &inside_view_ops, v);
}
