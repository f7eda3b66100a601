/* infer_check.c - the last look: everything that is safe applied at once, with all that systemd
 * brings along for it, must still let through what was seen.  What does not is taken back. */
#include "core/observe/infer_privileges.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CAP(n) (UINT64_C(1) << (n))

/* What a directive takes by itself, beside what it is named after. */
static const struct {
        enum directive_id directive;
        uint64_t caps;
        const char *calls;
        const char *words;
} brings[] = {
        { D_PrivateDevices, CAP(27) | CAP(17), "@raw-io",
          "it takes CAP_MKNOD, CAP_SYS_RAWIO and @raw-io as well" },
        { D_ProtectKernelModules, CAP(16), "@module", "it takes CAP_SYS_MODULE and @module" },
        { D_ProtectKernelLogs, CAP(34), "syslog", "it takes CAP_SYSLOG and syslog()" },
        { D_ProtectClock, CAP(25) | CAP(35), "@clock",
          "it takes CAP_SYS_TIME, CAP_WAKE_ALARM and @clock, reading included" },
        { D_ProtectHostname, 0, "sethostname setdomainname", "it takes sethostname()" },
        { D_RestrictSUIDSGID, 0, "openat2", "it answers openat2() with ENOSYS" },
};

/* All that is safe, applied. */
static int apply_all(const struct inference *in, struct sandbox **ret)
{
        scoped(profile_freep) struct profile *p = NULL;
        size_t count;
        int r = profile_new(in->o->unit->unit, in->o->unit->scope, &p);

        if (r == 0)
                r = advices_take(in->ret, p, NULL, &count);
        return r < 0 ? r : profile_apply(p, in->o->unit, in->o->dialect, ret);
}

static const struct act *find_granted(const struct inference *in, uint64_t caps)
{
        const struct behaviour *b = in->o->behaviour;

        for (const struct act *a = behaviour_first(b, ACT_CAP); a; a = behaviour_next(b, a))
                if (a->a < 64 && caps & CAP(a->a) && a->error == 0 && a->c != 1 && act_counts(a))
                        return a;
        return NULL;
}

/* ---- what one brings along for another ---- */

static int check_brought(struct inference *in)
{
        for (size_t i = 0; i < COUNT(brings); i++) {
                const struct act *a;
                int r;

                if (!takes(in, brings[i].directive))
                        continue;
                a = find_granted(in, brings[i].caps);
                a = a ? a : find_success(in, brings[i].calls); /* only that can be missed */
                if (!a)
                        continue;
                r = take_back(in, brings[i].directive, a, brings[i].words);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* From 262 on, RestrictRealtime= refuses sched_setattr() altogether. */
static int check_realtime(struct inference *in)
{
        const struct act *a = find_success(in, "sched_setattr");

        if (!a || !takes(in, D_RestrictRealtime) ||
            !version_at_least(in->o->dialect->version, 262, 0))
                return 0;
        return take_back(in, D_RestrictRealtime, a,
                         "this systemd refuses sched_setattr() altogether with it");
}

static bool is_real_device(const struct inference *in, const struct act *a)
{
        static const char plain[] = "null zero full random urandom tty ptmx log";

        (void)in;
        return a->error == 0 && (a->mode & 0170000) != 0100000 && (a->mode & 0170000) != 0040000 &&
               !path_below(a->text, "/dev/pts") && !path_below(a->text, "/dev/shm") &&
               !listed_in(plain, base_name(a->text)) && strcmp(a->text, "/dev") != 0;
}

/* Before 252, ProtectClock= brought DeviceAllow=char-rtc with it, and with one device allowed
 * all others are closed. */
static int check_clock_devices(struct inference *in)
{
        const struct act *a;

        if (!takes(in, D_ProtectClock) || version_at_least(in->o->dialect->version, 252, 0))
                return 0;
        a = find_path_if(in, "/dev", ACCESS_READ | ACCESS_WRITE, is_real_device);
        return a ? take_back(in, D_ProtectClock, a,
                             "this systemd closes all devices but the clock's with it")
                 : 0;
}

/* Capabilities count for nothing in a user namespace. */
static int check_users(struct inference *in)
{
        const struct act *a = find_granted(in, UINT64_MAX);

        if (!a || !takes(in, D_PrivateUsers))
                return 0;
        return take_back(in, D_PrivateUsers, a,
                         "its capabilities would count for nothing in a user namespace");
}

/* ---- all at once ---- */

static int check_caps(struct inference *in, const struct sandbox *after)
{
        const struct value *now = &in->o->unit->settings[D_CapabilityBoundingSet].value;
        const struct value *then = &after->settings[D_CapabilityBoundingSet].value;
        uint64_t all = capability_all(in->o->dialect);
        uint64_t lost = (now->set ? now->bits : all) & ~(then->set ? then->bits : all);
        scoped(needed_done) struct needed n = { 0 };
        int r = needed_caps(in, &n);

        if (r < 0 || !(n.caps & lost))
                return r;
        for (size_t i = 0; i < COUNT(brings) && r == 0; i++)
                if (takes(in, brings[i].directive) && brings[i].caps & n.caps & lost)
                        r = take_back(in, brings[i].directive,
                                      find_granted(in, brings[i].caps & n.caps), brings[i].words);
        return r;
}

static int check_filter(struct inference *in)
{
        const struct behaviour *b = in->o->behaviour;

        if (!takes(in, D_SystemCallFilter))
                return 0;
        for (const struct act *a = behaviour_first(b, ACT_CALL); a; a = behaviour_next(b, a)) {
                const struct value *own = &in->o->unit->settings[D_SystemCallFilter].value;

                if (!a->name || syscall_index(a->name) < 0 ||
                    !dialect_knows_call(in->o->dialect, a->name) || !filter_lets(own, a->name) ||
                    filter_lets(&in->ret->list[D_SystemCallFilter].value, a->name))
                        continue;
                return take_back(in, D_SystemCallFilter, a, "it would refuse a call that was made");
        }
        return 0;
}

/* An answer to calls without a filter that asks for one changes nothing that is meant. */
static int check_error(struct inference *in)
{
        if (takes(in, D_SystemCallErrorNumber) && !takes(in, D_SystemCallFilter))
                return take_back(in, D_SystemCallErrorNumber, NULL,
                                 "it belongs to a filter, and none is advised");
        return 0;
}

static int check_all(struct inference *in)
{
        scoped(sandbox_freep) struct sandbox *after = NULL;
        int r = apply_all(in, &after);

        if (r == 0)
                r = check_caps(in, after);
        return r;
}

int infer_check(struct inference *in)
{
        static int (*const checks[])(struct inference * in) = {
                check_brought, check_realtime, check_clock_devices, check_users,
                check_filter,  check_error,    check_all,
        };

        for (size_t i = 0; i < COUNT(checks); i++) {
                int r = checks[i](in);

                if (r < 0)
                        return r;
        }
        return 0;
}
