/* quote_markdown.c - strings in Markdown, as GitHub and GitLab read it. */
#include "core/forms/quote.h"

#include <ctype.h>
#include <string.h>

/* What is never markup within a line.  '.' and ':' are links after "www" and before "//". */
static bool is_plain(const char *begin, const char *c)
{
        if (c[0] == '.')
                return c - begin < 3 || strncasecmp(c - 3, "www", 3) != 0;
        if (c[0] == ':')
                return c[1] != '/';
        return !ispunct((unsigned char)*c) || strchr("=,;()/%?'\"+-", *c);
}

/* A number stands for the character wherever markup would be read out of it. */
void quote_markdown(struct text *t, const char *chars)
{
        for (const char *c = chars; *c; c++) {
                if (is_plain(chars, c))
                        text_addn(t, (unsigned char)*c < ' ' ? " " : c, 1);
                else
                        text_addf(t, "&#%u;", (unsigned char)*c);
        }
}

void quote_markdown_code(struct text *t, const char *chars)
{
        size_t n = strlen(chars);

        /* Blanks around it would be stripped, and '|' ends a cell even in code. */
        if (n > 0 && !strpbrk(chars, "`|\\") && chars[0] != ' ' && chars[n - 1] != ' ') {
                text_addf(t, "`%s`", chars);
                return;
        }
        text_add(t, "<code>");
        quote_markdown(t, chars);
        text_add(t, "</code>");
}
