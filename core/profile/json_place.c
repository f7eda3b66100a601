/* json_place.c - where in a file a member of its JSON document stands, for what is wrong with it.
 */
#include "core/profile/json.h"

#include <string.h>

/* How many values come before n in the document, in the order in which they are written; counts on
 * in *count.  Whether n was found. */
static bool count_before(const struct json_node *at, const struct json_node *n, size_t *count)
{
        if (at == n)
                return true;
        (*count)++;
        for (const struct json_node *child = json_first(at); child; child = json_next(child))
                if (count_before(child, n, count))
                        return true;
        return false;
}

static const char *string_end(const char *quote)
{
        const char *p = quote + 1;

        while (*p && *p != '"')
                p += *p == '\\' && p[1] ? 2 : 1;
        return *p ? p + 1 : p;
}

static const char *skip_blank(const char *p)
{
        return p + strspn(p, " \t\r\n,]}");
}

/* The text is JSON: the document was made of it. */
static const char *find_value(const char *text, size_t wanted)
{
        const char *key = NULL;

        for (const char *p = skip_blank(text); *p; p = skip_blank(p)) {
                const char *end = *p == '"' ? string_end(p) : p + strcspn(p, " \t\r\n,:]}");
                const char *after = end + strspn(end, " \t\r\n");

                if (*p == '"' && *after == ':') {
                        key = p;
                        p = after + 1;
                        continue;
                }
                if (wanted-- == 0)
                        return key ? key : p;
                key = NULL;
                p = *p == '{' || *p == '[' ? p + 1 : end;
        }
        return NULL;
}

void json_place(const struct json *j, const struct json_node *n, const char *text, unsigned *line,
                unsigned *column)
{
        size_t before = 0;
        const char *at = count_before(json_root(j), n, &before) ? find_value(text, before) : NULL;

        *line = *column = 1;
        for (; at && text < at; text++) {
                *column = *text == '\n' ? 1 : *column + ((*text & 0xc0) != 0x80);
                *line += *text == '\n';
        }
}
