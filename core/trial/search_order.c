/* search_order.c - which changes are worth most, and which an aim can do without. */
#include "core/trial/search_private.h"

#include "core/base/base.h"
#include "core/base/mem.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

enum { RISK_UNKNOWN = 5 };

/* How often a change breaks services when nothing is known of them. */
static unsigned risk_of(enum directive_id id)
{
        static const struct {
                enum directive_id directive;
                unsigned weight;
        } rows[] = {
#define RISK(d, w) { D_##d, w },
#include "core/trial/blame.inc"
#undef RISK
        };

        for (size_t i = 0; i < COUNT(rows); i++)
                if (rows[i].directive == id)
                        return rows[i].weight;
        return RISK_UNKNOWN;
}

struct worth {
        size_t item;
        unsigned without; /* exposure without it */
        unsigned risk;
};

static int by_worth(const void *a, const void *b)
{
        const struct worth *x = a, *y = b;

        if (x->without != y->without)
                return x->without < y->without ? 1 : -1;
        if (x->risk != y->risk)
                return x->risk < y->risk ? -1 : 1;
        return (x->item > y->item) - (x->item < y->item);
}

static int by_risk(const void *a, const void *b)
{
        const struct worth *x = a, *y = b;

        return x->risk != y->risk ? (x->risk < y->risk ? 1 : -1) : by_worth(b, a);
}

static int exposure_of(const struct engine *en, const size_t *items, size_t count, unsigned *ret)
{
        scoped(profile_freep) struct profile *p = NULL;
        int r = set_profile(en, items, count, NULL, &p);

        return r < 0 ? r : set_exposure(en, p, ret);
}

/* All but one of the list. */
static int exposure_without(const struct engine *en, const struct worth *list, size_t count,
                            size_t which, unsigned *ret)
{
        scoped(mem_freep) size_t *items = calloc(count + 1, sizeof(*items));
        size_t n = 0;

        if (!items)
                return -ENOMEM;
        for (size_t i = 0; i < count; i++)
                if (i != which)
                        items[n++] = list[i].item;
        return exposure_of(en, items, n, ret);
}

static bool is_open(const struct item *it)
{
        return !it->fixed && !it->hole && !it->lost && !it->in && !it->aside;
}

static int weigh(const struct engine *en, bool reserved, struct worth **ret, size_t *ret_count)
{
        scoped(mem_freep) struct worth *list = calloc(en->count + 1, sizeof(*list));
        size_t count = 0;
        int r = 0;

        if (!list)
                return -ENOMEM;
        for (size_t i = 0; i < en->count; i++)
                if (is_open(&en->items[i]) && en->items[i].reserved == reserved)
                        list[count++] = (struct worth){ .item = i,
                                                        .risk = risk_of(en->items[i].id) };
        for (size_t i = 0; r == 0 && i < count; i++)
                r = exposure_without(en, list, count, i, &list[i].without);
        if (r < 0)
                return r;
        *ret = take(list);
        *ret_count = count;
        return 0;
}

static int indices(const struct worth *list, size_t count, size_t **ret, size_t *ret_count)
{
        size_t *items = calloc(count + 1, sizeof(*items));

        if (!items)
                return -ENOMEM;
        for (size_t i = 0; i < count; i++)
                items[i] = list[i].item;
        *ret = items;
        *ret_count = count;
        return 0;
}

int order_items(const struct engine *en, size_t **ret, size_t *ret_count)
{
        scoped(mem_freep) struct worth *list = NULL;
        size_t count = 0;
        int r = weigh(en, false, &list, &count);

        if (r < 0)
                return r;
        qsort(list, count, sizeof(*list), by_worth);
        return indices(list, count, ret, ret_count);
}

int order_reserve(struct engine *en)
{
        scoped(mem_freep) struct worth *list = NULL;
        size_t count = 0;
        int r;

        if (en->o->aim == UINT_MAX)
                return 0;
        r = weigh(en, false, &list, &count);
        if (r < 0)
                return r;
        qsort(list, count, sizeof(*list), by_risk);
        for (size_t i = 0; i < count;) {
                unsigned exposure = 0;

                r = exposure_without(en, list, count, i, &exposure);
                if (r < 0)
                        return r;
                if (exposure > en->o->aim) {
                        i++;
                        continue;
                }
                en->items[list[i].item].reserved = true;
                count--;
                for (size_t k = i; k < count; k++)
                        list[k] = list[k + 1];
        }
        return 0;
}

int order_fetch(struct engine *en, size_t **ret, size_t *ret_count)
{
        scoped(mem_freep) struct worth *list = NULL;
        scoped(mem_freep) size_t *items = NULL;
        size_t count = 0, taken = 0;
        unsigned exposure = UINT_MAX;
        int r = weigh(en, true, &list, &count);

        if (r < 0)
                return r;
        qsort(list, count, sizeof(*list), by_risk);
        items = calloc(count + 1, sizeof(*items));
        if (!items)
                return -ENOMEM;
        while (count > 0 && exposure > en->o->aim) {
                items[taken++] = list[--count].item;
                en->items[items[taken - 1]].reserved = false;
                r = exposure_of(en, items, taken, &exposure);
                if (r < 0)
                        return r;
        }
        *ret = take(items);
        *ret_count = taken;
        return 0;
}
