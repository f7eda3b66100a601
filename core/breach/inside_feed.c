/* inside_feed.c - what a program in the sandbox reads: a child of gird's passes it on through a
 * FIFO of the stage, so that neither a slow reader nor a slow writer holds gird up. */
#include "core/breach/inside_private.h"

#include "core/base/file.h"
#include "core/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

enum { CHUNK = 64 << 10, INPUT = 3, OUTPUT = 4 };

/* Makes system calls only, and holds nothing but the two ends: a descriptor of the stage that
 * stayed open here would keep that alive. */
static void pass_on(int from, int to)
{
        char bytes[CHUNK];
        sigset_t none;
        ssize_t n;
        int a = fcntl(from, F_DUPFD, OUTPUT + 1), b = fcntl(to, F_DUPFD, OUTPUT + 1);

        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (a < 0 || b < 0 || dup2(a, INPUT) < 0 || dup2(b, OUTPUT) < 0 ||
            close_range(OUTPUT + 1, ~0U, 0) < 0)
                _exit(1);
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        signal(SIGPIPE, SIG_DFL);
        for (;;) {
                n = read(INPUT, bytes, sizeof(bytes));
                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0 || file_write_all(OUTPUT, bytes, (size_t)n) < 0)
                        _exit(0);
        }
}

int feed_open(int folder, const char *name, int input, struct feed *ret)
{
        scoped(fd_closep) int writer = -1;
        char path[48];
        int r = stream_make(folder, name, 0, &ret->fd);

        if (r < 0)
                return r;
        /* A writer alone, or it would be its own reader and never notice that nobody reads. */
        snprintf(path, sizeof(path), "/proc/self/fd/%d", ret->fd);
        writer = open(path, O_WRONLY | O_CLOEXEC);
        if (writer < 0)
                return -errno;
        ret->pid = fork();
        if (ret->pid == 0)
                pass_on(input, writer);
        return ret->pid < 0 ? -errno : 0;
}

void feed_opened(struct feed *f)
{
        fd_closep(&f->fd);
        f->fd = -1;
}

void feed_done(struct feed *f)
{
        feed_opened(f);
        if (f->pid > 0) {
                kill(f->pid, SIGKILL);
                while (waitpid(f->pid, NULL, 0) < 0 && errno == EINTR)
                        ;
        }
        *f = FEED_NONE;
}
