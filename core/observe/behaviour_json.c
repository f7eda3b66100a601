/* behaviour_json.c - a behaviour as JSON. */
#include "core/observe/behaviour_json_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/catalogue/dialect.h"
#include "core/profile/json.h"
#include "core/profile/profile_private.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool is_hex(char c)
{
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/* A path is bytes, JSON is text: a byte that is no text becomes \xNN, and so does a backslash
 * that would read as the begin of such. */
static char *encode(const char *bytes)
{
        struct text t = { 0 };

        while (*bytes) {
                size_t n = profile_character((const unsigned char *)bytes);
                bool look_alike = bytes[0] == '\\' && bytes[1] == 'x' && is_hex(bytes[2]) &&
                                  is_hex(bytes[3]);

                if (n == 0 || look_alike)
                        text_addf(&t, "\\x%02x", (unsigned char)*bytes);
                else
                        text_addn(&t, bytes, n);
                bytes += n ? n : 1;
        }
        return text_take(&t);
}

static int put_text(struct json *object, const char *key, const char *bytes)
{
        scoped(mem_freep) char *text = bytes ? encode(bytes) : NULL;

        if (bytes && !text)
                return -ENOMEM;
        json_text(object, key, text);
        return 0;
}

static void put_number(struct json *object, const char *key, uint64_t number)
{
        char digits[24];

        if (number < JSON_EXACT) {
                json_number(object, key, (double)number);
                return;
        }
        snprintf(digits, sizeof(digits), "%" PRIu64, number);
        json_text(object, key, digits);
}

static void put_word(struct json *object, const char *key, const char *word, uint64_t number)
{
        if (word)
                json_text(object, key, word);
        else
                put_number(object, key, number);
}

static const char *bit_name(const struct field *f, unsigned bit)
{
        return f->how == FIELD_CAPS ? capability_bit_name(bit)
                                    : term_name(f->terms, UINT64_C(1) << bit);
}

/* Bits without a word are told by their place: "bit 40". */
static void put_bits(struct json *object, const struct field *f, uint64_t bits)
{
        struct json *list = json_array();
        char place[16];

        for (unsigned i = 0; i < 64; i++) {
                const char *name = bit_name(f, i);

                if (!(bits >> i & 1))
                        continue;
                snprintf(place, sizeof(place), "bit %u", i);
                json_append_text(list, name ? name : place);
        }
        json_put(object, f->key, list);
}

static void put_signal(struct json *object, const char *key, uint64_t number)
{
        const char *name = number < 128 ? sigabbrev_np((int)number) : NULL;
        char word[16];

        if (name)
                snprintf(word, sizeof(word), "SIG%s", name);
        put_word(object, key, name ? word : NULL, number);
}

static int put_field(struct json *object, const struct field *f, const struct act *a)
{
        const void *member = (const char *)a + f->offset;
        uint64_t number = field_get(f, a);
        char chars[17] = "";

        switch (f->how) {
        case FIELD_TEXT:
                return *(char *const *)member ? put_text(object, f->key, *(char *const *)member)
                                              : 0;
        case FIELD_CHARS:
                snprintf(chars, 16, "%.15s", (const char *)member);
                return chars[0] ? put_text(object, f->key, chars) : 0;
        case FIELD_WORDS:
                put_bits(object, f, number);
                return 0;
        case FIELD_NUMBER:
        case FIELD_SMALL:
        case FIELD_TERM:
        case FIELD_BITS:
        case FIELD_CAPS:
        case FIELD_SIGNAL:
        case FIELD_ERRNO:
                break;
        }
        if (number == 0)
                return 0;
        if (f->how == FIELD_BITS || f->how == FIELD_CAPS)
                put_bits(object, f, number);
        else if (f->how == FIELD_SIGNAL)
                put_signal(object, f->key, number);
        else if (f->how == FIELD_ERRNO)
                put_word(object, f->key, errno_name((int)number), number);
        else
                put_word(object, f->key, f->how == FIELD_TERM ? term_name(f->terms, number) : NULL,
                         number);
        return 0;
}

static int put_act(struct json *list, const struct act *a)
{
        scoped(json_freep) struct json *object = json_object();

        json_text(object, "kind", act_kind_name(a->kind));
        for (const struct field *f = act_fields; f->key; f++) {
                int r = f->kinds >> a->kind & 1 ? put_field(object, f, a) : 0;

                if (r < 0)
                        return r;
        }
        for (const struct term *t = flag_terms; t->name; t++)
                if (a->flags & t->number)
                        json_bool(object, t->name, true);
        json_append(list, take(object));
        return 0;
}

static int put_texts(struct json *object, const char *key, char *const *words)
{
        scoped(json_freep) struct json *list = json_array();

        for (; words && *words; words++) {
                scoped(mem_freep) char *text = encode(*words);

                if (!text)
                        return -ENOMEM;
                json_append_text(list, text);
        }
        json_put(object, key, take(list));
        return 0;
}

static int put_session(struct json *list, const struct session *s)
{
        static const struct field seen = { .key = "seen", .how = FIELD_WORDS, .terms = seen_terms };
        scoped(json_freep) struct json *object = json_object();
        int r;

        json_text(object, "stage", s->stage);
        json_text(object, "when", s->when);
        r = put_text(object, "systemd", s->systemd);
        if (r == 0)
                r = put_text(object, "kernel", s->kernel);
        if (r == 0)
                r = put_texts(object, "probes", s->probes);
        if (r == 0)
                r = put_texts(object, "notes", s->notes);
        put_number(object, "milliseconds", s->seconds_x1000);
        put_number(object, "events", s->events);
        put_number(object, "lost", s->lost);
        put_number(object, "processes", s->processes);
        put_number(object, "execs", s->execs);
        put_bits(object, &seen, s->seen);
        json_bool(object, "capabilities", s->capabilities);
        json_append(list, take(object));
        return r;
}

int behaviour_to_json(const struct behaviour *b, char **ret)
{
        scoped(json_freep) struct json *j = json_object();
        scoped(json_freep) struct json *sessions = json_array();
        scoped(json_freep) struct json *acts = json_array();
        char *printed;
        int r;

        json_number(j, "gird", BEHAVIOUR_FORMAT);
        json_text(j, "unit", b->unit);
        r = put_text(j, "binary", b->binary);
        json_text(j, "version", b->version);
        for (size_t i = 0; i < b->session_count && r == 0; i++)
                r = put_session(sessions, &b->sessions[i]);
        for (size_t i = 0; i < b->act_count && r == 0; i++)
                r = b->acts[i].kind < ACT_KINDS ? put_act(acts, &b->acts[i]) : -EINVAL;
        if (r < 0)
                return r;
        json_put(j, "sessions", take(sessions));
        json_put(j, "acts", take(acts));
        printed = json_take(take(j));
        if (!printed)
                return -ENOMEM;
        *ret = printed;
        return 0;
}
