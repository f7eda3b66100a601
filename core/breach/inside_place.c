/* inside_place.c - the intruder on the stage, where the service's own program stands.
 *
 * It has to be there: NoExecPaths=, AppArmor, RootDirectory= and capabilities of files all go by
 * the program's path.  The stage is an overlay, so the machine's own file is not touched.  Programs
 * that other things of the stage need as well, such as a shell, get it as a neighbour instead. */
#include "core/breach/inside_private.h"

#include "core/base/file.h"
#include "core/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

#define NEIGHBOUR ".gird-intruder"
#define SPARE     ".gird-own-program"

/* Searched by systemd for a program without a folder. */
static const char *const search_path[] = { "/usr/local/sbin", "/usr/local/bin", "/usr/sbin",
                                           "/usr/bin",        "/sbin",          "/bin" };

/* What more than one thing runs: by name, a star stands for any rest. */
static const char *const shared[] = {
        "sh",      "bash",      "dash",      "zsh*",   "ksh*",      "mksh",    "busybox",
        "toybox",  "env",       "python*",   "perl*",  "ruby*",     "node*",   "php*",
        "java",    "lua*",      "tclsh*",    "guile*", "mono*",     "qemu-*",  "su",
        "sudo",    "runuser",   "setpriv",   "chroot", "unshare",   "nsenter", "timeout",
        "systemd", "systemctl", "systemd-*", "busctl", "dbus-*",    "mount",   "umount",
        "cat",     "true",      "false",     "sleep",  "coreutils", "ld-*",    "ld.so",
};

static bool is_shared(const char *path)
{
        const char *base = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;

        for (size_t i = 0; i < COUNT(shared); i++) {
                size_t n = strlen(shared[i]);
                bool star = shared[i][n - 1] == '*';

                if (star ? strncmp(base, shared[i], n - 1) == 0 : strcmp(base, shared[i]) == 0)
                        return true;
        }
        return false;
}

static int open_at(int root, const char *path, int flags)
{
        struct open_how how = { .flags = (uint64_t)(flags | O_CLOEXEC),
                                .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
        long fd;

        do
                fd = syscall(SYS_openat2, root, path, &how, sizeof(how));
        while (fd < 0 && (errno == EINTR || errno == EAGAIN));
        return fd < 0 ? -errno : (int)fd;
}

/* What is written by the stage's own hand afterwards succeeds only while it lives, so that the
 * number of its PID 1 was its own when this was opened. */
int inside_root(struct stage *stage, struct err *e)
{
        scoped(fd_closep) int root = open(stage->ops->root(stage),
                                          O_PATH | O_DIRECTORY | O_CLOEXEC);
        int r;

        if (root < 0)
                return err_set(e, -errno, "cannot open the files of the twin");
        r = stage->ops->put(stage, INSIDE_FOLDER "/here", "", e);
        return r < 0 ? r : take_fd(root);
}

/* ---- which program ---- */

static char *own_program(int root, const struct sandbox *after)
{
        const char *path = NULL;

        for (size_t i = 0; !path && i < after->facts.exec_count; i++)
                if (strcmp(after->facts.exec[i].key, "ExecStart") == 0)
                        path = after->facts.exec[i].path;
        if (!path || *path == '/')
                return path ? strdup(path) : NULL;
        for (size_t i = 0; i < COUNT(search_path); i++) {
                char *whole = text_format("%s/%s", search_path[i], path);
                scoped(fd_closep) int fd = whole ? open_at(root, whole, O_PATH) : -1;

                if (fd >= 0)
                        return whole;
                free(whole);
        }
        return NULL;
}

/* A symlink at the end of the path may be one of many: what it leads to is what runs.  Opens the
 * folder, and tells the name there. */
static int open_folder(int root, const char *path, char **ret_name)
{
        scoped(mem_freep) char *at = strdup(path);

        for (int depth = 0; at && depth < 40; depth++) {
                char *slash = strrchr(at, '/'), target[4096];
                scoped(mem_freep) char *parent = slash && slash > at
                                                         ? strndup(at, (size_t)(slash - at))
                                                         : strdup("/");
                scoped(fd_closep) int folder = parent ? open_at(root, parent, O_PATH | O_DIRECTORY)
                                                      : -ENOMEM;
                ssize_t n;
                char *next;

                if (folder < 0)
                        return folder;
                n = readlinkat(folder, slash ? slash + 1 : at, target, sizeof(target) - 1);
                if (n < 0) {
                        *ret_name = strdup(slash ? slash + 1 : at);
                        return *ret_name ? take_fd(folder) : -ENOMEM;
                }
                target[n] = '\0';
                next = *target == '/' ? strdup(target) : text_format("%s/%s", parent, target);
                free(at);
                at = next;
        }
        return at ? -ELOOP : -ENOMEM;
}

/* ---- putting it there ---- */

/* Whom the service's program belongs to, who may run it and what it may do are the intruder's. */
static void take_after(int fd, int folder, const char *own)
{
        scoped(fd_closep) int from = openat(folder, own,
                                            O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        char bytes[256];
        struct stat st;
        ssize_t n;

        if (from < 0 || fstat(from, &st) < 0 || !S_ISREG(st.st_mode))
                return;
        if (fchown(fd, st.st_uid, st.st_gid) == 0 && (st.st_mode & 0111))
                (void)fchmod(fd, st.st_mode & 07777);
        n = fgetxattr(from, "security.capability", bytes, sizeof(bytes));
        if (n > 0)
                (void)fsetxattr(fd, "security.capability", bytes, (size_t)n, 0);
}

static int write_program(int folder, const char *name, const char *like)
{
        size_t length = (size_t)(intruder_end - intruder_bytes);
        scoped(fd_closep) int fd = -1;
        int r;

        if (unlinkat(folder, name, 0) < 0 && errno != ENOENT)
                return -errno;
        fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0755);
        if (fd < 0)
                return -errno;
        r = file_write_all(fd, (const char *)intruder_bytes, length);
        if (r == 0 && fchmod(fd, 0755) < 0)
                r = -errno;
        if (r == 0 && like)
                take_after(fd, folder, like);
        if (r < 0)
                unlinkat(folder, name, 0);
        return r;
}

static int exists(int folder, const char *name)
{
        struct stat st;

        if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
                return S_ISREG(st.st_mode) ? 1 : -EINVAL;
        return errno == ENOENT ? 0 : -errno;
}

/* The service's own program stands aside.  Where there is none (not installed), it is as if. */
static int stand_in(struct place *p)
{
        int there = exists(p->folder, p->name);
        int r;

        if (there < 0)
                return there;
        if (!there)
                return write_program(p->folder, p->name, NULL);
        p->spare = strdup(SPARE);
        if (!p->spare)
                return -ENOMEM;
        r = write_program(p->folder, p->spare, p->name);
        if (r == 0 && renameat2(p->folder, p->spare, p->folder, p->name, RENAME_EXCHANGE) < 0) {
                r = -errno;
                unlinkat(p->folder, p->spare, 0);
        }
        if (r < 0) {
                free(p->spare);
                p->spare = NULL;
        }
        return r;
}

static int stand_beside(struct place *p, const char *program)
{
        const char *slash = strrchr(program, '/');

        free(p->name);
        p->name = strdup(NEIGHBOUR);
        free(p->path);
        p->path = text_format("%.*s/" NEIGHBOUR, (int)(slash - program), program);
        return p->name && p->path ? write_program(p->folder, p->name, NULL) : -ENOMEM;
}

/* Where nothing can be written beside the program, systemd lays it over it. */
static int stand_over(int root, struct place *p, const char *program)
{
        scoped(fd_closep) int folder = open_at(root, INSIDE_FOLDER, O_PATH | O_DIRECTORY);
        int r = folder < 0 ? folder : write_program(folder, "intruder", NULL);

        if (r < 0)
                return r;
        fd_closep(&p->folder);
        p->folder = take_fd(folder);
        free(p->name);
        p->name = strdup("intruder");
        free(p->path);
        p->path = strdup(program);
        p->bind = text_format(INSIDE_FOLDER "/intruder:%s", program);
        return p->name && p->path && p->bind ? 0 : -ENOMEM;
}

int inside_put_intruder(struct stage *stage, const char *path, struct err *e)
{
        scoped(fd_closep) int root = inside_root(stage, e);
        scoped(fd_closep) int folder = -1;
        scoped(mem_freep) char *name = NULL;
        int r;

        if (root < 0)
                return root;
        /* The stage makes the folders: an empty file comes first. */
        r = stage->ops->put(stage, path, "", e);
        if (r < 0)
                return r;
        folder = open_folder(root, path, &name);
        r = folder < 0 ? folder : write_program(folder, name, NULL);
        return r < 0 ? err_set(e, r, "cannot write %s in the twin", path) : 0;
}

/* Its files, where the unit has a root directory of its own; -1 where that is an image. */
static int unit_root_of(int root, const struct sandbox *after)
{
        const char *path = setting_word(after, D_RootDirectory);

        if (setting_word(after, D_RootImage))
                return -1;
        return open_at(root, path ? path : "/", O_PATH | O_DIRECTORY);
}

static int put(int base, const struct sandbox *after, const char *program, struct place *p)
{
        bool forbids = after->settings[D_NoExecPaths].value.set;

        p->folder = open_folder(base, program, &p->name);
        if (p->folder < 0)
                return p->folder;
        p->path = strdup(program);
        if (!p->path)
                return -ENOMEM;
        /* Where most of the files may not be run, a neighbour may not either. */
        return is_shared(p->name) && !forbids ? stand_beside(p, program) : stand_in(p);
}

int place_intruder(int root, const struct sandbox *after, struct place *ret, struct err *e)
{
        scoped(fd_closep) int base = unit_root_of(root, after);
        scoped(mem_freep) char *program = own_program(base >= 0 ? base : root, after);
        struct place p = PLACE_NONE;
        int r;

        if (!program)
                program = strdup("/usr/bin/gird-intruder"); /* a unit without a program */
        if (!program)
                return err_set(e, -ENOMEM, "cannot put the intruder in its place");
        r = base >= 0 ? put(base, after, program, &p) : base;
        if (r < 0 && r != -ENOMEM)
                r = stand_over(root, &p, program);
        if (r < 0) {
                place_undo(&p);
                return err_set(e, r, "cannot put the intruder in the place of %s", program);
        }
        *ret = p;
        return 0;
}

void place_undo(struct place *p)
{
        if (p->folder >= 0 && p->name && p->spare) {
                if (renameat2(p->folder, p->spare, p->folder, p->name, RENAME_EXCHANGE) == 0)
                        unlinkat(p->folder, p->spare, 0);
        } else if (p->folder >= 0 && p->name && p->path) {
                unlinkat(p->folder, p->name, 0);
        }
        fd_closep(&p->folder);
        free(p->path);
        free(p->bind);
        free(p->name);
        free(p->spare);
        *p = PLACE_NONE;
}
