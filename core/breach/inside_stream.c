/* inside_stream.c - what a program in the sandbox prints, through a FIFO of the stage.
 *
 * systemd opens it before it shuts the sandbox, so that no directive stands between: neither
 * hidden folders nor LimitFSIZE=, which is about files. */
#include "core/breach/inside_private.h"

#include "core/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

enum { KEPT = 1 << 20, CHUNK = 64 << 10, CHUNKS = 64 };

/* 1: there may be more; 0: not now. */
static int read_some(struct stream *s)
{
        char bytes[CHUNK];
        ssize_t n;

        do
                n = read(s->fd, bytes, sizeof(bytes));
        while (n < 0 && errno == EINTR);
        if (n <= 0)
                return 0;
        if (s->o->output)
                s->o->output(s->o->userdata, s->number, bytes, (size_t)n);
        else if (s->text.length < KEPT)
                text_addn(&s->text, bytes,
                          (size_t)n < KEPT - s->text.length ? (size_t)n : KEPT - s->text.length);
        return 1;
}

static int on_ready(void *userdata)
{
        return read_some(userdata);
}

int stream_make(int folder, const char *name, int flags, int *ret)
{
        scoped(fd_closep) int node = -1, fd = -1;
        char path[48];

        if (unlinkat(folder, name, 0) < 0 && errno != ENOENT)
                return -errno;
        if (mknodat(folder, name, S_IFIFO | 0600, 0) < 0)
                return -errno;
        node = openat(folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
        if (node < 0)
                return -errno;
        snprintf(path, sizeof(path), "/proc/self/fd/%d", node);
        fd = open(path, O_RDWR | O_CLOEXEC | flags);
        if (fd < 0 || fchmod(fd, 0666) < 0) /* the umask has no say */
                return -errno;
        *ret = take_fd(fd);
        return 0;
}

int stream_open(const struct inside_options *o, int folder, const char *name, int number,
                struct job *job, struct stream *ret)
{
        int r = stream_make(folder, name, O_NONBLOCK, &ret->fd);

        if (r < 0)
                return r;
        ret->o = o;
        ret->number = number;
        return job_watch(job, ret->fd, on_ready, ret, &ret->watch);
}

/* A process that outlived the main one may go on printing for as long as it likes. */
void stream_drain(struct stream *s)
{
        for (int i = 0; s->fd >= 0 && i < CHUNKS && read_some(s); i++)
                ;
}

int stream_take(struct stream *s, char **ret_text)
{
        *ret_text = text_take(&s->text);
        return *ret_text ? 0 : -ENOMEM;
}

void stream_done(struct stream *s)
{
        job_watch_free(s->watch);
        text_done(&s->text);
        fd_closep(&s->fd);
        *s = STREAM_NONE;
}
