/* search_grow.c - from what holds to the most that holds: by what outcomes name, else by halving.
 *
 * What holds only grows, and a set that failed fails with more in it, so what was refused once at
 * its turn stays refused: nothing that is left out in the end could be put in again alone. */
#include "core/trial/search_private.h"

#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { HINTS_MOST = 12 };

/* What is being put together: items of the search, or members of one item's value. */
struct field {
        struct engine *en;
        size_t item;           /* of the members */
        struct pieces *pieces; /* NULL: the atoms are items */
        bool *taken;           /* members that are in */
        bool heeding;          /* follow what outcomes name */
        bool shallow;          /* leave for later what can't be had as a whole */
};

static int grow(struct field *f, size_t *atoms, size_t count, const struct outcome *o,
                struct err *e);
static int settle_item(struct engine *en, size_t i, const struct outcome *o, struct err *e);

/* ---- sets of atoms ---- */

static int value_with(const struct field *f, const size_t *atoms, size_t count, struct value *ret)
{
        scoped(mem_freep) bool *taken = calloc(f->pieces->count, sizeof(*taken));

        if (!taken)
                return -ENOMEM;
        memcpy(taken, f->taken, f->pieces->count * sizeof(*taken));
        for (size_t i = 0; i < count; i++)
                taken[atoms[i]] = true;
        return pieces_value(f->pieces, taken, ret);
}

static int profile_with(const struct field *f, const size_t *atoms, size_t count,
                        struct profile **ret)
{
        scoped(value_done) struct value v = { 0 };
        struct swap swap = { f->item, &v };
        int r;

        if (!f->pieces)
                return set_profile(f->en, atoms, count, NULL, ret);
        r = value_with(f, atoms, count, &v);
        return r < 0 ? r : set_profile(f->en, NULL, 0, &swap, ret);
}

static int take_items(struct engine *en, const size_t *atoms, size_t count)
{
        for (size_t i = 0; i < count; i++) {
                struct item *it = &en->items[atoms[i]];
                bool again = it->in || it->aside;
                int r = 0;

                if (again) {
                        value_done(&it->aim);
                        it->aim = (struct value){ 0 };
                        r = value_copy(&it->wish, &it->aim);
                }
                if (r < 0)
                        return r;
                it->in = true;
                it->aside = false;
                it->doubtful = it->doubtful && !again;
                if (again)
                        tell(en, SEARCH_KEPT, it, "tried again alone, it holds after all");
        }
        return 0;
}

static int take_pieces(struct field *f, const size_t *atoms, size_t count)
{
        struct item *it = &f->en->items[f->item];
        struct value v = { 0 };
        int r;

        for (size_t i = 0; i < count; i++)
                f->taken[atoms[i]] = true;
        r = pieces_value(f->pieces, f->taken, &v);
        if (r < 0)
                return r;
        value_done(&it->aim);
        it->aim = v;
        it->in = it->coarse = true;
        it->aside = false;
        return 0;
}

/* These hold besides what held before. */
static int accept(struct field *f, const size_t *atoms, size_t count, const struct outcome *o)
{
        int r = f->pieces ? take_pieces(f, atoms, count) : take_items(f->en, atoms, count);

        return r < 0 ? r : engine_take(f->en, o);
}

static int ask_one(const struct field *f, const size_t *atoms, size_t count, const char *why,
                   const struct outcome **ret, struct err *e)
{
        scoped(profile_freep) struct profile *p = NULL;
        int r = profile_with(f, atoms, count, &p);

        return r < 0 ? r : engine_ask(f->en, &p, 1, why, ret, e);
}

/* ---- halving ---- */

struct part {
        size_t *atoms;
        size_t count;
        const struct outcome *outcome;
        bool in;
};

static void parts_cut(struct part *parts, size_t n, size_t *atoms, size_t count)
{
        size_t at = 0;

        for (size_t i = 0; i < n; i++) {
                size_t length = count / n + (i < count % n);

                parts[i] = (struct part){ .atoms = atoms + at, .count = length };
                at += length;
        }
}

static int parts_ask(const struct field *f, struct part *parts, size_t n, const char *why,
                     struct err *e)
{
        scoped(mem_freep) const struct outcome **outcomes = calloc(n, sizeof(struct outcome *));
        struct profile **sets = calloc(n, sizeof(struct profile *));
        int r = outcomes && sets ? 0 : -ENOMEM;

        for (size_t i = 0; r == 0 && i < n; i++)
                r = profile_with(f, parts[i].atoms, parts[i].count, &sets[i]);
        if (r == 0)
                r = engine_ask(f->en, sets, n, why, outcomes, e);
        for (size_t i = 0; sets && i < n; i++) {
                if (outcomes)
                        parts[i].outcome = outcomes[i];
                profile_free(sets[i]);
        }
        free(sets);
        return r;
}

static bool passes(const struct field *f, const struct part *p)
{
        return p->outcome && outcome_passes(p->outcome, f->en->o->accept_bent);
}

/* The parts that hold each alone: together where they can, else the first of them. */
static int take_parts(struct field *f, struct part *parts, size_t n, size_t count, struct err *e)
{
        scoped(mem_freep) size_t *all = calloc(count, sizeof(*all));
        const struct outcome *o = NULL;
        size_t together = 0, holding = 0, first = n;
        int r = all ? 0 : -ENOMEM;

        for (size_t i = 0; r == 0 && i < n; i++) {
                if (!passes(f, &parts[i]))
                        continue;
                memcpy(all + together, parts[i].atoms, parts[i].count * sizeof(*all));
                together += parts[i].count;
                holding++;
                if (first == n)
                        first = i;
        }
        if (r < 0 || holding == 0)
                return r;
        if (holding > 1) {
                r = ask_one(f, all, together, "what holds in parts, together", &o, e);
                if (r != 0)
                        return r;
                if (outcome_passes(o, f->en->o->accept_bent)) {
                        for (size_t i = 0; i < n; i++)
                                parts[i].in = passes(f, &parts[i]);
                        return accept(f, all, together, o);
                }
        }
        parts[first].in = true;
        return accept(f, parts[first].atoms, parts[first].count, parts[first].outcome);
}

/* Each part goes its own way, on top of what holds by then. */
static int split(struct field *f, size_t *atoms, size_t count, size_t n, const char *why,
                 struct err *e)
{
        scoped(mem_freep) struct part *parts = calloc(n, sizeof(*parts));
        int r;

        if (!parts)
                return -ENOMEM;
        parts_cut(parts, n, atoms, count);
        r = parts_ask(f, parts, n, why, e);
        if (r == 0)
                r = take_parts(f, parts, n, count, e);
        for (size_t i = 0; r == 0 && i < n; i++)
                if (!parts[i].in)
                        r = grow(f, parts[i].atoms, parts[i].count,
                                 passes(f, &parts[i]) ? NULL : parts[i].outcome, e);
        return r;
}

/* ---- one atom that can't be had ---- */

/* Nothing was seen of it: then it may be the service that comes and goes, not the change. */
static int make_sure(const struct field *f, size_t atom, const struct outcome *o, struct err *e)
{
        scoped(profile_freep) struct profile *p = NULL;
        int r;

        if (outcome_names(o, f->en->items[atom].id) || f->en->items[atom].named)
                return 0;
        r = profile_with(f, &atom, 1, &p);
        return r < 0 ? r : engine_ask_again(f->en, p, e);
}

static int settle(struct field *f, size_t atom, const struct outcome *o, struct err *e)
{
        int r;

        if (f->pieces || f->shallow)
                return 0; /* it stays with the unit */
        r = make_sure(f, atom, o, e);
        return r != 0 ? r : settle_item(f->en, atom, o, e);
}

/* Asks for all of them, and follows what the outcome names, until they hold (*count is 0 then) or
 * nothing more is named. */
static int follow(struct field *f, size_t *atoms, size_t *count, const struct outcome **o,
                  struct err *e)
{
        while (*count > 0) {
                int r = *o ? 0 : ask_one(f, atoms, *count, "all of these", o, e);

                if (r == 0 && outcome_passes(*o, f->en->o->accept_bent)) {
                        r = accept(f, atoms, *count, *o);
                        *count = 0;
                        return r;
                }
                if (r == 0)
                        r = engine_stand(f->en, e);
                if (r != 0)
                        return r;
                r = f->heeding ? heed(f->en, *o, atoms, count) : 0;
                if (r <= 0)
                        return r;
                *o = NULL;
        }
        return 0;
}

/* A failure without a reason may be the service that comes and goes: the same once more. */
static int make_sure_once(const struct field *f, const size_t *atoms, size_t count,
                          const struct outcome *o, struct err *e)
{
        scoped(profile_freep) struct profile *p = NULL;
        int r;

        if (f->en->made_sure || f->pieces || o->verdict != VERDICT_BROKE)
                return 0;
        f->en->made_sure = true;
        r = profile_with(f, atoms, count, &p);
        return r < 0 ? r : engine_ask_again(f->en, p, e);
}

static int grow(struct field *f, size_t *atoms, size_t count, const struct outcome *o,
                struct err *e)
{
        size_t n = f->en->with->width < 2 ? 2 : f->en->with->width;
        int r = follow(f, atoms, &count, &o, e);

        if (r != 0 || count == 0)
                return r;
        if (count == 1)
                return settle(f, atoms[0], o, e);
        r = make_sure_once(f, atoms, count, o, e);
        if (r != 0)
                return r;
        return split(f, atoms, count, n < count ? n : count,
                     f->pieces ? "which members of a list the service needs, in parts"
                               : "nothing that was seen says more, so the changes are tried in "
                                 "parts",
                     e);
}

/* ---- what is between ---- */

static int try_rungs(struct engine *en, size_t i, struct err *e)
{
        struct item *it = &en->items[i];
        scoped(rungs_done) struct rungs rungs = { .count = 0 };
        int r = rungs_between(item_own(en, it), &it->wish, directive_at(it->id),
                              en->o->trial.dialect, &rungs);

        for (size_t k = 0; r == 0 && k < rungs.count; k++) {
                scoped(profile_freep) struct profile *p = NULL;
                struct swap swap = { i, &rungs.list[k] };
                const struct outcome *o = NULL;

                r = set_profile(en, NULL, 0, &swap, &p);
                if (r == 0)
                        r = engine_ask(en, &p, 1, "a value between", &o, e);
                if (r != 0 || !outcome_passes(o, en->o->accept_bent))
                        continue;
                value_done(&it->aim);
                it->aim = rungs.list[k];
                rungs.list[k] = (struct value){ 0 };
                it->in = true;
                it->aside = false;
                return engine_take(en, o);
        }
        return r;
}

/* The members of the item's value that the service bears to be without. */
static int try_pieces(struct engine *en, size_t i, bool fine, const struct outcome *o,
                      struct err *e)
{
        const struct directive *d = directive_at(en->items[i].id);
        scoped(pieces_done) struct pieces pieces = { 0 };
        scoped(value_done) struct value loose = { 0 };
        scoped(mem_freep) bool *taken = NULL;
        scoped(mem_freep) size_t *atoms = NULL;
        struct field f = { .en = en, .item = i, .pieces = &pieces };
        int r = value_copy(en->items[i].in ? &en->items[i].aim : item_own(en, &en->items[i]),
                           &loose);

        if (r == 0)
                r = pieces_between(&loose, &en->items[i].wish, d, en->o->trial.dialect, fine,
                                   &pieces);
        if (r < 0 || pieces.count < 2)
                return r;
        f.taken = taken = calloc(pieces.count, sizeof(*taken));
        atoms = calloc(pieces.count, sizeof(*atoms));
        if (!taken || !atoms)
                return -ENOMEM;
        for (size_t k = 0; k < pieces.count; k++)
                atoms[k] = k;
        return grow(&f, atoms, pieces.count, o, e);
}

/* Now that it alone makes the difference, what the outcomes say is about it. */
static int try_hints(struct engine *en, size_t i, const struct outcome **o, struct err *e)
{
        int r;

        value_done(&en->items[i].aim);
        en->items[i].aim = (struct value){ 0 };
        r = value_copy(&en->items[i].wish, &en->items[i].aim);
        for (int n = 0; r == 0 && n < HINTS_MOST; n++) {
                scoped(profile_freep) struct profile *p = NULL;
                const struct outcome *next = NULL;

                r = heed_item(en, i, *o);
                if (r <= 0)
                        break;
                r = set_profile(en, NULL, 0, &(struct swap){ i, &en->items[i].aim }, &p);
                if (r == 0)
                        r = engine_ask(en, &p, 1, "what the last trial was refused is let through",
                                       &next, e);
                if (r == 0 && outcome_passes(next, en->o->accept_bent)) {
                        en->items[i].in = true;
                        en->items[i].aside = en->items[i].doubtful = false;
                        return engine_take(en, next);
                }
                if (r == 0)
                        *o = next;
        }
        return r;
}

/* One change that can't be had as it is wished for: part of it, or none. */
static int settle_item(struct engine *en, size_t i, const struct outcome *o, struct err *e)
{
        struct item *it = &en->items[i];
        bool was_in = it->in, was_aside = it->aside;
        scoped(mem_freep) char *why = it->why ? strdup(it->why) : why_not(o, it->id);
        int r = why ? item_because(it, why) : -ENOMEM;

        if (r == 0 && !was_in)
                r = try_hints(en, i, &o, e);
        if (r == 0 && !it->in)
                r = try_rungs(en, i, e);
        if (r == 0 && (was_in || !it->in))
                r = try_pieces(en, i, false, o, e);
        if (r == 0 && it->in && it->coarse)
                r = try_pieces(en, i, true, o, e);
        if (it->in && !was_in) {
                scoped(mem_freep) char *now = value_show(&it->aim, directive_at(it->id),
                                                         en->o->trial.dialect);

                tell(en, SEARCH_EASED, it, now ? now : it->why);
        }
        if (r != 0 || it->in)
                return r;
        it->aside = true;
        if (!was_aside)
                tell(en, SEARCH_GAVE, it, it->why);
        return 0;
}

/* ---- from outside ---- */

int grow_items(struct engine *en, const size_t *items, size_t count, struct err *e)
{
        scoped(mem_freep) size_t *atoms = calloc(count + 1, sizeof(*atoms));
        struct field f = { .en = en, .heeding = true };

        if (!atoms)
                return -ENOMEM;
        memcpy(atoms, items, count * sizeof(*atoms));
        return grow(&f, atoms, count, NULL, e);
}

static int again(struct engine *en, bool shallow, struct err *e)
{
        scoped(mem_freep) size_t *atoms = calloc(en->count + 1, sizeof(*atoms));
        struct field f = { .en = en, .shallow = shallow };
        size_t count = 0;

        if (!atoms)
                return -ENOMEM;
        for (size_t i = 0; i < en->count; i++) {
                const struct item *it = &en->items[i];

                if (it->lost || it->hole || it->fixed)
                        continue;
                if (it->aside || (it->in && it->doubtful && !value_equal(&it->aim, &it->wish)))
                        atoms[count++] = i;
        }
        if (count == 0)
                return 0;
        return split(&f, atoms, count, count, "what was given back, each again alone", e);
}

int grow_again(struct engine *en, struct err *e)
{
        int r = again(en, true, e); /* what is quick first: the rest is easier to judge then */

        return r != 0 ? r : again(en, false, e);
}
