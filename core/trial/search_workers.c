/* search_workers.c - sets tried in twins, several at a time, each in a process of its own.
 *
 * A worker shares nothing with the others but the machine: it has its own loop, its own twin and
 * its own observer, and says what came out over a pipe.  It dies with gird, and its twin with it.
 */
#include "core/trial/search_private.h"

#include "core/base/base.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/stage/twin.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
        WIDTH_MOST = 64,
        TRIES = 2,         /* of a worker that fails for no reason of the service's */
        GRACE_MSEC = 4000, /* to undo everything when it is told to stop */
        CHUNK = 65536,
};
static const uint64_t MEMORY_LEAST = UINT64_C(192) << 20;

struct worker {
        pid_t pid; /* 0: none */
        int pidfd, pipe;
        struct job_watch *ended_watch, *pipe_watch;
        struct text said;
        bool ended, nonsense;
        unsigned tries;
        const struct profile *set;
        struct outcome *outcome;
};

struct workers {
        const struct search_options *o;
        struct job *job;
        size_t width;
        uint64_t memory;
        struct worker list[WIDTH_MOST];
        size_t count; /* of the present batch */
};

/* ---- in the worker ---- */

static int report(int fd, const struct outcome *o)
{
        scoped(mem_freep) char *text = wire_write(o);

        return text ? file_write_all(fd, text, strlen(text)) : -ENOMEM;
}

/* 0: there is an outcome; else *e says why not. */
static int try_set(const struct workers *w, const struct profile *set, struct outcome *ret,
                   struct err *e)
{
        struct twin_options twin = { .root = w->o->trial.root, .memory = w->memory };
        struct trial_options options = w->o->trial;
        scoped(stage_closep) struct stage *stage = NULL;
        scoped(trial_done) struct trial t = { 0 };
        scoped(job_done) struct job job = { 0 };
        int r = job_open(&job, e);

        options.profile = set;
        if (r == 0)
                r = twin_open(&twin, &job, &stage, e);
        if (r == 0)
                r = trial_run(&options, stage, &job, &t, e);
        if (r == 0)
                outcome_from(&t, ret);
        return r;
}

/* The exit status says whether it makes sense to try once more. */
static _Noreturn void work(const struct workers *w, const struct profile *set, int fd, pid_t parent)
{
        struct outcome o = { 0 };
        struct err e = { 0 };
        int r;

        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
                _exit(1);
        signal(SIGPIPE, SIG_IGN);
        r = try_set(w, set, &o, &e);
        if (r != 0)
                o = (struct outcome){ .verdict = VERDICT_NOT_TRIED,
                                      .summary = e.text[0] ? e.text : strerror(r < 0 ? -r : EIO) };
        _exit(report(fd, &o) < 0 || r < 0 ? 1 : 0);
}

/* ---- in gird ---- */

static void worker_close(struct worker *k)
{
        job_watch_free(k->ended_watch);
        job_watch_free(k->pipe_watch);
        if (k->pid > 0) {
                kill(k->pid, SIGKILL);
                while (waitpid(k->pid, NULL, 0) < 0 && errno == EINTR)
                        ;
        }
        fd_closep(&k->pidfd);
        fd_closep(&k->pipe);
        text_done(&k->said);
        *k = (struct worker){ .pidfd = -1, .pipe = -1 };
}

static int on_said(void *userdata)
{
        struct worker *k = userdata;
        scoped(mem_freep) char *chunk = malloc(CHUNK);
        ssize_t n;

        if (!chunk)
                return -ENOMEM;
        n = read(k->pipe, chunk, CHUNK);
        if (n < 0)
                return errno == EAGAIN || errno == EINTR ? 0 : -errno;
        if (n == 0)
                return -ENODATA;
        if (memchr(chunk, '\0', (size_t)n) || k->said.length + (size_t)n > WIRE_LIMIT)
                k->nonsense = true;
        if (!k->nonsense)
                text_addn(&k->said, chunk, (size_t)n);
        return 0;
}

static int on_ended(void *userdata)
{
        struct worker *k = userdata;

        k->ended = true;
        return -ENODATA; /* once is enough */
}

static int worker_start(struct workers *w, struct worker *k)
{
        const struct profile *set = k->set;
        struct outcome *outcome = k->outcome;
        unsigned tries = k->tries;
        pid_t parent = getpid();
        int ends[2];
        int r;

        worker_close(k);
        *k = (struct worker){
                .pidfd = -1, .pipe = -1, .set = set, .outcome = outcome, .tries = tries + 1
        };
        if (pipe2(ends, O_CLOEXEC) < 0)
                return -errno;
        k->pipe = ends[0];
        fcntl(k->pipe, F_SETFL, O_NONBLOCK);
        k->pid = fork();
        if (k->pid == 0)
                work(w, set, ends[1], parent);
        r = k->pid < 0 ? -errno : 0;
        if (r < 0)
                k->pid = 0;
        close(ends[1]);
        if (r == 0) {
                k->pidfd = (int)syscall(SYS_pidfd_open, k->pid, 0);
                r = k->pidfd < 0 ? -errno : 0;
        }
        if (r == 0)
                r = job_watch(w->job, k->pipe, on_said, k, &k->pipe_watch);
        if (r == 0)
                r = job_watch(w->job, k->pidfd, on_ended, k, &k->ended_watch);
        return r;
}

/* What is left in the pipe, and how it ended. */
static int worker_reap(struct worker *k)
{
        int status = 0;

        while (on_said(k) == 0)
                if (poll(&(struct pollfd){ .fd = k->pipe, .events = POLLIN }, 1, 0) <= 0)
                        break;
        while (waitpid(k->pid, &status, 0) < 0 && errno == EINTR)
                ;
        k->pid = 0;
        return status;
}

static char *end_words(int status, bool nonsense)
{
        if (WIFSIGNALED(status))
                return text_format("the process of a trial was killed (SIG%s)",
                                   sigabbrev_np(WTERMSIG(status)) ? sigabbrev_np(WTERMSIG(status))
                                                                  : "?");
        if (nonsense)
                return strdup("the process of a trial said more than an outcome");
        return text_format("the process of a trial ended (%d) without an outcome",
                           WEXITSTATUS(status));
}

/* Its outcome, or that it has none.  1: it is to run once more. */
static int worker_finish(struct worker *k)
{
        int status = worker_reap(k);
        scoped(mem_freep) char *text = text_take(&k->said);
        int r = k->nonsense ? -EBADMSG : text ? wire_read(text, k->outcome) : -ENOMEM;

        if (r == 0 && (WIFEXITED(status) && WEXITSTATUS(status) == 0))
                return 0;
        if (k->tries < TRIES) {
                outcome_done(k->outcome);
                return 1;
        }
        if (r == 0)
                return 0; /* it said why it could not */
        *k->outcome = (struct outcome){ .verdict = VERDICT_NOT_TRIED,
                                        .summary = end_words(status, k->nonsense) };
        return k->outcome->summary ? 0 : -ENOMEM;
}

static bool any_ended(void *userdata)
{
        const struct workers *w = userdata;

        for (size_t i = 0; i < w->count; i++)
                if (w->list[i].ended)
                        return true;
        return false;
}

static bool any_runs(const struct workers *w)
{
        for (size_t i = 0; i < w->count; i++)
                if (w->list[i].pid > 0)
                        return true;
        return false;
}

/* All are told first, so that they undo their work at the same time. */
static void stop_all(struct workers *w)
{
        uint64_t last = job_now() + (uint64_t)GRACE_MSEC * 1000;

        for (size_t i = 0; i < w->count; i++)
                if (w->list[i].pid > 0)
                        kill(w->list[i].pid, SIGTERM);
        for (size_t i = 0; i < w->count; i++) {
                struct pollfd fd = { .fd = w->list[i].pidfd, .events = POLLIN };

                while (w->list[i].pid > 0 && job_now() < last) {
                        /* One that has much to say would wait for a reader. */
                        on_said(&w->list[i]);
                        if (poll(&fd, 1, 20) > 0)
                                break;
                }
                worker_close(&w->list[i]);
        }
        w->count = 0;
}

static int finish_ended(struct workers *w)
{
        for (size_t i = 0; i < w->count; i++) {
                struct worker *k = &w->list[i];
                int r;

                if (!k->ended)
                        continue;
                k->ended = false;
                r = worker_finish(k);
                if (r > 0)
                        r = worker_start(w, k);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int wait_all(struct workers *w, uint64_t end, struct err *e)
{
        while (any_runs(w)) {
                uint64_t at = job_now();
                int r = at >= end ? -ETIMEDOUT : job_wait(w->job, any_ended, w, end - at);

                if (r == -ETIMEDOUT)
                        return -ETIME;
                if (r == 0)
                        r = finish_ended(w);
                if (r < 0)
                        return r == -ECANCELED ? r
                                               : err_set(e, r, "cannot follow a trial's process");
        }
        return 0;
}

static int ask(void *userdata, const struct profile *const *sets, size_t count, uint64_t end,
               struct outcome *ret, struct err *e)
{
        struct workers *w = userdata;
        int r = 0;

        for (size_t i = 0; r == 0 && i < count && i < WIDTH_MOST; i++) {
                w->list[i].set = sets[i];
                w->list[i].outcome = &ret[i];
                w->list[i].tries = 0;
                w->count = i + 1;
                r = worker_start(w, &w->list[i]);
                if (r < 0)
                        err_set(e, r, "cannot start a process for a trial");
        }
        if (r == 0)
                r = wait_all(w, end, e);
        stop_all(w);
        return r;
}

/* ---- how many, and how big ---- */

static size_t processors(void)
{
        cpu_set_t set;

        if (sched_getaffinity(0, sizeof(set), &set) < 0)
                return 1;
        return (size_t)CPU_COUNT(&set);
}

/* Bytes that can be had; 0: not known. */
static uint64_t memory_free(void)
{
        scoped(mem_freep) char *text = NULL;
        const char *at;

        if (file_read(AT_FDCWD, "/proc/meminfo", CHUNK, &text, NULL, NULL) < 0)
                return 0;
        at = strstr(text, "MemAvailable:");
        return at ? strtoull(at + strlen("MemAvailable:"), NULL, 10) * 1024 : 0;
}

int workers_open(const struct search_options *o, struct job *job, struct workers **ret,
                 struct err *e)
{
        struct workers *w = calloc(1, sizeof(*w));
        uint64_t available = memory_free();

        if (!w)
                return err_set(e, -ENOMEM, "cannot search");
        w->o = o;
        w->job = job;
        w->memory = o->memory;
        w->width = o->parallel ? o->parallel : processors();
        if (w->width > WIDTH_MOST)
                w->width = WIDTH_MOST;
        /* All upper layers together take half of what is free at most; a twin's own choice for
         * itself is a quarter. */
        while (w->width > 1 && available && available / 2 / w->width < MEMORY_LEAST)
                w->width--;
        if (!w->memory && w->width > 2 && available)
                w->memory = available / 2 / w->width;
        for (size_t i = 0; i < WIDTH_MOST; i++)
                w->list[i].pidfd = w->list[i].pipe = -1;
        *ret = w;
        return 0;
}

void workers_free(struct workers *w)
{
        if (!w)
                return;
        stop_all(w);
        free(w);
}

struct searcher workers_searcher(struct workers *w)
{
        return (struct searcher){ .ask = ask, .userdata = w, .width = w->width };
}
