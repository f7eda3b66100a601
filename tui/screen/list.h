/* list.h - a cursor in a list that may be longer than the screen. */
#pragma once

#include "tui/screen/action.h"

#include <stdbool.h>

/* Moves the cursor for the actions that move; false for all others.  page: visible rows. */
bool list_move(int *cursor, int count, int page, enum action a);

/* The first visible line: the cursor stands in the middle wherever it can. */
int list_top(int cursor, int count, int rows);
