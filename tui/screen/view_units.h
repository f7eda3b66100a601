/* view_units.h - the list of units: state of its own, so that tests can draw it without a machine.
 */
#pragma once

#include "tui/listing.h"
#include "tui/screen/app.h"
#include "tui/screen/pending.h"
#include "tui/screen/prompt.h"

enum units_sort { SORT_EXPOSURE, SORT_NAME, SORT_STATE, SORT_COUNT };

struct units_view {
        struct listing *rows;
        size_t count;
        size_t *order; /* rows shown, in order */
        size_t shown;
        int cursor;
        enum units_sort sort;
        const char *state; /* only units in this state; NULL: all */
        char filter[128], search[128];
        struct prompt prompt;
        bool searching;         /* the prompt is for searching, else for the filter */
        size_t scored;          /* how many exposures are known */
        bool told;              /* why files are read has been said once */
        struct pending pending; /* what is applied and not settled */
        char source[200];       /* "manager, systemd 252.39" or why files are read */
};

extern const struct view_ops units_view_ops;

/* Works out .order from the rest; keeps the cursor on its unit. */
int units_arrange(struct units_view *v);
