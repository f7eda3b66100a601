/* journal.h - the door to sd-journal: lines of a unit. */
#pragma once

#include "core/stage/stage.h"

/* Reads below folder ("/proc/123/root/run/log/journal"), or this machine's journal if NULL.
 * unit, cursor and ret as in stage_ops.journal; the last 10,000 lines at most. */
int journal_read(const char *folder, const char *unit, char **cursor, struct journal *ret,
                 struct err *e);
