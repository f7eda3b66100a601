/* observed.h - what an observation comes to, in words and as JSON. */
#pragma once

#include "core/observe/infer.h"
#include "tui/command/report.h"
#include "tui/observing.h"

/* The gist of a behaviour: each word once. */
struct gist {
        char **families, **ports, **peers, **capabilities, **written, **programs, **refused;
        size_t calls; /* different ones */
};
int gist_make(const struct behaviour *b, struct gist *ret);
void gist_done(struct gist *g);

/* What there is to tell of one unit. */
struct observed {
        const struct sandbox *unit;
        const char *word; /* as it was named: a path is no name to systemd */
        const struct behaviour *behaviour;
        const struct observing *now; /* of this observation; NULL: read back */
        bool live;                   /* this observation was */
        long underway;               /* process that is observing it live now, or 0 */
        struct gist gist;
        struct advices advices;
        struct err no_advices; /* code != 0: why there are none */
        size_t safe, stricter, breaks, unknown;
        bool scored;
        unsigned before, after; /* exposures in tenths: as it is, with all that is safe */
};
/* Fills in all from .gist on. */
int observed_make(struct context *c, struct observed *o, struct err *e);
void observed_done(struct observed *o);

/* all: every act besides. */
void observed_print(const struct context *c, const struct observed *o, bool all);
struct json *observed_json(const struct context *c, const struct observed *o, bool all);
