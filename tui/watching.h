/* watching.h - what a running unit is refused, as it comes.  Command and screen both go through
 * here. */
#pragma once

#include "core/trial/trial.h"
#include "tui/context.h"

struct watching_options {
        uint64_t lasting; /* microseconds; 0: until cancelled */
        /* Each refusal once, as it comes, with the directive behind it. */
        void (*denied)(void *userdata, const struct denial *d);
        /* About once a second. */
        void (*tick)(void *userdata, uint64_t lasted, uint64_t calls);
        void *userdata;
};

/* *ret_count: refusals.  1: it cannot be watched; e says why. */
int watching_run(struct context *c, const struct sandbox *s, const struct watching_options *o,
                 size_t *ret_count, struct err *e);
