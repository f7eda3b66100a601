/* check_paths.c - paths and devices that a profile names, looked up on the stage. */
#include "core/trial/check_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <string.h>

enum { DEVICES_LIMIT = 1 << 20 };

/* Folders that systemd makes itself before it sets up the namespace. */
static bool is_made_by_systemd(const struct checking *c, const char *path)
{
        static const struct {
                enum directive_id id;
                const char *base;
        } rows[] = {
                { D_RuntimeDirectory, "/run/" },       { D_StateDirectory, "/var/lib/" },
                { D_CacheDirectory, "/var/cache/" },   { D_LogsDirectory, "/var/log/" },
                { D_ConfigurationDirectory, "/etc/" },
        };

        for (size_t i = 0; i < COUNT(rows); i++) {
                const struct value *v = check_value(c, rows[i].id);

                for (char **word = v ? v->words : NULL; word && *word; word++) {
                        size_t base = strlen(rows[i].base);
                        size_t n = strcspn(*word, ":");

                        if (strncmp(path, rows[i].base, base) == 0 &&
                            strncmp(path + base, *word, n) == 0 &&
                            (path[base + n] == '\0' || path[base + n] == '/'))
                                return true;
                }
        }
        return false;
}

/* 1: it is there; 0: it is not; < 0: that can't be told. */
static int is_there(const char *root, const char *path)
{
        int fd = open_in_root(root, path, O_PATH);

        if (fd >= 0) {
                fd_closep(&fd);
                return 1;
        }
        return fd == -ENOENT || fd == -ENOTDIR ? 0 : fd;
}

static int check_path(struct checking *c, const char *path, const char *advice)
{
        if (path[0] != '/' || check_has_specifier(c, path) || is_made_by_systemd(c, path))
                return 0;
        if (is_there(c->root, path) != 0)
                return 0;
        return check_report(c, true, "%s=%s: there is no such path, so the start will fail%s",
                            c->name, path, advice);
}

int check_one_path(struct checking *c)
{
        const char *path = c->change->value.words ? c->change->value.words[0] : NULL;

        return path ? check_path(c, path, "") : 0;
}

/* A path that is read inside another root can't be looked up in this one. */
static bool has_other_root(const struct checking *c)
{
        static const enum directive_id roots[] = { D_RootDirectory, D_RootImage, D_RootMStack };

        for (size_t i = 0; i < COUNT(roots); i++) {
                const struct value *v = check_value(c, roots[i]);

                if (v && v->words && v->words[0] && strcmp(v->words[0], "/") != 0)
                        return true;
        }
        return false;
}

static bool covers(const char *folder, const char *path)
{
        size_t n = strlen(folder);

        return strncmp(path, folder, n) == 0 && (path[n] == '\0' || path[n] == '/');
}

/* Whether ProtectSystem= as it will be makes the path read-only. */
static bool is_protected(const struct checking *c, const char *path)
{
        static const struct {
                const char *level, *folder;
        } rows[] = { { "yes", "/usr" },   { "yes", "/boot" }, { "yes", "/efi" }, { "full", "/usr" },
                     { "full", "/boot" }, { "full", "/efi" }, { "full", "/etc" } };
        const struct value *v = check_value(c, D_ProtectSystem);
        const char *level = v && v->words && v->words[0] ? v->words[0] : "no";

        for (size_t i = 0; i < COUNT(rows); i++)
                if (strcmp(level, rows[i].level) == 0 && covers(rows[i].folder, path))
                        return true;
        return strcmp(level, "strict") == 0 && !covers("/dev", path) && !covers("/tmp", path) &&
               !covers("/proc", path) && !covers("/sys", path);
}

static bool is_named(const struct checking *c, const char *path)
{
        static const enum directive_id lists[] = { D_ReadOnlyPaths,     D_ReadWritePaths,
                                                   D_InaccessiblePaths, D_TemporaryFileSystem,
                                                   D_BindPaths,         D_BindReadOnlyPaths };

        for (size_t i = 0; i < COUNT(lists); i++) {
                const struct value *v = check_value(c, lists[i]);

                for (char **word = v ? v->words : NULL; word && *word; word++)
                        if (strcmp(*word + strspn(*word, "-+"), path) == 0)
                                return true;
        }
        return false;
}

/* systemd leaves a path with a line of its own out of what ProtectSystem= makes read-only
 * (measured with 252): one that only says what may be executed makes it writable. */
static int check_left_out(struct checking *c, const char *path)
{
        const struct value *home = check_value(c, D_ProtectHome);
        bool hidden = home && home->words && home->words[0] && strcmp(home->words[0], "no") != 0 &&
                      (covers("/home", path) || covers("/root", path));

        if ((c->change->directive != D_NoExecPaths && c->change->directive != D_ExecPaths) ||
            hidden || !is_protected(c, path) || is_named(c, path))
                return 0;
        return check_report(c, false,
                            "%s=%s: systemd leaves what is named here out of ProtectSystem=, so it "
                            "is writable; ReadOnlyPaths=%s keeps it read-only",
                            c->name, path, path);
}

int check_paths(struct checking *c)
{
        for (char **word = c->change->value.words; word && *word; word++) {
                const char *path = *word + strspn(*word, "-+");
                bool optional = memchr(*word, '-', (size_t)(path - *word)) != NULL;
                int r = 0;

                if (!optional && !has_other_root(c))
                        r = check_path(c, path,
                                       "; a \"-\" before it makes systemd skip what is absent");
                if (r == 0)
                        r = check_left_out(c, path);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* SOURCE:DESTINATION…: the source must be there.  A temporary file system has none. */
int check_binds(struct checking *c)
{
        if (c->change->directive == D_TemporaryFileSystem)
                return 0;
        for (char **word = c->change->value.words; word && *word; word++) {
                scoped(mem_freep) char *source = NULL;
                int r = 0;

                if (**word == '-')
                        continue;
                source = strndup(*word, strcspn(*word, ":"));
                if (!source)
                        return -ENOMEM;
                r = check_path(c, source, "; a \"-\" before it makes systemd skip what is absent");
                if (r < 0)
                        return r;
        }
        return 0;
}

/* ID:PATH of credentials: relative ones are looked up elsewhere, and may be absent. */
int check_lines(struct checking *c)
{
        if (c->change->directive != D_LoadCredential &&
            c->change->directive != D_LoadCredentialEncrypted)
                return 0;
        for (char **line = c->change->value.words; line && *line; line++) {
                const char *path = strchr(*line, ':');
                int r = path ? check_path(c, path + 1, "") : 0;

                if (r < 0)
                        return r;
        }
        return 0;
}

/* ---- devices ---- */

/* Whether the kernel lists such a class ("char-pts", which may be a pattern) in /proc/devices. */
static bool is_device_class(const struct checking *c, const char *word)
{
        scoped(mem_freep) char *text = NULL;
        scoped(strv_freep) char **lines = NULL;
        bool block = text_starts(word, "block-"), in = false;
        const char *name = strchr(word, '-') + 1;

        if (read_in_root(c->root, "/proc/devices", DEVICES_LIMIT, &text) < 0 ||
            strv_split(text, "\n", &lines) < 0)
                return true;
        for (char **line = lines; line && *line; line++) {
                if (isalpha((unsigned char)**line))
                        in = text_starts(*line, "Block") == block;
                else if (in && fnmatch(name, *line + strspn(*line, " 0123456789"), 0) == 0)
                        return true;
        }
        return false;
}

int check_devices(struct checking *c)
{
        for (char **word = c->change->value.words; word && *word; word++) {
                scoped(mem_freep) char *node = strndup(*word, strcspn(*word, " "));
                int r = 0;

                if (!node)
                        return -ENOMEM;
                if (text_starts(node, "char-") || text_starts(node, "block-")) {
                        if (!is_device_class(c, node))
                                r = check_report(
                                        c, false,
                                        "%s=%s: the kernel knows no such class of devices now, so "
                                        "the line permits nothing",
                                        c->name, node);
                } else if (node[0] == '/' && !check_has_specifier(c, node) &&
                           is_there(c->root, node) == 0) {
                        if (is_there(NULL, node) == 1)
                                r = check_report(
                                        c, false,
                                        "%s=%s: the device is not on this stage, so its use is not "
                                        "rehearsed",
                                        c->name, node);
                        else
                                r = check_report(c, false,
                                                 "%s=%s: there is no such device, so the line "
                                                 "permits nothing",
                                                 c->name, node);
                }
                if (r < 0)
                        return r;
        }
        return 0;
}
