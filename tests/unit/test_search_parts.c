/* test_search_parts.c - what the search is made of: members, the wire between processes, presets.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/observe/infer.h"
#include "core/trial/search_private.h"

#include <errno.h>
#include <string.h>

static void dialect_of(unsigned major, struct dialect *ret)
{
        dialect_for((struct version){ major, 0 }, SCOPE_SYSTEM, ret);
}

static struct value value_of(const struct dialect *dialect, enum directive_id id, const char *text)
{
        struct value v = { 0 };

        assert_int_equal(value_assign(&v, directive_at(id), dialect, text, NULL), ASSIGN_TAKEN);
        return v;
}

/* ---- members ---- */

/* Nothing taken gives back all that the looser value has, everything the stricter one. */
static void assert_ends(enum directive_id id, const char *loose_text, const char *strict_text,
                        bool fine)
{
        const struct directive *d = directive_at(id);
        struct dialect dialect;
        scoped(value_done) struct value loose = { 0 };
        scoped(value_done) struct value strict = { 0 };
        scoped(value_done) struct value all = { 0 };
        scoped(value_done) struct value none = { 0 };
        scoped(pieces_done) struct pieces p = { 0 };
        scoped(mem_freep) bool *taken = NULL;

        dialect_of(252, &dialect);
        if (loose_text)
                loose = value_of(&dialect, id, loose_text);
        strict = value_of(&dialect, id, strict_text);
        assert_int_equal(pieces_between(&loose, &strict, d, &dialect, fine, &p), 0);
        assert_true(p.count > 0);
        taken = calloc(p.count, sizeof(*taken));
        assert_int_equal(pieces_value(&p, taken, &none), 0);
        /* A list of all there are is no list, to whoever can't know what will be. */
        assert_true(value_compare(&none, &loose, d, &dialect) == VALUE_SAME ||
                    (!loose.set && value_compare(&none, &loose, d, &dialect) == VALUE_STRICTER));
        for (size_t i = 0; i < p.count; i++)
                taken[i] = true;
        assert_int_equal(pieces_value(&p, taken, &all), 0);
        assert_int_equal(value_compare(&all, &strict, d, &dialect), VALUE_SAME);
}

static void members_lead_from_the_one_value_to_the_other(void **state)
{
        (void)state;
        assert_ends(D_CapabilityBoundingSet, NULL, "", false);
        assert_ends(D_CapabilityBoundingSet, "CAP_CHOWN CAP_KILL CAP_BPF", "CAP_KILL", false);
        assert_ends(D_RestrictNamespaces, NULL, "user mnt", false);
        assert_ends(D_RestrictAddressFamilies, NULL, "AF_UNIX", false);
        assert_ends(D_RestrictAddressFamilies, NULL, "~AF_PACKET AF_NETLINK", false);
        assert_ends(D_RestrictAddressFamilies, "AF_UNIX AF_INET", "AF_UNIX", false);
        assert_ends(D_SystemCallFilter, "@system-service", "@basic-io", false);
        assert_ends(D_SystemCallFilter, "@system-service", "@basic-io", true);
        assert_ends(D_SystemCallFilter, NULL, "~@mount @clock", false);
        assert_ends(D_SystemCallFilter, "~@clock", "~@mount @clock", true);
        assert_ends(D_InaccessiblePaths, "-/opt", "-/opt -/srv /mnt", false);
        assert_ends(D_IPAddressDeny, NULL, "10.0.0.0/8 192.0.2.0/24", false);
}

static void groups_are_fewer_than_calls(void **state)
{
        struct dialect dialect;
        struct value loose = { 0 };
        scoped(value_done) struct value strict = { 0 };
        scoped(pieces_done) struct pieces coarse = { 0 };
        scoped(pieces_done) struct pieces fine = { 0 };
        const struct directive *d = directive_at(D_SystemCallFilter);

        (void)state;
        dialect_of(252, &dialect);
        strict = value_of(&dialect, D_SystemCallFilter, "@system-service");
        assert_int_equal(pieces_between(&loose, &strict, d, &dialect, false, &coarse), 0);
        assert_int_equal(pieces_between(&loose, &strict, d, &dialect, true, &fine), 0);
        assert_true(coarse.count < 40);
        assert_true(fine.count > 100);
}

static void what_has_no_members_has_none(void **state)
{
        struct dialect dialect;
        struct value loose = { 0 };
        scoped(value_done) struct value strict = { 0 };
        scoped(pieces_done) struct pieces p = { 0 };

        (void)state;
        dialect_of(252, &dialect);
        strict = value_of(&dialect, D_ProtectClock, "yes");
        assert_int_equal(
                pieces_between(&loose, &strict, directive_at(D_ProtectClock), &dialect, false, &p),
                0);
        assert_int_equal(p.count, 0);
}

static void rungs_go_down_to_the_looser_value_and_not_beyond(void **state)
{
        const struct directive *d = directive_at(D_ProtectSystem);
        struct dialect dialect;
        scoped(value_done) struct value loose = { 0 };
        scoped(value_done) struct value strict = { 0 };
        scoped(rungs_done) struct rungs r = { .count = 0 };

        (void)state;
        dialect_of(252, &dialect);
        loose = value_of(&dialect, D_ProtectSystem, "yes");
        strict = value_of(&dialect, D_ProtectSystem, "strict");
        assert_int_equal(rungs_between(&loose, &strict, d, &dialect, &r), 0);
        assert_int_equal(r.count, 1);
        assert_string_equal(r.list[0].words[0], "full");
}

/* ---- the wire ---- */

static struct outcome full_outcome(void)
{
        struct outcome o = { .verdict = VERDICT_BENT,
                             .summary = strdup("it \"stays\" up\nbut\x01"),
                             .watched = true,
                             .seconds_x1000 = 4711 };

        o.suspects = calloc(1, sizeof(*o.suspects));
        o.suspects[o.suspect_count++] = (struct suspect){ D_ProtectHome, 77, strdup("hidden") };
        o.denials = calloc(2, sizeof(*o.denials));
        o.denials[o.denial_count++] = (struct denial){
                .source = DENIAL_SEEN,
                .error = EROFS,
                .path = strdup("/var/lib/\xff x"),
                .call = strdup("mkdir"),
                .process = strdup("planted"),
                .message = strdup("no"),
                .key = strdup("EROFS mkdir /var/lib/x"),
                .count = 3,
                .after = UINT64_MAX,
                .deed = { .kind = ACT_ARGS, .a = UINT64_MAX, .b = UINT64_C(1) << 40 },
                .directive = D_ProtectSystem
        };
        o.denials[o.denial_count++] = (struct denial){ .source = DENIAL_ASKED,
                                                       .capability = strdup("CAP_CHOWN"),
                                                       .accepted = strdup("no matter"),
                                                       .directive = DIRECTIVE_COUNT };
        o.not_rehearsed = calloc(1, sizeof(*o.not_rehearsed));
        o.not_rehearsed[o.not_rehearsed_count++] = D_IPAddressDeny;
        o.probes = calloc(1, sizeof(*o.probes));
        o.probes[o.probe_count++] = (struct probe_result){ .command = strdup("tcp:80"),
                                                           .baseline_ok = true,
                                                           .trial_ran = true,
                                                           .failed = MOMENT_RELOADED,
                                                           .said = strdup("refused") };
        assert_int_equal(strv_add(&o.notes, "a note"), 0);
        return o;
}

static void an_outcome_comes_back_as_it_was_sent(void **state)
{
        scoped(outcome_done) struct outcome sent = full_outcome();
        scoped(outcome_done) struct outcome got = { 0 };
        scoped(mem_freep) char *text = wire_write(&sent);

        (void)state;
        assert_non_null(text);
        assert_int_equal(wire_read(text, &got), 0);
        assert_int_equal(got.verdict, VERDICT_BENT);
        assert_true(got.watched);
        assert_int_equal(got.seconds_x1000, 4711);
        assert_int_equal(got.suspect_count, 1);
        assert_int_equal(got.suspects[0].directive, D_ProtectHome);
        assert_int_equal(got.suspects[0].weight, 77);
        assert_int_equal(got.denial_count, 2);
        assert_int_equal(got.denials[0].error, EROFS);
        assert_int_equal(got.denials[0].count, 3);
        assert_true(got.denials[0].deed.a == UINT64_MAX);
        assert_true(got.denials[0].deed.b == UINT64_C(1) << 40);
        assert_int_equal(got.denials[0].deed.kind, ACT_ARGS);
        assert_int_equal(got.denials[0].directive, D_ProtectSystem);
        assert_string_equal(got.denials[0].call, "mkdir");
        assert_int_equal(got.denials[1].directive, DIRECTIVE_COUNT);
        assert_int_equal(got.denials[1].source, DENIAL_ASKED);
        assert_string_equal(got.denials[1].accepted, "no matter");
        assert_null(got.denials[1].path);
        assert_int_equal(got.not_rehearsed_count, 1);
        assert_int_equal(got.not_rehearsed[0], D_IPAddressDeny);
        assert_int_equal(got.probe_count, 1);
        assert_true(got.probes[0].baseline_ok);
        assert_int_equal(got.probes[0].failed, MOMENT_RELOADED);
        assert_string_equal(got.notes[0], "a note");
}

static void what_is_no_outcome_is_refused(void **state)
{
        static const char *const texts[] = {
                "",
                "{",
                "null",
                "[]",
                "{}",
                "{\"verdict\":\"held\"}",
                "{\"verdict\":\"splendid\",\"summary\":\"\",\"watched\":true,\"restarts\":true,"
                "\"restart_fails\":false,\"seconds_x1000\":1,"
                "\"suspects\":[],\"denials\":[],\"not_rehearsed\":[],\"probes\":[],\"notes\":[]}",
                "{\"verdict\":\"held\",\"summary\":\"\",\"watched\":true,\"restarts\":true,"
                "\"restart_fails\":false,\"seconds_x1000\":-1,"
                "\"suspects\":[],\"denials\":[],\"not_rehearsed\":[],\"probes\":[],\"notes\":[]}",
                "{\"verdict\":\"held\",\"summary\":\"\",\"watched\":true,\"restarts\":true,"
                "\"restart_fails\":false,\"seconds_x1000\":1,"
                "\"suspects\":[{\"directive\":\"Nonsense\",\"weight\":1,\"why\":null}],"
                "\"denials\":[],\"not_rehearsed\":[],\"probes\":[],\"notes\":[]}",
                "{\"verdict\":\"held\",\"summary\":\"\",\"watched\":true,\"restarts\":true,"
                "\"restart_fails\":false,\"seconds_x1000\":1,"
                "\"suspects\":[],\"denials\":[{}],\"not_rehearsed\":[],\"probes\":[],\"notes\":[]}",
                "{\"verdict\":\"held\",\"summary\":\"\",\"watched\":true,\"restarts\":true,"
                "\"restart_fails\":false,\"seconds_x1000\":1,"
                "\"suspects\":[],\"denials\":[],\"not_rehearsed\":[7],\"probes\":[],\"notes\":[]}",
        };

        (void)state;
        for (size_t i = 0; i < COUNT(texts); i++) {
                struct outcome o = { 0 };

                assert_int_equal(wire_read(texts[i], &o), -EBADMSG);
                assert_null(o.summary);
        }
}

/* A worker may die at any byte. */
static void an_outcome_that_was_cut_is_refused(void **state)
{
        scoped(outcome_done) struct outcome sent = full_outcome();
        scoped(mem_freep) char *text = wire_write(&sent);
        size_t n = strlen(text);

        (void)state;
        while (n-- > 0) {
                struct outcome o = { 0 };

                text[n] = '\0';
                assert_int_equal(wire_read(text, &o), -EBADMSG);
        }
}

/* ---- presets ---- */

static struct sandbox *unit_of(const struct dialect *dialect)
{
        struct sandbox *s = NULL;

        assert_int_equal(sandbox_new("planted.service", SCOPE_SYSTEM, &s), 0);
        assert_int_equal(sandbox_imply(s, dialect), 0);
        return s;
}

static void presets_only_take_away_and_strict_takes_more(void **state)
{
        static const unsigned versions[] = { 247, 252, 257, 262 };

        (void)state;
        for (size_t i = 0; i < COUNT(versions); i++) {
                struct dialect dialect;
                scoped(sandbox_freep) struct sandbox *s = NULL;
                scoped(profile_freep) struct profile *baseline = NULL, *strict = NULL;
                struct err e = { 0 };

                dialect_of(versions[i], &dialect);
                s = unit_of(&dialect);
                assert_int_equal(search_preset("baseline", s, &dialect, &baseline, &e), 0);
                assert_int_equal(search_preset("strict", s, &dialect, &strict, &e), 0);
                assert_true(baseline->change_count >= 14);
                assert_true(strict->change_count > baseline->change_count + 10);
                for (size_t k = 0; k < strict->change_count; k++) {
                        const struct change *c = &strict->changes[k];
                        const struct directive *d = directive_at(c->directive);

                        assert_true(directive_known_to(d, dialect.version));
                        assert_int_equal(c->reason, REASON_PRESET);
                        if (c->directive == D_SystemCallErrorNumber)
                                continue;
                        assert_int_equal(value_compare(&c->value, &s->settings[c->directive].value,
                                                       d, &dialect),
                                         VALUE_STRICTER);
                }
                for (size_t k = 0; k < baseline->change_count; k++)
                        assert_non_null(profile_find(strict, baseline->changes[k].directive));
        }
}

static void what_a_unit_has_is_met_not_replaced(void **state)
{
        struct dialect dialect;
        scoped(sandbox_freep) struct sandbox *s = NULL;
        scoped(profile_freep) struct profile *p = NULL;
        const struct change *c;
        struct value v;
        struct err e = { 0 };

        (void)state;
        dialect_of(252, &dialect);
        s = unit_of(&dialect);
        v = value_of(&dialect, D_RestrictAddressFamilies, "AF_UNIX AF_NETLINK");
        sandbox_set(s, D_RestrictAddressFamilies, &v, ORIGIN_FILE);
        v = value_of(&dialect, D_SystemCallFilter, "~@clock @mount chown");
        sandbox_set(s, D_SystemCallFilter, &v, ORIGIN_FILE);
        v = value_of(&dialect, D_ProtectSystem, "strict");
        sandbox_set(s, D_ProtectSystem, &v, ORIGIN_FILE);
        assert_int_equal(sandbox_imply(s, &dialect), 0);
        assert_int_equal(search_preset("strict", s, &dialect, &p, &e), 0);
        assert_null(profile_find(p, D_ProtectSystem));
        c = profile_find(p, D_RestrictAddressFamilies);
        assert_non_null(c);
        assert_int_equal(strv_length(c->value.words), 1);
        assert_string_equal(c->value.words[0], "AF_UNIX");
        c = profile_find(p, D_SystemCallFilter);
        assert_non_null(c);
        assert_true(c->value.allow);
        assert_false(strv_has(c->value.words, "chown"));
        assert_true(strv_has(c->value.words, "read"));
}

static void an_unknown_preset_is_refused_with_the_names_of_those_there_are(void **state)
{
        struct dialect dialect;
        scoped(sandbox_freep) struct sandbox *s = NULL;
        struct profile *p = NULL;
        struct err e = { 0 };

        (void)state;
        dialect_of(252, &dialect);
        s = unit_of(&dialect);
        assert_int_equal(search_preset("paranoid", s, &dialect, &p, &e), -ENOENT);
        assert_non_null(strstr(e.text, "baseline"));
        assert_non_null(strstr(e.text, "strict"));
        assert_null(p);
}

static void advise(struct advices *a, const struct dialect *dialect, enum directive_id id,
                   enum advice_verdict verdict, const char *text)
{
        a->list[id] = (struct advice){ .directive = id,
                                       .verdict = verdict,
                                       .changes = verdict == ADVICE_SAFE };
        if (text)
                a->list[id].value = value_of(dialect, id, text);
}

static void what_was_seen_to_be_needed_goes_out_of_a_preset(void **state)
{
        struct dialect dialect;
        scoped(sandbox_freep) struct sandbox *s = NULL;
        scoped(profile_freep) struct profile *p = NULL;
        scoped(advices_done) struct advices a = { 0 };
        struct err e = { 0 };

        (void)state;
        dialect_of(252, &dialect);
        s = unit_of(&dialect);
        for (int i = 0; i < DIRECTIVE_COUNT; i++)
                a.list[i] = (struct advice){ .directive = (enum directive_id)i,
                                             .verdict = ADVICE_UNKNOWN };
        advise(&a, &dialect, D_MemoryDenyWriteExecute, ADVICE_BREAKS, "yes");
        advise(&a, &dialect, D_CapabilityBoundingSet, ADVICE_SAFE, "CAP_CHOWN");
        advise(&a, &dialect, D_ProtectSystem, ADVICE_SAFE, "strict");
        advise(&a, &dialect, D_ReadWritePaths, ADVICE_SAFE, "/var/lib/x");
        assert_int_equal(search_preset("strict", s, &dialect, &p, &e), 0);
        assert_non_null(profile_find(p, D_PrivateNetwork));
        assert_int_equal(search_preset_limit(p, &a, &dialect), 0);
        assert_null(profile_find(p, D_MemoryDenyWriteExecute));
        assert_null(profile_find(p, D_PrivateNetwork)); /* nobody would notice in a twin */
        assert_null(profile_find(p, D_IPAddressDeny));
        assert_int_equal(profile_find(p, D_CapabilityBoundingSet)->value.bits, 1);
        assert_int_equal(profile_find(p, D_CapabilityBoundingSet)->reason, REASON_OBSERVED);
        assert_non_null(profile_find(p, D_ReadWritePaths));
        assert_non_null(profile_find(p, D_PrivateDevices));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(members_lead_from_the_one_value_to_the_other),
                cmocka_unit_test(groups_are_fewer_than_calls),
                cmocka_unit_test(what_has_no_members_has_none),
                cmocka_unit_test(rungs_go_down_to_the_looser_value_and_not_beyond),
                cmocka_unit_test(an_outcome_comes_back_as_it_was_sent),
                cmocka_unit_test(what_is_no_outcome_is_refused),
                cmocka_unit_test(an_outcome_that_was_cut_is_refused),
                cmocka_unit_test(presets_only_take_away_and_strict_takes_more),
                cmocka_unit_test(what_a_unit_has_is_met_not_replaced),
                cmocka_unit_test(an_unknown_preset_is_refused_with_the_names_of_those_there_are),
                cmocka_unit_test(what_was_seen_to_be_needed_goes_out_of_a_preset),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
