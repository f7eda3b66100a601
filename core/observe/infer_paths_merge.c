/* infer_paths_merge.c - many written files, told as the few folders they lie in. */
#include "core/observe/infer_paths.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
        PLACES_FEW = 12,     /* beyond, siblings become their folder */
        PLACES_CHASED = 512, /* more are not looked at on disk */
};

/* Folders that belong to everybody: a hole of that size is none. */
static const char *const shared[] = {
        "/",
        "/etc",
        "/var",
        "/var/lib",
        "/var/cache",
        "/usr",
        "/home",
        "/opt",
        "/srv",
        "/mnt",
        "/media",
        "/boot",
        "/efi",
        "/bin",
        "/sbin",
        "/lib",
        "/lib32",
        "/lib64",
        "/libx32",
        "/usr/bin",
        "/usr/sbin",
        "/usr/lib",
        "/usr/lib64",
        "/usr/lib32",
        "/usr/share",
        "/usr/local",
        "/usr/include",
        "/usr/src",
        "/usr/local/bin",
        "/dev",
        "/proc",
        "/sys",
        "/run/user",
        "/run/systemd",
        "/etc/systemd",
        "/usr/local/sbin",
        "/usr/local/lib",
        "/usr/libexec",
        "/var/lib/systemd",
        "/var/lib/private",
        "/var/cache/private",
        "/var/log/private",
        "/var/spool",
};

bool place_is_shared(const char *path)
{
        for (size_t i = 0; i < COUNT(shared); i++)
                if (strcmp(shared[i], path) == 0)
                        return true;
        return false;
}

char *place_spelt(const char *path)
{
        static const struct {
                const char *old, *now;
        } moved[] = {
                { "/var/run", "/run" },   { "/var/lock", "/run/lock" }, { "/bin", "/usr/bin" },
                { "/sbin", "/usr/sbin" }, { "/lib", "/usr/lib" },       { "/lib64", "/usr/lib64" },
        };

        for (size_t i = 0; i < COUNT(moved); i++)
                if (path_below(path, moved[i].old))
                        return text_format("%s%s", moved[i].now, path + strlen(moved[i].old));
        return strdup(path);
}

size_t parent_of(const char *path)
{
        const char *slash = strrchr(path, '/');

        return !slash || slash == path ? 1 : (size_t)(slash - path);
}

/* ---- the disk ---- */

static int open_below(const char *root, const char *path, int flags)
{
        scoped(fd_closep) int at = open(root && *root ? root : "/",
                                        O_PATH | O_DIRECTORY | O_CLOEXEC);
        struct open_how how = { .flags = (unsigned)flags | O_PATH | O_CLOEXEC,
                                .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
        long fd;

        if (at < 0)
                return -errno;
        do
                fd = syscall(SYS_openat2, at, path, &how, sizeof(how));
        while (fd < 0 && (errno == EINTR || errno == EAGAIN));
        return fd < 0 ? -errno : (int)fd;
}

int place_stat(const char *root, const char *path, struct stat *ret)
{
        scoped(fd_closep) int fd = open_below(root, path, O_NOFOLLOW);

        if (fd < 0)
                return fd;
        return fstat(fd, ret) < 0 ? -errno : 0;
}

static int fd_path(int fd, char *ret, size_t room)
{
        char link[40];
        ssize_t n;

        snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
        n = readlink(link, ret, room - 1);
        if (n < 0 || (size_t)n >= room - 1)
                return n < 0 ? -errno : -ENAMETOOLONG;
        ret[n] = '\0';
        return 0;
}

/* The folder's own path, if it is there and symlinks lead to another one.  NULL in *ret: it stays
 * as it is. */
static int chase(const char *root, const char *path, char **ret)
{
        scoped(fd_closep) int top = open_below(root, "/", O_DIRECTORY);
        scoped(fd_closep) int fd = open_below(root, path, 0);
        char base[4096], found[4096];
        size_t n;

        *ret = NULL;
        if (top < 0 || fd < 0 || fd_path(top, base, sizeof(base)) < 0 ||
            fd_path(fd, found, sizeof(found)) < 0)
                return 0;
        n = strcmp(base, "/") == 0 ? 0 : strlen(base);
        if (strncmp(found, base, n) != 0 || found[n] != '/' || strcmp(found + n, path) == 0)
                return 0;
        *ret = strdup(found + n);
        return *ret ? 0 : -ENOMEM;
}

/* ---- the list ---- */

void places_done(struct places *p)
{
        for (size_t i = 0; i < p->count; i++)
                free(p->list[i].path);
        free(p->list);
        *p = (struct places){ 0 };
}

int places_add(struct places *p, const struct act *a, const char *path, size_t length, bool soft)
{
        scoped(mem_freep) char *cut = strndup(path, length);
        char *spelt = cut ? place_spelt(cut) : NULL;

        if (!spelt)
                return -ENOMEM;
        if (p->count == p->room) {
                size_t room = p->room ? p->room * 2 : 64;
                struct place *more = reallocarray(p->list, room, sizeof(*more));

                if (!more) {
                        free(spelt);
                        return -ENOMEM;
                }
                p->list = more;
                p->room = room;
        }
        p->list[p->count++] = (struct place){
                .path = spelt, .act = a, .soft = soft, .resolved = a->flags & ACT_RESOLVED
        };
        return 0;
}

/* A slash sorts before all else, so that what lies in a folder follows it at once. */
static int by_path(const void *x, const void *y)
{
        const unsigned char *a = (const unsigned char *)((const struct place *)x)->path;
        const unsigned char *b = (const unsigned char *)((const struct place *)y)->path;

        while (*a && *a == *b) {
                a++;
                b++;
        }
        if (*a == *b)
                return 0;
        if (!*a || !*b)
                return *a ? 1 : -1;
        if (*a == '/' || *b == '/')
                return *a == '/' ? -1 : 1;
        return *a < *b ? -1 : 1;
}

static const struct act *earlier(const struct act *a, const struct act *b)
{
        return b->first < a->first ? b : a;
}

/* What is below one of these may yet be told without it. */
static bool is_top(const char *path)
{
        return place_is_shared(path) || strcmp(path, "/run") == 0 || strcmp(path, "/var/log") == 0;
}

/* Drops what lies at or below another one. */
static void drop_covered(struct places *p)
{
        size_t kept = 0;

        if (p->count > 1)
                qsort(p->list, p->count, sizeof(*p->list), by_path);
        for (size_t i = 0; i < p->count; i++) {
                struct place *last = kept ? &p->list[kept - 1] : NULL;

                bool same = last && strcmp(p->list[i].path, last->path) == 0;

                if (same ||
                    (last && !is_top(last->path) && path_below(p->list[i].path, last->path))) {
                        if (last->soft && !p->list[i].soft) {
                                last->act = p->list[i].act;
                                last->soft = false;
                        } else if (!p->list[i].soft)
                                last->act = earlier(last->act, p->list[i].act);
                        free(p->list[i].path);
                        continue;
                }
                p->list[kept++] = p->list[i];
        }
        p->count = kept;
}

/* One that is only wanted does not swallow one that is needed less widely. */
static void drop_equal(struct places *p)
{
        size_t kept = 0;

        if (p->count > 1)
                qsort(p->list, p->count, sizeof(*p->list), by_path);
        for (size_t i = 0; i < p->count; i++) {
                struct place *last = kept ? &p->list[kept - 1] : NULL;

                if (!last || strcmp(p->list[i].path, last->path) != 0) {
                        p->list[kept++] = p->list[i];
                        continue;
                }
                if (last->soft == p->list[i].soft)
                        last->act = earlier(last->act, p->list[i].act);
                else if (last->soft)
                        last->act = p->list[i].act;
                last->soft = last->soft && p->list[i].soft;
                last->resolved = last->resolved || p->list[i].resolved;
                free(p->list[i].path);
        }
        p->count = kept;
}

static int chase_all(struct places *p, const char *root)
{
        for (size_t i = 0; i < p->count && i < PLACES_CHASED; i++) {
                char *real = NULL;
                int r = p->list[i].resolved ? 0 : chase(root, p->list[i].path, &real);

                if (r < 0)
                        return r;
                if (!real)
                        continue;
                free(p->list[i].path);
                p->list[i].path = real;
        }
        return 0;
}

/* Below these, the folder of that name is the service's as a whole. */
static size_t whole_of(const char *path)
{
        static const char *const tops[] = { "/var/lib", "/var/cache", "/var/log", "/var/spool",
                                            "/run" };

        for (size_t i = 0; i < COUNT(tops); i++) {
                size_t n = strlen(tops[i]);
                char name[4096];
                size_t end;

                if (!path_below(path, tops[i]) || !path[n] || strlen(path) >= sizeof(name))
                        continue;
                end = n + 1 + strcspn(path + n + 1, "/");
                memcpy(name, path, end);
                name[end] = '\0';
                return place_is_shared(name) ? 0 : end;
        }
        return 0;
}

static void widen(struct places *p)
{
        for (size_t i = 0; i < p->count; i++) {
                size_t n = p->list[i].soft ? 0 : whole_of(p->list[i].path);

                if (n)
                        p->list[i].path[n] = '\0';
        }
}

/* Siblings become their folder, deepest first, until there are few. */
static bool join_siblings(struct places *p)
{
        size_t best = 0, depth = 0;

        for (size_t i = 0; i + 1 < p->count; i++) {
                size_t n = parent_of(p->list[i].path);

                if (n > depth && n == parent_of(p->list[i + 1].path) &&
                    strncmp(p->list[i].path, p->list[i + 1].path, n) == 0) {
                        char saved = p->list[i].path[n];

                        p->list[i].path[n] = '\0';
                        if (n > 1 && !place_is_shared(p->list[i].path)) {
                                best = i;
                                depth = n;
                        }
                        p->list[i].path[n] = saved;
                }
        }
        if (depth)
                p->list[best].path[depth] = '\0';
        return depth > 0;
}

int places_merge(struct places *p, const char *root)
{
        int r;

        drop_equal(p);
        r = chase_all(p, root);
        if (r < 0)
                return r;
        widen(p);
        drop_covered(p);
        while (p->count > PLACES_FEW && join_siblings(p))
                drop_covered(p);
        return 0;
}
