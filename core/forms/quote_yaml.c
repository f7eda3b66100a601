/* quote_yaml.c - strings in YAML, always in double quotes: no word of YAML is meant then. */
#include "core/forms/quote.h"

void quote_yaml(struct text *t, const char *chars)
{
        text_add(t, "\"");
        for (const char *c = chars; *c; c++) {
                if ((unsigned char)*c < ' ' || *c == '\177') {
                        text_addf(t, "\\x%02x", (unsigned char)*c);
                        continue;
                }
                if (*c == '"' || *c == '\\')
                        text_add(t, "\\");
                text_addn(t, c, 1);
        }
        text_add(t, "\"");
}
