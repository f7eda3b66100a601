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

enum verdict verdict_of(const struct trial *t, char *const *lost, size_t change_count)
{
        if (!t->tried.started || !t->tried.settled || t->tried.exited != t->baseline.exited)
                return VERDICT_BROKE;
        if ((lost && *lost) || failed_probe(t))
                return VERDICT_BROKE;
        if (t->baseline.stopped && !t->tried.stopped)
                return VERDICT_BROKE;
        if (t->denial_count)
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
                text_addf(t, "with the changes it runs, but this probe fails: %s", probe->command);
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
                add_probes(&s, t);
                add_not_rehearsed(&s, t);
                break;
        case VERDICT_BENT:
                text_addf(&s,
                          "with the changes it stays up, but something is refused that was not "
                          "before: %.200s",
                          t->denial_count ? t->denials[0].message : "");
                add_not_rehearsed(&s, t);
                break;
        case VERDICT_BROKE:
                add_broke(&s, t, lost);
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
