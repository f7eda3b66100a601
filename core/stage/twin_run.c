/* twin_run.c - a command as a transient unit of the twin, and what it prints.
 *
 * The unit writes into pipes; a child empties them while gird waits for the unit's end, so
 * that neither a command without end of words nor a full pipe holds anything up. */
#include "core/stage/twin_private.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum { OUTPUT_LIMIT = 64 << 10, STREAMS = 2, DRAIN_US = 500000 };

/* Shared with the child. */
struct output {
        size_t length[STREAMS];
        char text[STREAMS][OUTPUT_LIMIT];
};

struct drain {
        pid_t pid;
        int fd;               /* pidfd */
        int writers[STREAMS]; /* for the unit */
        struct output *output;
};

static void drain_done(struct drain *d)
{
        if (d->pid > 0) {
                kill(d->pid, SIGKILL);
                while (waitpid(d->pid, NULL, 0) < 0 && errno == EINTR)
                        ;
        }
        fd_closep(&d->fd);
        for (size_t i = 0; i < STREAMS; i++)
                fd_closep(&d->writers[i]);
        if (d->output)
                munmap(d->output, sizeof(*d->output));
}

/* Keeps the beginning, throws the rest away, until the end of both. */
static void drain_main(const int *readers, struct output *output)
{
        struct pollfd fds[STREAMS];
        int open_ends = STREAMS;
        char bytes[16384];

        prctl(PR_SET_PDEATHSIG, SIGKILL);
        descriptors_keep(readers, STREAMS);
        for (size_t i = 0; i < STREAMS; i++)
                fds[i] = (struct pollfd){ .fd = readers[i], .events = POLLIN };
        while (open_ends > 0) {
                if (poll(fds, STREAMS, -1) < 0 && errno != EINTR)
                        _exit(1);
                for (size_t i = 0; i < STREAMS; i++) {
                        size_t room = OUTPUT_LIMIT - output->length[i];
                        ssize_t n;

                        if (fds[i].fd < 0 || !fds[i].revents)
                                continue;
                        n = read(fds[i].fd, bytes, sizeof(bytes));
                        if (n < 0 && (errno == EINTR || errno == EAGAIN))
                                continue;
                        if (n <= 0) {
                                fds[i].fd = -1;
                                open_ends--;
                                continue;
                        }
                        if ((size_t)n < room)
                                room = (size_t)n;
                        memcpy(output->text[i] + output->length[i], bytes, room);
                        output->length[i] += room;
                }
        }
        _exit(0);
}

static int drain_open(struct drain *d)
{
        int readers[STREAMS] = { -1, -1 };
        int r = 0;

        d->output = mmap(NULL, sizeof(*d->output), PROT_READ | PROT_WRITE,
                         MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (d->output == MAP_FAILED) {
                d->output = NULL;
                return -ENOMEM;
        }
        for (size_t i = 0; r == 0 && i < STREAMS; i++) {
                int pair[2];

                r = pipe2(pair, O_CLOEXEC) < 0 ? -errno : 0;
                if (r == 0) {
                        readers[i] = pair[0];
                        d->writers[i] = pair[1];
                }
        }
        if (r == 0) {
                d->pid = fork();
                if (d->pid == 0)
                        drain_main(readers, d->output);
                r = d->pid < 0 ? -errno : 0;
        }
        for (size_t i = 0; i < STREAMS; i++)
                fd_closep(&readers[i]);
        if (r < 0)
                return r;
        d->fd = (int)syscall(SYS_pidfd_open, d->pid, 0);
        return d->fd < 0 ? -errno : 0;
}

/* What was printed before the unit ended is in the pipes by now. */
static int drain_finish(struct drain *d, struct job *job, char **ret_out, char **ret_errors)
{
        size_t length[STREAMS];
        int r;

        for (size_t i = 0; i < STREAMS; i++) {
                fd_closep(&d->writers[i]);
                d->writers[i] = -1;
        }
        r = job_wait_fd(job, d->fd, DRAIN_US);
        if (r < 0 && r != -ETIMEDOUT)
                return r;
        for (size_t i = 0; i < STREAMS; i++)
                length[i] = d->output->length[i] < OUTPUT_LIMIT ? d->output->length[i]
                                                                : OUTPUT_LIMIT;
        *ret_out = strndup(d->output->text[0], length[0]);
        *ret_errors = strndup(d->output->text[1], length[1]);
        return *ret_out && *ret_errors ? 0 : -ENOMEM;
}

void run_result_done(struct run_result *r)
{
        free(r->out);
        free(r->errors);
        *r = (struct run_result){ 0 };
}

int run_inside(struct manager *m, struct job *job, const char *name, bool fleeting,
               char *const argv[], uint64_t timeout, struct run_result *ret, struct err *e)
{
        scoped(drain_done) struct drain drain = { .fd = -1, .writers = { -1, -1 } };
        scoped(run_result_done) struct run_result result = { 0 };
        struct transient_result ended = { 0 };
        struct transient unit = { .name = name, .argv = argv, .fleeting = fleeting };
        int r;

        r = drain_open(&drain);
        if (r < 0)
                return err_set(e, r, "cannot run %s", argv[0]);
        unit.out = drain.writers[0];
        unit.errors = drain.writers[1];
        r = manager_run(m, job, &unit, timeout, &ended, e);
        if (r < 0)
                return r;
        r = drain_finish(&drain, job, &result.out, &result.errors);
        if (r < 0)
                return err_set(e, r, "cannot keep what %s printed", argv[0]);
        result.code = ended.code;
        result.status = ended.status;
        memcpy(result.result, ended.result, sizeof(result.result));
        *ret = result;
        result = (struct run_result){ 0 };
        return 0;
}
