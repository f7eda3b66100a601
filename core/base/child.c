/* child.c - other programs: run one, collect what it says, never hang on it. */
#include "core/base/child.h"

#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { OUTPUT_LIMIT = 1 << 20 };

struct running {
        struct child child; /* descriptors -1 when they ended, pid -1 when it was reaped */
        struct text out_text, errors_text;
};

void child_result_done(struct child_result *r)
{
        free(r->out);
        free(r->errors);
        *r = (struct child_result){ 0 };
}

void child_stop(struct child *c)
{
        if (c->pid > 0) {
                kill(-c->pid, SIGKILL);
                kill(c->pid, SIGKILL);
                waitpid(c->pid, NULL, 0);
        }
        fd_closep(&c->out);
        fd_closep(&c->errors);
        *c = CHILD_NONE;
}

static void running_done(struct running *c)
{
        child_stop(&c->child);
        text_done(&c->out_text);
        text_done(&c->errors_text);
}

/* In the child: from here on only async-signal-safe calls, and _exit(). */
static void become(char *const argv[], char *const env[], int out, int errors, int failed,
                   pid_t parent)
{
        sigset_t none;
        int nothing = open("/dev/null", O_RDWR);

        setpgid(0, 0);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
                _exit(127);
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        dup2(nothing, STDIN_FILENO);
        dup2(out, STDOUT_FILENO);
        dup2(errors, STDERR_FILENO);
        setenv("LC_ALL", "C.UTF-8", 1);
        for (; env && *env; env++)
                putenv(*env);
        execvp(argv[0], argv);
        if (write(failed, &errno, sizeof(errno)) < 0)
                _exit(126);
        _exit(127);
}

static int start(char *const argv[], char *const env[], struct child *c)
{
        int out[2] = { -1, -1 }, errors[2] = { -1, -1 }, failed[2] = { -1, -1 };
        pid_t parent = getpid();
        int why = 0;
        int r = 0;

        if (pipe2(out, O_CLOEXEC) < 0 || pipe2(errors, O_CLOEXEC) < 0 ||
            pipe2(failed, O_CLOEXEC) < 0)
                r = -errno;
        else if ((c->pid = fork()) < 0)
                r = -errno;
        else if (c->pid == 0)
                become(argv, env, out[1], errors[1], failed[1], parent);
        fd_closep(&out[1]);
        fd_closep(&errors[1]);
        fd_closep(&failed[1]);
        if (r == 0 && read(failed[0], &why, sizeof(why)) == (ssize_t)sizeof(why))
                r = -why;
        fd_closep(&failed[0]);
        c->out = out[0];
        c->errors = errors[0];
        return r;
}

/* Reads what there is; closes at the end of the stream. */
static void collect(int *fd, struct text *into)
{
        char buffer[8192];
        ssize_t n = read(*fd, buffer, sizeof(buffer));

        if (n < 0 && (errno == EINTR || errno == EAGAIN))
                return;
        if (n <= 0) {
                close(*fd);
                *fd = -1;
        } else if (into->length < OUTPUT_LIMIT)
                text_addn(into, buffer, (size_t)n);
}

/* Waits for output on either pipe: through the loop if there is one. */
static int wait_output(struct job *job, struct running *c, uint64_t timeout)
{
        struct pollfd fds[] = { { .fd = c->child.out, .events = POLLIN },
                                { .fd = c->child.errors, .events = POLLIN } };
        uint64_t slice = 20000; /* one pipe is on the loop; the other is looked at this often */
        int r;

        if (poll(fds, 2, 0) == 0) {
                if (slice > timeout)
                        slice = timeout;
                if (job)
                        r = job_wait_fd(job, c->child.out >= 0 ? c->child.out : c->child.errors,
                                        slice);
                else
                        r = poll(fds, 2, (int)(slice / 1000) + 1) < 0 && errno != EINTR ? -errno
                                                                                        : 0;
                if (r < 0 && r != -ETIMEDOUT)
                        return r;
                poll(fds, 2, 0);
        }
        if (c->child.out >= 0 && fds[0].revents)
                collect(&c->child.out, &c->out_text);
        if (c->child.errors >= 0 && fds[1].revents)
                collect(&c->child.errors, &c->errors_text);
        return 0;
}

/* 1: it ended; 0: still there. */
static int reap(struct running *c, int *ret_status)
{
        pid_t pid = waitpid(c->child.pid, ret_status, WNOHANG);

        if (pid == 0)
                return 0;
        c->child.pid = -1;
        return 1;
}

static int follow(struct job *job, struct running *c, uint64_t timeout, struct child_result *ret)
{
        uint64_t end = job_now() + timeout;

        for (;;) {
                uint64_t now = job_now();
                int r;

                if (c->child.pid > 0 && reap(c, &ret->status) && c->child.out < 0 &&
                    c->child.errors < 0)
                        return 0;
                /* A daemon it left behind may hold the pipes: the program itself has ended. */
                if (c->child.pid < 0) {
                        for (int i = 0; i < 64 && (c->child.out >= 0 || c->child.errors >= 0);
                             i++) {
                                r = wait_output(NULL, c, 1000);
                                if (r < 0)
                                        return r;
                        }
                        return 0;
                }
                if (now >= end) {
                        ret->timed_out = true;
                        kill(-c->child.pid, SIGKILL);
                        kill(c->child.pid, SIGKILL);
                        waitpid(c->child.pid, &ret->status, 0);
                        c->child.pid = -1;
                        return 0;
                }
                if (c->child.out >= 0 || c->child.errors >= 0)
                        r = wait_output(job, c, end - now);
                else if (job)
                        r = job_pause(job, 2000);
                else {
                        poll(NULL, 0, 2);
                        r = 0;
                }
                if (r < 0)
                        return r;
        }
}

int child_begin(char *const argv[], char *const env[], struct child *ret, struct err *e)
{
        struct child c = CHILD_NONE;
        int r = start(argv, env, &c);

        if (r < 0) {
                child_stop(&c);
                return err_set(e, r, "cannot run %s", argv[0]);
        }
        *ret = c;
        return 0;
}

int child_end(struct child *c, struct job *job, uint64_t timeout, struct child_result *ret,
              struct err *e)
{
        scoped(running_done) struct running running = { .child = *c };
        struct child_result result = { 0 };
        int r;

        *c = CHILD_NONE;
        r = follow(job, &running, timeout, &result);
        if (r < 0)
                return err_set(e, r, "the program was stopped");
        result.out = text_take(&running.out_text);
        result.errors = text_take(&running.errors_text);
        if (!result.out || !result.errors) {
                child_result_done(&result);
                return err_set(e, -ENOMEM, "cannot keep what the program printed");
        }
        *ret = result;
        return 0;
}

int child_run(struct job *job, char *const argv[], char *const env[], uint64_t timeout,
              struct child_result *ret, struct err *e)
{
        scoped(child_stop) struct child c = CHILD_NONE;
        int r = child_begin(argv, env, &c, e);

        return r < 0 ? r : child_end(&c, job, timeout, ret, e);
}
