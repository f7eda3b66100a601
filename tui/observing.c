/* observing.c - an observation as a person asks for it. */
#include "tui/observing_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/stage/twin.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static const uint64_t KEEP_EVERY = 120000000, LOCK_PATIENCE = 15000000, LOCK_RETRY = 200000;

/* ---- what is no matter for an observation ---- */

static int check_unit(const struct sandbox *s, struct err *e)
{
        switch (s->load) {
        case LOAD_LOADED:
                break;
        case LOAD_TEMPLATE:
                return err_say(e, 1, "%s is a template; name an instance, such as %.*s@one.service",
                               s->unit, (int)strcspn(s->unit, "@"), s->unit);
        case LOAD_NOT_FOUND:
        case LOAD_MASKED:
        case LOAD_BAD_SETTING:
        case LOAD_ERROR:
                return err_say(e, 1, "%s can't be started, so there is nothing to observe: %s",
                               s->unit, s->load_note ? s->load_note : load_state_name(s->load));
        }
        if (!text_ends(s->unit, ".service"))
                return err_say(e, 1, "%s is not a service; only services are observed", s->unit);
        return 0;
}

int observing_check(const struct context *c, const struct sandbox *s, bool live, struct err *e)
{
        if (c->args->host || c->args->machine)
                return err_say(e, 1,
                               "observing works on the machine itself; log in there and run gird");
        if (c->args->user && (live || c->args->root))
                return err_say(
                        e, 1,
                        "a user's units are observed in a twin of this machine only, without "
                        "%s",
                        live ? "--live" : "--root");
        if (live && c->args->root)
                return err_say(e, 1,
                               "below --root nothing runs that could be observed live; without "
                               "--live a twin of that tree is");
        if (geteuid() != 0)
                return err_say(e, 1,
                               "observing needs root, who alone may watch others' processes: sudo "
                               "gird observe %s",
                               s->unit);
        if (live && !c->manager)
                return err_say(e, 1,
                               "no systemd runs here, so %s does not run live; without --live it "
                               "is started in a twin",
                               s->unit);
        return check_unit(s, e);
}

/* ---- the observation ---- */

struct work {
        struct context *c;
        const struct observing_options *o;
        struct observing *ret;
        const struct store *aside;
};

static void on_numbers(void *userdata, const struct observer_numbers *n, uint64_t lasted)
{
        struct work *w = userdata;

        w->ret->numbers = *n;
        if (w->o->numbers)
                w->o->numbers(w->o->userdata, n, lasted);
}

static int on_keep(void *userdata, const struct behaviour *b, struct err *e)
{
        struct work *w = userdata;

        return behaviour_put(w->aside->state, b, e);
}

static int record(struct work *w, const struct sandbox *s, struct behaviour **ret, struct err *e)
{
        struct context *c = w->c;
        struct twin_options twin = { .root = c->args->root,
                                     .for_user = c->args->user,
                                     .uid = context_user() };
        scoped(stage_closep) struct stage *stage = NULL;
        struct recording_options options = { .unit = s,
                                             .dialect = &c->dialect,
                                             .probes = w->o->probes,
                                             .root = c->args->root,
                                             .lasting = w->o->lasting,
                                             .settle = w->o->settle,
                                             .on = w->o->on,
                                             .every = w->o->every,
                                             .ignore_conditions = w->o->ignore_conditions,
                                             .numbers = on_numbers,
                                             .keep = on_keep,
                                             .keep_every = KEEP_EVERY,
                                             .userdata = w,
                                             .ret_bare_ns = &w->ret->bare_ns,
                                             .ret_watched_ns = &w->ret->watched_ns };
        int r;

        if (w->o->live)
                return record_live(&options, c->manager, &c->job, ret, e);
        job_progress(&c->job, "starting a twin of the machine", NULL);
        r = twin_open(&twin, &c->job, &stage, e);
        return r != 0 ? r : record_stage(&options, stage, &c->job, ret, e);
}

/* The unit's lock, once others have done with it: also after a cancel, so within bounds. */
static int lock_patiently(struct context *c, const char *unit, int *ret, struct err *e)
{
        struct job last = { .event = c->job.event };
        uint64_t end = job_now() + LOCK_PATIENCE;
        int r = store_lock(&c->store, unit, ret, e);

        while (r > 0 && job_now() < end) {
                r = job_pause(&last, LOCK_RETRY);
                if (r >= 0)
                        r = store_lock(&c->store, unit, ret, e);
        }
        return r;
}

/* First aside, so that nothing is lost should the unit be locked for long. */
static int keep(struct context *c, const struct store *aside, const struct behaviour *b,
                struct observing *ret, struct err *e)
{
        scoped(behaviour_freep) struct behaviour *before = NULL;
        scoped(fd_closep) int lock = -1;
        int r = behaviour_put(aside->state, b, e);

        if (r < 0)
                return r;
        r = lock_patiently(c, b->unit, &lock, e);
        if (r > 0) {
                ret->aside = strdup(e->text);
                *e = (struct err){ 0 };
                return ret->aside ? 0 : -ENOMEM;
        }
        if (r == 0)
                r = behaviour_get(c->store.state, b->unit, &before, e);
        if (r < 0)
                return r;
        ret->known = before ? before->act_count : 0;
        return observing_join(c, aside, b->unit, &ret->anew, e);
}

/* Locks the observation itself, and tidies up after earlier ones. */
static int begin(struct context *c, struct store *aside, const char *unit, int *ret_lock,
                 struct err *e)
{
        scoped(fd_closep) int lock = -1;
        scoped(fd_closep) int own = -1;
        struct err why = { 0 };
        int r = store_lock(&c->store, unit, &lock, e);

        if (r == 0)
                r = observing_join_leftovers(c, unit, e);
        if (r != 0)
                return r;
        r = store_lock(aside, unit, &own, &why);
        if (r > 0)
                return err_say(e, 1,
                               "%s is being observed already (%s); `gird observe %s --show` tells "
                               "what was seen so far",
                               unit, why.text, unit);
        if (r < 0) {
                *e = why;
                return r;
        }
        *ret_lock = take_fd(own);
        return 0;
}

int observing_run(struct context *c, const struct sandbox *s, const struct observing_options *o,
                  struct observing *ret, struct err *e)
{
        scoped(behaviour_freep) struct behaviour *b = NULL;
        scoped(observing_done) struct observing made = { 0 };
        scoped(store_done) struct store aside = { 0 };
        scoped(fd_closep) int lock = -1;
        struct work w = { c, o, &made, &aside };
        struct err kept = { 0 };
        int r = observing_check(c, s, o->live, e), k = 0;

        if (r == 0)
                r = observer_possible(e);
        if (r != 0)
                return r;
        r = observing_aside(c, o->live ? "live" : "twin", &aside);
        if (r < 0)
                return err_set(e, r, "cannot keep what is observed");
        r = begin(c, &aside, s->unit, &lock, e);
        if (r == 0)
                r = record(&w, s, &b, e);
        if (b) /* also of a start that failed */
                k = keep(c, &aside, b, &made, &kept);
        if (r == 0 && k < 0)
                *e = kept;
        if (r == 1 && b && k == 0)
                err_say(e, 1, "%s; what was seen until then is kept", e->text);
        if (r != 0 || k < 0)
                return r != 0 ? r : k;
        r = observing_get(c, s->unit, &made.behaviour, NULL, e);
        if (r != 0)
                return r < 0 ? r : -ENODATA;
        *ret = made;
        made = (struct observing){ 0 };
        return 0;
}

void observing_done(struct observing *o)
{
        behaviour_free(o->behaviour);
        free(o->aside);
        *o = (struct observing){ 0 };
}
