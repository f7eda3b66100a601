/* write_json.c - a profile as gird's own JSON.
 *
 * JSON has no comments, so what the target's systemd lacks is only said beside it. */
#include "core/base/mem.h"
#include "core/forms/assignments.h"
#include "core/profile/dropin.h"
#include "core/profile/json.h"

#include <errno.h>
#include <string.h>

/* The sentences that are about one directive. */
static int say(struct form_output *o, const struct form_output *all, const struct directive *d)
{
        size_t length = strlen(d->name);

        for (char **line = all->left_out; line && *line; line++) {
                int r = strncmp(*line, d->name, length) == 0 && (*line)[length] == '='
                                ? form_leave_out(o, "%s", *line)
                                : 0;

                if (r < 0)
                        return r;
        }
        return 0;
}

/* Each value as that systemd would read it back; what it does not know goes. */
static int fit_values(struct profile *p, const struct profile *read, const struct form_output *all,
                      struct form_output *o)
{
        for (size_t i = p->change_count; i-- > 0;) {
                const struct change *c = &p->changes[i],
                                    *as_read = profile_find(read, c->directive);
                const struct directive *d = directive_at(c->directive);
                scoped(mem_freep) char *evidence = c->evidence ? strdup(c->evidence) : NULL;
                struct value v = { 0 };
                int r;

                if (!c->value.set || (as_read && value_equal(&c->value, &as_read->value)))
                        continue;
                r = say(o, all, d);
                if (r == 0 && as_read)
                        r = value_copy(&as_read->value, &v);
                if (r < 0)
                        return r;
                if (as_read)
                        r = profile_set(p, c->directive, &v, c->reason, evidence);
                else
                        profile_unset(p, c->directive);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* The version it was made for stays as it is unless another one was asked for. */
static int set_version(const struct form_input *in, struct profile *p)
{
        struct version v = in->dialect->version, old = { 0 };
        char *words;

        if (p->systemd && version_parse(p->systemd, &old) == 0 && version_compare(old, v) == 0)
                return 0;
        words = text_format(v.minor ? "%u.%u" : "%u", v.major, v.minor);
        if (!words)
                return -ENOMEM;
        free(p->systemd);
        p->systemd = words;
        return 0;
}

static int fit(const struct form_input *in, struct profile *p, struct form_output *o, struct err *e)
{
        scoped(assignments_done) struct assignments a = { 0 };
        scoped(form_output_done) struct form_output all = { 0 };
        scoped(profile_freep) struct profile *read = NULL;
        int r = assignments_make(in, &a, &all, e);

        if (r == 0)
                r = dropin_parse(DROPIN_NAME, a.text, p->unit, in->dialect, &read, e);
        if (r < 0)
                return r;
        r = fit_values(p, read, &all, o);
        if (r == 0)
                r = set_version(in, p);
        return r < 0 ? err_set(e, r, "cannot write the profile of %s", p->unit) : 0;
}

FORM_WRITER(json)
{
        scoped(profile_freep) struct profile *p = NULL;
        char *text = NULL;
        int r = profile_copy(in->profile, &p);

        if (r < 0)
                return err_set(e, r, "cannot write the profile of %s", in->profile->unit);
        r = fit(in, p, ret, e);
        if (r < 0)
                return r;
        r = profile_to_json(p, in->dialect, &text);
        if (r == 0)
                r = form_add(ret, "profile.json", text, 0644);
        return r < 0 ? err_set(e, r, "cannot write the profile of %s", p->unit) : 0;
}
