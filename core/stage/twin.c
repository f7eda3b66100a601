/* twin.c - a throwaway copy of a machine: put together, handed out as a stage, taken apart. */
#include "core/stage/twin_private.h"

#include "core/stage/journal.h"
#include "core/stage/listeners.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>

enum { TASKS = 8192 };

#define BOOT_TIMEOUT SECONDS(30)

static struct twin *twin_of(struct stage *s)
{
        return (struct twin *)(void *)s;
}

static void twin_free(struct twin *t)
{
        if (!t)
                return;
        manager_close(t->user_manager);
        manager_close(t->manager);
        box_done(&t->box);
        cgroup_done(&t->cgroup);
        sweeper_done(&t->sweeper);
        boot_done(&t->boot);
        upper_done(&t->upper);
        boot_tree_done(&t->tree);
        limits_done(&t->limits);
        fd_closep(&t->init_fd);
        free(t->payload);
        free(t->where);
        free(t);
}
DEFINE_SCOPED(struct twin, twin_free)

static void op_close(struct stage *s)
{
        twin_free(twin_of(s));
}

static struct manager *op_manager(struct stage *s)
{
        struct twin *t = twin_of(s);

        return t->user_manager ? t->user_manager : t->manager;
}

int twin_root(const struct twin *t)
{
        struct pollfd end = { .fd = t->init_fd, .events = POLLIN };
        scoped(fd_closep) int root = open(t->root, O_PATH | O_DIRECTORY | O_CLOEXEC);

        if (root < 0)
                return -ESRCH;
        return poll(&end, 1, 0) == 0 ? take_fd(root) : -ESRCH;
}

static int op_put(struct stage *s, const char *path, const char *text, struct err *e)
{
        scoped(fd_closep) int root = twin_root(twin_of(s));
        int r;

        if (root < 0)
                return err_say(e, root, "the twin has ended");
        r = text ? root_write(root, path, text) : root_remove(root, path);
        return r < 0 ? err_set(e, r, "cannot %s %s in the twin", text ? "write" : "remove", path)
                     : 0;
}

static int op_run(struct stage *s, struct job *job, char *const argv[], uint64_t timeout,
                  struct run_result *ret, struct err *e)
{
        struct twin *t = twin_of(s);
        char name[48];

        snprintf(name, sizeof(name), "gird-probe-%u.service", ++t->runs);
        return run_inside(op_manager(s), job, name, false, argv, timeout, ret, e);
}

static int op_journal(struct stage *s, const char *unit, char **cursor, struct journal *ret,
                      struct err *e)
{
        struct twin *t = twin_of(s);
        scoped(fd_closep) int root = twin_root(t);
        char folder[64];

        if (root < 0)
                return err_say(e, root, "the twin has ended");
        inside_sync_journal(t->init_fd);
        snprintf(folder, sizeof(folder), JOURNAL_BELOW, root);
        return t->user_manager ? journal_read_user(folder, unit, cursor, ret, e)
                               : journal_read(folder, unit, cursor, ret, e);
}

static const char *op_root(struct stage *s)
{
        return twin_of(s)->root;
}

static const char *op_where(struct stage *s)
{
        return twin_of(s)->where;
}

static const struct stage_limit *op_limits(struct stage *s, size_t *ret_count)
{
        return limits_look(twin_of(s), ret_count);
}

/* What PID 1 holds for units that are not started yet, a user's manager holds for his. */
static int op_listeners(struct stage *s, const char *control_group, char ***ret, struct err *e)
{
        struct twin *t = twin_of(s);
        bool of_user = t->user_manager && strcmp(control_group, "/init.scope") == 0;
        char above[80] = "";
        scoped(mem_freep) char *folder = NULL;

        if (of_user)
                snprintf(above, sizeof(above), "/user.slice/user-%u.slice/user@%u.service", t->uid,
                         t->uid);
        folder = text_format("%s%s%s", t->payload, above, control_group);
        return folder ? listeners_read(folder, ret, e)
                      : err_set(e, -ENOMEM, "cannot look for sockets");
}

static pid_t op_init(struct stage *s)
{
        return twin_of(s)->init;
}

static const struct stage_ops ops = {
        .name = "twin",
        .close = op_close,
        .manager = op_manager,
        .put = op_put,
        .run = op_run,
        .journal = op_journal,
        .root = op_root,
        .where = op_where,
        .limits = op_limits,
        .denied = limits_denied,
        .listeners = op_listeners,
        .init = op_init,
};

/* --- opening ---------------------------------------------------------------------------- */

static struct twin *twin_new(void)
{
        struct twin *t = calloc(1, sizeof(*t));

        if (!t)
                return NULL;
        t->stage.ops = &ops;
        t->tree.fd = t->upper.disk = t->sweeper.life = t->boot.socket = t->init_fd = -1;
        t->box.fd = t->box.go = t->box.reports = t->box.console = -1;
        return t;
}

/* The systemd of this machine, for a scope; NULL where there is none. */
static int find_host(struct job *job, struct manager **ret, struct err *e)
{
        const struct manager_where here = { .scope = SCOPE_SYSTEM, .fd = -1 };
        int r = manager_open(&here, job, ret, e);

        return r > 0 ? 0 : r;
}

static int put_in_group(struct twin *t, struct manager *host, struct job *job, struct err *e)
{
        const struct limits_wanted limits = {
                /* Pages of the upper layers count, and services need some on top. */
                .memory = (t->upper.disk < 0 ? t->upper.bytes : 0) + memory_value("MemTotal:") / 2,
                .tasks = TASKS,
        };

        int r;

        if (!host)
                return cgroup_open_own(t->name, t->box.pid, &limits, &t->cgroup, e);
        t->sweeper.unsure = true;
        r = cgroup_open_scope(t->name, t->box.pid, &limits, host, job, &t->cgroup, e);
        t->sweeper.unsure = r != 0;
        return r;
}

static int start_box(struct twin *t, const struct twin_options *o, struct job *job, struct err *e)
{
        scoped(manager_closep) struct manager *host = NULL;
        struct box_options box = { .tree = &t->tree,
                                   .upper = &t->upper,
                                   .name = t->name,
                                   .socket = t->name,
                                   .no_bpf = o->no_bpf };
        int r = find_host(job, &host, e);

        if (r == 0)
                r = sweeper_open(t->name, host != NULL, &t->sweeper, e);
        box.scope = host != NULL;
        if (r == 0)
                r = boot_listen(t->name, &t->boot, e);
        if (r == 0)
                r = box_open(&box, &t->box, e);
        if (r == 0)
                r = put_in_group(t, host, job, e);
        return r == 0 ? box_go(&t->box, e) : r;
}

/* "/gird-x/payload/init.scope" is where PID 1 puts itself. */
static int find_payload(struct twin *t, struct err *e)
{
        char *end;
        int r = cgroup_of(t->init, &t->payload, e);

        if (r < 0)
                return r;
        end = strrchr(t->payload, '/');
        if (end && strcmp(end, "/init.scope") == 0)
                *end = '\0';
        return 0;
}

static int connect_manager(struct twin *t, struct job *job, struct err *e)
{
        struct manager_where there = { .scope = SCOPE_SYSTEM, .root = t->root };
        int r;

        there.fd = inside_connect(t->init_fd, "/run/systemd/private", e);
        if (there.fd < 0)
                return there.fd;
        r = manager_open(&there, job, &t->manager, e);
        return r > 0 ? -ENOTCONN : r;
}

static int describe(struct twin *t, struct err *e)
{
        struct text text = { 0 };

        text_addf(&text, "%s %s, overlay over %s, writes go to %s, network of its own",
                  t->cgroup.folders[0] ? "own control group" : "transient scope", t->name,
                  t->tree.path, t->upper.disk < 0 ? "memory" : "an unlinked file in /var/tmp");
        for (char **note = t->box.notes; note && *note; note++)
                text_addf(&text, "; %s", *note);
        t->where = text_take(&text);
        return t->where ? 0 : err_set(e, -ENOMEM, "cannot describe the twin");
}

static int boot(struct twin *t, const struct twin_options *o, struct job *job, struct err *e)
{
        int r = boot_wait(&t->boot, &t->box, job, o->boot_timeout ? o->boot_timeout : BOOT_TIMEOUT,
                          &t->init, &t->init_fd, e);

        if (r != 0)
                return r;
        /* nspawn passes on what PID 1 goes on telling: in a socket that nobody empties it would
         * fill up, and then PID 1 itself would wait. */
        boot_done(&t->boot);
        snprintf(t->root, sizeof(t->root), "/proc/%d/root", (int)t->init);
        if (inside_any_address(t->init_fd, t->box.pid) < 0)
                (void)strv_add(&t->box.notes,
                               "services cannot bind to this machine's own addresses");
        r = find_payload(t, e);
        if (r == 0)
                r = connect_manager(t, job, e);
        return r == 0 ? describe(t, e) : r;
}

int twin_open(const struct twin_options *o, struct job *job, struct stage **ret, struct err *e)
{
        scoped(twin_freep) struct twin *t = NULL;
        int r;

        if (geteuid() != 0)
                return err_say(e, 1, "a twin of the machine needs root; run gird as root");
        t = twin_new();
        if (!t)
                return err_set(e, -ENOMEM, "cannot make a twin");
        job_progress(job, "preparing the twin", NULL);
        r = owner_name(t->name, sizeof(t->name));
        if (r < 0)
                return err_set(e, r, "cannot make a twin");
        twin_sweep();
        r = boot_tree_open(o->root, &t->tree, e);
        if (r == 0)
                r = upper_open(&t->tree, o->memory, job, &t->upper, e);
        if (r == 0)
                r = start_box(t, o, job, e);
        if (r == 0)
                r = boot(t, o, job, e);
        if (r == 0 && o->for_user)
                r = user_open(t, o->uid, job, e);
        if (r != 0)
                return r;
        *ret = &t->stage;
        t = NULL;
        return 0;
}
