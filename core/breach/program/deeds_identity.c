/* deeds_identity.c - becoming someone else.  Each runs in a child of its own, which ends with it.
 */
#include "core/breach/program/program.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

/* The calls by number: glibc's own would signal every thread, which takes more calls. */
int become(const char *argument, char *said)
{
        uid_t to = strcmp(argument, "other") == 0 ? other_user() : (uid_t)atoi(argument);

        (void)said;
        return result(syscall(SYS_setresuid, to, to, to));
}

int become_group(const char *argument, char *said)
{
        gid_t to = getegid() == 1 ? 2 : 1;

        (void)argument;
        (void)said;
        return result(syscall(SYS_setresgid, to, to, to));
}

int set_groups(const char *argument, char *said)
{
        gid_t one = getegid() == 1 ? 2 : 1;

        (void)argument;
        (void)said;
        return result(syscall(SYS_setgroups, 1, &one));
}

/* ---- set-uid programs ---- */

/* The kernel's own conditions for a set-uid bit to count, one after the other: to run one and look
 * at it from outside needs rights that the sandbox may lack. */
static bool would_count(const char *path)
{
        struct statvfs fs;
        struct stat st;

        return stat(path, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & S_ISUID) &&
               st.st_uid == 0 && access(path, X_OK) == 0 && statvfs(path, &fs) == 0 &&
               !(fs.f_flag & ST_NOSUID);
}

static bool is_set_uid(const char *path)
{
        struct stat st;

        return stat(path, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & S_ISUID);
}

static void count_in(const char *folder, int *found, int *usable)
{
        DIR *at = opendir(folder);
        struct dirent *entry;

        while (at && (entry = readdir(at))) {
                char path[512];

                snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
                *found += is_set_uid(path);
                *usable += would_count(path);
        }
        if (at)
                closedir(at);
}

int run_setuid(const char *argument, char *said)
{
        int found = 0, usable = 0;

        (void)argument;
        count_in("/usr/bin", &found, &usable);
        count_in("/usr/sbin", &found, &usable);
        if (found == 0)
                return ABSENT;
        if (usable == 0 || prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
                return -EPERM;
        snprintf(said, SAID, "%d", usable);
        return 0;
}

/* ---- modes and owners ---- */

/* A file in memory takes modes and owners as any other, wherever nothing else may be written. */
static int own_file(void)
{
        int fd = (int)syscall(SYS_memfd_create, "gird", 1U /* MFD_CLOEXEC */);
        char path[512];

        if (fd >= 0)
                return fd;
        fd = scratch_make("/tmp:/var/tmp:/dev/shm:/run:.", path, sizeof(path));
        if (fd >= 0)
                unlink(path);
        return fd;
}

int set_mode(const char *argument, char *said)
{
        int fd = own_file(), r;

        (void)said;
        if (fd < 0)
                return fd;
        r = result(fchmod(fd, (mode_t)strtoul(argument, NULL, 8)));
        close(fd);
        return r;
}

int chown_other(const char *argument, char *said)
{
        int fd = own_file(), r;

        (void)argument;
        (void)said;
        if (fd < 0)
                return fd;
        r = result(fchown(fd, other_user(), (gid_t)-1));
        close(fd);
        return r;
}

/* To the mode that it has. */
int chmod_other(const char *argument, char *said)
{
        static const char *const files[] = { "/etc/passwd", "/etc/hostname", "/etc/fstab" };
        struct stat st;

        (void)argument;
        (void)said;
        for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
                if (stat(files[i], &st) == 0 && (st.st_uid != geteuid() || geteuid() == 0))
                        return result(chmod(files[i], st.st_mode & 07777));
        return ABSENT;
}

/* A file of its own with a mode that forbids everything, opened once more by its number. */
int ignore_modes(const char *argument, char *said)
{
        int fd = own_file(), again, r = 0;
        char path[64];

        (void)argument;
        (void)said;
        if (fd < 0)
                return fd;
        snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        if (fchmod(fd, 0) < 0)
                r = -errno;
        again = r == 0 ? open(path, O_RDWR | O_CLOEXEC) : -1;
        if (r == 0 && again < 0)
                r = -errno;
        if (again >= 0)
                close(again);
        close(fd);
        return r;
}

int set_file_capabilities(const char *argument, char *said)
{
        struct vfs_cap_data caps = { .magic_etc = VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE,
                                     .data[0].permitted = 1U << CAP_NET_RAW };
        char path[512];
        int fd = scratch_make("/tmp:/var/tmp:/run:/dev/shm:.", path, sizeof(path)), r;

        (void)argument;
        (void)said;
        if (fd < 0)
                return fd;
        unlink(path);
        r = result(fsetxattr(fd, "security.capability", &caps, sizeof(caps), 0));
        close(fd);
        return r;
}

/* ---- a user namespace ---- */

static int write_map(const char *path, uid_t inside, uid_t outside)
{
        int fd = open(path, O_WRONLY | O_CLOEXEC), n, r;
        char line[64];

        if (fd < 0)
                return -errno;
        n = snprintf(line, sizeof(line), "%u %u 1\n", inside, outside);
        r = result(write(fd, line, (size_t)n));
        close(fd);
        return r;
}

int root_in_namespace(const char *argument, char *said)
{
        uid_t outside = geteuid();

        (void)argument;
        (void)said;
        if (unshare(CLONE_NEWUSER) < 0)
                return -errno;
        return write_map("/proc/self/uid_map", 0, outside);
}
