/* blame_denial.c - which changes the refusals point to, in a trial or without one. */
#include "core/trial/denial_private.h"

#include "core/base/text.h"

#include <errno.h>
#include <stdlib.h>

static void blame_said(struct ranking *k, const struct denial *d)
{
        struct clue c = { 0 };
        int r = clue_read(d->message, &c);

        if (r < 0)
                k->fault = r;
        if (r > 0)
                blame_clue(k, &c, d->message);
        clue_done(&c);
}

/* What was asked for knows its directive, if that is one of the changes. */
static void blame_asked(struct ranking *k, const struct denial *d)
{
        if (d->directive != DIRECTIVE_COUNT)
                point(k, d->directive, 70, 0, "%s", d->message ? d->message : "");
}

/* How much one refusal has to do with a trial that broke: what a listener was to be, or a message
 * complains of, much; what programs live with, or never came to ask for, less. */
static int telling(const struct ranking *k, const struct denial *d)
{
        int bonus = 0;

        if (!k->v->broke || d->source == DENIAL_SAID)
                return 0;
        if (d->source == DENIAL_ASKED)
                return -30;
        for (char *const *lost = k->v->lost; lost && *lost && d->path && *d->path; lost++)
                if (text_ends(*lost, d->path) && bonus < 10)
                        bonus += 10;
        if (denial_is_quoted(d))
                bonus += 4;
        if (!d->signal && !denial_error_is_hard(d->error))
                bonus -= 12;
        return bonus;
}

void blame_denials(struct ranking *k, struct denial *list, size_t count)
{
        for (size_t i = 0; i < count; i++) {
                struct denial *d = &list[i];

                k->best = 0;
                k->whom = DIRECTIVE_COUNT;
                k->bonus = telling(k, d);
                switch (d->source) {
                case DENIAL_SAID:
                        blame_said(k, d);
                        break;
                case DENIAL_SEEN:
                        blame_seen(k, d);
                        break;
                case DENIAL_ASKED:
                        blame_asked(k, d);
                        break;
                }
                if (k->whom != DIRECTIVE_COUNT || d->source != DENIAL_ASKED)
                        d->directive = k->whom;
        }
        k->bonus = 0;
}

/* A sandbox in which nothing is set, to compare with. */
static int bare(const struct sandbox *unit, const struct dialect *dialect, struct sandbox **ret)
{
        scoped(sandbox_freep) struct sandbox *s = NULL;
        int r = sandbox_new(unit->unit, unit->scope, &s);

        if (r >= 0)
                r = sandbox_imply(s, dialect);
        if (r >= 0)
                *ret = take(s);
        return r;
}

int denials_attribute(const struct sandbox *unit, const struct dialect *dialect,
                      struct denial *list, size_t count)
{
        scoped(sandbox_freep) struct sandbox *nothing = NULL;
        struct evidence v = { .dialect = dialect, .after = unit };
        struct ranking k = { .v = &v, .whom = DIRECTIVE_COUNT };
        int r = bare(unit, dialect, &nothing);

        if (r < 0)
                return r;
        v.before = nothing;
        blame_denials(&k, list, count);
        for (size_t i = 0; i < k.count; i++)
                free(k.list[i].why);
        free(k.list);
        return k.fault;
}
