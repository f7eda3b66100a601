/* search.c - from a unit to the tightest profile that holds. */
#include "core/trial/search.h"

#include "core/base/base.h"
#include "core/base/text.h"
#include "core/trial/search_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void outcome_done(struct outcome *o)
{
        free(o->summary);
        for (size_t i = 0; i < o->suspect_count; i++)
                free(o->suspects[i].why);
        free(o->suspects);
        denials_free(o->denials, o->denial_count);
        free(o->not_rehearsed);
        for (size_t i = 0; i < o->probe_count; i++) {
                free(o->probes[i].command);
                free(o->probes[i].said);
        }
        free(o->probes);
        strv_free(o->notes);
        *o = (struct outcome){ 0 };
}

void search_done(struct search *s)
{
        profile_free(s->profile);
        outcome_done(&s->outcome);
        for (size_t i = 0; i < s->forgone_count; i++) {
                free(s->forgone[i].wished);
                free(s->forgone[i].had);
                free(s->forgone[i].why);
        }
        free(s->forgone);
        free(s->stopped);
        *s = (struct search){ 0 };
}

int search_run(const struct search_options *o, struct job *job, struct search *ret, struct err *e)
{
        scoped(workers_freep) struct workers *workers = NULL;
        struct searcher searcher;
        struct search s = { 0 };
        int r = workers_open(o, job, &workers, e);

        if (r < 0)
                return r;
        searcher = workers_searcher(workers);
        r = search_engine(o, &searcher, &s, e);
        if (r < 0)
                return r;
        if (job->cancelled && !s.profile) {
                search_done(&s);
                return err_say(e, -ECANCELED, "the search was cancelled before anything held");
        }
        *ret = s;
        return 0;
}
