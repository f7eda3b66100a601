/* entering.c - a unit's sandbox as a person asks to see it from inside. */
#include "tui/entering.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/observing.h"

#include <errno.h>
#include <string.h>

static int find_changes(struct context *c, struct entering *n, struct profile **ret,
                        const char **ret_whose, struct err *e)
{
        const struct arguments *a = c->args;
        int r;

        *ret_whose = "";
        if (a->on[OPT_BEFORE]) {
                if (a->profile || a->properties || a->on[OPT_OBSERVED])
                        return err_say(e, -EINVAL,
                                       "--before is the unit as it stands, so it goes with no -p, "
                                       "--profile or --observed");
                return 1;
        }
        if (a->on[OPT_OBSERVED])
                return observing_profile(c, n->unit, ret, e) == 0 ? 0 : -ENOENT;
        r = context_profile(c, n->unit, ret, e);
        if (r <= 0)
                return r;
        *ret_whose = " of its last profile";
        return store_get_profile(&c->store, n->unit->unit, &c->dialect, ret, e);
}

static int take_changes(struct context *c, struct entering *n, struct err *e)
{
        scoped(profile_freep) struct profile *p = NULL;
        const char *whose = "";
        int r = find_changes(c, n, &p, &whose, e);

        if (r < 0)
                return r;
        if (r > 0 || p->change_count == 0) {
                n->words = strdup("as it stands");
                return n->words ? 0 : err_set(e, -ENOMEM, "cannot read the changes");
        }
        n->words = text_format("with the %zu change%s%s", p->change_count,
                               p->change_count == 1 ? "" : "s", whose);
        r = n->words ? attempt_complete(c, p, &n->profile, e) : -ENOMEM;
        if (r >= 0)
                r = profile_apply(n->profile, n->unit, &c->dialect, &n->after);
        return r < 0 && !e->code ? err_set(e, r, "cannot read the changes") : r;
}

int entering_open(struct context *c, const char *word, struct entering *ret, struct err *e)
{
        int r;

        *ret = (struct entering){ 0 };
        r = context_unit(c, word, &ret->unit, e);
        if (r >= 0)
                r = attempt_dropin_path(c, ret->unit->unit, &ret->dropin, e);
        if (r >= 0)
                r = take_changes(c, ret, e);
        if (r < 0)
                entering_done(ret);
        return r;
}

void entering_done(struct entering *n)
{
        stage_close(n->stage);
        sandbox_free(n->unit);
        sandbox_free(n->after);
        profile_free(n->profile);
        free(n->words);
        free(n->dropin);
        *n = (struct entering){ 0 };
}

int entering_stage(struct context *c, struct entering *n, const char *command, struct err *e)
{
        int r = attempt_check(c, n->unit, command, e);

        return r != 0 ? r : attempt_twin(c, &n->stage, e);
}

void entering_options(const struct context *c, const struct entering *n, bool changed,
                      struct inside_options *ret)
{
        *ret = (struct inside_options){ .unit = n->unit,
                                        .profile = changed ? n->profile : NULL,
                                        .dialect = &c->dialect,
                                        .known = c->known,
                                        .dropin_path = n->dropin,
                                        .root = c->args->root };
}

const char *entering_user(const struct sandbox *s)
{
        const char *user = setting_word(s, D_User);

        if (user && *user)
                return user;
        if (setting_yes(s, D_DynamicUser))
                return "a user of its own";
        return s->scope == SCOPE_USER ? "you" : "root";
}
