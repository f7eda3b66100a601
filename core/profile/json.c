/* json.c - the door to cJSON. */
#include "core/profile/json.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/profile/profile_private.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

struct json {
        cJSON *item;
        bool failed; /* memory ran out somewhere below */
};

static struct json *wrap(cJSON *item)
{
        struct json *j = item ? calloc(1, sizeof(*j)) : NULL;

        if (!j)
                cJSON_Delete(item);
        else
                j->item = item;
        return j;
}

struct json *json_object(void)
{
        return wrap(cJSON_CreateObject());
}

struct json *json_array(void)
{
        return wrap(cJSON_CreateArray());
}

void json_free(struct json *j)
{
        if (!j)
                return;
        cJSON_Delete(j->item);
        free(j);
}

/* Puts item, which may be NULL for want of memory, into parent: by key, or at its end. */
static void add(struct json *parent, const char *key, cJSON *item)
{
        cJSON_bool added = false;

        if (parent && item)
                added = key ? cJSON_AddItemToObject(parent->item, key, item)
                            : cJSON_AddItemToArray(parent->item, item);
        if (added)
                return;
        cJSON_Delete(item);
        if (parent)
                parent->failed = true;
}

static bool is_valid(const char *text)
{
        while (*text) {
                size_t n = profile_character((const unsigned char *)text);

                if (n == 0)
                        return false;
                text += n;
        }
        return true;
}

/* A string, with U+FFFD where its bytes are no text. */
static cJSON *make_string(const char *text)
{
        scoped(mem_freep) char *valid = NULL;
        struct text t = { 0 };

        if (is_valid(text))
                return cJSON_CreateString(text);
        while (*text) {
                size_t n = profile_character((const unsigned char *)text);

                text_addn(&t, n ? text : "\xef\xbf\xbd", n ? n : 3);
                text += n ? n : 1;
        }
        valid = text_take(&t);
        return valid ? cJSON_CreateString(valid) : NULL;
}

void json_text(struct json *object, const char *key, const char *text)
{
        add(object, key, text ? make_string(text) : cJSON_CreateNull());
}

void json_number(struct json *object, const char *key, double number)
{
        add(object, key, cJSON_CreateNumber(number));
}

void json_tenths(struct json *object, const char *key, unsigned tenths)
{
        char digits[32]; /* not through a double: no locale, no rounding */

        snprintf(digits, sizeof(digits), "%u.%u", tenths / 10, tenths % 10);
        add(object, key, cJSON_CreateRaw(digits));
}

void json_bool(struct json *object, const char *key, bool value)
{
        add(object, key, cJSON_CreateBool(value));
}

void json_null(struct json *object, const char *key)
{
        add(object, key, cJSON_CreateNull());
}

void json_texts(struct json *object, const char *key, char *const *list)
{
        struct json *array = json_array();

        for (; list && *list; list++)
                json_append_text(array, *list);
        json_put(object, key, array);
}

/* Moves what child holds, and its failure, into parent. */
static void adopt(struct json *parent, const char *key, struct json *child)
{
        if (parent && (!child || child->failed))
                parent->failed = true;
        if (child)
                add(parent, key, take(child->item));
        json_free(child);
}

void json_put(struct json *object, const char *key, struct json *child)
{
        adopt(object, key, child);
}

void json_append(struct json *array, struct json *child)
{
        adopt(array, NULL, child);
}

void json_append_text(struct json *array, const char *text)
{
        add(array, NULL, text ? make_string(text) : cJSON_CreateNull());
}

/* Characters that cJSON prints as they are, but that act on a terminal or hide text. */
static bool is_harmful(unsigned c)
{
        return (c >= 0x7f && c <= 0x9f) || (c >= 0x200b && c <= 0x200f) ||
               (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff;
}

/* The character of two or three bytes at in; 0 for others. */
static unsigned code(const unsigned char *in, size_t n)
{
        if (n == 1)
                return in[0];
        if (n == 2)
                return (in[0] & 0x1fU) << 6 | (in[1] & 0x3fU);
        if (n == 3)
                return (in[0] & 0x0fU) << 12 | (in[1] & 0x3fU) << 6 | (in[2] & 0x3fU);
        return 0;
}

/* The same document with these characters as \u….  They can only stand in strings. */
static char *escape(const char *printed)
{
        struct text t = { 0 };
        const char *start = printed;

        while (*printed) {
                size_t n = profile_character((const unsigned char *)printed);
                unsigned c = code((const unsigned char *)printed, n);

                if (is_harmful(c)) {
                        text_addn(&t, start, (size_t)(printed - start));
                        text_addf(&t, "\\u%04x", c);
                        start = printed + n;
                }
                printed += n ? n : 1;
        }
        text_add(&t, start);
        return text_take(&t);
}

char *json_take(struct json *j)
{
        char *printed = j && !j->failed ? cJSON_Print(j->item) : NULL;
        char *safe = printed ? escape(printed) : NULL;

        cJSON_free(printed);
        json_free(j);
        return safe;
}

/* "\u0000" would end the string early. */
static const char *find_nul(const char *text)
{
        for (; *text; text++) {
                if (*text != '\\')
                        continue;
                if (strncmp(text + 1, "u0000", 5) == 0)
                        return text;
                if (text[1])
                        text++;
        }
        return NULL;
}

static unsigned line_of(const char *text, const char *place)
{
        unsigned line = 1;

        for (; place && *text && text < place; text++)
                line += *text == '\n';
        return line;
}

int json_parse(const char *file, const char *text, struct json **ret, struct err *e)
{
        const char *nul = find_nul(text);
        const char *end = NULL;
        cJSON *item;

        if (!is_valid(text))
                return err_say(e, -EILSEQ, "%s: not valid UTF-8, so not JSON", file);
        if (nul)
                return err_say(e, -EINVAL, "%s:%u: a string holds a NUL character", file,
                               line_of(text, nul));
        item = cJSON_ParseWithOpts(text, &end, true);
        if (!item)
                return err_say(e, -EINVAL, "%s:%u: this is not JSON", file, line_of(text, end));
        *ret = wrap(item);
        return *ret ? 0 : err_set(e, -ENOMEM, "cannot keep %s", file);
}

static const struct json_node *node(const cJSON *item)
{
        return (const struct json_node *)item;
}

static const cJSON *item_of(const struct json_node *n)
{
        return (const cJSON *)n;
}

const struct json_node *json_root(const struct json *j)
{
        return node(j->item);
}

const struct json_node *json_first(const struct json_node *n)
{
        return n ? node(item_of(n)->child) : NULL;
}

const struct json_node *json_next(const struct json_node *n)
{
        return node(item_of(n)->next);
}

const struct json_node *json_member(const struct json_node *object, const char *key)
{
        return node(cJSON_GetObjectItemCaseSensitive(item_of(object), key));
}

enum json_kind json_kind(const struct json_node *n)
{
        const cJSON *item = item_of(n);

        if (cJSON_IsBool(item))
                return JSON_BOOL;
        if (cJSON_IsNumber(item))
                return JSON_NUMBER;
        if (cJSON_IsString(item))
                return JSON_TEXT;
        if (cJSON_IsArray(item))
                return JSON_ARRAY;
        return cJSON_IsObject(item) ? JSON_OBJECT : JSON_NULL;
}

const char *json_key(const struct json_node *n)
{
        return item_of(n)->string;
}

const char *json_string(const struct json_node *n)
{
        return n && cJSON_IsString(item_of(n)) ? item_of(n)->valuestring : NULL;
}

double json_value(const struct json_node *n)
{
        const cJSON *item = item_of(n);

        if (!n)
                return 0;
        return cJSON_IsBool(item)     ? cJSON_IsTrue(item)
               : cJSON_IsNumber(item) ? item->valuedouble
                                      : 0;
}
