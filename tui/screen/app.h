/* app.h - the full screen: a stack of views, a status line, one question at a time, and long work
 * that leaves it all alive.  Views know this and the canvas; curses and the loop stay behind it. */
#pragma once

#include "core/base/err.h"
#include "tui/context.h"
#include "tui/screen/action.h"
#include "tui/screen/canvas.h"

#include <stdbool.h>

struct app;

/* A view's functions; its state is its own struct, freed by free(). */
struct view_ops {
        enum screen_id screen;
        /* State in, cells out: drawing changes nothing. */
        void (*draw)(const void *state, const struct canvas *c);
        /* Returns false for what it has no use for. */
        bool (*act)(void *state, enum action a, struct app *app);
        /* Keys before they become actions (search, input lines); true: used up.  May be NULL. */
        bool (*key)(void *state, const char *key, struct app *app);
        /* A view above it was closed; what it did may matter.  May be NULL. */
        void (*resume)(void *state, struct app *app);
        /* May this view be left?  false: it asks first (and pops itself later).  May be NULL. */
        bool (*leave)(void *state, struct app *app);
        void (*free)(void *state);
        /* Called a few times a second while nothing is being worked on: what it shows may change by
         * itself.  true: draw it anew.  May be NULL. */
        bool (*tick)(void *state, struct app *app);
        /* What the footer offers, in this order; ends with ACT_NONE. */
        const enum action *footer;
        /* Or, where that depends on the state: this instead. */
        const enum action *(*offer)(const void *state);
};

/* A view on the stack. */
struct view {
        const struct view_ops *ops;
        void *state;
};

/* The status line; gone at the next key. */
struct message {
        enum role role;
        char text[400];
};

/* Long work: run by the loop between two events, with the screen alive.  Its progress goes where
 * the work itself sends it (struct job). */
struct work {
        void (*run)(void *state, struct app *app);
        void *state;
};

struct app {
        struct context *context; /* NULL in tests of single views */
        struct view *views;
        size_t view_count;
        struct message message;
        /* A question: yes is run on 'y', everything else means no. */
        char question[200];
        void (*yes)(void *state, struct app *app);
        void *yes_state;
        struct work work; /* waiting to be run */
        bool working, quit, quitting, ascii;
        void (*redraw)(struct app *app); /* set by the loop */
        void *loop;
};

/* Runs it all; returns the exit status. */
struct arguments;
int app_run(const struct arguments *a);

/* For views. */
void app_push(struct app *app, const struct view_ops *ops, void *state); /* takes state */
void app_pop(struct app *app);
void app_say(struct app *app, enum role role, const char *fmt, ...)
        __attribute__((format(printf, 3, 4)));
void app_fail(struct app *app, const struct err *e);
void app_ask(struct app *app, void (*yes)(void *state, struct app *app), void *state,
             const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* Asks the loop to run this when the present event is done.  One at a time. */
void app_work(struct app *app, void (*run)(void *state, struct app *app), void *state);
void app_redraw(struct app *app);
struct view *app_top(struct app *app);

/* For the loop and the tests. */
void app_key(struct app *app, const char *key);
void app_draw(const struct app *app, const struct canvas *c);
bool app_tick(struct app *app); /* whether to draw anew */
void app_done(struct app *app);
