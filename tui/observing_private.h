/* observing_private.h - what the files of an observation share. */
#pragma once

#include "tui/observing.h"

/* The store of what lies aside while a unit is observed there. */
int observing_aside(const struct context *c, const char *stage, struct store *ret);

/* Adds what lies aside to what is kept.  Whoever calls holds both locks. */
int observing_join(struct context *c, const struct store *aside, const char *unit, bool *ret_anew,
                   struct err *e);

/* The same for what earlier observations left that were killed.  The unit's lock is held. */
int observing_join_leftovers(struct context *c, const char *unit, struct err *e);
