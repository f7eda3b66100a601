/* look.c - what can be seen from inside a sandbox: facts, a line each.
 *
 *   intruder --look PATH...
 *
 * WORD ANSWER...: "uid 33 33 33 33", "no-new-privs 1", "namespace mnt 4026531841", "mount / ro
 * ext4", "path /etc r-", "device null", "interface lo", "family AF_INET ok", "call mount EPERM", …
 * It asks only what changes nothing.  Each question has a child of its own, as a filter may kill.
 */
#include "core/breach/program/program.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { ROOM = 256 << 10 };

static void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* One write a line: what ends this program later leaves it out there. */
static void say(const char *fmt, ...)
{
        char line[8192];
        va_list args;
        int n;

        va_start(args, fmt);
        n = vsnprintf(line, sizeof(line) - 1, fmt, args);
        va_end(args);
        if (n < 0)
                return;
        if (n > (int)sizeof(line) - 2)
                n = (int)sizeof(line) - 2;
        for (int i = 0; i < n; i++)
                if ((unsigned char)line[i] < ' ' || line[i] == 127)
                        line[i] = '?';
        line[n++] = '\n';
        if (write(STDOUT_FILENO, line, (size_t)n) < 0)
                _exit(1);
}

static const char *error_words(long r)
{
        static char number[24];
        const char *name = r < 0 ? strerrorname_np(errno) : "ok";

        if (!name)
                snprintf(number, sizeof(number), "error-%d", errno);
        return name ? name : number;
}

/* ---- each in a child ---- */

struct question {
        const char *word, *about;
        void (*ask)(const struct question *q);
        long number;
        long arguments[6];
};

static void ask(const struct question *q)
{
        int status = 0;
        pid_t child = fork();

        if (child < 0) { /* no process can be had: then without one */
                q->ask(q);
                return;
        }
        if (child == 0) {
                prctl(PR_SET_PDEATHSIG, SIGKILL);
                q->ask(q);
                _exit(0);
        }
        while (waitpid(child, &status, 0) < 0 && errno == EINTR)
                ;
        if (WIFSIGNALED(status) && sigabbrev_np(WTERMSIG(status)))
                say("%s %s SIG%s", q->word, q->about, sigabbrev_np(WTERMSIG(status)));
}

/* ---- the process itself ---- */

static char *read_whole(const char *path)
{
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        char *text = malloc(ROOM);
        size_t length = 0;
        ssize_t n = 0;

        while (fd >= 0 && text && length < ROOM - 1 &&
               (n = read(fd, text + length, ROOM - 1 - length)) > 0)
                length += (size_t)n;
        if (fd >= 0)
                close(fd);
        if (fd < 0 || n < 0) {
                free(text);
                return NULL;
        }
        if (text)
                text[length] = '\0';
        return text;
}

/* Lines of /proc/self/status by the words that gird has for them. */
static const struct {
        const char *key, *word;
} lines[] = {
        { "Uid:", "uid" },
        { "Gid:", "gid" },
        { "Groups:", "groups" },
        { "CapInh:", "cap-inheritable" },
        { "CapPrm:", "cap-permitted" },
        { "CapEff:", "cap-effective" },
        { "CapBnd:", "cap-bounding" },
        { "CapAmb:", "cap-ambient" },
        { "NoNewPrivs:", "no-new-privs" },
        { "Seccomp:", "seccomp" },
};

static void ask_status(const struct question *q)
{
        char *text = read_whole("/proc/self/status"), *rest = NULL;

        (void)q;
        if (!text) {
                say("status - %s", error_words(-1));
                return;
        }
        for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
                for (size_t i = 0; i < COUNT(lines); i++) {
                        char *value = line + strlen(lines[i].key);

                        if (strncmp(line, lines[i].key, strlen(lines[i].key)) != 0)
                                continue;
                        value += strspn(value, "\t ");
                        for (char *c = value; *c; c++)
                                if (*c == '\t')
                                        *c = ' ';
                        say("%s %s", lines[i].word, value);
                }
        free(text);
}

static void ask_namespace(const struct question *q)
{
        char path[64], target[64];
        ssize_t n;

        snprintf(path, sizeof(path), "/proc/self/ns/%s", q->about);
        n = readlink(path, target, sizeof(target) - 1);
        if (n < 0) {
                say("namespace %s %s", q->about, error_words(-1));
                return;
        }
        target[n] = '\0';
        say("namespace %s %.*s", q->about,
            (int)strcspn(strchr(target, '[') ? strchr(target, '[') + 1 : target, "]"),
            strchr(target, '[') ? strchr(target, '[') + 1 : target);
}

/* ---- files ---- */

/* "36 35 98:0 /x /point rw,noatime master:1 - ext4 /dev/x rw": a mount is read-only where it or its
 * file system is. */
static void say_mount(char *line)
{
        char *fields[10] = { NULL }, *rest = NULL, *dash = strstr(line, " - "), *type, *options;
        size_t n = 0;

        if (!dash)
                return;
        *dash = '\0';
        for (char *f = strtok_r(line, " ", &rest); f && n < COUNT(fields);
             f = strtok_r(NULL, " ", &rest))
                fields[n++] = f;
        type = strtok_r(dash + 3, " ", &rest);
        (void)strtok_r(NULL, " ", &rest);
        options = strtok_r(NULL, " ", &rest);
        if (n < 6 || !type)
                return;
        say("mount %s %s%s %s", fields[4],
            strncmp(fields[5], "ro", 2) == 0 || (options && strncmp(options, "ro", 2) == 0) ? "ro"
                                                                                            : "rw",
            strstr(fields[5], "noexec") ? ",noexec" : "", type);
}

static void ask_mounts(const struct question *q)
{
        char *text = read_whole("/proc/self/mountinfo"), *rest = NULL;

        (void)q;
        if (!text) {
                say("mounts - %s", error_words(-1));
                return;
        }
        for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
                say_mount(line);
        free(text);
}

/* Whether a folder shows anything. */
static int is_empty(const char *path)
{
        DIR *dir = opendir(path);
        struct dirent *entry;
        int empty = 1;

        if (!dir)
                return 0;
        while (empty && (entry = readdir(dir)))
                empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
        closedir(dir);
        return empty;
}

/* "path MODE PATH": r, w and x as its user has them, "e" where it is empty, "ENOENT" …; the path
 * comes last, as it may hold blanks. */
static void ask_path(const struct question *q)
{
        const char *path = q->about;
        struct stat st;
        char mode[5] = "----";

        if (stat(path, &st) < 0) {
                say("path %s %s", error_words(-1), path);
                return;
        }
        if (faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) == 0)
                mode[0] = 'r';
        if (faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0)
                mode[1] = 'w';
        if (faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0)
                mode[2] = 'x';
        if (S_ISDIR(st.st_mode) ? is_empty(path) : S_ISREG(st.st_mode) && st.st_size == 0)
                mode[3] = 'e';
        say("path %s %s", mode, path);
}

static void ask_devices(const struct question *q)
{
        DIR *dir = opendir("/dev");
        struct dirent *entry;

        (void)q;
        if (!dir) {
                say("devices - %s", error_words(-1));
                return;
        }
        while ((entry = readdir(dir))) {
                struct stat st;
                bool node = fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
                            (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode));

                if (node)
                        say("device %s", entry->d_name);
        }
        closedir(dir);
}

/* ---- network ---- */

static void ask_interfaces(const struct question *q)
{
        char *text = read_whole("/proc/self/net/dev"), *rest = NULL;

        (void)q;
        if (!text) {
                say("interfaces - %s", error_words(-1));
                return;
        }
        for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
                char *colon = strrchr(line, ':');

                if (!colon || strchr(line, '|'))
                        continue;
                *colon = '\0';
                say("interface %s", line + strspn(line, " "));
        }
        free(text);
}

/* A type that no family has: a filter that lets the family through lets this through too, and the
 * kernel says EINVAL or the like, and makes no socket. */
static void ask_family(const struct question *q)
{
        long r = syscall(SYS_socket, q->number, SOCK_DGRAM | SOCK_CLOEXEC, 0);

        if (r < 0 && errno != EAFNOSUPPORT && errno != EPERM && errno != EACCES) {
                say("family %s ok", q->about);
                return;
        }
        say("family %s %s", q->about, error_words(r));
        if (r >= 0)
                close((int)r);
}

/* ---- calls ---- */

static void ask_call(const struct question *q)
{
        const long *a = q->arguments;
        long r = syscall(q->number, a[0], a[1], a[2], a[3], a[4], a[5]);

        say("call %s %s", q->about, error_words(r));
}

#define FAMILY(name)                                                                               \
        {                                                                                          \
                "family", #name, ask_family, name,                                                 \
                {                                                                                  \
                        0                                                                          \
                }                                                                                  \
        }
#define NAMESPACE(name)                                                                            \
        {                                                                                          \
                "namespace", name, ask_namespace, 0,                                               \
                {                                                                                  \
                        0                                                                          \
                }                                                                                  \
        }
/* Arguments with which the call fails before it does anything, whoever asks. */
#define CALL(name, ...)                                                                            \
        {                                                                                          \
                "call", #name, ask_call, SYS_##name,                                               \
                {                                                                                  \
                        __VA_ARGS__                                                                \
                }                                                                                  \
        }

/* clang-format off */
static const struct question questions[] = {
        { "status", "-", ask_status, 0, { 0 } },
        NAMESPACE("cgroup"), NAMESPACE("ipc"), NAMESPACE("mnt"), NAMESPACE("net"), NAMESPACE("pid"),
        NAMESPACE("user"), NAMESPACE("uts"),
        { "mounts", "-", ask_mounts, 0, { 0 } },
        { "devices", "-", ask_devices, 0, { 0 } },
        { "interfaces", "-", ask_interfaces, 0, { 0 } },
        FAMILY(AF_UNIX), FAMILY(AF_INET), FAMILY(AF_INET6), FAMILY(AF_NETLINK), FAMILY(AF_PACKET),
        FAMILY(AF_ALG), FAMILY(AF_VSOCK), FAMILY(AF_BLUETOOTH), FAMILY(AF_CAN),
        CALL(mount, 0, 0, 0, 0, 0),         CALL(umount2, 0, -1),
        CALL(swapon, 0, -1),                CALL(adjtimex, 0),
        CALL(clock_adjtime, -1, 0),         CALL(unshare, 1),
        CALL(setns, -1, 0),                 CALL(chroot, 0),
        CALL(setuid, -1),                   CALL(setresuid, -1, -1, -1),
        CALL(ptrace, -1, -1, 0, 0),         CALL(process_vm_readv, -1, 0, 0, 0, 0, -1),
        CALL(kcmp, -1, -1, -1, 0, 0),       CALL(keyctl, -1),
        CALL(add_key, 0, 0, 0, 0, 0),       CALL(request_key, 0, 0, 0, 0),
        CALL(io_uring_setup, 0, 0),         CALL(userfaultfd, -1),
        CALL(bpf, -1, 0, 0),                CALL(perf_event_open, 0, 0, 0, 0, 0),
        CALL(memfd_create, 0, -1),          CALL(fanotify_init, -1, 0),
        CALL(personality, 0xffffffff),      CALL(mlock, 0, 0),
        CALL(sched_setscheduler, -1, 0, 0), CALL(setpriority, -1, 0, 0),
        CALL(quotactl, -1, 0, 0, 0),        CALL(syslog, -1, 0, -1),
        CALL(pkey_alloc, -1, 0),            CALL(fchownat, -1, 0, -1, -1, 0),
        CALL(mknodat, -1, 0, 0, 0),         CALL(timer_create, -1, 0, 0),
        CALL(clone3, 0, 0),                 CALL(acct, 1),
};
/* clang-format on */

int look_main(int argc, char **argv)
{
        for (size_t i = 0; i < COUNT(questions); i++)
                ask(&questions[i]);
        for (int i = 1; i < argc; i++)
                ask(&(struct question){ "path", argv[i], ask_path, 0, { 0 } });
        return 0;
}
