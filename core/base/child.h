/* child.h - other programs: run one, collect what it says, never hang on it. */
#pragma once

#include "core/base/err.h"
#include "core/base/job.h"

#include <stdbool.h>
#include <stddef.h>

struct child_result {
        int status;         /* as waitpid() gives it */
        bool timed_out;     /* it was killed for that */
        char *out, *errors; /* NUL-terminated, cut at 1 MiB each */
};

void child_result_done(struct child_result *r);

/* A program that was started and goes on while its starter does something else. */
struct child {
        int pid;
        int out, errors; /* what it prints */
};
#define CHILD_NONE ((struct child){ -1, -1, -1 })

/* Starts it as child_run() does.  It must be waited for with child_end(), or ended with
 * child_stop(), which does nothing for CHILD_NONE. */
int child_begin(char *const argv[], char *const env[], struct child *ret, struct err *e);
/* Waits for it; *c is CHILD_NONE afterwards, whatever happens.  Returns as child_run(). */
int child_end(struct child *c, struct job *job, uint64_t timeout, struct child_result *ret,
              struct err *e);
void child_stop(struct child *c);

/* Runs argv (found by PATH) with stdin from /dev/null, LC_ALL=C.UTF-8, its own process
 * group, and SIGKILL when gird dies.  env: extra "K=V" list or NULL.
 * job may be NULL: then it waits without a loop.  timeout in microseconds.
 * 0: it ran (look at status); < 0: it could not be run, or -ECANCELED. */
int child_run(struct job *job, char *const argv[], char *const env[], uint64_t timeout,
              struct child_result *ret, struct err *e);
