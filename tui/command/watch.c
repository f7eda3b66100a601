/* watch.c - to be written today. */
#include "tui/command/command.h"

int command_watch(struct arguments *a)
{
        (void)a;
        return complain_usage("gird watch is being built");
}
