/* confirm.c - to be written today. */
#include "tui/command/command.h"

int command_confirm(struct arguments *a)
{
        (void)a;
        return complain_usage("gird confirm is being built");
}
