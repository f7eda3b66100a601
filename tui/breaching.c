/* breaching.c - the intruder's view of a unit as a person asks for it. */
#include "tui/breaching.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/profile/store_breach.h"

#include <errno.h>
#include <string.h>

/* ---- kept ---- */

/* The same for a unit that its manager told of and for one that was read from its files. */
static int mark_of(const struct context *c, const struct sandbox *s, char ret[17])
{
        scoped(sandbox_freep) struct sandbox *copy = NULL;
        int r = sandbox_copy(s, &copy);

        if (r < 0)
                return r;
        sandbox_as_reported(copy, &c->dialect);
        r = sandbox_imply(copy, &c->dialect);
        return r < 0 ? r : breach_mark(copy, &c->dialect, ret);
}

static int note_state(const struct context *c, const struct sandbox *s,
                      const struct breach_count *count, size_t tried, struct breach_kept *k)
{
        struct breach_state *state = &k->states[k->count++];

        state->allowed = (unsigned)count->allowed;
        state->tried = (unsigned)tried;
        state->chains = (unsigned)count->chains;
        return mark_of(c, s, state->mark);
}

/* The list reads units from their files where it can, so that is what is marked. */
static int read_files(struct context *c, const struct entering *n, struct sandbox **ret)
{
        struct sandbox *s = NULL;
        int r;

        if (c->args->host || c->args->machine || strchr(n->unit->unit, '/'))
                return sandbox_copy(n->unit, ret);
        r = unit_read(&c->root, n->unit->unit, &c->dialect, &s, NULL);
        if (r < 0 || s->load != LOAD_LOADED) {
                sandbox_free(s);
                return r == -ENOMEM ? r : sandbox_copy(n->unit, ret);
        }
        *ret = s;
        return 0;
}

/* Of what could not be started nothing is known. */
static int note_states(struct context *c, const struct entering *n, const struct breach *b,
                       struct breach_kept *k)
{
        scoped(sandbox_freep) struct sandbox *now = NULL;
        scoped(sandbox_freep) struct sandbox *then = NULL;
        int r = read_files(c, n, &now);

        if (r == 0 && !b->why_before)
                r = note_state(c, now, &b->before, b->move_count, k);
        if (r < 0 || !b->changed || b->why_after)
                return r;
        r = profile_apply(n->profile, now, &c->dialect, &then);
        return r < 0 ? r : note_state(c, then, &b->after, b->move_count, k);
}

static int keep(struct context *c, const struct entering *n, const struct breach *b, struct err *e)
{
        struct breach_kept k = { 0 };
        int r = note_states(c, n, b, &k);

        if (r < 0)
                return err_set(e, r, "cannot keep the result for %s", n->unit->unit);
        return k.count ? store_put_breach(&c->store, n->unit->unit, &k, e) : 0;
}

int breaching_kept(struct context *c, const struct sandbox *s, unsigned *ret_allowed,
                   unsigned *ret_chains, struct err *e)
{
        struct breach_kept k = { 0 };
        const struct breach_state *state;
        char mark[17];
        int r = store_get_breach(&c->store, s->unit, &k, e);

        if (r != 0)
                return r;
        r = mark_of(c, s, mark);
        if (r < 0)
                return err_set(e, r, "cannot compare what was kept for %s", s->unit);
        state = breach_kept_find(&k, mark);
        if (!state)
                return 1;
        *ret_allowed = state->allowed;
        *ret_chains = state->chains;
        return 0;
}

/* ---- tried ---- */

int breaching_run(struct context *c, struct entering *n, struct breach *ret, struct err *e)
{
        struct inside_options o;
        int r = n->stage ? 0 : entering_stage(c, n, "breach", e);

        if (r != 0)
                return r;
        entering_options(c, n, n->profile != NULL, &o);
        r = breach_run(&o, n->after, n->stage, &c->job, ret, e);
        if (r < 0)
                return r;
        r = keep(c, n, ret, e);
        if (r < 0)
                breach_done(ret);
        return r;
}

static int take_draft(struct context *c, const struct draft *d, struct entering *n, struct err *e)
{
        int r = sandbox_copy(d->now, &n->unit);

        if (r < 0)
                return r;
        r = attempt_dropin_path(c, d->now->unit, &n->dropin, e);
        if (r < 0)
                return r;
        n->words = strdup(d->profile->change_count ? "with the changes" : "as it stands");
        if (!n->words)
                return -ENOMEM;
        if (d->profile->change_count == 0)
                return 0;
        r = attempt_complete(c, d->profile, &n->profile, e);
        return r < 0 ? r : profile_apply(n->profile, n->unit, &c->dialect, &n->after);
}

int breaching_open(struct context *c, const struct draft *d, struct entering *ret, struct err *e)
{
        int r;

        *ret = (struct entering){ 0 };
        r = take_draft(c, d, ret, e);
        if (r >= 0)
                return 0;
        entering_done(ret);
        return e->code ? r : err_set(e, r, "cannot take the changes of %s", d->now->unit);
}

/* ---- words ---- */

const char *breaching_topic(enum move_topic topic)
{
        return move_topic_name(topic);
}

char *breaching_answer(const struct breach_answer *a)
{
        const char *rule = a->computed ? " (by rule: a twin can't tell)" : "";

        switch (a->result) {
        case BREACH_ALLOWED:
                return text_format("allowed%s", rule);
        case BREACH_REFUSED:
                return a->by ? text_format("refused by %s%s", a->by, rule)
                             : text_format("refused with %s", a->answer);
        case BREACH_ABSENT:
                return strdup("nothing here to try it on");
        case BREACH_UNKNOWN:
                break;
        }
        return strdup("not known: the twin refuses it to everyone");
}

char *breaching_closer(const char *closer)
{
        scoped(strv_freep) char **lines = NULL;

        if (strv_split(closer, "\n", &lines) < 0)
                return NULL;
        return strv_join(lines, " and ");
}
