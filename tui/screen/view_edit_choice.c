/* view_edit_choice.c - the editor of a value that is one of a few words. */
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/screen/list.h"
#include "tui/screen/view_edit.h"

#include <errno.h>
#include <string.h>

static void draw(const void *state, const struct canvas *c)
{
        const struct choice_view *v = state;
        int rows = (int)v->count < c->rows - 1 ? (int)v->count : c->rows - 1;
        int top = list_top(v->cursor, (int)v->count, rows);
        struct canvas below = canvas_part(c, rows + 2, 0, c->rows - rows - 2, c->cols);

        edit_draw_title(&v->edit, c);
        for (int i = 0; i < rows; i++) {
                int at = top + i;
                bool chosen = value_equal(&v->values[at], &v->edit.value);
                int col = canvas_text(c, 1 + i, 0, chosen ? ROLE_CHANGED : ROLE_TEXT, "(%s) %s",
                                      chosen ? "*" : " ", v->labels[at]);

                col = col < 18 ? 18 : col + 2;
                canvas_field(c, 1 + i, col, c->cols - col, ROLE_TEXT, v->meanings[at]);
                if (at == v->cursor)
                        canvas_paint(c, 1 + i, 0, c->cols, ROLE_CURSOR);
        }
        if (v->count) /* in full, however narrow the window */
                canvas_wrap(&below, 0, ROLE_TEXT, v->meanings[v->cursor], 0);
}

static void accept(struct choice_view *v, struct app *app)
{
        struct value value = { 0 };

        if (value_copy(&v->values[v->cursor], &value) < 0 || edit_replace(&v->edit, &value) < 0) {
                value_done(&value);
                app_say(app, ROLE_BAD, "out of memory");
                return;
        }
        edit_accept(&v->edit, app);
}

static bool act(void *state, enum action a, struct app *app)
{
        struct choice_view *v = state;

        if (list_move(&v->cursor, (int)v->count, (int)v->count, a))
                return true;
        if (a != ACT_ACCEPT)
                return false;
        accept(v, app);
        return true;
}

static void view_free(void *state)
{
        struct choice_view *v = state;

        for (size_t i = 0; i < v->count; i++)
                value_done(&v->values[i]);
        free(v->values);
        strv_free(v->labels);
        strv_free(v->meanings);
        edit_done(&v->edit);
        free(v);
}

static const enum action footer[] = { ACT_ACCEPT, ACT_BACK, ACT_HELP, ACT_NONE };

const struct view_ops choice_view_ops = {
        .screen = TEXT_SCREEN,
        .draw = draw,
        .act = act,
        .free = view_free,
        .footer = footer,
};

/* One more that can be chosen: what an assignment of word makes, or nothing set for NULL. */
static int offer(struct choice_view *v, const char *word, const char *also)
{
        const struct directive *d = v->edit.directive;
        struct value *longer = realloc(v->values, (v->count + 1) * sizeof(*longer));
        scoped(mem_freep) char *meaning = NULL;
        int r;

        if (!longer)
                return -ENOMEM;
        v->values = longer;
        longer[v->count] = (struct value){ 0 };
        r = word ? value_assign(&longer[v->count], d, v->edit.dialect, word, NULL) : ASSIGN_TAKEN;
        if (r != ASSIGN_TAKEN) { /* not for this systemd */
                value_done(&longer[v->count]);
                return r < 0 ? r : 0;
        }
        meaning = word ? edit_meaning(d, word, also)
                       : text_format("what holds then: %s", d->unset ? d->unset : "the default");
        if (value_equal(&longer[v->count], &v->edit.value))
                v->cursor = (int)v->count;
        v->count++;
        r = strv_add(&v->labels, word ? word : "not set");
        return r < 0 ? r : strv_add(&v->meanings, meaning ? meaning : "");
}

static int offer_all(struct choice_view *v)
{
        static const struct choice no_yes[] = { { .value = "no" },
                                                { .value = "yes" },
                                                { .value = NULL } };
        const struct directive *d = v->edit.directive;
        unsigned major = v->edit.dialect->version.major;
        int r = offer(v, NULL, NULL);

        for (const struct choice *c = d->choices ? d->choices : no_yes; r >= 0 && c->value; c++)
                if (major >= c->since)
                        r = offer(v, c->value, c->also);
        return r;
}

void choice_open(struct app *app, struct edit *s)
{
        struct choice_view *v = calloc(1, sizeof(*v));

        if (!v) {
                edit_done(s);
        } else {
                v->edit = *s;
                if (offer_all(v) < 0) {
                        view_free(v);
                        v = NULL;
                }
        }
        app_push(app, &choice_view_ops, v);
}
