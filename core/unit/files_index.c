/* files_index.c - the names in the search path: read once, and again when a folder changed, so
 * that a thousand units are looked up without a thousand walks through a dozen folders. */
#include "core/unit/files_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/unit/name.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>

/* File times tick slowly: a folder that changed this shortly before it was read may change
 * again within the same tick. */
enum { TICK_NSEC = 20 * 1000 * 1000 };

struct folder_state {
        bool there;
        dev_t dev;
        ino_t ino;
        struct timespec changed;
};

struct unit_index {
        struct tree tree;
        bool fresh; /* cleared until the first look */
        struct unit_entry *entries;
        size_t count, room;
        struct subfolder *subfolders;
        size_t subfolder_count, subfolder_room;
        struct folder_state *folders;
        size_t folder_count;
        struct timespec looked;
};

static void empty(struct unit_index *x)
{
        for (size_t i = 0; i < x->count; i++) {
                free(x->entries[i].name);
                free(x->entries[i].target);
        }
        for (size_t i = 0; i < x->subfolder_count; i++)
                free(x->subfolders[i].name);
        x->count = x->subfolder_count = 0;
        x->fresh = false;
}

void index_free(struct unit_index *x)
{
        if (!x)
                return;
        empty(x);
        free(x->entries);
        free(x->subfolders);
        free(x->folders);
        tree_done(&x->tree);
        free(x);
}

int index_new(const struct unit_root *r, struct unit_index **ret, struct err *e)
{
        scoped(index_freep) struct unit_index *x = calloc(1, sizeof(*x));
        int q;

        if (!x)
                return err_set(e, -ENOMEM, "cannot list the unit files");
        q = tree_open_root(&x->tree, r->root, e);
        if (q < 0)
                return q;
        x->folder_count = strv_length(r->path);
        x->folders = calloc(x->folder_count + 1, sizeof(*x->folders));
        if (!x->folders)
                return err_set(e, -ENOMEM, "cannot list the unit files");
        *ret = take(x);
        return 0;
}

const struct tree *index_tree(const struct unit_index *x)
{
        return &x->tree;
}

/* The array with room for one more member; NULL: out of memory, and it stays as it was. */
static void *grown(void *array, size_t count, size_t *room, size_t size)
{
        size_t wanted = *room ? *room * 2 : 256;
        void *more;

        if (count < *room)
                return array;
        more = realloc(array, wanted * size);
        if (more)
                *room = wanted;
        return more;
}

int index_folder_of(const struct unit_root *r, const char *path)
{
        const char *slash = strrchr(path, '/');
        size_t n = (size_t)(slash - path);

        for (size_t i = 0; r->path && r->path[i]; i++)
                if (strlen(r->path[i]) == n && memcmp(r->path[i], path, n) == 0)
                        return (int)i;
        return -1;
}

/* Whether path lies in the search path, at any depth. */
static bool in_search_path(const struct unit_root *r, const char *path)
{
        for (size_t i = 0; r->path && r->path[i]; i++)
                if (text_starts(path, r->path[i]) && path[strlen(r->path[i])] == '/')
                        return true;
        return false;
}

char *link_target(const struct unit_root *r, const char *folder, const char *text)
{
        scoped(mem_freep) char *target = path_simplify(folder, text);

        if (!target || !text_starts(target, "/lib/systemd/") || in_search_path(r, target))
                return take(target);
        return text_format("/usr%s", target);
}

static int classify_link(const struct unit_root *r, int dirfd, struct unit_entry *entry)
{
        char text[4096];
        ssize_t n = readlinkat(dirfd, entry->name, text, sizeof(text) - 1);
        const char *base;

        entry->kind = ENTRY_IGNORED;
        if (n <= 0 || n == sizeof(text) - 1)
                return 0;
        text[n] = '\0';
        entry->target = link_target(r, r->path[entry->dir], text);
        if (!entry->target)
                return -ENOMEM;
        base = strrchr(entry->target, '/') + 1;
        if (strcmp(entry->target, "/dev/null") == 0)
                entry->kind = ENTRY_MASKED;
        else if (!in_search_path(r, entry->target))
                entry->kind = ENTRY_LINKED;
        else if (strcmp(base, entry->name) != 0 && name_may_alias(entry->name, base))
                entry->kind = ENTRY_ALIAS;
        return 0;
}

static unsigned char entry_type(int dirfd, const struct dirent *d)
{
        struct stat st;

        if (d->d_type != DT_UNKNOWN)
                return d->d_type;
        if (fstatat(dirfd, d->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return DT_UNKNOWN;
        return IFTODT(st.st_mode);
}

static int add_unit(struct unit_index *x, const struct unit_root *r, int dirfd, unsigned dir,
                    const struct dirent *d)
{
        struct unit_entry *entry = grown(x->entries, x->count, &x->room, sizeof(*entry));

        if (!entry)
                return -ENOMEM;
        x->entries = entry;
        entry += x->count;
        *entry = (struct unit_entry){ .name = strdup(d->d_name), .dir = dir };
        if (!entry->name)
                return -ENOMEM;
        x->count++;
        switch (entry_type(dirfd, d)) {
        case DT_REG:
                entry->kind = ENTRY_FILE;
                return 0;
        case DT_LNK:
                return classify_link(r, dirfd, entry);
        case DT_DIR:
                entry->kind = ENTRY_FOLDER;
                return 0;
        default:
                entry->kind = ENTRY_ODD;
                return 0;
        }
}

static int add_subfolder(struct unit_index *x, unsigned dir, const char *name)
{
        struct subfolder *folder = grown(x->subfolders, x->subfolder_count, &x->subfolder_room,
                                         sizeof(*folder));

        if (!folder)
                return -ENOMEM;
        x->subfolders = folder;
        folder += x->subfolder_count;
        *folder = (struct subfolder){ .name = strdup(name), .dir = dir };
        if (!folder->name)
                return -ENOMEM;
        x->subfolder_count++;
        return 0;
}

static bool is_generated(const char *folder)
{
        return strstr(folder, "/systemd/generator") != NULL;
}

/* Folders of drop-ins, and of links to what a unit pulls in. */
static bool is_subfolder(const char *name)
{
        static const char *const suffixes[] = { ".d", ".wants", ".requires", ".upholds" };

        for (size_t i = 0; *name != '.' && i < COUNT(suffixes); i++)
                if (text_ends(name, suffixes[i]))
                        return true;
        return false;
}

/* A folder that cannot be read is as good as absent, as it is for systemd. */
static int scan_folder(struct unit_index *x, const struct unit_root *r, unsigned dir)
{
        scoped(dir_closep) DIR *stream = NULL;
        struct dirent *d;
        int fd, q = 0;

        if (is_generated(r->path[dir]) && !r->generated)
                return 0;
        fd = tree_open(&x->tree, r->path[dir], O_RDONLY | O_DIRECTORY);
        if (fd < 0)
                return fd == -ENOMEM ? fd : 0;
        stream = fdopendir(fd);
        if (!stream) {
                close(fd);
                return -ENOMEM;
        }
        while (q == 0 && (d = readdir(stream))) {
                if (name_kind(d->d_name))
                        q = add_unit(x, r, fd, dir, d);
                else if (is_subfolder(d->d_name))
                        q = add_subfolder(x, dir, d->d_name);
        }
        return q;
}

static int by_name(const void *a, const void *b)
{
        const struct unit_entry *one = a, *other = b;
        int order = strcmp(one->name, other->name);

        return order ? order : (one->dir > other->dir) - (one->dir < other->dir);
}

static int by_folder_name(const void *a, const void *b)
{
        const struct subfolder *one = a, *other = b;
        int order = strcmp(one->name, other->name);

        return order ? order : (one->dir > other->dir) - (one->dir < other->dir);
}

static struct folder_state look(const struct tree *t, const char *folder)
{
        struct folder_state now = { 0 };
        struct stat st;

        if (tree_stat(t, folder, &st) == 0)
                now = (struct folder_state){
                        .there = true, .dev = st.st_dev, .ino = st.st_ino, .changed = st.st_mtim
                };
        return now;
}

static bool before(struct timespec a, struct timespec b, long margin)
{
        long long gap = (long long)(b.tv_sec - a.tv_sec) * 1000000000 + (b.tv_nsec - a.tv_nsec);

        return gap > margin;
}

static bool is_fresh(const struct unit_index *x, const struct unit_root *r)
{
        if (!x->fresh)
                return false;
        for (size_t i = 0; i < x->folder_count; i++) {
                const struct folder_state *then = &x->folders[i];
                struct folder_state now = look(&x->tree, r->path[i]);

                if (now.there != then->there || now.dev != then->dev || now.ino != then->ino ||
                    now.changed.tv_sec != then->changed.tv_sec ||
                    now.changed.tv_nsec != then->changed.tv_nsec)
                        return false;
                if (then->there && !before(then->changed, x->looked, TICK_NSEC))
                        return false;
        }
        return true;
}

int index_refresh(const struct unit_root *r)
{
        struct unit_index *x = r->index;
        int q = 0;

        if (is_fresh(x, r))
                return 0;
        empty(x);
        clock_gettime(CLOCK_REALTIME, &x->looked);
        for (size_t i = 0; q == 0 && i < x->folder_count; i++) {
                x->folders[i] = look(&x->tree, r->path[i]);
                if (x->folders[i].there)
                        q = scan_folder(x, r, (unsigned)i);
        }
        if (q < 0)
                return q;
        if (x->count)
                qsort(x->entries, x->count, sizeof(*x->entries), by_name);
        if (x->subfolder_count)
                qsort(x->subfolders, x->subfolder_count, sizeof(*x->subfolders), by_folder_name);
        x->fresh = true;
        return 0;
}

size_t index_count(const struct unit_index *x)
{
        return x->count;
}

const struct unit_entry *index_at(const struct unit_index *x, size_t i)
{
        return &x->entries[i];
}

const struct unit_entry *index_first(const struct unit_index *x, const char *name)
{
        size_t low = 0, high = x->count;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (strcmp(x->entries[middle].name, name) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low < x->count && strcmp(x->entries[low].name, name) == 0 ? &x->entries[low] : NULL;
}

const struct unit_entry *index_find(const struct unit_index *x, const char *name)
{
        const struct unit_entry *entry = index_first(x, name), *end = x->entries + x->count;

        for (; entry && entry < end && strcmp(entry->name, name) == 0; entry++)
                if (entry->kind != ENTRY_IGNORED && entry->kind != ENTRY_FOLDER &&
                    entry->kind != ENTRY_ODD)
                        return entry;
        return NULL;
}

bool index_has_folder(const struct unit_index *x, unsigned dir, const char *name)
{
        struct subfolder key = { .name = (char *)name, .dir = dir };

        return x->subfolder_count &&
               bsearch(&key, x->subfolders, x->subfolder_count, sizeof(key), by_folder_name);
}

const struct subfolder *index_subfolders(const struct unit_index *x, size_t *ret_count)
{
        *ret_count = x->subfolder_count;
        return x->subfolders;
}

char *entry_path(const struct unit_root *r, const struct unit_entry *entry)
{
        return text_format("%s/%s", r->path[entry->dir], entry->name);
}
