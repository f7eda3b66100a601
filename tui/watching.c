/* watching.c - what a running unit is refused, as it comes.
 *
 * It is observed as it runs; about once a second all that was seen so far is asked for refusals,
 * and those that were not told yet are told. */
#include "tui/watching.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/trial/recording.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const uint64_t LOOK_EVERY = 1000000, LOOK_SELDOM = 4000000;
enum { SHARE = 20 }; /* of a processor: a look may cost one part in so many */

struct watching {
        struct context *c;
        const struct watching_options *o;
        const char *unit;
        struct sandbox *now; /* the unit as the manager had it when something was refused last */
        struct profile *profile; /* what it accepts; or NULL */
        char **told;             /* keys */
        uint64_t began;          /* realtime microseconds */
        uint64_t spent;          /* processor time, microseconds, until the look before */
        struct recording_options *recording;
        struct watched sum;
};

static void watching_done(struct watching *w)
{
        sandbox_free(w->now);
        profile_free(w->profile);
        strv_free(w->told);
}

/* ---- what is no matter for watching ---- */

static int check_place(const struct context *c, const char *unit, struct err *e)
{
        if (c->args->host || c->args->machine)
                return err_say(e, 1,
                               "watching works on the machine itself; log in there and run gird");
        if (c->args->user)
                return err_say(e, 1,
                               "a user manager's units can't be watched yet; only system units");
        if (c->args->root)
                return err_say(e, 1,
                               "below --root nothing runs that could be watched; `gird try` "
                               "starts it in a twin of that tree");
        if (geteuid() != 0)
                return err_say(e, 1,
                               "watching needs root, who alone may watch others' processes: sudo "
                               "gird watch %s",
                               unit);
        if (c->args->offline)
                return err_say(e, 1, "watching needs the manager; leave --offline out");
        if (!c->manager)
                return err_say(e, 1,
                               "no systemd runs here, so %s does not run; `gird try %s` tells what "
                               "it is refused in a twin",
                               unit, unit);
        return 0;
}

static int check(const struct context *c, const struct sandbox *s, struct err *e)
{
        int r = check_place(c, s->unit, e);

        if (r != 0)
                return r;
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
                return err_say(e, 1, "%s can't run, so there is nothing to watch: %s", s->unit,
                               s->load_note ? s->load_note : load_state_name(s->load));
        }
        if (!text_ends(s->unit, ".service"))
                return err_say(e, 1, "%s is not a service; only services are watched", s->unit);
        return 0;
}

/* ---- what was refused ---- */

/* Its directives may have changed since: that is when refusals begin.  Where the manager does not
 * answer, what it said before has to do. */
static void read_again(struct watching *w)
{
        struct sandbox *s = NULL;

        if (context_unit(w->c, w->unit, &s, NULL) < 0)
                return;
        sandbox_free(w->now);
        w->now = s;
}

static void tell(struct watching *w, struct denial *d)
{
        const char *reason = w->profile && d->key ? profile_accepts(w->profile, d->key) : NULL;

        if (reason && !d->accepted)
                d->accepted = strdup(reason); /* without memory for it, it counts */
        if (d->accepted)
                w->sum.accepted++;
        else if (d->directive < DIRECTIVE_COUNT)
                w->sum.refused++;
        else
                w->sum.unnamed++;
        w->o->denied(w->o->userdata, d, w->now);
}

static int by_time(const void *a, const void *b)
{
        const struct denial *one = a, *other = b;

        return one->after < other->after ? -1 : one->after > other->after;
}

static int tell_new(struct watching *w, struct denial *list, size_t count)
{
        size_t fresh = 0;
        int r = 0;

        /* Those that are new stand first, the others are let go of. */
        for (size_t i = 0; r >= 0 && i < count; i++) {
                struct denial d = list[i];

                if (!d.key || strv_has(w->told, d.key))
                        continue;
                r = strv_add(&w->told, d.key);
                list[i] = list[fresh];
                list[fresh++] = d;
        }
        if (r < 0 || fresh == 0)
                return r;
        read_again(w);
        qsort(list, fresh, sizeof(*list), by_time);
        r = denials_attribute(w->now, &w->c->dialect, list, fresh);
        for (size_t i = 0; r >= 0 && i < fresh; i++)
                tell(w, &list[i]);
        return r;
}

static int look(struct watching *w, const struct behaviour *b)
{
        struct denial *list = NULL;
        size_t count = 0;
        int r = denials_watched(b, w->began, &list, &count);

        if (r >= 0)
                r = tell_new(w, list, count);
        denials_free(list, count);
        return r;
}

/* ---- watched ---- */

static uint64_t clock_usec(clockid_t clock)
{
        struct timespec t = { 0 };

        clock_gettime(clock, &t);
        return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* All that was seen is gone through each time: where that is much, it is done less often. */
static void take_it_easy(struct watching *w)
{
        uint64_t now = clock_usec(CLOCK_PROCESS_CPUTIME_ID), apart = (now - w->spent) * SHARE;

        w->spent = now;
        w->recording->keep_every = apart < LOOK_EVERY    ? LOOK_EVERY
                                   : apart > LOOK_SELDOM ? LOOK_SELDOM
                                                         : apart;
}

static int on_keep(void *userdata, const struct behaviour *b, struct err *e)
{
        int r = look(userdata, b);

        take_it_easy(userdata);
        return r < 0 ? err_set(e, r, "cannot tell what was refused") : 0;
}

static void on_numbers(void *userdata, const struct observer_numbers *n, uint64_t lasted)
{
        struct watching *w = userdata;

        w->sum.lasted = lasted;
        w->sum.calls = n->calls;
        w->sum.lost = n->lost;
        if (w->o->tick)
                w->o->tick(w->o->userdata, lasted, n->calls);
}

static int prepare(struct watching *w, struct err *e)
{
        struct err why = { 0 };
        int r = context_unit(w->c, w->unit, &w->now, e);

        if (r < 0)
                return r;
        w->began = clock_usec(CLOCK_REALTIME);
        w->spent = clock_usec(CLOCK_PROCESS_CPUTIME_ID);
        r = store_get_profile(&w->c->store, w->unit, &w->c->dialect, &w->profile, &why);
        if (r == -ENOMEM)
                return err_set(e, r, "cannot watch %s", w->unit);
        if (r < 0) /* which is no reason not to watch */
                job_progress(&w->c->job, "what its profile accepts is not known", why.text);
        return 0;
}

int watching_run(struct context *c, const struct sandbox *s, const struct watching_options *o,
                 struct watched *ret, struct err *e)
{
        scoped(watching_done) struct watching w = { .c = c, .o = o, .unit = s->unit };
        scoped(behaviour_freep) struct behaviour *b = NULL;
        struct recording_options options = { .unit = s,
                                             .dialect = &c->dialect,
                                             .lasting = o->lasting,
                                             .numbers = on_numbers,
                                             .keep = on_keep,
                                             .keep_every = LOOK_EVERY,
                                             .userdata = &w };
        int r = check(c, s, e);

        *ret = (struct watched){ 0 };
        w.recording = &options;
        if (r == 0)
                r = observer_possible(e);
        if (r == 0)
                r = prepare(&w, e);
        if (r == 0)
                r = record_live(&options, c->manager, &c->job, &b, e);
        if (r == 0 && look(&w, b) < 0) /* what came in the last second */
                r = err_set(e, -ENOMEM, "cannot tell what was refused");
        if (r == 0)
                *ret = w.sum;
        return r;
}
