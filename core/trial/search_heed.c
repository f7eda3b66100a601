/* search_heed.c - what an outcome names with certainty: eased where it says how, else given back
 * until everything else stands.
 *
 * A name may be wrong.  What was given back is tried again alone at the end, so a mistake costs a
 * trial and nothing else. */
#include "core/trial/search_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <string.h>

enum {
        CONVINCING = 50, /* weight of a suspect that is worth a try */
        CERTAIN = 80,    /* and of one that is taken with others */
        HEEDED_MOST = 3, /* one refusal: what goes on after so many cures has another cause */
        EASED_MOST = 12, /* a directive that is eased more often has other troubles */
};

static bool counts(const struct denial *d, enum directive_id id)
{
        return d->directive == id && !d->accepted;
}

bool outcome_names(const struct outcome *o, enum directive_id id)
{
        for (size_t i = 0; i < o->denial_count; i++)
                if (counts(&o->denials[i], id))
                        return true;
        for (size_t i = 0; i < o->suspect_count; i++)
                if (o->suspects[i].directive == id && o->suspects[i].weight >= CONVINCING)
                        return true;
        return false;
}

static const char *name_of(const struct denial *d)
{
        return d->key ? d->key : d->message ? d->message : "";
}

static bool is_incurable(const struct engine *en, const struct denial *d)
{
        size_t times = 0;

        for (char **name = en->heeded; name && *name; name++)
                times += strcmp(*name, name_of(d)) == 0;
        return times >= HEEDED_MOST;
}

/* A message may tell of what does not matter; the kernel's answer and a line of one that bent
 * count. */
static bool is_certain(const struct engine *en, const struct outcome *o, const struct denial *d)
{
        if (d->accepted || d->directive == DIRECTIVE_COUNT || is_incurable(en, d))
                return false;
        if (d->source != DENIAL_SAID || o->verdict == VERDICT_BENT)
                return true;
        for (size_t i = 0; i < o->suspect_count; i++)
                if (o->suspects[i].directive == d->directive && o->suspects[i].weight >= CONVINCING)
                        return true;
        return false;
}

static int give_back(struct engine *en, size_t i, const struct outcome *o)
{
        struct item *it = &en->items[i];
        scoped(mem_freep) char *why = why_not(o, it->id);
        int r = why ? item_because(it, why) : -ENOMEM;

        if (r < 0)
                return r;
        it->aside = it->named = true;
        tell(en, SEARCH_GAVE, it, it->why);
        return 0;
}

/* 1: eased; 0: the denial does not say how. */
static int ease_by(struct engine *en, size_t i, const struct denial *d)
{
        scoped(mem_freep) char *what = NULL, *why = NULL, *all = NULL;
        int r = ease(en, i, d, &what);

        if (r <= 0)
                return r;
        why = why_denied(d);
        all = why ? text_format("%s (%s)", what, why) : NULL;
        r = all ? item_because_too(&en->items[i], why) : -ENOMEM;
        if (r < 0)
                return r;
        en->items[i].named = true;
        en->items[i].doubtful |= d->source != DENIAL_SEEN;
        tell(en, SEARCH_EASED, &en->items[i], all);
        return 1;
}

/* One step down the choices is enough for once. */
int heed_item(struct engine *en, size_t i, const struct outcome *o)
{
        bool choice = directive_at(en->items[i].id)->kind == KIND_CHOICE, eased = false;
        scoped(value_done) struct value before = { 0 };
        int r = value_copy(&en->items[i].aim, &before);

        for (size_t k = 0; r >= 0 && k < o->denial_count; k++) {
                if (!counts(&o->denials[k], en->items[i].id))
                        continue;
                if (choice && !value_equal(&before, &en->items[i].aim))
                        break;
                r = ease_by(en, i, &o->denials[k]);
                eased = eased || r > 0;
        }
        return r < 0 ? r : eased;
}

/* 1: eased or given back. */
static int loosen(struct engine *en, size_t i, const struct outcome *o)
{
        int r = en->items[i].eased++ < EASED_MOST ? heed_item(en, i, o) : 0;

        if (r == 0)
                r = give_back(en, i, o);
        return r < 0 ? r : 1;
}

/* Whom the outcome names: by refusals, and by suspicion where that is strong. */
static bool is_named(const struct engine *en, const struct outcome *o, enum directive_id id)
{
        for (size_t i = 0; i < o->denial_count; i++)
                if (counts(&o->denials[i], id) && is_certain(en, o, &o->denials[i]))
                        return true;
        if (o->verdict != VERDICT_BROKE)
                return false;
        for (size_t i = 0; i < o->suspect_count; i++) {
                const struct suspect *s = &o->suspects[i];

                if (s->directive != id)
                        continue;
                return s->weight >= CERTAIN || (i == 0 && s->weight >= CONVINCING);
        }
        return false;
}

int heed(struct engine *en, const struct outcome *o, size_t *items, size_t *count)
{
        bool done = false;
        size_t left = 0, all = *count;

        for (size_t i = 0; i < all; i++) {
                int r;

                if (!is_named(en, o, en->items[items[i]].id)) {
                        items[left++] = items[i];
                        continue;
                }
                r = loosen(en, items[i], o);
                if (r < 0)
                        return r;
                done = true;
                if (!en->items[items[i]].aside)
                        items[left++] = items[i];
        }
        *count = left;
        for (size_t i = 0; done && i < o->denial_count; i++)
                if (is_certain(en, o, &o->denials[i]) &&
                    strv_add(&en->heeded, name_of(&o->denials[i])) < 0)
                        return -ENOMEM;
        return done;
}
