/* view_edit_draw.c - the editor of a set, drawn. */
#include "tui/screen/list.h"
#include "tui/screen/view_edit.h"

#include <string.h>

/* What a tick says, by what the list is for and which side of it is shown. */
static const char *tick_means(const struct set_view *v)
{
        enum directive_kind kind = v->edit.directive->kind;

        if (kind == KIND_NAMES)
                return v->edit.value.set ? "[x] is in the list" : "nothing is set";
        if (edit_unset_is_all(v->edit.directive))
                return v->denies ? "[x] is forbidden, all else allowed"
                                 : "[x] is allowed, all else forbidden";
        return v->denies ? "[x] is left out, all else in it" : "[x] is in it, all else is not";
}

/* What Enter in the prompt will do: names typed are ticked. */
static const char *add_label(const struct set_view *v)
{
        enum directive_kind kind = v->edit.directive->kind;

        if (kind == KIND_NAMES || !edit_unset_is_all(v->edit.directive))
                return v->denies ? "leave out: " : "add: ";
        return v->denies ? "forbid: " : "allow: ";
}

static void draw_row(const struct set_view *v, const struct canvas *c, int row, int at)
{
        static const char *const marks[] = {
                [MARK_NONE] = "[ ]", [MARK_SOME] = "[-]", [MARK_ALL] = "[x]"
        };
        const struct set_row *r = &v->rows[at];
        const struct member *m = &v->members[r->member];
        const char *name = set_row_name(v, r);
        const char *error = r->leaf >= 0 || !m->leaves ? set_errno(v, name) : NULL;
        const char *meaning = edit_word_meaning(name);
        enum mark now = set_mark(v, &v->edit.value, r);
        bool changed = now != set_mark(v, &v->edit.first, r);
        int indent = r->leaf >= 0 ? 2 : 0;
        int width = c->cols >= 50 ? 25 - indent : c->cols - indent - 4;
        int col = canvas_text(c, row, indent, changed ? ROLE_CHANGED : ROLE_TEXT, "%s ",
                              marks[now]);

        col = canvas_field(c, row, col, width, changed ? ROLE_CHANGED : ROLE_TEXT, name);
        if (c->cols >= 50 && error)
                canvas_text(c, row, col, ROLE_TEXT, "answers %s", error);
        else if (c->cols >= 50)
                canvas_field(c, row, col, c->cols - col, ROLE_TEXT, meaning ? meaning : "");
        if (at == v->cursor)
                canvas_paint(c, row, 0, c->cols, ROLE_CURSOR);
}

void set_draw(const void *state, const struct canvas *c)
{
        const struct set_view *v = state;
        int rows = c->rows - 2 - (v->edit.prompt.open ? 1 : 0);
        int top = list_top(v->cursor, (int)v->row_count, rows);

        edit_draw_title(&v->edit, c);
        canvas_field(c, 1, 0, c->cols, ROLE_HEADING, tick_means(v));
        if (v->edit.directive->kind == KIND_SYSCALLS && c->cols >= 72)
                canvas_text(c, 1, 40, ROLE_HEADING, "%s shows a group's calls",
                            action_key(SET_SCREEN, ACT_OPEN));
        for (int i = 0; i < rows && top + i < (int)v->row_count; i++)
                draw_row(v, c, 2 + i, top + i);
        if (v->edit.prompt.open)
                prompt_draw(&v->edit.prompt, c, c->rows - 1,
                            v->searching ? "search: " : add_label(v));
}
