/* test_denial_blame.c - with everything tightened at once, each refusal points first to the
 * directive that it comes from. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/trial/denial_private.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

static const char *const everything[] = { "ProtectSystem=strict",
                                          "ProtectHome=yes",
                                          "PrivateTmp=yes",
                                          "PrivateDevices=yes",
                                          "ProtectKernelTunables=yes",
                                          "ProtectKernelModules=yes",
                                          "ProtectKernelLogs=yes",
                                          "ProtectControlGroups=yes",
                                          "ProtectClock=yes",
                                          "ProtectHostname=yes",
                                          "ProtectProc=invisible",
                                          "ProcSubset=pid",
                                          "RestrictNamespaces=yes",
                                          "RestrictRealtime=yes",
                                          "RestrictSUIDSGID=yes",
                                          "LockPersonality=yes",
                                          "MemoryDenyWriteExecute=yes",
                                          "PrivateIPC=yes",
                                          "CapabilityBoundingSet=CAP_KILL",
                                          "SystemCallFilter=~@mount @swap",
                                          "SystemCallErrorNumber=EPERM",
                                          "SystemCallArchitectures=native",
                                          "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6",
                                          "SocketBindDeny=tcp:8000-9000",
                                          "IPAddressDeny=any",
                                          "IPAddressAllow=localhost",
                                          "InaccessiblePaths=-/srv/secret",
                                          "ReadOnlyPaths=/var/lib/static",
                                          "TemporaryFileSystem=/opt:ro",
                                          "NoExecPaths=/var/lib",
                                          "LimitNOFILE=64",
                                          "LimitNPROC=8",
                                          "LimitMEMLOCK=0",
                                          "LimitFSIZE=1M",
                                          "NoNewPrivileges=yes",
                                          NULL };

#define SEEN(k, n, t, e, ...)                                                                      \
        {                                                                                          \
                .kind = k, .name = (char *)(n), .text = (char *)(t), .error = e, __VA_ARGS__       \
        }
enum { TCP = 6, UDP = 17 };
#define PORT(type, protocol) ((uint64_t)(type) | (uint64_t)(protocol) << 32)

/* clang-format off */
static const struct {
        struct act act;
        bool filtered;
        const char *call; /* of paths */
        enum directive_id expected;
} cases[] = {
        { SEEN(ACT_PATH, NULL, "/usr/share/x", EROFS, .a = ACCESS_WRITE), false, "openat", D_ProtectSystem },
        { SEEN(ACT_PATH, NULL, "/var/log/x", EROFS, .a = ACCESS_WRITE), false, "openat", D_ProtectSystem },
        { SEEN(ACT_PATH, NULL, "/root/x", EROFS, .a = ACCESS_WRITE), false, "openat", D_ProtectHome },
        { SEEN(ACT_PATH, NULL, "/home/a/x", ENOENT, .a = ACCESS_READ), false, "openat", D_ProtectHome },
        { SEEN(ACT_PATH, NULL, "/var/lib/static/a", EROFS, .a = ACCESS_WRITE), false, "openat", D_ReadOnlyPaths },
        { SEEN(ACT_PATH, NULL, "/opt/x/conf", ENOENT, .a = ACCESS_READ), false, "openat", D_TemporaryFileSystem },
        { SEEN(ACT_PATH, NULL, "/srv/secret/key", EACCES, .a = ACCESS_READ), false, "openat", D_InaccessiblePaths },
        { SEEN(ACT_PATH, NULL, "/proc/sys/net/core/somaxconn", EROFS, .a = ACCESS_WRITE), false, "openat", D_ProtectKernelTunables },
        { SEEN(ACT_PATH, NULL, "/sys/kernel/mm/ksm/run", EROFS, .a = ACCESS_WRITE), false, "openat", D_ProtectKernelTunables },
        { SEEN(ACT_PATH, NULL, "/sys/fs/cgroup/x", EROFS, .a = ACCESS_CREATE | ACCESS_FOLDER), false, "mkdir", D_ProtectControlGroups },
        { SEEN(ACT_PATH, NULL, "/proc/meminfo", ENOENT, .a = ACCESS_READ), false, "openat", D_ProcSubset },
        { SEEN(ACT_PATH, NULL, "/proc/PID/stat", ENOENT, .a = ACCESS_READ, .flags = ACT_OTHER_PROC), false, "openat", D_ProtectProc },
        { SEEN(ACT_PATH, NULL, "/dev/fuse", ENOENT, .a = ACCESS_READ), false, "openat", D_PrivateDevices },
        { SEEN(ACT_PATH, NULL, "/dev/kmsg", EACCES, .a = ACCESS_READ), false, "openat", D_ProtectKernelLogs },
        { SEEN(ACT_PATH, NULL, "/usr/lib/modules/x", EACCES, .a = ACCESS_READ), false, "openat", D_ProtectKernelModules },
        { SEEN(ACT_PATH, NULL, "/tmp/.X11-unix/X0", ENOENT, .a = ACCESS_LOOK), false, "newfstatat", D_PrivateTmp },
        { SEEN(ACT_PATH, NULL, "/var/lib/x/helper", EACCES, .a = ACCESS_EXEC), false, "execve", D_NoExecPaths },
        { SEEN(ACT_PATH, NULL, "/srv/a", EPERM, .a = ACCESS_CHANGE), false, "chown", D_CapabilityBoundingSet },
        { SEEN(ACT_PATH, NULL, "/srv/b", EACCES, .a = ACCESS_READ), false, "openat", D_CapabilityBoundingSet },
        { SEEN(ACT_ARGS, "chmod", NULL, EPERM, .a = 04755), true, NULL, D_RestrictSUIDSGID },
        { SEEN(ACT_ARGS, "mprotect", NULL, EACCES, .a = PROT_READ | PROT_EXEC), false, NULL, D_MemoryDenyWriteExecute },
        { SEEN(ACT_ARGS, "mprotect", NULL, EPERM, .a = PROT_READ | PROT_EXEC), true, NULL, D_MemoryDenyWriteExecute },
        { SEEN(ACT_ARGS, "mmap", NULL, EPERM, .a = PROT_READ | PROT_EXEC, .b = MAP_PRIVATE), false, NULL, D_NoExecPaths },
        { SEEN(ACT_ARGS, "unshare", NULL, EPERM, .a = CLONE_NEWNET), true, NULL, D_RestrictNamespaces },
        { SEEN(ACT_REFUSED, "setns", NULL, EPERM, .a = 0), true, NULL, D_RestrictNamespaces },
        { SEEN(ACT_REFUSED, "clone3", NULL, ENOSYS, .a = 0), true, NULL, D_RestrictNamespaces },
        { SEEN(ACT_ARGS, "sched_setscheduler", NULL, EPERM, .a = SCHED_FIFO), true, NULL, D_RestrictRealtime },
        { SEEN(ACT_ARGS, "sched_setscheduler", NULL, EPERM, .a = SCHED_FIFO), false, NULL, D_RestrictRealtime },
        { SEEN(ACT_ARGS, "setpriority", NULL, EACCES, .a = 0), false, NULL, D_CapabilityBoundingSet },
        { SEEN(ACT_REFUSED, "mount", NULL, EPERM, .a = 0), true, NULL, D_SystemCallFilter },
        { SEEN(ACT_PATH, NULL, "/mnt", EPERM, .a = ACCESS_MOUNT), false, "mount", D_CapabilityBoundingSet },
        { SEEN(ACT_REFUSED, "personality", NULL, EPERM, .a = 0), true, NULL, D_LockPersonality },
        { SEEN(ACT_REFUSED, "clock_settime", NULL, EPERM, .a = 0), true, NULL, D_ProtectClock },
        { SEEN(ACT_REFUSED, "sethostname", NULL, EPERM, .a = 0), true, NULL, D_ProtectHostname },
        { SEEN(ACT_REFUSED, "syslog", NULL, EPERM, .a = 0), true, NULL, D_ProtectKernelLogs },
        { SEEN(ACT_REFUSED, "init_module", NULL, EPERM, .a = 0), true, NULL, D_ProtectKernelModules },
        { SEEN(ACT_REFUSED, "ioperm", NULL, EPERM, .a = 0), true, NULL, D_PrivateDevices },
        { SEEN(ACT_REFUSED, "getpid", NULL, 0, .a = SIGSYS), true, NULL, D_SystemCallArchitectures },
        { SEEN(ACT_SOCKET, NULL, NULL, EAFNOSUPPORT, .a = 16, .b = SOCK_RAW), true, NULL, D_RestrictAddressFamilies },
        { SEEN(ACT_SOCKET, NULL, NULL, EPERM, .a = AF_INET, .b = SOCK_RAW), false, NULL, D_CapabilityBoundingSet },
        { SEEN(ACT_BIND, NULL, "0.0.0.0", EPERM, .a = AF_INET, .b = PORT(SOCK_STREAM, TCP), .c = 8080), false, NULL, D_SocketBindDeny },
        { SEEN(ACT_BIND, NULL, "0.0.0.0", EACCES, .a = AF_INET, .b = PORT(SOCK_STREAM, TCP), .c = 80), false, NULL, D_CapabilityBoundingSet },
        { SEEN(ACT_CONNECT, "sendto", "192.0.2.1", EPERM, .a = AF_INET, .b = PORT(SOCK_DGRAM, UDP), .c = 53), false, NULL, D_IPAddressDeny },
        { SEEN(ACT_ARGS, "shmget", NULL, ENOENT, .a = 0x5afe), false, NULL, D_PrivateIPC },
        { SEEN(ACT_CALL, "mlock", NULL, ENOMEM, .a = 0), false, NULL, D_LimitMEMLOCK },
        { SEEN(ACT_ARGS, "clone", NULL, EAGAIN, .a = 0), false, NULL, D_LimitNPROC },
        { SEEN(ACT_CALL, "openat", NULL, EMFILE, .a = 0), false, NULL, D_LimitNOFILE },
        { SEEN(ACT_CALL, "write", NULL, EFBIG, .a = 0), false, NULL, D_LimitFSIZE },
        { SEEN(ACT_KILLED, NULL, NULL, 0, .a = SIGXFSZ), false, NULL, D_LimitFSIZE },
        { SEEN(ACT_CAP, "CAP_SYS_RESOURCE", NULL, EPERM, .a = 24), false, NULL, D_CapabilityBoundingSet },
};
/* clang-format on */

struct scene {
        struct dialect dialect;
        struct sandbox *before, *after;
        struct profile *profile;
};

static int set_up(void **state)
{
        struct scene *s = calloc(1, sizeof(*s));
        struct err e = { 0 };

        if (!s)
                return -1;
        *state = s;
        dialect_for((struct version){ 257, 13 }, SCOPE_SYSTEM, &s->dialect);
        if (sandbox_new("x.service", SCOPE_SYSTEM, &s->before) < 0 ||
            profile_new("x.service", SCOPE_SYSTEM, &s->profile) < 0 ||
            sandbox_imply(s->before, &s->dialect) < 0)
                return -1;
        for (const char *const *word = everything; *word; word++)
                if (profile_assign(s->profile, &s->dialect, *word, &e) < 0)
                        print_message("%s: %s\n", *word, e.text);
        return profile_apply(s->profile, s->before, &s->dialect, &s->after);
}

static int tear_down(void **state)
{
        struct scene *s = *state;

        sandbox_free(s->before);
        sandbox_free(s->after);
        profile_free(s->profile);
        dialect_done(&s->dialect);
        free(s);
        return 0;
}

static bool check(struct scene *s, size_t i)
{
        struct denial d = { 0 };
        struct run run = { 0 };
        struct suspect *suspects = NULL;
        size_t count = 0;
        struct evidence v = { .profile = s->profile,
                              .dialect = &s->dialect,
                              .before = s->before,
                              .after = s->after,
                              .tried = &run,
                              .denials = &d,
                              .denial_count = 1 };
        bool good;

        assert_int_equal(denial_of_act(&cases[i].act, 0, &d), 0);
        d.deed.filtered = cases[i].filtered;
        d.deed.had = true;
        if (cases[i].call)
                d.call = strdup(cases[i].call);
        if (cases[i].act.kind == ACT_CAP)
                d.capability = strdup(cases[i].act.name);
        assert_int_equal(denial_name(&d), 0);
        assert_int_equal(blame(&v, &suspects, &count), 0);
        good = count && suspects[0].directive == cases[i].expected;
        if (!good)
                print_message("%s: %s and not %s; %s\n", d.key,
                              count ? directive_at(suspects[0].directive)->name : "nobody",
                              directive_at(cases[i].expected)->name, count ? suspects[0].why : "");
        for (size_t j = 0; j < count; j++)
                free(suspects[j].why);
        free(suspects);
        denial_done(&d);
        return good;
}

static void each_refusal_points_to_what_it_comes_from(void **state)
{
        size_t missed = 0;

        for (size_t i = 0; i < COUNT(cases); i++)
                missed += !check(*state, i);
        assert_int_equal(missed, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(each_refusal_points_to_what_it_comes_from, set_up,
                                                tear_down),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
