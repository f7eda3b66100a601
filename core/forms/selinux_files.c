/* selinux_files.c - files: those of the system by the types that the distribution gave them, its
 * own by types of the block. */
#include "core/forms/selinux_module.h"
#include "core/forms/selinux_types.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/observe/infer_paths.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const struct {
        unsigned may;
        const char *file, *folder; /* permissions on a file, and on a folder */
} meanings[] = {
        { MAY_LOOK | MAY_ENTER, "getattr", "getattr search" },
        { MAY_READ, "read open getattr ioctl lock", "read open getattr search ioctl" },
        { MAY_WATCH, "getattr read watch", "getattr read search watch" },
        { MAY_WRITE, "write append open getattr ioctl lock", "write add_name remove_name search" },
        { MAY_CREATE, "create write append open getattr setattr link",
          "create add_name write search getattr setattr" },
        { MAY_DELETE, "unlink rename getattr", "rmdir remove_name write search rename reparent" },
        { MAY_CHANGE, "setattr getattr", "setattr getattr search" },
        { MAY_MAP, "read open getattr map execute", "search" },
        { MAY_RUN, "read open getattr map execute execute_no_trans", "search" },
        { MAY_CONNECT, "write getattr", "search" },
        { MAY_MOUNT, "mounton", "mounton search" },
};

static const char *class_of(uint32_t mode)
{
        switch (mode & S_IFMT) {
        case S_IFREG:
                return "file";
        case S_IFDIR:
                return "dir";
        case S_IFLNK:
                return "lnk_file";
        case S_IFSOCK:
                return "sock_file";
        case S_IFIFO:
                return "fifo_file";
        case S_IFCHR:
                return "chr_file";
        case S_IFBLK:
                return "blk_file";
        }
        return NULL;
}

static void allow_file(struct module *m, const char *type, const struct file_access *f,
                       bool optional)
{
        const char *class = f->may & MAY_CONNECT ? "sock_file" : class_of(f->mode);
        bool folder = f->below || !class || strcmp(class, "dir") == 0;

        if (f->below || !class)
                class = "file";
        for (size_t i = 0; i < COUNT(meanings); i++) {
                if (!(f->may & meanings[i].may))
                        continue;
                if (strcmp(class, "dir") != 0)
                        module_allow(m, type, class, meanings[i].file, optional);
                if (folder)
                        module_allow(m, type, "dir", meanings[i].folder, optional);
        }
}

/* ---- types of its own ---- */

static const struct {
        const char *folder, *type, *outer; /* outer: the type of the folder itself */
} areas[] = {
        { "/var/log", "log", "var_log_t" },   { "/var/cache", "cache", "var_t" },
        { "/var/lib", "state", "var_lib_t" }, { "/var/spool", "state", "var_spool_t" },
        { "/run", "runtime", "var_run_t" },   { "/tmp", "scratch", "tmp_t" },
        { "/var/tmp", "scratch", "tmp_t" },   { "/etc", "conf", "etc_t" },
        { "/srv", "content", "var_t" },       { "/home", "content", "home_root_t" },
        { "/var", "state", "var_t" },
};

static const char *area_type(const char *path, const char **ret_outer)
{
        for (size_t i = 0; i < COUNT(areas); i++)
                if (path_below(path, areas[i].folder)) {
                        *ret_outer = areas[i].outer;
                        return areas[i].type;
                }
        *ret_outer = NULL;
        return "content";
}

/* Folders that are everybody's: one of its own names in them is labelled, never the folder. */
static bool is_common(const char *path)
{
        static const char *const folders[] = {
                "/run",     "/run/lock", "/run/systemd", "/tmp",
                "/var/log", "/var/tmp",  "/var/spool",   "/dev/shm"
        };

        for (size_t i = 0; i < COUNT(folders); i++)
                if (strcmp(folders[i], path) == 0)
                        return true;
        return place_is_shared(path) || !strchr(path + 1, '/') || path_below(path, "/run/systemd");
}

/* Where a label of the service's would take files from somebody else. */
static bool is_others(const char *path)
{
        static const char *const folders[] = { "/usr",  "/boot", "/home", "/root", "/dev",
                                               "/proc", "/sys",  "/bin",  "/sbin", "/lib" };

        for (size_t i = 0; i < COUNT(folders); i++)
                if (path_below(path, folders[i]))
                        return true;
        return false;
}

static bool is_secret_or_process(const struct file_access *f)
{
        return selinux_is_secret(f->path) || text_starts(f->path, "/proc/");
}

/* The type of the block that lies there; NULL: none. */
static const char *own_type(const struct module *m, const char *path)
{
        const char *outer;

        if (strv_has(m->singles, path))
                return area_type(path, &outer);
        for (char **folder = m->folders; folder && *folder; folder++)
                if (path_below(path, *folder))
                        return area_type(*folder, &outer);
        return NULL;
}

/* Its folder as a whole, unless others share that. */
static void own(struct module *m, const struct file_access *f)
{
        const char *outer, *type = area_type(f->path, &outer);
        bool folder = f->below || S_ISDIR(f->mode);
        scoped(mem_freep) char *parent = strndup(f->path, parent_of(f->path));

        if (!parent)
                module_fail(m, -ENOMEM);
        if (!parent || own_type(m, f->path))
                return;
        if (folder && is_common(f->path)) {
                /* Names of its own making in a folder of everybody's: by transition alone. */
                if (!strv_has(m->types, type))
                        module_fail(m, strv_add(&m->types, type));
        } else if (folder || is_common(parent)) {
                if (folder)
                        module_label(m, f->path, true, type);
                else
                        module_label_file(m, f, type);
                module_fail(m, strv_add(folder ? &m->folders : &m->singles, f->path));
        } else {
                module_label(m, parent, true, type);
                module_fail(m, strv_add(&m->folders, parent));
        }
}

static void allow_own(struct module *m, const char *type, const struct file_access *f)
{
        scoped(mem_freep) char *parent = strndup(f->path, parent_of(f->path));
        const char *outer;

        (void)area_type(f->path, &outer);
        allow_file(m, type, f, false);
        if (f->may & MAY_CREATE && S_ISSOCK(f->mode))
                module_allow(m, type, "sock_file", "create unlink setattr getattr write", false);
        if (!parent)
                module_fail(m, -ENOMEM);
        else if (f->may & (MAY_CREATE | MAY_DELETE) && outer && is_common(parent))
                module_allow(m, outer, "dir", "search getattr write add_name remove_name", false);
}

static void leave(struct module *m, const struct file_access *f, const char *why)
{
        char shown[300];

        text_printable(shown, sizeof(shown), f->path);
        module_fail(m, form_leave_out(m->out, "%s: %s", shown, why));
}

static bool alters(const struct file_access *f)
{
        return f->may & MAY_ALTER && !S_ISCHR(f->mode) && !S_ISBLK(f->mode);
}

/* What belongs to the system, or to somebody else. */
static void add_system(struct module *m, const struct file_access *f)
{
        bool optional = false, shared = f->below && is_common(f->path) && !is_others(f->path);
        const char *outer, *type = selinux_file_type(f->path, &optional);

        if (alters(f) && shared) {
                allow_own(m, area_type(f->path, &outer), f);
                if (outer)
                        module_allow(m, outer, "dir", "search getattr write add_name remove_name",
                                     false);
        } else if (alters(f) && !text_starts(f->path, "/proc/") && !text_starts(f->path, "/sys/"))
                leave(m, f, "it changes what is not its own; that wants a rule written by hand");
        else if (type) {
                allow_file(m, type, f, optional);
                if (f->may & MAY_CONNECT && path_below(f->path, "/run/systemd"))
                        module_allow(m, "init_t", "unix_stream_socket", "connectto", false);
                else if (f->may & MAY_CONNECT && !optional && strcmp(type, "devlog_t") != 0)
                        leave(m, f,
                              "which domain answers at this socket has to be said by hand "
                              "(connectto)");
        } else if (f->may & ~(unsigned)(MAY_LOOK | MAY_ENTER))
                leave(m, f,
                      text_starts(f->path, "/dev/") ? "gird does not know the type of this device"
                                                    : "gird does not know the type of this file");
}

static void add_file(struct module *m, const struct file_access *f, const char *program)
{
        bool process = strcmp(f->path, "/proc/PID") == 0 || text_starts(f->path, "/proc/PID/");
        const char *type = own_type(m, f->path);

        if (program && strcmp(f->path, program) == 0)
                module_allow(m, "exec", "file",
                             "entrypoint read open getattr execute execute_no_trans map", false);
        else if (process && f->own)
                allow_file(m, "self", f, false);
        else if (process)
                leave(m, f,
                      "entries of other processes have their types; which, a policy cannot "
                      "know in advance");
        else if (selinux_is_secret(f->path))
                leave(m, f,
                      "policies let only domains with a special attribute read it "
                      "(auth_can_read_shadow_passwords)");
        else if (strcmp(f->path, "/") == 0)
                allow_file(m, "root_t", f, false);
        else if (type)
                allow_own(m, type, f);
        else
                add_system(m, f);
}

void module_add_files(struct module *m, const char *program)
{
        static const char *const searched[] = { "root_t",    "usr_t", "lib_t",     "bin_t",
                                                "etc_t",     "var_t", "var_lib_t", "var_log_t",
                                                "var_run_t", "tmp_t", "device_t",  "proc_t" };

        for (size_t i = 0; i < COUNT(searched); i++) {
                module_allow(m, searched[i], "dir", "search getattr", false);
                module_allow(m, searched[i], "lnk_file", "read getattr", false);
        }
        module_allow(m, "ld_so_t", "file", "read open getattr map execute", false);
        /* First what gets labels: what it reads may lie below them. */
        for (size_t i = 0; i < m->access->file_count; i++) {
                const struct file_access *f = &m->access->files[i];

                if (alters(f) && !is_others(f->path) && !is_secret_or_process(f))
                        own(m, f);
        }
        for (size_t i = 0; i < m->access->file_count; i++)
                add_file(m, &m->access->files[i], program);
}

void module_write_transitions(struct text *t, const struct module *m)
{
        static const char *const classes[] = { "file", "dir", "sock_file" };

        for (size_t i = 0; i < COUNT(areas); i++) {
                bool twice = false;

                for (size_t k = 0; k < i && !twice; k++)
                        twice = strcmp(areas[k].outer, areas[i].outer) == 0;
                for (size_t c = 0; c < COUNT(classes) && !twice; c++)
                        if (strv_has(m->types, areas[i].type))
                                text_addf(t, "    (typetransition process %s %s %s)\n",
                                          areas[i].outer, classes[c], areas[i].type);
        }
}
