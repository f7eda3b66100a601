/* files_tree.c - a tree of files, and no way out of it: below another root every symbolic link
 * is resolved inside that root. */
#include "core/unit/files_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>

enum { DEPTH_LIMIT = 128, LINK_LENGTH = 4096 };

int tree_open_root(struct tree *t, const char *root, struct err *e)
{
        t->fd = -1;
        if (!root)
                return 0;
        t->fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
        return t->fd < 0 ? err_set(e, -errno, "cannot use %s as root", root) : 0;
}

void tree_done(struct tree *t)
{
        if (t->fd >= 0)
                close(t->fd);
        t->fd = -1;
}

/* A walk through the tree: the folders opened so far, and what is left to do. */
struct walk {
        int folders[DEPTH_LIMIT];
        size_t depth;
        unsigned links;
        char *rest; /* owned */
};

static void walk_done(struct walk *w)
{
        while (w->depth > 0)
                close(w->folders[--w->depth]);
        free(w->rest);
}

/* Puts a link's target in front of what is left. */
static int walk_link(struct walk *w, int parent, const char *name, const char *after)
{
        char target[LINK_LENGTH];
        ssize_t n = readlinkat(parent, name, target, sizeof(target) - 1);
        char *rest;

        if (n < 0)
                return -errno;
        if (n == 0 || n == sizeof(target) - 1)
                return -ENAMETOOLONG;
        target[n] = '\0';
        if (++w->links > LINK_LIMIT)
                return -ELOOP;
        rest = text_format("%s/%s", target, after);
        if (!rest)
                return -ENOMEM;
        free(w->rest);
        w->rest = rest;
        while (*target == '/' && w->depth > 1)
                close(w->folders[--w->depth]);
        return 0;
}

/* One component.  0: gone into; 1: it was the last, *ret_fd is it. */
static int walk_step(struct walk *w, int flags, int *ret_fd)
{
        char *name = w->rest + strspn(w->rest, "/"), *end = name + strcspn(name, "/");
        bool last = end[strspn(end, "/")] == '\0';
        scoped(mem_freep) char *word = strndup(name, (size_t)(end - name));
        struct stat st;
        int parent, fd;

        if (!word)
                return -ENOMEM;
        if (strcmp(word, "..") == 0 && w->depth > 1)
                close(w->folders[--w->depth]);
        parent = w->folders[w->depth - 1];
        if (!*word || strcmp(word, ".") == 0 || strcmp(word, "..") == 0) {
                memmove(w->rest, end, strlen(end) + 1);
                if (!last)
                        return 0;
                *ret_fd = openat(parent, ".", flags | O_CLOEXEC);
                return *ret_fd < 0 ? -errno : 1;
        }
        if (fstatat(parent, word, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return -errno;
        if (S_ISLNK(st.st_mode) && !(last && (flags & O_NOFOLLOW)))
                return walk_link(w, parent, word, end);
        if (last) {
                *ret_fd = openat(parent, word, flags | O_NOFOLLOW | O_CLOEXEC);
                return *ret_fd < 0 ? -errno : 1;
        }
        if (w->depth == DEPTH_LIMIT)
                return -ENAMETOOLONG;
        fd = openat(parent, word, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        w->folders[w->depth++] = fd;
        memmove(w->rest, end, strlen(end) + 1);
        return 0;
}

int tree_walk(int root, const char *path, int flags)
{
        scoped(walk_done) struct walk w = { .rest = strdup(path) };
        int fd = -1, r;

        if (!w.rest)
                return -ENOMEM;
        w.folders[0] = fcntl(root, F_DUPFD_CLOEXEC, 3);
        if (w.folders[0] < 0)
                return -errno;
        w.depth = 1;
        do
                r = walk_step(&w, flags, &fd);
        while (r == 0);
        return r < 0 ? r : fd;
}

int tree_open(const struct tree *t, const char *path, int flags)
{
        struct open_how how = { .flags = (unsigned)flags | O_CLOEXEC,
                                .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
        long fd;

        if (t->fd < 0) {
                fd = open(path, flags | O_CLOEXEC);
                return fd < 0 ? -errno : (int)fd;
        }
        for (int tries = 0; tries < 16; tries++) {
                fd = syscall(SYS_openat2, t->fd, path, &how, sizeof(how));
                if (fd >= 0)
                        return (int)fd;
                if (errno != EAGAIN && errno != EINTR)
                        break;
        }
        /* Seccomp filters answer EPERM for calls they do not know. */
        if (errno == ENOSYS || errno == EPERM || errno == EAGAIN)
                return tree_walk(t->fd, path, flags);
        return -errno;
}

int tree_stat(const struct tree *t, const char *path, struct stat *ret)
{
        scoped(fd_closep) int fd = -1;

        if (t->fd < 0)
                return stat(path, ret) < 0 ? -errno : 0;
        fd = tree_open(t, path, O_PATH);
        if (fd < 0)
                return fd;
        return fstat(fd, ret) < 0 ? -errno : 0;
}

static int read_fd(int fd, size_t guess, size_t limit, char **ret, size_t *ret_length)
{
        size_t used = 0, room = guess + 2;
        scoped(mem_freep) char *bytes = malloc(room);

        while (bytes) {
                ssize_t n = read(fd, bytes + used, room - used - 1);
                char *more;

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                used += (size_t)n;
                if (used > limit)
                        return -EFBIG;
                if (used + 1 < room) { /* a regular file gives less than asked at its end only */
                        bytes[used] = '\0';
                        *ret = take(bytes);
                        *ret_length = used;
                        return 0;
                }
                room *= 2;
                more = realloc(bytes, room);
                if (!more)
                        return -ENOMEM;
                bytes = more;
        }
        return -ENOMEM;
}

int tree_read_regular(const struct tree *t, const char *path, size_t limit, char **ret,
                      size_t *ret_length)
{
        scoped(fd_closep) int fd = tree_open(t, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
        struct stat st;

        if (fd < 0)
                return fd;
        if (fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
        if (st.st_size > (off_t)limit)
                return -EFBIG;
        return read_fd(fd, (size_t)st.st_size, limit, ret, ret_length);
}

int tree_read(const struct tree *t, const char *path, size_t limit, char **ret, size_t *ret_length)
{
        struct stat st;
        int r = tree_stat(t, path, &st);

        if (r < 0)
                return r;
        /* Never opened: opening some devices does something. */
        if (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode)) {
                *ret = strdup("");
                *ret_length = 0;
                return *ret ? 0 : -ENOMEM;
        }
        if (!S_ISREG(st.st_mode))
                return S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
        return tree_read_regular(t, path, limit, ret, ret_length);
}

char *path_simplify(const char *folder, const char *path)
{
        bool absolute = *path == '/';
        size_t room = strlen(path) + (absolute ? 0 : strlen(folder)) + 3, n = 0;
        scoped(mem_freep) char *whole = malloc(room);
        char *out = malloc(room);

        if (!whole || !out) {
                free(out);
                return NULL;
        }
        snprintf(whole, room, "%s/%s", absolute ? "" : folder, path);
        for (char *part = whole; *part;) {
                size_t length;

                part += strspn(part, "/");
                length = strcspn(part, "/");
                if (length == 2 && memcmp(part, "..", 2) == 0) {
                        while (n > 0 && out[--n] != '/')
                                ;
                } else if (length > 0 && !(length == 1 && *part == '.')) {
                        out[n++] = '/';
                        memcpy(out + n, part, length);
                        n += length;
                }
                part += length;
        }
        if (n == 0)
                out[n++] = '/';
        out[n] = '\0';
        return out;
}
