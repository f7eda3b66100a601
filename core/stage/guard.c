/* guard.c - what is applied to a running unit, and taken back unless it is confirmed. */
#include "core/stage/guard_private.h"

#include "core/base/mem.h"
#include "core/stage/journal.h"
#include "core/unit/name.h"

#include <errno.h>
#include <string.h>

static const uint64_t REVERT_LIMIT = 240000000;
enum { NAME_LIMIT = 200, TRIES = 5 };

/* The name becomes that of a folder and part of others' names. */
int guard_check_name(const char *unit, struct err *e)
{
        if (unit[0] == '.' || (name_kind(unit) != NAME_PLAIN && name_kind(unit) != NAME_INSTANCE))
                return err_say(e, -EINVAL, "\"%s\" is no name of a unit", unit);
        if (strlen(unit) > NAME_LIMIT)
                return err_say(e, -ENAMETOOLONG,
                               "the name of %.40s… is too long for a guard: systemd's limit for "
                               "the guard's own name is 255 characters",
                               unit);
        return 0;
}

/* ---- systemd's units of a guard ---- */

static bool is_at_work(const struct unit_state *s)
{
        return strcmp(s->active, "active") == 0 || strcmp(s->active, "activating") == 0 ||
               strcmp(s->active, "deactivating") == 0 || strcmp(s->active, "reloading") == 0;
}

/* 1: it runs (or waits, for a timer); 0: it does not. */
int guard_runs(const char *unit, enum guard_unit which, struct manager *m, struct job *job,
               struct err *e)
{
        scoped(unit_state_done) struct unit_state s = { 0 };
        scoped(mem_freep) char *name = guard_unit_name(unit, which);
        int r;

        if (!name)
                return err_set(e, -ENOMEM, "cannot look at the guard of %s", unit);
        r = manager_state(m, job, name, &s, e);
        return r < 0 ? r : is_at_work(&s);
}

int guard_stop(const char *unit, enum guard_unit which, struct manager *m, struct job *job,
               struct err *e)
{
        scoped(mem_freep) char *name = guard_unit_name(unit, which);
        int r = guard_runs(unit, which, m, job, e);

        if (r <= 0)
                return r;
        if (!name)
                return err_set(e, -ENOMEM, "cannot stop the guard of %s", unit);
        r = manager_stop(m, job, name, 20000000, NULL, e);
        return r < 0 ? r : 0;
}

char *guard_script_file(const char *unit)
{
        return text_format("%s/%s/revert.sh", GUARD_FOLDER, unit);
}

int guard_restarted(const char *unit, struct err *e)
{
        int r = guard_mark_restarted(unit);

        return r < 0 ? err_set(e, r, "cannot tell the guard of %s that it was restarted", unit) : 0;
}

/* ---- confirming ---- */

static int too_late(const char *unit, struct err *e)
{
        scoped(guard_done) struct guard g = { 0 };
        int r = guard_get(unit, &g, e);

        if (r < 0)
                return r;
        if (r == 0 && g.state == GUARD_CONFIRMED)
                return err_say(e, 1, "it was confirmed already; `gird save %s` makes it last",
                               unit);
        if (r == 0 && g.state == GUARD_REVERTING)
                return err_say(e, 1, "too late: the change of %s is being taken back", unit);
        if (r == 0 && g.state == GUARD_FAILED)
                return err_say(e, 1,
                               "too late: the change of %s was to be taken back, which failed: %s",
                               unit, g.said ? g.said : "see the journal");
        return err_say(e, 1,
                       "nothing is pending for %s: it was never applied, or it was taken back or "
                       "saved",
                       unit);
}

int guard_confirm(const char *unit, struct manager *m, struct job *job, struct err *e)
{
        scoped(mem_freep) char *reserve = NULL;
        int r = guard_check_name(unit, e);

        if (r < 0)
                return r;
        r = guard_turn(unit, GUARD_PENDING, GUARD_CONFIRMED);
        if (r < 0)
                return err_set(e, r, "cannot confirm the change of %s", unit);
        if (r > 0)
                return too_late(unit, e);
        journal_write(JOURNAL_CONFIRM, unit,
                      "A change was confirmed; it stays until the next boot.");
        reserve = text_format("%s/%s/reserve", GUARD_FOLDER, unit);
        if (reserve)
                (void)!unlink(reserve);
        /* It is decided: what goes wrong from here is the guard's end only, which sees that too. */
        guard_stop(unit, GUARD_TIMER, m, job, NULL);
        guard_stop(unit, GUARD_SERVICE, m, job, NULL);
        return 0;
}

/* ---- reverting ---- */

/* In a service of its own, which goes on when this gird is killed. */
static int start_revert(const char *unit, struct manager *m, struct job *job, struct err *e)
{
        static const char *const properties[] = {
                "Description=Takes back what gird applied",
                "DefaultDependencies=no",
                "IgnoreOnIsolate=yes",
                NULL,
        };
        scoped(mem_freep) char *name = guard_unit_name(unit, GUARD_BY_HAND);
        scoped(mem_freep) char *script = guard_script_file(unit);
        char *argv[] = { (char *)"/bin/sh", script, (char *)"now", NULL };
        struct transient t = { .name = name,
                               .argv = argv,
                               .properties = (char *const *)properties,
                               .out = -1,
                               .errors = -1 };
        struct err why = { 0 };
        int r;

        if (!name || !script)
                return err_set(e, -ENOMEM, "cannot take back the change of %s", unit);
        r = manager_spawn(m, job, &t, &why);
        /* It exists: somebody else is at it.  It failed or takes long: the state tells. */
        if (r == 0 || r == -EEXIST || r == -EIO || r == -ETIMEDOUT)
                return 0;
        *(e ? e : &why) = why;
        return r;
}

static int lost(const char *unit, struct err *e)
{
        return err_say(e, -EIO,
                       "what takes back the change of %s ends without doing so: look at "
                       "`journalctl -b -u 'gird-*'` and at %s/%s",
                       unit, GUARD_FOLDER, unit);
}

/* 0: it is gone; 1: that failed. */
static int wait_reverted(const char *unit, struct manager *m, struct job *job, struct err *e)
{
        uint64_t end = job_now() + REVERT_LIMIT;
        unsigned tries = 0;

        while (job_now() < end) {
                scoped(guard_done) struct guard g = { 0 };
                int r = guard_get(unit, &g, e), guard, by_hand;

                if (r != 0)
                        return r < 0 ? r : 0;
                if (g.state == GUARD_FAILED)
                        return err_say(e, 1, "the change of %s could not be taken back: %s", unit,
                                       g.said ? g.said : "see the journal");
                guard = guard_runs(unit, GUARD_SERVICE, m, job, e);
                by_hand = guard < 0 ? guard : guard_runs(unit, GUARD_BY_HAND, m, job, e);
                if (by_hand < 0)
                        return by_hand;
                if (!guard && !by_hand) {
                        r = ++tries > TRIES ? lost(unit, e) : start_revert(unit, m, job, e);
                        if (r < 0)
                                return r;
                }
                r = job_pause(job, 100000);
                if (r < 0)
                        return err_say(e, r, "cancelled; systemd goes on taking it back");
        }
        return err_say(e, -ETIMEDOUT,
                       "taking back the change of %s takes long; systemd goes on with it", unit);
}

int guard_revert(const char *unit, struct manager *m, struct job *job, struct err *e)
{
        scoped(guard_done) struct guard g = { 0 };
        int r = guard_check_name(unit, e);

        if (r == 0)
                r = guard_get(unit, &g, e);
        if (r > 0)
                return err_say(e, 1, "nothing is applied to %s", unit);
        /* It is this attempt's end that is waited for, not the last one's. */
        if (r == 0 && g.state == GUARD_FAILED &&
            guard_turn(unit, GUARD_FAILED, GUARD_REVERTING) < 0)
                return err_set(e, -EIO, "cannot take back the change of %s", unit);
        if (r == 0)
                r = start_revert(unit, m, job, e);
        if (r == 0)
                r = wait_reverted(unit, m, job, e);
        return r > 0 ? -EIO : r;
}

int guard_may_save(const char *unit, struct err *e)
{
        scoped(guard_done) struct guard g = { 0 };
        int r = guard_get(unit, &g, e);

        if (r != 0 || g.state == GUARD_CONFIRMED)
                return r < 0 ? r : 0;
        if (g.state == GUARD_PENDING)
                return err_say(e, 1,
                               "a change of %s is on trial: `gird confirm %s` first (then the save "
                               "keeps it), or `gird revert %s`",
                               unit, unit, unit);
        return guard_refuse(&g, e);
}

int guard_forget(const char *unit, struct err *e)
{
        scoped(fd_closep) int folder = guard_folder(false);
        scoped(guard_done) struct guard g = { 0 };
        int r;

        if (folder == -ENOENT || folder == -EACCES)
                return 0;
        if (folder < 0)
                return err_set(e, folder, "cannot open %s", GUARD_FOLDER);
        r = guard_check_name(unit, NULL) < 0 ? 1 : guard_read(folder, unit, &g, e);
        if (r != 0 || g.state != GUARD_CONFIRMED)
                return r < 0 ? r : 0;
        r = guard_dropin_remove(unit);
        if (r == 0)
                r = guard_remove(folder, unit);
        return r < 0 ? err_set(e, r, "cannot remove %s", g.dropin) : 0;
}

/* ---- looking ---- */

int guard_get(const char *unit, struct guard *ret, struct err *e)
{
        scoped(fd_closep) int folder = guard_folder(false);

        if (folder == -ENOENT || guard_check_name(unit, NULL) < 0)
                return 1;
        if (folder < 0)
                return err_set(e, folder, "cannot open %s", GUARD_FOLDER);
        return guard_read(folder, unit, ret, e);
}

int guard_list(struct guard **ret, size_t *ret_count, struct err *e)
{
        scoped(fd_closep) int folder = guard_folder(false);
        scoped(strv_freep) char **names = NULL;
        struct guard *list;
        size_t count = 0;
        int r;

        *ret = NULL;
        *ret_count = 0;
        if (folder == -ENOENT)
                return 0;
        r = folder < 0 ? folder : guard_names(folder, &names);
        if (r < 0)
                return err_set(e, r, "cannot read %s", GUARD_FOLDER);
        list = calloc(strv_length(names) + 1, sizeof(*list));
        if (!list)
                return err_set(e, -ENOMEM, "cannot read %s", GUARD_FOLDER);
        for (char **name = names; name && *name; name++) {
                if (guard_check_name(*name, NULL) < 0)
                        continue;
                r = guard_read(folder, *name, &list[count], e);
                if (r < 0) {
                        guards_free(list, count);
                        return r;
                }
                count += r == 0;
        }
        *ret = list;
        *ret_count = count;
        return 0;
}

/* ---- after a kill ---- */

/* A save that was killed between the drop-in and the state. */
static int sweep_saved(int folder, const struct guard *g, struct manager *m, struct job *job,
                       struct err *e)
{
        int r;

        if (access(g->dropin, F_OK) == 0 || errno != ENOENT)
                return 0;
        r = guard_remove(folder, g->unit);
        return r < 0 ? err_set(e, r, "cannot remove %s/%s", GUARD_FOLDER, g->unit)
                     : manager_reload(m, job, e);
}

/* Nothing but a gird that holds the lock makes a folder, so one without a marker is a remnant. */
int guard_sweep_one(int folder, const char *unit, struct manager *m, struct job *job, struct err *e)
{
        scoped(guard_done) struct guard g = { 0 };
        int r = guard_read(folder, unit, &g, e), timer, service, by_hand;

        if (r > 0) {
                r = guard_remove(folder, unit);
                return r < 0 ? err_set(e, r, "cannot remove %s/%s", GUARD_FOLDER, unit) : 0;
        }
        if (r == 0 && g.state == GUARD_CONFIRMED)
                return sweep_saved(folder, &g, m, job, e);
        if (r < 0 || g.state == GUARD_FAILED)
                return r;
        timer = guard_runs(unit, GUARD_TIMER, m, job, e);
        service = timer < 0 ? timer : guard_runs(unit, GUARD_SERVICE, m, job, e);
        by_hand = service < 0 ? service : guard_runs(unit, GUARD_BY_HAND, m, job, e);
        if (by_hand < 0)
                return by_hand;
        if (timer || service || by_hand)
                return 0;
        r = start_revert(unit, m, job, e);
        if (r == 0)
                r = wait_reverted(unit, m, job, e);
        return r > 0 ? 0 : r; /* the state says that it failed */
}

int guard_sweep(const char *unit, struct manager *m, struct job *job, struct err *e)
{
        scoped(fd_closep) int folder = guard_folder(false);
        scoped(fd_closep) int lock = -1;
        scoped(strv_freep) char **names = NULL;
        int r;

        if (geteuid() != 0 || folder == -ENOENT)
                return 0;
        r = guard_lock(job, &lock, e);
        if (r < 0)
                return r;
        r = guard_names(lock, &names);
        if (r < 0)
                return err_set(e, r, "cannot read %s", GUARD_FOLDER);
        for (char **name = names; r == 0 && name && *name; name++) {
                if (text_starts(*name, ".gone-"))
                        (void)guard_remove(lock, *name);
                else if (guard_check_name(*name, NULL) == 0 && (!unit || strcmp(unit, *name) == 0))
                        r = guard_sweep_one(lock, *name, m, job, e);
        }
        return r;
}
