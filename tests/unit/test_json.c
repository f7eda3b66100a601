/* test_json.c - documents as built, printed and read, and profiles as JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/profile/json.h"

#include <errno.h>
#include <math.h>
#include <string.h>

static struct dialect dialect_of(unsigned major)
{
        struct dialect d;

        dialect_for((struct version){ .major = major }, SCOPE_SYSTEM, &d);
        return d;
}

/* The printed text without blanks outside strings. */
static char *packed(struct json *j)
{
        char *text = json_take(j);
        char *to = text;
        bool quoted = false;

        assert_non_null(text);
        for (char *from = text; *from; from++) {
                if (*from == '"' && (from == text || from[-1] != '\\'))
                        quoted = !quoted;
                if (quoted || !strchr(" \t\n", *from))
                        *to++ = *from;
        }
        *to = '\0';
        return text;
}

static void documents_print_what_was_put_in(void **state)
{
        scoped(mem_freep) char *text = NULL;
        struct json *j = json_object(), *list = json_array(), *inner = json_object();

        (void)state;
        json_text(j, "unit", "nginx.service");
        json_text(j, "none", NULL);
        json_number(j, "weight", 1000);
        json_number(j, "bytes", 10000000000.0);
        json_tenths(j, "exposure", 96);
        json_tenths(j, "safe", 4);
        json_bool(j, "yes", true);
        json_null(j, "nothing");
        json_texts(j, "words", (char *[]){ "a", "b\"", NULL });
        json_texts(j, "empty", NULL);
        json_bool(inner, "no", false);
        json_append(list, inner);
        json_append_text(list, "x");
        json_put(j, "list", list);
        text = packed(j);
        assert_string_equal(text,
                            "{\"unit\":\"nginx.service\",\"none\":null,\"weight\":1000,"
                            "\"bytes\":10000000000,\"exposure\":9.6,\"safe\":0.4,\"yes\":true,"
                            "\"nothing\":null,\"words\":[\"a\",\"b\\\"\"],\"empty\":[],"
                            "\"list\":[{\"no\":false},\"x\"]}");
}

static void strings_from_outside_become_valid_and_harmless(void **state)
{
        scoped(mem_freep) char *text = NULL;
        struct json *j = json_array();

        (void)state;
        json_append_text(j, "a\x1b[31m");
        json_append_text(j, "\xff\xc3(");
        json_append_text(j, "\xed\xa0\x80");
        json_append_text(j, "caf\xc3\xa9 \xc2\x9b \xe2\x80\xae \x7f");
        text = packed(j);
        assert_string_equal(text, "[\"a\\u001b[31m\",\"\xef\xbf\xbd\xef\xbf\xbd(\","
                                  "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\","
                                  "\"caf\xc3\xa9 \\u009b \\u202e \\u007f\"]");
}

static void missing_parts_show_when_the_document_is_taken(void **state)
{
        struct json *j = json_object();

        (void)state;
        json_put(j, "child", NULL);
        assert_null(json_take(j));
        assert_null(json_take(NULL));
        json_text(NULL, "key", "text");
        json_put(NULL, "key", json_object());
        json_free(NULL);
}

static void documents_can_be_read_back(void **state)
{
        scoped(json_freep) struct json *j = NULL;
        const struct json_node *n;

        (void)state;
        assert_int_equal(json_parse("f", "{\"a\":[1,\"x\",true,null],\"b\":{}}", &j, NULL), 0);
        assert_int_equal(json_kind(json_root(j)), JSON_OBJECT);
        n = json_member(json_root(j), "a");
        assert_string_equal(json_key(n), "a");
        assert_int_equal(json_kind(n), JSON_ARRAY);
        n = json_first(n);
        assert_true(json_kind(n) == JSON_NUMBER && fabs(json_value(n) - 1) < 0.01);
        assert_null(json_string(n));
        n = json_next(n);
        assert_string_equal(json_string(n), "x");
        n = json_next(n);
        assert_true(json_kind(n) == JSON_BOOL && json_value(n) > 0);
        n = json_next(n);
        assert_int_equal(json_kind(n), JSON_NULL);
        assert_null(json_next(n));
        assert_null(json_first(json_member(json_root(j), "b")));
        assert_null(json_member(json_root(j), "c"));
        assert_null(json_string(NULL));
}

static void what_is_no_json_is_refused_with_its_line(void **state)
{
        static const struct {
                const char *text;
                const char *says;
        } cases[] = {
                { "", "f:1: this is not JSON" },
                { "{\n\"a\": }\n", "f:2: this is not JSON" },
                { "{} {}", "f:1: this is not JSON" },
                { "{\n\n\"a\":\"x\\u0000y\"}", "f:3: a string holds a NUL character" },
                { "{\"a\":\"\xff\"}", "f: not valid UTF-8, so not JSON" },
        };

        (void)state;
        for (size_t i = 0; i < COUNT(cases); i++) {
                scoped(json_freep) struct json *j = NULL;
                struct err e = { 0 };

                assert_true(json_parse("f", cases[i].text, &j, &e) < 0);
                assert_string_equal(e.text, cases[i].says);
                assert_null(j);
        }
}

static void an_escaped_backslash_before_u0000_is_text(void **state)
{
        scoped(json_freep) struct json *j = NULL;

        (void)state;
        assert_int_equal(json_parse("f", "[\"\\\\u0000\"]", &j, NULL), 0);
        assert_string_equal(json_string(json_first(json_root(j))), "\\u0000");
}

static void deep_nesting_is_refused(void **state)
{
        scoped(json_freep) struct json *j = NULL;
        scoped(mem_freep) char *text = malloc(100001);

        (void)state;
        assert_non_null(text);
        memset(text, '[', 100000);
        text[100000] = '\0';
        assert_true(json_parse("f", text, &j, NULL) < 0);
}

/* ---- profiles ---- */

static struct profile *sample(const struct dialect *d)
{
        struct profile *p = NULL;
        struct value v = { 0 };

        assert_int_equal(profile_new("nginx.service", SCOPE_SYSTEM, &p), 0);
        assert_int_equal(profile_assign(p, d, "ProtectSystem=strict", NULL), 0);
        assert_int_equal(profile_assign(p, d, "ReadWritePaths=/var/lib/%i /srv", NULL), 0);
        assert_int_equal(profile_assign(p, d, "CapabilityBoundingSet=", NULL), 0);
        assert_int_equal(value_assign(&v, directive_at(D_InaccessiblePaths), d, "/a", NULL), 0);
        free(v.words[0]);
        v.words[0] = strdup("/100%");
        assert_non_null(v.words[0]);
        assert_int_equal(profile_set(p, D_InaccessiblePaths, &v, REASON_OBSERVED, "never opened"),
                         0);
        assert_int_equal(profile_set(p, D_UMask, &v, REASON_PRESET, NULL), 0);
        assert_int_equal(strv_add(&p->probes, "curl -f http://localhost/\nexit"), 0);
        p->verdict = VERDICT_BENT;
        p->tried = strdup("2025-11-23T06:40:00Z in a twin");
        p->systemd = strdup("252.39");
        assert_true(p->tried && p->systemd);
        return p;
}

static void profiles_survive_json(void **state)
{
        struct dialect d = dialect_of(252);
        scoped(profile_freep) struct profile *p = sample(&d), *q = NULL;
        scoped(mem_freep) char *once = NULL, *twice = NULL;

        (void)state;
        assert_int_equal(profile_to_json(p, &d, &once), 0);
        assert_int_equal(profile_from_json("f", once, &d, &q, NULL), 0);
        assert_int_equal(profile_to_json(q, &d, &twice), 0);
        assert_string_equal(once, twice);
        assert_non_null(strstr(once, "\"/100%%\""));
        assert_non_null(strstr(once, "/var/lib/%i"));

        assert_string_equal(q->unit, "nginx.service");
        assert_int_equal(q->verdict, VERDICT_BENT);
        assert_string_equal(q->tried, p->tried);
        assert_string_equal(q->systemd, "252.39");
        assert_true(strv_equal(q->probes, p->probes));
        assert_int_equal(q->change_count, p->change_count);
        for (size_t i = 0; i < p->change_count; i++) {
                assert_int_equal(q->changes[i].directive, p->changes[i].directive);
                assert_int_equal(q->changes[i].reason, p->changes[i].reason);
                assert_int_equal(q->changes[i].literal, p->changes[i].literal);
                assert_true(value_equal(&q->changes[i].value, &p->changes[i].value));
        }
        assert_string_equal(profile_find(q, D_InaccessiblePaths)->evidence, "never opened");
        assert_false(profile_find(q, D_UMask)->value.set);
        assert_true(profile_find(q, D_CapabilityBoundingSet)->value.set);
}

#define HEAD "{\"gird\":1,\"unit\":\"a.service\",\"changes\":["

static void anything_unknown_in_a_profile_is_refused_with_its_place(void **state)
{
        /* clang-format off */
        static const struct {
                const char *text, *says;
        } cases[] = {
                { "[]", "f: this is no profile" },
                { "{\"unit\":\"a.service\",\"changes\":[]}", "f: gird is missing" },
                { "{\"gird\":1,\"changes\":[]}", "f: unit is missing" },
                { "{\"gird\":1,\"unit\":\"a.service\"}", "f: changes is missing" },
                { "{\"unknown\":0,\"gird\":2,\"unit\":\"a.service\",\"changes\":[]}",
                  "f was written by a newer gird, which this one cannot read" },
                { "{\"gird\":\"1\",\"unit\":\"a.service\",\"changes\":[]}",
                  "f: gird is not the number of the format" },
                { "{\"gird\":1,\"unit\":\"../../etc\",\"changes\":[]}",
                  "f: unit is no name of a unit" },
                { "{\"gird\":1,\"unit\":\"a.service\",\"unit\":\"b.service\",\"changes\":[]}",
                  "f: unit is there twice" },
                { "{\"gird\":1,\"unit\":\"a.service\",\"scope\":\"all\",\"changes\":[]}",
                  "f: scope is neither \"system\" nor \"user\"" },
                { "{\"gird\":1,\"unit\":\"a.service\",\"verdict\":\"good\",\"changes\":[]}",
                  "f: verdict is no verdict" },
                { "{\"gird\":1,\"unit\":\"a.service\",\"probes\":[1],\"changes\":[]}",
                  "f: probes holds something that is no command line" },
                { "{\"gird\":1,\"unit\":\"a.service\",\"colour\":1,\"changes\":[]}",
                  "f: colour is nothing that gird knows" },
                { HEAD "1]}", "f: changes[0] is no object" },
                { HEAD "{\"directive\":\"ProtectSystm\",\"value\":[]}]}",
                  "f: changes[0].directive: there is no directive ProtectSystm=; "
                  "did you mean ProtectSystem=?" },
                { HEAD "{\"directive\":\"ProtectSystem\"}]}", "f: changes[0].value is missing" },
                { HEAD "{\"value\":[]}]}", "f: changes[0].directive is missing" },
                { HEAD "{\"directive\":\"UMask\",\"value\":[]},"
                       "{\"directive\":\"UMask\",\"value\":[]}]}",
                  "f: changes[1].UMask is there twice" },
                { HEAD "{\"directive\":\"UMask\",\"value\":[7]}]}",
                  "f: changes[0].value holds something that is no line of text" },
                { HEAD "{\"directive\":\"UMask\",\"value\":[\"0077\\nUser=root\"]}]}",
                  "f: changes[0].value cannot stand on one line of a unit file" },
                { HEAD "{\"directive\":\"UMask\",\"value\":[],\"reason\":\"mood\"}]}",
                  "f: changes[0].reason is no reason that gird knows" },
        };
        /* clang-format on */
        struct dialect d = dialect_of(252);

        (void)state;
        for (size_t i = 0; i < COUNT(cases); i++) {
                scoped(profile_freep) struct profile *p = NULL;
                struct err e = { 0 };

                assert_true(profile_from_json("f", cases[i].text, &d, &p, &e) < 0);
                assert_string_equal(e.text, cases[i].says);
                assert_null(p);
        }
}

static void a_value_systemd_would_ignore_is_refused_and_a_later_word_is_kept(void **state)
{
        struct dialect d = dialect_of(252);
        scoped(profile_freep) struct profile *p = NULL;
        struct err e = { 0 };

        (void)state;
        assert_true(profile_from_json(
                            "f", HEAD "{\"directive\":\"ProtectSystem\",\"value\":[\"perhaps\"]}]}",
                            &d, &p, &e) < 0);
        assert_non_null(strstr(e.text, "f: changes[0].value: systemd would not take "
                                       "ProtectSystem=perhaps"));
        assert_int_equal(profile_from_json("f",
                                           HEAD "{\"directive\":\"PrivateTmp\","
                                                "\"value\":[\"disconnected\"]}]}",
                                           &d, &p, &e),
                         0);
        assert_string_equal(p->changes[0].value.words[0], "disconnected");
}

static void a_value_that_no_file_can_hold_is_not_printed(void **state)
{
        struct dialect d = dialect_of(252);
        scoped(profile_freep) struct profile *p = NULL;
        scoped(mem_freep) char *text = NULL;
        struct value v = { .set = true };

        (void)state;
        assert_int_equal(profile_new("a.service", SCOPE_SYSTEM, &p), 0);
        assert_int_equal(strv_add(&v.words, "x\nUser=root"), 0);
        assert_int_equal(profile_set(p, D_SELinuxContext, &v, REASON_HAND, NULL), 0);
        assert_int_equal(profile_to_json(p, &d, &text), -EILSEQ);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(documents_print_what_was_put_in),
                cmocka_unit_test(strings_from_outside_become_valid_and_harmless),
                cmocka_unit_test(missing_parts_show_when_the_document_is_taken),
                cmocka_unit_test(documents_can_be_read_back),
                cmocka_unit_test(what_is_no_json_is_refused_with_its_line),
                cmocka_unit_test(an_escaped_backslash_before_u0000_is_text),
                cmocka_unit_test(deep_nesting_is_refused),
                cmocka_unit_test(profiles_survive_json),
                cmocka_unit_test(anything_unknown_in_a_profile_is_refused_with_its_place),
                cmocka_unit_test(a_value_systemd_would_ignore_is_refused_and_a_later_word_is_kept),
                cmocka_unit_test(a_value_that_no_file_can_hold_is_not_printed),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
