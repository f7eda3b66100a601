/* mem.h - scoped() for memory, descriptors and streams. */
#pragma once

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void mem_freep(void *slot)
{
        free(*(void **)slot);
}

static inline void fd_closep(const int *fd)
{
        if (*fd >= 0)
                close(*fd);
}

static inline void stream_closep(FILE **stream)
{
        if (*stream)
                fclose(*stream);
}

static inline void dir_closep(DIR **dir)
{
        if (*dir)
                closedir(*dir);
}
