/* export.c - gird export */
#include "tui/command/command.h"

int command_export(struct arguments *a)
{
        (void)a;
        complain_usage("`gird export` is not built yet");
        return STATUS_CANNOT;
}
