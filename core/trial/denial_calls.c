/* denial_calls.c - which system call is behind a path that was refused.
 *
 * A behaviour has paths with what was wanted of them, and calls with their arguments, apart.  What
 * was made at the same instant by the same process belongs together. */
#include "core/trial/denial_private.h"

#include <string.h>

/* What a path was wanted for, narrow ones first, and the calls that may be behind it.  The first is
 * named where nothing tells. */
static const struct {
        uint64_t mask, bits;
        const char *first, *others;
} rows[] = {
        { ACCESS_EXEC, ACCESS_EXEC, "execve", "execveat uselib" },
        { ACCESS_MOUNT, ACCESS_MOUNT, "mount",
          "umount2 move_mount fspick mount_setattr pivot_root open_tree" },
        { ACCESS_CONNECT, ACCESS_CONNECT, "connect", "sendto sendmsg sendmmsg" },
        { ACCESS_ENTER, ACCESS_ENTER, "chdir", "fchdir chroot pivot_root" },
        { ACCESS_WATCH, ACCESS_WATCH, "inotify_add_watch", "fanotify_mark" },
        { ACCESS_MAP_EXEC, ACCESS_MAP_EXEC, "mmap", "" },
        { ACCESS_CHANGE, ACCESS_CHANGE, "fchmodat",
          "chmod fchmod fchmodat2 chown lchown fchown fchownat utimensat utime utimes futimesat "
          "setxattr lsetxattr fsetxattr setxattrat removexattr lremovexattr fremovexattr "
          "removexattrat file_setattr" },
        { ACCESS_DELETE | ACCESS_FOLDER, ACCESS_DELETE | ACCESS_FOLDER, "rmdir", "unlinkat" },
        { ACCESS_DELETE, ACCESS_DELETE, "unlink", "unlinkat rename renameat renameat2" },
        { ACCESS_CREATE | ACCESS_FOLDER, ACCESS_CREATE | ACCESS_FOLDER, "mkdir", "mkdirat" },
        { ACCESS_CREATE | ACCESS_READ | ACCESS_WRITE, ACCESS_CREATE, "rename",
          "renameat renameat2 link linkat symlink symlinkat mknod mknodat bind" },
        { ACCESS_LOOK, ACCESS_LOOK, "newfstatat",
          "statx stat lstat access faccessat faccessat2 readlink readlinkat name_to_handle_at "
          "statfs getxattr lgetxattr getxattrat listxattr llistxattr listxattrat file_getattr "
          "openat open open_tree open_tree_attr mount move_mount link linkat quotactl" },
        { 0, 0, "openat",
          "open openat2 creat open_by_handle_at truncate ftruncate fallocate swapon swapoff acct "
          "ioctl finit_module kexec_file_load" },
};

static size_t row_for(uint64_t access)
{
        size_t i = 0;

        while ((access & rows[i].mask) != rows[i].bits)
                i++; /* the last one fits all */
        return i;
}

bool denial_call_does(const char *call, uint64_t access)
{
        size_t i = row_for(access);

        return strcmp(rows[i].first, call) == 0 || denial_listed(rows[i].others, call);
}

static uint64_t apart(uint64_t a, uint64_t b)
{
        return a > b ? a - b : b - a;
}

const char *denial_call_of(const struct behaviour *b, const struct act *a, uint64_t *ret_mode)
{
        static const enum act_kind kinds[] = { ACT_ARGS, ACT_CALL };
        const struct act *best = NULL;

        for (size_t k = 0; k < COUNT(kinds); k++)
                for (const struct act *c = behaviour_first(b, kinds[k]); c;
                     c = behaviour_next(b, c)) {
                        bool nearer = !best || (c->pid == a->pid) > (best->pid == a->pid) ||
                                      ((c->pid == a->pid) == (best->pid == a->pid) &&
                                       apart(c->first, a->first) < apart(best->first, a->first));

                        if (c->error == a->error && c->name && nearer &&
                            denial_call_does(c->name, a->a))
                                best = c;
                }
        *ret_mode = best && best->kind == ACT_ARGS ? best->a : 0;
        return best ? best->name : rows[row_for(a->a)].first;
}
