/* words.c - a command line of a unit file, taken apart as systemd does. */
#include "core/forms/words.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char blanks[] = " \t";

/* Adds what stands behind a backslash; answers how many characters it took. */
static size_t unescape(const char *c, struct text *word)
{
        static const char from[] = "abfnrtvs\\\"'", to[] = "\a\b\f\n\r\t\v \\\"'";
        const char *letter = *c ? strchr(from, *c) : NULL;
        char digits[4] = { 0 };
        size_t skip = *c == 'x', want = *c == 'x' ? 2 : 3;
        char *end, one;

        if (letter) {
                text_addn(word, &to[letter - from], 1);
                return 1;
        }
        memcpy(digits, c + skip, strnlen(c + skip, want));
        one = (char)strtoul(digits, &end, skip ? 16 : 8);
        if (end != digits + want || !one)
                return 0;
        text_addn(word, &one, 1);
        return skip + want;
}

static int next_word(const char **line, char ***list)
{
        scoped(text_done) struct text word = { 0 };
        scoped(mem_freep) char *done = NULL;
        const char *c = *line;
        char quote = 0;

        for (; *c && (quote || !strchr(blanks, *c)); c++) {
                size_t n = 1;

                if (*c == '\\') {
                        n = unescape(c + 1, &word);
                        c += n;
                } else if (quote ? *c == quote : *c == '"' || *c == '\'')
                        quote = quote ? 0 : *c;
                else
                        text_addn(&word, c, 1);
                if (n == 0)
                        return -EINVAL;
        }
        if (quote)
                return -EINVAL;
        *line = c;
        done = text_take(&word);
        return done ? strv_add(list, done) : -ENOMEM;
}

int words_split(const char *line, char ***ret)
{
        scoped(strv_freep) char **list = NULL;

        for (line += strspn(line, blanks); *line; line += strspn(line, blanks)) {
                int r = next_word(&line, &list);

                if (r < 0)
                        return r;
        }
        *ret = take(list);
        return 0;
}
