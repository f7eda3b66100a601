/* listing.h - the units there are, with their states and exposures. */
#pragma once

#include "tui/context.h"

struct listing {
        char *unit, *description;
        char *load, *active, *sub, *file_state; /* "-" where there is none */
        bool file; /* scored from files: a path that was named, or not in the manager's memory */
        bool scored;
        unsigned exposure; /* tenths */
        const char *note;  /* why it is not scored, or what else is to be said; NULL; static */
        /* What `gird breach` found, of a sandbox that is still the same. */
        bool breached;
        unsigned allowed; /* how many moves */
        bool leaves;      /* it can be left */
};
/* Names and states at once; exposures are filled in by listing_score(). */
int listing_read(struct context *c, char *const *words, struct listing **ret, size_t *ret_count,
                 struct err *e);
/* Fills in the exposures.  Calls the job's loop between units. */
int listing_score(struct context *c, struct listing *rows, size_t count, struct err *e);
void listings_free(struct listing *rows, size_t count);
