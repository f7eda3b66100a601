/* watching.h - what a running unit is refused, as it comes.  Command and screen both go through
 * here. */
#pragma once

#include "core/trial/trial.h"
#include "tui/context.h"

struct watching_options {
        uint64_t lasting; /* microseconds; 0: until cancelled */
        /* Each refusal once, as it comes, with the directive behind it and the unit as the manager
         * has it now.  .after counts from the beginning of the watch. */
        void (*denied)(void *userdata, const struct denial *d, const struct sandbox *unit);
        /* About once a second; may be NULL. */
        void (*tick)(void *userdata, uint64_t lasted, uint64_t calls);
        void *userdata;
};

/* What came of it. */
struct watched {
        size_t refused;  /* by a directive */
        size_t unnamed;  /* no directive explains it */
        size_t accepted; /* the unit's profile has a reason for it: in none of the others */
        uint64_t lasted; /* microseconds */
        uint64_t calls, lost;
};

/* Watches s until the time is over or c->job is cancelled: then 0, too.  1: it cannot be watched;
 * e says why. */
int watching_run(struct context *c, const struct sandbox *s, const struct watching_options *o,
                 struct watched *ret, struct err *e);
