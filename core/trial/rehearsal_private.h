/* rehearsal_private.h - what the files of a rehearsal share. */
#pragma once

#include "core/trial/trial_private.h"

#include <string.h>

static inline bool is(const char *text, const char *word)
{
        return text && strcmp(text, word) == 0;
}

/* On a stage of its own nobody but the unit and what it needs writes files or starts anything. */
static inline bool is_private(const struct rehearsal *r)
{
        return is(r->stage->ops->name, "twin");
}

/* Reads the state anew. */
int rehearsal_look(struct rehearsal *r, struct run *run, struct err *e);

/* ---- rehearsal_listen.c ---- */

/* What the unit's processes listen on, as others can reach it. */
int rehearsal_listeners(struct rehearsal *r, struct run *run, struct err *e);

/* ---- rehearsal_settle.c ---- */

/* Waits until the unit was quiet for so long, and listens on all that is wanted (or had twice the
 * time for it).  *run says how it is then. */
int rehearsal_settle(struct rehearsal *r, char *const *wanted, uint64_t quiet, struct run *run,
                     struct err *e);

/* ---- rehearsal_journal.c ---- */

/* Where the journal of this start begins. */
int rehearsal_mark(struct rehearsal *r, struct err *e);

/* The unit's journal since then. */
int rehearsal_collect(struct rehearsal *r, struct run *run, struct err *e);

/* ---- rehearsal_way.c: how the unit is started on a real machine ---- */

/* Finds out what starts it, and makes that ready: its sockets are started. */
int rehearsal_way(struct rehearsal *r, struct err *e);

/* Has its sockets listen, and the unit down: a start is to be its own. */
int rehearsal_ready(struct rehearsal *r, const struct run *before, struct err *e);

/* Closes its sockets, as one with somebody waiting would start it again at once. */
int rehearsal_rest(struct rehearsal *r, struct err *e);

/* Lets that start it.  1: it did not, or nothing does: systemd is to be asked for it. */
int rehearsal_wake(struct rehearsal *r, const struct run *before, struct err *e);

/* Puts a file on the stage that rehearsal_undo() removes again. */
int rehearsal_put(struct rehearsal *r, const char *path, const char *text, struct err *e);

/* "nginx.socket" for "nginx.service". */
char *rehearsal_namesake(const struct rehearsal *r, const char *suffix);

static inline bool is_of_user(const struct rehearsal *r)
{
        return r->o->unit->scope == SCOPE_USER;
}

/* Where units go that last as long as the stage. */
static inline const char *rehearsal_folder(const struct rehearsal *r)
{
        return is_of_user(r) ? "/run/systemd/user" : "/run/systemd/system";
}
