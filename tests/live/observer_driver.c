/* observer_driver.c - the observer on the command line, for the live tests.
 *
 *      observer_driver CGROUP-PREFIX|- UNIT SECONDS [CGROUP]
 *
 * Watches the unit whose folder is made below CGROUP-PREFIX (as a twin's is; "-": anywhere, live),
 * or that runs in CGROUP already, and prints its behaviour as JSON.  "ready" on stderr once it
 * watches, numbers at the end.  A signal ends it sooner.
 * Environment: STAGE (twin with a prefix, else live), ROOT, PRIVILEGED (programs, by blanks),
 * PHASE (of wire.h: 1 start-up, 2 steady, 4 reload, 8 stop), CYCLE (on and off, milliseconds each).
 * Exit status: 0; 1 it cannot be done here; 3 for a fault. */
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/observe/observer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int wait_for(struct observer *o, struct job *job, uint64_t usec, struct err *e)
{
        const char *cycle = getenv("CYCLE");
        uint64_t step = cycle ? strtoull(cycle, NULL, 10) * 1000 : usec, end = job_now() + usec;
        bool on = true;
        int r = 0;

        while (r == 0 && job_now() < end) {
                uint64_t left = end - job_now();

                r = job_pause(job, left < step ? left : step);
                if (r == 0 && cycle) {
                        r = on ? observer_pause(o, e) : observer_resume(o, e);
                        on = !on;
                }
        }
        return r == -ECANCELED ? 0 : r;
}

static int print(struct observer *o, struct err *e)
{
        scoped(behaviour_freep) struct behaviour *b = NULL;
        scoped(mem_freep) char *json = NULL;
        struct observer_numbers n;
        int r = observer_behaviour(o, &b, e);

        if (r == 0)
                r = behaviour_to_json(b, &json);
        if (r < 0)
                return r;
        puts(json);
        observer_numbers(o, &n);
        fprintf(stderr,
                "calls %" PRIu64 " facts %" PRIu64 " processes %" PRIu64 " execs %" PRIu64
                " lost %" PRIu64 " memory %" PRIu64 " watched %" PRIu64 " capabilities %d\n",
                n.calls, n.facts, n.processes, n.execs, n.lost, n.memory, n.watched,
                n.capabilities);
        return 0;
}

static int watch(const struct observer_options *options, uint64_t usec, struct job *job,
                 struct err *e)
{
        scoped(observer_closep) struct observer *o = NULL;
        const char *phase = getenv("PHASE");
        int r = observer_open(options, job, &o, e);

        if (r != 0)
                return r;
        if (phase)
                observer_phase(o, (enum act_seen)(strtoul(phase, NULL, 10) << 2));
        fprintf(stderr, "ready\n");
        r = wait_for(o, job, usec, e);
        return r < 0 ? r : print(o, e);
}

int main(int argc, char **argv)
{
        scoped(strv_freep) char **privileged = NULL;
        struct observer_options o = { .stage = getenv("STAGE"), .root = getenv("ROOT") };
        struct job job;
        struct err e = { 0 };
        int r;

        if (argc < 4) {
                fprintf(stderr, "usage: observer_driver CGROUP-PREFIX|- UNIT SECONDS [CGROUP]\n");
                return 2;
        }
        if (strcmp(argv[1], "-") != 0)
                o.prefix = argv[1];
        o.unit = argv[2];
        o.cgroup = argc > 4 ? argv[4] : NULL;
        if (!o.stage)
                o.stage = o.prefix ? "twin" : "live";
        if (getenv("PRIVILEGED") && strv_split(getenv("PRIVILEGED"), " ", &privileged) < 0)
                return 3;
        o.privileged = privileged;
        r = job_open(&job, &e);
        if (r == 0) {
                r = watch(&o, (uint64_t)(strtod(argv[3], NULL) * 1e6), &job, &e);
                job_done(&job);
        }
        if (r != 0)
                fprintf(stderr, "observer_driver: %d: %s\n", r, e.text);
        return r == 0 ? 0 : r > 0 ? 1 : 3;
}
