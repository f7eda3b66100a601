/* recording_private.h - what the two ways of recording share. */
#pragma once

#include "core/observe/observer.h"
#include "core/trial/recording.h"

#include <sys/types.h>

struct recording {
        const struct recording_options *o;
        struct job *job;
        struct observer *observer;
        struct job_watch *clock; /* for the numbers, once a second */
        int clock_fd;
        uint64_t began, kept;
        const char *root; /* its files as seen from here */
        char **probes;    /* that succeeded */
        char **notes;
};
#define RECORDING_NONE                                                                             \
        {                                                                                          \
                .clock_fd = -1                                                                     \
        }

/* ---- recording.c ---- */

/* Attaches the observer with what the unit says of its commands, and starts the clock.
 * 1: it cannot be done here; e says why. */
int recording_open(struct recording *r, const struct observer_options *where, struct err *e);
void recording_done(struct recording *r);

/* Everything seen so far, with the probes and notes.  Works after a cancel, too. */
int recording_take(struct recording *r, struct behaviour **ret, struct err *e);

/* Where the control groups of version 2 are.  1: they are not here. */
int recording_cgroup(char **ret, struct err *e);

/* Shows the numbers now. */
void recording_tell(struct recording *r);

/* Calls keep() when it is time. */
int recording_keep(struct recording *r, struct err *e);

/* Waits until all of lasting is over, keeping what was seen. */
int recording_wait(struct recording *r, uint64_t lasting, struct err *e);

/* ---- recording_unit.c: pure ---- */

/* Programs of "+" lines, which systemd does not put into the sandbox.  One that runs without the
 * "+" as well is not among them; then a note says so. */
int recording_privileged(const struct sandbox *unit, char ***ret, char ***notes);

/* The program that the unit is about: of its first ExecStart=; NULL: it has none. */
const char *recording_program(const struct sandbox *unit);
bool recording_has(const struct sandbox *unit, const char *key); /* "ExecReload" */

/* The mount point of the control groups of version 2 in the text of a mountinfo file.
 * 1: there is none. */
int recording_cgroup_mount(const char *mountinfo, char **ret);

/* "/a/b" of "0::/a/b/init.scope" in the text of a cgroup file.  1: none. */
int recording_cgroup_path(const char *text, char **ret);

/* What the state of a unit means for the phase of its observation. */
struct phases {
        char invocation[33]; /* of the start that was seen last; "" none */
        uint64_t since;      /* when it came up, or was seen reloading last */
        enum act_seen phase;
        uint64_t reloaded; /* as in the state; most reloads are over before anybody looks */
        bool looked;
        uint64_t settle;
};
/* The phase from now on; it changes *p. */
enum act_seen recording_phase(struct phases *p, const struct unit_state *s, uint64_t now);
