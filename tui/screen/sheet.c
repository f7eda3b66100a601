/* sheet.c - text in several roles that may be longer than the window. */
#include "tui/screen/sheet.h"

#include "core/base/text.h"
#include "tui/screen/list.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum {
        PAGE = 10,
        FULL = 56, /* a line of prose that long was broken for want of room */
};

struct sheet_part {
        enum role role;
        char *text;
};

/* How far it can be scrolled in the window it was drawn in, and where it stood. */
struct sheet_seen {
        int limit, top;
};

static bool grow(struct sheet *s)
{
        struct sheet_part *longer = realloc(s->parts, (s->count + 1) * sizeof(*longer));

        if (longer)
                s->parts = longer;
        if (!s->seen && (s->seen = malloc(sizeof(*s->seen))))
                *s->seen = (struct sheet_seen){ .limit = INT_MAX - 1 }; /* not drawn yet */
        return longer && s->seen;
}

void sheet_add(struct sheet *s, enum role role, const char *fmt, ...)
{
        struct text t = { 0 };
        char *chars;
        va_list args;

        va_start(args, fmt);
        text_addv(&t, fmt, args);
        va_end(args);
        chars = text_take(&t);
        if (!chars || s->failed || !grow(s)) {
                s->failed = true;
                free(chars);
                return;
        }
        s->parts[s->count++] = (struct sheet_part){ role, chars };
}

/* Prose of the usual indentation, not a row of a table. */
static bool is_prose(const char *line, size_t n)
{
        return n > 2 && strncmp(line, "  ", 2) == 0 && line[2] != ' ' &&
               !memmem(line + 2, n - 2, "  ", 2);
}

void sheet_add_page(struct sheet *s, const char *lines)
{
        while (*lines) {
                size_t n = strcspn(lines, "\n");
                enum role role = n == 0 || *lines == ' ' ? ROLE_TEXT : ROLE_HEADING;
                struct text t = { 0 };

                text_addn(&t, lines, n);
                while (n >= FULL && is_prose(lines, n) && lines[n]) {
                        const char *next = lines + n + 1;
                        size_t m = strcspn(next, "\n");

                        if (!is_prose(next, m))
                                break;
                        text_addn(&t, next + 1, m - 1); /* with one of its blanks */
                        lines = next;
                        n = m;
                }
                sheet_add(s, role, "%s", t.chars ? t.chars : "");
                s->failed = s->failed || t.failed;
                text_done(&t);
                lines += n + (lines[n] == '\n');
        }
}

void sheet_done(struct sheet *s)
{
        for (size_t i = 0; i < s->count; i++)
                free(s->parts[i].text);
        free(s->parts);
        free(s->seen);
        *s = (struct sheet){ 0 };
}

bool sheet_move(struct sheet *s, enum action a)
{
        int limit = s->seen ? s->seen->limit : 0, top;

        if (s->focus && s->seen)
                s->top = s->seen->top;
        if (s->top > limit) /* the window grew, or it was the end of a longer text */
                s->top = limit;
        top = s->top;
        if (!list_move(&s->top, limit + 1, PAGE, a)) {
                s->top = top;
                return false;
        }
        s->focus = 0;
        return true;
}

/* All parts from line `top` on; returns how many lines there are. */
static int write_from(const struct sheet *s, const struct canvas *c, int top)
{
        int line = 0;

        for (size_t i = 0; i < s->count; i++) {
                int hidden = line < top ? top - line : 0;
                int row = line < top ? 0 : line - top;

                line += canvas_wrap(c, row, s->parts[i].role, s->parts[i].text, hidden);
        }
        return line;
}

/* The first line so that the part in focus is in the window. */
static int top_for(const struct sheet *s, const struct canvas *nowhere, int rows)
{
        int line = 0, behind = 0, top = s->top;

        for (size_t i = 0; i < s->count && i < s->focus; i++) {
                line = behind;
                behind += canvas_wrap(nowhere, 0, s->parts[i].role, s->parts[i].text, 0);
        }
        if (s->focus && behind > top + rows)
                top = behind - rows;
        if (s->focus && line < top)
                top = line;
        return top;
}

void sheet_draw(const struct sheet *s, const struct canvas *c)
{
        /* The last column stays free for the arrows. */
        struct canvas body = canvas_part(c, 0, 0, c->rows, c->cols > 1 ? c->cols - 1 : c->cols);
        struct canvas nowhere = canvas_part(&body, 0, 0, 0, body.cols);
        int lines, limit, top;

        if (s->failed) {
                canvas_text(c, 0, 0, ROLE_BAD, "out of memory");
                return;
        }
        lines = write_from(s, &nowhere, 0);
        limit = lines > c->rows ? lines - c->rows : 0;
        top = top_for(s, &nowhere, c->rows);
        if (top > limit)
                top = limit;
        if (s->seen)
                *s->seen = (struct sheet_seen){ limit, top };
        write_from(s, &body, top);
        if (top > 0)
                canvas_text(c, 0, c->cols - 1, ROLE_KEY, "\xe2\x86\x91");
        if (lines > top + c->rows)
                canvas_text(c, c->rows - 1, c->cols - 1, ROLE_KEY, "\xe2\x86\x93");
}
