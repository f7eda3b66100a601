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
        void *userdata;
};

/* Starts the unit on the stage, watches its start, probes, reload (where it has ExecReload=) and
 * stop, and undoes all.  A cancel ends the watching and keeps what was seen: then 0 as well, unless
 * nothing was.  1: it could not be watched; e says why. */
int record_stage(const struct recording_options *o, struct stage *stage, struct job *job,
                 struct behaviour **ret, struct err *e);

/* Watches the unit of this machine's manager as it runs, without touching it; waits for its start
 * when it does not run.  Same returns. */
int record_live(const struct recording_options *o, struct manager *m, struct job *job,
                struct behaviour **ret, struct err *e);
