/* pending.h - what is applied to units of this machine and not settled yet, as the screens show it.
 */
#pragma once

#include "core/stage/guard.h"
#include "tui/context.h"
#include "tui/screen/canvas.h"

struct pending {
        struct guard *list;
        size_t count;
        uint64_t now;    /* realtime microseconds, of the last look: drawing has no clock */
        uint64_t ticked; /* CLOCK_MONOTONIC, likewise */
};

/* Reads what there is; nothing for units of other machines, trees and managers. */
void pending_read(struct pending *p, const struct context *c);
/* To be called a few times a second: reads anew where something is pending, and lets the countdown
 * go on.  true: what it shows has changed. */
bool pending_tick(struct pending *p, const struct context *c);
void pending_done(struct pending *p);

const struct guard *pending_of(const struct pending *p, const char *unit); /* or NULL */
/* The one whose time is up first; NULL: none is pending. */
const struct guard *pending_first(const struct pending *p);

/* "reverts in 42 s", "applied until next boot": cut to the room. */
void pending_words(const struct guard *g, uint64_t now, char *out, size_t room);
enum role pending_role(const struct guard *g);
