/* job.c - long work that leaves the screen alive. */
#include "core/base/job.h"

#include "core/base/base.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <systemd/sd-event.h>
#include <time.h>

static int on_signal(sd_event_source *source, const struct signalfd_siginfo *si, void *userdata)
{
        struct job *job = userdata;

        (void)source;
        (void)si;
        job->cancelled = true;
        return 0;
}

int job_open(struct job *job, struct err *e)
{
        static const int stops[] = { SIGINT, SIGTERM, SIGHUP };
        sigset_t set;
        int r;

        *job = (struct job){ 0 };
        sigemptyset(&set);
        for (size_t i = 0; i < COUNT(stops); i++)
                sigaddset(&set, stops[i]);
        sigprocmask(SIG_BLOCK, &set, NULL);
        r = sd_event_new(&job->event);
        for (size_t i = 0; r >= 0 && i < COUNT(stops); i++)
                r = sd_event_add_signal(job->event, NULL, stops[i], on_signal, job);
        if (r < 0)
                return err_set(e, r, "cannot set up the event loop");
        return 0;
}

void job_done(struct job *job)
{
        sd_event_unref(job->event);
        job->event = NULL;
}

void job_progress(struct job *job, const char *step, const char *detail)
{
        if (job->progress)
                job->progress(job->userdata, step, detail);
}

uint64_t job_now(void)
{
        struct timespec now;

        clock_gettime(CLOCK_MONOTONIC, &now);
        return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

int job_wait(struct job *job, bool (*met)(void *userdata), void *userdata, uint64_t timeout)
{
        uint64_t start = job_now();

        for (;;) {
                uint64_t passed = job_now() - start;
                int r;

                if (job->cancelled)
                        return -ECANCELED;
                if (met(userdata))
                        return 0;
                if (timeout != JOB_FOREVER && passed >= timeout)
                        return -ETIMEDOUT;
                r = sd_event_run(job->event,
                                 timeout == JOB_FOREVER ? UINT64_MAX : timeout - passed);
                if (r < 0)
                        return r;
        }
}

static int on_ready(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
        (void)source;
        (void)fd;
        (void)events;
        *(bool *)userdata = true;
        return 0;
}

static bool is_set(void *userdata)
{
        return *(bool *)userdata;
}

int job_wait_fd(struct job *job, int fd, uint64_t timeout)
{
        scoped(sd_event_source_unrefp) sd_event_source *source = NULL;
        bool ready = false;
        int r = sd_event_add_io(job->event, &source, fd, EPOLLIN, on_ready, &ready);

        if (r == -EPERM) /* a regular file is always ready */
                return 0;
        if (r < 0)
                return r;
        r = sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
        if (r < 0)
                return r;
        return job_wait(job, is_set, &ready, timeout);
}

static bool never(void *userdata)
{
        (void)userdata;
        return false;
}

int job_pause(struct job *job, uint64_t usec)
{
        int r = job_wait(job, never, NULL, usec);

        return r == -ETIMEDOUT ? 0 : r;
}

struct job_watch {
        sd_event_source *source;
        int (*ready)(void *userdata);
        void *userdata;
};

/* An error from here would end the whole loop, which others need: only the watch ends. */
static int on_watched(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
        struct job_watch *w = userdata;

        (void)fd;
        if (w->ready(w->userdata) < 0 || !(events & EPOLLIN))
                sd_event_source_set_enabled(source, SD_EVENT_OFF);
        return 0;
}

int job_watch(struct job *job, int fd, int (*ready)(void *userdata), void *userdata,
              struct job_watch **ret)
{
        scoped(job_watch_freep) struct job_watch *w = calloc(1, sizeof(*w));
        int r;

        if (!w)
                return -ENOMEM;
        w->ready = ready;
        w->userdata = userdata;
        r = sd_event_add_io(job->event, &w->source, fd, EPOLLIN, on_watched, w);
        if (r < 0)
                return r;
        *ret = take(w);
        return 0;
}

void job_watch_free(struct job_watch *w)
{
        if (!w)
                return;
        sd_event_source_disable_unref(w->source);
        free(w);
}
