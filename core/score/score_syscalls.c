/* score_syscalls.c - the rows about system calls, with the faults of the releases that had
 * them.  Facts: facts/score/versions.tsv. */
#include "core/score/score_private.h"

#include "core/base/base.h"

#include <string.h>

/* How a release of systemd-analyze reads a filter. */
struct reading {
        const struct value *filter;
        size_t count;   /* of its words */
        bool blind;     /* it sees no names in the filter */
        bool inverted;  /* it takes good for bad */
        bool own_errno; /* "name:errno" counts as the name */
};

struct span {
        struct version first, last;
};

static bool within(struct version v, const struct span *spans, size_t count)
{
        for (size_t i = 0; i < count; i++)
                if (version_compare(v, spans[i].first) >= 0 &&
                    version_compare(v, spans[i].last) <= 0)
                        return true;
        return false;
}

static bool sees_no_names(struct version v)
{
        static const struct span spans[] = { { { 250, 0 }, { 250, 7 } },
                                             { { 251, 0 }, { 251, 2 } } };

        return within(v, spans, COUNT(spans));
}

static bool inverts_offline(struct version v)
{
        static const struct span spans[] = { { { 250, 5 }, { 250, 7 } },
                                             { { 251, 0 }, { 251, 2 } } };

        return within(v, spans, COUNT(spans));
}

static bool inverts_live(struct version v)
{
        static const struct span spans[] = { { { 249, 12 }, { 249, 17 } } };

        return within(v, spans, COUNT(spans)) || inverts_offline(v);
}

static bool cuts_errno(struct version v)
{
        static const struct version fixes[] = { { 250, 8 }, { 251, 3 }, { 0, 0 } };

        return version_has(v, fixes);
}

/* On an allow-list an entry with an errno is one that is denied with it.  From files such
 * entries are left out.  The manager lists them up to 251; from 252 it doesn't. */
static bool counts_own_errno(const struct value *filter, const struct subject *u)
{
        if (u->mode == SCORE_OFFLINE)
                return !filter->allow;
        if (filter->allow && version_at_least(u->dialect->version, 252, 0))
                return false;
        return cuts_errno(u->dialect->version);
}

static void read_filter(const struct subject *u, const struct value *filter, struct reading *ret)
{
        bool live = u->mode == SCORE_LIVE;
        struct version v = u->dialect->version;

        *ret = (struct reading){
                .filter = filter,
                .blind = !live && sees_no_names(v),
                .inverted = live ? inverts_live(v) : inverts_offline(v),
                .own_errno = counts_own_errno(filter, u),
        };
        for (char **w = filter->words; w && *w; w++)
                ret->count++;
}

/* First word that is not before key, comparing as many bytes as key has (n), or whole. */
static char *search(const struct reading *r, const char *key, size_t n)
{
        size_t low = 0, high = r->count;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                char *word = r->filter->words[middle];
                int order = n ? strncmp(word, key, n) : strcmp(word, key);

                if (order == 0)
                        return word;
                if (order < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return NULL;
}

static bool lists(const struct reading *r, const char *name)
{
        char with_errno[64];
        size_t n = strlen(name);

        if (r->blind)
                return false;
        if (search(r, name, 0))
                return true;
        if (!r->own_errno || n + 2 > sizeof(with_errno))
                return false;
        memcpy(with_errno, name, n + 1);
        with_errno[n] = ':';
        return search(r, with_errno, n + 1);
}

/* Whether a member of the group is let through.  Groups nest, at most three deep in any
 * systemd; the bound keeps a learnt table that is a circle harmless. */
static bool lets_through(const struct reading *r, const struct dialect *d, const char *group,
                         unsigned depth)
{
        const struct syscall_group *g = dialect_group(d, group);

        if (!g || depth > 8)
                return false;
        for (const char *const *m = g->members; *m; m++) {
                if (**m == '@') {
                        if (lets_through(r, d, *m, depth + 1))
                                return true;
                } else if ((lists(r, *m) == r->filter->allow) != r->inverted &&
                           syscall_number(*m) >= 0 && dialect_knows_call(d, *m))
                        return true;
        }
        return false;
}

uint64_t judge_syscalls(const struct check *c, const struct subject *u)
{
        const struct value *filter = &u->sandbox->settings[c->directive].value;
        struct reading r;

        if (!filter->allow && (!filter->words || !filter->words[0]))
                return 10;
        read_filter(u, filter, &r);
        if (!lets_through(&r, u->dialect, c->words, 0))
                return 0;
        return filter->allow ? 9 : 10;
}

uint64_t judge_architectures(const struct check *c, const struct subject *u)
{
        static const struct span always_bad = { { 250, 0 }, { 250, 4 } };
        char **words = u->sandbox->settings[c->directive].value.words;

        if (!words || !*words)
                return 10;
        if (u->mode == SCORE_OFFLINE && within(u->dialect->version, &always_bad, 1))
                return 8;
        for (; *words; words++)
                if (strcmp(*words, "native") != 0)
                        return 8;
        return 0;
}
