/* infer_calls.c - the calls that a filter must let through.
 *
 * The calls that were made are only the beginning: tomorrow's libc makes the same thing by another
 * call (clone by clone3, stat by statx), a crash makes some that no healthy run does, and a service
 * that was not watched while it rotates its logs changes owners then. */
#include "core/observe/infer_privileges.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <string.h>

static const struct {
        const char *call, *newer;
} siblings[] = {
#define NEWER(call, newer) { call, newer },
#define ALWAYS(calls, why)
#define FOR_CAP(cap, calls)
#define REMOVE(words)
#include "core/observe/infer_syscalls.inc"
#undef NEWER
#undef ALWAYS
};

static const char *const always[] = {
#define NEWER(call, newer)
#define ALWAYS(calls, why) calls,
#include "core/observe/infer_syscalls.inc"
#undef NEWER
#undef ALWAYS
#undef FOR_CAP
};

static const struct {
        unsigned cap;
        const char *calls;
} for_caps[] = {
#define NEWER(call, newer)
#define ALWAYS(calls, why)
#define FOR_CAP(cap, calls) { cap, calls },
#include "core/observe/infer_syscalls.inc"
#undef NEWER
#undef ALWAYS
#undef FOR_CAP
#undef REMOVE
};

void call_set_add(struct call_set *s, const char *call)
{
        int i = syscall_index(call);

        if (i < 0 || i >= CALL_SET || s->has[i])
                return;
        s->has[i] = true;
        s->count++;
}

bool call_set_has(const struct call_set *s, const char *call)
{
        int i = syscall_index(call);

        return i >= 0 && i < CALL_SET && s->has[i];
}

static int add_call(void *userdata, const char *call)
{
        call_set_add(userdata, call);
        return 0;
}

int call_set_fill(struct call_set *s, const struct dialect *dialect, const char *list)
{
        scoped(strv_freep) char **words = NULL;
        int r = strv_split(list, " ", &words);

        for (char **w = words; r == 0 && w && *w; w++) {
                r = dialect_expand(dialect, *w, add_call, s);
                r = r == -ENOENT ? 0 : r;
        }
        return r;
}

/* Calls that only a failing check of the twin's stopped were made all the same. */
static void add_seen(const struct inference *in, struct call_set *s)
{
        static const enum act_kind kinds[] = { ACT_CALL, ACT_ARGS };
        const struct behaviour *b = in->o->behaviour;

        for (size_t k = 0; k < COUNT(kinds); k++)
                for (const struct act *a = behaviour_first(b, kinds[k]); a;
                     a = behaviour_next(b, a))
                        if (a->name)
                                call_set_add(s, a->name);
}

static int add_siblings(const struct inference *in, const struct call_set *seen, struct call_set *s)
{
        int r = 0;

        for (size_t i = 0; i < COUNT(siblings) && r == 0; i++)
                if (call_set_has(seen, siblings[i].call))
                        r = call_set_fill(s, in->o->dialect, siblings[i].newer);
        return r;
}

static int add_for_caps(const struct inference *in, struct call_set *s)
{
        scoped(needed_done) struct needed n = { 0 };
        int r = needed_caps(in, &n);

        for (size_t i = 0; i < COUNT(for_caps) && r == 0; i++)
                if (n.caps & UINT64_C(1) << for_caps[i].cap)
                        r = call_set_fill(s, in->o->dialect, for_caps[i].calls);
        return r;
}

/* From 255 on, systemd drops the capabilities of a unit with User= after it has put the filter in
 * place, if the filter has the calls for it; else NoNewPrivileges= is implied. */
static bool drops_late(const struct inference *in)
{
        return !in->root_user && version_at_least(in->o->dialect->version, 255, 0) &&
               !will_have(in, D_NoNewPrivileges, "yes");
}

int needed_calls(const struct inference *in, struct call_set *seen, struct call_set *needed)
{
        int r = 0;

        *seen = *needed = (struct call_set){ 0 };
        add_seen(in, seen);
        *needed = *seen;
        r = add_siblings(in, seen, needed);
        for (size_t i = 0; i < COUNT(always) && r == 0; i++)
                r = call_set_fill(needed, in->o->dialect, always[i]);
        if (r == 0)
                r = add_for_caps(in, needed);
        if (r == 0 && drops_late(in))
                r = call_set_fill(needed, in->o->dialect, "capget capset prctl");
        return r;
}

bool filter_lets(const struct value *v, const char *call)
{
        const char *name = syscall_spelling(call);
        size_t n = name ? strlen(name) : 0;

        if (!v->set || n == 0)
                return true;
        for (char *const *w = v->words; w && *w; w++)
                if (strncmp(*w, name, n) == 0 && (!(*w)[n] || (*w)[n] == ':'))
                        return v->allow && !(*w)[n];
        return !v->allow;
}
