/* term.h - the door to curses: keys in as words, a canvas out.  No other file includes it. */
#pragma once

#include "core/base/err.h"
#include "tui/screen/canvas.h"

struct term_options {
        bool color, ascii, mouse;
};

int term_open(const struct term_options *o, struct err *e);
void term_close(void);                        /* gives the terminal back; safe to call twice */
void term_size(int *ret_rows, int *ret_cols); /* asks the terminal anew */
bool term_utf8(void);

/* The next key, without waiting: "j", "Down", "Space", "Ctrl-C", "F1", "é", …; NULL: none.
 * "Wheel-Up" and "Wheel-Down" come from the mouse.  Valid until the next call. */
const char *term_key(void);

/* Shows the canvas; the cursor is hidden, or at row, col when row >= 0. */
void term_show(const struct canvas *c, int cursor_row, int cursor_col);
void term_suspend(void); /* Ctrl-Z: back to the shell, and again */
