/* twin_limits.c - what the twin does not enforce, lacks or has run out of, in words.
 *
 * A twin proves only what it enforces: a directive without its mechanism is not rehearsed
 * here, and what the twin ran out of is no directive's fault. */
#include "core/stage/twin_private.h"

#include "core/base/file.h"
#include "core/stage/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/statfs.h>

enum { EVENTS_LIMIT = 4096 };

#define SET(name, ...) static const enum directive_id name[] = { __VA_ARGS__, DIRECTIVE_COUNT }

static const enum directive_id none[] = { DIRECTIVE_COUNT };
SET(seccomp, D_SystemCallFilter, D_SystemCallErrorNumber, D_SystemCallArchitectures,
    D_SystemCallLog, D_RestrictAddressFamilies, D_RestrictNamespaces, D_RestrictRealtime,
    D_RestrictSUIDSGID, D_MemoryDenyWriteExecute, D_LockPersonality, D_ProtectClock,
    D_ProtectHostname, D_ProtectKernelModules, D_ProtectKernelLogs);
SET(mounts, D_ProtectSystem, D_ProtectHome, D_ReadWritePaths, D_ReadOnlyPaths, D_InaccessiblePaths,
    D_ExecPaths, D_NoExecPaths, D_TemporaryFileSystem, D_BindPaths, D_BindReadOnlyPaths,
    D_BindLogSockets, D_PrivateMounts, D_MountFlags, D_PrivateTmp, D_MountAPIVFS, D_RootDirectory,
    D_RootImage, D_RootEphemeral, D_RootMStack, D_MountImages, D_ExtensionImages, D_PrivateDevices,
    D_ProtectKernelTunables, D_ProtectKernelModules, D_ProtectKernelLogs, D_ProtectControlGroups,
    D_ProtectProc, D_ProcSubset, D_DynamicUser);
SET(network, D_PrivateNetwork, D_NetworkNamespacePath);
SET(ipc, D_PrivateIPC, D_IPCNamespacePath);
SET(hostname, D_ProtectHostname);
SET(users, D_PrivateUsers, D_UserNamespacePath);
SET(pids, D_PrivatePIDs);
SET(firewall, D_IPAddressAllow, D_IPAddressDeny, D_IPAccounting, D_IPIngressFilterPath,
    D_IPEgressFilterPath, D_BPFProgram);
SET(devices, D_DevicePolicy, D_DeviceAllow);
SET(bind_ports, D_SocketBindAllow, D_SocketBindDeny);
SET(interfaces, D_RestrictNetworkInterfaces, D_BindNetworkInterface);
SET(filesystems, D_RestrictFileSystems);
SET(memory, D_MemoryMax, D_MemoryHigh, D_MemorySwapMax);
SET(tasks, D_TasksMax);
SET(cpu, D_CPUQuota, D_CPUWeight);
SET(cpus, D_AllowedCPUs);
SET(io, D_IOWeight);
SET(apparmor, D_AppArmorProfile);
SET(selinux, D_SELinuxContext);
SET(smack, D_SmackProcessLabel);

#define NO_PROGRAM          "systemd in the twin could not attach its BPF program to a unit"
#define NO_CONTROLLER       "the twin's control groups have no such controller"
#define NO_SPACE_OF_ITS_OWN "a unit that asked for one did not get it in the twin"

static const struct {
        enum check check;
        const char *mechanism, *why;
        const enum directive_id *directives;
} mechanisms[] = {
        { CHECK_SECCOMP, "seccomp", "a unit with a system call filter ran without one", seccomp },
        { CHECK_MOUNTS, "mount namespaces", NO_SPACE_OF_ITS_OWN, mounts },
        { CHECK_NETWORK, "network namespaces", NO_SPACE_OF_ITS_OWN, network },
        { CHECK_IPC, "IPC namespaces", NO_SPACE_OF_ITS_OWN, ipc },
        { CHECK_HOSTNAME, "UTS namespaces", NO_SPACE_OF_ITS_OWN, hostname },
        { CHECK_USERS, "user namespaces", NO_SPACE_OF_ITS_OWN, users },
        { CHECK_PIDS, "PID namespaces", NO_SPACE_OF_ITS_OWN, pids },
        { CHECK_FIREWALL, "IP firewall", NO_PROGRAM, firewall },
        { CHECK_DEVICES, "device policy", NO_PROGRAM, devices },
        { CHECK_BIND, "socket bind rules", NO_PROGRAM, bind_ports },
        { CHECK_INTERFACES, "network interface rules", NO_PROGRAM, interfaces },
        { CHECK_FILESYSTEMS, "file system rules",
          "neither systemd nor the kernel of the twin has BPF LSM on", filesystems },
        { CHECK_MEMORY, "memory limits", NO_CONTROLLER, memory },
        { CHECK_TASKS, "task limits", NO_CONTROLLER, tasks },
        { CHECK_CPU, "CPU limits", NO_CONTROLLER, cpu },
        { CHECK_CPUS, "CPU sets", NO_CONTROLLER, cpus },
        { CHECK_IO, "I/O weights", NO_CONTROLLER, io },
        { CHECK_APPARMOR, "AppArmor", "the twin's systemd sees no AppArmor", apparmor },
        { CHECK_SELINUX, "SELinux", "the twin's systemd sees no SELinux", selinux },
        { CHECK_SMACK, "Smack", "the twin's systemd sees no Smack", smack },
};

static void clear(struct limits *l)
{
        for (size_t i = 0; i < l->count; i++)
                free(l->rows[i].why);
        free(l->rows);
        l->rows = NULL;
        l->count = 0;
}

void limits_done(struct limits *l)
{
        clear(l);
        *l = (struct limits){ 0 };
}

/* Takes why over.  What finds no memory is left out: the next call tries again. */
static void add(struct limits *l, const char *mechanism, char *why,
                const enum directive_id *directives)
{
        struct stage_limit *more = why ? realloc(l->rows, (l->count + 1) * sizeof(*more)) : NULL;

        if (!more) {
                free(why);
                return;
        }
        l->rows = more;
        l->rows[l->count++] = (struct stage_limit){ mechanism, why, directives };
}

static bool is_upper_full(const struct twin *t)
{
        struct statfs st;
        char path[64];

        /* nspawn's own root is the box's. */
        snprintf(path, sizeof(path), "/proc/%d/root" BOX "/up", (int)t->box.pid);
        if (statfs(path, &st) < 0 || st.f_blocks == 0)
                return false;
        return st.f_bavail < st.f_blocks / 50 || (st.f_files > 0 && st.f_ffree == 0);
}

/* A file too big to be copied up leaves no trace but the error itself. */
static bool says_no_space(const struct twin *t)
{
        scoped(fd_closep) int root = twin_root(t);
        scoped(journal_done) struct journal lines = { 0 };
        char folder[64];

        snprintf(folder, sizeof(folder), JOURNAL_BELOW, root);
        inside_sync_journal(t->init_fd);
        if (root < 0 || journal_read(folder, NULL, NULL, &lines, NULL) < 0)
                return false;
        for (size_t i = 0; i < lines.count; i++)
                if (strstr(lines.lines[i].message, strerrordesc_np(ENOSPC)))
                        return true;
        return false;
}

static bool was_killed_for_memory(const struct twin *t)
{
        scoped(mem_freep) char *path = text_format("%s/memory.events", t->cgroup.path);
        scoped(mem_freep) char *text = NULL;
        char *at;

        if (!path || file_read(AT_FDCWD, path, EVENTS_LIMIT, &text, NULL, NULL) < 0)
                return false;
        at = strstr(text, "oom_kill ");
        return at && strtoul(at + 9, NULL, 10) > 0;
}

static void add_shortages(struct twin *t)
{
        struct limits *l = &t->limits;

        for (char **note = t->box.notes; note && *note; note++)
                add(l, "files", strdup(*note), none);
        if (is_upper_full(t) || says_no_space(t))
                add(l, "space",
                    text_format("the twin ran out of the %llu MiB it has for writes",
                                (unsigned long long)(t->upper.bytes / MEBI)),
                    none);
        if (was_killed_for_memory(t))
                add(l, "memory", strdup("the twin ran out of memory, and the kernel killed for it"),
                    none);
}

const struct stage_limit *limits_look(struct twin *t, size_t *ret_count)
{
        struct limits *l = &t->limits;

        if (!l->checked)
                checks_look(t, l->enforced);
        l->checked = true;
        clear(l);
        for (size_t i = 0; i < COUNT(mechanisms); i++)
                if (!l->enforced[mechanisms[i].check])
                        add(l, mechanisms[i].mechanism, strdup(mechanisms[i].why),
                            mechanisms[i].directives);
        if (t->user_manager && t->uid != 0)
                add(l, LIMIT_USER_MOUNTS,
                    strdup("the systemd of a user makes one only together with PrivateUsers=yes"),
                    mounts);
        add_shortages(t);
        *ret_count = l->count;
        return l->rows;
}

/* --- what nspawn takes from everybody --------------------------------------------------- */

SET(denied_clock, D_ProtectClock);
SET(denied_modules, D_ProtectKernelModules);
SET(denied_logs, D_ProtectKernelLogs);
SET(denied_tunables, D_ProtectKernelTunables);
SET(denied_devices, D_PrivateDevices, D_DevicePolicy, D_DeviceAllow);
SET(denied_keyrings, D_KeyringMode);
SET(denied_tmp, D_PrivateTmp);

static const struct stage_limit denied[] = {
        { "clock", (char *)"nothing in the twin may set the clock or wake the machine",
          denied_clock },
        { "kernel modules", (char *)"nothing in the twin may load kernel modules", denied_modules },
        { "kernel log", (char *)"nothing in the twin may read the kernel's log", denied_logs },
        { "kernel settings",
          (char *)"/proc/sys, but for the twin's own network, and /sys are read-only there",
          denied_tunables },
        { "devices", (char *)"the twin has no devices but /dev/null and its like", denied_devices },
        { "keyrings", (char *)"nothing in the twin may use keyrings", denied_keyrings },
        { "temporary files", (char *)"/tmp is empty in the twin to begin with", denied_tmp },
};

const struct stage_limit *limits_denied(size_t *ret_count)
{
        *ret_count = COUNT(denied);
        return denied;
}
