/* dialect_words.c - capabilities, namespaces, address families, errnos and the smaller
 * vocabularies, as systemd spells them. */
#include "core/catalogue/dialect.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

/* clang-format off */
static const char *const capabilities[] = {
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID",
        "CAP_KILL", "CAP_SETGID", "CAP_SETUID", "CAP_SETPCAP", "CAP_LINUX_IMMUTABLE",
        "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN", "CAP_NET_RAW",
        "CAP_IPC_LOCK", "CAP_IPC_OWNER", "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT",
        "CAP_SYS_PTRACE", "CAP_SYS_PACCT", "CAP_SYS_ADMIN", "CAP_SYS_BOOT", "CAP_SYS_NICE",
        "CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD", "CAP_LEASE",
        "CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL", "CAP_SETFCAP", "CAP_MAC_OVERRIDE",
        "CAP_MAC_ADMIN", "CAP_SYSLOG", "CAP_WAKE_ALARM", "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ",
        "CAP_PERFMON", "CAP_BPF", "CAP_CHECKPOINT_RESTORE",
};

/* all: the release since which "no" and "~" mean it too.  252.39 was measured not to; when
 * between 253 and 257 that changed was not. */
static const struct {
        const char *name;
        uint64_t flag;
        unsigned since, all;
} namespaces[] = {
        { "cgroup", CLONE_NEWCGROUP, 0,   0   }, { "ipc",  CLONE_NEWIPC,  0,   0   },
        { "net",    CLONE_NEWNET,    0,   0   }, { "mnt",  CLONE_NEWNS,   0,   0   },
        { "pid",    CLONE_NEWPID,    0,   0   }, { "user", CLONE_NEWUSER, 0,   0   },
        { "uts",    CLONE_NEWUTS,    0,   0   }, { "time", CLONE_NEWTIME, 252, 257 },
};

static const char *const families[] = {
        "AF_UNIX", "AF_INET", "AF_INET6", "AF_NETLINK", "AF_PACKET", "AF_VSOCK", "AF_BLUETOOTH",
        "AF_CAN", "AF_ALG", "AF_KEY", "AF_TIPC", "AF_XDP", "AF_RDS", "AF_IB", "AF_SMC",
        "AF_QIPCRTR", "AF_RXRPC", "AF_KCM", "AF_NFC", "AF_PPPOX", "AF_LLC", "AF_MPLS", "AF_MCTP",
        "AF_PHONET", "AF_IEEE802154", "AF_CAIF", "AF_ISDN", "AF_IUCV", "AF_IRDA", "AF_AX25",
        "AF_NETROM", "AF_ROSE", "AF_X25", "AF_APPLETALK", "AF_ATMPVC", "AF_ATMSVC", "AF_BRIDGE",
        "AF_IPX", "AF_DECnet", "AF_NETBEUI", "AF_SECURITY", "AF_ASH", "AF_ECONET", "AF_SNA",
        "AF_WANPIPE",
};

static const struct {
        const char *name, *canonical;
} family_aliases[] = {
        { "AF_LOCAL", "AF_UNIX" }, { "AF_FILE", "AF_UNIX" }, { "AF_ROUTE", "AF_NETLINK" },
};

/* Names of the C library for numbers that it calls differently itself. */
static const struct {
        const char *name;
        int number;
} errno_aliases[] = {
        { "EWOULDBLOCK", EWOULDBLOCK }, { "EDEADLOCK", EDEADLOCK }, { "ENOTSUP", ENOTSUP },
        { "EOPNOTSUPP", EOPNOTSUPP }, { "EAGAIN", EAGAIN }, { "EDEADLK", EDEADLK },
};

#define SET(...) (const char *const[]){ __VA_ARGS__, NULL }
static const struct syscall_group filesystems[] = {
        { "@basic-api", SET("cgroup", "cgroup2", "devpts", "devtmpfs", "mqueue", "proc", "sysfs") },
        { "@anonymous", SET("anon_inodefs", "pipefs", "sockfs") },
        { "@application", SET("autofs", "fuse", "overlay") },
        { "@auxiliary-api", SET("binfmt_misc", "configfs", "efivarfs", "fusectl", "hugetlbfs",
                                "rpc_pipefs", "securityfs") },
        { "@common-block", SET("btrfs", "erofs", "exfat", "ext4", "f2fs", "iso9660", "ntfs3",
                               "squashfs", "udf", "vfat", "xfs") },
        { "@historical-block", SET("ext2", "ext3", "minix") },
        { "@network", SET("afs", "ceph", "cifs", "gfs", "gfs2", "ncp", "ncpfs", "nfs", "nfs4",
                          "ocfs2", "orangefs", "pvfs2", "smb3", "smbfs") },
        { "@privileged-api", SET("bpf", "debugfs", "pstore", "tracefs") },
        { "@security", SET("apparmorfs", "selinuxfs", "smackfs") },
        { "@temporary", SET("ramfs", "tmpfs") },
};

static const char *const secure_bits[] = {
        "keep-caps", "keep-caps-locked", "no-setuid-fixup", "no-setuid-fixup-locked", "noroot",
        "noroot-locked", "no-cap-ambient-raise", "no-cap-ambient-raise-locked",
        "exec-restrict-file", "exec-restrict-file-locked", "exec-deny-interactive",
        "exec-deny-interactive-locked", NULL };
static const char *const architectures[] = {
        "native", "x86", "x86-64", "x32", "arm", "arm64", "arc", "loongarch64", "m68k", "mips",
        "mips64", "mips64-n32", "mips-le", "mips64-le", "mips64-le-n32", "parisc", "parisc64",
        "ppc", "ppc64", "ppc64-le", "riscv64", "s390", "s390x", "sh", "sheb", NULL };
static const char *const personalities[] = {
        "x86", "x86-64", "arm", "arm-be", "arm64", "arm64-be", "ppc", "ppc-le", "ppc64",
        "ppc64-le", "s390", "s390x", "loongarch64", "riscv64", NULL };
static const char *const controllers[] = {
        "cpu", "cpuset", "io", "memory", "pids", "cpuacct", "blkio", "devices", "bpf-firewall",
        "bpf-devices", "bpf-foreign", "bpf-socket-bind", "bpf-restrict-network-interfaces",
        "bpf-bind-network-interface", NULL };
static const char *const dumps[] = {
        "default", "all", "private-anonymous", "shared-anonymous", "private-file-backed",
        "shared-file-backed", "elf-headers", "private-huge", "shared-huge", "private-dax",
        "shared-dax", NULL };
static const char *const log_levels[] = {
        "emerg", "alert", "crit", "err", "warning", "notice", "info", "debug", NULL };
static const char *const inputs[] = {
        "null", "tty", "tty-force", "tty-fail", "socket", "data", "file:", "fd:", NULL };

static const char *const *const vocabularies[] = {
        [WORDS_SECURE_BITS] = secure_bits,     [WORDS_ARCHITECTURES] = architectures,
        [WORDS_PERSONALITIES] = personalities, [WORDS_CONTROLLERS] = controllers,
        [WORDS_DUMPS] = dumps,                 [WORDS_LOG_LEVELS] = log_levels,
        [WORDS_INPUTS] = inputs,
};

static const struct {
        enum directive_id id;
        enum vocabulary words;
} users[] = {
        { D_SecureBits,              WORDS_SECURE_BITS   },
        { D_SystemCallArchitectures, WORDS_ARCHITECTURES },
        { D_Personality,             WORDS_PERSONALITIES },
        { D_Delegate,                WORDS_CONTROLLERS   },
        { D_DisableControllers,      WORDS_CONTROLLERS   },
        { D_CoredumpFilter,          WORDS_DUMPS         },
        { D_LogLevelMax,             WORDS_LOG_LEVELS    },
        { D_StandardInput,           WORDS_INPUTS        },
};
/* clang-format on */

int capability_number(const char *name)
{
        char *end = NULL;
        long number;

        for (size_t i = 0; i < COUNT(capabilities); i++)
                if (strcasecmp(capabilities[i], name) == 0)
                        return (int)i;
        if (!strchr("+-0123456789", *name) || !*name)
                return -1;
        errno = 0;
        number = strtol(name, &end, 0);
        return errno == 0 && end != name && !*end && number >= 0 && number <= 63 ? (int)number : -1;
}

const char *capability_name(unsigned number)
{
        return number < COUNT(capabilities) ? capabilities[number] : NULL;
}

uint64_t capability_all(const struct dialect *d)
{
        return d->last_cap >= 63 ? UINT64_MAX : (UINT64_C(1) << (d->last_cap + 1)) - 1;
}

uint64_t namespace_flag(const struct dialect *d, const char *name)
{
        for (size_t i = 0; i < COUNT(namespaces); i++)
                if (strcmp(namespaces[i].name, name) == 0)
                        return d->version.major >= namespaces[i].since ? namespaces[i].flag : 0;
        return 0;
}

const char *namespace_name(size_t i, uint64_t *ret_flag)
{
        if (i >= COUNT(namespaces))
                return NULL;
        if (ret_flag)
                *ret_flag = namespaces[i].flag;
        return namespaces[i].name;
}

uint64_t namespace_all(const struct dialect *d)
{
        uint64_t all = 0;

        for (size_t i = 0; i < COUNT(namespaces); i++)
                if (d->version.major >= namespaces[i].all)
                        all |= namespaces[i].flag;
        return all;
}

const char *family_canonical(const char *name)
{
        for (size_t i = 0; i < COUNT(family_aliases); i++)
                if (strcasecmp(family_aliases[i].name, name) == 0)
                        return family_aliases[i].canonical;
        for (size_t i = 0; i < COUNT(families); i++)
                if (strcasecmp(families[i], name) == 0)
                        return families[i];
        return NULL;
}

const char *family_name(size_t i)
{
        return i < COUNT(families) ? families[i] : NULL;
}

int errno_number(const char *name)
{
        for (size_t i = 0; i < COUNT(errno_aliases); i++)
                if (strcmp(errno_aliases[i].name, name) == 0)
                        return errno_aliases[i].number;
        for (int number = 1; number < 256; number++) {
                const char *known = strerrorname_np(number);

                if (known && strcmp(known, name) == 0)
                        return number;
        }
        return -1;
}

const char *errno_name(int number)
{
        return number > 0 ? strerrorname_np(number) : NULL;
}

const struct syscall_group *filesystem_group_at(size_t i)
{
        return i < COUNT(filesystems) ? &filesystems[i] : NULL;
}

const struct syscall_group *filesystem_group(const char *name)
{
        for (size_t i = 0; i < COUNT(filesystems); i++)
                if (strcmp(filesystems[i].name, name) == 0)
                        return &filesystems[i];
        return NULL;
}

const char *vocabulary_word(enum vocabulary which, size_t i)
{
        const char *const *words = vocabularies[which];

        while (i > 0 && *words) {
                words++;
                i--;
        }
        return *words;
}

bool vocabulary_has(enum vocabulary which, const char *word)
{
        for (const char *const *words = vocabularies[which]; *words; words++)
                if (strcmp(*words, word) == 0)
                        return true;
        return false;
}

int vocabulary_of(enum directive_id id)
{
        for (size_t i = 0; i < COUNT(users); i++)
                if (users[i].id == id)
                        return (int)users[i].words;
        return -1;
}
