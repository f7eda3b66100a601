/* behaviour_json_values.c - reading the members of a behaviour's objects, each of a type and once.
 */
#include "core/observe/behaviour_json_read.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/catalogue/dialect.h"
#include "core/profile/json.h"

#include <errno.h>
#include <string.h>

int reading_wrong(const struct reading *r, const char *key, const char *what)
{
        return err_say(r->e, -EINVAL, "%s: %s%s%s %s", r->file, r->place,
                       *r->place && *key ? "." : "", key, what);
}

int reading_no_memory(const struct reading *r)
{
        return err_set(r->e, -ENOMEM, "cannot keep %s", r->file);
}

int read_members(struct reading *r, const struct json_node *object, const struct member *members,
                 void *into)
{
        if (json_kind(object) != JSON_OBJECT)
                return reading_wrong(r, "", "is no object");
        for (const struct member *m = members; m->key; m++)
                if (m->required && !json_member(object, m->key))
                        return reading_wrong(r, m->key, "is missing");
        for (const struct json_node *n = json_first(object); n; n = json_next(n)) {
                const struct member *m = members;
                int result;

                while (m->key && strcmp(m->key, json_key(n)) != 0)
                        m++;
                if (!m->key)
                        return reading_wrong(r, json_key(n), "is nothing that gird knows");
                if (json_member(object, m->key) != n)
                        return reading_wrong(r, m->key, "is there twice");
                result = m->read(r, n, into);
                if (result < 0)
                        return result;
        }
        return 0;
}

/* ---- values ---- */

static int hex_digit(char c)
{
        return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "\xNN" is that byte.  -EINVAL: it stands for a NUL, which no string here can hold. */
int decode_text(const char *text, char **ret)
{
        char *bytes = malloc(strlen(text) + 1);
        char *out = bytes;

        if (!bytes)
                return -ENOMEM;
        while (*text) {
                int high = text[0] == '\\' && text[1] == 'x' ? hex_digit(text[2]) : -1;
                int low = high >= 0 ? hex_digit(text[3]) : -1;

                if (high == 0 && low == 0) {
                        free(bytes);
                        return -EINVAL;
                }
                *out++ = low >= 0 ? (char)(high << 4 | low) : *text;
                text += low >= 0 ? 4 : 1;
        }
        *out = '\0';
        *ret = bytes;
        return 0;
}

int read_text(struct reading *r, const struct json_node *n, char **ret)
{
        const char *text = json_string(n);
        char *bytes = NULL;
        int result;

        if (!text)
                return reading_wrong(r, json_key(n), "is no text");
        if (strlen(text) > TEXT_LIMIT)
                return reading_wrong(r, json_key(n), "is too long");
        result = decode_text(text, &bytes);
        if (result == -EINVAL)
                return reading_wrong(r, json_key(n), "holds a NUL character");
        if (result < 0)
                return reading_no_memory(r);
        free(*ret);
        *ret = bytes;
        return 0;
}

int read_text_or_null(struct reading *r, const struct json_node *n, void *into)
{
        return json_kind(n) == JSON_NULL ? 0 : read_text(r, n, into);
}

/* Digits only; larger ones than JSON's numbers hold exactly are strings. */
static bool parse_digits(const char *text, uint64_t *ret)
{
        uint64_t number = 0;

        if (!*text || strlen(text) > 20 || strspn(text, "0123456789") != strlen(text))
                return false;
        for (; *text; text++) {
                uint64_t digit = (uint64_t)(*text - '0');

                if (number > (UINT64_MAX - digit) / 10)
                        return false;
                number = number * 10 + digit;
        }
        *ret = number;
        return true;
}

bool parse_number(const struct json_node *n, uint64_t *ret)
{
        double value = json_value(n);

        if (json_string(n))
                return parse_digits(json_string(n), ret);
        if (json_kind(n) != JSON_NUMBER || !(value >= 0 && value < (double)JSON_EXACT))
                return false;
        *ret = (uint64_t)value;
        return (double)*ret >= value && (double)*ret <= value;
}

int read_number(struct reading *r, const struct json_node *n, void *into)
{
        uint64_t number = 0;

        if (!parse_number(n, &number))
                return reading_wrong(r, json_key(n), "is no whole number");
        *(uint64_t *)into = number;
        return 0;
}

static bool parse_bit(const struct field *f, const char *word, uint64_t *ret)
{
        uint64_t bit = 0;
        int capability;

        if (text_starts(word, "bit ") && parse_digits(word + 4, &bit) && bit < 64) {
                *ret = UINT64_C(1) << bit;
                return true;
        }
        if (f->how != FIELD_CAPS)
                return term_number(f->terms, word, ret) == 0;
        capability = text_starts(word, "CAP_") ? capability_number(word) : -1;
        *ret = capability >= 0 && capability < 64 ? UINT64_C(1) << capability : 0;
        return *ret != 0;
}

int read_bits(struct reading *r, const struct field *f, const struct json_node *n, uint64_t *ret)
{
        uint64_t bits = 0;

        if (json_kind(n) != JSON_ARRAY)
                return reading_wrong(r, f->key, "is no list");
        for (const struct json_node *item = json_first(n); item; item = json_next(item)) {
                const char *word = json_string(item);
                uint64_t bit = 0;

                if (!word || !parse_bit(f, word, &bit))
                        return reading_wrong(r, f->key, "holds a word that gird does not know");
                if (bits & bit)
                        return reading_wrong(r, f->key, "holds a word twice");
                bits |= bit;
        }
        *ret = bits;
        return 0;
}

bool parse_word(const struct field *f, const char *word, uint64_t *ret)
{
        int number = -1;

        if (f->how == FIELD_TERM)
                return term_number(f->terms, word, ret) == 0;
        if (f->how == FIELD_SIGNAL)
                number = signal_number(word);
        else if (f->how == FIELD_ERRNO)
                number = errno_number(word);
        *ret = number > 0 ? (uint64_t)number : 0;
        return number > 0;
}
