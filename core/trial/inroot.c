/* inroot.c - files of the stage, with its symlinks resolved inside it. */
#include "core/trial/trial_private.h"

#include "core/base/file.h"
#include "core/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int open_in_root(const char *root, const char *path, int flags)
{
        scoped(fd_closep) int at = open(root && *root ? root : "/",
                                        O_PATH | O_DIRECTORY | O_CLOEXEC);
        struct open_how how = { .flags = (unsigned)flags | O_CLOEXEC,
                                .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
        long fd;

        if (at < 0)
                return -errno;
        do
                fd = syscall(SYS_openat2, at, path, &how, sizeof(how));
        while (fd < 0 && (errno == EINTR || errno == EAGAIN));
        return fd < 0 ? -errno : (int)fd;
}

int read_in_root(const char *root, const char *path, size_t limit, char **ret)
{
        scoped(fd_closep) int fd = open_in_root(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
        char name[32];

        if (fd < 0)
                return fd;
        snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
        return file_read(AT_FDCWD, name, limit, ret, NULL, NULL);
}
