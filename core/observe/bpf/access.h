/* access.h - words for what a call does to a file, an exec and a signal: the BPF program, its
 * loader and the behaviour share them. SPDX-License-Identifier: MIT OR GPL-2.0-only */
#pragma once

enum wire_access {
        ACCESS_READ = 1,
        ACCESS_WRITE = 2,   /* content, or the folder's entries */
        ACCESS_CREATE = 4,  /* makes the name: open(O_CREAT), mkdir, link, symlink, mknod, bind */
        ACCESS_DELETE = 8,  /* unlink, rmdir, rename's source */
        ACCESS_LOOK = 16,   /* stat, access, readlink: no open */
        ACCESS_CHANGE = 32, /* mode, owner, times, attributes */
        ACCESS_EXEC = 64,   /* execve */
        ACCESS_MAP_EXEC = 128, /* mmap(PROT_EXEC) of the file */
        ACCESS_TRUNCATE = 256,
        ACCESS_CONNECT = 512, /* to a unix socket */
        ACCESS_MOUNT = 1024,
        ACCESS_ENTER = 2048,  /* chdir, chroot, pivot_root */
        ACCESS_WATCH = 4096,  /* inotify, fanotify */
        ACCESS_FOLDER = 8192, /* what was made or removed is a folder */
        ACCESS_MADE = 16384,  /* with CREATE by open: it was not there before */
};

/* What an exec gained. */
enum wire_gain {
        GAIN_SETUID = 1,
        GAIN_SETGID = 2,
        GAIN_FILECAPS = 4,
        GAIN_COMMAND = 8, /* the first exec of a command of the unit, by systemd */
};

enum wire_signal {
        SIGNAL_OTHER_UID = 1,
        SIGNAL_OUTSIDE = 2, /* to a process that is not of the unit */
};
