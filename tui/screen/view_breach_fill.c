/* view_breach_fill.c - the lines of a tried intruder's view: what leads out of the sandbox, then
 * what is allowed, by topic. */
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/screen/view_breach.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

static void __attribute__((format(printf, 5, 6)))
add(struct breach_view *v, enum role role, const struct breach_answer *answer, const char *closer,
    const char *fmt, ...)
{
        struct breach_line *more = realloc(v->lines, (v->count + 1) * sizeof(*more));
        struct text t = { 0 };
        va_list args;

        if (!more)
                return;
        v->lines = more;
        va_start(args, fmt);
        text_addv(&t, fmt, args);
        va_end(args);
        v->lines[v->count] = (struct breach_line){
                .role = role, .text = text_take(&t), .answer = answer, .closer = closer
        };
        if (v->lines[v->count].text)
                v->count++;
}

static void add_chains(struct breach_view *v)
{
        const struct breach *b = &v->breach;

        if (b->after.chains)
                add(v, ROLE_HEADING, NULL, NULL, "This sandbox can be left");
        else
                add(v, ROLE_GOOD, NULL, NULL, "No way out of this sandbox was found");
        for (size_t i = 0; i < b->chain_count; i++)
                if (b->chains[i].after)
                        add(v, ROLE_BAD, NULL, b->chains[i].closer, "  %s",
                            b->chains[i].chain->sentence);
        for (size_t i = 0; i < b->chain_count; i++)
                if (!b->chains[i].after)
                        add(v, ROLE_CHANGED, NULL, NULL, "  closed: %s",
                            b->chains[i].chain->sentence);
}

static void count(const struct breach *b, enum move_topic topic, size_t *before, size_t *after)
{
        for (size_t i = 0; i < b->move_count; i++) {
                if (b->moves[i].move->topic != topic)
                        continue;
                *before += b->moves[i].before.result == BREACH_ALLOWED;
                *after += b->moves[i].after.result == BREACH_ALLOWED;
        }
}

static void add_head(struct breach_view *v, enum move_topic topic)
{
        size_t before = 0, after = 0;

        count(&v->breach, topic, &before, &after);
        if (v->breach.changed)
                add(v, ROLE_HEADING, NULL, NULL, "%s: %zu \xe2\x86\x92 %zu allowed",
                    breaching_topic(topic), before, after);
        else
                add(v, ROLE_HEADING, NULL, NULL, "%s: %zu allowed", breaching_topic(topic), after);
}

static enum role role_of(const struct breach_move *m)
{
        if (m->after.result == BREACH_ALLOWED)
                return ROLE_BAD;
        if (m->after.result != BREACH_REFUSED)
                return ROLE_TEXT;
        return m->before.result == BREACH_ALLOWED ? ROLE_CHANGED : ROLE_GOOD;
}

/* What is allowed comes first; what there is nothing to try on is left out. */
static void add_topic(struct breach_view *v, enum move_topic topic)
{
        static const enum breach_result order[] = { BREACH_ALLOWED, BREACH_REFUSED,
                                                    BREACH_UNKNOWN };

        add_head(v, topic);
        for (size_t n = 0; n < COUNT(order); n++)
                for (size_t i = 0; i < v->breach.move_count; i++) {
                        const struct breach_move *m = &v->breach.moves[i];

                        if (m->move->topic == topic && m->after.result == order[n])
                                add(v, role_of(m), &m->after, m->closer, "  %s", m->move->sentence);
                }
}

int breach_fill(struct breach_view *v)
{
        for (size_t i = 0; i < v->count; i++)
                free(v->lines[i].text);
        free(v->lines);
        v->lines = NULL;
        v->count = 0;
        add_chains(v);
        for (int topic = 0; topic < TOPIC_LAB; topic++)
                add_topic(v, (enum move_topic)topic);
        return v->count > TOPIC_LAB ? 0 : -ENOMEM;
}
