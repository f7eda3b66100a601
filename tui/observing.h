/* observing.h - an observation as a person asks for it: checks, stage, recording, and what is kept
 * of it, added to what was kept before.  The commands and the screen both go through here.
 *
 * While it lasts, what was seen lies aside (STATE/observing-twin, STATE/observing-live), written
 * every few minutes; at its end, or when somebody asks after it was killed, that joins the kept
 * behaviour of the unit.  So the unit's own lock is only held for moments, and a trial or a save
 * can go on beside an observation of a day. */
#pragma once

#include "core/observe/infer.h"
#include "core/trial/recording.h"
#include "tui/context.h"

struct observing_options {
        bool live;           /* attach to the running unit; otherwise start it in a twin */
        char *const *probes; /* commands, or NULL */
        uint64_t lasting;    /* as in struct recording_options; microseconds */
        uint64_t settle;
        uint64_t on, every;
        bool ignore_conditions;
        /* About once a second; may be NULL. */
        void (*numbers)(void *userdata, const struct observer_numbers *n, uint64_t lasted);
        void *userdata;
};

struct observing {
        struct behaviour *behaviour; /* all that is kept now, this observation included */
        size_t known;                /* acts that were known before */
        bool anew;                   /* what was kept was another version's, and is left behind */
        char *aside;                 /* why it could not join what is kept yet, or NULL */
        double bare_ns, watched_ns;  /* what a call of a bystander costs without and with the
                                      * observer; 0: not measured (in a twin) */
        struct observer_numbers numbers; /* the last */
};
void observing_done(struct observing *o);

/* Whether s can be observed so, before anything is started.  0; 1: no, e says why and what to do;
 * < 0: the same for what was typed wrongly. */
int observing_check(const struct context *c, const struct sandbox *s, bool live, struct err *e);

/* Watches s and keeps what was seen; a cancel (c->job.cancelled) ends the watching and keeps it
 * too. 0, also then; 1: it could not be watched; e says why. */
int observing_run(struct context *c, const struct sandbox *s, const struct observing_options *o,
                  struct observing *ret, struct err *e);

/* The kept behaviour of a unit, with what lies aside of an observation that is under way or was
 * killed.  1: there is none, or it is not for these eyes (e says which).  ret_underway (may be
 * NULL): the process that is observing it live now, or 0. */
int observing_get(struct context *c, const char *unit, struct behaviour **ret, long *ret_underway,
                  struct err *e);

/* What follows from it for s.  1: the unit was not observed yet; e says how to. */
int observing_advices(struct context *c, const struct sandbox *s, struct advices *ret,
                      struct err *e);

/* The profile that -p, --profile and --probe make, and all that is safe besides (--observed), with
 * the probes that ran in a twin then.  1: nothing is safe to take, or it was not observed; e says
 * so. */
int observing_profile(struct context *c, const struct sandbox *s, struct profile **ret,
                      struct err *e);
