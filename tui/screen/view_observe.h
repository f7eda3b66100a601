/* view_observe.h - an observation as it goes, and what follows from it. */
#pragma once

#include "tui/advising.h"
#include "tui/draft.h"
#include "tui/observing.h"
#include "tui/screen/app.h"
#include "tui/screen/sheet.h"

struct observe_view {
        struct app *app;
        struct draft *draft;
        struct advising *advising; /* the unit screen's */
        char **steps;              /* "1.2 s  settling" */
        struct observer_numbers numbers;
        uint64_t started, ended; /* microseconds; ended 0: it runs */
        bool done;               /* it was watched */
        char *aside;             /* why it could not join what is kept yet */
        struct err error;        /* why it was not */
        struct sheet sheet;      /* the result, filled when it is there */
};

extern const struct view_ops observe_view_ops;
void observe_draw(const void *state, const struct canvas *c);

/* Fills .sheet from .advising. */
void observe_fill(struct observe_view *v);
