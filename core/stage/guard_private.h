/* guard_private.h - what the files of the guard share. */
#pragma once

#include "core/base/text.h"
#include "core/stage/guard.h"

#include <sys/types.h>

#define GUARD_FOLDER "/run/gird/guard"
#define TRIAL_FOLDER "/run/systemd/system"
#define TRIAL_NAME   "zz-gird-trial.conf"
#define TRIAL_DRAFT  "dropin" /* in the folder of the guard, until it is laid down */

/* ---- guard_state.c: the folder below /run ---- */

/* Opens GUARD_FOLDER.  make: with what is missing.  Descriptor or -errno. */
int guard_folder(bool make);
/* One gird at a time arms, sweeps or reverts.  The lock goes with the descriptor. */
int guard_lock(struct job *job, int *ret_folder, struct err *e);

/* Whether systemd can reload with what is put aside, and again afterwards. */
int guard_check_room(struct err *e);
/* Writes all but the marker `pending`; g->state, .until and .restarted are not looked at. */
int guard_write(int folder, const struct guard *g, const char *script, const char *dropin);
/* The marker; from here on it counts. */
int guard_mark_pending(int folder, const char *unit);
/* 0: the marker of one state became that of another; 1: it is not there (any more). */
int guard_turn(const char *unit, enum guard_state from, enum guard_state to);
int guard_mark_restarted(const char *unit);
/* The whole folder of a unit goes; absent is no fault. */
int guard_remove(int folder, const char *unit);

/* 1: there is none, or none that counts. */
int guard_read(int folder, const char *unit, struct guard *ret, struct err *e);
/* Names of folders, those that do not count included. */
int guard_names(int folder, char ***ret);

/* Where text comes from or goes to in JSON; pure. */
char *guard_to_json(const struct guard *g, uint64_t monotonic);
int guard_from_json(const char *file, const char *text, struct guard *ret, uint64_t *ret_monotonic,
                    struct err *e);

/* ---- guard_script.c: pure ---- */

struct guard_script {
        const char *unit, *state, *dropin; /* paths: of the unit's guard folder, of the drop-in */
        const char *invocation;
        const char *path; /* PATH of the script */
        bool made_folder; /* the drop-in's: goes with it */
        bool running, next_start;
        uint64_t within;
        const struct mark *marks;
        size_t mark_count;
};
char *guard_script_text(const struct guard_script *s); /* NULL: out of memory */

/* Its units in systemd. */
enum guard_unit {
        GUARD_TIMER,
        GUARD_SERVICE, /* that the timer starts */
        GUARD_BY_HAND, /* that a person starts */
};
char *guard_unit_name(const char *unit, enum guard_unit which);

/* ---- guard_drop.c: the drop-in ---- */

char *guard_dropin_path(const char *unit);
bool guard_dropin_folder_exists(const char *unit);
/* Moves the draft to its place, which fails (-ENOENT) when the guard has removed that: a gird that
 * slept meanwhile lays nothing down behind its back. */
int guard_dropin_lay(int folder, const char *unit);
/* Also its folder where that is empty then. */
int guard_dropin_remove(const char *unit);

/* ---- guard.c ---- */

/* The name becomes that of a folder and part of others' names. */
int guard_check_name(const char *unit, struct err *e);
char *guard_script_file(const char *unit);
/* 1: that unit of the guard runs (or waits, for a timer); 0: it does not. */
int guard_runs(const char *unit, enum guard_unit which, struct manager *m, struct job *job,
               struct err *e);
int guard_stop(const char *unit, enum guard_unit which, struct manager *m, struct job *job,
               struct err *e);
/* What a killed one left of this unit.  The lock is held. */
int guard_sweep_one(int folder, const char *unit, struct manager *m, struct job *job,
                    struct err *e);

/* ---- guard_session.c: pure ---- */

struct process {
        long pid, parent;
        uint64_t began; /* ticks since the boot */
        char *group;    /* control group, or NULL */
};
struct host {
        long main_pid;     /* of the unit; 0: none */
        uint64_t began;    /* of its main process, or of the unit: ticks since the boot */
        const char *group; /* of the unit; "" if it has none */
};
/* Whether one of the ancestors (whoever asks comes first) is a session that the unit opened since
 * it was restarted. */
bool session_is_new(const struct process *line, size_t count, const struct host *host);
