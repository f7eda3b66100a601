/* twin_checks.c - what the twin enforces, tried out rather than believed.
 *
 * nspawn's own call filter can switch mechanisms off without a word, so the twin starts a
 * few units of gird's when it is born.  Namespaces and call filters show in /proc of their
 * processes; for what hangs on a control group, a child of gird joins it and tries. */
#include "core/stage/twin_private.h"

#include "core/base/file.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { TEXT_LIMIT = 64 << 10, PORT = 9 };

#define SERVICES "system.slice/gird-check-"
#define SLICE    "gird.slice/gird-check.slice"

/* --- by way of a control group: in the child -------------------------------------------- */

static bool is_firewalled(void)
{
        struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(PORT) };
        int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return sendto(fd, "", 1, 0, (const struct sockaddr *)&to, sizeof(to)) < 0 && errno == EPERM;
}

static bool is_bind_denied(void)
{
        struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(PORT) };
        int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return bind(fd, (const struct sockaddr *)&at, sizeof(at)) < 0 && errno == EPERM;
}

static bool is_device_denied(void)
{
        return open("/dev/null", O_RDWR | O_CLOEXEC) < 0 && errno == EPERM;
}

static bool is_filesystem_denied(void)
{
        return open("/sys/kernel/uevent_seqnum", O_RDONLY | O_CLOEXEC) < 0 && errno == EPERM;
}

static const struct {
        enum check check;
        const char *group; /* below the twin's own */
        bool (*denied)(void);
} tries[] = {
        { CHECK_FIREWALL, SERVICES "group.service", is_firewalled },
        { CHECK_DEVICES, SLICE, is_device_denied },
        { CHECK_BIND, SERVICES "group.service", is_bind_denied },
        { CHECK_INTERFACES, SERVICES "interfaces.service", is_firewalled },
        { CHECK_FILESYSTEMS, SERVICES "group.service", is_filesystem_denied },
};

static void try_main(int procs, int init_fd, bool (*denied)(void))
{
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (write(procs, "0", 1) != 1 || setns(init_fd, CLONE_NEWNET) < 0)
                _exit(2);
        _exit(denied() ? 0 : 1);
}

/* All at once, each in a child of its own. */
static void try_groups(const struct twin *t, bool *ret)
{
        pid_t pids[COUNT(tries)];

        for (size_t i = 0; i < COUNT(tries); i++) {
                scoped(mem_freep) char *path = text_format("%s/%s/cgroup.procs", t->payload,
                                                           tries[i].group);
                scoped(fd_closep) int procs = path ? open(path, O_WRONLY | O_CLOEXEC) : -1;

                pids[i] = procs >= 0 ? fork() : -1;
                if (pids[i] == 0)
                        try_main(procs, t->init_fd, tries[i].denied);
        }
        for (size_t i = 0; i < COUNT(tries); i++) {
                int status = -1;

                if (pids[i] > 0)
                        while (waitpid(pids[i], &status, 0) < 0 && errno == EINTR)
                                ;
                ret[tries[i].check] = status == 0;
        }
}

/* --- by what the control group says ----------------------------------------------------- */

static const struct {
        enum check check;
        const char *file, *begins; /* what systemd writes for the settings of the check slice */
} controls[] = {
        { CHECK_MEMORY, "memory.max", "1073741824" }, { CHECK_TASKS, "pids.max", "8" },
        { CHECK_CPU, "cpu.max", "90000 " },           { CHECK_CPUS, "cpuset.cpus", "0" },
        { CHECK_IO, "io.weight", "default " },
};

static void look_at_controls(const struct twin *t, bool *ret)
{
        for (size_t i = 0; i < COUNT(controls); i++) {
                scoped(mem_freep) char *path = text_format("%s/" SLICE "/%s", t->payload,
                                                           controls[i].file);
                scoped(mem_freep) char *text = NULL;

                ret[controls[i].check] = path &&
                                         file_read(AT_FDCWD, path, TEXT_LIMIT, &text, NULL, NULL) ==
                                                 0 &&
                                         text_starts(text, controls[i].begins);
        }
}

/* --- by what /proc says of a process ---------------------------------------------------- */

static const struct {
        enum check check;
        const char *service, *space;
} spaces[] = {
        { CHECK_MOUNTS, "base", "mnt" },  { CHECK_NETWORK, "spaces", "net" },
        { CHECK_IPC, "spaces", "ipc" },   { CHECK_HOSTNAME, "base", "uts" },
        { CHECK_USERS, "users", "user" }, { CHECK_PIDS, "pids", "pid" },
};

/* The last process of a check service; 0 if it does not run. */
static pid_t find_process(const struct twin *t, const char *service)
{
        scoped(mem_freep) char *path = text_format("%s/" SERVICES "%s.service/cgroup.procs",
                                                   t->payload, service);
        scoped(mem_freep) char *text = NULL;
        scoped(strv_freep) char **lines = NULL;

        if (!path || file_read(AT_FDCWD, path, TEXT_LIMIT, &text, NULL, NULL) < 0 ||
            strv_split(text, "\n", &lines) < 0 || !lines)
                return 0;
        return (pid_t)strtol(lines[strv_length(lines) - 1], NULL, 10);
}

static bool has_own_space(pid_t pid, pid_t init, const char *space)
{
        struct stat mine, theirs;
        char path[48];

        snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)pid, space);
        if (pid <= 0 || stat(path, &mine) < 0)
                return false;
        snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)init, space);
        return stat(path, &theirs) == 0 && mine.st_ino != theirs.st_ino;
}

/* How many call filters a process is under; nspawn's own counts. */
static long count_filters(pid_t pid)
{
        scoped(mem_freep) char *text = NULL;
        char path[48];
        char *at;

        snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
        if (pid <= 0 || file_read(AT_FDCWD, path, TEXT_LIMIT, &text, NULL, NULL) < 0)
                return 0;
        at = strstr(text, "\nSeccomp_filters:");
        if (at)
                return strtol(at + 17, NULL, 10);
        at = strstr(text, "\nSeccomp:"); /* kernels before 5.9 do not count */
        return at && strtol(at + 9, NULL, 10) == 2 ? 1 : 0;
}

static void look_at_processes(const struct twin *t, bool *ret)
{
        for (size_t i = 0; i < COUNT(spaces); i++)
                ret[spaces[i].check] = has_own_space(find_process(t, spaces[i].service), t->init,
                                                     spaces[i].space);
        ret[CHECK_SECCOMP] = count_filters(find_process(t, "base")) > count_filters(t->init);
}

/* --- by what there is ------------------------------------------------------------------- */

static const struct {
        enum check check;
        const char *path; /* inside the twin: systemd asks the same */
} modules[] = {
        { CHECK_APPARMOR, "/sys/kernel/security/apparmor" },
        { CHECK_SELINUX, "/sys/fs/selinux/enforce" },
        { CHECK_SMACK, "/sys/fs/smackfs" },
};

static void look_at_modules(const struct twin *t, bool *ret)
{
        for (size_t i = 0; i < COUNT(modules); i++) {
                scoped(mem_freep) char *path = text_format("%s%s", t->root, modules[i].path);

                ret[modules[i].check] = path && access(path, F_OK) == 0;
        }
}

/* They have served. */
static void end_services(const struct twin *t)
{
        static const char *const services[] = { "base", "spaces", "users",
                                                "pids", "group",  "interfaces" };

        for (size_t i = 0; i < COUNT(services); i++) {
                pid_t pid = find_process(t, services[i]);

                if (pid > 0)
                        kill(pid, SIGKILL);
        }
}

void checks_look(const struct twin *t, bool ret_enforced[CHECK_COUNT])
{
        look_at_processes(t, ret_enforced);
        try_groups(t, ret_enforced);
        look_at_controls(t, ret_enforced);
        look_at_modules(t, ret_enforced);
        end_services(t);
}
