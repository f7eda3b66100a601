/* exporting.c - a profile in another form, as a person asks for it. */
#include "tui/exporting.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/forms/target.h"
#include "tui/attempt.h"
#include "tui/observing.h"

#include <errno.h>
#include <string.h>
#include <time.h>

/* Whether two profiles ask for the same, so that a verdict on one holds for the other. */
static bool same_changes(const struct profile *a, const struct profile *b)
{
        if (a->change_count != b->change_count)
                return false;
        for (size_t i = 0; i < a->change_count; i++)
                if (a->changes[i].directive != b->changes[i].directive ||
                    a->changes[i].literal != b->changes[i].literal ||
                    !value_equal(&a->changes[i].value, &b->changes[i].value))
                        return false;
        return true;
}

/* 1: nothing was typed. */
static int typed_profile(struct context *c, const struct sandbox *s, struct profile **ret,
                         struct err *e)
{
        int r;

        if (!c->args->on[OPT_OBSERVED])
                return context_profile(c, s, ret, e);
        r = observing_profile(c, s, ret, e);
        return r > 0 ? -ENOENT : r;
}

static int no_profile(const struct sandbox *s, const struct form *form, struct profile **ret,
                      struct err *e)
{
        int r;

        if (form->changes_only)
                return err_say(e, -ENODATA,
                               "%s has no profile yet: `gird try %s -p DIRECTIVE=VALUE` makes one, "
                               "or give -p or --profile here",
                               s->unit, s->unit);
        r = profile_new(s->unit, s->scope, ret);
        return r < 0 ? err_set(e, r, "cannot make a profile of %s", s->unit) : 0;
}

int exporting_profile(struct context *c, const struct sandbox *s, const struct form *form,
                      struct profile **ret, struct err *e)
{
        scoped(profile_freep) struct profile *given = NULL, *last = NULL;
        int g, r = store_get_profile(&c->store, s->unit, &c->dialect, &last, e);

        if (r < 0 && r != -EACCES) /* without root the last one is out of sight */
                return r;
        g = typed_profile(c, s, &given, e);
        if (g < 0)
                return g;
        if (g > 0 && !last)
                return no_profile(s, form, ret, e);
        if (g > 0 || (last && same_changes(last, given))) {
                *ret = take(last);
                return 0;
        }
        given->verdict = VERDICT_NOT_TRIED; /* one in a file is a claim about another machine */
        *ret = take(given);
        return 0;
}

/* Both sandboxes as the target's systemd would have them, and what they expose there. */
struct both {
        struct sandbox *before, *after;
        unsigned before_x10, after_x10;
};

static void both_done(struct both *b)
{
        sandbox_free(b->before);
        sandbox_free(b->after);
}

static int see_both(const struct context *c, const struct sandbox *s, const struct profile *p,
                    const struct dialect *dialect, struct both *b)
{
        scoped(mem_freep) struct score *score = calloc(1, sizeof(*score));
        int r = score ? sandbox_copy(s, &b->before) : -ENOMEM;

        if (r == 0)
                r = sandbox_imply(b->before, dialect);
        if (r == 0)
                r = profile_apply(p, s, dialect, &b->after);
        if (r < 0)
                return r;
        if (score_sandbox(b->before, dialect, c->mode, score) == 0)
                b->before_x10 = score->exposure;
        if (score_sandbox(b->after, dialect, c->mode, score) == 0)
                b->after_x10 = score->exposure;
        return 0;
}

static void write_date(char *out, size_t room)
{
        time_t now = time(NULL);
        struct tm tm;

        gmtime_r(&now, &tm);
        strftime(out, room, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

/* The systemd it is for.  Nothing to free: the tables are compiled in. */
static int find_target(const struct context *c, const struct sandbox *s, const char *target,
                       struct dialect *ret, struct err *e)
{
        struct version v;
        int r;

        if (!target) {
                *ret = c->dialect;
                return 0;
        }
        r = target_parse(target, &v, e);
        if (r < 0)
                return r;
        dialect_for(v, s->scope, ret);
        return 0;
}

int exporting_make(struct context *c, const struct sandbox *s, const struct profile *p,
                   const struct form *form, const char *target, struct form_output *ret,
                   bool *ret_observed, struct err *e)
{
        scoped(behaviour_freep) struct behaviour *seen = NULL;
        scoped(profile_freep) struct profile *whole = NULL;
        scoped(form_output_done) struct form_output output = { 0 };
        scoped(both_done) struct both both = { 0 };
        struct dialect dialect;
        char date[32];
        struct form_input in = { .dialect = &dialect, .date = date };
        int r = find_target(c, s, target, &dialect, e);

        if (r == 0)
                r = attempt_complete(c, p, &whole, e);
        if (r < 0)
                return r;
        if (form->changes_only && whole->change_count == 0)
                return err_say(e, -ENODATA, "the profile of %s changes nothing", s->unit);
        r = see_both(c, s, whole, &dialect, &both);
        if (r < 0)
                return err_set(e, r, "cannot apply the changes to %s", s->unit);
        if (observing_get(c, s->unit, &seen, NULL, NULL) == -ENOMEM)
                return err_set(e, -ENOMEM, "cannot read what was observed of %s", s->unit);
        write_date(date, sizeof(date));
        in.unit = both.before;
        in.after = both.after;
        in.profile = whole;
        in.behaviour = seen;
        in.known = target ? NULL : c->known;
        in.before_x10 = both.before_x10;
        in.after_x10 = both.after_x10;
        r = form->write(&in, &output, e);
        if (r < 0)
                return r;
        if (ret_observed)
                *ret_observed = seen != NULL;
        *ret = output;
        output = (struct form_output){ 0 };
        return 0;
}
