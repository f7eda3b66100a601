/* test_guard_script.c - the script that takes a change back, run by a real shell with a systemctl
 * of the test's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/child.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/stage/guard_private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Answers what is in its folder, and notes what it was asked to do. */
static const char systemctl[] =
        "#!/bin/sh\n"
        "here=${0%/*}\n"
        "case $1 in\n"
        "show)\n"
        "        case \"$2 $4\" in\n"
        "        *DropInPaths*) cat \"$here/paths\" ;;\n"
        "        *InvocationID*) cat \"$here/invocation\" ;;\n"
        "        *ActiveState*gird-*) cat \"$here/other\" ;;\n"
        "        *ActiveState*) cat \"$here/active\" ;;\n"
        "        *SubState*) cat \"$here/sub\" ;;\n"
        "        esac ;;\n"
        "daemon-reload)\n"
        "        echo \"$*\" >> \"$here/calls\"\n"
        "        [ ! -e \"$here/refuses\" ] || exit 1\n"
        "        : > \"$here/paths\" ;;\n"
        "restart)\n"
        "        echo \"$*\" >> \"$here/calls\"\n"
        "        [ -e \"$here/falls\" ] || echo active > \"$here/active\" ;;\n"
        "*)\n"
        "        echo \"$*\" >> \"$here/calls\" ;;\n"
        "esac\n";
static const char nothing[] = "#!/bin/sh\nexit 0\n";

struct scene {
        char folder[64];
        char *state, *dropin, *path, *calls;
};

static char *in_scene(const struct scene *s, const char *name)
{
        char *path = text_format("%s/%s", s->folder, name);

        assert_non_null(path);
        return path;
}

static void put(const struct scene *s, const char *name, const char *text, mode_t mode)
{
        scoped(mem_freep) char *path = in_scene(s, name);
        scoped(fd_closep) int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);

        assert_true(fd >= 0);
        assert_int_equal(file_write_all(fd, text, strlen(text)), 0);
        assert_int_equal(fchmod(fd, mode), 0);
}

static bool is_there(const struct scene *s, const char *name)
{
        scoped(mem_freep) char *path = in_scene(s, name);

        return access(path, F_OK) == 0;
}

static void make(const struct scene *s, const char *name)
{
        scoped(mem_freep) char *path = in_scene(s, name);

        assert_int_equal(file_make_dirs(path, 0755, NULL), 0);
}

/* The unit runs with the change: it was restarted, and systemd knows the drop-in. */
static int set_up(void **state)
{
        struct scene *s = calloc(1, sizeof(*s));

        assert_non_null(s);
        strcpy(s->folder, "/tmp/gird-guard-test.XXXXXX");
        assert_non_null(mkdtemp(s->folder));
        s->state = in_scene(s, "guard/it's.service");
        s->dropin = in_scene(s, "system/it's.service.d/zz-gird-trial.conf");
        s->path = text_format("%s:/usr/bin:/bin", s->folder);
        s->calls = in_scene(s, "calls");
        make(s, "guard/it's.service");
        make(s, "system/it's.service.d");
        put(s, "systemctl", systemctl, 0755);
        put(s, "logger", nothing, 0755);
        put(s, "kill", nothing, 0755);
        put(s, "sleep", nothing, 0755);
        put(s, "paths", s->dropin, 0644);
        put(s, "invocation", "new\n", 0644);
        put(s, "active", "active\n", 0644);
        put(s, "other", "inactive\n", 0644);
        put(s, "sub", "running\n", 0644);
        put(s, "calls", "", 0644);
        put(s, "system/it's.service.d/zz-gird-trial.conf", "[Service]\n", 0644);
        put(s, "guard/it's.service/pending", "", 0644);
        put(s, "guard/it's.service/reserve", "room", 0644);
        put(s, "guard/it's.service/restarted", "", 0644);
        *state = s;
        return 0;
}

static int tear_down(void **state)
{
        struct scene *s = *state;
        char *argv[] = { (char *)"rm", (char *)"-rf", s->folder, NULL };
        struct child_result result = { 0 };

        assert_int_equal(child_run(NULL, argv, NULL, 10000000, &result, NULL), 0);
        child_result_done(&result);
        free(s->state);
        free(s->dropin);
        free(s->path);
        free(s->calls);
        free(s);
        return 0;
}

static struct guard_script script_of(const struct scene *s)
{
        return (struct guard_script){
                .unit = "it's.service",
                .state = s->state,
                .dropin = s->dropin,
                .invocation = "old",
                .path = s->path,
                .made_folder = true,
                .running = true,
                .within = 60000000,
        };
}

static int run(const struct scene *s, const struct guard_script *script, const char *how)
{
        scoped(mem_freep) char *text = guard_script_text(script);
        scoped(mem_freep) char *path = in_scene(s, "guard/it's.service/revert.sh");
        char *argv[] = { (char *)"/bin/sh", path, (char *)how, NULL };
        scoped(child_result_done) struct child_result result = { 0 };

        assert_non_null(text);
        put(s, "guard/it's.service/revert.sh", text, 0700);
        assert_int_equal(child_run(NULL, argv, NULL, 30000000, &result, NULL), 0);
        assert_false(result.timed_out);
        return result.status >> 8;
}

static bool called(const struct scene *s, const char *what)
{
        scoped(mem_freep) char *text = NULL;

        assert_int_equal(file_read(AT_FDCWD, s->calls, 1 << 16, &text, NULL, NULL), 0);
        return strstr(text, what) != NULL;
}

static void what_is_pending_is_taken_back(void **state)
{
        struct scene *s = *state;
        struct guard_script script = script_of(s);

        assert_int_equal(run(s, &script, NULL), 0);
        assert_false(is_there(s, "system/it's.service.d"));
        assert_false(is_there(s, "guard/it's.service"));
        assert_false(is_there(s, "guard/.gone-it's.service"));
        assert_true(called(s, "daemon-reload\nreset-failed it's.service\nrestart it's.service\n"));
        assert_true(called(s, "stop gird-guard-it's.service.timer"));
}

static void a_folder_that_was_there_before_stays(void **state)
{
        struct scene *s = *state;
        struct guard_script script = script_of(s);

        script.made_folder = false;
        assert_int_equal(run(s, &script, NULL), 0);
        assert_true(is_there(s, "system/it's.service.d"));
        assert_false(is_there(s, "system/it's.service.d/zz-gird-trial.conf"));
}

static void what_was_confirmed_stays_and_the_timer_ends(void **state)
{
        struct scene *s = *state;
        struct guard_script script = script_of(s);
        scoped(mem_freep) char *from = in_scene(s, "guard/it's.service/pending");
        scoped(mem_freep) char *to = in_scene(s, "guard/it's.service/confirmed");

        assert_int_equal(rename(from, to), 0);
        assert_int_equal(run(s, &script, NULL), 0);
        assert_true(is_there(s, "system/it's.service.d/zz-gird-trial.conf"));
        assert_true(is_there(s, "guard/it's.service/confirmed"));
        assert_false(called(s, "restart"));
        assert_true(called(s, "stop gird-guard-it's.service.timer"));
}

static void by_hand_what_was_confirmed_is_taken_back(void **state)
{
        struct scene *s = *state;
        struct guard_script script = script_of(s);
        scoped(mem_freep) char *from = in_scene(s, "guard/it's.service/pending");
        scoped(mem_freep) char *to = in_scene(s, "guard/it's.service/confirmed");

        assert_int_equal(rename(from, to), 0);
        assert_int_equal(run(s, &script, "now"), 0);
        assert_false(is_there(s, "system/it's.service.d"));
        assert_true(called(s, "restart it's.service"));
}

static void what_a_killed_one_began_is_gone_on_with(void **state)
{
        struct scene *s = *state;
        struct guard_script script = script_of(s);
        scoped(mem_freep) char *from = in_scene(s, "guard/it's.service/pending");
        scoped(mem_freep) char *to = in_scene(s, "guard/it's.service/reverting");

        assert_int_equal(rename(from, to), 0);
        assert_int_equal(run(s, &script, NULL), 0);
        assert_false(is_there(s, "guard/it's.service"));
}

static void what_another_is_at_is_left_to_it(void **state)
{
        struct scene *s = *state;
        struct guard_script script = script_of(s);
        scoped(mem_freep) char *from = in_scene(s, "guard/it's.service/pending");
        scoped(mem_freep) char *to = in_scene(s, "guard/it's.service/reverting");

        assert_int_equal(rename(from, to), 0);
        put(s, "other", "activating\n", 0644);
        assert_int_equal(run(s, &script, NULL), 0);
        assert_true(is_there(s, "guard/it's.service/reverting"));
        assert_false(called(s, "restart"));
}

static void what_was_not_restarted_is_not_restarted(void **state)
{
        struct scene *s = *state;
        struct guard_script script = script_of(s);

        put(s, "invocation", "old\n", 0644);
        assert_int_equal(run(s, &script, NULL), 0);
        assert_false(is_there(s, "guard/it's.service"));
        assert_true(called(s, "daemon-reload"));
        assert_false(called(s, "restart"));
}

static void what_is_down_is_started_whatever_its_name(void **state)
{
        struct scene *s = *state;
        struct guard_script script = script_of(s);

        put(s, "invocation", "old\n", 0644);
        put(s, "active", "failed\n", 0644);
        assert_int_equal(run(s, &script, NULL), 0);
        assert_true(called(s, "restart it's.service"));
}

static void what_did_not_run_is_stopped(void **state)
{
        struct scene *s = *state;
        struct guard_script script = script_of(s);

        script.running = false;
        assert_int_equal(run(s, &script, NULL), 0);
        assert_true(called(s, "\nstop it's.service"));
        assert_false(called(s, "restart"));
}

static void a_reload_that_fails_is_told_and_tried_again(void **state)
{
        struct scene *s = *state;
        struct guard_script script = script_of(s);
        scoped(mem_freep) char *refuses = in_scene(s, "refuses");

        put(s, "refuses", "", 0644);
        assert_int_equal(run(s, &script, NULL), 1);
        assert_true(is_there(s, "guard/it's.service/failed"));
        assert_true(is_there(s, "guard/it's.service/said"));
        assert_false(is_there(s, "system/it's.service.d"));
        assert_false(called(s, "stop gird-guard-it's.service.timer"));
        assert_int_equal(unlink(refuses), 0);
        assert_int_equal(run(s, &script, NULL), 0); /* the timer comes again */
        assert_false(is_there(s, "guard/it's.service"));
        assert_true(called(s, "restart it's.service"));
}

static void a_start_that_is_done_and_did_not_go_well_is_told(void **state)
{
        struct scene *s = *state;
        struct guard_script script = script_of(s);

        put(s, "active", "failed\n", 0644);
        put(s, "falls", "", 0644);
        assert_int_equal(run(s, &script, NULL), 1);
        assert_true(is_there(s, "guard/it's.service/failed"));
        assert_true(called(s, "restart it's.service\nreset-failed it's.service\nrestart"));
        assert_true(called(s, "stop gird-guard-it's.service.timer"));
        put(s, "active", "activating\n", 0644);
        put(s, "sub", "auto-restart\n", 0644);
        assert_int_equal(run(s, &script, "now"), 1);
        put(s, "sub", "start\n", 0644);
        assert_int_equal(run(s, &script, "now"), 0);
        assert_false(is_there(s, "guard/it's.service"));
}

static void what_was_never_pending_is_swept_away(void **state)
{
        struct scene *s = *state;
        struct guard_script script = script_of(s);
        scoped(mem_freep) char *pending = in_scene(s, "guard/it's.service/pending");

        assert_int_equal(unlink(pending), 0);
        assert_int_equal(run(s, &script, NULL), 0);
        assert_false(is_there(s, "guard/it's.service"));
        assert_false(called(s, "restart"));
        assert_true(called(s, "stop gird-guard-it's.service.timer"));
}

static void the_next_start_is_waited_for(void **state)
{
        struct scene *s = *state;
        struct guard_script script = script_of(s);

        script.next_start = true;
        put(s, "invocation", "old\n", 0644);
        assert_int_equal(run(s, &script, NULL), 0);
        assert_true(is_there(s, "guard/it's.service/pending"));
        assert_true(is_there(s, "system/it's.service.d/zz-gird-trial.conf"));
        put(s, "invocation", "new\n", 0644);
        assert_int_equal(run(s, &script, NULL), 0);
        assert_false(is_there(s, "guard/it's.service"));
        assert_true(called(s, "restart it's.service"));
}

static void modes_are_put_back_and_links_not_followed(void **state)
{
        struct scene *s = *state;
        struct guard_script script = script_of(s);
        scoped(mem_freep) char *folder = in_scene(s, "data"), *inner = in_scene(s, "data/in");
        scoped(mem_freep) char *suid = in_scene(s, "data/it's set"), *made = in_scene(s, "made");
        scoped(mem_freep) char *away = in_scene(s, "away");
        const uint32_t uid = getuid(), gid = getgid();
        const struct mark marks[] = {
                { folder, uid, gid, S_IFDIR | 0750, true, true },
                { inner, uid, gid, S_IFDIR | 0700, true, false },
                { suid, uid, gid, S_IFREG | 04711, true, false },
                { made, 0, 0, 0, false, true },
        };
        struct stat st;

        make(s, "data");
        make(s, "away");
        make(s, "made");
        put(s, "data/it's set", "", 0644);
        assert_int_equal(chmod(away, 0755), 0);
        assert_int_equal(symlink(away, inner), 0); /* somebody put it in place of the folder */
        script.marks = marks;
        script.mark_count = COUNT(marks);
        assert_int_equal(run(s, &script, NULL), 0);
        assert_int_equal(stat(folder, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0750);
        assert_int_equal(stat(suid, &st), 0);
        assert_int_equal(st.st_mode & 07777, 04711);
        assert_int_equal(stat(away, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0755);
        assert_false(is_there(s, "made"));
        assert_false(is_there(s, "guard/it's.service"));
}

static void a_folder_that_became_a_link_is_not_looked_into(void **state)
{
        struct scene *s = *state;
        struct guard_script script = script_of(s);
        scoped(mem_freep) char *inner = in_scene(s, "data/sub/set"), *folder = in_scene(s, "data");
        scoped(mem_freep) char *sub = in_scene(s, "data/sub"), *away = in_scene(s, "away");
        scoped(mem_freep) char *victim = in_scene(s, "away/set");
        const uint32_t uid = getuid(), gid = getgid();
        const struct mark marks[] = {
                { folder, uid, gid, S_IFDIR | 0755, true, true },
                { sub, uid, gid, S_IFDIR | 0755, true, false },
                { inner, uid, gid, S_IFREG | 04755, true, false },
        };
        struct stat st;

        make(s, "data");
        make(s, "away");
        put(s, "away/set", "", 0600);
        assert_int_equal(symlink(away, sub), 0);
        script.marks = marks;
        script.mark_count = COUNT(marks);
        assert_int_equal(run(s, &script, NULL), 0);
        assert_int_equal(stat(victim, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
}

static void names_of_units_are_no_instances(void **state)
{
        scoped(mem_freep) char *timer = guard_unit_name("getty@tty1.service", GUARD_TIMER);
        scoped(mem_freep) char *hand = guard_unit_name("a\\x2db.service", GUARD_BY_HAND);

        (void)state;
        assert_string_equal(timer, "gird-guard-getty\\x40tty1.service.timer");
        assert_string_equal(hand, "gird-revert-a\\x2db.service.service");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(what_is_pending_is_taken_back, set_up, tear_down),
                cmocka_unit_test_setup_teardown(a_folder_that_was_there_before_stays, set_up,
                                                tear_down),
                cmocka_unit_test_setup_teardown(what_was_confirmed_stays_and_the_timer_ends, set_up,
                                                tear_down),
                cmocka_unit_test_setup_teardown(by_hand_what_was_confirmed_is_taken_back, set_up,
                                                tear_down),
                cmocka_unit_test_setup_teardown(what_a_killed_one_began_is_gone_on_with, set_up,
                                                tear_down),
                cmocka_unit_test_setup_teardown(what_another_is_at_is_left_to_it, set_up,
                                                tear_down),
                cmocka_unit_test_setup_teardown(what_was_not_restarted_is_not_restarted, set_up,
                                                tear_down),
                cmocka_unit_test_setup_teardown(what_is_down_is_started_whatever_its_name, set_up,
                                                tear_down),
                cmocka_unit_test_setup_teardown(what_did_not_run_is_stopped, set_up, tear_down),
                cmocka_unit_test_setup_teardown(a_reload_that_fails_is_told_and_tried_again, set_up,
                                                tear_down),
                cmocka_unit_test_setup_teardown(a_start_that_is_done_and_did_not_go_well_is_told,
                                                set_up, tear_down),
                cmocka_unit_test_setup_teardown(what_was_never_pending_is_swept_away, set_up,
                                                tear_down),
                cmocka_unit_test_setup_teardown(the_next_start_is_waited_for, set_up, tear_down),
                cmocka_unit_test_setup_teardown(modes_are_put_back_and_links_not_followed, set_up,
                                                tear_down),
                cmocka_unit_test_setup_teardown(a_folder_that_became_a_link_is_not_looked_into,
                                                set_up, tear_down),
                cmocka_unit_test(names_of_units_are_no_instances),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
