/* making.h - a new service: what it needs in words, its unit file, and where that is put. */
#pragma once

#include "core/profile/needs.h"
#include "tui/attempt.h"

struct making {
        char *unit;    /* "app.service" */
        char *command; /* ExecStart= */
        struct needs needs;
        char *text;     /* the whole unit file */
        char *sysusers; /* the line for sysusers.d, or NULL */
        char *folder;   /* where it lies while it is tried; goes with making_done() */
};
void making_done(struct making *m);

/* Makes the unit file; -p and --probe of the command line come on top of the needs. */
int making_write(struct context *c, const char *name, const char *command, const char *needs,
                 struct making *ret, struct err *e);

/* Starts it in a twin, without the sandbox and with it. As attempt_try(). */
int making_try(struct context *c, struct making *m, struct attempt *ret, struct err *e);

/* Writes NAME.service into the machine's unit folder, and the line for its user.  Refuses what is
 * there already, unless --force.  ret_paths: what was written. */
int making_save(struct context *c, struct making *m, char ***ret_paths, struct err *e);
