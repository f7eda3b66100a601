/* twin_root.c - files below a root that is not trusted: no path, whatever symlinks it goes
 * through, comes out of it. */
#include "core/stage/twin_private.h"

#include "core/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>

int root_open(int root, const char *path, int flags)
{
        struct open_how how = {
                .flags = (uint64_t)(flags | O_CLOEXEC),
                .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
        };
        long fd;

        do
                fd = syscall(SYS_openat2, root, path, &how, sizeof(how));
        while (fd < 0 && (errno == EINTR || errno == EAGAIN));
        return fd < 0 ? -errno : (int)fd;
}

/* "..", wherever it stands, has no business in a path that something is written to. */
static bool is_plain(const char *path)
{
        for (const char *at = path; *at; at += strcspn(at, "/")) {
                at += strspn(at, "/");
                if (strncmp(at, "..", 2) == 0 && (at[2] == '/' || !at[2]))
                        return false;
        }
        return true;
}

int root_make_dirs(int root, const char *path)
{
        scoped(mem_freep) char *part = strdup(path);
        scoped(fd_closep) int fd = root_open(root, "/", O_PATH | O_DIRECTORY);

        if (!part)
                return -ENOMEM;
        if (!is_plain(path))
                return -EINVAL;
        if (fd < 0)
                return fd;
        for (char *at = part + strspn(part, "/"); *at;) {
                char *end = at + strcspn(at, "/");
                char kept = *end;
                int next;

                *end = '\0';
                next = root_open(root, part, O_PATH | O_DIRECTORY);
                if (next == -ENOENT) {
                        if (mkdirat(fd, at, 0755) < 0 && errno != EEXIST)
                                return -errno;
                        next = root_open(root, part, O_PATH | O_DIRECTORY);
                }
                if (next < 0)
                        return next;
                close(fd);
                fd = next;
                *end = kept;
                at = end + strspn(end, "/");
        }
        return take_fd(fd);
}

/* Opens the folder that path is in, made if need be, and points at its last part. */
static int open_parent(int root, const char *path, bool make, const char **ret_base)
{
        const char *slash = strrchr(path, '/');
        const char *base = slash ? slash + 1 : path;
        scoped(mem_freep) char *folder = slash ? strndup(path, (size_t)(slash - path))
                                               : strdup("/");

        if (!folder)
                return -ENOMEM;
        if (!*base || strcmp(base, ".") == 0 || !is_plain(path))
                return -EINVAL;
        *ret_base = base;
        if (!*folder)
                return root_open(root, "/", O_PATH | O_DIRECTORY);
        return make ? root_make_dirs(root, folder) : root_open(root, folder, O_PATH | O_DIRECTORY);
}

int root_write(int root, const char *path, const char *text)
{
        scoped(fd_closep) int folder = -1;
        scoped(fd_closep) int fd = -1;
        const char *base = NULL;
        unsigned long long random = 0;
        char name[40];
        int r;

        folder = open_parent(root, path, true, &base);
        if (folder < 0)
                return folder;
        if (getrandom(&random, sizeof(random), 0) < 0)
                return -errno;
        snprintf(name, sizeof(name), ".gird-%llx", random);
        fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
        if (fd < 0)
                return -errno;
        r = file_write_all(fd, text, strlen(text));
        if (r == 0 && fchmod(fd, 0644) < 0)
                r = -errno;
        if (r == 0 && renameat(folder, name, folder, base) < 0)
                r = -errno;
        if (r < 0)
                unlinkat(folder, name, 0);
        return r;
}

int root_remove(int root, const char *path)
{
        scoped(fd_closep) int folder = -1;
        const char *base = NULL;

        folder = open_parent(root, path, false, &base);
        if (folder == -ENOENT)
                return 0;
        if (folder < 0)
                return folder;
        return unlinkat(folder, base, 0) < 0 && errno != ENOENT ? -errno : 0;
}
