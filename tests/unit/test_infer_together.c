/* test_infer_together.c - what is safe alone and not together, not for ever, or not for others; and
 * the mistakes of the closest peer (facts/shh.md 3 and 4), each as a test. */
#include "tests/support/acts.h"

#include "core/base/text.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cmocka.h>

enum { CAP_SYS_TIME = 25, CAP_SYSLOG = 34, CAP_NET_BIND_SERVICE = 10 };

static void begin_as(struct seen *s, unsigned major)
{
        seen_open(s, major);
        seen_call(s, "read");
        seen_call(s, "openat");
        seen_exec(s, "/usr/sbin/app", GAIN_COMMAND);
}

static void begin(struct seen *s)
{
        begin_as(s, 257);
}

static void set_binary(struct seen *s, const char *path)
{
        free(s->behaviour->binary);
        s->behaviour->binary = strdup(path);
        assert_non_null(s->behaviour->binary);
}

/* ---- compilers ---- */

static void without_a_compiler_memory_stays_either_or(void **state)
{
        static const char *const libraries[] = {
                "/usr/lib/x86_64-linux-gnu/libc.so.6",
                "/usr/bin/node_exporter",
                "/usr/lib/x86_64-linux-gnu/libpcre2-8.so.0",
                "/usr/lib/php_errors",
                "/usr/bin/javascript_minifier",
                "/usr/bin/monolith",
        };
        struct seen s;

        (void)state;
        begin(&s);
        for (size_t i = 0; i < sizeof(libraries) / sizeof(libraries[0]); i++)
                seen_path(&s, libraries[i], ACCESS_READ | ACCESS_MAP_EXEC);
        seen_infer(&s);
        assert_safe(&s, "MemoryDenyWriteExecute", "yes");
        assert_changes(&s, "MemoryDenyWriteExecute");
        seen_done(&s);
}

static void a_compiler_that_is_mapped_may_start_later(void **state)
{
        static const char *const libraries[] = {
                "/usr/lib/postgresql/17/lib/llvmjit.so",
                "/usr/lib/llvm-19/lib/libLLVM.so.19.1",
                "/usr/lib/jvm/java-21-openjdk-amd64/lib/server/libjvm.so",
                "/usr/bin/node",
                "/usr/bin/node20",
                "/usr/lib/x86_64-linux-gnu/libluajit-5.1.so.2",
                "/usr/lib/dotnet/libcoreclr.so",
                "/usr/bin/pypy3",
                "/usr/sbin/php-fpm8.4",
                "/usr/lib/erlang/erts-15/bin/beam.smp",
                "/usr/lib/libmonosgen-2.0.so.1",
                "/usr/lib/python3/lib-dynload/_ctypes.cpython-313-x86_64-linux-gnu.so",
                "/usr/bin/qemu-system-x86_64",
        };

        (void)state;
        for (size_t i = 0; i < sizeof(libraries) / sizeof(libraries[0]); i++) {
                struct seen s;

                begin(&s);
                seen_path(&s, libraries[i], ACCESS_READ | ACCESS_MAP_EXEC);
                seen_infer(&s);
                assert_unknown(&s, "MemoryDenyWriteExecute");
                assert_evidence(&s, "MemoryDenyWriteExecute", libraries[i]);
                seen_done(&s);
        }
}

/* facts/shh.md 3b: PostgreSQL's JIT was not at work while it was watched. */
static void postgresql_may_compile_although_nothing_of_it_is_mapped(void **state)
{
        struct seen s;

        (void)state;
        begin(&s);
        set_binary(&s, "/usr/lib/postgresql/17/bin/postgres");
        seen_infer(&s);
        assert_unknown(&s, "MemoryDenyWriteExecute");
        seen_done(&s);
}

static void a_library_that_is_only_looked_at_compiles_nothing(void **state)
{
        struct seen s;

        (void)state;
        begin(&s);
        seen_path(&s, "/usr/bin/node", ACCESS_LOOK);
        seen_infer(&s);
        assert_changes(&s, "MemoryDenyWriteExecute");
        seen_done(&s);
}

/* ---- new privileges that come along ---- */

static void filters_bring_no_new_privileges_up_to_254(void **state)
{
        static const char *const filters[] = {
                "SystemCallFilter", "LockPersonality",      "RestrictAddressFamilies",
                "RestrictRealtime", "ProtectKernelModules", "SystemCallArchitectures"
        };
        static const unsigned majors[] = { 252, 257 };

        (void)state;
        for (size_t m = 0; m < 2; m++) {
                struct seen s;

                begin_as(&s, majors[m]);
                seen_set(&s, "User", "app");
                seen_exec(&s, "/usr/bin/sudo", GAIN_SETUID);
                seen_infer(&s);
                for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++)
                        if (majors[m] < 255)
                                assert_unknown(&s, filters[i]);
                        else
                                assert_changes(&s, filters[i]);
                seen_done(&s);
        }
}

static void root_puts_filters_in_place_without_them(void **state)
{
        struct seen s;

        (void)state;
        begin_as(&s, 252);
        seen_exec(&s, "/usr/bin/helper", GAIN_SETGID);
        seen_infer(&s);
        assert_breaks(&s, "NoNewPrivileges", "yes");
        assert_changes(&s, "LockPersonality");
        seen_done(&s);
}

static void root_by_name_without_new_privileges_would_lose_setuid(void **state)
{
        static const char *const users[] = { "root", NULL };

        (void)state;
        for (size_t i = 0; i < 2; i++) {
                struct seen s;

                begin(&s);
                if (users[i])
                        seen_set(&s, "User", users[i]);
                seen_set(&s, "NoNewPrivileges", "yes");
                seen_cap(&s, 7);
                seen_infer(&s);
                if (users[i])
                        assert_unknown(&s, "SystemCallFilter");
                else
                        assert_changes(&s, "SystemCallFilter");
                seen_done(&s);
        }
}

/* ---- what comes along ---- */

/* A directive, and what it takes by the way. */
static const struct {
        const char *directive, *call;
        unsigned cap;
} brings[] = {
        { "ProtectClock", "adjtimex", CAP_SYS_TIME },
        { "ProtectKernelLogs", "syslog", CAP_SYSLOG },
        { "ProtectKernelModules", "finit_module", 16 },
        { "PrivateDevices", "iopl", 17 },
        { "ProtectHostname", "sethostname", 64 },
};

static void what_a_directive_takes_by_the_way_is_looked_at(void **state)
{
        (void)state;
        for (size_t i = 0; i < sizeof(brings) / sizeof(brings[0]); i++) {
                struct seen s;

                begin(&s);
                seen_infer(&s);
                assert_changes(&s, brings[i].directive);
                seen_done(&s);

                begin(&s);
                seen_call(&s, brings[i].call);
                seen_infer(&s);
                assert_false(seen_advice(&s, brings[i].directive)->changes);
                seen_done(&s);

                begin(&s);
                if (brings[i].cap < 64)
                        seen_cap(&s, brings[i].cap);
                seen_infer(&s);
                assert_int_equal(seen_advice(&s, brings[i].directive)->changes,
                                 brings[i].cap == 64);
                seen_done(&s);
        }
}

static void a_users_namespace_is_not_given_to_one_with_capabilities(void **state)
{
        struct seen s;

        (void)state;
        begin(&s);
        seen_cap(&s, CAP_NET_BIND_SERVICE);
        seen_infer(&s);
        assert_false(seen_advice(&s, "PrivateUsers")->changes);
        seen_done(&s);
}

static void openat2_is_not_answered_with_enosys(void **state)
{
        struct seen s;

        (void)state;
        begin(&s);
        seen_infer(&s);
        assert_changes(&s, "RestrictSUIDSGID");
        seen_done(&s);
        begin(&s);
        seen_call(&s, "openat2");
        seen_infer(&s);
        assert_unknown(&s, "RestrictSUIDSGID");
        seen_done(&s);
}

static void the_clock_closes_all_other_devices_before_252(void **state)
{
        static const unsigned majors[] = { 247, 257 };

        (void)state;
        for (size_t i = 0; i < 2; i++) {
                struct seen s;

                begin_as(&s, majors[i]);
                seen_file(&s, "/dev/ttyUSB0", ACCESS_READ | ACCESS_WRITE, S_IFCHR | 0660, 0,
                          "devtmpfs");
                seen_infer(&s);
                assert_int_equal(seen_advice(&s, "ProtectClock")->changes, majors[i] >= 252);
                seen_done(&s);
        }
}

/* Everything that is safe, taken over and implied: nothing that was seen is lost. */
static void all_at_once_still_permits_what_was_seen(void **state)
{
        static const unsigned caps[] = { 0, 1, 5, 6, 7, 10, 12, 13, 18, 21, 23, 24, 25, 27, 34 };
        static const char *const calls[] = { "setuid", "chown",  "chroot",      "adjtimex",
                                             "mount",  "syslog", "setpriority", "keyctl" };

        (void)state;
        for (unsigned round = 0; round < 64; round++) {
                struct profile *p = NULL;
                struct sandbox *after = NULL;
                const struct value *bounding, *filter;
                struct seen s;
                size_t count;

                begin_as(&s, round % 2 ? 252 : 257);
                for (unsigned i = 0; i < sizeof(caps) / sizeof(caps[0]); i++)
                        if ((round * 2654435761U) >> (i + 8) & 1)
                                seen_cap(&s, caps[i]);
                for (unsigned i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
                        if ((round * 2246822519U) >> (i + 8) & 1)
                                seen_call(&s, calls[i]);
                seen_infer(&s);
                assert_int_equal(profile_new("app.service", SCOPE_SYSTEM, &p), 0);
                assert_int_equal(advices_take(&s.advices, p, NULL, &count), 0);
                assert_int_equal(profile_apply(p, s.unit, &s.dialect, &after), 0);
                bounding = &after->settings[D_CapabilityBoundingSet].value;
                filter = &after->settings[D_SystemCallFilter].value;
                for (const struct act *a = behaviour_first(s.behaviour, ACT_CAP); a;
                     a = behaviour_next(s.behaviour, a))
                        assert_true(!bounding->set || bounding->bits >> a->a & 1);
                for (const struct act *a = behaviour_first(s.behaviour, ACT_CALL); a;
                     a = behaviour_next(s.behaviour, a))
                        assert_true(!filter->set || strv_has(filter->words, a->name));
                profile_free(p);
                sandbox_free(after);
                seen_done(&s);
        }
}

/* ---- sockets in /tmp ---- */

static void a_socket_in_tmp_keeps_tmp_shared(void **state)
{
        struct seen s;

        (void)state;
        begin(&s);
        seen_bind(&s, AF_UNIX, SOCK_STREAM, "/tmp/.s.PGSQL.5432", 0);
        seen_infer(&s);
        assert_false(seen_advice(&s, "PrivateTmp")->changes);
        seen_done(&s);
        begin(&s);
        seen_connect(&s, AF_UNIX, SOCK_STREAM, "/tmp/mysql.sock", 0);
        seen_infer(&s);
        assert_false(seen_advice(&s, "PrivateTmp")->changes);
        seen_done(&s);
}

static void a_socket_elsewhere_does_not(void **state)
{
        struct seen s;

        (void)state;
        begin(&s);
        seen_connect(&s, AF_UNIX, SOCK_STREAM, "/run/mysqld/mysqld.sock", 0);
        seen_infer(&s);
        assert_changes(&s, "PrivateTmp");
        seen_done(&s);
}

/* ---- the closest peer's mistakes ---- */

/* 3a, 3b: units that are hard already stay as hard, and still get advice. */
static void a_hardened_unit_stays_as_hard(void **state)
{
        static const char *const own[][2] = {
                { "NoExecPaths", "/" },
                { "ExecPaths", "/usr/bin /usr/lib" },
                { "CapabilityBoundingSet", "CAP_SETUID CAP_SETGID" },
                { "SystemCallFilter", "@system-service" },
                { "SystemCallFilter", "~@privileged @resources" },
                { "RestrictAddressFamilies", "AF_UNIX AF_INET" },
                { "RestrictNamespaces", "yes" },
                { "ProtectSystem", "strict" },
                { "NoNewPrivileges", "yes" },
                { "User", "redis" },
        };
        static const char *const names[] = { "NoExecPaths",        "CapabilityBoundingSet",
                                             "SystemCallFilter",   "RestrictAddressFamilies",
                                             "RestrictNamespaces", "ProtectSystem",
                                             "NoNewPrivileges" };
        struct seen s;

        (void)state;
        begin(&s);
        for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
                seen_set(&s, own[i][0], own[i][1]);
        seen_call(&s, "chown");
        seen_cap(&s, 7);
        seen_infer(&s);
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
                const struct directive *d = directive_find(names[i]);
                const struct advice *a = seen_advice(&s, names[i]);
                enum value_order order = value_compare(&a->value, &s.unit->settings[d->id].value, d,
                                                       &s.dialect);

                if (a->verdict == ADVICE_SAFE)
                        assert_true(order == VALUE_SAME || order == VALUE_STRICTER);
        }
        seen_done(&s);
}

/* 3a: "-/usr/bin/pg_ctlcluster" is a path with a prefix, and nothing else. */
static void prefixes_of_commands_change_nothing(void **state)
{
        struct seen s;

        (void)state;
        begin(&s);
        seen_command(&s, "ExecStart", "/usr/sbin/app", "/usr/sbin/app");
        free(s.unit->facts.exec[0].prefixes);
        s.unit->facts.exec[0].prefixes = strdup("-@:");
        seen_infer(&s);
        assert_false(s.advices.launcher);
        assert_changes(&s, "NoNewPrivileges");
        seen_done(&s);
}

/* 3b: creat, unlink, symlink, truncate and chmod write as well as open does. */
static void every_way_to_write_keeps_the_place_writable(void **state)
{
        static const unsigned ways[] = { ACCESS_CREATE, ACCESS_DELETE, ACCESS_TRUNCATE,
                                         ACCESS_CHANGE, ACCESS_WRITE };

        (void)state;
        for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
                struct seen s;

                begin(&s);
                seen_path(&s, "/etc/app/state", ways[i]);
                seen_infer(&s);
                if (seen_advice(&s, "ProtectSystem")->changes &&
                    (strcmp(seen_advice(&s, "ProtectSystem")->value.words[0], "strict") == 0 ||
                     strcmp(seen_advice(&s, "ProtectSystem")->value.words[0], "full") == 0))
                        assert_changes(&s, "ReadWritePaths");
                seen_done(&s);
        }
}

/* 3b: ports of the kernel's own range are different next time. */
static void random_ports_are_not_frozen(void **state)
{
        struct seen s;

        (void)state;
        begin(&s);
        seen_bind(&s, AF_INET, SOCK_DGRAM, "0.0.0.0", 43210);
        seen_bind(&s, AF_INET, SOCK_DGRAM, "0.0.0.0", 51234);
        seen_infer(&s);
        for (char **w = seen_advice(&s, "SocketBindAllow")->value.words; w && *w; w++) {
                assert_null(strstr(*w, "43210"));
                assert_null(strstr(*w, "51234"));
        }
        seen_done(&s);
}

/* 3b: names of unlinked files, and of processes, are different next time. */
static void names_of_the_moment_are_not_frozen(void **state)
{
        static const char *const lists[] = { "ReadWritePaths", "BindPaths", "BindReadOnlyPaths",
                                             "InaccessiblePaths", "ReadOnlyPaths" };
        struct seen s;

        (void)state;
        begin(&s);
        seen_path(&s, "/tmp/#432", ACCESS_WRITE)->flags |= ACT_GONE;
        seen_path(&s, "/proc/62221/oom_score_adj", ACCESS_WRITE);
        seen_infer(&s);
        for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
                for (char **w = seen_advice(&s, lists[i])->value.words; w && *w; w++) {
                        assert_null(strstr(*w, "62221"));
                        assert_null(strstr(*w, "#432"));
                }
        seen_done(&s);
}

/* 3b: what two logins or one job did is no rule for the next. */
static void sessions_are_not_bound_by_those_that_were_seen(void **state)
{
        struct seen s;

        (void)state;
        begin(&s);
        set_binary(&s, "/usr/sbin/cron");
        seen_path(&s, "/proc/self/loginuid", ACCESS_WRITE);
        seen_infer(&s);
        assert_true(s.advices.launcher);
        assert_unknown(&s, "CapabilityBoundingSet");
        assert_unknown(&s, "PrivateTmp");
        seen_done(&s);
}

/* 3c: what the peer never advises. */
static void the_plain_flags_are_advised(void **state)
{
        static const char *const flags[] = { "NoNewPrivileges",       "RestrictNamespaces",
                                             "RestrictSUIDSGID",      "ProtectHostname",
                                             "CapabilityBoundingSet", "SystemCallFilter",
                                             "LockPersonality",       "RestrictRealtime" };
        struct seen s;

        (void)state;
        begin(&s);
        seen_infer(&s);
        for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
                assert_changes(&s, flags[i]);
        seen_done(&s);
}

/* A peer's profile is lost by one argument it does not know; here nothing hangs on one. */
static void hostile_acts_end_nothing(void **state)
{
        struct seen s;

        (void)state;
        begin(&s);
        seen_act(&s, &(struct act){ .kind = ACT_CAP, .name = "CAP_9999", .a = 9999 });
        seen_act(&s, &(struct act){ .kind = ACT_EXEC, .text = "", .a = UINT64_MAX });
        seen_act(&s, &(struct act){ .kind = ACT_PATH, .text = "relative\x1b[31m", .a = 3 });
        seen_act(&s, &(struct act){ .kind = ACT_CALL });
        seen_act(&s, &(struct act){ .kind = ACT_FOREIGN });
        seen_infer(&s);
        for (size_t i = 0; i < DIRECTIVE_COUNT; i++)
                assert_null(strchr(s.advices.list[i].evidence, '\x1b'));
        seen_done(&s);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(without_a_compiler_memory_stays_either_or),
                cmocka_unit_test(a_compiler_that_is_mapped_may_start_later),
                cmocka_unit_test(postgresql_may_compile_although_nothing_of_it_is_mapped),
                cmocka_unit_test(a_library_that_is_only_looked_at_compiles_nothing),
                cmocka_unit_test(filters_bring_no_new_privileges_up_to_254),
                cmocka_unit_test(root_puts_filters_in_place_without_them),
                cmocka_unit_test(root_by_name_without_new_privileges_would_lose_setuid),
                cmocka_unit_test(what_a_directive_takes_by_the_way_is_looked_at),
                cmocka_unit_test(a_users_namespace_is_not_given_to_one_with_capabilities),
                cmocka_unit_test(openat2_is_not_answered_with_enosys),
                cmocka_unit_test(the_clock_closes_all_other_devices_before_252),
                cmocka_unit_test(all_at_once_still_permits_what_was_seen),
                cmocka_unit_test(a_socket_in_tmp_keeps_tmp_shared),
                cmocka_unit_test(a_socket_elsewhere_does_not),
                cmocka_unit_test(a_hardened_unit_stays_as_hard),
                cmocka_unit_test(prefixes_of_commands_change_nothing),
                cmocka_unit_test(every_way_to_write_keeps_the_place_writable),
                cmocka_unit_test(random_ports_are_not_frozen),
                cmocka_unit_test(names_of_the_moment_are_not_frozen),
                cmocka_unit_test(sessions_are_not_bound_by_those_that_were_seen),
                cmocka_unit_test(the_plain_flags_are_advised),
                cmocka_unit_test(hostile_acts_end_nothing),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
