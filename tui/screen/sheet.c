/* sheet.c - text in several roles that may be longer than the window. */
#include "tui/screen/sheet.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/help.h"
#include "tui/screen/list.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE = 10 };

struct sheet_part {
        enum role role;
        char *text;
        struct canvas_mark *marks;
        size_t mark_count;
        int line; /* where it began when it was drawn last */
};

/* How far it can be scrolled in the window it was drawn in, and where it stood. */
struct sheet_seen {
        int limit, top, rows;
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
        s->parts[s->count++] = (struct sheet_part){ .role = role, .text = chars };
}

void sheet_add_page(struct sheet *s, const char *lines)
{
        while (*lines) {
                enum role role = *lines == '\n' || *lines == ' ' ? ROLE_TEXT : ROLE_HEADING;
                scoped(mem_freep) char *line = help_paragraph(&lines);

                s->failed = s->failed || !line;
                sheet_add(s, role, "%s", line ? line : "");
        }
}

void sheet_mark(struct sheet *s, size_t part, size_t at, size_t length, enum role role, int id)
{
        struct sheet_part *p = part < s->count ? &s->parts[part] : NULL;
        struct canvas_mark *longer;

        if (!p)
                return;
        longer = realloc(p->marks, (p->mark_count + 1) * sizeof(*longer));
        if (!longer) {
                s->failed = true;
                return;
        }
        p->marks = longer;
        p->marks[p->mark_count++] = (struct canvas_mark){ at, length, role, id, -1 };
}

void sheet_mark_role(struct sheet *s, int id, enum role role)
{
        for (size_t i = 0; i < s->count; i++)
                for (size_t m = 0; m < s->parts[i].mark_count; m++)
                        if (s->parts[i].marks[m].id == id)
                                s->parts[i].marks[m].role = role;
}

void sheet_unmark(struct sheet *s, int id)
{
        for (size_t i = 0; i < s->count; i++) {
                struct sheet_part *p = &s->parts[i];
                size_t kept = 0;

                for (size_t m = 0; m < p->mark_count; m++)
                        if (p->marks[m].id != id)
                                p->marks[kept++] = p->marks[m];
                p->mark_count = kept;
        }
}

void sheet_focus_mark(struct sheet *s, int id)
{
        if ((s->focus || s->focus_mark) && s->seen)
                s->top = s->seen->top;
        s->focus = 0;
        s->focus_mark = id;
}

const char *sheet_part(const struct sheet *s, size_t part)
{
        return part < s->count ? s->parts[part].text : NULL;
}

static const struct canvas_mark *mark_of(const struct sheet *s, int id, size_t *ret_part)
{
        for (size_t i = 0; i < s->count; i++)
                for (size_t m = 0; m < s->parts[i].mark_count; m++)
                        if (s->parts[i].marks[m].id == id) {
                                *ret_part = i;
                                return &s->parts[i].marks[m];
                        }
        return NULL;
}

bool sheet_sees_mark(const struct sheet *s, int id, bool ahead)
{
        size_t part = 0;
        const struct canvas_mark *m = mark_of(s, id, &part);
        int top, line;

        if (!m || m->line < 0 || !s->seen)
                return false;
        top = s->top > s->seen->limit ? s->seen->limit : s->top;
        if (s->focus || s->focus_mark)
                top = s->seen->top;
        line = s->parts[part].line + m->line;
        return line >= top && (ahead || line < top + s->seen->rows);
}

void sheet_done(struct sheet *s)
{
        for (size_t i = 0; i < s->count; i++) {
                free(s->parts[i].text);
                free(s->parts[i].marks);
        }
        free(s->parts);
        free(s->seen);
        *s = (struct sheet){ 0 };
}

bool sheet_move(struct sheet *s, enum action a)
{
        int limit = s->seen ? s->seen->limit : 0, top;

        if ((s->focus || s->focus_mark) && s->seen)
                s->top = s->seen->top;
        if (s->top > limit) /* the window grew, or it was the end of a longer text */
                s->top = limit;
        top = s->top;
        if (!list_move(&s->top, limit + 1, PAGE, a)) {
                s->top = top;
                return false;
        }
        s->focus = 0;
        s->focus_mark = 0;
        return true;
}

/* All parts from line `top` on; returns how many lines there are. */
static int write_from(const struct sheet *s, const struct canvas *c, int top)
{
        int line = 0;

        for (size_t i = 0; i < s->count; i++) {
                struct sheet_part *p = &s->parts[i];
                int hidden = line < top ? top - line : 0;
                int row = line < top ? 0 : line - top;

                p->line = line;
                if (p->mark_count)
                        line += canvas_wrap_marked(c, row, p->role, p->text, hidden, p->marks,
                                                   p->mark_count);
                else
                        line += canvas_wrap(c, row, p->role, p->text, hidden);
        }
        return line;
}

/* The first and the last line but one of what is in focus, once write_from() has been there.
 * false: nothing is. */
static bool focused(const struct sheet *s, int lines, int *ret_first, int *ret_behind)
{
        size_t part = 0;
        const struct canvas_mark *m = s->focus_mark ? mark_of(s, s->focus_mark, &part) : NULL;

        if (m && m->line >= 0) {
                *ret_first = s->parts[part].line + m->line;
                *ret_behind = *ret_first + 1;
                return true;
        }
        if (!s->focus || s->focus > s->count)
                return false;
        *ret_first = s->parts[s->focus - 1].line;
        *ret_behind = s->focus < s->count ? s->parts[s->focus].line : lines;
        return true;
}

/* The first line so that what is in focus is in the window. */
static int top_for(const struct sheet *s, int lines, int rows)
{
        int first = 0, behind = 0, top = s->top;

        if (!focused(s, lines, &first, &behind))
                return top;
        if (behind > top + rows)
                top = behind - rows;
        if (first < top)
                top = first;
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
        top = top_for(s, lines, c->rows);
        if (top > limit)
                top = limit;
        if (s->seen)
                *s->seen = (struct sheet_seen){ limit, top, c->rows };
        write_from(s, &body, top);
        if (top > 0)
                canvas_text(c, 0, c->cols - 1, ROLE_KEY, "\xe2\x86\x91");
        if (lines > top + c->rows)
                canvas_text(c, c->rows - 1, c->cols - 1, ROLE_KEY, "\xe2\x86\x93");
}
