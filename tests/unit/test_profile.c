/* test_profile.c - changes to a unit: set, merged, refused, applied. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/profile/profile.h"
#include "core/profile/profile_private.h"

#include <errno.h>
#include <string.h>

static struct dialect dialect_of(unsigned major, enum scope scope)
{
        struct dialect d;

        dialect_for((struct version){ .major = major }, scope, &d);
        return d;
}

static struct profile *make(enum scope scope)
{
        struct profile *p = NULL;

        assert_int_equal(profile_new("nginx.service", scope, &p), 0);
        return p;
}

static void changes_stand_in_catalogue_order_and_once_each(void **state)
{
        static const char *const words[] = { "UMask=0077", "User=www", "ProtectSystem=full",
                                             "User=nobody", "PrivateTmp=yes" };
        struct dialect d = dialect_of(252, SCOPE_SYSTEM);
        scoped(profile_freep) struct profile *p = make(SCOPE_SYSTEM);

        (void)state;
        for (size_t i = 0; i < COUNT(words); i++)
                assert_int_equal(profile_assign(p, &d, words[i], NULL), 0);
        assert_int_equal(p->change_count, 4);
        for (size_t i = 1; i < p->change_count; i++)
                assert_true(p->changes[i - 1].directive < p->changes[i].directive);
        assert_string_equal(profile_find(p, D_User)->value.words[0], "nobody");
        assert_null(profile_find(p, D_PrivateDevices));
        profile_unset(p, D_User);
        profile_unset(p, D_User);
        assert_null(profile_find(p, D_User));
        assert_int_equal(p->change_count, 3);
}

static void lists_add_up_within_the_profile(void **state)
{
        struct dialect d = dialect_of(252, SCOPE_SYSTEM);
        scoped(profile_freep) struct profile *p = make(SCOPE_SYSTEM);
        const struct change *c;

        (void)state;
        assert_int_equal(profile_assign(p, &d, "ReadWritePaths=/srv", NULL), 0);
        assert_int_equal(profile_assign(p, &d, "ReadWritePaths = -/var/lib/x \t", NULL), 0);
        c = profile_find(p, D_ReadWritePaths);
        assert_int_equal(strv_length(c->value.words), 2);
        assert_true(strv_has(c->value.words, "-/var/lib/x"));
        assert_int_equal(profile_assign(p, &d, "ReadWritePaths=", NULL), 0);
        assert_false(profile_find(p, D_ReadWritePaths)->value.set);
        assert_int_equal(profile_assign(p, &d, "ReadWriteDirectories=/old", NULL), 0);
        assert_true(strv_has(profile_find(p, D_ReadWritePaths)->value.words, "/old"));
}

static void what_is_wrong_with_a_word_is_said(void **state)
{
        /* clang-format off */
        static const struct {
                unsigned major;
                enum scope scope;
                const char *word, *says;
                int code;
        } cases[] = {
                { 252, SCOPE_SYSTEM, "ProtectSystem", "\"ProtectSystem\" is no assignment; "
                                                      "write Directive=value", -EINVAL },
                { 252, SCOPE_SYSTEM, "ProtectSystm=yes", "there is no directive ProtectSystm=; "
                                                         "did you mean ProtectSystem=?", -EINVAL },
                { 252, SCOPE_SYSTEM, "privatetmp=yes", "there is no directive privatetmp=; "
                                                       "did you mean PrivateTmp=?", -EINVAL },
                { 252, SCOPE_SYSTEM, "Qwertyuiop=yes", "gird knows no directive Qwertyuiop=", -EINVAL },
                { 252, SCOPE_SYSTEM, "=yes", "gird knows no directive =", -EINVAL },
                { 252, SCOPE_SYSTEM, "PrivatePIDs=yes",
                  "PrivatePIDs= came with systemd 257; this is systemd 252", -EOPNOTSUPP },
                { 252, SCOPE_USER, "DynamicUser=yes", "DynamicUser= cannot work in a user manager",
                  -EOPNOTSUPP },
        };
        /* clang-format on */

        (void)state;
        for (size_t i = 0; i < COUNT(cases); i++) {
                struct dialect d = dialect_of(cases[i].major, cases[i].scope);
                scoped(profile_freep) struct profile *p = make(cases[i].scope);
                struct err e = { 0 };

                assert_int_equal(profile_assign(p, &d, cases[i].word, &e), cases[i].code);
                assert_string_equal(e.text, cases[i].says);
                assert_int_equal(p->change_count, 0);
        }
}

static void a_value_that_systemd_would_ignore_is_refused(void **state)
{
        static const char *const words[] = { "ProtectSystem=perhaps",
                                             "PrivateTmp=disconnected",
                                             "NoNewPrivileges=2",
                                             "NoNewPrivileges=",
                                             "CapabilityBoundingSet=CAP_CHOWN CAP_MISSPELT",
                                             "ReadWritePaths=relative/path",
                                             "UMask=abc" };
        struct dialect d = dialect_of(252, SCOPE_SYSTEM);
        scoped(profile_freep) struct profile *p = make(SCOPE_SYSTEM);

        (void)state;
        for (size_t i = 0; i < COUNT(words); i++) {
                struct err e = { 0 };

                if (profile_assign(p, &d, words[i], &e) != -EINVAL)
                        fail_msg("%s was taken", words[i]);
                assert_true(text_starts(e.text, "systemd would "));
        }
        assert_int_equal(p->change_count, 0);
}

static void text_that_would_break_the_file_is_refused(void **state)
{
        static const char *const words[] = {
                "SELinuxContext=a\nUser=root", "SELinuxContext=a\\",
                "SELinuxContext=\x1b[31m",     "SELinuxContext=\xff",
                "SELinuxContext=\xc2\x9b",     "SELinuxContext=\xed\xa0\x80"
        };
        struct dialect d = dialect_of(252, SCOPE_SYSTEM);
        scoped(profile_freep) struct profile *p = make(SCOPE_SYSTEM);

        (void)state;
        for (size_t i = 0; i < COUNT(words); i++) {
                struct err e = { 0 };

                assert_int_equal(profile_assign(p, &d, words[i], &e), -EINVAL);
                assert_non_null(strstr(e.text, "cannot stand on one line"));
        }
        assert_true(profile_text_fits("caf\xc3\xa9 \xf0\x9f\x98\x80\tx\\\\"));
        assert_false(profile_text_fits(" x"));
        assert_false(profile_text_fits("x\t"));
        assert_false(profile_text_fits("\xf4\x90\x80\x80"));
        assert_true(profile_text_fits(""));
}

static void the_nearest_name_is_near(void **state)
{
        (void)state;
        assert_string_equal(profile_nearest("ProtectHomes"), "ProtectHome");
        assert_string_equal(profile_nearest("CapabiltyBoundingSet"), "CapabilityBoundingSet");
        assert_string_equal(profile_nearest("systemcallfilter"), "SystemCallFilter");
        assert_null(profile_nearest("X"));
        assert_null(profile_nearest("ExecStartSomethingElse"));
        assert_null(
                profile_nearest("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
                                "AAAAAAAAAAAAAAAAAAAAAAAA"));
}

static void any_change_makes_the_verdict_not_tried(void **state)
{
        struct dialect d = dialect_of(252, SCOPE_SYSTEM);
        scoped(profile_freep) struct profile *p = make(SCOPE_SYSTEM), *copy = NULL;

        (void)state;
        assert_int_equal(profile_assign(p, &d, "PrivateTmp=yes", NULL), 0);
        p->verdict = VERDICT_HELD;
        p->tried = strdup("today in a twin");
        assert_int_equal(profile_copy(p, &copy), 0);
        assert_int_equal(copy->verdict, VERDICT_HELD);
        assert_string_equal(copy->tried, "today in a twin");
        assert_int_equal(profile_assign(p, &d, "PrivateTmp=no", NULL), 0);
        assert_int_equal(p->verdict, VERDICT_NOT_TRIED);
        assert_null(p->tried);
        profile_unset(copy, D_PrivateTmp);
        assert_int_equal(copy->verdict, VERDICT_NOT_TRIED);
}

static void what_was_observed_is_plain_and_what_was_typed_keeps_its_specifiers(void **state)
{
        static const struct {
                enum reason reason;
                const char *word;
                bool literal;
                const char *kept, *written;
        } cases[] = {
                { REASON_OBSERVED, "/100%", true, "/100%", "/100%%" },
                { REASON_OBSERVED, "/a%%b", true, "/a%%b", "/a%%%%b" },
                { REASON_OBSERVED, "/plain", false, "/plain", "/plain" },
                { REASON_HAND, "/run/%i", false, "/run/%i", "/run/%i" },
                { REASON_HAND, "/100%%", true, "/100%", "/100%%" },
                { REASON_HAND, "/%%/%i", false, "/%%/%i", "/%%/%i" },
        };
        struct dialect d = dialect_of(252, SCOPE_SYSTEM);

        (void)state;
        for (size_t i = 0; i < COUNT(cases); i++) {
                scoped(profile_freep) struct profile *p = make(SCOPE_SYSTEM);
                scoped(strv_freep) char **lines = NULL;
                struct value v = { .set = true };

                assert_int_equal(strv_add(&v.words, cases[i].word), 0);
                assert_int_equal(profile_set(p, D_RootDirectory, &v, cases[i].reason, NULL), 0);
                assert_false(v.set);
                assert_int_equal(p->changes[0].literal, cases[i].literal);
                assert_string_equal(p->changes[0].value.words[0], cases[i].kept);
                assert_int_equal(change_lines(&p->changes[0], &d, &lines), 0);
                assert_string_equal(lines[strv_length(lines) - 1], cases[i].written);
        }
}

static void specifiers_are_kept_where_the_catalogue_can_hold_them(void **state)
{
        static const struct {
                const char *unit, *word, *written;
        } cases[] = {
                { "a@b.service", "User=%i", "%i" },
                { "a@.service", "User=%i", "%i" },
                { "a@.service", "RootDirectory=/srv/%i", "/srv/%i" },
                { "a@.service", "RootDirectory=%S/%i", "%S/%i" },
                { "a.service", "ReadWritePaths=/run/%p", "/run/%p" },
                { "a.service", "ReadWritePaths=%S/x", "/var/lib/x" },
        };
        struct dialect d = dialect_of(252, SCOPE_SYSTEM);

        (void)state;
        for (size_t i = 0; i < COUNT(cases); i++) {
                scoped(profile_freep) struct profile *p = NULL;
                scoped(strv_freep) char **lines = NULL;
                struct err e = { 0 };

                assert_int_equal(profile_new(cases[i].unit, SCOPE_SYSTEM, &p), 0);
                if (profile_assign(p, &d, cases[i].word, &e) < 0)
                        fail_msg("%s: %s", cases[i].word, e.text);
                assert_int_equal(change_lines(&p->changes[0], &d, &lines), 0);
                assert_string_equal(lines[strv_length(lines) - 1], cases[i].written);
        }
}

static void what_cannot_be_checked_or_is_wrong_for_its_specifiers_is_refused(void **state)
{
        static const char *const words[] = { "ReadWritePaths=%I", "User=%i!%p/x",
                                             "RootDirectory=%i", "ReadWritePaths=%" };
        struct dialect d = dialect_of(252, SCOPE_SYSTEM);

        (void)state;
        for (size_t i = 0; i < COUNT(words); i++) {
                scoped(profile_freep) struct profile *p = NULL;

                assert_int_equal(profile_new("a@.service", SCOPE_SYSTEM, &p), 0);
                if (profile_assign(p, &d, words[i], NULL) != -EINVAL)
                        fail_msg("%s was taken", words[i]);
        }
}

static void percent_of_an_amount_is_no_specifier(void **state)
{
        struct dialect d = dialect_of(252, SCOPE_SYSTEM);
        scoped(profile_freep) struct profile *p = make(SCOPE_SYSTEM);
        scoped(strv_freep) char **lines = NULL;
        struct value v = { .set = true };

        (void)state;
        assert_int_equal(strv_add(&v.words, "50%"), 0);
        assert_int_equal(profile_set(p, D_MemoryMax, &v, REASON_OBSERVED, NULL), 0);
        assert_int_equal(change_lines(&p->changes[0], &d, &lines), 0);
        assert_string_equal(lines[strv_length(lines) - 1], "50%");
}

static void adding_to_a_plain_value_keeps_what_it_means(void **state)
{
        struct dialect d = dialect_of(252, SCOPE_SYSTEM);
        scoped(profile_freep) struct profile *p = make(SCOPE_SYSTEM);

        (void)state;
        assert_int_equal(profile_assign(p, &d, "ReadWritePaths=/100%%", NULL), 0);
        assert_true(p->changes[0].literal);
        assert_int_equal(profile_assign(p, &d, "ReadWritePaths=/run/%i", NULL), 0);
        assert_false(p->changes[0].literal);
        assert_true(strv_has(p->changes[0].value.words, "/100%%"));
        assert_true(strv_has(p->changes[0].value.words, "/run/%i"));
}

static void evidence_is_kept_printable(void **state)
{
        scoped(profile_freep) struct profile *p = make(SCOPE_SYSTEM), *copy = NULL;
        struct value v = { 0 };

        (void)state;
        assert_int_equal(profile_set(p, D_UMask, &v, REASON_OBSERVED, "a\nb\x1b"), 0);
        assert_string_equal(p->changes[0].evidence, "a?b?");
        assert_int_equal(profile_copy(p, &copy), 0);
        assert_string_equal(copy->changes[0].evidence, "a?b?");
        assert_int_equal(profile_set(p, D_UMask, &v, REASON_OBSERVED, ""), 0);
        assert_null(p->changes[0].evidence);
}

static void names_of_reasons_and_verdicts_can_be_read_back(void **state)
{
        enum reason reason;
        enum verdict verdict;

        (void)state;
        for (int i = REASON_HAND; i <= REASON_FILE; i++) {
                assert_int_equal(reason_parse(reason_name((enum reason)i), &reason), 0);
                assert_int_equal(reason, i);
        }
        for (int i = VERDICT_NOT_TRIED; i <= VERDICT_FLAKY; i++) {
                assert_int_equal(verdict_parse(verdict_name((enum verdict)i), &verdict), 0);
                assert_int_equal(verdict, i);
        }
        assert_int_equal(reason_parse("mood", &reason), -EINVAL);
        assert_int_equal(verdict_parse("Held", &verdict), -EINVAL);
}

static void a_profile_applied_is_a_sandbox_with_its_changes(void **state)
{
        struct dialect d = dialect_of(252, SCOPE_SYSTEM);
        scoped(profile_freep) struct profile *p = make(SCOPE_SYSTEM);
        scoped(sandbox_freep) struct sandbox *s = NULL, *with = NULL;
        struct value old = { 0 };

        (void)state;
        assert_int_equal(sandbox_new("nginx.service", SCOPE_SYSTEM, &s), 0);
        assert_int_equal(value_assign(&old, directive_at(D_ProtectHome), &d, "yes", NULL), 0);
        sandbox_set(s, D_ProtectHome, &old, ORIGIN_FILE);
        assert_int_equal(profile_assign(p, &d, "ProtectSystem=strict", NULL), 0);
        assert_int_equal(profile_set(p, D_ProtectHome, &old, REASON_HAND, NULL), 0);
        assert_int_equal(profile_apply(p, s, &d, &with), 0);
        assert_string_equal(setting_word(with, D_ProtectSystem), "strict");
        assert_int_equal(with->settings[D_ProtectSystem].origin.kind, ORIGIN_PROFILE);
        assert_false(with->settings[D_ProtectHome].value.set);
        assert_true(s->settings[D_ProtectHome].value.set);
        assert_false(s->settings[D_ProtectSystem].value.set);
}

static void a_profile_applied_has_its_specifiers_resolved(void **state)
{
        struct dialect d = dialect_of(252, SCOPE_SYSTEM);
        scoped(profile_freep) struct profile *p = NULL;
        scoped(sandbox_freep) struct sandbox *s = NULL, *with = NULL;

        (void)state;
        assert_int_equal(profile_new("a@.service", SCOPE_SYSTEM, &p), 0);
        assert_int_equal(sandbox_new("a@b.service", SCOPE_SYSTEM, &s), 0);
        assert_int_equal(profile_assign(p, &d, "ReadWritePaths=/srv/%i", NULL), 0);
        assert_int_equal(profile_assign(p, &d, "RootDirectory=/100%%i", NULL), 0);
        assert_int_equal(profile_apply(p, s, &d, &with), 0);
        assert_string_equal(setting_word(with, D_ReadWritePaths), "/srv/b");
        assert_string_equal(setting_word(with, D_RootDirectory), "/100%i");
}

static void what_an_implication_brought_goes_when_its_cause_goes(void **state)
{
        struct dialect d = dialect_of(252, SCOPE_SYSTEM);
        scoped(profile_freep) struct profile *p = make(SCOPE_SYSTEM);
        scoped(sandbox_freep) struct sandbox *s = NULL, *without = NULL;
        struct value v = { 0 };

        (void)state;
        assert_int_equal(sandbox_new("nginx.service", SCOPE_SYSTEM, &s), 0);
        assert_int_equal(value_assign(&v, directive_at(D_DynamicUser), &d, "yes", NULL), 0);
        sandbox_set(s, D_DynamicUser, &v, ORIGIN_FILE);
        assert_int_equal(sandbox_imply(s, &d), 0);
        assert_string_equal(setting_word(s, D_ProtectSystem), "strict");
        assert_int_equal(profile_assign(p, &d, "DynamicUser=no", NULL), 0);
        assert_int_equal(profile_apply(p, s, &d, &without), 0);
        assert_false(without->settings[D_ProtectSystem].value.set);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(changes_stand_in_catalogue_order_and_once_each),
                cmocka_unit_test(lists_add_up_within_the_profile),
                cmocka_unit_test(what_is_wrong_with_a_word_is_said),
                cmocka_unit_test(a_value_that_systemd_would_ignore_is_refused),
                cmocka_unit_test(text_that_would_break_the_file_is_refused),
                cmocka_unit_test(the_nearest_name_is_near),
                cmocka_unit_test(any_change_makes_the_verdict_not_tried),
                cmocka_unit_test(
                        what_was_observed_is_plain_and_what_was_typed_keeps_its_specifiers),
                cmocka_unit_test(specifiers_are_kept_where_the_catalogue_can_hold_them),
                cmocka_unit_test(what_cannot_be_checked_or_is_wrong_for_its_specifiers_is_refused),
                cmocka_unit_test(percent_of_an_amount_is_no_specifier),
                cmocka_unit_test(adding_to_a_plain_value_keeps_what_it_means),
                cmocka_unit_test(evidence_is_kept_printable),
                cmocka_unit_test(names_of_reasons_and_verdicts_can_be_read_back),
                cmocka_unit_test(a_profile_applied_is_a_sandbox_with_its_changes),
                cmocka_unit_test(a_profile_applied_has_its_specifiers_resolved),
                cmocka_unit_test(what_an_implication_brought_goes_when_its_cause_goes),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
