/* canvas.h - a grid of cells in memory, each a glyph and a role.  Views write here; curses
 * never sees a view.  Clipping lives here, and so does making text from outside harmless. */
#pragma once

#include "core/base/base.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* What a cell means; theme.c decides how that looks. */
enum role {
        ROLE_TEXT,
        ROLE_TITLE,
        ROLE_HEADING,
        ROLE_CURSOR,
        ROLE_GOOD,
        ROLE_FAIR,
        ROLE_BAD,
        ROLE_CHANGED, /* differs from the unit as it stands */
        ROLE_KEY,     /* a key in the footer */
        ROLE_INPUT,   /* where the user types */
        ROLE_ALERT,   /* needs an answer */
        ROLE_COUNT
};
char role_letter(enum role role); /* for golden files */

struct cell;

/* A window on a grid; parts share the grid of the whole. */
struct canvas {
        struct cell *cells; /* the grid's */
        int stride;
        int row, col;   /* where the window begins in the grid */
        int rows, cols; /* its size; never negative */
        bool ascii;     /* show nothing beyond ASCII */
};

int canvas_open(struct canvas *c, int rows, int cols, bool ascii); /* 0 or -ENOMEM; blank */
void canvas_done(struct canvas *c);
void canvas_clear(struct canvas *c);

/* A window inside c, cut to what fits. */
struct canvas canvas_part(const struct canvas *c, int row, int col, int rows, int cols);

/* Writes at row, col, cut at the window's edge; "\n" and controls become '?'.
 * Returns the column behind the text, whether or not it was all visible. */
int canvas_text(const struct canvas *c, int row, int col, enum role role, const char *fmt, ...)
        __attribute__((format(printf, 5, 6)));

/* The same, at most width columns; what does not fit ends in '…', the rest is blank. */
int canvas_field(const struct canvas *c, int row, int col, int width, enum role role,
                 const char *text);

/* Text with line breaks, wrapped at the window's width, from its line `skip` on.
 * Returns how many lines it has in all. */
int canvas_wrap(const struct canvas *c, int row, enum role role, const char *text, int skip);

/* Bytes of a text that have a role of their own, and a number by which their owner knows them. */
struct canvas_mark {
        size_t at, length;
        enum role role;
        int id;
        int line; /* set by canvas_wrap_marked(): the line of the text where it begins; -1: nowhere
                   */
};

/* canvas_wrap() of a text without line breaks, with marks; later ones lie above. */
int canvas_wrap_marked(const struct canvas *c, int row, enum role role, const char *text, int skip,
                       struct canvas_mark *marks, size_t count);

/* Gives a whole row (or width columns of it) a role, keeping the glyphs. */
void canvas_paint(const struct canvas *c, int row, int col, int width, enum role role);

/* A horizontal or vertical line. */
void canvas_rule(const struct canvas *c, int row, enum role role);
void canvas_bar(const struct canvas *c, int col, enum role role);

/* One cell for the terminal; *ret_glyph is "" behind a double-width character. */
enum role canvas_cell(const struct canvas *c, int row, int col, const char **ret_glyph);

/* Two lines a row, glyphs and role letters, as in tests/golden.  Caller frees. */
char *canvas_dump(const struct canvas *c);

/* Columns that text takes. */
int canvas_width(const char *text);
