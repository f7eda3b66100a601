/* context.h - the machine that gird works on, opened once: its manager or its files, the
 * systemd that judges, the store.  Commands and screens share it. */
#pragma once

#include "core/base/child.h"
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
        char note[160];                          /* why files are read, or ""; one line */
        struct child version_child, words_child; /* systemd, asked and not yet heard */
};

#define CONTEXT_NONE ((struct context){ .version_child = CHILD_NONE, .words_child = CHILD_NONE })

/* On success context_close() is due.  The installed systemd's own tables are not asked yet. */
int context_open(struct context *c, const struct arguments *a, struct err *e);
void context_close(struct context *c);

/* Whose units --user means: root may act for the owner of $HOME. */
unsigned context_user(void);

/* Hears what context_open() has asked the installed systemd: its version and its system-call
 * groups, where there is one and no --systemd says otherwise. */
int context_learn(struct context *c, struct err *e);

/* Asks it which directives it parses (.known); only drop-ins need that. */
int context_know(struct context *c, struct err *e);

const char *context_source(const struct context *c); /* "manager" or "files" */

/* One unit, implied values included.  Fails with a sentence when it can't be read at all; a
 * masked or broken one is given, with .load. */
int context_unit(struct context *c, const char *word, struct sandbox **ret, struct err *e);

/* The profile that -p, --profile and --probe make for a unit: 1 when they say nothing. */
int context_profile(struct context *c, const struct sandbox *s, struct profile **ret,
                    struct err *e);
