/* applying_files.c - owners and modes of a folder and all that is in it, as they are now. */
#include "tui/applying_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { DEPTH = 64 };

struct walk {
        struct applying_plan *plan;
        struct applying_files *found;
        dev_t device;
};

static int add(struct applying_plan *plan, const char *path, const struct stat *st, bool top)
{
        size_t n = plan->file_count;
        struct mark *more = plan->files;

        if ((n & (n - 1)) == 0) { /* room for the next power of two */
                more = realloc(plan->files, (n ? n * 2 : 1) * sizeof(*more));
                if (!more)
                        return -ENOMEM;
                plan->files = more;
        }
        more[n] = (struct mark){ .path = strdup(path), .there = st != NULL, .top = top };
        if (!more[n].path)
                return -ENOMEM;
        if (st) {
                more[n].uid = st->st_uid;
                more[n].gid = st->st_gid;
                more[n].mode = st->st_mode;
        }
        plan->file_count++;
        return 0;
}

static void forget(struct applying_plan *plan, size_t count)
{
        while (plan->file_count > count)
                free(plan->files[--plan->file_count].path);
}

static int list(int fd, char ***ret)
{
        int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        scoped(dir_closep) DIR *dir = copy < 0 ? NULL : fdopendir(copy);
        struct dirent *entry;
        int r = 0;

        if (!dir) {
                r = -errno;
                fd_closep(&copy);
                return r;
        }
        while (r == 0 && (entry = readdir(dir)))
                if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
                        r = strv_add(ret, entry->d_name);
        return r;
}

/* All of one folder side by side, then what is below each.  1: there are too many. */
static int walk(struct walk *w, int fd, const char *path, unsigned depth)
{
        scoped(strv_freep) char **names = NULL;
        int r = list(fd, &names);

        for (char **name = names; r == 0 && name && *name; name++) {
                scoped(mem_freep) char *inner = text_format("%s/%s", path, *name);
                struct stat st;

                if (!inner)
                        return -ENOMEM;
                if (fstatat(fd, *name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                        continue; /* gone meanwhile */
                /* What is mounted there is left alone, as systemd does; only folders tell, for an
                 * overlay's files have devices of their own. */
                if (S_ISDIR(st.st_mode) && st.st_dev != w->device)
                        continue;
                if (++w->found->count > APPLYING_FILES_LIMIT)
                        return 1;
                r = add(w->plan, inner, &st, false);
        }
        for (char **name = names; r == 0 && name && *name; name++) {
                scoped(mem_freep) char *inner = text_format("%s/%s", path, *name);
                scoped(fd_closep) int below = openat(
                        fd, *name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
                struct stat st;

                if (!inner)
                        return -ENOMEM;
                if (below < 0 || fstat(below, &st) < 0 || st.st_dev != w->device)
                        continue;
                r = depth < DEPTH ? walk(w, below, inner, depth + 1) : 1;
        }
        return r;
}

/* With the folders above that are made along with it. */
static int add_absent(struct applying_plan *plan, const char *path)
{
        scoped(mem_freep) char *above = strdup(path);
        int r = above ? 0 : -ENOMEM;

        while (r == 0 && *above && access(above, F_OK) < 0) {
                r = add(plan, above, NULL, true);
                *strrchr(above, '/') = '\0';
        }
        return r;
}

/* The folder may be a link to where systemd keeps those of services with users of their own. */
int applying_files(struct applying_plan *plan, const char *path, bool deep,
                   struct applying_files *ret, struct err *e)
{
        scoped(mem_freep) char *real = realpath(path, NULL);
        scoped(fd_closep) int fd = real ? open(real,
                                               O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                                        : -1;
        struct walk w = { .plan = plan, .found = ret };
        size_t before = plan->file_count;
        struct stat st;
        int r;

        *ret = (struct applying_files){ 0 };
        if (!real && errno == ENOENT) {
                r = add_absent(plan, path);
                return r < 0 ? err_set(e, r, "cannot note %s", path) : 0;
        }
        if (fd < 0 || fstat(fd, &st) < 0)
                return err_set(e, -errno, "cannot look at %s", path);
        ret->there = true;
        w.device = st.st_dev;
        r = add(plan, real, &st, true);
        if (r == 0 && deep)
                r = walk(&w, fd, real, 0);
        if (r > 0) {
                ret->too_many = true;
                forget(plan, before + 1);
                r = 0;
        }
        return r < 0 ? err_set(e, r, "cannot look at the files in %s", path) : 0;
}
