/* judge.c - from the two runs to refusals, suspects, and a verdict. */
#include "core/trial/trial_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { WEIGHT_CONVINCING = 50 };

struct case_at_hand {
        struct rehearsal *r;
        struct trial *t;
        char **lost;
        const struct problem *problems;
        size_t problem_count;
};

void suspects_free(struct suspect *list, size_t count)
{
        for (size_t i = 0; i < count; i++)
                free(list[i].why);
        free(list);
}

/* ---- what was refused ---- */

/* What was seen, then what was logged, then what nobody was told of. */
static int find_denials(struct case_at_hand *c)
{
        const struct trial_options *o = c->r->o;
        struct trial *t = c->t;
        int k = 0;

        if (t->watched)
                k = denials_seen(t->baseline.seen, t->tried.seen, t->tried.began, &t->denials,
                                 &t->denial_count);
        if (k >= 0)
                k = denials_find(&t->baseline.journal, &t->tried.journal, &t->denials,
                                 &t->denial_count);
        if (k >= 0 && t->watched)
                k = denials_asked(t->baseline.seen, o->unit, t->after, o->dialect, &t->denials,
                                  &t->denial_count);
        for (size_t i = 0; k >= 0 && i < t->denial_count; i++)
                if (!t->denials[i].key)
                        k = denial_name(&t->denials[i]);
        return k < 0 ? k : denials_accept(o->profile, t->denials, t->denial_count);
}

/* ---- who did it ---- */

static bool command_failed(const struct trial *t)
{
        for (size_t i = 0; i < t->probe_count; i++)
                if (!t->probes[i].builtin && t->probes[i].trial_ran && !t->probes[i].trial_ok)
                        return true;
        return false;
}

/* Ranks the suspects, for a trial that broke or did not. */
static int accuse(struct case_at_hand *c, bool broke)
{
        const struct trial_options *o = c->r->o;
        struct trial *t = c->t;
        struct evidence v = { .profile = o->profile,
                              .dialect = o->dialect,
                              .before = o->unit,
                              .after = t->after,
                              .tried = &t->tried,
                              .problems = c->problems,
                              .problem_count = c->problem_count,
                              .denials = t->denials,
                              .denial_count = t->denial_count,
                              .lost = t->tried.settled ? c->lost : NULL,
                              .probe_failed = t->tried.settled && command_failed(t),
                              .broke = broke };

        suspects_free(t->suspects, t->suspect_count);
        t->suspects = NULL;
        t->suspect_count = 0;
        return blame(&v, &t->suspects, &t->suspect_count);
}

static bool is_convinced(const struct trial *t)
{
        return t->suspect_count && t->suspects[0].weight >= WEIGHT_CONVINCING;
}

/* What the stage ran out of is no directive's doing. */
static const char *exhausted(const struct trial *t, const struct rehearsal *r)
{
        if (profile_find(r->o->profile, D_MemoryMax) ||
            profile_find(r->o->profile, D_TemporaryFileSystem))
                return NULL;
        return stage_exhausted(&t->baseline, NULL) ? NULL : stage_exhausted(&t->tried, NULL);
}

/* ---- the verdict ---- */

static int find_evidence(struct case_at_hand *c)
{
        const struct trial_options *o = c->r->o;
        size_t changes = o->profile->change_count;
        struct trial *t = c->t;
        const char *root = c->r->stage->ops->root(c->r->stage);
        int k = profile_apply(o->profile, o->unit, o->dialect, &t->after);

        if (k >= 0)
                k = listeners_lost(t->baseline.listeners, t->tried.listeners, port_range_of(root),
                                   &c->lost);
        if (k >= 0)
                k = find_denials(c);
        if (k >= 0 && t->tried.settled)
                k = probes_builtin(t, c->lost);
        if (k < 0)
                return k;
        k = accuse(c, verdict_of(t, c->lost, changes) == VERDICT_BROKE);
        if (k < 0)
                return k;
        denials_sift(t->denials, &t->denial_count);
        t->verdict = verdict_of(t, c->lost, changes);
        return 0;
}

static int conclude(struct case_at_hand *c, struct err *e)
{
        size_t changes = c->r->o->profile->change_count;
        scoped(mem_freep) char *words = NULL;
        struct trial *t = c->t;
        const char *why = exhausted(t, c->r);
        int k = 0;

        if (why && t->verdict != VERDICT_HELD)
                return trial_conclude(t, VERDICT_NOT_TRIED, strdup(why));
        if (t->verdict == VERDICT_BROKE && !is_convinced(t)) {
                k = trial_again(c->r, t, &words, e);
                if (k > 0)
                        return trial_conclude(t, VERDICT_FLAKY, take(words));
        }
        if (k >= 0 && (t->verdict == VERDICT_HELD || t->verdict == VERDICT_BENT))
                k = notes_reservations(t, c->r->o);
        return k < 0 ? k : trial_conclude(t, t->verdict, verdict_summary(t, c->lost, changes));
}

int trial_judge(struct rehearsal *r, struct trial *t, const struct problem *problems,
                size_t problem_count, struct err *e)
{
        struct case_at_hand c = {
                .r = r, .t = t, .problems = problems, .problem_count = problem_count
        };
        int k = find_evidence(&c);

        if (k >= 0)
                k = conclude(&c, e);
        if (k >= 0 && (t->verdict == VERDICT_HELD || t->verdict == VERDICT_FLAKY)) {
                suspects_free(t->suspects, t->suspect_count); /* of nothing */
                t->suspects = NULL;
                t->suspect_count = 0;
        }
        strv_free(c.lost);
        return k;
}
