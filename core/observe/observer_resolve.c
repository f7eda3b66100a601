/* observer_resolve.c - what the kernel could not say of a path: where its symlinks lead, and whose
 * entry it is below /proc. */
#include "core/observe/observer_private.h"

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
        LINKS_MOST = 40,      /* as the kernel has it */
        PATH_MOST = 16 << 10, /* a walk that grows longer is somebody's game */
        PID_MOST = 1 << 22,
        CGROUP_LIMIT = 1 << 16,
};

int resolver_open(struct resolver *r, const char *root, const char *unit, struct err *e)
{
        const char *folder = root && *root ? root : "/";

        *r = (struct resolver){ .root = -1 };
        if (cgroup_name(unit, r->unit, sizeof(r->unit)) < 0)
                return err_say(e, -ENAMETOOLONG, "The name of the unit is too long.");
        r->pids = calloc(PID_MOST / 64, sizeof(*r->pids));
        if (!r->pids)
                return err_set(e, -ENOMEM, "cannot watch %s", unit);
        r->root = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
        return r->root < 0 ? err_set(e, -errno, "cannot open %s", folder) : 0;
}

void resolver_done(struct resolver *r)
{
        resolver_forget(r);
        free(r->pids);
        fd_closep(&r->root);
        *r = (struct resolver){ .root = -1 };
}

void resolver_forget(struct resolver *r)
{
        free(take(r->from));
        free(take(r->to));
}

/* ---- symlinks ---- */

struct walk {
        int root, fd;     /* of the folder that .done names; it may be the root's */
        struct text done; /* real, without a slash at its end */
        char *rest;       /* what is still to be walked */
        unsigned links;
};

static void walk_done(struct walk *w)
{
        if (w->fd != w->root)
                fd_closep(&w->fd);
        text_done(&w->done);
        free(w->rest);
}

static int open_below(int root, const char *path, bool last)
{
        return openat(root, path, O_PATH | O_NOFOLLOW | O_CLOEXEC | (last ? 0 : O_DIRECTORY));
}

static void stand_at(struct walk *w, int fd)
{
        if (w->fd != w->root)
                close(w->fd);
        w->fd = fd;
}

/* One name up.  What is above is real already, so that the way from the root has no links. */
static int go_up(struct walk *w)
{
        char *slash = w->done.chars ? strrchr(w->done.chars, '/') : NULL;
        int fd;

        if (!slash)
                return 0;
        *slash = '\0';
        w->done.length = (size_t)(slash - w->done.chars);
        fd = w->done.length ? open_below(w->root, w->done.chars + 1, false) : w->root;
        if (fd < 0)
                return 1;
        stand_at(w, fd);
        return 0;
}

/* A link's text takes the place of its name. */
static int go_through(struct walk *w, const char *target, const char *behind)
{
        char *rest = text_format("%s/%s", target, behind);

        if (!rest)
                return -ENOMEM;
        free(w->rest);
        w->rest = rest;
        if (++w->links > LINKS_MOST || strlen(rest) > PATH_MOST)
                return 1;
        if (target[0] == '/') {
                stand_at(w, w->root);
                text_done(&w->done);
        }
        return 0;
}

/* 0: go on; 1: cannot be told; 2: from here on nothing exists or may be walked. */
static int go_down(struct walk *w, char *name, const char *behind, bool follow)
{
        char target[PATH_MAX];
        bool last = behind[strspn(behind, "/")] == '\0';
        ssize_t n = last && !follow ? -1 : readlinkat(w->fd, name, target, sizeof(target) - 1);
        int fd;

        if (n > 0) {
                target[n] = '\0';
                return go_through(w, target, behind);
        }
        text_add(&w->done, "/");
        text_add(&w->done, name);
        if (last)
                return 2;
        /* Links below /proc mean the process that reads them, which would be us. */
        if (strcmp(w->done.chars, "/proc") == 0)
                return 2;
        fd = open_below(w->fd, name, false);
        if (fd < 0)
                return 2;
        stand_at(w, fd);
        return 0;
}

/* Walks until the end, or until there is nothing to walk on; *ret_at: the rest. */
static int walk_on(struct walk *w, bool follow, const char **ret_rest)
{
        const char *at = w->rest;

        for (;;) {
                const char *behind;
                char *before = w->rest;
                char name[NAME_MAX + 1];
                size_t n;
                int r;

                at += strspn(at, "/");
                n = strcspn(at, "/");
                behind = at + n;
                *ret_rest = behind;
                if (n == 0)
                        return 0;
                if (n > NAME_MAX)
                        return 1;
                memcpy(name, at, n);
                name[n] = '\0';
                if (strcmp(name, "..") == 0)
                        r = go_up(w);
                else
                        r = strcmp(name, ".") == 0 ? 0 : go_down(w, name, behind, follow);
                if (r == 2)
                        return 0;
                if (r != 0)
                        return r;
                at = w->rest == before ? behind : w->rest;
        }
}

static int walk(struct resolver *r, const char *raw, bool follow, char **ret)
{
        scoped(walk_done) struct walk w = { .root = r->root, .fd = r->root };
        scoped(mem_freep) char *path = NULL;
        const char *rest = NULL;
        int result;

        w.rest = strdup(raw);
        if (!w.rest)
                return -ENOMEM;
        result = walk_on(&w, follow, &rest);
        if (result != 0)
                return result;
        path = text_format("%s/%s", w.done.chars ? w.done.chars : "", rest);
        if (!path || w.done.failed)
                return -ENOMEM;
        decode_normalise(path);
        *ret = take(path);
        return 0;
}

/* Folders are asked for many times in a row: the last one's answer is kept. */
static int resolve_folder(struct resolver *r, const char *folder, size_t length)
{
        scoped(mem_freep) char *from = NULL, *to = NULL;
        int result;

        if (r->from && strlen(r->from) == length && memcmp(r->from, folder, length) == 0)
                return 0;
        from = strndup(folder, length);
        if (!from)
                return -ENOMEM;
        result = walk(r, from, true, &to);
        if (result != 0)
                return result;
        resolver_forget(r);
        r->from = take(from);
        r->to = take(to);
        return 0;
}

int resolve_path(struct resolver *r, const char *raw, bool follow, char **ret)
{
        const char *slash = strrchr(raw, '/');
        scoped(mem_freep) char *path = NULL;
        char target[2];
        int result;

        if (!slash || raw[0] != '/' || strlen(raw) > PATH_MOST)
                return 1;
        if (slash[1] == '\0' || strcmp(slash, "/.") == 0 || strcmp(slash, "/..") == 0)
                return walk(r, raw, follow, ret);
        result = resolve_folder(r, raw, (size_t)(slash - raw) + 1);
        if (result != 0)
                return result;
        path = text_format("%s%s", strcmp(r->to, "/") == 0 ? "" : r->to, slash);
        if (!path)
                return -ENOMEM;
        if (follow && readlinkat(r->root, path + 1, target, sizeof(target)) >= 0 &&
            !text_starts(path, "/proc/"))
                return walk(r, raw, follow, ret);
        *ret = take(path);
        return 0;
}

/* ---- /proc ---- */

static bool pid_known(const struct resolver *r, unsigned long pid)
{
        return pid < PID_MOST && r->pids[pid / 64] >> pid % 64 & 1;
}

/* Whether the process is in the unit's folder now.  -1: it is gone. */
static int pid_within(const struct resolver *r, unsigned long pid)
{
        scoped(mem_freep) char *text = NULL;
        char path[40];

        snprintf(path, sizeof(path), "proc/%lu/cgroup", pid);
        if (file_read(r->root, path, CGROUP_LIMIT, &text, NULL, NULL) < 0)
                return -1;
        return cgroup_within(text, r->unit);
}

static void mark_proc(const struct resolver *r, struct act *a)
{
        const char *name = a->text + strlen("/proc/");
        char *end;
        unsigned long pid;
        int within;

        if (text_starts(name, "self/") || text_starts(name, "thread-self/") ||
            strcmp(name, "self") == 0 || strcmp(name, "thread-self") == 0)
                a->flags |= ACT_OWN_PROC;
        if (a->flags & ACT_OWN_PROC || *name < '1' || *name > '9')
                return;
        errno = 0;
        pid = strtoul(name, &end, 10);
        if (errno || (*end && *end != '/'))
                return;
        within = pid_known(r, pid) ? 1 : pid_within(r, pid);
        if (within > 0)
                a->flags |= ACT_OWN_PROC;
        /* Nothing was there to be looked at: not by a process of anyone. */
        else if (within == 0 || a->error != ENOENT)
                a->flags |= ACT_OTHER_PROC;
}

int resolve_event(struct resolver *r, struct decoded *d)
{
        if (d->own_tgid < PID_MOST && !pid_known(r, d->own_tgid)) {
                r->pids[d->own_tgid / 64] |= 1UL << d->own_tgid % 64;
                r->pid_count++;
        }
        for (size_t i = 0; i < d->count; i++) {
                struct act *a = &d->acts[i];
                char *real = NULL;
                int result = 1;

                if (a->kind != ACT_PATH)
                        continue;
                /* Another root of the process's own: its links count from there. */
                if (d->raw && !(a->flags & ACT_CHROOT))
                        result = resolve_path(r, d->raw, d->follow, &real);
                if (result == -ENOMEM)
                        return result;
                if (result == 0) {
                        free(a->text);
                        a->text = real;
                }
                if (text_starts(a->text, "/proc/"))
                        mark_proc(r, a);
        }
        return 0;
}

void resolver_turn_round(const char *path, struct wire_program *ret)
{
        size_t used = 0, end = strlen(path);

        memset(ret, 0, sizeof(*ret));
        while (end > 0) {
                size_t begin = end, n;

                while (begin > 0 && path[begin - 1] != '/')
                        begin--;
                n = end - begin;
                if (n > 0 && used < sizeof(ret->path)) {
                        size_t room = sizeof(ret->path) - used;

                        memcpy(ret->path + used, path + begin, n < room ? n : room);
                        used += n + 1;
                }
                end = begin > 0 ? begin - 1 : 0;
        }
}
