/* enter.c - gird enter */
#include "tui/command/command.h"

int command_enter(struct arguments *a)
{
        (void)a;
        complain_usage("`gird enter` is not built yet");
        return STATUS_CANNOT;
}
