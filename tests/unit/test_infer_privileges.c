/* test_infer_privileges.c - users, capabilities, new privileges, keys. */
#include "tests/support/acts.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum {
        CAP_CHOWN = 0,
        CAP_DAC_OVERRIDE = 1,
        CAP_DAC_READ_SEARCH = 2,
        CAP_KILL = 5,
        CAP_SETGID = 6,
        CAP_SETUID = 7,
        CAP_SETPCAP = 8,
        CAP_NET_BIND_SERVICE = 10,
        CAP_NET_RAW = 13,
        CAP_SYS_CHROOT = 18,
        CAP_SYS_ADMIN = 21,
        CAP_SYS_RESOURCE = 24,
        CAP_SYS_TIME = 25,
        CAP_MKNOD = 27,
        CAP_AUDIT_WRITE = 29,
        CAP_SYSLOG = 34,
        NEW_USER = 0x10000000,
        CAPBSET_DROP = 24,
};

static void begin(struct seen *s)
{
        seen_open(s, 257);
        seen_call(s, "read");
        seen_exec(s, "/usr/sbin/app", GAIN_COMMAND);
}

static void blind(struct seen *s)
{
        s->twin->capabilities = false;
        s->live->capabilities = false;
}

static bool keeps(struct seen *s, unsigned cap)
{
        const struct advice *a = seen_advice(s, "CapabilityBoundingSet");

        assert_true(a->value.set);
        return a->value.bits >> cap & 1;
}

/* ---- CapabilityBoundingSet ---- */

static void what_needs_no_capability_gets_none(void **state)
{
        struct seen s;

        (void)state;
        begin(&s);
        seen_infer(&s);
        assert_safe(&s, "CapabilityBoundingSet", "");
        assert_changes(&s, "CapabilityBoundingSet");
        assert_evidence(&s, "CapabilityBoundingSet", "no capability");
        seen_done(&s);
}

static void granted_checks_are_kept(void **state)
{
        struct seen s;

        (void)state;
        begin(&s);
        seen_cap(&s, CAP_NET_BIND_SERVICE);
        seen_cap(&s, CAP_SETGID);
        seen_infer(&s);
        assert_safe(&s, "CapabilityBoundingSet", "CAP_NET_BIND_SERVICE CAP_SETGID");
        seen_done(&s);
}

static void quiet_checks_are_not(void **state)
{
        struct seen s;

        (void)state;
        begin(&s);
        seen_cap(&s, CAP_SYS_ADMIN)->flags |= ACT_QUIET;
        seen_infer(&s);
        assert_safe(&s, "CapabilityBoundingSet", "");
        seen_done(&s);
}

static void checks_in_a_user_namespace_of_its_own_are_not(void **state)
{
        struct seen s;

        (void)state;
        begin(&s);
        seen_args(&s, "unshare", NEW_USER, 0, 0);
        seen_call(&s, "mount");
        seen_cap(&s, CAP_SYS_ADMIN)->c = 1;
        seen_infer(&s);
        assert_false(keeps(&s, CAP_SYS_ADMIN));
        seen_done(&s);
}

static void a_refused_capability_is_not_kept(void **state)
{
        struct seen s;

        (void)state;
        begin(&s);
        seen_cap(&s, CAP_SYS_TIME)->error = EPERM;
        seen_infer(&s);
        assert_false(keeps(&s, CAP_SYS_TIME));
        seen_done(&s);
}

static void what_only_the_twin_refused_is_kept(void **state)
{
        struct seen s;
        struct act *a;

        (void)state;
        begin(&s);
        a = seen_cap(&s, CAP_SYS_TIME);
        a->error = EPERM;
        a->flags |= ACT_BY_TWIN;
        seen_infer(&s);
        assert_safe(&s, "CapabilityBoundingSet", "CAP_SYS_TIME");
        assert_evidence(&s, "CapabilityBoundingSet", "the twin has it not");
        seen_done(&s);
}

static void what_only_the_twin_refused_is_unknown_from_a_twin_alone(void **state)
{
        struct seen s;
        struct act *a;

        (void)state;
        begin(&s);
        seen_twin_only(&s);
        a = seen_cap(&s, CAP_SYS_TIME);
        a->error = EPERM;
        a->flags |= ACT_BY_TWIN;
        seen_infer(&s);
        assert_unknown(&s, "CapabilityBoundingSet");
        seen_done(&s);
}

static void search_is_kept_where_search_was_asked(void **state)
{
        struct seen s;

        (void)state;
        begin(&s);
        seen_cap(&s, CAP_DAC_READ_SEARCH);
        seen_infer(&s);
        assert_safe(&s, "CapabilityBoundingSet", "CAP_DAC_READ_SEARCH");
        seen_done(&s);
}

/* A call that cannot be made without; the last column: only where checks were not seen. */
static const struct {
        const char *call;
        unsigned cap;
        bool blind;
} needs[] = {
        { "mount", CAP_SYS_ADMIN, false },       { "chroot", CAP_SYS_CHROOT, false },
        { "settimeofday", CAP_SYS_TIME, false }, { "sethostname", CAP_SYS_ADMIN, false },
        { "setns", CAP_SYS_ADMIN, false },       { "chown", CAP_CHOWN, true },
        { "fchownat", CAP_CHOWN, true },         { "setuid", CAP_SETUID, true },
        { "setgroups", CAP_SETGID, true },       { "setrlimit", CAP_SYS_RESOURCE, true },
        { "syslog", CAP_SYSLOG, true },          { "capset", CAP_SETPCAP, true },
};

static void calls_tell_where_checks_do_not(void **state)
{
        (void)state;
        for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
                struct seen s;

                begin(&s);
                blind(&s);
                seen_call(&s, needs[i].call);
                seen_infer(&s);
                assert_true(keeps(&s, needs[i].cap));
                assert_limits(&s, "CapabilityBoundingSet", "not seen themselves");
                seen_done(&s);
        }
}

static void calls_are_a_safety_net_where_no_check_can_be_missing(void **state)
{
        (void)state;
        for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
                struct seen s;

                begin(&s);
                seen_call(&s, needs[i].call);
                seen_infer(&s);
                assert_int_equal(keeps(&s, needs[i].cap), !needs[i].blind);
                seen_done(&s);
        }
}

static void a_call_that_always_failed_needs_nothing(void **state)
{
        struct seen s;

        (void)state;
        begin(&s);
        seen_call(&s, "chroot")->count = 3;
        seen_act(&s,
                 &(struct act){ .kind = ACT_CALL, .name = "chroot", .error = EPERM, .count = 3 });
        seen_infer(&s);
        assert_false(keeps(&s, CAP_SYS_CHROOT));
        seen_done(&s);
}

static void low_ports_need_their_capability(void **state)
{
        static const struct {
                unsigned port;
                bool needs;
        } ports[] = { { 80, true }, { 1023, true }, { 1024, false }, { 8080, false } };

        (void)state;
        for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
                struct seen s;

                begin(&s);
                seen_bind(&s, AF_INET, SOCK_STREAM, "0.0.0.0", ports[i].port);
                seen_infer(&s);
                assert_int_equal(keeps(&s, CAP_NET_BIND_SERVICE), ports[i].needs);
                seen_done(&s);
        }
}

static void raw_sockets_need_their_capability(void **state)
{
        struct seen s;

        (void)state;
        begin(&s);
        seen_socket(&s, AF_INET, SOCK_RAW, 1);
        seen_infer(&s);
        assert_true(keeps(&s, CAP_NET_RAW));
        seen_done(&s);
        begin(&s);
        seen_socket(&s, AF_NETLINK, SOCK_RAW, 0);
        seen_infer(&s);
        assert_false(keeps(&s, CAP_NET_RAW));
        seen_done(&s);
}

static void devices_that_it_makes_need_theirs_and_files_do_not(void **state)
{
        struct seen s;

        (void)state;
        begin(&s);
        seen_args(&s, "mknodat", S_IFCHR | 0600, 0, 0);
        seen_infer(&s);
        assert_true(keeps(&s, CAP_MKNOD));
        seen_done(&s);
        begin(&s);
        seen_args(&s, "mknodat", S_IFIFO | 0600, 0, 0);
        seen_infer(&s);
        assert_false(keeps(&s, CAP_MKNOD));
        seen_done(&s);
}

static void the_kernels_log_needs_its_capability(void **state)
{
        struct seen s;

        (void)state;
        begin(&s);
        seen_path(&s, "/proc/kmsg", ACCESS_READ);
        seen_infer(&s);
        assert_true(keeps(&s, CAP_SYSLOG));
        seen_done(&s);
        begin(&s);
        seen_path(&s, "/proc/kallsyms", ACCESS_READ);
        seen_infer(&s);
        assert_false(keeps(&s, CAP_SYSLOG));
        seen_done(&s);
}

static void the_set_is_never_emptied_in_silence_while_root_reads_what_is_not_roots(void **state)
{
        struct seen s;

        (void)state;
        begin(&s);
        blind(&s);
        seen_file(&s, "/var/lib/app/key", ACCESS_READ, S_IFREG | 0600, 33, "ext4");
        seen_infer(&s);
        assert_true(keeps(&s, CAP_DAC_OVERRIDE));
        seen_done(&s);
        begin(&s);
        blind(&s);
        seen_file(&s, "/etc/app/key", ACCESS_READ, S_IFREG | 0600, 0, "ext4");
        seen_infer(&s);
        assert_false(keeps(&s, CAP_DAC_OVERRIDE));
        seen_done(&s);
}

static void capabilities_of_a_programs_file_are_kept(void **state)
{
        struct seen s;

        (void)state;
        begin(&s);
        seen_exec(&s, "/usr/bin/ping", GAIN_FILECAPS)->b = 1U << CAP_NET_RAW;
        seen_infer(&s);
        assert_true(keeps(&s, CAP_NET_RAW));
        seen_done(&s);
}

static void what_a_setuid_program_needs_is_unknown_without_its_checks(void **state)
{
        struct seen s;

        (void)state;
        begin(&s);
        blind(&s);
        seen_set(&s, "User", "app");
        seen_exec(&s, "/usr/bin/sudo", GAIN_SETUID);
        seen_infer(&s);
        assert_unknown(&s, "CapabilityBoundingSet");
        seen_done(&s);
}

static void the_units_own_set_only_gets_smaller(void **state)
{
        struct seen s;

        (void)state;
        begin(&s);
        seen_set(&s, "CapabilityBoundingSet", "CAP_CHOWN CAP_SETUID");
        seen_cap(&s, CAP_CHOWN);
        seen_cap(&s, CAP_SYS_ADMIN);
        seen_infer(&s);
        assert_safe(&s, "CapabilityBoundingSet", "CAP_CHOWN");
        seen_done(&s);
}

/* facts/shh.md 2: mosquitto's reload failed, as CAP_KILL was gone and no reload was watched. */
static void a_reload_that_was_not_seen_keeps_cap_kill(void **state)
{
        struct seen s;

        (void)state;
        for (int seen = 0; seen < 2; seen++) {
                begin(&s);
                seen_command(&s, "ExecReload", "/bin/kill", "/bin/kill -HUP $MAINPID");
                seen_path(&s, "/var/lib/app/db", ACCESS_WRITE)->uid = 107;
                if (!seen)
                        s.twin->seen &= ~(unsigned)SEEN_RELOAD;
                seen_infer(&s);
                assert_int_equal(keeps(&s, CAP_KILL), !seen);
                if (!seen)
                        assert_evidence(&s, "CapabilityBoundingSet", "reload was not seen");
                seen_done(&s);
        }
}

static void a_reload_that_is_not_sandboxed_keeps_nothing(void **state)
{
        struct seen s;
        struct exec_line *line;

        (void)state;
        begin(&s);
        seen_command(&s, "ExecReload", "/bin/kill", "/bin/kill -HUP $MAINPID");
        line = &s.unit->facts.exec[0];
        free(line->prefixes);
        line->prefixes = strdup("+");
        seen_path(&s, "/var/lib/app/db", ACCESS_WRITE)->uid = 107;
        s.twin->seen &= ~(unsigned)SEEN_RELOAD;
        seen_infer(&s);
        assert_false(keeps(&s, CAP_KILL));
        seen_done(&s);
}

/* facts/shh.md 2: nginx could not hand its new log to www-data after mv and USR1. */
static void logs_written_as_root_by_one_that_works_as_another_keep_cap_chown(void **state)
{
        struct seen s;

        (void)state;
        begin(&s);
        seen_path(&s, "/var/log/app/access.log", ACCESS_WRITE | ACCESS_CREATE);
        seen_path(&s, "/srv/www/index.html", ACCESS_READ)->uid = 33;
        seen_infer(&s);
        assert_true(keeps(&s, CAP_CHOWN));
        assert_evidence(&s, "CapabilityBoundingSet", "new log");
        seen_done(&s);
        begin(&s);
        seen_path(&s, "/var/log/app/access.log", ACCESS_WRITE | ACCESS_CREATE);
        seen_infer(&s);
        assert_false(keeps(&s, CAP_CHOWN));
        seen_done(&s);
}

static void one_that_drops_its_own_set_keeps_setpcap(void **state)
{
        struct seen s;

        (void)state;
        begin(&s);
        seen_args(&s, "prctl", CAPBSET_DROP, 3, 0);
        seen_infer(&s);
        assert_true(keeps(&s, CAP_SETPCAP));
        seen_done(&s);
}

static void pam_keeps_audit_write(void **state)
{
        struct seen s;

        (void)state;
        begin(&s);
        seen_path(&s, "/etc/pam.d/vsftpd", ACCESS_READ);
        seen_infer(&s);
        assert_true(keeps(&s, CAP_AUDIT_WRITE));
        seen_done(&s);
}

/* ---- AmbientCapabilities ---- */

static void ambient_capabilities_stay_and_are_in_the_bounding_set(void **state)
{
        struct seen s;

        (void)state;
        begin(&s);
        seen_set(&s, "User", "app");
        seen_set(&s, "AmbientCapabilities", "CAP_NET_BIND_SERVICE");
        seen_cap(&s, CAP_NET_BIND_SERVICE);
        seen_infer(&s);
        assert_stands(&s, "AmbientCapabilities");
        assert_safe(&s, "CapabilityBoundingSet", "CAP_NET_BIND_SERVICE");
        seen_done(&s);
}

static void unused_ambient_capabilities_are_pointed_out(void **state)
{
        struct seen s;

        (void)state;
        begin(&s);
        seen_set(&s, "User", "app");
        seen_set(&s, "AmbientCapabilities", "CAP_NET_BIND_SERVICE CAP_NET_RAW");
        seen_cap(&s, CAP_NET_RAW);
        seen_infer(&s);
        assert_evidence(&s, "AmbientCapabilities", "CAP_NET_RAW of it was used");
        assert_false(seen_advice(&s, "AmbientCapabilities")->changes);
        assert_true(keeps(&s, CAP_NET_BIND_SERVICE));
        seen_done(&s);
}

/* ---- NoNewPrivileges ---- */

static void nothing_gained_and_no_new_privileges_is_safe(void **state)
{
        struct seen s;

        (void)state;
        begin(&s);
        seen_exec(&s, "/usr/bin/id", 0);
        seen_infer(&s);
        assert_safe(&s, "NoNewPrivileges", "yes");
        assert_changes(&s, "NoNewPrivileges");
        seen_done(&s);
}

static void programs_that_gain_break_it(void **state)
{
        static const unsigned gains[] = { GAIN_SETUID, GAIN_SETGID, GAIN_FILECAPS };

        (void)state;
        for (size_t i = 0; i < sizeof(gains) / sizeof(gains[0]); i++) {
                struct seen s;

                begin(&s);
                seen_exec(&s, "/usr/lib/app/helper", gains[i]);
                seen_infer(&s);
                assert_breaks(&s, "NoNewPrivileges", "yes");
                assert_evidence(&s, "NoNewPrivileges", "/usr/lib/app/helper");
                seen_done(&s);
        }
}

static void security_modules_make_it_unknown(void **state)
{
        struct seen s;

        (void)state;
        begin(&s);
        seen_set(&s, "AppArmorProfile", "app");
        seen_infer(&s);
        assert_unknown(&s, "NoNewPrivileges");
        seen_done(&s);
        begin(&s);
        seen_path(&s, "/proc/1/attr/exec", ACCESS_WRITE);
        seen_infer(&s);
        assert_unknown(&s, "NoNewPrivileges");
        seen_done(&s);
        begin(&s);
        seen_path(&s, "/sys/fs/selinux/enforce", ACCESS_READ);
        seen_infer(&s);
        assert_unknown(&s, "NoNewPrivileges");
        seen_done(&s);
}

static void user_root_in_so_many_words_loses_setuid_from_255_on(void **state)
{
        static const unsigned majors[] = { 252, 257 };

        (void)state;
        for (size_t i = 0; i < 2; i++) {
                struct seen s;

                seen_open(&s, majors[i]);
                seen_set(&s, "User", "root");
                seen_cap(&s, CAP_SETUID);
                seen_infer(&s);
                if (majors[i] < 255)
                        assert_changes(&s, "NoNewPrivileges");
                else
                        assert_unknown(&s, "NoNewPrivileges");
                seen_done(&s);
        }
}

/* ---- SecureBits ---- */

static void secure_bits_are_never_advised(void **state)
{
        struct seen s;

        (void)state;
        begin(&s);
        seen_infer(&s);
        assert_unknown(&s, "SecureBits");
        seen_done(&s);
        begin(&s);
        seen_cap(&s, CAP_CHOWN);
        seen_infer(&s);
        assert_false(seen_advice(&s, "SecureBits")->changes);
        assert_breaks(&s, "SecureBits", "noroot noroot-locked");
        seen_done(&s);
}

/* ---- User and DynamicUser ---- */

static void write_passwd(char *root)
{
        char path[128];
        FILE *f;

        assert_non_null(mkdtemp(root));
        snprintf(path, sizeof(path), "%s/etc", root);
        assert_int_equal(mkdir(path, 0755), 0);
        snprintf(path, sizeof(path), "%s/etc/passwd", root);
        f = fopen(path, "w");
        assert_non_null(f);
        fputs("root:x:0:0::/root:/bin/sh\nbad\n:x:33:\nwww-data:x:33:33::/var/www:/bin/sh\n", f);
        fclose(f);
}

static void remove_passwd(const char *root)
{
        char path[128];

        snprintf(path, sizeof(path), "%s/etc/passwd", root);
        unlink(path);
        snprintf(path, sizeof(path), "%s/etc", root);
        rmdir(path);
        rmdir(root);
}

static void one_that_drops_by_itself_is_told_what_its_user_would_need(void **state)
{
        char root[] = "/tmp/gird-accounts-XXXXXX";
        struct seen s;

        (void)state;
        write_passwd(root);
        begin(&s);
        s.root = root;
        seen_cap(&s, CAP_NET_BIND_SERVICE);
        seen_file(&s, "/etc/ssl/private/app.key", ACCESS_READ, S_IFREG | 0600, 0, "ext4");
        seen_file(&s, "/etc/app/state", ACCESS_WRITE, S_IFREG | 0644, 0, "ext4");
        seen_path(&s, "/srv/www/index.html", ACCESS_READ)->uid = 33;
        seen_infer(&s);
        assert_unknown(&s, "User");
        assert_string_equal(seen_advice(&s, "User")->value.words[0], "www-data");
        assert_evidence(&s, "User", "CAP_NET_BIND_SERVICE");
        assert_evidence(&s, "User", "/etc/ssl/private/app.key");
        assert_evidence(&s, "User", "/etc/app/state");
        assert_unknown(&s, "DynamicUser");
        seen_done(&s);
        remove_passwd(root);
}

static void nobody_is_never_proposed(void **state)
{
        struct seen s;

        (void)state;
        begin(&s);
        seen_path(&s, "/srv/www/index.html", ACCESS_READ)->uid = 65534;
        seen_infer(&s);
        assert_unknown(&s, "User");
        assert_false(seen_advice(&s, "User")->value.set);
        assert_evidence(&s, "User", "account of its own");
        seen_done(&s);
}

static void nothing_of_roots_and_a_dynamic_user_may_do(void **state)
{
        struct seen s;

        (void)state;
        begin(&s);
        seen_file(&s, "/etc/app.conf", ACCESS_READ, S_IFREG | 0644, 0, "ext4");
        seen_infer(&s);
        assert_unknown(&s, "DynamicUser");
        assert_evidence(&s, "DynamicUser", "may well work");
        seen_done(&s);
        begin(&s);
        seen_file(&s, "/etc/app.conf", ACCESS_READ, S_IFREG | 0600, 0, "ext4");
        seen_infer(&s);
        assert_unknown(&s, "DynamicUser");
        assert_evidence(&s, "DynamicUser", "/etc/app.conf");
        seen_done(&s);
}

static void many_paths_are_counted_and_not_listed(void **state)
{
        struct seen s;

        (void)state;
        begin(&s);
        for (unsigned i = 0; i < 9; i++) {
                char path[64];

                snprintf(path, sizeof(path), "/etc/app%u/key", i);
                seen_file(&s, path, ACCESS_READ, S_IFREG | 0600, 0, "ext4");
                seen_file(&s, path, ACCESS_READ | ACCESS_LOOK, S_IFREG | 0600, 0, "ext4");
        }
        seen_infer(&s);
        assert_evidence(&s, "User", "/etc/app0/key, /etc/app1/key");
        assert_evidence(&s, "User", "and 6 more");
        seen_done(&s);
}

static void who_has_a_user_keeps_it(void **state)
{
        struct seen s;

        (void)state;
        begin(&s);
        seen_set(&s, "User", "app");
        seen_set(&s, "SupplementaryGroups", "ssl-cert");
        seen_infer(&s);
        assert_stands(&s, "User");
        assert_stands(&s, "SupplementaryGroups");
        assert_unknown(&s, "DynamicUser");
        seen_done(&s);
}

/* ---- KeyringMode ---- */

static void keyrings_of_its_own_are_what_it_has(void **state)
{
        struct seen s;

        (void)state;
        begin(&s);
        seen_call(&s, "keyctl");
        seen_infer(&s);
        assert_stands(&s, "KeyringMode");
        seen_done(&s);
}

static void shared_keys_that_are_used_stay_shared(void **state)
{
        struct seen s;

        (void)state;
        begin(&s);
        seen_set(&s, "KeyringMode", "shared");
        seen_call(&s, "request_key");
        seen_infer(&s);
        assert_breaks(&s, "KeyringMode", "private");
        seen_done(&s);
        begin(&s);
        seen_set(&s, "KeyringMode", "shared");
        seen_infer(&s);
        assert_safe(&s, "KeyringMode", "private");
        assert_changes(&s, "KeyringMode");
        seen_done(&s);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_needs_no_capability_gets_none),
                cmocka_unit_test(granted_checks_are_kept),
                cmocka_unit_test(quiet_checks_are_not),
                cmocka_unit_test(checks_in_a_user_namespace_of_its_own_are_not),
                cmocka_unit_test(a_refused_capability_is_not_kept),
                cmocka_unit_test(what_only_the_twin_refused_is_kept),
                cmocka_unit_test(what_only_the_twin_refused_is_unknown_from_a_twin_alone),
                cmocka_unit_test(search_is_kept_where_search_was_asked),
                cmocka_unit_test(calls_tell_where_checks_do_not),
                cmocka_unit_test(calls_are_a_safety_net_where_no_check_can_be_missing),
                cmocka_unit_test(a_call_that_always_failed_needs_nothing),
                cmocka_unit_test(low_ports_need_their_capability),
                cmocka_unit_test(raw_sockets_need_their_capability),
                cmocka_unit_test(devices_that_it_makes_need_theirs_and_files_do_not),
                cmocka_unit_test(the_kernels_log_needs_its_capability),
                cmocka_unit_test(
                        the_set_is_never_emptied_in_silence_while_root_reads_what_is_not_roots),
                cmocka_unit_test(capabilities_of_a_programs_file_are_kept),
                cmocka_unit_test(what_a_setuid_program_needs_is_unknown_without_its_checks),
                cmocka_unit_test(the_units_own_set_only_gets_smaller),
                cmocka_unit_test(a_reload_that_was_not_seen_keeps_cap_kill),
                cmocka_unit_test(a_reload_that_is_not_sandboxed_keeps_nothing),
                cmocka_unit_test(logs_written_as_root_by_one_that_works_as_another_keep_cap_chown),
                cmocka_unit_test(one_that_drops_its_own_set_keeps_setpcap),
                cmocka_unit_test(pam_keeps_audit_write),
                cmocka_unit_test(ambient_capabilities_stay_and_are_in_the_bounding_set),
                cmocka_unit_test(unused_ambient_capabilities_are_pointed_out),
                cmocka_unit_test(nothing_gained_and_no_new_privileges_is_safe),
                cmocka_unit_test(programs_that_gain_break_it),
                cmocka_unit_test(security_modules_make_it_unknown),
                cmocka_unit_test(user_root_in_so_many_words_loses_setuid_from_255_on),
                cmocka_unit_test(secure_bits_are_never_advised),
                cmocka_unit_test(one_that_drops_by_itself_is_told_what_its_user_would_need),
                cmocka_unit_test(nobody_is_never_proposed),
                cmocka_unit_test(nothing_of_roots_and_a_dynamic_user_may_do),
                cmocka_unit_test(many_paths_are_counted_and_not_listed),
                cmocka_unit_test(who_has_a_user_keeps_it),
                cmocka_unit_test(keyrings_of_its_own_are_what_it_has),
                cmocka_unit_test(shared_keys_that_are_used_stay_shared),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
