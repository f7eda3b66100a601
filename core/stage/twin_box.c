/* twin_box.c - the box: a pid and mount namespace of its own, in which nspawn runs as
 * process 1.
 *
 * Its init has a parent-death signal, and it waits for a byte from a pipe whose other end
 * only gird has: whenever gird ends, and however, the kernel ends everything in the box. */
#include "core/stage/twin_private.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#define PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

enum {
        CONSOLE_SIZE = 256 << 10,
        LAST_WORDS = 2048,
        LINGER_TRIES = 200,
        LINGER_NS = 10 * 1000 * 1000,
};

static void report_text(struct report *r, char kind, int code, const char *fmt, va_list args)
{
        char text[400], line[480];
        int n;

        vsnprintf(text, sizeof(text), fmt, args);
        for (char *c = text; *c; c++)
                if (*c == '\n')
                        *c = ' ';
        n = snprintf(line, sizeof(line), "%c%d %s\n", kind, code, text);
        if (write(r->fd, line, (size_t)n) < 0)
                return; /* gird is gone, and so is the box */
}

void report_line(struct report *r, char kind, const char *fmt, ...)
{
        va_list args;

        va_start(args, fmt);
        report_text(r, kind, 0, fmt, args);
        va_end(args);
}

int report_fault(struct report *r, int code, const char *fmt, ...)
{
        va_list args;

        va_start(args, fmt);
        report_text(r, 'e', code, fmt, args);
        va_end(args);
        return code;
}

/* --- in the child ----------------------------------------------------------------------- */

void descriptors_keep(const int *kept, size_t count)
{
        unsigned from = 3;

        for (;;) {
                unsigned next = ~0U;

                for (size_t i = 0; i < count; i++)
                        if (kept[i] >= (int)from && (unsigned)kept[i] < next)
                                next = (unsigned)kept[i];
                if (next > from)
                        syscall(SYS_close_range, from, next == ~0U ? ~0U : next - 1, 0);
                if (next == ~0U)
                        return;
                from = next + 1;
        }
}

static void reset_process(int console)
{
        struct rlimit files;
        sigset_t none;
        int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

        setsid();
        umask(0022);
        for (int i = 1; i < NSIG; i++)
                signal(i, SIG_DFL);
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        dup2(nothing, STDIN_FILENO);
        dup2(console, STDOUT_FILENO);
        dup2(console, STDERR_FILENO);
        if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
                files.rlim_cur = files.rlim_max;
                setrlimit(RLIMIT_NOFILE, &files);
        }
        if (chdir("/") < 0)
                return;
}

/* No files of nspawn's own, no network, no terminal; nothing of the machine that is not in the
 * overlay.  facts/twin.md says why each. */
static const char *const nspawn[] = {
        "systemd-nspawn",
        "--quiet",
        "--settings=no",
        "--register=no",
        "--keep-unit",
        "--private-network",
        "--link-journal=no",
        "--resolv-conf=off",
        "--timezone=off",
        "--console=pipe",
        "--notify-ready=yes",
        "--drop-capability=CAP_MKNOD",
        "--capability=CAP_IPC_LOCK",
        "--bind=" BOX "/stage/system:/run/systemd/system",
        "--bind=" BOX "/stage/control:/run/systemd/system.control",
        "--bind=" BOX "/stage/journald:/run/systemd/journald.conf.d",
        "--directory=" BOX "/root",
        "--boot",
};

/* For the twin's systemd and its generators. */
static const char *const words[] = {
        "--",
        "systemd.unit=gird-twin.target",
        "systemd.firstboot=no",
        "fstab=no",
        "systemd.swap=no",
        "systemd.gpt_auto=no",
        "luks=no",
        "systemd.verity=no",
        "systemd.mask=NetworkManager-wait-online.service",
        "systemd.mask=systemd-networkd-wait-online.service",
        "systemd.mask=ifupdown-wait-online.service",
        "systemd.mask=systemd-time-wait-sync.service",
        "systemd.mask=cloud-init-local.service",
        "systemd.mask=cloud-init-main.service",
        "systemd.mask=cloud-init-network.service",
        "systemd.mask=cloud-init.service",
        "systemd.mask=cloud-config.service",
        "systemd.mask=cloud-final.service",
};

/* The twin of this machine goes by its name, where that can be one. */
static int add_hostname(char ***argv)
{
        char name[HOST_NAME_MAX + 1] = { 0 };

        if (gethostname(name, sizeof(name) - 1) < 0 || !name[0] || name[0] == '-' ||
            name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-")])
                return 0;
        return strv_addf(argv, "--hostname=%s", name);
}

static int make_argv(const struct box_options *o, char ***ret)
{
        scoped(strv_freep) char **argv = NULL;
        int r = 0;

        for (size_t i = 0; r == 0 && i < COUNT(nspawn); i++)
                r = strv_add(&argv, nspawn[i]);
        if (r == 0)
                r = strv_addf(&argv, "--machine=%s", o->name);
        if (r == 0 && o->tree->is_host)
                r = add_hostname(&argv);
        if (r == 0 && !o->no_bpf)
                r = strv_add(&argv, "--system-call-filter=bpf");
        for (size_t i = 0; r == 0 && i < COUNT(words); i++)
                r = strv_add(&argv, words[i]);
        if (r == 0)
                *ret = take(argv);
        return r;
}

static int exec_nspawn(const struct box_options *o, struct report *report)
{
        scoped(strv_freep) char **argv = NULL;
        scoped(strv_freep) char **env = NULL;
        int r = make_argv(o, &argv);

        if (r == 0) /* in the environment of its own, and for finding it */
                r = strv_add(&env, "PATH=" PATH) < 0 || setenv("PATH", PATH, 1) < 0 ? -ENOMEM : 0;
        if (r == 0)
                r = strv_add(&env, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1");
        if (r == 0)
                r = strv_add(&env, "LC_ALL=C.UTF-8");
        if (r == 0)
                r = strv_addf(&env, "NOTIFY_SOCKET=@%s", o->socket);
        if (r < 0)
                return report_fault(report, r, "out of memory");
        execvpe(argv[0], argv, env);
        if (errno == ENOENT)
                return report_fault(report, 1,
                                    "systemd-nspawn is not installed; install the package "
                                    "systemd-container");
        return report_fault(report, -errno, "cannot run systemd-nspawn: %s", strerror(errno));
}

/* gird ended while the machine's systemd made a scope around this process.  One that adopts a
 * dead process never hears that it is empty, and stays: so it gets a living one first. */
static void linger(const char *name)
{
        scoped(mem_freep) char *scope = text_format("/%s.scope", name);

        for (int i = 0; scope && i < LINGER_TRIES; i++) {
                scoped(mem_freep) char *group = NULL;

                if (cgroup_of(0, &group, NULL) == 0 && text_ends(group, scope))
                        return;
                nanosleep(&(struct timespec){ .tv_nsec = LINGER_NS }, NULL);
        }
}

/* The byte comes when this process is in its control group.  Its end instead: gird is gone. */
static void wait_for_go(const struct box_options *o, int go)
{
        struct pollfd end = { .fd = go, .events = POLLIN };
        char byte;
        ssize_t n;

        do
                n = read(go, &byte, 1);
        while (n < 0 && errno == EINTR);
        if (n != 1) {
                if (o->scope)
                        linger(o->name);
                _exit(1);
        }
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        /* Or it ended before the signal was asked for. */
        if (poll(&end, 1, 0) != 0)
                _exit(1);
}

static void box_main(const struct box_options *o, int go, int reports, int console)
{
        struct report report = { .fd = reports };
        const int kept[] = { go, reports, console, o->tree->fd, o->upper->disk };
        int r;

        prctl(PR_SET_NAME, "gird-twin");
        descriptors_keep(kept, COUNT(kept));
        reset_process(console);
        wait_for_go(o, go);
        report_line(&report, 's', "covering the file systems");
        r = mounts_build(o->tree, o->upper, &report);
        if (r == 0) {
                report_line(&report, 's', "starting systemd-nspawn");
                exec_nspawn(o, &report);
        }
        _exit(1);
}

/* --- in gird ---------------------------------------------------------------------------- */

/* A file of fixed size instead of a pipe: nobody ever has to drain it, and a twin that
 * prints without end fills it and no more. */
static int open_console(void)
{
        int fd = memfd_create("gird-console", MFD_CLOEXEC | MFD_ALLOW_SEALING);

        if (fd < 0)
                return -errno;
        if (ftruncate(fd, CONSOLE_SIZE) < 0 ||
            fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) < 0) {
                close(fd);
                return -errno;
        }
        return fd;
}

static pid_t clone_box(int *ret_fd)
{
        struct clone_args args = {
                .flags = CLONE_NEWPID | CLONE_NEWNS | CLONE_PIDFD,
                .pidfd = (uint64_t)(uintptr_t)ret_fd,
                .exit_signal = SIGCHLD,
        };

        return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

static int refuse_clone(int code, struct err *e)
{
        if (code == EPERM)
                return err_say(e, 1,
                               "this container does not let root make namespaces, so no twin can "
                               "be made in it");
        if (code == ENOSPC || code == EUSERS)
                return err_say(e, 1,
                               "nested too deep, or too many namespaces: the kernel makes no "
                               "further one");
        if (code == ENOSYS)
                return err_say(e, 1,
                               "this kernel or container has no clone3 system call, which a twin "
                               "needs");
        return err_set(e, -code, "cannot start the twin's box");
}

int box_open(const struct box_options *o, struct box *ret, struct err *e)
{
        struct box b = { .fd = -1, .go = -1, .reports = -1, .console = -1 };
        scoped(fd_closep) int go = -1, reports = -1;
        int pair[2];
        int r = 0;

        if (pipe2(pair, O_CLOEXEC) < 0)
                return err_set(e, -errno, "cannot start the twin's box");
        go = pair[0];
        b.go = pair[1];
        b.console = open_console();
        if (b.console < 0 || pipe2(pair, O_CLOEXEC) < 0)
                r = b.console < 0 ? b.console : -errno;
        else {
                b.reports = pair[0];
                reports = pair[1];
                fcntl(b.reports, F_SETFL, O_NONBLOCK);
                b.pid = clone_box(&b.fd);
                if (b.pid == 0)
                        box_main(o, go, reports, b.console);
                if (b.pid < 0)
                        r = refuse_clone(errno, e);
        }
        if (r != 0) {
                b.pid = 0;
                box_done(&b);
                return r < 0 ? err_set(e, r, "cannot start the twin's box") : r;
        }
        *ret = b;
        return 0;
}

int box_go(struct box *b, struct err *e)
{
        ssize_t n = write(b->go, "g", 1);

        return n == 1 ? 0 : err_set(e, n < 0 ? -errno : -EIO, "cannot start the twin's box");
}

static void take_line(struct box *b, char *line)
{
        char *text = strchr(line, ' ');

        if (!line[0] || !text)
                return;
        text++;
        if (line[0] == 's')
                text_printable(b->step, sizeof(b->step), text);
        else if (line[0] == 'n')
                (void)strv_add(&b->notes, text);
        else if (line[0] == 'e')
                err_say(&b->failure, atoi(line + 1), "%s", text);
}

void box_listen(struct box *b)
{
        char bytes[4096];
        ssize_t n;

        while (b->reports >= 0) {
                n = read(b->reports, bytes, sizeof(bytes));
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        break;
                if (n == 0) { /* it came to exec, or ended */
                        close(b->reports);
                        b->reports = -1;
                } else
                        text_addn(&b->pending, bytes, (size_t)n);
        }
        for (char *end; b->pending.chars && (end = strchr(b->pending.chars, '\n'));) {
                size_t used = (size_t)(end - b->pending.chars) + 1;

                *end = '\0';
                take_line(b, b->pending.chars);
                b->pending.length -= used;
                memmove(b->pending.chars, end + 1, b->pending.length + 1);
        }
}

void box_kill(struct box *b)
{
        struct pollfd end = { .fd = b->fd, .events = POLLIN };

        if (b->pid <= 0)
                return;
        /* Process 1 of a namespace takes all others of it along, and the kernel tells its
         * end only after theirs. */
        syscall(SYS_pidfd_send_signal, b->fd, SIGKILL, NULL, 0);
        for (int i = 0; i < 100 && poll(&end, 1, 100) <= 0; i++)
                ;
        while (waitpid(b->pid, NULL, WNOHANG) < 0 && errno == EINTR)
                ;
        b->pid = 0;
}

void box_done(struct box *b)
{
        box_kill(b);
        fd_closep(&b->fd);
        fd_closep(&b->go);
        fd_closep(&b->reports);
        fd_closep(&b->console);
        strv_free(b->notes);
        text_done(&b->pending);
        *b = (struct box){ .fd = -1, .go = -1, .reports = -1, .console = -1 };
}

char *box_last_words(const struct box *b)
{
        char bytes[LAST_WORDS + 1];
        off_t end = lseek(b->console, 0, SEEK_CUR);
        off_t from = end > LAST_WORDS ? end - LAST_WORDS : 0;
        ssize_t n = end > 0 ? pread(b->console, bytes, (size_t)(end - from), from) : 0;
        char *line;

        if (n <= 0)
                return NULL;
        while (n > 0 && strchr("\r\n ", bytes[n - 1]))
                n--;
        bytes[n] = '\0';
        line = strrchr(bytes, '\n');
        return n > 0 ? text_printable_dup(line ? line + 1 : bytes) : NULL;
}
