/* revert.c - to be written today. */
#include "tui/command/command.h"

int command_revert(struct arguments *a)
{
        (void)a;
        return complain_usage("gird revert is being built");
}
