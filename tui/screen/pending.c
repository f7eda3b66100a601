/* pending.c - what is applied to units of this machine and not settled yet. */
#include "tui/screen/pending.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const uint64_t SECOND = 1000000;

static uint64_t realtime(void)
{
        struct timespec t = { 0 };

        clock_gettime(CLOCK_REALTIME, &t);
        return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec / 1000;
}

static bool is_here(const struct context *c)
{
        const struct arguments *a = c->args;

        return !a->root && !a->user && !a->host && !a->machine;
}

void pending_read(struct pending *p, const struct context *c)
{
        struct guard *list = NULL;
        size_t count = 0;
        struct err e = { 0 };

        if (!c)
                return;
        p->now = realtime();
        p->ticked = job_now();
        if (!is_here(c))
                return;
        /* What cannot be read (it is root's, or damaged) is for `gird status` to say. */
        if (guard_list(&list, &count, &e) != 0) {
                list = NULL;
                count = 0;
        }
        guards_free(p->list, p->count);
        p->list = list;
        p->count = count;
}

bool pending_tick(struct pending *p, const struct context *c)
{
        if (!p->count || job_now() - p->ticked < SECOND)
                return false;
        pending_read(p, c);
        return true;
}

void pending_done(struct pending *p)
{
        guards_free(p->list, p->count);
        *p = (struct pending){ 0 };
}

const struct guard *pending_of(const struct pending *p, const char *unit)
{
        for (size_t i = 0; i < p->count; i++)
                if (strcmp(p->list[i].unit, unit) == 0)
                        return &p->list[i];
        return NULL;
}

const struct guard *pending_first(const struct pending *p)
{
        const struct guard *first = NULL;

        for (size_t i = 0; i < p->count; i++)
                if (p->list[i].state == GUARD_PENDING && p->list[i].until &&
                    (!first || p->list[i].until < first->until))
                        first = &p->list[i];
        return first;
}

static void left_words(uint64_t until, uint64_t now, char *out, size_t room)
{
        uint64_t seconds = until > now ? (until - now + SECOND - 1) / SECOND : 0;

        if (!until)
                snprintf(out, room, "applied at its restart");
        else if (seconds < 120)
                snprintf(out, room, "reverts in %" PRIu64 " s", seconds);
        else
                snprintf(out, room, "reverts in %" PRIu64 " min", seconds / 60);
}

void pending_words(const struct guard *g, uint64_t now, char *out, size_t room)
{
        switch (g->state) {
        case GUARD_PENDING:
                left_words(g->until, now, out, room);
                return;
        case GUARD_CONFIRMED:
                snprintf(out, room, "applied until next boot");
                return;
        case GUARD_REVERTING:
                snprintf(out, room, "being reverted");
                return;
        case GUARD_FAILED:
                snprintf(out, room, "revert failed");
                return;
        }
}

enum role pending_role(const struct guard *g)
{
        switch (g->state) {
        case GUARD_PENDING:
        case GUARD_REVERTING:
                return ROLE_ALERT;
        case GUARD_CONFIRMED:
                return ROLE_CHANGED;
        case GUARD_FAILED:
                break;
        }
        return ROLE_BAD;
}
