/* advice.c - what an observation says of each directive. */
#include "tui/command/advice.h"

#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"

/* What it is about; NULL where no value is to be set. */
static char *value_of(const struct context *c, const struct advice *a)
{
        return a->value.set ? value_show(&a->value, directive_at(a->directive), &c->dialect) : NULL;
}

static void print_advice(const struct context *c, const struct advice *a)
{
        scoped(mem_freep) char *value = value_of(c, a);
        scoped(mem_freep) char *confidence = advising_confidence(a);

        printf("  %-13s %s%s", advising_words(a), directive_at(a->directive)->name,
               value ? "=" : "");
        report_text(value ? value : "");
        fputs("\n      ", stdout);
        report_text(a->evidence ? a->evidence : "");
        fputs(" (", stdout);
        report_text(confidence ? confidence : "?");
        puts(")");
}

/* What can be taken over first, then what cannot, then what nobody knows; what the unit has
 * already comes last, without its evidence. */
static bool is_of(const struct advice *a, int round)
{
        switch (a->verdict) {
        case ADVICE_SAFE:
                return round == (a->changes ? 0 : 3);
        case ADVICE_BREAKS:
                return round == 1;
        case ADVICE_UNKNOWN:
                break;
        }
        return round == 2;
}

static bool is_shown(const struct advice *a)
{
        return !(directive_at(a->directive)->flags & NOT_A_SANDBOX);
}

static void print_kept(const struct advising *a)
{
        const char *between = "";

        fputs("  safe as it is: ", stdout);
        for (size_t i = 0; i < COUNT(a->advices.list); i++)
                if (is_of(&a->advices.list[i], 3) && is_shown(&a->advices.list[i])) {
                        printf("%s%s", between, directive_at(i)->name);
                        between = ", ";
                }
        putchar('\n');
}

void advice_print(const struct context *c, const struct advising *a)
{
        if (!a->known) {
                if (a->why.text[0]) {
                        fputs("Observed: ", stdout);
                        report_text(a->why.text);
                        putchar('\n');
                }
                return;
        }
        fputs("Observed: ", stdout);
        report_text(a->watched);
        putchar('\n');
        if (a->advices.about) {
                fputs("  ", stdout);
                report_text(a->advices.about);
                putchar('\n');
        }
        for (int round = 0; round < 3; round++)
                for (size_t i = 0; i < COUNT(a->advices.list); i++)
                        if (is_of(&a->advices.list[i], round) && is_shown(&a->advices.list[i]))
                                print_advice(c, &a->advices.list[i]);
        if (a->safe > a->stricter)
                print_kept(a);
}

static struct json *coverage_json(const struct coverage *c)
{
        struct json *o = json_object();

        json_number(o, "seconds", c->seconds);
        json_number(o, "live_seconds", c->live_seconds);
        json_number(o, "events", (double)c->events);
        json_number(o, "lost", (double)c->lost);
        json_bool(o, "startup", c->startup);
        json_bool(o, "steady", c->steady);
        json_bool(o, "reload", c->reload);
        json_bool(o, "stop", c->stop);
        json_number(o, "probes", (double)c->probes);
        return o;
}

void advice_json(const struct context *c, const struct advising *a, struct json *object)
{
        struct json *list;

        if (!a->known)
                return;
        list = json_array();
        for (size_t i = 0; i < COUNT(a->advices.list); i++) {
                const struct advice *advice = &a->advices.list[i];
                scoped(mem_freep) char *value = value_of(c, advice);
                struct json *o = json_object();

                json_text(o, "directive", directive_at(advice->directive)->name);
                json_text(o, "value", value);
                json_text(o, "verdict", advice_verdict_name(advice->verdict));
                json_bool(o, "changes", advice->changes);
                json_text(o, "evidence", advice->evidence);
                json_text(o, "confidence", confidence_name(advice->confidence));
                json_text(o, "limits", advice->limits);
                json_append(list, o);
        }
        json_put(object, "advice", list);
        json_text(object, "about", a->advices.about);
        json_put(object, "coverage", coverage_json(&a->advices.coverage));
}
