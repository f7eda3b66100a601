/* infer_needs.c - which capabilities a unit needs: by the checks that were granted, by what its
 * calls need where checks were not seen, and by what it is bound to do one day. */
#include "core/observe/infer_privileges.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#define CAP(n) (UINT64_C(1) << (n))
enum {
        CAP_CHOWN = 0,
        CAP_DAC_OVERRIDE = 1,
        CAP_DAC_READ_SEARCH = 2,
        CAP_FOWNER = 3,
        CAP_FSETID = 4,
        CAP_KILL = 5,
        CAP_SETGID = 6,
        CAP_SETUID = 7,
        CAP_SETPCAP = 8,
        CAP_NET_BIND_SERVICE = 10,
        CAP_NET_ADMIN = 12,
        CAP_NET_RAW = 13,
        CAP_IPC_LOCK = 14,
        CAP_SYS_MODULE = 16,
        CAP_SYS_RAWIO = 17,
        CAP_SYS_CHROOT = 18,
        CAP_SYS_PTRACE = 19,
        CAP_SYS_PACCT = 20,
        CAP_SYS_ADMIN = 21,
        CAP_SYS_BOOT = 22,
        CAP_SYS_NICE = 23,
        CAP_SYS_RESOURCE = 24,
        CAP_SYS_TIME = 25,
        CAP_SYS_TTY_CONFIG = 26,
        CAP_MKNOD = 27,
        CAP_AUDIT_WRITE = 29,
        CAP_SYSLOG = 34,
        CAP_BPF = 39,
        NEW_USER = 0x10000000, /* CLONE_NEWUSER */
        CAPBSET_DROP = 24,     /* prctl() */
        SET_SECUREBITS = 28,
        NETLINK_AUDIT = 9,
        LAST_RESERVED = 1023,
        FORMAT = 0170000, /* S_IFMT */
};

/* Calls that cannot be made with success without a capability. */
static const struct {
        const char *calls;
        unsigned cap;
        bool blind; /* they often can: only where checks were not seen */
} rows[] = {
        /* clang-format off */
        { "mount umount umount2 move_mount open_tree fsopen fsconfig fsmount fspick mount_setattr "
          "pivot_root swapon swapoff setns sethostname setdomainname quotactl quotactl_fd "
          "lookup_dcookie",                                          CAP_SYS_ADMIN,      false },
        { "chroot",                                                  CAP_SYS_CHROOT,     false },
        { "init_module finit_module delete_module create_module",    CAP_SYS_MODULE,     false },
        { "settimeofday stime clock_settime clock_settime64",        CAP_SYS_TIME,       false },
        { "reboot kexec_load kexec_file_load",                       CAP_SYS_BOOT,       false },
        { "iopl ioperm",                                             CAP_SYS_RAWIO,      false },
        { "acct",                                                    CAP_SYS_PACCT,      false },
        { "vhangup",                                                 CAP_SYS_TTY_CONFIG, false },
        { "open_by_handle_at",                                       CAP_DAC_READ_SEARCH, false },
        { "adjtimex clock_adjtime clock_adjtime64",                  CAP_SYS_TIME,       true },
        { "syslog",                                                  CAP_SYSLOG,         true },
        { "bpf",                                                     CAP_BPF,            true },
        { "@chown",                                                  CAP_CHOWN,          true },
        { "chmod fchmod fchmodat fchmodat2 utime utimes utimensat futimesat",
                                                                     CAP_FOWNER,         true },
        { "chmod fchmod fchmodat fchmodat2",                         CAP_FSETID,         true },
        { "setuid setuid32 setreuid setreuid32 setresuid setresuid32 setfsuid setfsuid32",
                                                                     CAP_SETUID,         true },
        { "setgid setgid32 setregid setregid32 setresgid setresgid32 setfsgid setfsgid32 "
          "setgroups setgroups32",                                   CAP_SETGID,         true },
        { "capset",                                                  CAP_SETPCAP,        true },
        { "setrlimit",                                               CAP_SYS_RESOURCE,   true },
        { "setpriority nice sched_setscheduler sched_setparam sched_setattr ioprio_set",
                                                                     CAP_SYS_NICE,       true },
        { "mlock mlock2 mlockall",                                   CAP_IPC_LOCK,       true },
        { "ptrace process_vm_readv process_vm_writev kcmp pidfd_getfd",
                                                                     CAP_SYS_PTRACE,     true },
        { "unshare",                                                 CAP_SYS_ADMIN,      true },
        { "setxattr lsetxattr fsetxattr fanotify_init",              CAP_SYS_ADMIN,      true },
        /* clang-format on */
};

void needed_done(struct needed *n)
{
        strv_free(n->why);
}

static void keep(struct needed *n, unsigned cap, const struct act *witness)
{
        n->caps |= CAP(cap);
        if (!n->last || (witness && witness->first > n->last->first))
                n->last = witness;
}

static int guess(struct needed *n, unsigned cap, const char *why)
{
        if (n->caps & CAP(cap))
                return 0;
        n->caps |= CAP(cap);
        n->guessed |= CAP(cap);
        return strv_addf(&n->why, "%s is kept: %s", capability_name(cap), why);
}

/* Whether a call did what it was asked for at least once: made counts every time, the failures are
 * counted each by its error. */
static bool succeeded(const struct behaviour *b, const struct act *made)
{
        uint64_t failed = 0;

        for (const struct act *a = behaviour_first(b, ACT_CALL); a; a = behaviour_next(b, a))
                if (a->error != 0 && a->name && strcmp(a->name, made->name) == 0)
                        failed += a->count;
        return made->count > failed;
}

const struct act *find_success(const struct inference *in, const char *calls)
{
        const struct behaviour *b = in->o->behaviour;
        const struct act *found = NULL;
        struct call_set set = { 0 };

        if (call_set_fill(&set, in->o->dialect, calls) < 0)
                return NULL;
        for (const struct act *a = behaviour_first(b, ACT_CALL); a; a = behaviour_next(b, a))
                if (a->error == 0 && a->name && act_counts(a) && call_set_has(&set, a->name) &&
                    (!found || a->first < found->first) && succeeded(b, a))
                        found = a;
        return found;
}

const struct act *find_drop(const struct inference *in)
{
        const struct behaviour *b = in->o->behaviour;

        if (!in->root_user)
                return NULL;
        for (size_t i = 0; i < b->act_count; i++)
                if (b->acts[i].uid != 0 && act_counts(&b->acts[i]))
                        return &b->acts[i];
        return NULL;
}

const struct act *find_gain(const struct inference *in, unsigned gains)
{
        const struct behaviour *b = in->o->behaviour;

        for (const struct act *a = behaviour_first(b, ACT_EXEC); a; a = behaviour_next(b, a))
                if (a->a & gains && a->error == 0)
                        return a;
        return NULL;
}

/* In a user namespace of its own a process has every capability there, which needs none here. */
static bool makes_users(const struct inference *in)
{
        return find_args(in, "unshare", NEW_USER, NEW_USER) ||
               find_args(in, "clone", NEW_USER, NEW_USER) ||
               find_args(in, "clone3", NEW_USER, NEW_USER);
}

static int by_checks(const struct inference *in, struct needed *n)
{
        const struct behaviour *b = in->o->behaviour;

        for (const struct act *a = behaviour_first(b, ACT_CAP); a; a = behaviour_next(b, a)) {
                if (a->a >= 64 || a->c == 1)
                        continue;
                if (a->flags & ACT_BY_TWIN && a->error != 0)
                        n->by_twin |= CAP(a->a);
                if (!act_counts(a) || a->error != 0)
                        continue;
                keep(n, (unsigned)a->a, a);
                n->checked |= CAP(a->a);
        }
        n->by_twin &= ~n->caps;
        n->caps |= n->by_twin;
        for (unsigned i = 0; i < 64; i++) {
                int r = 0;

                if (n->by_twin & CAP(i) && capability_name(i))
                        r = strv_addf(&n->why,
                                      "%s is kept: it was asked for, and the twin has it "
                                      "not",
                                      capability_name(i));
                if (r < 0)
                        return r;
        }
        return 0;
}

static bool privileged_port(const struct act *a)
{
        return (a->a == AF_INET || a->a == AF_INET6) && a->error == 0 && a->c > 0 &&
               a->c <= LAST_RESERVED && act_counts(a);
}

static bool raw_socket(const struct act *a)
{
        unsigned type = (unsigned)a->b;

        if (a->error != 0 || !act_counts(a))
                return false;
        return a->a == AF_PACKET || ((a->a == AF_INET || a->a == AF_INET6) && type == SOCK_RAW);
}

static bool audit_socket(const struct act *a)
{
        return a->a == AF_NETLINK && a->c == NETLINK_AUDIT && a->error == 0;
}

static bool other_user(const struct act *a)
{
        return a->b & SIGNAL_OTHER_UID && a->error == 0;
}

/* A device node in /dev was made, not only opened. */
static bool made_device(const struct act *a)
{
        return a->error == 0 && a->name && text_starts(a->name, "mknod") && act_counts(a) &&
               ((a->a & FORMAT) == 0020000 || (a->a & FORMAT) == 0060000);
}

/* Content read or written although neither owner nor mode allow it: by a capability. */
static bool by_dac(const struct act *a)
{
        if (a->error != 0 || a->uid != 0 || a->owner == 0 || !(a->mode & FORMAT) || !act_counts(a))
                return false;
        if (a->a & ACCESS_WRITE)
                return !(a->mode & 0002);
        return a->a & ACCESS_READ && !(a->mode & 0004);
}

/* The kernel asks when it is opened; the stand-in that a container has for it does not. */
static bool kernel_log(const struct act *a)
{
        return a->error == 0 && a->text && strcmp(a->text, "/proc/kmsg") == 0 && a->a & ACCESS_READ;
}

static void by_kind(const struct inference *in, enum act_kind kind, unsigned cap,
                    bool (*matters)(const struct act *a), struct needed *n)
{
        const struct behaviour *b = in->o->behaviour;

        for (const struct act *a = behaviour_first(b, kind); a; a = behaviour_next(b, a))
                if (matters(a) && !(n->caps & CAP(cap)))
                        keep(n, cap, a);
}

static void by_calls(const struct inference *in, struct needed *n)
{
        bool blind = !in->coverage.capabilities;

        /* Where it makes namespaces of users, the checks alone tell one from the other. */
        if (makes_users(in) && !blind)
                return;
        for (size_t i = 0; i < COUNT(rows); i++) {
                const struct act *a = NULL;

                if (!(n->caps & CAP(rows[i].cap)) && (blind || !rows[i].blind))
                        a = find_success(in, rows[i].calls);
                /* Another user than root has no capability to call with, unless it was given. */
                if (a && (a->uid == 0 || !rows[i].blind))
                        keep(n, rows[i].cap, a);
        }
        by_kind(in, ACT_BIND, CAP_NET_BIND_SERVICE, privileged_port, n);
        by_kind(in, ACT_SOCKET, CAP_NET_RAW, raw_socket, n);
        by_kind(in, ACT_SIGNAL, CAP_KILL, other_user, n);
        by_kind(in, ACT_ARGS, CAP_MKNOD, made_device, n);
        by_kind(in, ACT_PATH, CAP_SYSLOG, kernel_log, n);
        if (blind)
                by_kind(in, ACT_PATH, CAP_DAC_OVERRIDE, by_dac, n);
}

/* Capabilities of a program's file: with one of them missing from the bounding set, the kernel may
 * refuse to execute it at all. */
static void by_files(const struct inference *in, struct needed *n)
{
        const struct behaviour *b = in->o->behaviour;

        for (const struct act *a = behaviour_first(b, ACT_EXEC); a; a = behaviour_next(b, a)) {
                if (a->a & GAIN_FILECAPS) {
                        n->caps |= a->b;
                        n->checked |= a->b;
                }
                if (a->a & (GAIN_SETUID | GAIN_FILECAPS) && !in->coverage.capabilities)
                        n->all = true;
        }
}

static bool makes_logs(const struct inference *in, const struct act *a)
{
        (void)in;
        return a->error == 0 && a->uid == 0;
}

/* What is certain to come although it was not watched: see facts/shh.md 2 for the first three. */
static int by_experience(const struct inference *in, struct needed *n)
{
        bool drops = find_drop(in);
        bool reload = has_exec(in, "ExecReload") && !in->coverage.reload;
        int r = 0;

        if (drops && (reload || !in->coverage.stop))
                r = guess(
                        n, CAP_KILL,
                        reload ? "its reload was not seen, and it may signal a process of another "
                                 "user"
                               : "its stop was not seen, and it may signal a process of another "
                                 "user");
        if (r == 0 && drops &&
            find_path_if(in, "/var/log", ACCESS_WRITE | ACCESS_CREATE, makes_logs))
                r = guess(n, CAP_CHOWN,
                          "it writes logs as root and works as another user, to whom a new log is "
                          "handed over");
        if (r == 0 &&
            (find_args(in, "prctl", UINT64_MAX, CAPBSET_DROP) ||
             find_args(in, "prctl", UINT64_MAX, SET_SECUREBITS)) &&
            (in->root_user || n->checked))
                r = guess(n, CAP_SETPCAP, "it gives up capabilities itself");
        if (r == 0 && in->root_user && find_path(in, "/etc/pam.d /usr/lib/pam.d", ACCESS_READ))
                r = guess(n, CAP_AUDIT_WRITE, "it uses PAM, which tells the audit log");
        for (const struct act *a = behaviour_first(in->o->behaviour, ACT_SOCKET); a && r == 0;
             a = behaviour_next(in->o->behaviour, a))
                if (audit_socket(a) && in->root_user)
                        r = guess(n, CAP_AUDIT_WRITE, "it opened a socket to the audit log");
        return r;
}

int needed_caps(const struct inference *in, struct needed *ret)
{
        struct needed n = { 0 };
        int r = by_checks(in, &n);

        by_calls(in, &n);
        by_files(in, &n);
        if (r == 0)
                r = by_experience(in, &n);
        if (r < 0) {
                needed_done(&n);
                return r;
        }
        /* What the unit gives as ambient must be in the bounding set, or the start may fail. */
        if (in->o->unit->settings[D_AmbientCapabilities].value.set)
                n.caps |= in->o->unit->settings[D_AmbientCapabilities].value.bits;
        n.caps &= capability_all(in->o->dialect);
        *ret = n;
        return 0;
}
