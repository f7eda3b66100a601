/* twin_mount.c - the box builds what the plan says.  Runs in the child, in a mount namespace
 * of its own; faults go to gird by the report. */
#include "core/stage/twin_private.h"

#include "core/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/stat.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#define UP   BOX "/up"
#define ROOT BOX "/root"

enum { FILE_LIMIT = 1 << 20, XATTR_LIMIT = 4096, MOUNTINFO_LIMIT = 64 << 20 };

/* A path by which the kernel finds what fd is, whatever characters its name has. */
static const char *path_of(int fd, char *room)
{
        sprintf(room, "/proc/self/fd/%d", fd);
        return room;
}

/* The merged root of an overlay takes its owner, mode and labels from the upper layer. */
static void copy_look(int from, const char *to)
{
        char source[40], names[XATTR_LIMIT], value[XATTR_LIMIT];
        struct stat st;
        ssize_t n;

        if (fstat(from, &st) < 0)
                return;
        if (chown(to, st.st_uid, st.st_gid) == 0)
                chmod(to, st.st_mode & 07777);
        n = listxattr(path_of(from, source), names, sizeof(names));
        for (ssize_t at = 0; at < n; at += (ssize_t)strlen(names + at) + 1) {
                ssize_t length = getxattr(source, names + at, value, sizeof(value));

                if (length >= 0 && !text_starts(names + at, "trusted.overlay."))
                        setxattr(to, names + at, value, (size_t)length, 0);
        }
        utimensat(AT_FDCWD, to, (const struct timespec[]){ st.st_atim, st.st_mtim }, 0);
}

/* Whether the mount of that id is what one sees there: another may lie on top of it. */
static bool is_visible(int fd, int id)
{
        struct statx st;

        if (id == 0 || statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &st) < 0 ||
            !(st.stx_mask & STATX_MNT_ID))
                return true;
        return st.stx_mnt_id == (uint64_t)id;
}

/* Opens every row's files, before anything is mounted over them. */
static int *open_lowers(const struct boot_tree *t, const struct plan *p)
{
        int *fds = malloc((p->count + 1) * sizeof(*fds));

        for (size_t i = 0; fds && i < p->count; i++) {
                scoped(mem_freep) char *path = text_format("%s%s", t->is_host ? "" : t->path,
                                                           p->rows[i].point);

                fds[i] = path ? open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC) : -1;
                if (fds[i] >= 0 && !is_visible(fds[i], p->rows[i].id)) {
                        close(fds[i]);
                        fds[i] = -1;
                }
        }
        return fds;
}

static int mount_overlay(size_t i, int lower, const char *target, const struct plan_row *row)
{
        bool writes = row->cover == COVER_OVERLAY;
        scoped(mem_freep) char *upper = text_format(UP "/%zu", i);
        scoped(mem_freep) char *work = text_format(UP "/%zu.work", i);
        scoped(mem_freep) char *options = NULL;

        if (!upper || !work)
                return -ENOMEM;
        options = writes ? text_format("lowerdir=/proc/self/fd/%d,upperdir=%s,workdir=%s", lower,
                                       upper, work)
                         : text_format("lowerdir=" BOX "/empty:/proc/self/fd/%d", lower);
        if (!options)
                return -ENOMEM;
        if (writes && (mkdir(upper, 0755) < 0 || mkdir(work, 0700) < 0))
                return -errno;
        if (writes)
                copy_look(lower, upper);
        return mount("overlay", target, "overlay", row->flags, options) < 0 ? -errno : 0;
}

/* The flags need a second call, on what is seen there after the first.  Where they cannot be
 * had, the mount is taken back: without "read-only" it would be the machine's own files. */
static int mount_bind(const char *source, int root, const char *point, unsigned long flags)
{
        scoped(fd_closep) int under = root_open(root, point, O_PATH);
        scoped(fd_closep) int over = -1;
        char target[40];
        int r;

        if (under < 0)
                return under;
        if (mount(source, path_of(under, target), NULL, MS_BIND, NULL) < 0)
                return -errno;
        over = root_open(root, point, O_PATH);
        if (over < 0)
                return over;
        path_of(over, target);
        if (mount(NULL, target, NULL, MS_BIND | MS_REMOUNT | flags, NULL) == 0)
                return 0;
        r = -errno;
        umount2(target, MNT_DETACH);
        return r;
}

/* A way in by the row that has the same files; -EXDEV and others if it does not lead there. */
static int mount_same(const struct plan *p, const struct plan_row *row, int root)
{
        const struct plan_row *other = &p->rows[row->same];
        scoped(mem_freep) char *path = text_format("%s/%s", other->point, row->inside);
        scoped(fd_closep) int source = -1, top = -1;
        struct statx there, here;
        char room[40];

        if (!path)
                return -ENOMEM;
        top = root_open(root, other->point, O_PATH);
        source = root_open(root, path, O_PATH | O_NOFOLLOW);
        if (top < 0 || source < 0)
                return -ENOENT;
        /* Another file system may lie over it. */
        if (statx(top, "", AT_EMPTY_PATH, STATX_MNT_ID, &there) < 0 ||
            statx(source, "", AT_EMPTY_PATH, STATX_MNT_ID, &here) < 0)
                return -errno;
        if (there.stx_mnt_id != here.stx_mnt_id)
                return -EXDEV;
        return mount_bind(path_of(source, room), root, row->point, row->flags);
}

/* A file that is a mount of its own (containers have /etc/hosts so): its text is copied. */
static int copy_file(int lower, int root, const struct plan_row *row)
{
        scoped(mem_freep) char *text = NULL;
        scoped(fd_closep) int to = -1;
        char room[40];
        size_t length = 0;
        int r = file_read(AT_FDCWD, path_of(lower, room), FILE_LIMIT, &text, &length, NULL);

        if (r < 0)
                return r;
        to = root_open(root, row->point, O_WRONLY | O_TRUNC);
        if (to < 0)
                return to;
        if (write(to, text, length) != (ssize_t)length)
                return -EIO;
        copy_look(lower, path_of(to, room));
        return 0;
}

static int cover_file(int lower, int root, const struct plan_row *row, struct report *report)
{
        char room[40];
        int r = copy_file(lower, root, row);

        if (r >= 0)
                return 0;
        report_line(report, 'n', "%s is shown read-only", row->point);
        return mount_bind(path_of(lower, room), root, row->point, row->flags | MS_RDONLY);
}

static int open_target(int root, const struct plan_row *row, bool is_folder)
{
        int target = root_open(root, row->point, O_PATH);

        if (target == -ENOENT && is_folder)
                target = root_make_dirs(root, row->point);
        if (target == -ENOENT && root_write(root, row->point, "") == 0)
                target = root_open(root, row->point, O_PATH);
        return target;
}

/* One row below "/".  What cannot be covered is bound read-only and named. */
static int cover_row(const struct plan *p, size_t i, int lower, int root, struct report *report)
{
        struct plan_row *row = &p->rows[i];
        scoped(fd_closep) int target = -1;
        char there[40], here[40];
        struct stat st;
        int r;

        if (fstat(lower, &st) < 0 || !(S_ISDIR(st.st_mode) || S_ISREG(st.st_mode)))
                return 0;
        target = open_target(root, row, S_ISDIR(st.st_mode));
        if (target < 0) {
                report_line(report, 'n', "%s is missing: %s", row->point, strerror(-target));
                return 0;
        }
        path_of(target, there);
        r = row->cover == COVER_SAME ? mount_same(p, row, root) : -ENOENT;
        if (r < 0)
                row->cover = row->flags & MS_RDONLY ? COVER_LOWER : COVER_OVERLAY;
        if (r < 0 && S_ISREG(st.st_mode))
                return cover_file(lower, root, row, report);
        if (r < 0)
                r = mount_overlay(i, lower, there, row);
        if (r == 0)
                return 0;
        r = mount_bind(path_of(lower, here), root, row->point, row->flags | MS_RDONLY);
        report_line(report, 'n', "%s (%s) is %s", row->point, row->type,
                    r == 0 ? "shown read-only" : "missing");
        return 0;
}

static int cover_root(const struct plan *p, int lower, struct report *report)
{
        int r = lower < 0 ? -ENOENT : mount_overlay(0, lower, ROOT, &p->rows[0]);

        if (r == -ENODEV)
                return report_fault(report, 1,
                                    "this kernel has no overlay file system (overlayfs), "
                                    "which a twin is built with");
        if (r == -EINVAL && strcmp(p->rows[0].type, "overlay") == 0)
                return report_fault(report, 1,
                                    "nested too deep: / is an overlay over an overlay "
                                    "already, and the kernel stacks no third");
        if (r == -ENOSPC || r == -ENOMEM)
                return report_fault(report, 1, "there is no space for the twin's writes");
        if (r == -EPERM)
                return report_fault(report, 1,
                                    "this container does not let root mount file systems, "
                                    "so no twin can be made in it");
        if (r < 0)
                return report_fault(report, r, "cannot lay an overlay over / (%s): %s",
                                    p->rows[0].type, strerror(-r));
        return 0;
}

/* The twin's journal has the machine's id: with the old files it would show the machine's
 * past as if it were the trial's. */
static void hide_journal(int root)
{
        scoped(fd_closep) int folder = root_open(root, "/var/log/journal", O_PATH | O_DIRECTORY);
        scoped(fd_closep) int fresh = -1;
        char room[40];

        if (folder < 0 || mount("tmpfs", path_of(folder, room), "tmpfs",
                                MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=16m,mode=755") < 0)
                return;
        fresh = root_open(root, "/var/log/journal", O_PATH | O_DIRECTORY);
        if (fresh >= 0)
                copy_look(folder, path_of(fresh, room));
}

/* A /proc and a /run of the box's own: nspawn's locks and folders stay in it. */
static int prepare(const struct upper *u, struct report *report)
{
        static const char *const folders[] = { BOX, BOX "/root", BOX "/up", BOX "/empty" };
        int r = 0;

        if (mount("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=64m") < 0)
                r = -errno;
        for (size_t i = 0; r == 0 && i < COUNT(folders); i++)
                r = mkdir(folders[i], 0755) < 0 ? -errno : 0;
        if (r < 0)
                return report_fault(report, r, "cannot give the twin its own /run: %s",
                                    strerror(-r));
        r = upper_mount(u, UP);
        if (r < 0)
                return report_fault(report, r, "cannot make room for the twin's writes: %s",
                                    strerror(-r));
        return 0;
}

static int cover_all(const struct boot_tree *t, const struct plan *p, const int *lowers,
                     struct report *report)
{
        scoped(fd_closep) int root = -1;
        int r = cover_root(p, lowers[0], report);

        if (r != 0)
                return r;
        root = open(ROOT, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (root < 0)
                return report_fault(report, -errno, "cannot open the twin's root");
        for (size_t i = 1; i < p->count; i++) {
                if (lowers[i] < 0)
                        continue;
                report_line(report, 's', "covering %s", p->rows[i].point);
                r = cover_row(p, i, lowers[i], root, report);
                if (r < 0)
                        return report_fault(report, r, "cannot cover %s: %s", p->rows[i].point,
                                            strerror(-r));
        }
        hide_journal(root);
        if (!t->has_os_release) /* nspawn insists on one */
                r = root_write(root, "/etc/os-release",
                               "ID=linux\nNAME=Linux\nPRETTY_NAME=Linux\n");
        if (r < 0)
                return report_fault(
                        report, 1, "%s has no os-release file, and none can be put there", t->path);
        return 0;
}

int mounts_build(const struct boot_tree *t, const struct upper *u, struct report *report)
{
        scoped(mem_freep) char *text = NULL;
        scoped(mem_freep) int *lowers = NULL;
        scoped(plan_done) struct plan p = { 0 };
        int r;

        if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
                return report_fault(report, errno == EPERM ? 1 : -errno,
                                    "cannot have mounts of its own: %s", strerror(errno));
        if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
                return report_fault(report, errno == EPERM ? 1 : -errno, "cannot mount /proc: %s",
                                    strerror(errno));
        r = file_read(AT_FDCWD, "/proc/self/mountinfo", MOUNTINFO_LIMIT, &text, NULL, NULL);
        if (r == 0)
                r = plan_make(text, t->path, &p);
        if (r < 0)
                return report_fault(report, r, "cannot tell what is mounted: %s", strerror(-r));
        lowers = open_lowers(t, &p);
        if (!lowers)
                return report_fault(report, -ENOMEM, "out of memory");
        r = prepare(u, report);
        if (r != 0)
                return r;
        r = units_write(t);
        if (r < 0)
                return report_fault(report, r, "cannot write the twin's own units: %s",
                                    strerror(-r));
        return cover_all(t, &p, lowers, report);
}
