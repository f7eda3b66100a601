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
        int focus_mark;          /* or the mark of that id, which is not 0 */
        struct sheet_seen *seen; /* what only drawing knows, as it knows the window */
};

/* A paragraph of its own lines; "" is an empty line. */
void sheet_add(struct sheet *s, enum role role, const char *fmt, ...)
        __attribute__((format(printf, 3, 4)));

/* Lines of a help page.  Those that the page breaks only because they were full are joined
 * again, so that they wrap to any window.  Lines at the margin are headings. */
void sheet_add_page(struct sheet *s, const char *lines);

/* Bytes of a part (counted from 0) that have a role of their own.  An id may have several marks, or
 * none. */
void sheet_mark(struct sheet *s, size_t part, size_t at, size_t length, enum role role, int id);
void sheet_mark_role(struct sheet *s, int id, enum role role);
void sheet_unmark(struct sheet *s, int id);

/* Scrolls no further than it takes to see where a mark begins, until it is scrolled otherwise. */
void sheet_focus_mark(struct sheet *s, int id);

/* The text of a part; NULL past the end. */
const char *sheet_part(const struct sheet *s, size_t part);

/* Whether the line where a mark begins was in the window when it was drawn last; ahead: or further
 * down. */
bool sheet_sees_mark(const struct sheet *s, int id, bool ahead);

void sheet_done(struct sheet *s); /* leaves it empty, at its top */

/* Scrolls for the actions that move; false for all others. */
bool sheet_move(struct sheet *s, enum action a);

/* Wraps it to the window; arrows at the right say that there is more. */
void sheet_draw(const struct sheet *s, const struct canvas *c);
