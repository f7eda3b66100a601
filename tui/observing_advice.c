/* observing_advice.c - what follows from an observation. */
#include "tui/observing.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/trial/probe.h"

#include <errno.h>
#include <string.h>

static int check_version(const struct context *c, const struct sandbox *s,
                         const struct behaviour *b, struct err *e)
{
        scoped(mem_freep) char *now = recording_version(s, c->args->root);

        if (!now || !b->version || strcmp(now, b->version) == 0)
                return 0;
        return err_say(e, 1,
                       "%s was observed with another version of %s than is installed now; `gird "
                       "observe %s` looks anew",
                       s->unit, b->binary ? b->binary : "its program", s->unit);
}

static int find_advices(struct context *c, const struct sandbox *s,
                        struct behaviour **ret_behaviour, struct advices *ret, struct err *e)
{
        scoped(behaviour_freep) struct behaviour *b = NULL;
        struct infer_options o = { .unit = s,
                                   .dialect = &c->dialect,
                                   .root = c->args->root ? c->args->root : "" };
        int r = observing_get(c, s->unit, &b, NULL, e);

        if (r == 0)
                r = check_version(c, s, b, e);
        if (r != 0)
                return r;
        o.behaviour = b;
        r = infer(&o, ret, e);
        if (r == 0 && ret_behaviour)
                *ret_behaviour = take(b);
        return r;
}

int observing_advices(struct context *c, const struct sandbox *s, struct advices *ret,
                      struct err *e)
{
        return find_advices(c, s, NULL, ret, e);
}

/* The same work as then: what ran in a twin can run in the next one. */
static int add_probes(struct profile *p, const struct behaviour *b)
{
        int r = 0;

        for (size_t i = 0; i < b->session_count; i++) {
                const struct session *session = &b->sessions[i];

                if (!session->stage || strcmp(session->stage, "twin") != 0)
                        continue;
                for (char **probe = session->probes; r >= 0 && probe && *probe; probe++)
                        if (!strv_has(p->probes, *probe))
                                r = strv_add(&p->probes, *probe);
        }
        return r;
}

/* What it was seen doing, asked for: one that fails without changes, too, is not counted. */
static int add_suggested(struct profile *p, const struct behaviour *b, const struct sandbox *s)
{
        scoped(strv_freep) char **list = NULL;
        int r = probes_suggest(b, s, &list);

        for (char **probe = list; r >= 0 && probe && *probe; probe++)
                if (!strv_has(p->probes, *probe))
                        r = strv_add(&p->probes, *probe);
        return r;
}

static int add_typed_probes(struct profile *p, char *const *probes)
{
        int r = 0;

        for (; r >= 0 && probes && *probes; probes++)
                r = strv_add(&p->probes, *probes);
        return r;
}

int observing_profile(struct context *c, const struct sandbox *s, struct profile **ret,
                      struct err *e)
{
        scoped(advices_done) struct advices advices = { 0 };
        scoped(behaviour_freep) struct behaviour *b = NULL;
        scoped(profile_freep) struct profile *p = NULL;
        size_t count = 0;
        int r = context_profile(c, s, &p, e);

        if (r < 0)
                return r;
        if (r > 0) {
                r = profile_new(s->unit, s->scope, &p);
                if (r >= 0)
                        r = add_typed_probes(p, c->args->probes);
                if (r < 0)
                        return err_set(e, r, "cannot make a profile of %s", s->unit);
        }
        r = find_advices(c, s, &b, &advices, e);
        if (r != 0)
                return r;
        r = advices_take(&advices, p, NULL, &count);
        if (r >= 0)
                r = add_probes(p, b);
        if (r >= 0)
                r = add_suggested(p, b, s);
        if (r < 0)
                return err_set(e, r, "cannot make a profile of what was observed");
        if (p->change_count == 0)
                return err_say(e, 1,
                               "nothing that was observed of %s says that it can do without more "
                               "than it does already",
                               s->unit);
        *ret = take(p);
        return 0;
}
