/* search_conclude.c - what is handed out when a search has ended. */
#include "core/trial/search_private.h"

#include "core/base/mem.h"

/* It was stopped while halves were tried: one of them may be better than what they were to be put
 * together to. */
static int take_best_known(struct engine *en)
{
        const struct profile *set = NULL;
        const struct outcome *o = cache_best(&en->cache, en, &set);
        unsigned known = 0, now_held = 0;
        int r = o ? set_exposure(en, set, &known) : 0;

        if (r == 0 && en->best)
                r = set_exposure(en, en->best, &now_held);
        if (r < 0 || !o || (en->best && known >= now_held))
                return r;
        profile_free(en->best);
        en->best = NULL;
        r = profile_copy(set, &en->best);
        if (r < 0)
                return r;
        for (size_t i = 0; i < en->count; i++)
                if (en->items[i].lost)
                        profile_unset(en->best, en->items[i].id);
        en->best->verdict = o->verdict;
        en->best_outcome = o;
        return 0;
}

int engine_conclude(struct engine *en, struct search *ret)
{
        struct search s = { .trials = en->trials,
                            .from_cache = en->from_cache,
                            .exhausted = en->exhausted };
        scoped(profile_freep) struct profile *none = NULL;
        int r = begin_profile(en, &none);

        if (r == 0 && en->exhausted && !en->own.summary)
                r = take_best_known(en);
        if (r == 0)
                r = set_exposure(en, none, &s.before);
        s.after = s.before;
        if (r == 0 && en->best)
                r = set_exposure(en, en->best, &s.after);
        if (r == 0 && en->ran && !en->own.summary)
                r = tell_forgone(en, &s);
        if (r < 0) {
                search_done(&s);
                return r;
        }
        s.stopped = take(en->stopped);
        s.profile = take(en->best);
        if (s.profile)
                s.outcome = cache_take(&en->cache, en->best_outcome);
        else if (en->own.summary) {
                s.outcome = en->own;
                en->own = (struct outcome){ 0 };
        } else if (en->last)
                s.outcome = cache_take(&en->cache, en->last);
        *ret = s;
        return 0;
}
