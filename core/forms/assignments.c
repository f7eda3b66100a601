/* assignments.c - a profile as the lines of its drop-in, and what the writers share. */
#include "core/forms/assignments.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/profile/dropin.h"
#include "core/unit/name.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

void assignments_done(struct assignments *a)
{
        for (size_t i = 0; i < a->count; i++) {
                strv_free(a->list[i].lines);
                free(a->list[i].comment);
        }
        free(a->list);
        free(a->text);
        *a = (struct assignments){ 0 };
}

static struct assignment *find(const struct assignments *a, enum directive_id id)
{
        for (size_t i = 0; i < a->count; i++)
                if (a->list[i].directive->id == id)
                        return &a->list[i];
        return NULL;
}

const struct assignment *assignments_find(const struct assignments *a, enum directive_id id)
{
        return find(a, id);
}

bool assignment_resets(const struct assignment *a)
{
        return a->lines && a->lines[0] && !a->lines[0][0] && a->lines[1];
}

/* The entry of a directive, made where there is none yet; takes the comment for a new one. */
static int enter(struct assignments *a, const struct directive *d, char **comment,
                 struct assignment **ret)
{
        struct assignment *one = find(a, d->id);

        if (!one) {
                one = reallocarray(a->list, a->count + 1, sizeof(*one));
                if (!one)
                        return -ENOMEM;
                a->list = one;
                one = &a->list[a->count++];
                *one = (struct assignment){ .directive = d, .comment = take(*comment) };
        }
        *ret = one;
        return 0;
}

/* "Key=VALUE".  dropin_render() writes no other lines, and none goes on in the next. */
static int take_line(struct assignments *a, const char *line, size_t length, char **comment)
{
        scoped(mem_freep) char *key = NULL;
        const char *equals = memchr(line, '=', length);
        const struct directive *d;
        struct assignment *one;
        int r;

        if (!equals)
                return -EINVAL;
        key = strndup(line, (size_t)(equals - line));
        if (!key)
                return -ENOMEM;
        d = directive_find(key);
        if (!d)
                return -EINVAL;
        r = enter(a, d, comment, &one);
        return r < 0 ? r : strv_addn(&one->lines, equals + 1, length - (size_t)(equals - line) - 1);
}

static int split(struct assignments *a)
{
        scoped(mem_freep) char *comment = NULL;
        bool body = false;
        int r = 0;

        for (const char *line = a->text; r == 0 && *line; line += *line == '\n') {
                size_t length = strcspn(line, "\n");

                if (line[0] == '[')
                        body = true;
                else if (line[0] == '#' && body && !text_starts(line, "# Left out: ")) {
                        free(comment);
                        comment = strndup(line + 2, length > 2 ? length - 2 : 0);
                        r = comment ? 0 : -ENOMEM;
                } else if (line[0] != '#' && length > 0)
                        r = take_line(a, line, length, &comment);
                line += length;
        }
        return r;
}

int assignments_make(const struct form_input *in, struct assignments *ret, struct form_output *o,
                     struct err *e)
{
        scoped(assignments_done) struct assignments a = { 0 };
        scoped(strv_freep) char **left_out = NULL;
        struct dropin_options options = { .dialect = in->dialect,
                                          .known = in->known,
                                          .date = in->date,
                                          .unit = in->unit,
                                          .ret_left_out = &left_out };
        int r = dropin_render(in->profile, &options, &a.text, e);

        if (r < 0)
                return r;
        r = split(&a);
        for (char **line = left_out; r == 0 && line && *line; line++)
                r = form_leave_out(o, "%s", *line);
        if (r < 0)
                return err_set(e, r, "cannot put %s into another form", in->profile->unit);
        *ret = a;
        a = (struct assignments){ 0 };
        return 0;
}

/* One comment line, whatever is in it. */
static int add_comment(struct text *t, const char *prefix, const char *words)
{
        scoped(mem_freep) char *safe = text_printable_dup(words);

        if (!safe)
                return -ENOMEM;
        text_addf(t, "%s%s\n", prefix, safe);
        return 0;
}

int form_header(struct text *t, const char *prefix, const struct form_input *in,
                const struct form_output *o)
{
        struct version v = in->dialect->version;
        const struct profile *p = in->profile;
        char systemd[32];
        scoped(mem_freep) char *mark = NULL, *verdict = NULL;
        int r;

        snprintf(systemd, sizeof(systemd), v.minor ? "%u.%u" : "%u", v.major, v.minor);
        mark = text_format(FORM_MARK "%s on %s for %s under systemd %s", GIRD_VERSION, in->date,
                           in->unit->unit, systemd);
        verdict = text_format("Verdict: %s%s%s; exposure %u.%u, was %u.%u",
                              verdict_name(p->verdict), p->tried ? ", " : "",
                              p->tried ? p->tried : "", in->after_x10 / 10, in->after_x10 % 10,
                              in->before_x10 / 10, in->before_x10 % 10);
        if (!mark || !verdict)
                return -ENOMEM;
        r = add_comment(t, prefix, mark);
        if (r == 0)
                r = add_comment(t, prefix, verdict);
        for (char **line = o->left_out; r == 0 && line && *line; line++) {
                scoped(mem_freep) char *words = text_format("Left out: %s", *line);

                r = words ? add_comment(t, prefix, words) : -ENOMEM;
        }
        return r;
}

int form_finish(struct form_output *o, const char *path, struct text *t, int r, const char *words,
                struct err *e)
{
        if (r < 0)
                text_done(t);
        else
                r = form_add(o, path, text_take(t), 0644);
        if (r == -ENOMEM)
                return err_set(e, r, "cannot write %s", words);
        return r;
}

char *form_stem(const char *unit, char filler)
{
        const char *suffix = name_suffix(unit);
        size_t length = suffix ? strlen(unit) - strlen(suffix) : strlen(unit);
        char *stem = strndup(unit, length);
        size_t n = 0;

        for (size_t i = 0; stem && i < length; i++) {
                bool plain = isalnum((unsigned char)stem[i]);

                if (plain || (n > 0 && stem[n - 1] != filler))
                        stem[n++] = plain ? (char)tolower((unsigned char)stem[i]) : filler;
        }
        while (stem && n > 0 && stem[n - 1] == filler)
                n--;
        if (stem)
                stem[n] = '\0';
        return stem;
}
