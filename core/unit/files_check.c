/* files_check.c - what systemd asks of a unit once it is read: a service needs a command, and
 * some settings do not go together.  Facts: facts/score/formula.md, and systemd 252 asked. */
#include "core/unit/files_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/unit/name.h"

#include <errno.h>
#include <string.h>

static bool is_type(const struct loader *l, const char *type)
{
        const struct sandbox *s = l->sandbox;
        const char *set = setting_word(s, D_Type);

        if (set)
                return strcmp(set, type) == 0;
        if (l->other.bus_name)
                return strcmp(type, "dbus") == 0;
        return strcmp(type, exec_count(s, "ExecStart") ? "simple" : "oneshot") == 0;
}

static bool acts_on_success(const struct loader *l)
{
        return *l->other.success_action && strcmp(l->other.success_action, "none") != 0;
}

static bool no_command(const struct loader *l)
{
        return !exec_count(l->sandbox, "ExecStart") && !exec_count(l->sandbox, "ExecStop") &&
               !acts_on_success(l);
}

static bool no_start(const struct loader *l)
{
        return !exec_count(l->sandbox, "ExecStart") && !is_type(l, "oneshot");
}

static bool nothing_remains(const struct loader *l)
{
        return !exec_count(l->sandbox, "ExecStart") && !l->other.remains && !acts_on_success(l);
}

static bool many_starts(const struct loader *l)
{
        return exec_count(l->sandbox, "ExecStart") > 1 && !is_type(l, "oneshot");
}

static bool oneshot_restarts(const struct loader *l)
{
        return is_type(l, "oneshot") && (strcmp(l->other.restart, "always") == 0 ||
                                         strcmp(l->other.restart, "on-success") == 0);
}

static bool oneshot_forced(const struct loader *l)
{
        return is_type(l, "oneshot") && l->other.forced_restarts && l->dialect->version.major < 256;
}

static bool oneshot_cgroup(const struct loader *l)
{
        return is_type(l, "oneshot") && strcmp(l->other.exit_type, "cgroup") == 0;
}

static bool dbus_nameless(const struct loader *l)
{
        return is_type(l, "dbus") && !l->other.bus_name;
}

static bool pam_survivors(const struct loader *l)
{
        return setting_word(l->sandbox, D_PAMName) && *l->other.kill_mode &&
               strcmp(l->other.kill_mode, "control-group") != 0 &&
               strcmp(l->other.kill_mode, "mixed") != 0 && l->dialect->version.major < 258;
}

static bool pids_forking(const struct loader *l)
{
        return setting_yes(l->sandbox, D_PrivatePIDs) && is_type(l, "forking");
}

static bool pids_pam(const struct loader *l)
{
        return setting_yes(l->sandbox, D_PrivatePIDs) && setting_word(l->sandbox, D_PAMName) &&
               l->dialect->version.major >= 261;
}

static bool pids_elsewhere(const struct loader *l)
{
        return setting_yes(l->sandbox, D_PrivatePIDs) && !text_ends(l->sandbox->unit, ".service");
}

static bool dynamic_in_user(const struct loader *l)
{
        return setting_yes(l->sandbox, D_DynamicUser) && l->dialect->scope == SCOPE_USER &&
               l->dialect->version.major >= 256;
}

static bool dynamic_home(const struct loader *l)
{
        return setting_yes(l->sandbox, D_DynamicUser) && l->other.home_directory &&
               l->dialect->version.major >= 256;
}

static bool managed_users(const struct loader *l)
{
        const struct sandbox *s = l->sandbox;
        const char *users = setting_word(s, D_PrivateUsers);

        return users && strcmp(users, "managed") == 0 &&
               (setting_word(s, D_User) || setting_word(s, D_Group) || setting_word(s, D_PAMName) ||
                setting_yes(s, D_DynamicUser));
}

static bool no_trigger(const struct loader *l)
{
        return !l->other.has_trigger;
}

static bool mount_nothing(const struct loader *l)
{
        return !l->other.has_what;
}

/* A mount or swap unit is called after its path. */
static bool misnamed(const struct loader *l)
{
        scoped(mem_freep) char *name = l->other.where ? name_escape_path(l->other.where) : NULL;
        scoped(mem_freep) char *prefix = name_prefix(l->sandbox->unit);

        return name && prefix && strcmp(name, prefix) != 0;
}

static bool swap_nothing(const struct loader *l)
{
        return !l->other.where;
}

/* clang-format off */
static const struct {
        const char *suffix; /* NULL: every kind with a sandbox */
        bool (*is_wrong)(const struct loader *l);
        const char *why;
} checks[] = {
        { NULL, dynamic_in_user, "DynamicUser= is not possible in a user's units" },
        { NULL, dynamic_home, "DynamicUser= and WorkingDirectory=~ exclude each other" },
        { NULL, managed_users,
          "PrivateUsers=managed excludes User=, Group=, DynamicUser= and PAMName=" },
        { NULL, pids_elsewhere, "PrivatePIDs= is only for services" },
        { ".service", no_command, "the service has no ExecStart=, ExecStop= or SuccessAction=" },
        { ".service", no_start, "the service has no ExecStart=, which only Type=oneshot may lack" },
        { ".service", nothing_remains,
          "the service has no ExecStart= and neither SuccessAction= nor RemainAfterExit=yes" },
        { ".service", many_starts,
          "the service has several ExecStart=, which only Type=oneshot may have" },
        { ".service", oneshot_restarts,
          "Type=oneshot excludes Restart=always and Restart=on-success" },
        { ".service", oneshot_forced, "Type=oneshot excludes RestartForceExitStatus=" },
        { ".service", oneshot_cgroup, "Type=oneshot excludes ExitType=cgroup" },
        { ".service", dbus_nameless, "Type=dbus needs BusName=" },
        { ".service", pam_survivors, "PAMName= needs KillMode=control-group or mixed" },
        { ".service", pids_forking, "PrivatePIDs= and Type=forking exclude each other" },
        { ".service", pids_pam, "PrivatePIDs= and PAMName= exclude each other" },
        { ".socket", no_trigger, "the socket unit listens on nothing (ListenStream= and its kin)" },
        { ".timer", no_trigger, "the timer has no time (OnCalendar= and its kin)" },
        { ".path", no_trigger, "the path unit watches nothing (PathExists= and its kin)" },
        { ".mount", mount_nothing, "the mount unit has no What=" },
        { ".mount", misnamed, "the mount unit's name is not that of its Where=" },
        { ".automount", misnamed, "the automount unit's name is not that of its Where=" },
        { ".swap", swap_nothing, "the swap unit has no What=" },
        { ".swap", misnamed, "the swap unit's name is not that of its What=" },
};
/* clang-format on */

int check_unit(struct loader *l)
{
        const char *suffix = name_suffix(l->sandbox->unit);

        for (size_t i = 0; suffix && !l->refusal && i < COUNT(checks); i++) {
                if (checks[i].suffix ? strcmp(checks[i].suffix, suffix) != 0
                                     : !l->sandbox->is_service)
                        continue;
                if (!checks[i].is_wrong(l))
                        continue;
                l->refusal = strdup(checks[i].why);
                if (!l->refusal)
                        return -ENOMEM;
        }
        return 0;
}
