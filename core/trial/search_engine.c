/* search_engine.c - what is asked, what it says of the search as a whole, and when it ends. */
#include "core/trial/search_private.h"

#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum {
        TRIALS = 100,
        OFTEN = 8, /* one hiccup in so many trials is no accident */
        PROOFS = 2,
        UNTRIED_MOST = 3, /* trials that could not be made, before it gives up */
};
static const uint64_t WITHIN = UINT64_C(30) * 60 * 1000000;

static uint64_t now(const struct engine *en)
{
        return en->with->now ? en->with->now(en->with->userdata) : job_now();
}

static size_t most_trials(const struct engine *en)
{
        return en->o->trials ? en->o->trials : TRIALS;
}

/* ---- how it ends ---- */

/* Takes the sentence over.  spent: there could be more. */
static int end(struct engine *en, char *why, bool spent)
{
        free(en->stopped);
        en->stopped = why;
        en->exhausted = spent;
        if (why)
                tell(en, SEARCH_STOPPED, NULL, why);
        return why ? STOP : -ENOMEM;
}

/* There is no answer but this. */
static int answer(struct engine *en, enum verdict verdict, char *summary)
{
        outcome_done(&en->own);
        en->own = (struct outcome){ .verdict = verdict, .summary = summary };
        profile_free(en->best);
        en->best = NULL;
        en->best_outcome = NULL;
        return summary ? STOP : -ENOMEM;
}

static int flaky(struct engine *en, const char *last)
{
        return answer(en, VERDICT_FLAKY,
                      text_format("the service comes and goes by itself: %zu of %zu trials went "
                                  "another way than the same before, so no change is to blame and "
                                  "a search would name wrong ones; the last: %s",
                                  en->hiccups, en->trials, last));
}

static int check_budget(struct engine *en)
{
        if (en->trials >= most_trials(en))
                return end(en, text_format("the budget of %zu trials is spent", most_trials(en)),
                           true);
        if (now(en) >= en->end)
                return end(en, strdup("the time for it is over"), true);
        return 0;
}

/* ---- what an outcome says of the search itself ---- */

/* What the stage does not enforce proves nothing by holding. */
static int lose(struct engine *en, const struct profile *set, const struct outcome *o)
{
        for (size_t i = 0; i < o->not_rehearsed_count; i++) {
                struct item *it = item_find(en, o->not_rehearsed[i]);
                const struct change *change = profile_find(set, o->not_rehearsed[i]);
                int r;

                if (!it || it->fixed || it->lost || !change)
                        continue;
                if (!it->hole && !value_equal(&change->value, &it->wish))
                        continue; /* of a value between, that says nothing of the others */
                it->lost = true;
                r = item_because(it, "it could not be rehearsed here, so nobody knows whether the "
                                     "service bears it");
                if (r < 0)
                        return r;
                if (!it->hole)
                        tell(en, SEARCH_GAVE, it, it->why);
        }
        return 0;
}

static bool is_often(const struct engine *en)
{
        return en->hiccups > 0 && en->hiccups * OFTEN >= en->trials;
}

/* A unit may be one that can't be restarted, but not every other time. */
static int weigh_restart(struct engine *en, const struct outcome *o)
{
        size_t both;

        en->restarts += o->restarts;
        en->restart_fails += o->restart_fails;
        both = en->restarts < en->restart_fails ? en->restarts : en->restart_fails;
        if (both == 0 || both * OFTEN < en->trials)
                return 0;
        en->hiccups += both;
        return flaky(en, "without changes it could be restarted one time, and not the other");
}

/* 0: it counts; 1: it is to be asked again; STOP is told by *ret_stop. */
static int weigh(struct engine *en, const struct outcome *o, int *ret_stop)
{
        *ret_stop = 0;
        switch (o->verdict) {
        case VERDICT_FLAKY:
                *ret_stop = answer(en, VERDICT_FLAKY, strdup(o->summary));
                return 0;
        case VERDICT_BASELINE_FAILED:
                en->hiccups++;
                if (en->ran && is_often(en))
                        *ret_stop = flaky(en, o->summary);
                else if (!en->ran && en->hiccups > 1)
                        *ret_stop = answer(en, VERDICT_BASELINE_FAILED, strdup(o->summary));
                return 1;
        case VERDICT_NOT_TRIED:
                if (!en->ran)
                        *ret_stop = answer(en, VERDICT_NOT_TRIED, strdup(o->summary));
                else if (++en->untried >= UNTRIED_MOST)
                        *ret_stop = end(
                                en, text_format("trials can't be made any more: %s", o->summary),
                                true);
                return 0;
        case VERDICT_HELD:
        case VERDICT_BENT:
        case VERDICT_BROKE:
                break;
        }
        if (!en->ran && is_often(en))
                *ret_stop = flaky(en, "without changes it failed first, and ran the next time");
        else
                *ret_stop = weigh_restart(en, o);
        en->ran = true;
        return 0;
}

/* Takes the outcome over.  *ret stays NULL when it is to be asked again. */
static int digest(struct engine *en, const struct profile *set, struct outcome *o,
                  const struct outcome **ret)
{
        scoped(profile_freep) struct profile *copy = NULL;
        int stop = 0, again, r;

        en->trials++;
        tell_tried(en, set, o);
        again = weigh(en, o, &stop);
        r = again ? 0 : lose(en, set, o);
        if (r == 0 && !again) {
                r = profile_copy(set, &copy);
                if (r == 0)
                        r = cache_put(&en->cache, en->o->trial.dialect, copy, o, ret);
                if (r == 0) {
                        copy = NULL;
                        if (!outcome_passes(*ret, en->o->accept_bent))
                                en->last = *ret;
                }
        }
        outcome_done(o);
        return r < 0 ? r : stop;
}

/* ---- asking ---- */

struct batch {
        const struct profile **sets;
        struct outcome *outcomes;
        size_t *which;
        size_t count;
};

static void batch_done(struct batch *b)
{
        for (size_t i = 0; b->outcomes && i < b->count; i++)
                outcome_done(&b->outcomes[i]);
        free(b->sets);
        free(b->outcomes);
        free(b->which);
}

static int batch_run(struct engine *en, struct batch *b, const struct outcome **ret, struct err *e)
{
        int asked = en->with->ask(en->with->userdata, b->sets, b->count, en->end, b->outcomes, e);
        size_t before = en->trials;
        int r = 0;

        for (size_t i = 0; i < b->count && r >= 0; i++) {
                int one = b->outcomes[i].summary
                                  ? digest(en, b->sets[i], &b->outcomes[i], &ret[b->which[i]])
                                  : 0;

                r = one < 0 || r == 0 ? one : r;
        }
        if (r != 0)
                return r;
        if (asked == -ECANCELED)
                return end(en, strdup("it was cancelled"), true);
        if (asked == -ETIME)
                return end(en, strdup("the time for it is over"), true);
        if (asked == 0 && en->trials == before) /* a searcher that answers nothing */
                return -EPROTO;
        return asked;
}

/* Of those that are not known yet, as many as make sense at a time. */
static int ask_some(struct engine *en, struct profile *const *sets, size_t count, const char *why,
                    const struct outcome **ret, struct err *e)
{
        size_t width = en->with->width ? en->with->width : 1;
        size_t most = most_trials(en) - en->trials;
        scoped(batch_done) struct batch b = { .sets = calloc(width, sizeof(struct profile *)),
                                              .outcomes = calloc(width, sizeof(struct outcome)),
                                              .which = calloc(width, sizeof(size_t)) };

        if (!b.sets || !b.outcomes || !b.which)
                return -ENOMEM;
        for (size_t i = 0; i < count; i++) {
                if (ret[i])
                        continue;
                if (b.count == width || b.count == most)
                        continue;
                b.which[b.count] = i;
                b.sets[b.count++] = sets[i];
                tell_trying(en, sets[i], b.count, why);
        }
        return batch_run(en, &b, ret, e);
}

int engine_ask(struct engine *en, struct profile *const *sets, size_t count, const char *why,
               const struct outcome **ret, struct err *e)
{
        for (;;) {
                bool known = true;
                int r;

                for (size_t i = 0; i < count; i++) {
                        if (!ret[i]) {
                                ret[i] = cache_find(&en->cache, en->o, sets[i]);
                                en->from_cache += ret[i] != NULL;
                        }
                        known = known && ret[i];
                }
                if (known)
                        return 0;
                r = check_budget(en);
                if (r == 0)
                        r = ask_some(en, sets, count, why, ret, e);
                if (r != 0)
                        return r;
        }
}

int engine_ask_again(struct engine *en, struct profile *set, struct err *e)
{
        const struct profile *sets[] = { set };
        struct outcome o = { 0 };
        struct batch b = { .sets = sets, .outcomes = &o, .which = (size_t[]){ 0 }, .count = 1 };
        const struct outcome *got = NULL;
        int r = check_budget(en);

        if (r != 0)
                return r;
        tell_trying(en, set, 1, "the same once more: nothing that was seen says why it failed");
        r = batch_run(en, &b, &got, e);
        outcome_done(&o);
        if (r != 0 || !got || !outcome_passes(got, en->o->accept_bent))
                return r;
        en->hiccups++;
        return is_often(en) ? flaky(en, "the same changes failed once, and held once") : 0;
}

int engine_take(struct engine *en, const struct outcome *o)
{
        scoped(profile_freep) struct profile *p = NULL;
        unsigned exposure = 0;
        int r = set_profile(en, NULL, 0, NULL, &p);

        if (r == 0)
                r = set_exposure(en, p, &exposure);
        if (r < 0)
                return r;
        p->verdict = o->verdict;
        profile_free(en->best);
        en->best = take(p);
        en->best_outcome = o;
        if (en->o->aim == UINT_MAX || exposure > en->o->aim)
                return 0;
        return end(en, text_format("the aim of %u.%u is reached", en->o->aim / 10, en->o->aim % 10),
                   false);
}

int engine_stand(struct engine *en, struct err *e)
{
        scoped(profile_freep) struct profile *p = NULL;
        const struct outcome *o = NULL;
        bool any = false;
        int r;

        for (size_t i = 0; i < en->count; i++)
                any = any || en->items[i].fixed;
        if (en->firm || en->best || !any)
                return 0;
        en->firm = true;
        r = set_profile(en, NULL, 0, NULL, &p);
        if (r == 0)
                r = engine_ask(en, &p, 1, "the changes that are given, alone", &o, e);
        if (r != 0)
                return r;
        if (outcome_passes(o, en->o->accept_bent))
                return engine_take(en, o);
        r = answer(en, o->verdict,
                   text_format("the changes that were given fail alone already, and they are "
                               "kept: %s",
                               o->summary));
        return r;
}

/* ---- all of it ---- */

static bool has_changes(const struct engine *en)
{
        for (size_t i = 0; i < en->count; i++)
                if (!en->items[i].hole)
                        return true;
        return false;
}

/* Whether there is anything to do at all. */
static int check_need(struct engine *en)
{
        scoped(profile_freep) struct profile *p = NULL;
        unsigned exposure = 0;
        int r;

        if (!has_changes(en)) {
                r = end(en,
                        text_format("there is nothing to search for: %s has all that is wished "
                                    "for already",
                                    en->o->wish->unit),
                        false);
                return r;
        }
        if (en->o->aim == UINT_MAX)
                return 0;
        r = begin_profile(en, &p);
        if (r == 0)
                r = set_exposure(en, p, &exposure);
        if (r < 0 || exposure > en->o->aim)
                return r;
        return end(en,
                   text_format("%s is at %u.%u, within the aim of %u.%u already", en->o->wish->unit,
                               exposure / 10, exposure % 10, en->o->aim / 10, en->o->aim % 10),
                   false);
}

/* As far as the aim asks for, and what is in reserve where that is not enough. */
static int grow_all(struct engine *en, struct err *e)
{
        int r = order_reserve(en);

        while (r == 0) {
                scoped(mem_freep) size_t *items = NULL, *more = NULL;
                size_t count = 0, fetched = 0;

                r = order_items(en, &items, &count);
                if (r == 0)
                        r = grow_items(en, items, count, e);
                if (r == 0)
                        r = grow_again(en, e);
                if (r == 0)
                        r = order_fetch(en, &more, &fetched);
                if (fetched == 0)
                        break;
        }
        return r;
}

/* What was found, once more, in as many twins as there is place for: one that comes and goes may
 * have held by chance. */
static int prove(struct engine *en, struct err *e)
{
        const struct profile *sets[PROOFS] = { en->best, en->best };
        struct outcome outcomes[PROOFS] = { 0 };
        const struct outcome *got[PROOFS] = { NULL };
        struct batch b = { .sets = sets,
                           .outcomes = outcomes,
                           .which = (size_t[PROOFS]){ 0, 1 },
                           .count = en->with->width < PROOFS ? 1 : PROOFS };
        scoped(profile_freep) struct profile *keep = NULL;
        int r;

        if (en->o->once || !en->best || en->exhausted || en->trials + b.count > most_trials(en) ||
            now(en) >= en->end)
                return 0;
        r = profile_copy(en->best, &keep); /* an answer lets go of .best */
        for (size_t i = 0; r == 0 && i < b.count; i++) {
                sets[i] = keep;
                tell_trying(en, keep, i + 1, "what was found, once more: it may come and go");
        }
        if (r == 0)
                r = batch_run(en, &b, got, e);
        for (size_t i = 0; i < PROOFS; i++) {
                if (r == 0 && got[i] && !outcome_passes(got[i], en->o->accept_bent)) {
                        en->hiccups++;
                        r = is_often(en) ? flaky(en, got[i]->summary) : 0;
                }
                outcome_done(&outcomes[i]);
        }
        return r;
}

static void engine_done(struct engine *en)
{
        items_done(en);
        cache_done(&en->cache);
        profile_free(en->best);
        outcome_done(&en->own);
        free(en->stopped);
        strv_free(en->heeded);
}

int search_engine(const struct search_options *o, const struct searcher *with, struct search *ret,
                  struct err *e)
{
        scoped(engine_done) struct engine en = { .o = o, .with = with };
        uint64_t began = now(&en);
        int r;

        en.end = began + (o->within ? o->within : WITHIN);
        r = items_make(&en);
        if (r == 0)
                r = check_need(&en);
        if (r == 0)
                r = grow_all(&en, e);
        if (r >= 0)
                r = prove(&en, e);
        if (r >= 0 && !en.best && !en.own.summary && en.stopped && !en.last)
                r = answer(&en, VERDICT_NOT_TRIED, strdup(en.stopped));
        if (r >= 0)
                r = engine_conclude(&en, ret);
        if (r < 0)
                return e && e->code ? r : err_set(e, r, "cannot search for %s", o->wish->unit);
        ret->seconds_x1000 = (now(&en) - began) / 1000;
        return 0;
}
