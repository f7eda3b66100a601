/* prompt.c - one line of typing inside a view. */
#include "tui/screen/prompt.h"

#include "core/base/text.h"

#include <stdio.h>
#include <string.h>

void prompt_open(struct prompt *p, const char *text)
{
        p->open = true;
        text_printable(p->text, sizeof(p->text), text);
        p->at = strlen(p->text);
}

static size_t before(const struct prompt *p)
{
        size_t at = p->at;

        while (at > 0 && ((unsigned char)p->text[--at] & 0xc0) == 0x80)
                ;
        return at;
}

static size_t behind(const struct prompt *p)
{
        size_t at = p->at;

        if (p->text[at])
                at++;
        while (((unsigned char)p->text[at] & 0xc0) == 0x80)
                at++;
        return at;
}

static void erase(struct prompt *p, size_t from, size_t to)
{
        memmove(p->text + from, p->text + to, strlen(p->text + to) + 1);
        p->at = from;
}

static void insert(struct prompt *p, const char *chars)
{
        size_t n = strlen(chars);
        size_t length = strlen(p->text);

        if (length + n + 1 > sizeof(p->text))
                return;
        memmove(p->text + p->at + n, p->text + p->at, length - p->at + 1);
        memcpy(p->text + p->at, chars, n);
        p->at += n;
}

enum prompt_event prompt_key(struct prompt *p, const char *key)
{
        if (strcmp(key, "Enter") == 0 || strcmp(key, "Esc") == 0) {
                p->open = false;
                return *key == 'E' && key[1] == 'n' ? PROMPT_ACCEPTED : PROMPT_LEFT;
        }
        if (strcmp(key, "Left") == 0)
                p->at = before(p);
        else if (strcmp(key, "Right") == 0)
                p->at = behind(p);
        else if (strcmp(key, "Home") == 0 || strcmp(key, "Ctrl-A") == 0)
                p->at = 0;
        else if (strcmp(key, "End") == 0 || strcmp(key, "Ctrl-E") == 0)
                p->at = strlen(p->text);
        else if (strcmp(key, "Backspace") == 0)
                erase(p, before(p), p->at);
        else if (strcmp(key, "Del") == 0 || strcmp(key, "Ctrl-D") == 0)
                erase(p, p->at, behind(p));
        else if (strcmp(key, "Ctrl-U") == 0)
                erase(p, 0, strlen(p->text));
        else if (strcmp(key, "Ctrl-K") == 0)
                erase(p, p->at, strlen(p->text));
        else if (strcmp(key, "Space") == 0)
                insert(p, " ");
        else if (key[0] && (key[1] == '\0' || (unsigned char)key[0] >= 0xc0))
                insert(p, key);
        else
                return PROMPT_IGNORED;
        return PROMPT_TYPED;
}

void prompt_draw(const struct prompt *p, const struct canvas *c, int row, const char *label)
{
        int col = canvas_text(c, row, 0, ROLE_KEY, "%s", label);
        struct canvas line = canvas_part(c, row, col, 1, c->cols - col);
        char left[PROMPT_ROOM];
        const char *shown = p->text;
        int width;

        snprintf(left, sizeof(left), "%.*s", (int)p->at, p->text);
        width = canvas_width(left);
        while (width >= line.cols && *shown) { /* scroll until the cursor is seen */
                shown++;
                while (((unsigned char)*shown & 0xc0) == 0x80)
                        shown++;
                snprintf(left, sizeof(left), "%.*s", (int)(p->text + p->at - shown), shown);
                width = canvas_width(left);
        }
        canvas_field(&line, 0, 0, line.cols, ROLE_INPUT, "");
        canvas_text(&line, 0, 0, ROLE_INPUT, "%s", shown);
        canvas_paint(&line, 0, width, 1, ROLE_CURSOR);
}

bool prompt_matches(const char *text, const char *word)
{
        return strcasestr(text, word) != NULL;
}
