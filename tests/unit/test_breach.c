/* test_breach.c - the intruder's answers, judged without a machine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/breach/breach.h"
#include "core/catalogue/value.h"

#include <stdio.h>
#include <string.h>

struct bench {
        struct dialect dialect;
        struct sandbox *before, *after;
        struct breach_answers plain, was, is;
        struct breach result;
};

static void bench_open(struct bench *b)
{
        *b = (struct bench){ 0 };
        dialect_for((struct version){ 252, 0 }, SCOPE_SYSTEM, &b->dialect);
        assert_int_equal(sandbox_new("x.service", SCOPE_SYSTEM, &b->before), 0);
        assert_int_equal(sandbox_new("x.service", SCOPE_SYSTEM, &b->after), 0);
        assert_int_equal(breach_answers_new(&b->plain), 0);
        assert_int_equal(breach_answers_new(&b->was), 0);
        assert_int_equal(breach_answers_new(&b->is), 0);
}

static void bench_done(struct bench *b)
{
        breach_done(&b->result);
        breach_answers_done(&b->plain);
        breach_answers_done(&b->was);
        breach_answers_done(&b->is);
        sandbox_free(b->before);
        sandbox_free(b->after);
        dialect_done(&b->dialect);
}

static void set(struct bench *b, struct sandbox *s, const char *name, const char *text)
{
        const struct directive *d = directive_find(name);
        struct value v = { 0 };

        assert_non_null(d);
        assert_int_equal(value_assign(&v, d, &b->dialect, text, NULL), ASSIGN_TAKEN);
        sandbox_set(s, d->id, &v, ORIGIN_FILE);
        assert_int_equal(sandbox_imply(s, &b->dialect), 0);
}

/* All moves at once. */
static void answer_all(struct breach_answers *a, const char *said)
{
        scoped(mem_freep) char *line = NULL;
        const struct move *m;

        for (size_t i = 0; (m = breach_at(i)); i++) {
                line = text_format("%s %s\n", m->name, said);
                assert_non_null(line);
                assert_int_equal(breach_answers_read(a, line), 0);
                free(take(line));
        }
}

static void judge(struct bench *b, bool changed)
{
        struct breach_evidence e = { .plain = &b->plain,
                                     .before = &b->was,
                                     .after = changed ? &b->is : NULL,
                                     .unit = b->before,
                                     .changed = changed ? b->after : NULL,
                                     .dialect = &b->dialect };

        assert_int_equal(breach_judge(&e, &b->result), 0);
}

static const struct breach_move *find(const struct bench *b, const char *name)
{
        for (size_t i = 0; i < b->result.move_count; i++)
                if (strcmp(b->result.moves[i].move->name, name) == 0)
                        return &b->result.moves[i];
        fail_msg("no move %s", name);
        return NULL;
}

static bool leaves_by(const struct bench *b, const char *name)
{
        for (size_t i = 0; i < b->result.chain_count; i++)
                if (strcmp(b->result.chains[i].chain->name, name) == 0)
                        return b->result.chains[i].after;
        return false;
}

/* ---- the tables ---- */

static void moves_have_names_of_their_own_and_words(void **state)
{
        const struct move *m;

        (void)state;
        for (size_t i = 0; (m = move_at(i)); i++) {
                assert_ptr_equal(move_find(m->name), m);
                assert_true(*m->sentence && !text_ends(m->sentence, "."));
                assert_int_equal(strspn(m->name, "abcdefghijklmnopqrstuvwxyz0123456789-"),
                                 strlen(m->name));
        }
        assert_null(move_find("no-such-move"));
        assert_in_range(breach_size(), 100, 250);
}

static void the_labs_moves_come_last(void **state)
{
        const struct move *m;
        bool lab = false;

        (void)state;
        for (size_t i = 0; (m = move_at(i)); i++) {
                assert_false(lab && m->topic != TOPIC_LAB);
                lab |= m->topic == TOPIC_LAB;
        }
        assert_null(breach_at(breach_size()));
}

static void every_intruders_move_has_a_closer_that_systemd_takes(void **state)
{
        struct dialect newest;
        const struct move *m;

        (void)state;
        dialect_for((struct version){ VERSION_NEWEST, 0 }, SCOPE_SYSTEM, &newest);
        for (size_t i = 0; (m = breach_at(i)); i++) {
                assert_non_null(m->closers[0]);
                for (size_t n = 0; m->closers[n]; n++)
                        if (!closer_known(m->closers[n], &newest))
                                fail_msg("%s: %s", m->name, m->closers[n]);
        }
        dialect_done(&newest);
}

static void chains_are_made_of_moves_and_have_closers(void **state)
{
        struct dialect newest;
        const struct chain *c;

        (void)state;
        dialect_for((struct version){ VERSION_NEWEST, 0 }, SCOPE_SYSTEM, &newest);
        for (size_t i = 0; (c = chain_at(i)); i++) {
                for (size_t n = 0; c->any[n]; n++)
                        assert_non_null(move_find(c->any[n]));
                for (size_t n = 0; c->with && c->with[n]; n++)
                        assert_non_null(move_find(c->with[n]));
                assert_non_null(c->closers[0]);
                for (size_t n = 0; c->closers[n]; n++)
                        if (!closer_known(c->closers[n], &newest))
                                fail_msg("%s: %s", c->name, c->closers[n]);
        }
        dialect_done(&newest);
}

/* ---- closers ---- */

static void a_stricter_value_holds_as_well(void **state)
{
        scoped(mem_freep) char *by = NULL;
        struct bench b;

        (void)state;
        bench_open(&b);
        assert_int_equal(closer_holds("ProtectSystem=full", b.before, &b.dialect, NULL), 0);
        set(&b, b.before, "ProtectSystem", "strict");
        assert_int_equal(closer_holds("ProtectSystem=full", b.before, &b.dialect, &by), 1);
        assert_string_equal(by, "ProtectSystem=strict");
        set(&b, b.before, "ProtectSystem", "yes");
        assert_int_equal(closer_holds("ProtectSystem=full", b.before, &b.dialect, NULL), 0);
        bench_done(&b);
}

static void a_user_of_its_own_is_one_by_either_directive(void **state)
{
        scoped(mem_freep) char *by = NULL;
        struct bench b;

        (void)state;
        bench_open(&b);
        set(&b, b.before, "User", "root");
        assert_int_equal(closer_holds("DynamicUser=yes", b.before, &b.dialect, NULL), 0);
        set(&b, b.before, "User", "www-data");
        assert_int_equal(closer_holds("DynamicUser=yes", b.before, &b.dialect, &by), 1);
        assert_string_equal(by, "User=www-data");
        bench_done(&b);
}

static void a_user_without_ambient_capabilities_lacks_them(void **state)
{
        struct bench b;

        (void)state;
        bench_open(&b);
        set(&b, b.before, "User", "www-data");
        assert_int_equal(
                closer_holds("CapabilityBoundingSet=~CAP_KILL", b.before, &b.dialect, NULL), 1);
        set(&b, b.before, "AmbientCapabilities", "CAP_KILL");
        assert_int_equal(
                closer_holds("CapabilityBoundingSet=~CAP_KILL", b.before, &b.dialect, NULL), 0);
        bench_done(&b);
}

static void a_folder_above_covers_a_path(void **state)
{
        struct bench b;

        (void)state;
        bench_open(&b);
        set(&b, b.before, "InaccessiblePaths", "-/run/systemd /run/dbusses");
        assert_int_equal(
                closer_holds("InaccessiblePaths=-/run/systemd/private", b.before, &b.dialect, NULL),
                1);
        assert_int_equal(closer_holds("InaccessiblePaths=-/run/dbus", b.before, &b.dialect, NULL),
                         0);
        bench_done(&b);
}

static void only_the_lines_that_are_missing_are_offered(void **state)
{
        scoped(mem_freep) char *rest = NULL;
        struct bench b;

        (void)state;
        bench_open(&b);
        set(&b, b.before, "ProtectProc", "invisible");
        assert_int_equal(
                closer_rest("ProtectProc=invisible\nDynamicUser=yes", b.before, &b.dialect, &rest),
                0);
        assert_string_equal(rest, "DynamicUser=yes");
        bench_done(&b);
}

/* ---- answers ---- */

static void lines_that_are_no_answers_are_let_go(void **state)
{
        struct breach_answers a = { 0 };

        (void)state;
        assert_int_equal(breach_answers_new(&a), 0);
        assert_int_equal(breach_answers_read(&a, "nonsense\n\n ok\nread-shadow \nno-such ok\n"
                                                 "read-gshadow EACCES\nread-gshadow ok\n"
                                                 "read-sudoers \033[31m\nlist-home o"),
                         0);
        assert_string_equal(a.said[0], "");
        assert_string_equal(a.said[1], "EACCES"); /* the first one counts */
        assert_string_equal(a.said[2], "?[31m");
        for (size_t i = 3; i < breach_size(); i++)
                assert_null(a.said[i]); /* a line that was cut off is none */
        breach_answers_done(&a);
}

/* ---- judging ---- */

static void a_bare_root_service_can_be_left(void **state)
{
        struct bench b;

        (void)state;
        bench_open(&b);
        answer_all(&b.plain, "ok");
        answer_all(&b.was, "ok");
        judge(&b, false);
        assert_int_equal(b.result.after.allowed, breach_size());
        assert_true(leaves_by(&b, "ask-systemd") && leaves_by(&b, "unit-in-run"));
        assert_true(b.result.own_user);
        assert_true(strv_has(b.result.close, "ProtectSystem=full"));
        assert_true(strv_has(b.result.close, "ReadOnlyPaths=/run -/var/spool/cron"));
        assert_false(strv_has(b.result.close, "ProtectSystem=yes")); /* the stricter says it */
        bench_done(&b);
}

static void refusals_are_put_down_to_directives(void **state)
{
        struct bench b;

        (void)state;
        bench_open(&b);
        answer_all(&b.plain, "ok");
        answer_all(&b.was, "ok");
        assert_int_equal(breach_answers_read(&b.is, "write-cron EROFS\nmount-tmpfs SIGSYS\n"
                                                    "read-shadow EACCES\nsocket-inet "
                                                    "EAFNOSUPPORT\n"),
                         0);
        answer_all(&b.is, "ok");
        set(&b, b.after, "ProtectSystem", "strict");
        set(&b, b.after, "SystemCallFilter", "@system-service");
        set(&b, b.after, "User", "nobody");
        set(&b, b.after, "RestrictAddressFamilies", "AF_UNIX");
        judge(&b, true);
        assert_string_equal(find(&b, "write-cron")->after.by, "ProtectSystem=strict");
        assert_string_equal(find(&b, "mount-tmpfs")->after.by, "SystemCallFilter=");
        assert_string_equal(find(&b, "read-shadow")->after.by, "User=nobody");
        assert_string_equal(find(&b, "socket-inet")->after.by, "RestrictAddressFamilies=");
        assert_int_equal(find(&b, "write-cron")->before.result, BREACH_ALLOWED);
        assert_int_equal(b.result.after.refused, 4);
        bench_done(&b);
}

static void what_the_twin_refuses_to_all_is_never_the_sandboxs_doing(void **state)
{
        struct bench b;

        (void)state;
        bench_open(&b);
        answer_all(&b.plain, "EPERM");
        answer_all(&b.was, "EPERM");
        set(&b, b.before, "ProtectClock", "yes");
        judge(&b, false);
        /* by rule: root may load modules, and the clock is closed */
        assert_int_equal(find(&b, "load-module")->after.result, BREACH_ALLOWED);
        assert_true(find(&b, "load-module")->after.computed);
        assert_int_equal(find(&b, "set-clock")->after.result, BREACH_REFUSED);
        assert_true(find(&b, "set-clock")->after.computed);
        assert_int_equal(find(&b, "keyctl-add")->after.result, BREACH_UNKNOWN);
        bench_done(&b);
}

static void what_nobody_has_is_absent_and_what_is_hidden_is_refused(void **state)
{
        struct bench b;

        (void)state;
        bench_open(&b);
        assert_int_equal(breach_answers_read(&b.plain, "connect-docker ENOENT\n"), 0);
        answer_all(&b.plain, "ok");
        answer_all(&b.was, "ENOENT");
        judge(&b, false);
        assert_int_equal(find(&b, "connect-docker")->after.result, BREACH_ABSENT);
        assert_int_equal(find(&b, "read-shadow")->after.result, BREACH_REFUSED);
        bench_done(&b);
}

static void what_the_twin_does_not_enforce_is_told_by_rule(void **state)
{
        static const enum directive_id firewall[] = { D_IPAddressDeny, DIRECTIVE_COUNT };
        const struct stage_limit limit = { .mechanism = "IP firewall", .directives = firewall };
        struct bench b;
        struct breach_evidence e;

        (void)state;
        bench_open(&b);
        answer_all(&b.plain, "ok");
        answer_all(&b.was, "ok");
        set(&b, b.before, "IPAddressDeny", "any");
        e = (struct breach_evidence){ .plain = &b.plain,
                                      .before = &b.was,
                                      .unit = b.before,
                                      .dialect = &b.dialect,
                                      .limits = &limit,
                                      .limit_count = 1 };
        assert_int_equal(breach_judge(&e, &b.result), 0);
        assert_int_equal(find(&b, "send-udp-out")->after.result, BREACH_REFUSED);
        assert_true(find(&b, "send-udp-out")->after.computed);
        bench_done(&b);
}

static void a_network_of_its_own_leads_nowhere(void **state)
{
        struct bench b;

        (void)state;
        bench_open(&b);
        answer_all(&b.plain, "ok");
        answer_all(&b.was, "ok");
        set(&b, b.before, "PrivateNetwork", "yes");
        judge(&b, false);
        assert_int_equal(find(&b, "connect-loopback")->after.result, BREACH_REFUSED);
        assert_string_equal(find(&b, "connect-loopback")->after.by, "PrivateNetwork=yes");
        bench_done(&b);
}

static void a_closed_chain_is_told_as_closed(void **state)
{
        struct bench b;

        (void)state;
        bench_open(&b);
        answer_all(&b.plain, "ok");
        answer_all(&b.was, "ok");
        assert_int_equal(breach_answers_read(&b.is, "start-unit EACCES\n"
                                                    "set-manager-environment EACCES\n"),
                         0);
        answer_all(&b.is, "ok");
        judge(&b, true);
        assert_false(leaves_by(&b, "ask-systemd"));
        assert_int_equal(b.result.after.chains + 1, b.result.before.chains);
        bench_done(&b);
}

static void the_mark_changes_with_any_value(void **state)
{
        char one[17], two[17];
        struct bench b;

        (void)state;
        bench_open(&b);
        assert_int_equal(breach_mark(b.before, &b.dialect, one), 0);
        set(&b, b.before, "UMask", "0077");
        assert_int_equal(breach_mark(b.before, &b.dialect, two), 0);
        assert_string_not_equal(one, two);
        assert_int_equal(breach_mark(b.before, &b.dialect, one), 0);
        assert_string_equal(one, two);
        bench_done(&b);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(moves_have_names_of_their_own_and_words),
                cmocka_unit_test(the_labs_moves_come_last),
                cmocka_unit_test(every_intruders_move_has_a_closer_that_systemd_takes),
                cmocka_unit_test(chains_are_made_of_moves_and_have_closers),
                cmocka_unit_test(a_stricter_value_holds_as_well),
                cmocka_unit_test(a_user_of_its_own_is_one_by_either_directive),
                cmocka_unit_test(a_user_without_ambient_capabilities_lacks_them),
                cmocka_unit_test(a_folder_above_covers_a_path),
                cmocka_unit_test(only_the_lines_that_are_missing_are_offered),
                cmocka_unit_test(lines_that_are_no_answers_are_let_go),
                cmocka_unit_test(a_bare_root_service_can_be_left),
                cmocka_unit_test(refusals_are_put_down_to_directives),
                cmocka_unit_test(what_the_twin_refuses_to_all_is_never_the_sandboxs_doing),
                cmocka_unit_test(what_nobody_has_is_absent_and_what_is_hidden_is_refused),
                cmocka_unit_test(what_the_twin_does_not_enforce_is_told_by_rule),
                cmocka_unit_test(a_network_of_its_own_leads_nowhere),
                cmocka_unit_test(a_closed_chain_is_told_as_closed),
                cmocka_unit_test(the_mark_changes_with_any_value),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
