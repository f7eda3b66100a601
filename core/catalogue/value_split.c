/* value_split.c - splitting a line into words as systemd does, quoting them back, and sorted
 * sets of words. */
#include "core/catalogue/value_private.h"

#include "core/base/mem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool is_separator(char c, unsigned flags)
{
        return (c && strchr(BLANKS, c)) || (c == ':' && (flags & SPLIT_COLON)) ||
               (c == ',' && (flags & SPLIT_COMMA));
}

static int hex_digit(char c)
{
        const char *digits = "0123456789abcdef";
        const char *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c + 32 : c) : NULL;

        return at ? (int)(at - digits) : -1;
}

static void add_utf8(struct text *t, unsigned long c)
{
        char bytes[4];
        size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
        static const unsigned char marks[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

        for (size_t i = n; i-- > 1; c >>= 6)
                bytes[i] = (char)(0x80 | (c & 0x3f));
        bytes[0] = (char)(marks[n] | c);
        text_addn(t, bytes, n);
}

/* "\xHH", "\uHHHH", "\UHHHHHHHH" behind the letter.  Returns how many characters, or 0. */
static size_t add_hex(struct text *t, const char *p, char letter)
{
        size_t n = letter == 'x' ? 2 : letter == 'u' ? 4 : 8;
        unsigned long c = 0;

        for (size_t i = 0; i < n; i++) {
                int digit = hex_digit(p[i]);

                if (digit < 0)
                        return 0;
                c = c << 4 | (unsigned long)digit;
        }
        if (c == 0 || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
                return 0;
        if (letter == 'x') {
                char byte = (char)c;

                text_addn(t, &byte, 1);
        } else
                add_utf8(t, c);
        return n;
}

static size_t add_octal(struct text *t, const char *p)
{
        unsigned c = 0;
        char byte;

        for (size_t i = 0; i < 3; i++) {
                if (p[i] < '0' || p[i] > '7')
                        return 0;
                c = c << 3 | (unsigned)(p[i] - '0');
        }
        if (c == 0 || c > 255)
                return 0;
        byte = (char)c;
        text_addn(t, &byte, 1);
        return 3;
}

/* What stands behind a backslash.  Returns how many characters it took, 0 for nonsense. */
static size_t add_escaped(struct text *t, const char *p, unsigned flags)
{
        static const char letters[] = "abfnrtvs\\\"'";
        static const char meanings[] = "\a\b\f\n\r\t\v \\\"'";
        const char *at;
        size_t n;

        if (!*p)
                return 0;
        if (!(flags & SPLIT_C)) {
                text_addn(t, p, 1);
                return 1;
        }
        at = strchr(letters, *p);
        if (at) {
                text_addn(t, &meanings[at - letters], 1);
                return 1;
        }
        if (strchr("xuU", *p)) {
                n = add_hex(t, p + 1, *p);
                return n ? n + 1 : 0;
        }
        return add_octal(t, p);
}

/* Fills t with the word that starts at *p.  0 or -EINVAL. */
static int scan(const char **p, unsigned flags, struct text *t)
{
        const char *c = *p;
        char quote = '\0';

        for (; *c; c++) {
                if (*c == '\\' && !(flags & SPLIT_RETAIN)) {
                        size_t n = add_escaped(t, c + 1, flags);

                        if (n == 0)
                                return -EINVAL;
                        c += n;
                } else if (quote && *c == quote)
                        quote = '\0';
                else if (!quote && (*c == '"' || *c == '\'') && (flags & SPLIT_QUOTES))
                        quote = *c;
                else if (!quote && is_separator(*c, flags))
                        break;
                else
                        text_addn(t, c, 1);
        }
        *p = c;
        return quote && !(flags & SPLIT_RELAX) ? -EINVAL : 0;
}

int split_word(const char **p, unsigned flags, char **ret)
{
        struct text t = { 0 };
        int r;

        if (!*p)
                return 0;
        while (**p && strchr(flags & SPLIT_COMMA ? BLANKS "," : BLANKS, **p) &&
               !(flags & SPLIT_COLON))
                (*p)++;
        if (!**p) {
                *p = NULL;
                return 0;
        }
        r = scan(p, flags, &t);
        if (r < 0) {
                text_done(&t);
                return r;
        }
        if (**p)
                (*p)++; /* the separator */
        else
                *p = NULL;
        *ret = text_take(&t);
        return *ret ? 1 : -ENOMEM;
}

static void quote_retained(struct text *t, const char *word)
{
        /* Backslashes can't protect here, so quotes of one sort protect those of the other. */
        while (*word) {
                char mark = *word == '"' ? '\'' : '"';
                size_t n = strcspn(word, mark == '"' ? "\"" : "'");

                text_addn(t, &mark, 1);
                text_addn(t, word, n);
                text_addn(t, &mark, 1);
                word += n;
        }
}

/* Where quotes are letters, backslashes still protect. */
static void quote_by_backslash(struct text *t, const char *word)
{
        for (; *word; word++) {
                if (strchr(BLANKS ",\\", *word))
                        text_add(t, "\\");
                text_addn(t, word, 1);
        }
}

void split_quote(struct text *t, const char *word, unsigned flags)
{
        bool retain = flags & SPLIT_RETAIN;

        if (!(flags & SPLIT_QUOTES)) {
                quote_by_backslash(t, word);
                return;
        }

        if (*word && !word[strcspn(word, retain ? BLANKS ",\"'" : BLANKS ",\"'\\")]) {
                text_add(t, word);
                return;
        }
        if (retain && *word) {
                quote_retained(t, word);
                return;
        }
        text_add(t, "\"");
        for (; *word; word++) {
                if ((flags & SPLIT_C) && ((unsigned char)*word < ' ' || *word == 0x7f))
                        text_addf(t, "\\x%02x", (unsigned char)*word);
                else {
                        if (*word == '"' || *word == '\\')
                                text_add(t, "\\");
                        text_addn(t, word, 1);
                }
        }
        text_add(t, "\"");
}

int words_find(char *const *words, const char *word, size_t *ret_at)
{
        size_t low = 0, high = strv_length(words);

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                int order = strcmp(words[middle], word);

                if (order == 0) {
                        if (ret_at)
                                *ret_at = middle;
                        return 1;
                }
                if (order < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        if (ret_at)
                *ret_at = low;
        return 0;
}

int words_put(char ***words, const char *word)
{
        size_t at = 0, n;
        char *last;
        int r;

        if (words_find(*words, word, &at))
                return 0;
        r = strv_add(words, word);
        if (r < 0)
                return r;
        n = strv_length(*words);
        last = (*words)[n - 1];
        memmove(*words + at + 1, *words + at, (n - 1 - at) * sizeof(char *));
        (*words)[at] = last;
        return 0;
}

bool words_within(char *const *a, char *const *b)
{
        for (; a && *a; a++) {
                while (b && *b && strcmp(*b, *a) < 0)
                        b++;
                if (!b || !*b || strcmp(*a, *b) != 0)
                        return false;
        }
        return true;
}

bool words_apart(char *const *a, char *const *b)
{
        while (a && *a && b && *b) {
                int order = strcmp(*a, *b);

                if (order == 0)
                        return false;
                if (order < 0)
                        a++;
                else
                        b++;
        }
        return true;
}
