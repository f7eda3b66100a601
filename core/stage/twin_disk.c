/* twin_disk.c - a file system on an unlinked file, for a twin that writes more than memory holds.
 *
 * The loop device lets go of the file by itself, and the file ends with its last user: there
 * is nothing to remove, whenever gird ends.  It is mounted before the box is under its device
 * policy, which would not let it. */
#include "core/stage/twin_private.h"

#include "core/base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>

enum { LOOP_TRIES = 8 };

#define LEAST     (64 * MEBI)
#define MOST      (64 * 1024 * MEBI)
#define MKFS_TIME SECONDS(20)

static int open_hidden_file(uint64_t *ret_bytes)
{
        struct statfs room;
        int fd = open("/var/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

        if (fd < 0)
                return -errno;
        if (fstatfs(fd, &room) < 0 || room.f_type == TMPFS_MAGIC ||
            room.f_type == OVERLAYFS_SUPER_MAGIC) {
                close(fd);
                return -EOPNOTSUPP;
        }
        *ret_bytes = (uint64_t)room.f_bavail * (uint64_t)room.f_bsize / 2;
        if (*ret_bytes > MOST)
                *ret_bytes = MOST;
        if (*ret_bytes < LEAST || ftruncate(fd, (off_t)*ret_bytes) < 0) {
                close(fd);
                return -ENOSPC;
        }
        return fd;
}

/* A loop device that lets go of the file by itself. */
static int open_loop(int file, char *ret_path, size_t room)
{
        scoped(fd_closep) int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);

        for (unsigned i = 0; control >= 0 && i < LOOP_TRIES; i++) {
                struct loop_config config = { .fd = (uint32_t)file,
                                              .block_size = 4096,
                                              .info.lo_flags = LO_FLAGS_AUTOCLEAR };
                int number = ioctl(control, LOOP_CTL_GET_FREE);
                int fd;

                if (number < 0)
                        return -errno;
                snprintf(ret_path, room, "/dev/loop%d", number);
                fd = open(ret_path, O_RDWR | O_CLOEXEC);
                if (fd < 0)
                        return -errno;
                if (ioctl(fd, LOOP_CONFIGURE, &config) == 0)
                        return fd;
                close(fd);
                if (errno != EBUSY) /* somebody else was quicker */
                        return -errno;
        }
        return control < 0 ? -errno : -EBUSY;
}

static int format(const char *path, struct job *job)
{
        char *argv[] = {
                (char *)"mkfs.ext4",    (char *)"-q", (char *)"-F",
                (char *)"-m",           (char *)"0",  (char *)"-O",
                (char *)"^has_journal", (char *)"-E", (char *)"nodiscard,lazy_itable_init=1",
                (char *)path,           NULL
        };
        scoped(child_result_done) struct child_result result = { 0 };
        int r = child_run(job, argv, NULL, MKFS_TIME, &result, NULL);

        return r < 0 ? r : result.status == 0 ? 0 : -EIO;
}

/* A mount that is nowhere yet. */
static int open_mount(const char *device)
{
        scoped(fd_closep) int fs = (int)syscall(SYS_fsopen, "ext4", FSOPEN_CLOEXEC);
        long fd;

        if (fs < 0 || syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, "source", device, 0) < 0 ||
            syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
                return -errno;
        fd = syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOATIME);
        return fd < 0 ? -errno : (int)fd;
}

int disk_open(struct job *job, int *ret, uint64_t *ret_bytes)
{
        scoped(fd_closep) int file = -1;
        scoped(fd_closep) int loop = -1;
        uint64_t bytes = 0;
        char path[32];
        int r;

        file = open_hidden_file(&bytes);
        if (file < 0)
                return file;
        loop = open_loop(file, path, sizeof(path));
        if (loop < 0)
                return loop;
        job_progress(job, "preparing the twin", "making a disk for its writes");
        r = format(path, job);
        if (r == 0)
                r = open_mount(path);
        if (r < 0)
                return r;
        *ret = r;
        *ret_bytes = bytes;
        return 0;
}

int disk_mount(int disk, const char *folder)
{
        long r = syscall(SYS_move_mount, disk, "", AT_FDCWD, folder, MOVE_MOUNT_F_EMPTY_PATH);

        return r < 0 ? -errno : 0;
}
