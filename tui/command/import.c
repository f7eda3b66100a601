/* import.c - gird import */
#include "tui/command/command.h"

int command_import(struct arguments *a)
{
        (void)a;
        complain_usage("`gird import` is not built yet");
        return STATUS_CANNOT;
}
