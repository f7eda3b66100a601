/* deeds_processes.c - seeing, tracing and ending what others run.  Nothing is changed: a signal of
 * number 0, a priority and a limit that are what they were, a tracer that ends at once. */
#include "core/breach/program/program.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Its service's processes have the same cgroup as it has. */
static bool same_cgroup(const char *name)
{
        char path[300], own[1024], its[1024];
        int a = open("/proc/self/cgroup", O_RDONLY | O_CLOEXEC), b;
        ssize_t n = 0, m = 0;

        snprintf(path, sizeof(path), "/proc/%s/cgroup", name);
        b = open(path, O_RDONLY | O_CLOEXEC);
        if (a >= 0 && b >= 0) {
                n = read(a, own, sizeof(own));
                m = read(b, its, sizeof(its));
        }
        if (a >= 0)
                close(a);
        if (b >= 0)
                close(b);
        return n > 0 && n == m && memcmp(own, its, (size_t)n) == 0;
}

static int count_processes(bool others)
{
        DIR *proc = opendir("/proc");
        struct dirent *entry;
        int count = 0;

        if (!proc)
                return -errno;
        while ((entry = readdir(proc)))
                if (atoi(entry->d_name) > 0 && !(others && same_cgroup(entry->d_name)))
                        count++;
        closedir(proc);
        return count;
}

int see_others(const char *argument, char *said)
{
        int count = count_processes(true);

        (void)argument;
        if (count <= 0)
                return count < 0 ? count : -ESRCH;
        snprintf(said, SAID, "%d", count);
        return 0;
}

int list_processes(const char *argument, char *said)
{
        int count = count_processes(false);

        (void)argument;
        if (count < 0)
                return count;
        snprintf(said, SAID, "%d", count);
        return 0;
}

static int open_of(int pid, const char *name, int flags)
{
        char path[64];
        int fd;

        snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
        fd = open(path, flags | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

int read_other(const char *argument, char *said)
{
        int pid = other_process(), fd, r;
        char byte;

        (void)said;
        if (pid < 0)
                return pid;
        fd = open_of(pid, argument, O_RDONLY);
        if (fd < 0)
                return fd;
        r = result(read(fd, &byte, 1));
        close(fd);
        return r;
}

int list_other_files(const char *argument, char *said)
{
        int pid = other_process(), fd;

        (void)argument;
        (void)said;
        if (pid < 0)
                return pid;
        fd = open_of(pid, "fd", O_RDONLY | O_DIRECTORY);
        if (fd < 0)
                return fd;
        close(fd);
        return 0;
}

int open_other_memory(const char *argument, char *said)
{
        int pid = other_process(), fd;

        (void)said;
        if (pid < 0)
                return pid;
        fd = open_of(pid, "mem", *argument == 'w' ? O_RDWR : O_RDONLY);
        if (fd < 0)
                return fd;
        close(fd);
        return 0;
}

/* PTRACE_SEIZE does not stop it, and this process's end lets it go. */
int ptrace_other(const char *argument, char *said)
{
        int pid = other_process();

        (void)argument;
        (void)said;
        return pid < 0 ? pid : result(ptrace(PTRACE_SEIZE, pid, NULL, NULL));
}

int steal_descriptor(const char *argument, char *said)
{
        int pid = other_process(), fd, r;
        long got = -1;

        (void)argument;
        (void)said;
        if (pid < 0)
                return pid;
        fd = (int)syscall(SYS_pidfd_open, pid, 0);
        if (fd < 0)
                return -errno;
        for (int n = 0; got < 0 && n < 8; n++) {
                got = syscall(SYS_pidfd_getfd, fd, n, 0);
                if (got < 0 && errno != EBADF)
                        break;
        }
        r = result(got);
        if (got >= 0)
                close((int)got);
        close(fd);
        return r;
}

int kill_other(const char *argument, char *said)
{
        int pid = strcmp(argument, "init") == 0 ? 1 : other_process();

        (void)said;
        if (pid < 0)
                return pid;
        if (pid == 1 && (getpid() <= 2 || getppid() <= 1))
                return -ESRCH; /* number 1 is itself */
        return result(kill(pid, 0));
}

int renice_other(const char *argument, char *said)
{
        int pid = other_process(), now;

        (void)argument;
        (void)said;
        if (pid < 0)
                return pid;
        errno = 0;
        now = getpriority(PRIO_PROCESS, (id_t)pid);
        if (errno != 0)
                return -errno;
        return result(setpriority(PRIO_PROCESS, (id_t)pid, now));
}

int limit_other(const char *argument, char *said)
{
        int pid = other_process();
        struct rlimit now;

        (void)argument;
        (void)said;
        if (pid < 0)
                return pid;
        if (prlimit(pid, RLIMIT_NOFILE, NULL, &now) < 0)
                return -errno;
        return result(prlimit(pid, RLIMIT_NOFILE, &now, NULL));
}

/* ---- System V ---- */

int see_sysv(const char *argument, char *said)
{
        struct shminfo info;
        int highest = shmctl(0, IPC_INFO, (struct shmid_ds *)&info);

        (void)argument;
        (void)said;
        if (highest < 0)
                return -errno;
        for (int i = 0; i <= highest; i++) {
                struct shmid_ds segment;

                if (shmctl(i, SHM_STAT, &segment) >= 0)
                        return 0;
        }
        return ABSENT;
}

int make_sysv(const char *argument, char *said)
{
        int id = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);

        (void)argument;
        (void)said;
        if (id < 0)
                return -errno;
        return result(shmctl(id, IPC_RMID, NULL));
}
