/* breaching.h - the intruder's view of a unit as a person asks for it: tried in a twin, and kept
 * for the list of units.  The command and the screen both go through here. */
#pragma once

#include "core/breach/breach.h"
#include "tui/draft.h"
#include "tui/entering.h"

/* n: opened, its stage not yet.  1: it can't be tried here; e says why and what to do. */
int breaching_run(struct context *c, struct entering *n, struct breach *ret, struct err *e);

/* The unit of a draft with its changes, as entering_open() fills it; entering_done() is due. */
int breaching_open(struct context *c, const struct draft *d, struct entering *ret, struct err *e);

/* What was kept for a unit whose sandbox is still the one that was tried: 0; 1: nothing. */
int breaching_kept(struct context *c, const struct sandbox *s, unsigned *ret_allowed,
                   unsigned *ret_chains, struct err *e);

/* How the parts of a report are worded, for both. */
const char *breaching_topic(enum move_topic topic); /* "Secrets" */
/* "refused by ProtectSystem=strict", "allowed".  Caller frees. */
char *breaching_answer(const struct breach_answer *a);
/* A closer on one line: "A=b and C=d".  Caller frees. */
char *breaching_closer(const char *closer);
