/* deeds_code.c - new code: programs that it writes, memory that is written and then run. */
#include "core/breach/program/program.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <mqueue.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGE = 4096, WORDS = 8 };

/* ---- programs ---- */

/* One command line, parted by blanks, run if it is there. */
static int run_words(char *line)
{
        char *argv[WORDS] = { NULL }, *save = NULL;
        int n = 0;

        for (char *w = strtok_r(line, " ", &save); w && n < WORDS - 1;
             w = strtok_r(NULL, " ", &save))
                argv[n++] = w;
        return argv[0] ? run_program(argv) : -ENOENT;
}

/* The first of a ':'-separated list that is there. */
int exec_program(const char *argument, char *said)
{
        int r = -ENOENT;

        (void)said;
        while (*argument && r == -ENOENT) {
                size_t n = strcspn(argument, ":");
                char line[512];

                /* "sh -c :" ends in the mark of the list. */
                if (argument[n] == ':' && argument[n + 1] == '\0')
                        n++;
                snprintf(line, sizeof(line), "%.*s", (int)n, argument);
                r = run_words(line);
                argument += n + (argument[n] == ':');
        }
        return r;
}

int exec_by_name(const char *argument, char *said)
{
        const char *path = getenv("PATH");
        int r = -ENOENT;

        (void)said;
        while (path && *path && r == -ENOENT) {
                size_t n = strcspn(path, ":");
                char whole[PATH_MAX];
                char *argv[] = { whole, NULL };

                snprintf(whole, sizeof(whole), "%.*s/%s", (int)n, path, argument);
                r = run_program(argv);
                path += n + (path[n] == ':');
        }
        return r;
}

/* Itself, as a program that lists its moves. */
static int copy_self(int to)
{
        int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), r = 0;
        char bytes[65536];
        ssize_t n = 1;

        if (from < 0)
                return -errno;
        while (r == 0 && n > 0) {
                n = read(from, bytes, sizeof(bytes));
                if (n < 0 || (n > 0 && write(to, bytes, (size_t)n) != n))
                        r = errno ? -errno : -EIO;
        }
        close(from);
        return r;
}

int exec_written(const char *argument, char *said)
{
        char path[PATH_MAX], list[] = "--list";
        char *argv[] = { path, list, NULL };
        int fd = scratch_make(argument, path, sizeof(path)), r;

        (void)said;
        if (fd < 0)
                return fd;
        r = copy_self(fd);
        close(fd); /* a file that is open for writing can't be run */
        if (r == 0)
                r = run_program(argv);
        unlink(path);
        return r;
}

int exec_memfd(const char *argument, char *said)
{
        int fd = (int)syscall(SYS_memfd_create, "gird", 0U), again, r;
        char path[64], list[] = "--list";
        char *argv[] = { path, list, NULL };

        (void)argument;
        (void)said;
        if (fd < 0)
                return -errno;
        r = copy_self(fd);
        snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        again = open(path, O_RDONLY);
        close(fd);
        snprintf(path, sizeof(path), "/proc/self/fd/%d", again);
        if (r == 0)
                r = again < 0 ? -errno : run_program(argv);
        if (again >= 0)
                close(again);
        return r;
}

/* ---- memory ---- */

static int as_map(void *map)
{
        if (map == MAP_FAILED)
                return -errno;
        munmap(map, PAGE);
        return 0;
}

int map_wx(const char *argument, char *said)
{
        (void)argument;
        (void)said;
        return as_map(mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
                           MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}

int protect_x(const char *argument, char *said)
{
        void *map = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        int r;

        (void)argument;
        (void)said;
        if (map == MAP_FAILED)
                return -errno;
        r = result(mprotect(map, PAGE, PROT_READ | PROT_EXEC));
        munmap(map, PAGE);
        return r;
}

int shm_wx(const char *argument, char *said)
{
        int id = shmget(IPC_PRIVATE, PAGE, IPC_CREAT | 0700), r = 0;
        void *at;

        (void)argument;
        (void)said;
        if (id < 0)
                return -errno;
        at = shmat(id, NULL, SHM_EXEC);
        if (at == (void *)-1)
                r = -errno;
        else
                shmdt(at);
        shmctl(id, IPC_RMID, NULL);
        return r;
}

/* Code is read-only, but not through this file. */
int write_own_memory(const char *argument, char *said)
{
        static const char constant[] = "x";
        int fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC), r;

        (void)argument;
        (void)said;
        if (fd < 0)
                return -errno;
        r = result(pwrite(fd, "x", 1, (off_t)(uintptr_t)constant));
        close(fd);
        return r;
}

/* ---- processes ---- */

int ptrace_child(const char *argument, char *said)
{
        pid_t child = fork();
        int status;

        (void)argument;
        (void)said;
        if (child < 0)
                return -errno;
        if (child == 0) {
                if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
                        _exit(errno);
                _exit(0);
        }
        if (waitpid(child, &status, 0) < 0)
                return -errno;
        if (WIFSIGNALED(status))
                raise(WTERMSIG(status));
        return -WEXITSTATUS(status);
}

int call_fork(const char *argument, char *said)
{
        pid_t child = fork();

        (void)argument;
        (void)said;
        if (child < 0)
                return -errno;
        if (child == 0)
                _exit(0);
        waitpid(child, NULL, 0);
        return 0;
}

int many_processes(const char *argument, char *said)
{
        int count = atoi(argument), made = 0, r = 0, hold[2];

        (void)said;
        if (pipe2(hold, O_CLOEXEC) < 0)
                return -errno;
        while (r == 0 && made < count) {
                pid_t child = fork();
                char byte;

                if (child == 0) {
                        close(hold[1]);
                        _exit(read(hold[0], &byte, 1) < 0);
                }
                r = result(child);
                made += child > 0;
        }
        close(hold[1]);
        close(hold[0]);
        while (made-- > 0)
                waitpid(-1, NULL, 0);
        return r;
}

/* A flag alone: the filters look at this argument. */
int clone_user(const char *argument, char *said)
{
        long child = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);

        (void)argument;
        (void)said;
        if (child < 0)
                return -errno;
        if (child == 0)
                _exit(0);
        waitpid((pid_t)child, NULL, 0);
        return 0;
}

int call_clone3(const char *argument, char *said)
{
        struct {
                uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
        } args = { .exit_signal = SIGCHLD };
        long child = syscall(SYS_clone3, &args, sizeof(args));

        (void)argument;
        (void)said;
        if (child < 0)
                return -errno;
        if (child == 0)
                _exit(0);
        waitpid((pid_t)child, NULL, 0);
        return 0;
}

int dump_core(const char *argument, char *said)
{
        (void)argument;
        (void)said;
        raise(SIGSEGV);
        return 0;
}

/* ---- limits ---- */

int open_many_files(const char *argument, char *said)
{
        int count = atoi(argument), r = 0, n = 0, opened[1024];

        (void)said;
        for (; r == 0 && n < count && n < 1024; n++) {
                opened[n] = dup(STDOUT_FILENO);
                r = result(opened[n]);
        }
        while (n-- > 0)
                if (opened[n] >= 0)
                        close(opened[n]);
        return r;
}

int lock_memory(const char *argument, char *said)
{
        enum { SIZE = 1 << 20 };
        void *map = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        int r;

        (void)argument;
        (void)said;
        if (map == MAP_FAILED)
                return -errno;
        r = result(mlock(map, SIZE));
        munmap(map, SIZE);
        return r;
}

int take_memory(const char *argument, char *said)
{
        size_t size = strtoul(argument, NULL, 10);
        char *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        (void)said;
        if (map == MAP_FAILED)
                return -errno;
        memset(map, 1, size);
        munmap(map, size);
        return 0;
}

int raise_limits(const char *argument, char *said)
{
        struct rlimit now;

        (void)argument;
        (void)said;
        if (getrlimit(RLIMIT_NOFILE, &now) < 0)
                return -errno;
        if (now.rlim_max == RLIM_INFINITY)
                return ABSENT;
        now.rlim_max++;
        return result(setrlimit(RLIMIT_NOFILE, &now));
}

int raise_priority(const char *argument, char *said)
{
        int now;

        (void)argument;
        (void)said;
        errno = 0;
        now = getpriority(PRIO_PROCESS, 0);
        if (errno != 0)
                return -errno;
        return result(setpriority(PRIO_PROCESS, 0, now - 1));
}

int message_queue(const char *argument, char *said)
{
        struct mq_attr attr = { .mq_maxmsg = 1, .mq_msgsize = 16 };
        char name[32];
        mqd_t q;

        (void)argument;
        (void)said;
        snprintf(name, sizeof(name), "/gird-%d", (int)getpid());
        q = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attr);
        if (q < 0)
                return -errno;
        mq_close(q);
        mq_unlink(name);
        return 0;
}
