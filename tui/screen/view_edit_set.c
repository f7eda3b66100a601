/* view_edit_set.c - the editor of a set: ticking, searching, turning it round. */
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/screen/list.h"
#include "tui/screen/view_edit.h"

#include <errno.h>
#include <string.h>

enum { PAGE = 10 };

static bool search(struct set_view *v, int direction, bool here)
{
        int n = (int)v->row_count;

        for (int step = here ? 0 : 1; step <= n && n > 0; step++) {
                int place = ((v->cursor + direction * step) % n + n) % n;

                if (prompt_matches(set_row_name(v, &v->rows[place]), v->search)) {
                        v->cursor = place;
                        return true;
                }
        }
        return false;
}

/* Opens the first group that has what is searched for. */
static bool search_closed(struct set_view *v)
{
        for (size_t i = 0; i < v->member_count; i++) {
                struct member *m = &v->members[i];

                for (char **leaf = m->leaves; leaf && *leaf && !m->open; leaf++)
                        if (prompt_matches(*leaf, v->search)) {
                                m->open = true;
                                return set_arrange(v) >= 0 && search(v, 1, true);
                        }
        }
        return false;
}

/* Shows or hides what the group under the cursor is made of. */
static void fold(struct set_view *v)
{
        struct set_row *row = &v->rows[v->cursor];

        if (v->members[row->member].open)
                v->cursor -= row->leaf + 1;
        v->members[row->member].open = !v->members[row->member].open;
}

static void typed(struct set_view *v, enum prompt_event event, struct app *app)
{
        struct err e = { 0 };

        if (v->searching) {
                text_printable(v->search, sizeof(v->search), v->edit.prompt.text);
                if (event == PROMPT_LEFT || !v->search[0] || search(v, 1, true))
                        return;
                if (event != PROMPT_ACCEPTED || !search_closed(v))
                        app_say(app, ROLE_FAIR, "nothing shown here has \"%s\"", v->search);
                return;
        }
        if (event != PROMPT_ACCEPTED || !v->edit.prompt.text[0])
                return;
        if (set_add(v, v->edit.prompt.text, &e) < 0) {
                v->edit.prompt.open = true;
                app_fail(app, &e);
        } else if (set_arrange(v) < 0)
                app_say(app, ROLE_BAD, "out of memory");
}

/* Left closes an open group before it leads out of the editor. */
static bool close_group(struct set_view *v, const char *key)
{
        if (strcmp(key, "Left") != 0 && strcmp(key, "h") != 0)
                return false;
        if (!v->row_count || !v->members[v->rows[v->cursor].member].open)
                return false;
        fold(v);
        return set_arrange(v) >= 0;
}

static bool key(void *state, const char *name, struct app *app)
{
        struct set_view *v = state;

        if (!v->edit.prompt.open)
                return close_group(v, name);
        typed(v, prompt_key(&v->edit.prompt, name), app);
        return true;
}

static int toggle(struct set_view *v, struct app *app, struct err *e)
{
        const struct set_row *row;
        bool on;
        int r;

        if (!v->row_count)
                return 0;
        row = &v->rows[v->cursor];
        on = set_mark(v, &v->edit.value, row) != MARK_ALL;
        r = set_tick(v, row, on, e);
        if (r >= 0 && (set_mark(v, &v->edit.value, row) == MARK_ALL) != on)
                app_say(app, ROLE_FAIR, "systemd does not let %s be changed in this list",
                        set_row_name(v, row));
        return r;
}

static int change(struct set_view *v, enum action a, struct app *app, struct err *e)
{
        int r = 0;

        switch (a) {
        case ACT_TOGGLE:
                return toggle(v, app, e);
        case ACT_INVERT:
                r = set_invert(v, e);
                if (r > 0)
                        app_say(app, ROLE_FAIR, "this list has no other side");
                return r < 0 ? r : 0;
        case ACT_NONE_SET:
                return set_none(v, e);
        case ACT_ALL_SET:
                return set_all(v, e);
        case ACT_UNDO:
                if (!edit_undo(&v->edit))
                        app_say(app, ROLE_FAIR, "nothing to undo");
                return 0;
        case ACT_OPEN:
                if (v->row_count && v->members[v->rows[v->cursor].member].leaves)
                        fold(v);
                else
                        app_say(app, ROLE_FAIR, "there is nothing more in it");
                return 0;
        default:
                return 1;
        }
}

static bool find(struct set_view *v, enum action a, struct app *app)
{
        switch (a) {
        case ACT_SEARCH:
        case ACT_ADD:
                v->searching = a == ACT_SEARCH;
                prompt_open(&v->edit.prompt, "");
                return true;
        case ACT_NEXT:
        case ACT_PREVIOUS:
                if (v->search[0] && !search(v, a == ACT_NEXT ? 1 : -1, false))
                        app_say(app, ROLE_FAIR, "nothing shown here has \"%s\"", v->search);
                return true;
        case ACT_PAGE:
                view_page_open(app, v->edit.directive->name);
                return true;
        default:
                return false;
        }
}

static bool act(void *state, enum action a, struct app *app)
{
        struct set_view *v = state;
        struct err e = { 0 };
        int r;

        if (list_move(&v->cursor, (int)v->row_count, PAGE, a) || find(v, a, app))
                return true;
        if (a == ACT_ACCEPT) {
                edit_accept(&v->edit, app);
                return true;
        }
        r = change(v, a, app, &e);
        if (r == 0 && set_arrange(v) < 0)
                r = err_set(&e, -ENOMEM, "cannot show %s", v->edit.directive->name);
        if (r < 0) {
                if (!e.text[0])
                        err_set(&e, r, "cannot set %s", v->edit.directive->name);
                app_fail(app, &e);
        }
        return r <= 0;
}

static bool leave(void *state, struct app *app)
{
        struct set_view *v = state;

        return edit_leave(&v->edit, app);
}

static void view_free(void *state)
{
        struct set_view *v = state;

        set_done(v);
        free(v);
}

static const enum action footer[] = { ACT_ACCEPT, ACT_TOGGLE, ACT_INVERT, ACT_ADD, ACT_SEARCH,
                                      ACT_UNDO,   ACT_PAGE,   ACT_HELP,   ACT_NONE };

const struct view_ops set_view_ops = {
        .screen = SET_SCREEN,
        .draw = set_draw,
        .act = act,
        .key = key,
        .leave = leave,
        .free = view_free,
        .footer = footer,
};

void set_open(struct app *app, struct edit *s)
{
        struct set_view *v = calloc(1, sizeof(*v));

        if (!v) {
                edit_done(s);
        } else {
                v->edit = *s;
                if (set_init(v) < 0) {
                        view_free(v);
                        v = NULL;
                }
        }
        app_push(app, &set_view_ops, v);
}
