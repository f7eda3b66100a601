/* applying.h - a profile put on the running unit, as a person asks for it: what it will do is said
 * first, then guard, reload, restart, probes, and a countdown.  Commands and screen both go through
 * here. */
#pragma once

#include "core/stage/guard.h"
#include "core/trial/probe.h"
#include "tui/context.h"

/* What an apply would do, before it does anything. */
struct applying_plan {
        char **warnings;   /* a sentence each: an outage, connections that it has open, … */
        char **marks;      /* a sentence each: what it changes for good, and what is put back */
        char **objections; /* why it needs --force: dbus, logind, the one that carries this session
                            */
        bool next_start;   /* restarted later, by somebody else: the default for launchers and for
                            * units that have connections open */
        bool sessions;
        bool running;
        bool carries_us; /* this very session hangs on it */
        struct mark *files;
        size_t file_count;
};
void applying_plan_done(struct applying_plan *p);

struct applying_options {
        const struct sandbox *unit;
        const struct profile *profile;
        bool now, next_start; /* as asked for; neither: the plan decides */
        uint64_t within;      /* 0: 60 s */
        uint64_t settle;
};

/* 1: it cannot be applied here at all (not root, no manager, not loaded, pending already); e. */
int applying_look(struct context *c, const struct applying_options *o, struct applying_plan *ret,
                  struct err *e);

struct applied {
        struct probe_result *probes;
        size_t probe_count;
        bool started;   /* it came up again (true with next_start) */
        bool reverted;  /* it was taken back at once: it did not come up, or a probe failed */
        char *why;      /* of that */
        uint64_t until; /* realtime microseconds: when it is taken back */
};
void applied_done(struct applied *a);

/* Arms the guard, lays it down, restarts (or not), probes.  What fails a probe that passed before
 * is taken back at once. */
int applying_run(struct context *c, const struct applying_options *o,
                 const struct applying_plan *plan, struct applied *ret, struct err *e);

/* Waits until it is confirmed (0), or taken back (1; e says it); tick() about once a second with
 * what is left, in microseconds; may be NULL. */
int applying_wait(struct context *c, const char *unit, void (*tick)(void *userdata, uint64_t left),
                  void *userdata, struct err *e);

int applying_confirm(struct context *c, const char *unit, bool force, struct err *e);
int applying_revert(struct context *c, const char *unit, struct err *e);
