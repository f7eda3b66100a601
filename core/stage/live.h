/* live.h - the stage that is this machine: its manager, its files, its journal. */
#pragma once

#include "core/stage/stage.h"

/* Takes nothing over: the manager outlives the stage.  put() writes below /run only. */
int live_open(struct manager *m, struct job *job, struct stage **ret, struct err *e);

/* Where systemd's control groups are mounted; NULL: nowhere (or no memory).  Caller frees. */
char *live_control_groups(void);
