/* file.h - whole files: read with a limit, written all or not at all. */
#pragma once

#include "core/base/err.h"

#include <stddef.h>
#include <sys/types.h>

/* Reads path below dirfd (AT_FDCWD for the usual) into *ret, with a NUL behind it, which
 * the caller frees.  Refuses what is no regular file (-EISDIR, -EINVAL) or is longer than
 * limit bytes (-EFBIG), without blocking on a FIFO. */
int file_read(int dirfd, const char *path, size_t limit, char **ret, size_t *ret_length,
              struct err *e);

/* Readers of path see the old content or the new one, never half of one: temporary file,
 * fsync, rename, fsync of the folder.  Makes missing folders (0755).  Refuses a path that
 * is a symlink or goes through one in its last two components (-ELOOP).  On failure
 * nothing is left behind. */
int file_write(const char *path, const char *text, mode_t mode, struct err *e);

/* Makes the folder path and its parents. */
int file_make_dirs(const char *path, mode_t mode, struct err *e);
