/* twin_upper.c - where the twin's writes go.
 *
 * Into memory, as long as that will do.  Opening a file to append to it copies all of it up,
 * though, and a service does that to its logs and tables in its first second: where the tree
 * holds files too big for memory, the writes go to an unlinked file on disk, which ends with
 * the last process that holds it. */
#include "core/stage/twin_private.h"

#include "core/base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

enum {
        ENTRY_LIMIT = 10000,
        DEPTH_LIMIT = 8,
        MEMINFO_LIMIT = 64 << 10,
        MOUNTINFO_LIMIT = 64 << 20,
};

#define LEAST     (64 * MEBI)
#define MOST      (2048 * MEBI)
#define LOOK_TIME 30000 /* microseconds */

/* Where services keep what they append to, and what there is no service's. */
static const char *const places[] = { "/var/log", "/var/lib", "/var/spool", "/srv" };
static const char *const others[] = { "docker", "containers", "containerd", "machines", "libvirt",
                                      "lxc",    "lxd",        "snapd",      "flatpak",  "journal",
                                      "apt",    "dpkg",       "rpm",        "kubelet" };
static const char *const far[] = { "autofs ", "nfs",  "cifs ", "smb3 ",     "fuse",
                                   "9p ",     "ceph", "afs ",  "glusterfs", "lustre" };

uint64_t memory_value(const char *name)
{
        scoped(mem_freep) char *text = NULL;
        char *at;

        if (file_read(AT_FDCWD, "/proc/meminfo", MEMINFO_LIMIT, &text, NULL, NULL) < 0)
                return 0;
        at = strstr(text, name);
        return at ? strtoull(at + strlen(name) + 1, NULL, 10) << 10 : 0;
}

/* --- how big the files are -------------------------------------------------------------- */

struct survey {
        uint64_t biggest, total;
        unsigned entries;
        uint64_t end;   /* monotonic */
        char **avoided; /* mount points that may hang, or mount something, when looked at */
};

static int find_avoided(char ***ret)
{
        scoped(mem_freep) char *text = NULL;
        scoped(strv_freep) char **lines = NULL;
        int r = file_read(AT_FDCWD, "/proc/self/mountinfo", MOUNTINFO_LIMIT, &text, NULL, NULL);

        if (r >= 0)
                r = strv_split(text, "\n", &lines);
        for (char **line = lines; r >= 0 && line && *line; line++) {
                scoped(strv_freep) char **fields = NULL;
                const char *type = strstr(*line, " - ");
                bool is_far = false;

                for (size_t i = 0; type && i < COUNT(far); i++)
                        is_far |= text_starts(type + 3, far[i]);
                if (!is_far)
                        continue;
                r = strv_split(*line, " ", &fields);
                if (r >= 0 && strv_length(fields) > 4)
                        r = strv_add(ret, fields[4]);
        }
        return r < 0 ? r : 0;
}

static bool is_others(const char *name)
{
        for (size_t i = 0; i < COUNT(others); i++)
                if (strcmp(others[i], name) == 0)
                        return true;
        return false;
}

static void survey_file(struct survey *s, int folder, const char *name)
{
        struct stat st;
        uint64_t size;

        if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) < 0)
                return;
        size = (uint64_t)st.st_blocks * 512;
        s->total += size;
        s->biggest = size > s->biggest ? size : s->biggest;
}

/* Takes fd over. */
static void survey_folder(struct survey *s, int fd, const char *path, unsigned depth)
{
        scoped(dir_closep) DIR *dir = fdopendir(fd);
        struct dirent *entry;

        if (!dir)
                close(fd);
        while (dir && (entry = readdir(dir))) {
                scoped(mem_freep) char *below = NULL;
                int next;

                if (++s->entries > ENTRY_LIMIT || (s->entries % 64 == 0 && job_now() > s->end))
                        return;
                if (entry->d_type == DT_REG)
                        survey_file(s, fd, entry->d_name);
                if (entry->d_type != DT_DIR || entry->d_name[0] == '.' || depth >= DEPTH_LIMIT ||
                    is_others(entry->d_name))
                        continue;
                below = text_format("%s/%s", path, entry->d_name);
                if (!below || strv_has(s->avoided, below))
                        continue;
                next = openat(fd, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
                if (next >= 0)
                        survey_folder(s, next, below, depth + 1);
        }
}

static bool is_big(const struct boot_tree *t, uint64_t bytes)
{
        scoped(strv_freep) char **avoided = NULL;
        struct survey s = { .end = job_now() + LOOK_TIME };

        if (find_avoided(&avoided) < 0)
                return false;
        s.avoided = avoided;
        for (size_t i = 0; i < COUNT(places); i++) {
                scoped(mem_freep) char *path = text_format("%s%s", t->is_host ? "" : t->path,
                                                           places[i]);
                int fd = path && !strv_has(avoided, path)
                                 ? root_open(t->fd, places[i], O_RDONLY | O_DIRECTORY)
                                 : -1;

                if (fd >= 0)
                        survey_folder(&s, fd, path, 0);
        }
        return s.biggest > bytes / 4 || s.total > bytes;
}

int upper_open(const struct boot_tree *t, uint64_t memory, struct job *job, struct upper *ret,
               struct err *e)
{
        uint64_t free_bytes = memory_value("MemAvailable:");
        struct upper u = { .bytes = memory, .disk = -1 };
        int r;

        if (u.bytes == 0)
                u.bytes = free_bytes / 4 > MOST ? MOST : free_bytes / 4;
        if (memory == 0 && (u.bytes < LEAST || is_big(t, u.bytes))) {
                r = disk_open(job, &u.disk, &u.bytes);
                if (r == -ECANCELED)
                        return err_set(e, r, "the twin was not booted");
        }
        if (u.disk < 0 && u.bytes < LEAST && memory == 0)
                return err_say(e, 1,
                               "there is no space for a twin: %llu MiB of memory are free, and "
                               "/var/tmp cannot be used instead",
                               (unsigned long long)(free_bytes / MEBI));
        *ret = u;
        return 0;
}

void upper_done(struct upper *u)
{
        fd_closep(&u->disk);
        u->disk = -1;
}

int upper_mount(const struct upper *u, const char *folder)
{
        char options[64];

        if (u->disk >= 0)
                return disk_mount(u->disk, folder);
        snprintf(options, sizeof(options), "mode=755,size=%llu", (unsigned long long)u->bytes);
        return mount("tmpfs", folder, "tmpfs", 0, options) < 0 ? -errno : 0;
}
