/* planted_kernel.c - memory, priorities, namespaces, clocks. */
#include "planted.h"

#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/time.h>
#include <sys/wait.h>

void *zeroed(size_t size)
{
        void *p = calloc(1, size);

        if (!p)
                cannot("no memory");
        return p;
}

void *writable(void)
{
        void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        if (p == MAP_FAILED)
                cannot("mmap");
        return p;
}

int map(int protection, int flags, int fd)
{
        return mmap(NULL, 4096, protection, flags, fd, 0) == MAP_FAILED ? -1 : 0;
}

int memory_file(void)
{
        int fd = OK(memfd_create("gird", 0));

        OK(ftruncate(fd, 4096));
        return fd;
}

int attach_exec(void)
{
        int id = shmget(IPC_PRIVATE, 4096, 0700);
        void *p = id < 0 ? (void *)-1 : shmat(id, NULL, SHM_EXEC);

        if (id >= 0)
                shmctl(id, IPC_RMID, NULL);
        return p == (void *)-1 ? -1 : 0;
}

void lock_over_limit(void)
{
        struct rlimit none = { 0, 0 };

        OK(setrlimit(RLIMIT_MEMLOCK, &none));
        ANY(mlock(writable(), 4096));
}

/* musl and glibc differ on what sched_setscheduler() does, so it is the call itself. */
int schedule(int policy, int priority)
{
        struct sched_param p = { .sched_priority = priority };

        return (int)sys(sched_setscheduler, 0, policy, &p);
}

int schedule_deadline(void)
{
        struct {
                uint32_t size, policy;
                uint64_t flags;
                int32_t nice;
                uint32_t priority;
                uint64_t runtime, deadline, period;
        } a = { .size = 48,
                .policy = 6,
                .runtime = 1000000,
                .deadline = 10000000,
                .period = 10000000 };

        return (int)sys(sched_setattr, 0, &a, 0);
}

int affinity(void)
{
        cpu_set_t set;

        return sched_getaffinity(0, sizeof(set), &set) < 0
                       ? -1
                       : sched_setaffinity(0, sizeof(set), &set);
}

void raise_limit(void)
{
        struct rlimit limit;

        OK(getrlimit(RLIMIT_CORE, &limit));
        limit.rlim_cur = limit.rlim_max = 4096;
        OK(setrlimit(RLIMIT_CORE, &limit));
        limit.rlim_max = 8192;
        ANY(setrlimit(RLIMIT_CORE, &limit));
}

void lower_limit(void)
{
        struct rlimit limit;

        OK(getrlimit(RLIMIT_CORE, &limit));
        limit.rlim_cur = 0;
        OK(setrlimit(RLIMIT_CORE, &limit));
}

/* Children end at once. */
int cloned(unsigned long flags)
{
        long pid = sys(clone, flags | SIGCHLD, NULL, NULL, NULL, NULL);

        if (pid == 0)
                _exit(0);
        return pid < 0 ? -1 : waitpid((pid_t)pid, NULL, 0);
}

int cloned3(uint64_t flags)
{
        struct clone_args a = { .flags = flags, .exit_signal = SIGCHLD };
        long pid = sys(clone3, &a, sizeof(a));

        if (pid == 0)
                _exit(0);
        return pid < 0 ? -1 : waitpid((pid_t)pid, NULL, 0);
}

int enter(const char *name, int type)
{
        char path[64];
        int fd;

        snprintf(path, sizeof(path), "/proc/self/ns/%s", name);
        fd = open(path, O_RDONLY);
        return fd < 0 ? -1 : setns(fd, type);
}

int make_map(void)
{
        union bpf_attr a = { 0 };

        a.map_type = BPF_MAP_TYPE_ARRAY;
        a.key_size = 4;
        a.value_size = 4;
        a.max_entries = 1;
        return (int)sys(bpf, BPF_MAP_CREATE, &a, sizeof(a));
}

void *perf_attributes(void)
{
        struct perf_event_attr *a = zeroed(sizeof(*a));

        a->type = PERF_TYPE_SOFTWARE;
        a->size = sizeof(*a);
        return a;
}

int same_host_name(void)
{
        char name[65] = { 0 };

        return gethostname(name, sizeof(name) - 1) < 0 ? -1 : sethostname(name, strlen(name));
}

int same_domain_name(void)
{
        char name[65] = { 0 };

        return getdomainname(name, sizeof(name) - 1) < 0 ? -1 : setdomainname(name, strlen(name));
}

/* The rows have given CAP_SYS_TIME away before. */
int set_clock(void)
{
        struct timespec now;

        return clock_gettime(CLOCK_REALTIME, &now) < 0 ? -1 : clock_settime(CLOCK_REALTIME, &now);
}

int set_day(void)
{
        struct timeval now;

        return gettimeofday(&now, NULL) < 0 ? -1 : (int)sys(settimeofday, &now, NULL);
}

int adjust_clock(unsigned modes)
{
        struct timex t = { .modes = 0 };

        if (modes && adjtimex(&t) < 0)
                return -1;
        t.modes = modes;
        return adjtimex(&t);
}

int foreign_shared_memory(void)
{
        key_t key = 0x67697264 ^ (key_t)getpid();
        int id = shmget(key, 4096, 0 | IPC_CREAT), r;
        struct shmid_ds state;

        if (id < 0 || shmctl(id, IPC_STAT, &state) < 0)
                return -1;
        state.shm_perm.uid = state.shm_perm.gid = 1234;
        shmctl(id, IPC_SET, &state);
        become(4321);
        r = shmget(key, 4096, 0);
        (void)r; /* refused, after the capability was asked for */
        return 0;
}

int epoll_wakeup(void)
{
        struct epoll_event event = { .events = EPOLLIN | EPOLLWAKEUP };
        int pipes[2];

        return pipe2(pipes, 0) < 0
                       ? -1
                       : epoll_ctl(OK(epoll_create1(0)), EPOLL_CTL_ADD, pipes[0], &event);
}

#ifdef __x86_64__
int int80(long number)
{
        long r;

        __asm__ volatile("int $0x80" : "=a"(r) : "a"(number) : "memory", "r8", "r9", "r10", "r11");
        return (int)r;
}
#endif
