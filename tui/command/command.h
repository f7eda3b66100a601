/* command.h - the subcommands, each in its own file.  They return the exit status. */
#pragma once

#include "tui/command/arguments.h"

int command_list(struct arguments *a);
int command_show(struct arguments *a);
int command_explain(struct arguments *a);
int command_try(struct arguments *a);
int command_observe(struct arguments *a);
int command_save(struct arguments *a);
int command_undo(struct arguments *a);
