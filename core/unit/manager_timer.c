/* manager_timer.c - a timer and its service that only the manager knows: what they do is done
 * whatever becomes of gird. */
#include "core/unit/manager_private.h"

#include "core/base/base.h"
#include "core/base/mem.h"

#include <errno.h>

/* A guard may neither be late nor be stopped along with a target. */
static const uint64_t ACCURACY = 100000;

/* What counts from the timer's own start begins anew whenever systemd reads its files again; what
 * counts from systemd's start stays.  One whose time comes while it reads them is never heard of
 * again, so there are more. */
static const uint64_t later[] = { 0,           SECONDS(1),  SECONDS(2),   SECONDS(5),  SECONDS(15),
                                  SECONDS(30), SECONDS(60), SECONDS(180), SECONDS(600) };

static int add_base(sd_bus_message *call, const char *base, uint64_t usec)
{
        return sd_bus_message_append(call, "(sv)", "TimersMonotonic", "a(st)", 1, base, usec);
}

static int add_timer(sd_bus_message *call, const struct transient_timer *t, uint64_t started)
{
        uint64_t since = job_now() - started;
        int r = sd_bus_message_append(call, "(sv)(sv)(sv)(sv)(sv)(sv)", "Description", "s",
                                      t->description, "CollectMode", "s", "inactive-or-failed",
                                      "DefaultDependencies", "b", 0, "IgnoreOnIsolate", "b", 1,
                                      "RemainAfterElapse", "b", 0, "AccuracyUSec", "t", ACCURACY);

        for (size_t i = 0; r >= 0 && i < COUNT(later); i++)
                r = add_base(call, "OnStartupSec", since + t->after + later[i]);
        if (r >= 0)
                r = add_base(call, "OnActiveSec", t->after);
        if (r >= 0 && t->again > 0)
                r = add_base(call, "OnUnitInactiveSec", t->again);
        return r < 0 ? r : sd_bus_message_close_container(call);
}

/* When this systemd began to run units, on the clock of job_now(). */
static int find_startup(struct manager *m, struct job *job, uint64_t *ret, struct err *e)
{
        static const char what[] = "cannot ask systemd since when it runs";
        scoped(sd_bus_message_unrefp) sd_bus_message *call = NULL, *reply = NULL;
        int r = sd_bus_message_new_method_call(m->bus, &call, m->destination, SYSTEMD_PATH,
                                               "org.freedesktop.DBus.Properties", "Get");

        if (r >= 0)
                r = sd_bus_message_append(call, "ss", SYSTEMD_MANAGER,
                                          "UserspaceTimestampMonotonic");
        if (r < 0)
                return manager_fault(m, r, what, e);
        r = manager_call(m, job, call, CALL_TIMEOUT, what, &reply, e);
        if (r < 0)
                return r;
        r = sd_bus_message_read(reply, "v", "t", ret);
        if (r >= 0 && *ret > job_now())
                r = -EINVAL;
        return r < 0 ? manager_fault(m, r, what, e) : 0;
}

/* The service comes along as the call's only other unit. */
static int add_service(sd_bus_message *call, const struct transient_timer *t)
{
        int r = sd_bus_message_open_container(call, 'a', "(sa(sv))");

        if (r >= 0)
                r = sd_bus_message_open_container(call, 'r', "sa(sv)");
        if (r >= 0)
                r = sd_bus_message_append(call, "s", t->service);
        if (r >= 0)
                r = sd_bus_message_open_container(call, 'a', "(sv)");
        if (r >= 0)
                r = sd_bus_message_append(call, "(sv)(sv)(sv)(sv)(sv)(sv)", "Description", "s",
                                          t->description, "Type", "s", "oneshot", "CollectMode",
                                          "s", "inactive-or-failed", "DefaultDependencies", "b", 0,
                                          "IgnoreOnIsolate", "b", 1, "OOMScoreAdjust", "i", -900);
        if (r >= 0)
                r = manager_add_command(call, t->argv);
        for (int open = 0; r >= 0 && open < 3; open++)
                r = sd_bus_message_close_container(call);
        return r;
}

int manager_arm(struct manager *m, struct job *job, const struct transient_timer *t, struct err *e)
{
        scoped(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        scoped(mem_freep) char *what = text_format("cannot start %s", t->timer);
        const char *result = NULL;
        uint64_t started = 0;
        int r;

        if (!what)
                return err_set(e, -ENOMEM, "cannot start %s", t->timer);
        r = find_startup(m, job, &started, e);
        if (r < 0)
                return r;
        r = manager_open_unit(m, t->timer, &call);
        if (r >= 0)
                r = add_timer(call, t, started);
        if (r >= 0)
                r = add_service(call, t);
        if (r < 0)
                return manager_fault(m, r, what, e);
        r = manager_run_job(m, job, call, CALL_TIMEOUT, what, &result, e);
        if (r == -EEXIST)
                return 1;
        return r > 0 ? err_say(e, -EIO, "%s: systemd says %s", what, result) : r;
}
