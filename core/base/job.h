/* job.h - long work that leaves the screen alive.
 *
 * Work is written in straight lines; wherever it has to wait it calls job_wait(), which
 * runs the sd-event loop until the condition is met.  The screen's own sources (keys,
 * resize, clock) sit on the same loop, so it draws and reads keys meanwhile.  Cancelling
 * makes every wait return -ECANCELED and scoped() undoes the rest.
 * A job never starts from inside an event callback: sd-event does not nest.
 * This is the door to sd-event for core/. */
#pragma once

#include "core/base/base.h"
#include "core/base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct sd_event;

struct job {
        struct sd_event *event;
        bool cancelled; /* set by whoever wants the work to stop */
        /* What is being done now; may be NULL.  detail may be NULL. */
        void (*progress)(void *userdata, const char *step, const char *detail);
        void *userdata;
};

#define JOB_FOREVER UINT64_MAX

/* A job without a screen: its own loop, stopped by SIGINT, SIGTERM and SIGHUP
 * (these are blocked and read from the loop, so that everything is undone). */
int job_open(struct job *job, struct err *e);
void job_done(struct job *job);

void job_progress(struct job *job, const char *step, const char *detail);

uint64_t job_now(void); /* CLOCK_MONOTONIC in microseconds */

/* Runs the loop until met(userdata) is true.  timeout in microseconds.
 * 0: met; -ETIMEDOUT; -ECANCELED; or the loop's own fault. */
int job_wait(struct job *job, bool (*met)(void *userdata), void *userdata, uint64_t timeout);

/* Runs the loop until fd is readable (or has hung up).  Same returns. */
int job_wait_fd(struct job *job, int fd, uint64_t timeout);

/* Lets the loop run for so long.  0 or -ECANCELED. */
int job_pause(struct job *job, uint64_t usec);

/* Calls ready() whenever fd can be read while the loop runs, until the watch is freed.  ready() may
 * neither wait nor free the watch, and reads a bounded amount: it is called again for the rest.
 * What it answers below 0 ends the calls.  The loop outlives the watch. */
struct job_watch;
int job_watch(struct job *job, int fd, int (*ready)(void *userdata), void *userdata,
              struct job_watch **ret);
void job_watch_free(struct job_watch *w);
DEFINE_SCOPED(struct job_watch, job_watch_free)
