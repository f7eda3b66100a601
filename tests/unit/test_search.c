/* test_search.c - the search against planted services: a function says what a set of changes does.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/trial/search_private.h"
#include "core/trial/trial_private.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* ---- the world of a test ---- */

struct world {
        struct dialect dialect;
        struct sandbox *unit;
        struct profile *wish;
        struct search_options o;
        struct searcher searcher;
        struct search found;
        /* The service: fills in the outcome for the sandbox that a set makes. */
        void (*service)(struct world *w, const struct sandbox *s, const struct profile *p,
                        struct outcome *ret);
        size_t asked, batches;
        char **keys;         /* of all sets that were asked for */
        size_t twice, meant; /* asked for again; and those that were meant to be */
        size_t cancel_at;
        uint64_t clock, step;
        char **steps;
        size_t gave, eased, kept, stopped;
};

static const char *name_of(enum directive_id id)
{
        return id < DIRECTIVE_COUNT ? directive_at(id)->name : "-";
}

static void on_step(void *userdata, const struct search_step *s)
{
        static const char *const kinds[] = {
                "trying", "tried", "gave", "eased", "kept", "stopped"
        };
        struct world *w = userdata;

        w->gave += s->kind == SEARCH_GAVE;
        w->eased += s->kind == SEARCH_EASED;
        w->kept += s->kind == SEARCH_KEPT;
        w->stopped += s->kind == SEARCH_STOPPED;
        w->meant += s->kind == SEARCH_TRYING && text_starts(s->what, "the same once more");
        assert_int_equal(strv_addf(&w->steps, "%s %s: %s", kinds[s->kind], name_of(s->directive),
                                   s->what ? s->what : ""),
                         0);
}

static char *key_of(const struct world *w, const struct profile *p)
{
        struct text t = { 0 };

        for (size_t i = 0; i < p->change_count; i++) {
                const struct directive *d = directive_at(p->changes[i].directive);
                char *v = value_show(&p->changes[i].value, d, &w->dialect);

                text_addf(&t, "%s=%s;", d->name, v);
                free(v);
        }
        return text_take(&t);
}

static int ask(void *userdata, const struct profile *const *sets, size_t count, uint64_t end,
               struct outcome *ret, struct err *e)
{
        struct world *w = userdata;

        (void)e;
        w->batches++;
        assert_true(count <= w->searcher.width);
        for (size_t i = 0; i < count; i++) {
                scoped(sandbox_freep) struct sandbox *s = NULL;
                scoped(mem_freep) char *key = key_of(w, sets[i]);

                if (w->cancel_at && w->asked + 1 >= w->cancel_at)
                        return -ECANCELED;
                if (w->clock + w->step > end)
                        return -ETIME;
                w->twice += strv_has(w->keys, key);
                assert_int_equal(strv_add(&w->keys, key), 0);
                assert_int_equal(profile_apply(sets[i], w->unit, &w->dialect, &s), 0);
                w->asked++;
                w->service(w, s, sets[i], &ret[i]);
                if (!ret[i].summary)
                        ret[i].summary = strdup("it runs");
        }
        w->clock += w->step;
        return 0;
}

static uint64_t tell_time(void *userdata)
{
        return ((struct world *)userdata)->clock;
}

static int setup(void **state)
{
        struct world *w = calloc(1, sizeof(*w));

        dialect_for((struct version){ 252, 39 }, SCOPE_SYSTEM, &w->dialect);
        assert_int_equal(sandbox_new("planted.service", SCOPE_SYSTEM, &w->unit), 0);
        assert_int_equal(sandbox_imply(w->unit, &w->dialect), 0);
        assert_int_equal(profile_new("planted.service", SCOPE_SYSTEM, &w->wish), 0);
        w->searcher = (struct searcher){ .ask = ask, .now = tell_time, .userdata = w, .width = 2 };
        w->o = (struct search_options){ .trial = { .unit = w->unit, .dialect = &w->dialect },
                                        .wish = w->wish,
                                        .mode = SCORE_OFFLINE,
                                        .aim = UINT_MAX,
                                        .once = true,
                                        .step = on_step,
                                        .userdata = w };
        *state = w;
        return 0;
}

static int teardown(void **state)
{
        struct world *w = *state;

        search_done(&w->found);
        sandbox_free(w->unit);
        profile_free(w->wish);
        strv_free(w->keys);
        strv_free(w->steps);
        dialect_done(&w->dialect);
        free(w);
        return 0;
}

static void assign(struct world *w, enum directive_id id, const char *text, struct value *v)
{
        assert_int_equal(value_assign(v, directive_at(id), &w->dialect, text, NULL), ASSIGN_TAKEN);
}

static void wish_for(struct world *w, enum directive_id id, const char *text, enum reason reason)
{
        struct value v = { 0 };

        assign(w, id, text, &v);
        assert_int_equal(profile_set(w->wish, id, &v, reason, NULL), 0);
}

static void wish(struct world *w, enum directive_id id, const char *text)
{
        wish_for(w, id, text, REASON_OBSERVED);
}

static void has(struct world *w, enum directive_id id, const char *text)
{
        struct value v = { 0 };

        assign(w, id, text, &v);
        sandbox_set(w->unit, id, &v, ORIGIN_FILE);
        assert_int_equal(sandbox_imply(w->unit, &w->dialect), 0);
}

/* Ten that a service without needs bears, and four sets. */
static void wish_for_much(struct world *w)
{
        static const enum directive_id plain[] = {
                D_NoNewPrivileges,        D_ProtectClock,      D_ProtectKernelTunables,
                D_ProtectKernelModules,   D_ProtectKernelLogs, D_LockPersonality,
                D_MemoryDenyWriteExecute, D_RestrictRealtime,  D_RestrictSUIDSGID,
                D_PrivateDevices,         D_ProtectHostname,   D_ProtectControlGroups,
        };

        for (size_t i = 0; i < COUNT(plain); i++)
                wish(w, plain[i], "yes");
        wish(w, D_ProtectSystem, "strict");
        wish(w, D_ProtectHome, "yes");
        wish(w, D_PrivateTmp, "yes");
        wish(w, D_ProcSubset, "pid");
}

static void run(struct world *w)
{
        struct err e = { 0 };

        assert_int_equal(search_engine(&w->o, &w->searcher, &w->found, &e), 0);
        if (w->found.outcome.verdict != VERDICT_FLAKY &&
            w->found.outcome.verdict != VERDICT_BASELINE_FAILED)
                assert_true(w->twice <= w->meant);
}

static bool found(const struct world *w, enum directive_id id)
{
        return w->found.profile && profile_find(w->found.profile, id);
}

static void assert_value(const struct world *w, enum directive_id id, const char *shown)
{
        const struct change *c = w->found.profile ? profile_find(w->found.profile, id) : NULL;
        scoped(mem_freep) char *v = NULL;

        assert_non_null(c);
        v = value_show(&c->value, directive_at(id), &w->dialect);
        assert_string_equal(v, shown);
}

static const struct forgone *forgone(const struct world *w, enum directive_id id)
{
        for (size_t i = 0; i < w->found.forgone_count; i++)
                if (w->found.forgone[i].directive == id)
                        return &w->found.forgone[i];
        return NULL;
}

/* ---- parts of services ---- */

static bool yes(const struct sandbox *s, enum directive_id id)
{
        return setting_yes(s, id);
}

static void broke(struct outcome *o, const char *why)
{
        o->verdict = VERDICT_BROKE;
        free(o->summary);
        o->summary = strdup(why);
}

static void suspect(struct outcome *o, enum directive_id id, unsigned weight)
{
        o->suspects = realloc(o->suspects, (o->suspect_count + 1) * sizeof(*o->suspects));
        o->suspects[o->suspect_count++] = (struct suspect){ .directive = id,
                                                            .weight = weight,
                                                            .why = strdup("by the look of it") };
}

static struct denial *deny(struct outcome *o, enum directive_id id)
{
        struct denial *d;

        o->denials = realloc(o->denials, (o->denial_count + 1) * sizeof(*o->denials));
        d = &o->denials[o->denial_count++];
        *d = (struct denial){ .directive = id,
                              .source = DENIAL_SEEN,
                              .error = EPERM,
                              .count = 3,
                              .process = strdup("planted"),
                              .message = strdup("planted: not permitted") };
        if (o->verdict == VERDICT_HELD)
                o->verdict = VERDICT_BENT;
        return d;
}

static void content(struct world *w, const struct sandbox *s, const struct profile *p,
                    struct outcome *ret)
{
        (void)w;
        (void)s;
        (void)p;
        ret->verdict = VERDICT_HELD;
}

/* ---- one at a time ---- */

static void what_a_service_bears_is_had_with_one_trial(void **state)
{
        struct world *w = *state;

        wish_for_much(w);
        w->service = content;
        run(w);
        assert_int_equal(w->found.outcome.verdict, VERDICT_HELD);
        assert_int_equal(w->found.trials, 1);
        assert_int_equal(w->found.profile->change_count, w->wish->change_count);
        assert_int_equal(w->found.forgone_count, 0);
        assert_true(w->found.after < w->found.before);
        assert_int_equal(w->found.profile->verdict, VERDICT_HELD);
}

static void needs_wx(struct world *w, const struct sandbox *s, const struct profile *p,
                     struct outcome *ret)
{
        (void)w;
        (void)p;
        ret->verdict = VERDICT_HELD;
        if (yes(s, D_MemoryDenyWriteExecute))
                broke(ret, "it died");
}

static void one_that_breaks_without_a_word_is_found_by_halving(void **state)
{
        struct world *w = *state;

        wish_for_much(w);
        w->service = needs_wx;
        w->found.outcome.verdict = VERDICT_HELD;
        run(w);
        assert_int_equal(w->found.outcome.verdict, VERDICT_HELD);
        assert_false(found(w, D_MemoryDenyWriteExecute));
        assert_int_equal(w->found.profile->change_count, w->wish->change_count - 1);
        assert_true(w->found.trials <= 14);
        assert_non_null(forgone(w, D_MemoryDenyWriteExecute));
        assert_int_equal(w->found.forgone_count, 1);
}

static void names_wx(struct world *w, const struct sandbox *s, const struct profile *p,
                     struct outcome *ret)
{
        needs_wx(w, s, p, ret);
        if (ret->verdict == VERDICT_BROKE) {
                struct denial *d = deny(ret, D_MemoryDenyWriteExecute);

                d->call = strdup("mprotect");
        }
}

static void one_that_is_named_goes_at_once(void **state)
{
        struct world *w = *state;

        wish_for_much(w);
        w->service = names_wx;
        run(w);
        assert_false(found(w, D_MemoryDenyWriteExecute));
        assert_int_equal(w->found.trials, 2); /* that it is needed was seen with all the rest */
        assert_string_equal(forgone(w, D_MemoryDenyWriteExecute)->why,
                            "mprotect is refused (EPERM): planted, seen 3 times");
        assert_string_equal(forgone(w, D_MemoryDenyWriteExecute)->had, "no");
}

/* Three that fail alone, each without a word. */
static void needs_three(struct world *w, const struct sandbox *s, const struct profile *p,
                        struct outcome *ret)
{
        (void)w;
        (void)p;
        ret->verdict = VERDICT_HELD;
        if (yes(s, D_PrivateDevices) || yes(s, D_ProtectClock) || yes(s, D_RestrictSUIDSGID))
                broke(ret, "it died");
}

static void several_culprits_are_all_found(void **state)
{
        struct world *w = *state;

        wish_for_much(w);
        w->service = needs_three;
        run(w);
        assert_int_equal(w->found.outcome.verdict, VERDICT_HELD);
        assert_int_equal(w->found.profile->change_count, w->wish->change_count - 3);
        assert_int_equal(w->found.forgone_count, 3);
}

static void several_that_are_named_go_together(void **state)
{
        struct world *w = *state;

        wish_for_much(w);
        w->service = needs_three;
        w->searcher.width = 1;
        run(w);
        assert_int_equal(w->found.forgone_count, 3);
}

/* It can do without either, not without both. */
static void needs_one_of_two(struct world *w, const struct sandbox *s, const struct profile *p,
                             struct outcome *ret)
{
        (void)w;
        (void)p;
        ret->verdict = VERDICT_HELD;
        if (yes(s, D_ProtectKernelLogs) && yes(s, D_LockPersonality))
                broke(ret, "it died");
}

static void of_two_that_break_only_together_one_stays(void **state)
{
        struct world *w = *state;

        wish_for_much(w);
        w->service = needs_one_of_two;
        run(w);
        assert_int_equal(w->found.outcome.verdict, VERDICT_HELD);
        assert_int_equal(w->found.profile->change_count, w->wish->change_count - 1);
        assert_true(found(w, D_ProtectKernelLogs) != found(w, D_LockPersonality));
}

/* The evidence names an innocent one, convincingly. */
static void misleads(struct world *w, const struct sandbox *s, const struct profile *p,
                     struct outcome *ret)
{
        (void)w;
        (void)p;
        ret->verdict = VERDICT_HELD;
        if (!yes(s, D_RestrictRealtime))
                return;
        broke(ret, "it died");
        if (yes(s, D_PrivateTmp))
                suspect(ret, D_PrivateTmp, 92);
}

static void an_innocent_suspect_is_put_in_again(void **state)
{
        struct world *w = *state;

        wish_for_much(w);
        w->service = misleads;
        run(w);
        assert_int_equal(w->found.outcome.verdict, VERDICT_HELD);
        assert_true(found(w, D_PrivateTmp));
        assert_false(found(w, D_RestrictRealtime));
        assert_int_equal(w->kept, 1);
        assert_int_equal(w->found.forgone_count, 1);
}

/* ---- members ---- */

static void needs_a_capability(struct world *w, const struct sandbox *s, const struct profile *p,
                               struct outcome *ret)
{
        const struct value *v = &s->settings[D_CapabilityBoundingSet].value;

        (void)w;
        (void)p;
        ret->verdict = VERDICT_HELD;
        if (v->set && !(v->bits & UINT64_C(1) << capability_number("CAP_NET_ADMIN")))
                broke(ret, "it died");
}

static void of_a_set_the_one_member_is_found(void **state)
{
        struct world *w = *state;

        wish_for_much(w);
        wish(w, D_CapabilityBoundingSet, "");
        w->service = needs_a_capability;
        run(w);
        assert_int_equal(w->found.outcome.verdict, VERDICT_HELD);
        assert_value(w, D_CapabilityBoundingSet, "CAP_NET_ADMIN");
        assert_string_equal(forgone(w, D_CapabilityBoundingSet)->wished, "none");
        assert_true(w->found.trials <= 32);
        assert_int_equal(profile_find(w->found.profile, D_CapabilityBoundingSet)->reason,
                         REASON_SEARCH);
}

static void names_a_capability(struct world *w, const struct sandbox *s, const struct profile *p,
                               struct outcome *ret)
{
        needs_a_capability(w, s, p, ret);
        if (ret->verdict == VERDICT_BROKE) {
                struct denial *d = deny(ret, D_CapabilityBoundingSet);

                d->capability = strdup("CAP_NET_ADMIN");
        }
}

static void a_capability_that_is_named_is_left(void **state)
{
        struct world *w = *state;

        wish_for_much(w);
        wish(w, D_CapabilityBoundingSet, "");
        w->service = names_a_capability;
        run(w);
        assert_value(w, D_CapabilityBoundingSet, "CAP_NET_ADMIN");
        assert_int_equal(w->found.trials, 2);
        assert_int_equal(w->eased, 1);
        assert_string_equal(forgone(w, D_CapabilityBoundingSet)->why,
                            "CAP_NET_ADMIN is needed: planted, seen 3 times");
}

static bool denies_call(const struct sandbox *s, const char *call)
{
        const struct value *v = &s->settings[D_SystemCallFilter].value;

        return v->set && strv_has(v->words, call) != v->allow;
}

static void needs_calls(struct world *w, const struct sandbox *s, const struct profile *p,
                        struct outcome *ret)
{
        (void)w;
        (void)p;
        ret->verdict = VERDICT_HELD;
        if (denies_call(s, "mount") || denies_call(s, "umount2"))
                broke(ret, "it died");
}

static void of_system_calls_the_group_is_found_and_then_the_calls(void **state)
{
        struct world *w = *state;
        const struct change *c;

        wish_for_much(w);
        wish(w, D_SystemCallFilter, "@system-service");
        w->service = needs_calls;
        run(w);
        c = profile_find(w->found.profile, D_SystemCallFilter);
        assert_non_null(c);
        assert_true(c->value.allow);
        assert_true(strv_has(c->value.words, "mount"));
        assert_true(strv_has(c->value.words, "umount2"));
        assert_false(strv_has(c->value.words, "pivot_root"));
        assert_false(strv_has(c->value.words, "swapon"));
        assert_true(w->found.trials <= 50);
}

static void names_calls(struct world *w, const struct sandbox *s, const struct profile *p,
                        struct outcome *ret)
{
        static const char *const calls[] = { "mount", "umount2" };

        (void)w;
        (void)p;
        ret->verdict = VERDICT_HELD;
        for (size_t i = 0; i < COUNT(calls); i++)
                if (denies_call(s, calls[i])) {
                        deny(ret, D_SystemCallFilter)->call = strdup(calls[i]);
                        broke(ret, "it died");
                        ret->denials[0].signal = SIGSYS;
                        break;
                }
}

static void calls_that_are_named_are_left_one_after_the_other(void **state)
{
        struct world *w = *state;

        wish_for_much(w);
        wish(w, D_SystemCallFilter, "@system-service");
        w->service = names_calls;
        run(w);
        assert_int_equal(w->found.trials, 3);
        assert_true(strv_has(profile_find(w->found.profile, D_SystemCallFilter)->value.words,
                             "umount2"));
}

static void needs_a_path(struct world *w, const struct sandbox *s, const struct profile *p,
                         struct outcome *ret)
{
        (void)w;
        (void)p;
        ret->verdict = VERDICT_HELD;
        if (strv_has(s->settings[D_InaccessiblePaths].value.words, "-/opt/b"))
                broke(ret, "it died");
}

static void of_a_list_the_one_path_is_found(void **state)
{
        struct world *w = *state;

        wish_for_much(w);
        wish(w, D_InaccessiblePaths, "-/opt/a -/opt/b -/opt/c -/opt/d");
        w->service = needs_a_path;
        run(w);
        assert_value(w, D_InaccessiblePaths, "-/opt/a -/opt/c -/opt/d");
}

static void needs_a_family(struct world *w, const struct sandbox *s, const struct profile *p,
                           struct outcome *ret)
{
        const struct value *v = &s->settings[D_RestrictAddressFamilies].value;

        (void)w;
        (void)p;
        ret->verdict = VERDICT_HELD;
        if (v->set && strv_has(v->words, "AF_NETLINK") != v->allow)
                broke(ret, "it died");
}

static void of_families_the_one_is_found(void **state)
{
        struct world *w = *state;

        wish_for_much(w);
        wish(w, D_RestrictAddressFamilies, "AF_UNIX AF_INET");
        w->service = needs_a_family;
        run(w);
        assert_value(w, D_RestrictAddressFamilies, "AF_INET AF_NETLINK AF_UNIX");
}

static void writes_etc(struct world *w, const struct sandbox *s, const struct profile *p,
                       struct outcome *ret)
{
        const char *word = setting_word(s, D_ProtectSystem);

        (void)w;
        (void)p;
        ret->verdict = VERDICT_HELD;
        if (word && (strcmp(word, "full") == 0 || strcmp(word, "strict") == 0))
                broke(ret, "it died");
}

static void of_choices_the_strictest_that_holds_is_taken(void **state)
{
        struct world *w = *state;

        wish_for_much(w);
        w->service = writes_etc;
        run(w);
        assert_value(w, D_ProtectSystem, "yes");
}

/* Refused two things, and stays up. */
static void bends_twice(struct world *w, const struct sandbox *s, const struct profile *p,
                        struct outcome *ret)
{
        const struct value *v = &s->settings[D_CapabilityBoundingSet].value;

        (void)w;
        (void)p;
        ret->verdict = VERDICT_HELD;
        if (v->set && !(v->bits & 1))
                deny(ret, D_CapabilityBoundingSet)->capability = strdup("CAP_CHOWN");
        if (denies_call(s, "mount"))
                deny(ret, D_SystemCallFilter)->call = strdup("mount");
}

static void all_that_is_refused_is_let_through_at_once(void **state)
{
        struct world *w = *state;

        wish_for_much(w);
        wish(w, D_CapabilityBoundingSet, "");
        wish(w, D_SystemCallFilter, "@system-service");
        w->service = bends_twice;
        run(w);
        assert_int_equal(w->found.trials, 2);
        assert_int_equal(w->eased, 2);
        assert_value(w, D_CapabilityBoundingSet, "CAP_CHOWN");
        assert_int_equal(w->found.profile->change_count, w->wish->change_count);
}

/* With all of it nothing but a suspicion; alone, the trial says what it needs. */
static void tells_when_alone(struct world *w, const struct sandbox *s, const struct profile *p,
                             struct outcome *ret)
{
        const struct value *v = &s->settings[D_CapabilityBoundingSet].value;

        (void)w;
        (void)p;
        ret->verdict = VERDICT_HELD;
        if (yes(s, D_PrivateDevices)) {
                broke(ret, "it died");
                suspect(ret, D_CapabilityBoundingSet, 90);
                suspect(ret, D_PrivateDevices, 85);
        } else if (v->set && !(v->bits & UINT64_C(1) << 5))
                deny(ret, D_CapabilityBoundingSet)->capability = strdup("CAP_KILL");
}

static void what_was_given_back_is_eased_when_it_can_be_told_how(void **state)
{
        struct world *w = *state;

        wish_for_much(w);
        wish(w, D_CapabilityBoundingSet, "");
        w->service = tells_when_alone;
        run(w);
        assert_value(w, D_CapabilityBoundingSet, "CAP_KILL");
        assert_false(found(w, D_PrivateDevices));
        assert_int_equal(w->found.forgone_count, 2);
        assert_true(w->found.trials <= 8);
}

/* ---- holes ---- */

static void writes_var(struct world *w, const struct sandbox *s, const struct profile *p,
                       struct outcome *ret)
{
        const char *word = setting_word(s, D_ProtectSystem);
        struct denial *d;

        (void)w;
        (void)p;
        ret->verdict = VERDICT_HELD;
        if (!word || strcmp(word, "strict") != 0 ||
            strv_has(s->settings[D_ReadWritePaths].value.words, "-/var/lib"))
                return;
        d = deny(ret, D_ProtectSystem);
        d->error = EROFS;
        d->call = strdup("mkdir");
        d->path = strdup("/var/lib/planted-by-nobody");
}

static void a_folder_that_is_written_is_left_writable(void **state)
{
        struct world *w = *state;

        wish_for_much(w);
        w->service = writes_var;
        run(w);
        assert_value(w, D_ProtectSystem, "strict");
        assert_value(w, D_ReadWritePaths, "-/var/lib");
        assert_int_equal(w->found.trials, 2);
}

static void a_hole_goes_with_what_it_is_one_in(void **state)
{
        struct world *w = *state;

        wish_for_much(w);
        wish(w, D_ReadWritePaths, "/var/lib/x");
        w->service = writes_etc;
        run(w);
        assert_value(w, D_ProtectSystem, "yes");
        profile_unset(w->wish, D_ProtectSystem);
        profile_unset(w->wish, D_ProtectHome);
        search_done(&w->found);
        strv_free(w->keys);
        w->keys = NULL;
        w->twice = w->meant = 0;
        w->service = content;
        run(w);
        assert_false(found(w, D_ReadWritePaths));
}

/* ---- never looser ---- */

static void a_wish_that_would_loosen_is_dropped_and_said_so(void **state)
{
        struct world *w = *state;

        has(w, D_ProtectSystem, "strict");
        has(w, D_CapabilityBoundingSet, "CAP_CHOWN");
        wish(w, D_ProtectSystem, "full");
        wish(w, D_CapabilityBoundingSet, "CAP_KILL");
        wish(w, D_ProtectClock, "yes");
        w->service = content;
        run(w);
        assert_int_equal(w->found.profile->change_count, 1);
        assert_int_equal(w->gave, 2);
        assert_true(found(w, D_ProtectClock));
}

static void what_the_unit_takes_away_itself_is_not_given_back(void **state)
{
        struct world *w = *state;

        has(w, D_CapabilityBoundingSet, "CAP_CHOWN CAP_KILL");
        wish(w, D_CapabilityBoundingSet, "");
        wish(w, D_ProtectClock, "yes");
        w->service = names_a_capability; /* which the unit does not have */
        run(w);
        if (found(w, D_CapabilityBoundingSet))
                assert_int_not_equal(
                        value_compare(
                                &profile_find(w->found.profile, D_CapabilityBoundingSet)->value,
                                &w->unit->settings[D_CapabilityBoundingSet].value,
                                directive_at(D_CapabilityBoundingSet), &w->dialect),
                        VALUE_LOOSER);
}

static void a_folder_that_the_unit_may_not_write_stays_so(void **state)
{
        struct world *w = *state;

        has(w, D_ReadOnlyPaths, "/var/lib");
        wish_for_much(w);
        w->service = writes_var;
        run(w);
        assert_false(found(w, D_ReadWritePaths));
        assert_value(w, D_ProtectSystem, "full");
}

static void a_folder_of_its_own_is_left_where_the_unit_may_write(void **state)
{
        struct world *w = *state;

        has(w, D_ProtectSystem, "full");
        wish(w, D_ProtectSystem, "strict");
        wish(w, D_StateDirectory, "planted");
        wish(w, D_ConfigurationDirectory, "planted");
        w->service = content;
        run(w);
        assert_value(w, D_ProtectSystem, "strict");
        assert_value(w, D_StateDirectory, "planted");
        assert_false(found(w, D_ConfigurationDirectory));
}

/* ---- what is asked for ---- */

static void what_is_kept_is_left_alone(void **state)
{
        static const enum directive_id keep[] = { D_ProtectHome, D_PrivateTmp, DIRECTIVE_COUNT };
        struct world *w = *state;

        wish_for_much(w);
        w->o.keep = keep;
        w->service = content;
        run(w);
        assert_false(found(w, D_ProtectHome));
        assert_false(found(w, D_PrivateTmp));
        assert_true(found(w, D_ProtectSystem));
}

static void what_is_set_by_hand_is_never_given_back(void **state)
{
        struct world *w = *state;

        wish_for_much(w);
        wish_for(w, D_ProtectKernelLogs, "yes", REASON_HAND);
        w->service = needs_one_of_two;
        run(w);
        assert_true(found(w, D_ProtectKernelLogs));
        assert_false(found(w, D_LockPersonality));
}

static void what_is_set_by_hand_and_fails_alone_is_the_answer(void **state)
{
        struct world *w = *state;

        wish_for_much(w);
        wish_for(w, D_MemoryDenyWriteExecute, "yes", REASON_HAND);
        w->service = needs_wx;
        run(w);
        assert_null(w->found.profile);
        assert_int_equal(w->found.outcome.verdict, VERDICT_BROKE);
        assert_non_null(strstr(w->found.outcome.summary, "fail alone"));
        assert_int_equal(w->found.trials, 2);
}

static unsigned exposure_of(struct world *w, const struct profile *p)
{
        struct engine en = { .o = &w->o };
        unsigned exposure = 0;

        assert_int_equal(set_exposure(&en, p, &exposure), 0);
        return exposure;
}

static void an_aim_takes_no_more_than_it_needs(void **state)
{
        struct world *w = *state;
        unsigned full;

        wish_for_much(w);
        full = exposure_of(w, w->wish);
        w->o.aim = full + 12;
        w->service = content;
        run(w);
        assert_true(w->found.after <= w->o.aim);
        assert_true(w->found.profile->change_count < w->wish->change_count);
        assert_int_equal(w->found.trials, 1);
        assert_non_null(w->found.stopped);
        assert_false(w->found.exhausted);
        assert_int_equal(w->found.forgone_count, 0);
}

static void an_aim_reaches_for_the_rest_where_something_breaks(void **state)
{
        struct world *w = *state;

        wish_for_much(w);
        w->o.aim = exposure_of(w, w->wish) + 5;
        w->service = needs_three;
        run(w);
        assert_int_equal(w->found.outcome.verdict, VERDICT_HELD);
        assert_true(w->found.after <= w->o.aim ||
                    w->found.profile->change_count == w->wish->change_count - 3);
}

static void an_aim_that_is_reached_already_needs_no_trial(void **state)
{
        struct world *w = *state;

        wish_for_much(w);
        w->o.aim = 100;
        w->service = content;
        run(w);
        assert_int_equal(w->found.trials, 0);
        assert_null(w->found.profile);
        assert_non_null(w->found.stopped);
}

static void bent_is_enough_where_it_is_accepted(void **state)
{
        struct world *w = *state;

        wish_for_much(w);
        w->o.accept_bent = true;
        w->service = writes_var;
        run(w);
        assert_int_equal(w->found.trials, 1);
        assert_int_equal(w->found.outcome.verdict, VERDICT_BENT);
        assert_int_equal(w->found.profile->verdict, VERDICT_BENT);
}

/* ---- how it ends ---- */

static void the_budget_of_trials_is_kept(void **state)
{
        struct world *w = *state;

        wish_for_much(w);
        w->o.trials = 6;
        w->service = needs_three;
        run(w);
        assert_int_equal(w->found.trials, 6);
        assert_int_equal(w->asked, 6);
        assert_true(w->found.exhausted);
        assert_non_null(strstr(w->found.stopped, "6 trials"));
}

static void the_budget_of_time_is_kept_and_what_holds_is_the_answer(void **state)
{
        struct world *w = *state;

        wish_for_much(w);
        w->step = 1000;
        w->o.within = 4500;
        w->service = needs_three;
        run(w);
        assert_true(w->clock <= 4500);
        assert_true(w->found.exhausted);
        assert_true(!w->found.profile || w->found.outcome.verdict == VERDICT_HELD);
}

static void a_cancel_leaves_what_holds(void **state)
{
        struct world *w = *state;

        wish_for_much(w);
        w->cancel_at = 7;
        w->service = needs_wx;
        run(w);
        assert_non_null(w->found.profile);
        assert_int_equal(w->found.outcome.verdict, VERDICT_HELD);
        assert_true(w->found.exhausted);
        assert_false(found(w, D_MemoryDenyWriteExecute));
}

static void fails_without_changes(struct world *w, const struct sandbox *s, const struct profile *p,
                                  struct outcome *ret)
{
        (void)w;
        (void)s;
        (void)p;
        ret->verdict = VERDICT_BASELINE_FAILED;
        ret->summary = strdup("it does not start");
}

/* The same refusal whatever is given back for it, each time by another name; and the true reason.
 */
static void misleads_again_and_again(struct world *w, const struct sandbox *s,
                                     const struct profile *p, struct outcome *ret)
{
        struct denial *d;

        (void)w;
        ret->verdict = VERDICT_HELD;
        if (!yes(s, D_ProtectKernelTunables))
                return;
        broke(ret, "it died");
        for (size_t i = 0; i < p->change_count; i++)
                if (p->changes[i].directive != D_ProtectKernelTunables) {
                        d = deny(ret, p->changes[i].directive);
                        d->key = strdup("EPERM openat /proc/kmsg");
                        return;
                }
}

static void a_refusal_that_no_cure_cures_is_followed_no_longer(void **state)
{
        struct world *w = *state;

        wish_for_much(w);
        w->service = misleads_again_and_again;
        run(w);
        assert_int_equal(w->found.profile->change_count, w->wish->change_count - 1);
        assert_false(found(w, D_ProtectKernelTunables));
        assert_true(w->found.trials < 20);
}

static void of_halves_that_were_tried_the_best_is_the_answer(void **state)
{
        struct world *w = *state;

        wish_for_much(w);
        w->o.trials = 4; /* all, the same once more, and the halves */
        w->service = needs_wx;
        run(w);
        assert_true(w->found.exhausted);
        assert_non_null(w->found.profile);
        assert_int_equal(w->found.outcome.verdict, VERDICT_HELD);
        assert_true(w->found.after < w->found.before);
}

static void a_baseline_that_fails_ends_it(void **state)
{
        struct world *w = *state;

        wish_for_much(w);
        w->service = fails_without_changes;
        run(w);
        assert_null(w->found.profile);
        assert_int_equal(w->found.outcome.verdict, VERDICT_BASELINE_FAILED);
        assert_int_equal(w->found.trials, 2);
}

static void comes_and_goes(struct world *w, const struct sandbox *s, const struct profile *p,
                           struct outcome *ret)
{
        content(w, s, p, ret);
        if (w->asked % 2)
                fails_without_changes(w, s, p, ret);
}

static void a_baseline_that_comes_and_goes_is_flaky(void **state)
{
        struct world *w = *state;

        wish_for_much(w);
        w->service = comes_and_goes;
        run(w);
        assert_null(w->found.profile);
        assert_int_equal(w->found.outcome.verdict, VERDICT_FLAKY);
}

static void breaks_the_third_time(struct world *w, const struct sandbox *s, const struct profile *p,
                                  struct outcome *ret)
{
        content(w, s, p, ret);
        if (w->asked == 3)
                broke(ret, "it died this once");
}

static void what_was_found_is_tried_again_at_the_end(void **state)
{
        struct world *w = *state;

        wish_for_much(w);
        w->o.once = false;
        w->service = breaks_the_third_time;
        assert_int_equal(search_engine(&w->o, &w->searcher, &w->found, NULL), 0);
        assert_int_equal(w->found.trials, 3);
        assert_null(w->found.profile);
        assert_int_equal(w->found.outcome.verdict, VERDICT_FLAKY);
        search_done(&w->found);
        w->service = content;
        assert_int_equal(search_engine(&w->o, &w->searcher, &w->found, NULL), 0);
        assert_int_equal(w->found.trials, 3);
        assert_int_equal(w->found.outcome.verdict, VERDICT_HELD);
}

static void restarts_every_other_time(struct world *w, const struct sandbox *s,
                                      const struct profile *p, struct outcome *ret)
{
        content(w, s, p, ret);
        ret->restarts = w->asked % 2;
        ret->restart_fails = !ret->restarts;
}

static void a_baseline_that_can_be_restarted_only_now_and_then_is_flaky(void **state)
{
        struct world *w = *state;

        wish_for_much(w);
        w->o.once = false;
        w->service = restarts_every_other_time;
        assert_int_equal(search_engine(&w->o, &w->searcher, &w->found, NULL), 0);
        assert_null(w->found.profile);
        assert_int_equal(w->found.outcome.verdict, VERDICT_FLAKY);
}

static void breaks_at_random(struct world *w, const struct sandbox *s, const struct profile *p,
                             struct outcome *ret)
{
        content(w, s, p, ret);
        if (w->asked == 1)
                broke(ret, "it died this once");
}

static void what_fails_once_and_holds_once_is_flaky_and_no_change_is_blamed(void **state)
{
        struct world *w = *state;

        wish_for_much(w);
        w->service = breaks_at_random;
        run(w);
        assert_null(w->found.profile);
        assert_int_equal(w->found.outcome.verdict, VERDICT_FLAKY);
        assert_int_equal(w->gave, 0);
}

static void can_not_be_tried(struct world *w, const struct sandbox *s, const struct profile *p,
                             struct outcome *ret)
{
        (void)w;
        (void)s;
        (void)p;
        ret->verdict = VERDICT_NOT_TRIED;
        ret->summary = strdup("a condition says no");
}

static void what_can_not_be_tried_ends_it(void **state)
{
        struct world *w = *state;

        wish_for_much(w);
        w->service = can_not_be_tried;
        run(w);
        assert_null(w->found.profile);
        assert_int_equal(w->found.trials, 1);
        assert_string_equal(w->found.outcome.summary, "a condition says no");
}

static void breaks_whatever_is_changed(struct world *w, const struct sandbox *s,
                                       const struct profile *p, struct outcome *ret)
{
        (void)w;
        (void)s;
        (void)p;
        broke(ret, "it died");
}

static void where_nothing_holds_there_is_no_profile(void **state)
{
        struct world *w = *state;

        wish(w, D_ProtectClock, "yes");
        wish(w, D_PrivateTmp, "yes");
        wish(w, D_ProtectSystem, "strict");
        w->service = breaks_whatever_is_changed;
        run(w);
        assert_null(w->found.profile);
        assert_int_equal(w->found.outcome.verdict, VERDICT_BROKE);
        assert_int_equal(w->found.forgone_count, 3);
}

static void enforces_no_clock(struct world *w, const struct sandbox *s, const struct profile *p,
                              struct outcome *ret)
{
        content(w, s, p, ret);
        if (profile_find(p, D_ProtectClock)) {
                ret->not_rehearsed = calloc(1, sizeof(*ret->not_rehearsed));
                ret->not_rehearsed[0] = D_ProtectClock;
                ret->not_rehearsed_count = 1;
        }
}

static void what_was_not_rehearsed_is_not_in_the_profile(void **state)
{
        struct world *w = *state;

        wish_for_much(w);
        w->service = enforces_no_clock;
        run(w);
        assert_false(found(w, D_ProtectClock));
        assert_int_equal(w->found.profile->change_count, w->wish->change_count - 1);
        assert_non_null(strstr(forgone(w, D_ProtectClock)->why, "could not be rehearsed"));
}

static void what_an_earlier_save_set_stays(void **state)
{
        struct world *w = *state;
        scoped(profile_freep) struct profile *base = NULL;
        struct value v = { 0 };

        assert_int_equal(profile_new("planted.service", SCOPE_SYSTEM, &base), 0);
        assign(w, D_KeyringMode, "private", &v);
        assert_int_equal(profile_set(base, D_KeyringMode, &v, REASON_FILE, NULL), 0);
        wish_for_much(w);
        w->o.base = base;
        w->service = needs_wx;
        run(w);
        assert_true(found(w, D_KeyringMode));
        assert_false(found(w, D_MemoryDenyWriteExecute));
}

/* ---- what holds for all of them ---- */

/* A service of which each of a random set of changes, or pairs, breaks it. */
static uint64_t lone, pair[4];

static bool breaks_random(const struct profile *p)
{
        uint64_t in = 0;

        for (size_t i = 0; i < p->change_count; i++)
                in |= UINT64_C(1) << (p->changes[i].directive % 64);
        for (size_t i = 0; i < COUNT(pair); i++)
                if (pair[i] && (in & pair[i]) == pair[i])
                        return true;
        return (in & lone) != 0;
}

static void random_service(struct world *w, const struct sandbox *s, const struct profile *p,
                           struct outcome *ret)
{
        (void)w;
        (void)s;
        ret->verdict = VERDICT_HELD;
        if (breaks_random(p))
                broke(ret, "it died");
}

static uint64_t next(uint64_t *seed)
{
        *seed ^= *seed << 13;
        *seed ^= *seed >> 7;
        *seed ^= *seed << 17;
        return *seed;
}

static uint64_t random_bit(uint64_t *seed)
{
        static const enum directive_id ids[] = { D_NoNewPrivileges,       D_ProtectClock,
                                                 D_ProtectKernelTunables, D_ProtectKernelModules,
                                                 D_ProtectKernelLogs,     D_LockPersonality,
                                                 D_RestrictRealtime,      D_PrivateDevices };

        return UINT64_C(1) << (ids[next(seed) % COUNT(ids)] % 64);
}

static void nothing_that_was_given_back_could_be_in_alone(void **state)
{
        struct world *w = *state;
        uint64_t seed = 88172645463325252U;

        wish_for_much(w);
        w->service = random_service;
        for (int round = 0; round < 60; round++) {
                lone = round % 3 ? random_bit(&seed) : 0;
                for (size_t i = 0; i < COUNT(pair); i++)
                        pair[i] = (next(&seed) & 1) ? random_bit(&seed) | random_bit(&seed) : 0;
                w->searcher.width = 1 + (size_t)round % 4;
                search_done(&w->found);
                strv_free(w->keys);
                w->keys = NULL;
                w->twice = w->meant = 0;
                run(w);
                assert_non_null(w->found.profile);
                assert_false(breaks_random(w->found.profile));
                for (size_t i = 0; i < w->wish->change_count; i++) {
                        scoped(profile_freep) struct profile *more = NULL;
                        struct value v = { 0 };
                        enum directive_id id = w->wish->changes[i].directive;

                        if (found(w, id))
                                continue;
                        assert_int_equal(profile_copy(w->found.profile, &more), 0);
                        assert_int_equal(value_copy(&w->wish->changes[i].value, &v), 0);
                        assert_int_equal(profile_set(more, id, &v, REASON_HAND, NULL), 0);
                        assert_true(breaks_random(more));
                }
        }
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                T(what_a_service_bears_is_had_with_one_trial),
                T(one_that_breaks_without_a_word_is_found_by_halving),
                T(one_that_is_named_goes_at_once),
                T(several_culprits_are_all_found),
                T(several_that_are_named_go_together),
                T(of_two_that_break_only_together_one_stays),
                T(an_innocent_suspect_is_put_in_again),
                T(of_a_set_the_one_member_is_found),
                T(a_capability_that_is_named_is_left),
                T(of_system_calls_the_group_is_found_and_then_the_calls),
                T(calls_that_are_named_are_left_one_after_the_other),
                T(of_a_list_the_one_path_is_found),
                T(of_families_the_one_is_found),
                T(of_choices_the_strictest_that_holds_is_taken),
                T(all_that_is_refused_is_let_through_at_once),
                T(what_was_given_back_is_eased_when_it_can_be_told_how),
                T(a_folder_that_is_written_is_left_writable),
                T(a_folder_of_its_own_is_left_where_the_unit_may_write),
                T(a_hole_goes_with_what_it_is_one_in),
                T(a_wish_that_would_loosen_is_dropped_and_said_so),
                T(what_the_unit_takes_away_itself_is_not_given_back),
                T(a_folder_that_the_unit_may_not_write_stays_so),
                T(what_is_kept_is_left_alone),
                T(what_is_set_by_hand_is_never_given_back),
                T(what_is_set_by_hand_and_fails_alone_is_the_answer),
                T(an_aim_takes_no_more_than_it_needs),
                T(an_aim_reaches_for_the_rest_where_something_breaks),
                T(an_aim_that_is_reached_already_needs_no_trial),
                T(bent_is_enough_where_it_is_accepted),
                T(the_budget_of_trials_is_kept),
                T(the_budget_of_time_is_kept_and_what_holds_is_the_answer),
                T(a_cancel_leaves_what_holds),
                T(a_refusal_that_no_cure_cures_is_followed_no_longer),
                T(of_halves_that_were_tried_the_best_is_the_answer),
                T(a_baseline_that_fails_ends_it),
                T(a_baseline_that_comes_and_goes_is_flaky),
                T(what_fails_once_and_holds_once_is_flaky_and_no_change_is_blamed),
                T(what_was_found_is_tried_again_at_the_end),
                T(a_baseline_that_can_be_restarted_only_now_and_then_is_flaky),
                T(what_can_not_be_tried_ends_it),
                T(where_nothing_holds_there_is_no_profile),
                T(what_was_not_rehearsed_is_not_in_the_profile),
                T(what_an_earlier_save_set_stays),
                T(nothing_that_was_given_back_could_be_in_alone),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
