/* view_breach.h - what an intruder could do, tried in a twin: as it goes, and what came of it. */
#pragma once

#include "tui/breaching.h"
#include "tui/draft.h"
#include "tui/screen/app.h"

/* One line of the list; closer is the breach's. */
struct breach_line {
        enum role role;
        char *text;
        const struct breach_answer *answer; /* of a move; or NULL */
        const char *closer;                 /* what Enter sets; or NULL */
};

struct breach_view {
        struct app *app;
        struct draft *draft;
        char **steps;
        uint64_t started, ended; /* microseconds; ended 0: it runs */
        bool done;               /* .breach holds a result */
        struct breach breach;
        struct err error; /* why there is none */
        struct breach_line *lines;
        size_t count;
        int cursor;
};

extern const struct view_ops breach_view_ops;

/* Makes .lines of .breach. */
int breach_fill(struct breach_view *v);
