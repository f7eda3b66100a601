/* applying_look.c - what an apply would do, said before it does anything. */
#include "tui/applying_private.h"

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/stage/listeners.h"
#include "core/stage/live.h"
#include "tui/attempt.h"
#include "tui/observing.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

void applying_plan_done(struct applying_plan *p)
{
        strv_free(p->warnings);
        strv_free(p->marks);
        strv_free(p->objections);
        for (size_t i = 0; i < p->file_count; i++)
                free(p->files[i].path);
        free(p->files);
        *p = (struct applying_plan){ 0 };
}

/* ---- whether it can be at all ---- */

static int check_place(const struct context *c, const char *unit, struct err *e)
{
        if (c->args->host || c->args->machine)
                return err_say(e, 1,
                               "applying works on the machine itself; log in there and run "
                               "gird");
        if (c->args->user)
                return err_say(e, 1,
                               "a user manager's units have no guard yet; only system units can be "
                               "applied to");
        if (c->args->root)
                return err_say(e, 1,
                               "nothing runs below --root that it could be applied to; `gird save` "
                               "writes the file there");
        if (!c->manager)
                return err_say(e, 1,
                               "no systemd runs here (or --offline was given), so there is no unit "
                               "to apply it to");
        if (geteuid() != 0)
                return err_say(e, 1, "that needs root: sudo gird apply %s", unit);
        return 0;
}

static int check_unit(const struct sandbox *s, struct err *e)
{
        if (s->load == LOAD_TEMPLATE)
                return err_say(e, 1, "%s is a template; name an instance, such as %.*s@one.service",
                               s->unit, (int)strcspn(s->unit, "@"), s->unit);
        if (s->load != LOAD_LOADED)
                return err_say(e, 1, "%s can't be started: %s", s->unit,
                               s->load_note ? s->load_note : load_state_name(s->load));
        if (!text_ends(s->unit, ".service"))
                return err_say(e, 1, "%s is not a service; only services are applied to", s->unit);
        return 0;
}

static int check_pending(struct context *c, const char *unit, struct err *e)
{
        scoped(guard_done) struct guard g = { 0 };
        int r = guard_sweep(unit, c->manager, &c->job, e);

        if (r == 0)
                r = guard_get(unit, &g, e);
        return r < 0 ? r : r > 0 ? 0 : guard_refuse(&g, e);
}

/* ---- units that carry others ---- */

static const struct {
        const char *name; /* with a star: what begins so */
        const char *why;
} delicate[] = {
        { "dbus.service", "every other service talks over it" },
        { "dbus-broker.service", "every other service talks over it" },
        { "systemd-logind.service", "it keeps the sessions, this one too" },
        { "systemd-journald*", "what every service logs goes through it" },
        { "systemd-udevd.service", "devices come and go through it" },
        { "systemd-networkd.service", "the network, and with it this session, may hang on it" },
        { "systemd-resolved.service", "names are not resolved without it" },
        { "NetworkManager.service", "the network, and with it this session, may hang on it" },
        { "systemd-*", "it is part of systemd itself" },
        { "getty@*", "it is a way into this machine" },
        { "serial-getty@*", "it is a way into this machine" },
        { "console-getty.service", "it is a way into this machine" },
        { "user@*", "it carries all that a user runs" },
        { "polkit.service", "other services ask it for permission" },
};

static bool is_named(const char *unit, const char *pattern)
{
        size_t n = strlen(pattern);

        return pattern[n - 1] == '*' ? strncmp(unit, pattern, n - 1) == 0
                                     : strcmp(unit, pattern) == 0;
}

static bool is_in_group(long pid, const char *group)
{
        scoped(mem_freep) char *text = NULL;
        char path[48];
        const char *at;
        size_t n = strlen(group);

        snprintf(path, sizeof(path), "/proc/%ld/cgroup", pid);
        if (file_read(AT_FDCWD, path, 1 << 16, &text, NULL, NULL) < 0)
                return false;
        for (at = strstr(text, group); at; at = strstr(at + 1, group))
                if (at > text && at[-1] == ':' && (at[n] == '\n' || at[n] == '/' || at[n] == '\0'))
                        return true;
        return false;
}

static long parent_of(long pid)
{
        scoped(mem_freep) char *text = NULL;
        char path[48];
        const char *rest;
        long parent = 0;

        snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
        if (file_read(AT_FDCWD, path, 4096, &text, NULL, NULL) < 0)
                return 0;
        rest = strrchr(text, ')'); /* the name before it may hold anything */
        return rest && sscanf(rest, ") %*c %ld", &parent) == 1 ? parent : 0;
}

/* Whether gird, or what it was started from, is of the unit. */
static bool carries_us(const struct unit_state *s)
{
        if (!s->control_group || strlen(s->control_group) < 2)
                return false;
        for (long pid = (long)getpid(); pid > 1; pid = parent_of(pid))
                if (is_in_group(pid, s->control_group))
                        return true;
        return false;
}

static int object(const struct sandbox *s, const struct unit_state *state,
                  struct applying_plan *plan)
{
        int r = 0;

        for (size_t i = 0; i < COUNT(delicate); i++)
                if (is_named(s->unit, delicate[i].name)) {
                        r = strv_addf(&plan->objections, "%s must not be restarted lightly: %s",
                                      s->unit, delicate[i].why);
                        break;
                }
        plan->carries_us = carries_us(state);
        if (r == 0 && plan->carries_us)
                r = strv_addf(&plan->objections,
                              "%s carries this session: if it does not come back, neither do you",
                              s->unit);
        return r;
}

/* ---- now, or with the next restart ---- */

static int look_for_launcher(struct context *c, const struct sandbox *s, struct applying_plan *plan,
                             bool *ret_launcher)
{
        const char *known = launcher_known(s, &plan->sessions);
        scoped(advices_done) struct advices advices = { 0 };
        struct err none = { 0 };
        int r;

        *ret_launcher = known != NULL;
        if (known)
                return strv_addf(&plan->warnings,
                                 "%s starts what others run (%s), and all of that gets its sandbox",
                                 s->unit, known);
        r = observing_advices(c, s, &advices, &none);
        if (r == -ENOMEM || r == -ECANCELED)
                return r;
        if (r != 0 || !advices.launcher)
                return 0;
        *ret_launcher = true;
        plan->sessions = advices.about && strstr(advices.about, "session");
        return strv_addf(&plan->warnings,
                         "%s starts what others run (%s), and all of that gets "
                         "its sandbox",
                         s->unit, advices.about ? advices.about : "as was observed");
}

static int look_for_peers(const struct unit_state *s, char ***ret, struct err *e)
{
        scoped(mem_freep) char *mount = live_control_groups();
        scoped(mem_freep) char *folder = NULL;

        if (!mount || !s->control_group || strlen(s->control_group) < 2)
                return 0;
        folder = text_format("%s%s", mount, s->control_group);
        return folder ? connections_read(folder, ret, e)
                      : err_set(e, -ENOMEM, "cannot look for connections");
}

static int warn_of_outage(const struct applying_options *o, struct applying_plan *plan,
                          char *const *peers)
{
        const char *unit = o->unit->unit;
        size_t count = strv_length(peers);

        if (!plan->running)
                return strv_addf(&plan->warnings,
                                 "%s does not run now, so the change takes effect when it is "
                                 "started",
                                 unit);
        if (plan->next_start && count > 0)
                return strv_addf(&plan->warnings,
                                 "%s has connections open (%zu: %s%s), which a restart would "
                                 "cut: nothing is restarted; the change takes effect with the next "
                                 "restart (--now restarts it at once)",
                                 unit, count, *peers, count > 1 ? ", …" : "");
        if (plan->next_start)
                return strv_addf(&plan->warnings,
                                 "nothing is restarted: the change takes effect when %s is "
                                 "restarted%s",
                                 unit, o->next_start ? "" : " (--now restarts it at once)");
        if (count > 0)
                return strv_addf(&plan->warnings,
                                 "restarting %s is an outage: it cuts the connections that it has "
                                 "open (%zu: %s%s)",
                                 unit, count, *peers, count > 1 ? ", …" : "");
        return strv_addf(&plan->warnings,
                         "restarting %s is an outage, however short, now and again if it is taken "
                         "back",
                         unit);
}

static int decide_when(struct context *c, const struct applying_options *o,
                       const struct unit_state *state, struct applying_plan *plan, struct err *e)
{
        scoped(strv_freep) char **peers = NULL;
        bool launcher = false;
        int r = look_for_launcher(c, o->unit, plan, &launcher);

        if (r < 0)
                return err_set(e, r, "cannot tell what %s starts", o->unit->unit);
        r = look_for_peers(state, &peers, e);
        if (r < 0)
                return r;
        plan->next_start = !plan->running || o->next_start || (!o->now && (launcher || peers));
        r = warn_of_outage(o, plan, peers);
        if (r == 0 && plan->sessions)
                r = strv_addf(&plan->warnings,
                              "people come in through %s: stay logged in here, and confirm from a "
                              "session that was opened after its restart",
                              o->unit->unit);
        return r < 0 ? err_set(e, r, "cannot plan the apply") : 0;
}

int applying_look(struct context *c, const struct applying_options *o, struct applying_plan *ret,
                  struct err *e)
{
        scoped(applying_plan_done) struct applying_plan plan = { 0 };
        scoped(unit_state_done) struct unit_state state = { 0 };
        scoped(profile_freep) struct profile *whole = NULL;
        scoped(sandbox_freep) struct sandbox *after = NULL;
        int r = check_place(c, o->unit->unit, e);

        if (r == 0)
                r = check_unit(o->unit, e);
        if (r == 0)
                r = check_pending(c, o->unit->unit, e);
        if (r == 0)
                r = manager_state(c->manager, &c->job, o->unit->unit, &state, e);
        if (r != 0)
                return r;
        plan.running = strcmp(state.active, "active") == 0 ||
                       strcmp(state.active, "reloading") == 0 ||
                       strcmp(state.active, "activating") == 0;
        r = object(o->unit, &state, &plan);
        if (r < 0)
                return err_set(e, r, "cannot plan the apply");
        r = decide_when(c, o, &state, &plan, e);
        if (r == 0)
                r = attempt_complete(c, o->profile, &whole, e);
        if (r < 0)
                return r;
        r = profile_apply(whole, o->unit, &c->dialect, &after);
        if (r < 0)
                return err_set(e, r, "cannot apply the changes to %s", o->unit->unit);
        r = applying_marks(o->unit, after, &plan, e);
        if (r != 0)
                return r;
        *ret = plan;
        plan = (struct applying_plan){ 0 };
        return 0;
}
