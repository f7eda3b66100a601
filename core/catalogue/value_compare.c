/* value_compare.c - which of two values lets through less, and stepping between choices. */
#include "core/catalogue/value_private.h"

#include "core/base/mem.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Two values of one directive. */
struct pair {
        const struct value *a, *b;
        const struct directive *d;
        const struct dialect *dialect;
};

/* Each of these says whether a lets through no more than b.  The order follows from asking
 * both ways, so it can't contradict itself. */

static bool truth_of(const struct pair *p, const struct value *v)
{
        char unset[32];

        if (v->set)
                return v->bits != 0;
        value_unset_word(p->d, p->dialect, unset, sizeof(unset));
        return word_boolean(unset) > 0;
}

static bool bool_within(const struct pair *p)
{
        bool a = truth_of(p, p->a), b = truth_of(p, p->b);

        return p->d->flags & MORE_IS_LOOSER ? a <= b : a >= b;
}

/* Place among the choices; a value this version lacks has its place all the same. */
static int choice_of(const struct pair *p, const struct value *v)
{
        struct dialect newest = *p->dialect;
        char unset[32];

        newest.version.major = VERSION_NEWEST;
        if (v->set)
                return v->words ? choice_index(p->d, &newest, v->words[0]) : -1;
        value_unset_word(p->d, p->dialect, unset, sizeof(unset));
        return choice_index(p->d, &newest, unset);
}

static bool choice_within(const struct pair *p)
{
        int a = choice_of(p, p->a), b = choice_of(p, p->b);

        return a >= 0 && b >= 0 && a >= b;
}

static uint64_t bits_of(const struct pair *p, const struct value *v)
{
        uint64_t all = p->d->kind == KIND_CAPS ? capability_all(p->dialect)
                                               : namespace_all(p->dialect);
        bool none = p->d->id == D_AmbientCapabilities || p->d->id == D_DelegateNamespaces;

        return v->set ? v->bits & all : none ? 0 : all;
}

static bool bits_within(const struct pair *p)
{
        return (bits_of(p, p->a) & ~bits_of(p, p->b)) == 0;
}

static bool umask_within(const struct pair *p)
{
        uint64_t a = p->a->set ? p->a->bits : 0022, b = p->b->set ? p->b->bits : 0022;

        return (b & ~a & 0777) == 0;
}

/* Orders two words of system calls by their names, as if none had an errno. */
static int by_call(const char *a, const char *b)
{
        size_t m = strcspn(a, ":"), n = strcspn(b, ":");
        int order = strncmp(a, b, m < n ? m : n);

        return order ? order : (m > n) - (m < n);
}

static int by_call_of(const void *a, const void *b)
{
        return by_call(*(const char *const *)a, *(const char *const *)b);
}

/* The words of a filter in the order of by_call(), without those that are denied with an
 * errno in an allow-list.  The words stay v's.  NULL: out of memory. */
static const char **calls_of(const struct value *v, size_t *ret_count)
{
        size_t n = strv_length(v->words), kept = 0;
        const char **calls = calloc(n + 1, sizeof(*calls));

        for (size_t i = 0; calls && i < n; i++)
                if (!v->allow || !strchr(v->words[i], ':'))
                        calls[kept++] = v->words[i];
        if (calls)
                qsort(calls, kept, sizeof(*calls), by_call_of);
        *ret_count = kept;
        return calls;
}

/* How many of a are in b. */
static size_t common_calls(const char *const *a, size_t a_count, const char *const *b,
                           size_t b_count)
{
        size_t common = 0;

        for (size_t i = 0, j = 0; i < a_count && j < b_count;) {
                int order = by_call(a[i], b[j]);

                common += order == 0;
                i += order <= 0;
                j += order >= 0;
        }
        return common;
}

static bool calls_within(const struct pair *p)
{
        size_t a_count = 0, b_count = 0, common;
        scoped(mem_freep) const char **a = calls_of(p->a, &a_count);
        scoped(mem_freep) const char **b = calls_of(p->b, &b_count);

        if (!a || !b)
                return false;
        common = common_calls(a, a_count, b, b_count);
        if (p->a->allow)
                return common == (p->b->allow ? a_count : 0);
        return !p->b->allow && common == b_count;
}

/* Unset is a deny-list of nothing. */
static bool polar_within(const struct pair *p)
{
        char *const *a = p->a->words, *const *b = p->b->words;

        if (p->a->allow && p->b->allow)
                return words_within(a, b);
        if (p->a->allow)
                return words_apart(a, b);
        return !p->b->allow && words_within(b, a);
}

/* Whether what the member y stands for is within what x stands for. */
static bool covers_path(const char *x, const char *y)
{
        size_t n;

        x += *x == '-';
        y += *y == '-';
        n = strlen(x);
        if (strcmp(x, "/") == 0)
                return *y == '/';
        if (strcmp(x, "+/") == 0)
                return *y == '+';
        return strncmp(x, y, n) == 0 && (!y[n] || y[n] == '/');
}

static bool covers_device(const char *x, const char *y)
{
        const char *x_rights = strrchr(x, ' '), *y_rights = strrchr(y, ' ');
        size_t n = x_rights ? (size_t)(x_rights - x) : strlen(x);

        if (strncmp(x, y, n) != 0 || (y_rights ? (size_t)(y_rights - y) : strlen(y)) != n)
                return false;
        if (!x_rights)
                return true;
        for (const char *c = y_rights ? y_rights + 1 : "rwm"; *c; c++)
                if (!strchr(x_rights + 1, *c))
                        return false;
        return true;
}

struct ports {
        char family, protocol; /* '4', '6', 't', 'u', or NUL for any */
        unsigned first, last;
};

static struct ports ports_of(const char *word)
{
        struct ports p = { .first = 0, .last = 65535 };

        for (;;) {
                size_t n = strcspn(word, ":");

                if (text_starts(word, "ipv"))
                        p.family = word[3];
                else if (text_starts(word, "tcp") || text_starts(word, "udp"))
                        p.protocol = word[0];
                else if (*word >= '0' && *word <= '9') {
                        char *end = NULL;

                        p.first = (unsigned)strtoul(word, &end, 10);
                        p.last = *end == '-' ? (unsigned)strtoul(end + 1, NULL, 10) : p.first;
                }
                if (!word[n])
                        return p;
                word += n + 1;
        }
}

static bool covers_port(const char *x, const char *y)
{
        struct ports a = ports_of(x), b = ports_of(y);

        return (!a.family || a.family == b.family) && (!a.protocol || a.protocol == b.protocol) &&
               a.first <= b.first && a.last >= b.last;
}

static bool covers_same(const char *x, const char *y)
{
        return strcmp(x, y) == 0;
}

/* Whether each of inner is covered by one of outer. */
static bool covered(const struct pair *p, char *const *inner, char *const *outer)
{
        bool (*covers)(const char *, const char *) = p->d->kind == KIND_PATHS       ? covers_path
                                                     : p->d->kind == KIND_DEVICES   ? covers_device
                                                     : p->d->kind == KIND_ADDRESSES ? address_covers
                                                     : p->d->kind == KIND_PORTS     ? covers_port
                                                                                    : covers_same;

        if (p->d->kind == KIND_NAMES)
                return words_within(inner, outer);
        for (; inner && *inner; inner++) {
                char *const *x = outer;

                while (x && *x && !covers(*x, *inner))
                        x++;
                if (!x || !*x)
                        return false;
        }
        return true;
}

static bool list_within(const struct pair *p)
{
        if (p->d->flags & MORE_IS_LOOSER)
                return covered(p, p->a->words, p->b->words);
        return covered(p, p->b->words, p->a->words);
}

/* Lists of what is permitted, where no list permits all. */
static bool permitted_within(const struct pair *p)
{
        bool a_all = !p->a->words || !*p->a->words, b_all = !p->b->words || !*p->b->words;

        return b_all || (!a_all && words_within(p->a->words, p->b->words));
}

static bool delegate_within(const struct pair *p)
{
        const char *a = p->a->words ? p->a->words[0] : p->a->set ? "" : "no";
        const char *b = p->b->words ? p->b->words[0] : p->b->set ? "" : "no";

        if (strcmp(a, "no") == 0 || strcmp(b, "yes") == 0)
                return true;
        if (strcmp(b, "no") == 0 || strcmp(a, "yes") == 0)
                return false;
        return words_within(p->a->words, p->b->words);
}

static bool is_root(const struct value *v)
{
        return !v->words || strcmp(v->words[0], "root") == 0 || strcmp(v->words[0], "0") == 0;
}

/* Any user is less than root.  Unset, a group comes from the user, and a user manager's
 * user is the one who calls: these are like nothing but themselves. */
static bool user_within(const struct pair *p)
{
        bool known = p->d->id == D_User && p->dialect->scope == SCOPE_SYSTEM;

        if (!known && p->a->set != p->b->set)
                return false;
        if (is_root(p->b))
                return known || p->b->set;
        return !is_root(p->a) && strcmp(p->a->words[0], p->b->words[0]) == 0;
}

static const char *root_of(const struct value *v)
{
        return v->words ? v->words[0] : "/";
}

/* A file system of its own is less than the host's. */
static bool path_within(const struct pair *p)
{
        bool roots = p->d->id == D_RootDirectory || p->d->id == D_RootImage ||
                     p->d->id == D_RootMStack;

        if (roots && strcmp(root_of(p->b), "/") == 0)
                return true;
        return p->a->set == p->b->set && strv_equal(p->a->words, p->b->words);
}

static bool amounts_within(const struct pair *p)
{
        char unset[32];
        const char *a = p->a->words ? p->a->words[0] : unset;
        const char *b = p->b->words ? p->b->words[0] : unset;

        value_unset_word(p->d, p->dialect, unset, sizeof(unset));
        return strcmp(a, b) == 0 || amount_within(p->d, a, b) == 1;
}

static bool same_within(const struct pair *p)
{
        return value_equal(p->a, p->b);
}

static bool (*const by_kind[])(const struct pair *p) = {
        [KIND_BOOL] = bool_within,      [KIND_CHOICE] = choice_within,
        [KIND_CAPS] = bits_within,      [KIND_NAMESPACES] = bits_within,
        [KIND_FAMILIES] = polar_within, [KIND_SYSCALLS] = calls_within,
        [KIND_NAMES] = list_within,     [KIND_POLAR] = polar_within,
        [KIND_PATHS] = list_within,     [KIND_BINDS] = list_within,
        [KIND_DIRS] = list_within,      [KIND_DEVICES] = list_within,
        [KIND_ADDRESSES] = list_within, [KIND_PORTS] = list_within,
        [KIND_LINES] = list_within,     [KIND_UMASK] = umask_within,
        [KIND_USER] = user_within,      [KIND_PATH] = path_within,
        [KIND_AMOUNT] = amounts_within, [KIND_TEXT] = same_within,
};

/* Those whose kind says the wrong thing. */
static const struct {
        enum directive_id id;
        bool (*within)(const struct pair *p);
} exceptions[] = {
        { D_SystemCallArchitectures, permitted_within },
        { D_AllowedCPUs, permitted_within },
        { D_Delegate, delegate_within },
        { D_SystemCallLog, same_within },
        { D_CoredumpFilter, same_within },
        { D_JoinsNamespaceOf, same_within },
};

static bool within(const struct pair *p)
{
        if (value_equal(p->a, p->b))
                return true;
        if (p->d->flags & NOT_A_SANDBOX)
                return false;
        for (size_t i = 0; i < COUNT(exceptions); i++)
                if (exceptions[i].id == p->d->id)
                        return exceptions[i].within(p);
        return by_kind[p->d->kind](p);
}

enum value_order value_compare(const struct value *a, const struct value *b,
                               const struct directive *d, const struct dialect *dialect)
{
        bool forth = within(&(struct pair){ a, b, d, dialect });
        bool back = within(&(struct pair){ b, a, d, dialect });

        if (forth && back)
                return VALUE_SAME;
        return forth ? VALUE_STRICTER : back ? VALUE_LOOSER : VALUE_DIFFERENT;
}

static int step_bool(const struct pair *p, int direction, struct value *ret)
{
        bool now = truth_of(p, p->a);
        bool want = (direction > 0) != !!(p->d->flags & MORE_IS_LOOSER);

        if (now == want)
                return 1;
        *ret = (struct value){ .set = true, .bits = want };
        return 0;
}

int value_step(const struct value *v, const struct directive *d, const struct dialect *dialect,
               int direction, struct value *ret)
{
        struct pair p = { v, v, d, dialect };
        int step = direction > 0 ? 1 : -1;
        int at, count = 0;

        if (d->kind == KIND_BOOL)
                return step_bool(&p, direction, ret);
        if (d->kind != KIND_CHOICE)
                return 1;
        at = choice_of(&p, v);
        while (d->choices[count].value)
                count++;
        if (at < 0)
                at = step > 0 ? -1 : count; /* a value nobody knows: begin at the end */
        for (at += step; at >= 0 && at < count; at += step) {
                struct value next = { 0 };
                int r;

                if (dialect->version.major < d->choices[at].since)
                        continue;
                r = value_set_word(&next, d->choices[at].value);
                if (r < 0)
                        return r;
                *ret = next;
                return 0;
        }
        return 1;
}
