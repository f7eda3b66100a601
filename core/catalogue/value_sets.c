/* value_sets.c - capabilities, namespaces, address families, file systems and interfaces: the
 * lists that "~" turns round. */
#include "core/catalogue/value_private.h"

#include "core/base/mem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CLONE_TIME UINT64_C(0x80) /* CLONE_NEWTIME, which older headers lack */

/* How systemd splits a list of capabilities: 253 and older give up at a quote that is never
 * closed, and what was read up to there counts. */
static unsigned caps_flags(const struct merge *m)
{
        return SPLIT_QUOTES | (merge_knows(m, 254) ? SPLIT_RELAX : 0U);
}

static int sum_caps(struct merge *m, const char *text, uint64_t *ret)
{
        int last = merge_knows(m, 254) ? 62 : 63;
        const char *p = text;
        uint64_t sum = 0;

        for (;;) {
                scoped(mem_freep) char *word = NULL;
                int r = split_word(&p, caps_flags(m), &word);
                int number;

                if (r == -ENOMEM)
                        return r;
                if (r < 0)
                        merge_skip(m, "A quote is never closed; the rest is ignored");
                if (r <= 0)
                        break;
                number = capability_number(word);
                if (number < 0 || number > last)
                        merge_skip(m, "\"%s\" is no capability and is ignored", word);
                else
                        sum |= UINT64_C(1) << number;
        }
        *ret = sum;
        return 0;
}

/* Whether the next line replaces what is there, as it does while nothing was said.  What
 * reads the same counts as that too; from 262 on, a lone "~" no longer does. */
static bool caps_untouched(const struct merge *m, uint64_t all)
{
        if (!m->v->set)
                return true;
        if (m->d->id == D_AmbientCapabilities)
                return m->v->bits == 0;
        return m->v->bits == all && !merge_knows(m, 262);
}

int assign_caps(struct merge *m, const char *text)
{
        uint64_t all = capability_all(m->dialect);
        bool invert = *text == '~';
        uint64_t sum = 0, bits;
        int r = sum_caps(m, text + invert, &sum);

        if (r < 0)
                return r;
        /* A list without one known capability replaces as well: a lone typo empties the set. */
        if (sum == 0 || caps_untouched(m, all))
                bits = invert ? ~sum : sum;
        else
                bits = invert ? m->v->bits & ~sum : m->v->bits | sum;
        value_done(m->v);
        *m->v = (struct value){ .set = true, .bits = bits & all };
        return ASSIGN_TAKEN;
}

static int add_caps(struct text *t, uint64_t bits)
{
        for (unsigned i = 0; i < 64; i++) {
                const char *name = capability_name(i);

                if (!(bits & UINT64_C(1) << i))
                        continue;
                if (t->length > 0 && t->chars[t->length - 1] != '~')
                        text_add(t, " ");
                if (name)
                        text_add(t, name);
                else
                        text_addf(t, "%u", i);
        }
        return t->failed ? -ENOMEM : 0;
}

/* A reset that is followed by ~LIST must fill the set, not empty it. */
int print_caps(const struct value *v, const struct directive *d, const struct dialect *dialect,
               char ***ret)
{
        scoped(strv_freep) char **lines = NULL;
        scoped(mem_freep) char *list = NULL;
        uint64_t all = capability_all(dialect);
        uint64_t bits = v->bits & all;
        bool invert = __builtin_popcountll(all & ~bits) < __builtin_popcountll(bits);
        struct text t = { 0 };
        int r;

        (void)d;
        if (invert)
                text_add(&t, "~");
        add_caps(&t, invert ? all & ~bits : bits);
        list = text_take(&t);
        if (!list)
                return -ENOMEM;
        r = strv_add(&lines, invert ? "~" : "");
        if (r == 0 && list[invert])
                r = strv_add(&lines, list);
        if (r < 0)
                return r;
        *ret = take(lines);
        return 0;
}

int assign_namespaces(struct merge *m, const char *text)
{
        uint64_t all = namespace_all(m->dialect);
        bool delegates = m->d->id == D_DelegateNamespaces;
        int truth = word_boolean(text);
        bool invert = *text == '~';
        const char *p = text + invert;
        uint64_t flags = 0, bits;

        while (truth < 0) {
                scoped(mem_freep) char *word = NULL;
                int r = split_word(&p, 0, &word);
                uint64_t flag;

                if (r == -ENOMEM)
                        return r;
                if (r == 0)
                        break;
                flag = r > 0 ? namespace_flag(m->dialect, word) : 0;
                if (flag == 0)
                        return merge_ignore(m, "\"%s\" is no namespace; the line is ignored",
                                            r > 0 ? word : text);
                flags |= flag;
        }
        if (truth >= 0)
                bits = (truth > 0) == delegates ? all : 0;
        else if (!m->v->set)
                bits = invert ? all & ~flags : flags;
        else
                bits = invert ? m->v->bits & ~flags : m->v->bits | flags;
        value_done(m->v);
        *m->v = (struct value){ .set = true, .bits = bits };
        return ASSIGN_TAKEN;
}

int print_namespaces(const struct value *v, const struct directive *d,
                     const struct dialect *dialect, char ***ret)
{
        scoped(strv_freep) char **lines = NULL;
        scoped(mem_freep) char *list = NULL;
        uint64_t all = namespace_all(dialect), bits = v->bits & (all | CLONE_TIME), flag = 0;
        /* What "~" does not mean must be named. */
        bool invert = (bits & ~all) == 0 &&
                      __builtin_popcountll(all & ~bits) < __builtin_popcountll(bits);
        struct text t = { 0 };
        const char *name;
        int r;

        if (bits == 0 || bits == all) {
                r = strv_add(&lines,
                             (bits == all) == (d->id == D_DelegateNamespaces) ? "yes" : "no");
                if (r == 0)
                        *ret = take(lines);
                return r;
        }
        for (size_t i = 0; (name = namespace_name(i, &flag)); i++)
                if (flag & (invert ? all & ~bits : bits))
                        text_addf(&t, "%s%s", t.length ? " " : invert ? "~" : "", name);
        list = text_take(&t);
        r = list ? strv_add(&lines, "") : -ENOMEM;
        if (r == 0)
                r = strv_add(&lines, list);
        if (r < 0)
                return r;
        *ret = take(lines);
        return 0;
}

static int put(struct merge *m, const char *word, bool invert)
{
        if (!invert != m->v->allow) {
                strv_remove(m->v->words, word);
                if (m->v->words && !*m->v->words && m->d->kind != KIND_FAMILIES) {
                        strv_free(m->v->words);
                        m->v->words = NULL;
                }
                return 0;
        }
        if (strv_length(m->v->words) >= LIST_MAX) {
                merge_skip(m, "The list is too long; the rest is ignored");
                return 0;
        }
        return words_put(&m->v->words, word);
}

static int put_filesystem(struct merge *m, const char *word, bool invert)
{
        const struct syscall_group *g = *word == '@' ? filesystem_group(word) : NULL;
        int r = 0;

        if (strcmp(word, "@known") == 0) {
                for (size_t i = 0; r == 0 && (g = filesystem_group_at(i)); i++)
                        r = put_filesystem(m, g->name, invert);
                return r;
        }
        if (*word == '@' && !g) {
                merge_skip(m, "\"%s\" is no group of file systems and is ignored", word);
                return 0;
        }
        if (!g &&
            word[strspn(word,
                        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.")]) {
                merge_skip(m, "\"%s\" is no file system and is ignored", word);
                return 0;
        }
        if (!g)
                return put(m, word, invert);
        for (const char *const *member = g->members; r == 0 && *member; member++)
                r = put(m, *member, invert);
        return r;
}

static int put_word(struct merge *m, const char *word, bool invert)
{
        const char *family;

        if (m->d->id == D_RestrictFileSystems)
                return put_filesystem(m, word, invert);
        if (m->d->kind == KIND_POLAR) {
                if (check_interface(word))
                        return put(m, word, invert);
                merge_skip(m, "\"%s\" is no name of an interface and is ignored", word);
                return 0;
        }
        family = family_canonical(word);
        if (family)
                return put(m, family, invert);
        merge_skip(m, "\"%s\" is no address family and is ignored", word);
        /* From 262 on systemd gives up there.  What 258 to 261 do was not measured. */
        return merge_knows(m, 260) ? 1 : 0;
}

/* Whether this line decides if the list allows or denies. */
static bool set_polarity(struct merge *m, bool allow)
{
        /* The interfaces forget their polarity with their last member.  Families keep it, but
         * "none" leaves no list behind: words NULL is that, an empty list is one emptied. */
        bool forgets = m->d->id == D_RestrictNetworkInterfaces || m->d->kind == KIND_FAMILIES;
        bool begins = !m->v->set || (forgets && !m->v->words);

        if (!begins)
                return false;
        value_done(m->v);
        *m->v = (struct value){ .set = true, .allow = allow };
        return true;
}

int assign_polar(struct merge *m, const char *text)
{
        bool invert = *text == '~';
        const char *p = text + invert;
        bool begins;
        int r = 0;

        if (m->d->kind == KIND_FAMILIES && strcmp(text, "none") == 0 && merge_knows(m, 249)) {
                value_done(m->v);
                *m->v = (struct value){ .set = true, .allow = true };
                return ASSIGN_TAKEN;
        }
        begins = set_polarity(m, !invert);
        while (r == 0) {
                scoped(mem_freep) char *word = NULL;

                r = split_word(&p, SPLIT_QUOTES, &word);
                if (r == 0)
                        break;
                if (r == -EINVAL)
                        merge_skip(m, "The quoting is broken; the rest is ignored");
                if (r < 0)
                        break;
                r = put_word(m, word, invert);
        }
        if (r < 0 && r != -EINVAL)
                return r;
        if (!m->v->words && m->d->kind == KIND_FAMILIES)
                m->v->words = calloc(1, sizeof(*m->v->words));
        if (!m->v->words && m->d->kind == KIND_FAMILIES)
                return -ENOMEM;
        /* Only families are restricted by a list in which nothing was ever known. */
        if (!m->v->words && m->d->kind == KIND_POLAR &&
            (begins || m->d->id == D_RestrictNetworkInterfaces))
                value_done(m->v);
        return ASSIGN_TAKEN;
}

/* File systems of whole groups are written as these groups. */
static int fold_filesystems(char *const *words, char ***ret)
{
        scoped(strv_freep) char **rest = NULL, **folded = NULL;
        const struct syscall_group *g;
        int r = strv_copy(words, &rest);

        for (size_t i = 0; r == 0 && (g = filesystem_group_at(i)); i++) {
                bool whole = true;

                for (const char *const *m = g->members; *m; m++)
                        whole = whole && words_find(words, *m, NULL);
                if (!whole)
                        continue;
                for (const char *const *m = g->members; *m; m++)
                        strv_remove(rest, *m);
                r = strv_add(&folded, g->name);
        }
        for (char **w = rest; r == 0 && w && *w; w++)
                r = strv_add(&folded, *w);
        if (r < 0)
                return r;
        *ret = take(folded);
        return 0;
}

/* A list that lost all its members.  For families there is a word; for file systems a group
 * comes and goes; interfaces then have no list at all. */
static int print_emptied(const struct value *v, const struct directive *d, char ***lines)
{
        int r;

        if (d->kind == KIND_FAMILIES)
                return strv_add(lines, v->allow ? "none" : "~");
        if (d->id != D_RestrictFileSystems)
                return 0;
        r = strv_add(lines, v->allow ? "@temporary" : "~@temporary");
        return r < 0 ? r : strv_add(lines, v->allow ? "~@temporary" : "@temporary");
}

int print_polar(const struct value *v, const struct directive *d, const struct dialect *dialect,
                char ***ret)
{
        scoped(strv_freep) char **lines = NULL, **words = NULL;
        scoped(mem_freep) char *list = NULL;
        struct text t = { 0 };
        int r;

        (void)dialect;
        r = d->id == D_RestrictFileSystems ? fold_filesystems(v->words, &words)
                                           : strv_copy(v->words, &words);
        if (r < 0)
                return r;
        if (!v->allow)
                text_add(&t, "~");
        for (size_t i = 0; words && words[i]; i++) {
                if (i)
                        text_add(&t, " ");
                else if (v->allow && words[i][0] == '~')
                        text_add(&t, "\\"); /* else it would turn the list round */
                split_quote(&t, words[i], SPLIT_QUOTES);
        }
        list = text_take(&t);
        r = list ? strv_add(&lines, "") : -ENOMEM;
        if (r == 0)
                r = words ? strv_add(&lines, list) : print_emptied(v, d, &lines);
        if (r < 0)
                return r;
        *ret = take(lines);
        return 0;
}
