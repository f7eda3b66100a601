/* stage.h - where a trial runs.  Trial, observe and search know only this. */
#pragma once

#include "core/base/base.h"
#include "core/base/err.h"
#include "core/base/job.h"
#include "core/unit/manager.h"

struct stage;

struct run_result {
        int code, status;   /* CLD_EXITED and exit status, CLD_KILLED and signal */
        char result[32];    /* systemd's Result */
        char *out, *errors; /* cut at 64 KiB */
};
void run_result_done(struct run_result *r);

struct journal_line {
        uint64_t usec; /* realtime */
        int priority;
        char *identifier; /* "nginx", "systemd" */
        char *unit;
        char *message;
};
struct journal {
        struct journal_line *lines;
        size_t count;
};
void journal_done(struct journal *j);

/* A mechanism that this stage does not enforce, so directives that rest on it are not
 * rehearsed there: e.g. { "cgroup-bpf", "bpf() is refused", IPAddressDeny … }. */
struct stage_limit {
        const char *mechanism;
        char *why;
        const enum directive_id *directives; /* ends with DIRECTIVE_COUNT */
};

struct stage_ops {
        const char *name; /* "twin", "live" */
        void (*close)(struct stage *s);
        struct manager *(*manager)(struct stage *s);
        /* Writes text at path (inside the stage), making folders; NULL text removes the file. */
        int (*put)(struct stage *s, const char *path, const char *text, struct err *e);
        int (*run)(struct stage *s, struct job *job, char *const argv[], uint64_t timeout,
                   struct run_result *ret, struct err *e);
        /* Lines of unit (NULL: all) since cursor; *cursor (may be NULL) moves to the end. */
        int (*journal)(struct stage *s, const char *unit, char **cursor, struct journal *ret,
                       struct err *e);
        const char *(*root)(struct stage *s);  /* "/proc/123/root": its files seen from here */
        const char *(*where)(struct stage *s); /* "own cgroup gird-x, overlay over /": one line */
        /* Looked at anew by each call, and the stage's own until the next: besides mechanisms,
         * "space" and "memory" appear once the stage ran out of them, and "files" for what it
         * could not copy as it should; these have no directives. */
        const struct stage_limit *(*limits)(struct stage *s, size_t *ret_count);
        /* What the stage itself takes from every unit, so that a unit that needs it fails in the
         * baseline already, and holding with these directives says less.  Needs no stage. */
        const struct stage_limit *(*denied)(size_t *ret_count);
        /* What sockets are listened on, as listeners.h words it: "tcp 0.0.0.0:80",
         * "unix /run/x.sock"; sorted.  control_group as in unit_state, "/init.scope" for the
         * manager itself. */
        int (*listeners)(struct stage *s, const char *control_group, char ***ret, struct err *e);
        pid_t (*init)(struct stage *s); /* PID 1 of the stage as this machine counts, or 1 */
};

struct stage {
        const struct stage_ops *ops;
};

static inline void stage_close(struct stage *s)
{
        if (s)
                s->ops->close(s);
}
DEFINE_SCOPED(struct stage, stage_close)
