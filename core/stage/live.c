/* live.c - the stage that is this machine. */
#include "core/stage/live.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/stage/journal.h"
#include "core/stage/listeners.h"
#include "core/stage/twin_private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

struct live_stage {
        struct stage stage;
        struct manager *manager;
        char *cgroups; /* where control groups are mounted; NULL: nowhere */
        unsigned runs;
};

static struct live_stage *live_of(struct stage *s)
{
        return (struct live_stage *)(void *)s;
}

static void op_close(struct stage *s)
{
        free(live_of(s)->cgroups);
        free(live_of(s));
}

static struct manager *op_manager(struct stage *s)
{
        return live_of(s)->manager;
}

/* What is put here must be gone with the next boot, whatever happens. */
static int op_put(struct stage *s, const char *path, const char *text, struct err *e)
{
        scoped(fd_closep) int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
        int r;

        (void)s;
        if (!text_starts(path, "/run/") || strstr(path, "/../") || text_ends(path, "/.."))
                return err_say(e, -EPERM,
                               "%s does not lie below /run, and nothing else of this machine is "
                               "written for a trial",
                               path);
        r = root < 0 ? -errno : text ? root_write(root, path, text) : root_remove(root, path);
        return r < 0 ? err_set(e, r, "cannot %s %s", text ? "write" : "remove", path) : 0;
}

/* Several girds may run something at the same time. */
static int op_run(struct stage *s, struct job *job, char *const argv[], uint64_t timeout,
                  struct run_result *ret, struct err *e)
{
        struct live_stage *l = live_of(s);
        char name[64];

        snprintf(name, sizeof(name), "gird-live-%ld-%u.service", (long)getpid(), ++l->runs);
        return run_inside(l->manager, job, name, argv, timeout, ret, e);
}

static int op_journal(struct stage *s, const char *unit, char **cursor, struct journal *ret,
                      struct err *e)
{
        (void)s;
        return journal_read(NULL, unit, cursor, ret, e);
}

static const char *op_root(struct stage *s)
{
        (void)s;
        return "";
}

static const char *op_where(struct stage *s)
{
        (void)s;
        return "this machine, live";
}

/* What this machine's systemd does not enforce, it does not enforce for the unit either. */
static const struct stage_limit *op_limits(struct stage *s, size_t *ret_count)
{
        (void)s;
        *ret_count = 0;
        return NULL;
}

static const struct stage_limit *op_denied(size_t *ret_count)
{
        *ret_count = 0;
        return NULL;
}

static int op_listeners(struct stage *s, const char *control_group, char ***ret, struct err *e)
{
        scoped(mem_freep) char *folder = NULL;

        if (!live_of(s)->cgroups)
                return err_say(e, -ENOENT, "control groups are not mounted here");
        folder = text_format("%s%s", live_of(s)->cgroups, control_group);
        return folder ? listeners_read(folder, ret, e)
                      : err_set(e, -ENOMEM, "cannot look for sockets");
}

static pid_t op_init(struct stage *s)
{
        (void)s;
        return 1;
}

static const struct stage_ops ops = {
        .name = "live",
        .close = op_close,
        .manager = op_manager,
        .put = op_put,
        .run = op_run,
        .journal = op_journal,
        .root = op_root,
        .where = op_where,
        .limits = op_limits,
        .denied = op_denied,
        .listeners = op_listeners,
        .init = op_init,
};

/* The hierarchy in which systemd keeps its units. */
char *live_control_groups(void)
{
        static const char *const places[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/systemd",
                                              "/sys/fs/cgroup/unified" };

        for (size_t i = 0; i < COUNT(places); i++) {
                scoped(mem_freep) char *slice = text_format("%s/system.slice", places[i]);
                scoped(mem_freep) char *scope = text_format("%s/init.scope", places[i]);

                if (slice && scope && (access(slice, F_OK) == 0 || access(scope, F_OK) == 0))
                        return strdup(places[i]);
        }
        return NULL;
}

int live_open(struct manager *m, struct job *job, struct stage **ret, struct err *e)
{
        struct live_stage *l;

        (void)job;
        if (!m)
                return err_say(e, -ENOTCONN, "no systemd runs here, so nothing can be tried live");
        l = calloc(1, sizeof(*l));
        if (!l)
                return err_set(e, -ENOMEM, "cannot open the live stage");
        l->stage.ops = &ops;
        l->manager = m;
        l->cgroups = live_control_groups();
        *ret = &l->stage;
        return 0;
}
