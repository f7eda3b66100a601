/* help_terms.c - where a text uses a word of the glossary. */
#include "tui/help.h"

#include "core/base/base.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static bool is_word(char c)
{
        return isalnum((unsigned char)c) || (c && strchr("_@-=/.", c));
}

/* Whether the n letters of a term stand at text, as a word or in the plural. */
static size_t stands_at(const char *text, const char *term, size_t n)
{
        if (strncasecmp(text, term, n) != 0)
                return 0;
        n += text[n] == 's' && term[n - 1] != 's';
        if (text[n] == '.' && !isalnum((unsigned char)text[n + 1]))
                return n;
        return is_word(text[n]) ? 0 : n;
}

/* The longest term that stands at text; NULL: none. */
static const char *term_at(const struct help_page *glossary, const char *text, size_t *ret_length)
{
        const char *found = NULL;

        *ret_length = 0;
        for (const char *line = strstr(glossary->text, "\n\n"); line; line = strstr(line, "\n\n")) {
                size_t n = strcspn(line += 2, "\n"), length;

                if (n == strlen("See also") && strncmp(line, "See also", n) == 0)
                        break;
                length = n ? stands_at(text, line, n) : 0;
                if (length > *ret_length) {
                        *ret_length = length;
                        found = line;
                }
        }
        return found;
}

bool help_term_next(const char *text, size_t from, struct help_term *ret)
{
        const struct help_page *glossary = help_find("topics/glossary");

        for (size_t at = from; glossary && text[at]; at++) {
                if (!isalpha((unsigned char)text[at]) || (at > 0 && is_word(text[at - 1])))
                        continue;
                ret->term = term_at(glossary, text + at, &ret->length);
                ret->at = at;
                ret->page = glossary;
                if (ret->term)
                        return true;
        }
        return false;
}
