/* test_policy.c - policies read strictly, units checked by them, and what is found in other
 * programs' forms. */
/* clang-format off */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/policy/policy.h"
#include "core/profile/json.h"
#include "core/unit/files.h"

#include <stdlib.h>
#include <string.h>

static void dialect_of(unsigned major, struct dialect *d)
{
        dialect_for((struct version){ .major = major }, SCOPE_SYSTEM, d);
}

static void refuse(const char *text, const char *place, const char *words)
{
        struct dialect d;
        struct policy *p = NULL;
        struct err e = { 0 };

        dialect_of(257, &d);
        assert_true(policy_read("p.json", text, &d, &p, &e) < 0);
        assert_null(p);
        if (!strstr(e.text, place) || !strstr(e.text, words))
                fail_msg("\"%s\" has not %s and %s", e.text, place, words);
}

static void faults_are_told_with_line_and_column(void **state)
{
        (void)state;
        refuse("{\n  \"gird-policy\": 1,\n  \"treshold\": 5\n}", "p.json:3:3:", "treshold");
        refuse("{\"gird-policy\":1,\n\"rules\":[{\"require\":\n {\"ProtectSytem\":\"full\"}}]}",
               "p.json:3:3:", "ProtectSystem");
        refuse("{\"gird-policy\":1,\n\"rules\":[{\"require\": {\"ProtectSystem\":\"ful\"}}]}",
               "p.json:2:23:", "ful");
        refuse("{\"gird-policy\":1,\"threshold\":11}", "p.json:1:18:", "0 to 10");
        refuse("{\"gird-policy\":2}", "p.json:1:2:", "newer gird");
        refuse("{\"gird-policy\":1,\"gird-policy\":1}", "p.json:1:", "twice");
        refuse("{\"threshold\":5}", "p.json:1:1:", "no policy");
        refuse("{\"gird-policy\":1,\"rules\":[{\"units\":\"x.service\"}]}",
               "p.json:1:", "demands nothing");
        refuse("{\"gird-policy\":1,\"rules\":[{\"own-user\":1}]}", "p.json:1:", "true or false");
        refuse("{\"gird-policy\":1,\"rules\":[{\"units\":\"nginx\",\"own-user\":true}]}",
               "p.json:1:", "is nginx.service meant");
        refuse("[1]", "p.json:1:1:", "object");
        refuse("{", "p.json:1", "not JSON");
}

static void an_exception_needs_units_rules_a_reason_and_a_day(void **state)
{
        (void)state;
        refuse("{\"gird-policy\":1,\"exceptions\":[{\"units\":\"x.service\",\"rules\":"
               "\"threshold\","
               "\"reason\":"
               "\"r\"}]}",
               "p.json:1:", "until");
        refuse("{\"gird-policy\":1,\"exceptions\":[{\"units\":\"x.service\",\"rules\":"
               "\"threshold\","
               "\"reason\":"
               "\"r\",\"until\":\"2027-13-01\"}]}",
               "p.json:1:", "a day");
        refuse("{\"gird-policy\":1,\"exceptions\":[{\"units\":\"x.service\",\"rules\":\"treshold\","
               "\"reason\":"
               "\"r\",\"until\":\"2027-12-01\"}]}",
               "p.json:1:", "treshold");
}

static struct sandbox *unit_of(const char *lines, const struct dialect *d)
{
        scoped(mem_freep) char *text = text_format("[Service]\nExecStart=/bin/true\n%s", lines);
        struct sandbox *s = NULL;

        assert_int_equal(sandbox_new("x.service", SCOPE_SYSTEM, &s), 0);
        assert_true(unit_parse(s, d, "/x.service", text, strlen(text)) >= 0);
        assert_int_equal(sandbox_imply(s, d), 0);
        return s;
}

/* A unit of these lines, checked by the policy (and the baseline); with its score. */
static void check(const char *policy, const char *lines, const struct baseline *baseline,
                  const char *today, struct checked *ret)
{
        scoped(policy_freep) struct policy *p = NULL;
        scoped(sandbox_freep) struct sandbox *s = NULL;
        struct dialect d;
        struct score score;
        struct err e = { 0 };
        struct policy_input in = { .baseline = baseline, .dialect = &d, .today = today };

        dialect_of(257, &d);
        if (policy && policy_read("p.json", policy, &d, &p, &e) < 0)
                fail_msg("%s", e.text);
        s = unit_of(lines, &d);
        assert_int_equal(score_sandbox(s, &d, SCORE_OFFLINE, &score), 0);
        in.policy = p;
        assert_int_equal(policy_check(&in, s, &score, ret), 0);
}

static char *names_of(const struct checked *c)
{
        struct text t = { 0 };

        for (size_t i = 0; i < c->finding_count; i++) {
                scoped(mem_freep) char *name = finding_name(&c->findings[i]);

                text_addf(&t, "%s%s%s", i ? " " : "", name,
                          c->findings[i].excused ? "(excused)" : "");
        }
        return text_take(&t);
}

static void finds(const char *policy, const char *lines, const char *wanted)
{
        scoped(checked_done) struct checked c = { 0 };
        scoped(mem_freep) char *names = NULL;

        check(policy, lines, NULL, "2026-11-23", &c);
        names = names_of(&c);
        assert_string_equal(names, wanted);
        assert_int_equal(checked_fails(&c), *wanted && !strstr(wanted, "(excused)"));
}

#define RULE(demand) "{\"gird-policy\":1,\"rules\":[{" demand "}]}"

static void a_required_value_is_met_by_itself_and_by_stricter_ones(void **state)
{
        (void)state;
        finds(RULE("\"require\":{\"ProtectSystem\":\"full\"}"), "[Service]\nProtectSystem=full\n",
              "");
        finds(RULE("\"require\":{\"ProtectSystem\":\"full\"}"), "[Service]\nProtectSystem=strict\n",
              "");
        finds(RULE("\"require\":{\"ProtectSystem\":\"full\"}"), "[Service]\nDynamicUser=yes\n", "");
        finds(RULE("\"require\":{\"ProtectSystem\":\"full\"}"), "[Service]\nProtectSystem=yes\n",
              "require:ProtectSystem");
        finds(RULE("\"require\":{\"CapabilityBoundingSet\":\"CAP_CHOWN CAP_KILL\"}"),
              "[Service]\nCapabilityBoundingSet=CAP_KILL\n", "");
        finds(RULE("\"require\":{\"CapabilityBoundingSet\":\"CAP_CHOWN\"}"),
              "[Service]\nCapabilityBoundingSet=CAP_KILL\n", "require:CapabilityBoundingSet");
        finds(RULE("\"require\":{\"ProtectHome\":[\"read-only\",\"tmpfs\"]}"), "[Service]\n",
              "require:ProtectHome");
}

static void what_is_forbidden_may_not_be_set(void **state)
{
        (void)state;
        finds(RULE("\"forbid\":{\"User\":\"nobody\"}"), "[Service]\nUser=nobody\n", "forbid:User");
        finds(RULE("\"forbid\":{\"User\":\"nobody\"}"), "[Service]\nUser=x\n", "");
        finds(RULE("\"forbid\":{\"AmbientCapabilities\":true}"),
              "[Service]\nAmbientCapabilities=CAP_KILL\n", "forbid:AmbientCapabilities");
        finds(RULE("\"forbid\":{\"AmbientCapabilities\":\"CAP_SYS_ADMIN\"}"),
              "[Service]\nAmbientCapabilities=CAP_SYS_ADMIN CAP_KILL\n",
              "forbid:AmbientCapabilities");
}

static void a_service_has_a_user_of_its_own_and_never_nobody(void **state)
{
        (void)state;
        finds(RULE("\"own-user\":true"), "[Service]\n", "own-user:User");
        finds(RULE("\"own-user\":true"), "[Service]\nUser=root\n", "own-user:User");
        finds(RULE("\"own-user\":true"), "[Service]\nUser=nobody\n", "own-user:User");
        finds(RULE("\"own-user\":true"), "[Service]\nUser=x\nGroup=nogroup\n", "own-user:Group");
        finds(RULE("\"own-user\":true"), "[Service]\nUser=x\n", "");
        finds(RULE("\"own-user\":true"), "[Service]\nDynamicUser=yes\n", "");
}

static void a_rules_threshold_takes_the_place_of_the_common_one(void **state)
{
        (void)state;
        finds("{\"gird-policy\":1,\"threshold\":5}", "[Service]\n", "threshold");
        finds("{\"gird-policy\":1,\"threshold\":9.8}", "[Service]\n", "");
        finds("{\"gird-policy\":1,\"threshold\":5,\"rules\":[{\"units\":\"x*\",\"threshold\":9.8}]"
              "}",
              "[Service]\n", "");
        finds("{\"gird-policy\":1,\"threshold\":5,\"rules\":[{\"units\":\"y*\",\"threshold\":9.8}]"
              "}",
              "[Service]\n", "threshold");
        finds("{\"gird-policy\":1,\"rules\":[{\"not\":\"x*\",\"threshold\":1}]}", "[Service]\n",
              "");
}

#define EXCEPTION(until)                                                                           \
        "{\"gird-policy\":1,\"rules\":[{\"own-user\":true}],\"exceptions\":[{\"units\":\"x.*\","   \
        "\"rules\":[\"User\"],\"reason\":\"jobs of all\",\"until\":\"" until "\"}]}"

static void an_exception_holds_to_its_last_day_and_no_longer(void **state)
{
        scoped(checked_done) struct checked c = { 0 };

        (void)state;
        finds(EXCEPTION("2026-11-23"), "[Service]\n", "own-user:User(excused)");
        finds(EXCEPTION("2026-11-22"), "[Service]\n", "own-user:User");
        check(EXCEPTION("2026-11-22"), "[Service]\n", NULL, "2026-11-23", &c);
        assert_non_null(strstr(c.findings[0].message, "ended on 2026-11-22"));
        assert_non_null(strstr(c.findings[0].message, "p.json:1"));
}

static void record(const char *lines, struct baseline *ret)
{
        scoped(sandbox_freep) struct sandbox *s = NULL;
        struct dialect d;
        struct score score;
        scoped(mem_freep) char *text = NULL;
        scoped(baseline_done) struct baseline made = { 0 };
        struct err e = { 0 };

        dialect_of(257, &d);
        s = unit_of(lines, &d);
        assert_int_equal(score_sandbox(s, &d, SCORE_OFFLINE, &score), 0);
        assert_int_equal(baseline_add(&made, s, &score), 0);
        assert_int_equal(baseline_print(&made, &d, &text), 0);
        if (baseline_read("b.json", text, &d, ret, &e) < 0)
                fail_msg("%s", e.text);
}

static void ratchet(const char *then, const char *now, const char *wanted)
{
        scoped(checked_done) struct checked c = { 0 };
        scoped(baseline_done) struct baseline b = { 0 };
        scoped(mem_freep) char *names = NULL;

        record(then, &b);
        check(NULL, now, &b, "2026-11-23", &c);
        names = names_of(&c);
        assert_string_equal(names, wanted);
}

#define STRICT                                                                                     \
        "[Service]\nUser=x\nProtectSystem=strict\nCapabilityBoundingSet=CAP_KILL\n"                \
        "SystemCallFilter=@system-service\nReadWritePaths=/var/lib/x\nPrivateTmp=yes\n"            \
        "RestrictAddressFamilies=AF_UNIX AF_INET\nUMask=0077\n"

static void nothing_may_get_looser_than_the_baseline(void **state)
{
        (void)state;
        ratchet(STRICT, STRICT, "");
        ratchet("[Service]\n", STRICT, "");
        ratchet(STRICT "ProtectHome=yes\n", STRICT, "baseline baseline:ProtectHome");
        ratchet(STRICT, STRICT "CapabilityBoundingSet=CAP_CHOWN\n",
                "baseline baseline:CapabilityBoundingSet");
        ratchet(STRICT, STRICT "ReadWritePaths=/etc\n", "baseline:ReadWritePaths");
        ratchet(STRICT, STRICT "ProtectClock=yes\n", "");
}

static void a_unit_that_is_not_in_the_baseline_is_noted(void **state)
{
        scoped(checked_done) struct checked c = { 0 };
        const struct baseline none = { 0 };

        (void)state;
        check(NULL, "[Service]\n", &none, "2026-11-23", &c);
        assert_int_equal(c.finding_count, 1);
        assert_true(c.findings[0].note);
        assert_false(checked_fails(&c));
}

static void a_broken_baseline_is_told_with_its_place(void **state)
{
        struct dialect d;
        struct baseline b = { 0 };
        struct err e = { 0 };

        (void)state;
        dialect_of(257, &d);
        assert_true(baseline_read("b.json",
                                  "{\"gird-baseline\":1,\n\"units\":{\"x.service\":{\"exposure\":1,"
                                  "\"directives\":{\"Nice\":[\"x\"]}}}}",
                                  &d, &b, &e) < 0);
        assert_non_null(strstr(e.text, "b.json:2:"));
        assert_null(b.units);
        assert_true(baseline_read("b.json", "{\"units\":{}}", &d, &b, &e) < 0);
}

static void reports_hold_hostile_names_safely(void **state)
{
        struct checked c = { .unit = strdup("we\"ird\\x2d<&>.service"),
                             .scored = true,
                             .exposure = 96 };
        struct finding f = { .kind = FINDING_OWN_USER,
                             .directive = D_User,
                             .message = (char[]){ "a \"b\" <c> & d\x1b[2J" },
                             .file = (char[]){ "/etc/a b%.service" },
                             .line = 3 };
        struct fleet fleet = {
                .units = &c, .count = 1, .host = "h", .when = "2026-11-23T10:00:00Z", .root = ""
        };
        scoped(mem_freep) char *junit = NULL, *prom = NULL, *sarif = NULL, *json = NULL;
        scoped(json_freep) struct json *read = NULL;
        struct err e = { 0 };

        (void)state;
        assert_int_equal(checked_add(&c, &f), 0);
        junit = fleet_junit(&fleet);
        prom = fleet_prometheus(&fleet);
        sarif = fleet_sarif(&fleet);
        json = fleet_json(&fleet);
        assert_non_null(strstr(junit, "we&quot;ird\\x2d&lt;&amp;&gt;.service"));
        assert_null(strchr(junit, '\x1b'));
        assert_non_null(strstr(prom, "{unit=\"we\\\"ird\\\\x2d<&>.service\"} 9.6\n"));
        assert_non_null(strstr(sarif, "file:///etc/a%20b%25.service"));
        assert_int_equal(json_parse("x", sarif, &read, &e), 0);
        assert_non_null(strstr(json, "\"own-user:User\""));
        checked_done(&c);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(faults_are_told_with_line_and_column),
                cmocka_unit_test(an_exception_needs_units_rules_a_reason_and_a_day),
                cmocka_unit_test(a_required_value_is_met_by_itself_and_by_stricter_ones),
                cmocka_unit_test(what_is_forbidden_may_not_be_set),
                cmocka_unit_test(a_service_has_a_user_of_its_own_and_never_nobody),
                cmocka_unit_test(a_rules_threshold_takes_the_place_of_the_common_one),
                cmocka_unit_test(an_exception_holds_to_its_last_day_and_no_longer),
                cmocka_unit_test(nothing_may_get_looser_than_the_baseline),
                cmocka_unit_test(a_unit_that_is_not_in_the_baseline_is_noted),
                cmocka_unit_test(a_broken_baseline_is_told_with_its_place),
                cmocka_unit_test(reports_hold_hostile_names_safely),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
