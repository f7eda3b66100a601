/* test_behaviour_json.c - behaviours as JSON, and where they are kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/base.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/observe/behaviour_json_private.h"
#include "core/profile/json.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

static struct behaviour *make(const char *unit, const char *version)
{
        struct behaviour *b = NULL;
        struct act a = { .kind = ACT_CALL, .name = strdup("read"), .count = 1 };

        assert_int_equal(behaviour_new(unit, &b), 0);
        b->version = version ? strdup(version) : NULL;
        assert_int_equal(behaviour_add(b, &a), 0);
        return b;
}

static struct behaviour *read_back(const struct behaviour *b)
{
        scoped(mem_freep) char *text = NULL;
        struct behaviour *again = NULL;
        struct err e = { 0 };

        assert_int_equal(behaviour_to_json(b, &text), 0);
        if (behaviour_from_json("b.json", text, &again, &e) < 0)
                fail_msg("%s\n%s", e.text, text);
        return again;
}

static bool same_text(const char *a, const char *b)
{
        return a && b ? strcmp(a, b) == 0 : a == b;
}

static void assert_same_act(const struct act *a, const struct act *b)
{
        assert_true(act_same(a, b));
        assert_int_equal(a->flags, b->flags);
        assert_int_equal(a->seen, b->seen);
        assert_int_equal(a->mode, b->mode);
        assert_int_equal(a->rdev, b->rdev);
        assert_int_equal(a->owner, b->owner);
        assert_int_equal(a->group, b->group);
        assert_string_equal(a->type, b->type);
        assert_true(a->count == b->count && a->first == b->first && a->last == b->last);
        assert_string_equal(a->process, b->process);
        assert_int_equal(a->pid, b->pid);
        assert_int_equal(a->uid, b->uid);
}

/* Every kind, every slot filled with numbers that are hard to keep. */
static void every_act_comes_back_as_it_was(void **state)
{
        static const uint64_t numbers[] = { 0,
                                            1,
                                            (UINT64_C(1) << 53) - 1,
                                            (UINT64_C(1) << 52) - 1,
                                            UINT64_MAX,
                                            0x8000000000000001 };
        static const char *const texts[] = {
                "", "/srv/\xff\\x41\\", "/a\n\"b\"\x7f\xe2\x80\xae", "@abc", "\\xff", NULL
        };
        scoped(behaviour_freep) struct behaviour *b = make("a.service", NULL);
        scoped(behaviour_freep) struct behaviour *again = NULL;

        (void)state;
        for (unsigned k = 0; k < ACT_KINDS; k++)
                for (size_t n = 0; n < COUNT(numbers); n++)
                        for (size_t t = 0; t < COUNT(texts); t++) {
                                struct act a = { .kind = (enum act_kind)k,
                                                 .error = (int)n,
                                                 .a = numbers[n],
                                                 .b = numbers[(n + 1) % COUNT(numbers)],
                                                 .c = numbers[(n + 2) % COUNT(numbers)],
                                                 .count = numbers[n],
                                                 .first = numbers[n],
                                                 .mode = UINT32_MAX,
                                                 .rdev = (uint32_t)n,
                                                 .flags = (unsigned)(t * 37 + n) & 2047,
                                                 .seen = (unsigned)(n + t) & 63 };

                                a.name = n % 2 ? strdup("x") : NULL;
                                a.text = texts[t] ? strdup(texts[t]) : NULL;
                                a.by = t % 2 ? strdup(texts[t - 1]) : NULL;
                                snprintf(a.process, sizeof(a.process), "%s", "nginx: worker");
                                assert_int_equal(behaviour_add(b, &a), 0);
                        }
        again = read_back(b);
        assert_int_equal(again->act_count, b->act_count);
        for (size_t i = 0; i < b->act_count; i++)
                assert_same_act(&b->acts[i], &again->acts[i]);
}

static void sessions_come_back_as_they_were(void **state)
{
        scoped(behaviour_freep) struct behaviour *b = make("a.service", "abc-1");
        scoped(behaviour_freep) struct behaviour *again = NULL;
        struct session s = { .stage = strdup("twin"),
                             .when = strdup("2026-11-23T09:30:00.123456Z"),
                             .systemd = strdup("252.39"),
                             .seconds_x1000 = 45001,
                             .events = UINT64_MAX,
                             .lost = 3,
                             .seen = SEEN_TWIN | SEEN_STARTUP,
                             .capabilities = true };
        const struct session *got;

        (void)state;
        b->binary = strdup("/usr/sbin/a");
        assert_int_equal(strv_add(&s.probes, "echo '\xff'"), 0);
        assert_int_equal(strv_add(&s.notes, "nothing"), 0);
        assert_int_equal(behaviour_add_session(b, &s), 0);
        again = read_back(b);
        got = &again->sessions[0];
        assert_int_equal(again->session_count, 1);
        assert_string_equal(again->binary, "/usr/sbin/a");
        assert_string_equal(again->version, "abc-1");
        assert_true(same_text(got->stage, "twin") && same_text(got->systemd, "252.39"));
        assert_string_equal(got->when, "2026-11-23T09:30:00.123456Z");
        assert_null(got->kernel);
        assert_true(got->events == UINT64_MAX && got->lost == 3 && got->seconds_x1000 == 45001);
        assert_true(strv_equal(got->probes, b->sessions[0].probes));
        assert_true(strv_equal(got->notes, b->sessions[0].notes));
        assert_int_equal(got->seen, SEEN_TWIN | SEEN_STARTUP);
        assert_true(got->capabilities);
}

static void numbers_are_words_where_there_are_some(void **state)
{
        scoped(behaviour_freep) struct behaviour *b = NULL;
        scoped(mem_freep) char *text = NULL;
        struct act a = { .kind = ACT_BIND,
                         .error = EACCES,
                         .a = AF_INET6,
                         .b = SOCK_STREAM | UINT64_C(6) << 32,
                         .c = 80,
                         .text = strdup("::"),
                         .count = 1,
                         .seen = SEEN_TWIN };
        static const char *const words[] = {
                "\"kind\":\t\"bind\"",        "\"error\":\t\"EACCES\"", "\"family\":\t\"AF_INET6\"",
                "\"type\":\t\"SOCK_STREAM\"", "\"protocol\":\t6",       "\"port\":\t80",
                "\"seen\":\t[\"twin\"]"
        };

        (void)state;
        assert_int_equal(behaviour_new("a.service", &b), 0);
        assert_int_equal(behaviour_add(b, &a), 0);
        assert_int_equal(behaviour_to_json(b, &text), 0);
        for (size_t i = 0; i < COUNT(words); i++)
                if (!strstr(text, words[i]))
                        fail_msg("no %s in %s", words[i], text);
}

static const struct json_node *member(const struct json_node *n, const char *key)
{
        n = json_member(n, key);
        if (!n)
                fail_msg("the schema has no %s", key);
        return n;
}

static bool is_written(const char *key)
{
        uint64_t flag = 0;

        for (const struct field *f = act_fields; f->key; f++)
                if (strcmp(f->key, key) == 0)
                        return true;
        return strcmp(key, "kind") == 0 || term_number(flag_terms, key, &flag) == 0;
}

static void the_schema_names_every_member_and_no_other(void **state)
{
        scoped(mem_freep) char *text = NULL;
        scoped(json_freep) struct json *j = NULL;
        const struct json_node *members;
        struct err e = { 0 };

        (void)state;
        assert_int_equal(file_read(AT_FDCWD, "doc/behaviour.schema.json", 1 << 20, &text, NULL, &e),
                         0);
        assert_int_equal(json_parse("schema", text, &j, &e), 0);
        members = member(member(member(json_root(j), "$defs"), "act"), "properties");
        for (const struct field *f = act_fields; f->key; f++)
                member(members, f->key);
        for (const struct term *t = flag_terms; t->name; t++)
                member(members, t->name);
        for (const struct json_node *n = json_first(members); n; n = json_next(n))
                if (!is_written(json_key(n)))
                        fail_msg("nothing writes %s", json_key(n));
}

/* A list of words in the schema, against the table. */
static void assert_words(const struct json_node *property, const struct term *terms)
{
        const struct json_node *words = member(
                json_first(member(member(property, "items"), "anyOf")), "enum");
        size_t n = 0;

        for (const struct json_node *w = json_first(words); w; w = json_next(w), n++) {
                uint64_t number = 0;

                if (term_number(terms, json_string(w), &number) < 0)
                        fail_msg("nothing is called %s", json_string(w));
        }
        while (n > 0 && terms->name) {
                n--;
                terms++;
        }
        assert_int_equal(n, 0);
        assert_null(terms->name);
}

static void the_schema_has_the_words_of_every_list(void **state)
{
        scoped(mem_freep) char *text = NULL;
        scoped(json_freep) struct json *j = NULL;
        const struct json_node *defs, *members;
        struct err e = { 0 };

        (void)state;
        assert_int_equal(file_read(AT_FDCWD, "doc/behaviour.schema.json", 1 << 20, &text, NULL, &e),
                         0);
        assert_int_equal(json_parse("schema", text, &j, &e), 0);
        defs = member(json_root(j), "$defs");
        members = member(member(defs, "act"), "properties");
        assert_words(member(members, "access"), access_terms);
        assert_words(member(members, "gains"), gain_terms);
        assert_words(member(members, "to"), signal_terms);
        assert_words(member(defs, "seen"), seen_terms);
}

#define HEAD "{\"gird\":1,\"unit\":\"a.service\",\"sessions\":[],\"acts\":"
#define SESSION                                                                                    \
        "\"when\":null,\"milliseconds\":1,\"events\":1,\"lost\":0,\"seen\":[],\"capabilities\":"

static void what_is_not_a_behaviour_is_refused_with_its_place(void **state)
{
        static const struct {
                const char *text, *why;
        } rows[] = {
                { "", "not JSON" },
                { "[]", "is no object" },
                { "{\"gird\":2}", "newer gird" },
                { "{\"gird\":0}", "number of the format" },
                { "{\"gird\":1,\"sessions\":[],\"acts\":[]}", "unit is missing" },
                { "{\"gird\":1,\"unit\":\"../../etc\",\"sessions\":[],\"acts\":[]}", "no name" },
                { "{\"gird\":1,\"unit\":\"a.service\",\"version\":\"../x\",\"sessions\":[],"
                  "\"acts\":[]}",
                  "no version" },
                { HEAD "[],\"more\":1}", "more is nothing" },
                { HEAD "[],\"acts\":[]}", "acts is there twice" },
                { HEAD "[1]}", "acts[0] is no object" },
                { HEAD "[{}]}", "acts[0].kind is missing" },
                { HEAD "[{\"kind\":\"dance\"}]}", "no kind of act" },
                { HEAD "[{\"kind\":\"call\",\"port\":1}]}", "acts[0].port is nothing" },
                { HEAD "[{\"kind\":\"call\",\"count\":1,\"count\":1}]}", "twice" },
                { HEAD "[{\"kind\":\"call\",\"count\":-1}]}", "acts[0].count" },
                { HEAD "[{\"kind\":\"call\",\"count\":1.5}]}", "acts[0].count" },
                { HEAD "[{\"kind\":\"call\",\"count\":9007199254740994}]}", "acts[0].count" },
                { HEAD "[{\"kind\":\"call\",\"count\":\"18446744073709551616\"}]}", "count" },
                { HEAD "[{\"kind\":\"call\",\"pid\":4294967296}]}", "out of range" },
                { HEAD "[{\"kind\":\"call\",\"error\":\"EWHAT\"}]}", "acts[0].error" },
                { HEAD "[{\"kind\":\"call\",\"error\":99999}]}", "out of range" },
                { HEAD "[{\"kind\":\"call\",\"resolved\":1}]}", "neither true nor false" },
                { HEAD "[{\"kind\":\"path\",\"access\":[\"read\",\"read\"]}]}", "twice" },
                { HEAD "[{\"kind\":\"path\",\"access\":[\"eat\"]}]}", "does not know" },
                { HEAD "[{\"kind\":\"path\",\"path\":\"a\\\\x00b\"}]}", "NUL" },
                { HEAD "[{\"kind\":\"path\",\"path\":\"a\\u0000b\"}]}", "NUL" },
                { HEAD "[{\"kind\":\"call\",\"process\":\"0123456789abcdef\"}]}", "too long" },
                { HEAD "[{\"kind\":\"call\"},{\"kind\":\"call\"}]}", "acts[1] is there already" },
                { "{\"gird\":1,\"unit\":\"a.service\",\"acts\":[],\"sessions\":[{\"stage\":"
                  "\"moon\"," SESSION "true}]}",
                  "sessions[0].stage" },
                { "{\"gird\":1,\"unit\":\"a.service\",\"acts\":[],\"sessions\":[{\"stage\":"
                  "\"twin\"," SESSION "1}]}",
                  "sessions[0].capabilities" },
                { "{\"gird\":1,\"unit\":\"a.service\",\"acts\":[],\"sessions\":[{}]}", "missing" },
        };

        (void)state;
        for (size_t i = 0; i < COUNT(rows); i++) {
                struct behaviour *b = NULL;
                struct err e = { 0 };

                if (behaviour_from_json("b.json", rows[i].text, &b, &e) >= 0)
                        fail_msg("taken: %s", rows[i].text);
                assert_null(b);
                if (!strstr(e.text, rows[i].why))
                        fail_msg("%s: said \"%s\"", rows[i].text, e.text);
        }
}

static void too_many_acts_are_refused(void **state)
{
        struct text t = { 0 };
        scoped(mem_freep) char *json = NULL;
        struct behaviour *b = NULL;
        struct err e = { 0 };

        (void)state;
        text_add(&t, HEAD "[");
        for (unsigned i = 0; i <= 10 * BEHAVIOUR_ACTS; i++)
                text_addf(&t, "%s{\"kind\":\"arguments\",\"a\":%u}", i ? "," : "", i);
        text_add(&t, "]}");
        json = text_take(&t);
        assert_int_equal(behaviour_from_json("b.json", json, &b, &e), -EINVAL);
        assert_non_null(strstr(e.text, "too long"));
}

/* ---- kept ---- */

struct room {
        char top[64], state[96];
};

static void open_room(struct room *room)
{
        snprintf(room->top, sizeof(room->top), "/tmp/gird-behaviour-XXXXXX");
        assert_non_null(mkdtemp(room->top));
        snprintf(room->state, sizeof(room->state), "%s/var/lib/gird", room->top);
}

static void close_room(struct room *room)
{
        char command[128];

        snprintf(command, sizeof(command), "rm -rf %s", room->top);
        assert_int_equal(system(command), 0);
}

static char *path_in(const struct room *room, const char *name)
{
        return text_format("%s/a.service/%s", room->state, name);
}

static void what_is_kept_is_found_again(void **state)
{
        scoped(behaviour_freep) struct behaviour *b = make("a.service", "v1");
        scoped(behaviour_freep) struct behaviour *got = NULL;
        scoped(close_room) struct room room;
        struct err e = { 0 };
        struct stat st;
        scoped(mem_freep) char *path = NULL;

        (void)state;
        open_room(&room);
        assert_int_equal(behaviour_get(room.state, "a.service", &got, &e), 1);
        assert_int_equal(behaviour_put(room.state, b, &e), 0);
        assert_int_equal(behaviour_put(room.state, b, &e), 0);
        assert_int_equal(behaviour_get(room.state, "a.service", &got, &e), 0);
        assert_string_equal(got->version, "v1");
        assert_int_equal(got->act_count, 1);
        path = path_in(&room, "behaviour.json");
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
}

static void another_version_is_kept_beside_and_comes_back(void **state)
{
        scoped(behaviour_freep) struct behaviour *one = make("a.service", "v1");
        scoped(behaviour_freep) struct behaviour *two = make("a.service", "v2");
        scoped(behaviour_freep) struct behaviour *got = NULL, *back = NULL;
        scoped(close_room) struct room room;
        scoped(mem_freep) char *first = NULL, *second = NULL;
        struct err e = { 0 };

        (void)state;
        open_room(&room);
        first = path_in(&room, "behaviour-v1.json");
        second = path_in(&room, "behaviour-v2.json");
        assert_int_equal(behaviour_put(room.state, one, &e), 0);
        assert_int_equal(behaviour_put(room.state, two, &e), 0);
        assert_int_equal(access(first, F_OK), 0);
        assert_int_equal(behaviour_get(room.state, "a.service", &got, &e), 0);
        assert_string_equal(got->version, "v2");
        /* The binary is put back: what was known of it adds up. */
        assert_int_equal(behaviour_put(room.state, one, &e), 0);
        assert_int_equal(behaviour_get(room.state, "a.service", &back, &e), 0);
        assert_string_equal(back->version, "v1");
        assert_int_equal(back->acts[0].count, 2);
        assert_int_equal(access(first, F_OK), -1);
        assert_int_equal(access(second, F_OK), 0);
}

static void versions_do_not_pile_up(void **state)
{
        scoped(close_room) struct room room;
        scoped(mem_freep) char *folder = NULL;
        struct err e = { 0 };
        DIR *dir;
        int n = 0;

        (void)state;
        open_room(&room);
        for (unsigned i = 0; i < 20; i++) {
                scoped(mem_freep) char *version = text_format("v%u", i);
                scoped(behaviour_freep) struct behaviour *b = make("a.service", version);

                assert_int_equal(behaviour_put(room.state, b, &e), 0);
        }
        folder = path_in(&room, "");
        dir = opendir(folder);
        assert_non_null(dir);
        while (readdir(dir))
                n++;
        closedir(dir);
        assert_true(n <= 2 + 1 + 8);
}

static void what_cannot_be_read_is_put_aside(void **state)
{
        scoped(behaviour_freep) struct behaviour *b = make("a.service", "v1");
        scoped(behaviour_freep) struct behaviour *got = NULL;
        scoped(close_room) struct room room;
        scoped(mem_freep) char *path = NULL, *aside = NULL;
        struct err e = { 0 };
        FILE *f;

        (void)state;
        open_room(&room);
        assert_int_equal(behaviour_put(room.state, b, &e), 0);
        path = path_in(&room, "behaviour.json");
        aside = path_in(&room, "behaviour-damaged.json");
        f = fopen(path, "w");
        assert_non_null(f);
        fputs("{", f);
        fclose(f);
        assert_true(behaviour_get(room.state, "a.service", &got, &e) < 0);
        assert_int_equal(behaviour_put(room.state, b, &e), 0);
        assert_int_equal(behaviour_get(room.state, "a.service", &got, &e), 0);
        assert_int_equal(access(aside, F_OK), 0);
}

static void names_cannot_lead_out_of_the_folder(void **state)
{
        static const char *const units[] = { "../x.service", "", ".", "a/b.service", "/etc" };
        scoped(close_room) struct room room;
        struct behaviour *got = NULL;
        struct err e = { 0 };

        (void)state;
        open_room(&room);
        for (size_t i = 0; i < COUNT(units); i++) {
                scoped(behaviour_freep) struct behaviour *b = make(units[i], "v1");

                assert_int_equal(behaviour_put(room.state, b, &e), -EINVAL);
                assert_int_equal(behaviour_get(room.state, units[i], &got, &e), -EINVAL);
        }
        {
                scoped(behaviour_freep) struct behaviour *b = make("a.service", "../../x");

                assert_int_equal(behaviour_put(room.state, b, &e), -EINVAL);
        }
}

static void a_symlink_does_not_lead_out_of_a_tree(void **state)
{
        scoped(behaviour_freep) struct behaviour *b = make("a.service", "v1");
        scoped(close_room) struct room room;
        scoped(mem_freep) char *var = NULL, *outside = NULL;
        struct err e = { 0 };

        (void)state;
        open_room(&room);
        var = text_format("%s/var", room.top);
        outside = text_format("%s/outside", room.top);
        assert_int_equal(mkdir(outside, 0700), 0);
        assert_int_equal(symlink(outside, var), 0);
        assert_int_equal(behaviour_put(room.state, b, &e), -ELOOP);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_act_comes_back_as_it_was),
                cmocka_unit_test(sessions_come_back_as_they_were),
                cmocka_unit_test(numbers_are_words_where_there_are_some),
                cmocka_unit_test(the_schema_names_every_member_and_no_other),
                cmocka_unit_test(the_schema_has_the_words_of_every_list),
                cmocka_unit_test(what_is_not_a_behaviour_is_refused_with_its_place),
                cmocka_unit_test(too_many_acts_are_refused),
                cmocka_unit_test(what_is_kept_is_found_again),
                cmocka_unit_test(another_version_is_kept_beside_and_comes_back),
                cmocka_unit_test(versions_do_not_pile_up),
                cmocka_unit_test(what_cannot_be_read_is_put_aside),
                cmocka_unit_test(names_cannot_lead_out_of_the_folder),
                cmocka_unit_test(a_symlink_does_not_lead_out_of_a_tree),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
