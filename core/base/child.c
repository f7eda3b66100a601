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
        pid_t pid;
        int out, errors; /* read ends; -1 when they ended */
        struct text out_text, errors_text;
};

void child_result_done(struct child_result *r)
{
        free(r->out);
        free(r->errors);
        *r = (struct child_result){ 0 };
}

static void running_done(struct running *c)
{
        if (c->pid > 0) {
                kill(-c->pid, SIGKILL);
                kill(c->pid, SIGKILL);
                waitpid(c->pid, NULL, 0);
        }
        fd_closep(&c->out);
        fd_closep(&c->errors);
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

static int start(char *const argv[], char *const env[], struct running *c)
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
        struct pollfd fds[] = { { .fd = c->out, .events = POLLIN },
                                { .fd = c->errors, .events = POLLIN } };
        uint64_t slice = 20000; /* one pipe is on the loop; the other is looked at this often */
        int r;

        if (poll(fds, 2, 0) == 0) {
                if (slice > timeout)
                        slice = timeout;
                if (job)
                        r = job_wait_fd(job, c->out >= 0 ? c->out : c->errors, slice);
                else
                        r = poll(fds, 2, (int)(slice / 1000) + 1) < 0 && errno != EINTR ? -errno
                                                                                        : 0;
                if (r < 0 && r != -ETIMEDOUT)
                        return r;
                poll(fds, 2, 0);
        }
        if (c->out >= 0 && fds[0].revents)
                collect(&c->out, &c->out_text);
        if (c->errors >= 0 && fds[1].revents)
                collect(&c->errors, &c->errors_text);
        return 0;
}

/* 1: it ended; 0: still there. */
static int reap(struct running *c, int *ret_status)
{
        pid_t pid = waitpid(c->pid, ret_status, WNOHANG);

        if (pid == 0)
                return 0;
        c->pid = -1;
        return 1;
}

static int follow(struct job *job, struct running *c, uint64_t timeout, struct child_result *ret)
{
        uint64_t end = job_now() + timeout;

        for (;;) {
                uint64_t now = job_now();
                int r;

                if (c->pid > 0 && reap(c, &ret->status) && c->out < 0 && c->errors < 0)
                        return 0;
                /* A daemon it left behind may hold the pipes: the program itself has ended. */
                if (c->pid < 0) {
                        for (int i = 0; i < 64 && (c->out >= 0 || c->errors >= 0); i++) {
                                r = wait_output(NULL, c, 1000);
                                if (r < 0)
                                        return r;
                        }
                        return 0;
                }
                if (now >= end) {
                        ret->timed_out = true;
                        kill(-c->pid, SIGKILL);
                        kill(c->pid, SIGKILL);
                        waitpid(c->pid, &ret->status, 0);
                        c->pid = -1;
                        return 0;
                }
                if (c->out >= 0 || c->errors >= 0)
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

int child_run(struct job *job, char *const argv[], char *const env[], uint64_t timeout,
              struct child_result *ret, struct err *e)
{
        scoped(running_done) struct running c = { .pid = -1, .out = -1, .errors = -1 };
        struct child_result result = { 0 };
        int r;

        r = start(argv, env, &c);
        if (r < 0)
                return err_set(e, r, "cannot run %s", argv[0]);
        r = follow(job, &c, timeout, &result);
        if (r < 0)
                return err_set(e, r, "%s was stopped", argv[0]);
        result.out = text_take(&c.out_text);
        result.errors = text_take(&c.errors_text);
        if (!result.out || !result.errors) {
                child_result_done(&result);
                return err_set(e, -ENOMEM, "cannot keep what %s printed", argv[0]);
        }
        *ret = result;
        return 0;
}
