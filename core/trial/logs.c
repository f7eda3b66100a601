/* logs.c - what a service writes to its own log files: many say there, and not to the journal,
 * what they were refused. */
#include "core/trial/trial_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define LOGS "/var/log"

enum { DEPTH = 3, FILES = 500, TAIL = 64 << 10, LINES = 400 };

/* No text, or somebody else's. */
static const char *const skipped[] = {
        "journal", "wtmp", "btmp", "lastlog", "faillog", "sa", "atop"
};

void logs_done(struct logs *l)
{
        for (size_t i = 0; i < l->count; i++)
                free(l->files[i].path);
        free(l->files);
        *l = (struct logs){ 0 };
}

static int add(struct logs *l, const char *path, uint64_t size)
{
        struct log_file *longer = realloc(l->files, (l->count + 1) * sizeof(*longer));
        char *copy = strdup(path);

        if (longer)
                l->files = longer;
        if (!longer || !copy) {
                free(copy);
                return -ENOMEM;
        }
        longer[l->count++] = (struct log_file){ .path = copy, .size = size };
        return 0;
}

static bool is_skipped(const char *name)
{
        for (size_t i = 0; i < COUNT(skipped); i++)
                if (strcmp(skipped[i], name) == 0)
                        return true;
        return name[0] == '.' || text_ends(name, ".gz") || text_ends(name, ".xz") ||
               text_ends(name, ".zst");
}

/* Links are not followed: what they point to is found where it lies, or is no log. */
static int walk(int folder, const char *path, unsigned depth, struct logs *l)
{
        scoped(dir_closep) DIR *dir = fdopendir(folder);
        struct dirent *entry;
        int r = 0;

        if (!dir) {
                close(folder);
                return -ENOMEM;
        }
        while (r >= 0 && l->count < FILES && (entry = readdir(dir))) {
                scoped(mem_freep) char *below = NULL;
                struct stat st;
                int fd;

                if (is_skipped(entry->d_name) ||
                    fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                        continue;
                below = text_format("%s/%s", path, entry->d_name);
                if (!below)
                        return -ENOMEM;
                if (S_ISREG(st.st_mode))
                        r = add(l, below, (uint64_t)st.st_size);
                if (!S_ISDIR(st.st_mode) || depth >= DEPTH)
                        continue;
                fd = openat(dirfd(dir), entry->d_name,
                            O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
                if (fd >= 0)
                        r = walk(fd, below, depth + 1, l);
        }
        return r;
}

int logs_mark(const char *root, struct logs *ret)
{
        struct logs l = { 0 };
        int fd = open_in_root(root, LOGS, O_RDONLY | O_DIRECTORY);
        int r = fd < 0 ? 0 : walk(fd, LOGS, 1, &l);

        if (r < 0)
                logs_done(&l);
        else
                *ret = l;
        return r;
}

static uint64_t size_before(const struct logs *before, const char *path)
{
        for (size_t i = 0; i < before->count; i++)
                if (strcmp(before->files[i].path, path) == 0)
                        return before->files[i].size;
        return 0;
}

static int add_line(struct journal *to, const char *path, const char *message)
{
        struct journal_line *longer = realloc(to->lines, (to->count + 1) * sizeof(*longer));
        struct journal_line line = { .priority = 6,
                                     .identifier = strdup(path),
                                     .message = strdup(message) };
        struct timespec now;

        if (longer)
                to->lines = longer;
        if (!longer || !line.identifier || !line.message) {
                free(line.identifier);
                free(line.message);
                return -ENOMEM;
        }
        clock_gettime(CLOCK_REALTIME, &now);
        line.usec = (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
        longer[to->count++] = line;
        return 0;
}

/* The end of what came since, where it is text. */
static int read_new(const char *root, const struct log_file *file, uint64_t from,
                    struct journal *to)
{
        scoped(fd_closep) int fd = open_in_root(root, file->path,
                                                O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
        scoped(strv_freep) char **lines = NULL;
        scoped(mem_freep) char *text = malloc(TAIL + 1);
        size_t from_line;
        ssize_t n;
        int r;

        if (!text)
                return -ENOMEM;
        if (file->size - from > TAIL)
                from = file->size - TAIL;
        n = fd < 0 ? -1 : pread(fd, text, TAIL, (off_t)from);
        if (n <= 0 || memchr(text, '\0', (size_t)n))
                return 0;
        text[n] = '\0';
        r = strv_split(text, "\r\n", &lines);
        from_line = strv_length(lines) > LINES ? strv_length(lines) - LINES : 0;
        for (size_t i = from_line; r >= 0 && lines && lines[i]; i++)
                r = add_line(to, file->path, lines[i]);
        return r;
}

int logs_collect(const char *root, const struct logs *before, struct journal *to)
{
        scoped(logs_done) struct logs now = { 0 };
        int r = logs_mark(root, &now);

        for (size_t i = 0; r >= 0 && i < now.count; i++) {
                uint64_t from = size_before(before, now.files[i].path);

                if (now.files[i].size > from)
                        r = read_new(root, &now.files[i], from, to);
        }
        return r;
}
