/* search_tell.c - what the search does and why, in words. */
#include "core/trial/search_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

enum { REASONS_LONG = 240 }; /* nobody reads more */

/* ---- steps ---- */

static void step(const struct engine *en, struct search_step *s, const struct profile *set)
{
        if (!en->o->step)
                return;
        s->trials += en->trials;
        if (!set || set_exposure(en, set, &s->exposure) < 0)
                s->exposure = 0;
        en->o->step(en->o->userdata, s);
}

void tell(const struct engine *en, enum search_kind kind, const struct item *it, const char *what)
{
        struct search_step s = { .kind = kind,
                                 .directive = it ? it->id : DIRECTIVE_COUNT,
                                 .what = what,
                                 .count = en->best ? en->best->change_count : 0 };

        step(en, &s, en->best);
}

void tell_trying(const struct engine *en, const struct profile *set, size_t number,
                 const char *what)
{
        struct search_step s = { .kind = SEARCH_TRYING,
                                 .directive = DIRECTIVE_COUNT,
                                 .what = what,
                                 .count = set->change_count,
                                 .trials = number };

        step(en, &s, set);
}

void tell_tried(const struct engine *en, const struct profile *set, const struct outcome *o)
{
        struct search_step s = { .kind = SEARCH_TRIED,
                                 .directive = DIRECTIVE_COUNT,
                                 .what = o->summary,
                                 .count = set->change_count,
                                 .outcome = o };

        step(en, &s, set);
}

int item_because(struct item *it, const char *why)
{
        char *copy = strdup(why);

        if (!copy)
                return -ENOMEM;
        free(it->why);
        it->why = copy;
        return 0;
}

int item_because_too(struct item *it, const char *why)
{
        char *both;

        if (!it->why || strlen(it->why) > REASONS_LONG)
                return it->why ? 0 : item_because(it, why);
        if (strstr(it->why, why))
                return 0;
        both = text_format("%s; %s", it->why, why);
        if (!both)
                return -ENOMEM;
        free(it->why);
        it->why = both;
        return 0;
}

/* ---- reasons ---- */

char *why_denied(const struct denial *d)
{
        struct text t = { 0 };

        if (d->capability)
                text_addf(&t, "%s is needed", d->capability);
        else if (d->signal == SIGSYS && d->call)
                text_addf(&t, "the system call %s is needed", d->call);
        else if (d->path && d->error)
                text_addf(&t, "%s%s%s is refused (%s)", d->call ? d->call : "", d->call ? " " : "",
                          d->path, errno_name(d->error) ? errno_name(d->error) : "an error");
        else if (d->call && d->error)
                text_addf(&t, "%s is refused (%s)", d->call,
                          errno_name(d->error) ? errno_name(d->error) : "an error");
        else
                text_add(&t, d->message ? d->message : "something is refused");
        if (d->process)
                text_addf(&t, ": %s", d->process);
        if (d->count > 1)
                text_addf(&t, "%s seen %llu times", d->process ? "," : ":",
                          (unsigned long long)d->count);
        return text_take(&t);
}

char *why_not(const struct outcome *o, enum directive_id id)
{
        for (size_t i = 0; o && i < o->denial_count; i++)
                if (o->denials[i].directive == id && !o->denials[i].accepted)
                        return why_denied(&o->denials[i]);
        for (size_t i = 0; o && i < o->suspect_count; i++)
                if (o->suspects[i].directive == id && o->suspects[i].weight > 10 &&
                    o->suspects[i].why)
                        return strdup(o->suspects[i].why);
        if (o && o->verdict == VERDICT_NOT_TRIED)
                return text_format("with it there was no trial: %s", o->summary ? o->summary : "");
        return strdup("with it the service does not work, without it it does; nothing that was "
                      "seen says why");
}

/* ---- what could not be had ---- */

static const struct value *had(const struct engine *en, const struct item *it)
{
        const struct change *change = en->best ? profile_find(en->best, it->id) : NULL;

        return change ? &change->value : item_own(en, it);
}

static int add_forgone(const struct engine *en, const struct item *it, struct search *ret)
{
        const struct directive *d = directive_at(it->id);
        struct forgone *more = realloc(ret->forgone, (ret->forgone_count + 1) * sizeof(*more));
        struct forgone *f;

        if (!more)
                return -ENOMEM;
        ret->forgone = more;
        f = &more[ret->forgone_count];
        *f = (struct forgone){ .directive = it->id };
        f->wished = value_show(&it->wish, d, en->o->trial.dialect);
        f->had = value_show(had(en, it), d, en->o->trial.dialect);
        f->why = strdup(it->why       ? it->why
                        : en->stopped ? en->stopped
                                      : "it was not among what could be tried");
        ret->forgone_count++;
        return f->wished && f->had && f->why ? 0 : -ENOMEM;
}

int tell_forgone(const struct engine *en, struct search *ret)
{
        int r = 0;

        for (size_t i = 0; r == 0 && i < en->count; i++) {
                const struct item *it = &en->items[i];

                if (it->hole || it->reserved || value_equal(had(en, it), &it->wish))
                        continue;
                r = add_forgone(en, it, ret);
        }
        return r;
}
