/* applying_run.c - guard, drop-in, reload, restart, probes; and back at once if that went wrong. */
#include "tui/applying_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/stage/journal.h"
#include "core/stage/live.h"
#include "core/trial/trial.h"
#include "tui/attempt.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const uint64_t WITHIN = 60000000, SETTLE = 3000000, PROBE_TIMEOUT = 10000000;
static const uint64_t LOOK = 100000, GRACE = 5000000, LONGEST = 900000000;

struct work {
        struct context *c;
        struct profile *profile; /* to be kept as the unit's last one */
        const struct applying_options *o;
        const struct applying_plan *plan;
        const struct profile *whole;
        struct applied *ret;
        struct stage *stage;
        char **listeners; /* before */
        char *cursor;     /* where the journal of the new start begins */
        uint64_t began;   /* as the guard has it */
        bool late;        /* the guard was faster */
};

static void work_done(struct work *w)
{
        stage_close(w->stage);
        profile_free(w->profile);
        strv_free(w->listeners);
        free(w->cursor);
}

struct job applying_last(const struct context *c)
{
        return (struct job){ .event = c->job.event };
}

void applied_done(struct applied *a)
{
        for (size_t i = 0; i < a->probe_count; i++) {
                free(a->probes[i].command);
                free(a->probes[i].said);
        }
        free(a->probes);
        free(a->why);
        *a = (struct applied){ 0 };
}

/* ---- probes ---- */

static int ask(struct work *w, const char *command, bool *ret_ok, char **ret_said, struct err *e)
{
        struct probe_place place = { .stage = w->stage,
                                     .job = &w->c->job,
                                     .manager = w->c->manager,
                                     .unit = w->o->unit->unit,
                                     .cursor = w->cursor,
                                     .timeout = PROBE_TIMEOUT };

        job_progress(&w->c->job, "asking", command);
        return probe_ask_twice(&place, command, ret_ok, ret_said, e);
}

/* One that fails already is no proof of anything, and is said. */
static int probe_before(struct work *w, struct err *e)
{
        size_t count = strv_length(w->whole->probes);
        int r = 0;

        w->ret->probes = calloc(count + 1, sizeof(*w->ret->probes));
        if (!w->ret->probes)
                return err_set(e, -ENOMEM, "cannot run the probes");
        for (size_t i = 0; r >= 0 && i < count; i++) {
                struct probe_result *p = &w->ret->probes[w->ret->probe_count++];

                p->command = strdup(w->whole->probes[i]);
                if (!p->command)
                        return err_set(e, -ENOMEM, "cannot run the probes");
                r = ask(w, p->command, &p->baseline_ok, &p->said, e);
                p->trial_ok = p->baseline_ok;
        }
        return r;
}

static int probe_after(struct work *w, struct err *e)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < w->ret->probe_count; i++) {
                struct probe_result *p = &w->ret->probes[i];

                free(p->said);
                p->said = NULL;
                r = ask(w, p->command, &p->trial_ok, &p->said, e);
                p->trial_ran = r >= 0;
                p->failed = MOMENT_UP;
                if (r < 0 || p->trial_ok || !p->baseline_ok || w->ret->why)
                        continue;
                w->ret->why = text_format("the probe \"%s\" passed before and fails now%s%s",
                                          p->command, p->said && *p->said ? ": " : "",
                                          p->said && *p->said ? p->said : "");
                if (!w->ret->why)
                        return err_set(e, -ENOMEM, "cannot keep the result of a probe");
        }
        return r;
}

/* ---- what it listens on ---- */

static bool shares_network(long pid)
{
        char path[48], ours[64] = "", theirs[64] = "";

        snprintf(path, sizeof(path), "/proc/%ld/ns/net", pid);
        return pid <= 0 || readlink("/proc/1/ns/net", ours, sizeof(ours) - 1) <= 0 ||
               readlink(path, theirs, sizeof(theirs) - 1) <= 0 || strcmp(ours, theirs) == 0;
}

/* Nobody connects to what is in a network of its own, or to a file that nobody else sees. */
static bool is_reachable(const char *listener, bool same_network)
{
        if (text_starts(listener, "unix /"))
                return access(strchr(listener, '/'), F_OK) == 0;
        return same_network;
}

static int read_listeners(struct work *w, char ***ret, struct err *e)
{
        scoped(unit_state_done) struct unit_state s = { 0 };
        scoped(strv_freep) char **all = NULL;
        bool same_network;
        int r = manager_state(w->c->manager, &w->c->job, w->o->unit->unit, &s, e);

        if (r < 0 || !s.control_group || strlen(s.control_group) < 2)
                return r;
        r = w->stage->ops->listeners(w->stage, s.control_group, &all, e);
        if (r < 0)
                return r == -ENOENT ? 0 : r;
        same_network = shares_network((long)s.main_pid);
        for (char **l = all; r >= 0 && l && *l; l++)
                if (is_reachable(*l, same_network))
                        r = strv_add(ret, *l);
        return r < 0 ? err_set(e, r, "cannot look for sockets") : 0;
}

/* The first that is not back, or NULL.  Ports of the kernel's own choice come and go. */
static const char *find_lost(char *const *before, char *const *now)
{
        for (; before && *before; before++)
                if (!strv_has(now, *before) &&
                    (!text_starts(*before, "tcp") ||
                     strtoul(strrchr(*before, ':') + 1, NULL, 10) < 32768))
                        return *before;
        return NULL;
}

static int check_listeners(struct work *w, uint64_t settle, struct err *e)
{
        uint64_t end = job_now() + 2 * settle;

        for (;;) {
                scoped(strv_freep) char **now = NULL;
                const char *lost;
                int r = read_listeners(w, &now, e);

                if (r < 0)
                        return r;
                lost = find_lost(w->listeners, now);
                if (!lost)
                        return 0;
                if (job_now() >= end) {
                        w->ret->why = text_format("nobody can reach it on %s any more", lost);
                        return w->ret->why ? 0 : err_set(e, -ENOMEM, "cannot keep the result");
                }
                r = job_pause(&w->c->job, LOOK);
                if (r < 0)
                        return err_say(e, r, "cancelled");
        }
}

/* ---- the restart ---- */

static char *end_in_words(const struct unit_state *s)
{
        const char *name = s->main_code == CLD_EXITED ? exit_status_name(s->main_status) : NULL;
        const char *meaning = s->main_code == CLD_EXITED ? exit_status_meaning(s->main_status)
                                                         : NULL;

        if (s->main_code == CLD_EXITED && s->main_status != 0)
                return text_format("it ended with status %d%s%s%s%s", s->main_status,
                                   name ? "/" : "", name ? name : "", meaning ? ": " : "",
                                   meaning ? meaning : "");
        if (s->main_code == CLD_KILLED || s->main_code == CLD_DUMPED)
                return text_format("it was killed by signal %d (%s)", s->main_status,
                                   strsignal(s->main_status));
        if (s->control_key)
                return text_format("%s= failed", s->control_key);
        if (s->restarts > 0)
                return text_format("it ended, and systemd has started it again (%u×)", s->restarts);
        return text_format("systemd says \"%s\"", *s->result ? s->result : s->active);
}

static bool has_fallen(const struct unit_state *s)
{
        return strcmp(s->active, "failed") == 0 || strcmp(s->active, "inactive") == 0 ||
               text_starts(s->sub, "auto-restart") || s->restarts > 0;
}

/* A service that does its work and ends is up when it has ended well. */
static bool ends_by_itself(const struct unit_state *s)
{
        return s->type && strcmp(s->type, "oneshot") == 0 && strcmp(s->active, "failed") != 0;
}

/* Stays up for as long as `settle`: else ret->why. */
static int settle_down(struct work *w, uint64_t settle, struct err *e)
{
        uint64_t since = job_now();

        while (job_now() - since < settle) {
                scoped(unit_state_done) struct unit_state s = { 0 };
                int r = manager_state(w->c->manager, &w->c->job, w->o->unit->unit, &s, e);

                if (r < 0)
                        return r;
                if (ends_by_itself(&s))
                        return 0;
                if (has_fallen(&s)) {
                        scoped(mem_freep) char *words = end_in_words(&s);

                        w->ret->why = words ? text_format("it came up and did not stay up: %s",
                                                          words)
                                            : NULL;
                        return w->ret->why ? 0 : err_set(e, -ENOMEM, "cannot say how it ended");
                }
                r = job_pause(&w->c->job, LOOK);
                if (r < 0)
                        return err_say(e, r, "cancelled");
        }
        return 0;
}

static int restart(struct work *w, struct err *e)
{
        scoped(unit_state_done) struct unit_state s = { 0 }, after = { 0 };
        const char *unit = w->o->unit->unit, *result = NULL;
        scoped(mem_freep) char *words = NULL;
        uint64_t timeout;
        int r = manager_state(w->c->manager, &w->c->job, unit, &s, e);

        if (r < 0)
                return r;
        job_progress(&w->c->job, "restarting", unit);
        timeout = s.timeout_start > 0 && s.timeout_start < LONGEST ? s.timeout_start : LONGEST;
        r = manager_restart(w->c->manager, &w->c->job, unit, timeout + GRACE, &result, e);
        if (r == 0)
                return guard_restarted(unit, e);
        if (r < 0 && r != -ETIMEDOUT)
                return r;
        r = manager_state(w->c->manager, &w->c->job, unit, &after, e);
        if (r < 0)
                return r;
        words = result && strcmp(result, "failed") != 0 ? text_format("systemd says \"%s\"", result)
                                                        : end_in_words(&after);
        w->ret->why = words ? text_format("it does not come up: %s", words) : NULL;
        return w->ret->why ? 0 : err_set(e, -ENOMEM, "cannot say why it does not start");
}

/* The guard may have fired meanwhile: a start can take longer than there is to confirm it. */
static int still_guarded(struct work *w, struct err *e)
{
        scoped(guard_done) struct guard g = { 0 };
        int r = guard_get(w->o->unit->unit, &g, e);

        if (r < 0)
                return r;
        if (r == 0 && (g.state == GUARD_PENDING || g.state == GUARD_CONFIRMED)) {
                w->ret->until = g.until;
                w->began = g.began;
                return 0;
        }
        /* Its being restarted then looks as if it had fallen. */
        w->late = true;
        free(w->ret->why);
        w->ret->why = strdup("it took longer to come up than there is to confirm it "
                             "(--confirm-within)");
        return w->ret->why ? 0 : err_set(e, -ENOMEM, "cannot look at the guard");
}

/* Every step may find that it went wrong: ret->why. */
static int go(struct work *w, struct err *e)
{
        scoped(journal_done) struct journal before = { 0 };
        uint64_t settle = w->o->settle ? w->o->settle : SETTLE;
        int r;

        job_progress(&w->c->job, "systemd reads its files again", NULL);
        r = manager_reload(w->c->manager, &w->c->job, e);
        w->ret->started = w->plan->next_start;
        if (r < 0 || w->plan->next_start)
                return r;
        r = w->stage->ops->journal(w->stage, w->o->unit->unit, &w->cursor, &before, NULL);
        if (r == -ECANCELED || r == -ENOMEM) /* without a journal only its probes see less */
                return err_set(e, r, "cannot read the journal");
        r = still_guarded(w, e); /* else it would be restarted for nothing */
        if (r == 0 && !w->ret->why)
                r = restart(w, e);
        if (r == 0 && !w->ret->why) {
                job_progress(&w->c->job, "waiting whether it stays up", NULL);
                r = settle_down(w, settle, e);
        }
        w->ret->started = r == 0 && !w->ret->why;
        if (w->ret->started)
                r = check_listeners(w, settle, e);
        if (r == 0 && !w->ret->why)
                r = probe_after(w, e);
        return r;
}

/* ---- what is kept of it ---- */

/* `gird save` takes the unit's last profile, which is now this one.  That much was written before
 * anything was applied; so it is no fault if there is no room for the rest. */
static void keep(struct work *w, enum verdict verdict, uint64_t began)
{
        scoped(mem_freep) char *tried = applying_tried(began);
        struct err none = { 0 };

        if (!tried)
                return;
        free(w->profile->tried);
        w->profile->tried = take(tried);
        w->profile->verdict = verdict;
        (void)store_put_profile(&w->c->store, w->profile, &w->c->dialect, &none);
}

static int keep_first(struct work *w, struct err *e)
{
        int r = profile_copy(w->o->profile, &w->profile);

        return r < 0 ? err_set(e, r, "cannot keep the profile")
                     : store_put_profile(&w->c->store, w->profile, &w->c->dialect, e);
}

/* ---- all of it ---- */

static int take_back(struct work *w, struct err *e)
{
        struct job last = applying_last(w->c);
        int r;

        job_progress(&w->c->job, "taking it back", NULL);
        r = guard_revert(w->o->unit->unit, w->c->manager, &last, e);
        w->ret->reverted = r >= 0; /* 1: the guard was faster */
        w->ret->until = 0;
        return r < 0 ? r : 0;
}

static int lay_down(struct work *w, const char *text, struct err *e)
{
        struct guard_options guard = {
                .unit = w->o->unit->unit,
                .dropin_text = text,
                .running = w->plan->running,
                .next_start = w->plan->next_start,
                .sessions = w->plan->sessions,
                .within = w->o->within ? w->o->within : WITHIN,
                .marks = w->plan->files,
                .mark_count = w->plan->file_count,
        };
        struct err why = { 0 };
        int r;

        job_progress(&w->c->job, "arming the guard", NULL);
        r = guard_arm(&guard, w->c->manager, &w->c->job, e);
        if (r != 0)
                return r < 0 ? r : -EBUSY;
        journal_write(JOURNAL_APPLY, w->o->unit->unit,
                      "A change was applied; it is taken back unless it is confirmed.");
        r = go(w, &why);
        if (r == 0)
                r = still_guarded(w, &why);
        else
                (void)still_guarded(w, NULL);
        if (r == 0 && !w->ret->why) {
                if (w->profile->verdict != VERDICT_HELD)
                        keep(w, VERDICT_NOT_TRIED, w->began);
                return 0;
        }
        /* The restart took this session along, and stopping waits for gird to end: who logs in anew
         * can still confirm it, and the guard is there if nobody does. */
        if (r == -ECANCELED && w->plan->carries_us && !w->ret->why)
                return err_say(e, r,
                               "cut off; systemd takes it back unless you run: gird confirm %s",
                               w->o->unit->unit);
        if (w->ret->why && !w->late)
                keep(w, VERDICT_BROKE, (uint64_t)time(NULL) * 1000000);
        else if (!w->ret->why)
                w->ret->why = strdup(r == -ECANCELED ? "cancelled" : why.text);
        return take_back(w, e);
}

int applying_run(struct context *c, const struct applying_options *o,
                 const struct applying_plan *plan, struct applied *ret, struct err *e)
{
        scoped(applied_done) struct applied applied = { 0 };
        scoped(profile_freep) struct profile *whole = NULL;
        scoped(strv_freep) char **left_out = NULL;
        scoped(mem_freep) char *text = NULL;
        scoped(fd_closep) int lock = -1;
        scoped(work_done) struct work w = { .c = c, .o = o, .plan = plan, .ret = &applied };
        int r = attempt_complete(c, o->profile, &whole, e);

        if (r == 0)
                r = attempt_render(c, o->unit, o->profile, &text, &left_out, e);
        if (r < 0)
                return r;
        w.whole = whole;
        r = store_lock(&c->store, o->unit->unit, &lock, e);
        if (r != 0)
                return r < 0 ? r : -EBUSY;
        r = live_open(c->manager, &c->job, &w.stage, e);
        if (r == 0)
                r = keep_first(&w, e);
        if (r == 0 && plan->running && !plan->next_start) {
                r = probe_before(&w, e);
                if (r >= 0)
                        r = read_listeners(&w, &w.listeners, e);
        }
        if (r >= 0)
                r = lay_down(&w, text, e);
        if (r < 0)
                return r;
        *ret = applied;
        applied = (struct applied){ 0 };
        return 0;
}
