/* files_path.c - where the manager looks for unit files, most important folder first. */
#include "core/unit/files_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <string.h>

static const char *const system_paths[] = {
        "/etc/systemd/system.control", "/run/systemd/system.control",
        "/run/systemd/transient",      "/run/systemd/generator.early",
        "/etc/systemd/system",         "/etc/systemd/system.attached",
        "/run/systemd/system",         "/run/systemd/system.attached",
        "/run/systemd/generator",      "/usr/local/lib/systemd/system",
        "/usr/lib/systemd/system",     "/lib/systemd/system",
        "/run/systemd/generator.late",
};

/* $NAME, or ~/fallback; a folder of the user that has neither is left out. */
static char *user_folder(const char *variable, const char *fallback)
{
        const char *value = getenv(variable), *home = getenv("HOME");

        if (value && *value == '/')
                return strdup(value);
        if (!fallback || !home || *home != '/')
                return strdup("");
        return text_format("%s/%s", home, fallback);
}

static int add(char ***list, const char *folder, const char *below)
{
        return *folder == '/' ? strv_addf(list, "%s/%s", folder, below) : 0;
}

static int add_each(char ***list, const char *variable, const char *fallback, const char *below)
{
        scoped(strv_freep) char **folders = NULL;
        const char *value = getenv(variable);
        int r = strv_split(value && *value ? value : fallback, ":", &folders);

        for (size_t i = 0; r == 0 && folders && folders[i]; i++)
                r = add(list, folders[i], below);
        return r;
}

static int user_paths(char ***list)
{
        scoped(mem_freep) char *config = user_folder("XDG_CONFIG_HOME", ".config");
        scoped(mem_freep) char *data = user_folder("XDG_DATA_HOME", ".local/share");
        scoped(mem_freep) char *runtime = user_folder("XDG_RUNTIME_DIR", NULL);
        int r = 0;

        if (!config || !data || !runtime)
                return -ENOMEM;
        r = r < 0 ? r : add(list, config, "systemd/user.control");
        r = r < 0 ? r : add(list, runtime, "systemd/user.control");
        r = r < 0 ? r : add(list, runtime, "systemd/transient");
        r = r < 0 ? r : add(list, runtime, "systemd/generator.early");
        r = r < 0 ? r : add(list, config, "systemd/user");
        r = r < 0 ? r : add_each(list, "XDG_CONFIG_DIRS", "/etc/xdg", "systemd/user");
        r = r < 0 ? r : strv_add(list, "/etc/systemd/user");
        r = r < 0 ? r : add(list, runtime, "systemd/user");
        r = r < 0 ? r : strv_add(list, "/run/systemd/user");
        r = r < 0 ? r : add(list, runtime, "systemd/generator");
        r = r < 0 ? r : add(list, data, "systemd/user");
        r = r < 0 ? r
                  : add_each(list, "XDG_DATA_DIRS", "/usr/local/share:/usr/share", "systemd/user");
        r = r < 0 ? r : strv_add(list, "/usr/local/lib/systemd/user");
        r = r < 0 ? r : strv_add(list, "/usr/lib/systemd/user");
        return r < 0 ? r : add(list, runtime, "systemd/generator.late");
}

/* Two names for one folder, as /lib and /usr/lib mostly are. */
static bool same_folder(const struct tree *t, const char *a, const char *b)
{
        struct stat one, other;

        return tree_stat(t, a, &one) == 0 && tree_stat(t, b, &other) == 0 &&
               one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

static int make_path(const struct tree *t, enum scope scope, char ***ret)
{
        scoped(strv_freep) char **list = NULL;
        int r = 0;

        if (scope == SCOPE_USER)
                r = user_paths(&list);
        for (size_t i = 0; scope == SCOPE_SYSTEM && r == 0 && i < COUNT(system_paths); i++) {
                if (strcmp(system_paths[i], "/lib/systemd/system") == 0 &&
                    same_folder(t, "/lib/systemd/system", "/usr/lib/systemd/system"))
                        continue;
                r = strv_add(&list, system_paths[i]);
        }
        if (r == 0)
                *ret = take(list);
        return r;
}

int unit_root_open(struct unit_root *r, const char *root, enum scope scope, struct err *e)
{
        scoped(tree_done) struct tree t = { .fd = -1 };
        struct unit_root made = { .scope = scope, .generated = true };
        int q;

        if (root && *root && strspn(root, "/") != strlen(root)) {
                made.root = strdup(root);
                if (!made.root)
                        return err_set(e, -ENOMEM, "cannot use %s as root", root);
        }
        q = tree_open_root(&t, made.root, e);
        if (q == 0) {
                q = make_path(&t, scope, &made.path);
                if (q < 0)
                        err_set(e, q, "cannot list the folders of unit files");
        }
        if (q == 0)
                q = index_new(&made, &made.index, e);
        if (q < 0) {
                unit_root_done(&made);
                return q;
        }
        *r = made;
        return 0;
}

void unit_root_done(struct unit_root *r)
{
        free((char *)r->root);
        strv_free(r->path);
        index_free(r->index);
        *r = (struct unit_root){ 0 };
}

int unit_dropin_path(const struct unit_root *r, const char *unit, const char *file, char **ret)
{
        scoped(mem_freep) char *config = user_folder("XDG_CONFIG_HOME", ".config");
        char *path;

        if (!config)
                return -ENOMEM;
        if (r->scope == SCOPE_USER && *config != '/')
                return -ENOENT;
        path = text_format("%s%s/systemd/%s/%s.d/%s", r->root ? r->root : "",
                           r->scope == SCOPE_USER ? config : "/etc",
                           r->scope == SCOPE_USER ? "user" : "system", unit, file);
        if (!path)
                return -ENOMEM;
        *ret = path;
        return 0;
}
