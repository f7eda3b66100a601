/* infer_syscalls.c - the filter of system calls, as groups rather than as the calls that were seen:
 * an update of libc then finds its new calls let through, and a person can read it. */
#include "core/observe/infer_privileges.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <string.h>

#define BASE "@system-service"

static const char *const removable[] = {
#define NEWER(call, newer)
#define ALWAYS(calls, why)
#define FOR_CAP(cap, calls)
#define REMOVE(words) words,
#include "core/observe/infer_syscalls.inc"
#undef NEWER
#undef ALWAYS
#undef FOR_CAP
#undef REMOVE
};

/* Too wide, or made of what nothing needs today: no group to let a call through by. */
static const char unfit[] = "@known @default @privileged @obsolete @system-service";

/* A filter in the making. */
struct filter {
        const struct inference *in;
        struct call_set seen, needed;
        struct call_set base;       /* what the list has so far */
        struct text extra, removed; /* lines: "chroot @mount", "@clock @debug" */
        struct text outside;        /* what was seen outside BASE */
};

static void filter_done(struct filter *f)
{
        text_done(&f->extra);
        text_done(&f->removed);
        text_done(&f->outside);
}

static int add_call(void *userdata, const char *call)
{
        call_set_add(userdata, call);
        return 0;
}

/* A group or a call as a set.  1: the dialect knows no such thing. */
static int expand(const struct inference *in, const char *word, struct call_set *ret)
{
        int r;

        *ret = (struct call_set){ 0 };
        if (*word != '@' && !dialect_knows_call(in->o->dialect, word))
                return 1;
        r = dialect_expand(in->o->dialect, word, add_call, ret);
        return r == -ENOENT ? 1 : r;
}

static unsigned shared(const struct call_set *a, const struct call_set *b)
{
        unsigned n = 0;

        for (size_t i = 0; i < CALL_SET; i++)
                n += a->has[i] && b->has[i];
        return n;
}

static void unite(struct call_set *a, const struct call_set *b)
{
        for (size_t i = 0; i < CALL_SET; i++)
                if (b->has[i] && !a->has[i]) {
                        a->has[i] = true;
                        a->count++;
                }
}

static void add_word(struct text *t, const char *word)
{
        text_addf(t, "%s%s", t->length ? " " : "", word);
}

/* The smallest group with at least two of the calls that were seen outside the base. */
static int find_group(const struct filter *f, const struct call_set *outside, size_t call,
                      const char **ret, struct call_set *ret_members)
{
        const struct syscall_group *g = f->in->o->dialect->groups;

        *ret = NULL;
        for (; g->name; g++) {
                struct call_set members;
                int r;

                if (listed_in(unfit, g->name))
                        continue;
                r = expand(f->in, g->name, &members);
                if (r < 0)
                        return r;
                if (!members.has[call] || shared(&members, outside) < 2)
                        continue;
                if (*ret && members.count >= ret_members->count)
                        continue;
                *ret = g->name;
                *ret_members = members;
        }
        return 0;
}

/* What lies outside the base: by group where the service makes some use of one, else by name. */
static int add_outside(struct filter *f)
{
        struct call_set outside = { 0 };

        for (size_t i = 0; i < CALL_SET; i++)
                if (f->seen.has[i] && !f->base.has[i]) {
                        call_set_add(&outside, syscall_at(i));
                        if (outside.count <= 12)
                                add_word(&f->outside, syscall_at(i));
                }
        if (outside.count > 12)
                text_addf(&f->outside, " and %u more", outside.count - 12);
        for (size_t i = 0; i < CALL_SET; i++) {
                const char *group = NULL, *call = f->needed.has[i] ? syscall_at(i) : NULL;
                struct call_set members;
                int r = 0;

                if (!call || f->base.has[i] || !dialect_knows_call(f->in->o->dialect, call))
                        continue;
                if (outside.has[i])
                        r = find_group(f, &outside, i, &group, &members);
                if (r < 0)
                        return r;
                add_word(&f->extra, group ? group : call);
                if (group)
                        unite(&f->base, &members);
                else
                        call_set_add(&f->base, call);
        }
        return 0;
}

/* A row of removable, unless something of it is needed; what is in nothing is left alone. */
static int remove_row(struct filter *f, const char *row)
{
        scoped(strv_freep) char **words = NULL;
        struct call_set all = { 0 };
        int r = strv_split(row, " ", &words);

        for (char **w = words; r == 0 && w && *w; w++) {
                struct call_set one;

                r = expand(f->in, *w, &one);
                if (r == 0)
                        unite(&all, &one);
                r = r > 0 ? 0 : r;
        }
        if (r < 0 || shared(&all, &f->base) == 0 || shared(&all, &f->needed) > 0)
                return r;
        for (size_t i = 0; i < CALL_SET; i++)
                f->base.has[i] = f->base.has[i] && !all.has[i];
        for (char **w = words; *w; w++)
                if (**w == '@' || dialect_knows_call(f->in->o->dialect, *w))
                        add_word(&f->removed, *w);
        return 0;
}

static int build(struct filter *f)
{
        int r = needed_calls(f->in, &f->seen, &f->needed);

        if (r == 0)
                r = expand(f->in, BASE, &f->base);
        if (r == 0) {
                struct call_set implied;

                /* Every allow-list has these. */
                r = expand(f->in, "@default", &implied);
                if (r == 0)
                        unite(&f->base, &implied);
        }
        if (r == 0)
                r = add_outside(f);
        for (size_t i = 0; r == 0 && i < COUNT(removable); i++)
                r = remove_row(f, removable[i]);
        return r < 0 ? r : 0;
}

static int advise_filter(struct inference *in)
{
        scoped(filter_done) struct filter f = { .in = in };
        scoped(mem_freep) char *first = NULL, *second = NULL, *outside = NULL;
        char *lines[3] = { NULL };
        int r = build(&f);
        bool rings = call_set_has(&f.seen, "io_uring_setup");

        if (r < 0)
                return r;
        outside = text_take(&f.outside);
        if (f.extra.failed || f.removed.failed || !outside)
                return -ENOMEM;
        first = text_format("%s%s%s", BASE, f.extra.length ? " " : "",
                            f.extra.length ? f.extra.chars : "");
        second = text_format("~%s", f.removed.length ? f.removed.chars : "");
        if (!first || !second)
                return -ENOMEM;
        lines[0] = first;
        lines[1] = f.removed.length ? second : NULL;
        if (f.seen.count == 0)
                return advise_unknown(in, D_SystemCallFilter, lines, NULL, "no call was seen");
        return advise_safe(in, D_SystemCallFilter, BASIS_FILTER, lines, NULL,
                           "%u different system calls were made, outside " BASE ": %s; nothing "
                           "of %s was called; %s",
                           f.seen.count, *outside ? outside : "none",
                           f.removed.length ? f.removed.chars : "what could be taken out",
                           rings ? "it uses io_uring, and what goes through that passes no filter"
                                 : "io_uring, which no filter sees into, is denied with the rest");
}

/* ---- the other three ---- */

static int advise_error(struct inference *in)
{
        char *eperm[] = { "EPERM", NULL };
        const struct setting *own = &in->o->unit->settings[D_SystemCallFilter];
        bool filters = takes(in, D_SystemCallFilter);

        if (filters)
                return advise_safe(in, D_SystemCallErrorNumber, BASIS_UNIT, eperm, NULL,
                                   "a call that nobody saw coming then fails, as it does for a "
                                   "process without privileges; the default would kill the service "
                                   "on the spot");
        return advise_safe(in, D_SystemCallErrorNumber, BASIS_UNIT, NULL, NULL, "%s",
                           own->value.set ? "the unit's own filter stands, with its own answer"
                                          : "it has a meaning only with SystemCallFilter=");
}

static int advise_architectures(struct inference *in)
{
        const struct act *foreign = behaviour_first(in->o->behaviour, ACT_FOREIGN);
        scoped(mem_freep) char *both = NULL;
        char *native[] = { "native", NULL }, *lines[] = { NULL, NULL };

        if (!foreign)
                return advise_safe(in, D_SystemCallArchitectures, BASIS_CALLS, native, NULL,
                                   "no 32-bit code ran");
        both = text_format("native %s", foreign->name ? foreign->name : "");
        if (!both)
                return -ENOMEM;
        lines[0] = both;
        for (const struct act *a = foreign; a; a = behaviour_next(in->o->behaviour, a))
                if (a->name && foreign->name && strcmp(a->name, foreign->name) != 0)
                        return advise_breaks(in, D_SystemCallArchitectures, BASIS_FILTER, native, a,
                                             "it runs code of several architectures");
        return advise_safe(in, D_SystemCallArchitectures, BASIS_FILTER, lines, foreign,
                           "no stricter than that, as it runs 32-bit code");
}

int infer_syscalls(struct inference *in)
{
        int r = advise_filter(in);

        if (r == 0)
                r = advise_error(in);
        if (r == 0)
                r = advise_architectures(in);
        if (r == 0)
                r = advise_safe(in, D_SystemCallLog, BASIS_UNIT, NULL, NULL,
                                "it forbids nothing: it is a help to learn, and gird watches "
                                "without it");
        return r;
}
