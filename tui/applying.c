/* applying.c - a change that is on trial on the running unit: waited for, confirmed, taken back. */
#include "tui/applying_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/attempt.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

static const uint64_t TICK = 1000000, LOOK = 200000;

static uint64_t now_realtime(void)
{
        struct timespec now;

        clock_gettime(CLOCK_REALTIME, &now);
        return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* 0 or 1: it is decided; -EAGAIN: not yet. */
static int judge(const struct guard *g, struct err *e)
{
        switch (g->state) {
        case GUARD_CONFIRMED:
                return 0;
        case GUARD_FAILED:
                return err_say(e, 1, "the change of %s was to be taken back, which failed: %s",
                               g->unit, g->said ? g->said : "see the journal");
        case GUARD_PENDING:
        case GUARD_REVERTING:
                break;
        }
        return -EAGAIN;
}

int applying_wait(struct context *c, const char *unit, void (*tick)(void *userdata, uint64_t left),
                  void *userdata, struct err *e)
{
        uint64_t told = 0;
        bool saved = false;

        for (;;) {
                scoped(guard_done) struct guard g = { 0 };
                uint64_t now = now_realtime();
                int r = guard_get(unit, &g, e);

                if (r < 0)
                        return r;
                /* Whoever confirms may save at once, and then nothing is left either. */
                if (r > 0)
                        return saved ? 0 : err_say(e, 1, "the change of %s was taken back", unit);
                r = judge(&g, e);
                if (r != -EAGAIN)
                        return r;
                if (tick && g.state == GUARD_PENDING && job_now() - told >= TICK) {
                        tick(userdata, g.until > now ? g.until - now : 0);
                        told = job_now();
                }
                r = job_pause(&c->job, LOOK);
                if (r < 0)
                        return err_say(e, r, "cancelled");
        }
}

static int check_place(const struct context *c, const char *verb, const char *unit, struct err *e)
{
        if (c->args->host || c->args->machine || c->args->root || c->args->user)
                return err_say(e, -ENOTSUP,
                               "only system units of this machine are applied to; log in there and "
                               "run gird %s %s",
                               verb, unit);
        if (geteuid() != 0)
                return err_say(e, -EPERM, "that needs root: sudo gird %s %s", verb, unit);
        if (!c->manager)
                return err_say(e, -ENOTCONN, "no systemd runs here (or --offline was given)");
        return 0;
}

int applying_confirm(struct context *c, const char *unit, bool force, struct err *e)
{
        scoped(guard_done) struct guard g = { 0 };
        int r = check_place(c, "confirm", unit, e);

        if (r == 0)
                r = guard_sweep(unit, c->manager, &c->job, e);
        if (r == 0 && !force) {
                r = guard_get(unit, &g, e);
                if (r == 0 && g.state == GUARD_PENDING)
                        r = guard_may_confirm(&g, c->manager, &c->job, e);
                else if (r > 0)
                        r = 0; /* the next one says so */
        }
        return r == 0 ? guard_confirm(unit, c->manager, &c->job, e) : r;
}

int applying_revert(struct context *c, const char *unit, struct err *e)
{
        int r = check_place(c, "revert", unit, e);

        return r == 0 ? guard_revert(unit, c->manager, &c->job, e) : r;
}
