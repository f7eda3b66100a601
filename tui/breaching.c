/* breaching.c - the intruder's view of a unit as a person asks for it. */
#include "tui/breaching.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/profile/store_breach.h"

#include <errno.h>
#include <string.h>

/* ---- kept ---- */

static int note_state(const struct context *c, const struct sandbox *s,
                      const struct breach_count *count, size_t tried, struct breach_kept *k)
{
        struct breach_state *state = &k->states[k->count++];

        state->allowed = (unsigned)count->allowed;
        state->tried = (unsigned)tried;
        state->chains = (unsigned)count->chains;
        return breach_mark(s, &c->dialect, state->mark);
}

/* Of what could not be started nothing is known. */
static int keep(struct context *c, const struct entering *n, const struct breach *b, struct err *e)
{
        struct breach_kept k = { 0 };
        int r = 0;

        if (!b->why_before)
                r = note_state(c, n->unit, &b->before, b->move_count, &k);
        if (r == 0 && b->changed && !b->why_after)
                r = note_state(c, n->after, &b->after, b->move_count, &k);
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
        r = breach_mark(s, &c->dialect, mark);
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
