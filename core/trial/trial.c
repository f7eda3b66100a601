/* trial.c - baseline, trial, verdict. */
#include "core/trial/trial_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const uint64_t SETTLE = 3000000, PROBE_TIMEOUT = 10000000;
static const uint64_t PATIENCE = 20000000;

const char *moment_name(enum moment m)
{
        static const char *const names[] = { "up", "reloaded", "restarted" };

        return names[m];
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
        sandbox_free(t->after);
        free(t->unwatched);
        free(t->where);
        *t = (struct trial){ 0 };
}

int trial_conclude(struct trial *t, enum verdict verdict, char *summary)
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

/* A condition that says no makes systemd skip the start and call that success. */
static int skipped(struct rehearsal *r, struct trial *t)
{
        const struct unit_state *s = &t->baseline.state;
        char *words;

        if (strcmp(s->result, "exec-condition") == 0)
                words = text_format("its ExecCondition= says no on this stage, so systemd did not "
                                    "start %s",
                                    r->unit);
        else
                words = text_format(
                        "its condition %s is not met on this stage, so systemd skipped "
                        "the start%s",
                        s->failed_condition ? s->failed_condition : "(systemd does not say which)",
                        r->o->ignore_conditions ? ""
                                                : " (--ignore-conditions tries it all the same)");
        return trial_conclude(t, VERDICT_NOT_TRIED, words);
}

/* It does not run without changes.  It may come and go: once more. */
static int baseline_failed(struct rehearsal *r, struct trial *t, struct err *e)
{
        const char *exhausted = stage_exhausted(&t->baseline, r->o->unit);
        struct part part = { .baseline = true, .last = MOMENT_UP };
        struct trial again = { 0 };
        int k = exhausted ? strv_add(&t->notes, exhausted) : 0;

        t->verdict = VERDICT_BASELINE_FAILED;
        if (k >= 0 && !exhausted && t->baseline.took < PATIENCE) {
                job_progress(r->job, "starting it once more without changes", r->unit);
                k = perform(r, &again, &part, e);
                if (again.baseline.settled)
                        t->verdict = VERDICT_FLAKY;
                trial_done(&again);
        }
        return k < 0 ? k : trial_conclude(t, t->verdict, verdict_summary(t, NULL, 0));
}

/* 1: the trial ends here. */
static int baseline(struct rehearsal *r, struct trial *t, struct err *e)
{
        struct part part = { .baseline = true, .watched = true, .last = MOMENT_RESTARTED };
        int k;

        job_progress(r->job, "starting it without changes", r->unit);
        k = perform(r, t, &part, e);
        if (k < 0)
                return k;
        if (run_skipped(&t->baseline))
                k = skipped(r, t);
        else if (!t->baseline.settled)
                k = baseline_failed(r, t, e);
        else
                return 0;
        return k < 0 ? k : 1;
}

/* ---- the trial proper ---- */

/* What does not load with the changes broke before it could start. */
static int tried(struct rehearsal *r, struct trial *t, struct err *e)
{
        struct part part = { .watched = true,
                             .last = MOMENT_RESTARTED,
                             .wanted = t->baseline.listeners };
        scoped(mem_freep) char *why = NULL;
        int k = rehearsal_dress(r, t, &why, e);

        if (k < 0)
                return k;
        if (k > 0) {
                t->tried.outcome = take(why);
                return 0;
        }
        job_progress(r->job, "starting it with the changes", r->unit);
        k = perform(r, t, &part, e);
        t->watched = t->baseline.seen && t->tried.seen;
        return k;
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
                return trial_conclude(t, VERDICT_NOT_TRIED, strdup(refusal(r->o)));
        job_progress(r->job, "checking the changes", NULL);
        k = check(r, t, &problems);
        if (k >= 0)
                k = rehearsal_prepare(r, &why, &t->notes, e);
        if (k != 0)
                return k < 0 ? k : trial_conclude(t, VERDICT_NOT_TRIED, take(why));
        k = baseline(r, t, e);
        if (k != 0)
                return k < 0 ? k : 0;
        k = tried(r, t, e);
        return k < 0 ? k : trial_judge(r, t, problems.list, problems.count, e);
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
