/* test_screen_set.c - the editor of sets: capabilities, families, system calls, driven by keys. */
#include "tests/support/editor.h"
#include "tests/support/screen.h"

/* cmocka.h wants these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static void a_fresh_bounding_set_keeps_all(void **state)
{
        struct bench b;

        (void)state;
        EDIT(&b, "CapabilityBoundingSet");
        assert_golden_sizes(&b.app, "edit-caps-fresh");
        press(&b.app, "c", "Enter");
        assert_string_equal(b.got, "|");
        bench_done(&b);
}

static void single_capabilities_are_ticked_off(void **state)
{
        struct bench b;

        (void)state;
        EDIT(&b, "CapabilityBoundingSet");
        press(&b.app, "/");
        type_text(&b.app, "mknod");
        press(&b.app, "Enter", "Space");
        assert_golden(&b.app, 24, 80, "edit-caps-mknod");
        press(&b.app, "Enter");
        assert_true(b.app.quit);
        assert_string_equal(b.got, "~|~CAP_MKNOD|");
        bench_done(&b);
}

static void turning_capabilities_round_changes_no_value(void **state)
{
        struct bench b;

        (void)state;
        EDIT(&b, "CapabilityBoundingSet", "CAP_KILL CAP_CHOWN");
        assert_shows(&b, "[x] CAP_CHOWN");
        press(&b.app, "m");
        assert_shows(&b, "[ ] CAP_CHOWN");
        assert_shows(&b, "[x] CAP_FOWNER");
        press(&b.app, "Enter");
        assert_null(b.got);
        bench_done(&b);
}

static void families_turn_round_and_mean_the_same(void **state)
{
        struct bench b;

        (void)state;
        EDIT(&b, "RestrictAddressFamilies", "AF_UNIX AF_INET");
        press(&b.app, "m");
        assert_shows(&b, "[x] is forbidden");
        assert_shows(&b, "[ ] AF_UNIX");
        assert_shows(&b, "[x] AF_NETLINK");
        press(&b.app, "m", "Enter"); /* and back: nothing has changed */
        assert_null(b.got);
        bench_done(&b);
}

static void no_family_at_all_is_written_as_none(void **state)
{
        struct bench b;

        (void)state;
        EDIT(&b, "RestrictAddressFamilies", "AF_UNIX");
        press(&b.app, "Space", "Enter");
        assert_string_equal(b.got, "|none|");
        bench_done(&b);
}

static void the_first_tick_on_families_forbids_one(void **state)
{
        struct bench b;

        (void)state;
        EDIT(&b, "RestrictAddressFamilies");
        press(&b.app, "Down", "Space");
        assert_golden_sizes(&b.app, "edit-families-one");
        press(&b.app, "Enter");
        assert_string_equal(b.got, "|~AF_INET|");
        bench_done(&b);
}

static void groups_of_calls_have_three_states(void **state)
{
        struct bench b;

        (void)state;
        EDIT(&b, "SystemCallFilter", "@system-service", "~@resources");
        assert_golden_sizes(&b.app, "edit-calls");
        assert_shows(&b, "[x] @default");
        assert_shows(&b, "[-] @privileged");
        bench_done(&b);
}

static void a_group_opens_to_its_calls(void **state)
{
        struct bench b;

        (void)state;
        EDIT(&b, "SystemCallFilter", "~@mount");
        press(&b.app, "/");
        type_text(&b.app, "@chown");
        press(&b.app, "Enter", "Right", "Down", "Down", "Space");
        assert_golden(&b.app, 24, 80, "edit-calls-open");
        press(&b.app, "Left"); /* closes it, the cursor is on the group again */
        assert_shows(&b, "[-] @chown");
        press(&b.app, "Space", "Enter");
        assert_string_equal(b.got, "|~@chown @mount|");
        bench_done(&b);
}

static void a_call_in_a_closed_group_is_found(void **state)
{
        struct bench b;

        (void)state;
        EDIT(&b, "SystemCallFilter");
        press(&b.app, "/");
        type_text(&b.app, "pivot_root");
        assert_shows(&b, "nothing shown here");
        press(&b.app, "Enter", "Space", "Enter");
        assert_string_equal(b.got, "|~pivot_root|");
        bench_done(&b);
}

static void a_call_can_be_added_with_its_errno(void **state)
{
        struct bench b;

        (void)state;
        EDIT(&b, "SystemCallFilter");
        press(&b.app, "a");
        assert_shows(&b, "forbid: ");
        type_text(&b.app, "clone3:ENOSYS");
        press(&b.app, "Enter");
        assert_shows(&b, "clone3:ENOSYS");
        press(&b.app, "Enter");
        assert_string_equal(b.got, "|~|~clone3:ENOSYS|");
        bench_done(&b);
}

static void an_unknown_call_is_refused_and_can_be_corrected(void **state)
{
        struct bench b;

        (void)state;
        EDIT(&b, "SystemCallFilter");
        press(&b.app, "a");
        type_text(&b.app, "pivot_rot");
        press(&b.app, "Enter");
        assert_shows(&b, "pivot_rot");
        press(&b.app, "Backspace", "Backspace");
        type_text(&b.app, "oot");
        press(&b.app, "Enter", "Enter");
        assert_string_equal(b.got, "|~pivot_root|");
        bench_done(&b);
}

static void calls_turn_round_and_mean_the_same(void **state)
{
        struct bench b;

        (void)state;
        EDIT(&b, "SystemCallFilter", "~@mount @swap");
        press(&b.app, "m");
        assert_shows(&b, "[x] is allowed");
        assert_shows(&b, "[ ] @mount");
        assert_shows(&b, "[x] @chown");
        press(&b.app, "m", "Enter");
        assert_null(b.got);
        bench_done(&b);
}

static void a_list_of_no_calls_still_has_the_default_ones(void **state)
{
        struct bench b;

        (void)state;
        EDIT(&b, "SystemCallFilter", "@system-service");
        press(&b.app, "c");
        assert_shows(&b, "[x] @default");
        press(&b.app, "Enter");
        assert_string_equal(b.got, "|@default|");
        bench_done(&b);
}

static void namespaces_are_allowed_one_by_one(void **state)
{
        struct bench b;

        (void)state;
        EDIT(&b, "RestrictNamespaces");
        press(&b.app, "c", "End", "Space", "Enter");
        assert_string_equal(b.got, "|time|");
        bench_done(&b);
}

static void known_words_are_ticked(void **state)
{
        struct bench b;

        (void)state;
        EDIT(&b, "SystemCallArchitectures");
        press(&b.app, "Space");
        assert_golden(&b.app, 24, 80, "edit-architectures");
        press(&b.app, "Enter");
        assert_string_equal(b.got, "|native|");
        bench_done(&b);
}

static void undo_takes_steps_back(void **state)
{
        struct bench b;

        (void)state;
        EDIT(&b, "CapabilityBoundingSet");
        press(&b.app, "Space", "c", "u", "u");
        press(&b.app, "Enter");
        assert_null(b.got);
        bench_done(&b);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_fresh_bounding_set_keeps_all),
                cmocka_unit_test(single_capabilities_are_ticked_off),
                cmocka_unit_test(turning_capabilities_round_changes_no_value),
                cmocka_unit_test(families_turn_round_and_mean_the_same),
                cmocka_unit_test(no_family_at_all_is_written_as_none),
                cmocka_unit_test(the_first_tick_on_families_forbids_one),
                cmocka_unit_test(groups_of_calls_have_three_states),
                cmocka_unit_test(a_group_opens_to_its_calls),
                cmocka_unit_test(a_call_in_a_closed_group_is_found),
                cmocka_unit_test(a_call_can_be_added_with_its_errno),
                cmocka_unit_test(an_unknown_call_is_refused_and_can_be_corrected),
                cmocka_unit_test(calls_turn_round_and_mean_the_same),
                cmocka_unit_test(a_list_of_no_calls_still_has_the_default_ones),
                cmocka_unit_test(namespaces_are_allowed_one_by_one),
                cmocka_unit_test(known_words_are_ticked),
                cmocka_unit_test(undo_takes_steps_back),
        };

        return cmocka_run_group_tests(tests, screen_setup, NULL);
}
