/* files_links.c - the links that enable units or give them other names, sorted both ways. */
#include "core/unit/files_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/unit/name.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

int enabling_by_name(const void *a, const void *b)
{
        return strcmp(((const struct enabling *)a)->name, ((const struct enabling *)b)->name);
}

int enabling_by_target(const void *a, const void *b)
{
        return strcmp(((const struct enabling *)a)->target, ((const struct enabling *)b)->target);
}

static int add_enabling(struct enablings *e, size_t *room, const char *name, const char *target,
                        unsigned dir, bool pulled)
{
        const char *slash = strrchr(target, '/');
        struct enabling *more = e->by_name;

        if (e->count == *room) {
                *room = *room ? *room * 2 : 256;
                more = realloc(more, *room * sizeof(*more));
                if (!more)
                        return -ENOMEM;
                e->by_name = more;
        }
        more[e->count++] = (struct enabling){
                .name = name, .dir = dir, .pulled = pulled, .target = slash ? slash + 1 : target
        };
        return 0;
}

/* Keeps a copy of text as long as e lives; NULL: out of memory. */
static const char *keep(struct enablings *e, size_t *owned, size_t *room, const char *text)
{
        if (*owned + 2 > *room) {
                char **more;

                *room = *room ? *room * 2 : 256;
                more = realloc(e->owned, *room * sizeof(*more));
                if (!more)
                        return NULL;
                e->owned = more;
        }
        e->owned[*owned] = strdup(text);
        if (!e->owned[*owned])
                return NULL;
        e->owned[*owned + 1] = NULL;
        return e->owned[(*owned)++];
}

struct reading {
        struct enablings *to;
        size_t room, owned, owned_room;
};

static int read_pulled(struct reading *reading, const struct unit_root *r,
                       const struct subfolder *sub)
{
        scoped(mem_freep) char *path = text_format("%s/%s", r->path[sub->dir], sub->name);
        scoped(dir_closep) DIR *stream = NULL;
        struct dirent *d;
        char target[4096];
        int fd, q = 0;

        if (!path)
                return -ENOMEM;
        fd = tree_open(index_tree(r->index), path, O_RDONLY | O_DIRECTORY);
        if (fd < 0)
                return fd == -ENOMEM ? fd : 0;
        stream = fdopendir(fd);
        if (!stream) {
                close(fd);
                return -ENOMEM;
        }
        while (q == 0 && (d = readdir(stream))) {
                ssize_t n = name_kind(d->d_name)
                                    ? readlinkat(fd, d->d_name, target, sizeof(target) - 1)
                                    : -1;
                const char *name, *to;

                if (n <= 0)
                        continue;
                target[n] = '\0';
                name = keep(reading->to, &reading->owned, &reading->owned_room, d->d_name);
                to = name ? keep(reading->to, &reading->owned, &reading->owned_room, target) : NULL;
                q = to ? add_enabling(reading->to, &reading->room, name, to, sub->dir, true)
                       : -ENOMEM;
        }
        return q;
}

int enablings_read(const struct unit_root *r, struct enablings *ret)
{
        struct reading reading = { .to = ret };
        size_t count;
        const struct subfolder *sub = index_subfolders(r->index, &count);
        int q = 0;

        *ret = (struct enablings){ 0 };
        for (size_t i = 0; q == 0 && i < count; i++)
                if (!text_ends(sub[i].name, ".d"))
                        q = read_pulled(&reading, r, &sub[i]);
        for (size_t i = 0; q == 0 && i < index_count(r->index); i++) {
                const struct unit_entry *entry = index_at(r->index, i);

                if (entry->target)
                        q = add_enabling(ret, &reading.room, entry->name, entry->target, entry->dir,
                                         false);
        }
        if (q == 0 && ret->count) {
                ret->by_target = malloc(ret->count * sizeof(*ret->by_target));
                if (!ret->by_target)
                        return -ENOMEM;
                memcpy(ret->by_target, ret->by_name, ret->count * sizeof(*ret->by_target));
                qsort(ret->by_name, ret->count, sizeof(*ret->by_name), enabling_by_name);
                qsort(ret->by_target, ret->count, sizeof(*ret->by_target), enabling_by_target);
        }
        return q;
}

void enablings_done(struct enablings *e)
{
        free(e->by_name);
        free(e->by_target);
        strv_free(e->owned);
}
