/* journal.h - the door to sd-journal: lines of a unit, and entries of gird's own. */
#pragma once

#include "core/stage/stage.h"

/* Reads below folder ("/proc/123/root/run/log/journal"), or this machine's journal if NULL.
 * unit, cursor and ret as in stage_ops.journal; the last 10,000 lines at most. */
int journal_read(const char *folder, const char *unit, char **cursor, struct journal *ret,
                 struct err *e);

/* The same of a unit of a user's manager. */
int journal_read_user(const char *folder, const char *unit, char **cursor, struct journal *ret,
                      struct err *e);

/* What gird does to a unit, one entry each: MESSAGE_ID= tells which, GIRD_ACTION= and GIRD_UNIT=
 * too. doc/guard.md. */
enum journal_action {
        JOURNAL_APPLY,
        JOURNAL_CONFIRM,
        JOURNAL_REVERT,
        JOURNAL_SAVE,
        JOURNAL_UNDO,
};
#define JOURNAL_ID_REVERT "4de2c8f1a9b34f0c8d55c3a2b7e8f603"

/* Written as well as can be: where no journal runs, nobody misses it.  message: a sentence. */
void journal_write(enum journal_action action, const char *unit, const char *message);
