/* status.c - to be written today. */
#include "tui/command/command.h"

int command_status(struct arguments *a)
{
        (void)a;
        return complain_usage("gird status is being built");
}
