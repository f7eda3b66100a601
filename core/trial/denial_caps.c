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
        { "CAP_DAC_READ_SEARCH", "CAP_DAC_OVERRIDE" }, { "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH" },
        { "CAP_BPF", "CAP_SYS_ADMIN" },                { "CAP_PERFMON", "CAP_SYS_ADMIN" },
        { "CAP_SYSLOG", "CAP_SYS_ADMIN" },             { "CAP_CHECKPOINT_RESTORE", "CAP_SYS_ADMIN" },
        { "CAP_SYS_NICE", "CAP_SYS_ADMIN" },           { "CAP_FOWNER", "CAP_CHOWN" },
};

/* What fails when a file's mode or owner does not let somebody in, by what was wanted. */
static const struct {
        const char *capability;
        int error;
        uint64_t access;
} by_path[] = {
        { "CAP_DAC_OVERRIDE", EACCES, ~0ULL },
        { "CAP_DAC_READ_SEARCH", EACCES, ~0ULL },
        { "CAP_CHOWN", EPERM, ACCESS_CHANGE },
        { "CAP_FOWNER", EPERM, ACCESS_CHANGE | ACCESS_DELETE | ACCESS_READ | ACCESS_WRITE },
        { "CAP_FOWNER", EACCES, ACCESS_CHANGE | ACCESS_DELETE },
        { "CAP_FSETID", EPERM, ACCESS_CHANGE },
        { "CAP_MKNOD", EPERM, ACCESS_CREATE },
        { "CAP_SYS_CHROOT", EPERM, ACCESS_ENTER },
        { "CAP_SYS_ADMIN", EPERM, ~0ULL },
        { "CAP_LINUX_IMMUTABLE", EPERM, ACCESS_CHANGE },
        { "CAP_SETFCAP", EPERM, ACCESS_CHANGE },
        { "CAP_MAC_ADMIN", EPERM, ACCESS_CHANGE },
        { "CAP_SYS_PTRACE", EACCES, ~0ULL },
        { "CAP_SYS_PTRACE", EPERM, ~0ULL },
        { "CAP_SYS_RAWIO", EPERM, ACCESS_READ | ACCESS_WRITE },
        { "CAP_SYSLOG", EPERM, ACCESS_READ | ACCESS_WRITE },
        { "CAP_SYS_PACCT", EPERM, ACCESS_WRITE },
        { "CAP_NET_ADMIN", EPERM, ACCESS_WRITE },
        { "CAP_SYS_RESOURCE", EPERM, ACCESS_WRITE },
};

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

/* Whether the operation behind the denial needs the capability. */
static bool needs(const struct denial *d, const char *name)
{
        for (size_t i = 0; i < COUNT(by_path) && d->deed.kind == ACT_PATH; i++)
                if (strcmp(by_path[i].capability, name) == 0 && by_path[i].error == d->error &&
                    (by_path[i].access == ~0ULL || by_path[i].access & d->deed.a))
                        return true;
        if (d->deed.kind == ACT_PATH && strcmp(name, "CAP_MKNOD") != 0 &&
            strcmp(name, "CAP_SYS_ADMIN") != 0)
                return false;
        for (int id = OPERATION_NONE + 1; id < OPERATION_COUNT; id++) {
                const struct operation *o = operation_at((enum operation_id)id);

                if (o->capability && strcmp(o->capability, name) == 0 && d->call &&
                    denial_listed(o->calls, d->call))
                        return true;
        }
        return strcmp(name, "CAP_SYS_ADMIN") == 0 && d->error == EPERM &&
               (d->deed.kind == ACT_ARGS || d->deed.kind == ACT_CALL);
}

static bool same_process(const struct denial *d, const struct act *a)
{
        return !d->process || !a->process[0] ||
               strncmp(d->process, a->process, sizeof(a->process)) == 0;
}

/* What failed for it; 1: something did. */
static int explain(struct denials *to, const struct act *check)
{
        int found = 0;

        for (size_t i = 0; i < to->count; i++) {
                struct denial *d = &to->list[i];

                if (d->signal || d->deed.filtered || d->deed.kind == ACT_CAP ||
                    (d->error != EPERM && d->error != EACCES && d->error != ENOMEM) ||
                    !same_process(d, check) || !needs(d, check->name))
                        continue;
                found = 1;
                if (d->capability)
                        continue;
                d->capability = strdup(check->name);
                if (!d->capability)
                        return -ENOMEM;
        }
        return found;
}

static bool is_refused(const struct act *a)
{
        return a->error != 0 && a->c == 0 && a->name && !(a->flags & ACT_QUIET);
}

int denials_capabilities(const struct behaviour *baseline, const struct behaviour *tried,
                         uint64_t began, struct denials *to)
{
        for (const struct act *a = behaviour_first(tried, ACT_CAP); a;
             a = behaviour_next(tried, a)) {
                bool had = is_granted(baseline, a->a);
                struct denial d = { 0 };
                int r;

                if (!is_refused(a) || (a->flags & ACT_BY_TWIN && !had))
                        continue;
                r = explain(to, a);
                if (r < 0)
                        return r;
                if (r > 0 || !had || is_granted(tried, a->a) || has_alternative(tried, a->name))
                        continue;
                r = denial_of_act(a, began, &d);
                if (r < 0)
                        return r;
                d.error = EPERM;
                d.deed.had = true;
                d.capability = strdup(a->name);
                r = d.capability ? denials_add(to, &d) : -ENOMEM;
                denial_done(&d);
                if (r < 0)
                        return r;
        }
        return 0;
}
