/* view.c - what a service can see and do, computed from its sandbox. */
#include "core/breach/view_private.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

/* clang-format off */
static const struct {
        const char *label, *key;
} facts[FACT_COUNT] = {
        [FACT_USER]           = { "user",             "user" },
        [FACT_GROUPS]         = { "groups",           "groups" },
        [FACT_GAIN]           = { "gains rights by",  "gains_by" },
        [FACT_EFFECTIVE]      = { "capabilities",     "capabilities_effective" },
        [FACT_BOUNDING]       = { "  at most",        "capabilities_bounding" },
        [FACT_AMBIENT]        = { "  ambient",        "capabilities_ambient" },
        [FACT_WRITABLE]       = { "can write",        "writable" },
        [FACT_OWNED]          = { "by file mode",     "by_mode" },
        [FACT_READ_ONLY]      = { "can only read",    "read_only" },
        [FACT_EMPTY]          = { "sees empty",       "empty" },
        [FACT_HIDDEN]         = { "can't see",        "hidden" },
        [FACT_DEVICES]        = { "devices",          "devices" },
        [FACT_PROCESSES]      = { "sees processes",   "processes" },
        [FACT_NETWORK]        = { "network",          "network" },
        [FACT_FAMILIES]       = { "sockets of",       "families" },
        [FACT_NAMESPACES]     = { "namespaces",       "namespaces" },
        [FACT_NEW_NAMESPACES] = { "can make",         "new_namespaces" },
        [FACT_MEMORY]         = { "new code",         "new_code" },
        [FACT_CALLS]          = { "system calls",     "calls" },
};
/* clang-format on */

const char *fact_label(enum fact_id id)
{
        return facts[id].label;
}

const char *fact_key(enum fact_id id)
{
        return facts[id].key;
}

static int tell(struct service_view *v, enum fact_id id, const char *word)
{
        return strv_add(&v->facts[id], word);
}

static int tell_list(struct service_view *v, enum fact_id id, char *const *words)
{
        int r = 0;

        for (; r >= 0 && words && *words; words++)
                r = tell(v, id, *words);
        return r;
}

/* ---- who it is ---- */

static const char *prefixes(const struct sandbox *s)
{
        for (size_t i = 0; i < s->facts.exec_count; i++)
                if (strcmp(s->facts.exec[i].key, "ExecStart") == 0)
                        return s->facts.exec[i].prefixes ? s->facts.exec[i].prefixes : "";
        return "";
}

/* '+': no directive of the sandbox; '!': all but its user.  ('!!' is like none where the kernel has
 * ambient capabilities.) */
static void read_prefixes(struct service_view *v, bool *ret_no_user)
{
        const char *p = prefixes(v->unit);

        v->is_free = strchr(p, '+') != NULL;
        *ret_no_user = v->is_free || (strchr(p, '!') && !strstr(p, "!!"));
}

static int identity(struct service_view *v)
{
        const char *user = setting_word(v->unit, D_User), *group = setting_word(v->unit, D_Group);
        bool no_user = false;
        int r;

        read_prefixes(v, &no_user);
        if (no_user)
                user = group = NULL;
        if (v->unit->scope == SCOPE_USER)
                user = group = NULL;
        v->is_root = v->unit->scope == SCOPE_SYSTEM &&
                     (no_user || !setting_yes(v->unit, D_DynamicUser)) &&
                     (!user || !*user || strcmp(user, "root") == 0 || strcmp(user, "0") == 0);
        r = tell(v, FACT_USER,
                 v->is_root                     ? "root"
                 : v->unit->scope == SCOPE_USER ? "the user whose manager it is"
                 : user                         ? user
                                                : "a user of its own");
        if (r >= 0 && !no_user && setting_yes(v->unit, D_DynamicUser))
                r = tell(v, FACT_USER, "(dynamic)");
        if (r >= 0 && group && *group)
                r = tell(v, FACT_GROUPS, group);
        if (r >= 0 && !no_user)
                r = tell_list(v, FACT_GROUPS, view_words(v, D_SupplementaryGroups));
        return r;
}

/* ---- what it may ---- */

static int tell_caps(struct service_view *v, enum fact_id id, uint64_t caps)
{
        uint64_t all = capability_all(v->dialect);
        uint64_t left = all & ~caps;
        bool but = left && __builtin_popcountll(left) <= 8;
        int r = 0;

        if ((caps & all) == all)
                return tell(v, id, "all");
        if (!(caps & all))
                return tell(v, id, "none");
        if (but)
                r = tell(v, id, "all but");
        for (unsigned i = 0; r >= 0 && i < 64; i++)
                if (((but ? left : caps & all) >> i & 1) && capability_name(i))
                        r = tell(v, id, capability_name(i));
        return r;
}

/* Without the right to set a filter otherwise, systemd gives the process up to gaining more first:
 * in a user's manager, and up to 254 for each user other than root. */
static bool gives_up(const struct service_view *v)
{
        static const enum directive_id filters[] = {
                D_LockPersonality,         D_MemoryDenyWriteExecute,
                D_PrivateDevices,          D_ProtectClock,
                D_ProtectHostname,         D_ProtectKernelTunables,
                D_ProtectKernelModules,    D_ProtectKernelLogs,
                D_RestrictRealtime,        D_RestrictSUIDSGID,
                D_SystemCallFilter,        D_SystemCallLog,
                D_SystemCallArchitectures, D_RestrictAddressFamilies,
                D_RestrictNamespaces,
        };
        bool may = v->unit->scope == SCOPE_SYSTEM &&
                   (v->is_root || v->dialect->version.major >= 255 ||
                    (v->ambient >> capability_number("CAP_SYS_ADMIN") & 1));

        for (size_t i = 0; !may && i < COUNT(filters); i++) {
                bool yes = directive_at((size_t)filters[i])->kind == KIND_BOOL ||
                                           directive_at((size_t)filters[i])->kind == KIND_CHOICE
                                   ? view_yes(v, filters[i])
                                   : view_sets(v, filters[i]);

                if (yes)
                        return true;
        }
        return false;
}

static int privileges(struct service_view *v)
{
        const struct setting *bounding = &v->unit->settings[D_CapabilityBoundingSet];
        const struct setting *ambient = &v->unit->settings[D_AmbientCapabilities];
        uint64_t all = capability_all(v->dialect);
        bool of_user = v->unit->scope == SCOPE_USER;
        int r;

        v->bounding = view_sets(v, D_CapabilityBoundingSet) ? bounding->value.bits & all : all;
        v->ambient = view_sets(v, D_AmbientCapabilities) ? ambient->value.bits & v->bounding : 0;
        if (of_user)
                v->ambient = 0;
        v->effective = v->is_root ? v->bounding : v->ambient;
        v->no_new_privs = view_yes(v, D_NoNewPrivileges) || gives_up(v);
        r = tell(v, FACT_GAIN, v->no_new_privs ? "nothing" : "set-uid programs");
        if (r >= 0)
                r = tell_caps(v, FACT_EFFECTIVE, v->effective);
        if (r >= 0)
                r = tell_caps(v, FACT_BOUNDING, v->bounding);
        if (r >= 0)
                r = tell_caps(v, FACT_AMBIENT, v->ambient);
        if (r >= 0 && v->effective && view_yes(v, D_PrivateUsers))
                r = tell(v, FACT_EFFECTIVE, "(over what is its own alone: PrivateUsers=)");
        return r;
}

/* ---- devices, processes ---- */

static int devices(struct service_view *v)
{
        static const char *const harmless[] = { "null",    "zero", "full", "random",
                                                "urandom", "tty",  "pts" };
        bool some = view_yes(v, D_PrivateDevices) || view_is(v, D_DevicePolicy, "closed");
        bool none = view_is(v, D_DevicePolicy, "strict");
        char **allowed = view_words(v, D_DeviceAllow);
        int r = 0;

        if (!some && !none && !(allowed && *allowed))
                return tell(v, FACT_DEVICES, "all that the machine has");
        for (size_t i = 0; r >= 0 && !none && i < COUNT(harmless); i++)
                r = tell(v, FACT_DEVICES, harmless[i]);
        if (r >= 0 && none && !(allowed && *allowed))
                r = tell(v, FACT_DEVICES, "none");
        return r < 0 ? r : tell_list(v, FACT_DEVICES, allowed);
}

static int processes(struct service_view *v)
{
        const char *proc = view_word(v, D_ProtectProc);
        bool hides = !v->is_root &&
                     (strcmp(proc, "invisible") == 0 || strcmp(proc, "noaccess") == 0);
        int r;

        if (view_yes(v, D_PrivatePIDs))
                r = tell(v, FACT_PROCESSES, "its own alone");
        else if (strcmp(proc, "ptraceable") == 0)
                r = tell(v, FACT_PROCESSES, "those that it may trace");
        else if (hides)
                r = tell(v, FACT_PROCESSES, "its user's alone");
        else
                r = tell(v, FACT_PROCESSES, "all");
        if (r >= 0 && view_is(v, D_ProcSubset, "pid"))
                r = tell(v, FACT_PROCESSES, "and nothing else of /proc");
        return r;
}

/* ---- network ---- */

bool view_lets_family(const struct service_view *v, const char *name)
{
        const struct value *f = &v->unit->settings[D_RestrictAddressFamilies].value;

        if (!view_sets(v, D_RestrictAddressFamilies))
                return true;
        return strv_has(f->words, name) == f->allow;
}

static int network(struct service_view *v)
{
        bool own = view_yes(v, D_PrivateNetwork);
        int r = tell(v, FACT_NETWORK,
                     own                                         ? "its own loopback alone"
                     : view_sets(v, D_NetworkNamespacePath)      ? "that of NetworkNamespacePath="
                     : view_sets(v, D_RestrictNetworkInterfaces) ? "some interfaces"
                                                                 : "the machine's");

        if (r >= 0 && !own && strv_has(view_words(v, D_IPAddressDeny), "0.0.0.0/0")) {
                r = tell(v, FACT_NETWORK,
                         view_words(v, D_IPAddressAllow) ? "IP with these alone:" : "no IP at all");
                if (r >= 0)
                        r = tell_list(v, FACT_NETWORK, view_words(v, D_IPAddressAllow));
        }
        return r;
}

static int families(struct service_view *v)
{
        const struct value *f = &v->unit->settings[D_RestrictAddressFamilies].value;
        int r;

        if (!view_sets(v, D_RestrictAddressFamilies))
                return tell(v, FACT_FAMILIES, "all families");
        if (f->allow)
                return f->words && *f->words ? tell_list(v, FACT_FAMILIES, f->words)
                                             : tell(v, FACT_FAMILIES, "none");
        r = tell(v, FACT_FAMILIES, f->words && *f->words ? "all but" : "all families");
        return r < 0 ? r : tell_list(v, FACT_FAMILIES, f->words);
}

/* ---- namespaces ---- */

static bool has_mounts(const struct service_view *v)
{
        static const enum directive_id any[] = {
                D_ReadWritePaths, D_ReadOnlyPaths, D_InaccessiblePaths, D_ExecPaths,
                D_NoExecPaths,    D_BindPaths,     D_BindReadOnlyPaths, D_TemporaryFileSystem,
                D_RootDirectory,  D_RootImage,     D_ExtensionImages,   D_MountImages,
                D_MountFlags,
        };
        static const enum directive_id yes[] = {
                D_PrivateTmp,           D_PrivateDevices,    D_PrivateMounts,
                D_ProtectSystem,        D_ProtectHome,       D_ProtectKernelTunables,
                D_ProtectKernelModules, D_ProtectKernelLogs, D_ProtectControlGroups,
                D_PrivateIPC,           D_PrivatePIDs,       D_DynamicUser,
        };

        for (size_t i = 0; i < COUNT(any); i++)
                if (view_sets(v, any[i]) && v->unit->settings[any[i]].value.words)
                        return true;
        for (size_t i = 0; i < COUNT(yes); i++)
                if (view_yes(v, yes[i]))
                        return true;
        return (*view_word(v, D_ProtectProc) && !view_is(v, D_ProtectProc, "default")) ||
               view_is(v, D_ProcSubset, "pid");
}

static int own_namespaces(struct service_view *v)
{
        const char *cgroups = view_word(v, D_ProtectControlGroups);
        const struct {
                const char *name;
                uint64_t flag;
                bool own;
        } rows[] = {
                { "mounts", CLONE_NEWNS, has_mounts(v) },
                { "network", CLONE_NEWNET,
                  view_yes(v, D_PrivateNetwork) || view_sets(v, D_NetworkNamespacePath) },
                { "ipc", CLONE_NEWIPC,
                  view_yes(v, D_PrivateIPC) || view_sets(v, D_IPCNamespacePath) },
                { "host name", CLONE_NEWUTS, view_yes(v, D_ProtectHostname) },
                { "users", CLONE_NEWUSER, view_yes(v, D_PrivateUsers) },
                { "processes", CLONE_NEWPID, view_yes(v, D_PrivatePIDs) },
                { "control groups", CLONE_NEWCGROUP,
                  strcmp(cgroups, "private") == 0 || strcmp(cgroups, "strict") == 0 },
        };
        int r = 0;

        for (size_t i = 0; r >= 0 && i < COUNT(rows); i++)
                if (rows[i].own) {
                        v->own_namespaces |= rows[i].flag;
                        r = tell(v, FACT_NAMESPACES, rows[i].name);
                }
        if (r >= 0 && !v->facts[FACT_NAMESPACES])
                r = tell(v, FACT_NAMESPACES, "none of its own");
        return r;
}

static int new_namespaces(struct service_view *v)
{
        const struct value *value = &v->unit->settings[D_RestrictNamespaces].value;
        uint64_t all = namespace_all(v->dialect), flag = 0;
        uint64_t may = view_sets(v, D_RestrictNamespaces) ? value->bits & all : all;
        const char *name;
        int r = 0;

        if (may == all || !may)
                return tell(v, FACT_NEW_NAMESPACES, may ? "any namespace" : "no namespace");
        for (size_t i = 0; r >= 0 && (name = namespace_name(i, &flag)); i++)
                if (may & flag)
                        r = tell(v, FACT_NEW_NAMESPACES, name);
        return r;
}

/* ---- new code ---- */

static int memory(struct service_view *v)
{
        int r = tell(v, FACT_MEMORY,
                     view_yes(v, D_MemoryDenyWriteExecute) ? "not in memory"
                                                           : "in memory that it wrote");

        if (r >= 0 && view_words(v, D_NoExecPaths)) {
                r = tell(v, FACT_MEMORY, "no programs of");
                if (r >= 0)
                        r = tell_list(v, FACT_MEMORY, view_words(v, D_NoExecPaths));
                if (r >= 0 && view_words(v, D_ExecPaths))
                        r = tell(v, FACT_MEMORY, "but of");
                if (r >= 0)
                        r = tell_list(v, FACT_MEMORY, view_words(v, D_ExecPaths));
        } else if (r >= 0) {
                r = tell(v, FACT_MEMORY, "any program");
        }
        return r;
}

/* ---- all of it ---- */

int view_compute(const struct sandbox *unit, const struct dialect *dialect,
                 struct service_view *ret)
{
        static int (*const parts[])(struct service_view * v) = {
                identity, privileges,     view_paths,     devices, processes,  network,
                families, own_namespaces, new_namespaces, memory,  view_calls,
        };
        struct service_view v = { .unit = unit, .dialect = dialect };
        int r = 0;

        for (size_t i = 0; r >= 0 && i < COUNT(parts); i++)
                r = parts[i](&v);
        if (r >= 0 && setting_word(unit, D_RootDirectory) && !v.is_free)
                r = strv_addf(&v.facts[FACT_HIDDEN], "the machine's own files (RootDirectory=%s)",
                              setting_word(unit, D_RootDirectory));
        if (r < 0) {
                view_done(&v);
                return r;
        }
        *ret = v;
        return 0;
}

void view_done(struct service_view *v)
{
        for (size_t i = 0; i < v->path_count; i++)
                free(v->paths[i].path);
        free(v->paths);
        for (size_t i = 0; i < FACT_COUNT; i++)
                strv_free(v->facts[i]);
        *v = (struct service_view){ 0 };
}
