/* view_trial.h - a trial as it goes, and its verdict. */
#pragma once

#include "tui/attempt.h"
#include "tui/draft.h"
#include "tui/screen/app.h"

struct trial_view {
        struct app *app;
        struct draft *draft;
        char **steps;            /* "1.2 s  settling" */
        uint64_t started, ended; /* microseconds; ended 0: it runs */
        bool done;               /* .attempt holds a trial */
        struct attempt attempt;
        struct err error; /* why there is no verdict */
        int scroll;
};

extern const struct view_ops trial_view_ops;
void trial_draw(const void *state, const struct canvas *c);

/* The result as text with line breaks, for the scrolled part.  Caller frees. */
char *trial_text(const struct trial_view *v);
