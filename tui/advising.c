/* advising.c - what an observation says of a unit. */
#include "tui/advising.h"

#include "core/base/base.h"
#include "core/base/text.h"
#include "tui/observing.h"

#include <errno.h>
#include <stdlib.h>

void advising_done(struct advising *a)
{
        advices_done(&a->advices);
        free(a->watched);
        *a = (struct advising){ 0 };
}

int advising_from(struct advices *advices, struct advising *ret)
{
        struct advising a = { .known = true, .advices = *advices };

        *advices = (struct advices){ 0 };
        for (size_t i = 0; i < COUNT(a.advices.list); i++) {
                const struct advice *advice = &a.advices.list[i];

                a.safe += advice->verdict == ADVICE_SAFE;
                a.stricter += advice->verdict == ADVICE_SAFE && advice->changes;
                a.breaks += advice->verdict == ADVICE_BREAKS;
                a.unknown += advice->verdict == ADVICE_UNKNOWN;
        }
        a.watched = coverage_words(&a.advices.coverage);
        if (!a.watched) {
                advising_done(&a);
                return -ENOMEM;
        }
        *ret = a;
        return 0;
}

int advising_load(struct context *c, const struct sandbox *s, struct advising *ret)
{
        scoped(advices_done) struct advices advices = { 0 };
        struct err why = { 0 };
        int r;

        advising_done(ret);
        r = observing_advices(c, s, &advices, &why);
        if (r == 0)
                return advising_from(&advices, ret);
        ret->why = why;
        return r == -ENOMEM ? r : 0;
}

const char *advising_words(const struct advice *a)
{
        switch (a->verdict) {
        case ADVICE_SAFE:
                return a->changes ? "safe" : "safe as it is";
        case ADVICE_BREAKS:
                return "would break";
        case ADVICE_UNKNOWN:
                break;
        }
        return "unknown";
}

char *advising_confidence(const struct advice *a)
{
        const char *name = a->confidence == CONFIDENCE_NONE ? "no" : confidence_name(a->confidence);

        return text_format("%s confidence%s%s", name, a->limits ? ": " : "",
                           a->limits ? a->limits : "");
}
