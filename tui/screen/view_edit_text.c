/* view_edit_text.c - the editor of a value that fits on one line. */
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/screen/view_edit.h"

#include <errno.h>
#include <string.h>

static void draw(const void *state, const struct canvas *c)
{
        const struct text_view *v = state;
        struct canvas help = canvas_part(c, 3, 0, c->rows - 3, c->cols);

        edit_draw_title(&v->edit, c);
        prompt_draw(&v->edit.prompt, c, 1, c->cols >= 30 ? "new value: " : "> ");
        sheet_draw(&v->help, &help);
}

/* An empty line takes the setting away; one that was not touched leaves all as it is. */
static int read_text(const struct text_view *v, struct value *ret, struct err *e)
{
        const char *text = v->edit.prompt.text;
        char *lines[] = { (char *)text, NULL };

        if (strcmp(text, v->opened) == 0)
                return value_copy(&v->edit.first, ret);
        if (text[strspn(text, " ")])
                return edit_read(&v->edit, lines, ret, e);
        *ret = (struct value){ 0 };
        return 0;
}

static void accept(struct text_view *v, struct app *app)
{
        struct value value = { 0 };
        struct err e = { 0 };
        int r = read_text(v, &value, &e);

        if (r >= 0 && edit_replace(&v->edit, &value) < 0) {
                value_done(&value);
                r = err_set(&e, -ENOMEM, "cannot set %s", v->edit.directive->name);
        }
        if (r < 0)
                app_fail(app, &e);
        else
                edit_accept(&v->edit, app);
}

static bool act(void *state, enum action a, struct app *app)
{
        struct text_view *v = state;

        if (a == ACT_ACCEPT)
                accept(v, app);
        else
                return sheet_move(&v->help, a);
        return true;
}

/* All that the line can use goes into it; Enter and Esc are actions. */
static bool key(void *state, const char *name, struct app *app)
{
        struct text_view *v = state;

        (void)app;
        if (strcmp(name, "Enter") == 0 || strcmp(name, "Esc") == 0)
                return false;
        return prompt_key(&v->edit.prompt, name) != PROMPT_IGNORED;
}

static bool leave(void *state, struct app *app)
{
        struct text_view *v = state;

        if (v->edit.discarded || strcmp(v->edit.prompt.text, v->opened) == 0)
                return true;
        edit_ask(&v->edit, app);
        return false;
}

static void view_free(void *state)
{
        struct text_view *v = state;

        free(v->opened);
        sheet_done(&v->help);
        edit_done(&v->edit);
        free(v);
}

static const enum action footer[] = { ACT_ACCEPT, ACT_BACK, ACT_NONE };

const struct view_ops text_view_ops = {
        .screen = TEXT_SCREEN,
        .draw = draw,
        .act = act,
        .key = key,
        .leave = leave,
        .free = view_free,
        .footer = footer,
};

/* The line as it stands in a unit file.  1: it is too long, which was said. */
static int fill(struct text_view *v, struct app *app)
{
        scoped(strv_freep) char **lines = NULL;
        size_t n;
        int r = value_print(&v->edit.value, v->edit.directive, v->edit.dialect, &lines);

        if (r < 0)
                return r;
        n = strv_length(lines);
        if (n && !edit_fits(lines[n - 1], v->edit.directive, app))
                return 1;
        prompt_open(&v->edit.prompt, v->edit.value.set && n ? lines[n - 1] : "");
        v->opened = strdup(v->edit.prompt.text);
        edit_add_help(&v->help, v->edit.directive);
        return v->opened ? 0 : -ENOMEM;
}

void text_open(struct app *app, struct edit *s)
{
        struct text_view *v = calloc(1, sizeof(*v));

        int r;

        if (!v) {
                edit_done(s);
        } else {
                v->edit = *s;
                r = fill(v, app);
                if (r != 0) {
                        view_free(v);
                        v = NULL;
                        if (r > 0)
                                return;
                }
        }
        app_push(app, &text_view_ops, v);
}
