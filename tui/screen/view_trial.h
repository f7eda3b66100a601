/* view_trial.h - a trial as it goes, and its verdict. */
#pragma once

#include "tui/attempt.h"
#include "tui/draft.h"
#include "tui/screen/app.h"
#include "tui/screen/sheet.h"

struct trial_view {
        struct app *app;
        struct draft *draft;
        char **steps;            /* "1.2 s  settling" */
        uint64_t started, ended; /* microseconds; ended 0: it runs */
        bool done;               /* .attempt holds a trial */
        struct attempt attempt;
        struct err error;   /* why there is no verdict */
        struct sheet sheet; /* the result, filled when it is there */
};

extern const struct view_ops trial_view_ops;
void trial_draw(const void *state, const struct canvas *c);

/* Fills .sheet from .attempt. */
void trial_fill(struct trial_view *v);
