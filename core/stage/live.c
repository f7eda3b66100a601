/* live.c - the stage that is this machine. */
#include "core/stage/live.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/stage/journal.h"
#include "core/stage/listeners.h"
#include "core/stage/twin_private.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/random.h>

enum { TOLD = 32 << 10 }; /* more is said by few, and cut off by run_inside() at twice that */

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

/* A unit that stays until its result is read would stay for good if gird were killed; so the
 * command itself tells how it ended, as the last that it says, behind a word that nobody can guess.
 */
static const char telling[] =
        "w=$1; shift; \"$@\"; s=$?; printf '%s%s' \"$w\" \"$s\" >&2; exit \"$s\"";

static int wrap(char *const argv[], char *word, char ***ret)
{
        const char *const before[] = { "/bin/sh", "-c", telling, "sh", word };
        int r = 0;

        for (size_t i = 0; r == 0 && i < COUNT(before); i++)
                r = strv_add(ret, before[i]);
        for (; r == 0 && *argv; argv++)
                r = strv_add(ret, *argv);
        return r;
}

/* Without the word it was killed, for the time it took or for its memory; or it said so much that
 * this was cut off, and then systemd knows no more than whether it went well. */
static void unwrap(const char *word, struct run_result *r)
{
        char *found = r->errors ? strstr(r->errors, word) : NULL;
        bool well = strcmp(r->result, "success") == 0;
        unsigned status = 0;

        if (!found || sscanf(found + strlen(word), "%u", &status) != 1) {
                bool cut = well || (r->errors && strlen(r->errors) >= TOLD);

                r->code = cut ? CLD_EXITED : CLD_KILLED;
                r->status = well ? 0 : cut ? 1 : SIGKILL;
                return;
        }
        *found = '\0';
        /* A shell tells of a signal so. */
        r->code = status > 128 && status < 128 + 65 ? CLD_KILLED : CLD_EXITED;
        r->status = (int)(r->code == CLD_KILLED ? status - 128 : status);
        snprintf(r->result, sizeof(r->result), "%s",
                 r->code == CLD_KILLED ? "signal"
                 : r->status           ? "exit-code"
                                       : "success");
}

/* Several girds may run something at the same time. */
static int op_run(struct stage *s, struct job *job, char *const argv[], uint64_t timeout,
                  struct run_result *ret, struct err *e)
{
        struct live_stage *l = live_of(s);
        scoped(strv_freep) char **wrapped = NULL;
        uint64_t chance = 0;
        char name[64], word[40];
        int r;

        if (getrandom(&chance, sizeof(chance), 0) != (ssize_t)sizeof(chance))
                return err_set(e, -errno, "cannot run %s", argv[0]);
        snprintf(word, sizeof(word), "gird-ended-%016llx:", (unsigned long long)chance);
        snprintf(name, sizeof(name), "gird-live-%ld-%u.service", (long)getpid(), ++l->runs);
        r = wrap(argv, word, &wrapped);
        if (r < 0)
                return err_set(e, r, "cannot run %s", argv[0]);
        r = run_inside(l->manager, job, name, true, wrapped, timeout, ret, e);
        if (r == 0)
                unwrap(word, ret);
        return r;
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
