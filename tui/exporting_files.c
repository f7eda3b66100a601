/* exporting_files.c - the files of a form, written all or none. */
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/exporting.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

enum { LOOK_LIMIT = 4 << 20 };

/* A file on its way: complete under another name beside its place. */
struct arrival {
        char *path, *draft; /* draft: NULL when it is not there (any more) */
        char *made;         /* the topmost folder that was made for it, or NULL */
        bool replaces;
        bool placed; /* it is in its place; the draft, if any, is what was there before */
};

struct arrivals {
        struct arrival *list;
        size_t count;
        bool complete; /* all are in their places */
};

/* The folders that were made for a file which did not come, from below; full ones stay. */
static void remove_folders(const struct arrival *a)
{
        char *folder = a->made ? strdup(a->path) : NULL;
        char *slash = folder ? strrchr(folder, '/') : NULL;

        while (slash && (size_t)(slash - folder) >= strlen(a->made)) {
                *slash = '\0';
                if (rmdir(folder) < 0 && errno != ENOENT)
                        break;
                slash = strrchr(folder, '/');
        }
        free(folder);
}

static void take_back(const struct arrival *a)
{
        if (a->placed && a->draft)
                renameat2(AT_FDCWD, a->draft, AT_FDCWD, a->path, RENAME_EXCHANGE);
        else if (a->placed && !a->replaces)
                unlink(a->path);
}

static void arrivals_done(struct arrivals *all)
{
        for (size_t i = all->count; i-- > 0;) {
                struct arrival *a = &all->list[i];

                if (!all->complete)
                        take_back(a);
                if (a->draft)
                        unlink(a->draft);
                if (!all->complete)
                        remove_folders(a);
                free(a->path);
                free(a->draft);
                free(a->made);
        }
        free(all->list);
}

bool exporting_is_folder(const struct form_output *o)
{
        return o->file_count != 1 || strchr(o->files[0].path, '/');
}

static bool is_folder(const char *path)
{
        struct stat st;

        return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Whether the file may be written; *ret_replaces: there is one, which may be written over. */
static int check_place(const char *path, bool force, bool *ret_replaces, struct err *e)
{
        scoped(mem_freep) char *text = NULL;
        struct stat st;
        int r;

        *ret_replaces = false;
        if (lstat(path, &st) < 0)
                return errno == ENOENT ? 0 : err_set(e, -errno, "cannot write %s", path);
        if (S_ISLNK(st.st_mode))
                return err_say(e, -ELOOP, "%s is a symbolic link; name the file itself", path);
        if (!S_ISREG(st.st_mode))
                return err_say(e, -EINVAL, "%s is no regular file; name another one", path);
        *ret_replaces = true;
        if (force || st.st_size == 0)
                return 0;
        r = file_read(AT_FDCWD, path, LOOK_LIMIT, &text, NULL, NULL);
        if (r == 0 && form_is_ours(text))
                return 0;
        return err_say(e, -EEXIST, "%s is there, and gird did not write it; --force writes over it",
                       path);
}

/* The topmost part of the folders above path that is not there yet; NULL: all are. */
static int make_folders(struct arrival *a, struct err *e)
{
        scoped(mem_freep) char *folder = strdup(a->path);
        char *slash = folder ? strrchr(folder, '/') : NULL;
        struct stat st;

        if (!folder)
                return err_set(e, -ENOMEM, "cannot write %s", a->path);
        if (!slash || slash == folder)
                return 0;
        *slash = '\0';
        if (stat(folder, &st) == 0)
                return 0;
        for (char *c = folder + 1; *c && !a->made; c++) {
                if (*c != '/')
                        continue;
                *c = '\0';
                if (lstat(folder, &st) < 0 && errno == ENOENT)
                        a->made = strdup(folder);
                *c = '/';
        }
        if (!a->made)
                a->made = strdup(folder);
        return a->made ? file_make_dirs(folder, 0755, e)
                       : err_set(e, -ENOMEM, "cannot write %s", a->path);
}

static int write_draft(struct arrival *a, const struct form_file *file, struct err *e)
{
        scoped(fd_closep) int fd = -1;
        const char *slash = strrchr(a->path, '/');
        int folder = slash ? (int)(slash - a->path) + 1 : 0;
        uint64_t number;
        int r;

        /* A number of its own: another gird may write the same file, and one that was killed may
         * have left its draft. */
        if (getrandom(&number, sizeof(number), 0) != (ssize_t)sizeof(number))
                return err_set(e, -EIO, "cannot write %s", a->path);
        a->draft = text_format("%.*s.%s.gird-%" PRIx64, folder, a->path, a->path + folder, number);
        if (!a->draft)
                return err_set(e, -ENOMEM, "cannot write %s", a->path);
        fd = open(a->draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, file->mode);
        if (fd < 0) {
                r = -errno;
                free(take(a->draft));
                return err_set(e, r, "cannot write %s", a->path);
        }
        r = file_write_all(fd, file->text, strlen(file->text));
        if (r == 0 && fsync(fd) < 0)
                r = -errno;
        return r < 0 ? err_set(e, r, "cannot write %s", a->path) : 0;
}

static int prepare(struct arrivals *all, const struct form_file *file, char *path, bool force,
                   struct err *e)
{
        struct arrival *list = path ? reallocarray(all->list, all->count + 1, sizeof(*list)) : NULL;
        struct arrival *a;
        int r;

        if (!list) {
                free(path);
                return err_set(e, -ENOMEM, "cannot write %s", file->path);
        }
        all->list = list;
        a = &list[all->count++];
        *a = (struct arrival){ .path = path };
        r = check_place(path, force, &a->replaces, e);
        if (r == 0)
                r = make_folders(a, e);
        return r < 0 ? r : write_draft(a, file, e);
}

/* What came into being since it was looked for is not written over; what was there is kept until
 * all have arrived. */
static int put(struct arrival *a, struct err *e)
{
        if (renameat2(AT_FDCWD, a->draft, AT_FDCWD, a->path,
                      a->replaces ? RENAME_EXCHANGE : RENAME_NOREPLACE) == 0) {
                a->placed = true;
                if (!a->replaces)
                        free(take(a->draft));
                return 0;
        }
        /* Not every file system knows these two. */
        if (errno != EINVAL || rename(a->draft, a->path) < 0)
                return err_set(e, -errno, "cannot write %s", a->path);
        a->placed = true;
        free(take(a->draft));
        return 0;
}

/* The folder's own entry: after a power cut the file is there, or it never was. */
static void sync_folder(const char *path)
{
        scoped(mem_freep) char *folder = strdup(path);
        scoped(fd_closep) int fd = -1;
        char *slash = folder ? strrchr(folder, '/') : NULL;

        if (slash)
                *slash = '\0';
        fd = open(slash ? (*folder ? folder : "/") : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd >= 0)
                fsync(fd);
}

static char *place_of(const struct form_output *o, size_t i, const char *path)
{
        size_t n = strlen(path);

        if (!exporting_is_folder(o) && !is_folder(path) && (n == 0 || path[n - 1] != '/'))
                return strdup(path);
        return text_format("%s%s%s", path, n > 0 && path[n - 1] == '/' ? "" : "/",
                           o->files[i].path);
}

int exporting_write(const struct form_output *o, const char *path, bool force, char ***ret_paths,
                    struct err *e)
{
        scoped(arrivals_done) struct arrivals all = { 0 };
        scoped(strv_freep) char **paths = NULL;
        int r = 0;

        if (!*path)
                return err_say(e, -EINVAL, "--output needs a name");
        for (size_t i = 0; r == 0 && i < o->file_count; i++)
                r = prepare(&all, &o->files[i], place_of(o, i, path), force, e);
        for (size_t i = 0; r == 0 && i < all.count; i++) {
                r = strv_add(&paths, all.list[i].path);
                r = r < 0 ? err_set(e, r, "cannot write %s", path) : put(&all.list[i], e);
        }
        if (r < 0)
                return r;
        all.complete = true;
        for (char **one = paths; one && *one; one++)
                sync_folder(*one);
        *ret_paths = take(paths);
        return 0;
}
