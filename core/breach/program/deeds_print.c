/* deeds_print.c - what a process can tell about itself: for the claims of help pages. */
#include "core/breach/program/program.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#ifndef PR_GET_MEMORY_MERGE
#define PR_GET_MEMORY_MERGE 68
#endif

static int say_number(char *said, long n)
{
        snprintf(said, SAID, "%ld", n);
        return 0;
}

static int say_result(char *said, long n)
{
        return n < 0 ? -errno : say_number(said, n);
}

static int say_text(char *said, const char *text)
{
        snprintf(said, SAID, "%s", text && *text ? text : "-");
        return 0;
}

/* ---- who ---- */

int print_user(const char *argument, char *said)
{
        (void)argument;
        return say_number(said, (long)geteuid());
}

int print_group(const char *argument, char *said)
{
        (void)argument;
        return say_number(said, (long)getegid());
}

static int by_number(const void *a, const void *b)
{
        gid_t x = *(const gid_t *)a, y = *(const gid_t *)b;

        return (x > y) - (x < y);
}

int print_groups(const char *argument, char *said)
{
        gid_t groups[64];
        int n = getgroups(64, groups);
        size_t at = 0;

        (void)argument;
        if (n < 0)
                return -errno;
        if (n == 0)
                return say_text(said, NULL);
        qsort(groups, (size_t)n, sizeof(*groups), by_number);
        for (int i = 0; i < n && at < SAID - 16; i++)
                at += (size_t)snprintf(said + at, SAID - at, i ? " %u" : "%u", groups[i]);
        return 0;
}

int print_umask(const char *argument, char *said)
{
        mode_t mask = umask(0);

        (void)argument;
        umask(mask);
        snprintf(said, SAID, "%04o", (unsigned)mask);
        return 0;
}

int print_pid(const char *argument, char *said)
{
        (void)argument;
        /* This deed runs in a child of the service's process. */
        return say_text(said, getpid() == 1 || getppid() == 1 ? "1" : "other");
}

/* ---- scheduling ---- */

int print_nice(const char *argument, char *said)
{
        long n;

        (void)argument;
        errno = 0;
        n = getpriority(PRIO_PROCESS, 0);
        return errno != 0 ? -errno : say_number(said, n);
}

int print_cpu_policy(const char *argument, char *said)
{
        static const char *const names[] = { "other", "fifo", "rr", "batch", "4", "idle" };
        long n = syscall(SYS_sched_getscheduler, 0) & 0xff;

        (void)argument;
        return n < 6 ? say_text(said, names[n]) : say_number(said, n);
}

int print_cpus(const char *argument, char *said)
{
        cpu_set_t set;

        (void)argument;
        if (sched_getaffinity(0, sizeof(set), &set) < 0)
                return -errno;
        return say_number(said, CPU_COUNT(&set));
}

int print_ioprio(const char *argument, char *said)
{
        static const char *const names[] = { "none", "realtime", "best-effort", "idle" };
        long n = syscall(SYS_ioprio_get, 1, 0);

        (void)argument;
        if (n < 0)
                return -errno;
        snprintf(said, SAID, "%s %ld", names[(n >> 13) & 3], n & 7);
        return 0;
}

int print_timer_slack(const char *argument, char *said)
{
        (void)argument;
        return say_result(said, prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0));
}

/* ---- /proc ---- */

int print_line(const char *argument, char *said)
{
        FILE *f = fopen(argument, "re");
        size_t at = 0;
        int c, r = 0;

        if (!f)
                return -errno;
        /* Blanks that follow each other are one. */
        while ((c = getc(f)) != EOF && c != '\n' && at < SAID - 1)
                if (c != ' ' && c != '\t')
                        said[at++] = (char)c;
                else if (at > 0 && said[at - 1] != ' ')
                        said[at++] = ' ';
        said[at] = '\0';
        if (at == 0)
                r = say_text(said, NULL);
        fclose(f);
        return r;
}

/* The value of a line "NAME:\tVALUE". */
int print_status(const char *argument, char *said)
{
        FILE *f = fopen("/proc/self/status", "re");
        char line[512];
        size_t n = strlen(argument);
        int r = ABSENT;

        if (!f)
                return -errno;
        while (r != 0 && fgets(line, sizeof(line), f))
                if (strncmp(line, argument, n) == 0 && line[n] == ':') {
                        line[strcspn(line, "\n")] = '\0';
                        r = say_text(said, line + n + 1 + strspn(line + n + 1, " \t"));
                }
        fclose(f);
        return r;
}

int print_cgroup(const char *argument, char *said)
{
        FILE *f = fopen("/proc/self/cgroup", "re");
        int r = ABSENT, first = access("/sys/fs/cgroup/systemd", F_OK) == 0;
        char line[1024];

        (void)argument;
        if (!f)
                return -errno;
        while (fgets(line, sizeof(line), f)) {
                char *at = strstr(line, "::/"), *v1 = first ? strstr(line, ":name=systemd:") : NULL;

                line[strcspn(line, "\n")] = '\0';
                if (v1 || (at && r != 0))
                        r = say_text(said, v1 ? v1 + 14 : at + 2);
        }
        fclose(f);
        return r;
}

/* ---- flags ---- */

int print_personality(const char *argument, char *said)
{
        int n = personality(0xffffffff);

        (void)argument;
        if (n < 0)
                return -errno;
        snprintf(said, SAID, "%x", (unsigned)n);
        return 0;
}

int print_securebits(const char *argument, char *said)
{
        int n = prctl(PR_GET_SECUREBITS, 0, 0, 0, 0);

        (void)argument;
        if (n < 0)
                return -errno;
        snprintf(said, SAID, "%x", (unsigned)n);
        return 0;
}

int print_ksm(const char *argument, char *said)
{
        (void)argument;
        return say_result(said, prctl(PR_GET_MEMORY_MERGE, 0, 0, 0, 0));
}

int print_sigpipe(const char *argument, char *said)
{
        struct sigaction now;

        (void)argument;
        if (sigaction(SIGPIPE, NULL, &now) < 0)
                return -errno;
        return say_text(said, now.sa_handler == SIG_IGN ? "ignored" : "default");
}

static const struct {
        const char *name;
        int resource;
} limits[] = {
        { "nofile", RLIMIT_NOFILE },   { "nproc", RLIMIT_NPROC }, { "core", RLIMIT_CORE },
        { "memlock", RLIMIT_MEMLOCK }, { "fsize", RLIMIT_FSIZE }, { "as", RLIMIT_AS },
        { "rtprio", RLIMIT_RTPRIO },   { "stack", RLIMIT_STACK },
};

static void name_limit(rlim_t limit, char text[32])
{
        if (limit == RLIM_INFINITY)
                snprintf(text, 32, "infinity");
        else
                snprintf(text, 32, "%llu", (unsigned long long)limit);
}

int print_limit(const char *argument, char *said)
{
        struct rlimit now;
        char soft[32], hard[32];

        for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
                if (strcmp(limits[i].name, argument) != 0)
                        continue;
                if (prlimit(0, (__rlimit_resource_t)limits[i].resource, NULL, &now) < 0)
                        return -errno;
                name_limit(now.rlim_cur, soft);
                name_limit(now.rlim_max, hard);
                snprintf(said, SAID, "%s %s", soft, hard);
                return 0;
        }
        return ABSENT;
}

/* ---- names and variables ---- */

int print_hostname(const char *argument, char *said)
{
        struct utsname u;

        (void)argument;
        return uname(&u) < 0 ? -errno : say_text(said, u.nodename);
}

int print_cwd(const char *argument, char *said)
{
        char path[PATH_MAX];

        (void)argument;
        return getcwd(path, sizeof(path)) ? say_text(said, path) : -errno;
}

int print_variable(const char *argument, char *said)
{
        return say_text(said, getenv(argument));
}

int list_variable(const char *argument, char *said)
{
        const char *path = getenv(argument);

        return path ? list_folder(path, said) : ABSENT;
}

int read_credential(const char *argument, char *said)
{
        const char *folder = getenv("CREDENTIALS_DIRECTORY");
        char path[PATH_MAX];

        if (!folder)
                return ABSENT;
        snprintf(path, sizeof(path), "%s/%s", folder, argument);
        return print_line(path, said);
}

/* ---- own or shared ---- */

int print_namespace(const char *argument, char *said)
{
        char path[64];
        struct stat own, init;

        snprintf(path, sizeof(path), "/proc/self/ns/%s", argument);
        if (stat(path, &own) < 0)
                return -errno;
        snprintf(path, sizeof(path), "/proc/1/ns/%s", argument);
        if (stat(path, &init) < 0)
                return -errno;
        return say_text(said, own.st_ino == init.st_ino ? "shared" : "own");
}

/* The device of the mount at path, and the folder of it that is mounted, by a process's list. */
static int find_mount(const char *list, const char *path, char *ret, size_t size)
{
        FILE *f = fopen(list, "re");
        char line[4096], device[32], root[1024], point[1024];
        int r = ABSENT;

        if (!f)
                return -errno;
        while (fgets(line, sizeof(line), f))
                if (sscanf(line, "%*d %*d %31s %1023s %1023s", device, root, point) == 3 &&
                    strcmp(point, path) == 0) {
                        snprintf(ret, size, "%s%s", device, root);
                        r = 0;
                }
        fclose(f);
        return r;
}

/* systemd's own folders tell by their name; a file system of its own is none that PID 1 has. */
int print_tmp(const char *argument, char *said)
{
        char own[1100] = "", init[1100] = "";
        int r = find_mount("/proc/self/mountinfo", argument, own, sizeof(own));

        if (r < 0)
                return r;
        if (r == ABSENT)
                return say_text(said, "shared");
        if (strstr(own, "systemd-private-"))
                return say_text(said, "own");
        r = find_mount("/proc/1/mountinfo", argument, init, sizeof(init));
        return say_text(said, r <= 0 && strcmp(own, init) == 0 ? "shared" : "own");
}

int print_propagation(const char *argument, char *said)
{
        FILE *f = fopen("/proc/self/mountinfo", "re");
        char line[4096], point[1024], *options;
        const char *how = "private";

        (void)argument;
        if (!f)
                return -errno;
        while (fgets(line, sizeof(line), f)) {
                options = strstr(line, " - ");
                if (options)
                        *options = '\0';
                if (sscanf(line, "%*d %*d %*s %*s %1023s", point) == 1 && strcmp(point, "/") == 0)
                        how = strstr(line, " shared:")   ? "shared"
                              : strstr(line, " master:") ? "slave"
                                                         : "private";
        }
        fclose(f);
        return say_text(said, how);
}

/* ---- the rest ---- */

enum { KEY_SESSION = -3, KEY_USER_SESSION = -5, KEYCTL_GET_ID = 0 };

int print_keyring(const char *argument, char *said)
{
        long session = syscall(SYS_keyctl, KEYCTL_GET_ID, KEY_SESSION, 0);
        long user = session < 0 ? -1 : syscall(SYS_keyctl, KEYCTL_GET_ID, KEY_USER_SESSION, 0);

        (void)argument;
        if (session < 0)
                return errno == ENOKEY ? say_text(said, "none") : -errno;
        return say_text(said, session == user ? "user" : "own");
}

int print_stdin(const char *argument, char *said)
{
        struct stat st, null;

        (void)argument;
        if (fstat(STDIN_FILENO, &st) < 0)
                return -errno;
        if (S_ISSOCK(st.st_mode))
                return say_text(said, "socket");
        if (S_ISFIFO(st.st_mode))
                return say_text(said, "pipe");
        if (S_ISREG(st.st_mode))
                return say_text(said, "file");
        if (stat("/dev/null", &null) == 0 && st.st_rdev == null.st_rdev)
                return say_text(said, "null");
        return say_text(said, isatty(STDIN_FILENO) ? "tty" : "other");
}

/* LogNamespace= lays a folder of its own over the journal's. */
int print_log_namespace(const char *argument, char *said)
{
        char mount[1100] = "", *at;
        int r = find_mount("/proc/self/mountinfo", "/run/systemd/journal", mount, sizeof(mount));

        (void)argument;
        if (r < 0)
                return r;
        at = strstr(mount, "systemd/journal.");
        return say_text(said, at ? at + strlen("systemd/journal.") : "default");
}
