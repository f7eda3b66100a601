/* view_export.c - the changes in another form: which, and where to. */
#include "tui/screen/view_export.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/exporting.h"
#include "tui/screen/list.h"
#include "tui/screen/views.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE = 10, NAME_COLS = 17 };

/* ---- drawn ---- */

static void draw_form(const struct export_view *v, const struct canvas *c, int row, int i)
{
        canvas_field(c, row, 1, NAME_COLS, ROLE_TITLE, v->forms[i]->name);
        canvas_field(c, row, 1 + NAME_COLS, c->cols - NAME_COLS - 1, ROLE_TEXT,
                     v->forms[i]->sentence);
        if (i == v->cursor)
                canvas_paint(c, row, 0, c->cols, ROLE_CURSOR);
}

static void draw(const void *state, const struct canvas *c)
{
        const struct export_view *v = state;
        int bottom = v->prompt.open ? 1 : 0;
        int rows = v->sheet.count ? (c->rows - bottom) / 2 : c->rows - bottom;
        struct canvas list = canvas_part(c, 1, 0, rows - 1, c->cols);
        struct canvas rest = canvas_part(c, rows + 1, 1, c->rows - bottom - rows - 1, c->cols - 1);
        int top = list_top(v->cursor, v->count, list.rows);

        canvas_text(c, 0, 0, ROLE_TITLE, "Carry the changes to %s elsewhere", v->draft->now->unit);
        for (int i = 0; i < list.rows && top + i < v->count; i++)
                draw_form(v, &list, i, top + i);
        if (v->sheet.count)
                sheet_draw(&v->sheet, &rest);
        if (bottom)
                prompt_draw(&v->prompt, c, c->rows - 1, "write to: ");
}

/* ---- the work ---- */

static void force(void *state, struct app *app);

static int write_files(struct export_view *v, struct app *app, struct err *e)
{
        scoped(form_output_done) struct form_output output = { 0 };
        scoped(strv_freep) char **paths = NULL;
        int r = exporting_make(app->context, v->draft->now, v->draft->profile, v->forms[v->cursor],
                               NULL, &output, NULL, e);

        if (r == 0)
                r = exporting_write(&output, v->path, v->force, &paths, e);
        if (r < 0)
                return r;
        sheet_done(&v->sheet);
        for (char **path = paths; path && *path; path++)
                sheet_add(&v->sheet, ROLE_GOOD, "wrote %s", *path);
        for (char **line = output.left_out; line && *line; line++)
                sheet_add(&v->sheet, ROLE_FAIR, "left out: %s", *line);
        return 0;
}

static void work(void *state, struct app *app)
{
        struct export_view *v = state;
        struct err e = { 0 };
        int r = write_files(v, app, &e);

        if (r == -EEXIST && !v->force)
                app_ask(app, force, v, "gird did not write %s. Write over it?", v->path);
        else if (r < 0)
                app_fail(app, &e);
        else
                app_say(app, ROLE_GOOD, "written");
        v->force = false;
}

static void force(void *state, struct app *app)
{
        struct export_view *v = state;

        v->force = true;
        app_work(app, work, v);
}

/* ---- keys ---- */

static bool key(void *state, const char *name, struct app *app)
{
        struct export_view *v = state;

        if (!v->prompt.open)
                return false;
        if (prompt_key(&v->prompt, name) != PROMPT_ACCEPTED)
                return true;
        snprintf(v->path, sizeof(v->path), "%s", v->prompt.text);
        if (v->path[0])
                app_work(app, work, v);
        return true;
}

static void ask_where(struct export_view *v, struct app *app)
{
        if (v->forms[v->cursor]->changes_only && v->draft->profile->change_count == 0)
                app_say(app, ROLE_FAIR, "nothing is changed yet, so there is nothing to write");
        else
                prompt_open(&v->prompt, "");
}

static bool act(void *state, enum action a, struct app *app)
{
        struct export_view *v = state;

        if (list_move(&v->cursor, v->count, PAGE, a))
                return true;
        if (a != ACT_EXPORT)
                return false;
        ask_where(v, app);
        return true;
}

static void view_free(void *state)
{
        struct export_view *v = state;

        free(v->forms);
        sheet_done(&v->sheet);
        free(v);
}

static const enum action footer[] = { ACT_EXPORT, ACT_DOWN, ACT_BACK, ACT_HELP, ACT_NONE };

const struct view_ops export_view_ops = {
        .screen = EXPORT_SCREEN,
        .draw = draw,
        .act = act,
        .key = key,
        .free = view_free,
        .footer = footer,
};

void view_export_open(struct app *app, const struct draft *d)
{
        struct export_view *v = calloc(1, sizeof(*v));
        size_t count = 0;

        while (form_at(count))
                count++;
        if (v)
                v->forms = calloc(count, sizeof(const struct form *));
        if (!v || !v->forms) {
                free(v);
                app_say(app, ROLE_BAD, "out of memory");
                return;
        }
        v->draft = d;
        for (size_t i = 0; i < count; i++)
                if (form_at(i)->write)
                        v->forms[v->count++] = form_at(i);
        app_push(app, &export_view_ops, v);
}
