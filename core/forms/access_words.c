/* access_words.c - heads, names, and what a form leaves out. */
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/forms/access.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

char *plain_name(const char *unit, const char *extra)
{
        size_t n = strlen(unit);
        char *name;

        if (text_ends(unit, ".service"))
                n -= strlen(".service");
        name = strndup(unit, n);
        for (char *c = name; c && *c; c++)
                if (!isalnum((unsigned char)*c) && !strchr(extra, *c))
                        *c = '_';
        return name;
}

int access_must_be_observed(const struct form_input *in, const char *what, struct err *e)
{
        if (in->behaviour)
                return 0;
        return err_say(e, -ENODATA,
                       "%s is made of what the service was seen doing, and nothing is known of "
                       "that yet: `gird observe %s` watches it",
                       what, in->after->unit);
}

/* ---- what is left out ---- */

static bool is_in(enum directive_id id, const enum directive_id *list)
{
        for (; *list != DIRECTIVE_COUNT; list++)
                if (*list == id)
                        return true;
        return false;
}

/* Something that the unit itself (or the profile) sets, and that is not the loosest there is. */
static bool restricts(const struct sandbox *s, const struct directive *d)
{
        const struct setting *one = &s->settings[d->id];

        if (!one->value.set || d->flags & NOT_A_SANDBOX || one->origin.kind == ORIGIN_IMPLIED ||
            one->origin.kind == ORIGIN_DEFAULT)
                return false;
        if (d->kind == KIND_BOOL || d->kind == KIND_CHOICE)
                return setting_yes(s, d->id);
        return true;
}

int access_leave_out(const struct form_input *in, const struct form_limits *limits,
                     const struct access *a, struct form_output *ret)
{
        int r = 0;

        for (size_t i = 0; i < DIRECTIVE_COUNT && r == 0; i++) {
                const struct directive *d = directive_at(i);
                const char *why = limits->groups[d->group];

                if (!restricts(in->after, d) || is_in(d->id, limits->expressed))
                        continue;
                r = form_leave_out(ret, "%s=: %s; systemd goes on enforcing it", d->name,
                                   why ? why : "it has no counterpart there");
        }
        for (char **note = a ? a->notes : NULL; note && *note && r == 0; note++)
                r = form_leave_out(ret, "%s", *note);
        return r;
}

void access_write_left_out(struct text *t, const char *mark, const struct form_output *o)
{
        if (o->left_out && *o->left_out)
                text_addf(t, "%sLeft out:\n", mark);
        for (char **line = o->left_out; line && *line; line++) {
                scoped(mem_freep) char *shown = text_printable_dup(*line);

                text_addf(t, "%s  %s\n", mark, shown ? shown : "");
                t->failed |= !shown;
        }
}

void access_write_head(struct text *t, const char *mark, const char *what,
                       const struct form_input *in, const struct access *a)
{
        scoped(mem_freep) char *unit = text_printable_dup(in->after->unit);

        t->failed |= !unit;
        text_addf(t, "%s%s for %s\n", mark, what, unit ? unit : "");
        text_addf(t, "%sWritten by gird " GIRD_VERSION "%s%s\n", mark, in->date ? ", " : "",
                  in->date ? in->date : "");
        text_addf(t, "%sFrom: %s\n", mark,
                  a->watched ? a->watched
                             : "the settings of the unit alone; it was not observed yet");
}
