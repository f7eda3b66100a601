/* test_recording.c - what a unit, its control group and its state mean for a recording. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/trial/recording_private.h"

#include <string.h>

static void add_exec(struct sandbox *s, const char *key, const char *prefixes, const char *path)
{
        struct exec_line *more = realloc(s->facts.exec, (s->facts.exec_count + 1) * sizeof(*more));

        assert_non_null(more);
        s->facts.exec = more;
        more[s->facts.exec_count++] = (struct exec_line){ strdup(key),
                                                          prefixes ? strdup(prefixes) : NULL,
                                                          strdup(path), strdup(path) };
}

static struct sandbox *unit_of(const char *name)
{
        struct sandbox *s = NULL;

        assert_int_equal(sandbox_new(name, SCOPE_SYSTEM, &s), 0);
        return s;
}

static void only_plus_lines_are_privileged(void **state)
{
        scoped(sandbox_freep) struct sandbox *s = unit_of("a.service");
        scoped(strv_freep) char **list = NULL, **notes = NULL;

        (void)state;
        add_exec(s, "ExecStartPre", "+", "/usr/bin/install");
        add_exec(s, "ExecStartPre", "-+", "/usr/bin/chown");
        add_exec(s, "ExecStart", "!", "/usr/sbin/a");
        add_exec(s, "ExecStop", NULL, "/bin/kill");
        assert_int_equal(recording_privileged(s, &list, &notes), 0);
        assert_int_equal(strv_length(list), 2);
        assert_true(strv_has(list, "/usr/bin/install"));
        assert_true(strv_has(list, "/usr/bin/chown"));
        assert_null(notes);
}

static void a_program_that_runs_both_ways_is_watched_and_noted(void **state)
{
        scoped(sandbox_freep) struct sandbox *s = unit_of("a.service");
        scoped(strv_freep) char **list = NULL, **notes = NULL;

        (void)state;
        add_exec(s, "ExecStartPre", "+", "/bin/sh");
        add_exec(s, "ExecStart", "-", "/bin/sh");
        assert_int_equal(recording_privileged(s, &list, &notes), 0);
        assert_int_equal(strv_length(list), 0);
        assert_int_equal(strv_length(notes), 1);
        assert_non_null(strstr(notes[0], "/bin/sh"));
}

static void the_program_is_that_of_the_first_start_line(void **state)
{
        scoped(sandbox_freep) struct sandbox *s = unit_of("a.service");

        (void)state;
        assert_null(recording_program(s));
        add_exec(s, "ExecStartPre", NULL, "/bin/pre");
        add_exec(s, "ExecStart", NULL, "/bin/one");
        add_exec(s, "ExecStart", NULL, "/bin/two");
        assert_string_equal(recording_program(s), "/bin/one");
        assert_false(recording_has(s, "ExecReload"));
        add_exec(s, "ExecReload", NULL, "/bin/kill");
        assert_true(recording_has(s, "ExecReload"));
}

static void the_mount_of_the_control_groups_is_found(void **state)
{
        static const char hybrid[] =
                "25 30 0:22 / /sys/fs/cgroup ro - tmpfs tmpfs ro\n"
                "26 25 0:23 /part /mnt rw - cgroup2 cgroup2 rw\n"
                "27 25 0:24 / /sys/fs/cgroup/unified rw shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"
                "28 25 0:25 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd\n";
        scoped(mem_freep) char *mount = NULL;
        char *none = NULL;

        (void)state;
        assert_int_equal(recording_cgroup_mount(hybrid, &mount), 0);
        assert_string_equal(mount, "/sys/fs/cgroup/unified");
        assert_int_equal(recording_cgroup_mount("", &none), 1);
        assert_int_equal(recording_cgroup_mount(" - cgroup2 x\n\n - cgroup2 ", &none), 1);
        assert_null(none);
}

static void the_prefix_is_the_folder_above_init_scope(void **state)
{
        static const struct {
                const char *text, *path;
        } rows[] = {
                { "0::/gird-x/payload/init.scope\n", "/gird-x/payload" },
                { "12:cpu:/y\n0::/a b/init.scope\n", "/a b" },
                { "0::/machine.slice/x.scope\n", "/machine.slice/x.scope" },
                { "0::/\n", "/" },
                { "0::/init.scope\n", "" },
        };
        char *none = NULL;

        (void)state;
        for (size_t i = 0; i < COUNT(rows); i++) {
                scoped(mem_freep) char *path = NULL;

                assert_int_equal(recording_cgroup_path(rows[i].text, &path), 0);
                assert_string_equal(path, rows[i].path);
        }
        assert_int_equal(recording_cgroup_path("", &none), 1);
        assert_int_equal(recording_cgroup_path("1:name=systemd:/x\n", &none), 1);
        assert_null(none);
}

/* ---- phases ---- */

enum { SECOND = 1000000 };

static struct unit_state state_of(const char *active, const char *invocation)
{
        struct unit_state s = { 0 };

        snprintf(s.active, sizeof(s.active), "%s", active);
        snprintf(s.invocation, sizeof(s.invocation), "%s", invocation);
        return s;
}

static void what_runs_for_long_is_steady_at_once(void **state)
{
        struct phases p = { .settle = 3 * SECOND };
        struct unit_state s = state_of("active", "a");

        (void)state;
        s.active_since = 10 * SECOND;
        assert_int_equal(recording_phase(&p, &s, 100 * SECOND), SEEN_STEADY);
}

static void what_has_just_started_settles_first(void **state)
{
        struct phases p = { .settle = 3 * SECOND };
        struct unit_state s = state_of("active", "a");

        (void)state;
        s.active_since = 99 * SECOND;
        assert_int_equal(recording_phase(&p, &s, 100 * SECOND), SEEN_STARTUP);
        assert_int_equal(recording_phase(&p, &s, 101 * SECOND), SEEN_STARTUP);
        assert_int_equal(recording_phase(&p, &s, 102 * SECOND), SEEN_STEADY);
        assert_int_equal(recording_phase(&p, &s, 110 * SECOND), SEEN_STEADY);
}

static void a_restart_that_nobody_saw_is_told_by_the_invocation(void **state)
{
        struct phases p = { .settle = 3 * SECOND };
        struct unit_state s = state_of("active", "a");

        (void)state;
        assert_int_equal(recording_phase(&p, &s, 100 * SECOND), SEEN_STEADY);
        s = state_of("active", "b");
        assert_int_equal(recording_phase(&p, &s, 101 * SECOND), SEEN_STARTUP);
        assert_int_equal(recording_phase(&p, &s, 104 * SECOND), SEEN_STEADY);
}

static void after_a_stop_comes_a_start(void **state)
{
        static const struct {
                const char *active;
                enum act_seen phase;
        } rows[] = {
                { "active", SEEN_STEADY },       { "deactivating", SEEN_STOP },
                { "inactive", SEEN_STARTUP },    { "activating", SEEN_STARTUP },
                { "active", SEEN_STARTUP },      { "failed", SEEN_STARTUP },
                { "maintenance", SEEN_STARTUP },
        };
        struct phases p = { .settle = 3 * SECOND };

        (void)state;
        for (size_t i = 0; i < COUNT(rows); i++) {
                struct unit_state s = state_of(rows[i].active, "a");

                assert_int_equal(recording_phase(&p, &s, (100 + i) * SECOND), rows[i].phase);
        }
}

static void a_reload_lasts_a_moment(void **state)
{
        struct phases p = { .settle = 3 * SECOND };
        struct unit_state s = state_of("active", "a");

        (void)state;
        s.reloaded = 5 * SECOND; /* before anybody watched */
        assert_int_equal(recording_phase(&p, &s, 100 * SECOND), SEEN_STEADY);
        s = state_of("reloading", "a");
        s.reloaded = 5 * SECOND;
        assert_int_equal(recording_phase(&p, &s, 101 * SECOND), SEEN_RELOAD);
        s = state_of("active", "a");
        s.reloaded = 5 * SECOND;
        assert_int_equal(recording_phase(&p, &s, 101 * SECOND + 1), SEEN_RELOAD);
        assert_int_equal(recording_phase(&p, &s, 102 * SECOND), SEEN_STEADY);
        s.reloaded = 110 * SECOND; /* it was over before anybody looked */
        assert_int_equal(recording_phase(&p, &s, 111 * SECOND), SEEN_RELOAD);
        assert_int_equal(recording_phase(&p, &s, 112 * SECOND), SEEN_STEADY);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(only_plus_lines_are_privileged),
                cmocka_unit_test(a_program_that_runs_both_ways_is_watched_and_noted),
                cmocka_unit_test(the_program_is_that_of_the_first_start_line),
                cmocka_unit_test(the_mount_of_the_control_groups_is_found),
                cmocka_unit_test(the_prefix_is_the_folder_above_init_scope),
                cmocka_unit_test(what_runs_for_long_is_steady_at_once),
                cmocka_unit_test(what_has_just_started_settles_first),
                cmocka_unit_test(a_restart_that_nobody_saw_is_told_by_the_invocation),
                cmocka_unit_test(after_a_stop_comes_a_start),
                cmocka_unit_test(a_reload_lasts_a_moment),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
