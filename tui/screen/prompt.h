/* prompt.h - one line of typing inside a view: search, filter, a value. */
#pragma once

#include "tui/screen/canvas.h"

#include <stdbool.h>

enum { PROMPT_ROOM = 2048 };

struct prompt {
        bool open;
        char text[PROMPT_ROOM]; /* UTF-8 */
        size_t at;              /* the cursor, in bytes */
};

enum prompt_event { PROMPT_IGNORED, PROMPT_TYPED, PROMPT_ACCEPTED, PROMPT_LEFT };

void prompt_open(struct prompt *p, const char *text);
/* Takes a key.  ACCEPTED (Enter) and LEFT (Esc) close it. */
enum prompt_event prompt_key(struct prompt *p, const char *key);
/* Draws label and text on a row, scrolled so that the cursor is seen. */
void prompt_draw(const struct prompt *p, const struct canvas *c, int row, const char *label);

/* Whether text has word, whatever the case. */
bool prompt_matches(const char *text, const char *word);
