/* infer_merge.c - what the unit has and what is advised, in one value.
 *
 * Lists that restrict become what both let through; lists that grant keep what either grants.  The
 * unit's own words come first, so that a list the unit has stays as it is. */
#include "core/observe/infer_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <string.h>

/* A system call of a filter may have an errno behind a colon; others are whole words. */
static size_t word_length(const struct directive *d, const char *word)
{
        return d->kind == KIND_SYSCALLS ? strcspn(word, ":") : strlen(word);
}

static const char *find_word(const struct directive *d, char *const *list, const char *word)
{
        size_t n = word_length(d, word);

        for (; list && *list; list++)
                if (word_length(d, *list) == n && strncmp(*list, word, n) == 0)
                        return *list;
        return NULL;
}

/* Adds the words of from that are not in to yet. */
static int add_words(char ***to, char *const *from, const struct directive *d)
{
        for (; from && *from; from++) {
                int r = find_word(d, *to, *from) ? 0 : strv_add(to, *from);

                if (r < 0)
                        return r;
        }
        return 0;
}

/* Whether a filter lets a call through. */
static bool lets(const struct value *v, const struct directive *d, const char *word)
{
        const char *found = find_word(d, v->words, word);

        if (!v->allow)
                return !found;
        return found && !(d->kind == KIND_SYSCALLS && strchr(found, ':'));
}

/* In an allow-list: the words of a, those that the other does not let through left out, or denied
 * with the errno that it has for them. */
static int allow_both(const struct value *a, const struct value *other, const struct directive *d,
                      char ***ret)
{
        for (char *const *w = a->words; w && *w; w++) {
                const char *theirs = find_word(d, other->words, *w);
                bool with_errno = d->kind == KIND_SYSCALLS && strchr(*w, ':');
                int r = 0;

                if (with_errno || lets(other, d, *w))
                        r = strv_add(ret, *w);
                else if (theirs && d->kind == KIND_SYSCALLS && strchr(theirs, ':'))
                        r = strv_add(ret, theirs);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int merge_polar(struct value *v, const struct value *own, const struct directive *d)
{
        scoped(strv_freep) char **words = NULL;
        int r = 0;

        if (!v->allow && !own->allow) {
                r = add_words(&words, own->words, d);
                if (r == 0)
                        r = add_words(&words, v->words, d);
        } else if (own->allow)
                r = allow_both(own, v, d, &words);
        else
                r = allow_both(v, own, d, &words);
        if (r < 0)
                return r;
        strv_sort(words);
        strv_free(v->words);
        v->words = take(words);
        v->allow = v->allow || own->allow;
        return 0;
}

static int merge_list(struct value *v, const struct value *own, const struct directive *d)
{
        scoped(strv_freep) char **words = NULL;
        int r = add_words(&words, own->words, d);

        if (r == 0)
                r = add_words(&words, v->words, d);
        if (r < 0)
                return r;
        if (d->kind == KIND_NAMES)
                strv_sort(words);
        strv_free(v->words);
        v->words = take(words);
        return 0;
}

int infer_merge(struct value *v, const struct value *own, const struct directive *d)
{
        if (!own->set || !v->set)
                return 1;
        switch (d->kind) {
        case KIND_CAPS:
        case KIND_NAMESPACES:
                v->bits = d->flags & MORE_IS_LOOSER ? v->bits | own->bits : v->bits & own->bits;
                return 0;
        case KIND_UMASK:
                v->bits |= own->bits;
                return 0;
        case KIND_FAMILIES:
        case KIND_POLAR:
        case KIND_SYSCALLS:
                return merge_polar(v, own, d);
        case KIND_PATHS:
        case KIND_BINDS:
        case KIND_DIRS:
        case KIND_DEVICES:
        case KIND_ADDRESSES:
        case KIND_PORTS:
                return merge_list(v, own, d);
        case KIND_BOOL:
        case KIND_CHOICE:
        case KIND_NAMES:
        case KIND_LINES:
        case KIND_USER:
        case KIND_PATH:
        case KIND_AMOUNT:
        case KIND_TEXT:
                return 1;
        }
        return 1;
}
