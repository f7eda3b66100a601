/* store.c - where profiles are kept: the folders of a unit, its lock, its last profile. */
#include "core/profile/store_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/profile/json.h"
#include "core/profile/profile_private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

static char *home(void)
{
        const char *set = getenv("HOME");
        struct passwd entry, *found = NULL;
        char room[4096];

        if (set && *set == '/')
                return strdup(set);
        if (getpwuid_r(getuid(), &entry, room, sizeof(room), &found) != 0 || !found)
                return NULL;
        return strdup(found->pw_dir);
}

/* Below the root, without it.  *ret NULL: there is no home. */
static int state_folder(enum scope scope, char **ret)
{
        const char *state = getenv("XDG_STATE_HOME");
        scoped(mem_freep) char *own = NULL;

        if (scope == SCOPE_USER && state && *state == '/') {
                *ret = text_format("%s/gird", state);
                return *ret ? 0 : -ENOMEM;
        }
        if (scope == SCOPE_SYSTEM) {
                *ret = strdup("/var/lib/gird");
                return *ret ? 0 : -ENOMEM;
        }
        own = home();
        if (!own || *own != '/')
                return -ENOENT;
        *ret = text_format("%s/.local/state/gird", own);
        return *ret ? 0 : -ENOMEM;
}

int store_open(struct store *s, const struct unit_root *units, struct err *e)
{
        scoped(mem_freep) char *folder = NULL;
        struct store made = { .units = units };
        int r = state_folder(units->scope, &folder);

        if (r == -ENOENT)
                return err_say(e, r,
                               "there is no home folder to keep profiles in: set XDG_STATE_HOME");
        if (r == 0) {
                made.state = store_above(&made, folder);
                r = made.state ? 0 : -ENOMEM;
        }
        if (r < 0)
                return err_set(e, r, "cannot open the store of profiles");
        *s = made;
        return 0;
}

void store_done(struct store *s)
{
        free(s->state);
        *s = (struct store){ 0 };
}

const char *store_below(const struct store *s, const char *path)
{
        const char *root = s->units->root ? s->units->root : "";

        return text_starts(path, root) ? path + strlen(root) : path;
}

char *store_above(const struct store *s, const char *path)
{
        return text_format("%s%s", s->units->root ? s->units->root : "", path);
}

void site_done(struct site *site)
{
        fd_closep(&site->history);
        fd_closep(&site->folder);
        fd_closep(&site->root);
        *site = (struct site)SITE_NONE;
}

static int open_site(const struct store *s, const char *unit, bool make, struct site *site)
{
        scoped(mem_freep) char *parent = strdup(store_below(s, s->state));
        scoped(fd_closep) int above = -1;
        scoped(fd_closep) int state = -1;
        const char *root = s->units->root && *s->units->root ? s->units->root : "/";
        mode_t mode = make ? 0700 : 0; /* probes and old bytes are the owner's business */
        char *name;
        int r;

        if (!parent)
                return -ENOMEM;
        name = strrchr(parent, '/');
        *name++ = '\0';
        site->root = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (site->root < 0)
                return -errno;
        r = store_folder(site->root, parent, make, &above);
        if (r == 0)
                r = store_step(above, name, mode, &state, NULL);
        if (r == 0)
                r = store_step(state, unit, mode, &site->folder, NULL);
        if (r == 0)
                r = store_step(site->folder, "history", mode, &site->history, NULL);
        return r == -ENOENT && site->folder >= 0 ? 0 : r;
}

int site_open(const struct store *s, const char *unit, bool make, struct site *ret, struct err *e)
{
        scoped(site_done) struct site site = SITE_NONE;
        int r;

        /* The name becomes a folder's: nothing else keeps "../.." out. */
        if (!profile_unit_fits(unit))
                return err_say(e, -EINVAL, "\"%s\" is no name of a unit", unit);
        r = open_site(s, unit, make, &site);
        if (r == -ENOENT && !make)
                return r;
        if (r < 0)
                return err_set(e, r, "cannot open %s/%s", s->state, unit);
        *ret = site;
        site = (struct site)SITE_NONE;
        return 0;
}

/* ---- the lock ---- */

/* The process that holds it; 0 if it has not yet written so. */
static long holder(int fd)
{
        char digits[24] = { 0 };

        return pread(fd, digits, sizeof(digits) - 1, 0) > 0 ? strtol(digits, NULL, 10) : 0;
}

/* flock() is the lock; the number is only for the sentence, so a full disk is no fault. */
static void write_holder(int fd)
{
        char digits[24];
        int n = snprintf(digits, sizeof(digits), "%ld\n", (long)getpid());

        if (ftruncate(fd, 0) == 0 && pwrite(fd, digits, (size_t)n, 0) != n)
                (void)!ftruncate(fd, 0);
}

int store_lock(struct store *s, const char *unit, int *ret_fd, struct err *e)
{
        scoped(site_done) struct site site = SITE_NONE;
        scoped(fd_closep) int fd = -1;
        int r = site_open(s, unit, true, &site, e);

        if (r < 0)
                return r;
        fd = openat(site.folder, "lock",
                    O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600);
        if (fd < 0)
                return err_set(e, -errno, "cannot open %s/%s/lock", s->state, unit);
        while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
                if (errno == EINTR)
                        continue;
                if (errno != EWOULDBLOCK)
                        return err_set(e, -errno, "cannot lock %s/%s/lock", s->state, unit);
                if (holder(fd) > 0)
                        return err_say(e, 1, "another gird (pid %ld) is at work on %s", holder(fd),
                                       unit);
                return err_say(e, 1, "another gird is at work on %s", unit);
        }
        write_holder(fd);
        *ret_fd = take_fd(fd);
        return 0;
}

/* ---- the last profile ---- */

int store_put_profile(struct store *s, const struct profile *p, const struct dialect *dialect,
                      struct err *e)
{
        scoped(site_done) struct site site = SITE_NONE;
        scoped(mem_freep) char *text = NULL;
        struct blob b = { .present = true, .mode = 0600, .uid = geteuid(), .gid = getegid() };
        int r = profile_to_json(p, dialect, &text);

        if (r == -EILSEQ)
                return err_say(e, r, "the profile of %s holds a value that no unit file can",
                               p->unit);
        if (r < 0)
                return err_set(e, r, "cannot keep the profile of %s", p->unit);
        r = site_open(s, p->unit, true, &site, e);
        if (r < 0)
                return r;
        b.bytes = text;
        b.length = strlen(text);
        r = store_file_put(site.folder, "profile.json", &b);
        return r < 0 ? err_set(e, r, "cannot write %s/%s/profile.json", s->state, p->unit) : 0;
}

int store_get_profile(struct store *s, const char *unit, const struct dialect *dialect,
                      struct profile **ret, struct err *e)
{
        scoped(site_done) struct site site = SITE_NONE;
        scoped(profile_freep) struct profile *p = NULL;
        scoped(mem_freep) char *path = text_format("%s/%s/profile.json", s->state, unit);
        scoped(blob_done) struct blob b = { 0 };
        int r;

        if (!path)
                return err_set(e, -ENOMEM, "cannot read the profile of %s", unit);
        r = site_open(s, unit, false, &site, e);
        if (r == -ENOENT)
                return 1;
        if (r < 0)
                return r;
        r = store_file_get(site.folder, "profile.json", &b);
        if (r < 0)
                return err_set(e, r, "cannot read %s", path);
        if (!b.present)
                return 1;
        if (memchr(b.bytes, '\0', b.length))
                return err_say(e, -EINVAL, "%s holds NUL bytes, so it is not JSON", path);
        r = profile_from_json(path, b.bytes, dialect, &p, e);
        if (r < 0)
                return r;
        if (strcmp(p->unit, unit) != 0)
                return err_say(e, -EINVAL, "%s is the profile of %s", path, p->unit);
        *ret = take(p);
        return 0;
}

/* ---- all of them ---- */

/* Whether the folder of that name is a unit's, with a profile in it. */
static int has_profile(int state, const char *name)
{
        scoped(fd_closep) int folder = -1;
        struct stat st;

        if (!profile_unit_fits(name) || store_step(state, name, 0, &folder, NULL) < 0)
                return 0;
        return fstatat(folder, "profile.json", &st, AT_SYMLINK_NOFOLLOW) == 0 &&
               S_ISREG(st.st_mode);
}

static int add_units(int state, char ***list)
{
        scoped(dir_closep) DIR *dir = NULL;
        int copy = openat(state, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        int r = 0;

        dir = copy >= 0 ? fdopendir(copy) : NULL;
        if (!dir) {
                r = -errno;
                fd_closep(&copy);
                return r;
        }
        for (struct dirent *entry; r == 0 && (entry = readdir(dir));)
                if (has_profile(state, entry->d_name))
                        r = strv_add(list, entry->d_name);
        return r;
}

int store_units(struct store *s, char ***ret, struct err *e)
{
        const char *root = s->units->root && *s->units->root ? s->units->root : "/";
        scoped(fd_closep) int top = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        scoped(fd_closep) int state = -1;
        scoped(strv_freep) char **list = NULL;
        int r = top < 0 ? -errno : store_folder(top, store_below(s, s->state), false, &state);

        if (r == 0)
                r = add_units(state, &list);
        if (r < 0 && r != -ENOENT)
                return err_set(e, r, "cannot look for profiles in %s", s->state);
        strv_sort(list);
        *ret = take(list);
        return 0;
}
