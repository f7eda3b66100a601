/* view_paths.c - which files a sandbox leaves writable, readable, hidden: each directive says it of
 * some paths, and the rule with the longest path counts. */
#include "core/breach/view_private.h"

#include <errno.h>
#include <stdlib.h>

/* Where a member of a list begins to tell: "-" and "+" stand before paths. */
static const char *plain(const char *word)
{
        return word + strspn(word, "-+");
}

static int by_path(const void *a, const void *b)
{
        const struct view_path *x = a, *y = b;

        return strcmp(x->path, y->path);
}

static bool is_below(const char *path, const char *folder)
{
        size_t n = strlen(folder);

        if (strcmp(folder, "/") == 0)
                return true;
        return strncmp(path, folder, n) == 0 && (path[n] == '/' || !path[n]);
}

/* A path that is named twice has the rule that was named last, as it lies on top. */
static int add(struct service_view *v, const char *path, size_t length, enum reach reach,
               enum directive_id by)
{
        scoped(mem_freep) char *copy = strndup(path, length);
        struct view_path *more;

        if (!copy)
                return -ENOMEM;
        if (text_starts(copy, "/var/run/")) /* a symlink everywhere */
                memmove(copy, copy + strlen("/var"), strlen(copy + strlen("/var")) + 1);
        for (size_t n = strlen(copy); n > 1 && copy[n - 1] == '/'; n--)
                copy[n - 1] = '\0';
        if (*copy != '/')
                return 0;
        for (size_t i = 0; i < v->path_count; i++)
                if (strcmp(v->paths[i].path, copy) == 0) {
                        v->paths[i].reach = reach;
                        v->paths[i].by = by;
                        return 0;
                }
        more = realloc(v->paths, (v->path_count + 1) * sizeof(*more));
        if (!more)
                return -ENOMEM;
        v->paths = more;
        more[v->path_count++] = (struct view_path){ .path = take(copy), .reach = reach, .by = by };
        return 0;
}

static int add_path(struct service_view *v, const char *path, enum reach reach,
                    enum directive_id by)
{
        return add(v, path, strlen(path), reach, by);
}

/* ---- what everyone has ---- */

/* Folders that are always told of, and what they are to a user who is not root. */
static const struct {
        const char *path;
        enum reach reach;
        bool of_twin;
} folders[] = {
        { "/", REACH_OWNED, false },
        { "/boot", REACH_OWNED, false },
        { "/dev/shm", REACH_WRITABLE, false },
        { "/etc", REACH_OWNED, false },
        { "/home", REACH_OWNED, false },
        { "/proc/sys", REACH_OWNED, true },
        { "/root", REACH_OWNED, false },
        { "/run", REACH_OWNED, false },
        { "/run/user", REACH_OWNED, false },
        { "/sys", REACH_OWNED, true },
        { "/sys/fs/cgroup", REACH_OWNED, true },
        { "/tmp", REACH_WRITABLE, false },
        { "/usr", REACH_OWNED, false },
        { "/var", REACH_OWNED, false },
        { "/var/tmp", REACH_WRITABLE, false },
};

static int add_folders(struct service_view *v)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < COUNT(folders); i++)
                r = add_path(v, folders[i].path, v->is_root ? REACH_WRITABLE : folders[i].reach,
                             DIRECTIVE_COUNT);
        return r;
}

static void mark_twin(struct service_view *v)
{
        for (size_t i = 0; i < v->path_count; i++)
                for (size_t k = 0; k < COUNT(folders); k++)
                        if (folders[k].of_twin && strcmp(v->paths[i].path, folders[k].path) == 0)
                                v->paths[i].of_twin = true;
}

/* What can be written by its owner alone is not below a rule that leaves it as it is. */
static enum reach natural(const struct service_view *v, const char *path)
{
        enum reach best = v->is_root ? REACH_WRITABLE : REACH_OWNED;

        if (v->is_root)
                return best;
        for (size_t i = 0; i < COUNT(folders); i++)
                if (folders[i].reach == REACH_WRITABLE && is_below(path, folders[i].path))
                        best = REACH_WRITABLE;
        return best;
}

/* ---- rules of directives with fixed paths ---- */

/* value: a choice, "*" for any but no; in the order in which systemd lays them. */
static const struct {
        enum directive_id directive;
        const char *value, *path;
        enum reach reach;
} rules[] = {
        { D_ProtectSystem, "strict", "/", REACH_READ_ONLY },
        { D_ProtectSystem, "strict", "/proc/sys", REACH_OWNED },
        { D_ProtectSystem, "strict", "/sys", REACH_OWNED },
        { D_ProtectSystem, "strict", "/dev/shm", REACH_WRITABLE },
        { D_ProtectSystem, "*", "/usr", REACH_READ_ONLY },
        { D_ProtectSystem, "*", "/boot", REACH_READ_ONLY },
        { D_ProtectSystem, "full", "/etc", REACH_READ_ONLY },
        { D_ProtectHome, "yes", "/home", REACH_HIDDEN },
        { D_ProtectHome, "yes", "/root", REACH_HIDDEN },
        { D_ProtectHome, "yes", "/run/user", REACH_HIDDEN },
        { D_ProtectHome, "read-only", "/home", REACH_READ_ONLY },
        { D_ProtectHome, "read-only", "/root", REACH_READ_ONLY },
        { D_ProtectHome, "read-only", "/run/user", REACH_READ_ONLY },
        { D_ProtectHome, "tmpfs", "/home", REACH_EMPTY },
        { D_ProtectHome, "tmpfs", "/root", REACH_EMPTY },
        { D_ProtectHome, "tmpfs", "/run/user", REACH_EMPTY },
        { D_ProtectKernelTunables, "*", "/proc/sys", REACH_READ_ONLY },
        { D_ProtectKernelTunables, "*", "/sys", REACH_READ_ONLY },
        { D_ProtectKernelModules, "*", "/usr/lib/modules", REACH_HIDDEN },
        { D_ProtectKernelTunables, "*", "/sys/fs/cgroup", REACH_OWNED },
        { D_ProtectControlGroups, "*", "/sys/fs/cgroup", REACH_READ_ONLY },
        { D_PrivateTmp, "*", "/tmp", REACH_WRITABLE },
        { D_PrivateTmp, "*", "/var/tmp", REACH_WRITABLE },
        { D_PrivateDevices, "*", "/dev/shm", REACH_WRITABLE },
};

static int add_rules(struct service_view *v)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < COUNT(rules); i++) {
                bool any = strcmp(rules[i].value, "*") == 0;
                enum reach reach = rules[i].reach;

                if (any ? !view_yes(v, rules[i].directive)
                        : !view_is(v, rules[i].directive, rules[i].value))
                        continue;
                if (reach == REACH_OWNED && v->is_root)
                        reach = REACH_WRITABLE;
                r = add_path(v, rules[i].path, reach, rules[i].directive);
        }
        return r;
}

/* ---- folders of its own ---- */

static const struct {
        enum directive_id directive;
        const char *base;
} own[] = {
        { D_RuntimeDirectory, "/run" },       { D_StateDirectory, "/var/lib" },
        { D_CacheDirectory, "/var/cache" },   { D_LogsDirectory, "/var/log" },
        { D_ConfigurationDirectory, "/etc" },
};

static int add_own(struct service_view *v)
{
        int r = 0;

        for (size_t i = 0; i < COUNT(own); i++)
                for (char **w = view_words(v, own[i].directive); r >= 0 && w && *w; w++) {
                        scoped(mem_freep) char *path = text_format("%s/%.*s", own[i].base,
                                                                   (int)strcspn(*w, ":"), *w);

                        /* Its configuration stays root's. */
                        r = path ? add_path(v, path,
                                            own[i].directive == D_ConfigurationDirectory
                                                    ? natural(v, path)
                                                    : REACH_WRITABLE,
                                            own[i].directive)
                                 : -ENOMEM;
                }
        return r < 0 ? r : 0;
}

/* ---- lists of paths ---- */

/* "SOURCE[:DESTINATION[:OPTIONS]]": where it shows. */
static void destination(const char *word, const char **ret, size_t *ret_length)
{
        const char *from = plain(word), *end = from, *second;

        while (*end && *end != ':')
                end += *end == '\\' && end[1] ? 2 : 1;
        second = *end ? end + 1 : NULL;
        if (second && *second == '/') {
                from = second;
                for (end = from; *end && *end != ':';)
                        end += *end == '\\' && end[1] ? 2 : 1;
        }
        *ret = from;
        *ret_length = (size_t)(end - from);
}

static int add_lists(struct service_view *v)
{
        /* In the order in which they lie upon each other where they name the same path. */
        static const struct {
                enum directive_id directive;
                enum reach reach;
        } lists[] = {
                { D_BindPaths, REACH_OWNED },           { D_BindReadOnlyPaths, REACH_READ_ONLY },
                { D_TemporaryFileSystem, REACH_EMPTY }, { D_ReadWritePaths, REACH_OWNED },
                { D_ReadOnlyPaths, REACH_READ_ONLY },   { D_InaccessiblePaths, REACH_HIDDEN },
        };
        int r = 0;

        for (size_t i = 0; i < COUNT(lists); i++)
                for (char **w = view_words(v, lists[i].directive); r >= 0 && w && *w; w++) {
                        enum reach reach = lists[i].reach;
                        const char *path;
                        size_t length;

                        destination(*w, &path, &length);
                        if (reach == REACH_OWNED)
                                reach = natural(v, path);
                        r = add(v, path, length, reach, lists[i].directive);
                }
        return r < 0 ? r : 0;
}

/* ---- all of it ---- */

/* The longest listed path that it lies below. */
static const struct view_path *above(const struct service_view *v, const char *path, bool itself)
{
        const struct view_path *best = NULL;

        for (size_t i = 0; i < v->path_count; i++) {
                const struct view_path *p = &v->paths[i];

                if (!is_below(path, p->path) || (!itself && strcmp(path, p->path) == 0))
                        continue;
                if (!best || strlen(p->path) > strlen(best->path))
                        best = p;
        }
        return best;
}

const struct view_path *view_path_of(const struct service_view *v, const char *path)
{
        return above(v, path, true);
}

/* Nothing shows below a folder that is hidden or empty, but what a rule of its own puts there. */
static void follow(struct service_view *v)
{
        for (size_t i = 0; i < v->path_count; i++) {
                struct view_path *p = &v->paths[i];
                const struct view_path *up = above(v, p->path, false);

                if (!up)
                        continue;
                if (p->by == DIRECTIVE_COUNT) {
                        bool open = up->reach == REACH_OWNED || up->reach == REACH_WRITABLE;

                        p->reach = open ? natural(v, p->path) : up->reach;
                        p->by = up->by;
                }
                p->same = p->reach == up->reach && !p->of_twin;
        }
}

static int tell(struct service_view *v)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < v->path_count; i++) {
                const struct view_path *p = &v->paths[i];
                enum fact_id fact = (enum fact_id)(FACT_WRITABLE + (int)p->reach);

                if (!p->same)
                        r = strv_addf(&v->facts[fact], "%s%s", p->path,
                                      strcmp(p->path, "/") == 0 ? " (where nothing else is said)"
                                                                : "");
        }
        return r < 0 ? r : 0;
}

int view_paths(struct service_view *v)
{
        int r = add_folders(v);

        if (r >= 0)
                r = add_rules(v);
        if (r >= 0)
                r = add_own(v);
        if (r >= 0)
                r = add_lists(v);
        if (r < 0)
                return r;
        mark_twin(v);
        qsort(v->paths, v->path_count, sizeof(*v->paths), by_path);
        follow(v);
        return tell(v);
}
