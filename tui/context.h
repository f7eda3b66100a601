/* context.h - the machine that gird works on, opened once: its manager or its files, the
 * systemd that judges, the store.  Commands and screens share it. */
#pragma once

#include "core/base/job.h"
#include "core/profile/known.h"
#include "core/profile/store.h"
#include "core/score/score.h"
#include "core/unit/files.h"
#include "core/unit/manager.h"
#include "tui/command/arguments.h"

struct context {
        const struct arguments *args;
        struct job job;
        struct unit_root root;
        struct manager *manager; /* NULL: unit files are read */
        struct dialect dialect;  /* of the version that judges */
        struct known *known;     /* what the installed systemd parses; NULL: go by the catalogue */
        struct store store;
        enum score_mode mode;
        char note[160]; /* why files are read, or ""; one line */
};

/* On success context_close() is due.  The installed systemd's own tables are not asked yet. */
int context_open(struct context *c, const struct arguments *a, struct err *e);
void context_close(struct context *c);

/* Asks the installed systemd for its version, its system-call groups and its directives, where
 * there is one and no --systemd says otherwise.  Takes tens of milliseconds. */
int context_learn(struct context *c, struct err *e);

const char *context_source(const struct context *c); /* "manager" or "files" */

/* One unit, implied values included.  Fails with a sentence when it can't be read at all; a
 * masked or broken one is given, with .load. */
int context_unit(struct context *c, const char *word, struct sandbox **ret, struct err *e);

struct listing {
        char *unit, *description;
        char *load, *active, *sub, *file_state; /* "-" where there is none */
        bool scored;
        unsigned exposure; /* tenths */
        const char *note;  /* why it is not scored, or NULL; static */
};
/* Names and states at once; exposures are filled in by context_score(). */
int context_list(struct context *c, char *const *words, struct listing **ret, size_t *ret_count,
                 struct err *e);
/* Scores from..to.  Calls the job's loop between units. */
int context_score(struct context *c, struct listing *rows, size_t count, struct err *e);
void listings_free(struct listing *rows, size_t count);

/* The profile that -p, --profile and --probe make for a unit: 1 when they say nothing. */
int context_profile(struct context *c, const struct sandbox *s, struct profile **ret,
                    struct err *e);
