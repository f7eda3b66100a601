/* search_cache.c - what was tried already, and what follows from it. */
#include "core/trial/search_private.h"

#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <string.h>

bool outcome_passes(const struct outcome *o, bool accept_bent)
{
        return o->verdict == VERDICT_HELD || (accept_bent && o->verdict == VERDICT_BENT);
}

/* Changes stand in catalogue order and lines are canonical, so equal sets have equal keys. */
static char *key_of(const struct profile *p, const struct dialect *dialect)
{
        struct text t = { 0 };

        for (size_t i = 0; i < p->change_count; i++) {
                scoped(strv_freep) char **lines = NULL;

                if (change_lines(&p->changes[i], dialect, &lines) < 0)
                        t.failed = true;
                text_addf(&t, "%s%c", directive_at(p->changes[i].directive)->name,
                          p->changes[i].value.set ? '=' : '-');
                for (char **line = lines; line && *line; line++) {
                        text_add(&t, *line);
                        text_add(&t, "\n");
                }
                text_add(&t, "\n");
        }
        return text_take(&t);
}

static void cached_free(struct cached *c)
{
        if (!c)
                return;
        free(c->key);
        profile_free(c->set);
        outcome_done(&c->outcome);
        free(c);
}

void cache_done(struct cache *c)
{
        for (size_t i = 0; i < c->count; i++)
                cached_free(c->entries[i]);
        free(c->entries);
        *c = (struct cache){ 0 };
}

static struct cached *exact(const struct cache *c, const char *key)
{
        for (size_t i = 0; i < c->count; i++)
                if (strcmp(c->entries[i]->key, key) == 0)
                        return c->entries[i];
        return NULL;
}

/* What others hold pointers to stays where it is: a second outcome of a set is an entry more, and
 * the first one counts. */
int cache_put(struct cache *c, const struct dialect *dialect, struct profile *set,
              struct outcome *outcome, const struct outcome **ret)
{
        struct cached **more = realloc(c->entries, (c->count + 1) * sizeof(struct cached *));
        struct cached *entry;

        if (!more)
                return -ENOMEM;
        c->entries = more;
        entry = calloc(1, sizeof(*entry));
        if (!entry)
                return -ENOMEM;
        entry->key = key_of(set, dialect);
        if (!entry->key) {
                free(entry);
                return -ENOMEM;
        }
        entry->set = set;
        entry->outcome = *outcome;
        *outcome = (struct outcome){ 0 };
        more[c->count++] = entry;
        *ret = &entry->outcome;
        return 0;
}

static const struct value *value_in(const struct search_options *o, const struct profile *p,
                                    enum directive_id id)
{
        const struct change *change = profile_find(p, id);

        return change ? &change->value : &o->trial.unit->settings[id].value;
}

/* Whether set takes away all that less does, so that it fails where less did. */
static bool takes_all_of(const struct search_options *o, const struct profile *set,
                         const struct profile *less)
{
        const struct profile *both[] = { set, less };

        for (size_t k = 0; k < COUNT(both); k++)
                for (size_t i = 0; i < both[k]->change_count; i++) {
                        enum directive_id id = both[k]->changes[i].directive;
                        const struct value *a = value_in(o, set, id), *b = value_in(o, less, id);
                        enum value_order order;

                        if (value_equal(a, b))
                                continue;
                        order = value_compare(a, b, directive_at(id), o->trial.dialect);
                        if (order != VALUE_STRICTER && order != VALUE_SAME)
                                return false;
                }
        return true;
}

const struct outcome *cache_find(const struct cache *c, const struct search_options *o,
                                 const struct profile *set)
{
        scoped(mem_freep) char *key = key_of(set, o->trial.dialect);
        const struct cached *same = key ? exact(c, key) : NULL;

        if (same)
                return &same->outcome;
        for (size_t i = 0; key && i < c->count; i++) {
                const struct outcome *was = &c->entries[i]->outcome;

                if (was->verdict != VERDICT_BROKE && was->verdict != VERDICT_BENT)
                        continue;
                if (!outcome_passes(was, o->accept_bent) &&
                    takes_all_of(o, set, c->entries[i]->set))
                        return was;
        }
        return NULL;
}

struct outcome cache_take(struct cache *c, const struct outcome *o)
{
        struct outcome taken = { 0 };

        for (size_t i = 0; i < c->count; i++)
                if (&c->entries[i]->outcome == o) {
                        taken = c->entries[i]->outcome;
                        c->entries[i]->outcome = (struct outcome){ 0 };
                }
        return taken;
}

const struct outcome *cache_best(const struct cache *c, const struct engine *en,
                                 const struct profile **ret_set)
{
        const struct outcome *best = NULL;
        unsigned least = 0;

        for (size_t i = 0; i < c->count; i++) {
                unsigned exposure = 0;

                if (!outcome_passes(&c->entries[i]->outcome, en->o->accept_bent) ||
                    set_exposure(en, c->entries[i]->set, &exposure) < 0)
                        continue;
                if (best && exposure >= least)
                        continue;
                best = &c->entries[i]->outcome;
                *ret_set = c->entries[i]->set;
                least = exposure;
        }
        return best;
}
