/* dropin.c - a profile as a systemd drop-in. */
#include "core/profile/dropin.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/profile/known.h"
#include "core/profile/profile_private.h"

#include <errno.h>
#include <string.h>

/* What is written so far. */
struct writing {
        const struct profile *profile;
        const struct dropin_options *o;
        struct text text;
        const char *section; /* the one the next line belongs to; NULL at the start */
        char **left_out;
        struct err *e;
};

static void writing_done(struct writing *w)
{
        text_done(&w->text);
        strv_free(w->left_out);
}

bool dropin_is_ours(const char *text)
{
        return text_starts(text, DROPIN_MARK);
}

/* A comment must stay one line, whatever is in it. */
static int add_comment(struct text *t, const char *words)
{
        scoped(mem_freep) char *safe = text_printable_dup(words);

        if (!safe)
                return -ENOMEM;
        text_addf(t, "# %s\n", safe);
        return 0;
}

static int add_header(struct writing *w)
{
        const struct profile *p = w->profile;
        struct version v = w->o->dialect->version;
        scoped(mem_freep) char *mark = NULL, *verdict = NULL, *undo = NULL;
        char now[TIME_ROOM], systemd[32];
        int r;

        profile_time(now, sizeof(now));
        snprintf(systemd, sizeof(systemd), v.minor ? "%u.%u" : "%u", v.major, v.minor);
        mark = text_format("%s%s on %s for systemd %s", &DROPIN_MARK[2], GIRD_VERSION,
                           w->o->date ? w->o->date : now, systemd);
        verdict = text_format("Verdict: %s%s%s", verdict_name(p->verdict), p->tried ? ", " : "",
                              p->tried ? p->tried : "");
        undo = text_format("To take it back: gird %sundo %s",
                           p->scope == SCOPE_USER ? "--user " : "", p->unit);
        if (!mark || !verdict || !undo)
                return -ENOMEM;
        r = add_comment(&w->text, mark);
        if (r == 0)
                r = add_comment(&w->text, verdict);
        return r == 0 ? add_comment(&w->text, undo) : r;
}

static void enter_section(struct writing *w, const struct directive *d)
{
        const char *section = dropin_section(d, w->profile->unit);

        if (w->section && strcmp(w->section, section) == 0)
                return;
        text_addf(&w->text, "\n[%s]\n", section);
        w->section = section;
}

/* Says in the answer and in the file what is missing there. */
static int leave_out(struct writing *w, const struct change *c, const char *why)
{
        scoped(mem_freep) char *words =
                text_format("%s=: %s", directive_at(c->directive)->name, why);
        scoped(mem_freep) char *comment = words ? text_format("Left out: %s", words) : NULL;
        int r;

        if (!comment)
                return -ENOMEM;
        r = strv_add(&w->left_out, words);
        return r < 0 ? r : add_comment(&w->text, comment);
}

/* Whether this systemd would act on the directive; if not, *why says why. */
static bool is_usable(const struct writing *w, const struct directive *d, struct err *why)
{
        const struct dropin_options *o = w->o;
        unsigned major = o->dialect->version.major;

        if (w->profile->scope == SCOPE_USER && d->flags & NO_USER_MANAGER)
                err_say(why, -EOPNOTSUPP, "it cannot work in a user manager");
        else if (o->known ? known_has(o->known, d) : directive_known_to(d, o->dialect->version))
                return true;
        else if (d->since > major)
                err_say(why, -EOPNOTSUPP, "it came with systemd %u; this is %u", d->since, major);
        else
                err_say(why, -EOPNOTSUPP, "this systemd was built without it");
        return false;
}

/* Reads the lines as this systemd will.  1: it would ignore one.  The note says what it would
 * ignore or skip. */
static int rehearse(const struct writing *w, const struct directive *d, char *const *lines,
                    struct value *ret, struct err *note)
{
        for (; lines && *lines; lines++) {
                int how = value_assign(ret, d, w->o->dialect, *lines, note);

                if (how < 0)
                        return how;
                if (how == ASSIGN_TAKEN)
                        continue;
                if (!note->text[0])
                        err_say(note, -EINVAL, "this systemd would not take %s", *lines);
                return 1;
        }
        return 0;
}

/* The comment that gives the reason; dropin_parse reads it back. */
static int add_reason(struct writing *w, const struct change *c)
{
        scoped(mem_freep) char *words =
                text_format("%s%s%s%s", reason_words(c->reason),
                            c->value.set ? "" : DROPIN_DEFAULT_WORDS, c->evidence ? ": " : "",
                            c->evidence ? c->evidence : "");

        return words ? add_comment(&w->text, words) : -ENOMEM;
}

static int add_lines(struct writing *w, const struct change *c, char *const *lines)
{
        const struct directive *d = directive_at(c->directive);
        int r;

        for (char *const *line = lines; *line; line++)
                if (!profile_text_fits(*line))
                        return err_say(w->e, -EILSEQ,
                                       "%s=%s cannot stand in a unit file: control characters, broken "
                                       "UTF-8, or a backslash at its end",
                                       d->name, *line);
        enter_section(w, d);
        r = add_reason(w, c);
        for (char *const *line = lines; r == 0 && *line; line++)
                text_addf(&w->text, "%s=%s\n", d->name, *line);
        return r;
}

/* The lines as they go into the file: plain percent signs doubled. */
static int lines_to_write(const struct change *c, const struct value *v,
                          const struct dialect *dialect, char ***ret)
{
        struct change written = { .directive = c->directive, .value = *v, .literal = c->literal };

        return change_lines(&written, dialect, ret);
}

/* A value is written as this systemd will understand it: a word that it would skip is not
 * written, and that is said. */
static int add_value(struct writing *w, const struct change *c)
{
        const struct directive *d = directive_at(c->directive);
        const struct dialect *dialect = w->o->dialect;
        scoped(strv_freep) char **printed = NULL, **lines = NULL;
        scoped(value_done) struct value taken = { 0 };
        struct err note = { 0 };
        int r;

        r = value_print(&c->value, d, dialect, &printed);
        if (r == 0)
                r = rehearse(w, d, printed, &taken, &note);
        if (r < 0)
                return r;
        enter_section(w, d);
        if (note.text[0] && leave_out(w, c, note.text) < 0)
                return -ENOMEM;
        if (r == 1)
                return 0;
        r = lines_to_write(c, &taken, dialect, &lines);
        return r < 0 ? r : add_lines(w, c, lines);
}

static int add_default(struct writing *w, const struct change *c)
{
        const struct directive *d = directive_at(c->directive);
        const char *text = dropin_default(d, w->profile->scope);
        char *lines[] = { (char *)text, NULL };

        if (text)
                return add_lines(w, c, lines);
        enter_section(w, d);
        return leave_out(w, c, "no line of a drop-in takes it away; edit the file that sets it");
}

static int add_change(struct writing *w, const struct change *c)
{
        const struct directive *d = directive_at(c->directive);
        struct err why = { 0 };

        if (is_usable(w, d, &why))
                return c->value.set ? add_value(w, c) : add_default(w, c);
        enter_section(w, d);
        return leave_out(w, c, why.text);
}

/* [Unit] stands first, as in every unit file. */
static int add_changes(struct writing *w, bool in_unit)
{
        for (size_t i = 0; i < w->profile->change_count; i++) {
                const struct change *c = &w->profile->changes[i];
                bool here = directive_at(c->directive)->flags & IN_UNIT_SECTION;
                int r = here == in_unit ? add_change(w, c) : 0;

                if (r < 0)
                        return r;
        }
        return 0;
}

int dropin_render(const struct profile *p, const struct dropin_options *o, char **ret, struct err *e)
{
        scoped(writing_done) struct writing w = { .profile = p, .o = o, .e = e };
        struct err own = { 0 };
        char *text;
        int r;

        if (!w.e)
                w.e = &own;
        r = add_header(&w);
        if (r == 0)
                r = add_changes(&w, true);
        if (r == 0)
                r = add_changes(&w, false);
        text = r == 0 ? text_take(&w.text) : NULL;
        if (r == 0 && !text)
                r = -ENOMEM;
        if (r == -EILSEQ)
                return r;
        if (r < 0)
                return err_set(e, r, "cannot write the drop-in of %s", p->unit);
        if (o->ret_left_out)
                *o->ret_left_out = take(w.left_out);
        *ret = text;
        return 0;
}
