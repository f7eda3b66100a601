/* recording.h - watch a unit for a while: started in a twin, or as it runs live. */
#pragma once

#include "core/base/err.h"
#include "core/base/job.h"
#include "core/observe/observer.h"
#include "core/stage/stage.h"
#include "core/unit/sandbox.h"

struct recording_options {
        const struct sandbox *unit; /* as it stands */
        const struct dialect *dialect;
        char *const *probes; /* commands that make it work while it is watched; or NULL */
        const char *root;    /* the tree the unit was read from; NULL: this machine */
        uint64_t lasting;    /* microseconds; 0: in a twin until it settled and the probes ran, live
                              * until cancelled */
        uint64_t settle;
        uint64_t probe_timeout;
        uint64_t on, every; /* duty cycle: watch so long in every so long; 0: always (live only) */
        bool ignore_conditions;
        /* Called about once a second, and once at the end; may be NULL. */
        void (*numbers)(void *userdata, const struct observer_numbers *n, uint64_t lasted);
        /* Called every keep_every microseconds (sooner at first) with all that was seen so far, so
         * that a kill loses little.  It may not wait.  What it answers below 0 ends the recording.
         * May be NULL. */
        int (*keep)(void *userdata, const struct behaviour *b, struct err *e);
        uint64_t keep_every;
        void *userdata;
        /* Live: what a call of a process that is not watched takes, before and while the observer
         * is attached, in nanoseconds.  May be NULL. */
        double *ret_bare_ns, *ret_watched_ns;
};

/* Starts the unit on the stage, as it is started on a real machine, watches its start, probes,
 * reload (where it can be reloaded), restart and stop, and undoes all.  A cancel ends the watching
 * and keeps what was seen: then 0 as well, unless nothing was.  1: it could not be watched, or does
 * not run there; e says why, and *ret is what was seen until then, or NULL. */
int record_stage(const struct recording_options *o, struct stage *stage, struct job *job,
                 struct behaviour **ret, struct err *e);

/* Watches the unit of this machine's manager as it runs, without touching it; waits for its start
 * when it does not run.  A restart, reload or stop by others is noticed and followed.  Same
 * returns. */
int record_live(const struct recording_options *o, struct manager *m, struct job *job,
                struct behaviour **ret, struct err *e);

/* Version of the unit's program as it is installed below root now, as behaviour.version has it.
 * Caller frees; NULL: not known. */
char *recording_version(const struct sandbox *unit, const char *root);
