/* guard_drop.c - the drop-in of a change on trial, below /run: gone with the next boot. */
#include "core/stage/guard_private.h"

#include "core/base/file.h"
#include "core/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

char *guard_dropin_path(const char *unit)
{
        return text_format("%s/%s.d/%s", TRIAL_FOLDER, unit, TRIAL_NAME);
}

static int open_folder(const char *unit, bool make)
{
        scoped(mem_freep) char *name = text_format("%s.d", unit);
        scoped(fd_closep) int above = open(TRIAL_FOLDER, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        int fd;

        if (!name)
                return -ENOMEM;
        if (above < 0)
                return -errno;
        if (make && mkdirat(above, name, 0755) < 0 && errno != EEXIST)
                return -errno;
        fd = openat(above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

bool guard_dropin_folder_exists(const char *unit)
{
        scoped(fd_closep) int fd = open_folder(unit, false);

        return fd >= 0 || fd != -ENOENT;
}

/* A draft that a killed gird left is the guard's to remove, and is no matter here. */
int guard_dropin_write(const char *unit, const char *text)
{
        scoped(fd_closep) int folder = -1;
        scoped(fd_closep) int fd = -1;
        int r;

        if (mkdir(TRIAL_FOLDER, 0755) < 0 && errno != EEXIST)
                return -errno;
        folder = open_folder(unit, true);
        if (folder < 0)
                return folder;
        if (unlinkat(folder, TRIAL_DRAFT, 0) < 0 && errno != ENOENT)
                return -errno;
        fd = openat(folder, TRIAL_DRAFT, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                    0600);
        if (fd < 0)
                return -errno;
        r = file_write_all(fd, text, strlen(text));
        if (r == 0 && (fchmod(fd, 0644) < 0 || fsync(fd) < 0))
                r = -errno;
        if (r == 0 && renameat(folder, TRIAL_DRAFT, folder, TRIAL_NAME) < 0)
                r = -errno;
        if (r < 0)
                unlinkat(folder, TRIAL_DRAFT, 0);
        return r;
}

int guard_dropin_remove(const char *unit)
{
        scoped(mem_freep) char *path = text_format("%s/%s.d", TRIAL_FOLDER, unit);
        scoped(fd_closep) int folder = open_folder(unit, false);

        if (!path)
                return -ENOMEM;
        if (folder < 0)
                return folder == -ENOENT ? 0 : folder;
        if ((unlinkat(folder, TRIAL_NAME, 0) < 0 && errno != ENOENT) ||
            (unlinkat(folder, TRIAL_DRAFT, 0) < 0 && errno != ENOENT))
                return -errno;
        (void)!rmdir(path); /* others' files keep it */
        return 0;
}
