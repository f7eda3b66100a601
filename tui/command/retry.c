/* retry.c - to be written today. */
#include "tui/command/command.h"

int command_retry(struct arguments *a)
{
        (void)a;
        return complain_usage("gird retry is being built");
}
