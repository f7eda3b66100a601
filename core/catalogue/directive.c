/* directive.c - what a hardening directive is, as data. */
#include "core/catalogue/directive.h"

#include "core/base/base.h"

#include <string.h>

/* clang-format off */
#define END { NULL, NULL, 0 }

static const struct choice keyring_mode[] = {
        { "shared", NULL, 0 }, { "inherit", NULL, 0 }, { "private", NULL, 0 }, END };
static const struct choice protect_system[] = {
        { "no", NULL, 0 }, { "yes", NULL, 0 }, { "full", NULL, 0 }, { "strict", NULL, 0 }, END };
static const struct choice protect_home[] = {
        { "no", NULL, 0 }, { "read-only", NULL, 0 }, { "tmpfs", NULL, 0 }, { "yes", NULL, 0 }, END };
static const struct choice mount_flags[] = {
        { "shared", NULL, 0 }, { "slave", NULL, 0 }, { "private", NULL, 0 }, END };
static const struct choice private_tmp[] = {
        { "no", NULL, 0 }, { "yes", "connected", 0 }, { "disconnected", NULL, 257 }, END };
static const struct choice device_policy[] = {
        { "auto", NULL, 0 }, { "closed", NULL, 0 }, { "strict", NULL, 0 }, END };
static const struct choice private_users[] = {
        { "no", NULL, 0 }, { "identity", NULL, 257 }, { "full", NULL, 258 },
        { "managed", NULL, 260 }, { "yes", "self", 0 }, END };
static const struct choice protect_hostname[] = {
        { "no", NULL, 0 }, { "private", NULL, 258 }, { "yes", NULL, 0 }, END };
static const struct choice protect_control_groups[] = {
        { "no", NULL, 0 }, { "private", NULL, 257 }, { "yes", NULL, 0 }, { "strict", NULL, 257 }, END };
static const struct choice protect_proc[] = {
        { "default", NULL, 0 }, { "noaccess", NULL, 0 }, { "ptraceable", NULL, 0 },
        { "invisible", NULL, 0 }, END };
static const struct choice proc_subset[] = { { "all", NULL, 0 }, { "pid", NULL, 0 }, END };
static const struct choice managed_oom_preference[] = {
        { "none", NULL, 0 }, { "avoid", NULL, 0 }, { "omit", NULL, 0 }, END };
static const struct choice oom_policy[] = {
        { "continue", NULL, 0 }, { "stop", NULL, 0 }, { "kill", NULL, 0 }, END };
static const struct choice cpu_scheduling_policy[] = {
        { "rr", NULL, 0 }, { "fifo", NULL, 0 }, { "other", NULL, 0 }, { "batch", NULL, 0 },
        { "idle", NULL, 0 }, { "ext", NULL, 257 }, END };
static const struct choice notify_access[] = {
        { "all", NULL, 0 }, { "exec", NULL, 0 }, { "main", NULL, 0 }, { "none", NULL, 0 }, END };
static const struct choice restart_mode[] = {
        { "normal", NULL, 254 }, { "direct", NULL, 254 }, { "debug", NULL, 257 }, END };
static const struct choice type[] = {
        { "simple", NULL, 0 }, { "exec", NULL, 0 }, { "forking", NULL, 0 }, { "oneshot", NULL, 0 },
        { "dbus", NULL, 0 }, { "notify", NULL, 0 }, { "notify-reload", NULL, 253 },
        { "idle", NULL, 0 }, END };

#define DIRECTIVE(i, k, g, c, s, f, r, p, u)                                                       \
        { .id = D_##i, .name = #i, .kind = k, .group = g, .choices = c, .since = s, .flags = f,    \
          .reset = r, .property = p, .unset = u },
static const struct directive table[] = {
#include "core/catalogue/directives.inc"
};
#undef DIRECTIVE

/* Names that older unit files use for the same thing. */
static const struct { const char *old; enum directive_id id; } renamed[] = {
        { "ReadWriteDirectories", D_ReadWritePaths },
        { "ReadOnlyDirectories", D_ReadOnlyPaths },
        { "InaccessibleDirectories", D_InaccessiblePaths },
};

static const char *const group_names[GROUP_COUNT] = {
        [GROUP_IDENTITY] = "Identity",       [GROUP_CAPS] = "Privileges",
        [GROUP_FILES] = "Files",             [GROUP_DIRECTORIES] = "Directories",
        [GROUP_DEVICES] = "Devices",         [GROUP_NETWORK] = "Network",
        [GROUP_NAMESPACES] = "Namespaces",   [GROUP_KERNEL] = "Kernel",
        [GROUP_PROCESSES] = "Processes",     [GROUP_SYSCALLS] = "System calls",
        [GROUP_MAC] = "Mandatory access",    [GROUP_RESOURCES] = "Resources",
        [GROUP_CREDENTIALS] = "Credentials", [GROUP_SERVICE] = "Service",
};
/* clang-format on */

const struct directive *directive_at(size_t i)
{
        return i < COUNT(table) ? &table[i] : NULL;
}

const struct directive *directive_find(const char *name)
{
        for (size_t i = 0; i < COUNT(table); i++)
                if (strcmp(table[i].name, name) == 0)
                        return &table[i];
        for (size_t i = 0; i < COUNT(renamed); i++)
                if (strcmp(renamed[i].old, name) == 0)
                        return &table[renamed[i].id];
        return NULL;
}

const char *directive_group_name(enum directive_group g)
{
        return group_names[g];
}

const char *directive_section(const struct directive *d)
{
        return d->flags & IN_UNIT_SECTION ? "Unit" : "Service";
}

bool directive_known_to(const struct directive *d, struct version v)
{
        return v.major >= d->since;
}
