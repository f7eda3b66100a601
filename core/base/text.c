/* text.c - growing strings, lists of strings, and strings from outside made harmless. */
#include "core/base/text.h"

#include "core/base/mem.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool grow(struct text *t, size_t more)
{
        size_t need = t->length + more + 1;
        size_t room = t->room ? t->room : 64;
        char *chars;

        if (t->failed || need < more)
                return false;
        while (room < need)
                room *= 2;
        if (room == t->room)
                return true;
        chars = realloc(t->chars, room);
        if (!chars) {
                t->failed = true;
                return false;
        }
        t->chars = chars;
        t->room = room;
        return true;
}

void text_addn(struct text *t, const char *chars, size_t n)
{
        if (!grow(t, n))
                return;
        memcpy(t->chars + t->length, chars, n);
        t->length += n;
        t->chars[t->length] = '\0';
}

void text_add(struct text *t, const char *chars)
{
        text_addn(t, chars, strlen(chars));
}

void text_addv(struct text *t, const char *fmt, va_list args)
{
        va_list again;
        int n;

        va_copy(again, args);
        n = vsnprintf(NULL, 0, fmt, args);
        if (n < 0)
                t->failed = true;
        else if (grow(t, (size_t)n)) {
                vsnprintf(t->chars + t->length, (size_t)n + 1, fmt, again);
                t->length += (size_t)n;
        }
        va_end(again);
}

void text_addf(struct text *t, const char *fmt, ...)
{
        va_list args;

        va_start(args, fmt);
        text_addv(t, fmt, args);
        va_end(args);
}

char *text_take(struct text *t)
{
        char *chars;

        if (!t->chars)
                text_addn(t, "", 0);
        chars = t->failed ? NULL : take(t->chars);
        text_done(t);
        return chars;
}

void text_done(struct text *t)
{
        free(t->chars);
        *t = (struct text){ 0 };
}

/* Decodes one UTF-8 character; returns its length, 0 if the bytes are not one. */
static size_t decode(const unsigned char *in, uint32_t *ret)
{
        static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
        size_t n = in[0] < 0x80       ? 1
                   : in[0] >> 5 == 6  ? 2
                   : in[0] >> 4 == 14 ? 3
                   : in[0] >> 3 == 30 ? 4
                                      : 0;
        uint32_t c;

        if (n == 0)
                return 0;
        c = n == 1 ? in[0] : in[0] & (0xffU >> (n + 1));
        for (size_t i = 1; i < n; i++) {
                if (in[i] >> 6 != 2)
                        return 0;
                c = c << 6 | (in[i] & 0x3f);
        }
        if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
                return 0;
        *ret = c;
        return n;
}

/* Characters that act on a terminal or hide what stands beside them. */
static bool is_harmful(uint32_t c)
{
        static const struct {
                uint32_t from, to;
        } ranges[] = { { 0, 0x1f },         { 0x7f, 0x9f },     { 0xad, 0xad },
                       { 0x61c, 0x61c },    { 0x180e, 0x180e }, { 0x200b, 0x200f },
                       { 0x2028, 0x202e },  { 0x2060, 0x206f }, { 0xfe00, 0xfe0f },
                       { 0xfeff, 0xfeff },  { 0xfff0, 0xfffb }, { 0x1d173, 0x1d17a },
                       { 0xe0000, 0xe0fff } };

        for (size_t i = 0; i < COUNT(ranges); i++)
                if (c >= ranges[i].from && c <= ranges[i].to)
                        return true;
        return false;
}

void text_printable(char *out, size_t room, const char *in)
{
        const unsigned char *bytes = (const unsigned char *)in;
        size_t used = 0;

        while (*bytes) {
                uint32_t c = 0;
                size_t n = decode(bytes, &c);
                bool harmful = n == 0 || is_harmful(c);
                size_t width = harmful ? 1 : n;

                if (used + width + 1 > room)
                        break;
                if (harmful)
                        out[used] = c == '\t' && n == 1 ? ' ' : '?';
                else
                        memcpy(out + used, bytes, n);
                used += width;
                bytes += n ? n : 1;
        }
        if (room)
                out[used] = '\0';
}

char *text_printable_dup(const char *in)
{
        size_t room = strlen(in) + 1;
        char *out = malloc(room);

        if (out)
                text_printable(out, room, in);
        return out;
}

size_t strv_length(char *const *list)
{
        size_t n = 0;

        while (list && list[n])
                n++;
        return n;
}

bool strv_has(char *const *list, const char *word)
{
        for (; list && *list; list++)
                if (strcmp(*list, word) == 0)
                        return true;
        return false;
}

int strv_addn(char ***list, const char *chars, size_t n)
{
        size_t length = strv_length(*list);
        char *copy = strndup(chars, n);
        char **longer;

        if (!copy)
                return -ENOMEM;
        longer = realloc(*list, (length + 2) * sizeof(*longer));
        if (!longer) {
                free(copy);
                return -ENOMEM;
        }
        longer[length] = copy;
        longer[length + 1] = NULL;
        *list = longer;
        return 0;
}

int strv_add(char ***list, const char *word)
{
        return strv_addn(list, word, strlen(word));
}

int strv_addf(char ***list, const char *fmt, ...)
{
        scoped(mem_freep) char *word = NULL;
        struct text t = { 0 };
        va_list args;

        va_start(args, fmt);
        text_addv(&t, fmt, args);
        va_end(args);
        word = text_take(&t);
        return word ? strv_add(list, word) : -ENOMEM;
}

int strv_copy(char *const *list, char ***ret)
{
        scoped(strv_freep) char **copy = NULL;

        for (; list && *list; list++) {
                int r = strv_add(&copy, *list);

                if (r < 0)
                        return r;
        }
        *ret = take(copy);
        return 0;
}

int strv_split(const char *chars, const char *separators, char ***ret)
{
        scoped(strv_freep) char **list = NULL;

        for (;;) {
                size_t n;
                int r;

                chars += strspn(chars, separators);
                if (!*chars)
                        break;
                n = strcspn(chars, separators);
                r = strv_addn(&list, chars, n);
                if (r < 0)
                        return r;
                chars += n;
        }
        *ret = take(list);
        return 0;
}

char *strv_join(char *const *list, const char *separator)
{
        struct text t = { 0 };

        for (size_t i = 0; list && list[i]; i++) {
                if (i)
                        text_add(&t, separator);
                text_add(&t, list[i]);
        }
        return text_take(&t);
}

bool strv_equal(char *const *a, char *const *b)
{
        size_t n = strv_length(a);

        if (n != strv_length(b))
                return false;
        for (size_t i = 0; i < n; i++)
                if (strcmp(a[i], b[i]) != 0)
                        return false;
        return true;
}

void strv_remove(char **list, const char *word)
{
        char **keep = list;

        for (; list && *list; list++) {
                if (strcmp(*list, word) == 0)
                        free(*list);
                else
                        *keep++ = *list;
        }
        if (keep)
                *keep = NULL;
}

static int by_name(const void *a, const void *b)
{
        return strcmp(*(char *const *)a, *(char *const *)b);
}

void strv_sort(char **list)
{
        size_t n = strv_length(list);

        if (n > 1)
                qsort(list, n, sizeof(*list), by_name);
}

void strv_free(char **list)
{
        for (char **word = list; word && *word; word++)
                free(*word);
        free(list);
}

bool text_starts(const char *chars, const char *prefix)
{
        return strncmp(chars, prefix, strlen(prefix)) == 0;
}

bool text_ends(const char *chars, const char *suffix)
{
        size_t n = strlen(chars);
        size_t m = strlen(suffix);

        return n >= m && memcmp(chars + n - m, suffix, m) == 0;
}

char *text_format(const char *fmt, ...)
{
        struct text t = { 0 };
        va_list args;

        va_start(args, fmt);
        text_addv(&t, fmt, args);
        va_end(args);
        return text_take(&t);
}
