/* witness.c - the unit's processes, watched while it is rehearsed: one observer per start. */
#include "core/trial/recording_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/trial/trial_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct witness {
        struct job *job;
        struct observer *observer;
        char *unit;
        char *prefix; /* the stage's control group; NULL: live */
        char *group;  /* the unit's, where it runs already; live only */
        char **privileged, **notes;
};

void witness_free(struct witness *w)
{
        if (!w)
                return;
        observer_close(w->observer);
        strv_free(w->privileged);
        strv_free(w->notes);
        free(w->prefix);
        free(w->group);
        free(w->unit);
        free(w);
}

static bool is_live(const struct stage *stage)
{
        return strcmp(stage->ops->name, "live") == 0;
}

/* On this machine's own manager nothing but the unit's own folder is below a prefix. */
static int find_groups(struct witness *w, struct rehearsal *r, struct err *e)
{
        struct unit_state state = { 0 };
        int k;

        if (!is_live(r->stage))
                return stage_group(r->stage, &w->prefix, e);
        k = manager_state(r->manager, r->job, r->unit, &state, e);
        if (k < 0)
                return k;
        if (state.control_group && *state.control_group) {
                w->group = strdup(state.control_group);
                if (!w->group)
                        k = err_set(e, -ENOMEM, "cannot watch %s", r->unit);
        }
        unit_state_done(&state);
        return k < 0 ? k : 0;
}

static int watch(struct witness *w, struct rehearsal *r, struct err *e)
{
        const struct sandbox *unit = r->o->unit;
        struct observer_options o = { .unit = r->unit,
                                      .stage = r->stage->ops->name,
                                      .root = r->stage->ops->root(r->stage) };
        int k = observer_possible(e);

        if (k != 0)
                return k;
        k = find_groups(w, r, e);
        if (k != 0)
                return k;
        k = recording_privileged(unit, &w->privileged, &w->notes);
        if (k < 0)
                return err_set(e, k, "cannot watch %s", r->unit);
        w->unit = strdup(r->unit);
        if (!w->unit)
                return err_set(e, -ENOMEM, "cannot watch %s", r->unit);
        o.prefix = w->prefix;
        o.cgroup = w->group;
        o.privileged = w->privileged;
        k = observer_open(&o, r->job, &w->observer, e);
        if (k == 0)
                observer_phase(w->observer, SEEN_STARTUP);
        return k;
}

int witness_open(struct rehearsal *r, struct witness **ret, struct err *e)
{
        scoped(witness_freep) struct witness *w = calloc(1, sizeof(*w));
        int k;

        if (!w)
                return err_set(e, -ENOMEM, "cannot watch %s", r->unit);
        w->job = r->job;
        k = watch(w, r, e);
        if (k != 0)
                return k;
        *ret = take(w);
        return 0;
}

void witness_phase(struct witness *w, enum act_seen phase)
{
        if (w)
                observer_phase(w->observer, phase);
}

static int add_notes(const struct witness *w, struct behaviour *b)
{
        int k = 0;

        for (size_t i = 0; k >= 0 && i < b->session_count; i++)
                for (char *const *note = w->notes; k >= 0 && note && *note; note++)
                        if (!strv_has(b->sessions[i].notes, *note))
                                k = strv_add(&b->sessions[i].notes, *note);
        return k;
}

int witness_take(struct witness *w, struct behaviour **ret, struct err *e)
{
        scoped(behaviour_freep) struct behaviour *b = NULL;
        bool cancelled = w->job->cancelled;
        int k;

        w->job->cancelled = false; /* what was seen is wanted all the same */
        k = observer_behaviour(w->observer, &b, e);
        w->job->cancelled |= cancelled;
        observer_close(take(w->observer));
        if (k < 0)
                return k;
        k = add_notes(w, b);
        if (k < 0)
                return err_set(e, k, "cannot keep what was seen of %s", w->unit);
        *ret = take(b);
        return 0;
}
