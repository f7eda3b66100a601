/* trial.c - baseline, trial, verdict. */
#include "core/trial/trial_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const uint64_t SETTLE = 3000000, PROBE_TIMEOUT = 10000000;
enum { WEIGHT_CONVINCING = 50 };

static void suspects_free(struct suspect *list, size_t count)
{
        for (size_t i = 0; i < count; i++)
                free(list[i].why);
        free(list);
}

void trial_done(struct trial *t)
{
        free(t->summary);
        run_done(&t->baseline);
        run_done(&t->tried);
        for (size_t i = 0; i < t->probe_count; i++) {
                free(t->probes[i].command);
                free(t->probes[i].said);
        }
        free(t->probes);
        suspects_free(t->suspects, t->suspect_count);
        denials_free(t->denials, t->denial_count);
        strv_free(t->notes);
        free(t->not_rehearsed);
        free(t->where);
        *t = (struct trial){ 0 };
}

/* Ends the trial with that verdict and sentence, which is taken over. */
static int conclude(struct trial *t, enum verdict verdict, char *summary)
{
        t->verdict = verdict;
        free(t->summary);
        t->summary = summary;
        return summary ? 0 : -ENOMEM;
}

/* ---- what is no matter for a trial ---- */

static const char *refusal(const struct trial_options *o)
{
        if (o->unit->load == LOAD_TEMPLATE)
                return "it is a template: name an instance of it, such as name@one.service";
        if (!text_ends(o->unit->unit, ".service"))
                return "it is not a service, and only services run something that could be tried";
        if (o->unit->load != LOAD_LOADED)
                return o->unit->load_note ? o->unit->load_note : load_state_name(o->unit->load);
        if (o->profile->change_count == 0)
                return "there are no changes to try";
        return NULL;
}

/* ---- baseline ---- */

static int stop_quietly(struct rehearsal *r, struct trial *t, struct run *run, struct err *e)
{
        job_progress(r->job, "stopping", r->unit);
        return rehearsal_stop(r, run, &t->notes, e);
}

/* A condition that says no makes systemd skip the start and call that success. */
static int skipped(struct rehearsal *r, struct trial *t)
{
        const struct unit_state *s = &t->baseline.state;
        bool by_condition = t->baseline.started && !s->condition &&
                            strcmp(s->active, "inactive") == 0;
        bool by_command = strcmp(s->result, "exec-condition") == 0;

        if (!by_condition && !by_command)
                return 0;
        if (by_command)
                return conclude(t, VERDICT_NOT_TRIED,
                                text_format("its ExecCondition= says no on this stage, so systemd "
                                            "did not start %s",
                                            r->unit)) < 0
                               ? -ENOMEM
                               : 1;
        return conclude(t, VERDICT_NOT_TRIED,
                        text_format("its condition %s is not met on this stage, so systemd skipped "
                                    "the start%s",
                                    s->failed_condition ? s->failed_condition
                                                        : "(systemd does not say which)",
                                    r->o->ignore_conditions
                                            ? ""
                                            : " (--ignore-conditions tries it all the same)")) < 0
                       ? -ENOMEM
                       : 1;
}

/* It does not run without changes.  If it restarts by itself, once more: it may come and go. */
static int baseline_failed(struct rehearsal *r, struct trial *t, struct err *e)
{
        struct run again = { 0 };
        bool settled;
        const char *exhausted = stage_exhausted(&t->baseline, r->o->unit);
        int k = stop_quietly(r, t, &t->baseline, e);

        t->verdict = VERDICT_BASELINE_FAILED;
        if (k >= 0 && exhausted && strv_add(&t->notes, exhausted) < 0)
                k = -ENOMEM;
        if (k < 0 || !t->baseline.restarted)
                return k;
        job_progress(r->job, "starting it once more without changes", r->unit);
        k = rehearse(r, NULL, &again, e);
        if (k < 0)
                return k;
        settled = again.settled;
        k = stop_quietly(r, t, &again, e);
        run_done(&again);
        if (settled)
                t->verdict = VERDICT_FLAKY;
        return k;
}

/* 1: the trial ends here. */
static int baseline(struct rehearsal *r, struct trial *t, struct err *e)
{
        int k;

        job_progress(r->job, "starting it without changes", r->unit);
        k = rehearse(r, NULL, &t->baseline, e);
        if (k < 0)
                return k;
        k = skipped(r, t);
        if (k != 0)
                return k;
        if (!t->baseline.settled) {
                k = baseline_failed(r, t, e);
                return k < 0                                                      ? k
                       : conclude(t, t->verdict, verdict_summary(t, NULL, 0)) < 0 ? -ENOMEM
                                                                                  : 1;
        }
        k = probes_run(r, t, true, MOMENT_UP, e);
        return k < 0 ? k : stop_quietly(r, t, &t->baseline, e);
}

/* ---- the trial proper ---- */

/* The unit does not load with the changes: it broke before it could start. */
static int broke_loading(struct trial *t, char **why)
{
        t->tried.outcome = take(*why);
        return 1;
}

/* 1: it broke before the start. */
static int tried(struct rehearsal *r, struct trial *t, struct err *e)
{
        scoped(mem_freep) char *why = NULL;
        int k = rehearsal_dress(r, t, &why, e);

        if (k != 0)
                return k < 0 ? k : broke_loading(t, &why);
        job_progress(r->job, "starting it with the changes", r->unit);
        k = rehearse(r, t->baseline.listeners, &t->tried, e);
        if (k < 0)
                return k;
        if (t->tried.settled)
                k = probes_run(r, t, false, MOMENT_UP, e);
        return k < 0 ? k : stop_quietly(r, t, &t->tried, e);
}

static bool probe_failed(const struct trial *t)
{
        for (size_t i = 0; i < t->probe_count; i++)
                if (!t->probes[i].builtin && t->probes[i].baseline_ok && !t->probes[i].trial_ok)
                        return true;
        return false;
}

/* Errors that everyone meets count as a refusal only if one of the changes explains them. */
static void drop_unexplained(struct trial *t)
{
        size_t keep = 0;

        for (size_t i = 0; i < t->denial_count; i++) {
                struct denial *d = &t->denials[i];
                bool hard = d->signal || d->error == EROFS || d->error == EACCES ||
                            d->error == EPERM || d->error == EAFNOSUPPORT;

                if (hard || d->directive != DIRECTIVE_COUNT)
                        t->denials[keep++] = *d;
                else {
                        free(d->path);
                        free(d->call);
                        free(d->message);
                }
        }
        t->denial_count = keep;
}

/* Ranks the suspects, for a trial that broke or did not. */
static int accuse(struct rehearsal *r, struct trial *t, char *const *lost,
                  const struct problem *problems, size_t problem_count, bool broke)
{
        scoped(sandbox_freep) struct sandbox *after = NULL;
        struct evidence v = { .profile = r->o->profile,
                              .dialect = r->o->dialect,
                              .before = r->o->unit,
                              .tried = &t->tried,
                              .problems = problems,
                              .problem_count = problem_count,
                              .denials = t->denials,
                              .denial_count = t->denial_count,
                              .lost = t->tried.settled ? lost : NULL,
                              .probe_failed = t->tried.settled && probe_failed(t),
                              .broke = broke };
        int k = profile_apply(r->o->profile, r->o->unit, r->o->dialect, &after);

        if (k < 0)
                return k;
        v.after = after;
        suspects_free(t->suspects, t->suspect_count);
        t->suspects = NULL;
        t->suspect_count = 0;
        return blame(&v, &t->suspects, &t->suspect_count);
}

/* Nothing convincing points to a change: does it still run without them?  1: it does not. */
static int confirm(struct rehearsal *r, struct trial *t, struct err *e)
{
        struct run again = { 0 };
        bool settled;
        int k;

        if (t->suspect_count && t->suspects[0].weight >= WEIGHT_CONVINCING)
                return 0;
        job_progress(r->job, "starting it once more without changes", r->unit);
        k = r->stage->ops->put(r->stage, r->o->dropin_path, r->previous, e);
        if (k >= 0)
                k = manager_reload(r->manager, r->job, e);
        if (k >= 0)
                k = rehearse(r, t->baseline.listeners, &again, e);
        if (k < 0)
                return k;
        settled = again.settled;
        k = stop_quietly(r, t, &again, e);
        run_done(&again);
        return k < 0 ? k : !settled;
}

/* What the stage ran out of is no directive's doing. */
static const char *exhausted(const struct trial *t, const struct rehearsal *r)
{
        if (profile_find(r->o->profile, D_MemoryMax) ||
            profile_find(r->o->profile, D_TemporaryFileSystem))
                return NULL;
        return stage_exhausted(&t->baseline, NULL) ? NULL : stage_exhausted(&t->tried, NULL);
}

static int judge(struct rehearsal *r, struct trial *t, const struct problem *problems,
                 size_t problem_count, struct err *e)
{
        size_t changes = r->o->profile->change_count;
        scoped(strv_freep) char **lost = NULL;
        const char *why;
        int k = listeners_lost(t->baseline.listeners, t->tried.listeners,
                               port_range_of(r->stage->ops->root(r->stage)), &lost);

        if (k >= 0)
                k = denials_find(&t->baseline.journal, &t->tried.journal, &t->denials,
                                 &t->denial_count);
        if (k >= 0 && t->tried.settled)
                k = probes_builtin(t, lost);
        if (k < 0)
                return k;
        t->verdict = verdict_of(t, lost, changes);
        k = accuse(r, t, lost, problems, problem_count, t->verdict == VERDICT_BROKE);
        if (k < 0)
                return k;
        drop_unexplained(t);
        t->verdict = verdict_of(t, lost, changes);
        why = exhausted(t, r);
        if (why && t->verdict != VERDICT_HELD)
                return conclude(t, VERDICT_NOT_TRIED, strdup(why));
        if (t->verdict == VERDICT_BROKE) {
                k = confirm(r, t, e);
                if (k > 0)
                        return conclude(t, VERDICT_FLAKY,
                                        strdup("it does not run with the changes, but the second "
                                               "time not without "
                                               "them either, so the trial proves nothing"));
                if (k < 0)
                        return k;
        }
        if (t->verdict == VERDICT_HELD || t->verdict == VERDICT_BENT)
                k = notes_reservations(t, r->o);
        return k < 0 ? k : conclude(t, t->verdict, verdict_summary(t, lost, changes));
}

/* ---- all of it ---- */

struct problems {
        struct problem *list;
        size_t count;
};

static void problems_done(struct problems *p)
{
        problems_free(p->list, p->count);
}

static int check(struct rehearsal *r, struct trial *t, struct problems *p)
{
        int k = notes_limits(t, r->o, r->stage);

        if (k >= 0)
                k = check_profile(r->o->profile, r->o->unit, r->o->dialect,
                                  r->stage->ops->root(r->stage), &p->list, &p->count);
        for (size_t i = 0; k >= 0 && i < p->count; i++)
                k = strv_addf(&t->notes, "check: %s", p->list[i].text);
        return k;
}

static int run_steps(struct rehearsal *r, struct trial *t, struct err *e)
{
        scoped(problems_done) struct problems problems = { 0 };
        scoped(mem_freep) char *why = NULL;
        int k;

        if (refusal(r->o))
                return conclude(t, VERDICT_NOT_TRIED, strdup(refusal(r->o)));
        job_progress(r->job, "checking the changes", NULL);
        k = check(r, t, &problems);
        if (k >= 0)
                k = rehearsal_prepare(r, &why, &t->notes, e);
        if (k != 0)
                return k < 0 ? k : conclude(t, VERDICT_NOT_TRIED, take(why));
        k = baseline(r, t, e);
        if (k != 0)
                return k < 0 ? k : 0;
        k = tried(r, t, e);
        return k < 0 ? k : judge(r, t, problems.list, problems.count, e);
}

int trial_run(const struct trial_options *o, struct stage *stage, struct job *job,
              struct trial *ret, struct err *e)
{
        scoped(trial_done) struct trial t = { 0 };
        struct rehearsal r = {
                .o = o,
                .stage = stage,
                .job = job,
                .manager = stage->ops->manager(stage),
                .unit = o->unit->unit,
                .settle = o->settle ? o->settle : SETTLE,
                .probe_timeout = o->probe_timeout ? o->probe_timeout : PROBE_TIMEOUT,
        };
        uint64_t began = job_now();
        struct err own = { 0 };
        int k;

        t.where = strdup(stage->ops->where(stage));
        k = t.where ? run_steps(&r, &t, &own) : -ENOMEM;
        rehearsal_undo(&r);
        if (k < 0 && e) {
                *e = own;
                if (!own.code)
                        err_set(e, k, "cannot try %s", o->unit->unit);
        }
        if (k < 0)
                return k;
        t.seconds_x1000 = (job_now() - began) / 1000;
        *ret = t;
        t = (struct trial){ 0 };
        return 0;
}
