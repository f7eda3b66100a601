/* test_score.c - the score's rows, sums and faults; what tightening does to them.
 * Whether it equals systemd's is tests/oracle's business. */
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/score/score.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct dialect dialect_of(unsigned major, unsigned minor)
{
        struct dialect d;

        dialect_for((struct version){ major, minor }, SCOPE_SYSTEM, &d);
        return d;
}

static struct sandbox *unit(const char *name)
{
        struct sandbox *s = NULL;

        assert_int_equal(sandbox_new(name, SCOPE_SYSTEM, &s), 0);
        return s;
}

/* Assigns "Key=value"; what the setting held before goes, unless the value adds to it. */
static void assign(struct sandbox *s, const struct dialect *d, const char *line)
{
        scoped(mem_freep) char *key = strndup(line, strcspn(line, "="));
        const struct directive *directive = directive_find(key);
        struct value v = { 0 };

        assert_non_null(directive);
        assert_int_equal(value_copy(&s->settings[directive->id].value, &v), 0);
        assert_true(value_assign(&v, directive, d, strchr(line, '=') + 1, NULL) >= 0);
        sandbox_set(s, directive->id, &v, ORIGIN_FILE);
}

static void score(struct sandbox *s, const struct dialect *d, enum score_mode mode,
                  struct score *ret)
{
        assert_int_equal(sandbox_imply(s, d), 0);
        assert_int_equal(score_sandbox(s, d, mode, ret), 0);
}

static unsigned exposure_of(const struct dialect *d, enum score_mode mode, const char *const *lines)
{
        scoped(sandbox_freep) struct sandbox *s = unit("a.service");
        struct score got;

        for (; *lines; lines++)
                assign(s, d, *lines);
        score(s, d, mode, &got);
        return got.exposure;
}

#define EXPOSURE(d, mode, ...) exposure_of(d, mode, (const char *const[]){ __VA_ARGS__, NULL })

static const struct assessment *row(const struct score *s, const char *id)
{
        for (size_t i = 0; i < s->count; i++)
                if (strcmp(s->rows[i].id, id) == 0)
                        return &s->rows[i];
        return NULL;
}

static void rows_come_by_weight_and_then_by_id(void **state)
{
        scoped(sandbox_freep) struct sandbox *s = unit("a.service");
        struct dialect d = dialect_of(257, 13);
        struct score got;

        (void)state;
        score(s, &d, SCORE_LIVE, &got);
        assert_int_equal(got.count, 81);
        for (size_t i = 1; i < got.count; i++) {
                const struct assessment *a = &got.rows[i - 1], *b = &got.rows[i];

                assert_true(a->weight > b->weight ||
                            (a->weight == b->weight && strcmp(a->id, b->id) < 0));
        }
}

static void the_weights_add_up(void **state)
{
        static const struct {
                unsigned major, minor;
                size_t rows;
                uint64_t weights;
        } versions[] = {
                { 247, 3, 80, 56435 },  { 252, 18, 80, 56435 }, { 252, 19, 81, 56460 },
                { 253, 12, 80, 56435 }, { 253, 13, 81, 56460 }, { 254, 5, 80, 56435 },
                { 254, 6, 81, 56460 },  { 255, 0, 81, 56460 },  { 262, 1, 81, 56460 },
        };

        (void)state;
        for (size_t i = 0; i < COUNT(versions); i++) {
                scoped(sandbox_freep) struct sandbox *s = unit("a.service");
                struct dialect d = dialect_of(versions[i].major, versions[i].minor);
                uint64_t weights = 0;
                struct score got;

                score(s, &d, SCORE_LIVE, &got);
                for (size_t j = 0; j < got.count; j++)
                        weights += got.rows[j].weight;
                assert_int_equal(got.count, versions[i].rows);
                assert_int_equal(weights, versions[i].weights);
                assert_false(row(&got, "RemoveIPC")->applicable);
                assert_false(row(&got, "SupplementaryGroups")->applicable);
        }
}

static void a_bare_unit_scores_as_everywhere_else(void **state)
{
        struct dialect old = dialect_of(252, 39), new = dialect_of(257, 13);

        (void)state;
        assert_int_equal(EXPOSURE(&old, SCORE_LIVE, "PrivateTmp=no"), 96);
        assert_int_equal(EXPOSURE(&old, SCORE_OFFLINE, "PrivateTmp=no"), 96);
        assert_int_equal(EXPOSURE(&new, SCORE_LIVE, "PrivateTmp=no"), 96);
        assert_int_equal(EXPOSURE(&new, SCORE_OFFLINE, "PrivateTmp=no"), 94);
}

static void levels_begin_where_systemd_begins_them(void **state)
{
        static const struct {
                unsigned exposure;
                const char *name;
        } rows[] = {
                { 0, "PERFECT" },  { 1, "SAFE" },    { 9, "SAFE" },    { 10, "OK" },
                { 49, "OK" },      { 50, "MEDIUM" }, { 74, "MEDIUM" }, { 75, "EXPOSED" },
                { 89, "EXPOSED" }, { 90, "UNSAFE" }, { 99, "UNSAFE" }, { 100, "DANGEROUS" },
        };

        (void)state;
        for (size_t i = 0; i < COUNT(rows); i++)
                assert_string_equal(score_level_name(score_level(rows[i].exposure)), rows[i].name);
}

static void what_is_wanted_satisfies_its_row(void **state)
{
        struct dialect d = dialect_of(257, 13);
        scoped(sandbox_freep) struct sandbox *bare = unit("a.service");
        struct score rows;

        (void)state;
        score(bare, &d, SCORE_LIVE, &rows);
        for (size_t i = 0; i < rows.count; i++) {
                scoped(sandbox_freep) struct sandbox *s = unit("a.service");
                const struct assessment *after;
                struct score got;

                if (strcmp(rows.rows[i].id, "UserOrDynamicUser") != 0)
                        assign(s, &d, "User=daemon");
                assign(s, &d, rows.rows[i].wanted);
                score(s, &d, SCORE_LIVE, &got);
                after = row(&got, rows.rows[i].id);
                assert_true(after->applicable);
                assert_int_equal(after->badness, 0);
                assert_int_equal(after->exposure, 0);
                assert_true(text_ends(after->meaning, "."));
        }
}

static void up_to_249_namespaces_are_called_by_their_flags(void **state)
{
        scoped(sandbox_freep) struct sandbox *s = unit("a.service");
        struct dialect old = dialect_of(249, 17), new = dialect_of(250, 0);
        struct score got;

        (void)state;
        score(s, &old, SCORE_LIVE, &got);
        assert_string_equal(row(&got, "RestrictNamespaces_mnt")->title,
                            "RestrictNamespaces=~CLONE_NEWNS");
        score(s, &new, SCORE_LIVE, &got);
        assert_string_equal(row(&got, "RestrictNamespaces_mnt")->title, "RestrictNamespaces=~mnt");
}

static void what_is_not_loaded_is_not_scored(void **state)
{
        static const enum load_state states[] = { LOAD_NOT_FOUND, LOAD_MASKED, LOAD_BAD_SETTING,
                                                  LOAD_ERROR };
        struct dialect d = dialect_of(257, 13);
        struct score got;

        (void)state;
        for (size_t i = 0; i < COUNT(states); i++) {
                scoped(sandbox_freep) struct sandbox *s = unit("a.service");

                s->load = states[i];
                assert_int_equal(score_sandbox(s, &d, SCORE_OFFLINE, &got), 1);
        }
}

static void only_services_are_scored_live(void **state)
{
        scoped(sandbox_freep) struct sandbox *s = unit("a.socket");
        struct dialect d = dialect_of(257, 13);
        struct score got;

        (void)state;
        assert_int_equal(score_sandbox(s, &d, SCORE_LIVE, &got), 1);
        assert_int_equal(score_sandbox(s, &d, SCORE_OFFLINE, &got), 0);
}

static void a_client_that_crashes_gives_no_score(void **state)
{
        scoped(sandbox_freep) struct sandbox *s = unit("a.service");
        struct dialect bad = dialect_of(250, 5), good = dialect_of(250, 8);
        struct score got;

        (void)state;
        assert_int_equal(score_sandbox(s, &bad, SCORE_LIVE, &got), 0);
        assign(s, &bad, "SystemCallArchitectures=native");
        assert_int_equal(score_sandbox(s, &bad, SCORE_LIVE, &got), 1);
        assert_int_equal(score_sandbox(s, &bad, SCORE_OFFLINE, &got), 0);
        assert_int_equal(score_sandbox(s, &good, SCORE_LIVE, &got), 0);
}

/* All but the user, for what shows only when little else is bad. */
#define HARDENED                                                                                   \
        "PrivateDevices=yes", "PrivateNetwork=yes", "PrivateUsers=yes", "PrivateTmp=yes",          \
                "ProtectControlGroups=yes", "ProtectKernelModules=yes",                            \
                "ProtectKernelTunables=yes", "ProtectKernelLogs=yes", "ProtectHome=yes",           \
                "ProtectHostname=yes", "ProtectSystem=strict", "LockPersonality=yes",              \
                "MemoryDenyWriteExecute=yes", "UMask=0077",                                        \
                "CapabilityBoundingSet=", "ProtectProc=invisible", "RestrictRealtime=yes",         \
                "RestrictNamespaces=yes", "RestrictAddressFamilies=none",                          \
                "SystemCallArchitectures=native", "SystemCallFilter=read", "IPAddressDeny=any",    \
                "NoNewPrivileges=yes", "RestrictSUIDSGID=yes"

static void no_service_is_perfect(void **state)
{
        struct dialect d = dialect_of(257, 13);

        (void)state;
        assert_int_equal(EXPOSURE(&d, SCORE_LIVE, HARDENED, "DynamicUser=yes", "ProtectClock=yes",
                                  "RootDirectory=/srv/x", "ProcSubset=pid"),
                         1);
}

/* --- properties --- */

/* Assignments from loose to strict, for each scored directive that has no list of choices.
 * "" is: not assigned.  "A|B" are two assignments. */
static const struct {
        enum directive_id id;
        const char *rungs[7];
} ladders[] = {
        { D_User, { "root", "daemon" } },
        { D_SupplementaryGroups, { "audio", "" } },
        { D_CapabilityBoundingSet,
          { "", "~CAP_SYS_ADMIN CAP_MKNOD", "CAP_NET_BIND_SERVICE CAP_CHOWN CAP_SYS_TIME",
            "CAP_CHOWN", "CAP_KILL|~CAP_KILL" } },
        { D_AmbientCapabilities, { "CAP_KILL", "" } },
        { D_UMask, { "0000", "0002", "0022", "0027", "0077" } },
        { D_DeviceAllow, { "/dev/null rw", "" } },
        { D_RestrictNamespaces, { "", "~user", "net uts", "net", "yes" } },
        { D_RestrictAddressFamilies,
          { "", "~AF_PACKET", "~AF_PACKET AF_NETLINK", "AF_INET AF_INET6 AF_UNIX", "AF_UNIX",
            "none" } },
        { D_SystemCallArchitectures, { "", "native x86", "native" } },
        { D_SystemCallFilter,
          { "", "~@swap", "~@swap @clock @mount @reboot", "@system-service",
            "@system-service|~@privileged @resources", "@basic-io" } },
        { D_IPAddressDeny, { "", "10.0.0.0/8", "any" } },
        { D_IPAddressAllow, { "10.0.0.0/8 localhost", "localhost", "" } },
        { D_Delegate, { "cpu", "no" } },
        { D_PrivateUsers, { "no", "yes" } }, /* "managed" is refused together with User= */
};

enum { STEPS = 12 };

/* Where each directive stands: how many steps up from the loosest. */
struct stance {
        unsigned char rung[DIRECTIVE_COUNT];
};

/* The others that are scored: from no to yes, or through their choices. */
static const enum directive_id switches[] = {
        D_DynamicUser,
        D_PrivateDevices,
        D_PrivateMounts,
        D_PrivateNetwork,
        D_PrivateTmp,
        D_ProtectControlGroups,
        D_ProtectKernelModules,
        D_ProtectKernelTunables,
        D_ProtectKernelLogs,
        D_ProtectClock,
        D_ProtectHome,
        D_ProtectHostname,
        D_ProtectSystem,
        D_LockPersonality,
        D_MemoryDenyWriteExecute,
        D_NoNewPrivileges,
        D_KeyringMode,
        D_ProtectProc,
        D_ProcSubset,
        D_NotifyAccess,
        D_RemoveIPC,
        D_RestrictRealtime,
        D_RestrictSUIDSGID,
        D_DevicePolicy,
};

static const char *choice_at(const struct directive *d, struct version v, size_t rung)
{
        static const struct choice no_yes[] = { { .value = "no" },
                                                { .value = "yes" },
                                                { .value = NULL } };
        const struct choice *c = d->choices ? d->choices : no_yes;

        for (; c->value; c++)
                if (c->since <= v.major && rung-- == 0)
                        return c->value;
        return NULL;
}

/* What is assigned on a rung; NULL above the last. */
static const char *rung_at(enum directive_id id, struct version v, size_t rung)
{
        for (size_t i = 0; i < COUNT(ladders); i++)
                if (ladders[i].id == id)
                        return rung < COUNT(ladders[i].rungs) ? ladders[i].rungs[rung] : NULL;
        for (size_t i = 0; i < COUNT(switches); i++)
                if (switches[i] == id)
                        return choice_at(directive_at(id), v, rung);
        return NULL;
}

static size_t rungs(enum directive_id id, struct version v)
{
        size_t n = 0;

        while (rung_at(id, v, n))
                n++;
        return n;
}

static void climb(struct sandbox *s, const struct dialect *d, enum directive_id id, size_t rung)
{
        scoped(mem_freep) char *texts = strdup(rung_at(id, d->version, rung));
        char *rest = texts, *text;

        sandbox_set(s, id, &(struct value){ 0 }, ORIGIN_DEFAULT);
        while (*texts && (text = strsep(&rest, "|"))) {
                scoped(mem_freep) char *line = text_format("%s=%s", directive_at(id)->name, text);

                assign(s, d, line);
        }
}

static struct sandbox *take_stance(const struct stance *st, const struct dialect *d)
{
        struct sandbox *s = unit("demo.service");

        for (size_t i = 0; i < DIRECTIVE_COUNT; i++)
                if (rungs((enum directive_id)i, d->version))
                        climb(s, d, (enum directive_id)i, st->rung[i]);
        return s;
}

static unsigned roll(unsigned *seed, size_t below)
{
        return (unsigned)rand_r(seed) % (unsigned)below;
}

static unsigned seed_of_run(void)
{
        const char *seed = getenv("PROP_SEED");

        return seed ? (unsigned)strtoul(seed, NULL, 10) : 1;
}

/* A random stance, a random step up from it, and what that does. */
static void try_steps(enum score_mode mode,
                      void (*check)(enum directive_id id, const struct score *before,
                                    const struct score *after))
{
        static const struct version versions[] = {
                { 247, 3 }, { 250, 14 }, { 252, 39 }, { 257, 13 }, { 262, 1 }
        };
        unsigned seed = seed_of_run();

        for (size_t round = 0; round < 150; round++) {
                size_t which = roll(&seed, COUNT(versions));
                struct dialect d = dialect_of(versions[which].major, versions[which].minor);
                scoped(sandbox_freep) struct sandbox *s = NULL;
                struct score before, after;
                struct stance st = { { 0 } };

                for (size_t i = 0; i < DIRECTIVE_COUNT; i++) {
                        size_t n = rungs((enum directive_id)i, d.version);

                        st.rung[i] = n ? (unsigned char)roll(&seed, n) : 0;
                }
                s = take_stance(&st, &d);
                score(s, &d, mode, &before);
                for (size_t step = 0; step < STEPS; step++) {
                        enum directive_id id = (enum directive_id)roll(&seed, DIRECTIVE_COUNT);

                        if (st.rung[id] + 1U >= rungs(id, d.version))
                                continue;
                        st.rung[id]++;
                        climb(s, &d, id, st.rung[id]);
                        score(s, &d, mode, &after);
                        check(id, &before, &after);
                        before = after;
                }
        }
}

static void never_worse(enum directive_id id, const struct score *before, const struct score *after)
{
        if (after->exposure > before->exposure)
                fail_msg("%s: %u to %u", directive_at(id)->name, before->exposure, after->exposure);
}

static void tightening_never_raises_the_exposure(void **state)
{
        (void)state;
        try_steps(SCORE_LIVE, never_worse);
        try_steps(SCORE_OFFLINE, never_worse);
}

static void only_foretold(enum directive_id id, const struct score *before,
                          const struct score *after)
{
        for (size_t i = 0; i < before->count; i++) {
                const struct assessment *a = &before->rows[i], *b = &after->rows[i];

                if ((a->badness != b->badness || a->applicable != b->applicable) &&
                    !score_moves(a, id))
                        fail_msg("%s moved %s", directive_at(id)->name, a->id);
        }
}

static void a_directive_moves_only_the_rows_it_is_said_to_move(void **state)
{
        (void)state;
        try_steps(SCORE_LIVE, only_foretold);
        try_steps(SCORE_OFFLINE, only_foretold);
}

/* The exceptions in systemd's own model: what is stricter and yet scores worse. */
static void the_exceptions_are_these(void **state)
{
        struct dialect d = dialect_of(257, 13), inverted = dialect_of(249, 17);

        (void)state;
        /* "nobody" is hardly better than root, but with it two more rows count. */
        assert_true(EXPOSURE(&d, SCORE_LIVE, HARDENED, "LockPersonality=no", "User=nobody",
                             "SupplementaryGroups=a") > EXPOSURE(&d, SCORE_LIVE, HARDENED,
                                                                 "LockPersonality=no", "User=root",
                                                                 "SupplementaryGroups=a"));
        /* An image needs loop devices. */
        assert_true(EXPOSURE(&d, SCORE_LIVE, HARDENED, "RootImage=/x.raw") >
                    EXPOSURE(&d, SCORE_LIVE, HARDENED));
        /* One family of a row on a deny-list counts as all of them. */
        assert_true(
                EXPOSURE(&d, SCORE_LIVE, "RestrictAddressFamilies=AF_INET6") >
                EXPOSURE(&d, SCORE_LIVE,
                         "RestrictAddressFamilies=~AF_INET AF_UNIX AF_NETLINK AF_PACKET AF_CAN"));
        /* Less than the whole of localhost is not localhost, over the bus. */
        assert_true(EXPOSURE(&d, SCORE_LIVE, "IPAddressDeny=any", "IPAddressAllow=127.0.0.1") >
                    EXPOSURE(&d, SCORE_LIVE, "IPAddressDeny=any", "IPAddressAllow=localhost"));
        /* Some releases took good filters for bad ones. */
        assert_true(EXPOSURE(&inverted, SCORE_LIVE, "SystemCallFilter=@basic-io") >
                    EXPOSURE(&inverted, SCORE_LIVE, "SystemCallFilter=@known"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(rows_come_by_weight_and_then_by_id),
                cmocka_unit_test(the_weights_add_up),
                cmocka_unit_test(a_bare_unit_scores_as_everywhere_else),
                cmocka_unit_test(levels_begin_where_systemd_begins_them),
                cmocka_unit_test(what_is_wanted_satisfies_its_row),
                cmocka_unit_test(up_to_249_namespaces_are_called_by_their_flags),
                cmocka_unit_test(what_is_not_loaded_is_not_scored),
                cmocka_unit_test(only_services_are_scored_live),
                cmocka_unit_test(a_client_that_crashes_gives_no_score),
                cmocka_unit_test(no_service_is_perfect),
                cmocka_unit_test(tightening_never_raises_the_exposure),
                cmocka_unit_test(a_directive_moves_only_the_rows_it_is_said_to_move),
                cmocka_unit_test(the_exceptions_are_these),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
