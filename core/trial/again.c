/* again.c - a trial that broke, and nothing that was seen says why: were it the changes, or chance?
 *
 * The trial once more, and the baseline a few times.  Only what broke is repeated: a unit that does
 * not come up is not reloaded. */
#include "core/trial/trial_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { BASELINES = 4 };
static const uint64_t PATIENCE = 20000000, BUDGET = 60000000;

static const struct step *step_at(const struct run *run, enum moment m)
{
        return m == MOMENT_RELOADED ? &run->reload : &run->restart;
}

/* Up to which moment it has to go for what broke to show again. */
static enum moment depth(const struct trial *t)
{
        enum moment last = MOMENT_UP;

        if (t->baseline.stopped && !t->tried.stopped)
                return MOMENT_RESTARTED;
        for (size_t i = 0; i < t->probe_count; i++)
                if (t->probes[i].trial_ran && !t->probes[i].trial_ok && t->probes[i].failed > last)
                        last = t->probes[i].failed;
        for (enum moment m = MOMENT_RELOADED; m <= MOMENT_RESTARTED; m++)
                if (step_at(&t->tried, m)->done && !step_at(&t->tried, m)->ok)
                        last = m;
        return last;
}

/* The probes with what the baseline said of them. */
static int copy_probes(const struct trial *from, struct trial *to)
{
        to->probes = calloc(from->probe_count + 1, sizeof(*to->probes));
        if (!to->probes)
                return -ENOMEM;
        for (size_t i = 0; i < from->probe_count; i++) {
                struct probe_result *p = &to->probes[to->probe_count];

                if (from->probes[i].builtin)
                        continue;
                *p = (struct probe_result){ .command = strdup(from->probes[i].command),
                                            .baseline_ok = from->probes[i].baseline_ok,
                                            .passed = from->probes[i].passed };
                if (!p->command)
                        return -ENOMEM;
                to->probe_count++;
        }
        return 0;
}

/* 1: this time it runs with the changes. */
static int try_again(struct rehearsal *r, struct trial *t, struct err *e)
{
        struct part part = { .wanted = t->baseline.listeners, .last = depth(t) };
        scoped(strv_freep) char **lost = NULL;
        struct trial second = { .baseline = t->baseline };
        int k = copy_probes(t, &second);

        if (k >= 0) {
                job_progress(r->job, "trying it once more, as nothing points to a change", r->unit);
                k = perform(r, &second, &part, e);
        }
        if (k >= 0)
                k = listeners_lost(t->baseline.listeners, second.tried.listeners,
                                   port_range_of(r->stage->ops->root(r->stage)), &lost);
        if (k >= 0)
                k = verdict_of(&second, lost, SIZE_MAX) != VERDICT_BROKE;
        second.baseline = (struct run){ 0 }; /* it is not its own */
        trial_done(&second);
        return k;
}

static bool fails_likewise(const struct trial *t, const struct trial *again, char *const *lost)
{
        const struct run *was = &t->baseline, *is = &again->baseline;

        if (!is->settled || is->exited != was->exited || (lost && *lost))
                return true;
        for (size_t i = 0; i < again->probe_count && i < t->probe_count; i++)
                if (t->probes[i].baseline_ok && !again->probes[i].baseline_ok)
                        return true;
        for (enum moment m = MOMENT_RELOADED; m <= MOMENT_RESTARTED; m++)
                if (step_at(was, m)->ok && step_at(is, m)->done && !step_at(is, m)->ok)
                        return true;
        return was->stopped && !is->stopped && !t->tried.stopped;
}

/* 1: without the changes it fails as well, at times; *ret_how says how. */
static int without(struct rehearsal *r, struct trial *t, enum moment last, char **ret_how,
                   struct err *e)
{
        struct part part = { .baseline = true, .wanted = t->baseline.listeners, .last = last };
        scoped(strv_freep) char **lost = NULL;
        struct trial again = { 0 };
        int k = perform(r, &again, &part, e);

        if (k >= 0)
                k = listeners_lost(t->baseline.listeners, again.baseline.listeners,
                                   port_range_of(r->stage->ops->root(r->stage)), &lost);
        if (k >= 0)
                k = fails_likewise(t, &again, lost);
        if (k > 0 && !again.baseline.settled)
                *ret_how = take(again.baseline.outcome);
        trial_done(&again);
        return k;
}

/* What broke, in words. */
static char *broke_words(const struct trial *t)
{
        if (!t->tried.settled)
                return strdup(t->tried.outcome ? t->tried.outcome : "it failed");
        for (enum moment m = MOMENT_RELOADED; m <= MOMENT_RESTARTED; m++) {
                const struct step *s = step_at(&t->tried, m);

                if (s->done && !s->ok)
                        return text_format("it could not be %s: %s", moment_name(m),
                                           s->said ? s->said : "it failed");
        }
        for (size_t i = 0; i < t->probe_count; i++)
                if (!t->probes[i].builtin && t->probes[i].trial_ran && !t->probes[i].trial_ok)
                        return text_format("this probe failed: %s", t->probes[i].command);
        return strdup("it did not listen, stay up or stop as before");
}

static int undress(struct rehearsal *r, struct err *e)
{
        int k = r->stage->ops->put(r->stage, r->o->dropin_path, r->previous, e);

        return k < 0 ? k : manager_reload(r->manager, r->job, e);
}

int trial_again(struct rehearsal *r, struct trial *t, char **ret_summary, struct err *e)
{
        uint64_t end = job_now() + BUDGET;
        scoped(mem_freep) char *how = NULL;
        enum moment last = depth(t);
        int k = 0;

        if (!t->tried.began) /* it did not even load */
                return 0;
        if (t->tried.took < PATIENCE)
                k = try_again(r, t, e);
        if (k > 0) {
                how = broke_words(t);
                *ret_summary = text_format("with the changes it failed once (%s) and ran the next "
                                           "time, and nothing points to one of them: it comes and "
                                           "goes, so the trial proves nothing",
                                           how ? how : "it failed");
                return *ret_summary ? 1 : err_set(e, -ENOMEM, "cannot conclude the trial");
        }
        if (k >= 0)
                k = undress(r, e);
        for (unsigned i = 0; k == 0 && i < BASELINES && job_now() < end; i++) {
                char step[80];

                snprintf(step, sizeof(step), "starting it without changes again (%u of at most %u)",
                         i + 1, BASELINES);
                job_progress(r->job, step, r->unit);
                k = without(r, t, last, &how, e);
        }
        if (k <= 0)
                return k;
        *ret_summary = text_format("flaky in the baseline: it broke with the changes, but at times "
                                   "it fails without them as well%s%s, so the trial proves nothing",
                                   how ? ": " : "", how ? how : "");
        return *ret_summary ? 1 : err_set(e, -ENOMEM, "cannot conclude the trial");
}
