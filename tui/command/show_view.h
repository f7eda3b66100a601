/* show_view.h - gird show --view: what a unit can see and do, before and after. */
#pragma once

#include "tui/command/arguments.h"

int show_view(struct arguments *a); /* the exit status */
