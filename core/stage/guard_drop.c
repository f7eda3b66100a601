/* guard_drop.c - the drop-in of a change on trial, below /run: gone with the next boot. */
#include "core/stage/guard_private.h"

#include "core/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
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

        return fd != -ENOENT;
}

int guard_dropin_lay(int folder, const char *unit)
{
        scoped(fd_closep) int state = openat(folder, unit,
                                             O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        scoped(fd_closep) int place = -1;
        int r;

        if (state < 0)
                return -errno;
        if (mkdir(TRIAL_FOLDER, 0755) < 0 && errno != EEXIST)
                return -errno;
        place = open_folder(unit, true);
        if (place < 0)
                return place;
        r = renameat(state, TRIAL_DRAFT, place, TRIAL_NAME) < 0 ? -errno : 0;
        return r == 0 && fsync(place) < 0 && errno != EINVAL ? -errno : r;
}

int guard_dropin_remove(const char *unit)
{
        scoped(mem_freep) char *path = text_format("%s/%s.d", TRIAL_FOLDER, unit);
        scoped(fd_closep) int folder = open_folder(unit, false);

        if (!path)
                return -ENOMEM;
        if (folder < 0)
                return folder == -ENOENT ? 0 : folder;
        if (unlinkat(folder, TRIAL_NAME, 0) < 0 && errno != ENOENT)
                return -errno;
        (void)!rmdir(path); /* others' files keep it */
        return 0;
}
