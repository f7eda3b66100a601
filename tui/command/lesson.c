/* lesson.c - gird lesson */
#include "tui/command/command.h"

int command_lesson(struct arguments *a)
{
        (void)a;
        complain_usage("`gird lesson` is not built yet");
        return STATUS_CANNOT;
}
