/* rehearsal.c - one start of the unit on the stage: start, settle, stop. */
#include "core/trial/trial_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const uint64_t START_LIMIT = 90000000, START_GRACE = 5000000, STOP_LIMIT = 20000000;
static const uint64_t POLL = 50000, POLL_SLOW = 200000;

static bool is(const char *text, const char *word)
{
        return text && strcmp(text, word) == 0;
}

void run_done(struct run *r)
{
        free(r->outcome);
        unit_state_done(&r->state);
        journal_done(&r->journal);
        strv_free(r->listeners);
        *r = (struct run){ 0 };
}

static int look(struct rehearsal *r, struct run *run, struct err *e)
{
        struct unit_state now = { 0 };
        int k = manager_state(r->manager, r->job, r->unit, &now, e);

        if (k < 0)
                return k;
        unit_state_done(&run->state);
        run->state = now;
        return 0;
}

/* ---- listeners ---- */

/* A unix socket whose file nobody else sees is as good as gone; so is any socket in a network
 * namespace of the service's own.  init: whether the service shares PID 1's. */
static bool shares_network(struct rehearsal *r, const struct run *run)
{
        const char *root = r->stage->ops->root(r->stage);
        char path[64], ours[64] = "", theirs[64] = "";
        scoped(mem_freep) char *init = text_format("%s/proc/1/ns/net", root);
        scoped(mem_freep) char *main = NULL;

        if (run->state.main_pid <= 0 || !init)
                return true;
        snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)run->state.main_pid);
        main = text_format("%s%s", root, path);
        if (!main || readlink(init, ours, sizeof(ours) - 1) <= 0 ||
            readlink(main, theirs, sizeof(theirs) - 1) <= 0)
                return true;
        return strcmp(ours, theirs) == 0;
}

static bool is_reachable(struct rehearsal *r, const char *listener, bool same_network)
{
        struct stat st;
        int fd;
        bool there;

        if (!text_starts(listener, "unix /"))
                return same_network;
        fd = open_in_root(r->stage->ops->root(r->stage), strchr(listener, '/'),
                          O_PATH | O_NOFOLLOW);
        if (fd < 0)
                return fd != -ENOENT && fd != -ENOTDIR;
        there = fstat(fd, &st) < 0 || S_ISSOCK(st.st_mode);
        close(fd);
        return there;
}

static int read_listeners(struct rehearsal *r, struct run *run, struct err *e)
{
        scoped(strv_freep) char **all = NULL, **reachable = NULL;
        bool same_network = shares_network(r, run);
        int k;

        if (!run->state.control_group || !*run->state.control_group)
                return 0;
        k = r->stage->ops->listeners(r->stage, run->state.control_group, &all, e);
        if (k == -ENOENT) /* its processes ended meanwhile */
                k = 0;
        for (char **l = all; k >= 0 && l && *l; l++)
                if (is_reachable(r, *l, same_network))
                        k = strv_add(&reachable, *l);
        if (k < 0)
                return k;
        strv_free(run->listeners);
        run->listeners = take(reachable);
        return 0;
}

/* 1: all wanted listeners are there; 0: not yet. */
static int listens(struct rehearsal *r, struct run *run, char *const *wanted,
                   struct port_range range, struct err *e)
{
        scoped(strv_freep) char **lost = NULL;
        int k;

        if (!wanted || !*wanted)
                return 1;
        k = read_listeners(r, run, e);
        if (k >= 0)
                k = listeners_lost(wanted, run->listeners, range, &lost);
        return k < 0 ? k : !lost;
}

/* ---- settling ---- */

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

/* 1: it will not settle or has settled, *run says which; 0: look again. */
static int judge(struct rehearsal *r, struct run *run, struct anchor *a, bool listening)
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
        if (job_now() - a->since < r->settle)
                return 0;
        /* Listeners may come late under a sandbox: they get the time twice. */
        if (!listening && job_now() - a->since < 2 * r->settle)
                return 0;
        run->settled = true;
        return 1;
}

/* A restart resets what systemd says of the process, so a moment is given for the next end. */
static int settle(struct rehearsal *r, char *const *wanted, struct run *run, struct err *e)
{
        struct port_range range = port_range_of(r->stage->ops->root(r->stage));
        uint64_t end = job_now() + START_LIMIT;
        struct anchor a = { 0 };
        int k = look(r, run, e);

        anchor_at(&a, run);
        while (k >= 0 && job_now() < end) {
                bool settling = is(run->state.active, "active");
                int listening = 1;

                if (settling && job_now() - a.since >= r->settle)
                        listening = listens(r, run, wanted, range, e);
                if (listening < 0)
                        return listening;
                if (judge(r, run, &a, listening))
                        return 0;
                k = job_pause(r->job, job_now() - a.since < 1000000 ? POLL : POLL_SLOW);
                if (k >= 0)
                        k = look(r, run, e);
        }
        return k;
}

/* ---- journal ---- */

/* On a stage of its own nobody but the unit and what it needs writes log files. */
static bool is_private(const struct rehearsal *r)
{
        return strcmp(r->stage->ops->name, "twin") == 0;
}

/* Where the journal of this start begins. */
static int mark(struct rehearsal *r, struct err *e)
{
        scoped(journal_done) struct journal before = { 0 };
        int k = r->stage->ops->journal(r->stage, r->unit, &r->cursor, &before, e);

        if (k < 0 || !is_private(r))
                return k;
        logs_done(&r->logs);
        k = logs_mark(r->stage->ops->root(r->stage), &r->logs);
        return k < 0 ? err_set(e, k, "cannot look at the log files") : 0;
}

/* What the kernel logs of seccomp belongs to no unit. */
static bool is_audit(const struct journal_line *line)
{
        return line->message &&
               (strstr(line->message, "type=1326") || strstr(line->message, "SECCOMP ")) &&
               strstr(line->message, "syscall=");
}

static int add_audit(struct rehearsal *r, struct journal *to, struct err *e)
{
        scoped(mem_freep) char *cursor = r->cursor ? strdup(r->cursor) : NULL;
        scoped(journal_done) struct journal all = { 0 };
        int k = r->stage->ops->journal(r->stage, NULL, &cursor, &all, e);

        for (size_t i = 0; k >= 0 && i < all.count; i++) {
                struct journal_line *longer;

                if (!is_audit(&all.lines[i]))
                        continue;
                longer = realloc(to->lines, (to->count + 1) * sizeof(*longer));
                if (!longer)
                        return err_set(e, -ENOMEM, "cannot keep the journal");
                to->lines = longer;
                longer[to->count++] = all.lines[i];
                all.lines[i] = (struct journal_line){ 0 };
        }
        return k;
}

/* The unit's journal since its start. */
static int collect(struct rehearsal *r, struct run *run, struct err *e)
{
        scoped(mem_freep) char *cursor = r->cursor ? strdup(r->cursor) : NULL;
        struct journal lines = { 0 };
        int k = r->stage->ops->journal(r->stage, r->unit, &cursor, &lines, e);

        if (k < 0)
                return k;
        journal_done(&run->journal);
        run->journal = lines;
        if (is_private(r)) {
                k = logs_collect(r->stage->ops->root(r->stage), &r->logs, &run->journal);
                if (k < 0)
                        return err_set(e, k, "cannot read the log files");
        }
        return add_audit(r, &run->journal, e);
}

/* ---- start and stop ---- */

static uint64_t start_timeout(const struct run *run)
{
        uint64_t own = run->state.timeout_start;

        return own > 0 && own < START_LIMIT ? own : START_LIMIT;
}

/* All that is known once it has settled or failed. */
static int describe(struct rehearsal *r, struct run *run, const char *result, uint64_t timeout,
                    struct err *e)
{
        int k;

        if (!run->started)
                run->restarted = run->state.restarts > 0;
        k = read_listeners(r, run, e);
        if (k >= 0)
                k = collect(r, run, e);
        if (k < 0)
                return k;
        run->outcome = run_outcome(run, result, r->o->unit, timeout);
        return run->outcome ? 0 : err_set(e, -ENOMEM, "cannot say what became of %s", r->unit);
}

int rehearse(struct rehearsal *r, char *const *wanted, struct run *ret, struct err *e)
{
        struct run run = { 0 };
        const char *result = NULL;
        uint64_t began, timeout;
        int k = look(r, &run, e);

        if (k < 0)
                return k;
        timeout = start_timeout(&run);
        k = mark(r, e);
        if (k < 0) {
                run_done(&run);
                return k;
        }
        began = job_now();
        k = manager_start(r->manager, r->job, r->unit, timeout + START_GRACE, &result, e);
        if (k == 0)
                result = NULL; /* "done" */
        else if (k == -ETIMEDOUT)
                result = "timeout";
        else if (k < 0 && k != -ECANCELED && look(r, &run, NULL) == 0 &&
                 !is(run.state.load, "loaded"))
                result = "invalid"; /* systemd refuses to load it */
        else if (k < 0) {
                run_done(&run);
                return k;
        }
        run.started = !result;
        k = run.started ? settle(r, wanted, &run, e) : look(r, &run, e);
        run.took = job_now() - began;
        if (k >= 0)
                k = describe(r, &run, result, timeout, e);
        if (k < 0) {
                run_done(&run);
                return k;
        }
        *ret = run;
        return 0;
}

static int note_stop(char ***notes, const struct run *run, const char *result)
{
        if (result && is(result, "timeout"))
                return strv_addf(notes, "stopping it took longer than %llu s, so it was killed",
                                 (unsigned long long)(STOP_LIMIT / 1000000));
        return strv_addf(notes, "it did not stop cleanly: %s",
                         *run->state.result ? run->state.result : "failed");
}

/* A stop that hangs is ended the hard way. */
static int kill_unit(struct rehearsal *r, struct err *e)
{
        char *argv[] = { (char *)"systemctl", (char *)"kill", (char *)"--signal=KILL",
                         (char *)r->unit, NULL };
        scoped(run_result_done) struct run_result result = { 0 };
        const char *job_result = NULL;
        int k = r->stage->ops->run(r->stage, r->job, argv, START_GRACE, &result, e);

        if (k < 0 && k != -ETIMEDOUT)
                return k;
        k = manager_stop(r->manager, r->job, r->unit, START_GRACE, &job_result, e);
        return k == -ETIMEDOUT ? 0 : k;
}

int rehearsal_stop(struct rehearsal *r, struct run *run, char ***notes, struct err *e)
{
        scoped(unit_state_done) struct unit_state after = { 0 };
        bool up = run->settled && !is(run->state.active, "inactive");
        const char *result = NULL;
        int k = manager_stop(r->manager, r->job, r->unit, STOP_LIMIT, &result, e);

        if (k == 0)
                result = NULL; /* "done" */
        if (k == -ETIMEDOUT) {
                result = "timeout";
                k = kill_unit(r, e);
        }
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
        k = collect(r, run, e);
        if (k < 0)
                return k;
        k = manager_reset_failed(r->manager, r->job, r->unit, e);
        return k == -ECANCELED ? k : 0; /* there may be nothing to reset */
}
