/* recording.c - watch a unit on a stage: its start, its work, its reload and its stop. */
#include "core/trial/recording_private.h"

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/trial/trial_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>

enum { MOUNTINFO_LIMIT = 64 << 20 };
static const uint64_t SETTLE = 3000000, PROBE_TIMEOUT = 10000000, STEP = 1000000,
                      FIRST_KEEP = 3000000;

/* ---- attached ---- */

void recording_tell(struct recording *r)
{
        struct observer_numbers n = { 0 };

        if (!r->o->numbers || !r->observer)
                return;
        observer_numbers(r->observer, &n);
        r->o->numbers(r->o->userdata, &n, job_now() - r->began);
}

static int on_second(void *userdata)
{
        struct recording *r = userdata;
        uint64_t ticks = 0;

        if (read(r->clock_fd, &ticks, sizeof(ticks)) < 0 && errno != EAGAIN && errno != EINTR)
                return -errno;
        recording_tell(r);
        return 0;
}

/* The numbers go on while the work waits for something else. */
static int start_clock(struct recording *r)
{
        struct itimerspec every = { .it_interval.tv_sec = 1, .it_value.tv_sec = 1 };

        if (!r->o->numbers)
                return 0;
        r->clock_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
        if (r->clock_fd < 0 || timerfd_settime(r->clock_fd, 0, &every, NULL) < 0)
                return -errno;
        return job_watch(r->job, r->clock_fd, on_second, r, &r->clock);
}

int recording_open(struct recording *r, const struct observer_options *where, struct err *e)
{
        scoped(strv_freep) char **privileged = NULL;
        struct observer_options o = *where;
        int k = recording_privileged(r->o->unit, &privileged, &r->notes);

        if (k < 0)
                return err_set(e, k, "cannot observe %s", r->o->unit->unit);
        r->began = r->kept = job_now();
        r->root = where->root;
        o.unit = r->o->unit->unit;
        o.privileged = privileged;
        k = observer_open(&o, r->job, &r->observer, e);
        if (k != 0)
                return k;
        k = start_clock(r);
        return k < 0 ? err_set(e, k, "cannot set a clock") : 0;
}

void recording_done(struct recording *r)
{
        job_watch_free(r->clock);
        fd_closep(&r->clock_fd);
        observer_close(r->observer);
        strv_free(r->probes);
        strv_free(r->notes);
        *r = (struct recording)RECORDING_NONE;
}

/* ---- what was seen ---- */

/* Where the unit has another root, its program is below that. */
char *recording_version(const struct sandbox *unit, const char *root)
{
        const char *program = recording_program(unit);
        const char *own = setting_word(unit, D_RootDirectory);
        scoped(mem_freep) char *path = NULL;

        if (!program || *program != '/')
                return NULL;
        path = text_format("%s%s", own && strcmp(own, "/") != 0 ? own : "", program);
        return path ? binary_version(root ? root : "", path) : NULL;
}

static int name_binary(const struct recording *r, struct behaviour *b)
{
        const char *program = recording_program(r->o->unit);

        if (!b->binary && program) {
                b->binary = strdup(program);
                if (!b->binary)
                        return -ENOMEM;
        }
        if (!b->version)
                b->version = recording_version(r->o->unit, r->root);
        return 0;
}

static int name_systemd(const struct recording *r, struct behaviour *b)
{
        const struct version *v = &r->o->dialect->version;

        for (size_t i = 0; i < b->session_count; i++) {
                if (b->sessions[i].systemd)
                        continue;
                b->sessions[i].systemd = text_format("%u.%u", v->major, v->minor);
                if (!b->sessions[i].systemd)
                        return -ENOMEM;
        }
        return 0;
}

static int add_all(char ***list, char *const *more)
{
        int k = 0;

        for (; k >= 0 && more && *more; more++)
                if (!strv_has(*list, *more))
                        k = strv_add(list, *more);
        return k;
}

int recording_take(struct recording *r, struct behaviour **ret, struct err *e)
{
        scoped(behaviour_freep) struct behaviour *b = NULL;
        bool cancelled = r->job->cancelled;
        int k;

        r->job->cancelled = false; /* what was seen is wanted all the same */
        k = observer_behaviour(r->observer, &b, e);
        r->job->cancelled |= cancelled;
        if (k < 0)
                return k;
        k = name_binary(r, b);
        if (k >= 0)
                k = name_systemd(r, b);
        for (size_t i = 0; k >= 0 && i < b->session_count; i++) {
                k = add_all(&b->sessions[i].probes, r->probes);
                if (k >= 0)
                        k = add_all(&b->sessions[i].notes, r->notes);
        }
        if (k < 0)
                return err_set(e, k, "cannot keep what was seen of %s", r->o->unit->unit);
        *ret = take(b);
        return 0;
}

/* Soon at first, so that there is something to look at. */
static bool is_due(const struct recording *r)
{
        uint64_t lasted = r->kept - r->began;
        uint64_t apart = lasted < FIRST_KEEP ? FIRST_KEEP : lasted;

        if (apart > r->o->keep_every)
                apart = r->o->keep_every;
        return job_now() - r->kept >= apart;
}

int recording_keep(struct recording *r, struct err *e)
{
        scoped(behaviour_freep) struct behaviour *b = NULL;
        int k;

        if (!r->o->keep || !is_due(r))
                return 0;
        r->kept = job_now();
        k = recording_take(r, &b, e);
        return k < 0 ? k : r->o->keep(r->o->userdata, b, e);
}

int recording_wait(struct recording *r, uint64_t lasting, struct err *e)
{
        int k = 0;

        while (k >= 0 && job_now() - r->began < lasting) {
                uint64_t left = lasting - (job_now() - r->began);

                k = job_pause(r->job, left < STEP ? left : STEP);
                if (k >= 0)
                        k = recording_keep(r, e);
        }
        return k;
}

/* ---- on a stage ---- */

int recording_cgroup(char **ret, struct err *e)
{
        scoped(mem_freep) char *mounts = NULL;
        int k = file_read(AT_FDCWD, "/proc/self/mountinfo", MOUNTINFO_LIMIT, &mounts, NULL, e);

        if (k < 0)
                return k;
        k = recording_cgroup_mount(mounts, ret);
        if (k > 0)
                return err_say(e, 1,
                               "control groups of version 2 are not mounted here; observing needs "
                               "them");
        return k < 0 ? err_set(e, k, "cannot find the control groups") : 0;
}

static int note_probes(struct recording *r, const struct trial *t)
{
        int k = 0;

        for (size_t i = 0; k >= 0 && i < t->probe_count; i++) {
                const struct probe_result *p = &t->probes[i];

                if (p->baseline_ok)
                        k = strv_add(&r->probes, p->command);
                else if (p->said) /* else it was cancelled */
                        k = strv_addf(&r->notes, "the probe \"%s\" failed: %s", p->command,
                                      p->said);
        }
        return k;
}

/* A unit that says yes to the start and then is skipped, or does not stay up. */
static int why_not(struct rehearsal *h, const struct run *run, char **ret)
{
        const struct unit_state *s = &run->state;

        if (run->started && !s->condition && strcmp(s->active, "inactive") == 0)
                *ret = text_format(
                        "its condition %s is not met there, so systemd skipped the start%s",
                        s->failed_condition ? s->failed_condition : "(systemd does not say which)",
                        h->o->ignore_conditions ? ""
                                                : " (--ignore-conditions starts it all the same)");
        else if (strcmp(s->result, "exec-condition") == 0)
                *ret = strdup("its ExecCondition= says no there, so systemd did not start it");
        else if (!run->settled)
                *ret = text_format("it does not run there: %s",
                                   run->outcome ? run->outcome : "it failed");
        else
                return 0;
        return *ret ? 1 : -ENOMEM;
}

static int note_step(struct recording *r, const struct step *step, const char *what)
{
        if (!step->done || step->ok)
                return 0;
        return strv_addf(&r->notes, "its %s failed: %s", what, step->said ? step->said : "");
}

/* A trial does the same: what is only done then must have been seen. */
static int steps(struct recording *r, struct rehearsal *h, struct run *run, struct err *e)
{
        int k = 0;

        if (rehearsal_reloads(h, run)) {
                observer_phase(r->observer, SEEN_RELOAD);
                k = rehearsal_reload(h, run, e);
        }
        if (k >= 0)
                k = note_step(r, &run->reload, "reload");
        if (k < 0 || run->exited)
                return k;
        observer_phase(r->observer, SEEN_STARTUP);
        k = rehearsal_restart(h, run, e);
        return k < 0 ? k : note_step(r, &run->restart, "restart");
}

/* It is up: probes, the time that was asked for, reload, restart. */
static int work(struct recording *r, struct rehearsal *h, struct run *run, struct err *e)
{
        struct trial t = { 0 };
        int k;

        if (!run->exited)
                observer_phase(r->observer, SEEN_STEADY);
        k = probes_run(h, &t, true, MOMENT_UP, e);
        if (note_probes(r, &t) < 0) /* after a cancel, too */
                k = -ENOMEM;
        trial_done(&t);
        if (k >= 0 && !run->exited) {
                if (r->o->lasting)
                        job_progress(r->job, "watching", h->unit);
                k = recording_wait(r, r->o->lasting, e);
        }
        return k < 0 ? k : steps(r, h, run, e);
}

/* 1: it does not run there; *ret_why says so. */
static int rehearse_all(struct recording *r, struct rehearsal *h, char **ret_why, struct err *e)
{
        struct run run = { 0 };
        int k;

        observer_phase(r->observer, SEEN_STARTUP);
        job_progress(r->job, "starting it", h->unit);
        k = rehearse(h, NULL, &run, e);
        if (k < 0)
                return k;
        k = why_not(h, &run, ret_why);
        if (k == 0)
                k = work(r, h, &run, e);
        if (k >= 0) {
                int stopped;

                job_progress(r->job, "stopping", h->unit);
                observer_phase(r->observer, SEEN_STOP);
                stopped = rehearsal_stop(h, &run, &r->notes, e);
                k = stopped < 0 ? stopped : k;
        }
        run_done(&run);
        return k;
}

static int watch(struct recording *r, struct rehearsal *h, char **ret_why, struct err *e)
{
        scoped(mem_freep) char *prefix = NULL;
        struct observer_options where = { .stage = h->stage->ops->name,
                                          .root = h->stage->ops->root(h->stage) };
        int k = rehearsal_prepare(h, ret_why, &r->notes, e);

        if (k == 0)
                k = stage_group(h->stage, &prefix, e);
        where.prefix = prefix;
        if (k == 0)
                k = recording_open(r, &where, e);
        if (k == 0)
                k = rehearse_all(r, h, ret_why, e);
        return k;
}

/* What was seen although the rest went wrong: with the reason among the notes. */
static int conclude(struct recording *r, int k, const char *why, struct behaviour **ret,
                    struct err *e)
{
        scoped(behaviour_freep) struct behaviour *b = NULL;
        int taken;

        if (!r->observer)
                return k;
        if (k == 1 && why && strv_add(&r->notes, why) < 0)
                return -ENOMEM;
        taken = recording_take(r, &b, k == 0 ? e : NULL);
        if (taken < 0)
                return k == 0 ? taken : k;
        recording_tell(r);
        if (k == 1 && b->act_count)
                *ret = take(b);
        else if (k == 0 || (k == -ECANCELED && b->act_count)) {
                *ret = take(b);
                k = 0;
        }
        return k;
}

int record_stage(const struct recording_options *o, struct stage *stage, struct job *job,
                 struct behaviour **ret, struct err *e)
{
        scoped(recording_done) struct recording r = RECORDING_NONE;
        scoped(profile_freep) struct profile *p = NULL;
        scoped(behaviour_freep) struct behaviour *b = NULL;
        scoped(mem_freep) char *why = NULL;
        struct trial_options options = { .unit = o->unit,
                                         .dialect = o->dialect,
                                         .root = o->root,
                                         .ignore_conditions = o->ignore_conditions };
        struct rehearsal h = { .o = &options,
                               .stage = stage,
                               .job = job,
                               .manager = stage->ops->manager(stage),
                               .unit = o->unit->unit,
                               .settle = o->settle ? o->settle : SETTLE,
                               .probe_timeout = o->probe_timeout ? o->probe_timeout
                                                                 : PROBE_TIMEOUT };
        struct err own = { 0 };
        int k = profile_new(o->unit->unit, o->unit->scope, &p);

        r.o = o;
        r.job = job;
        if (k >= 0)
                k = strv_copy(o->probes, &p->probes);
        options.profile = p;
        if (k >= 0)
                k = watch(&r, &h, &why, &own);
        if (k == 1 && why)
                err_say(&own, 1, "%s cannot be observed in a %s: %s", o->unit->unit,
                        stage->ops->name, why);
        k = conclude(&r, k, why, &b, &own);
        rehearsal_undo(&h);
        if (k != 0 && e) {
                *e = own;
                if (!own.code)
                        err_set(e, k < 0 ? k : -EIO, "cannot observe %s", o->unit->unit);
        }
        *ret = take(b);
        return k;
}
