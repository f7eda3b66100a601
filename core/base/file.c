/* file.c - whole files: read with a limit, written all or not at all. */
#include "core/base/file.h"

#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static int read_all(int fd, size_t limit, char **ret, size_t *ret_length)
{
        scoped(mem_freep) char *bytes = NULL;
        size_t used = 0, room = 0;

        for (;;) {
                ssize_t n;

                if (used + 1 >= room) {
                        char *more;

                        room = room ? room * 2 : 4096;
                        more = realloc(bytes, room);
                        if (!more)
                                return -ENOMEM;
                        bytes = more;
                }
                n = read(fd, bytes + used, room - used - 1);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                if (n == 0)
                        break;
                used += (size_t)n;
                if (used > limit)
                        return -EFBIG;
        }
        bytes[used] = '\0';
        *ret = take(bytes);
        if (ret_length)
                *ret_length = used;
        return 0;
}

int file_read(int dirfd, const char *path, size_t limit, char **ret, size_t *ret_length,
              struct err *e)
{
        scoped(fd_closep) int fd = openat(dirfd, path,
                                          O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        struct stat st;
        int r;

        if (fd < 0)
                return err_set(e, -errno, "cannot open %s", path);
        if (fstat(fd, &st) < 0)
                return err_set(e, -errno, "cannot read %s", path);
        if (S_ISDIR(st.st_mode))
                return err_say(e, -EISDIR, "%s is a folder, not a file", path);
        if (!S_ISREG(st.st_mode))
                return err_say(e, -EINVAL, "%s is not a regular file", path);
        r = read_all(fd, limit, ret, ret_length);
        if (r == -EFBIG)
                return err_say(e, r, "%s is larger than %zu bytes, which gird refuses to read",
                               path, limit);
        if (r < 0)
                return err_set(e, r, "cannot read %s", path);
        return 0;
}

int file_make_dirs(const char *path, mode_t mode, struct err *e)
{
        scoped(mem_freep) char *copy = strdup(path);

        if (!copy)
                return err_set(e, -ENOMEM, "cannot make %s", path);
        for (char *slash = copy + 1;; slash++) {
                char kept = *slash;

                if (kept != '/' && kept != '\0')
                        continue;
                *slash = '\0';
                if (mkdir(copy, mode) < 0 && errno != EEXIST)
                        return err_set(e, -errno, "cannot make the folder %s", copy);
                if (!kept)
                        return 0;
                *slash = kept;
        }
}

/* A half-written file: removed unless it was renamed into place. */
struct draft {
        int dirfd;
        int fd;
        char name[64];
};

static void draft_done(struct draft *d)
{
        if (d->fd >= 0)
                close(d->fd);
        if (d->name[0])
                unlinkat(d->dirfd, d->name, 0);
        if (d->dirfd >= 0)
                close(d->dirfd);
}

static int write_all(int fd, const char *bytes, size_t length)
{
        while (length > 0) {
                ssize_t n = write(fd, bytes, length);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                bytes += n;
                length -= (size_t)n;
        }
        return 0;
}

/* Opens the folder of path; neither it nor path itself may be a symlink. */
static int open_folder(const char *path, const char *base, struct err *e)
{
        scoped(mem_freep) char *copy = strdup(path);
        struct stat st;
        int fd;

        if (!copy)
                return err_set(e, -ENOMEM, "cannot write %s", path);
        fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0 && (errno == ELOOP || errno == ENOTDIR))
                return err_say(e, -ELOOP,
                               "%s is a symbolic link or no folder; gird does not write there",
                               copy);
        if (fd < 0)
                return err_set(e, -errno, "cannot open the folder %s", copy);
        if (fstatat(fd, base, &st, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISREG(st.st_mode)) {
                close(fd);
                return err_say(e, -ELOOP,
                               "%s exists and is not a regular file; gird does not write over it",
                               path);
        }
        return fd;
}

int file_write(const char *path, const char *text, mode_t mode, struct err *e)
{
        scoped(draft_done) struct draft d = { .dirfd = -1, .fd = -1 };
        scoped(mem_freep) char *folder = strdup(path);
        const char *base = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
        int r;

        if (!folder)
                return err_set(e, -ENOMEM, "cannot write %s", path);
        r = file_make_dirs(dirname(folder), 0755, e);
        if (r < 0)
                return r;
        d.dirfd = open_folder(path, base, e);
        if (d.dirfd < 0)
                return d.dirfd;

        snprintf(d.name, sizeof(d.name), ".gird-%d.tmp", getpid());
        unlinkat(d.dirfd, d.name, 0);
        d.fd = openat(d.dirfd, d.name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
        if (d.fd < 0) {
                d.name[0] = '\0';
                return err_set(e, -errno, "cannot write in the folder of %s", path);
        }
        r = write_all(d.fd, text, strlen(text));
        if (r == 0 && (fchmod(d.fd, mode) < 0 || fsync(d.fd) < 0))
                r = -errno;
        if (r == 0 && renameat(d.dirfd, d.name, d.dirfd, base) < 0)
                r = -errno;
        if (r < 0)
                return err_set(e, r, "cannot write %s", path);
        d.name[0] = '\0';
        if (fsync(d.dirfd) < 0 && errno != EINVAL)
                return err_set(e, -errno, "cannot make %s durable", path);
        return 0;
}
