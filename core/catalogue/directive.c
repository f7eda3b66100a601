/* directive.c - what a hardening directive is, as data. */
#include "core/catalogue/directive.h"

#include "core/base/base.h"

#include <string.h>

/* clang-format off */
#define END { NULL, NULL, 0, 0 }
#define PLAIN(word)        { word, NULL, 0, 0 }
#define SINCE(word, since) { word, NULL, since, 0 }

static const struct choice keyring_mode[] = {
        PLAIN("shared"), PLAIN("inherit"), PLAIN("private"), END };
static const struct choice protect_system[] = {
        PLAIN("no"), PLAIN("yes"), PLAIN("full"), PLAIN("strict"), END };
static const struct choice protect_home[] = {
        PLAIN("no"), PLAIN("read-only"), PLAIN("tmpfs"), PLAIN("yes"), END };
static const struct choice mount_flags[] = {
        PLAIN("shared"), PLAIN("slave"), PLAIN("private"), END };
static const struct choice private_tmp[] = {
        PLAIN("no"), { "yes", "connected", 0, 257 }, SINCE("disconnected", 257), END };
static const struct choice device_policy[] = {
        PLAIN("auto"), PLAIN("closed"), PLAIN("strict"), END };
static const struct choice private_users[] = {
        PLAIN("no"), SINCE("identity", 257), SINCE("full", 258),
        SINCE("managed", 260), { "yes", "self", 0, 257 }, END };
static const struct choice protect_hostname[] = {
        PLAIN("no"), SINCE("private", 258), PLAIN("yes"), END };
static const struct choice protect_control_groups[] = {
        PLAIN("no"), SINCE("private", 257), PLAIN("yes"), SINCE("strict", 257), END };
static const struct choice protect_proc[] = {
        PLAIN("default"), PLAIN("noaccess"), PLAIN("ptraceable"),
        PLAIN("invisible"), END };
static const struct choice proc_subset[] = { PLAIN("all"), PLAIN("pid"), END };
static const struct choice managed_oom_preference[] = {
        PLAIN("none"), PLAIN("avoid"), PLAIN("omit"), END };
static const struct choice oom_policy[] = {
        PLAIN("continue"), PLAIN("stop"), PLAIN("kill"), END };
static const struct choice cpu_scheduling_policy[] = {
        { "rr", "2", 0, 0 }, { "fifo", "1", 0, 0 }, { "other", "0", 0, 0 }, { "batch", "3", 0, 0 },
        { "idle", "5", 0, 0 }, { "ext", "7", 257, 257 }, END };
static const struct choice notify_access[] = {
        PLAIN("all"), PLAIN("exec"), PLAIN("main"), PLAIN("none"), END };
static const struct choice restart_mode[] = {
        SINCE("normal", 254), SINCE("direct", 254), SINCE("debug", 257), END };
static const struct choice type[] = {
        PLAIN("simple"), PLAIN("exec"), PLAIN("forking"), PLAIN("oneshot"),
        PLAIN("dbus"), PLAIN("notify"), SINCE("notify-reload", 253),
        PLAIN("idle"), END };

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

const char *directive_need(const struct directive *d, size_t i)
{
        static const struct {
                unsigned flag;
                const char *words;
        } needs[] = {
                { NO_USER_MANAGER, "the system manager" },
                { NEEDS_ROOT, "root" },
                { NEEDS_CGROUP2, "cgroup v2" },
                { NEEDS_CGROUP_BPF, "BPF for cgroups" },
                { NEEDS_BPF_LSM, "the BPF security module" },
                { NEEDS_MAC, "its security module" },
        };

        for (size_t k = 0; k < COUNT(needs); k++)
                if (d->flags & needs[k].flag && i-- == 0)
                        return needs[k].words;
        return NULL;
}

bool directive_known_to(const struct directive *d, struct version v)
{
        return v.major >= d->since;
}
