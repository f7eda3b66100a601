/* breach.c - gird breach */
#include "tui/command/command.h"

int command_breach(struct arguments *a)
{
        (void)a;
        complain_usage("`gird breach` is not built yet");
        return STATUS_CANNOT;
}
