/* view_edit_lines.c - the editor of a list: a member a line. */
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/screen/list.h"
#include "tui/screen/view_edit.h"

#include <errno.h>
#include <string.h>

enum { PAGE = 10 };

static bool is_polar(const struct lines_view *v)
{
        return v->edit.directive->kind == KIND_POLAR;
}

static void draw_state(const struct lines_view *v, const struct canvas *c)
{
        const struct value *value = &v->edit.value;
        size_t n = strv_length(value->words);

        if (!n)
                canvas_text(c, 1, 0, ROLE_TEXT, "empty; %s adds a line",
                            action_key(LINES_SCREEN, ACT_ADD));
        else if (is_polar(v))
                canvas_text(c, 1, 0, ROLE_TEXT,
                            value->allow ? "only these are allowed" : "all but these are allowed");
        else
                canvas_text(c, 1, 0, ROLE_TEXT, "%zu line%s", n, n == 1 ? "" : "s");
}

static void draw(const void *state, const struct canvas *c)
{
        const struct lines_view *v = state;
        int n = (int)strv_length(v->edit.value.words);
        int rows = c->rows - 2 - (v->edit.prompt.open ? 1 : 0);
        int room = rows >= 10 ? rows / 2 : rows; /* the rest is for the help */
        int used = n < room ? n : room;
        int top = list_top(v->cursor, n, room);
        struct canvas help = canvas_part(c, 3 + used, 0, rows - used - 1, c->cols);

        edit_draw_title(&v->edit, c);
        draw_state(v, c);
        for (int i = 0; i < room && top + i < n; i++) {
                const char *word = v->edit.value.words[top + i];
                bool new = !strv_has(v->edit.first.words, word);

                canvas_field(c, 2 + i, 1, c->cols - 1, new ? ROLE_CHANGED : ROLE_TEXT, word);
                if (top + i == v->cursor)
                        canvas_paint(c, 2 + i, 0, c->cols, ROLE_CURSOR);
        }
        if (help.rows > 2)
                sheet_draw(&v->help, &help);
        if (v->edit.prompt.open)
                prompt_draw(&v->edit.prompt, c, c->rows - 1, v->adding ? "add: " : "change: ");
}

/* The list with `removed` of its members from `at` on replaced by others.  Takes over nothing. */
static int splice(struct lines_view *v, size_t at, size_t removed, char *const *others, bool allow)
{
        char **words = v->edit.value.words;
        struct value value = { .allow = allow };
        int r = 0;

        for (size_t i = 0; r >= 0 && i < at; i++)
                r = strv_add(&value.words, words[i]);
        for (; r >= 0 && others && *others; others++)
                r = strv_add(&value.words, *others);
        for (size_t i = at + removed; r >= 0 && i < strv_length(words); i++)
                r = strv_add(&value.words, words[i]);
        value.set = value.words != NULL;
        if (!value.set)
                value.allow = false;
        else if (v->edit.directive->kind == KIND_NAMES || is_polar(v))
                strv_sort(value.words); /* as all sets are kept */
        if (r >= 0)
                r = edit_replace(&v->edit, &value);
        if (r < 0)
                value_done(&value);
        return r;
}

/* What was typed, by systemd's rules, in the place of the line that it replaces. */
static int commit(struct lines_view *v, struct err *e)
{
        const char *text = v->edit.prompt.text;
        char *lines[] = { (char *)text, NULL };
        size_t n = strv_length(v->edit.value.words);
        size_t removed = v->adding || n == 0 ? 0 : 1;
        size_t at = n == 0 ? 0 : (size_t)v->cursor + (v->adding ? 1 : 0);
        bool alone = n == removed;
        struct value typed = { 0 };
        int r;

        if (removed && v->opened && strcmp(text, v->opened) == 0)
                return 0;
        if (!text[strspn(text, " ")])
                return removed ? splice(v, at, 1, NULL, v->edit.value.allow) : 0;
        r = edit_read(&v->edit, lines, &typed, e);
        if (r < 0)
                return r;
        if (is_polar(v) && !alone && !typed.allow && v->edit.value.allow)
                r = err_say(e, -EINVAL, "this list allows; %s turns all of it round",
                            action_key(LINES_SCREEN, ACT_INVERT));
        else if (splice(v, at, removed, typed.words, alone ? typed.allow : v->edit.value.allow) < 0)
                r = err_set(e, -ENOMEM, "cannot change %s", v->edit.directive->name);
        if (r >= 0 && v->adding && n)
                v->cursor++;
        value_done(&typed);
        return r;
}

/* The cursor stays on the list, whatever became of it. */
static void settle(struct lines_view *v)
{
        int n = (int)strv_length(v->edit.value.words);

        if (v->cursor >= n)
                v->cursor = n ? n - 1 : 0;
}

static bool key(void *state, const char *name, struct app *app)
{
        struct lines_view *v = state;
        struct err e = { 0 };

        if (!v->edit.prompt.open)
                return false;
        if (prompt_key(&v->edit.prompt, name) == PROMPT_ACCEPTED && commit(v, &e) < 0) {
                v->edit.prompt.open = true;
                app_fail(app, &e);
        }
        settle(v);
        return true;
}

/* The member as it would be typed: quoted where it must be. */
static int open_prompt(struct lines_view *v, struct app *app)
{
        struct value one = { .set = true, .allow = true };
        scoped(strv_freep) char **lines = NULL;
        size_t n;
        int r = strv_add(&one.words, v->edit.value.words[v->cursor]);

        if (r >= 0)
                r = value_print(&one, v->edit.directive, v->edit.dialect, &lines);
        value_done(&one);
        n = strv_length(lines);
        if (r < 0 || !n || !edit_fits(lines[n - 1], v->edit.directive, app))
                return r;
        prompt_open(&v->edit.prompt, lines[n - 1]);
        free(v->opened);
        v->opened = strdup(v->edit.prompt.text);
        return 0;
}

static int invert(struct lines_view *v)
{
        struct value value = { 0 };
        int r = value_copy(&v->edit.value, &value);

        value.allow = !value.allow;
        if (r >= 0)
                r = edit_replace(&v->edit, &value);
        if (r < 0)
                value_done(&value);
        return r;
}

static int change(struct lines_view *v, enum action a, struct app *app)
{
        bool any = v->edit.value.words != NULL;

        switch (a) {
        case ACT_ADD:
                v->adding = true;
                prompt_open(&v->edit.prompt, "");
                break;
        case ACT_EDIT:
                v->adding = !any;
                if (any)
                        return open_prompt(v, app);
                prompt_open(&v->edit.prompt, "");
                break;
        case ACT_DELETE:
                return any ? splice(v, (size_t)v->cursor, 1, NULL, v->edit.value.allow) : 0;
        case ACT_INVERT:
                if (is_polar(v) && any)
                        return invert(v);
                app_say(app, ROLE_FAIR,
                        is_polar(v) ? "the list is empty" : "this list has no other side");
                break;
        case ACT_UNDO:
                if (!edit_undo(&v->edit))
                        app_say(app, ROLE_FAIR, "nothing to undo");
                break;
        default:
                return 1;
        }
        return 0;
}

static bool act(void *state, enum action a, struct app *app)
{
        struct lines_view *v = state;
        int r;

        if (list_move(&v->cursor, (int)strv_length(v->edit.value.words), PAGE, a))
                return true;
        if (a == ACT_ACCEPT) {
                edit_accept(&v->edit, app);
                return true;
        }
        if (a == ACT_PAGE) {
                view_page_open(app, v->edit.directive->name);
                return true;
        }
        r = change(v, a, app);
        if (r < 0)
                app_say(app, ROLE_BAD, "out of memory");
        settle(v);
        return r <= 0;
}

static bool leave(void *state, struct app *app)
{
        struct lines_view *v = state;

        return edit_leave(&v->edit, app);
}

static void view_free(void *state)
{
        struct lines_view *v = state;

        free(v->opened);
        sheet_done(&v->help);
        edit_done(&v->edit);
        free(v);
}

static const enum action footer[] = { ACT_ACCEPT, ACT_ADD,  ACT_EDIT, ACT_DELETE,
                                      ACT_UNDO,   ACT_HELP, ACT_NONE };

const struct view_ops lines_view_ops = {
        .screen = LINES_SCREEN,
        .draw = draw,
        .act = act,
        .key = key,
        .leave = leave,
        .free = view_free,
        .footer = footer,
};

void lines_open(struct app *app, struct edit *s)
{
        struct lines_view *v = calloc(1, sizeof(*v));

        if (v) {
                v->edit = *s;
                edit_add_help(&v->help, s->directive);
        } else
                edit_done(s);
        app_push(app, &lines_view_ops, v);
}
