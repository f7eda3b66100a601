/* file.c - whole files, read with a limit; folders made. */
#include "core/base/file.h"

#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <fcntl.h>
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

int file_write_all(int fd, const char *bytes, size_t length)
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

/* The draft goes when it did not become the file. */
static int replace_by(const char *draft, int fd, const char *path, const char *text, mode_t mode)
{
        int r = file_write_all(fd, text, strlen(text));

        if (r == 0 && (fchmod(fd, mode) < 0 || fsync(fd) < 0 || rename(draft, path) < 0))
                r = -errno;
        if (r < 0)
                unlink(draft);
        return r;
}

int file_replace(const char *path, const char *text, mode_t mode, struct err *e)
{
        scoped(mem_freep) char *draft = text_format("%s.XXXXXX", path);
        scoped(fd_closep) int fd = -1;
        mode_t mask = umask(0);
        struct stat st;
        int r;

        umask(mask);
        if (!draft)
                return err_set(e, -ENOMEM, "cannot write %s", path);
        if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
                fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
                r = fd < 0 ? -errno : file_write_all(fd, text, strlen(text));
        } else {
                fd = mkostemp(draft, O_CLOEXEC);
                r = fd < 0 ? -errno : replace_by(draft, fd, path, text, mode & ~mask);
        }
        return r < 0 ? err_set(e, r, "cannot write %s", path) : 0;
}
