/* quote_shell.c - words for a POSIX shell. */
#include "core/forms/quote.h"

#include <ctype.h>
#include <string.h>

void quote_shell(struct text *t, const char *chars)
{
        bool plain = *chars != '\0';

        for (const char *c = chars; plain && *c; c++)
                plain = isalnum((unsigned char)*c) || strchr("_./:=@%+,-", *c);
        if (plain) {
                text_add(t, chars);
                return;
        }
        text_add(t, "'");
        for (const char *c = chars; *c; c++)
                text_addn(t, *c == '\'' ? "'\\''" : c, *c == '\'' ? 4 : 1);
        text_add(t, "'");
}
