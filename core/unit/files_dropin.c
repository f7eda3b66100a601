/* files_dropin.c - which drop-ins a unit has: by each of its names, its template, its dashed
 * prefixes and its type; of equal file names the one in the more important folder. */
#include "core/unit/files_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/unit/name.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

/* "foo-bar-.service" of "foo-bar-baz.service", then "foo-.service"; "": there is none.
 * An instance keeps its name; a template loses its '@'. */
static char *dashed_prefix(const char *name)
{
        scoped(mem_freep) char *prefix = name_prefix(name), *instance = name_instance(name);
        char *dash;

        if (!prefix || !instance)
                return NULL;
        for (size_t n = strlen(prefix); n > 0 && prefix[n - 1] == '-'; n--)
                prefix[n - 1] = '\0';
        dash = strrchr(prefix, '-');
        if (!dash || dash == prefix)
                return strdup("");
        dash[1] = '\0';
        return text_format("%s%s%s%s", prefix, *instance ? "@" : "", instance, name_suffix(name));
}

/* The folder names for a unit name, the specific ones first. */
static int folder_names(const char *name, char ***list)
{
        scoped(mem_freep) char *folder = text_format("%s.d", name), *next = NULL;
        int q = folder ? 0 : -ENOMEM;

        if (q == 0 && !strv_has(*list, folder))
                q = strv_add(list, folder);
        if (q == 0 && name_kind(name) == NAME_INSTANCE) {
                scoped(mem_freep) char *template = name_template(name);

                q = template ? folder_names(template, list) : -ENOMEM;
        }
        if (q < 0)
                return q;
        next = dashed_prefix(name);
        if (!next)
                return -ENOMEM;
        return *next ? folder_names(next, list) : 0;
}

/* The folders there are of these names, by their rank in the search path. */
static int add_folders(const struct unit_root *r, char *const *names, char ***list)
{
        int q = 0;

        for (unsigned dir = 0; q == 0 && r->path[dir]; dir++)
                for (char *const *name = names; q == 0 && *name; name++) {
                        scoped(mem_freep) char *path = NULL;

                        if (!index_has_folder(r->index, dir, *name))
                                continue;
                        path = text_format("%s/%s", r->path[dir], *name);
                        if (!path)
                                return -ENOMEM;
                        q = strv_has(*list, path) ? 0 : strv_add(list, path);
                }
        return q;
}

static int list_folders(const struct unit_root *r, char *const *names, char ***ret)
{
        const char *type = name_suffix(names[0]) + 1;
        scoped(mem_freep) char *of_type = text_format("%s.d", type);
        char *const of_all[] = { of_type, NULL };
        int q = 0;

        if (!of_type)
                return -ENOMEM;
        for (; q == 0 && *names; names++) {
                scoped(strv_freep) char **folders = NULL;

                q = folder_names(*names, &folders);
                q = q < 0 ? q : add_folders(r, folders, ret);
        }
        return q < 0 ? q : add_folders(r, of_all, ret);
}

static bool has_base(char *const *paths, const char *base)
{
        for (; paths && *paths; paths++)
                if (strcmp(strrchr(*paths, '/') + 1, base) == 0)
                        return true;
        return false;
}

static bool is_dropin(const struct dirent *d)
{
        return d->d_name[0] != '.' && text_ends(d->d_name, ".conf") && d->d_type != DT_DIR;
}

static int read_folder(const struct tree *t, const char *folder, char ***list)
{
        scoped(dir_closep) DIR *stream = NULL;
        struct dirent *d;
        int fd = tree_open(t, folder, O_RDONLY | O_DIRECTORY), r = 0;

        if (fd < 0)
                return fd == -ENOMEM ? fd : 0;
        stream = fdopendir(fd);
        if (!stream) {
                close(fd);
                return -ENOMEM;
        }
        for (size_t n = strv_length(*list); r == 0 && n < LIST_LIMIT && (d = readdir(stream));)
                if (is_dropin(d) && !has_base(*list, d->d_name)) {
                        r = strv_addf(list, "%s/%s", folder, d->d_name);
                        n++;
                }
        return r;
}

static int by_base(const void *a, const void *b)
{
        const char *one = *(char *const *)a, *other = *(char *const *)b;

        return strcmp(strrchr(one, '/'), strrchr(other, '/'));
}

int dropins_find(const struct unit_root *r, char *const *names, char ***ret)
{
        scoped(strv_freep) char **folders = NULL, **list = NULL;
        int q = list_folders(r, names, &folders);

        for (size_t i = 0; q == 0 && folders && folders[i]; i++)
                q = read_folder(index_tree(r->index), folders[i], &list);
        if (q < 0)
                return q;
        if (list)
                qsort(list, strv_length(list), sizeof(*list), by_base);
        *ret = take(list);
        return 0;
}

bool dropin_is_null(const struct unit_root *r, const char *path)
{
        scoped(fd_closep) int fd = tree_open(index_tree(r->index), path, O_PATH | O_NOFOLLOW);
        char target[16];
        ssize_t n = fd < 0 ? -1 : readlinkat(fd, "", target, sizeof(target));

        return n == (ssize_t)strlen("/dev/null") && memcmp(target, "/dev/null", (size_t)n) == 0;
}
