/* access_files.c - the list of files: each once, sorted, libraries as a whole. */
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/forms/access_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Grows by doubling: room is the next power of two. */
static int grow(void **list, size_t count, size_t size)
{
        void *more;

        if (count && (count & (count - 1)) != 0)
                return 0;
        more = reallocarray(*list, count ? count * 2 : 1, size);
        if (!more)
                return -ENOMEM;
        *list = more;
        return 0;
}

int files_add(struct access *a, const struct file_access *f)
{
        char *path = strdup(f->path);
        void *list = a->files;
        int r;

        if (!path)
                return -ENOMEM;
        r = grow(&list, a->file_count, sizeof(*a->files));
        if (r < 0) {
                free(path);
                return r;
        }
        a->files = list;
        a->files[a->file_count] = *f;
        a->files[a->file_count].path = path;
        /* Whose it is only matters of processes; and what it makes there it also reads. */
        a->files[a->file_count].own |= !text_starts(path, "/proc/PID");
        if (f->below && f->may & MAY_ALTER)
                a->files[a->file_count].may |= MAY_READ;
        a->file_count++;
        return 0;
}

/* ---- libraries ---- */

/* Where updates put new names beside the old ones. */
static const char *const library_folders[] = { "/usr/lib", "/usr/lib64", "/usr/lib32",
                                               "/usr/libx32", "/usr/local/lib" };

static bool is_below(const char *path, const char *folder)
{
        size_t n = strlen(folder);

        return strncmp(path, folder, n) == 0 && path[n] == '/';
}

static const char *library_folder(const struct file_access *f)
{
        bool alone = !(f->may & (MAY_ALTER | MAY_RUN));

        for (size_t i = 0; i < COUNT(library_folders) && alone; i++)
                if (is_below(f->path, library_folders[i]) ||
                    (f->below && strcmp(f->path, library_folders[i]) == 0))
                        return library_folders[i];
        return NULL;
}

static int generalise(struct file_access *f)
{
        const char *folder = library_folder(f);
        char *path;

        if (!folder || !(f->may & (MAY_READ | MAY_MAP)))
                return 0;
        path = strdup(folder);
        if (!path)
                return -ENOMEM;
        free(f->path);
        *f = (struct file_access){ .path = path, .may = f->may, .below = true, .own = true };
        return 0;
}

/* ---- sorting and merging ---- */

static int compare(const void *a, const void *b)
{
        const struct file_access *x = a, *y = b;
        int r = strcmp(x->path, y->path);

        if (r == 0)
                r = (int)x->below - (int)y->below;
        return r ? r : (int)x->own - (int)y->own;
}

static void merge_same(struct access *a)
{
        size_t kept = 0;

        for (size_t i = 0; i < a->file_count; i++) {
                struct file_access *f = &a->files[i];

                if (kept && compare(&a->files[kept - 1], f) == 0) {
                        a->files[kept - 1].may |= f->may;
                        if (!a->files[kept - 1].mode)
                                a->files[kept - 1].mode = f->mode;
                        free(f->path);
                } else
                        a->files[kept++] = *f;
        }
        a->file_count = kept;
}

/* What one rule for a whole folder grants already needs no rule of its own. */
static bool is_covered(const struct access *a, const struct file_access *f)
{
        for (size_t i = 0; i < a->file_count; i++) {
                const struct file_access *whole = &a->files[i];

                if (whole != f && whole->below && whole->own == f->own &&
                    is_below(f->path, whole->path) && (f->may & ~whole->may) == 0)
                        return true;
        }
        return false;
}

static void drop_covered(struct access *a)
{
        size_t kept = 0;

        /* A rule is only covered by one that sorts before it, and is not dropped itself unless a
         * third covers both. */
        for (size_t i = 0; i < a->file_count; i++) {
                struct file_access f = a->files[i];
                struct access before = { .files = a->files, .file_count = kept };

                if (is_covered(&before, &f))
                        free(f.path);
                else
                        a->files[kept++] = f;
        }
        a->file_count = kept;
}

/* ---- names with numbers ---- */

const char *file_numbers(const struct file_access *f)
{
        return f->numbered ? strrchr(f->path, '/') : f->path + strlen(f->path);
}

/* Whether two paths are the same but for numbers in their last names, and how many there are. */
static bool same_but_numbers(const char *a, const char *b)
{
        static const char digits[] = "0123456789";
        const char *last = strrchr(a, '/');
        bool numbers = false;

        if (!last || strncmp(a, b, (size_t)(last - a) + 1) != 0)
                return false;
        b += last - a;
        for (a = last; *a && *b; a++, b++) {
                size_t n = strspn(a, digits), m = strspn(b, digits);

                if (n && m) {
                        numbers = true;
                        a += n - 1;
                        b += m - 1;
                } else if (*a != *b)
                        return false;
        }
        return numbers && !*a && !*b;
}

/* Files that it made, named by a process or a time: the next one has another number. */
static void find_numbered(struct access *a)
{
        size_t kept = 0;

        for (size_t i = 0; i < a->file_count; i++) {
                struct file_access *f = &a->files[i], *before = kept ? &a->files[kept - 1] : NULL;

                if (before && !before->below && !f->below && !S_ISDIR(f->mode) &&
                    before->may & f->may & MAY_CREATE && same_but_numbers(before->path, f->path)) {
                        before->numbered = true;
                        before->may |= f->may;
                        free(f->path);
                } else
                        a->files[kept++] = *f;
        }
        a->file_count = kept;
}

int files_settle(struct access *a)
{
        for (size_t i = 0; i < a->file_count; i++) {
                int r = generalise(&a->files[i]);

                if (r < 0)
                        return r;
        }
        if (a->file_count)
                qsort(a->files, a->file_count, sizeof(*a->files), compare);
        merge_same(a);
        find_numbered(a);
        drop_covered(a);
        return 0;
}
