/* view_trial.h - a trial as it goes, and its verdict. */
#pragma once

#include "tui/attempt.h"
#include "tui/draft.h"
#include "tui/screen/app.h"
#include "tui/screen/prompt.h"
#include "tui/screen/sheet.h"

struct trial_view {
        struct app *app;
        struct draft *draft;
        char **steps;            /* "1.2 s  settling" */
        uint64_t started, ended; /* microseconds; ended 0: it runs */
        bool done;               /* .attempt holds a trial */
        struct attempt attempt;
        struct err error;     /* why there is no verdict */
        struct sheet sheet;   /* the result, filled when it is there */
        size_t marked;        /* the refusal that a key accepts, where there are any */
        bool following;       /* it is to be seen, wherever the sheet was scrolled to */
        struct prompt prompt; /* for the reason */
};

extern const struct view_ops trial_view_ops;
void trial_draw(const void *state, const struct canvas *c);

/* Fills .sheet from .attempt; it stays scrolled where it was. */
void trial_fill(struct trial_view *v);

/* The mark on the refusal that lies so far ahead (or behind), or (0) on the first that counts. */
void trial_mark(struct trial_view *v, int direction);
/* Accepts the marked one for the reason that was typed; says how it went. */
void trial_accept(struct trial_view *v, const char *reason, struct app *app);
