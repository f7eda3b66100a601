/* search.h - from a unit to the tightest profile that holds: try what is wished for, give back what
 * the denials name, then halve (delta debugging) over changes and over members of lists.
 *
 * Trials run in twins of their own, several at a time, each in a process of its own; what was tried
 * is not tried again. */
#pragma once

#include "core/base/err.h"
#include "core/base/job.h"
#include "core/profile/known.h"
#include "core/profile/profile.h"
#include "core/score/score.h"
#include "core/trial/trial.h"

/* What one trial said, as far as the search needs it. */
struct outcome {
        enum verdict verdict;
        char *summary;
        struct suspect *suspects; /* most likely first */
        size_t suspect_count;
        struct denial *denials; /* accepted ones included */
        size_t denial_count;
        enum directive_id *not_rehearsed;
        size_t not_rehearsed_count;
        struct probe_result *probes;
        size_t probe_count;
        char **notes;
        bool watched; /* denials are what the observer saw, too */
        /* Whether the unit could be restarted without changes; false for both: it was not asked */
        bool restarts, restart_fails;
        uint64_t seconds_x1000;
};
void outcome_done(struct outcome *o);

enum search_kind {
        SEARCH_TRYING,  /* .count: how many changes, .what: why this set */
        SEARCH_TRIED,   /* .outcome */
        SEARCH_GAVE,    /* .directive goes back to the unit's own value; .what: why */
        SEARCH_EASED,   /* .directive: a value between; .what: which, and why */
        SEARCH_KEPT,    /* .directive was given back and tried again alone: it holds after all */
        SEARCH_STOPPED, /* .what: aim, budget or cancel */
};
struct search_step {
        enum search_kind kind;
        enum directive_id directive; /* DIRECTIVE_COUNT: none */
        const char *what;
        size_t count, trials; /* trials so far; of SEARCH_TRYING: which one this is */
        unsigned exposure;    /* tenths, of the set in hand */
        const struct outcome *outcome;
};

struct search_options {
        struct trial_options trial;    /* .profile is not looked at; .unit, .dialect … are */
        const struct profile *wish;    /* where it starts: the tightest that is thinkable; changes
                                        * by hand and of files are in every set */
        const struct profile *base;    /* what an earlier save set, which each trial goes on with
                                        * (attempt_complete() of an empty profile); or NULL */
        const enum directive_id *keep; /* to be left as the unit has them; ends with
                                        * DIRECTIVE_COUNT; or NULL */
        enum score_mode mode;
        unsigned aim; /* tenths: no tighter than needed for this; UINT_MAX: as tight as can be */
        unsigned parallel; /* twins at a time; 0: as many as there are processors */
        size_t trials;     /* at most; 0: 100 */
        uint64_t within;   /* microseconds; 0: 30 min */
        bool accept_bent;
        bool once;       /* do without trying again, at the end, what was found */
        uint64_t memory; /* of each twin, bytes; 0: the twin's own choice */
        void (*step)(void *userdata, const struct search_step *s); /* may be NULL */
        void *userdata;
};

/* What could not be had, and why. */
struct forgone {
        enum directive_id directive;
        char *wished, *had; /* values: the wish's and what was reached */
        char *why;          /* "CAP_NET_ADMIN is needed: iptables, seen 3 times" */
};

struct search {
        struct profile *profile; /* the tightest that held (or bent, accepted); NULL: nothing did */
        struct outcome outcome;  /* of its trial */
        struct forgone *forgone;
        size_t forgone_count;
        size_t trials, from_cache;
        unsigned before, after; /* exposures in tenths */
        uint64_t seconds_x1000;
        char *stopped; /* aim reached, budget spent, cancelled: a sentence; NULL: it came to its end
                        */
        bool exhausted; /* a budget or a cancel ended it: it could be tighter */
};
void search_done(struct search *s);

/* 0: there is an answer, be it that nothing holds (.profile NULL, .outcome says why: baseline
 * failed, flaky).  A cancel ends it with what holds so far: 0 as well, if anything does. */
int search_run(const struct search_options *o, struct job *job, struct search *ret, struct err *e);

/* The starting set of a preset: "baseline" (what hardly any service minds) or "strict" (all that
 * the catalogue has), for this unit and systemd; nothing looser than what the unit has. -ENOENT: no
 * such preset; e names them. */
int search_preset(const char *name, const struct sandbox *unit, const struct dialect *dialect,
                  struct profile **ret, struct err *e);

/* Takes out of a preset what was seen to be needed: the strictest value that permits it instead,
 * with its holes, or none.  advices: NULL where nothing was seen; what then fails without a word in
 * a stage (networks, addresses) goes out, too. */
struct advices;
int search_preset_limit(struct profile *p, const struct advices *advices,
                        const struct dialect *dialect);
