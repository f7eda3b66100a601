/* test_plan.c - the table of what is noted of each call. */
#include "core/catalogue/dialect.h"
#include "core/observe/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void every_row_is_a_call_that_libseccomp_knows(void **state)
{
        struct wire_plan plan;
        const char *name;

        (void)state;
        for (size_t i = 0; (name = plan_at(i, &plan)); i++)
                if (syscall_index(name) < 0)
                        fail_msg("%s is no system call", name);
}

static void no_call_has_two_rows(void **state)
{
        struct wire_plan plan;
        const char *name, *other;

        (void)state;
        for (size_t i = 0; (name = plan_at(i, &plan)); i++)
                for (size_t k = 0; k < i; k++) {
                        other = plan_at(k, &plan);
                        assert_non_null(other);
                        assert_string_not_equal(name, other);
                }
}

static void arguments_are_the_six_that_a_call_has(void **state)
{
        struct wire_plan p;
        const char *name;

        (void)state;
        for (size_t i = 0; (name = plan_at(i, &p)); i++) {
                const int all[] = {
                        p.path, p.dirfd, p.path2, p.dirfd2, p.arg[0], p.arg[1], p.arg[2]
                };

                assert_int_not_equal(p.notes, 0);
                for (size_t k = 0; k < sizeof(all) / sizeof(*all); k++)
                        if (all[k] < -1 || all[k] > 5)
                                fail_msg("%s has an argument %d", name, all[k]);
                assert_in_range(p.flags + 2, 0, 7);
        }
}

static void a_row_has_what_its_notes_need(void **state)
{
        struct wire_plan p;
        const char *name;

        (void)state;
        for (size_t i = 0; (name = plan_at(i, &p)); i++) {
                if (p.notes & (NOTE_PATH | NOTE_EXEC)) {
                        assert_true(p.path >= 0);
                        assert_true(p.access != 0);
                }
                if (p.notes & NOTE_PATH2) {
                        assert_true(p.path2 >= 0);
                        assert_true(p.access2 != 0);
                }
                if (p.notes & (NOTE_FD | NOTE_DEVICE | NOTE_ADDRESS | NOTE_MSGHDR | NOTE_MMAP))
                        assert_true(p.dirfd >= 0);
                if ((p.notes & NOTE_ARGS) && !(p.notes & NOTE_STRUCT))
                        assert_true(p.arg[0] >= 0 && p.mask[0]);
                for (size_t k = 1; k < WIRE_PLAN_ARGS; k++)
                        if ((p.notes & NOTE_ARGS) && p.arg[k] >= 0 && !p.mask[k])
                                fail_msg("%s masks all of argument %d away", name, p.arg[k]);
        }
}

static void the_slots_are_by_number(void **state)
{
        struct wire_plan rows[WIRE_COMPAT];
        int number = syscall_number("openat");

        (void)state;
        memset(rows, 0xff, sizeof(rows));
        plan_fill(rows);
        assert_in_range(number, 0, WIRE_COMPAT - 1);
        assert_int_equal(rows[number].notes, NOTE_OPEN);
        assert_int_equal(rows[number].path, 1);
        assert_int_equal(rows[number].dirfd, 0);
        assert_int_equal(rows[number].flags, 2);
        assert_int_equal(rows[number].arg[0], 3);
        assert_int_equal(rows[syscall_number("getpid")].notes, 0);
        assert_int_equal(rows[syscall_number("openat2")].flags, -2);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_row_is_a_call_that_libseccomp_knows),
                cmocka_unit_test(no_call_has_two_rows),
                cmocka_unit_test(arguments_are_the_six_that_a_call_has),
                cmocka_unit_test(a_row_has_what_its_notes_need),
                cmocka_unit_test(the_slots_are_by_number),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
