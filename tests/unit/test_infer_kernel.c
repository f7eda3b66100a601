/* test_infer_kernel.c - kernel, namespaces, processes and the rest: a unit that does the thing,
 * and one that does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/acts.h"

#include "core/base/base.h"
#include "core/base/text.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>

#define NEW_TIME 0x80

/* ---- one act against one directive ---- */

/* clang-format off */
static const struct {
        const char *directive;
        unsigned major;
        struct act act;
        enum advice_verdict verdict;
        const char *value;
} rows[] = {
#define PATH(p, bits)       { .kind = ACT_PATH, .text = (char *)(p), .a = (bits), .flags = ACT_RESOLVED }
#define FAILED(p, bits, e)  { .kind = ACT_PATH, .text = (char *)(p), .a = (bits), .error = (e) }
#define CALL(n)             { .kind = ACT_CALL, .name = (char *)(n) }
#define ARGS(n, x, y)       { .kind = ACT_ARGS, .name = (char *)(n), .a = (x), .b = (y) }
#define CAP(n)              { .kind = ACT_CAP, .name = (char *)"CAP", .a = (n) }
        /* the name */
        { "ProtectHostname", 257, CALL("sethostname"),                      ADVICE_BREAKS, "yes" },
        { "ProtectHostname", 257, PATH("/proc/sys/kernel/hostname", ACCESS_WRITE), ADVICE_BREAKS, "yes" },
        { "ProtectHostname", 257, PATH("/proc/sys/kernel/hostname", ACCESS_READ), ADVICE_SAFE, "yes" },
        { "ProtectHostname", 262, CALL("uname"),                            ADVICE_SAFE, "yes" },
        /* the clock: reading is refused as well */
        { "ProtectClock", 257, CALL("clock_settime"),                       ADVICE_BREAKS, "yes" },
        { "ProtectClock", 257, CALL("adjtimex"),                            ADVICE_BREAKS, "yes" },
        { "ProtectClock", 257, CALL("clock_gettime"),                       ADVICE_SAFE, "yes" },
        { "ProtectClock", 257, PATH("/dev/rtc0", ACCESS_WRITE),             ADVICE_BREAKS, "yes" },
        { "ProtectClock", 257, PATH("/dev/rtc0", ACCESS_READ),              ADVICE_SAFE, "yes" },
        { "ProtectClock", 257, CAP(25),                                     ADVICE_BREAKS, "yes" },
        { "ProtectClock", 257, ARGS("timerfd_create", 8, 0),                ADVICE_BREAKS, "yes" },
        { "ProtectClock", 257, ARGS("timerfd_create", 1, 0),                ADVICE_SAFE, "yes" },
        /* tunables */
        { "ProtectKernelTunables", 257, PATH("/proc/sys/net/ipv4/ip_forward", ACCESS_WRITE), ADVICE_BREAKS, "yes" },
        { "ProtectKernelTunables", 257, PATH("/proc/sys/net/ipv4/ip_forward", ACCESS_READ), ADVICE_SAFE, "yes" },
        { "ProtectKernelTunables", 257, PATH("/sys/class/net/eth0/mtu", ACCESS_WRITE), ADVICE_BREAKS, "yes" },
        { "ProtectKernelTunables", 257, PATH("/sys/fs/cgroup/x/cgroup.procs", ACCESS_WRITE), ADVICE_SAFE, "yes" },
        { "ProtectKernelTunables", 257, PATH("/proc/irq/7/smp_affinity", ACCESS_WRITE), ADVICE_BREAKS, "yes" },
        { "ProtectKernelTunables", 257, PATH("/proc/kallsyms", ACCESS_READ), ADVICE_BREAKS, "yes" },
        { "ProtectKernelTunables", 257, PATH("/proc/PID/oom_score_adj", ACCESS_WRITE), ADVICE_SAFE, "yes" },
        { "ProtectKernelTunables", 257, FAILED("/sys/x", ACCESS_WRITE, EROFS), ADVICE_SAFE, "yes" },
        /* modules */
        { "ProtectKernelModules", 257, CALL("finit_module"),                ADVICE_BREAKS, "yes" },
        { "ProtectKernelModules", 257, PATH("/usr/lib/modules/6.1/modules.dep", ACCESS_READ), ADVICE_BREAKS, "yes" },
        { "ProtectKernelModules", 257, CAP(16),                             ADVICE_BREAKS, "yes" },
        { "ProtectKernelModules", 257, PATH("/usr/lib/modules.conf", ACCESS_READ), ADVICE_SAFE, "yes" },
        { "ProtectKernelModules", 257, { .kind = ACT_EXEC, .text = (char *)"/usr/sbin/modprobe" }, ADVICE_BREAKS, "yes" },
        { "ProtectKernelModules", 257, { .kind = ACT_EXEC, .text = (char *)"/usr/bin/true" }, ADVICE_SAFE, "yes" },
        /* logs */
        { "ProtectKernelLogs", 257, CALL("syslog"),                         ADVICE_BREAKS, "yes" },
        { "ProtectKernelLogs", 257, PATH("/dev/kmsg", ACCESS_WRITE),        ADVICE_BREAKS, "yes" },
        { "ProtectKernelLogs", 257, PATH("/proc/kmsg", ACCESS_READ),        ADVICE_BREAKS, "yes" },
        { "ProtectKernelLogs", 257, CAP(34),                                ADVICE_BREAKS, "yes" },
        { "ProtectKernelLogs", 257, PATH("/dev/log", ACCESS_CONNECT),       ADVICE_SAFE, "yes" },
        /* cgroups: what each value refuses */
        { "ProtectControlGroups", 257, PATH("/etc/app", ACCESS_READ),       ADVICE_SAFE, "strict" },
        { "ProtectControlGroups", 252, PATH("/etc/app", ACCESS_READ),       ADVICE_SAFE, "yes" },
        { "ProtectControlGroups", 257, PATH("/sys/fs/cgroup/system.slice/app.service/memory.max", ACCESS_READ), ADVICE_SAFE, "strict" },
        { "ProtectControlGroups", 257, PATH("/sys/fs/cgroup/system.slice/memory.current", ACCESS_READ), ADVICE_SAFE, "yes" },
        { "ProtectControlGroups", 257, PATH("/sys/fs/cgroup/system.slice/app.service/sub", ACCESS_CREATE), ADVICE_SAFE, "private" },
        { "ProtectControlGroups", 252, PATH("/sys/fs/cgroup/system.slice/app.service/sub", ACCESS_CREATE), ADVICE_BREAKS, "yes" },
        { "ProtectControlGroups", 257, PATH("/sys/fs/cgroup/system.slice/other.service/cgroup.procs", ACCESS_WRITE), ADVICE_BREAKS, "private" },
        /* /proc */
        { "ProtectProc", 257, PATH("/proc/PID/status", ACCESS_READ),        ADVICE_SAFE, "invisible" },
        { "ProtectProc", 257, { .kind = ACT_PATH, .text = (char *)"/proc/PID/stat", .a = ACCESS_READ, .flags = ACT_OTHER_PROC }, ADVICE_BREAKS, "noaccess" },
        { "ProtectProc", 257, PATH("/proc", ACCESS_READ),                   ADVICE_SAFE, "noaccess" },
        { "ProcSubset", 257, PATH("/proc/PID/stat", ACCESS_READ),           ADVICE_SAFE, "pid" },
        { "ProcSubset", 257, PATH("/proc/self/maps", ACCESS_READ),          ADVICE_SAFE, "pid" },
        { "ProcSubset", 257, PATH("/proc", ACCESS_READ),                    ADVICE_SAFE, "pid" },
        { "ProcSubset", 257, PATH("/proc/meminfo", ACCESS_READ),            ADVICE_BREAKS, "pid" },
        { "ProcSubset", 257, PATH("/proc/sys/kernel/random/uuid", ACCESS_READ), ADVICE_BREAKS, "pid" },
        { "ProcSubset", 257, FAILED("/proc/stat", ACCESS_READ, ENOENT),     ADVICE_BREAKS, "pid" },
        { "ProcSubset", 257, PATH("/proc/PID/net/dev", ACCESS_READ),        ADVICE_UNKNOWN, "pid" },
        /* personality */
        { "LockPersonality", 257, ARGS("personality", 0x0040000, 0),        ADVICE_BREAKS, "yes" },
        { "LockPersonality", 257, ARGS("personality", 0, 0),                ADVICE_SAFE, "yes" },
        { "LockPersonality", 257, ARGS("personality", 0xffffffff, 0),       ADVICE_UNKNOWN, "yes" },
        /* memory */
        { "MemoryDenyWriteExecute", 257, ARGS("mmap", PROT_WRITE | PROT_EXEC, 0), ADVICE_BREAKS, "yes" },
        { "MemoryDenyWriteExecute", 257, ARGS("mmap", PROT_READ | PROT_EXEC, 0), ADVICE_SAFE, "yes" },
        { "MemoryDenyWriteExecute", 257, ARGS("mprotect", PROT_READ | PROT_EXEC, 0), ADVICE_BREAKS, "yes" },
        { "MemoryDenyWriteExecute", 257, ARGS("mprotect", PROT_READ, 0),    ADVICE_SAFE, "yes" },
        { "MemoryDenyWriteExecute", 257, ARGS("pkey_mprotect", PROT_EXEC, 0), ADVICE_BREAKS, "yes" },
        { "MemoryDenyWriteExecute", 257, ARGS("shmat", SHM_EXEC, 0),        ADVICE_BREAKS, "yes" },
        /* scheduling */
        { "RestrictRealtime", 257, ARGS("sched_setscheduler", SCHED_FIFO, 0), ADVICE_BREAKS, "yes" },
        { "RestrictRealtime", 257, ARGS("sched_setscheduler", SCHED_RR | SCHED_RESET_ON_FORK, 0), ADVICE_BREAKS, "yes" },
        { "RestrictRealtime", 257, ARGS("sched_setscheduler", SCHED_BATCH, 0), ADVICE_SAFE, "yes" },
        { "RestrictRealtime", 257, CALL("sched_setattr"),                   ADVICE_UNKNOWN, "yes" },
        { "RestrictRealtime", 257, ARGS("sched_setattr", SCHED_OTHER, 0),   ADVICE_SAFE, "yes" },
        { "RestrictRealtime", 257, ARGS("sched_setattr", 6, 0),             ADVICE_BREAKS, "yes" },
        { "RestrictRealtime", 262, CALL("sched_setattr"),                   ADVICE_BREAKS, "yes" },
        /* namespaces */
        { "RestrictNamespaces", 257, ARGS("clone", SIGCHLD, 0),             ADVICE_SAFE, "yes" },
        { "RestrictNamespaces", 257, ARGS("clone", NEW_TIME, 0),            ADVICE_SAFE, "yes" },
        { "RestrictNamespaces", 257, ARGS("unshare", CLONE_NEWNS | CLONE_FS, 0), ADVICE_SAFE, "mnt" },
        { "RestrictNamespaces", 257, ARGS("clone", CLONE_NEWUSER | CLONE_NEWNET | SIGCHLD, 0), ADVICE_SAFE, "net user" },
        { "RestrictNamespaces", 257, ARGS("unshare", NEW_TIME, 0),          ADVICE_SAFE, "time" },
        { "RestrictNamespaces", 257, ARGS("setns", CLONE_NEWNET, CLONE_NEWNET), ADVICE_SAFE, "net" },
        { "RestrictNamespaces", 257, ARGS("setns", CLONE_NEWNET, 0),        ADVICE_UNKNOWN, "net" },
        { "RestrictNamespaces", 257, ARGS("setns", 0, 0),                   ADVICE_BREAKS, "yes" },
        { "RestrictNamespaces", 257, ARGS("clone3", CLONE_NEWPID, 0),       ADVICE_UNKNOWN, "pid" },
        { "RestrictNamespaces", 257, ARGS("unshare", 0x7e020000, 0),        ADVICE_SAFE, "cgroup ipc net mnt pid user uts" },
        { "RestrictNamespaces", 257, ARGS("unshare", 0x7e020080, 0),        ADVICE_BREAKS, "yes" },
        { "RestrictNamespaces", 247, ARGS("unshare", 0x7e020000, 0),        ADVICE_BREAKS, "yes" },
        /* IPC */
        { "PrivateIPC", 257, ARGS("shmget", IPC_PRIVATE, IPC_CREAT),        ADVICE_SAFE, "yes" },
        { "PrivateIPC", 257, ARGS("shmget", 5432001, 0600),                 ADVICE_BREAKS, "yes" },
        { "PrivateIPC", 257, ARGS("shmget", 5432001, IPC_CREAT | IPC_EXCL), ADVICE_UNKNOWN, "yes" },
        { "PrivateIPC", 257, CALL("semget"),                                ADVICE_UNKNOWN, "yes" },
        { "PrivateIPC", 257, CALL("mq_open"),                               ADVICE_UNKNOWN, "yes" },
        /* process ids */
        { "PrivatePIDs", 257, PATH("/proc/PID/stat", ACCESS_READ),          ADVICE_SAFE, "yes" },
        { "PrivatePIDs", 257, { .kind = ACT_SIGNAL, .a = SIGHUP, .b = SIGNAL_OUTSIDE }, ADVICE_BREAKS, "yes" },
        { "PrivatePIDs", 257, { .kind = ACT_SIGNAL, .a = SIGHUP },          ADVICE_SAFE, "yes" },
        { "PrivatePIDs", 257, { .kind = ACT_PATH, .text = (char *)"/proc/PID/stat", .a = ACCESS_READ, .flags = ACT_OTHER_PROC }, ADVICE_BREAKS, "yes" },
        { "PrivatePIDs", 257, { .kind = ACT_KILLED, .a = SIGTERM },         ADVICE_BREAKS, "yes" },
        { "PrivatePIDs", 257, { .kind = ACT_KILLED, .a = SIGKILL },         ADVICE_SAFE, "yes" },
        /* users */
        { "PrivateUsers", 257, CALL("read"),                                ADVICE_SAFE, "yes" },
        { "PrivateUsers", 257, CAP(10),                                     ADVICE_BREAKS, "identity" },
        { "PrivateUsers", 252, CAP(10),                                     ADVICE_BREAKS, "yes" },
        { "PrivateUsers", 257, { .kind = ACT_CAP, .name = (char *)"CAP", .a = 21, .c = 1 }, ADVICE_SAFE, "yes" },
        { "PrivateUsers", 257, { .kind = ACT_CAP, .name = (char *)"CAP", .a = 21, .error = EPERM }, ADVICE_SAFE, "yes" },
        { "PrivateUsers", 252, CALL("setresuid"),                           ADVICE_BREAKS, "yes" },
        { "PrivateUsers", 257, CALL("fchown"),                              ADVICE_SAFE, "identity" },
        { "PrivateUsers", 257, { .kind = ACT_EXEC, .text = (char *)"/usr/bin/sudo", .a = GAIN_SETUID }, ADVICE_BREAKS, "identity" },
        { "PrivateUsers", 252, { .kind = ACT_BIND, .name = (char *)"bind", .a = AF_UNIX, .b = SOCK_STREAM, .text = (char *)"/run/app/sock" }, ADVICE_UNKNOWN, "yes" },
        { "PrivateUsers", 257, { .kind = ACT_BIND, .name = (char *)"bind", .a = AF_UNIX, .b = SOCK_STREAM, .text = (char *)"/run/app/sock" }, ADVICE_SAFE, "identity" },
        /* limits */
        { "LimitCORE", 257, CALL("read"),                                   ADVICE_SAFE, "0" },
        { "LimitCORE", 257, ARGS("prlimit64", RLIMIT_CORE, ~UINT64_C(0)),   ADVICE_UNKNOWN, "0" },
        { "LimitCORE", 257, ARGS("prlimit64", RLIMIT_CORE, 0),              ADVICE_SAFE, "0" },
        { "LimitCORE", 257, ARGS("prlimit64", RLIMIT_NOFILE, 0),            ADVICE_SAFE, "0" },
        { "LimitMEMLOCK", 257, CALL("read"),                                ADVICE_SAFE, "0" },
        { "LimitMEMLOCK", 257, CALL("mlock"),                               ADVICE_UNKNOWN, "0" },
        { "LimitMEMLOCK", 257, CALL("io_uring_setup"),                      ADVICE_UNKNOWN, "0" },
};
/* clang-format on */

static void each_act_decides_its_directive(void **state)
{
        (void)state;
        for (size_t i = 0; i < COUNT(rows); i++) {
                const char *const lines[] = { rows[i].value, NULL };
                struct seen s;

                seen_open(&s, rows[i].major);
                seen_act(&s, &rows[i].act);
                seen_infer(&s);
                assert_advice(&s, rows[i].directive, rows[i].verdict, lines);
                seen_done(&s);
        }
}

/* ---- refusals ---- */

/* A call is told once as made and once per error. */
static void fail_call(struct seen *s, const char *call, int error, unsigned seen, unsigned flags)
{
        seen_act(s, &(struct act){ .kind = ACT_CALL, .name = (char *)call, .seen = seen });
        seen_act(s, &(struct act){ .kind = ACT_CALL,
                                   .name = (char *)call,
                                   .error = error,
                                   .seen = seen,
                                   .flags = flags });
}

static void what_was_refused_live_may_be_refused_again(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 252);
        fail_call(&s, "setresuid", EPERM, SEEN_LIVE | SEEN_STEADY, 0);
        seen_infer(&s);
        assert_safe(&s, "PrivateUsers", "yes");
        seen_done(&s);

        /* refused once, and granted another time */
        seen_open(&s, 252);
        fail_call(&s, "setresuid", EPERM, SEEN_LIVE | SEEN_STEADY, 0);
        seen_call(&s, "setresuid");
        seen_infer(&s);
        assert_breaks(&s, "PrivateUsers", "yes");
        seen_done(&s);
}

static void what_the_twin_refused_is_unknown(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_twin_only(&s);
        fail_call(&s, "clock_adjtime", EPERM, SEEN_TWIN | SEEN_STARTUP, ACT_BY_TWIN);
        fail_call(&s, "syslog", EPERM, SEEN_TWIN | SEEN_STARTUP, ACT_BY_TWIN);
        seen_failed(&s, "/proc/sys/vm/swappiness", ACCESS_WRITE, EROFS)->flags |= ACT_BY_TWIN;
        s.last->seen = SEEN_TWIN | SEEN_STARTUP;
        seen_infer(&s);
        assert_unknown(&s, "ProtectClock");
        assert_unknown(&s, "ProtectKernelLogs");
        assert_unknown(&s, "ProtectKernelTunables");
        assert_evidence(&s, "ProtectClock", "only watching the live unit");
        seen_done(&s);
}

static void what_the_unit_has_already_stands(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_set(&s, "ProcSubset", "pid");
        seen_failed(&s, "/proc/meminfo", ACCESS_READ, ENOENT);
        seen_infer(&s);
        assert_stands(&s, "ProcSubset");
        seen_done(&s);
}

/* ---- units' own settings ---- */

static void forking_services_have_no_process_namespace(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_set(&s, "Type", "forking");
        seen_infer(&s);
        assert_breaks(&s, "PrivatePIDs", "yes");
        seen_done(&s);
}

static void an_unseen_stop_leaves_process_namespaces_unknown(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        s.twin->seen &= ~(unsigned)SEEN_STOP;
        seen_infer(&s);
        assert_unknown(&s, "PrivatePIDs");
        seen_done(&s);
}

static void a_delegated_cgroup_is_left_alone(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_set(&s, "Delegate", "yes");
        seen_infer(&s);
        assert_unknown(&s, "ProtectControlGroups");
        seen_done(&s);
}

static void removing_ipc_needs_a_user_and_spares_shared_memory(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_infer(&s);
        assert_unknown(&s, "RemoveIPC");
        seen_done(&s);

        seen_open(&s, 257);
        seen_set(&s, "User", "app");
        seen_infer(&s);
        assert_safe(&s, "RemoveIPC", "yes");
        seen_done(&s);

        seen_open(&s, 257);
        seen_set(&s, "User", "postgres");
        seen_path(&s, "/dev/shm/PostgreSQL.1", ACCESS_WRITE | ACCESS_CREATE);
        seen_infer(&s);
        assert_unknown(&s, "RemoveIPC");
        seen_done(&s);
}

static void an_old_protect_clock_takes_devices_away(void **state)
{
        struct seen s;

        (void)state;
        for (unsigned major = 251; major <= 252; major++) {
                seen_open(&s, major);
                seen_file(&s, "/dev/fuse", ACCESS_READ, S_IFCHR | 0666, 0, "devtmpfs")->rdev =
                        10 << 8 | 229;
                seen_infer(&s);
                if (major < 252)
                        assert_breaks(&s, "ProtectClock", "yes");
                else
                        assert_safe(&s, "ProtectClock", "yes");
                seen_done(&s);
        }
}

static void processes_of_the_same_user_stay_visible(void **state)
{
        struct act a = { .kind = ACT_PATH,
                         .text = (char *)"/proc/PID/status",
                         .a = ACCESS_READ,
                         .flags = ACT_OTHER_PROC,
                         .mode = S_IFREG | 0444,
                         .uid = 100 };
        struct seen s;

        (void)state;
        a.owner = 100;
        seen_open(&s, 257);
        seen_act(&s, &a);
        seen_infer(&s);
        assert_safe(&s, "ProtectProc", "invisible");
        seen_done(&s);

        a.owner = 101;
        seen_open(&s, 257);
        seen_act(&s, &a);
        seen_infer(&s);
        assert_breaks(&s, "ProtectProc", "noaccess");
        seen_done(&s);
}

/* ---- the rest ---- */

static void messages_to_systemd_come_from_whom_they_came(void **state)
{
        struct seen s;
        struct act *a;

        (void)state;
        seen_open(&s, 257);
        seen_set(&s, "NotifyAccess", "all");
        seen_infer(&s);
        assert_safe(&s, "NotifyAccess", "none");
        seen_done(&s);

        seen_open(&s, 257);
        seen_set(&s, "NotifyAccess", "all");
        a = seen_connect(&s, AF_UNIX, SOCK_DGRAM, "/run/systemd/notify", 0);
        memcpy(a->process, "helper", 7);
        seen_infer(&s);
        assert_breaks(&s, "NotifyAccess", "main");
        seen_done(&s);

        seen_open(&s, 257);
        seen_set(&s, "Type", "notify");
        seen_connect(&s, AF_UNIX, SOCK_DGRAM, "/run/systemd/notify", 0);
        seen_infer(&s);
        assert_stands(&s, "NotifyAccess");
        seen_done(&s);
}

static void secrets_are_offered_as_credentials(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_file(&s, "/etc/ssl/private/app.key", ACCESS_READ, S_IFREG | 0600, 0, "ext4");
        seen_infer(&s);
        assert_unknown(&s, "LoadCredential");
        assert_evidence(&s, "LoadCredential", "/etc/ssl/private/app.key");
        seen_done(&s);
}

static void a_limit_of_the_units_own_stays(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_set(&s, "LimitCORE", "infinity");
        seen_infer(&s);
        assert_unknown(&s, "LimitCORE");
        seen_done(&s);
}

static void variables_that_are_passed_stay_passed(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_set(&s, "PassEnvironment", "HTTP_PROXY");
        seen_infer(&s);
        assert_false(seen_advice(&s, "PassEnvironment")->changes);
        seen_done(&s);
}

/* ---- all of it ---- */

static bool is_ours(const struct directive *d)
{
        static const enum directive_group groups[] = {
                GROUP_DEVICES, GROUP_NETWORK,   GROUP_NAMESPACES,  GROUP_KERNEL, GROUP_PROCESSES,
                GROUP_MAC,     GROUP_RESOURCES, GROUP_CREDENTIALS, GROUP_SERVICE
        };

        for (size_t i = 0; i < COUNT(groups); i++)
                if (d->group == groups[i])
                        return d->id != D_RestrictSUIDSGID; /* with the files */
        return false;
}

/* What infer() says for a directive that no room spoke about. */
static bool is_filler(const char *evidence)
{
        return strstr(evidence, "gird shows it and does not advise on it") ||
               strstr(evidence, "nothing that can be watched decides it");
}

static void busy(struct seen *s)
{
        seen_path(s, "/sys/fs/cgroup/system.slice/app.service/a", ACCESS_CREATE);
        seen_args(s, "unshare", NEW_TIME | CLONE_NEWNS, 0, 0);
        seen_socket(s, AF_VSOCK, SOCK_STREAM, 0);
        seen_socket(s, AF_XDP, SOCK_RAW, 0);
        seen_bind(s, AF_INET, SOCK_STREAM, "0.0.0.0", 80)->seen = SEEN_TWIN | SEEN_STARTUP;
        seen_path(s, "/proc", ACCESS_READ);
        seen_file(s, "/dev/fuse", ACCESS_READ, S_IFCHR | 0666, 0, "devtmpfs")->rdev = 10 << 8 | 229;
        seen_call(s, "fchown");
}

static void check_all(struct seen *s)
{
        for (size_t i = 0; i < DIRECTIVE_COUNT; i++) {
                const struct directive *d = directive_at(i);
                const struct advice *a = &s->advices.list[i];
                char **lines = NULL;

                if (!is_ours(d))
                        continue;
                assert_non_null(a->evidence);
                if (is_filler(a->evidence))
                        fail_msg("no room advised on %s", d->name);
                if (a->changes && !directive_known_to(d, s->dialect.version))
                        fail_msg("%s is too new", d->name);
                if (!a->value.set)
                        continue;
                assert_int_equal(value_print(&a->value, d, &s->dialect, &lines), 0);
                for (char **line = lines; line && *line; line++) {
                        struct value v = { 0 };

                        if (value_assign(&v, d, &s->dialect, *line, NULL) != ASSIGN_TAKEN)
                                fail_msg("%s=%s is not of %u", d->name, *line,
                                         s->dialect.version.major);
                        value_done(&v);
                }
                strv_free(lines);
        }
}

static void every_version_is_told_only_what_it_knows(void **state)
{
        (void)state;
        for (unsigned major = VERSION_OLDEST; major <= VERSION_NEWEST; major++)
                for (int kind = 0; kind < 4; kind++) {
                        struct seen s;

                        if (kind & 1)
                                seen_open_user(&s, major);
                        else
                                seen_open(&s, major);
                        if (kind & 2)
                                busy(&s);
                        seen_infer(&s);
                        check_all(&s);
                        seen_done(&s);
                }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(each_act_decides_its_directive),
                cmocka_unit_test(what_was_refused_live_may_be_refused_again),
                cmocka_unit_test(what_the_twin_refused_is_unknown),
                cmocka_unit_test(what_the_unit_has_already_stands),
                cmocka_unit_test(forking_services_have_no_process_namespace),
                cmocka_unit_test(an_unseen_stop_leaves_process_namespaces_unknown),
                cmocka_unit_test(a_delegated_cgroup_is_left_alone),
                cmocka_unit_test(removing_ipc_needs_a_user_and_spares_shared_memory),
                cmocka_unit_test(an_old_protect_clock_takes_devices_away),
                cmocka_unit_test(processes_of_the_same_user_stay_visible),
                cmocka_unit_test(messages_to_systemd_come_from_whom_they_came),
                cmocka_unit_test(secrets_are_offered_as_credentials),
                cmocka_unit_test(a_limit_of_the_units_own_stays),
                cmocka_unit_test(variables_that_are_passed_stay_passed),
                cmocka_unit_test(every_version_is_told_only_what_it_knows),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
