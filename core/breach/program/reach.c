/* reach.c - how far an intruder gets in the service of a lesson: deeds with an argument, where the
 * moves have none.  Each is done by a child of its own and undone. */
#include "core/breach/program/serve.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { ROOM = 256, SECONDS = 3, WAIT_MS = 1000 };

/* Each fills in what it saw, and returns 0 or errno. */

static int reach_read(const char *path, char seen[ROOM])
{
        int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        char byte;
        ssize_t n;

        (void)seen;
        if (fd < 0)
                return errno;
        n = read(fd, &byte, 1);
        return n < 0 ? errno : n == 0 ? ENODATA : 0; /* what is hidden is empty for root */
}

/* Into a folder: a file that is removed again.  A file is opened for writing, and left alone. */
static int reach_write(const char *path, char seen[ROOM])
{
        char draft[512];
        struct stat st;
        int fd;

        (void)seen;
        if (stat(path, &st) < 0)
                return errno;
        if (!S_ISDIR(st.st_mode)) {
                fd = open(path, O_WRONLY | O_APPEND | O_NONBLOCK | O_CLOEXEC);
                return fd < 0 ? errno : 0;
        }
        snprintf(draft, sizeof(draft), "%.400s/.gird-reach-%d", path, (int)getpid());
        fd = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd < 0)
                return errno;
        unlink(draft);
        return 0;
}

/* "192.0.2.10:5432" */
static int reach_connect(const char *where, char seen[ROOM])
{
        struct sockaddr_in in = { .sin_family = AF_INET };
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        struct pollfd out = { .fd = fd, .events = POLLOUT };
        socklen_t length = sizeof(int);
        char address[64] = "";
        unsigned port = 0;
        int code = 0;

        (void)seen;
        if (fd < 0)
                return errno;
        if (sscanf(where, "%63[0-9.]:%5u", address, &port) != 2 ||
            inet_pton(AF_INET, address, &in.sin_addr) != 1)
                return EINVAL;
        in.sin_port = htons((uint16_t)port);
        if (connect(fd, (struct sockaddr *)&in, sizeof(in)) == 0)
                return 0;
        if (errno != EINPROGRESS)
                return errno;
        if (poll(&out, 1, WAIT_MS) <= 0)
                return ETIMEDOUT;
        return getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &length) < 0 ? errno : code;
}

static int reach_socket(const char *name, char seen[ROOM])
{
        static const struct {
                const char *name;
                int family, type;
        } kinds[] = {
                { "inet", AF_INET, SOCK_STREAM },  { "inet6", AF_INET6, SOCK_STREAM },
                { "unix", AF_UNIX, SOCK_STREAM },  { "netlink", AF_NETLINK, SOCK_RAW },
                { "packet", AF_PACKET, SOCK_RAW },
        };

        (void)seen;
        for (size_t i = 0; i < COUNT(kinds); i++)
                if (strcmp(kinds[i].name, name) == 0)
                        return socket(kinds[i].family, kinds[i].type, 0) < 0 ? errno : 0;
        return EINVAL;
}

static int reach_space(const char *name, char seen[ROOM])
{
        static const struct {
                const char *name;
                int flag;
        } kinds[] = {
                { "user", CLONE_NEWUSER },     { "mount", CLONE_NEWNS },
                { "network", CLONE_NEWNET },   { "pid", CLONE_NEWPID },
                { "ipc", CLONE_NEWIPC },       { "uts", CLONE_NEWUTS },
                { "cgroup", CLONE_NEWCGROUP },
        };

        (void)seen;
        for (size_t i = 0; i < COUNT(kinds); i++)
                if (strcmp(kinds[i].name, name) == 0)
                        return unshare(kinds[i].flag) < 0 ? errno : 0;
        return EINVAL;
}

/* Whether it is the user with that number. */
static int reach_as(const char *number, char seen[ROOM])
{
        (void)seen;
        return geteuid() == (uid_t)strtoul(number, NULL, 10) ? 0 : EPERM;
}

/* Whether a system call gets through to the kernel: given nothing to do, that answers something
 * else than a refusal. */
static int reach_call(const char *name, char seen[ROOM])
{
        int r = -1;

        (void)seen;
        errno = EINVAL;
        if (strcmp(name, "ptrace") == 0)
                r = (int)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        else if (strcmp(name, "mount") == 0)
                r = mount("none", "/.gird-no-such-folder", "tmpfs", 0, NULL);
        else if (strcmp(name, "reboot") == 0)
                r = (int)syscall(SYS_reboot, 0, 0, 0, NULL); /* without its magic numbers */
        else
                return ENOSYS;
        return r < 0 && (errno == EPERM || errno == EACCES || errno == ENOSYS) ? errno : 0;
}

/* By the number in linux/capability.h. */
static const char *const capabilities[] = {
        "chown",
        "dac_override",
        "dac_read_search",
        "fowner",
        "fsetid",
        "kill",
        "setgid",
        "setuid",
        "setpcap",
        "linux_immutable",
        "net_bind_service",
        "net_broadcast",
        "net_admin",
        "net_raw",
        "ipc_lock",
        "ipc_owner",
        "sys_module",
        "sys_rawio",
        "sys_chroot",
        "sys_ptrace",
        "sys_pacct",
        "sys_admin",
        "sys_boot",
        "sys_nice",
        "sys_resource",
        "sys_time",
        "sys_tty_config",
        "mknod",
        "lease",
        "audit_write",
        "audit_control",
        "setfcap",
        "mac_override",
        "mac_admin",
        "syslog",
        "wake_alarm",
        "block_suspend",
        "audit_read",
        "perfmon",
        "bpf",
        "checkpoint_restore",
};

/* The capabilities it has or could get beyond the one named; "none" names none. */
static int reach_beyond(const char *name, char seen[ROOM])
{
        size_t n = 0;

        for (size_t i = 0; i < COUNT(capabilities); i++)
                if (strcmp(capabilities[i], name) != 0 && prctl(PR_CAPBSET_READ, i, 0, 0, 0) == 1 &&
                    n < ROOM - 32)
                        n += (size_t)snprintf(seen + n, ROOM - n, "%s%s", n ? " " : "",
                                              capabilities[i]);
        return n ? 0 : EPERM;
}

static bool is_harmless(const char *name)
{
        static const char *const names[] = { "null",    "zero", "full", "random",
                                             "urandom", "tty",  "ptmx", NULL };

        for (const char *const *known = names; *known; known++)
                if (strcmp(*known, name) == 0)
                        return true;
        return false;
}

/* What has no driver here is let all the same: the refusals come first. */
static bool can_open(int folder, const char *name)
{
        int fd = openat(folder, name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        int code = fd < 0 ? errno : 0;

        if (fd >= 0)
                close(fd);
        return fd >= 0 || code == ENXIO || code == ENODEV || code == EBUSY || code == EIO;
}

/* The devices in /dev that it can open, besides those that do nobody harm. */
static int reach_devices(const char *nothing, char seen[ROOM])
{
        DIR *dev = opendir("/dev");
        size_t n = 0;

        (void)nothing;
        for (struct dirent *d; dev && (d = readdir(dev));) {
                struct stat st;

                if (is_harmless(d->d_name) || n >= ROOM - 64 ||
                    fstatat(dirfd(dev), d->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                        continue;
                if ((S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode)) && can_open(dirfd(dev), d->d_name))
                        n += (size_t)snprintf(seen + n, ROOM - n, "%s%.60s", n ? " " : "",
                                              d->d_name);
        }
        if (dev)
                closedir(dev);
        return n ? 0 : ENOENT;
}

static const struct {
        const char *name;
        int (*reach)(const char *argument, char seen[ROOM]);
} deeds[] = {
        { "read", reach_read },     { "write", reach_write },   { "connect", reach_connect },
        { "socket", reach_socket }, { "space", reach_space },   { "as", reach_as },
        { "call", reach_call },     { "beyond", reach_beyond }, { "devices", reach_devices },
};

static void do_deed(const char *word, int out)
{
        size_t n = strcspn(word, ":");
        const char *argument = word[n] ? word + n + 1 : "";
        char seen[ROOM] = "", line[ROOM + 64];
        int code = EINVAL, length;

        alarm(SECONDS);
        for (size_t i = 0; i < COUNT(deeds); i++)
                if (strncmp(deeds[i].name, word, n) == 0 && !deeds[i].name[n])
                        code = deeds[i].reach(argument, seen);
        if (code)
                length = snprintf(line, sizeof(line), "%s", strerrorname_np(code));
        else
                length = snprintf(line, sizeof(line), "ok%s%s", *seen ? " " : "", seen);
        if (write(out, line, (size_t)length) != length)
                _exit(1);
        _exit(0);
}

/* A child tells by a pipe, or by the signal that ends it. */
static void try_deed(const char *word)
{
        char answer[ROOM + 64] = "";
        int ends[2], status = 0;
        ssize_t n;
        pid_t pid;

        if (pipe(ends) < 0 || (pid = fork()) < 0) {
                dprintf(STDOUT_FILENO, "%s %s\n", word, strerrorname_np(errno));
                return;
        }
        if (pid == 0)
                do_deed(word, ends[1]);
        close(ends[1]);
        n = read(ends[0], answer, sizeof(answer) - 1);
        answer[n > 0 ? n : 0] = '\0';
        close(ends[0]);
        if (waitpid(pid, &status, 0) == pid && WIFSIGNALED(status))
                snprintf(answer, sizeof(answer), "SIG%s", sigabbrev_np(WTERMSIG(status)));
        dprintf(STDOUT_FILENO, "%s %s\n", word, answer);
}

int reach_main(int argc, char **argv)
{
        for (int i = 1; i < argc; i++)
                try_deed(argv[i]);
        return 0;
}
