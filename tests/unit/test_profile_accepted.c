/* test_profile_accepted.c - refusals that are no matter, and what was there when a profile was
 * tried: kept, copied, written and read back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/profile/dropin.h"
#include "core/profile/json.h"

#include <errno.h>
#include <string.h>

static struct profile *new_profile(void)
{
        struct profile *p = NULL;

        assert_int_equal(profile_new("app.service", SCOPE_SYSTEM, &p), 0);
        return p;
}

static struct dialect dialect(void)
{
        struct dialect d;

        dialect_for((struct version){ .major = 257 }, SCOPE_SYSTEM, &d);
        return d;
}

/* ---- accepting ---- */

static void what_is_accepted_has_a_reason(void **state)
{
        scoped(profile_freep) struct profile *p = new_profile();

        (void)state;
        assert_null(profile_accepts(p, "EROFS mkdir /x"));
        assert_int_equal(profile_accept(p, "EROFS mkdir /x", "it goes on"), 0);
        assert_string_equal(profile_accepts(p, "EROFS mkdir /x"), "it goes on");
        assert_null(profile_accepts(p, "EROFS mkdir /xy"));
        assert_null(profile_accepts(p, "EROFS mkdir /"));
        assert_int_equal(profile_accept(p, " EROFS mkdir /x ", "known"), 0);
        assert_int_equal(p->accepted_count, 1);
        assert_string_equal(profile_accepts(p, "EROFS mkdir /x"), "known");
}

static void a_star_at_the_end_stands_for_any_rest(void **state)
{
        scoped(profile_freep) struct profile *p = new_profile();

        (void)state;
        assert_int_equal(profile_accept(p, "EACCES open /proc/*", "other processes"), 0);
        assert_int_equal(profile_accept(p, "EACCES open /proc/1", "init"), 0);
        assert_string_equal(profile_accepts(p, "EACCES open /proc/2"), "other processes");
        assert_string_equal(profile_accepts(p, "EACCES open /proc/1"), "init");
        assert_string_equal(profile_accepts(p, "EACCES open /proc/"), "other processes");
        assert_null(profile_accepts(p, "EACCES open /pro"));
        assert_int_equal(profile_accept(p, "a*b", "a star elsewhere is itself"), 0);
        assert_null(profile_accepts(p, "axb"));
        assert_non_null(profile_accepts(p, "a*b"));
}

static void nothing_is_accepted_without_name_or_reason(void **state)
{
        scoped(profile_freep) struct profile *p = new_profile();
        static const char *const wrong[] = { "EROFS",   "=why", "EROFS=", "EROFS= ", "*=why",
                                             " * =why", "",     "=",      " =why" };

        (void)state;
        for (size_t i = 0; i < COUNT(wrong); i++) {
                struct err e = { 0 };

                assert_int_equal(profile_accept_word(p, wrong[i], &e), -EINVAL);
                assert_true(text_starts(e.text, "--accept="));
        }
        assert_int_equal(profile_accept(p, "", "x"), -EINVAL);
        assert_int_equal(profile_accept(p, "x", " \n"), -EINVAL);
        assert_int_equal(profile_accept(p, "*", "x"), -EINVAL);
        assert_int_equal(p->accepted_count, 0);
}

static void words_are_divided_at_their_last_equals_sign(void **state)
{
        scoped(profile_freep) struct profile *p = new_profile();

        (void)state;
        assert_int_equal(profile_accept_word(p, "EROFS open /a=b=it goes on", NULL), 0);
        assert_string_equal(profile_accepts(p, "EROFS open /a=b"), "it goes on");
}

static void hostile_words_become_one_printable_line(void **state)
{
        scoped(profile_freep) struct profile *p = new_profile();

        (void)state;
        assert_int_equal(profile_accept(p, "EROFS /a\nb\x1b[31m", "why\r\nnot"), 0);
        assert_string_equal(p->accepted[0].what, "EROFS /a?b?[31m");
        assert_string_equal(p->accepted[0].reason, "why??not");
        /* The same refusal is found again by its raw name. */
        assert_string_equal(profile_accepts(p, "EROFS /a\nb\x1b[31m"), "why??not");
}

static void a_copy_has_all_of_it_and_merging_lets_the_newer_reason_win(void **state)
{
        scoped(profile_freep) struct profile *p = new_profile(), *copy = NULL,
                                             *other = new_profile();

        (void)state;
        assert_int_equal(profile_accept(p, "a", "1"), 0);
        assert_int_equal(profile_accept(p, "b", "2"), 0);
        p->with.binary = strdup("abc");
        p->with.kernel = strdup("6.1");
        assert_int_equal(profile_copy(p, &copy), 0);
        assert_int_equal(copy->accepted_count, 2);
        assert_string_equal(profile_accepts(copy, "b"), "2");
        assert_string_equal(copy->with.binary, "abc");
        assert_null(copy->with.libc);
        assert_string_equal(copy->with.kernel, "6.1");
        assert_int_equal(profile_accept(other, "b", "old"), 0);
        assert_int_equal(profile_accept(other, "c", "3"), 0);
        assert_int_equal(profile_accept_all(other, p), 0);
        assert_int_equal(other->accepted_count, 3);
        assert_string_equal(profile_accepts(other, "b"), "2");
}

static void accepting_leaves_the_verdict_and_a_change_forgets_the_trial(void **state)
{
        scoped(profile_freep) struct profile *p = new_profile();
        struct dialect d = dialect();

        (void)state;
        p->verdict = VERDICT_BENT;
        p->tried = strdup("2026-01-01T00:00:00Z twin");
        p->with.libc = strdup("2.41 ab");
        assert_int_equal(profile_accept(p, "a", "1"), 0);
        assert_int_equal(p->verdict, VERDICT_BENT);
        assert_non_null(p->with.libc);
        assert_int_equal(profile_assign(p, &d, "PrivateTmp=yes", NULL), 0);
        assert_int_equal(p->verdict, VERDICT_NOT_TRIED);
        assert_null(p->with.libc);
        assert_string_equal(profile_accepts(p, "a"), "1");
}

/* ---- JSON ---- */

static struct profile *through_json(const struct profile *p)
{
        scoped(mem_freep) char *text = NULL;
        struct profile *back = NULL;
        struct dialect d = dialect();
        struct err e = { 0 };

        assert_int_equal(profile_to_json(p, &d, &text), 0);
        if (profile_from_json("x.json", text, &d, &back, &e) != 0)
                fail_msg("%s\n%s", e.text, text);
        return back;
}

static void json_brings_back_all_of_it(void **state)
{
        scoped(profile_freep) struct profile *p = new_profile(), *back = NULL;
        struct dialect d = dialect();

        (void)state;
        assert_int_equal(profile_assign(p, &d, "PrivateTmp=yes", NULL), 0);
        assert_int_equal(profile_accept(p, "EROFS open /a\\", "caf\xc3\xa9: \"x\""), 0);
        assert_int_equal(profile_accept(p, "b: c=*", "2"), 0);
        p->with.binary = strdup("0123abcd");
        p->with.libc = strdup("2.36-9+deb12u10 0123abcd");
        back = through_json(p);
        assert_int_equal(back->accepted_count, 2);
        assert_string_equal(profile_accepts(back, "EROFS open /a\\"), "caf\xc3\xa9: \"x\"");
        assert_string_equal(profile_accepts(back, "b: c=d"), "2");
        assert_string_equal(back->with.binary, "0123abcd");
        assert_string_equal(back->with.libc, "2.36-9+deb12u10 0123abcd");
        assert_null(back->with.kernel);
}

#define FILE_OF(members) "{\"gird\":1,\"unit\":\"a.service\"," members "\"changes\":[]}"

static void files_of_an_older_gird_are_read(void **state)
{
        scoped(profile_freep) struct profile *p = NULL;
        struct dialect d = dialect();

        (void)state;
        assert_int_equal(profile_from_json("x", FILE_OF("\"verdict\":\"held\","), &d, &p, NULL), 0);
        assert_int_equal(p->accepted_count, 0);
        assert_null(p->with.binary);
        assert_int_equal(p->verdict, VERDICT_HELD);
}

static void what_is_known_does_not_depend_on_the_order_of_members(void **state)
{
        static const char text[] =
                "{\"with\":{\"kernel\":\"6.1\"},\"gird\":1,\"unit\":\"a.service\","
                "\"changes\":[{\"directive\":\"PrivateTmp\",\"value\":[\"yes\"]}]}";
        scoped(profile_freep) struct profile *p = NULL;
        struct dialect d = dialect();

        (void)state;
        assert_int_equal(profile_from_json("x", text, &d, &p, NULL), 0);
        assert_string_equal(p->with.kernel, "6.1");
}

static void what_is_wrong_in_a_file_is_refused_with_its_place(void **state)
{
        static const struct {
                const char *text, *said;
        } rows[] = {
                { FILE_OF("\"accepted\":{},"), "accepted is no list" },
                { FILE_OF("\"accepted\":[1],"), "accepted[0] is no object" },
                { FILE_OF("\"accepted\":[{\"what\":\"a\"}],"), "accepted[0].reason is missing" },
                { FILE_OF("\"accepted\":[{\"reason\":\"a\"}],"), "accepted[0].what is missing" },
                { FILE_OF("\"accepted\":[{\"what\":\"a\",\"reason\":\"\"}],"),
                  "accepted[0].reason is no line" },
                { FILE_OF("\"accepted\":[{\"what\":\" a\",\"reason\":\"b\"}],"),
                  "accepted[0].what is no line" },
                { FILE_OF("\"accepted\":[{\"what\":\"a\\nb\",\"reason\":\"b\"}],"),
                  "accepted[0].what is no line" },
                { FILE_OF("\"accepted\":[{\"what\":null,\"reason\":\"b\"}],"),
                  "accepted[0].what is no line" },
                { FILE_OF("\"accepted\":[{\"what\":\"*\",\"reason\":\"b\"}],"),
                  "accepted[0].what stands for everything" },
                { FILE_OF("\"accepted\":[{\"what\":\"a\",\"reason\":\"b\",\"x\":1}],"),
                  "accepted[0].x is nothing" },
                { FILE_OF("\"accepted\":[{\"what\":\"a\",\"what\":\"a\",\"reason\":\"b\"}],"),
                  "accepted[0].what is there twice" },
                { FILE_OF("\"accepted\":[{\"what\":\"a\",\"reason\":\"b\"},"
                          "{\"what\":\"a\",\"reason\":\"c\"}],"),
                  "accepted[1].a is there twice" },
                { FILE_OF("\"accepted\":[],\"accepted\":[],"), "accepted is there twice" },
                { FILE_OF("\"with\":null,"), "with is no object" },
                { FILE_OF("\"with\":{\"libc\":2},"), "with.libc is neither text nor null" },
                { FILE_OF("\"with\":{\"python\":\"3\"},"), "with.python is nothing" },
                { FILE_OF("\"with\":{\"libc\":\"a\\u0007\"},"), "with.libc holds control" },
                { FILE_OF("\"with\":{\"libc\":\"a\",\"libc\":\"a\"},"),
                  "with.libc is there twice" },
        };
        struct dialect d = dialect();

        (void)state;
        for (size_t i = 0; i < COUNT(rows); i++) {
                scoped(profile_freep) struct profile *p = NULL;
                struct err e = { 0 };

                assert_true(profile_from_json("x.json", rows[i].text, &d, &p, &e) < 0);
                if (!strstr(e.text, rows[i].said) || !text_starts(e.text, "x.json: "))
                        fail_msg("%s: %s", rows[i].text, e.text);
        }
}

/* ---- drop-ins ---- */

static char *render(const struct profile *p)
{
        struct dialect d = dialect();
        struct dropin_options o = { .dialect = &d, .date = "2026-01-01T00:00:00Z" };
        char *text = NULL;

        assert_int_equal(dropin_render(p, &o, &text, NULL), 0);
        return text;
}

static void a_drop_in_says_what_is_accepted_and_brings_it_back(void **state)
{
        scoped(profile_freep) struct profile *p = new_profile(), *back = NULL;
        scoped(mem_freep) char *text = NULL;
        struct dialect d = dialect();

        (void)state;
        assert_int_equal(profile_assign(p, &d, "PrivateTmp=yes", NULL), 0);
        assert_int_equal(profile_accept(p, "EROFS open /x", "it: goes on"), 0);
        assert_int_equal(profile_accept(p, "a: b\\: c:\\x20d\\", "\\"), 0);
        assert_int_equal(profile_accept(p, "ends:", "colon"), 0);
        text = render(p);
        assert_non_null(strstr(text, "\n# accepted: EROFS open /x: it: goes on\n"));
        assert_int_equal(dropin_parse("x.conf", text, "app.service", &d, &back, NULL), 0);
        assert_int_equal(back->accepted_count, 3);
        assert_string_equal(profile_accepts(back, "EROFS open /x"), "it: goes on");
        assert_string_equal(profile_accepts(back, "a: b\\: c:\\x20d\\"), "\\");
        assert_string_equal(profile_accepts(back, "ends:"), "colon");
        assert_int_equal(back->change_count, 1);
}

static void only_our_own_header_accepts(void **state)
{
        static const char foreign[] = "# accepted: a: b\n[Service]\nPrivateTmp=yes\n";
        static const char ours[] = "# Written by gird 1\n# accepted: nothing\n# accepted: : b\n"
                                   "# accepted: *: b\n# accepted: a: \n[Service]\n"
                                   "# accepted: late: b\nPrivateTmp=yes\n";
        scoped(profile_freep) struct profile *p = NULL, *q = NULL;
        struct dialect d = dialect();

        (void)state;
        assert_int_equal(dropin_parse("x", foreign, "a.service", &d, &p, NULL), 0);
        assert_int_equal(p->accepted_count, 0);
        assert_int_equal(dropin_parse("x", ours, "a.service", &d, &q, NULL), 0);
        assert_int_equal(q->accepted_count, 0);
        assert_int_equal(q->change_count, 1);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_is_accepted_has_a_reason),
                cmocka_unit_test(a_star_at_the_end_stands_for_any_rest),
                cmocka_unit_test(nothing_is_accepted_without_name_or_reason),
                cmocka_unit_test(words_are_divided_at_their_last_equals_sign),
                cmocka_unit_test(hostile_words_become_one_printable_line),
                cmocka_unit_test(a_copy_has_all_of_it_and_merging_lets_the_newer_reason_win),
                cmocka_unit_test(accepting_leaves_the_verdict_and_a_change_forgets_the_trial),
                cmocka_unit_test(json_brings_back_all_of_it),
                cmocka_unit_test(files_of_an_older_gird_are_read),
                cmocka_unit_test(what_is_known_does_not_depend_on_the_order_of_members),
                cmocka_unit_test(what_is_wrong_in_a_file_is_refused_with_its_place),
                cmocka_unit_test(a_drop_in_says_what_is_accepted_and_brings_it_back),
                cmocka_unit_test(only_our_own_header_accepts),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
