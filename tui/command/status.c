/* status.c - gird status: what is applied and not saved yet, and what is being observed. */
#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/applying.h"
#include "tui/command/command.h"
#include "tui/command/report.h"
#include "tui/observing.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

struct guards {
        struct guard *list;
        size_t count;
};

static void guards_done(struct guards *g)
{
        guards_free(g->list, g->count);
}

static uint64_t seconds_left(const struct guard *g)
{
        struct timespec now;
        uint64_t us;

        clock_gettime(CLOCK_REALTIME, &now);
        us = (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
        return g->until > us ? (g->until - us + 999999) / 1000000 : 0;
}

static char *iso(uint64_t usec)
{
        time_t when = (time_t)(usec / 1000000);
        struct tm tm;
        char text[32] = "?";

        if (gmtime_r(&when, &tm))
                strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
        return strdup(text);
}

/* ---- one change ---- */

static void print_guard(const struct guard *g)
{
        scoped(mem_freep) char *when = iso(g->began);

        printf("%s: applied %s by %s (gird, pid %ld), ", g->unit, when ? when : "?", g->who,
               g->pid);
        switch (g->state) {
        case GUARD_PENDING:
                if (!g->until)
                        printf("waits for the next restart; then %llu s to run: gird confirm %s\n",
                               (unsigned long long)(g->within / 1000000), g->unit);
                else
                        printf("reverted in %llu s unless you run: gird confirm %s%s\n",
                               (unsigned long long)seconds_left(g), g->unit,
                               g->sessions ? " (from a new session)" : "");
                return;
        case GUARD_CONFIRMED:
                printf("confirmed until the next boot and not saved: gird save %s\n", g->unit);
                return;
        case GUARD_REVERTING:
                printf("being taken back just now\n");
                return;
        case GUARD_FAILED:
                break;
        }
        printf("could not be taken back: %s; look at `systemctl status %s`, then: gird revert %s\n",
               g->said ? g->said : "see the journal", g->unit, g->unit);
}

static struct json *guard_json(const struct guard *g)
{
        struct json *o = json_object();
        scoped(mem_freep) char *when = iso(g->began);
        scoped(mem_freep) char *until = g->until ? iso(g->until) : NULL;

        json_text(o, "unit", g->unit);
        json_text(o, "state", guard_state_name(g->state));
        json_text(o, "began", when);
        json_text(o, "until", until);
        if (g->until)
                json_number(o, "seconds_left", (double)seconds_left(g));
        else
                json_null(o, "seconds_left");
        json_text(o, "who", g->who);
        json_number(o, "pid", (double)g->pid);
        json_text(o, "dropin", g->dropin);
        json_bool(o, "next_restart", g->next_start);
        json_bool(o, "sessions", g->sessions);
        json_text(o, "said", g->said);
        return o;
}

/* ---- observations ---- */

struct watched {
        struct json *list; /* NULL: print */
        size_t count;
};

static void add_observed(struct context *c, const char *unit, struct watched *w)
{
        scoped(behaviour_freep) struct behaviour *b = NULL;
        struct err none = { 0 };
        struct json *o;
        long pid = 0;

        if (observing_get(c, unit, &b, &pid, &none) != 0 || pid <= 0)
                return;
        w->count++;
        if (!w->list) {
                printf("%s: being observed (gird, pid %ld)\n", unit, pid);
                return;
        }
        o = json_object();
        json_text(o, "unit", unit);
        json_number(o, "pid", (double)pid);
        json_append(w->list, o);
}

/* Those whose state is kept; what is not for these eyes is not told. */
static void find_observed(struct context *c, struct watched *w)
{
        scoped(mem_freep) char *aside = text_format("%s/observing-live", c->store.state);
        scoped(dir_closep) DIR *dir = aside ? opendir(aside) : NULL;
        struct dirent *entry;

        while (dir && (entry = readdir(dir)))
                if (entry->d_name[0] != '.')
                        add_observed(c, entry->d_name, w);
}

/* ---- all of it ---- */

static bool is_asked(char *const *units, const char *unit)
{
        return !units || strv_has(units, unit);
}

static int show(struct context *c, char *const *units)
{
        scoped(guards_done) struct guards g = { 0 };
        struct json *applied = c->args->json ? json_array() : NULL;
        struct watched w = { .list = c->args->json ? json_array() : NULL };
        struct json *both;
        struct err e = { 0 };
        size_t count = 0;

        if (guard_list(&g.list, &g.count, &e) < 0) {
                json_free(applied);
                json_free(w.list);
                return complain(&e);
        }
        for (size_t i = 0; i < g.count; i++) {
                if (!is_asked(units, g.list[i].unit))
                        continue;
                count++;
                if (applied)
                        json_append(applied, guard_json(&g.list[i]));
                else
                        print_guard(&g.list[i]);
        }
        if (!units)
                find_observed(c, &w);
        for (; units && *units; units++)
                add_observed(c, *units, &w);
        if (!applied) {
                if (count + w.count == 0)
                        puts("nothing is applied that is not saved, and nothing is being observed");
                return STATUS_DONE;
        }
        both = json_object();
        json_put(both, "applied", applied);
        json_put(both, "observed", w.list);
        return report_json(both);
}

int command_status(struct arguments *a)
{
        scoped(context_close) struct context c = CONTEXT_NONE;
        scoped(strv_freep) char **units = NULL;
        struct err e = { 0 };

        if (context_open(&c, a, &e) < 0)
                return complain(&e);
        if (a->host || a->machine || a->root || a->user)
                return complain_usage("status tells of this machine's system units only");
        for (size_t i = 0; i < a->operand_count; i++) {
                scoped(mem_freep) char *unit = NULL;

                if (unit_name_mangle(a->operands[i], &unit, &e) < 0 || strv_add(&units, unit) < 0)
                        return complain(&e);
        }
        /* What a killed gird or guard left is brought to its end by whoever may. */
        if (c.manager && guard_sweep(NULL, c.manager, &c.job, &e) < 0)
                complain(&e);
        return show(&c, units);
}
