/* check.c - gird check */
#include "tui/command/command.h"

int command_check(struct arguments *a)
{
        (void)a;
        complain_usage("`gird check` is not built yet");
        return STATUS_CANNOT;
}
