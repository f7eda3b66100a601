/* rehearsal.c - one start of the unit on the stage: start, reload, restart, stop. */
#include "core/trial/recording_private.h"
#include "core/trial/rehearsal_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const uint64_t START_LIMIT = 90000000, START_GRACE = 5000000, STOP_LIMIT = 20000000,
                      RELOAD_LIMIT = 20000000, LEAST_QUIET = 500000;

void run_done(struct run *r)
{
        free(r->outcome);
        free(r->reload.said);
        free(r->restart.said);
        unit_state_done(&r->state);
        journal_done(&r->journal);
        strv_free(r->listeners);
        behaviour_free(r->seen);
        *r = (struct run){ 0 };
}

int rehearsal_look(struct rehearsal *r, struct run *run, struct err *e)
{
        struct unit_state now = { 0 };
        int k = manager_state(r->manager, r->job, r->unit, &now, e);

        if (k < 0)
                return k;
        unit_state_done(&run->state);
        run->state = now;
        return 0;
}

static uint64_t realtime(void)
{
        struct timespec now;

        clock_gettime(CLOCK_REALTIME, &now);
        return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* ---- start ---- */

static uint64_t start_timeout(const struct run *run)
{
        uint64_t own = run->state.timeout_start;

        return own > 0 && own < START_LIMIT ? own : START_LIMIT;
}

/* Whether what woke it has brought it all the way already: then it must not be started again. */
static bool is_over(const struct run *run, const char *before)
{
        return strcmp(run->state.invocation, before) != 0 &&
               (is(run->state.active, "inactive") || is(run->state.active, "failed"));
}

/* Has it started as it is on a real machine, and waits for the end of the start.
 * *ret_result: NULL where it went well. */
static int start(struct rehearsal *r, struct run *run, uint64_t timeout, const char **ret_result,
                 struct err *e)
{
        char before[sizeof(run->state.invocation)];
        int k;

        *ret_result = NULL;
        memcpy(before, run->state.invocation, sizeof(before));
        k = rehearsal_wake(r, run, e);
        if (k < 0)
                return k;
        if (k == 0) {
                k = rehearsal_look(r, run, e);
                if (k < 0)
                        return k;
                if (is_over(run, before)) {
                        *ret_result = is(run->state.active, "failed") ? "failed" : NULL;
                        return 0;
                }
        }
        /* Where it is starting already this waits for it, where it is up it says so. */
        k = manager_start(r->manager, r->job, r->unit, timeout + START_GRACE, ret_result, e);
        if (k == 0)
                *ret_result = NULL; /* "done" */
        else if (k == -ETIMEDOUT)
                *ret_result = "timeout";
        else if (k < 0 && k != -ECANCELED && rehearsal_look(r, run, NULL) == 0 &&
                 !is(run->state.load, "loaded"))
                *ret_result = "invalid"; /* systemd refuses to load it */
        else if (k < 0)
                return k;
        return 0;
}

/* All that is known once it has settled or failed. */
static int describe(struct rehearsal *r, struct run *run, const char *result, uint64_t timeout,
                    struct err *e)
{
        int k;

        if (!run->started)
                run->restarted = run->state.restarts > 0;
        k = rehearsal_listeners(r, run, e);
        if (k >= 0)
                k = rehearsal_collect(r, run, e);
        if (k < 0)
                return k;
        run->outcome = run_outcome(run, result, r->o->unit, timeout);
        return run->outcome ? 0 : err_set(e, -ENOMEM, "cannot say what became of %s", r->unit);
}

static int begin(struct rehearsal *r, char *const *wanted, struct run *run, struct err *e)
{
        const char *result = NULL;
        uint64_t began, timeout;
        int k = rehearsal_look(r, run, e);

        if (k < 0)
                return k;
        timeout = start_timeout(run);
        k = rehearsal_ready(r, run, e);
        if (k >= 0)
                k = rehearsal_mark(r, e);
        if (k >= 0) /* it may just have been stopped */
                k = rehearsal_look(r, run, e);
        if (k < 0)
                return k;
        began = job_now();
        run->began = realtime();
        witness_phase(r->witness, SEEN_STARTUP);
        k = start(r, run, timeout, &result, e);
        if (k < 0)
                return k;
        run->started = !result;
        k = run->started ? rehearsal_settle(r, wanted, r->settle, run, e)
                         : rehearsal_look(r, run, e);
        run->took = job_now() - began;
        return k < 0 ? k : describe(r, run, result, timeout, e);
}

int rehearse(struct rehearsal *r, char *const *wanted, struct run *ret, struct err *e)
{
        struct run run = { 0 };
        int k = begin(r, wanted, &run, e);

        if (k < 0) {
                run_done(&run);
                return k;
        }
        *ret = run;
        return 0;
}

/* ---- steps ---- */

/* A stop that hangs is ended the hard way. */
static int kill_unit(struct rehearsal *r, struct err *e)
{
        char *argv[] = { (char *)"systemctl", (char *)(is_of_user(r) ? "--user" : "--system"),
                         (char *)"kill",      (char *)"--signal=KILL",
                         (char *)r->unit,     NULL };
        scoped(run_result_done) struct run_result result = { 0 };
        const char *job_result = NULL;
        int k = r->stage->ops->run(r->stage, r->job, argv, START_GRACE, &result, e);

        if (k < 0 && k != -ETIMEDOUT)
                return k;
        k = manager_stop(r->manager, r->job, r->unit, START_GRACE, &job_result, e);
        return k == -ETIMEDOUT ? 0 : k;
}

static const char *command_of(const struct sandbox *unit, const char *key)
{
        for (size_t i = 0; i < unit->facts.exec_count; i++)
                if (strcmp(unit->facts.exec[i].key, key) == 0)
                        return unit->facts.exec[i].line;
        return "";
}

/* Why a step failed: the command that did, else what became of the unit. */
static char *step_words(struct rehearsal *r, const struct run *after, const char *result,
                        const char *key, uint64_t limit)
{
        const struct unit_state *s = &after->state;

        if (is(result, "timeout"))
                return text_format("it was still %s after %llu s",
                                   is(s->active, "deactivating") ? "stopping" : "under way",
                                   (unsigned long long)(limit / 1000000));
        if (result && s->control_key && is(s->control_key, key)) {
                scoped(mem_freep) char *end = exit_words(s->control_code, s->control_status);

                return text_format("%s=%s failed: %s", key, command_of(r->o->unit, key),
                                   end ? end : "it failed");
        }
        return run_outcome(after, result, r->o->unit, limit);
}

/* Looks whether the unit is as it was before the step. */
static int step_end(struct rehearsal *r, struct run *run, struct step *step, const char *result,
                    const char *key, uint64_t limit, struct err *e)
{
        struct run after = { .started = !result };
        struct port_range range = port_range_of(r->stage->ops->root(r->stage));
        uint64_t quiet = r->settle / 2 > LEAST_QUIET ? r->settle / 2 : LEAST_QUIET;
        scoped(strv_freep) char **lost = NULL;
        uint64_t began = job_now();
        int k;

        if (is(result, "timeout"))
                k = rehearsal_look(r, &after, e);
        else
                k = rehearsal_settle(r, run->listeners, quiet, &after, e);
        after.took = job_now() - began;
        if (k >= 0)
                k = rehearsal_listeners(r, &after, e);
        if (k >= 0)
                k = listeners_lost(run->listeners, after.listeners, range, &lost);
        if (k >= 0) {
                step->done = true;
                step->ok = !result && after.settled && after.exited == run->exited && !lost;
                if (!step->ok && !result && after.settled && lost)
                        step->said = text_format("it does not listen on %s any more", *lost);
                else if (!step->ok)
                        step->said = step_words(r, &after, result, key, limit);
                if (!step->ok && !step->said)
                        k = err_set(e, -ENOMEM, "cannot say what became of %s", r->unit);
        }
        if (k >= 0 && !step->ok) { /* the evidence is how it is now */
                unit_state_done(&run->state);
                run->state = after.state;
                after.state = (struct unit_state){ 0 };
        }
        run_done(&after);
        return k;
}

/* 0: it went well; 1 with the result; faults go up. */
static int job_answer(int k, const char **result)
{
        if (k == 0)
                *result = NULL;
        if (k == -ETIMEDOUT) {
                *result = "timeout";
                return 1;
        }
        return k;
}

bool rehearsal_reloads(const struct rehearsal *r, const struct run *run)
{
        return is(run->state.active, "active") &&
               (recording_has(r->o->unit, "ExecReload") || is(run->state.type, "notify-reload"));
}

int rehearsal_reload(struct rehearsal *r, struct run *run, struct err *e)
{
        const char *result = NULL;
        int k;

        if (!rehearsal_reloads(r, run))
                return 0;
        job_progress(r->job, "reloading it", r->unit);
        witness_phase(r->witness, SEEN_RELOAD);
        k = manager_reload_unit(r->manager, r->job, r->unit, RELOAD_LIMIT, &result, e);
        k = job_answer(k, &result);
        return k < 0 ? k : step_end(r, run, &run->reload, result, "ExecReload", RELOAD_LIMIT, e);
}

int rehearsal_restart(struct rehearsal *r, struct run *run, struct err *e)
{
        /* It has started once, so it is known how long that takes. */
        uint64_t limit = STOP_LIMIT + 2 * run->took;
        const char *result = NULL;
        int k;

        if (run->exited)
                return 0;
        job_progress(r->job, "restarting it", r->unit);
        /* What gird starts is not to use up what the unit may be started. */
        k = manager_reset_failed(r->manager, r->job, r->unit, e);
        if (k == -ECANCELED)
                return k;
        witness_phase(r->witness, SEEN_STARTUP);
        k = manager_restart(r->manager, r->job, r->unit, limit, &result, e);
        k = job_answer(k, &result);
        if (k >= 0)
                k = step_end(r, run, &run->restart, result, "ExecStart", limit, e);
        if (k >= 0 && is(result, "timeout")) /* it had the time to stop, too */
                k = kill_unit(r, e);
        return k;
}

/* ---- stop ---- */

static int note_stop(char ***notes, const struct run *run, const char *result)
{
        if (result && is(result, "timeout"))
                return strv_addf(notes, "stopping it took longer than %llu s, so it was killed",
                                 (unsigned long long)(STOP_LIMIT / 1000000));
        return strv_addf(notes, "it did not stop cleanly: %s",
                         *run->state.result ? run->state.result : "failed");
}

int rehearsal_stop(struct rehearsal *r, struct run *run, char ***notes, struct err *e)
{
        scoped(unit_state_done) struct unit_state after = { 0 };
        bool up = run->settled && !is(run->state.active, "inactive") &&
                  !is(run->state.active, "failed");
        const char *result = NULL;
        int k;

        witness_phase(r->witness, SEEN_STOP);
        k = job_answer(manager_stop(r->manager, r->job, r->unit, STOP_LIMIT, &result, e), &result);
        if (is(result, "timeout"))
                k = kill_unit(r, e);
        if (k < 0)
                return k;
        k = manager_state(r->manager, r->job, r->unit, &after, e);
        if (k < 0)
                return k;
        run->stopped = !up || (!result && !is(after.active, "failed"));
        if (!run->stopped) {
                struct run failed = { .state = after };

                k = note_stop(notes, &failed, result);
                if (k < 0)
                        return err_set(e, k, "cannot note how it stopped");
        }
        k = rehearsal_rest(r, e);
        if (k >= 0)
                k = rehearsal_collect(r, run, e);
        if (k < 0)
                return k;
        k = manager_reset_failed(r->manager, r->job, r->unit, e);
        return k == -ECANCELED ? k : 0; /* there may be nothing to reset */
}
