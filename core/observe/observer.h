/* observer.h - the door to libbpf: watches one unit's processes from outside, in the kernel.
 * Without BPF (make BPF=0) every call answers that it is not built in. */
#pragma once

#include "core/base/base.h"
#include "core/base/err.h"
#include "core/base/job.h"
#include "core/observe/behaviour.h"

struct observer;

struct observer_options {
        const char *unit;   /* primary name */
        const char *prefix; /* cgroup v2 folder (full path under /sys/fs/cgroup) that the unit's
                             * folder lies somewhere below: the twin's; NULL: live */
        const char *cgroup; /* folder of the running unit, NULL when it is not running */
        const char *root;   /* its files as seen from here: "/proc/123/root"; "" for this machine */
        const char *stage;  /* "twin" or "live" */
        char *const *privileged; /* programs that "+" lines run: not sandboxed, so not watched */
};

/* Whether watching can work here at all: 0; 1: no, and e says why in one sentence and what still
 * works (not root, no BTF, no cgroup v2, kernel too old, not built in). */
int observer_possible(struct err *e);

/* Watches from now on: processes that are in the unit's cgroup already, and every one that comes.
 * systemd's own set-up is left out: a process counts from the exec of the command (which is the
 * second one from 255 on, after systemd-executor), its children with it.
 * 1: it cannot be done here; e says why. */
int observer_open(const struct observer_options *o, struct job *job, struct observer **ret,
                  struct err *e);
void observer_close(struct observer *o);
DEFINE_SCOPED(struct observer, observer_close)

/* SEEN_STARTUP, SEEN_STEADY, SEEN_RELOAD or SEEN_STOP: what happens from now on. */
void observer_phase(struct observer *o, enum act_seen phase);

/* For duty cycles: a paused observer has nothing attached, so bystanders pay nothing. */
int observer_pause(struct observer *o, struct err *e);
int observer_resume(struct observer *o, struct err *e);

/* Numbers so far, for progress. */
struct observer_numbers {
        uint64_t calls, facts, processes, execs;
        uint64_t lost;     /* facts and first sights that are known to be missing */
        uint64_t memory;   /* bytes of the maps in the kernel */
        uint64_t watched;  /* microseconds, without pauses */
        bool capabilities; /* its checks are seen */
};
void observer_numbers(struct observer *o, struct observer_numbers *ret);

/* Everything seen so far, tidied, with this session in it (when: its begin).  May be called more
 * than once; what was seen stays in the observer.  The ring is read by job's loop meanwhile. */
int observer_behaviour(struct observer *o, struct behaviour **ret, struct err *e);
