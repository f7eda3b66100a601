/* rehearsal_settle.c - when a unit that was started counts as up, ended, or failed. */
#include "core/trial/rehearsal_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <string.h>

static const uint64_t START_LIMIT = 90000000, POLL = 50000, POLL_SLOW = 200000, FRESH = 1000000;

/* What of the state must not change while it settles. */
struct anchor {
        char invocation[33];
        pid_t main_pid;
        uint64_t since;
};

static bool has_failed(const struct run *run)
{
        return is(run->state.active, "failed") || is(run->state.sub, "auto-restart") ||
               is(run->state.sub, "auto-restart-queued");
}

static bool has_ended(const struct run *run)
{
        return is(run->state.active, "inactive");
}

static bool is_busy(const struct run *run)
{
        return is(run->state.active, "activating") || is(run->state.active, "reloading") ||
               is(run->state.active, "deactivating");
}

static void anchor_at(struct anchor *a, const struct run *run)
{
        memcpy(a->invocation, run->state.invocation, sizeof(a->invocation));
        a->main_pid = run->state.main_pid;
        a->since = job_now();
}

/* 1: all wanted listeners are there; 0: not yet. */
static int listens(struct rehearsal *r, struct run *run, char *const *wanted,
                   struct port_range range, struct err *e)
{
        scoped(strv_freep) char **lost = NULL;
        int k;

        if (!wanted || !*wanted)
                return 1;
        k = rehearsal_listeners(r, run, e);
        if (k >= 0)
                k = listeners_lost(wanted, run->listeners, range, &lost);
        return k < 0 ? k : !lost;
}

/* 1: it will not settle or has settled, *run says which; 0: look again. */
static int judge(struct run *run, struct anchor *a, uint64_t quiet, bool listening)
{
        if (run->state.restarts > 0 || strcmp(a->invocation, run->state.invocation) != 0) {
                run->restarted = true;
                return 1;
        }
        if (has_failed(run)) {
                run->restarted = !is(run->state.active, "failed");
                return 1;
        }
        if (has_ended(run) || is(run->state.sub, "exited")) {
                run->exited = is(run->state.result, "success");
                run->settled = run->exited;
                return 1;
        }
        if (is_busy(run)) {
                a->since = job_now();
                return 0;
        }
        if (run->state.main_pid != a->main_pid) /* a forking service may hand over once */
                anchor_at(a, run);
        if (job_now() - a->since < quiet)
                return 0;
        /* Listeners may come late under a sandbox: they get the time twice. */
        if (!listening && job_now() - a->since < 2 * quiet)
                return 0;
        run->settled = true;
        return 1;
}

/* A restart resets what systemd says of the process, so a moment is given for the next end. */
int rehearsal_settle(struct rehearsal *r, char *const *wanted, uint64_t quiet, struct run *run,
                     struct err *e)
{
        struct port_range range = port_range_of(r->stage->ops->root(r->stage));
        uint64_t end = job_now() + START_LIMIT;
        struct anchor a = { 0 };
        int k = rehearsal_look(r, run, e);

        anchor_at(&a, run);
        while (k >= 0 && job_now() < end) {
                bool settling = is(run->state.active, "active");
                int listening = 1;

                if (settling && job_now() - a.since >= quiet)
                        listening = listens(r, run, wanted, range, e);
                if (listening < 0)
                        return listening;
                if (judge(run, &a, quiet, listening))
                        return 0;
                k = job_pause(r->job, job_now() - a.since < FRESH ? POLL : POLL_SLOW);
                if (k >= 0)
                        k = rehearsal_look(r, run, e);
        }
        return k;
}
