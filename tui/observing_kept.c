/* observing_kept.c - where what was observed is kept, and what lies aside of it. */
#include "tui/observing_private.h"

#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static const char *const stages[] = { "twin", "live" };

/* ---- what lies aside ---- */

/* The state folder of this machine may lie behind symlinks, which behaviour_put() does not follow
 * for a folder below it. */
int observing_aside(const struct context *c, const char *stage, struct store *ret)
{
        scoped(mem_freep) char *real = c->root.root ? NULL : realpath(c->store.state, NULL);

        *ret = (struct store){ .units = c->store.units };
        ret->state = text_format("%s/observing-%s", real ? real : c->store.state, stage);
        return ret->state ? 0 : -ENOMEM;
}

static bool same_session(const struct session *a, const struct session *b)
{
        return a->when && b->when && a->stage && b->stage && strcmp(a->when, b->when) == 0 &&
               strcmp(a->stage, b->stage) == 0 && a->seconds_x1000 == b->seconds_x1000 &&
               a->events == b->events;
}

/* A kill between two writes must not make it count twice. */
static bool has_joined(const struct behaviour *kept, const struct behaviour *aside)
{
        for (size_t i = 0; i < aside->session_count; i++) {
                bool found = false;

                for (size_t k = 0; !found && k < kept->session_count; k++)
                        found = same_session(&aside->sessions[i], &kept->sessions[k]);
                if (!found)
                        return false;
        }
        return true;
}

/* 1: nothing lies aside. */
static int aside_get(const struct store *aside, const char *unit, struct behaviour **ret,
                     struct err *e)
{
        scoped(behaviour_freep) struct behaviour *b = NULL;
        int r = behaviour_get(aside->state, unit, &b, e);

        if (r == 0 && b->session_count == 0)
                r = 1;
        if (r == 0)
                *ret = take(b);
        return r;
}

/* An empty one: there is nothing left to join. */
static int aside_clear(const struct store *aside, const struct behaviour *was, struct err *e)
{
        scoped(behaviour_freep) struct behaviour *b = NULL;
        int r = behaviour_new(was->unit, &b);

        if (r >= 0 && was->version) {
                b->version = strdup(was->version);
                r = b->version ? 0 : -ENOMEM;
        }
        return r < 0 ? err_set(e, r, "cannot let go of what was kept aside")
                     : behaviour_put(aside->state, b, e);
}

/* *kept (NULL: none) with what lies aside.  *ret_anew: that is of another version, and replaces it.
 * 0, or a fault. */
static int merge(struct behaviour **kept, struct behaviour **aside, bool *ret_anew, struct err *e)
{
        int r = 0;

        if (*kept && has_joined(*kept, *aside))
                return 0;
        if (*kept) {
                r = behaviour_merge(*kept, *aside);
                if (r < 0)
                        return err_set(e, r, "cannot add to what was observed of %s",
                                       (*kept)->unit);
        }
        if (*kept && r == 0)
                return 0;
        *ret_anew = r == 1;
        behaviour_free(*kept);
        *kept = take(*aside);
        return 0;
}

/* Adds what lies aside to what is kept.  Whoever calls holds both locks. */
int observing_join(struct context *c, const struct store *aside, const char *unit, bool *ret_anew,
                   struct err *e)
{
        scoped(behaviour_freep) struct behaviour *kept = NULL, *more = NULL;
        int r = aside_get(aside, unit, &more, e);

        if (r != 0)
                return r < 0 ? r : 0;
        r = behaviour_get(c->store.state, unit, &kept, e);
        if (r < 0)
                return r;
        r = merge(&kept, &more, ret_anew, e);
        if (r >= 0)
                r = behaviour_put(c->store.state, kept, e);
        return r < 0 ? r : aside_clear(aside, kept, e);
}

/* What earlier observations left that were killed.  The unit's lock is held. */
int observing_join_leftovers(struct context *c, const char *unit, struct err *e)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < COUNT(stages); i++) {
                scoped(store_done) struct store aside = { 0 };
                scoped(behaviour_freep) struct behaviour *left = NULL;
                scoped(fd_closep) int lock = -1;
                bool anew = false;

                r = observing_aside(c, stages[i], &aside);
                if (r < 0)
                        return err_set(e, r, "cannot look at what was observed of %s", unit);
                r = aside_get(&aside, unit, &left, e);
                if (r == 0)
                        r = store_lock(&aside, unit, &lock, e);
                if (r == 0) /* else there is nothing, or it is under way */
                        r = observing_join(c, &aside, unit, &anew, e);
        }
        return r < 0 ? r : 0;
}

/* ---- reading back ---- */

/* The process that holds the lock of an observation; 0: nobody. */
static long underway(const struct store *aside, const char *unit)
{
        scoped(mem_freep) char *path = text_format("%s/%s/lock", aside->state, unit);
        scoped(fd_closep) int fd = -1;
        char digits[24] = { 0 };

        fd = path ? open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) : -1;
        if (fd < 0 || flock(fd, LOCK_SH | LOCK_NB) == 0 || errno != EWOULDBLOCK)
                return 0;
        return read(fd, digits, sizeof(digits) - 1) > 0 ? strtol(digits, NULL, 10) : 0;
}

static int add_aside(struct context *c, const char *stage, const char *unit,
                     struct behaviour **kept, long *ret_underway, struct err *e)
{
        scoped(store_done) struct store aside = { 0 };
        scoped(behaviour_freep) struct behaviour *more = NULL;
        bool anew = false;
        int r = observing_aside(c, stage, &aside);

        if (r < 0)
                return err_set(e, r, "cannot look at what was observed of %s", unit);
        if (ret_underway && strcmp(stage, "live") == 0)
                *ret_underway = underway(&aside, unit);
        r = aside_get(&aside, unit, &more, e);
        return r != 0 ? r : merge(kept, &more, &anew, e);
}

int observing_get(struct context *c, const char *unit, struct behaviour **ret, long *ret_underway,
                  struct err *e)
{
        scoped(behaviour_freep) struct behaviour *b = NULL;
        long pid = 0;
        int r;

        if (c->args->host || c->args->machine)
                return err_say(e, 1,
                               "what was observed is kept on the machine itself; log in "
                               "there and run gird");
        r = behaviour_get(c->store.state, unit, &b, e);
        for (size_t i = 0; r >= 0 && i < COUNT(stages); i++)
                r = add_aside(c, stages[i], unit, &b, &pid, e);
        if (r == -EACCES)
                return err_say(e, 1, "what was observed of %s is for root's eyes: sudo gird", unit);
        if (r < 0)
                return r;
        if (ret_underway)
                *ret_underway = pid;
        if (!b)
                return err_say(e, 1,
                               "%s was not observed yet: `gird observe %s` does it in a twin, "
                               "--live as it runs",
                               unit, unit);
        *ret = take(b);
        return 0;
}
