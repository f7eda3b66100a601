/* performance.c - one start of the unit with all that belongs to it: probed, reloaded, restarted,
 * stopped, and watched meanwhile.  The baseline and the trial go through the same. */
#include "core/trial/trial_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <string.h>

static const uint64_t SLOW_START = 30000000;

/* ---- watched ---- */

static int unwatched(struct trial *t, const char *why)
{
        if (t->unwatched)
                return 0;
        t->unwatched = text_format("%s; so refusals were taken from what was logged, from how its "
                                   "processes ended and from the kernel's lines on seccomp, and "
                                   "those that nobody tells of were missed",
                                   why);
        return t->unwatched ? 0 : -ENOMEM;
}

/* A unit that cannot be watched is tried all the same. */
static int watch(struct rehearsal *r, struct trial *t)
{
        struct err why = { 0 };
        int k;

        if (r->o->unwatched)
                return unwatched(t, "it was not watched, as was asked for");
        if (t->unwatched)
                return 0;
        k = witness_open(r, &r->witness, &why);
        if (k == 0 || k == -ENOMEM || k == -ECANCELED)
                return k;
        return unwatched(t, why.code || *why.text ? why.text : "it could not be watched");
}

static int note_losses(struct trial *t, const struct behaviour *b)
{
        uint64_t lost = 0;

        for (size_t i = 0; i < b->session_count; i++)
                lost += b->sessions[i].lost;
        return lost ? strv_addf(&t->notes,
                                "%llu of the things it did were lost while it was watched, so "
                                "refusals may be missing",
                                (unsigned long long)lost)
                    : 0;
}

static int take_seen(struct rehearsal *r, struct trial *t, struct run *run)
{
        scoped(witness_freep) struct witness *w = take(r->witness);
        struct err why = { 0 };
        int k;

        if (!w)
                return 0;
        k = witness_take(w, &run->seen, &why);
        if (k == 0)
                return note_losses(t, run->seen);
        return k == -ENOMEM ? k : unwatched(t, why.text);
}

/* ---- its parts ---- */

bool run_skipped(const struct run *run)
{
        return (run->started && !run->state.condition &&
                strcmp(run->state.active, "inactive") == 0) ||
               strcmp(run->state.result, "exec-condition") == 0;
}

static int note_step(struct trial *t, const struct step *step, const char *what)
{
        if (!step->done || step->ok)
                return 0;
        return strv_addf(&t->notes,
                         "it cannot be %s without changes either (%s), so that was not "
                         "asked of them",
                         what, step->said ? step->said : "it failed");
}

static bool probes_failed(const struct trial *t)
{
        for (size_t i = 0; i < t->probe_count; i++)
                if (t->probes[i].trial_ran && !t->probes[i].trial_ok)
                        return true;
        return false;
}

/* A start that takes long is not repeated for a step that seldom tells more. */
static int is_too_slow(struct trial *t, enum moment moment, bool *ret)
{
        *ret = moment == MOMENT_RESTARTED && t->baseline.took > SLOW_START;
        return !*ret ? 0
                     : strv_addf(&t->notes,
                                 "its start takes %llu s, so it was not restarted as well",
                                 (unsigned long long)(t->baseline.took / 1000000));
}

/* Reload, restart, and the probes after each.  What the baseline cannot do is not asked of the
 * trial, and what broke in the trial is left as it is. */
static int steps(struct rehearsal *r, struct trial *t, const struct part *p, struct err *e)
{
        static const struct {
                enum moment moment;
                const char *words;
                int (*go)(struct rehearsal *r, struct run *run, struct err *e);
                size_t step;
        } rows[] = {
                { MOMENT_RELOADED, "reloaded", rehearsal_reload, offsetof(struct run, reload) },
                { MOMENT_RESTARTED, "restarted", rehearsal_restart, offsetof(struct run, restart) },
        };
        struct run *run = p->baseline ? &t->baseline : &t->tried;
        int k = 0;

        for (size_t i = 0; k >= 0 && i < COUNT(rows) && rows[i].moment <= p->last; i++) {
                const struct step *step = (const void *)((const char *)run + rows[i].step);
                const struct step *before = (const void *)((const char *)&t->baseline +
                                                           rows[i].step);
                bool slow = false;

                if (!p->baseline && (probes_failed(t) || !before->ok))
                        continue;
                if (p->baseline)
                        k = is_too_slow(t, rows[i].moment, &slow);
                if (k < 0 || slow)
                        continue;
                k = rows[i].go(r, run, e);
                if (k >= 0 && p->baseline)
                        k = note_step(t, step, rows[i].words);
                if (k >= 0 && step->ok)
                        k = probes_run(r, t, p->baseline, rows[i].moment, e);
                if (!p->baseline && step->done && !step->ok)
                        break;
        }
        return k;
}

static int go_through(struct rehearsal *r, struct trial *t, const struct part *p, struct err *e)
{
        struct run *run = p->baseline ? &t->baseline : &t->tried;
        int k = rehearse(r, p->wanted, run, e);
        bool up;

        if (k < 0 || (p->baseline && run_skipped(run)))
                return k;
        if (run->settled) {
                witness_phase(r->witness, SEEN_STEADY);
                k = probes_run(r, t, p->baseline, MOMENT_UP, e);
                if (k >= 0)
                        k = steps(r, t, p, e);
        }
        if (k < 0)
                return k;
        up = run->settled && strcmp(run->state.active, "active") == 0;
        job_progress(r->job, "stopping it", r->unit);
        k = rehearsal_stop(r, run, &t->notes, e);
        if (p->baseline && run->settled && !run->exited && !up)
                run->stopped = false; /* a step had ended it: that proves nothing of a stop */
        return k;
}

int perform(struct rehearsal *r, struct trial *t, const struct part *p, struct err *e)
{
        struct run *run = p->baseline ? &t->baseline : &t->tried;
        int k = p->watched ? watch(r, t) : 0;
        int taken;

        if (k < 0)
                return err_set(e, k, "cannot watch %s", r->unit);
        k = go_through(r, t, p, e);
        taken = take_seen(r, t, run);
        if (k >= 0 && taken < 0)
                return err_set(e, taken, "cannot keep what was seen of %s", r->unit);
        return k;
}
