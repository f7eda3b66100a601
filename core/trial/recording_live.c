/* recording_live.c - watch a unit as it runs, or as others start, reload and stop it. */
#include "core/trial/recording_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/stage/live.h"
#include "core/trial/trial_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/syscall.h>
#include <time.h>

static const uint64_t SETTLE = 3000000, LOOK = 1000000;
enum { BYSTANDER_CALLS = 100000, BYSTANDER_ROUNDS = 5 };

struct live {
        struct recording *recording;
        struct manager *manager;
        struct phases phases;
        char *mount;           /* of the control groups */
        char *group;           /* the unit's folder there, that is watched for its end; or NULL */
        int inotify;           /* -1: ends are only seen by looking */
        struct job_watch *end; /* reads inotify */
        bool probed, paused, deaf;
        uint64_t turn; /* when the duty cycle's present part ends */
};

static void live_done(struct live *l)
{
        job_watch_free(l->end);
        fd_closep(&l->inotify);
        free(l->mount);
        free(l->group);
}

/* ---- its end ---- */

static bool has_processes(const struct live *l)
{
        scoped(mem_freep) char *path = text_format("%s/cgroup.events", l->group);
        scoped(stream_closep) FILE *file = path ? fopen(path, "re") : NULL;
        char line[64];

        while (file && fgets(line, sizeof(line), file))
                if (strcmp(line, "populated 1\n") == 0)
                        return true;
        return false;
}

/* When its last process is gone, what comes next is a start; systemd is only asked later. */
static int on_group(void *userdata)
{
        struct live *l = userdata;
        char events[4096];
        ssize_t n = read(l->inotify, events, sizeof(events));

        if (n < 0 && errno != EAGAIN && errno != EINTR)
                return -errno;
        if (l->group && !has_processes(l)) {
                free(l->group);
                l->group = NULL;
                l->phases.phase = SEEN_STARTUP;
                l->phases.since = job_now();
                observer_phase(l->recording->observer, SEEN_STARTUP);
        }
        return 0;
}

static int watch_group(struct live *l, const struct unit_state *s)
{
        scoped(mem_freep) char *folder = NULL, *path = NULL;

        if (l->group || l->inotify < 0 || !s->control_group || !*s->control_group)
                return 0;
        folder = text_format("%s%s", l->mount, s->control_group);
        path = folder ? text_format("%s/cgroup.events", folder) : NULL;
        if (!path)
                return -ENOMEM;
        if (inotify_add_watch(l->inotify, path, IN_MODIFY | IN_DELETE_SELF) < 0)
                return 0; /* it has just ended, or is not to be watched: then by looking */
        l->group = take(folder);
        return 0;
}

/* ---- its state ---- */

static int look(struct live *l, struct unit_state *s, struct err *e)
{
        struct recording *r = l->recording;
        struct err why = { 0 };
        int k = manager_state(l->manager, r->job, r->o->unit->unit, s, &why);

        if (k >= 0 || k == -ECANCELED || k == -ENOMEM) {
                if (k < 0)
                        *e = why;
                return k;
        }
        /* A manager that is being replaced, or a bus that went away, is no end of the watching. */
        if (!l->deaf)
                k = strv_addf(&r->notes,
                              "for a time systemd did not say how the unit is (%s), so starts and "
                              "stops were not told apart from steady work",
                              why.text);
        l->deaf = true;
        return k == -ENOMEM ? k : 1;
}

static int follow(struct live *l, struct err *e)
{
        scoped(unit_state_done) struct unit_state s = { 0 };
        enum act_seen before = l->phases.phase, now;
        int k = look(l, &s, e);

        if (k != 0)
                return k < 0 ? k : 0;
        now = recording_phase(&l->phases, &s, job_now());
        if (now != before)
                observer_phase(l->recording->observer, now);
        k = watch_group(l, &s);
        return k < 0 ? err_set(e, k, "cannot watch the control group") : 0;
}

/* ---- probes ---- */

static int run_probe(struct live *l, struct stage *stage, const char *probe, struct err *e)
{
        struct recording *r = l->recording;
        const struct probe_place where = { .stage = stage,
                                           .job = r->job,
                                           .manager = l->manager,
                                           .unit = r->o->unit->unit,
                                           .timeout = r->o->probe_timeout };
        scoped(mem_freep) char *said = NULL;
        bool ok = false;
        int k = probe_ask_twice(&where, probe, &ok, &said, e);

        if (k < 0)
                return k;
        if (ok)
                return strv_has(r->probes, probe) ? 0 : strv_add(&r->probes, probe);
        return strv_addf(&r->notes, "the probe \"%s\" failed: %s", probe, said);
}

/* Once, as soon as it has settled. */
static int run_probes(struct live *l, struct err *e)
{
        char *const *probes = l->recording->o->probes;
        scoped(stage_closep) struct stage *stage = NULL;
        int k = 0;

        if (l->probed || l->paused || l->phases.phase != SEEN_STEADY)
                return 0;
        l->probed = true;
        if (probes && *probes)
                k = live_open(l->manager, l->recording->job, &stage, e);
        for (; k >= 0 && probes && *probes; probes++)
                k = run_probe(l, stage, *probes, e);
        if (k >= 0 && l->recording->o->probes)
                job_progress(l->recording->job, "watching", l->recording->o->unit->unit);
        return k;
}

/* ---- time ---- */

/* Watches for .on, then has nothing attached for the rest of .every. */
static int take_turns(struct live *l, struct err *e)
{
        const struct recording_options *o = l->recording->o;
        int k;

        if (!o->on || o->on >= o->every || job_now() < l->turn)
                return 0;
        k = l->paused ? observer_resume(l->recording->observer, e)
                      : observer_pause(l->recording->observer, e);
        if (k != 0)
                return k < 0 ? k : -EIO;
        l->paused = !l->paused;
        l->turn = job_now() + (l->paused ? o->every - o->on : o->on);
        return 0;
}

static uint64_t next_look(const struct live *l)
{
        const struct recording_options *o = l->recording->o;
        uint64_t now = job_now(), wait = LOOK;

        if (o->on && l->turn > now && l->turn - now < wait)
                wait = l->turn - now;
        if (o->lasting) {
                uint64_t end = l->recording->began + o->lasting;

                wait = end <= now ? 1 : end - now < wait ? end - now : wait;
        }
        return wait;
}

static int watch(struct live *l, struct err *e)
{
        struct recording *r = l->recording;
        int k = 0;

        while (k >= 0) {
                k = follow(l, e);
                if (k >= 0)
                        k = run_probes(l, e);
                if (k >= 0)
                        k = take_turns(l, e);
                if (k >= 0)
                        k = recording_keep(r, e);
                if (r->o->lasting && job_now() - r->began >= r->o->lasting)
                        break;
                if (k >= 0)
                        k = job_pause(r->job, next_look(l));
        }
        return k;
}

/* ---- the bystander ---- */

/* What a call of a process that nobody watches takes: the least of some rounds. */
static double bystander(void)
{
        double best = 0;

        for (int round = 0; round < BYSTANDER_ROUNDS; round++) {
                struct timespec from, to;
                double ns;

                clock_gettime(CLOCK_MONOTONIC, &from);
                for (int i = 0; i < BYSTANDER_CALLS; i++)
                        (void)syscall(SYS_getppid);
                clock_gettime(CLOCK_MONOTONIC, &to);
                ns = ((double)(to.tv_sec - from.tv_sec) * 1e9 +
                      (double)(to.tv_nsec - from.tv_nsec)) /
                     BYSTANDER_CALLS;
                best = round == 0 || ns < best ? ns : best;
        }
        return best;
}

/* ---- all of it ---- */

static int note_duty(struct recording *r)
{
        const struct recording_options *o = r->o;

        if (!o->on || o->on >= o->every)
                return 0;
        return strv_addf(&r->notes, "it was watched for %.3g s in every %.3g s only",
                         (double)o->on / 1e6, (double)o->every / 1e6);
}

static int attach(struct live *l, struct err *e)
{
        struct recording *r = l->recording;
        scoped(unit_state_done) struct unit_state s = { 0 };
        scoped(mem_freep) char *group = NULL;
        struct observer_options where = { .stage = "live", .root = "" };
        int k = manager_state(l->manager, r->job, r->o->unit->unit, &s, e);

        if (k == 0)
                k = recording_cgroup(&l->mount, e);
        if (k != 0)
                return k;
        if (s.control_group && *s.control_group) {
                group = text_format("%s%s", l->mount, s.control_group);
                if (!group)
                        return -ENOMEM;
        }
        where.cgroup = group;
        if (r->o->ret_bare_ns)
                *r->o->ret_bare_ns = bystander();
        k = recording_open(r, &where, e);
        if (k == 0 && r->o->ret_watched_ns)
                *r->o->ret_watched_ns = bystander();
        if (k != 0)
                return k;
        job_progress(r->job, group ? "watching" : "waiting for its start", r->o->unit->unit);
        l->phases.phase = recording_phase(&l->phases, &s, job_now());
        observer_phase(r->observer, l->phases.phase);
        l->turn = r->began + r->o->on;
        l->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
        if (l->inotify >= 0)
                k = job_watch(r->job, l->inotify, on_group, l, &l->end);
        if (k >= 0)
                k = note_duty(r);
        return k < 0 ? err_set(e, k, "cannot watch %s", r->o->unit->unit) : 0;
}

static bool saw_nothing(const struct behaviour *b)
{
        for (size_t i = 0; i < b->session_count; i++)
                if (b->sessions[i].processes)
                        return false;
        return !b->act_count;
}

/* What was seen, also after a cancel.  1: the unit never ran. */
static int conclude(struct recording *r, int k, struct behaviour **ret, struct err *e)
{
        scoped(behaviour_freep) struct behaviour *b = NULL;
        int taken;

        if (!r->observer)
                return k;
        taken = recording_take(r, &b, k == 0 ? e : NULL);
        if (taken < 0)
                return k == 0 ? taken : k;
        recording_tell(r);
        if (saw_nothing(b))
                return k < 0 && k != -ECANCELED
                               ? k
                               : err_say(e, 1,
                                         "%s did not run while it was watched, so nothing "
                                         "was seen of it",
                                         r->o->unit->unit);
        *ret = take(b);
        return k == -ECANCELED ? 0 : k;
}

int record_live(const struct recording_options *o, struct manager *m, struct job *job,
                struct behaviour **ret, struct err *e)
{
        scoped(recording_done) struct recording r = RECORDING_NONE;
        scoped(live_done) struct live l = { .recording = &r, .manager = m, .inotify = -1 };
        scoped(behaviour_freep) struct behaviour *b = NULL;
        struct err own = { 0 };
        int k;

        r.o = o;
        r.job = job;
        l.phases.settle = o->settle ? o->settle : SETTLE;
        k = attach(&l, &own);
        if (k == 0)
                k = watch(&l, &own);
        k = conclude(&r, k, &b, &own);
        if (k != 0 && e) {
                *e = own;
                if (!own.code)
                        err_set(e, k < 0 ? k : -EIO, "cannot observe %s", o->unit->unit);
        }
        *ret = take(b);
        return k;
}
