/* deeds_kernel.c - the kernel's own doors.  Where a call could do harm its arguments are such that
 * the kernel refuses them, but only after it asked whether the caller may: what is refused for the
 * arguments was let. */
#include "core/breach/program/program.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

/* Refused for the argument, and not for who asks. */
static int unless(long r, int wrong_argument)
{
        return r >= 0 || errno == wrong_argument ? 0 : -errno;
}

static int as_descriptor(long fd)
{
        if (fd < 0)
                return -errno;
        close((int)fd);
        return 0;
}

/* ---- code for the kernel ---- */

/* No bytes of a module: the right is asked for first. */
int load_module(const char *argument, char *said)
{
        (void)argument;
        (void)said;
        return unless(syscall(SYS_init_module, NULL, 0, ""), ENOEXEC);
}

int unload_module(const char *argument, char *said)
{
        (void)argument;
        (void)said;
        return unless(syscall(SYS_delete_module, "gird_no_such_module", O_NONBLOCK), ENOENT);
}

/* "return 0", never attached to anything. */
int bpf_load(const char *argument, char *said)
{
        static const struct bpf_insn program[] = {
                { .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
                { .code = BPF_JMP | BPF_EXIT },
        };
        union bpf_attr attr = { .prog_type = BPF_PROG_TYPE_KPROBE,
                                .insns = (uint64_t)(uintptr_t)program,
                                .insn_cnt = 2,
                                .license = (uint64_t)(uintptr_t) "GPL" };

        (void)argument;
        (void)said;
        return as_descriptor(syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr)));
}

int perf_open(const char *argument, char *said)
{
        struct perf_event_attr attr = { .type = PERF_TYPE_SOFTWARE,
                                        .size = sizeof(attr),
                                        .config = PERF_COUNT_SW_CPU_CLOCK,
                                        .disabled = 1 };

        (void)argument;
        (void)said;
        return as_descriptor(syscall(SYS_perf_event_open, &attr, -1, 0, -1, 0));
}

int call_userfaultfd(const char *argument, char *said)
{
        (void)argument;
        (void)said;
        return as_descriptor(syscall(SYS_userfaultfd, O_CLOEXEC | 1 /* UFFD_USER_MODE_ONLY */));
}

int call_io_uring(const char *argument, char *said)
{
        struct io_uring_params params = { 0 };

        (void)argument;
        (void)said;
        return as_descriptor(syscall(SYS_io_uring_setup, 1, &params));
}

/* ---- keys ---- */

enum { KEY_PROCESS = -2, KEY_OF_SESSION = -3, KEY_OF_USER = -4 };
enum { KEY_UNLINK = 9, KEY_SEARCH = 10, KEY_INVALIDATE = 21 };

int keyctl_add(const char *argument, char *said)
{
        long key = syscall(SYS_add_key, "user", "gird", "x", 1, KEY_PROCESS);

        (void)argument;
        (void)said;
        if (key < 0)
                return -errno;
        syscall(SYS_keyctl, KEY_INVALIDATE, key);
        return 0;
}

int keyctl_request(const char *argument, char *said)
{
        (void)argument;
        (void)said;
        return unless(syscall(SYS_request_key, "user", "gird-no-such-key", NULL, 0), ENOKEY);
}

/* A key of the user's keyring: its session leads there only where the two are linked. */
int find_user_key(const char *argument, char *said)
{
        long key = syscall(SYS_add_key, "user", "gird", "x", 1, KEY_OF_USER);
        int r;

        (void)argument;
        (void)said;
        if (key < 0)
                return -errno;
        r = result(syscall(SYS_keyctl, KEY_SEARCH, KEY_OF_SESSION, "user", "gird", 0));
        syscall(SYS_keyctl, KEY_UNLINK, key, KEY_OF_USER);
        return r;
}

/* ---- what the kernel tells ---- */

/* Everyone may open it; whom the kernel doesn't trust sees zeros. */
int read_kallsyms(const char *argument, char *said)
{
        FILE *f = fopen("/proc/kallsyms", "re");
        char line[256];
        int r = -EPERM;

        (void)argument;
        (void)said;
        if (!f)
                return -errno;
        for (int i = 0; r != 0 && i < 64 && fgets(line, sizeof(line), f); i++)
                if (strtoull(line, NULL, 16) != 0)
                        r = 0;
        if (r != 0 && ferror(f))
                r = -EIO;
        fclose(f);
        return r;
}

int call_syslog(const char *argument, char *said)
{
        enum { READ_ALL = 3 };
        char byte[1];

        (void)argument;
        (void)said;
        return result(klogctl(READ_ALL, byte, sizeof(byte)));
}

/* ---- namespaces ---- */

static const struct {
        const char *name;
        int flag;
} spaces[] = {
        { "user", CLONE_NEWUSER }, { "mnt", CLONE_NEWNS },        { "net", CLONE_NEWNET },
        { "pid", CLONE_NEWPID },   { "ipc", CLONE_NEWIPC },       { "uts", CLONE_NEWUTS },
        { "time", CLONE_NEWTIME }, { "cgroup", CLONE_NEWCGROUP },
};

int call_unshare(const char *argument, char *said)
{
        (void)said;
        for (size_t i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++)
                if (strcmp(spaces[i].name, argument) == 0)
                        return result(syscall(SYS_unshare, spaces[i].flag));
        return ABSENT;
}

int call_setns(const char *argument, char *said)
{
        char path[64];
        int fd, r, pid = other_process();

        (void)said;
        if (pid < 0)
                return pid;
        snprintf(path, sizeof(path), "/proc/%d/ns/%s", pid, argument);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        r = result(setns(fd, 0));
        close(fd);
        return r;
}

/* ---- mounts ---- */

/* "Private" and "shared" at once are refused, to who may mount. */
int mount_tmpfs(const char *argument, char *said)
{
        (void)argument;
        (void)said;
        return unless(mount(NULL, "/", NULL, MS_PRIVATE | MS_SHARED, NULL), EINVAL);
}

/* Of a folder on which nothing is ever mounted: EINVAL when it was let. */
int remount_writable(const char *argument, char *said)
{
        (void)said;
        return unless(mount(NULL, argument, NULL, MS_REMOUNT | MS_BIND, NULL), EINVAL);
}

/* Nothing is mounted there. */
int call_umount(const char *argument, char *said)
{
        (void)argument;
        (void)said;
        return unless(umount2("/proc/self", MNT_DETACH | UMOUNT_NOFOLLOW), EINVAL);
}

/* A file system that is never attached anywhere. */
int new_mount_calls(const char *argument, char *said)
{
        (void)argument;
        (void)said;
        return as_descriptor(syscall(SYS_fsopen, "tmpfs", 1 /* FSOPEN_CLOEXEC */));
}

/* The right is asked for before the paths are looked at. */
int call_pivot_root(const char *argument, char *said)
{
        (void)argument;
        (void)said;
        return unless(syscall(SYS_pivot_root, "/gird-no-such", "/gird-no-such"), ENOENT);
}

int call_chroot(const char *argument, char *said)
{
        (void)argument;
        (void)said;
        return result(chroot("/"));
}

/* A handle that is no file's: only who may at all is told so. */
int open_by_handle(const char *argument, char *said)
{
        union {
                struct file_handle handle;
                char space[sizeof(struct file_handle) + MAX_HANDLE_SZ];
        } h = { .handle.handle_bytes = 8, .handle.handle_type = 1 };
        int root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        long fd = syscall(SYS_open_by_handle_at, root, &h.handle, O_RDONLY);

        (void)argument;
        (void)said;
        if (root < 0)
                return -errno;
        if (fd < 0 && (errno == ESTALE || errno == EINVAL || errno == EOPNOTSUPP))
                return 0;
        return as_descriptor(fd);
}

/* ---- the rest ---- */

/* More segments than there can be: the right comes first. */
int call_kexec(const char *argument, char *said)
{
        (void)argument;
        (void)said;
#ifdef SYS_kexec_load
        return unless(syscall(SYS_kexec_load, 0UL, 1000000UL, NULL, 0UL), EINVAL);
#else
        return ABSENT;
#endif
}

int call_swapon(const char *argument, char *said)
{
        (void)argument;
        (void)said;
        return unless(syscall(SYS_swapon, "/gird-no-such", 0), ENOENT);
}

int call_acct(const char *argument, char *said)
{
        (void)argument;
        (void)said;
        return unless(syscall(SYS_acct, "/gird-no-such"), ENOENT);
}

/* Q_SYNC of every file system: the one command that everybody may give and that changes nothing. */
int call_quotactl(const char *argument, char *said)
{
        long r = syscall(SYS_quotactl, 0x80000100 /* Q_SYNC */, NULL, 0, NULL);

        (void)argument;
        (void)said;
        return r < 0 && errno != EINVAL && errno != ESRCH ? -errno : 0;
}

int call_fanotify(const char *argument, char *said)
{
        (void)argument;
        (void)said;
        return as_descriptor(syscall(SYS_fanotify_init, 1 /* FAN_CLOEXEC */, O_RDONLY));
}

int realtime_sched(const char *argument, char *said)
{
        const struct sched_param lowest = { .sched_priority = 1 };

        (void)argument;
        (void)said;
        return result(syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &lowest));
}

int set_personality(const char *argument, char *said)
{
        (void)argument;
        (void)said;
        return result(personality(ADDR_NO_RANDOMIZE));
}

/* getpid() by the door for 32-bit programs. */
int call_32_bit(const char *argument, char *said)
{
        (void)argument;
        (void)said;
#ifdef __x86_64__
        long r = 20;

        __asm__ volatile("int $0x80" : "+a"(r) : : "memory", "r8", "r9", "r10", "r11");
        return r < 0 ? (int)r : 0;
#else
        return ABSENT;
#endif
}

int call_modify_ldt(const char *argument, char *said)
{
        (void)argument;
        (void)said;
#ifdef SYS_modify_ldt
        char entries[16];

        return result(syscall(SYS_modify_ldt, 0 /* read */, entries, sizeof(entries)));
#else
        return ABSENT;
#endif
}

int call_ioperm(const char *argument, char *said)
{
        (void)argument;
        (void)said;
#ifdef SYS_ioperm
        return result(syscall(SYS_ioperm, 0x80, 1, 1));
#else
        return ABSENT;
#endif
}

/* ---- control groups ---- */

static int make_below(const char *folder)
{
        char path[4096];

        snprintf(path, sizeof(path), "%s/gird-%d", folder, (int)getpid());
        if (mkdir(path, 0755) < 0)
                return -errno;
        rmdir(path);
        return 0;
}

int make_cgroup(const char *argument, char *said)
{
        struct stat st;
        char path[4096];

        (void)said;
        /* Where both versions are there, systemd's own tree is below. */
        snprintf(path, sizeof(path), "%s/systemd", argument);
        return make_below(stat(path, &st) == 0 ? path : argument);
}

int make_own_cgroup(const char *argument, char *said)
{
        FILE *f = fopen("/proc/self/cgroup", "re");
        char line[2048], path[2200] = "";

        (void)argument;
        (void)said;
        if (!f)
                return -errno;
        while (fgets(line, sizeof(line), f)) {
                char *at = strstr(line, "::/");
                char *v1 = strstr(line, ":name=systemd:/");

                line[strcspn(line, "\n")] = '\0';
                if (v1 && access("/sys/fs/cgroup/systemd", F_OK) == 0)
                        snprintf(path, sizeof(path), "/sys/fs/cgroup/systemd%s", v1 + 14);
                else if (at && !*path)
                        snprintf(path, sizeof(path), "/sys/fs/cgroup%s", at + 2);
        }
        fclose(f);
        return *path ? make_below(path) : ABSENT;
}
