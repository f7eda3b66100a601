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

/* WHAT ends at the first ": ". */
static char *accepted_key(const char *what)
{
        struct text t = { 0 };

        for (const char *c = what; *c; c++) {
                bool divides = c[0] == ':' && c[1] == ' ';

                text_add(&t, divides ? ":\\x20" : *c == '\\' ? "\\\\" : (char[]){ *c, '\0' });
                c += divides;
        }
        return text_take(&t);
}

/* So that whoever reads the file knows what it takes from the unit, and that this is wanted. */
static int add_accepted(struct writing *w)
{
        for (size_t i = 0; i < w->profile->accepted_count; i++) {
                const struct accepted *a = &w->profile->accepted[i];
                scoped(mem_freep) char *key = accepted_key(a->what);
                scoped(mem_freep) char *words = NULL;
                int r;

                words = key ? text_format(DROPIN_ACCEPTED_WORDS "%s: %s", key, a->reason) : NULL;
                r = words ? add_comment(&w->text, words) : -ENOMEM;
                if (r < 0)
                        return r;
        }
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
        scoped(mem_freep) char *words = text_format("%s=: %s", directive_at(c->directive)->name,
                                                    why);
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
static int rehearse(const struct writing *w, const struct change *c, char *const *lines,
                    struct value *ret, struct err *note)
{
        const struct directive *d = directive_at(c->directive);
        const struct dialect *dialect = w->o->dialect;

        for (; lines && *lines; lines++) {
                int how = c->literal
                                  ? value_assign(ret, d, dialect, *lines, note)
                                  : profile_merge(ret, d, dialect, w->profile->unit, *lines, note);

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

/* A value is written as this systemd will understand it: a word that it would skip is not
 * written, and that is said.  No lines: it is left out. */
static int lines_of_value(struct writing *w, const struct change *c, char ***ret)
{
        const struct dialect *dialect = w->o->dialect;
        scoped(strv_freep) char **printed = NULL;
        scoped(value_done) struct value taken = { 0 };
        struct change written = { .directive = c->directive, .literal = c->literal };
        struct err note = { 0 };
        int r;

        r = value_print(&c->value, directive_at(c->directive), dialect, &printed);
        if (r == 0)
                r = rehearse(w, c, printed, &taken, &note);
        if (r < 0)
                return r;
        if (note.text[0] && leave_out(w, c, note.text) < 0)
                return -ENOMEM;
        written.value = taken;
        return r == 1 ? 0 : change_lines(&written, dialect, ret);
}

static int lines_of_default(struct writing *w, const struct change *c, char ***ret)
{
        const char *text = dropin_default(directive_at(c->directive), w->profile->scope);

        if (text)
                return strv_add(ret, text);
        return leave_out(w, c, "no line of a drop-in takes it away; edit the file that sets it");
}

static int check_lines(struct writing *w, const struct directive *d, char *const *lines)
{
        for (; lines && *lines; lines++)
                if (!profile_text_fits(*lines))
                        return err_say(
                                w->e, -EILSEQ,
                                "%s=%s cannot stand in a unit file: control characters, broken "
                                "UTF-8, or a backslash at its end",
                                d->name, *lines);
        return 0;
}

/* What stands behind '=', line by line; none if it is left out. */
static int lines_of(struct writing *w, const struct change *c, char ***ret)
{
        const struct directive *d = directive_at(c->directive);
        struct err why = { 0 };
        int r;

        if (!is_usable(w, d, &why))
                r = leave_out(w, c, why.text);
        else if (c->value.set)
                r = lines_of_value(w, c, ret);
        else
                r = lines_of_default(w, c, ret);
        return r < 0 ? r : check_lines(w, d, *ret);
}

/* The comment that gives the reason; dropin_parse reads it back. */
static int add_reason(struct writing *w, const struct change *c)
{
        scoped(mem_freep) char *words = text_format(
                "%s%s%s%s", reason_words(c->reason), c->value.set ? "" : DROPIN_DEFAULT_WORDS,
                c->evidence ? ": " : "", c->evidence ? c->evidence : "");

        return words ? add_comment(&w->text, words) : -ENOMEM;
}

static void add_lines(struct writing *w, const struct directive *d, char *const *lines)
{
        for (; lines && *lines; lines++)
                text_addf(&w->text, "%s=%s\n", d->name, *lines);
}

/* What the unit has in the directive that this one's reset empties, written again. */
static int add_kept(struct writing *w, const struct directive *d, const struct directive *partner)
{
        const struct sandbox *unit = w->o->unit;
        scoped(strv_freep) char **lines = NULL;
        scoped(mem_freep) char *words = text_format(
                DROPIN_KEPT_WORDS ": an empty %s= resets it, too", d->name);
        int r;

        if (!words)
                return -ENOMEM;
        if (!unit || !unit->settings[partner->id].value.set || !is_usable(w, partner, NULL))
                return 0;
        r = value_print(&unit->settings[partner->id].value, partner, w->o->dialect, &lines);
        if (r == 0)
                r = profile_percent_double(lines);
        if (r == 0)
                r = check_lines(w, partner, lines);
        if (r == 0)
                r = add_comment(&w->text, words);
        if (r == 0)
                add_lines(w, partner, lines && *lines && !**lines ? lines + 1 : lines);
        return r;
}

/* Two directives that reset each other: both empty lines first, then the members of both. */
static int add_pair(struct writing *w, const struct change *one, char **lines,
                    const struct change *other, char **others)
{
        const struct directive *d = directive_at(one->directive);
        const struct directive *partner = directive_at(other->directive);
        int r = add_reason(w, one);

        text_addf(&w->text, "%s=\n", d->name);
        if (r == 0)
                r = add_reason(w, other);
        text_addf(&w->text, "%s=\n", partner->name);
        add_lines(w, d, **lines ? lines : lines + 1);
        add_lines(w, partner, **others ? others : others + 1);
        return r;
}

static int add_change(struct writing *w, const struct change *c)
{
        const struct directive *d = directive_at(c->directive);
        const struct directive *partner = value_reset_also(d);
        const struct change *other = partner ? profile_find(w->profile, partner->id) : NULL;
        scoped(strv_freep) char **lines = NULL, **others = NULL;
        int r;

        /* The first of a pair brings the second along. */
        if (other && other < c)
                return 0;
        enter_section(w, d);
        r = lines_of(w, c, &lines);
        if (r == 0 && other)
                r = lines_of(w, other, &others);
        if (r < 0)
                return r;
        if (lines && others)
                return add_pair(w, c, lines, other, others);
        if (!lines && !others)
                return 0;
        r = add_reason(w, lines ? c : other);
        add_lines(w, lines ? d : partner, lines ? lines : others);
        return r == 0 && partner && !other ? add_kept(w, d, partner) : r;
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

int dropin_render(const struct profile *p, const struct dropin_options *o, char **ret,
                  struct err *e)
{
        scoped(writing_done) struct writing w = { .profile = p, .o = o, .e = e };
        struct err own = { 0 };
        char *text;
        int r;

        if (!w.e)
                w.e = &own;
        r = add_header(&w);
        if (r == 0)
                r = add_accepted(&w);
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
