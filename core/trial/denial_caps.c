/* denial_caps.c - capabilities that were refused, beside what failed for them.
 *
 * A refused check counts by itself only when the baseline was granted the capability and used it;
 * else it explains the call beside it.  The kernel often asks for one capability and then for
 * another that does as well: then nothing is missing. */
#include "core/trial/denial_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Where the first is refused, the second does as well. */
static const struct {
        const char *asked, *enough;
} alternatives[] = {
        { "CAP_DAC_READ_SEARCH", "CAP_DAC_OVERRIDE" },
        { "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH" },
        { "CAP_BPF", "CAP_SYS_ADMIN" },
        { "CAP_PERFMON", "CAP_SYS_ADMIN" },
        { "CAP_SYSLOG", "CAP_SYS_ADMIN" },
        { "CAP_CHECKPOINT_RESTORE", "CAP_SYS_ADMIN" },
        { "CAP_SYS_NICE", "CAP_SYS_ADMIN" },
        { "CAP_FOWNER", "CAP_CHOWN" },
};

/* What is needed for a path that its mode and owner do not give, narrow places first. */
static const struct {
        const char *prefix;
        int error;
        uint64_t access; /* one of these was wanted; 0: whatever */
        const char *capability;
} places[] = {
        { "/dev/kmsg", EPERM, 0, "CAP_SYSLOG" },
        { "/proc/kmsg", EPERM, 0, "CAP_SYSLOG" },
        { "/dev/mem", EPERM, 0, "CAP_SYS_RAWIO" },
        { "/dev/port", EPERM, 0, "CAP_SYS_RAWIO" },
        { "/proc/kcore", EPERM, 0, "CAP_SYS_RAWIO" },
        { "/dev/cpu", EPERM, 0, "CAP_SYS_RAWIO" },
        { "/proc/#", EACCES, 0, "CAP_SYS_PTRACE" },
        { "/proc/#", EPERM, 0, "CAP_SYS_PTRACE" },
        { "/proc/sys/net", EPERM, ACCESS_WRITE, "CAP_NET_ADMIN" },
        { "/proc/sys/net", EACCES, ACCESS_WRITE, "CAP_NET_ADMIN" },
        { "/proc/sys", EPERM, ACCESS_WRITE, "CAP_SYS_ADMIN" },
        { "/", EPERM, ACCESS_CHANGE | ACCESS_DELETE, "CAP_FOWNER" },
        { "/", EACCES, 0, "CAP_DAC_OVERRIDE" },
        { "/", EACCES, ACCESS_READ | ACCESS_LOOK | ACCESS_ENTER, "CAP_DAC_READ_SEARCH" },
};

const char *denial_place_needs(const struct denial *d, size_t *i, bool *ret_narrow)
{
        for (; *i < COUNT(places) && d->deed.kind == ACT_PATH && d->path; (*i)++)
                if (places[*i].error == d->error && path_matches(d->path, places[*i].prefix) &&
                    (!places[*i].access || places[*i].access & d->deed.a)) {
                        *ret_narrow = places[*i].prefix[1] != '\0';
                        return places[*i].capability;
                }
        return NULL;
}

static bool is_granted(const struct behaviour *b, uint64_t number)
{
        for (const struct act *a = b ? behaviour_first(b, ACT_CAP) : NULL; a;
             a = behaviour_next(b, a))
                if (a->error == 0 && a->a == number && a->c == 0 && !(a->flags & ACT_QUIET))
                        return true;
        return false;
}

static bool has_alternative(const struct behaviour *b, const char *name)
{
        for (size_t i = 0; i < COUNT(alternatives); i++) {
                int number = capability_number(alternatives[i].enough);

                if (strcmp(alternatives[i].asked, name) == 0 && number >= 0 &&
                    is_granted(b, (uint64_t)number))
                        return true;
        }
        return false;
}

/* ---- which refusal a check belongs to ---- */

enum { NEAR = 2000 }; /* microseconds between a check and the end of its call */

/* How well the check explains it; 0: not at all.  What the kernel function is called that asked
 * says most, then the operation. */
static unsigned explains(const struct denial *d, const struct act *check, uint64_t began)
{
        uint64_t when = began + d->after;
        bool near = when + NEAR > check->first && check->first + NEAR > when, narrow;
        unsigned score = 0;
        const char *name;

        if (check->by && d->call && strstr(check->by, d->call))
                score = 8;
        for (int id = OPERATION_NONE + 1; id < OPERATION_COUNT && score < 6; id++) {
                const struct operation *o = operation_at((enum operation_id)id);

                if (o->capability && strcmp(o->capability, check->name) == 0 && d->call &&
                    denial_listed(o->calls, d->call))
                        score = 6;
        }
        for (size_t i = 0; (name = denial_place_needs(d, &i, &narrow)); i++)
                if (strcmp(name, check->name) == 0 && score < (narrow ? 6U : 4U))
                        score = narrow ? 6 : 4;
        if (score == 0 && near)
                return 2; /* something was asked for right beside it */
        return score ? score + near : 0;
}

static bool is_alike(const struct denial *d, const struct act *a)
{
        bool same = !d->process || !a->process[0] ||
                    strncmp(d->process, a->process, sizeof(a->process)) == 0;

        return same && !d->signal && !d->deed.filtered && d->deed.kind != ACT_CAP &&
               (d->error == EPERM || d->error == EACCES || d->error == ENOMEM);
}

/* What failed for it; 1: something did.  scores: how well each is explained already. */
static int explain(struct denials *to, const struct act *check, uint64_t began, unsigned *scores)
{
        int found = 0;

        for (size_t i = 0; i < to->count; i++) {
                struct denial *d = &to->list[i];
                unsigned score = is_alike(d, check) ? explains(d, check, began) : 0;
                char *name;

                if (score == 0)
                        continue;
                found = 1;
                if (score <= scores[i])
                        continue;
                name = strdup(check->name);
                if (!name)
                        return -ENOMEM;
                free(d->capability);
                d->capability = name;
                scores[i] = score;
        }
        return found;
}

static bool is_refused(const struct act *a)
{
        return a->error != 0 && a->c == 0 && a->name && !(a->flags & ACT_QUIET);
}

/* Nothing failed for it that was seen: it counts if the baseline was granted it. */
static int add_alone(const struct act *a, uint64_t began, struct denials *to)
{
        struct denial d = { 0 };
        int r = denial_of_act(a, began, &d);

        if (r < 0)
                return r;
        d.error = EPERM;
        d.deed.had = true;
        d.capability = strdup(a->name);
        r = d.capability ? denials_add(to, &d) : -ENOMEM;
        denial_done(&d);
        return r;
}

int denials_capabilities(const struct behaviour *baseline, const struct behaviour *tried,
                         uint64_t began, struct denials *to)
{
        scoped(mem_freep) unsigned *scores = calloc(to->count + 1, sizeof(*scores));
        size_t count = to->count; /* the calls: capabilities come behind them */
        int r = scores ? 0 : -ENOMEM;

        for (const struct act *a = behaviour_first(tried, ACT_CAP); a && r >= 0;
             a = behaviour_next(tried, a)) {
                bool had = is_granted(baseline, a->a);
                struct denials calls = { .list = to->list, .count = count };

                if (!is_refused(a) || (a->flags & ACT_BY_TWIN && !had))
                        continue;
                r = explain(&calls, a, began, scores);
                if (r == 0 && had && !is_granted(tried, a->a) && !has_alternative(tried, a->name))
                        r = add_alone(a, began, to);
        }
        return r < 0 ? r : 0;
}
