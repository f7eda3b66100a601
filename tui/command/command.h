/* command.h - the subcommands, each in its own file.  They return the exit status. */
#pragma once

#include "tui/command/arguments.h"

int command_list(struct arguments *a);
int command_show(struct arguments *a);
int command_explain(struct arguments *a);
int command_try(struct arguments *a);
int command_observe(struct arguments *a);
int command_harden(struct arguments *a);
int command_apply(struct arguments *a);
int command_confirm(struct arguments *a);
int command_revert(struct arguments *a);
int command_status(struct arguments *a);
int command_watch(struct arguments *a);
int command_retry(struct arguments *a);
int command_save(struct arguments *a);
int command_undo(struct arguments *a);
int command_enter(struct arguments *a);
int command_breach(struct arguments *a);
int command_lesson(struct arguments *a);
int command_export(struct arguments *a);
int command_import(struct arguments *a);
int command_check(struct arguments *a);
int command_new(struct arguments *a);
