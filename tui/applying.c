/* applying.c - a change that is on trial on the running unit: waited for, confirmed, taken back. */
#include "tui/applying_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/attempt.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const uint64_t TICK = 1000000, LOOK = 100000;

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

        for (;;) {
                scoped(guard_done) struct guard g = { 0 };
                uint64_t now = now_realtime();
                int r = guard_get(unit, &g, e);

                if (r < 0)
                        return r;
                if (r > 0)
                        return err_say(e, 1, "the change of %s was taken back", unit);
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

/* What was applied has now held on the machine itself, if it is still the unit's last profile; its
 * time tells. */
static void note_held(struct context *c, const struct guard *g)
{
        scoped(profile_freep) struct profile *p = NULL;
        scoped(mem_freep) char *tried = applying_tried(g->began);
        scoped(fd_closep) int lock = -1;
        struct err none = { 0 };

        if (!tried || context_learn(c, &none) < 0 || store_lock(&c->store, g->unit, &lock, &none) ||
            store_get_profile(&c->store, g->unit, &c->dialect, &p, &none) || !p->tried ||
            strcmp(p->tried, tried) != 0)
                return;
        p->verdict = VERDICT_HELD;
        (void)store_put_profile(&c->store, p, &c->dialect, &none);
}

char *applying_tried(uint64_t began)
{
        time_t when = (time_t)(began / 1000000);
        struct tm tm;
        char text[32] = "";

        if (!gmtime_r(&when, &tm) || strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
                return NULL;
        return text_format("%s live", text);
}

int applying_confirm(struct context *c, const char *unit, bool force, struct err *e)
{
        scoped(guard_done) struct guard g = { 0 };
        int r = check_place(c, "confirm", unit, e);

        if (r == 0)
                r = guard_sweep(unit, c->manager, &c->job, e);
        if (r == 0)
                r = guard_get(unit, &g, e);
        if (r == 0 && !force && g.state == GUARD_PENDING)
                r = guard_may_confirm(&g, c->manager, &c->job, e);
        else if (r > 0)
                r = 0; /* the next one says so */
        if (r == 0)
                r = guard_confirm(unit, c->manager, &c->job, e);
        if (r == 0)
                note_held(c, &g);
        return r;
}

int applying_revert(struct context *c, const char *unit, struct err *e)
{
        int r = check_place(c, "revert", unit, e);

        if (r == 0)
                r = guard_sweep(unit, c->manager, &c->job, e);
        return r == 0 ? guard_revert(unit, c->manager, &c->job, e) : r;
}
