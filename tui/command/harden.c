/* harden.c - to be written today. */
#include "tui/command/command.h"

int command_harden(struct arguments *a)
{
        (void)a;
        return complain_usage("gird harden is being built");
}
