/* theme.h - how a role looks, per colour depth. */
#pragma once

#include "tui/screen/canvas.h"

enum { LOOK_BOLD = 1, LOOK_REVERSE = 2, LOOK_UNDERLINE = 4 };

struct look {
        short fg, bg; /* -1: the terminal's own */
        unsigned attributes;
};

/* colors: how many the terminal has; 0 or 1: none.  No role relies on colour alone. */
struct look theme_look(enum role role, int colors);
