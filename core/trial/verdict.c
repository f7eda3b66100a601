/* verdict.c - from what was seen to the verdict, and to one sentence. */
#include "core/trial/trial_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <string.h>

static const struct probe_result *failed_probe(const struct trial *t)
{
        for (size_t i = 0; i < t->probe_count; i++)
                if (!t->probes[i].builtin && t->probes[i].baseline_ok && !t->probes[i].trial_ok)
                        return &t->probes[i];
        return NULL;
}

/* A step that the unit took without the changes, and does not with them. */
static bool has_lost(const struct step *before, const struct step *now)
{
        return before->ok && now->done && !now->ok;
}

/* The first refusal that nobody accepted. */
static const struct denial *counting(const struct trial *t)
{
        for (size_t i = 0; i < t->denial_count; i++)
                if (!t->denials[i].accepted)
                        return &t->denials[i];
        return NULL;
}

enum verdict verdict_of(const struct trial *t, char *const *lost, size_t change_count)
{
        if (!t->tried.started || !t->tried.settled || t->tried.exited != t->baseline.exited)
                return VERDICT_BROKE;
        if ((lost && *lost) || failed_probe(t))
                return VERDICT_BROKE;
        if (has_lost(&t->baseline.reload, &t->tried.reload) ||
            has_lost(&t->baseline.restart, &t->tried.restart))
                return VERDICT_BROKE;
        if (t->baseline.stopped && !t->tried.stopped)
                return VERDICT_BROKE;
        if (counting(t))
                return VERDICT_BENT;
        return t->not_rehearsed_count >= change_count ? VERDICT_NOT_TRIED : VERDICT_HELD;
}

static void add_not_rehearsed(struct text *t, const struct trial *trial)
{
        if (!trial->not_rehearsed_count)
                return;
        text_add(t, "; not rehearsed on this stage, so nothing is proved of:");
        for (size_t i = 0; i < trial->not_rehearsed_count; i++)
                text_addf(t, "%s %s", i ? "," : "", directive_at(trial->not_rehearsed[i])->name);
}

static void add_probes(struct text *t, const struct trial *trial)
{
        size_t commands = 0, listeners = 0, useless = 0;

        for (size_t i = 0; i < trial->probe_count; i++) {
                if (trial->probes[i].builtin)
                        listeners++;
                else if (trial->probes[i].baseline_ok)
                        commands++;
                else
                        useless++;
        }
        if (listeners)
                text_addf(t, ", listens again on all of its %zu socket%s", listeners,
                          listeners == 1 ? "" : "s");
        if (commands)
                text_addf(t, ", passes %zu probe%s", commands, commands == 1 ? "" : "s");
        if (useless)
                text_addf(t, "; but %zu probe%s without changes too, so that proves nothing",
                          useless, useless == 1 ? " fails" : "s fail");
}

/* "; reloads and restarts": only what was done counts. */
static void add_steps(struct text *t, const struct trial *trial)
{
        bool reload = trial->tried.reload.ok, restart = trial->tried.restart.ok;

        if (reload || restart)
                text_addf(t, ", can be %s%s%s", reload ? "reloaded" : "",
                          reload && restart ? " and " : "", restart ? "restarted" : "");
}

static void add_accepted(struct text *t, const struct trial *trial)
{
        size_t count = 0;

        for (size_t i = 0; i < trial->denial_count; i++)
                count += trial->denials[i].accepted != NULL;
        if (count)
                text_addf(t, "; %zu refusal%s %s accepted", count, count == 1 ? "" : "s",
                          count == 1 ? "is" : "are");
}

static void add_denial(struct text *t, const struct trial *trial)
{
        const struct denial *first = counting(trial);
        size_t count = 0;

        for (size_t i = 0; i < trial->denial_count; i++)
                count += !trial->denials[i].accepted;
        if (first)
                text_addf(t, "%.200s", first->message ? first->message : first->key);
        if (count > 1)
                text_addf(t, " (and %zu more)", count - 1);
        if (first && first->directive != DIRECTIVE_COUNT)
                text_addf(t, "; most likely because of %s", directive_at(first->directive)->name);
}

static void add_unwatched(struct text *t, const struct trial *trial)
{
        if (trial->unwatched)
                text_add(t,
                         "; its processes were not watched, so only refusals that somebody tells "
                         "of could be found");
}

static void add_broke(struct text *t, const struct trial *trial, char *const *lost)
{
        const struct probe_result *probe = failed_probe(trial);

        if (!trial->tried.started || !trial->tried.settled)
                text_addf(t, "with the changes it does not run: %s",
                          trial->tried.outcome ? trial->tried.outcome : "it failed");
        else if (trial->tried.exited != trial->baseline.exited)
                text_add(t,
                         trial->tried.exited
                                 ? "with the changes it ends by itself, where it stayed up before"
                                 : "with the changes it goes on running, where it ended before");
        else if (lost && *lost)
                text_addf(t, "with the changes it runs, but does not listen on %s any more%s",
                          *lost, lost[1] ? " (and others)" : "");
        else if (probe)
                text_addf(t, "with the changes it runs, but this probe fails%s: %s",
                          probe->failed == MOMENT_RELOADED    ? " after a reload"
                          : probe->failed == MOMENT_RESTARTED ? " after a restart"
                                                              : "",
                          probe->command);
        else if (has_lost(&trial->baseline.reload, &trial->tried.reload))
                text_addf(t, "with the changes it runs, but cannot be reloaded: %s",
                          trial->tried.reload.said ? trial->tried.reload.said : "it failed");
        else if (has_lost(&trial->baseline.restart, &trial->tried.restart))
                text_addf(t, "with the changes it runs, but cannot be restarted: %s",
                          trial->tried.restart.said ? trial->tried.restart.said : "it failed");
        else
                text_add(t, "with the changes it runs, but does not stop cleanly any more");
        if (trial->suspect_count && trial->suspects[0].weight > 10)
                text_addf(t, "; most likely because of %s",
                          directive_at(trial->suspects[0].directive)->name);
        else
                text_add(t, "; nothing that was seen points to one of the changes");
}

char *verdict_summary(const struct trial *t, char *const *lost, size_t change_count)
{
        struct text s = { 0 };

        switch (t->verdict) {
        case VERDICT_HELD:
                text_add(&s, "with the changes it runs as before");
                add_steps(&s, t);
                add_probes(&s, t);
                add_accepted(&s, t);
                add_not_rehearsed(&s, t);
                add_unwatched(&s, t);
                break;
        case VERDICT_BENT:
                text_add(&s, "with the changes it stays up, but something is refused that was not "
                             "before: ");
                add_denial(&s, t);
                add_not_rehearsed(&s, t);
                add_unwatched(&s, t);
                break;
        case VERDICT_BROKE:
                add_broke(&s, t, lost);
                add_unwatched(&s, t);
                break;
        case VERDICT_BASELINE_FAILED:
                text_addf(&s,
                          "it does not run here even without changes, so they were not tried: %s",
                          t->baseline.outcome ? t->baseline.outcome : "it failed");
                break;
        case VERDICT_FLAKY:
                text_addf(
                        &s, "it comes and goes even without changes, so a trial proves nothing: %s",
                        t->baseline.outcome ? t->baseline.outcome : "it failed once of two times");
                break;
        case VERDICT_NOT_TRIED:
                if (change_count && t->not_rehearsed_count >= change_count)
                        text_add(&s, "it runs, but none of the changes could take effect on this "
                                     "stage: the notes say why");
                else
                        text_add(&s, "it was not tried");
                break;
        }
        return text_take(&s);
}
