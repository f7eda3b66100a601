/* apply.c - to be written today. */
#include "tui/command/command.h"

int command_apply(struct arguments *a)
{
        (void)a;
        return complain_usage("gird apply is being built");
}
