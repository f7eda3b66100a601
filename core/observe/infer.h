/* infer.h - for each directive the strictest value that still permits all that was observed, and
 * what forbids the next stricter one.
 *
 * Pure: unit + behaviour + dialect in, advice out.  The rules are tables in infer_*.c that refer to
 * catalogue rows. */
#pragma once

#include "core/base/err.h"
#include "core/observe/behaviour.h"
#include "core/profile/profile.h"
#include "core/unit/sandbox.h"

enum advice_verdict {
        ADVICE_SAFE,    /* .value permits all that was seen: it may be taken over */
        ADVICE_BREAKS,  /* every value stricter than what the unit has breaks something seen */
        ADVICE_UNKNOWN, /* what was seen does not decide it; .value is what it would be about */
};
const char *advice_verdict_name(enum advice_verdict v); /* "safe", "breaks", "unknown" */

enum confidence { CONFIDENCE_NONE, CONFIDENCE_LOW, CONFIDENCE_FAIR, CONFIDENCE_HIGH };
const char *confidence_name(enum confidence c); /* "none", "low", "fair", "high" */

struct advice {
        enum directive_id directive;
        enum advice_verdict verdict;
        /* SAFE: the strictest value that is; equal to the unit's own where nothing stricter is.
         * BREAKS: the mildest that would break something.  Unset: none is to be set. */
        struct value value;
        bool changes;   /* SAFE, and the value is not what the unit has already */
        char *evidence; /* what forbids the next stricter value, or what was looked for and not
                         * seen, for how long; one or two sentences, printable */
        enum confidence confidence;
        char *limits; /* why the confidence is no higher; NULL if it is high */
};

struct advices {
        struct advice list[DIRECTIVE_COUNT]; /* by directive; all filled */
        bool launcher;                       /* it starts sessions or jobs of others */
        char *about;                         /* a sentence on that, or NULL */
        struct coverage coverage;
};
void advices_done(struct advices *a);

struct infer_options {
        const struct sandbox *unit;        /* as it stands, after sandbox_imply() */
        const struct behaviour *behaviour; /* tidied */
        const struct dialect *dialect;
        const char *root; /* tree for looking up accounts and what a path is; "" this machine */
};

/* The advices fit together: all that is safe may be taken over at once, implications included. */
int infer(const struct infer_options *o, struct advices *ret, struct err *e);

/* Adds every safe advice that changes something to p (REASON_OBSERVED, with its evidence), where p
 * has no change set by hand.  keep: directives to leave alone, ends with DIRECTIVE_COUNT; or NULL.
 * *ret_count: how many. */
int advices_take(const struct advices *a, struct profile *p, const enum directive_id *keep,
                 size_t *ret_count);

/* What a unit is known to start for others by its program, its name or PAMName=, whatever was
 * observed of it: "it opens login sessions"; NULL: nothing is known.  *ret_sessions: people come in
 * through it. */
const char *launcher_known(const struct sandbox *unit, bool *ret_sessions);
