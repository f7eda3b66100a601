/* manager_transient.c - units that only the manager knows: a command as a service, and a scope
 * around processes that exist. */
#include "core/unit/manager_private.h"

#include "core/base/base.h"
#include "core/base/mem.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* "512M" -> bytes, "infinity" -> all ones.  What has no unit is as it stands. */
static int parse_amount(const char *text, uint64_t *ret)
{
        static const char units[] = "KMGT";
        const char *unit;
        char *end = NULL;
        uint64_t number;

        if (strcmp(text, "infinity") == 0) {
                *ret = UINT64_MAX;
                return 0;
        }
        if (!isdigit((unsigned char)*text))
                return -EINVAL;
        errno = 0;
        number = strtoull(text, &end, 10);
        if (errno)
                return -errno;
        unit = *end ? strchr(units, *end) : NULL;
        if (*end && (!unit || end[1]))
                return -EINVAL;
        for (const char *u = units; unit && u <= unit; u++)
                if (__builtin_mul_overflow(number, 1024, &number))
                        return -ERANGE;
        *ret = number;
        return 0;
}

static int add_string(sd_bus_message *m, const char *key, const char *text)
{
        return sd_bus_message_append(m, "(sv)", key, "s", text);
}

static int add_bool(sd_bus_message *m, const char *key, const char *text)
{
        int yes = word_boolean(text);

        return yes < 0 ? -EINVAL : sd_bus_message_append(m, "(sv)", key, "b", yes);
}

static int add_wide(sd_bus_message *m, const char *key, const char *text)
{
        uint64_t number = 0;
        int r = parse_amount(text, &number);

        return r < 0 ? r : sd_bus_message_append(m, "(sv)", key, "t", number);
}

static int add_signed(sd_bus_message *m, const char *key, const char *text)
{
        char *end = NULL;
        long number = strtol(text, &end, 10);

        if (!*text || *end || number < INT32_MIN || number > INT32_MAX)
                return -EINVAL;
        return sd_bus_message_append(m, "(sv)", key, "i", (int32_t)number);
}

static int add_octal(sd_bus_message *m, const char *key, const char *text)
{
        char *end = NULL;
        unsigned long number = strtoul(text, &end, 8);

        if (!*text || *end || number > 07777)
                return -EINVAL;
        return sd_bus_message_append(m, "(sv)", key, "u", (uint32_t)number);
}

/* One member; further lines of the same key add to it within the call. */
static int add_member(sd_bus_message *m, const char *key, const char *text)
{
        return sd_bus_message_append(m, "(sv)", key, "as", 1, text);
}

static int add_device(sd_bus_message *m, const char *key, const char *text)
{
        size_t n = strcspn(text, " ");
        const char *access = text + n + strspn(text + n, " ");
        scoped(mem_freep) char *node = strndup(text, n);

        if (!node)
                return -ENOMEM;
        return sd_bus_message_append(m, "(sv)", key, "a(ss)", 1, node, *access ? access : "rwm");
}

/* Writers for what isn't in the catalogue, or is a different thing over D-Bus. */
static const struct {
        const char *key;
        int (*add)(sd_bus_message *m, const char *key, const char *text);
} others[] = {
        { "Description", add_string },
        { "Type", add_string },
        { "CollectMode", add_string },
        { "KillMode", add_string },
        { "WorkingDirectory", add_string },
        { "StandardOutput", add_string },
        { "StandardError", add_string },
        { "SyslogIdentifier", add_string },
        { "Environment", add_member },
        { "Requires", add_member },
        { "Wants", add_member },
        { "After", add_member },
        { "Before", add_member },
        { "BindsTo", add_member },
        { "PartOf", add_member },
        { "Conflicts", add_member },
        { "Delegate", add_bool },
        { "RemainAfterExit", add_bool },
        { "SendSIGKILL", add_bool },
        { "DefaultDependencies", add_bool },
        { "IgnoreOnIsolate", add_bool },
        { "TimeoutStartUSec", add_wide },
        { "TimeoutStopUSec", add_wide },
        { "RuntimeMaxUSec", add_wide },
        { "Nice", add_signed },
        { "OOMScoreAdjust", add_signed },
};

static int add_property(sd_bus_message *m, const char *key, const char *text)
{
        const struct directive *d;

        for (size_t i = 0; i < COUNT(others); i++)
                if (strcmp(others[i].key, key) == 0)
                        return others[i].add(m, key, text);
        d = directive_find(key);
        if (!d)
                return -ENOKEY;
        switch (d->kind) {
        case KIND_BOOL:
                return add_bool(m, key, text);
        case KIND_AMOUNT:
                return add_wide(m, key, text);
        case KIND_UMASK:
                return add_octal(m, key, text);
        case KIND_NAMES:
        case KIND_PATHS:
        case KIND_DIRS:
                return add_member(m, key, text);
        case KIND_DEVICES:
                return add_device(m, key, text);
        case KIND_CHOICE:
        case KIND_USER:
        case KIND_PATH:
        case KIND_TEXT:
                return add_string(m, key, text);
        default:
                return -ENOKEY;
        }
}

int manager_add_properties(sd_bus_message *m, char *const *properties, struct err *e)
{
        for (; properties && *properties; properties++) {
                const char *equals = strchr(*properties, '=');
                scoped(mem_freep) char *key = NULL;
                int r;

                if (!equals)
                        return err_say(e, -EINVAL, "%s is no property: it lacks the '='",
                                       *properties);
                key = strndup(*properties, (size_t)(equals - *properties));
                if (!key)
                        return err_set(e, -ENOMEM, "cannot set %s", *properties);
                r = add_property(m, key, equals + 1);
                if (r == -ENOKEY)
                        return err_say(e, -EINVAL,
                                       "gird cannot give a transient unit the property %s", key);
                if (r < 0)
                        return err_set(e, r, "cannot set %s", *properties);
        }
        return 0;
}

int manager_add_command(sd_bus_message *m, char *const *argv)
{
        bool expands = false;
        int r;

        /* The form that can say so is written down as a line which systemd (252) itself cannot
         * read when it reloads; so it is only taken where there is something to expand. */
        for (char *const *arg = argv; *arg; arg++)
                expands |= strchr(*arg, '$') != NULL;
        r = sd_bus_message_open_container(m, 'r', "sv");
        if (r >= 0)
                r = sd_bus_message_append(m, "s", expands ? "ExecStartEx" : "ExecStart");
        if (r >= 0)
                r = sd_bus_message_open_container(m, 'v', expands ? "a(sasas)" : "a(sasb)");
        if (r >= 0)
                r = sd_bus_message_open_container(m, 'a', expands ? "(sasas)" : "(sasb)");
        if (r >= 0)
                r = sd_bus_message_open_container(m, 'r', expands ? "sasas" : "sasb");
        if (r >= 0)
                r = sd_bus_message_append(m, "s", argv[0]);
        if (r >= 0)
                r = sd_bus_message_append_strv(m, (char **)argv);
        if (r >= 0)
                r = expands ? sd_bus_message_append(m, "as", 1, "no-env-expand")
                            : sd_bus_message_append(m, "b", 0);
        for (int open = 0; r >= 0 && open < 4; open++)
                r = sd_bus_message_close_container(m);
        return r;
}

/* Begins StartTransientUnit up to the properties, or ends it behind them. */
int manager_open_unit(struct manager *m, const char *name, sd_bus_message **ret)
{
        scoped(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        int r = manager_new_call(m, "StartTransientUnit", &call);

        if (r >= 0)
                r = sd_bus_message_append(call, "ss", name, "fail");
        if (r >= 0)
                r = sd_bus_message_open_container(call, 'a', "(sv)");
        if (r >= 0)
                *ret = take(call);
        return r;
}

static int close_unit(sd_bus_message *call)
{
        int r = sd_bus_message_close_container(call);

        return r < 0 ? r : sd_bus_message_append(call, "a(sa(sv))", 0);
}

/* A oneshot's job ends when the command has; RemainAfterExit keeps it where it can be read, also
 * when there is nobody left to do that, so a fleeting one goes without. */
static int add_service(sd_bus_message *call, const struct transient *t, uint64_t timeout)
{
        uint64_t limit = timeout == JOB_FOREVER ? UINT64_MAX : timeout + SECONDS(10);
        int r = sd_bus_message_append(
                call, "(sv)(sv)(sv)(sv)(sv)", "Description", "s", "a command of gird", "Type", "s",
                "oneshot", "RemainAfterExit", "b", !t->fleeting,
                /* its end in case that gird goes away */
                "TimeoutStartUSec", "t", limit, "TimeoutStopUSec", "t", SECONDS(2));

        if (r >= 0 && t->fleeting)
                r = sd_bus_message_append(call, "(sv)", "CollectMode", "s", "inactive-or-failed");
        if (r >= 0 && t->out >= 0)
                r = sd_bus_message_append(call, "(sv)", "StandardOutputFileDescriptor", "h",
                                          t->out);
        if (r >= 0 && t->errors >= 0)
                r = sd_bus_message_append(call, "(sv)", "StandardErrorFileDescriptor", "h",
                                          t->errors);
        return r < 0 ? r : manager_add_command(call, t->argv);
}

static void kill_unit(struct manager *m, struct job *job, const char *name)
{
        scoped(sd_bus_message_unrefp) sd_bus_message *call = NULL;

        if (manager_new_call(m, "KillUnit", &call) >= 0 &&
            sd_bus_message_append(call, "ssi", name, "all", SIGKILL) >= 0)
                manager_call(m, job, call, SECONDS(5), "cannot kill a command", NULL, NULL);
}

/* Leaves nothing of the unit, even when the job was cancelled: this takes a job of its own. */
static void remove_unit(struct manager *m, struct job *job, const char *name, bool running)
{
        struct job last = { .event = job->event };

        if (manager_is_broken(m))
                return;
        if (running)
                kill_unit(m, &last, name);
        manager_stop(m, &last, name, SECONDS(10), NULL, NULL);
        manager_reset_failed(m, &last, name, NULL);
}

/* The name of the unit that holds unit. */
static char *holder_name(const char *unit)
{
        scoped(mem_freep) char *path = NULL;

        if (sd_bus_path_encode("/gird/hold", unit, &path) < 0)
                return NULL;
        return text_format("gird-hold-%.200s.service", strrchr(path, '/') + 1);
}

/* A unit that is named by one that runs is not forgotten.  The one that runs is a sleep. */
int manager_hold(struct manager *m, struct job *job, const char *unit, struct err *e)
{
        static const char *const sleeper[] = { "/bin/sleep", "infinity", NULL };
        scoped(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        scoped(mem_freep) char *what = text_format("cannot keep %s in systemd's memory", unit);
        scoped(mem_freep) char *name = holder_name(unit);
        const char *result = NULL;
        int r;

        if (!what || !name)
                return err_set(e, -ENOMEM, "cannot hold %s", unit);
        r = manager_open_unit(m, name, &call);
        if (r >= 0)
                r = sd_bus_message_append(call, "(sv)(sv)(sv)(sv)(sv)", "Description", "s",
                                          "keeps what gird looks at in memory", "CollectMode", "s",
                                          "inactive-or-failed", "RuntimeMaxUSec", "t", SECONDS(900),
                                          "KillSignal", "i", SIGKILL, "After", "as", 1, unit);
        if (r >= 0)
                r = manager_add_command(call, (char *const *)sleeper);
        if (r >= 0)
                r = close_unit(call);
        if (r < 0)
                return manager_fault(m, r, what, e);
        r = manager_run_job(m, job, call, CALL_TIMEOUT, what, &result, e);
        return r > 0 ? err_say(e, -EIO, "%s: systemd says %s", what, result) : r;
}

void manager_release(struct manager *m, struct job *job, const char *unit)
{
        scoped(mem_freep) char *name = holder_name(unit);
        struct job last = { .event = job->event };

        if (name && !manager_is_broken(m))
                manager_stop(m, &last, name, SECONDS(10), NULL, NULL);
}

static int read_result(struct manager *m, struct job *job, const char *name, const char *job_result,
                       struct transient_result *ret, struct err *e)
{
        scoped(unit_state_done) struct unit_state s = { 0 };
        struct transient_result result = { 0 };
        int r = manager_state(m, job, name, &s, e);

        if (r < 0)
                return r;
        /* Where the job never came to run the unit, that is what there is to tell. */
        snprintf(result.result, sizeof(result.result), "%s",
                 strcmp(job_result, "done") != 0 && strcmp(s.result, "success") == 0 ? job_result
                                                                                     : s.result);
        result.code = s.main_code;
        result.status = s.main_status;
        *ret = result;
        return 0;
}

int manager_run(struct manager *m, struct job *job, const struct transient *t, uint64_t timeout,
                struct transient_result *ret, struct err *e)
{
        scoped(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        scoped(mem_freep) char *what = text_format("cannot run %s", t->argv[0]);
        const char *result = NULL;
        bool running;
        int r;

        if (!what)
                return err_set(e, -ENOMEM, "cannot run %s", t->argv[0]);
        r = manager_open_unit(m, t->name, &call);
        if (r >= 0)
                r = add_service(call, t, timeout);
        if (r < 0)
                return manager_fault(m, r, what, e);
        r = manager_add_properties(call, t->properties, e);
        if (r < 0)
                return r;
        r = close_unit(call);
        if (r < 0)
                return manager_fault(m, r, what, e);
        r = manager_run_job(m, job, call, timeout, what, &result, e);
        running = r < 0;
        if (r >= 0)
                r = read_result(m, job, t->name, result, ret, e);
        if (r >= 0 && strcmp(ret->result, "timeout") == 0)
                r = err_say(e, -ETIMEDOUT, "%s: it did not end in time", what);
        if (result) /* else it never came to be, and what has its name is not ours */
                remove_unit(m, job, t->name, running);
        return r;
}

int manager_spawn(struct manager *m, struct job *job, const struct transient *t, struct err *e)
{
        scoped(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        scoped(mem_freep) char *what = text_format("cannot start %s", t->name);
        const char *result = NULL;
        int r;

        if (!what)
                return err_set(e, -ENOMEM, "cannot start %s", t->name);
        r = manager_open_unit(m, t->name, &call);
        if (r >= 0)
                r = sd_bus_message_append(call, "(sv)", "CollectMode", "s", "inactive-or-failed");
        if (r >= 0)
                r = manager_add_command(call, t->argv);
        if (r < 0)
                return manager_fault(m, r, what, e);
        r = manager_add_properties(call, t->properties, e);
        if (r < 0)
                return r;
        r = close_unit(call);
        if (r < 0)
                return manager_fault(m, r, what, e);
        r = manager_run_job(m, job, call, CALL_TIMEOUT, what, &result, e);
        return r > 0 ? err_say(e, -EIO, "%s: systemd says %s", what, result) : r;
}

int manager_scope(struct manager *m, struct job *job, const char *name, const pid_t *pids,
                  size_t count, char *const *properties, struct err *e)
{
        scoped(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        scoped(mem_freep) char *what = text_format("cannot make the scope %s", name);
        const char *result = NULL;
        int r;

        if (!what)
                return err_set(e, -ENOMEM, "cannot make the scope %s", name);
        r = manager_open_unit(m, name, &call);
        if (r >= 0)
                r = sd_bus_message_open_container(call, 'r', "sv");
        if (r >= 0)
                r = sd_bus_message_append(call, "s", "PIDs");
        if (r >= 0)
                r = sd_bus_message_open_container(call, 'v', "au");
        if (r >= 0)
                r = sd_bus_message_append_array(call, 'u', pids, count * sizeof(*pids));
        if (r >= 0)
                r = sd_bus_message_close_container(call);
        if (r >= 0)
                r = sd_bus_message_close_container(call);
        if (r < 0)
                return manager_fault(m, r, what, e);
        r = manager_add_properties(call, properties, e);
        if (r < 0)
                return r;
        r = close_unit(call);
        if (r < 0)
                return manager_fault(m, r, what, e);
        r = manager_run_job(m, job, call, CALL_TIMEOUT, what, &result, e);
        return r > 0 ? err_say(e, -EIO, "%s: systemd says %s", what, result) : r;
}
