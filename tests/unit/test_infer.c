/* test_infer.c - what holds for every advice, and how far it may be trusted. */
#include "tests/support/acts.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>

#include <cmocka.h>

#include "core/observe/infer_private.h"

static void every_directive_has_an_advice_with_words(void **state)
{
        static const unsigned versions[] = { 247, 252, 257, 262 };

        (void)state;
        for (size_t v = 0; v < COUNT(versions); v++) {
                struct seen s;

                seen_open(&s, versions[v]);
                seen_path(&s, "/var/lib/app/x", ACCESS_WRITE | ACCESS_CREATE);
                seen_infer(&s);
                for (size_t i = 0; i < DIRECTIVE_COUNT; i++) {
                        const struct advice *a = &s.advices.list[i];
                        char printable[4096];

                        assert_int_equal(a->directive, i);
                        assert_non_null(a->evidence);
                        assert_true(strlen(a->evidence) > 5);
                        text_printable(printable, sizeof(printable), a->evidence);
                        assert_string_equal(printable, a->evidence);
                        assert_true((a->confidence == CONFIDENCE_HIGH) == !a->limits);
                        assert_true(!a->changes || a->verdict == ADVICE_SAFE);
                        assert_true(!a->changes || a->value.set);
                }
                seen_done(&s);
        }
}

static void what_a_systemd_does_not_know_is_unknown(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 252);
        seen_infer(&s);
        assert_unknown(&s, "PrivatePIDs");
        assert_evidence(&s, "PrivatePIDs", "systemd 252 does not know it");
        seen_done(&s);
}

static void what_is_no_sandbox_is_unknown(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_infer(&s);
        assert_unknown(&s, "OOMPolicy");
        assert_evidence(&s, "OOMPolicy", "not a sandbox");
        seen_done(&s);
}

static void a_user_manager_gets_no_advice_on_what_it_cannot_do(void **state)
{
        struct seen s;

        (void)state;
        seen_open_user(&s, 257);
        seen_infer(&s);
        assert_unknown(&s, "DeviceAllow");
        assert_evidence(&s, "DeviceAllow", "user manager");
        assert_changes(&s, "RestrictSUIDSGID");
        seen_done(&s);
}

/* Whatever was set is never given up for something that lets through more. */
static void nothing_that_the_unit_has_is_loosened(void **state)
{
        static const char *const strict[][2] = {
                { "ProtectSystem", "strict" },
                { "ProtectHome", "yes" },
                { "PrivateTmp", "yes" },
                { "UMask", "0077" },
                { "NoNewPrivileges", "yes" },
                { "CapabilityBoundingSet", "CAP_NET_BIND_SERVICE" },
                { "RestrictAddressFamilies", "AF_UNIX" },
                { "SystemCallFilter", "@basic-io" },
                { "RestrictNamespaces", "yes" },
                { "MemoryDenyWriteExecute", "yes" },
                { "NoExecPaths", "/" },
                { "InaccessiblePaths", "/etc/secret" },
                { "IPAddressDeny", "any" },
                { "DevicePolicy", "strict" },
        };
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        for (size_t i = 0; i < COUNT(strict); i++)
                seen_set(&s, strict[i][0], strict[i][1]);
        seen_path(&s, "/etc/app.conf", ACCESS_WRITE | ACCESS_CREATE);
        seen_path(&s, "/usr/lib/x", ACCESS_WRITE | ACCESS_CREATE);
        seen_path(&s, "/home/bob/x", ACCESS_WRITE | ACCESS_CREATE);
        seen_cap(&s, 0);
        seen_socket(&s, AF_INET, SOCK_STREAM, 0);
        seen_connect(&s, AF_INET, SOCK_STREAM, "192.0.2.1", 80);
        seen_exec(&s, "/opt/x", 0);
        seen_infer(&s);
        for (size_t i = 0; i < COUNT(strict); i++) {
                const struct directive *d = directive_find(strict[i][0]);
                const struct advice *a = &s.advices.list[d->id];
                enum value_order order;

                if (!a->changes)
                        continue;
                order = value_compare(&a->value, &s.unit->settings[d->id].value, d, &s.dialect);
                if (order != VALUE_STRICTER)
                        fail_msg("%s is loosened", d->name);
        }
        assert_stands(&s, "ProtectSystem");
        assert_stands(&s, "ProtectHome");
        assert_evidence(&s, "ProtectHome", "the unit has that already");
        seen_done(&s);
}

static void a_list_that_restricts_is_merged_with_the_units_own(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_set(&s, "NoExecPaths", "/data");
        seen_infer(&s);
        assert_safe(&s, "NoExecPaths",
                    "/data -/boot -/dev/shm -/home -/media -/mnt -/root -/run -/srv -/tmp -/var");
        seen_done(&s);
}

static void a_list_that_grants_keeps_what_the_unit_grants(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_set(&s, "ReadWritePaths", "/data");
        seen_path(&s, "/data/x", ACCESS_WRITE | ACCESS_CREATE);
        seen_path(&s, "/var/lib/app/x", ACCESS_WRITE | ACCESS_CREATE);
        seen_infer(&s);
        assert_safe(&s, "ProtectSystem", "strict");
        assert_safe(&s, "ReadWritePaths", "/data -/var/lib/app");
        seen_done(&s);
}

/* ---- merging ---- */

static void merges(const char *name, const char *own, const char *advised, const char *expected)
{
        const struct directive *d = directive_find(name);
        struct value a = { 0 }, b = { 0 }, c = { 0 };
        struct dialect dialect;
        bool equal;

        dialect_for((struct version){ 257, 0 }, SCOPE_SYSTEM, &dialect);
        assert_int_equal(value_assign(&a, d, &dialect, own, NULL), ASSIGN_TAKEN);
        assert_int_equal(value_assign(&b, d, &dialect, advised, NULL), ASSIGN_TAKEN);
        assert_int_equal(value_assign(&c, d, &dialect, expected, NULL), ASSIGN_TAKEN);
        assert_int_equal(infer_merge(&b, &a, d), 0);
        equal = value_equal(&b, &c);
        if (!equal)
                fail_msg("%s: %s with %s is \"%s\"", name, own, advised,
                         value_show(&b, d, &dialect));
        value_done(&a);
        value_done(&b);
        value_done(&c);
}

static void merged_sets_let_through_what_both_do(void **state)
{
        (void)state;
        merges("CapabilityBoundingSet", "CAP_KILL CAP_CHOWN", "CAP_CHOWN CAP_FOWNER", "CAP_CHOWN");
        merges("RestrictAddressFamilies", "AF_UNIX AF_INET", "AF_INET AF_INET6", "AF_INET");
        merges("RestrictAddressFamilies", "~AF_INET", "AF_INET AF_INET6", "AF_INET6");
        merges("RestrictAddressFamilies", "AF_UNIX AF_INET", "~AF_INET", "AF_UNIX");
        merges("RestrictAddressFamilies", "~AF_INET", "~AF_UNIX", "~AF_INET AF_UNIX");
        merges("SystemCallFilter", "read write open", "write open close", "open write");
        merges("SystemCallFilter", "~read", "read write", "write");
        merges("SystemCallFilter", "read write", "~write", "read");
        merges("SystemCallFilter", "~read:EPERM", "~read write", "~read:EPERM write");
        merges("UMask", "0027", "0072", "0077");
        merges("InaccessiblePaths", "/a", "/b", "/a /b");
        merges("ReadWritePaths", "/a", "/b /a", "/a /b");
}

/* ---- confidence ---- */

static void long_live_watching_and_a_seen_start_are_trusted_most(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_infer(&s);
        assert_changes(&s, "ProtectHome");
        assert_int_equal(seen_advice(&s, "ProtectHome")->confidence, CONFIDENCE_HIGH);
        seen_done(&s);
}

/* Each takes something away from the best of watching. */
static void lose_some(struct seen *s)
{
        s->live->lost = 3;
}

static void lose_many(struct seen *s)
{
        s->live->lost = 5000;
}

static void no_reload(struct seen *s)
{
        seen_command(s, "ExecReload", "/bin/kill", "/bin/kill -HUP $MAINPID");
        s->twin->seen &= ~(unsigned)SEEN_RELOAD;
}

static void no_stop(struct seen *s)
{
        s->twin->seen &= ~(unsigned)SEEN_STOP;
}

static void no_start(struct seen *s)
{
        s->twin->seen &= ~(unsigned)SEEN_STARTUP;
}

static void no_steady(struct seen *s)
{
        seen_twin_only(s);
        s->twin->seen &= ~(unsigned)SEEN_STEADY;
}

static void short_live(struct seen *s)
{
        s->live->seconds_x1000 = 600000;
}

static void no_probe(struct seen *s)
{
        seen_twin_only(s);
        strv_free(s->twin->probes);
        s->twin->probes = NULL;
}

static void runs_foreign(struct seen *s)
{
        seen_act(s, &(struct act){ .kind = ACT_FOREIGN,
                                   .name = (char *)"x86",
                                   .text = (char *)"/usr/bin/old" });
}

static void nothing_at_all(struct seen *s)
{
        seen_twin_only(s);
        session_done(s->twin);
        s->behaviour->session_count = 0;
}

static const struct {
        const char *what;
        void (*spoil)(struct seen *s);
        enum confidence expected;
        const char *limits;
} poorer[] = {
        { "some lost", lose_some, CONFIDENCE_LOW, "lost" },
        { "many lost", lose_many, CONFIDENCE_NONE, "lost" },
        { "no reload", no_reload, CONFIDENCE_FAIR, "a reload was not seen" },
        { "no stop", no_stop, CONFIDENCE_FAIR, "its stop was not seen" },
        { "no start", no_start, CONFIDENCE_NONE, "its start was not watched" },
        { "no steady state", no_steady, CONFIDENCE_LOW, "only its start" },
        { "ten minutes live", short_live, CONFIDENCE_FAIR, "less than an hour" },
        { "twin only", seen_twin_only, CONFIDENCE_FAIR, "twin only" },
        { "no probe", no_probe, CONFIDENCE_LOW, "no probe" },
        { "32-bit code", runs_foreign, CONFIDENCE_NONE, "32-bit" },
        { "nothing watched", nothing_at_all, CONFIDENCE_NONE, "nothing was watched" },
};

static void poorer_watching_is_trusted_less_and_says_why(void **state)
{
        (void)state;
        for (size_t i = 0; i < COUNT(poorer); i++) {
                struct seen s;

                seen_open(&s, 257);
                poorer[i].spoil(&s);
                seen_infer(&s);
                if (seen_advice(&s, "ProtectHome")->confidence != poorer[i].expected)
                        fail_msg("%s: %s", poorer[i].what,
                                 confidence_name(seen_advice(&s, "ProtectHome")->confidence));
                assert_limits(&s, "ProtectHome", poorer[i].limits);
                if (poorer[i].expected == CONFIDENCE_NONE)
                        assert_unknown(&s, "ProtectHome");
                seen_done(&s);
        }
}

static const struct act failures[] = {
        { .kind = ACT_CONNECT,
          .name = (char *)"connect",
          .a = AF_INET,
          .b = SOCK_STREAM,
          .text = (char *)"192.0.2.1",
          .c = 443,
          .error = 101 },
        { .kind = ACT_PATH, .text = (char *)"/dev/video0", .a = ACCESS_READ, .error = 19 },
        { .kind = ACT_CALL, .name = (char *)"keyctl", .error = 1 },
};
static const char *const doubted[COUNT(failures)][3] = {
        { "IPAddressDeny", "PrivateNetwork", "SystemCallFilter" },
        { "DevicePolicy", "PrivateDevices", "SystemCallFilter" },
        { "CapabilityBoundingSet", "SystemCallFilter", "CapabilityBoundingSet" },
};

static void what_failed_in_a_twin_for_its_own_reasons_leaves_its_domain_unknown(void **state)
{
        (void)state;
        for (size_t i = 0; i < COUNT(failures); i++) {
                struct act a = failures[i];
                struct seen s;

                a.flags = ACT_BY_TWIN;
                a.seen = SEEN_TWIN | SEEN_STEADY;
                seen_open(&s, 257);
                seen_twin_only(&s);
                seen_act(&s, &a);
                seen_infer(&s);
                for (size_t k = 0; k < 3; k++)
                        if (seen_advice(&s, doubted[i][k])->changes)
                                fail_msg("%s changes", doubted[i][k]);
                assert_changes(&s, "ProtectHome"); /* files are as good there as anywhere */
                seen_done(&s);
        }
}

static void watching_the_live_unit_raises_what_the_twin_could_not_tell(void **state)
{
        struct act a = failures[2];
        struct seen s;

        (void)state;
        a.flags = ACT_BY_TWIN;
        a.seen = SEEN_TWIN;
        seen_open(&s, 257);
        seen_act(&s, &a);
        seen_infer(&s);
        assert_changes(&s, "CapabilityBoundingSet");
        seen_done(&s);
}

static void capabilities_that_were_only_concluded_are_trusted_little(void **state)
{
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        s.live->capabilities = s.twin->capabilities = false;
        seen_infer(&s);
        assert_true(seen_advice(&s, "CapabilityBoundingSet")->confidence <= CONFIDENCE_LOW);
        seen_done(&s);
}

/* ---- taking over ---- */

static void all_that_is_safe_is_taken_over_with_its_evidence(void **state)
{
        struct profile *p = NULL;
        const struct change *c;
        size_t count = 0;
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_path(&s, "/var/lib/app/100%/x", ACCESS_WRITE | ACCESS_CREATE);
        seen_infer(&s);
        assert_int_equal(profile_new("app.service", SCOPE_SYSTEM, &p), 0);
        assert_int_equal(advices_take(&s.advices, p, NULL, &count), 0);
        assert_int_equal(count, p->change_count);
        assert_true(count > 10);
        c = profile_find(p, D_ReadWritePaths);
        assert_non_null(c);
        assert_int_equal(c->reason, REASON_OBSERVED);
        assert_non_null(strstr(c->evidence, "/var/lib/app"));
        profile_free(p);
        seen_done(&s);
}

static void what_was_set_by_hand_or_is_to_be_kept_is_left_alone(void **state)
{
        static const enum directive_id keep[] = { D_ProtectHome, DIRECTIVE_COUNT };
        struct value v = { .set = true, .bits = 0 };
        struct profile *p = NULL;
        size_t count = 0;
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_infer(&s);
        assert_int_equal(profile_new("app.service", SCOPE_SYSTEM, &p), 0);
        assert_int_equal(profile_set(p, D_RestrictSUIDSGID, &v, REASON_HAND, NULL), 0);
        assert_int_equal(advices_take(&s.advices, p, keep, &count), 0);
        assert_null(profile_find(p, D_ProtectHome));
        assert_int_equal(profile_find(p, D_RestrictSUIDSGID)->value.bits, 0);
        profile_free(p);
        seen_done(&s);
}

/* strict without its holes would break the unit. */
static void nothing_strict_is_taken_without_its_holes(void **state)
{
        static const enum directive_id keep[] = { D_ReadWritePaths, DIRECTIVE_COUNT };
        struct profile *p = NULL;
        size_t count = 0;
        struct seen s;

        (void)state;
        seen_open(&s, 257);
        seen_path(&s, "/var/lib/app/x", ACCESS_WRITE | ACCESS_CREATE);
        seen_infer(&s);
        assert_changes(&s, "ReadWritePaths");
        assert_int_equal(profile_new("app.service", SCOPE_SYSTEM, &p), 0);
        assert_int_equal(advices_take(&s.advices, p, keep, &count), 0);
        assert_null(profile_find(p, D_ProtectSystem));
        assert_null(profile_find(p, D_ReadWritePaths));
        profile_free(p);
        seen_done(&s);
}

/* ---- size ---- */

static void twenty_thousand_acts_take_a_fraction_of_a_second(void **state)
{
        struct timespec from, to;
        struct seen s;
        char path[80];
        double ms;

        (void)state;
        seen_open(&s, 257);
        for (unsigned i = 0; i < 17576; i++) {
                snprintf(path, sizeof(path), "/srv/a%c/b%c/c%c", 'a' + (int)(i % 26),
                         'a' + (int)(i / 26 % 26), 'a' + (int)(i / 676));
                seen_path(&s, path, i % 3 ? ACCESS_READ : ACCESS_WRITE | ACCESS_CREATE);
        }
        seen_infer(&s);
        clock_gettime(CLOCK_MONOTONIC, &from);
        {
                struct infer_options o = { .unit = s.unit,
                                           .behaviour = s.behaviour,
                                           .dialect = &s.dialect,
                                           .root = s.root };
                struct advices a;

                assert_int_equal(infer(&o, &a, NULL), 0);
                advices_done(&a);
        }
        clock_gettime(CLOCK_MONOTONIC, &to);
        ms = (double)(to.tv_sec - from.tv_sec) * 1e3 + (double)(to.tv_nsec - from.tv_nsec) / 1e6;
        print_message("%zu acts: %.1f ms\n", s.behaviour->act_count, ms);
        assert_true(ms < 2000); /* sanitizers and a busy machine included */
        seen_done(&s);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_directive_has_an_advice_with_words),
                cmocka_unit_test(what_a_systemd_does_not_know_is_unknown),
                cmocka_unit_test(what_is_no_sandbox_is_unknown),
                cmocka_unit_test(a_user_manager_gets_no_advice_on_what_it_cannot_do),
                cmocka_unit_test(nothing_that_the_unit_has_is_loosened),
                cmocka_unit_test(a_list_that_restricts_is_merged_with_the_units_own),
                cmocka_unit_test(a_list_that_grants_keeps_what_the_unit_grants),
                cmocka_unit_test(merged_sets_let_through_what_both_do),
                cmocka_unit_test(long_live_watching_and_a_seen_start_are_trusted_most),
                cmocka_unit_test(poorer_watching_is_trusted_less_and_says_why),
                cmocka_unit_test(
                        what_failed_in_a_twin_for_its_own_reasons_leaves_its_domain_unknown),
                cmocka_unit_test(watching_the_live_unit_raises_what_the_twin_could_not_tell),
                cmocka_unit_test(capabilities_that_were_only_concluded_are_trusted_little),
                cmocka_unit_test(all_that_is_safe_is_taken_over_with_its_evidence),
                cmocka_unit_test(what_was_set_by_hand_or_is_to_be_kept_is_left_alone),
                cmocka_unit_test(nothing_strict_is_taken_without_its_holes),
                cmocka_unit_test(twenty_thousand_acts_take_a_fraction_of_a_second),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
