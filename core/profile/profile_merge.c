/* profile_merge.c - values as they are typed: the percent signs and specifiers in them.
 *
 * The catalogue checks text whose specifiers are resolved.  A profile keeps them, as far as
 * the catalogue can hold such a value, so that one profile serves every instance. */
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/profile/profile_private.h"
#include "core/unit/name.h"
#include "core/unit/specifier.h"

#include <errno.h>
#include <string.h>

static bool has_percent(const struct value *v)
{
        for (char **word = v->words; word && *word; word++)
                if (strchr(*word, '%'))
                        return true;
        return false;
}

/* "50%" of an amount is no specifier. */
static bool takes_specifiers(enum directive_kind kind)
{
        return kind != KIND_AMOUNT;
}

static bool all_doubled(const struct value *v)
{
        for (char **word = v->words; word && *word; word++)
                for (const char *c = *word; (c = strchr(c, '%')); c += 2)
                        if (c[1] != '%')
                                return false;
        return true;
}

static void halve(char *word)
{
        char *to = word;

        for (const char *from = word; *from; from++) {
                *to++ = *from;
                if (*from == '%')
                        from++;
        }
        *to = '\0';
}

static char *doubled(const char *word)
{
        struct text t = { 0 };

        for (const char *c = word; *c; c++)
                text_addn(&t, *c == '%' ? "%%" : c, *c == '%' ? 2 : 1);
        return text_take(&t);
}

int profile_percent_double(char **words)
{
        for (char **word = words; word && *word; word++) {
                char *longer;

                if (!strchr(*word, '%'))
                        continue;
                longer = doubled(*word);
                if (!longer)
                        return -ENOMEM;
                free(*word);
                *word = longer;
        }
        return 0;
}

bool profile_percent_settle(struct value *v, const struct directive *d, bool typed)
{
        if (!takes_specifiers(d->kind) || !has_percent(v))
                return false;
        if (!typed)
                return true;
        if (!all_doubled(v))
                return false;
        for (char **word = v->words; *word; word++)
                halve(*word);
        return true;
}

/* ---- specifiers ---- */

static bool is_single(enum directive_kind kind)
{
        return kind == KIND_USER || kind == KIND_PATH || kind == KIND_TEXT;
}

/* Whether a template's text depends on the instance that it does not have. */
static bool needs_instance(const char *text)
{
        for (const char *c = text; (c = strchr(c, '%')) && c[1]; c += 2)
                if (strchr("iIfnN", c[1]))
                        return true;
        return false;
}

/* 1: they cannot be resolved here. */
static int expand(const struct dialect *dialect, const char *unit, const char *text, char **ret)
{
        bool template = name_kind(unit) == NAME_TEMPLATE;
        scoped(mem_freep) char *name = template ? name_with_instance(unit, "x") : strdup(unit);
        scoped(mem_freep) char *plain = NULL;
        struct specifier_context c = { .unit = name,
                                       .scope = dialect->scope,
                                       .version = dialect->version };
        char bad;
        int r = name ? specifier_expand(&c, text, &plain, &bad) : -ENOMEM;

        if (r == 0 && !profile_text_fits(plain))
                return 1;
        if (r == 0)
                *ret = take(plain);
        return r;
}

/* The text itself, if what it stands for is fine. */
static int take_single(struct value *v, const struct directive *d, const struct dialect *dialect,
                       const char *text, const char *plain, struct err *note)
{
        scoped(value_done) struct value meant = { 0 };
        scoped(strv_freep) char **words = NULL;
        int how = value_assign(&meant, d, dialect, plain, note);

        if (how != ASSIGN_TAKEN)
                return how;
        if (strv_add(&words, text) < 0)
                return -ENOMEM;
        value_done(v);
        *v = (struct value){ .set = true, .words = take(words) };
        return ASSIGN_TAKEN;
}

static int take_resolved(struct value *v, const struct directive *d, const struct dialect *dialect,
                         const char *text, const char *unit, const char *plain, struct err *note)
{
        scoped(mem_freep) char *typed = NULL;

        if (is_single(d->kind))
                return take_single(v, d, dialect, text, plain, note);
        if (name_kind(unit) == NAME_TEMPLATE && needs_instance(text)) {
                err_say(note, -EINVAL, "gird cannot check it without an instance of the template");
                return ASSIGN_IGNORED;
        }
        typed = doubled(plain);
        return typed ? value_assign(v, d, dialect, typed, note) : -ENOMEM;
}

int profile_merge(struct value *v, const struct directive *d, const struct dialect *dialect,
                  const char *unit, const char *text, struct err *note)
{
        scoped(value_done) struct value before = { 0 };
        scoped(mem_freep) char *plain = NULL;
        struct err first = { 0 };
        int how, r;

        if (!strchr(text, '%') || !takes_specifiers(d->kind))
                return value_assign(v, d, dialect, text, note);
        r = value_copy(v, &before);
        if (r < 0)
                return r;
        how = value_assign(v, d, dialect, text, &first);
        if (how < 0 || (how == ASSIGN_TAKEN && !first.text[0]))
                return how;
        r = expand(dialect, unit, text, &plain);
        if (r != 0) {
                if (note)
                        *note = first;
                return r < 0 ? r : how;
        }
        value_done(v);
        *v = before;
        before = (struct value){ 0 };
        return take_resolved(v, d, dialect, text, unit, plain, note);
}

int profile_resolve(const struct change *c, const struct sandbox *s, const struct dialect *dialect,
                    struct value *ret)
{
        scoped(value_done) struct value v = { 0 };
        int r = value_copy(&c->value, &v);
        bool plain = c->literal || !takes_specifiers(directive_at(c->directive)->kind);

        for (char **word = v.words; r == 0 && !plain && word && *word; word++) {
                struct specifier_context context = { .unit = s->unit,
                                                     .fragment = s->facts.fragment,
                                                     .scope = s->scope,
                                                     .version = dialect->version };
                char *resolved = NULL;
                char bad;

                r = strchr(*word, '%') ? specifier_expand(&context, *word, &resolved, &bad) : 1;
                if (r == 0) {
                        free(*word);
                        *word = resolved;
                }
                r = r == 1 ? 0 : r;
        }
        if (r < 0)
                return r;
        *ret = v;
        v = (struct value){ 0 };
        return 0;
}
