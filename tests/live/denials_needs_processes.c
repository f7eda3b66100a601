/* denials_needs_processes.c - users, children, memory, clocks. */
#include "denials_needs.h"

#include <string.h>
#include <sys/random.h>
#include <sys/timex.h>
#include <sys/utsname.h>
#include <sys/wait.h>

void become(uid_t uid)
{
        OK(sys(setgroups, 0, NULL));
        OK(sys(setresgid, uid, uid, uid));
        OK(sys(setresuid, uid, uid, uid));
}

/* It has become that user when this returns. */
pid_t child_of(uid_t uid)
{
        int ready[2];
        pid_t child;

        OK(pipe2(ready, O_CLOEXEC));
        child = fork();
        if (child != 0) {
                close(ready[1]);
                if (child > 0 && read(ready[0], scratch, 1) < 0)
                        gone();
                close(ready[0]);
                return child;
        }
        if (uid)
                become(uid);
        close(ready[0]);
        close(ready[1]);
        for (;;)
                pause();
}

/* The status of a program, or -1. */
int helper(const char *path, const char *what)
{
        pid_t child = fork();
        int status = 0;

        if (child == 0) {
                execl(path, path, "--helper", what, (char *)NULL);
                _exit(126);
        }
        if (child < 0 || waitpid(child, &status, 0) < 0)
                return -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int help(const char *what)
{
        if (strcmp(what, "read-shadow") == 0)
                return open("/etc/shadow", O_RDONLY) < 0;
        return strcmp(what, "nothing") != 0;
}

pid_t noted_pid(void)
{
        ssize_t n = readlink("/run/gird-pid", scratch, sizeof(scratch) - 1);

        scratch[OK(n)] = '\0';
        return (pid_t)strtol(scratch, NULL, 10);
}

int cloned(unsigned long flags)
{
        long pid = sys(clone, flags | SIGCHLD, NULL, NULL, NULL, NULL);

        if (pid == 0)
                _exit(0);
        return pid < 0 ? -1 : waitpid((pid_t)pid, NULL, 0);
}

int schedule(int policy, int priority)
{
        struct sched_param p = { .sched_priority = priority };

        return (int)sys(sched_setscheduler, 0, policy, &p);
}

int on_processor(unsigned number)
{
        cpu_set_t set;

        CPU_ZERO(&set);
        CPU_SET(number, &set);
        return sched_setaffinity(0, sizeof(set), &set);
}

int raise_limit(int which, rlim_t to)
{
        struct rlimit limit = { .rlim_cur = to, .rlim_max = to };

        return setrlimit((__rlimit_resource_t)which, &limit);
}

void burn(unsigned milliseconds)
{
        struct timespec now;

        do
                OK(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now));
        while (now.tv_sec * 1000 + now.tv_nsec / 1000000 < milliseconds);
}

bool machine_is(const char *name)
{
        struct utsname u;

        return uname(&u) == 0 && strcmp(u.machine, name) == 0;
}

int read_clock(void)
{
        struct timex t = { .modes = 0 };

        return clock_adjtime(CLOCK_REALTIME, &t);
}

/* ---- memory ---- */

void *memory(size_t size)
{
        void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        if (p == MAP_FAILED)
                gone();
        return p;
}

static int map(size_t size, int protection, int flags, int fd)
{
        return mmap(NULL, size, protection, flags, fd, 0) == MAP_FAILED ? -1 : 0;
}

int map_memory(int protection)
{
        return map(4096, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

int map_memory_of(size_t size)
{
        return map(size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

int map_file(const char *path, int protection)
{
        return map(4096, protection, MAP_PRIVATE, OK(open(path, O_RDONLY)));
}

int attach_executable(void)
{
        int id = OK(shmget(IPC_PRIVATE, 4096, 0700));
        void *p = shmat(id, NULL, SHM_EXEC);
        int error = errno;

        shmctl(id, IPC_RMID, NULL);
        errno = error;
        return p == (void *)-1 ? -1 : 0;
}

/* What the start before left there.  The first one leaves it, and one after a start that failed. */
int kept_memory(void)
{
        bool first = mkdir("/run/gird-kept/mark", 0755) == 0;
        int id = shmget(KEY, 4096, 0600 | (first ? IPC_CREAT : 0)), error = errno;

        if (id < 0)
                rmdir("/run/gird-kept/mark");
        errno = error;
        return id;
}

#ifdef __x86_64__
int int80(long number)
{
        long r;

        __asm__ volatile("int $0x80" : "=a"(r) : "a"(number) : "memory", "r8", "r9", "r10", "r11");
        return (int)r;
}
#endif

/* ---- of search.inc ---- */

void when_reloaded(void (*act)(void))
{
        sigset_t set;
        int number;

        sigemptyset(&set);
        sigaddset(&set, SIGHUP);
        OK(sigprocmask(SIG_BLOCK, &set, NULL));
        for (;;)
                if (sigwait(&set, &number) == 0)
                        act();
}

void later(unsigned milliseconds)
{
        struct timespec t = { .tv_sec = milliseconds / 1000,
                              .tv_nsec = (long)(milliseconds % 1000) * 1000000 };

        nanosleep(&t, NULL);
}

bool one_in(unsigned n)
{
        unsigned number;

        OK(getrandom(&number, sizeof(number), 0));
        return number % n == 0;
}

bool is_hardened(void)
{
        return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
}

bool has_mask(mode_t mask)
{
        mode_t now = umask(0);

        umask(now);
        return now == mask;
}

bool may_have(int capability)
{
        return prctl(PR_CAPBSET_READ, capability, 0, 0, 0) == 1;
}

void write_etc(void)
{
        NEEDS(open("/etc/gird-need", O_WRONLY | O_CREAT, 0600));
}

void write_etc_hardened(void)
{
        if (is_hardened())
                write_etc();
}
