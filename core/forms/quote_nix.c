/* quote_nix.c - strings and names in the Nix language. */
#include "core/forms/quote.h"

#include <ctype.h>
#include <string.h>

void quote_nix(struct text *t, const char *chars)
{
        text_add(t, "\"");
        for (const char *c = chars; *c; c++) {
                /* "${" begins an expression; a lone '$' is itself. */
                if (*c == '"' || *c == '\\' || (c[0] == '$' && c[1] == '{'))
                        text_add(t, "\\");
                text_addn(t, c, 1);
        }
        text_add(t, "\"");
}

static bool is_keyword(const char *chars)
{
        static const char *const words[] = { "if",  "then", "else",    "assert", "with",
                                             "let", "in",   "inherit", "rec",    "or" };

        for (size_t i = 0; i < COUNT(words); i++)
                if (strcmp(words[i], chars) == 0)
                        return true;
        return false;
}

void quote_nix_name(struct text *t, const char *chars)
{
        bool plain = (isalpha((unsigned char)chars[0]) || chars[0] == '_') && !is_keyword(chars);

        for (const char *c = chars; plain && *c; c++)
                plain = isalnum((unsigned char)*c) || strchr("_'-", *c);
        if (plain)
                text_add(t, chars);
        else
                quote_nix(t, chars);
}
