/* profile_assign.c - one "Directive=value" as a person types it, and what is wrong with it. */
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/profile/profile_private.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

enum { NAME_MAX_LENGTH = 63 };

static size_t least(size_t a, size_t b, size_t c)
{
        size_t ab = a < b ? a : b;

        return ab < c ? ab : c;
}

/* How many letters have to be changed, added or taken to get from a to b; case is free. */
static size_t distance(const char *a, const char *b)
{
        size_t row[NAME_MAX_LENGTH + 1];
        size_t width = strlen(b);

        for (size_t j = 0; j <= width; j++)
                row[j] = j;
        for (size_t i = 0; a[i]; i++) {
                size_t diagonal = row[0];

                row[0] = i + 1;
                for (size_t j = 0; j < width; j++) {
                        bool same = tolower((unsigned char)a[i]) == tolower((unsigned char)b[j]);
                        size_t next = least(row[j] + 1, row[j + 1] + 1, diagonal + !same);

                        diagonal = row[j + 1];
                        row[j + 1] = next;
                }
        }
        return row[width];
}

const char *profile_nearest(const char *name)
{
        size_t length = strlen(name);
        size_t best = length / 3 + 1; /* further off is another word, not a misspelt one */
        const char *nearest = NULL;

        if (length > NAME_MAX_LENGTH)
                return NULL;
        for (size_t i = 0; i < DIRECTIVE_COUNT; i++) {
                const char *candidate = directive_at(i)->name;
                size_t d = strlen(candidate) > NAME_MAX_LENGTH ? best : distance(name, candidate);

                if (d < best) {
                        best = d;
                        nearest = candidate;
                }
        }
        return nearest;
}

/* A copy of the n characters without the blanks around them. */
static char *trimmed(const char *chars, size_t n)
{
        while (n > 0 && strchr(" \t", chars[n - 1]))
                n--;
        for (; n > 0 && strchr(" \t", *chars); n--)
                chars++;
        return strndup(chars, n);
}

/* "Key = value" -> key and value, as systemd's reader splits it. */
static int split(const char *word, char **ret_key, char **ret_text, struct err *e)
{
        const char *equals = strchr(word, '=');

        if (!equals)
                return err_say(e, -EINVAL, "\"%s\" is no assignment; write Directive=value", word);
        *ret_key = trimmed(word, (size_t)(equals - word));
        *ret_text = trimmed(equals + 1, strlen(equals + 1));
        return *ret_key && *ret_text ? 0 : err_set(e, -ENOMEM, "cannot read %s", word);
}

static int find(const char *key, const struct directive **ret, struct err *e)
{
        const char *nearest;

        *ret = directive_find(key);
        if (*ret)
                return 0;
        nearest = profile_nearest(key);
        if (nearest)
                return err_say(e, -EINVAL, "there is no directive %s=; did you mean %s=?", key,
                               nearest);
        return err_say(e, -EINVAL, "gird knows no directive %s=", key);
}

/* Whether this manager would act on the directive at all. */
static int check_usable(const struct profile *p, const struct directive *d,
                        const struct dialect *dialect, struct err *e)
{
        if (!directive_known_to(d, dialect->version))
                return err_say(e, -EOPNOTSUPP, "%s= came with systemd %u; this is systemd %u",
                               d->name, d->since, dialect->version.major);
        if (p->scope == SCOPE_USER && d->flags & NO_USER_MANAGER)
                return err_say(e, -EOPNOTSUPP, "%s= cannot work in a user manager", d->name);
        return 0;
}

/* The change so far, in the form in which it was typed. */
static int present(const struct profile *p, enum directive_id id, struct value *ret)
{
        const struct change *c = profile_find(p, id);
        int r = c ? value_copy(&c->value, ret) : 0;

        return r == 0 && c && c->literal ? profile_percent_double(ret->words) : r;
}

static int judge(int how, const char *key, const char *text, const struct err *note, struct err *e)
{
        const char *why = note->text[0] ? note->text : "it is no value of this directive";

        if (how < 0)
                return err_set(e, how, "cannot read %s=%s", key, text);
        switch ((enum assign)how) {
        case ASSIGN_TAKEN:
                break;
        case ASSIGN_IGNORED:
                return err_say(e, -EINVAL, "systemd would ignore %s=%s: %s", key, text, why);
        case ASSIGN_REFUSED:
                return err_say(e, -EINVAL, "systemd would refuse the unit for %s=%s: %s", key, text,
                               why);
        }
        /* Part of a list was skipped: a typing error is not what a person means to save. */
        if (note->text[0])
                return err_say(e, -EINVAL, "systemd would skip a part of %s=%s: %s", key, text,
                               why);
        return 0;
}

int profile_assign(struct profile *p, const struct dialect *dialect, const char *word,
                   struct err *e)
{
        scoped(mem_freep) char *key = NULL, *text = NULL;
        scoped(value_done) struct value v = { 0 };
        struct err note = { 0 };
        const struct directive *d = NULL;
        int r;

        r = split(word, &key, &text, e);
        if (r == 0)
                r = find(key, &d, e);
        if (r == 0)
                r = check_usable(p, d, dialect, e);
        if (r < 0)
                return r;
        if (!profile_text_fits(text))
                return err_say(e, -EINVAL,
                               "%s=%s cannot stand on one line of a unit file: control characters, "
                               "broken UTF-8, blanks or a backslash at its end",
                               key, text);
        r = present(p, d->id, &v);
        if (r == 0)
                r = judge(profile_merge(&v, d, dialect, p->unit, text, &note), key, text, &note, e);
        else
                r = err_set(e, r, "cannot keep %s=", key);
        if (r < 0)
                return r;
        r = profile_set(p, d->id, &v, REASON_HAND, NULL);
        return r < 0 ? err_set(e, r, "cannot keep %s=", key) : 0;
}
