/* value_syscalls.c - system-call filters: merging lines, and folding names back to groups. */
#include "core/catalogue/value_private.h"

#include "core/base/mem.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
        CALLS_MAX = 768, /* more than libseccomp knows; a test sees to it */
        WORDS = CALLS_MAX / 64,
        GROUPS_MAX = 128,
        ABSENT = -2,
        PLAIN = -1, /* in the list, without an errno of its own */
};

/* A set of calls by their index in libseccomp's table. */
struct calls {
        uint64_t bits[WORDS];
};

/* A filter taken apart: for each call ABSENT, PLAIN or its errno.  Names that libseccomp
 * doesn't know (a manager with a newer one says them) stay words. */
struct filter {
        int state[CALLS_MAX];
        char **others;
};

static void filter_done(struct filter *f)
{
        strv_free(f->others);
}

static int errno_text(int number, char *ret, size_t room)
{
        const char *name = number == ERRNO_KILL ? "kill" : errno_name(number);

        return name ? snprintf(ret, room, "%s", name) : snprintf(ret, room, "%d", number);
}

/* "read:EPERM" -> index of read, and its state.  -1: no such call. */
static int parse_word(const char *word, int *ret_state)
{
        const char *colon = strchr(word, ':');
        size_t n = colon ? (size_t)(colon - word) : strlen(word);
        char name[64];
        int i;

        if (n >= sizeof(name))
                return -1;
        memcpy(name, word, n);
        name[n] = '\0';
        i = syscall_index(name);
        *ret_state = colon ? check_errno(colon + 1) : PLAIN;
        return i < CALLS_MAX && (!colon || *ret_state >= 0) ? i : -1;
}

static int filter_open(const struct value *v, struct filter *f)
{
        for (int i = 0; i < CALLS_MAX; i++)
                f->state[i] = ABSENT;
        f->others = NULL;
        for (char **w = v->words; w && *w; w++) {
                int state = PLAIN;
                int i = parse_word(*w, &state);
                int r = i < 0 ? strv_add(&f->others, *w) : 0;

                if (r < 0)
                        return r;
                if (i >= 0)
                        f->state[i] = state;
        }
        return 0;
}

static int filter_close(struct filter *f, struct value *v)
{
        scoped(strv_freep) char **words = take(f->others);
        char shown[32];
        int r = 0;

        for (int i = 0; r == 0 && i < CALLS_MAX; i++) {
                if (f->state[i] == ABSENT)
                        continue;
                if (f->state[i] == PLAIN)
                        r = strv_add(&words, syscall_at((size_t)i));
                else {
                        errno_text(f->state[i], shown, sizeof(shown));
                        r = strv_addf(&words, "%s:%s", syscall_at((size_t)i), shown);
                }
        }
        if (r < 0)
                return r;
        strv_sort(words);
        strv_free(v->words);
        v->words = take(words);
        return 0;
}

struct step {
        struct merge *m;
        struct filter *filter;
        bool listed, group; /* from a group: systemd is silent about what it doesn't know */
        int state;
};

static int apply(void *userdata, const char *call)
{
        struct step *s = userdata;
        int i = dialect_knows_call(s->m->dialect, call) ? syscall_index(call) : -1;

        if (i >= 0 && i < CALLS_MAX)
                s->filter->state[i] = s->listed ? s->state : ABSENT;
        else if (!s->group)
                merge_skip(s->m, "\"%s\" is no system call that libseccomp knows and is ignored",
                           call);
        return 0;
}

/* One word of a line; invert: the line began with "~". */
static int merge_word(struct merge *m, struct filter *f, char *word, bool invert)
{
        struct step s = { .m = m, .filter = f, .state = PLAIN, .group = *word == '@' };
        char *colon = m->d->id == D_SystemCallLog ? NULL : strchr(word, ':');
        int r;

        if (colon) {
                /* 247 took an errno on such a line, for a call that is denied with it. */
                bool refused = !invert && merge_knows(m, 248);

                s.state = check_errno(colon + 1);
                if (s.state < 0 || colon == word || refused) {
                        merge_skip(m,
                                   refused ? "\"%s\": a call that is allowed can't have an errno; "
                                             "ignored"
                                           : "\"%s\": this is no errno; the word is ignored",
                                   word);
                        return 0;
                }
                *colon = '\0';
        }
        /* What has an errno stays in an allow-list, marked as denied. */
        s.listed = !invert == m->v->allow || (invert && s.state >= 0);
        r = dialect_expand(m->dialect, word, apply, &s);
        if (r == -ENOENT) {
                merge_skip(m, "\"%s\" is no group of system calls in systemd %u and is ignored",
                           word, m->dialect->version.major);
                r = 0;
        }
        return r;
}

static int begin(struct merge *m, struct filter *f, bool allow)
{
        struct step s = { .m = m, .filter = f, .listed = true, .group = true, .state = PLAIN };

        value_done(m->v);
        *m->v = (struct value){ .set = true, .allow = allow };
        if (!allow || m->d->id == D_SystemCallLog)
                return 0;
        return dialect_expand(m->dialect, "@default", apply, &s) == -ENOMEM ? -ENOMEM : 0;
}

int assign_syscalls(struct merge *m, const char *text)
{
        scoped(filter_done) struct filter f;
        bool invert = *text == '~';
        const char *p = text + invert;
        int r = filter_open(m->v, &f);

        if (r == 0 && !m->v->set)
                r = begin(m, &f, !invert);
        while (r == 0) {
                scoped(mem_freep) char *word = NULL;

                r = split_word(&p, 0, &word);
                if (r == -EINVAL)
                        merge_skip(m, "A backslash ends the line; the rest is ignored");
                if (r <= 0)
                        break;
                r = merge_word(m, &f, word, invert);
        }
        if (r < 0 && r != -EINVAL)
                return r;
        r = filter_close(&f, m->v);
        return r < 0 ? r : ASSIGN_TAKEN;
}

static void include(struct calls *c, int i)
{
        c->bits[i / 64] |= UINT64_C(1) << i % 64;
}

static bool contains(const struct calls *c, int i)
{
        return c->bits[i / 64] >> i % 64 & 1;
}

/* A set that is filled from a group. */
struct filling {
        const struct dialect *dialect;
        struct calls *calls;
};

static int collect(void *userdata, const char *call)
{
        struct filling *f = userdata;
        int i = dialect_knows_call(f->dialect, call) ? syscall_index(call) : -1;

        if (i >= 0 && i < CALLS_MAX)
                include(f->calls, i);
        return 0;
}

static void fill(const struct dialect *dialect, const char *group, struct calls *ret)
{
        struct filling f = { dialect, ret };

        dialect_expand(dialect, group, collect, &f);
}

static unsigned count(const struct calls *a, const struct calls *b)
{
        unsigned n = 0;

        for (int w = 0; w < WORDS; w++)
                n += (unsigned)__builtin_popcountll(a->bits[w] & b->bits[w]);
        return n;
}

static unsigned size(const struct calls *a)
{
        return count(a, a);
}

static bool inside(const struct calls *a, const struct calls *b)
{
        for (int w = 0; w < WORDS; w++)
                if (a->bits[w] & ~b->bits[w])
                        return false;
        return true;
}

static void subtract(struct calls *a, const struct calls *b)
{
        for (int w = 0; w < WORDS; w++)
                a->bits[w] &= ~b->bits[w];
}

static void unite(struct calls *a, const struct calls *b)
{
        for (int w = 0; w < WORDS; w++)
                a->bits[w] |= b->bits[w];
}

/* The groups of a dialect, each as a set. */
struct table {
        const struct dialect *dialect;
        size_t count;
        struct calls calls[GROUPS_MAX];
        unsigned size[GROUPS_MAX];
};

static void table_open(struct table *t, const struct dialect *dialect)
{
        memset(t, 0, sizeof(*t));
        t->dialect = dialect;
        for (const struct syscall_group *g = dialect->groups; g->name && t->count < GROUPS_MAX;
             g++) {
                fill(dialect, g->name, &t->calls[t->count]);
                t->size[t->count] = size(&t->calls[t->count]);
                t->count++;
        }
}

/* A set in words: some groups and what they leave over. */
struct folded {
        bool group[GROUPS_MAX];
        struct calls single;
        unsigned words;
};

/* Covers need by as few words as it finds, touching nothing outside allowed. */
static void fold(const struct table *t, const struct calls *need, const struct calls *allowed,
                 struct folded *ret)
{
        memset(ret, 0, sizeof(*ret));
        ret->single = *need;
        for (;;) {
                size_t best = t->count;
                unsigned most = 2; /* a group for one call says less than its name */

                /* The group that has most of it; of equals, the one that says least besides. */
                for (size_t i = 0; i < t->count; i++) {
                        unsigned gain;

                        if (t->size[i] < most || !inside(&t->calls[i], allowed))
                                continue;
                        gain = count(&t->calls[i], &ret->single);
                        if (gain < most)
                                continue;
                        if (gain > most || best == t->count || t->size[i] < t->size[best]) {
                                most = gain;
                                best = i;
                        }
                }
                if (best == t->count)
                        break;
                ret->group[best] = true;
                ret->words++;
                subtract(&ret->single, &t->calls[best]);
        }
        ret->words += size(&ret->single);
}

/* A filter in words: what is listed, what is taken out of that again. */
struct plan {
        struct folded listed, removed;
};

/* Tries the whole list by itself, and each group that is mostly in it with exceptions. */
static void make_plan(const struct table *t, const struct calls *want, const struct calls *errnos,
                      const struct calls *prefilled, struct plan *ret)
{
        unsigned best = 0;
        struct calls outside, may_list = *want;

        memset(&outside, 0xff, sizeof(outside));
        subtract(&outside, want);
        unite(&may_list, errnos);
        for (size_t i = 0; i <= t->count; i++) {
                const struct calls none = { { 0 } };
                const struct calls *base = i ? &t->calls[i - 1] : &none;
                struct calls rest = *want, over = *base;
                struct plan plan;

                if (i && (t->size[i - 1] < 2 || count(base, want) * 2 < t->size[i - 1]))
                        continue;
                subtract(&rest, base);
                subtract(&rest, prefilled);
                unite(&over, prefilled);
                subtract(&over, &may_list);
                fold(t, &rest, &may_list, &plan.listed);
                fold(t, &over, &outside, &plan.removed);
                if (i) {
                        plan.listed.words += !plan.listed.group[i - 1];
                        plan.listed.group[i - 1] = true;
                }
                if (i == 0 || plan.listed.words + plan.removed.words < best) {
                        *ret = plan;
                        best = plan.listed.words + plan.removed.words;
                }
        }
}

static int add_words(const struct table *t, const struct folded *f, const char *prefix,
                     const char *suffix, char ***words)
{
        int r = 0;

        for (size_t i = 0; r == 0 && i < t->count; i++)
                if (f->group[i])
                        r = strv_addf(words, "%s%s%s", prefix, t->dialect->groups[i].name, suffix);
        for (int i = 0; r == 0 && i < CALLS_MAX; i++)
                if (contains(&f->single, i))
                        r = strv_addf(words, "%s%s%s", prefix, syscall_at((size_t)i), suffix);
        return r;
}

/* The calls with an errno, each errno's folded by itself. */
static int add_errnos(const struct table *t, const struct filter *f, const char *prefix,
                      char ***words)
{
        bool done[CALLS_MAX] = { false };
        int r = 0;

        for (int i = 0; r == 0 && i < CALLS_MAX; i++) {
                struct calls same = { { 0 } };
                struct folded folded;
                char suffix[32] = ":";

                if (f->state[i] < 0 || done[i])
                        continue;
                for (int j = i; j < CALLS_MAX; j++)
                        if (f->state[j] == f->state[i]) {
                                include(&same, j);
                                done[j] = true;
                        }
                errno_text(f->state[i], suffix + 1, sizeof(suffix) - 1);
                fold(t, &same, &same, &folded);
                r = add_words(t, &folded, prefix, suffix, words);
        }
        return r;
}

/* The three lines that bring a filter about, as lists of words. */
struct script {
        char **listed, **removed, **errnos;
};

static void script_done(struct script *s)
{
        strv_free(s->listed);
        strv_free(s->removed);
        strv_free(s->errnos);
}

/* marks: put "~" before each word that denies, for a person. */
static int write_script(const struct value *v, const struct directive *d,
                        const struct dialect *dialect, bool marks, struct script *ret)
{
        scoped(mem_freep) struct table *t = malloc(sizeof(*t));
        scoped(filter_done) struct filter f = { .others = NULL };
        struct calls want = { { 0 } }, errnos = { { 0 } }, prefilled = { { 0 } };
        const char *deny = marks ? "~" : "";
        struct plan plan;
        int r = t ? filter_open(v, &f) : -ENOMEM;

        if (r < 0)
                return r;
        table_open(t, dialect);
        for (int i = 0; i < CALLS_MAX; i++)
                if (f.state[i] != ABSENT)
                        include(f.state[i] == PLAIN ? &want : &errnos, i);
        if (v->allow && d->id != D_SystemCallLog)
                fill(dialect, "@default", &prefilled);
        make_plan(t, &want, &errnos, &prefilled, &plan);
        r = add_words(t, &plan.listed, v->allow ? "" : deny, "", &ret->listed);
        for (char **w = f.others; r == 0 && w && *w; w++)
                r = strchr(*w, ':') ? strv_addf(&ret->errnos, "%s%s", deny, *w)
                                    : strv_addf(&ret->listed, "%s%s", v->allow ? "" : deny, *w);
        if (r == 0)
                r = add_words(t, &plan.removed, v->allow ? deny : "", "", &ret->removed);
        if (r == 0)
                r = add_errnos(t, &f, deny, &ret->errnos);
        return r;
}

static int add_line(char ***lines, const char *prefix, char *const *words)
{
        scoped(mem_freep) char *joined = strv_join(words, " ");

        return joined ? strv_addf(lines, "%s%s", prefix, joined) : -ENOMEM;
}

int print_syscalls(const struct value *v, const struct directive *d, const struct dialect *dialect,
                   char ***ret)
{
        scoped(script_done) struct script s = { 0 };
        scoped(strv_freep) char **lines = NULL;
        int r = write_script(v, d, dialect, false, &s);

        /* The first line decides the kind of the list, so there must be one.  "@default" is in
         * every allow-list anyway; where it isn't (SystemCallLog=) it is taken out again. */
        if (r == 0 && v->allow && !s.listed) {
                r = strv_add(&s.listed, "@default");
                if (r == 0 && d->id == D_SystemCallLog)
                        r = strv_add(&s.removed, "@default");
        }
        if (r == 0)
                r = strv_add(&lines, "");
        if (r == 0)
                r = add_line(&lines, v->allow ? "" : "~", s.listed);
        if (r == 0 && s.removed)
                r = add_line(&lines, v->allow ? "~" : "", s.removed);
        if (r == 0 && s.errnos)
                r = add_line(&lines, "~", s.errnos);
        if (r < 0)
                return r;
        *ret = take(lines);
        return 0;
}

char *show_syscalls(const struct value *v, const struct directive *d, const struct dialect *dialect)
{
        scoped(script_done) struct script s = { 0 };
        scoped(strv_freep) char **words = NULL;
        int r = write_script(v, d, dialect, true, &s);

        for (char **w = s.listed; r == 0 && w && *w; w++)
                r = strv_add(&words, *w);
        for (char **w = s.removed; r == 0 && w && *w; w++)
                r = strv_add(&words, *w);
        for (char **w = s.errnos; r == 0 && w && *w; w++)
                r = strv_add(&words, *w);
        if (r == 0 && !words)
                r = strv_add(&words, v->allow ? "@default" : "nothing denied");
        return r == 0 ? strv_join(words, " ") : NULL;
}
