/* view_calls.c - which system calls a sandbox lets through, of all that this machine's processor
 * has. */
#include "core/breach/view_private.h"

#include <errno.h>
#include <stdlib.h>

/* Directives with a filter of their own. */
static const struct {
        enum directive_id directive;
        const char *calls; /* a group or a call */
} rows[] = {
        { D_PrivateDevices, "@raw-io" },
        { D_ProtectClock, "@clock" },
        { D_ProtectKernelModules, "@module" },
        { D_ProtectKernelLogs, "syslog" },
};

struct question {
        const char *call;
        bool found;
};

static int is_it(void *userdata, const char *call)
{
        struct question *q = userdata;

        q->found = q->found || strcmp(q->call, call) == 0;
        return 0;
}

static bool is_in(const struct dialect *dialect, const char *group, const char *call)
{
        struct question q = { .call = call };

        return dialect_expand(dialect, group, is_it, &q) >= 0 && q.found;
}

/* "read:EPERM" for read; NULL: it is not listed. */
static const char *listed(char *const *words, const char *name)
{
        size_t n = strlen(name);

        for (; words && *words; words++)
                if (strncmp(*words, name, n) == 0 && (!(*words)[n] || (*words)[n] == ':'))
                        return *words;
        return NULL;
}

static int error_of(const struct service_view *v, const char *word)
{
        const char *colon = word ? strchr(word, ':') : NULL;
        const char *name = colon ? colon + 1 : view_word(v, D_SystemCallErrorNumber);
        char *end = NULL;
        long number = strtol(name, &end, 10);

        if (!*name || strcmp(name, "kill") == 0)
                return 0;
        return end != name && !*end ? (int)number : errno_number(name) > 0 ? errno_number(name) : 0;
}

static bool filter_lets(const struct service_view *v, const char *name, int *ret_error)
{
        const struct value *f = &v->unit->settings[D_SystemCallFilter].value;
        const char *word;

        *ret_error = 0;
        if (!view_sets(v, D_SystemCallFilter))
                return true;
        word = listed(f->words, name);
        if (f->allow ? word && !strchr(word, ':') : !word)
                return true;
        /* systemd adds what every program needs to a list of what is allowed. */
        if (f->allow && !word && is_in(v->dialect, "@default", name))
                return true;
        *ret_error = error_of(v, word);
        return false;
}

bool view_lets_call(const struct service_view *v, const char *name, int *ret_error)
{
        int error = 0;

        for (size_t i = 0; i < COUNT(rows); i++)
                if (view_yes(v, rows[i].directive) && is_in(v->dialect, rows[i].calls, name)) {
                        if (ret_error)
                                *ret_error = EPERM;
                        return false;
                }
        if (filter_lets(v, name, &error))
                return true;
        if (ret_error)
                *ret_error = error;
        return false;
}

/* ---- by groups ---- */

struct tally {
        const struct service_view *v;
        size_t let, all;
};

static int count(void *userdata, const char *call)
{
        struct tally *t = userdata;

        if (syscall_number(call) < 0)
                return 0;
        t->all++;
        t->let += view_lets_call(t->v, call, NULL);
        return 0;
}

/* Groups that are wholly refused; those which only gather others would tell it twice. */
static int tell_groups(struct service_view *v)
{
        static const char *const gather[] = { "@known", "@system-service", "@privileged",
                                              "@default", "@obsolete" };
        bool first = true;
        int r = 0;

        for (const struct syscall_group *g = v->dialect->groups; r >= 0 && g->name; g++) {
                struct tally t = { .v = v };
                bool skip = false;

                for (size_t i = 0; i < COUNT(gather); i++)
                        skip = skip || strcmp(g->name, gather[i]) == 0;
                if (skip || dialect_expand(v->dialect, g->name, count, &t) < 0)
                        continue;
                if (!t.all || t.let)
                        continue;
                if (first)
                        r = strv_add(&v->facts[FACT_CALLS], "without");
                first = false;
                if (r >= 0)
                        r = strv_add(&v->facts[FACT_CALLS], g->name);
        }
        return r < 0 ? r : 0;
}

int view_calls(struct service_view *v)
{
        struct tally t = { .v = v };
        const char *name;
        int r;

        for (size_t i = 0; (name = syscall_at(i)); i++)
                count(&t, name);
        v->calls = t.let;
        v->all_calls = t.all;
        r = strv_addf(&v->facts[FACT_CALLS], "%zu of %zu", t.let, t.all);
        return r < 0 ? r : t.let < t.all ? tell_groups(v) : 0;
}
