/* planted_files.c - the file and mount rows that take more than a call. */
#include "planted.h"

#include <linux/fs.h>
#include <string.h>

/* glibc has no wrapper. */
int openat2(int folder, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve)
{
        struct open_how how = { .flags = flags, .mode = mode, .resolve = resolve };

        return (int)sys(openat2, folder, path, &how, sizeof(how));
}

void open_deep(unsigned depth)
{
        OK(chdir(at("")));
        for (unsigned i = 0; i < depth; i++) {
                OK(mkdir("d", 0755));
                OK(chdir("d"));
        }
        OK(open("leaf", O_WRONLY | O_CREAT, 0600));
}

int stat_path(const char *path)
{
        return fstatat(AT_FDCWD, path, (struct stat *)scratch, 0);
}

int stat_of(const char *name)
{
        return stat_path(at(name));
}

int lstat_of(const char *name)
{
        return fstatat(AT_FDCWD, at(name), (struct stat *)scratch, AT_SYMLINK_NOFOLLOW);
}

int name_nameless(const char *name)
{
        int fd = open(at("dir"), O_WRONLY | O_TMPFILE, 0600);

        return fd < 0 ? -1 : linkat(fd, "", AT_FDCWD, at(name), AT_EMPTY_PATH);
}

int give_capability(const char *path, unsigned capability)
{
        struct vfs_cap_data data = {
                .magic_etc = VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE,
        };

        data.data[capability / 32].permitted = 1U << capability % 32;
        return setxattr(path, "security.capability", &data, sizeof(data), 0);
}

int open_by_handle(const char *name)
{
        struct file_handle *handle = (struct file_handle *)scratch;
        int mount;

        handle->handle_bytes = 128;
        if (name_to_handle_at(AT_FDCWD, at(name), handle, &mount, 0) < 0)
                return -1;
        return open_by_handle_at(open(at("dir"), O_RDONLY), handle, O_RDONLY);
}

int open_terminal(void)
{
        int fd = open("/dev/ptmx", O_RDWR | O_NOCTTY);

        if (fd < 0 || grantpt(fd) < 0 || unlockpt(fd) < 0)
                return -1;
        return open(ptsname(fd), O_RDWR | O_NOCTTY);
}

int make_immutable(const char *name)
{
        int fd = open(at(name), O_RDONLY), flags = 0;

        if (fd < 0 || ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0)
                return -1;
        flags |= FS_IMMUTABLE_FL;
        return ioctl(fd, FS_IOC_SETFLAGS, &flags);
}

int set_last_pid(void)
{
        int fd = open("/proc/sys/kernel/ns_last_pid", O_RDWR);
        ssize_t length = fd < 0 ? -1 : read(fd, scratch, 20);

        return length < 0 ? -1 : (int)pwrite(fd, scratch, (size_t)length, 0);
}

int new_mount(const char *folder)
{
        int context = (int)sys(fsopen, "tmpfs", 0), fd;

        if (context < 0 || sys(fsconfig, context, 6, NULL, NULL, 0) < 0)
                return -1;
        fd = (int)sys(fsmount, context, 0, 0);
        return fd < 0 ? -1 : (int)sys(move_mount, fd, "", AT_FDCWD, folder, 4);
}

int tree_attributes(const char *folder)
{
        struct {
                uint64_t set, clear, propagation, user;
        } attributes = { .set = 1 };
        int fd = (int)sys(open_tree, AT_FDCWD, folder, 1);

        return fd < 0 ? -1
                      : (int)syscall(442, fd, "", AT_EMPTY_PATH, &attributes, sizeof(attributes));
}
