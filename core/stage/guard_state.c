/* guard_state.c - what is known of a change on trial: a folder per unit below /run. */
#include "core/stage/guard_private.h"

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/profile/json.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>

enum {
        LIMIT = 64 << 10,
        /* systemd does not reload with less than 16 MiB free below /run: now, and once more when
         * somebody has filled it up to the reserve. */
        RELOAD_NEEDS = 16 << 20,
        RESERVE = 18 << 20,
};

/* In the order in which one becomes the other, so that none is missed while that happens. */
static const struct {
        enum guard_state state;
        const char *name; /* of the marker too */
} states[] = {
        { GUARD_PENDING, "pending" },
        { GUARD_CONFIRMED, "confirmed" },
        { GUARD_REVERTING, "reverting" },
        { GUARD_FAILED, "failed" },
};

const char *guard_state_name(enum guard_state s)
{
        for (size_t i = 0; i < COUNT(states); i++)
                if (states[i].state == s)
                        return states[i].name;
        return "unknown";
}

void guard_done(struct guard *g)
{
        free(g->unit);
        free(g->dropin);
        free(g->said);
        free(g->who);
        free(g->invocation);
        *g = (struct guard){ 0 };
}

void guards_free(struct guard *list, size_t count)
{
        for (size_t i = 0; i < count; i++)
                guard_done(&list[i]);
        free(list);
}

static uint64_t clock_us(clockid_t clock)
{
        struct timespec now;

        clock_gettime(clock, &now);
        return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* ---- the folder ---- */

static int step(int above, const char *name, bool make)
{
        int fd;

        if (make && mkdirat(above, name, 0755) < 0 && errno != EEXIST)
                return -errno;
        fd = openat(above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

int guard_folder(bool make)
{
        scoped(fd_closep) int run = open("/run", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        scoped(fd_closep) int gird = run < 0 ? -1 : step(run, "gird", make);

        if (run < 0)
                return -errno;
        return gird < 0 ? gird : step(gird, "guard", make);
}

int guard_lock(struct job *job, int *ret_folder, struct err *e)
{
        scoped(fd_closep) int folder = guard_folder(true);
        uint64_t end = job_now() + 20000000;

        if (folder < 0)
                return err_set(e, folder, "cannot make the folder %s", GUARD_FOLDER);
        while (flock(folder, LOCK_EX | LOCK_NB) < 0) {
                int r;

                if (errno != EWOULDBLOCK && errno != EINTR)
                        return err_set(e, -errno, "cannot lock %s", GUARD_FOLDER);
                if (job_now() > end)
                        return err_say(e, -EBUSY, "another gird has locked %s for long",
                                       GUARD_FOLDER);
                r = job_pause(job, 20000);
                if (r < 0)
                        return err_say(e, r, "cancelled");
        }
        *ret_folder = take_fd(folder);
        return 0;
}

/* ---- writing ---- */

/* The whole of it, or nothing of that name. */
static int put(int folder, const char *name, const char *text, mode_t mode)
{
        scoped(fd_closep) int fd = openat(
                folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        int r = fd < 0 ? -errno : file_write_all(fd, text, strlen(text));

        if (r == 0 && (fchmod(fd, mode) < 0 || fsync(fd) < 0))
                r = -errno;
        return r;
}

static int put_reserve(int folder)
{
        scoped(fd_closep) int fd = openat(
                folder, "reserve", O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

        return fd < 0 ? -errno : -posix_fallocate(fd, 0, RESERVE);
}

static int put_restarted(int folder)
{
        static const struct timespec never[2] = { { 0, 0 }, { 0, 0 } };
        int r = put(folder, "restarted", "", 0644);

        return r == 0 && utimensat(folder, "restarted", never, 0) < 0 ? -errno : r;
}

int guard_check_room(struct err *e)
{
        struct statvfs fs;
        uint64_t free_bytes;

        if (statvfs("/run", &fs) < 0)
                return err_set(e, -errno, "cannot look for space in /run");
        free_bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
        if (free_bytes >= RELOAD_NEEDS + RESERVE)
                return 0;
        return err_say(e, -ENOSPC,
                       "/run has no space left for it: %llu MiB are free, systemd refuses to "
                       "reload with less than %d, and %d are put aside for taking the change back",
                       (unsigned long long)(free_bytes >> 20), RELOAD_NEEDS >> 20, RESERVE >> 20);
}

int guard_write(int folder, const struct guard *g, const char *script, const char *dropin)
{
        scoped(mem_freep) char *json = guard_to_json(g, clock_us(CLOCK_MONOTONIC));
        scoped(fd_closep) int fd = -1;
        int r;

        if (!json)
                return -ENOMEM;
        if (mkdirat(folder, g->unit, 0755) < 0)
                return -errno;
        fd = step(folder, g->unit, false);
        if (fd < 0)
                return fd;
        r = put(fd, "state.json", json, 0644);
        if (r == 0)
                r = put(fd, "revert.sh", script, 0700);
        if (r == 0)
                r = put(fd, TRIAL_DRAFT, dropin, 0644);
        if (r == 0)
                r = put_restarted(fd);
        if (r == 0)
                r = put_reserve(fd);
        return r == 0 && fsync(fd) < 0 && errno != EINVAL ? -errno : r;
}

int guard_mark_pending(int folder, const char *unit)
{
        scoped(fd_closep) int fd = step(folder, unit, false);
        int r = fd < 0 ? fd : put(fd, "pending", "", 0644);

        return r == 0 && fsync(fd) < 0 && errno != EINVAL ? -errno : r;
}

static int open_unit(const char *unit)
{
        scoped(fd_closep) int folder = guard_folder(false);

        return folder < 0 ? folder : step(folder, unit, false);
}

int guard_turn(const char *unit, enum guard_state from, enum guard_state to)
{
        scoped(fd_closep) int fd = open_unit(unit);

        if (fd == -ENOENT)
                return 1;
        if (fd < 0)
                return fd;
        if (renameat(fd, guard_state_name(from), fd, guard_state_name(to)) == 0)
                return 0;
        return errno == ENOENT ? 1 : -errno;
}

int guard_mark_restarted(const char *unit)
{
        scoped(fd_closep) int fd = open_unit(unit);

        if (fd < 0)
                return fd;
        return utimensat(fd, "restarted", NULL, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
}

/* One level: nothing of ours lies deeper.  The name is hidden first, so that a removal that is
 * killed leaves nothing that looks like a state. */
int guard_remove(int folder, const char *unit)
{
        scoped(mem_freep) char *gone = text_format(".gone-%s", unit);
        const char *name = gone;
        scoped(dir_closep) DIR *dir = NULL;
        struct dirent *entry;
        int fd;

        if (!gone)
                return -ENOMEM;
        if (unit[0] == '.') /* one that was hidden already */
                name = unit;
        else if (renameat(folder, unit, folder, gone) < 0) {
                if (errno == ENOENT)
                        return 0;
                if (errno != ENOTEMPTY && errno != EEXIST)
                        return -errno;
                if (guard_remove(folder, gone) < 0 || renameat(folder, unit, folder, gone) < 0)
                        return -errno;
        }
        fd = step(folder, name, false);
        dir = fd < 0 ? NULL : fdopendir(fd);
        if (!dir) {
                int why = fd < 0 ? -fd : errno;

                fd_closep(&fd);
                return why == ENOENT ? 0 : -why;
        }
        while ((entry = readdir(dir)))
                if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
                    unlinkat(dirfd(dir), entry->d_name, 0) < 0 && errno != ENOENT)
                        return -errno;
        return unlinkat(folder, name, AT_REMOVEDIR) < 0 && errno != ENOENT ? -errno : 0;
}

/* ---- reading ---- */

static bool find_state(int fd, enum guard_state *ret)
{
        for (unsigned again = 0; again < 2; again++)
                for (size_t i = 0; i < COUNT(states); i++)
                        if (faccessat(fd, states[i].name, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
                                *ret = states[i].state;
                                return true;
                        }
        return false;
}

/* The clock of the day may have been set since; what is left is counted by the other. */
static void count_down(struct guard *g, uint64_t monotonic)
{
        uint64_t since = clock_us(CLOCK_MONOTONIC) - monotonic;
        uint64_t now = clock_us(CLOCK_REALTIME);

        g->until = 0;
        if (g->state != GUARD_PENDING)
                return;
        if (!g->next_start)
                g->until = now - since + g->within;
        else if (g->restarted)
                g->until = g->restarted + g->within;
}

static int read_said(int fd, struct guard *g)
{
        scoped(mem_freep) char *said = NULL;

        if (g->state != GUARD_FAILED || file_read(fd, "said", LIMIT, &said, NULL, NULL) < 0)
                return 0;
        said[strcspn(said, "\n")] = '\0';
        g->said = text_printable_dup(said);
        return g->said ? 0 : -ENOMEM;
}

int guard_read(int folder, const char *unit, struct guard *ret, struct err *e)
{
        scoped(fd_closep) int fd = step(folder, unit, false);
        scoped(guard_done) struct guard g = { 0 };
        scoped(mem_freep) char *text = NULL;
        enum guard_state state;
        uint64_t monotonic = 0;
        struct stat st;
        int r;

        if (fd == -ENOENT || (fd >= 0 && !find_state(fd, &state)))
                return 1;
        if (fd < 0)
                return err_set(e, fd, "cannot open %s/%s", GUARD_FOLDER, unit);
        r = file_read(fd, "state.json", LIMIT, &text, NULL, e);
        if (r < 0)
                return r == -ENOENT ? 1 : r; /* it goes away just now */
        r = guard_from_json("state.json", text, &g, &monotonic, e);
        if (r < 0)
                return r;
        if (strcmp(g.unit, unit) != 0)
                return err_say(e, -EINVAL, "%s/%s is the state of %s", GUARD_FOLDER, unit, g.unit);
        g.state = state;
        if (fstatat(fd, "restarted", &st, AT_SYMLINK_NOFOLLOW) == 0)
                g.restarted = (uint64_t)st.st_mtim.tv_sec * 1000000 +
                              (uint64_t)st.st_mtim.tv_nsec / 1000;
        count_down(&g, monotonic);
        r = read_said(fd, &g);
        if (r < 0)
                return err_set(e, r, "cannot read %s/%s", GUARD_FOLDER, unit);
        *ret = g;
        g = (struct guard){ 0 };
        return 0;
}

int guard_names(int folder, char ***ret)
{
        int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        scoped(dir_closep) DIR *dir = copy >= 0 ? fdopendir(copy) : NULL;
        struct dirent *entry;
        int r = 0;

        if (!dir) {
                r = -errno;
                fd_closep(&copy);
                return r;
        }
        while (r == 0 && (entry = readdir(dir)))
                if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
                        r = strv_add(ret, entry->d_name);
        strv_sort(*ret);
        return r;
}

/* ---- JSON ---- */

char *guard_to_json(const struct guard *g, uint64_t monotonic)
{
        struct json *o = json_object();

        json_number(o, "gird", 1);
        json_text(o, "unit", g->unit);
        json_text(o, "dropin", g->dropin);
        json_text(o, "who", g->who);
        json_number(o, "pid", (double)g->pid);
        json_number(o, "began", (double)g->began);
        json_number(o, "monotonic", (double)monotonic);
        json_number(o, "within", (double)g->within);
        json_bool(o, "next_start", g->next_start);
        json_bool(o, "sessions", g->sessions);
        json_text(o, "invocation", g->invocation);
        return json_take(o);
}

static int copy_text(const struct json_node *root, const char *key, char **ret)
{
        const char *text = json_string(json_member(root, key));

        if (!text)
                return -EINVAL;
        *ret = strdup(text);
        return *ret ? 0 : -ENOMEM;
}

/* A number that no clock shows is none. */
static uint64_t number(const struct json_node *root, const char *key)
{
        double d = json_value(json_member(root, key));

        return d > 0 && d < 9e15 ? (uint64_t)d : 0;
}

int guard_from_json(const char *file, const char *text, struct guard *ret, uint64_t *ret_monotonic,
                    struct err *e)
{
        scoped(json_freep) struct json *j = NULL;
        scoped(guard_done) struct guard g = { 0 };
        const struct json_node *root;
        int r = json_parse(file, text, &j, e);

        if (r < 0)
                return r;
        root = json_root(j);
        if (number(root, "gird") != 1)
                return err_say(e, -EINVAL, "%s was written by another version of gird", file);
        r = copy_text(root, "unit", &g.unit);
        if (r == 0)
                r = copy_text(root, "dropin", &g.dropin);
        if (r == 0)
                r = copy_text(root, "who", &g.who);
        if (r == 0)
                r = copy_text(root, "invocation", &g.invocation);
        if (r < 0)
                return err_set(e, r, "%s is not what gird wrote", file);
        g.pid = (long)number(root, "pid");
        g.began = number(root, "began");
        g.within = number(root, "within");
        g.next_start = json_value(json_member(root, "next_start")) != 0;
        g.sessions = json_value(json_member(root, "sessions")) != 0;
        *ret_monotonic = number(root, "monotonic");
        *ret = g;
        g = (struct guard){ 0 };
        return 0;
}
