/* test_forms_target.c - what --for means. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/base.h"
#include "core/forms/target.h"

#include <errno.h>
#include <string.h>

static void assert_target(const char *words, unsigned major)
{
        struct version v = { 0 };
        struct err e = { 0 };

        if (target_parse(words, &v, &e) < 0)
                fail_msg("%s: %s", words, e.text);
        assert_int_equal(v.major, major);
}

static void assert_refused(const char *words, const char *part)
{
        struct version v = { 1, 2 };
        struct err e = { 0 };

        assert_int_equal(target_parse(words, &v, &e), -EINVAL);
        if (!strstr(e.text, part))
                fail_msg("%s: %s", words, e.text);
        assert_int_equal(v.major, 1);
}

static void a_systemd_is_itself(void **state)
{
        struct version v = { 0 };

        (void)state;
        assert_target("systemd=247", 247);
        assert_int_equal(target_parse("systemd=252.39", &v, NULL), 0);
        assert_int_equal(v.minor, 39);
}

static void a_distribution_has_the_systemd_of_its_first_release(void **state)
{
        static const struct {
                const char *words;
                unsigned major;
        } table[] = {
                { "debian=11", 247 },    { "debian=12", 252 },    { "debian=13", 257 },
                { "ubuntu=22.04", 249 }, { "ubuntu=24.04", 255 }, { "nixos=22.11", 251 },
                { "nixos=23.05", 253 },  { "nixos=23.11", 254 },  { "nixos=24.05", 255 },
                { "nixos=24.11", 256 },  { "nixos=25.05", 257 },  { "nixos=25.11", 258 },
                { "rhel=9", 252 },       { "rhel=10", 257 },      { "rocky=9", 252 },
                { "fedora=42", 257 },
        };

        (void)state;
        for (size_t i = 0; i < COUNT(table); i++)
                assert_target(table[i].words, table[i].major);
}

static void of_several_the_oldest_counts(void **state)
{
        (void)state;
        assert_target("debian=13,ubuntu=22.04,nixos=24.05", 249);
        assert_target("systemd=262, debian=12", 252);
}

static void what_is_not_known_is_named(void **state)
{
        (void)state;
        assert_refused("debian=99", "11, 12 or 13");
        assert_refused("nixos=12.12", "25.11");
        assert_refused("slackware=15", "slackware=15");
        assert_refused("247", "systemd=247");
        assert_refused("systemd=", "systemd=");
        assert_refused("=247", "=247");
        assert_refused("systemd=12", "247 to 262");
        assert_refused("systemd=300", "247 to 262");
        assert_refused("systemd=new", "no version");
}

static void nothing_is_no_target(void **state)
{
        (void)state;
        assert_refused("", "names nothing");
        assert_refused(",", "names nothing");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_systemd_is_itself),
                cmocka_unit_test(a_distribution_has_the_systemd_of_its_first_release),
                cmocka_unit_test(of_several_the_oldest_counts),
                cmocka_unit_test(what_is_not_known_is_named),
                cmocka_unit_test(nothing_is_no_target),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
