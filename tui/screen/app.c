/* app.c - the full screen without its terminal: the stack of views, keys, messages, questions. */
#include "tui/screen/app.h"

#include "core/base/text.h"
#include "tui/screen/views.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct view *app_top(struct app *app)
{
        return app->view_count ? &app->views[app->view_count - 1] : NULL;
}

void app_push(struct app *app, const struct view_ops *ops, void *state)
{
        struct view *longer;

        if (!state) {
                app_say(app, ROLE_BAD, "out of memory");
                return;
        }
        longer = realloc(app->views, (app->view_count + 1) * sizeof(*longer));
        if (!longer) {
                ops->free(state);
                app_say(app, ROLE_BAD, "out of memory");
                return;
        }
        app->views = longer;
        app->views[app->view_count++] = (struct view){ ops, state };
}

void app_pop(struct app *app)
{
        struct view *top = app_top(app);

        if (!top)
                return;
        top->ops->free(top->state);
        app->view_count--;
        top = app_top(app);
        if (!top)
                app->quit = true;
        else if (top->ops->resume)
                top->ops->resume(top->state, app);
}

void app_say(struct app *app, enum role role, const char *fmt, ...)
{
        char raw[sizeof(app->message.text)];
        va_list args;

        va_start(args, fmt);
        vsnprintf(raw, sizeof(raw), fmt, args);
        va_end(args);
        app->message.role = role;
        text_printable(app->message.text, sizeof(app->message.text), raw);
}

void app_fail(struct app *app, const struct err *e)
{
        app_say(app, ROLE_BAD, "%s", e->text);
}

void app_ask(struct app *app, void (*yes)(void *state, struct app *app), void *state,
             const char *fmt, ...)
{
        char raw[sizeof(app->question)];
        va_list args;

        va_start(args, fmt);
        vsnprintf(raw, sizeof(raw), fmt, args);
        va_end(args);
        text_printable(app->question, sizeof(app->question), raw);
        app->yes = yes;
        app->yes_state = state;
}

void app_work(struct app *app, void (*run)(void *state, struct app *app), void *state)
{
        app->work = (struct work){ run, state };
}

void app_redraw(struct app *app)
{
        if (app->redraw)
                app->redraw(app);
}

/* Leaves every view, from the top; one that asks first stops it. */
static void quit(struct app *app)
{
        app->quitting = true;
        for (size_t i = app->view_count; i > 0; i--) {
                struct view *v = &app->views[i - 1];

                if (v->ops->leave && !v->ops->leave(v->state, app))
                        return;
        }
        if (app->working)
                app->context->job.cancelled = true;
        app->quit = true;
}

/* A question asked while quitting goes on with that when the answer is yes. */
static void answer(struct app *app, const char *key)
{
        void (*yes)(void *, struct app *) = app->yes;

        app->yes = NULL;
        app->question[0] = '\0';
        if (strcmp(key, "y") != 0 && strcmp(key, "Y") != 0) {
                app->quitting = false;
                return;
        }
        yes(app->yes_state, app);
        if (app->quitting)
                quit(app);
}

static void act(struct app *app, enum action a)
{
        struct view *top = app_top(app);

        if (a == ACT_QUIT)
                quit(app);
        else if (a == ACT_HELP && top->ops->screen != PAGE_SCREEN)
                view_keys_open(app, top->ops->screen);
        else if (a == ACT_BACK && !top->ops->act(top->state, a, app)) {
                if (!top->ops->leave || top->ops->leave(top->state, app))
                        app_pop(app);
        } else if (a != ACT_BACK)
                top->ops->act(top->state, a, app);
}

void app_key(struct app *app, const char *key)
{
        struct view *top = app_top(app);

        if (!top)
                return;
        app->message.text[0] = '\0';
        if (app->yes) {
                answer(app, key);
                return;
        }
        if (strcmp(key, "Wheel-Up") == 0)
                key = "Up";
        else if (strcmp(key, "Wheel-Down") == 0)
                key = "Down";
        if (top->ops->key && strcmp(key, "Ctrl-C") != 0 && top->ops->key(top->state, key, app))
                return;
        act(app, action_for(top->ops->screen, key));
}

bool app_tick(struct app *app)
{
        struct view *top = app_top(app);

        if (app->working)
                return true;
        return top && top->ops->tick && top->ops->tick(top->state, app);
}

static int draw_key(const struct canvas *c, int col, const char *key, const char *what)
{
        col = canvas_text(c, 0, col, ROLE_KEY, "%s", key);
        return canvas_text(c, 0, col, ROLE_TEXT, " %s  ", what);
}

/* The first words of an action's help, for the narrow footer. */
static void short_help(enum action a, char *out, size_t room)
{
        /* clang-format off */
        static const struct { enum action a; const char *word; } words[] = {
                { ACT_OPEN, "open" },     { ACT_SEARCH, "search" }, { ACT_FILTER, "filter" },
                { ACT_SORT, "sort" },     { ACT_STATE, "state" },   { ACT_HELP, "help" },
                { ACT_QUIT, "quit" },     { ACT_BACK, "back" },     { ACT_TOGGLE, "toggle" },
                { ACT_EDIT, "edit" },     { ACT_WALK, "walk" },     { ACT_TRY, "try" },
                { ACT_SAVE, "save" },     { ACT_UNDO, "undo" },     { ACT_VIEW, "view" },
                { ACT_TAKE, "take" },     { ACT_SKIP, "skip" },     { ACT_MORE, "more" },
                { ACT_PREVIOUS, "back" }, { ACT_CANCEL, "cancel" }, { ACT_ACCEPT, "accept" },
                { ACT_INVERT, "allow/deny" }, { ACT_ADD, "add" },   { ACT_DELETE, "delete" },
                { ACT_YES, "save" },      { ACT_UNTESTED, "save untested" }, { ACT_DIFF, "changes" },
                { ACT_PAGE, "page" },     { ACT_RESET, "reset" },   { ACT_REFRESH, "refresh" },
                { ACT_EXPORT, "export" }, { ACT_HARDEN, "harden" }, { ACT_APPLY, "apply" },   { ACT_CONFIRM, "confirm" },
                { ACT_PROCEED, "apply" },
                { ACT_REVERT, "revert" }, { ACT_WHEN, "now or later" },     { ACT_ALLOW, "accept" },
                { ACT_LESSONS, "lessons" }, { ACT_HINT, "hint" },
                { ACT_NEXT, "next" },     { ACT_OBSERVE, "observe" }, { ACT_TAKE_SAFE, "take all that is safe" },
        };
        /* clang-format on */

        for (size_t i = 0; i < COUNT(words); i++)
                if (words[i].a == a) {
                        snprintf(out, room, "%s", words[i].word);
                        return;
                }
        snprintf(out, room, "%s", action_help(a));
}

static void draw_footer(const struct app *app, const struct canvas *c)
{
        const struct view *top = &app->views[app->view_count - 1];
        int col = 0;

        int help = canvas_width(action_key(ANY_SCREEN, ACT_HELP)) + (int)sizeof(" help") + 1;

        for (const enum action *a = top->ops->offer ? top->ops->offer(top->state)
                                                    : top->ops->footer;
             a && *a != ACT_NONE; a++) {
                const char *key = action_key(top->ops->screen, *a);
                int room = *a == ACT_HELP ? c->cols : c->cols - help; /* help is always offered */
                char what[40];

                short_help(*a, what, sizeof(what));
                if (key && col + canvas_width(key) + canvas_width(what) + 1 <= room)
                        col = draw_key(c, col, key, what);
        }
}

/* What the footer has to say at length: the question, with what to press, or the message. */
static enum role footer_text(const struct app *app, char *out, size_t room)
{
        if (app->yes) {
                snprintf(out, room, "%s  y/N", app->question);
                return ROLE_ALERT;
        }
        snprintf(out, room, "%s", app->message.text);
        return app->message.role;
}

/* A question or message too long for one line takes what it needs, at most half the window. */
static int footer_rows(const struct app *app, const struct canvas *c)
{
        struct canvas nowhere = canvas_part(c, 0, 0, 0, c->cols);
        char text[sizeof(app->message.text)];
        int rows;

        footer_text(app, text, sizeof(text));
        rows = *text ? canvas_wrap(&nowhere, 0, ROLE_TEXT, text, 0) : 1;
        if (rows > c->rows / 2)
                rows = c->rows / 2;
        return rows < 1 ? 1 : rows;
}

void app_draw(const struct app *app, const struct canvas *c)
{
        int foot = footer_rows(app, c);
        struct canvas body = canvas_part(c, 0, 0, c->rows - foot, c->cols);
        struct canvas footer = canvas_part(c, c->rows - foot, 0, foot, c->cols);
        char text[sizeof(app->message.text)];
        enum role role;

        if (!app->view_count)
                return;
        app->views[app->view_count - 1].ops->draw(app->views[app->view_count - 1].state, &body);
        role = footer_text(app, text, sizeof(text));
        if (*text)
                canvas_wrap(&footer, 0, role, text, 0);
        else
                draw_footer(app, &footer);
}

void app_done(struct app *app)
{
        while (app->view_count) {
                struct view *v = &app->views[--app->view_count];

                v->ops->free(v->state);
        }
        free(app->views);
        app->views = NULL;
}
