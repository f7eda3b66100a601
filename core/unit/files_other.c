/* files_other.c - the assignments that are no sandbox: what a trial, the lists and the check
 * of the whole unit need to know. */
#include "core/unit/files_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

static int ignored(struct loader *l, unsigned line, const char *key, const char *value)
{
        return loader_odd(l, line, key, value, false, "systemd ignores this value");
}

/* Expands value into *slot; what has no value leaves it as it was. */
static int expand_into(struct loader *l, unsigned line, const char *key, const char *value,
                       char **slot)
{
        char *done = NULL, bad = 0;
        int r = specifier_expand(&l->specifiers, value, &done, &bad);

        if (r < 0)
                return r;
        if (r)
                return loader_odd(l, line, key, value, false,
                                  "%%%c has no value here, so systemd passes the line over", bad);
        free(*slot);
        *slot = done;
        return 0;
}

static int assign_description(struct loader *l, unsigned line, const char *key, const char *value)
{
        char **slot = &l->sandbox->facts.description;

        if (*value)
                return expand_into(l, line, key, value, slot);
        free(take(*slot));
        return 0;
}

static int add_to(char ***list, const char *word)
{
        return strv_length(*list) < LIST_LIMIT && !strv_has(*list, word) ? strv_add(list, word) : 0;
}

static int add_units(struct loader *l, unsigned line, const char *key, const char *value,
                     char ***list)
{
        scoped(strv_freep) char **words = NULL;
        int r = strv_length(*list) < LIST_LIMIT ? strv_split(value, " \t", &words) : 0;

        for (size_t i = 0; r == 0 && words && words[i] && i < LIST_LIMIT; i++) {
                scoped(mem_freep) char *name = NULL;

                r = expand_into(l, line, key, words[i], &name);
                if (r == 0 && name)
                        r = add_to(list, name);
        }
        return r;
}

static int assign_requires(struct loader *l, unsigned line, const char *key, const char *value)
{
        return add_units(l, line, key, value, &l->sandbox->facts.requires);
}

static int assign_triggers(struct loader *l, unsigned line, const char *key, const char *value)
{
        return add_units(l, line, key, value, &l->sandbox->facts.triggers);
}

/* Conditions stay as written.  An empty one takes back all of its sort. */
static int assign_condition(struct loader *l, unsigned line, const char *key, const char *value)
{
        const char *sort = text_starts(key, "Assert") ? "Assert" : "Condition";
        char **list = l->sandbox->facts.conditions, **kept = list;

        (void)line;
        if (*value)
                return strv_length(list) < LIST_LIMIT
                               ? strv_addf(&l->sandbox->facts.conditions, "%s=%s", key, value)
                               : 0;
        for (; list && *list; list++)
                if (text_starts(*list, sort))
                        free(*list);
                else
                        *kept++ = *list;
        if (kept)
                *kept = NULL;
        return 0;
}

/* One of some words into a slot of fixed size. */
static int choose(struct loader *l, unsigned line, const char *key, const char *value,
                  const char *words, char *slot, size_t room)
{
        scoped(strv_freep) char **list = NULL;
        int r = strv_split(words, " ", &list);

        if (r < 0)
                return r;
        if (!strv_has(list, value))
                return ignored(l, line, key, value);
        snprintf(slot, room, "%s", value);
        return 0;
}

static int assign_restart(struct loader *l, unsigned line, const char *key, const char *value)
{
        return choose(l, line, key, value,
                      "no on-success on-failure on-abnormal on-watchdog on-abort always",
                      l->other.restart, sizeof(l->other.restart));
}

static int assign_kill_mode(struct loader *l, unsigned line, const char *key, const char *value)
{
        return choose(l, line, key, value, "control-group process mixed none", l->other.kill_mode,
                      sizeof(l->other.kill_mode));
}

static int assign_exit_type(struct loader *l, unsigned line, const char *key, const char *value)
{
        if (l->dialect->version.major < 250)
                return loader_odd(l, line, key, value, false,
                                  "systemd %u does not know ExitType=", l->dialect->version.major);
        return choose(l, line, key, value, "main cgroup", l->other.exit_type,
                      sizeof(l->other.exit_type));
}

static int assign_success(struct loader *l, unsigned line, const char *key, const char *value)
{
        return choose(l, line, key, value,
                      l->dialect->scope == SCOPE_USER
                              ? "none exit exit-force"
                              : "none reboot reboot-force reboot-immediate poweroff poweroff-force "
                                "poweroff-immediate exit exit-force soft-reboot soft-reboot-force "
                                "kexec kexec-force halt halt-force halt-immediate",
                      l->other.success_action, sizeof(l->other.success_action));
}

static int assign_remains(struct loader *l, unsigned line, const char *key, const char *value)
{
        int yes = word_boolean(value);

        if (yes < 0)
                return ignored(l, line, key, value);
        l->other.remains = yes;
        return 0;
}

static int assign_forced(struct loader *l, unsigned line, const char *key, const char *value)
{
        (void)line;
        (void)key;
        l->other.forced_restarts = *value != '\0';
        return 0;
}

/* org.example.Name: two parts or more, none of which begins with a digit. */
static bool is_bus_name(const char *name)
{
        bool start = true, dotted = false;
        size_t n = strlen(name);

        for (const char *c = name; *c; c++) {
                if (*c == '.') {
                        if (start)
                                return false;
                        start = dotted = true;
                        continue;
                }
                if (!isalnum((unsigned char)*c) && *c != '_' && *c != '-')
                        return false;
                if (start && isdigit((unsigned char)*c))
                        return false;
                start = false;
        }
        return n > 0 && n <= 255 && dotted && !start;
}

static int assign_bus_name(struct loader *l, unsigned line, const char *key, const char *value)
{
        scoped(mem_freep) char *name = NULL;
        int r = expand_into(l, line, key, value, &name);

        if (r < 0 || !name)
                return r;
        if (!is_bus_name(name))
                return loader_odd(l, line, key, value, false,
                                  "no name of a D-Bus service, so systemd passes the line over");
        free(l->other.bus_name);
        free(l->sandbox->facts.bus_name);
        l->sandbox->facts.bus_name = strdup(name);
        l->other.bus_name = take(name);
        return l->sandbox->facts.bus_name ? 0 : -ENOMEM;
}

static int assign_directory(struct loader *l, unsigned line, const char *key, const char *value)
{
        scoped(mem_freep) char *path = NULL;
        bool lenient = *value == '-';
        char bad = 0;
        int r;

        value += lenient;
        l->other.home_directory = strcmp(value, "~") == 0;
        if (!*value || l->other.home_directory)
                return 0;
        r = specifier_expand(&l->specifiers, value, &path, &bad);
        if (r < 0)
                return r;
        if (r == 0 && *path == '/')
                return 0;
        if (lenient)
                return ignored(l, line, key, value);
        return r ? loader_refuse(l, line, key, value, "%%%c has no value here", bad)
                 : loader_refuse(l, line, key, value, "the path is not absolute");
}

static int assign_trigger(struct loader *l, unsigned line, const char *key, const char *value)
{
        (void)line;
        (void)key;
        l->other.has_trigger = *value != '\0';
        return 0;
}

static int assign_what(struct loader *l, unsigned line, const char *key, const char *value)
{
        (void)line;
        (void)key;
        l->other.has_what = *value != '\0';
        return 0;
}

static int assign_where(struct loader *l, unsigned line, const char *key, const char *value)
{
        return expand_into(l, line, key, value, &l->other.where);
}

/* clang-format off */
static const struct {
        const char *section, *key; /* a key that ends in '*' is a prefix */
        int (*assign)(struct loader *l, unsigned line, const char *key, const char *value);
} rows[] = {
        { "Unit", "Description", assign_description },
        { "Unit", "Requires", assign_requires },
        { "Unit", "Requisite", assign_requires },
        { "Unit", "Wants", assign_requires },
        { "Unit", "BindsTo", assign_requires },
        { "Unit", "SuccessAction", assign_success },
        { "Unit", "Condition*", assign_condition },
        { "Unit", "Assert*", assign_condition },
        { "Service", "Sockets", assign_triggers },
        { "Service", "Restart", assign_restart },
        { "Service", "KillMode", assign_kill_mode },
        { "Service", "ExitType", assign_exit_type },
        { "Service", "RemainAfterExit", assign_remains },
        { "Service", "RestartForceExitStatus", assign_forced },
        { "Service", "BusName", assign_bus_name },
        { "Service", "WorkingDirectory", assign_directory },
        { "Socket", "WorkingDirectory", assign_directory },
        { "Mount", "WorkingDirectory", assign_directory },
        { "Swap", "WorkingDirectory", assign_directory },
        { "Socket", "Listen*", assign_trigger },
        { "Timer", "On*", assign_trigger },
        { "Path", "PathExists", assign_trigger },
        { "Path", "PathExistsGlob", assign_trigger },
        { "Path", "PathChanged", assign_trigger },
        { "Path", "PathModified", assign_trigger },
        { "Path", "DirectoryNotEmpty", assign_trigger },
        { "Mount", "What", assign_what },
        { "Mount", "Where", assign_where },
        { "Automount", "Where", assign_where },
        { "Swap", "What", assign_where },
};
/* clang-format on */

static bool matches(const char *pattern, const char *section, const char *key)
{
        size_t n = strlen(pattern);

        if (pattern[n - 1] != '*')
                return strcmp(pattern, key) == 0;
        return strncmp(pattern, key, n - 1) == 0 && keys_know(section, key);
}

int other_assign(struct loader *l, unsigned line, const char *section, const char *key,
                 const char *value)
{
        for (size_t i = 0; i < COUNT(rows); i++)
                if (strcmp(rows[i].section, section) == 0 && matches(rows[i].key, section, key))
                        return rows[i].assign(l, line, key, value);
        return -ENOKEY;
}
