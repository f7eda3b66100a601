/* manager.h - the door to sd-bus: one systemd manager, on this machine or in a twin.
 * All waiting goes through the job's loop.  No other file includes sd-bus. */
#pragma once

#include "core/base/err.h"
#include "core/base/job.h"
#include "core/unit/sandbox.h"

#include <sys/types.h>

struct manager;

struct manager_where {
        enum scope scope;
        const char *host;      /* -H, by ssh */
        const char *container; /* -M */
        int fd; /* a connected stream to systemd's private socket, or -1; taken over */
        /* Where the files of that manager are seen from here ("/proc/123/root").  NULL: found out;
         * with host and container they are not read, and every origin is ORIGIN_MANAGER. */
        const char *root;
};

/* 1: there is no manager here (not booted with systemd, no user manager); e says it. */
int manager_open(const struct manager_where *where, struct job *job, struct manager **ret,
                 struct err *e);
void manager_close(struct manager *m);
DEFINE_SCOPED(struct manager, manager_close)
struct version manager_version(const struct manager *m);

struct unit_row {
        char *name, *description;
        char *load, *active, *sub; /* as systemctl shows them; a unit that is only a file: "-" */
        char *file_state;          /* enabled, disabled, static, masked, …; NULL if no file */
};

/* Units in memory and unit files alike, services only, each name once, sorted.  files: where this
 * manager's unit files are; NULL: ask it, which takes it half a second (only needed where its files
 * cannot be read from here). */
struct unit_root;
int manager_list(struct manager *m, struct job *job, const struct unit_root *files,
                 struct unit_row **ret, size_t *ret_count, struct err *e);
void unit_rows_free(struct unit_row *rows, size_t count);

/* Reads many units, pipelined on one connection.  got() is called once per name, in any order;
 * it takes the sandbox over (never NULL: load says how it went).  Loads units on demand. */
int manager_read(struct manager *m, struct job *job, char *const *names,
                 const struct dialect *dialect,
                 int (*got)(void *userdata, size_t index, struct sandbox *s), void *userdata,
                 struct err *e);

/* Whether the files that read[] came from (core/unit/files.h) are the very ones that the manager
 * has read, so that it would say nothing else: a tenth of the work of asking it for everything. */
int manager_is_current(struct manager *m, struct job *job, struct sandbox *const *read,
                       size_t count, bool *ret_current, struct err *e);

/* What happened to a unit: read at once, any time. */
struct unit_state {
        char active[24], sub[24], result[32], load[24];
        bool condition; /* ConditionResult */
        bool needs_reload;
        char *failed_condition;     /* "ConditionPathExists=/x" that said no; or NULL */
        int main_code, main_status; /* CLD_*, exit status or signal of the main process */
        int control_status;
        int control_code;        /* CLD_* of control_status */
        const char *control_key; /* "ExecStartPre": the control process that failed last, or NULL */
        pid_t main_pid, control_pid;
        unsigned restarts;
        unsigned tasks;
        char *control_group; /* path below the cgroup root */
        char invocation[33]; /* hex */
        char *type;          /* Type= */
        char *bus_name;      /* BusName=, or NULL */
        bool remain_after_exit;
        uint64_t active_since, inactive_since; /* CLOCK_MONOTONIC microseconds of the manager */
        uint64_t began; /* realtime microseconds: when it was started last; 0: never */
        uint64_t timeout_start;
        uint64_t reloaded; /* when ExecReload= ended last, CLOCK_MONOTONIC microseconds; 0: never */
        char *status_text; /* sd_notify STATUS= */
        /* WatchdogSec= in microseconds, 0 or UINT64_MAX: none; and when it was fed last,
         * CLOCK_MONOTONIC microseconds. */
        uint64_t watchdog, watchdog_fed;
};
int manager_state(struct manager *m, struct job *job, const char *unit, struct unit_state *ret,
                  struct err *e);
void unit_state_done(struct unit_state *s);

/* systemd forgets a unit at once when it is inactive and nothing needs it: how it ended, and
 * which condition kept it from starting.  Held before its start it stays to be read, until it is
 * released (or 15 minutes have passed, should gird not come to that). */
int manager_hold(struct manager *m, struct job *job, const char *unit, struct err *e);
void manager_release(struct manager *m, struct job *job, const char *unit);

/* Jobs.  They return when the job has ended: 0 done; 1 with its result in *ret_result
 * ("failed", "timeout", "dependency", "skipped", "canceled", …) when it was not "done". */
int manager_start(struct manager *m, struct job *job, const char *unit, uint64_t timeout,
                  const char **ret_result, struct err *e);
int manager_stop(struct manager *m, struct job *job, const char *unit, uint64_t timeout,
                 const char **ret_result, struct err *e);
int manager_restart(struct manager *m, struct job *job, const char *unit, uint64_t timeout,
                    const char **ret_result, struct err *e);
int manager_reload_unit(struct manager *m, struct job *job, const char *unit, uint64_t timeout,
                        const char **ret_result, struct err *e);
int manager_reset_failed(struct manager *m, struct job *job, const char *unit, struct err *e);
int manager_reload(struct manager *m, struct job *job, struct err *e); /* daemon-reload */

/* A command as a transient service of the manager: its own cgroup, no privileges of gird's. */
struct transient {
        const char *name; /* "gird-probe-1.service" */
        char *const *argv;
        char *const *properties; /* "Key=text" for simple string properties, or NULL */
        int out, errors;         /* descriptors for its output, or -1; not closed here */
        /* manager_run: nothing of it stays when gird is killed meanwhile; how the command ended is
         * not told then. */
        bool fleeting;
};
struct transient_result {
        char result[32];
        int code, status; /* CLD_EXITED etc. and status */
};
/* -ETIMEDOUT: it was stopped for that. */
int manager_run(struct manager *m, struct job *job, const struct transient *t, uint64_t timeout,
                struct transient_result *ret, struct err *e);

/* Starts one and does not wait for its end: it goes on when gird has ended, and goes away by itself
 * when it ends.  Its output goes to the journal; t->out and t->errors are not looked at. */
int manager_spawn(struct manager *m, struct job *job, const struct transient *t, struct err *e);

/* A timer of the manager with a service that it starts: both outlive gird, and neither depends on
 * anything that could be stopped.  1: there is a unit of that name already; e says so. */
struct transient_timer {
        const char *timer, *service, *description;
        char *const *argv;
        uint64_t after; /* microseconds from now */
        uint64_t again; /* and from each end of the service, until the timer is stopped; 0: once */
};
int manager_arm(struct manager *m, struct job *job, const struct transient_timer *t, struct err *e);

/* A scope around processes that exist (the twin).  job result as above. */
int manager_scope(struct manager *m, struct job *job, const char *name, const pid_t *pids,
                  size_t count, char *const *properties, struct err *e);
