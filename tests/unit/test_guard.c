/* test_guard.c - what is written down of a change on trial, and who may confirm it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/stage/guard_private.h"
#include "core/stage/live.h"

#include <errno.h>
#include <string.h>

static struct guard some_guard(void)
{
        return (struct guard){
                .unit = (char *)"a\\x2db@c.service",
                .dropin = (char *)"/run/systemd/system/x.d/zz-gird-trial.conf",
                .who = (char *)"root",
                .invocation = (char *)"0123456789abcdef0123456789abcdef",
                .sessions = true,
                .began = 1795439040123456,
                .within = 60000000,
                .pid = 4194303,
        };
}

static void what_is_written_is_read_again(void **state)
{
        struct guard g = some_guard();
        scoped(mem_freep) char *text = guard_to_json(&g, 123456789);
        scoped(guard_done) struct guard read = { 0 };
        uint64_t monotonic = 0;
        struct err e = { 0 };

        (void)state;
        assert_non_null(text);
        assert_int_equal(guard_from_json("state.json", text, &read, &monotonic, &e), 0);
        assert_string_equal(read.unit, g.unit);
        assert_string_equal(read.dropin, g.dropin);
        assert_string_equal(read.who, g.who);
        assert_string_equal(read.invocation, g.invocation);
        assert_true(read.sessions);
        assert_false(read.next_start);
        assert_int_equal(read.began, g.began);
        assert_int_equal(read.within, g.within);
        assert_int_equal(read.pid, g.pid);
        assert_int_equal(monotonic, 123456789);
}

static void what_gird_did_not_write_is_refused(void **state)
{
        static const char *const texts[] = {
                "",
                "{",
                "[]",
                "{}",
                "{\"gird\":2,\"unit\":\"a.service\"}",
                "{\"gird\":1,\"unit\":5,\"dropin\":\"\",\"who\":\"\",\"invocation\":\"\"}",
                "{\"gird\":1,\"unit\":\"a.service\",\"dropin\":\"/x\",\"who\":\"me\"}",
        };

        (void)state;
        for (size_t i = 0; i < COUNT(texts); i++) {
                scoped(guard_done) struct guard read = { 0 };
                uint64_t monotonic = 0;
                struct err e = { 0 };

                assert_true(guard_from_json("state.json", texts[i], &read, &monotonic, &e) < 0);
                assert_true(strlen(e.text) > 0);
        }
}

static void numbers_that_no_clock_shows_are_none(void **state)
{
        scoped(guard_done) struct guard read = { 0 };
        uint64_t monotonic = 7;
        struct err e = { 0 };

        (void)state;
        assert_int_equal(guard_from_json("state.json",
                                         "{\"gird\":1,\"unit\":\"a.service\",\"dropin\":\"/x\","
                                         "\"who\":\"me\",\"invocation\":\"\",\"began\":1e300,"
                                         "\"within\":-5,\"monotonic\":\"x\"}",
                                         &read, &monotonic, &e),
                         0);
        assert_int_equal(read.began, 0);
        assert_int_equal(read.within, 0);
        assert_int_equal(monotonic, 0);
}

static void every_state_refuses_with_a_sentence_of_its_own(void **state)
{
        char last[sizeof(((struct err *)0)->text)] = "";

        (void)state;
        for (int i = GUARD_PENDING; i <= GUARD_FAILED; i++) {
                struct guard g = some_guard();
                struct err e = { 0 };

                g.state = (enum guard_state)i;
                assert_int_equal(guard_refuse(&g, &e), 1);
                assert_non_null(strstr(e.text, g.unit));
                assert_string_not_equal(e.text, last);
                memcpy(last, e.text, sizeof(last));
        }
}

static void names_that_are_no_units_make_no_folders(void **state)
{
        static const char *const bad[] = {
                "", ".", "..", "../x.service", "a/b.service", ".hidden.service", "a@.service", "x"
        };
        scoped(mem_freep) char *longer = malloc(260);
        struct err e = { 0 };

        (void)state;
        for (size_t i = 0; i < COUNT(bad); i++)
                assert_true(guard_check_name(bad[i], &e) < 0);
        assert_non_null(longer);
        memset(longer, 'a', 240);
        strcpy(longer + 240, ".service");
        assert_true(guard_check_name(longer, &e) < 0);
        assert_int_equal(guard_check_name("a\\x2db@c:d.service", &e), 0);
}

/* gird <- sudo <- shell <- session <- sshd <- init, as a login through sshd has it. */
#define GROUP "/system.slice/ssh.service"
static const struct host sshd = { .main_pid = 100, .began = 1000, .group = GROUP };

static void a_login_since_the_restart_is_new(void **state)
{
        const struct process line[] = {
                { 210, 209, 1200, (char *)"/user.slice/user-0.slice/session-3.scope" },
                { 209, 201, 1190, (char *)"/user.slice/user-0.slice/session-3.scope" },
                { 201, 100, 1100, (char *)"/user.slice/user-0.slice/session-3.scope" },
                { 100, 1, 1000, (char *)GROUP },
        };

        (void)state;
        assert_true(session_is_new(line, COUNT(line), &sshd));
}

static void a_login_from_before_the_restart_is_not(void **state)
{
        const struct process line[] = {
                { 210, 209, 1200, (char *)"/user.slice/user-0.slice/session-2.scope" },
                { 209, 91, 400, (char *)"/user.slice/user-0.slice/session-2.scope" },
                { 91, 1, 300, (char *)"/user.slice/user-0.slice/session-2.scope" },
        };

        (void)state;
        assert_false(session_is_new(line, COUNT(line), &sshd));
}

static void what_came_another_way_is_not(void **state)
{
        const struct process line[] = {
                { 300, 250, 2000, (char *)"/system.slice/run-u7.service" },
                { 250, 1, 1900, (char *)"/system.slice/getty.service" },
        };

        (void)state;
        assert_false(session_is_new(line, COUNT(line), &sshd));
}

static void the_old_number_of_a_process_is_no_proof(void **state)
{
        /* a child of what had the number of the main process before it */
        const struct process line[] = { { 210, 100, 900, (char *)"/x" } };

        (void)state;
        assert_false(session_is_new(line, COUNT(line), &sshd));
}

static void a_session_may_stay_in_the_group_of_the_unit(void **state)
{
        const struct process inside[] = { { 210, 205, 1200, (char *)GROUP "/x" } };
        const struct process beside[] = { { 210, 205, 1200, (char *)GROUP "2" } };
        const struct process itself[] = { { 100, 1, 1000, (char *)GROUP } };
        const struct host none = { .main_pid = 0, .began = 1000, .group = "" };

        (void)state;
        assert_true(session_is_new(inside, 1, &sshd));
        assert_false(session_is_new(beside, 1, &sshd));
        assert_false(session_is_new(itself, 1, &sshd));
        assert_false(session_is_new(inside, 1, &none));
}

/* The stage needs its manager only to run things. */
static void the_live_stage_writes_below_run_only(void **state)
{
        static const char *const paths[] = { "/etc/systemd/system/x.service.d/50-gird.conf",
                                             "/",
                                             "run/x",
                                             "/run",
                                             "/run/../etc/x",
                                             "/run/x/..",
                                             "/runx/y" };
        long manager = 0;
        scoped(stage_closep) struct stage *stage = NULL;
        struct err e = { 0 };

        (void)state;
        assert_int_equal(live_open((struct manager *)(void *)&manager, NULL, &stage, &e), 0);
        for (size_t i = 0; i < COUNT(paths); i++) {
                assert_int_equal(stage->ops->put(stage, paths[i], "x", &e), -EPERM);
                assert_int_equal(stage->ops->put(stage, paths[i], NULL, &e), -EPERM);
        }
        assert_string_equal(stage->ops->name, "live");
        assert_string_equal(stage->ops->root(stage), "");
        assert_int_equal(stage->ops->init(stage), 1);
}

static void without_a_manager_there_is_no_live_stage(void **state)
{
        struct stage *stage = NULL;
        struct err e = { 0 };

        (void)state;
        assert_true(live_open(NULL, NULL, &stage, &e) < 0);
        assert_null(stage);
        assert_true(strlen(e.text) > 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_is_written_is_read_again),
                cmocka_unit_test(what_gird_did_not_write_is_refused),
                cmocka_unit_test(numbers_that_no_clock_shows_are_none),
                cmocka_unit_test(every_state_refuses_with_a_sentence_of_its_own),
                cmocka_unit_test(names_that_are_no_units_make_no_folders),
                cmocka_unit_test(a_login_since_the_restart_is_new),
                cmocka_unit_test(a_login_from_before_the_restart_is_not),
                cmocka_unit_test(what_came_another_way_is_not),
                cmocka_unit_test(the_old_number_of_a_process_is_no_proof),
                cmocka_unit_test(a_session_may_stay_in_the_group_of_the_unit),
                cmocka_unit_test(the_live_stage_writes_below_run_only),
                cmocka_unit_test(without_a_manager_there_is_no_live_stage),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
