/* value_lists.c - the lists without "~": members add up. */
#include "core/catalogue/value_private.h"

#include "core/base/mem.h"

#include <errno.h>
#include <string.h>

enum {
        /* Systemd keeps repeated members; dropping them changes nothing and reads better, but
         * isn't worth looking through long lists for each. */
        UNIQUE_MAX = 256,
        REDUCE_MAX = 512,
};

/* Where the part ends that may be there once: "/dev/null" of "/dev/null rw". */
static size_t key_length(const struct directive *d, const char *word)
{
        const char *space;

        if (d->kind != KIND_DEVICES)
                return strcspn(word, ":");
        space = strrchr(word, ' ');
        return space ? (size_t)(space - word) : strlen(word);
}

/* Up to 252 two rules for one device both hold; later the last one does. */
static char *join_rights(const char *old, const char *new, size_t key)
{
        const char *both[] = { old + key, new + key };
        bool has[3] = { false, false, false };

        for (size_t i = 0; i < COUNT(both); i++)
                for (size_t j = 0; j < COUNT(has); j++)
                        has[j] = has[j] || strchr(both[i], "rwm"[j]);
        return text_format("%.*s %s%s%s", (int)key, old, has[0] ? "r" : "", has[1] ? "w" : "",
                           has[2] ? "m" : "");
}

/* Puts word in the place of the one with its key.  1 if there was one. */
static int replace_keyed(struct merge *m, const char *word)
{
        size_t key = key_length(m->d, word);

        for (char **w = m->v->words; w && *w; w++) {
                char *copy;

                if (key_length(m->d, *w) != key || strncmp(*w, word, key) != 0)
                        continue;
                copy = m->d->kind == KIND_DEVICES && !merge_knows(m, 253)
                               ? join_rights(*w, word, key)
                               : strdup(word);
                if (!copy)
                        return -ENOMEM;
                free(*w);
                *w = copy;
                return 1;
        }
        return 0;
}

static int put(struct merge *m, unsigned flags, const char *word)
{
        size_t n = strv_length(m->v->words);
        int r = 0;

        if (flags & ITEM_KEYED)
                r = replace_keyed(m, word);
        if (r != 0)
                return r < 0 ? r : 0;
        if (n >= LIST_MAX) {
                merge_skip(m, "%s= is too long for gird; \"%s\" is left out", m->d->name, word);
                return 0;
        }
        if (flags & ITEM_SORTED)
                return words_put(&m->v->words, word);
        if (n < UNIQUE_MAX && strv_has(m->v->words, word))
                return 0;
        return strv_add(&m->v->words, word);
}

/* Up to 249 the loader itself drops prefixes that another one covers; later that is done
 * where no one looks. */
static void reduce(struct merge *m)
{
        size_t n = strv_length(m->v->words), kept = 0;

        if (m->d->kind != KIND_ADDRESSES || merge_knows(m, 250) || n > REDUCE_MAX)
                return;
        for (size_t i = 0; i < n; i++) {
                bool covered = false;

                for (size_t j = 0; j < n && !covered; j++)
                        covered = j != i && m->v->words[j] &&
                                  address_covers(m->v->words[j], m->v->words[i]);
                if (!covered)
                        continue;
                free(m->v->words[i]);
                m->v->words[i] = NULL;
        }
        for (size_t i = 0; i < n; i++)
                if (m->v->words[i])
                        m->v->words[kept++] = m->v->words[i];
        if (m->v->words)
                m->v->words[kept] = NULL;
}

static int next(const struct merge *m, const struct item_rule *rule, const char **p,
                char **ret_word, char ***list)
{
        int r;

        if (!rule->add)
                return *p ? item_bind(m, p, list) : 0;
        if (rule->flags & ITEM_LINE) {
                if (!*p)
                        return 0;
                *ret_word = strdup(*p);
                *p = NULL;
                r = *ret_word ? 1 : -ENOMEM;
        } else
                r = split_word(p, rule->flags, ret_word);
        if (r <= 0)
                return r == -EINVAL ? -EBADMSG : r;
        r = rule->add(m, *ret_word, list);
        return r < 0 ? r : 1;
}

/* Reads the members of a line into *list.  enum assign, or -ENOMEM. */
static int read_line(struct merge *m, const struct item_rule *rule, const char *text, char ***list)
{
        const char *p = text;

        for (;;) {
                scoped(mem_freep) char *word = NULL;
                const char *before = p;
                int r = next(m, rule, &p, &word, list);
                bool broken = r == -EBADMSG;

                if (r == 0)
                        return ASSIGN_TAKEN;
                if (r == -ENOMEM)
                        return r;
                if (r > 0 && strv_length(*list) <= LIST_MAX)
                        continue;
                if (r < 0 && rule->flags & ITEM_REFUSES)
                        return merge_refuse(m,
                                            "\"%s\" is not valid in %s=; systemd refuses the unit",
                                            word ? word : text, m->d->name);
                if (r < 0 && (rule->flags & ITEM_WHOLE || (broken && m->d->id == D_Delegate)))
                        return merge_ignore(m, "\"%s\" is not valid in %s=; the line is ignored",
                                            word ? word : text, m->d->name);
                if (r > 0 || broken || p == before) {
                        merge_skip(m, "%s= can't be read from \"%.60s\" on; the rest is ignored",
                                   m->d->name, before ? before : "");
                        return ASSIGN_TAKEN;
                }
                merge_skip(m, "\"%s\" is not valid in %s= and is ignored", word ? word : text,
                           m->d->name);
        }
}

/* Delegate=: on with all, off, or on with some, which add up. */
static int assign_delegate(struct merge *m, const char *text)
{
        int truth = *text ? word_boolean(text) : -1;

        if (truth >= 0)
                return value_set_word(m->v, truth ? "yes" : "no") < 0 ? -ENOMEM : 1;
        if (*text)
                return 0;
        value_done(m->v);
        m->v->set = true;
        return 1;
}

/* A list of controllers turns it on, whatever they are. */
static void begin_delegate(struct merge *m)
{
        if (m->v->words && strcmp(m->v->words[0], "no") == 0)
                value_done(m->v);
        m->v->set = true;
}

int assign_list(struct merge *m, const char *text)
{
        const struct item_rule *rule = item_rule_of(m->d);
        scoped(strv_freep) char **list = NULL;
        int r = 0;

        if (m->d->id == D_Delegate) {
                r = assign_delegate(m, text);
                if (r != 0)
                        return r < 0 ? r : ASSIGN_TAKEN;
        }
        r = read_line(m, rule, text, &list);
        if (r != ASSIGN_TAKEN)
                return r;
        if (m->d->id == D_Delegate) {
                if (m->v->words && strcmp(m->v->words[0], "yes") == 0)
                        return ASSIGN_TAKEN; /* all and some are all */
                begin_delegate(m);
        }
        if (rule->flags & ITEM_REPLACES)
                value_done(m->v);
        for (char **word = list; word && *word; word++) {
                r = put(m, rule->flags, *word);
                if (r < 0)
                        return r;
        }
        reduce(m);
        m->v->set = m->v->set || m->v->words;
        if (list || m->d->id == D_Delegate || rule->flags & ITEM_REPLACES)
                return ASSIGN_TAKEN;
        if (!m->skipped)
                return merge_ignore(m, "There is nothing in \"%s\" for %s=", text, m->d->name);
        return ASSIGN_IGNORED;
}

static int print_delegate(const struct value *v, char ***ret)
{
        scoped(strv_freep) char **lines = NULL;
        scoped(mem_freep) char *list = strv_join(v->words, " ");
        bool truth = v->words && word_boolean(v->words[0]) >= 0;
        int r = list ? 0 : -ENOMEM;

        if (r == 0 && !truth)
                r = strv_add(&lines, ""); /* on, with none */
        if (r == 0 && v->words && *v->words)
                r = strv_add(&lines, list);
        if (r < 0)
                return r;
        *ret = take(lines);
        return 0;
}

int print_list(const struct value *v, const struct directive *d, const struct dialect *dialect,
               char ***ret)
{
        const struct item_rule *rule = item_rule_of(d);
        scoped(strv_freep) char **lines = NULL;
        scoped(mem_freep) char *line = NULL;
        struct text t = { 0 };
        int r;

        (void)dialect;
        if (d->id == D_Delegate)
                return print_delegate(v, ret);
        r = d->reset == RESET_NOTHING ? 0 : strv_add(&lines, "");
        for (size_t i = 0; r == 0 && v->words && v->words[i]; i++) {
                if (rule->flags & ITEM_LINE) {
                        r = strv_add(&lines, v->words[i]);
                        continue;
                }
                if (i)
                        text_add(&t, rule->flags & SPLIT_COMMA ? "," : " ");
                if (rule->flags & ITEM_VERBATIM)
                        text_add(&t, v->words[i]);
                else
                        split_quote(&t, v->words[i], rule->flags);
        }
        if (r == 0 && t.length > 0) {
                line = text_take(&t);
                r = line ? strv_add(&lines, line) : -ENOMEM;
        }
        text_done(&t);
        if (r < 0)
                return r;
        *ret = take(lines);
        return 0;
}
