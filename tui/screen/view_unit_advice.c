/* view_unit_advice.c - what an observation says of a unit, taken over. */
#include "core/base/base.h"
#include "tui/screen/view_unit.h"

bool unit_can_take(const struct unit_view *v, enum directive_id id)
{
        const struct advice *a = &v->advising.advices.list[id];

        return v->advising.known && a->verdict == ADVICE_SAFE && a->changes &&
               !draft_changed(&v->draft, id);
}

size_t unit_count_takes(const struct unit_view *v)
{
        size_t n = 0;

        for (size_t i = 0; i < DIRECTIVE_COUNT; i++)
                n += unit_can_take(v, (enum directive_id)i);
        return n;
}

void unit_take_safe(struct unit_view *v, struct app *app)
{
        struct err e = { 0 };
        size_t n = 0;
        int r;

        if (!v->advising.known) {
                app_say(app, ROLE_FAIR, "%s",
                        v->advising.why.text[0] ? v->advising.why.text
                                                : "it was not observed yet; o does that");
                return;
        }
        r = draft_take(&v->draft, &v->advising.advices, &n, &e);
        if (r < 0)
                app_fail(app, &e);
        else if (r > 0)
                app_say(app, ROLE_FAIR, "there is nothing more to take over");
        else
                app_say(app, ROLE_GOOD, "%zu directive%s taken over; u undoes it, t tries it", n,
                        n == 1 ? "" : "s");
}
