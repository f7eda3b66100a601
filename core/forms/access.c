/* access.c - files, capabilities and all else that a service has to be able to do. */
#include "core/forms/access.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/forms/access_private.h"
#include "core/observe/infer_paths.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

void access_done(struct access *a)
{
        for (size_t i = 0; i < a->file_count; i++)
                free(a->files[i].path);
        for (size_t i = 0; i < a->bind_count; i++)
                free(a->binds[i].address);
        for (size_t i = 0; i < a->connect_count; i++)
                free(a->connects[i].address);
        free(a->files);
        free(a->binds);
        free(a->connects);
        free(a->sockets);
        free(a->watched);
        strv_free(a->notes);
        *a = (struct access){ 0 };
}

/* ---- what was observed ---- */

static const struct {
        unsigned access, may;
} meanings[] = {
        { ACCESS_READ, MAY_READ },
        { ACCESS_WRITE, MAY_WRITE },
        { ACCESS_CREATE | ACCESS_MADE, MAY_CREATE },
        { ACCESS_DELETE, MAY_DELETE },
        { ACCESS_LOOK, MAY_LOOK },
        { ACCESS_CHANGE, MAY_CHANGE },
        { ACCESS_EXEC, MAY_RUN },
        { ACCESS_MAP_EXEC, MAY_MAP },
        { ACCESS_TRUNCATE, MAY_WRITE },
        { ACCESS_CONNECT, MAY_CONNECT },
        { ACCESS_MOUNT, MAY_MOUNT },
        { ACCESS_ENTER, MAY_ENTER },
        { ACCESS_WATCH, MAY_WATCH },
};

static unsigned may_of(const struct act *a)
{
        unsigned may = 0;

        switch (a->kind) {
        case ACT_PATH:
                for (size_t i = 0; i < COUNT(meanings); i++)
                        if (a->a & meanings[i].access)
                                may |= meanings[i].may;
                return may;
        case ACT_EXEC:
                return MAY_RUN | MAY_READ | MAY_MAP;
        case ACT_BIND:
                return MAY_CREATE | MAY_WRITE;
        case ACT_CONNECT:
                return MAY_CONNECT;
        case ACT_CALL:
        case ACT_ARGS:
        case ACT_SOCKET:
        case ACT_PEER:
        case ACT_CAP:
        case ACT_SIGNAL:
        case ACT_KILLED:
        case ACT_REFUSED:
        case ACT_FOREIGN:
        case ACT_KINDS:
                break;
        }
        return 0;
}

/* Answers that come only after access was permitted. */
static bool was_permitted(int error)
{
        static const int fine[] = { 0,        EAGAIN, EINPROGRESS, EINTR, EEXIST,    ECONNREFUSED,
                                    ENOTCONN, EBUSY,  EADDRINUSE,  ENXIO, ENOTEMPTY, EISDIR,
                                    EINVAL,   ENOTTY, ESPIPE };

        for (size_t i = 0; i < COUNT(fine); i++)
                if (error == fine[i])
                        return true;
        return false;
}

/* A name in the file system; not "@name", not "/memfd:", nothing that only looks like a path. */
static bool is_path(const struct act *a)
{
        if (!a->text || a->text[0] != '/' || text_starts(a->text, "/memfd:"))
                return false;
        return a->kind == ACT_PATH || a->kind == ACT_EXEC || a->a == AF_UNIX;
}

static int note_once(char ***notes, const char *path, const char *why)
{
        scoped(mem_freep) char *note = text_format("%s: %s", path, why);

        if (!note)
                return -ENOMEM;
        return strv_has(*notes, note) ? 0 : strv_add(notes, note);
}

static int add_act(struct access *ret, const struct act *a)
{
        scoped(mem_freep) char *path = NULL;
        /* What was there already needed no right to be made. */
        unsigned may = a->error == EEXIST ? MAY_LOOK : may_of(a);

        if (!may || !is_path(a) || a->flags & ACT_BY_TWIN || !was_permitted(a->error))
                return 0;
        if (a->flags & (ACT_CUT | ACT_CHROOT)) {
                char shown[200];

                text_printable(shown, sizeof(shown), a->text);
                return note_once(&ret->notes, shown,
                                 a->flags & ACT_CUT
                                         ? "the observer could not read the whole path"
                                         : "the path counts from a root of the process's "
                                           "own");
        }
        path = a->flags & ACT_RESOLVED ? strdup(a->text) : place_spelt(a->text);
        if (!path)
                return -ENOMEM;
        return files_add(ret, &(struct file_access){ .path = path,
                                                     .may = may,
                                                     .below = a->flags & ACT_GENERAL,
                                                     .own = !(a->flags & ACT_OTHER_PROC),
                                                     .mode = a->mode });
}

static int add_paths(const struct form_input *in, struct access *ret)
{
        static const enum act_kind kinds[] = { ACT_PATH, ACT_EXEC, ACT_BIND, ACT_CONNECT };
        int r = 0;

        for (size_t k = 0; k < COUNT(kinds); k++)
                for (const struct act *a = behaviour_first(in->behaviour, kinds[k]); a && r == 0;
                     a = behaviour_next(in->behaviour, a))
                        r = add_act(ret, a);
        return r;
}

/* ---- calls that say something by themselves ---- */

static void look_at_calls(const struct behaviour *b, struct access *ret)
{
        const struct {
                const char *call;
                bool *seen;
        } calls[] = {
                { "link", &ret->links },         { "linkat", &ret->links },
                { "ptrace", &ret->traces },      { "process_vm_readv", &ret->traces },
                { "mount", &ret->mounts },       { "umount2", &ret->mounts },
                { "move_mount", &ret->mounts },  { "pivot_root", &ret->pivots },
                { "syslog", &ret->logs_kernel },
        };

        for (const struct act *a = behaviour_first(b, ACT_CALL); a; a = behaviour_next(b, a))
                for (size_t i = 0; i < COUNT(calls); i++)
                        if (a->name && a->error == 0 && strcmp(a->name, calls[i].call) == 0)
                                *calls[i].seen = true;
}

static void look_at_memory(const struct behaviour *b, struct access *ret)
{
        const uint64_t both = PROT_WRITE | PROT_EXEC;

        for (const struct act *a = behaviour_first(b, ACT_ARGS); a; a = behaviour_next(b, a)) {
                if (!a->name)
                        continue;
                if ((strcmp(a->name, "mmap") == 0 && (a->a & both) == both) ||
                    (text_ends(a->name, "mprotect") && a->a & PROT_EXEC))
                        ret->wx = true;
        }
}

static void look_at_signals(const struct behaviour *b, struct access *ret)
{
        for (const struct act *a = behaviour_first(b, ACT_SIGNAL); a; a = behaviour_next(b, a))
                if (a->error == 0 && a->b & SIGNAL_OUTSIDE)
                        ret->kills = true;
        for (const struct act *a = behaviour_first(b, ACT_CONNECT); a; a = behaviour_next(b, a))
                if (a->a == AF_UNIX && a->text && text_ends(a->text, "/dbus/system_bus_socket"))
                        ret->bus = true;
}

/* ---- capabilities ---- */

static void find_caps(const struct form_input *in, struct access *ret)
{
        const struct value *bounding = &in->after->settings[D_CapabilityBoundingSet].value;
        const struct value *ambient = &in->after->settings[D_AmbientCapabilities].value;
        uint64_t left = bounding->set ? bounding->bits : capability_all(in->dialect), used = 0;
        struct coverage c = { 0 };

        if (in->behaviour)
                behaviour_coverage(in->behaviour, &c);
        for (const struct act *a = in->behaviour ? behaviour_first(in->behaviour, ACT_CAP) : NULL;
             a; a = behaviour_next(in->behaviour, a))
                if (a->a < 64 && a->error == 0 && a->c == 0 && !(a->flags & ACT_QUIET))
                        used |= UINT64_C(1) << a->a;
        if (ambient->set)
                used |= ambient->bits;
        /* Where the checks themselves were not seen, what the unit leaves it is all one knows. */
        ret->caps = c.sessions && c.capabilities ? used & left : left;
        ret->unused = bounding->set ? left & ~ret->caps : 0;
}

/* ---- what the unit says of itself ---- */

static const struct {
        enum directive_id id;
        const char *folder;
} kept[] = {
        { D_StateDirectory, "/var/lib/" },
        { D_CacheDirectory, "/var/cache/" },
        { D_LogsDirectory, "/var/log/" },
        { D_RuntimeDirectory, "/run/" },
};

static bool has_specifier(const char *word)
{
        for (; *word; word++)
                if (*word == '%' && word[1] && word[1] != '%')
                        return true;
        return false;
}

static int add_folder(struct access *ret, const char *folder, unsigned may)
{
        int r = files_add(ret, &(struct file_access){ .path = (char *)folder,
                                                      .may = may | MAY_LOOK,
                                                      .mode = S_IFDIR | 0755 });

        if (r < 0)
                return r;
        return files_add(ret, &(struct file_access){ .path = (char *)folder,
                                                     .may = may | MAY_LOOK,
                                                     .below = true });
}

static int add_kept(const struct form_input *in, struct access *ret)
{
        const unsigned may = MAY_READ | MAY_ALTER;
        int r = 0;

        for (size_t i = 0; i < COUNT(kept) && in->after->scope == SCOPE_SYSTEM; i++)
                for (char **w = in->after->settings[kept[i].id].value.words; w && *w && r == 0;
                     w++) {
                        /* "name:link" since 254: the folder is the first part. */
                        scoped(mem_freep) char *folder = text_format("%s%.*s", kept[i].folder,
                                                                     (int)strcspn(*w, ":"), *w);

                        if (!folder)
                                return -ENOMEM;
                        if (!has_specifier(*w))
                                r = add_folder(ret, folder, may);
                }
        for (char **w = in->after->settings[D_ReadWritePaths].value.words; w && *w && r == 0; w++) {
                const char *path = *w + strspn(*w, "-+");

                if (!has_specifier(path) && *path == '/' && path[1] && !in->behaviour)
                        r = add_folder(ret, path, may);
        }
        return r;
}

static bool runs_unconfined(const struct exec_line *line)
{
        return line->prefixes && strchr(line->prefixes, '+');
}

static int add_commands(const struct form_input *in, struct access *ret)
{
        const struct unit_facts *facts = &in->after->facts;
        int r = 0;

        for (size_t i = 0; i < facts->exec_count && r == 0; i++) {
                const struct exec_line *line = &facts->exec[i];
                scoped(mem_freep) char *path = NULL;

                if (!line->path || line->path[0] != '/' || has_specifier(line->path) ||
                    runs_unconfined(line))
                        continue;
                path = place_spelt(line->path);
                if (!path)
                        return -ENOMEM;
                r = files_add(ret, &(struct file_access){ .path = path,
                                                          .may = MAY_RUN | MAY_READ | MAY_MAP,
                                                          .mode = S_IFREG | 0755 });
        }
        return r;
}

const char *program_of(const struct form_input *in)
{
        const struct unit_facts *facts = &in->after->facts;

        if (in->behaviour && in->behaviour->binary && in->behaviour->binary[0] == '/')
                return in->behaviour->binary;
        for (size_t i = 0; i < facts->exec_count; i++)
                if (strcmp(facts->exec[i].key, "ExecStart") == 0 && facts->exec[i].path &&
                    facts->exec[i].path[0] == '/' && !has_specifier(facts->exec[i].path))
                        return facts->exec[i].path;
        return NULL;
}

/* A name, perhaps with a version behind it: "python3.11". */
bool program_is_shared(const char *program)
{
        static const char *const names[] = { "sh",     "bash", "dash", "zsh",   "ksh",    "busybox",
                                             "python", "perl", "ruby", "node",  "nodejs", "java",
                                             "php",    "lua",  "env",  "tclsh", "guile",  "mono",
                                             "dotnet", "deno", "bun" };
        const char *slash = strrchr(program, '/'), *name = slash ? slash + 1 : program;

        for (size_t i = 0; i < COUNT(names); i++) {
                size_t n = strlen(names[i]);

                if (strncmp(name, names[i], n) == 0 &&
                    strspn(name + n, "0123456789.-") == strlen(name + n))
                        return true;
        }
        return false;
}

/* ---- all of it ---- */

static int find_watched(const struct form_input *in, struct access *ret)
{
        struct coverage c;

        if (!in->behaviour)
                return 0;
        behaviour_coverage(in->behaviour, &c);
        ret->watched = coverage_words(&c);
        if (!ret->watched)
                return -ENOMEM;
        if (!c.startup)
                return strv_add(&ret->notes, "its start-up was not watched, so what it uses then "
                                             "may be missing");
        return 0;
}

int access_find(const struct form_input *in, struct access *ret)
{
        struct access a = { 0 };
        int r = find_watched(in, &a);

        if (r == 0 && in->behaviour) {
                look_at_calls(in->behaviour, &a);
                look_at_memory(in->behaviour, &a);
                look_at_signals(in->behaviour, &a);
                r = add_paths(in, &a);
        }
        if (r == 0)
                r = add_commands(in, &a);
        if (r == 0)
                r = add_kept(in, &a);
        if (r == 0)
                r = files_settle(&a);
        if (r == 0)
                r = network_find(in, &a);
        find_caps(in, &a);
        if (r < 0) {
                access_done(&a);
                return r;
        }
        *ret = a;
        return 0;
}
