/* sheet.h - text in several roles that may be longer than the window: help pages, lists of
 * changes, the questions of the guided walk. */
#pragma once

#include "tui/screen/action.h"
#include "tui/screen/canvas.h"

#include <stdbool.h>
#include <stddef.h>

struct sheet_part;
struct sheet_seen;

struct sheet {
        struct sheet_part *parts;
        size_t count;
        bool failed;  /* memory ran out: the rest is missing, and drawing says so */
        int top;      /* the first line wanted; drawing cuts it to what the window allows */
        size_t focus; /* this part (counted from 1) is to be seen, until it is scrolled; 0: none */
        struct sheet_seen *seen; /* what only drawing knows, as it knows the window */
};

/* A paragraph of its own lines; "" is an empty line. */
void sheet_add(struct sheet *s, enum role role, const char *fmt, ...)
        __attribute__((format(printf, 3, 4)));

/* Lines of a help page.  Those that the page breaks only because they were full are joined
 * again, so that they wrap to any window.  Lines at the margin are headings. */
void sheet_add_page(struct sheet *s, const char *lines);

void sheet_done(struct sheet *s); /* leaves it empty, at its top */

/* Scrolls for the actions that move; false for all others. */
bool sheet_move(struct sheet *s, enum action a);

/* Wraps it to the window; arrows at the right say that there is more. */
void sheet_draw(const struct sheet *s, const struct canvas *c);
