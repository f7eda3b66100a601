/* file.h - whole files, read with a limit; folders made. */
#pragma once

#include "core/base/err.h"

#include <stddef.h>
#include <sys/types.h>

/* Reads path below dirfd (AT_FDCWD for the usual) into *ret, with a NUL behind it, which
 * the caller frees.  Refuses what is no regular file (-EISDIR, -EINVAL) or is longer than
 * limit bytes (-EFBIG), without blocking on a FIFO. */
int file_read(int dirfd, const char *path, size_t limit, char **ret, size_t *ret_length,
              struct err *e);

/* Writes all bytes to fd, however often that takes.  0 or -errno. */
int file_write_all(int fd, const char *bytes, size_t length);

/* Makes the folder path and its parents. */
int file_make_dirs(const char *path, mode_t mode, struct err *e);

/* Puts text at path at once: who reads sees the old file or the new one, and a failure leaves the
 * old. What is no regular file (/dev/stdout, a pipe) is written to as it is. */
int file_replace(const char *path, const char *text, mode_t mode, struct err *e);
