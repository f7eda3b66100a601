/* view_save.c - the exact file, before it is written. */
#include "tui/screen/view_save.h"

#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/attempt.h"
#include "tui/screen/views.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* A paragraph at *row, wrapped; *row moves behind it. */
static void put(const struct canvas *c, int *row, enum role role, const char *fmt, ...)
        __attribute__((format(printf, 4, 5)));

static void put(const struct canvas *c, int *row, enum role role, const char *fmt, ...)
{
        struct canvas rest = canvas_part(c, *row, 0, c->rows - *row, c->cols);
        scoped(mem_freep) char *chars = NULL;
        struct text t = { 0 };
        va_list args;

        va_start(args, fmt);
        text_addv(&t, fmt, args);
        va_end(args);
        chars = text_take(&t);
        *row += canvas_wrap(&rest, 0, role, chars ? chars : "out of memory", 0);
}

static void draw(const void *state, const struct canvas *c)
{
        const struct save_view *v = state;
        const char *unit = v->draft->now->unit;
        struct canvas rest;
        int row = 0;

        put(c, &row, ROLE_TITLE, "%s %s", v->saved ? "Saved" : "Save", v->path);
        if (v->saved)
                put(c, &row, ROLE_GOOD,
                    "It takes effect when %s restarts. `gird undo %s` takes it back.", unit, unit);
        else if (v->objection) {
                put(c, &row, ROLE_FAIR, "%s", v->objection);
                put(c, &row, ROLE_FAIR, "t on the unit's screen tries it; U saves it untested.");
        } else
                put(c, &row, ROLE_GOOD, "It held. y writes exactly this:");
        for (char **line = v->left_out; line && *line; line++)
                put(c, &row, ROLE_FAIR, "%s", *line);
        for (char **line = v->overridden; line && *line; line++)
                put(c, &row, ROLE_BAD, "%s", *line);
        rest = canvas_part(c, row + 1, 2, c->rows - row - 1, c->cols - 2);
        sheet_draw(&v->file, &rest);
}

/* Writes, reloads and reads back; on the loop, since the manager answers there. */
static void save(void *state, struct app *app)
{
        struct save_view *v = state;
        char *path = NULL;
        struct err e = { 0 };

        if (attempt_save(app->context, v->draft->now, v->draft->profile, &path, &v->overridden,
                         &e) < 0) {
                app_fail(app, &e);
                return;
        }
        free(path);
        v->saved = true;
        v->draft->saved = v->draft->written = true;
        app_say(app, v->overridden ? ROLE_BAD : ROLE_GOOD, "%s",
                v->overridden ? "saved, but another drop-in overrides a part of it" : "saved");
}

static bool act(void *state, enum action a, struct app *app)
{
        struct save_view *v = state;

        if (sheet_move(&v->file, a))
                return true;
        if (a != ACT_YES && a != ACT_UNTESTED)
                return false;
        if (v->saved)
                app_say(app, ROLE_FAIR, "it is saved already; Left goes back");
        else if (a == ACT_YES && v->objection)
                app_say(app, ROLE_FAIR, "%s; U saves it all the same", v->objection);
        else
                app_work(app, save, v);
        return true;
}

static void view_free(void *state)
{
        struct save_view *v = state;

        free(v->path);
        free(v->text);
        sheet_done(&v->file);
        strv_free(v->left_out);
        strv_free(v->overridden);
        free(v);
}

static const enum action *offer(const void *state)
{
        static const enum action held[] = { ACT_YES, ACT_BACK, ACT_HELP, ACT_NONE };
        static const enum action untested[] = { ACT_UNTESTED, ACT_BACK, ACT_HELP, ACT_NONE };
        static const enum action saved[] = { ACT_BACK, ACT_HELP, ACT_NONE };
        const struct save_view *v = state;

        return v->saved ? saved : v->objection ? untested : held;
}

const struct view_ops save_view_ops = {
        .screen = SAVE_SCREEN,
        .draw = draw,
        .act = act,
        .free = view_free,
        .offer = offer,
};

void save_fill(struct save_view *v)
{
        const char *line = v->text;

        while (*line) {
                size_t n = strcspn(line, "\n");

                sheet_add(&v->file, *line == '#' ? ROLE_TEXT : ROLE_TITLE, "%.*s", (int)n, line);
                line += n + (line[n] == '\n');
        }
}

void view_save_open(struct app *app, struct draft *d)
{
        struct save_view *v = calloc(1, sizeof(*v));
        struct err e = { 0 };
        int r;

        if (!v) {
                app_say(app, ROLE_BAD, "out of memory");
                return;
        }
        v->draft = d;
        v->objection = attempt_objection(d->profile, false);
        r = attempt_render(app->context, d->now, d->profile, &v->text, &v->left_out, &e);
        if (r >= 0) {
                r = unit_dropin_path(&app->context->root, d->now->unit, DROPIN_NAME, &v->path);
                if (r < 0)
                        err_set(&e, r, "cannot name the drop-in");
        }
        if (r < 0) {
                app_fail(app, &e);
                view_free(v);
                return;
        }
        save_fill(v);
        app_push(app, &save_view_ops, v);
}
