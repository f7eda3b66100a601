/* manager_state.c - what happened to one unit: the properties that change while it lives. */
#include "core/unit/manager_private.h"

#include "core/base/base.h"
#include "core/base/mem.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

/* A command of an Exec list that did not end well. */
struct failure {
        const char *key;
        uint64_t ended;
        int code, status;
};

struct state {
        struct unit_state unit;
        struct failure control; /* the last of the control processes */
        struct failure start;   /* of ExecStart=, which is one for Type=forking */
};

struct field {
        const char *name;
        int (*read)(sd_bus_message *m, const struct field *f, void *into, struct state *s);
        size_t offset, room;
};

static int read_word(sd_bus_message *m, const struct field *f, void *into, struct state *s)
{
        const char *text = NULL;
        int r = sd_bus_message_read(m, "s", &text);

        (void)s;
        if (r >= 0)
                text_printable(into, f->room, text);
        return r;
}

static int read_string(sd_bus_message *m, const struct field *f, void *into, struct state *s)
{
        const char *text = NULL;
        int r = sd_bus_message_read(m, "s", &text);
        char *copy;

        (void)f;
        (void)s;
        if (r < 0 || !*text)
                return r;
        copy = strdup(text);
        if (!copy)
                return -ENOMEM;
        free(*(char **)into);
        *(char **)into = copy;
        return 0;
}

static int read_flag(sd_bus_message *m, const struct field *f, void *into, struct state *s)
{
        int yes = 0;
        int r = sd_bus_message_read(m, "b", &yes);

        (void)f;
        (void)s;
        *(bool *)into = yes != 0;
        return r;
}

static int read_signed(sd_bus_message *m, const struct field *f, void *into, struct state *s)
{
        (void)f;
        (void)s;
        return sd_bus_message_read(m, "i", (int32_t *)into);
}

static int read_unsigned(sd_bus_message *m, const struct field *f, void *into, struct state *s)
{
        (void)f;
        (void)s;
        return sd_bus_message_read(m, "u", (uint32_t *)into);
}

static int read_wide(sd_bus_message *m, const struct field *f, void *into, struct state *s)
{
        (void)f;
        (void)s;
        return sd_bus_message_read(m, "t", (uint64_t *)into);
}

/* All ones where nobody counts. */
static int read_tasks(sd_bus_message *m, const struct field *f, void *into, struct state *s)
{
        uint64_t number = 0;
        int r = sd_bus_message_read(m, "t", &number);

        (void)f;
        (void)s;
        *(unsigned *)into = number > INT32_MAX ? 0 : (unsigned)number;
        return r;
}

static int read_invocation(sd_bus_message *m, const struct field *f, void *into, struct state *s)
{
        const uint8_t *bytes = NULL;
        size_t length = 0;
        int r = sd_bus_message_read_array(m, 'y', (const void **)&bytes, &length);

        (void)s;
        for (size_t i = 0; r >= 0 && i < length && 2 * i + 2 < f->room; i++)
                snprintf((char *)into + 2 * i, 3, "%02x", bytes[i]);
        return r;
}

/* One that said no by itself; else the first of the triggering ones, which all said no. */
static int read_conditions(sd_bus_message *m, const struct field *f, void *into, struct state *s)
{
        const char *type = NULL, *argument = NULL;
        char **failed = into;
        int trigger = 0, negate = 0, state = 0;
        bool decided = false;
        int r = sd_bus_message_enter_container(m, 'a', "(sbbsi)");

        (void)f;
        (void)s;
        if (r < 0)
                return r;
        while ((r = sd_bus_message_read(m, "(sbbsi)", &type, &trigger, &negate, &argument,
                                        &state)) > 0) {
                if (state >= 0 || decided || (trigger && *failed))
                        continue;
                decided = !trigger;
                free(*failed);
                *failed = text_format("%s=%s%s%s", type, trigger ? "|" : "", negate ? "!" : "",
                                      argument);
                if (!*failed)
                        return -ENOMEM;
        }
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

/* An Exec list carries how each of its commands ended. */
static int read_exec(sd_bus_message *m, const struct field *f, void *into, struct state *s)
{
        struct failure *last = into;
        int r = sd_bus_message_enter_container(m, 'a', "(sasbttttuii)");

        if (r < 0)
                return r;
        while ((r = sd_bus_message_enter_container(m, 'r', "sasbttttuii")) > 0) {
                struct failure one = { .key = f->name };
                uint32_t pid = 0;

                r = sd_bus_message_skip(m, "sasbttt");
                if (r >= 0)
                        r = sd_bus_message_read(m, "tuii", &one.ended, &pid, &one.code,
                                                &one.status);
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
                if (r < 0)
                        return r;
                if (strcmp(f->name, "ExecReload") == 0 && one.ended > s->unit.reloaded)
                        s->unit.reloaded = one.ended;
                if (one.code != 0 && !(one.code == CLD_EXITED && one.status == 0) &&
                    one.ended >= last->ended)
                        *last = one;
        }
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

#define FIELD(property, read, member)                                                              \
        {                                                                                          \
                property, read, offsetof(struct state, member),                                    \
                        sizeof(((struct state *)NULL)->member)                                     \
        }

static const struct field fields[] = {
        FIELD("ActiveState", read_word, unit.active),
        FIELD("SubState", read_word, unit.sub),
        FIELD("Result", read_word, unit.result),
        FIELD("LoadState", read_word, unit.load),
        FIELD("ConditionResult", read_flag, unit.condition),
        FIELD("NeedDaemonReload", read_flag, unit.needs_reload),
        FIELD("Conditions", read_conditions, unit.failed_condition),
        FIELD("ExecMainCode", read_signed, unit.main_code),
        FIELD("ExecMainStatus", read_signed, unit.main_status),
        FIELD("MainPID", read_unsigned, unit.main_pid),
        FIELD("ControlPID", read_unsigned, unit.control_pid),
        FIELD("NRestarts", read_unsigned, unit.restarts),
        FIELD("TasksCurrent", read_tasks, unit.tasks),
        FIELD("ControlGroup", read_string, unit.control_group),
        FIELD("InvocationID", read_invocation, unit.invocation),
        FIELD("Type", read_string, unit.type),
        FIELD("BusName", read_string, unit.bus_name),
        FIELD("RemainAfterExit", read_flag, unit.remain_after_exit),
        FIELD("ActiveEnterTimestampMonotonic", read_wide, unit.active_since),
        FIELD("InactiveEnterTimestampMonotonic", read_wide, unit.inactive_since),
        FIELD("InactiveExitTimestamp", read_wide, unit.began),
        FIELD("TimeoutStartUSec", read_wide, unit.timeout_start),
        FIELD("StatusText", read_string, unit.status_text),
        FIELD("WatchdogUSec", read_wide, unit.watchdog),
        FIELD("WatchdogTimestampMonotonic", read_wide, unit.watchdog_fed),
        FIELD("ExecStart", read_exec, start),
        FIELD("ExecCondition", read_exec, control),
        FIELD("ExecStartPre", read_exec, control),
        FIELD("ExecStartPost", read_exec, control),
        FIELD("ExecReload", read_exec, control),
        FIELD("ExecStop", read_exec, control),
        FIELD("ExecStopPost", read_exec, control),
};

static int read_property(sd_bus_message *m, struct state *s)
{
        const struct field *f = NULL;
        const char *name = NULL, *contents = NULL;
        char type = 0;
        int r = sd_bus_message_read(m, "s", &name);

        for (size_t i = 0; r >= 0 && i < COUNT(fields); i++)
                if (strcmp(fields[i].name, name) == 0)
                        f = &fields[i];
        if (r < 0 || !f)
                return r < 0 ? r : sd_bus_message_skip(m, "v");
        r = sd_bus_message_peek_type(m, &type, &contents);
        if (r <= 0 || type != 'v')
                return r < 0 ? r : -EBADMSG;
        r = sd_bus_message_enter_container(m, 'v', contents);
        if (r < 0)
                return r;
        r = f->read(m, f, (char *)s + f->offset, s);
        if (r == -ENXIO) /* another type than in the versions gird knows */
                r = sd_bus_message_skip(m, contents);
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int read_properties(sd_bus_message *m, struct state *s)
{
        int r = sd_bus_message_enter_container(m, 'a', "{sv}");

        while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
                r = read_property(m, s);
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
        }
        return r;
}

static void state_done(struct state *s)
{
        unit_state_done(&s->unit);
}

static void settle(struct state *s)
{
        const struct failure *f = &s->control;

        if (s->unit.type && strcmp(s->unit.type, "forking") == 0 && s->start.key &&
            s->start.ended >= f->ended)
                f = &s->start;
        s->unit.control_key = f->key;
        s->unit.control_code = f->code;
        s->unit.control_status = f->status;
        if (s->unit.condition) {
                free(s->unit.failed_condition);
                s->unit.failed_condition = NULL;
        }
}

int manager_state(struct manager *m, struct job *job, const char *unit, struct unit_state *ret,
                  struct err *e)
{
        scoped(sd_bus_message_unrefp) sd_bus_message *call = NULL, *reply = NULL;
        scoped(mem_freep) char *what = text_format("cannot read the state of %s", unit);
        scoped(state_done) struct state s = { 0 };
        int r;

        if (!what)
                return err_set(e, -ENOMEM, "cannot read the state of %s", unit);
        r = manager_new_get_all(m, unit, &call);
        if (r < 0)
                return manager_fault(m, r, what, e);
        r = manager_call(m, job, call, CALL_TIMEOUT, what, &reply, e);
        if (r < 0)
                return r;
        r = read_properties(reply, &s);
        if (r < 0)
                return manager_fault(m, r, what, e);
        settle(&s);
        *ret = s.unit;
        s.unit = (struct unit_state){ 0 };
        return 0;
}

void unit_state_done(struct unit_state *s)
{
        free(s->failed_condition);
        free(s->control_group);
        free(s->type);
        free(s->bus_name);
        free(s->status_text);
        *s = (struct unit_state){ 0 };
}
