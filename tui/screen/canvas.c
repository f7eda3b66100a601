/* canvas.c - a grid of cells in memory. */
#include "tui/screen/canvas.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

struct cell {
        char glyph[5];
        unsigned char role;
};

char role_letter(enum role role)
{
        static const char letters[ROLE_COUNT] = {
                [ROLE_TEXT] = '.', [ROLE_TITLE] = 'T', [ROLE_HEADING] = 'H', [ROLE_CURSOR] = 'C',
                [ROLE_GOOD] = 'G', [ROLE_FAIR] = 'F',  [ROLE_BAD] = 'B',     [ROLE_CHANGED] = 'X',
                [ROLE_KEY] = 'K',  [ROLE_INPUT] = 'I', [ROLE_ALERT] = 'A',
        };

        return letters[role];
}

int canvas_open(struct canvas *c, int rows, int cols, bool ascii)
{
        size_t count = (size_t)(rows > 0 ? rows : 1) * (size_t)(cols > 0 ? cols : 1);

        *c = (struct canvas){ .stride = cols, .rows = rows, .cols = cols, .ascii = ascii };
        c->cells = calloc(count, sizeof(*c->cells));
        if (!c->cells)
                return -ENOMEM;
        canvas_clear(c);
        return 0;
}

void canvas_done(struct canvas *c)
{
        free(c->cells);
        *c = (struct canvas){ 0 };
}

static struct cell *at(const struct canvas *c, int row, int col)
{
        if (row < 0 || col < 0 || row >= c->rows || col >= c->cols)
                return NULL;
        return &c->cells[(size_t)(c->row + row) * (size_t)c->stride + (size_t)(c->col + col)];
}

static void put(const struct canvas *c, int row, int col, const char *glyph, enum role role)
{
        struct cell *cell = at(c, row, col);

        if (!cell)
                return;
        snprintf(cell->glyph, sizeof(cell->glyph), "%s", glyph);
        cell->role = (unsigned char)role;
}

void canvas_clear(struct canvas *c)
{
        for (int row = 0; row < c->rows; row++)
                for (int col = 0; col < c->cols; col++)
                        put(c, row, col, " ", ROLE_TEXT);
}

struct canvas canvas_part(const struct canvas *c, int row, int col, int rows, int cols)
{
        struct canvas part = *c;

        if (row < 0 || col < 0 || row > c->rows || col > c->cols) {
                part.rows = part.cols = 0;
                return part;
        }
        part.row += row;
        part.col += col;
        part.rows = rows < c->rows - row ? rows : c->rows - row;
        part.cols = cols < c->cols - col ? cols : c->cols - col;
        if (part.rows < 0)
                part.rows = 0;
        if (part.cols < 0)
                part.cols = 0;
        return part;
}

/* What stands for our own signs where only ASCII is wanted. */
static const char *in_ascii(uint32_t c)
{
        static const struct {
                uint32_t sign;
                const char *ascii;
        } signs[] = { { 0x2026, "~" }, { 0x2192, ">" }, { 0x2190, "<" }, { 0x2502, "|" },
                      { 0x2500, "-" }, { 0x2713, "+" }, { 0x2717, "x" }, { 0x25cf, "*" },
                      { 0x2191, "^" }, { 0x2193, "v" } };

        for (size_t i = 0; i < COUNT(signs); i++)
                if (signs[i].sign == c)
                        return signs[i].ascii;
        return "?";
}

/* The next character of printable text: its bytes, its width, and how far it reaches. */
struct glyph {
        char bytes[5];
        int width;
        size_t length;
};

static struct glyph next_glyph(const char *text, bool ascii)
{
        struct glyph g = { .width = 1, .length = 1 };
        const unsigned char *in = (const unsigned char *)text;
        size_t n = in[0] < 0x80 ? 1 : in[0] >> 5 == 6 ? 2 : in[0] >> 4 == 14 ? 3 : 4;
        uint32_t c = n == 1 ? in[0] : in[0] & (0xffU >> (n + 1));

        for (size_t i = 1; i < n && in[i]; i++)
                c = c << 6 | (in[i] & 0x3f);
        g.length = n;
        memcpy(g.bytes, text, n);
        if (n == 1)
                return g;
        g.width = wcwidth((wchar_t)c);
        if (ascii || g.width < 0) {
                snprintf(g.bytes, sizeof(g.bytes), "%s", in_ascii(c));
                g.width = 1;
        }
        return g;
}

/* Writes printable text up to column `end`; returns the column behind all of it. */
static int write_text(const struct canvas *c, int row, int col, int end, enum role role,
                      const char *text)
{
        while (*text) {
                struct glyph g = next_glyph(text, c->ascii);

                text += g.length;
                if (g.width == 0) /* combining: nothing of its own to show */
                        continue;
                if (col + g.width <= end && col >= 0) {
                        put(c, row, col, g.bytes, role);
                        if (g.width == 2)
                                put(c, row, col + 1, "", role);
                } else if (col < end && col >= 0)
                        put(c, row, col, " ", role);
                col += g.width;
        }
        return col;
}

int canvas_width(const char *text)
{
        int width = 0;

        while (*text) {
                struct glyph g = next_glyph(text, false);

                width += g.width;
                text += g.length;
        }
        return width;
}

int canvas_text(const struct canvas *c, int row, int col, enum role role, const char *fmt, ...)
{
        char raw[512], clean[512];
        va_list args;

        va_start(args, fmt);
        vsnprintf(raw, sizeof(raw), fmt, args);
        va_end(args);
        text_printable(clean, sizeof(clean), raw);
        return write_text(c, row, col, c->cols, role, clean);
}

int canvas_field(const struct canvas *c, int row, int col, int width, enum role role,
                 const char *text)
{
        scoped(mem_freep) char *clean = text_printable_dup(text);
        int end;

        if (width <= 0 || !clean)
                return col;
        end = write_text(c, row, col, col + width, role, clean);
        if (end > col + width)
                write_text(c, row, col + width - 1, col + width, role, "\xe2\x80\xa6");
        for (; end < col + width; end++)
                put(c, row, end, " ", role);
        return col + width;
}

/* How many bytes of line fit in width columns, breaking at a blank where there is one. */
static size_t fit(const char *line, size_t length, int width)
{
        size_t used = 0, blank = 0;
        int col = 0;

        while (used < length) {
                struct glyph g = next_glyph(line + used, false);

                if (col + g.width > width)
                        break;
                if (line[used] == ' ' && used > strspn(line, " "))
                        blank = used;
                col += g.width;
                used += g.length;
        }
        if (used >= length)
                return length;
        return blank > 0 ? blank : used > 0 ? used : 1;
}

/* Where a piece of a marked text went: byte `at` of it stands in column `col`. */
struct piece {
        const char *text;
        size_t at;
        int line, row, col;
        bool shown;
};

/* What of a mark lies on this piece. */
static void paint_mark(const struct canvas *c, const struct piece *p, struct canvas_mark *m)
{
        size_t length = strlen(p->text);
        size_t from = m->at > p->at ? m->at - p->at : 0;
        size_t to = m->at + m->length > p->at ? m->at + m->length - p->at : 0;
        scoped(mem_freep) char *before = NULL, *marked = NULL;

        if (to > length)
                to = length;
        if (from >= to)
                return;
        if (m->line < 0)
                m->line = p->line;
        before = strndup(p->text, from);
        marked = strndup(p->text + from, to - from);
        if (before && marked && p->shown)
                canvas_paint(c, p->row, p->col + canvas_width(before), canvas_width(marked),
                             m->role);
}

struct wrapping {
        const struct canvas *canvas;
        enum role role;
        int skip;
        struct canvas_mark *marks;
        size_t mark_count;
};

/* One line of text over as many rows as it takes; returns how many.  A continued line keeps the
 * indentation of its first. */
static int wrap_line(const struct wrapping *w, int row, const char *line)
{
        const struct canvas *c = w->canvas;
        const char *begin = line;
        int indent = (int)strspn(line, " ");
        int col = 0, n = 0;

        if (indent >= c->cols / 2)
                indent = 0;
        do {
                int width = c->cols - col > 1 ? c->cols - col : 1;
                size_t used = fit(line, strlen(line), width);
                scoped(mem_freep) char *piece = strndup(line, used);
                struct piece p = { piece,       (size_t)(line - begin), n, row + n - w->skip, col,
                                   n >= w->skip };

                if (piece && p.shown)
                        write_text(c, p.row, col, c->cols, w->role, piece);
                for (size_t i = 0; piece && i < w->mark_count; i++)
                        paint_mark(c, &p, &w->marks[i]);
                n++;
                line += used;
                line += strspn(line, " ");
                col = indent;
        } while (*line);
        return n;
}

int canvas_wrap(const struct canvas *c, int row, enum role role, const char *text, int skip)
{
        int n = 0;

        for (;;) {
                size_t length = strcspn(text, "\n");
                scoped(mem_freep) char *raw = strndup(text, length);
                scoped(mem_freep) char *line = raw ? text_printable_dup(raw) : NULL;
                struct wrapping w = { .canvas = c, .role = role, .skip = skip > n ? skip - n : 0 };

                n += wrap_line(&w, row + (n > skip ? n - skip : 0), line ? line : "");
                text += length;
                if (!*text || !text[1])
                        return n;
                text++;
        }
}

int canvas_wrap_marked(const struct canvas *c, int row, enum role role, const char *text, int skip,
                       struct canvas_mark *marks, size_t count)
{
        scoped(mem_freep) char *line = text_printable_dup(text);
        struct wrapping w = { c, role, skip, marks, count };

        for (size_t i = 0; i < count; i++)
                marks[i].line = -1;
        return wrap_line(&w, row, line ? line : "");
}

void canvas_paint(const struct canvas *c, int row, int col, int width, enum role role)
{
        for (int i = col; i < col + width; i++) {
                struct cell *cell = at(c, row, i);

                if (cell)
                        cell->role = (unsigned char)role;
        }
}

void canvas_rule(const struct canvas *c, int row, enum role role)
{
        for (int col = 0; col < c->cols; col++)
                put(c, row, col, c->ascii ? "-" : "\xe2\x94\x80", role);
}

void canvas_bar(const struct canvas *c, int col, enum role role)
{
        for (int row = 0; row < c->rows; row++)
                put(c, row, col, c->ascii ? "|" : "\xe2\x94\x82", role);
}

enum role canvas_cell(const struct canvas *c, int row, int col, const char **ret_glyph)
{
        const struct cell *cell = at(c, row, col);

        *ret_glyph = cell ? cell->glyph : " ";
        return cell ? (enum role)cell->role : ROLE_TEXT;
}

char *canvas_dump(const struct canvas *c)
{
        struct text t = { 0 };

        for (int row = 0; row < c->rows; row++) {
                for (int col = 0; col < c->cols; col++)
                        text_add(&t, at(c, row, col)->glyph);
                text_add(&t, "|\n");
                for (int col = 0; col < c->cols; col++) {
                        char letter = role_letter((enum role)at(c, row, col)->role);

                        text_addn(&t, &letter, 1);
                }
                text_add(&t, "|\n");
        }
        return text_take(&t);
}
