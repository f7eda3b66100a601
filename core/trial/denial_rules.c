/* denial_rules.c - which errors are the answer of a sandbox. */
#include "core/trial/denial_private.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

bool denial_listed(const char *list, const char *word)
{
        size_t n = strlen(word);

        for (const char *at = list; n > 0 && (at = strstr(at, word)); at += n)
                if ((at == list || at[-1] == ' ') && (at[n] == ' ' || at[n] == '\0'))
                        return true;
        return false;
}

#define OF(kind) (1U << (kind))
#define ANY      (~0U)
static const struct {
        int error;
        enum hardness hardness;
        unsigned kinds;
        const char *calls; /* NULL: any */
} rows[] = {
#define ERROR_RULE(e, h, k, c) { e, h, k, c },
#include "core/trial/denial_rules.inc"
#undef ERROR_RULE
};
#undef OF
#undef ANY

bool denial_depends_on_call(enum act_kind kind, int error)
{
        for (size_t i = 0; i < COUNT(rows); i++)
                if (rows[i].error == error && rows[i].kinds & 1U << kind &&
                    (rows[i].calls || rows[i].hardness == HARD_LIMIT))
                        return true;
        return error == ENOSYS; /* something may be called instead */
}

/* Larger buffers than the system permits, which sd_notify() and the journal's client ask for first
 * of all: who is refused does with less, and does not look (observer_idle.c). */
static bool is_idle(const struct act *a)
{
        return a->kind == ACT_ARGS && strcmp(a->name, "setsockopt") == 0 && a->a == SOL_SOCKET &&
               (a->b == SO_SNDBUFFORCE || a->b == SO_RCVBUFFORCE);
}

enum hardness denial_hardness(const struct act *a, const char *call)
{
        if (is_idle(a))
                return HARD_NO;
        for (size_t i = 0; i < COUNT(rows); i++)
                if (rows[i].error == a->error && rows[i].kinds & 1U << a->kind &&
                    (!rows[i].calls || (call && denial_listed(rows[i].calls, call))))
                        return rows[i].hardness;
        return HARD_NO;
}

bool denial_error_is_hard(int error)
{
        struct act any = { .kind = ACT_CALL, .error = error };

        return denial_hardness(&any, NULL) == HARD_REFUSED;
}

const char *denial_fallback(const char *call)
{
        static const struct {
                const char *call, *instead;
        } pairs[] = {
#define FALLBACK(c, i) { c, i },
#include "core/trial/denial_rules.inc"
#undef FALLBACK
        };

        for (size_t i = 0; i < COUNT(pairs); i++)
                if (strcmp(pairs[i].call, call) == 0)
                        return pairs[i].instead;
        return NULL;
}
