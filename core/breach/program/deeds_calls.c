/* deeds_calls.c - one system call of each group, in a form that does nothing: for the claims of
 * help pages about SystemCallFilter=. */
#include "core/breach/program/program.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/kcmp.h>
#include <linux/openat2.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

static int as_descriptor(long fd)
{
        if (fd < 0)
                return -errno;
        close((int)fd);
        return 0;
}

int call_uname(const char *argument, char *said)
{
        struct utsname u;

        (void)argument;
        (void)said;
        return result(syscall(SYS_uname, &u));
}

int call_openat2(const char *argument, char *said)
{
        struct open_how how = { .flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC };

        (void)argument;
        (void)said;
        return as_descriptor(syscall(SYS_openat2, AT_FDCWD, "/", &how, sizeof(how)));
}

int call_kcmp(const char *argument, char *said)
{
        (void)argument;
        (void)said;
        return result(syscall(SYS_kcmp, getpid(), getpid(), KCMP_FILE, 1, 1));
}

int call_setpriority(const char *argument, char *said)
{
        (void)argument;
        (void)said;
        return result(setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0)));
}

int call_setaffinity(const char *argument, char *said)
{
        cpu_set_t set;

        (void)argument;
        (void)said;
        if (sched_getaffinity(0, sizeof(set), &set) < 0)
                return -errno;
        return result(sched_setaffinity(0, sizeof(set), &set));
}

int call_mlock(const char *argument, char *said)
{
        static char page[16];

        (void)argument;
        (void)said;
        return result(mlock(page, sizeof(page)));
}

int call_mincore(const char *argument, char *said)
{
        unsigned char there;
        uintptr_t page = (uintptr_t)&call_mincore & ~(uintptr_t)4095;

        (void)argument;
        (void)said;
        return result(syscall(SYS_mincore, page, 1, &there));
}

int call_times(const char *argument, char *said)
{
        struct timespec now;

        (void)argument;
        (void)said;
        return result(syscall(SYS_clock_gettime, CLOCK_REALTIME, &now));
}

int call_sync(const char *argument, char *said)
{
        int fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r;

        (void)argument;
        (void)said;
        if (fd < 0)
                return -errno;
        r = result(syncfs(fd));
        close(fd);
        return r;
}

/* To nobody else: -1 leaves both as they are. */
int call_chown(const char *argument, char *said)
{
        int pipes[2], r;

        (void)argument;
        (void)said;
        if (pipe2(pipes, O_CLOEXEC) < 0)
                return -errno;
        r = result(fchown(pipes[0], (uid_t)-1, (gid_t)-1));
        close(pipes[0]);
        close(pipes[1]);
        return r;
}

int call_signalfd(const char *argument, char *said)
{
        uint64_t none = 0;

        (void)argument;
        (void)said;
        return as_descriptor(syscall(SYS_signalfd4, -1, &none, sizeof(none), O_CLOEXEC));
}

int call_timerfd(const char *argument, char *said)
{
        (void)argument;
        (void)said;
        return as_descriptor(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC));
}

int call_epoll(const char *argument, char *said)
{
        (void)argument;
        (void)said;
        return as_descriptor(syscall(SYS_epoll_create1, O_CLOEXEC));
}

int call_memfd(const char *argument, char *said)
{
        (void)argument;
        (void)said;
        return as_descriptor(syscall(SYS_memfd_create, "gird", 1U));
}

int call_pkey(const char *argument, char *said)
{
        long key = syscall(SYS_pkey_alloc, 0UL, 0UL);

        (void)argument;
        (void)said;
        if (key < 0 && (errno == ENOSPC || errno == EINVAL))
                return 0; /* the processor has none */
        if (key >= 0)
                syscall(SYS_pkey_free, key);
        return result(key);
}

int call_seccomp(const char *argument, char *said)
{
        uint32_t action = 0x7fff0000; /* allow */

        (void)argument;
        (void)said;
        return result(syscall(SYS_seccomp, 2 /* SECCOMP_GET_ACTION_AVAIL */, 0, &action));
}

int call_landlock(const char *argument, char *said)
{
        long version = syscall(SYS_landlock_create_ruleset, NULL, 0, 1 /* version */);

        (void)argument;
        (void)said;
        return version < 0 && errno == EOPNOTSUPP ? ABSENT : result(version);
}

int call_aio(const char *argument, char *said)
{
        aio_context_t context = 0;
        long r = syscall(SYS_io_setup, 1, &context);

        (void)argument;
        (void)said;
        if (r < 0)
                return -errno;
        syscall(SYS_io_destroy, context);
        return 0;
}

int call_membarrier(const char *argument, char *said)
{
        (void)argument;
        (void)said;
        return result(syscall(SYS_membarrier, 0 /* query */, 0));
}

int call_uselib(const char *argument, char *said)
{
        (void)argument;
        (void)said;
#ifdef SYS_uselib
        return result(syscall(SYS_uselib, "/gird-no-such"));
#else
        return ABSENT;
#endif
}

/* Its session has no terminal; where it has one all the same, nothing is done. */
int call_vhangup(const char *argument, char *said)
{
        int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);

        (void)argument;
        (void)said;
        if (fd >= 0) {
                close(fd);
                return ABSENT;
        }
        return result(syscall(SYS_vhangup));
}

int call_getpgid(const char *argument, char *said)
{
        (void)argument;
        (void)said;
        return result(syscall(SYS_getpgid, 0));
}
