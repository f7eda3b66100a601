/* entering.h - a unit's sandbox as a person asks to see it from inside: with which changes, in
 * which twin. */
#pragma once

#include "core/breach/inside.h"
#include "tui/attempt.h"

struct entering {
        struct sandbox *unit;    /* as it stands */
        struct sandbox *after;   /* with the changes; NULL without */
        struct profile *profile; /* the changes, those saved before included; NULL: none */
        char *words;             /* "as it stands", "with the 5 changes of its last profile" */
        char *dropin;            /* where they will be saved, as a twin sees it */
        struct stage *stage;     /* NULL until entering_stage() */
};

/* The unit, and its changes: --before none; else those of -p, --profile and --observed; else of the
 * unit's last profile; else none.  -EINVAL: typed wrongly. */
int entering_open(struct context *c, const char *word, struct entering *ret, struct err *e);
void entering_done(struct entering *n);

/* The twin.  command: "enter", for the words why there can be none (1). */
int entering_stage(struct context *c, struct entering *n, const char *command, struct err *e);

/* Fills in what entering_open() knows; changed: with the changes. */
void entering_options(const struct context *c, const struct entering *n, bool changed,
                      struct inside_options *ret);

/* Whom it runs as: "www-data", "root", "a user of its own". */
const char *entering_user(const struct sandbox *s);
