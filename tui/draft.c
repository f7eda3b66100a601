/* draft.c - a unit with changes under way. */
#include "tui/draft.h"

#include "core/base/base.h"
#include "core/base/mem.h"

#include <errno.h>
#include <stdlib.h>

/* Works out then and after anew. */
static int recompute(struct draft *d, struct err *e)
{
        struct sandbox *then = NULL;
        int r = profile_apply(d->profile, d->now, d->dialect, &then);

        if (r < 0)
                return err_set(e, r, "cannot apply the changes to %s", d->now->unit);
        sandbox_free(d->then);
        d->then = then;
        d->scored = score_sandbox(d->now, d->dialect, d->mode, &d->before) == 0 &&
                    score_sandbox(d->then, d->dialect, d->mode, &d->after) == 0;
        return 0;
}

int draft_open(struct draft *d, struct sandbox *s, struct profile *p, const struct dialect *dialect,
               enum score_mode mode, struct err *e)
{
        int r = 0;

        *d = (struct draft){
                .now = s, .profile = p, .dialect = dialect, .mode = mode, .saved = true
        };
        if (!p)
                r = profile_new(s->unit, s->scope, &d->profile);
        if (r < 0)
                err_set(e, r, "cannot open %s", s->unit);
        else
                r = recompute(d, e);
        if (r < 0)
                draft_done(d);
        return r;
}

static void forget(struct draft *d, size_t from)
{
        for (size_t i = from; i < d->past_count; i++)
                profile_free(d->past[i]);
        d->past_count = from;
}

void draft_done(struct draft *d)
{
        sandbox_free(d->now);
        sandbox_free(d->then);
        profile_free(d->profile);
        forget(d, 0);
        free(d->past);
        *d = (struct draft){ 0 };
}

const struct setting *draft_setting(const struct draft *d, enum directive_id id)
{
        return &d->then->settings[id];
}

bool draft_changed(const struct draft *d, enum directive_id id)
{
        return profile_find(d->profile, id) != NULL;
}

/* Keeps the present state for undo; what could be redone is gone. */
static int remember(struct draft *d)
{
        struct profile *copy = NULL;
        struct profile **longer;
        int r = profile_copy(d->profile, &copy);

        if (r < 0)
                return r;
        forget(d, d->past_at);
        longer = realloc(d->past, (d->past_count + 1) * sizeof(struct profile *));
        if (!longer) {
                profile_free(copy);
                return -ENOMEM;
        }
        d->past = longer;
        d->past[d->past_count++] = copy;
        d->past_at = d->past_count;
        d->saved = false;
        return 0;
}

int draft_set(struct draft *d, enum directive_id id, struct value *v, struct err *e)
{
        const struct value *now = &d->now->settings[id].value;
        int r = remember(d);

        /* "no" where nothing is set and no is the default is no change either. */
        if (r >= 0 &&
            (value_equal(v, now) ||
             (!now->set && value_compare(v, now, directive_at(id), d->dialect) == VALUE_SAME))) {
                profile_unset(d->profile, id);
                value_done(v);
        } else if (r >= 0)
                r = profile_set(d->profile, id, v, REASON_HAND, NULL);
        if (r < 0)
                return err_set(e, r, "cannot set %s", directive_at(id)->name);
        return recompute(d, e);
}

int draft_set_lines(struct draft *d, enum directive_id id, char *const *lines, struct err *e)
{
        scoped(value_done) struct value v = { 0 };
        const struct directive *row = directive_at(id);

        for (; lines && *lines; lines++) {
                struct err note = { 0 };
                int r = value_assign(&v, row, d->dialect, *lines, &note);

                if (r < 0)
                        return err_set(e, r, "cannot set %s", row->name);
                if (r != ASSIGN_TAKEN || note.text[0])
                        return err_say(e, -EINVAL, "%s=%s: %s", row->name, *lines,
                                       note.text[0] ? note.text : "systemd would ignore this");
        }
        return draft_set(d, id, &v, e);
}

int draft_step(struct draft *d, enum directive_id id, int direction, struct err *e)
{
        scoped(value_done) struct value next = { 0 };
        const struct directive *row = directive_at(id);
        const struct value *now = &draft_setting(d, id)->value;
        int r = value_step(now, row, d->dialect, direction ? direction : 1, &next);

        if (r > 0 && direction == 0) { /* past the strictest: round to the loosest */
                scoped(value_done) struct value looser = { 0 };

                r = value_copy(now, &looser);
                while (r == 0) {
                        value_done(&next);
                        next = looser;
                        looser = (struct value){ 0 };
                        r = value_step(&next, row, d->dialect, -1, &looser);
                }
                if (r > 0)
                        r = value_equal(&next, now) ? 1 : 0;
        }
        if (r != 0)
                return r < 0 ? err_set(e, r, "cannot step %s", row->name) : 1;
        return draft_set(d, id, &next, e);
}

int draft_reset(struct draft *d, enum directive_id id, struct err *e)
{
        int r;

        if (!draft_changed(d, id))
                return 1;
        r = remember(d);
        if (r < 0)
                return err_set(e, r, "cannot undo");
        profile_unset(d->profile, id);
        return recompute(d, e);
}

static bool same_changes(const struct profile *a, const struct profile *b)
{
        if (a->change_count != b->change_count)
                return false;
        for (size_t i = 0; i < a->change_count; i++)
                if (a->changes[i].directive != b->changes[i].directive ||
                    !value_equal(&a->changes[i].value, &b->changes[i].value))
                        return false;
        return true;
}

int draft_take(struct draft *d, const struct advices *a, size_t *ret_count, struct err *e)
{
        scoped(profile_freep) struct profile *more = NULL;
        size_t count = 0;
        int r = profile_copy(d->profile, &more);

        if (r >= 0)
                r = advices_take(a, more, NULL, &count);
        if (r >= 0 && same_changes(d->profile, more))
                return 1;
        if (r >= 0)
                r = remember(d);
        if (r < 0)
                return err_set(e, r, "cannot take over what is safe");
        profile_free(d->profile);
        d->profile = take(more);
        *ret_count = count;
        return recompute(d, e);
}

int draft_load(struct draft *d, const struct profile *p, struct err *e)
{
        scoped(profile_freep) struct profile *copy = NULL;
        int r = profile_copy(p, &copy);

        if (r >= 0)
                r = remember(d);
        if (r < 0)
                return err_set(e, r, "cannot take the changes over");
        profile_free(d->profile);
        d->profile = take(copy);
        return recompute(d, e);
}

int draft_accept(struct draft *d, const char *what, const char *reason, struct err *e)
{
        int r = remember(d);

        if (r >= 0)
                r = profile_accept(d->profile, what, reason);
        return r < 0 ? err_set(e, r, "cannot accept %s", what) : 0;
}

/* Swaps the profile with the one at place i of the past. */
static int swap(struct draft *d, size_t i, struct err *e)
{
        struct profile *other = d->past[i];

        d->past[i] = d->profile;
        d->profile = other;
        d->saved = false;
        return recompute(d, e);
}

int draft_undo(struct draft *d, struct err *e)
{
        if (d->past_at == 0)
                return 1;
        d->past_at--;
        return swap(d, d->past_at, e);
}

int draft_redo(struct draft *d, struct err *e)
{
        if (d->past_at >= d->past_count)
                return 1;
        d->past_at++;
        return swap(d, d->past_at - 1, e);
}

int draft_what_if(const struct draft *d, enum directive_id id, const struct value *v,
                  unsigned *ret_exposure)
{
        scoped(profile_freep) struct profile *p = NULL;
        scoped(sandbox_freep) struct sandbox *then = NULL;
        scoped(value_done) struct value copy = { 0 };
        struct score score;
        int r = profile_copy(d->profile, &p);

        if (r >= 0)
                r = value_copy(v, &copy);
        if (r >= 0)
                r = profile_set(p, id, &copy, REASON_HAND, NULL);
        if (r >= 0)
                r = profile_apply(p, d->now, d->dialect, &then);
        if (r < 0)
                return r;
        if (score_sandbox(then, d->dialect, d->mode, &score) != 0)
                return -ENODATA;
        *ret_exposure = score.exposure;
        return 0;
}

unsigned draft_share(const struct draft *d, enum directive_id id)
{
        unsigned sum = 0;

        for (size_t i = 0; d->scored && i < d->after.count; i++)
                if (d->after.rows[i].directive == id && d->after.rows[i].applicable)
                        sum += d->after.rows[i].exposure;
        return sum;
}
