/* files_names.c - which names mean the same unit: aliases, templates, instances. */
#include "core/unit/files_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/unit/name.h"

#include <errno.h>
#include <string.h>

/* The entry of name, or of its template where an instance has none of its own. */
static int find(const struct unit_index *x, const char *name, const struct unit_entry **ret)
{
        scoped(mem_freep) char *template = NULL;

        *ret = index_find(x, name);
        if (*ret || name_kind(name) != NAME_INSTANCE)
                return *ret ? 0 : -ENOENT;
        template = name_template(name);
        if (!template)
                return -ENOMEM;
        *ret = index_find(x, template);
        return *ret ? 0 : -ENOENT;
}

int names_resolve(const struct unit_index *x, const char *name, const struct unit_entry **ret)
{
        const struct unit_entry *entry = NULL;

        for (int hops = 0; hops < ALIAS_LIMIT; hops++) {
                int r = find(x, name, &entry);

                if (r < 0)
                        return r;
                if (entry->kind != ENTRY_ALIAS) {
                        *ret = entry;
                        return 0;
                }
                name = strrchr(entry->target, '/') + 1;
        }
        return -ELOOP;
}

/* Adds the name by which unit goes through the link alias, if it is one of its names. */
static int add_alias(const struct unit_index *x, const char *unit, const char *instance,
                     const struct unit_entry *entry, const struct unit_entry *alias, char ***list)
{
        const struct unit_entry *end = NULL;
        scoped(mem_freep) char *own = NULL;
        int r;

        if (alias->kind != ENTRY_ALIAS ||
            strcmp(name_suffix(alias->name), name_suffix(unit)) != 0 ||
            index_find(x, alias->name) != alias)
                return 0;
        r = names_resolve(x, alias->name, &end);
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        if (end != entry)
                return 0;
        if (name_kind(alias->name) == NAME_TEMPLATE && *instance)
                own = name_with_instance(alias->name, instance);
        else
                own = strdup(alias->name);
        if (!own)
                return -ENOMEM;
        if (name_kind(own) == NAME_INSTANCE) {
                scoped(mem_freep) char *other = name_instance(own);

                if (!other)
                        return -ENOMEM;
                if (strcmp(other, instance) != 0)
                        return 0;
        }
        return strcmp(own, unit) == 0 || strv_has(*list, own) ? 0 : strv_add(list, own);
}

int names_aliases(const struct unit_index *x, const char *unit, const struct unit_entry *entry,
                  char ***ret)
{
        scoped(strv_freep) char **list = NULL;
        scoped(mem_freep) char *instance = name_instance(unit);

        if (!instance)
                return -ENOMEM;
        for (size_t i = 0; i < index_count(x); i++) {
                int r = add_alias(x, unit, instance, entry, index_at(x, i), &list);

                if (r < 0)
                        return r;
        }
        strv_sort(list);
        *ret = take(list);
        return 0;
}
