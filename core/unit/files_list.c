/* files_list.c - every service there is a file or an enabled instance for. */
#include "core/unit/files_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/unit/name.h"

#include <errno.h>
#include <string.h>

void unit_files_free(struct unit_file *files, size_t count)
{
        for (size_t i = 0; files && i < count; i++) {
                free(files[i].name);
                free(files[i].path);
        }
        free(files);
}

struct list {
        struct unit_file *files;
        size_t count, room;
};

static void list_done(struct list *l)
{
        unit_files_free(l->files, l->count);
}

static int add(struct list *l, const char *name, char *path, const char *state)
{
        char *copy = strdup(name);

        if (l->count == l->room) {
                size_t room = l->room ? l->room * 2 : 256;
                struct unit_file *more = realloc(l->files, room * sizeof(*more));

                if (more) {
                        l->files = more;
                        l->room = room;
                }
        }
        if (!copy || !path || l->count == l->room) {
                free(copy);
                free(path);
                return -ENOMEM;
        }
        l->files[l->count++] = (struct unit_file){ .name = copy, .path = path, .state = state };
        return 0;
}

static int add_entries(struct list *l, const struct unit_root *r, const struct enablings *e)
{
        const char *last = "";
        int q = 0;

        for (size_t i = 0; q == 0 && i < index_count(r->index); i++) {
                const struct unit_entry *entry = index_at(r->index, i);
                const char *state;

                if (entry->kind == ENTRY_FOLDER || entry->kind == ENTRY_ODD ||
                    *entry->name == '.' || !text_ends(entry->name, ".service") ||
                    strcmp(entry->name, last) == 0)
                        continue;
                last = entry->name;
                state = install_state(r, e, entry->name);
                q = state ? add(l, entry->name, entry_path(r, entry), state) : -ENOMEM;
        }
        return q;
}

/* Instances that something pulls in and that have no file of their own. */
static int add_instances(struct list *l, const struct unit_root *r, const struct enablings *e)
{
        const char *last = "";
        int q = 0;

        for (size_t i = 0; q == 0 && i < e->count; i++) {
                const struct enabling *link = &e->by_name[i];
                const struct unit_entry *entry = NULL;
                const char *state;

                if (!link->pulled || !text_ends(link->name, ".service") ||
                    name_kind(link->name) != NAME_INSTANCE || strcmp(link->name, last) == 0 ||
                    index_first(r->index, link->name))
                        continue;
                last = link->name;
                q = names_resolve(r->index, link->name, &entry);
                if (q == -ENOENT || q == -ELOOP) {
                        q = 0;
                        continue;
                }
                state = q == 0 ? install_state(r, e, link->name) : NULL;
                q = state ? add(l, link->name, entry_path(r, entry), state) : -ENOMEM;
        }
        return q;
}

static int by_name(const void *a, const void *b)
{
        return strcmp(((const struct unit_file *)a)->name, ((const struct unit_file *)b)->name);
}

int unit_files_list(const struct unit_root *r, struct unit_file **ret, size_t *ret_count,
                    struct err *e)
{
        scoped(list_done) struct list l = { 0 };
        scoped(enablings_done) struct enablings links = { 0 };
        int q = index_refresh(r);

        q = q < 0 ? q : enablings_read(r, &links);
        q = q < 0 ? q : add_entries(&l, r, &links);
        q = q < 0 ? q : add_instances(&l, r, &links);
        if (q < 0)
                return err_set(e, q, "cannot list the unit files");
        if (l.count)
                qsort(l.files, l.count, sizeof(*l.files), by_name);
        *ret = l.files;
        *ret_count = l.count;
        l = (struct list){ 0 };
        return 0;
}
