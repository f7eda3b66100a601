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
        struct canvas help;

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
        if (!v->count)
                return;
        /* The meaning in full, however narrow the window. */
        rows = canvas_wrap(&below, 0, ROLE_TEXT, v->meanings[v->cursor], 0);
        help = canvas_part(&below, rows + 1, 0, below.rows - rows - 1, below.cols);
        if (help.rows > 1)
                sheet_draw(&v->help, &help);
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
        sheet_done(&v->help);
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

/* One more that can be chosen; takes value over. */
static int add(struct choice_view *v, struct value *value, const char *label, const char *meaning)
{
        struct value *longer = realloc(v->values, (v->count + 1) * sizeof(*longer));
        int r;

        if (!longer) {
                value_done(value);
                return -ENOMEM;
        }
        v->values = longer;
        longer[v->count] = *value;
        if (value_equal(value, &v->edit.value))
                v->cursor = (int)v->count;
        v->count++;
        r = strv_add(&v->labels, label);
        return r < 0 ? r : strv_add(&v->meanings, meaning ? meaning : "");
}

static int offer(struct choice_view *v, const char *word, const char *also)
{
        const struct directive *d = v->edit.directive;
        scoped(mem_freep) char *meaning = NULL;
        struct value value = { 0 };
        int r = value_assign(&value, d, v->edit.dialect, word, NULL);

        if (r != ASSIGN_TAKEN) { /* not for this systemd */
                value_done(&value);
                return r < 0 ? r : 0;
        }
        meaning = edit_meaning(d, word, also);
        return add(v, &value, word, meaning);
}

static int offer_unset(struct choice_view *v)
{
        const char *unset = v->edit.directive->unset;
        scoped(mem_freep) char *meaning = text_format("what holds then: %s",
                                                      unset ? unset : "the default");
        struct value value = { 0 };

        return meaning ? add(v, &value, "not set", meaning) : -ENOMEM;
}

/* What the unit has, although it is none of the words (ProtectHostname=private:NAME). */
static int offer_present(struct choice_view *v)
{
        scoped(mem_freep) char *label = NULL;
        struct value value = { 0 };
        int r = 0;

        if (value_equal(&v->values[v->cursor], &v->edit.value))
                return 0;
        label = value_show(&v->edit.value, v->edit.directive, v->edit.dialect);
        r = label ? value_copy(&v->edit.value, &value) : -ENOMEM;
        return r < 0 ? r : add(v, &value, label, "as it is now");
}

static int offer_all(struct choice_view *v)
{
        static const struct choice no_yes[] = { { .value = "no" },
                                                { .value = "yes" },
                                                { .value = NULL } };
        const struct directive *d = v->edit.directive;
        unsigned major = v->edit.dialect->version.major;
        int r = offer_unset(v);

        for (const struct choice *c = d->choices ? d->choices : no_yes; r >= 0 && c->value; c++)
                if (major >= c->since)
                        r = offer(v, c->value, c->also);
        edit_add_section(&v->help, d, "What breaks");
        return r < 0 ? r : offer_present(v);
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
