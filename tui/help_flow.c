/* help_flow.c - the lines of a page as paragraphs. */
#include "tui/help.h"

#include "core/base/text.h"

#include <string.h>

enum { FULL = 56 }; /* a line of prose that long was broken for want of room */

/* Prose of the usual indentation, not a row of a table. */
static bool is_prose(const char *line, size_t n)
{
        return n > 2 && strncmp(line, "  ", 2) == 0 && line[2] != ' ' &&
               !memmem(line + 2, n - 2, "  ", 2);
}

char *help_paragraph(const char **lines)
{
        const char *line = *lines;
        size_t n = strcspn(line, "\n");
        struct text t = { 0 };

        text_addn(&t, line, n);
        while (n >= FULL && is_prose(line, n) && line[n]) {
                const char *next = line + n + 1;
                size_t m = strcspn(next, "\n");

                if (!is_prose(next, m))
                        break;
                text_addn(&t, next + 1, m - 1); /* with one of its blanks */
                line = next;
                n = m;
        }
        *lines = line + n + (line[n] == '\n');
        return text_take(&t);
}
