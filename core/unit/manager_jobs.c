/* manager_jobs.c - jobs of the manager: asked for, and waited for until they have ended.
 *
 * A job may end before the answer to the call that made it is read, so its end is listened for
 * before the call is sent, and every end seen meanwhile is kept. */
#include "core/unit/manager_private.h"

#include "core/base/base.h"
#include "core/base/mem.h"

#include <errno.h>
#include <string.h>

/* systemd's words; callers get these strings, which nobody frees. */
static const char *static_result(const char *word)
{
        static const char *const known[] = { "done",        "canceled",  "timeout", "failed",
                                             "dependency",  "skipped",   "invalid", "assert",
                                             "unsupported", "collected", "once",    "frozen",
                                             "concurrency" };

        for (size_t i = 0; i < COUNT(known); i++)
                if (strcmp(known[i], word) == 0)
                        return known[i];
        return "unknown";
}

struct ended {
        char *path;
        const char *result;
};

/* The ends of jobs, since the call was sent. */
struct listener {
        const struct manager *manager;
        sd_bus_slot *slot;
        struct ended *ends;
        size_t count;
        bool listening, failed;
        const char *path; /* the job that is waited for, once it is known */
        const char *result;
};

static void listener_done(struct listener *l)
{
        sd_bus_slot_unref(l->slot);
        for (size_t i = 0; i < l->count; i++)
                free(l->ends[i].path);
        free(l->ends);
}

static int on_removed(sd_bus_message *signal, void *userdata, sd_bus_error *error)
{
        struct listener *l = userdata;
        const char *path = NULL, *unit = NULL, *result = NULL;
        struct ended *more;
        uint32_t id = 0;

        (void)error;
        if (sd_bus_message_read(signal, "uoss", &id, &path, &unit, &result) < 0)
                return 0;
        if (l->path) {
                if (strcmp(l->path, path) == 0)
                        l->result = static_result(result);
                return 0;
        }
        more = realloc(l->ends, (l->count + 1) * sizeof(*more));
        if (more)
                l->ends = more;
        if (!more || !(more[l->count].path = strdup(path))) {
                l->failed = true;
                return 0;
        }
        more[l->count++].result = static_result(result);
        return 0;
}

static int on_listening(sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        struct listener *l = userdata;

        (void)error;
        l->listening = true;
        l->failed = sd_bus_message_is_method_error(reply, NULL) > 0;
        return 0;
}

static bool is_listening(void *userdata)
{
        const struct listener *l = userdata;

        return l->listening || manager_is_broken(l->manager);
}

/* The manager sends its signals over a bus only to those who asked for them. */
static int subscribe(struct manager *m, struct job *job, struct err *e)
{
        scoped(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        int r;

        if (m->subscribed)
                return 0;
        r = manager_new_call(m, "Subscribe", &call);
        if (r < 0)
                return manager_fault(m, r, "cannot listen to systemd", e);
        r = manager_call(m, job, call, CALL_TIMEOUT, "cannot listen to systemd", NULL, e);
        if (r < 0 && r != -EALREADY) /* somebody of this connection did so before */
                return r;
        m->subscribed = true;
        return 0;
}

static int listen_for_ends(struct manager *m, struct job *job, struct listener *l, struct err *e)
{
        int r = manager_attach(m, job);

        l->manager = m;
        if (r >= 0)
                r = sd_bus_match_signal_async(m->bus, &l->slot, m->destination, SYSTEMD_PATH,
                                              SYSTEMD_MANAGER, "JobRemoved", on_removed,
                                              on_listening, l);
        /* On a private socket there is nobody to ask for signals: they all come. */
        if (r >= 0 && m->destination)
                r = job_wait(job, is_listening, l, CALL_TIMEOUT);
        if (r >= 0 && l->failed)
                r = -EACCES;
        if (r < 0)
                return manager_fault(m, r, "cannot listen to systemd", e);
        return subscribe(m, job, e);
}

static bool has_ended(void *userdata)
{
        const struct listener *l = userdata;

        return l->result || l->failed || manager_is_broken(l->manager);
}

/* The end of the job at path, which may have been seen already. */
static int wait_end(struct listener *l, struct job *job, const char *path, uint64_t timeout)
{
        int r;

        l->path = path;
        for (size_t i = 0; i < l->count; i++)
                if (strcmp(l->ends[i].path, path) == 0)
                        l->result = l->ends[i].result;
        r = job_wait(job, has_ended, l, timeout);
        if (r < 0)
                return r;
        return l->result ? 0 : l->failed ? -ENOMEM : -ECONNRESET;
}

int manager_run_job(struct manager *m, struct job *job, sd_bus_message *call, uint64_t timeout,
                    const char *what, const char **ret_result, struct err *e)
{
        scoped(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        scoped(listener_done) struct listener l = { 0 };
        const char *path = NULL;
        int r;

        *ret_result = NULL;
        r = listen_for_ends(m, job, &l, e);
        if (r < 0)
                return r;
        r = manager_call(m, job, call, CALL_TIMEOUT, what, &reply, e);
        if (r >= 0 || r == -ECANCELED || r == -ETIMEDOUT)
                *ret_result = static_result("");
        if (r < 0)
                return r;
        r = sd_bus_message_read(reply, "o", &path);
        if (r >= 0)
                r = wait_end(&l, job, path, timeout);
        if (r == -ETIMEDOUT)
                return err_say(e, r, "%s: it is still under way after %llu s", what,
                               (unsigned long long)(timeout / SECONDS(1)));
        if (r < 0)
                return manager_fault(m, r, what, e);
        *ret_result = l.result;
        return strcmp(l.result, "done") == 0 ? 0 : 1;
}

static int unit_job(struct manager *m, struct job *job, const char *member, const char *verb,
                    const char *unit, uint64_t timeout, const char **ret_result, struct err *e)
{
        scoped(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        scoped(mem_freep) char *what = text_format("cannot %s %s", verb, unit);
        const char *result = NULL;
        int r;

        if (!what)
                return err_set(e, -ENOMEM, "cannot %s %s", verb, unit);
        r = manager_new_call(m, member, &call);
        if (r >= 0)
                r = sd_bus_message_append(call, "ss", unit, "replace");
        if (r < 0)
                return manager_fault(m, r, what, e);
        r = manager_run_job(m, job, call, timeout, what, &result, e);
        if (r >= 0 && ret_result)
                *ret_result = result;
        return r;
}

int manager_start(struct manager *m, struct job *job, const char *unit, uint64_t timeout,
                  const char **ret_result, struct err *e)
{
        return unit_job(m, job, "StartUnit", "start", unit, timeout, ret_result, e);
}

int manager_stop(struct manager *m, struct job *job, const char *unit, uint64_t timeout,
                 const char **ret_result, struct err *e)
{
        return unit_job(m, job, "StopUnit", "stop", unit, timeout, ret_result, e);
}

int manager_restart(struct manager *m, struct job *job, const char *unit, uint64_t timeout,
                    const char **ret_result, struct err *e)
{
        return unit_job(m, job, "RestartUnit", "restart", unit, timeout, ret_result, e);
}

int manager_reload_unit(struct manager *m, struct job *job, const char *unit, uint64_t timeout,
                        const char **ret_result, struct err *e)
{
        return unit_job(m, job, "ReloadUnit", "reload", unit, timeout, ret_result, e);
}

int manager_reset_failed(struct manager *m, struct job *job, const char *unit, struct err *e)
{
        scoped(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        scoped(mem_freep) char *what = text_format("cannot reset the failure of %s", unit);
        int r;

        if (!what)
                return err_set(e, -ENOMEM, "cannot reset %s", unit);
        r = manager_new_call(m, "ResetFailedUnit", &call);
        if (r >= 0)
                r = sd_bus_message_append(call, "s", unit);
        if (r < 0)
                return manager_fault(m, r, what, e);
        return manager_call(m, job, call, CALL_TIMEOUT, what, NULL, e);
}

int manager_reload(struct manager *m, struct job *job, struct err *e)
{
        static const char what[] = "cannot make systemd read its files again";
        scoped(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        int r = manager_new_call(m, "Reload", &call);

        if (r < 0)
                return manager_fault(m, r, what, e);
        /* Generators run, and every unit is read: systemctl waits for so long, too. */
        return manager_call(m, job, call, SECONDS(180), what, NULL, e);
}
