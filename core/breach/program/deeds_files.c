/* deeds_files.c - reading what isn't for it, and writing where it should not. */
#include "core/breach/program/program.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEPTH = 3, MIB = 1 << 20 };

/* What systemd lays over a path that is not to be seen: empty, and of a mode that lets root alone
 * in. */
static bool is_mask(const struct stat *st)
{
        return (st->st_mode & 07777) == 0 && (S_ISDIR(st->st_mode) || st->st_size == 0) &&
               !S_ISLNK(st->st_mode);
}

static int open_as(const char *path, int flags)
{
        int fd = open(path, flags | O_NOCTTY | O_CLOEXEC), r = 0;
        struct stat st;

        if (fd < 0)
                return -errno;
        if (fstat(fd, &st) == 0 && is_mask(&st))
                r = -ENODATA;
        close(fd);
        return r;
}

static int is_dots(const char *name)
{
        return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* ---- reading ---- */

int read_file(const char *argument, char *said)
{
        int fd = open(argument, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC), r = 0;
        char byte;
        ssize_t n;

        (void)said;
        if (fd < 0)
                return -errno;
        n = read(fd, &byte, 1);
        if (n <= 0)
                r = n < 0 ? -errno : -ENODATA;
        close(fd);
        return r;
}

/* Folders that match are no find. */
static int read_found(const char *path, void *userdata)
{
        struct stat st;

        if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
                return ABSENT;
        return read_file(path, userdata);
}

int read_match(const char *argument, char *said)
{
        return paths_each(argument, read_found, said);
}

int list_folder(const char *argument, char *said)
{
        DIR *folder = opendir(argument);
        struct dirent *entry;
        struct stat st;
        int count = 0;

        if (!folder)
                return -errno;
        while ((entry = readdir(folder)))
                count += !is_dots(entry->d_name);
        if (count == 0 && fstat(dirfd(folder), &st) == 0 && is_mask(&st))
                count = -ENODATA;
        closedir(folder);
        if (count < 0)
                return count;
        snprintf(said, SAID, "%d", count);
        return 0;
}

/* What to do with each thing found below a folder. */
struct hunt {
        int (*each)(const char *path, const struct stat *st);
        int depth;
        int first; /* the first refusal; ABSENT so far */
};

/* Returns 0 once one was let. */
static int hunt_below(struct hunt *h, const char *folder)
{
        const char *own = getenv("CREDENTIALS_DIRECTORY");
        DIR *at = opendir(folder);
        struct dirent *entry;
        char path[PATH_MAX];
        struct stat st;
        int r = ABSENT;

        if (!at) {
                h->first = h->first == ABSENT ? -errno : h->first;
                return ABSENT;
        }
        if (fstat(dirfd(at), &st) == 0 && is_mask(&st) && h->first == ABSENT)
                h->first = -ENODATA;
        while (r != 0 && (entry = readdir(at))) {
                if (is_dots(entry->d_name))
                        continue;
                snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
                if (lstat(path, &st) < 0 || (own && strcmp(path, own) == 0))
                        continue;
                r = h->each(path, &st);
                if (r < 0 && h->first == ABSENT)
                        h->first = r;
                if (r != 0 && S_ISDIR(st.st_mode) && h->depth < DEPTH) {
                        h->depth++;
                        r = hunt_below(h, path);
                        h->depth--;
                }
        }
        closedir(at);
        return r;
}

static int hunt_in(const char *folders, int (*each)(const char *path, const struct stat *st))
{
        struct hunt h = { .each = each, .first = ABSENT };
        char folder[PATH_MAX];

        while (*folders) {
                size_t n = strcspn(folders, ":");

                snprintf(folder, sizeof(folder), "%.*s", (int)n, folders);
                if (hunt_below(&h, folder) == 0)
                        return 0;
                folders += n + (folders[n] == ':');
        }
        return h.first;
}

static int try_any(const char *path, const struct stat *st)
{
        char said[SAID];

        return S_ISREG(st->st_mode) ? read_file(path, said) : ABSENT;
}

static bool is_own(const struct stat *st)
{
        return geteuid() != 0 && st->st_uid == geteuid();
}

static int try_closed_file(const char *path, const struct stat *st)
{
        return (st->st_mode & S_IROTH) || is_own(st) ? ABSENT : try_any(path, st);
}

static int try_closed_folder(const char *path, const struct stat *st)
{
        if (!S_ISDIR(st->st_mode) || (st->st_mode & S_IXOTH) || is_own(st))
                return ABSENT;
        return open_as(path, O_RDONLY | O_DIRECTORY);
}

static int try_journal(const char *path, const struct stat *st)
{
        const char *end = strrchr(path, '.');

        return end && strcmp(end, ".journal") == 0 ? try_any(path, st) : ABSENT;
}

static int try_shared(const char *path, const struct stat *st)
{
        return S_ISREG(st->st_mode) && !is_own(st) ? open_as(path, O_RDONLY | O_NONBLOCK) : ABSENT;
}

int read_below(const char *argument, char *said)
{
        (void)said;
        return hunt_in(argument, try_any);
}

int read_closed(const char *argument, char *said)
{
        (void)said;
        return hunt_in(argument, try_closed_file);
}

int list_closed(const char *argument, char *said)
{
        (void)said;
        return hunt_in(argument, try_closed_folder);
}

int read_journal(const char *argument, char *said)
{
        (void)said;
        return hunt_in(argument, try_journal);
}

int see_shm(const char *argument, char *said)
{
        (void)argument;
        (void)said;
        return hunt_in("/dev/shm", try_shared);
}

/* ---- opening ---- */

static int open_read(const char *path, void *userdata)
{
        (void)userdata;
        return open_as(path, O_RDONLY | O_NONBLOCK);
}

static int open_write(const char *path, void *userdata)
{
        (void)userdata;
        return open_as(path, O_WRONLY | O_NONBLOCK);
}

static int open_both(const char *path, void *userdata)
{
        (void)userdata;
        return open_as(path, O_RDWR | O_NONBLOCK);
}

int open_for_reading(const char *argument, char *said)
{
        (void)said;
        return paths_each(argument, open_read, NULL);
}

int open_nonblocking(const char *argument, char *said)
{
        return open_for_reading(argument, said);
}

/* Nothing is written: opening is where the kernel says no. */
int open_for_writing(const char *argument, char *said)
{
        (void)said;
        return paths_each(argument, open_write, NULL);
}

int open_read_write(const char *argument, char *said)
{
        (void)said;
        return paths_each(argument, open_both, NULL);
}

int open_match(const char *argument, char *said)
{
        return open_for_reading(argument, said);
}

int open_terminal(const char *argument, char *said)
{
        return open_for_writing(argument, said);
}

static int try_disk(const char *path, const struct stat *st)
{
        return S_ISBLK(st->st_mode) ? open_as(path, O_RDONLY | O_NONBLOCK) : ABSENT;
}

int open_block_device(const char *argument, char *said)
{
        (void)argument;
        (void)said;
        return hunt_in("/dev", try_disk);
}

/* ---- writing ---- */

/* A folder that is not there may be made, too. */
int plant(const char *argument, char *said)
{
        int fd = scratch_open(argument);

        (void)said;
        if (fd >= 0) {
                close(fd);
                return 0;
        }
        if (fd != -ENOENT)
                return fd;
        if (mkdir(argument, 0700) < 0)
                return -errno;
        rmdir(argument);
        return 0;
}

int plant_variable(const char *argument, char *said)
{
        const char *value = getenv(argument);
        char first[PATH_MAX];

        if (!value)
                return ABSENT;
        snprintf(first, sizeof(first), "%.*s", (int)strcspn(value, ":"), value);
        return plant(first, said);
}

static int beside(const char *path, char *said)
{
        char folder[PATH_MAX], *slash;

        snprintf(folder, sizeof(folder), "%s", path);
        slash = strrchr(folder, '/');
        if (!slash || slash == folder)
                return -ENOENT;
        *slash = '\0';
        return plant(folder, said);
}

/* Opened and not written; where there is no such file, one of another name is made beside it. */
int overwrite(const char *argument, char *said)
{
        int r = open_as(argument, O_WRONLY);

        return r == -ENOENT ? beside(argument, said) : r;
}

/* access(), since a program that runs can't be opened for writing. */
int write_own_program(const char *argument, char *said)
{
        char path[PATH_MAX];
        ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

        (void)argument;
        if (n < 0)
                return -errno;
        path[n] = '\0';
        if (access(path, W_OK) == 0)
                return 0;
        n = -errno;
        return beside(path, said) == 0 ? 0 : (int)n;
}

int write_big_file(const char *argument, char *said)
{
        char path[PATH_MAX];
        static const char zeros[65536];
        int fd = scratch_make(argument, path, sizeof(path)), r = 0;

        (void)said;
        if (fd < 0)
                return fd;
        unlink(path);
        for (size_t written = 0; r == 0 && written < 2 * MIB; written += sizeof(zeros))
                r = result(write(fd, zeros, sizeof(zeros)));
        close(fd);
        return r;
}

int make_fifo(const char *argument, char *said)
{
        char path[PATH_MAX];

        (void)said;
        snprintf(path, sizeof(path), "%s/.gird-fifo-%d", argument, (int)getpid());
        if (mkfifo(path, 0600) < 0)
                return -errno;
        unlink(path);
        return 0;
}
