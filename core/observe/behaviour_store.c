/* behaviour_store.c - where behaviours are kept: beside the unit's profile, one for the version of
 * the binary that was watched last, and those of versions before. */
#include "core/observe/behaviour_json_private.h"

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/profile/profile_private.h"
#include "core/profile/store_private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define NEWEST "behaviour.json"
#define ASIDE  "behaviour-damaged.json"

enum { VERSION_LENGTH = 128, VERSIONS_KEPT = 8 };

bool version_fits(const char *version)
{
        size_t n = strspn(version, "0123456789abcdefghijklmnopqrstuvwxyz"
                                   "ABCDEFGHIJKLMNOPQRSTUVWXYZ._-");

        return n > 0 && n <= VERSION_LENGTH && !version[n];
}

/* ---- the unit's folder ---- */

/* What lies behind is the folder itself or in it. */
static bool is_below(const char *path, const char *folder)
{
        size_t n = strlen(folder);

        return strncmp(path, folder, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

/* The state folder of this machine or user may lie behind symlinks; that of another tree may not,
 * since they would be followed out of the tree. */
static bool is_own_state(const char *state)
{
        static const struct {
                const char *variable, *below;
        } homes[] = { { "XDG_STATE_HOME", "/gird" }, { "HOME", "/.local/state/gird" } };

        if (is_below(state, "/var/lib/gird"))
                return true;
        for (size_t i = 0; i < COUNT(homes); i++) {
                const char *set = getenv(homes[i].variable);

                if (set && text_starts(state, set) && is_below(state + strlen(set), homes[i].below))
                        return true;
        }
        return false;
}

/* Whether path, as far as it is there, holds a symlink. */
static bool has_symlink(const char *path)
{
        scoped(mem_freep) char *part = strdup(path);
        struct stat st;

        for (char *slash = part && *part ? part : NULL; slash;) {
                slash = strchr(slash + 1, '/');
                if (slash)
                        *slash = '\0';
                if (lstat(part, &st) < 0)
                        return false;
                if (S_ISLNK(st.st_mode))
                        return true;
                if (slash)
                        *slash = '/';
        }
        return !part;
}

static int open_folder(const char *state, const char *unit, bool make, int *ret_fd)
{
        scoped(mem_freep) char *parent = strdup(state);
        scoped(fd_closep) int root = -1, above = -1, folder = -1;
        char *name = parent ? strrchr(parent, '/') : NULL;
        int r;

        if (!parent)
                return -ENOMEM;
        if (state[0] != '/' || !name[1])
                return -EINVAL;
        *name++ = '\0';
        if (!is_own_state(state) && has_symlink(parent))
                return -ELOOP;
        root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (root < 0)
                return -errno;
        r = store_folder(root, parent, make, &above);
        if (r == 0)
                r = store_step(above, name, make ? 0700 : 0, &folder, NULL);
        return r == 0 ? store_step(folder, unit, make ? 0700 : 0, ret_fd, NULL) : r;
}

/* -ENOENT without a sentence when it is not there and make is false. */
static int unit_folder(const char *state, const char *unit, bool make, int *ret_fd, struct err *e)
{
        int r;

        /* The name becomes a folder's: nothing else keeps "../.." out. */
        if (!profile_unit_fits(unit))
                return err_say(e, -EINVAL, "\"%s\" is no name of a unit", unit);
        r = open_folder(state, unit, make, ret_fd);
        if (r == -ENOENT && !make)
                return r;
        return r < 0 ? err_set(e, r, "cannot open %s/%s", state, unit) : 0;
}

/* ---- files ---- */

/* 1: there is none. */
static int read_file(int folder, const char *name, const char *path, struct behaviour **ret,
                     struct err *e)
{
        scoped(mem_freep) char *text = NULL;
        size_t length = 0;
        struct stat st;
        int r;

        if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return errno == ENOENT ? 1 : err_set(e, -errno, "cannot read %s", path);
        if (!S_ISREG(st.st_mode))
                return err_say(e, -EINVAL, "%s is not a regular file", path);
        r = file_read(folder, name, BEHAVIOUR_FILE_LIMIT, &text, &length, e);
        if (r < 0)
                return r;
        if (memchr(text, '\0', length))
                return err_say(e, -EINVAL, "%s holds NUL bytes, so it is not JSON", path);
        return behaviour_from_json(path, text, ret, e);
}

static void version_name(char *out, size_t room, const char *version)
{
        snprintf(out, room, "behaviour-%s.json", version);
}

static int move(int folder, const char *from, const char *to)
{
        return renameat(folder, from, folder, to) < 0 && errno != ENOENT ? -errno : 0;
}

/* The oldest of the versions before, where there are more than are kept. */
static bool find_oldest(int folder, char out[256])
{
        scoped(dir_closep) DIR *dir = NULL;
        int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        struct timespec oldest = { 0 };
        size_t n = 0;

        dir = fd >= 0 ? fdopendir(fd) : NULL;
        if (!dir) {
                fd_closep(&fd);
                return false;
        }
        for (struct dirent *entry; (entry = readdir(dir));) {
                struct stat st;

                if (!text_starts(entry->d_name, "behaviour-") ||
                    !text_ends(entry->d_name, ".json") ||
                    fstatat(folder, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                        continue;
                if (n++ == 0 || st.st_mtim.tv_sec < oldest.tv_sec ||
                    (st.st_mtim.tv_sec == oldest.tv_sec && st.st_mtim.tv_nsec < oldest.tv_nsec)) {
                        oldest = st.st_mtim;
                        snprintf(out, 256, "%s", entry->d_name);
                }
        }
        return n > VERSIONS_KEPT;
}

/* Makes way for b: what was kept of another version gets that version's name, and what cannot be
 * read is put aside, not thrown away. */
static int make_way(int folder, const char *path, const struct behaviour *b)
{
        scoped(behaviour_freep) struct behaviour *kept = NULL;
        char name[VERSION_LENGTH + 32];
        int r = read_file(folder, NEWEST, path, &kept, NULL);

        if (r == 1)
                return 0;
        if (r == -ENOMEM || r == -EIO)
                return r;
        if (r < 0)
                return move(folder, NEWEST, ASIDE);
        if (!kept->version || !b->version || strcmp(kept->version, b->version) == 0)
                return 0;
        version_name(name, sizeof(name), kept->version);
        return move(folder, NEWEST, name);
}

/* What was kept of b's own version under its name, when the binary went back to it. */
static int add_former(int folder, const char *path, const struct behaviour *b,
                      struct behaviour **ret)
{
        scoped(behaviour_freep) struct behaviour *former = NULL;
        char name[VERSION_LENGTH + 32];
        int r;

        if (!b->version)
                return 0;
        version_name(name, sizeof(name), b->version);
        r = read_file(folder, name, path, &former, NULL);
        if (r != 0)
                return r == -ENOMEM ? r : 0;
        r = behaviour_merge(former, b);
        if (r == 0)
                *ret = take(former);
        return r == -ENOMEM ? r : 0;
}

static int write_file(int folder, const struct behaviour *b)
{
        scoped(mem_freep) char *text = NULL;
        struct blob blob = { .present = true, .mode = 0600, .uid = geteuid(), .gid = getegid() };
        int r = behaviour_to_json(b, &text);

        if (r < 0)
                return r;
        blob.bytes = text;
        blob.length = strlen(text);
        return blob.length > BEHAVIOUR_FILE_LIMIT ? -EFBIG : store_file_put(folder, NEWEST, &blob);
}

static int put(int folder, const char *path, const struct behaviour *b)
{
        scoped(behaviour_freep) struct behaviour *both = NULL;
        char name[256];
        int r = make_way(folder, path, b);

        if (r == 0)
                r = add_former(folder, path, b, &both);
        if (r == 0)
                r = write_file(folder, both ? both : b);
        if (r == 0 && both) {
                version_name(name, sizeof(name), b->version);
                r = store_file_remove(folder, name);
        }
        while (r == 0 && find_oldest(folder, name))
                r = store_file_remove(folder, name);
        return r;
}

int behaviour_put(const char *state, const struct behaviour *b, struct err *e)
{
        scoped(mem_freep) char *path = text_format("%s/%s/" NEWEST, state, b->unit);
        scoped(fd_closep) int folder = -1;
        int r;

        if (!path)
                return err_set(e, -ENOMEM, "cannot keep the behaviour of %s", b->unit);
        if (b->version && !version_fits(b->version))
                return err_say(e, -EINVAL, "\"%s\" is no version of a binary", b->version);
        r = unit_folder(state, b->unit, true, &folder, e);
        if (r < 0)
                return r;
        r = put(folder, path, b);
        return r < 0 ? err_set(e, r, "cannot write %s", path) : 0;
}

int behaviour_get(const char *state, const char *unit, struct behaviour **ret, struct err *e)
{
        scoped(mem_freep) char *path = text_format("%s/%s/" NEWEST, state, unit);
        scoped(behaviour_freep) struct behaviour *b = NULL;
        scoped(fd_closep) int folder = -1;
        int r;

        if (!path)
                return err_set(e, -ENOMEM, "cannot read the behaviour of %s", unit);
        r = unit_folder(state, unit, false, &folder, e);
        if (r == -ENOENT)
                return 1;
        if (r == 0)
                r = read_file(folder, NEWEST, path, &b, e);
        if (r != 0)
                return r;
        if (strcmp(b->unit, unit) != 0)
                return err_say(e, -EINVAL, "%s is the behaviour of %s", path, b->unit);
        *ret = take(b);
        return 0;
}
