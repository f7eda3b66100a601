/* value.c - values: life and death, and which rule serves which kind. */
#include "core/catalogue/value.h"

#include "core/base/mem.h"
#include "core/catalogue/value_private.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

int word_boolean(const char *word)
{
        static const char *const yes[] = { "1", "yes", "y", "true", "t", "on" };
        static const char *const no[] = { "0", "no", "n", "false", "f", "off" };

        for (size_t i = 0; i < COUNT(yes); i++) {
                if (strcasecmp(word, yes[i]) == 0)
                        return 1;
                if (strcasecmp(word, no[i]) == 0)
                        return 0;
        }
        return -1;
}

/* As strv_copy(), but without looking for the end of the list for each word. */
static char **copy_words(char *const *words)
{
        size_t n = strv_length(words);
        scoped(strv_freep) char **copy = calloc(n + 1, sizeof(*copy));

        for (size_t i = 0; copy && i < n; i++) {
                copy[i] = strdup(words[i]);
                if (!copy[i])
                        return NULL;
        }
        return take(copy);
}

int value_copy(const struct value *v, struct value *ret)
{
        struct value copy = *v;

        copy.words = NULL;
        if (v->words && v->words[0]) {
                copy.words = copy_words(v->words);
                if (!copy.words)
                        return -ENOMEM;
        }
        *ret = copy;
        return 0;
}

void value_done(struct value *v)
{
        strv_free(v->words);
        *v = (struct value){ 0 };
}

bool value_equal(const struct value *a, const struct value *b)
{
        if (a->set != b->set)
                return false;
        return !a->set ||
               (a->allow == b->allow && a->bits == b->bits && strv_equal(a->words, b->words));
}

int value_set_word(struct value *v, const char *word)
{
        scoped(strv_freep) char **words = NULL;
        int r = *word ? strv_add(&words, word) : 0;

        if (r < 0)
                return r;
        value_done(v);
        v->set = true;
        v->words = take(words);
        return 0;
}

static void note(struct err *e, int code, const char *fmt, va_list args)
{
        char words[sizeof(e->text)];

        vsnprintf(words, sizeof(words), fmt, args);
        err_say(e, code, "%s", words);
}

void merge_skip(struct merge *m, const char *fmt, ...)
{
        va_list args;

        if (m->skipped++ || !m->note)
                return;
        va_start(args, fmt);
        note(m->note, -EINVAL, fmt, args);
        va_end(args);
}

int merge_ignore(struct merge *m, const char *fmt, ...)
{
        va_list args;

        m->skipped++;
        if (m->note) {
                va_start(args, fmt);
                note(m->note, -EINVAL, fmt, args);
                va_end(args);
        }
        return ASSIGN_IGNORED;
}

int merge_refuse(struct merge *m, const char *fmt, ...)
{
        va_list args;

        m->skipped++;
        if (m->note) {
                va_start(args, fmt);
                note(m->note, -ENOEXEC, fmt, args);
                va_end(args);
        }
        return ASSIGN_REFUSED;
}

bool merge_knows(const struct merge *m, unsigned major)
{
        return version_at_least(m->dialect->version, major, 0);
}

static int (*const assigners[])(struct merge *m, const char *text) = {
        [KIND_BOOL] = assign_switch,    [KIND_CHOICE] = assign_switch,
        [KIND_CAPS] = assign_caps,      [KIND_NAMESPACES] = assign_namespaces,
        [KIND_FAMILIES] = assign_polar, [KIND_SYSCALLS] = assign_syscalls,
        [KIND_NAMES] = assign_list,     [KIND_POLAR] = assign_polar,
        [KIND_PATHS] = assign_list,     [KIND_BINDS] = assign_list,
        [KIND_DIRS] = assign_list,      [KIND_DEVICES] = assign_list,
        [KIND_ADDRESSES] = assign_list, [KIND_PORTS] = assign_list,
        [KIND_LINES] = assign_list,     [KIND_UMASK] = assign_single,
        [KIND_USER] = assign_single,    [KIND_PATH] = assign_single,
        [KIND_AMOUNT] = assign_single,  [KIND_TEXT] = assign_single,
};

/* What an empty assignment does where the version matters. */
static const struct {
        enum directive_id id;
        unsigned since;
} resets_since[] = {
        { D_PrivateMounts, 254 },
        { D_ProtectHostname, 258 },
};

static bool empty_resets(const struct merge *m)
{
        for (size_t i = 0; i < COUNT(resets_since); i++)
                if (resets_since[i].id == m->d->id)
                        return merge_knows(m, resets_since[i].since);
        return m->d->reset == RESET_UNSETS;
}

static int assign_empty(struct merge *m)
{
        /* Some give an empty text a meaning of its own, and know so. */
        if (m->d->reset == RESET_EMPTIES || m->d->reset == RESET_YES)
                return assigners[m->d->kind](m, "");
        if (empty_resets(m)) {
                value_done(m->v);
                return ASSIGN_TAKEN;
        }
        if (m->d->id == D_DynamicUser)
                return merge_refuse(m, "DynamicUser= needs yes or no; systemd refuses the unit");
        return merge_ignore(m, "An empty %s= changes nothing", m->d->name);
}

int value_assign(struct value *v, const struct directive *d, const struct dialect *dialect,
                 const char *text, struct err *note_to)
{
        struct merge m = { .v = v, .d = d, .dialect = dialect, .note = note_to };
        scoped(mem_freep) char *stripped = NULL;
        size_t n;

        text += strspn(text, BLANKS);
        n = strlen(text);
        while (n > 0 && strchr(BLANKS, text[n - 1]))
                n--;
        if (n == 0)
                return assign_empty(&m);
        stripped = strndup(text, n);
        if (!stripped)
                return -ENOMEM;
        return assigners[d->kind](&m, stripped);
}

const struct directive *value_reset_also(const struct directive *d)
{
        static const enum directive_id pairs[][2] = {
                { D_BindPaths, D_BindReadOnlyPaths },
                { D_LoadCredential, D_LoadCredentialEncrypted },
                { D_SetCredential, D_SetCredentialEncrypted },
        };

        for (size_t i = 0; i < COUNT(pairs); i++)
                for (size_t side = 0; side < 2; side++)
                        if (pairs[i][side] == d->id)
                                return directive_at(pairs[i][!side]);
        return NULL;
}
