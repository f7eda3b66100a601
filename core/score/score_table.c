/* score_table.c - what is assessed: the rows of systemd-analyze security, as data.
 * Facts: facts/score/assessments.tsv.  The words are ours. */
#include "core/score/score_private.h"

#include "core/base/base.h"

#include <sched.h>

static bool has_cap_bpf(struct version v)
{
        static const struct version fixes[] = { { 252, 19 }, { 253, 13 }, { 254, 6 }, { 0, 0 } };

        return version_has(v, fixes);
}

/* clang-format off */
static const struct level protect_home[] = {
        { "yes", 0 }, { "tmpfs", 1 }, { "read-only", 5 }, { NULL, 10 } };
static const struct level protect_system[] = {
        { "strict", 0 }, { "full", 3 }, { "yes", 5 }, { NULL, 10 } };
static const struct level protect_proc[] = {
        { "invisible", 0 }, { "ptraceable", 0 }, { "noaccess", 1 }, { NULL, 3 } };
static const struct level proc_subset[] = { { "pid", 0 }, { NULL, 1 } };
static const struct level notify_access[] = { { "all", 1 }, { NULL, 0 } };

#define YES(d, w, dd, m)                                                                           \
        { .id = #d, .title = #d "=", .directive = D_##d, .weight = w, .range = 1,                  \
          .judge = judge_yes, .wants_dependencies = dd, .wanted = #d "=yes", .meaning = m }
#define LEVEL(d, w, r, l, want, dd, m)                                                             \
        { .id = #d, .title = #d "=", .directive = D_##d, .weight = w, .range = r,                  \
          .judge = judge_level, .levels = l, .wants_dependencies = dd, .wanted = #d "=" want,      \
          .meaning = m }
#define CAPS_SINCE(i, t, w, bits, list, e, m)                                                      \
        { .id = "CapabilityBoundingSet_" i, .title = "CapabilityBoundingSet=~" t,                  \
          .directive = D_CapabilityBoundingSet, .weight = w, .range = 1, .judge = judge_caps,      \
          .mask = bits, .exists = e, .wanted = "CapabilityBoundingSet=~" list, .meaning = m }
#define CAPS(i, t, w, bits, list, m) CAPS_SINCE(i, t, w, bits, list, NULL, m)
#define NAMESPACE(n, old, w, flag, m)                                                              \
        { .id = "RestrictNamespaces_" n, .title = "RestrictNamespaces=~" n,                        \
          .old_title = "RestrictNamespaces=~" old, .directive = D_RestrictNamespaces, .weight = w, \
          .range = 1, .judge = judge_namespace, .mask = flag,                                      \
          .wanted = "RestrictNamespaces=~" n, .meaning = m }
#define FAMILY(i, t, w, list, want, m)                                                             \
        { .id = "RestrictAddressFamilies_" i, .title = "RestrictAddressFamilies=~" t,              \
          .directive = D_RestrictAddressFamilies, .weight = w, .range = 1, .judge = judge_family,  \
          .words = list, .wanted = "RestrictAddressFamilies=" want, .meaning = m }
#define SYSCALLS(i, group, w, m)                                                                   \
        { .id = "SystemCallFilter_" i, .title = "SystemCallFilter=~" group,                        \
          .directive = D_SystemCallFilter, .weight = w, .range = 10, .judge = judge_syscalls,      \
          .words = group, .wanted = "SystemCallFilter=~" group, .meaning = m }
#define OTHER(i, t, d, w, r, dd, j, want, m)                                                       \
        { .id = i, .title = t, .directive = D_##d, .weight = w, .range = r, .judge = j,            \
          .wants_dependencies = dd, .wanted = want, .meaning = m }

static const struct check checks[] = {
        YES(PrivateNetwork, 2500, false,
             "Have a network of its own with nothing but loopback in it."),
        OTHER("UserOrDynamicUser", "User=/DynamicUser=", User, 2000, 10, false, judge_user,
             "DynamicUser=yes",
             "Run under an account of its own, so that a break-in does not own the machine."),
        CAPS("CAP_SET_UID_GID_PCAP", "CAP_SET(UID|GID|PCAP)", 1500, 0x1c0,
             "CAP_SETGID CAP_SETUID CAP_SETPCAP",
             "Give up changing its user, its groups and its capabilities."),
        CAPS("CAP_SYS_ADMIN", "CAP_SYS_ADMIN", 1500, 0x200000, "CAP_SYS_ADMIN",
             "Give up the privilege behind most of administration: mounts, namespaces and more."),
        CAPS("CAP_SYS_PTRACE", "CAP_SYS_PTRACE", 1500, 0x80000, "CAP_SYS_PTRACE",
             "Give up reading and steering processes of others."),
        FAMILY("AF_INET_INET6", "AF_(INET|INET6)", 1500, "AF_INET AF_INET6", "~AF_INET AF_INET6",
             "Open no internet sockets."),
        NAMESPACE("user", "CLONE_NEWUSER", 1500, CLONE_NEWUSER,
             "Be unable to make user namespaces, the door to much kernel code."),
        FAMILY("OTHER", "…", 1250, NULL, "AF_INET AF_INET6 AF_UNIX AF_NETLINK",
             "Open no sockets of rare families, whose kernel code is little tested."),
        CAPS("CAP_CHOWN_FSETID_SETFCAP", "CAP_(CHOWN|FSETID|SETFCAP)", 1000, 0x80000011,
             "CAP_CHOWN CAP_FSETID CAP_SETFCAP",
             "Give up changing owners of files, setuid bits and capabilities of files."),
        CAPS("CAP_DAC_FOWNER_IPC_OWNER", "CAP_(DAC_*|FOWNER|IPC_OWNER)", 1000, 0x800e,
             "CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH CAP_FOWNER CAP_IPC_OWNER",
             "Give up passing the permissions of files and of shared memory."),
        CAPS("CAP_NET_ADMIN", "CAP_NET_ADMIN", 1000, 0x1000, "CAP_NET_ADMIN",
             "Give up changing addresses, routes and firewall of the machine."),
        CAPS("CAP_SYS_MODULE", "CAP_SYS_MODULE", 1000, 0x10000, "CAP_SYS_MODULE",
             "Give up loading kernel modules."),
        CAPS("CAP_SYS_RAWIO", "CAP_SYS_RAWIO", 1000, 0x20000, "CAP_SYS_RAWIO",
             "Give up raw access to I/O ports and memory of the hardware."),
        CAPS("CAP_SYS_TIME", "CAP_SYS_TIME", 1000, 0x2000000, "CAP_SYS_TIME",
             "Give up setting the clocks."),
        OTHER("DeviceAllow", "DeviceAllow=", DevicePolicy, 1000, 10, false, judge_devices,
             "DevicePolicy=closed",
             "Open no device nodes but the few that every program needs."),
        OTHER("IPAddressDeny", "IPAddressDeny=", IPAddressDeny, 1000, 10, false, judge_addresses,
             "IPAddressDeny=any",
             "Exchange packets with no address, or with this machine alone."),
        OTHER("KeyringMode", "KeyringMode=", KeyringMode, 1000, 1, false, judge_keyring,
             "KeyringMode=private",
             "Keep kernel keys in a ring that no other service shares."),
        YES(NoNewPrivileges, 1000, false,
             "Never gain privileges by running another program, such as a setuid one."),
        LEVEL(NotifyAccess, 1000, 1, notify_access, "main", false,
             "Take status messages only from the service's own main or control processes."),
        YES(PrivateDevices, 1000, false,
             "See only harmless device nodes such as /dev/null, not the machine's hardware."),
        OTHER("PrivateMounts", "PrivateMounts=", PrivateMounts, 1000, 1, false, judge_mounts,
             "PrivateMounts=yes",
             "Keep mounts that the service makes out of the rest of the system."),
        YES(PrivateTmp, 1000, true,
             "Have a /tmp and /var/tmp that no other program can see or plant files in."),
        YES(PrivateUsers, 1000, false,
             "Know no accounts but root, itself and nobody, and hold no privilege over the host."),
        YES(ProtectClock, 1000, false,
             "Be unable to set the system clock or the hardware clock."),
        YES(ProtectControlGroups, 1000, false,
             "Be unable to change the control groups that systemd sets up."),
        LEVEL(ProtectHome, 1000, 10, protect_home, "yes", true,
             "See nothing of people's home folders."),
        YES(ProtectKernelLogs, 1000, false,
             "Be unable to read or clear the kernel's log."),
        YES(ProtectKernelModules, 1000, false,
             "Be unable to load or unload kernel modules."),
        YES(ProtectKernelTunables, 1000, false,
             "Be unable to write kernel settings below /proc/sys and /sys."),
        LEVEL(ProtectProc, 1000, 3, protect_proc, "invisible", false,
             "See no processes of other users below /proc."),
        LEVEL(ProtectSystem, 1000, 10, protect_system, "strict", true,
             "Find the whole file system read-only, but for what is granted by name."),
        FAMILY("AF_PACKET", "AF_PACKET", 1000, "AF_PACKET", "~AF_PACKET",
             "Open no sockets that see or forge raw packets."),
        YES(RestrictSUIDSGID, 1000, false,
             "Be unable to make files that run with their owner's rights."),
        OTHER("SystemCallArchitectures", "SystemCallArchitectures=", SystemCallArchitectures, 1000, 10,
             false, judge_architectures, "SystemCallArchitectures=native",
             "Make system calls only in the machine's native way."),
        SYSCALLS("clock", "@clock", 1000,
             "Make no system calls that set clocks."),
        SYSCALLS("debug", "@debug", 1000,
             "Make no system calls for debugging and tracing."),
        SYSCALLS("module", "@module", 1000,
             "Make no system calls that load kernel modules."),
        SYSCALLS("mount", "@mount", 1000,
             "Make no system calls that mount and unmount."),
        SYSCALLS("raw_io", "@raw-io", 1000,
             "Make no system calls for raw access to hardware."),
        SYSCALLS("reboot", "@reboot", 1000,
             "Make no system calls that reboot or replace the kernel."),
        SYSCALLS("swap", "@swap", 1000,
             "Make no system calls that switch swap space."),
        SYSCALLS("privileged", "@privileged", 700,
             "Make no system calls that need privileges."),
        SYSCALLS("resources", "@resources", 700,
             "Make no system calls that change limits, priorities and placement."),
        OTHER("AmbientCapabilities", "AmbientCapabilities=", AmbientCapabilities, 500, 1, false,
             judge_ambient, "AmbientCapabilities=",
             "Start without capabilities that pass on to every program it runs."),
        CAPS("CAP_AUDIT", "CAP_AUDIT_*", 500, 0x2060000000,
             "CAP_AUDIT_WRITE CAP_AUDIT_CONTROL CAP_AUDIT_READ",
             "Give up reading, writing and steering the audit log."),
        CAPS("CAP_KILL", "CAP_KILL", 500, 0x20, "CAP_KILL",
             "Give up sending signals to processes of others."),
        CAPS("CAP_MKNOD", "CAP_MKNOD", 500, 0x8000000, "CAP_MKNOD",
             "Give up making device nodes."),
        CAPS("CAP_NET_BIND_SERVICE_BROADCAST_RAW)",
             "CAP_NET_(BIND_SERVICE|BROADCAST|RAW)", 500, 0x2c00,
             "CAP_NET_BIND_SERVICE CAP_NET_BROADCAST CAP_NET_RAW",
             "Give up low ports, broadcasts and raw packets."),
        CAPS("CAP_SYSLOG", "CAP_SYSLOG", 500, 0x400000000, "CAP_SYSLOG",
             "Give up reading and clearing the kernel's log."),
        CAPS("CAP_SYS_NICE_RESOURCE", "CAP_SYS_(NICE|RESOURCE)", 500, 0x1800000,
             "CAP_SYS_NICE CAP_SYS_RESOURCE",
             "Give up raising priorities and passing resource limits."),
        NAMESPACE("cgroup", "CLONE_NEWCGROUP", 500, CLONE_NEWCGROUP,
             "Be unable to make control-group namespaces."),
        NAMESPACE("ipc", "CLONE_NEWIPC", 500, CLONE_NEWIPC,
             "Be unable to make IPC namespaces."),
        NAMESPACE("mnt", "CLONE_NEWNS", 500, CLONE_NEWNS,
             "Be unable to make mount namespaces."),
        NAMESPACE("net", "CLONE_NEWNET", 500, CLONE_NEWNET,
             "Be unable to make network namespaces."),
        NAMESPACE("pid", "CLONE_NEWPID", 500, CLONE_NEWPID,
             "Be unable to make process namespaces."),
        YES(RestrictRealtime, 500, false,
             "Be unable to take realtime priority and starve everything else."),
        SYSCALLS("cpu_emulation", "@cpu-emulation", 250,
             "Make no system calls that emulate other processors."),
        SYSCALLS("obsolete", "@obsolete", 250,
             "Make no system calls that are out of use."),
        FAMILY("AF_NETLINK", "AF_NETLINK", 200, "AF_NETLINK", "~AF_NETLINK",
             "Open no sockets to the kernel's netlink services."),
        OTHER("RootDirectoryOrRootImage", "RootDirectory=/RootImage=", RootDirectory, 200, 1, true,
             judge_root, "RootDirectory=/srv/root",
             "Live in a root folder or image of its own."),
        OTHER("SupplementaryGroups", "SupplementaryGroups=", SupplementaryGroups, 200, 1, false,
             judge_groups, "SupplementaryGroups=",
             "Join no further groups: each one lends the service the files of that group."),
        CAPS("CAP_MAC", "CAP_MAC_*", 100, 0x300000000, "CAP_MAC_OVERRIDE CAP_MAC_ADMIN",
             "Give up steering SELinux, AppArmor or Smack."),
        CAPS("CAP_SYS_BOOT", "CAP_SYS_BOOT", 100, 0x400000, "CAP_SYS_BOOT",
             "Give up rebooting the machine and starting another kernel."),
        OTHER("Delegate", "Delegate=", Delegate, 100, 1, false, judge_delegate, "Delegate=no",
             "Manage no control groups of its own."),
        YES(LockPersonality, 100, false,
             "Be unable to switch to the odd behaviours that the kernel keeps for old programs."),
        YES(MemoryDenyWriteExecute, 100, false,
             "Be unable to make memory that is both written and executed."),
        OTHER("RemoveIPC", "RemoveIPC=", RemoveIPC, 100, 1, false, judge_ipc, "RemoveIPC=yes",
             "Leave no shared memory or message queues behind when it stops."),
        NAMESPACE("uts", "CLONE_NEWUTS", 100, CLONE_NEWUTS,
             "Be unable to make namespaces for the host name."),
        OTHER("UMask", "UMask=", UMask, 100, 10, false, judge_umask, "UMask=0077",
             "Make new files that only the service's own user can read or write."),
        CAPS("CAP_LINUX_IMMUTABLE", "CAP_LINUX_IMMUTABLE", 75, 0x200, "CAP_LINUX_IMMUTABLE",
             "Give up the immutable and append-only marks of files."),
        CAPS("CAP_IPC_LOCK", "CAP_IPC_LOCK", 50, 0x4000, "CAP_IPC_LOCK",
             "Give up locking memory past its limit."),
        CAPS("CAP_SYS_CHROOT", "CAP_SYS_CHROOT", 50, 0x40000, "CAP_SYS_CHROOT",
             "Give up changing its root folder."),
        YES(ProtectHostname, 50, false,
             "Be unable to change the name of the machine."),
        CAPS("CAP_BLOCK_SUSPEND", "CAP_BLOCK_SUSPEND", 25, 0x1000000000, "CAP_BLOCK_SUSPEND",
             "Give up keeping the machine from sleeping."),
        CAPS_SINCE("CAP_BPF", "CAP_BPF", 25, 0x8000000000, "CAP_BPF", has_cap_bpf,
             "Give up loading BPF programs into the kernel."),
        CAPS("CAP_LEASE", "CAP_LEASE", 25, 0x10000000, "CAP_LEASE",
             "Give up leases on files of others."),
        CAPS("CAP_SYS_PACCT", "CAP_SYS_PACCT", 25, 0x100000, "CAP_SYS_PACCT",
             "Give up switching process accounting."),
        CAPS("CAP_SYS_TTY_CONFIG", "CAP_SYS_TTY_CONFIG", 25, 0x4000000, "CAP_SYS_TTY_CONFIG",
             "Give up configuring terminals and hanging them up."),
        CAPS("CAP_WAKE_ALARM", "CAP_WAKE_ALARM", 25, 0x800000000, "CAP_WAKE_ALARM",
             "Give up waking the machine by a timer."),
        FAMILY("AF_UNIX", "AF_UNIX", 25, "AF_UNIX", "~AF_UNIX",
             "Open no local sockets."),
        LEVEL(ProcSubset, 10, 1, proc_subset, "pid", false,
             "See nothing below /proc but processes."),
};
/* clang-format on */

const struct check *check_at(size_t i)
{
        return i < COUNT(checks) ? &checks[i] : NULL;
}
