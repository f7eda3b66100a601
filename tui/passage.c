/* passage.c - this terminal and one inside a sandbox, joined. */
#include "tui/passage.h"

#include "core/base/base.h"
#include "core/base/file.h"
#include "core/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHUNK = 16 << 10, CHUNKS = 256, PATIENCE_MS = 2000, KEEPER_FD = 3 };

/* ---- without a terminal ---- */

static void copy_output(void *userdata, int stream, const char *bytes, size_t length)
{
        struct passage *p = userdata;

        if (file_write_all(stream, bytes, length) < 0)
                p->job->cancelled = true; /* nobody listens any more */
}

/* ---- with one ---- */

/* 1: there may be more; 0: not now. */
static int show_some(struct passage *p)
{
        char bytes[CHUNK];
        ssize_t n;

        do
                n = read(p->terminal, bytes, sizeof(bytes));
        while (n < 0 && errno == EINTR);
        if (n <= 0)
                return 0;
        copy_output(p, STDOUT_FILENO, bytes, (size_t)n);
        return 1;
}

static int on_screen(void *userdata)
{
        return show_some(userdata);
}

/* A program inside that reads nothing must not hold up what it prints: what it leaves lying for so
 * long is dropped. */
static void push(struct passage *p, const char *bytes, size_t length)
{
        while (length > 0) {
                ssize_t n = write(p->terminal, bytes, length);
                struct pollfd fd = { .fd = p->terminal, .events = POLLIN | POLLOUT };

                if (n > 0) {
                        bytes += n;
                        length -= (size_t)n;
                        continue;
                }
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0 && errno != EAGAIN)
                        return;
                if (poll(&fd, 1, PATIENCE_MS) <= 0)
                        return;
                if (fd.revents & POLLIN)
                        show_some(p);
                else if (!(fd.revents & POLLOUT))
                        return;
        }
}

static int on_keys(void *userdata)
{
        struct passage *p = userdata;
        char bytes[1024];
        ssize_t n = read(STDIN_FILENO, bytes, sizeof(bytes));

        if (n < 0 && (errno == EINTR || errno == EAGAIN))
                return 0;
        if (n <= 0) { /* the terminal is gone */
                p->job->cancelled = true;
                return -EIO;
        }
        push(p, bytes, (size_t)n);
        return 0;
}

static void take_size(struct passage *p)
{
        struct winsize size;

        if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0)
                ioctl(p->terminal, TIOCSWINSZ, &size);
}

static int on_size(void *userdata)
{
        struct passage *p = userdata;
        struct signalfd_siginfo si;

        while (read(p->sizes, &si, sizeof(si)) == (ssize_t)sizeof(si))
                ;
        take_size(p);
        return 0;
}

static int watch_size(struct passage *p)
{
        sigset_t set;

        sigemptyset(&set);
        sigaddset(&set, SIGWINCH);
        sigprocmask(SIG_BLOCK, &set, NULL);
        p->sizes = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
        return p->sizes < 0 ? -errno : job_watch(p->job, p->sizes, on_size, p, &p->size);
}

/* ---- the keeper ---- */

/* Makes system calls only.  It holds nothing but its pipe and the terminal: a descriptor of the
 * twin that stayed open here would keep that alive. */
static void keep(int end, const struct termios *before)
{
        sigset_t all;
        char byte;
        ssize_t n;

        sigfillset(&all);
        sigprocmask(SIG_SETMASK, &all, NULL);
        if (dup2(end, KEEPER_FD) < 0 || close_range(KEEPER_FD + 1, ~0U, 0) < 0)
                _exit(1);
        do
                n = read(KEEPER_FD, &byte, 1);
        while (n < 0 && errno == EINTR);
        if (n == 0)
                tcsetattr(STDIN_FILENO, TCSADRAIN, before);
        _exit(0);
}

static int start_keeper(struct passage *p)
{
        int pair[2];

        if (pipe2(pair, O_CLOEXEC) < 0)
                return -errno;
        p->keeper = fork();
        if (p->keeper == 0) {
                close(pair[1]);
                keep(pair[0], &p->before);
        }
        close(pair[0]);
        p->keeper_end = pair[1];
        return p->keeper < 0 ? -errno : 0;
}

static void end_keeper(struct passage *p)
{
        if (p->keeper_end >= 0) {
                ssize_t n = write(p->keeper_end, "x", 1);

                (void)n; /* it is gone: then nothing is left to be kept */
                close(p->keeper_end);
        }
        if (p->keeper > 0)
                while (waitpid(p->keeper, NULL, 0) < 0 && errno == EINTR)
                        ;
}

/* ---- all of it ---- */

static int join(struct passage *p)
{
        struct termios raw;
        int r;

        if (tcgetattr(STDIN_FILENO, &p->before) < 0)
                return -errno;
        r = start_keeper(p);
        if (r < 0)
                return r;
        take_size(p);
        raw = p->before;
        cfmakeraw(&raw);
        if (tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) < 0)
                return -errno;
        p->raw = true;
        r = watch_size(p);
        if (r >= 0)
                r = job_watch(p->job, STDIN_FILENO, on_keys, p, &p->keys);
        return r < 0 ? r : job_watch(p->job, p->terminal, on_screen, p, &p->screen);
}

int passage_open(struct passage *p, struct stage *stage, struct job *job, struct inside_options *o,
                 struct err *e)
{
        int r;

        p->job = job;
        if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
                o->has_input = !isatty(STDIN_FILENO);
                o->input = STDIN_FILENO;
                o->output = copy_output;
                o->userdata = p;
                return 0;
        }
        r = inside_terminal(stage, &p->terminal, &p->name, e);
        if (r < 0)
                return r;
        o->terminal = p->name;
        o->term = getenv("TERM");
        r = join(p);
        return r < 0 ? err_set(e, r, "cannot join this terminal with one in the twin") : 0;
}

void passage_done(struct passage *p)
{
        job_watch_free(p->keys);
        job_watch_free(p->screen);
        job_watch_free(p->size);
        for (int i = 0; p->terminal >= 0 && i < CHUNKS && show_some(p); i++)
                ;
        if (p->raw)
                tcsetattr(STDIN_FILENO, TCSADRAIN, &p->before);
        end_keeper(p);
        if (p->sizes >= 0) {
                sigset_t set;

                sigemptyset(&set);
                sigaddset(&set, SIGWINCH);
                sigprocmask(SIG_UNBLOCK, &set, NULL);
        }
        fd_closep(&p->sizes);
        fd_closep(&p->terminal);
        free(p->name);
        *p = PASSAGE_NONE;
}
