/* help.c - finding a help page and its parts. */
#include "tui/help.h"

#include "core/base/text.h"

#include <string.h>
#include <strings.h>

const struct help_page *help_find(const char *name)
{
        size_t n = strcspn(name, "=");

        for (const struct help_page *p = help_pages; p->folder; p++)
                if (strncasecmp(p->name, name, n) == 0 && p->name[n] == '\0')
                        return p;
        return NULL;
}

static const char *line_after(const char *text)
{
        const char *end = strchr(text, '\n');

        return end ? end + 1 : text + strlen(text);
}

char *help_sentence(const struct help_page *page)
{
        const char *line = line_after(page->text);

        return strndup(line, strcspn(line, "\n"));
}

char *help_section(const struct help_page *page, const char *heading)
{
        struct text body = { 0 };
        size_t n = strlen(heading);
        const char *line = page->text;

        while (*line && !(strncmp(line, heading, n) == 0 && line[n] == '\n'))
                line = line_after(line);
        if (!*line)
                return NULL;
        for (line = line_after(line); *line == ' ' || *line == '\n'; line = line_after(line)) {
                if (*line == '\n' && line[1] != ' ')
                        break;
                text_addn(&body, line, (size_t)(line_after(line) - line));
        }
        return text_take(&body);
}
