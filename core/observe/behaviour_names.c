/* behaviour_names.c - names that nobody chose: those of temporary files, numbers of processes,
 * hashes.  A rule about such a name would hold until the next start.
 *
 * What the unit made is judged more freely: who makes a name needs its folder anyway.  Of what it
 * also removed ("temp-57.rdb"), a number is one of a process. */
#include "core/observe/behaviour_private.h"

#include <ctype.h>
#include <string.h>

static bool is_alnum(char c)
{
        return isascii(c) && isalnum((unsigned char)c);
}

static bool is_digit(char c)
{
        return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
        return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* What a run of letters and digits is made of. */
struct token {
        const char *chars;
        size_t length, digits, hexes;
        size_t tail; /* digits at its end */
};

static struct token measure(const char *chars, size_t length)
{
        struct token t = { .chars = chars, .length = length };

        for (size_t i = 0; i < length; i++) {
                t.digits += is_digit(chars[i]);
                t.hexes += is_hex(chars[i]);
                t.tail = is_digit(chars[i]) ? t.tail + 1 : 0;
        }
        return t;
}

static bool is_hash(const struct token *t, bool made)
{
        size_t letters = t->length - t->digits;

        return t->hexes == t->length && t->length >= (made ? 8 : 12) && t->digits >= 2 &&
               letters >= 2;
}

/* "foo0123456789abcdef", as systemd names what it is about to rename. */
static bool ends_in_hash(const struct token *t)
{
        struct token end = { 0 };

        if (t->length > 16)
                end = measure(t->chars + t->length - 16, 16);
        return end.hexes == 16 && end.digits >= 3;
}

static int class_of(char c)
{
        return is_digit(c) ? 0 : c >= 'a' && c <= 'z' ? 1 : 2;
}

/* The XXXXXX of mkstemp(): capitals, small letters and digits in no order.  A word has few
 * changes between them, and "Makefile" or "utf8" have one. */
static bool ends_in_noise(const struct token *t, bool made)
{
        const char *end = t->chars + t->length - 6;
        unsigned changes = 0, classes;

        if (t->length < 6)
                return false;
        classes = 1U << class_of(end[0]);
        for (size_t i = 1; i < 6; i++) {
                changes += class_of(end[i]) != class_of(end[i - 1]);
                classes |= 1U << class_of(end[i]);
        }
        if (!made)
                return changes >= 4 && classes == 7;
        return changes >= 3 || (changes == 2 && classes == 7);
}

static bool is_noise(const struct token *t, enum name_fate fate)
{
        static const size_t digits[] = { [NAME_FOUND] = 6, [NAME_MADE] = 4, [NAME_FLEETING] = 2 };
        bool made = fate != NAME_FOUND;

        if (t->digits == t->length && t->length >= digits[fate])
                return true;
        return t->tail >= (made ? 5 : 8) || is_hash(t, made) || ends_in_hash(t) ||
               ends_in_noise(t, made);
}

static bool is_uuid(const char *name, size_t length)
{
        if (length < 36)
                return false;
        for (size_t i = 0; i < 36; i++) {
                bool dash = i == 8 || i == 13 || i == 18 || i == 23;

                if (dash ? name[i] != '-' : !is_hex(name[i]))
                        return false;
        }
        return true;
}

/* Python's: "tmp" and eight of small letters, digits and '_'. */
static bool is_tmp(const char *name, size_t length)
{
        bool noise = false;

        if (length < 11 || strncmp(name, "tmp", 3) != 0)
                return false;
        for (size_t i = 3; i < 11; i++) {
                if (!is_digit(name[i]) && name[i] != '_' && !(name[i] >= 'a' && name[i] <= 'z'))
                        return false;
                noise = noise || is_digit(name[i]) || name[i] == '_';
        }
        return noise && (length == 11 || !is_alnum(name[11]));
}

/* What the kernel calls a file that never had a name. */
static bool is_unnamed(const char *name, size_t length)
{
        size_t i = 1;

        while (i < length && is_digit(name[i]))
                i++;
        return length > 1 && name[0] == '#' && i == length;
}

bool name_is_random(const char *name, size_t length, enum name_fate fate)
{
        size_t i = 0;

        if (is_unnamed(name, length) || (fate != NAME_FOUND && is_tmp(name, length)))
                return true;
        while (i < length) {
                size_t from = i;
                struct token t;

                while (i < length && is_alnum(name[i]))
                        i++;
                t = measure(name + from, i - from);
                if (t.length > 0 && (is_noise(&t, fate) || is_uuid(name + from, length - from)))
                        return true;
                i++;
        }
        return false;
}
