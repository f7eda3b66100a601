/* new.c - gird new */
#include "tui/command/command.h"

int command_new(struct arguments *a)
{
        (void)a;
        complain_usage("`gird new` is not built yet");
        return STATUS_CANNOT;
}
