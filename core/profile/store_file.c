/* store_file.c - files below a folder's descriptor: read, replaced all or not at all. */
#include "core/profile/store_private.h"

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

void blob_done(struct blob *b)
{
        free(b->bytes);
        *b = (struct blob){ 0 };
}

bool blob_same(const struct blob *a, const struct blob *b)
{
        if (!a->present || !b->present)
                return a->present == b->present;
        return a->length == b->length && memcmp(a->bytes, b->bytes, a->length) == 0;
}

/* Without openat2(): no symlink is followed at all, so none can lead out. */
static int walk(int root, const char *path)
{
        scoped(strv_freep) char **steps = NULL;
        int fd = openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        int r = strv_split(path, "/", &steps);

        if (r < 0 || fd < 0) {
                r = r < 0 ? r : -errno;
                fd_closep(&fd);
                return r;
        }
        for (char **step = steps; step && *step; step++) {
                int next = strcmp(*step, "..") == 0
                                   ? -1
                                   : openat(fd, *step,
                                            O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
                int why = strcmp(*step, "..") == 0 ? ELOOP : errno;

                close(fd);
                if (next < 0)
                        return -why;
                fd = next;
        }
        return fd;
}

static int open_below(int root, const char *path)
{
        struct open_how how = { .flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
                                .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
        long fd = syscall(SYS_openat2, root, path, &how, sizeof(how));

        if (fd >= 0)
                return (int)fd;
        return errno == ENOSYS || errno == EPERM ? walk(root, path) : -errno;
}

int store_step(int folder, const char *name, mode_t mode, int *ret_fd, bool *ret_made)
{
        bool made = mode && mkdirat(folder, name, mode) == 0;
        int fd;

        if (mode && !made && errno != EEXIST)
                return -errno;
        fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
                return errno == ENOTDIR ? -ELOOP : -errno;
        /* The umask is for files that users make; this folder's mode is known. */
        if (made && (fchmod(fd, mode) < 0 || fsync(folder) < 0) && errno != EINVAL) {
                int why = errno;

                close(fd);
                unlinkat(folder, name, AT_REMOVEDIR);
                return -why;
        }
        if (ret_made)
                *ret_made = made;
        *ret_fd = fd;
        return 0;
}

int store_folder(int root, const char *path, bool make, int *ret_fd)
{
        scoped(mem_freep) char *parent = NULL;
        scoped(fd_closep) int above = -1;
        const char *slash = strrchr(path, '/');
        int fd = open_below(root, *path ? path : ".");
        int r;

        if (fd >= 0) {
                *ret_fd = fd;
                return 0;
        }
        if (fd != -ENOENT || !make || !slash)
                return fd;
        parent = strndup(path, (size_t)(slash - path));
        if (!parent)
                return -ENOMEM;
        r = store_folder(root, parent, true, &above);
        return r < 0 ? r : store_step(above, slash + 1, 0755, ret_fd, NULL);
}

static int read_all(int fd, struct blob *b)
{
        size_t room = b->length;

        b->length = 0;
        b->bytes = malloc(room + 1);
        if (!b->bytes)
                return -ENOMEM;
        while (b->length < room) {
                ssize_t n = read(fd, b->bytes + b->length, room - b->length);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                if (n == 0)
                        break;
                b->length += (size_t)n;
        }
        b->bytes[b->length] = '\0';
        return 0;
}

int store_file_get(int folder, const char *name, struct blob *ret)
{
        scoped(fd_closep) int fd = -1;
        scoped(blob_done) struct blob b = { 0 };
        struct stat st;
        int r;

        fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        if (fd < 0 && errno != ENOENT)
                return errno == ENXIO ? -ELOOP : -errno;
        if (fd < 0) {
                *ret = (struct blob){ 0 };
                return 0;
        }
        if (fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return -ELOOP;
        if (st.st_size > STORE_FILE_LIMIT)
                return -EFBIG;
        b = (struct blob){ .present = true,
                           .length = (size_t)st.st_size,
                           .mode = st.st_mode & 07777,
                           .uid = st.st_uid,
                           .gid = st.st_gid };
        r = read_all(fd, &b);
        if (r < 0)
                return r;
        *ret = b;
        b = (struct blob){ 0 };
        return 0;
}

/* The name of the draft is always the same, so that a killed one is found again.  It does not
 * end in .conf: systemd does not read it. */
static int draft_name(const char *name, char *out, size_t room)
{
        int n = snprintf(out, room, ".%s.new", name);

        return n < 0 || (size_t)n >= room ? -ENAMETOOLONG : 0;
}

void store_file_sweep(int folder, const char *name)
{
        char draft[256];

        if (draft_name(name, draft, sizeof(draft)) == 0)
                unlinkat(folder, draft, 0);
}

static int write_draft(int folder, const char *draft, const struct blob *b)
{
        scoped(fd_closep) int fd = openat(
                folder, draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        int r;

        if (fd < 0)
                return -errno;
        r = file_write_all(fd, b->bytes, b->length);
        if (r < 0)
                return r;
        /* Only root may give a file away, and not on every file system. */
        if (geteuid() == 0 && fchown(fd, b->uid, b->gid) < 0 && errno != EPERM && errno != EINVAL)
                return -errno;
        if (fchmod(fd, b->mode) < 0 || fsync(fd) < 0)
                return -errno;
        return 0;
}

static int sync_folder(int folder)
{
        return fsync(folder) < 0 && errno != EINVAL ? -errno : 0;
}

int store_file_put(int folder, const char *name, const struct blob *b)
{
        char draft[256];
        int r = draft_name(name, draft, sizeof(draft));

        if (r < 0)
                return r;
        store_file_sweep(folder, name);
        r = write_draft(folder, draft, b);
        if (r == 0 && renameat(folder, draft, folder, name) < 0)
                r = -errno;
        if (r < 0) {
                unlinkat(folder, draft, 0);
                return r;
        }
        return sync_folder(folder);
}

int store_file_remove(int folder, const char *name)
{
        if (unlinkat(folder, name, 0) < 0)
                return errno == ENOENT ? 0 : -errno;
        return sync_folder(folder);
}
