/* files_install.c - whether a unit file is enabled, by the rules of systemctl list-unit-files:
 * which links lead to it, and what its [Install] section would make. */
#include "core/unit/files_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/unit/name.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

enum { HOP_LIMIT = 64 };

/* A unit file as its links lead to it. */
struct found {
        bool masked;
        char *name; /* under which it was found in the end */
        char *path; /* of the file, or of the link that masks it */
        char *bytes;
        size_t length;
};

static void found_done(struct found *f)
{
        free(f->name);
        free(f->path);
        free(f->bytes);
}

/* The [Install] section. */
struct install {
        const char *unit;
        char **aliases, **others; /* Alias=; WantedBy=, RequiredBy=, UpheldBy= */
        char *also, *instance;
};

static void install_done(struct install *i)
{
        strv_free(i->aliases);
        strv_free(i->others);
        free(i->also);
        free(i->instance);
}

static int expand(const struct install *i, const char *value, char **ret)
{
        struct specifier_context c = { .unit = i->unit };
        char bad;
        int r = specifier_expand(&c, value, ret, &bad);

        if (r == 1)
                *ret = strdup(value);
        return *ret ? 0 : -ENOMEM;
}

static int assign_list(const struct install *i, const char *value, char ***list)
{
        scoped(mem_freep) char *done = NULL;
        scoped(strv_freep) char **words = NULL;
        int r = expand(i, value, &done);

        if (r == 0)
                r = strv_split(done, " \t", &words);
        if (r == 0 && !words) {
                strv_free(*list);
                *list = NULL;
        }
        for (size_t n = 0; r == 0 && words && words[n] && n < LIST_LIMIT; n++)
                if (strv_length(*list) < LIST_LIMIT)
                        r = strv_add(list, words[n]);
        return r;
}

static int assign_text(const struct install *i, const char *value, char **slot)
{
        char *done = NULL;
        int r = expand(i, value, &done);

        if (r < 0)
                return r;
        free(*slot);
        *slot = done;
        return 0;
}

static int sink_assign(void *userdata, unsigned line, const char *section, const char *key,
                       const char *value)
{
        struct install *i = userdata;

        (void)line;
        if (strcmp(section, "Install") != 0)
                return 0;
        if (strcmp(key, "Alias") == 0)
                return assign_list(i, value, &i->aliases);
        if (strcmp(key, "WantedBy") == 0 || strcmp(key, "RequiredBy") == 0 ||
            strcmp(key, "UpheldBy") == 0)
                return assign_list(i, value, &i->others);
        if (strcmp(key, "Also") == 0)
                return assign_text(i, value, &i->also);
        return strcmp(key, "DefaultInstance") == 0 ? assign_text(i, value, &i->instance) : 0;
}

static int sink_odd(void *userdata, unsigned line, const char *key, const char *text,
                    const char *why)
{
        (void)userdata;
        (void)line;
        (void)key;
        (void)text;
        (void)why;
        return 0;
}

/* Reads the file at path, or the target of the link there.  0: f is filled; 1: *ret_target is. */
static int load(const struct unit_root *r, const char *path, struct found *f, char **ret_target)
{
        scoped(fd_closep) int fd = tree_open(index_tree(r->index), path, O_PATH | O_NOFOLLOW);
        scoped(mem_freep) char *folder = NULL;
        char target[4096];
        struct stat st;
        ssize_t n;

        if (fd < 0)
                return fd;
        if (fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISLNK(st.st_mode)) {
                f->path = strdup(path);
                if (!f->path)
                        return -ENOMEM;
                return tree_read(index_tree(r->index), path, FILE_LIMIT, &f->bytes, &f->length);
        }
        n = readlinkat(fd, "", target, sizeof(target) - 1);
        if (n <= 0)
                return n < 0 ? -errno : -EINVAL;
        target[n] = '\0';
        folder = strndup(path, (size_t)(strrchr(path, '/') - path));
        *ret_target = folder ? link_target(r, folder, target) : NULL;
        return *ret_target ? 1 : -ENOMEM;
}

static bool is_mask(const struct unit_root *r, const char *target)
{
        struct stat st;

        return strcmp(target, "/dev/null") == 0 ||
               (tree_stat(index_tree(r->index), target, &st) == 0 &&
                ((S_ISREG(st.st_mode) && st.st_size == 0) || S_ISCHR(st.st_mode)));
}

/* The first entry of the search path by that name, or by its template's; a folder that is
 * called so is one too, and bad. */
static int first_path(const struct unit_root *r, const char *name, char **ret)
{
        const struct unit_entry *entry = index_first(r->index, name);

        if (!entry && name_kind(name) == NAME_INSTANCE) {
                scoped(mem_freep) char *template = name_template(name);

                if (!template)
                        return -ENOMEM;
                entry = index_first(r->index, template);
        }
        if (!entry)
                return -ENOENT;
        *ret = entry_path(r, entry);
        return *ret ? 0 : -ENOMEM;
}

/* Goes from f->name to the name that the alias stands for, keeping the instance. */
static int rename_to(struct found *f, const char *base)
{
        scoped(mem_freep) char *instance = name_instance(f->name);
        char *name;

        if (!instance)
                return -ENOMEM;
        if (!name_may_alias(f->name, base))
                return -EINVAL;
        name = name_kind(base) == NAME_TEMPLATE && *instance ? name_with_instance(base, instance)
                                                             : strdup(base);
        if (!name)
                return -ENOMEM;
        free(f->name);
        f->name = name;
        return 0;
}

/* The usual case, a file and nothing else.  1: it is not that simple. */
static int load_plain(const struct unit_root *r, const char *name, struct found *f)
{
        const struct unit_entry *entry = index_first(r->index, name);
        int q;

        if (!entry || entry->kind != ENTRY_FILE)
                return 1;
        f->path = entry_path(r, entry);
        if (!f->path)
                return -ENOMEM;
        q = tree_read_regular(index_tree(r->index), f->path, FILE_LIMIT, &f->bytes, &f->length);
        f->masked = q == 0 && f->length == 0;
        return q;
}

static int discover(const struct unit_root *r, const char *name, struct found *f)
{
        scoped(mem_freep) char *path = NULL;
        int q;

        f->name = strdup(name);
        if (!f->name)
                return -ENOMEM;
        q = load_plain(r, name, f);
        if (q <= 0)
                return q;
        q = first_path(r, name, &path);
        for (int hops = 0; q == 0 && hops < HOP_LIMIT; hops++) {
                scoped(mem_freep) char *target = NULL;
                const char *base;

                q = load(r, path, f, &target);
                if (q <= 0) {
                        f->masked = q == 0 && f->length == 0;
                        return q;
                }
                f->masked = is_mask(r, target);
                if (f->masked) {
                        f->path = take(path);
                        return 0;
                }
                base = strrchr(target, '/') + 1;
                free(take(path));
                if (index_folder_of(r, target) < 0) {
                        path = take(target);
                        q = 0;
                        continue;
                }
                if (strcmp(base, f->name) == 0)
                        return -ELOOP;
                q = rename_to(f, base);
                q = q < 0 ? q : first_path(r, f->name, &path);
        }
        return q < 0 ? q : -ELOOP;
}

/* Folders of the search path, by what a link in them means. */
static bool is_config(const struct unit_root *r, unsigned dir)
{
        const char *path = r->path[dir];

        if (r->scope == SCOPE_SYSTEM)
                return strcmp(path, "/etc/systemd/system") == 0;
        return text_ends(path, "/systemd/user") && !strstr(path, "/share/") &&
               !text_starts(path, "/run/") && !text_starts(path, "/usr/");
}

static bool is_runtime(const struct unit_root *r, const char *path)
{
        const char *runtime = getenv("XDG_RUNTIME_DIR");

        if (r->scope == SCOPE_USER && runtime && *runtime == '/' && text_starts(path, runtime))
                return true;
        return text_starts(path, "/run/systemd/");
}

/* Whether [Install] of the unit would make a link called name. */
static bool is_own_name(const struct found *f, const struct install *i, const char *name)
{
        scoped(mem_freep) char *instance = NULL;

        if (strcmp(name, f->name) == 0 || strv_has(i->aliases, name))
                return true;
        if (!i->instance || name_kind(f->name) != NAME_TEMPLATE)
                return false;
        instance = name_with_instance(f->name, i->instance);
        return instance && strcmp(instance, name) == 0;
}

/* What is known of the links to one unit. */
struct search {
        const struct unit_root *root;
        const struct found *found;
        const struct install *install;
        bool own_names; /* only links that [Install] would make */
        int file_dir;   /* links of the same name below this folder do not count; -1 */
        bool enabled, enabled_runtime, anywhere, linked, linked_runtime;
};

static void weigh(struct search *s, const struct enabling *e)
{
        bool same_name = strcmp(e->name, s->found->name) == 0;
        bool same_target = strcmp(e->target, s->found->name) == 0;
        bool config = is_config(s->root, e->dir);
        bool runtime = is_runtime(s->root, s->root->path[e->dir]);

        if (s->file_dir >= 0 && (int)e->dir > s->file_dir)
                same_name = false;
        if (!same_name && !same_target)
                return;
        if (same_name && same_target && !e->pulled) {
                s->linked |= config;
                s->linked_runtime |= runtime && !config;
                return;
        }
        if (s->own_names && !is_own_name(s->found, s->install, e->name))
                return;
        s->enabled |= config;
        s->enabled_runtime |= runtime && !config;
        s->anywhere |= !config && !runtime;
}

/* The first member of the sorted list that is not before key. */
static size_t lower(const struct enabling *list, size_t count, const struct enabling *key,
                    int (*compare)(const void *, const void *))
{
        size_t low = 0, high = count;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (compare(&list[middle], key) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

/* NULL: no link says anything. */
static const char *by_links(struct search *s, const struct enablings *e)
{
        struct enabling key = { .name = s->found->name, .target = s->found->name };

        s->enabled = s->enabled_runtime = s->anywhere = s->linked = s->linked_runtime = false;
        for (size_t i = lower(e->by_name, e->count, &key, enabling_by_name);
             i < e->count && strcmp(e->by_name[i].name, key.name) == 0; i++)
                weigh(s, &e->by_name[i]);
        for (size_t i = lower(e->by_target, e->count, &key, enabling_by_target);
             i < e->count && strcmp(e->by_target[i].target, key.target) == 0; i++)
                weigh(s, &e->by_target[i]);
        if (s->enabled)
                return "enabled";
        if (s->enabled_runtime)
                return "enabled-runtime";
        if (s->anywhere && name_kind(s->found->name) == NAME_INSTANCE)
                return "static";
        if (s->linked)
                return "linked";
        return s->linked_runtime ? "linked-runtime" : NULL;
}

static const char *by_file(const struct unit_root *r, const struct enablings *e,
                           const struct found *f, const struct install *i)
{
        struct search s = { .root = r,
                            .found = f,
                            .install = i,
                            .own_names = true,
                            .file_dir = index_folder_of(r, f->path) };
        const char *state = by_links(&s, e);

        if (state)
                return state;
        s.own_names = false;
        if (by_links(&s, e))
                return "indirect";
        if (i->aliases || i->others)
                return "disabled";
        return i->also && *i->also ? "indirect" : "static";
}

/* [Install] of the drop-ins counts as well.  Same returns as files_parse(). */
static int parse_dropins(const struct unit_root *r, const char *name, const struct parse_sink *sink)
{
        scoped(strv_freep) char **paths = NULL;
        char *const names[] = { (char *)name, NULL };
        int q = dropins_find(r, names, &paths);

        for (size_t i = 0; q == 0 && paths && paths[i]; i++) {
                scoped(mem_freep) char *bytes = NULL;
                size_t length = 0;

                if (dropin_is_null(r, paths[i]))
                        continue;
                q = tree_read(index_tree(r->index), paths[i], FILE_LIMIT, &bytes, &length);
                if (q == 0 && length > 0)
                        q = files_parse(sink, bytes, length, NULL);
        }
        return q;
}

const char *install_state(const struct unit_root *r, const struct enablings *e, const char *name)
{
        scoped(found_done) struct found f = { 0 };
        scoped(install_done) struct install i = { 0 };
        struct parse_sink sink = { .userdata = &i, .assign = sink_assign, .odd = sink_odd };
        int q = discover(r, name, &f);

        if (q < 0)
                return q == -ENOMEM ? NULL : "bad";
        if (f.masked)
                return is_runtime(r, f.path) ? "masked-runtime" : "masked";
        if (strcmp(name, strrchr(f.path, '/') + 1) != 0 && name_kind(f.name) != NAME_INSTANCE)
                return "alias";
        if (strstr(f.path, "/systemd/generator"))
                return "generated";
        if (strstr(f.path, "/systemd/transient/"))
                return "transient";
        i.unit = f.name;
        q = files_parse(&sink, f.bytes, f.length, NULL);
        q = q ? q : parse_dropins(r, f.name, &sink);
        if (q)
                return q == -ENOMEM ? NULL : "bad";
        return by_file(r, e, &f, &i);
}
