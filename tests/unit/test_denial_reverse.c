/* test_denial_reverse.c - what was measured of systemd 252, 257 and 262 (tests/data/reverse.tsv:
 * operation, answer, setting, versions): each answer, as the observer sees it, is attributed to the
 * directive that gave it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/trial/denial_private.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>

enum { DATA_LIMIT = 1 << 20, FIELDS = 4, ERRNO_ANY = 0 };

enum { NETLINK = 16, PACKET = 17, ALG = 38, TCP = 6, UDP = 17 };
#define PORT(type, protocol) ((uint64_t)(type) | (uint64_t)(protocol) << 32)

/* What the probe's operations look like to the observer.  Where several calls make one operation,
 * the rows are tried in turn: error says which answers a row stands for; setting, which settings.
 * clang-format off */
#define ON(op, e, s, k, call, txt, ...)                                                            \
        {                                                                                          \
                op, e, s,                                                                          \
                {                                                                                  \
                        .kind = k, .name = (char *)(call), .text = (char *)(txt), __VA_ARGS__      \
                }                                                                                  \
        }
#define CALLED(op, call, ...)         ON(op, ERRNO_ANY, NULL, ACT_ARGS, call, NULL, __VA_ARGS__)
#define PLAIN(op, call)               ON(op, ERRNO_ANY, NULL, ACT_CALL, call, NULL, .a = 0)
#define FILE_(op, call, path, access) ON(op, ERRNO_ANY, NULL, ACT_PATH, call, path, .a = access)
#define SOCKET(op, f, t)              ON(op, EAFNOSUPPORT, NULL, ACT_SOCKET, NULL, NULL, .a = f, .b = t)
/* The probe first makes a file of its own, and fails there. */
#define MADE_FIRST(op, e, path)                                                                    \
        ON(op, e, NULL, ACT_PATH, "openat", path, .a = ACCESS_WRITE | ACCESS_CREATE, .error = EROFS)

static const struct seen_as {
        const char *operation;
        int error;           /* the measured answer; ERRNO_ANY */
        const char *setting; /* that the setting begins with; NULL: any */
        struct act act;      /* .error 0: the measured one */
} seen_as[] = {
        FILE_("write_usr", "openat", "/usr/.probe", ACCESS_WRITE | ACCESS_CREATE),
        FILE_("write_etc", "openat", "/etc/.probe", ACCESS_WRITE | ACCESS_CREATE),
        FILE_("write_var", "openat", "/var/lib/.probe", ACCESS_WRITE | ACCESS_CREATE),
        FILE_("write_opt", "openat", "/opt/.probe", ACCESS_WRITE | ACCESS_CREATE),
        FILE_("write_boot", "openat", "/boot/.probe", ACCESS_WRITE | ACCESS_CREATE),
        FILE_("write_tmp", "openat", "/tmp/.probe", ACCESS_WRITE | ACCESS_CREATE),
        FILE_("write_run", "openat", "/run/.probe", ACCESS_WRITE | ACCESS_CREATE),
        FILE_("write_shm", "openat", "/dev/shm/.probe", ACCESS_WRITE | ACCESS_CREATE),
        FILE_("write_dev", "openat", "/dev/.probe", ACCESS_WRITE | ACCESS_CREATE),
        FILE_("write_root", "openat", "/root/.probe", ACCESS_WRITE | ACCESS_CREATE),
        FILE_("write_sysctl", "openat", "/proc/sys/kernel/printk", ACCESS_WRITE | ACCESS_CREATE),
        FILE_("write_sysfs", "openat", "/sys/kernel/mm/ksm/run", ACCESS_WRITE),
        FILE_("list_root", "openat", "/root", ACCESS_READ),
        FILE_("list_home", "openat", "/home", ACCESS_READ),
        FILE_("list_runuser", "openat", "/run/user", ACCESS_READ),
        FILE_("list_modules", "openat", "/usr/lib/modules", ACCESS_READ),
        FILE_("read_rootfile", "openat", "/root/marker", ACCESS_READ),
        FILE_("see_tmpmarker", "newfstatat", "/tmp/marker", ACCESS_LOOK),
        FILE_("open_kmsg", "openat", "/dev/kmsg", ACCESS_READ),
        FILE_("open_prockmsg", "openat", "/proc/kmsg", ACCESS_READ),
        PLAIN("syslog2", "syslog"),
        FILE_("open_fuse", "openat", "/dev/fuse", ACCESS_READ | ACCESS_WRITE),
        FILE_("open_null", "openat", "/dev/null", ACCESS_READ | ACCESS_WRITE),
        FILE_("open_netdev", "openat", "/dev/net/tun", ACCESS_READ | ACCESS_WRITE),
        FILE_("open_rtc", "openat", "/dev/rtc0", ACCESS_READ | ACCESS_WRITE),
        FILE_("open_kcore", "openat", "/proc/kcore", ACCESS_READ),
        MADE_FIRST("mknod_chr", EROFS, "/tmp/.pn"),
        MADE_FIRST("mknod_null", EROFS, "/tmp/.pn"),
        ON("mknod_chr", ERRNO_ANY, NULL, ACT_PATH, "mknod", "/tmp/.pn", .a = ACCESS_CREATE,
           .b = S_IFCHR | 0600),
        ON("mknod_null", ERRNO_ANY, NULL, ACT_PATH, "mknod", "/tmp/.pn", .a = ACCESS_CREATE,
           .b = S_IFCHR | 0600),
        CALLED("iopl", "iopl", .a = 3),
        PLAIN("ioperm", "ioperm"),
        /* the node is refused before it can be mapped */
        ON("mmap_devzero_x", EPERM, "DevicePolicy=", ACT_PATH, "openat", "/dev/zero",
           .a = ACCESS_READ | ACCESS_WRITE),
        CALLED("mmap_devzero_x", "mmap", .a = PROT_READ | PROT_EXEC, .b = MAP_PRIVATE),
        MADE_FIRST("chown_bin", ENOENT, "/tmp/.pc"),
        FILE_("chown_bin", "chown", "/tmp/.pc", ACCESS_CHANGE),
        CALLED("setuid_bin", "setuid", .a = 2),
        CALLED("setgroups", "setgroups", .a = 1),
        CALLED("clock_settime", "clock_settime", .a = 0),
        CALLED("adjtimex_ro", "adjtimex", .a = 0),
        FILE_("read_kallsyms", "openat", "/proc/kallsyms", ACCESS_READ),
        FILE_("kallsyms_nonempty", "openat", "/proc/kallsyms", ACCESS_READ),
        FILE_("shadow_nonempty", "openat", "/etc/shadow", ACCESS_READ),
        FILE_("read_shadow", "openat", "/etc/shadow", ACCESS_READ),
        PLAIN("init_module", "init_module"),
        ON("mkdir_cgroup", ERRNO_ANY, NULL, ACT_PATH, "mkdir", "/sys/fs/cgroup/.probe",
           .a = ACCESS_CREATE | ACCESS_FOLDER),
        PLAIN("sethostname", "sethostname"),
        FILE_("stat_proc1", "newfstatat", "/proc/PID", ACCESS_LOOK),
        FILE_("read_proc1env", "openat", "/proc/PID/environ", ACCESS_READ),
        FILE_("read_proc1status", "openat", "/proc/PID/status", ACCESS_READ),
        FILE_("read_meminfo", "openat", "/proc/meminfo", ACCESS_READ),
        FILE_("read_cpuinfo", "openat", "/proc/cpuinfo", ACCESS_READ),
        FILE_("read_procsys", "openat", "/proc/sys/kernel/ostype", ACCESS_READ),
        SOCKET("af_unix", AF_UNIX, SOCK_STREAM),
        SOCKET("af_inet", AF_INET, SOCK_STREAM),
        SOCKET("af_inet6", AF_INET6, SOCK_STREAM),
        SOCKET("af_netlink", NETLINK, SOCK_RAW),
        SOCKET("af_packet", PACKET, SOCK_RAW),
        SOCKET("raw_icmp", AF_INET, SOCK_RAW),
        SOCKET("bind_tcp80", AF_INET, SOCK_STREAM),
        SOCKET("bind_tcp8080", AF_INET, SOCK_STREAM),
        SOCKET("bind_udp5353", AF_INET, SOCK_DGRAM),
        SOCKET("bind6_8080", AF_INET6, SOCK_STREAM),
        SOCKET("bind_hostip", AF_INET, SOCK_STREAM),
        SOCKET("udp_lo", AF_INET, SOCK_DGRAM),
        SOCKET("udp_out", AF_INET, SOCK_DGRAM),
        SOCKET("tcp_lo", AF_INET, SOCK_STREAM),
        SOCKET("net_admin", AF_INET, SOCK_DGRAM),
        SOCKET("abstract_sock", AF_UNIX, SOCK_STREAM),
        SOCKET("dbus_sock", AF_UNIX, SOCK_STREAM),
        SOCKET("journal_sock", AF_UNIX, SOCK_DGRAM),
        ON("af_packet", EPERM, NULL, ACT_SOCKET, NULL, NULL, .a = PACKET, .b = SOCK_RAW),
        ON("raw_icmp", EPERM, NULL, ACT_SOCKET, NULL, NULL, .a = AF_INET, .b = SOCK_RAW),
        CALLED("unshare_user", "unshare", .a = CLONE_NEWUSER),
        CALLED("unshare_net", "unshare", .a = CLONE_NEWNET),
        CALLED("unshare_mnt", "unshare", .a = CLONE_NEWNS),
        CALLED("clone_newuser", "clone", .a = CLONE_NEWUSER),
        CALLED("clone3_bare", "clone3", .a = 0),
        CALLED("setns_zero", "setns", .a = CLONE_NEWNET),
        CALLED("sched_fifo", "sched_setscheduler", .a = SCHED_FIFO),
        CALLED("sched_attr", "sched_setattr", .a = SCHED_OTHER),
        CALLED("nice_minus", "setpriority", .a = 0, .b = (uint32_t)-5),
        MADE_FIRST("chmod_suid", ENOENT, "/tmp/.ps"),
        ON("chmod_suid", ERRNO_ANY, NULL, ACT_PATH, "chmod", "/tmp/.ps", .a = ACCESS_CHANGE,
           .b = 04755),
        ON("mkdir_sgid", ERRNO_ANY, NULL, ACT_PATH, "mkdir", "/tmp/.pd",
           .a = ACCESS_CREATE | ACCESS_FOLDER, .b = 02755),
        FILE_("openat2", "openat2", "/etc/hostname", ACCESS_READ),
        MADE_FIRST("fchmodat2", ENOENT, "/tmp/.ps"),
        ON("bind_tcp80", ERRNO_ANY, NULL, ACT_BIND, NULL, "127.0.0.1", .a = AF_INET,
           .b = PORT(SOCK_STREAM, TCP), .c = 80),
        ON("bind_tcp8080", ERRNO_ANY, NULL, ACT_BIND, NULL, "127.0.0.1", .a = AF_INET,
           .b = PORT(SOCK_STREAM, TCP), .c = 8080),
        ON("bind_udp5353", ERRNO_ANY, NULL, ACT_BIND, NULL, "127.0.0.1", .a = AF_INET,
           .b = PORT(SOCK_DGRAM, UDP), .c = 5353),
        ON("bind6_8080", ERRNO_ANY, NULL, ACT_BIND, NULL, "::1", .a = AF_INET6,
           .b = PORT(SOCK_STREAM, TCP), .c = 8080),
        ON("bind_hostip", ERRNO_ANY, NULL, ACT_BIND, NULL, "192.0.2.2", .a = AF_INET,
           .b = PORT(SOCK_STREAM, TCP), .c = 8081),
        ON("udp_lo", ERRNO_ANY, NULL, ACT_CONNECT, "sendto", "127.0.0.1", .a = AF_INET,
           .b = PORT(SOCK_DGRAM, UDP), .c = 9999),
        ON("udp_out", ERRNO_ANY, NULL, ACT_CONNECT, "sendto", "192.0.2.1", .a = AF_INET,
           .b = PORT(SOCK_DGRAM, UDP), .c = 9999),
        ON("tcp_lo", ERRNO_ANY, NULL, ACT_CONNECT, "connect", "127.0.0.1", .a = AF_INET,
           .b = PORT(SOCK_STREAM, TCP), .c = 9),
        ON("abstract_sock", ERRNO_ANY, NULL, ACT_CONNECT, "connect", "@probe-abs", .a = AF_UNIX,
           .b = PORT(SOCK_STREAM, 0)),
        ON("dbus_sock", ERRNO_ANY, NULL, ACT_CONNECT, "connect", "/run/dbus/system_bus_socket",
           .a = AF_UNIX, .b = PORT(SOCK_STREAM, 0)),
        CALLED("net_admin", "ioctl", .a = 0x8914),
        CALLED("personality32", "personality", .a = 8),
        CALLED("mmap_wx", "mmap", .a = PROT_READ | PROT_WRITE | PROT_EXEC,
               .b = MAP_PRIVATE | MAP_ANONYMOUS),
        CALLED("mprotect_x", "mprotect", .a = PROT_READ | PROT_EXEC),
        CALLED("shmat_exec", "shmat", .a = SHM_EXEC),
        CALLED("shm_key", "shmget", .a = 0x5afe),
        CALLED("kill_pid1", "kill", .a = 0),
        CALLED("ptrace_seize1", "ptrace", .a = 0x4206),
        CALLED("perf_event", "perf_event_open", .a = 1),
        CALLED("bpf_prog", "bpf", .a = 0),
        PLAIN("io_uring", "io_uring_setup"),
        CALLED("keyctl", "keyctl", .a = 0),
        CALLED("add_key", "add_key", .a = 0),
        MADE_FIRST("mount_tmpfs", ENOENT, "/tmp/.pm"),
        FILE_("mount_tmpfs", "mount", "/tmp/.pm", ACCESS_MOUNT),
        FILE_("remount_usr_rw", "mount", "/usr", ACCESS_MOUNT),
        FILE_("chroot", "chroot", "/", ACCESS_ENTER),
        FILE_("pivot_root", "pivot_root", "/", ACCESS_ENTER | ACCESS_MOUNT),
        FILE_("swapon", "swapon", "/nonexistent", ACCESS_READ | ACCESS_WRITE),
        CALLED("reboot_cad", "reboot", .a = 0),
        PLAIN("mlock_big", "mlock"),
        FILE_("open_600fds", "openat", "/dev/null", ACCESS_READ),
        FILE_("bigfile", "openat", "/tmp/.big", ACCESS_WRITE | ACCESS_CREATE),
        MADE_FIRST("exec_tmpcopy", EIO, "/tmp/.ptrue"),
        PLAIN("exec_tmpcopy", "clone3"),
        FILE_("umask_group", "openat", "/tmp/.pu", ACCESS_WRITE | ACCESS_CREATE),
        FILE_("see_otheruid", "newfstatat", "/lab/binfile", ACCESS_LOOK),
        PLAIN("int80", "getpid"),
        ON("exec_suid", ERRNO_ANY, NULL, ACT_EXEC, NULL, "/usr/local/bin/probesuid",
           .a = GAIN_SETUID),
};

/* The copy that is executed is a path, other than the call that runs cp. */
static const struct act tmp_copy = {
        .kind = ACT_PATH, .name = (char *)"execve", .text = (char *)"/tmp/.ptrue", .a = ACCESS_EXEC
};

/* What the probe calls an answer and no service is ever told, or what the setting does not deny. */
static const struct {
        const char *operation, *result, *setting, *reason;
} explained[] = {
        { "bind_tcp80", "ok", "User=daemon", "AmbientCapabilities= gives; nothing is denied" },
        { "remount_usr_rw", "ok", "ProtectSystem",
          "root may remount what ProtectSystem= only mounts; nothing is denied" },
        { "self_is_pid1", "ok", "PrivatePIDs",
          "the probe sees that it is PID 1; nothing is denied" },
        { "suid_euid", "EPERM", "DynamicUser", "geteuid() is not refused, it says another number" },
        { "umask_group", "EACCES", "UMask",
          "the file is made, with fewer bits: what others may is no refusal of the service" },
};
/* clang-format on */

struct lab {
        struct dialect dialect;
        struct sandbox *before, *after;
        struct profile *profile;
};

static void lab_done(struct lab *l)
{
        sandbox_free(l->before);
        sandbox_free(l->after);
        profile_free(l->profile);
        dialect_done(&l->dialect);
        *l = (struct lab){ 0 };
}

/* How a file has what was measured by the property of a transient unit. */
static const char *as_in_file(const char *name, const char *value, char *directive, size_t room)
{
        snprintf(directive, room, "%s", name);
        if (text_ends(directive, "Ex"))
                directive[strlen(directive) - 2] = '\0';
        if (strcmp(directive, "RestrictAddressFamilies") == 0 && !*value)
                return "none";
        return value;
}

static void assign(struct lab *l, const char *word, bool tried)
{
        const char *equals = strchr(word, '=');
        scoped(mem_freep) char *name = strndup(word, (size_t)(equals - word));
        char directive[64];
        const char *text = as_in_file(name, equals + 1, directive, sizeof(directive));
        const struct directive *d = directive_find(directive);
        struct value v = { 0 };

        assert_non_null(d);
        assert_int_equal(value_assign(&v, d, &l->dialect, text, NULL) >= 0, true);
        if (tried)
                assert_true(profile_set(l->profile, d->id, &v, REASON_HAND, NULL) >= 0);
        else
                sandbox_set(l->before, d->id, &v, ORIGIN_FILE);
}

/* "User=daemon;X=y": the user stood there before, and X was tried. */
static void lab_open(struct lab *l, unsigned version, const char *property)
{
        scoped(strv_freep) char **words = NULL;

        *l = (struct lab){ 0 };
        dialect_for((struct version){ version, 0 }, SCOPE_SYSTEM, &l->dialect);
        assert_true(sandbox_new("x.service", SCOPE_SYSTEM, &l->before) >= 0);
        assert_true(profile_new("x.service", SCOPE_SYSTEM, &l->profile) >= 0);
        assert_true(strv_split(property, ";", &words) >= 0);
        for (char **word = words; word && *word; word++)
                assign(l, *word, strcmp(*word, "User=daemon") != 0 || !words[1]);
        assert_true(sandbox_imply(l->before, &l->dialect) >= 0);
        assert_true(profile_apply(l->profile, l->before, &l->dialect, &l->after) >= 0);
}

/* ---- what the observer sees of it ---- */

static int result_error(const char *result)
{
        const char *name = text_starts(result, "fork:") ? result + strlen("fork:") : result;

        return text_starts(name, "SIG") ? 0 : errno_number(name);
}

static const struct act *find_act(const char *operation, int error, const char *setting)
{
        if (strcmp(operation, "exec_tmpcopy") == 0 && error == EACCES)
                return &tmp_copy;
        for (size_t i = 0; i < COUNT(seen_as); i++)
                if (strcmp(seen_as[i].operation, operation) == 0 &&
                    (seen_as[i].error == ERRNO_ANY || seen_as[i].error == error) &&
                    (!seen_as[i].setting || text_starts(setting, seen_as[i].setting)))
                        return &seen_as[i].act;
        return NULL;
}

static void see(const struct act *a, const char *result, struct denial *ret)
{
        struct act own = *a;

        if (own.error == 0)
                own.error = result_error(result);
        own.count = 1;
        assert_int_equal(denial_of_act(&own, 0, ret), 0);
        if (!ret->call && a->name)
                ret->call = strdup(a->name);
        if (strcmp(result, "SIGSYS") == 0) {
                ret->signal = SIGSYS;
                ret->error = 0;
                ret->deed.filtered = true;
        }
        ret->deed.had = true;
}

/* Answers that are none: the baseline did it, and the profile takes it away. */
static enum directive_id ask(struct lab *l, const struct act *a)
{
        scoped(behaviour_freep) struct behaviour *b = NULL;
        struct act own = { .kind = a->kind, .a = a->a, .b = a->b, .c = a->c, .count = 1 };
        struct denial *list = NULL;
        size_t count = 0;
        enum directive_id id = DIRECTIVE_COUNT;

        assert_int_equal(behaviour_new("x.service", &b), 0);
        own.text = a->text ? strdup(a->text) : NULL;
        own.name = a->name && a->kind != ACT_PATH ? strdup(a->name) : NULL;
        assert_int_equal(behaviour_add(b, &own), 0);
        assert_int_equal(denials_asked(b, l->before, l->after, &l->dialect, &list, &count), 0);
        if (count)
                id = list[0].directive;
        denials_free(list, count);
        return id;
}

static enum directive_id attribute(struct lab *l, const char *operation, const char *result,
                                   const char *setting)
{
        static const struct act fork = { .kind = ACT_ARGS, .name = (char *)"clone" };
        bool forked = text_starts(result, "fork:");
        const struct act *a = forked ? &fork : find_act(operation, result_error(result), setting);
        struct run run = { 0 };
        struct denial d = { 0 };
        struct suspect *suspects = NULL;
        size_t count = 0;
        struct evidence v = { .profile = l->profile,
                              .dialect = &l->dialect,
                              .before = l->before,
                              .after = l->after,
                              .tried = &run,
                              .denials = &d,
                              .denial_count = 1 };
        enum directive_id id;

        if (!a)
                return DIRECTIVE_COUNT;
        if (strcmp(result, "ENODATA") == 0 || strcmp(result, "EINPROGRESS") == 0 ||
            a->kind == ACT_EXEC)
                return ask(l, a);
        see(a, result, &d);
        assert_int_equal(blame(&v, &suspects, &count), 0);
        id = count ? suspects[0].directive : DIRECTIVE_COUNT;
        assert_int_equal(d.directive, id);
        for (size_t i = 0; i < count; i++)
                free(suspects[i].why);
        free(suspects);
        denial_done(&d);
        return id;
}

/* ---- the table ---- */

static const char *explanation(char *const *row)
{
        for (size_t i = 0; i < COUNT(explained); i++)
                if (strcmp(explained[i].operation, row[0]) == 0 &&
                    strcmp(explained[i].result, row[1]) == 0 &&
                    text_starts(row[2], explained[i].setting))
                        return explained[i].reason;
        return NULL;
}

static bool is_among(const char *property, enum directive_id id)
{
        const char *name = id == DIRECTIVE_COUNT ? NULL : directive_at(id)->name;
        scoped(strv_freep) char **words = NULL;

        assert_true(strv_split(property, ";", &words) >= 0);
        for (char **word = words; name && word && *word; word++) {
                size_t n = strcspn(*word, "=");

                if (n > 2 && strncmp(*word + n - 2, "Ex", 2) == 0)
                        n -= 2;
                if (strlen(name) == n && strncmp(*word, name, n) == 0)
                        return true;
        }
        return false;
}

static const char *without_user(const char *property)
{
        static const char user[] = "User=daemon;";

        return text_starts(property, user) ? property + strlen(user) : property;
}

/* Whether the directive alone was measured to answer so, wherever several settings were tried
 * together. */
static bool is_known_alone(char *const *lines, char *const *row, enum directive_id id)
{
        bool any = false;

        for (char *const *line = lines; *line; line++) {
                scoped(strv_freep) char **other = NULL;

                assert_true(strv_split(*line, "\t", &other) >= 0);
                if (strv_length(other) != FIELDS || strchr(without_user(other[2]), ';') ||
                    strcmp(other[0], row[0]) != 0 || strcmp(other[1], row[1]) != 0)
                        continue;
                any |= is_among(row[2], id);
                if (is_among(other[2], id))
                        return true;
        }
        return !any;
}

static bool check_row(char *const *lines, char *const *row, unsigned version)
{
        struct lab l;
        enum directive_id id;
        bool good;

        lab_open(&l, version, row[2]);
        id = attribute(&l, row[0], row[1], row[2]);
        good = is_among(row[2], id) && (!strchr(row[2], ';') || is_known_alone(lines, row, id));
        if (!good)
                print_message("MISS %s %s under %.90s (%u): %s\n", row[0], row[1], row[2], version,
                              id == DIRECTIVE_COUNT ? "nobody" : directive_at(id)->name);
        lab_done(&l);
        return good;
}

static void every_measured_answer_is_attributed_to_its_directive(void **state)
{
        scoped(mem_freep) char *text = NULL;
        scoped(strv_freep) char **lines = NULL;
        size_t rows = 0, pairs = 0, missed = 0, without = 0;

        (void)state;
        assert_int_equal(
                file_read(AT_FDCWD, "tests/data/reverse.tsv", DATA_LIMIT, &text, NULL, NULL), 0);
        assert_true(strv_split(text, "\n", &lines) >= 0);
        for (char **line = lines + 1; *line; line++) {
                scoped(strv_freep) char **row = NULL, **versions = NULL;

                assert_true(strv_split(*line, "\t", &row) >= 0);
                assert_int_equal(strv_length(row), FIELDS);
                rows++;
                if (explanation(row)) {
                        without++;
                        continue;
                }
                assert_true(strv_split(row[3], "/", &versions) >= 0);
                for (char **v = versions; *v; v++, pairs++)
                        missed += !check_row(lines, row, (unsigned)atoi(*v));
        }
        print_message("%zu rows, %zu with their versions, %zu explained, %zu missed\n", rows, pairs,
                      without, missed);
        assert_true(rows > 700);
        assert_int_equal(missed, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_measured_answer_is_attributed_to_its_directive),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
