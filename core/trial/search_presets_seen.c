/* search_presets_seen.c - a preset knows nothing of the service; what was observed does. */
#include "core/observe/infer.h"
#include "core/trial/search_private.h"

#include "core/base/base.h"

#include <errno.h>

/* A stage has no peers: nobody would notice there. */
static bool fails_silently(enum directive_id id)
{
        static const enum directive_id ids[] = { D_PrivateNetwork, D_IPAddressDeny,
                                                 D_RestrictNetworkInterfaces };

        for (size_t i = 0; i < COUNT(ids); i++)
                if (ids[i] == id)
                        return true;
        return false;
}

static int take_advice(struct profile *p, const struct advice *a)
{
        scoped(value_done) struct value v = { 0 };
        int r;

        if (!a->changes) {
                profile_unset(p, a->directive); /* nothing stricter than the unit has is safe */
                return 0;
        }
        r = value_copy(&a->value, &v);
        if (r == 0)
                r = profile_set(p, a->directive, &v, REASON_OBSERVED, a->evidence);
        v = (struct value){ 0 };
        return r;
}

/* 1: the advice took the place of the preset's value. */
static int limit(struct profile *p, const struct change *change, const struct advice *a,
                 const struct dialect *dialect)
{
        enum value_order order;
        int r;

        if (!a || a->verdict == ADVICE_UNKNOWN) {
                if (fails_silently(change->directive))
                        profile_unset(p, change->directive);
                return 0;
        }
        if (a->verdict == ADVICE_BREAKS) {
                /* Other values than the mildest that breaks may be milder still. */
                order = value_compare(&change->value, &a->value, directive_at(a->directive),
                                      dialect);
                if (order != VALUE_LOOSER)
                        profile_unset(p, change->directive);
                return 0;
        }
        order = value_compare(&change->value, &a->value, directive_at(a->directive), dialect);
        if (order == VALUE_LOOSER)
                return 0;
        r = take_advice(p, a);
        return r < 0 ? r : 1;
}

/* What is open beside a value that was taken from the advice. */
static int take_holes(struct profile *p, const struct advices *advices, enum directive_id strict)
{
        int r = 0;

        for (size_t i = 0; r == 0 && i < DIRECTIVE_COUNT; i++) {
                const struct advice *a = &advices->list[i];

                if (is_hole(strict, (enum directive_id)i) && a->verdict == ADVICE_SAFE &&
                    a->changes)
                        r = take_advice(p, a);
        }
        return r;
}

int search_preset_limit(struct profile *p, const struct advices *advices,
                        const struct dialect *dialect)
{
        for (size_t i = 0; i < DIRECTIVE_COUNT; i++) {
                enum directive_id id = (enum directive_id)i;
                const struct change *change = profile_find(p, id);
                int r = 0;

                if (!change || change->reason != REASON_PRESET)
                        continue;
                r = limit(p, change, advices ? &advices->list[i] : NULL, dialect);
                if (r > 0)
                        r = take_holes(p, advices, id);
                if (r < 0)
                        return r;
        }
        return 0;
}
