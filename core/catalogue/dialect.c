/* dialect.c - the system-call groups a given systemd understands. */
#include "core/catalogue/dialect.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/catalogue/syscalls.inc"

enum {
        DEEPEST = 8,      /* groups nest three deep; a learnt circle must end too */
        GROUPS_MAX = 128, /* a learnt table with more is not one */
        MEMBERS_MAX = 4096,
        LAST_CAP = 40, /* CAP_CHECKPOINT_RESTORE */
};

static const struct syscall_group *compiled_in(struct version v)
{
        size_t best = 0;

        for (size_t i = 0; i < COUNT(releases); i++) {
                struct version from = { releases[i].major, releases[i].minor };

                if (version_compare(v, from) >= 0)
                        best = i;
        }
        return releases[best].groups;
}

void dialect_for(struct version v, enum scope scope, struct dialect *ret)
{
        *ret = (struct dialect){
                .version = v, .scope = scope, .groups = compiled_in(v), .last_cap = LAST_CAP
        };
}

const struct syscall_group *dialect_group(const struct dialect *d, const char *name)
{
        for (const struct syscall_group *g = d->groups; g->name; g++)
                if (strcmp(g->name, name) == 0)
                        return g;
        return NULL;
}

static int expand(const struct dialect *d, const char *name, unsigned depth,
                  int (*got)(void *userdata, const char *call), void *userdata)
{
        const struct syscall_group *g;

        if (*name != '@')
                return got(userdata, syscall_spelling(name));
        g = dialect_group(d, name);
        if (!g || depth > DEEPEST)
                return -ENOENT;
        for (const char *const *m = g->members; *m; m++) {
                int r = expand(d, *m, depth + 1, got, userdata);

                /* systemd passes over a group within a group that isn't there, too */
                if (r < 0 && r != -ENOENT)
                        return r;
        }
        return 0;
}

int dialect_expand(const struct dialect *d, const char *name,
                   int (*got)(void *userdata, const char *call), void *userdata)
{
        return expand(d, name, 0, got, userdata);
}

/* A table under construction, ended by a zeroed group at every moment. */
struct table {
        struct syscall_group *groups;
        size_t count;
        size_t members; /* of the last group */
};

static void table_free(struct table *t)
{
        if (!t)
                return;
        for (size_t i = 0; i < t->count; i++) {
                free((char *)t->groups[i].name);
                strv_free((char **)t->groups[i].members);
        }
        free(t->groups);
        free(t);
}
DEFINE_SCOPED(struct table, table_free)

static bool is_name(const char *word)
{
        size_t n = strspn(word,
                          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.@");

        return n > 0 && !word[n] && n < 64;
}

static int add_group(struct table *t, const char *name)
{
        struct syscall_group *longer;
        char **none;
        char *copy;

        if (t->count >= GROUPS_MAX)
                return -EINVAL;
        longer = realloc(t->groups, (t->count + 2) * sizeof(*longer));
        if (!longer)
                return -ENOMEM;
        t->groups = longer;
        copy = strdup(name);
        none = calloc(1, sizeof(*none));
        if (!copy || !none) {
                free(copy);
                free(none);
                return -ENOMEM;
        }
        longer[t->count] = (struct syscall_group){ copy, (const char *const *)none };
        longer[++t->count] = (struct syscall_group){ NULL, NULL };
        t->members = 0;
        return 0;
}

static int add_member(struct table *t, const char *name)
{
        struct syscall_group *last = &t->groups[t->count - 1];
        char **members = (char **)last->members;
        int r;

        if (t->members++ >= MEMBERS_MAX)
                return -EINVAL;
        r = strv_add(&members, name);
        last->members = (const char *const *)members;
        return r;
}

/* "@clock" begins a group, "    adjtimex" is a member, "    # words" and the list of what is
 * in no group are comments. */
static int learn_line(struct table *t, const char *line)
{
        const char *word = line + strspn(line, " \t");
        bool indented = word != line;

        if (!*word || *word == '#')
                return 0;
        if (!is_name(word) || (!indented && *word != '@') || (indented && t->count == 0))
                return -EINVAL;
        return indented ? add_member(t, word) : add_group(t, word);
}

/* Comments may be of any length, names may not. */
static int learn_text(struct table *t, const char *text)
{
        char line[128];

        while (*text) {
                size_t n = strcspn(text, "\r\n");
                size_t part = n < sizeof(line) ? n : sizeof(line) - 1;
                int r;

                memcpy(line, text, part);
                line[part] = '\0';
                r = learn_line(t, line);
                if (r < 0)
                        return r;
                text += n + strspn(text + n, "\r\n");
        }
        return t->count > 0 ? 0 : -EINVAL;
}

int dialect_learn(struct dialect *d, const char *text)
{
        scoped(table_freep) struct table *t = calloc(1, sizeof(*t));
        struct dialect learnt;
        int r;

        if (!t)
                return -ENOMEM;
        r = learn_text(t, text);
        if (r < 0)
                return r;
        /* allow-lists start from it, so a table without it can't be systemd's */
        learnt = (struct dialect){ .groups = t->groups };
        if (!dialect_group(&learnt, "@default"))
                return -EINVAL;
        dialect_done(d);
        d->groups = t->groups;
        d->owned = take(t);
        return 0;
}

void dialect_done(struct dialect *d)
{
        if (!d->owned)
                return;
        table_free(d->owned);
        d->owned = NULL;
        d->groups = compiled_in(d->version);
}
