/* behaviour_json_read.c - a behaviour from JSON.  Strict: what is read here decides what a service
 * may do, so nothing in it is skipped, and nothing is larger than what gird writes. */
#include "core/observe/behaviour_json_read.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/profile/json.h"
#include "core/profile/profile_private.h"

#include <errno.h>
#include <string.h>

/* ---- acts ---- */

static int read_chars(struct reading *r, const struct field *f, const struct json_node *n,
                      char chars[16])
{
        scoped(mem_freep) char *text = NULL;
        int result = read_text(r, n, &text);

        if (result < 0)
                return result;
        if (strlen(text) > 15)
                return reading_wrong(r, f->key, "is too long");
        memcpy(chars, text, strlen(text) + 1);
        return 0;
}

static int read_field(struct reading *r, const struct field *f, const struct json_node *n,
                      struct act *a)
{
        void *member = (char *)a + f->offset;
        const char *word = json_string(n);
        uint64_t number = 0;
        int result = 0;

        if (f->how == FIELD_TEXT)
                return read_text(r, n, member);
        if (f->how == FIELD_CHARS)
                return read_chars(r, f, n, member);
        if (f->how == FIELD_BITS || f->how == FIELD_CAPS || f->how == FIELD_WORDS)
                result = read_bits(r, f, n, &number);
        else if (!(word && parse_word(f, word, &number)) && !parse_number(n, &number))
                result = reading_wrong(r, f->key, "is nothing that gird knows");
        if (result == 0 && !field_set(f, a, number))
                result = reading_wrong(r, f->key, "is out of range");
        return result;
}

static const struct field *find_field(enum act_kind kind, const char *key)
{
        for (const struct field *f = act_fields; f->key; f++)
                if (f->kinds >> kind & 1 && strcmp(f->key, key) == 0)
                        return f;
        return NULL;
}

static int read_member(struct reading *r, const struct json_node *n, struct act *a)
{
        const char *key = json_key(n);
        const struct field *f = find_field(a->kind, key);
        uint64_t flag = 0;

        if (strcmp(key, "kind") == 0)
                return 0;
        if (f)
                return read_field(r, f, n, a);
        if (term_number(flag_terms, key, &flag) < 0)
                return reading_wrong(r, key, "is nothing that gird knows of this kind");
        if (json_kind(n) != JSON_BOOL)
                return reading_wrong(r, key, "is neither true nor false");
        if (json_value(n) > 0)
                a->flags |= (unsigned)flag;
        return 0;
}

static int read_kind(struct reading *r, const struct json_node *object, enum act_kind *ret)
{
        const char *name = json_string(json_member(object, "kind"));

        for (unsigned k = 0; name && k < ACT_KINDS; k++)
                if (strcmp(act_kind_name((enum act_kind)k), name) == 0) {
                        *ret = (enum act_kind)k;
                        return 0;
                }
        return reading_wrong(r, "kind", name ? "is no kind of act" : "is missing");
}

static int read_act(struct reading *r, const struct json_node *object)
{
        scoped(act_done) struct act a = { 0 };
        size_t before = r->behaviour->act_count;
        int result;

        if (json_kind(object) != JSON_OBJECT)
                return reading_wrong(r, "", "is no object");
        result = read_kind(r, object, &a.kind);
        for (const struct json_node *n = json_first(object); n && result == 0; n = json_next(n)) {
                if (json_member(object, json_key(n)) != n)
                        return reading_wrong(r, json_key(n), "is there twice");
                result = read_member(r, n, &a);
        }
        if (result < 0)
                return result;
        if (behaviour_add(r->behaviour, &a) < 0)
                return reading_no_memory(r);
        return r->behaviour->act_count > before ? 0 : reading_wrong(r, "", "is there already");
}

/* ---- sessions ---- */

static int read_stage(struct reading *r, const struct json_node *n, void *into)
{
        struct session *s = into;
        const char *stage = json_string(n);

        if (json_kind(n) == JSON_NULL)
                return 0;
        if (!stage || (strcmp(stage, "twin") != 0 && strcmp(stage, "live") != 0))
                return reading_wrong(r, "stage", "is neither \"twin\" nor \"live\"");
        return read_text(r, n, &s->stage);
}

static int read_texts(struct reading *r, const struct json_node *n, char ***list)
{
        if (json_kind(n) != JSON_ARRAY)
                return reading_wrong(r, json_key(n), "is no list");
        for (const struct json_node *item = json_first(n); item; item = json_next(item)) {
                scoped(mem_freep) char *text = NULL;

                if (!json_string(item) || decode_text(json_string(item), &text) == -EINVAL)
                        return reading_wrong(r, json_key(n), "holds something that is no text");
                if (!text || strv_add(list, text) < 0)
                        return reading_no_memory(r);
        }
        return 0;
}

#define SESSION_MEMBER(member, reader)                                                             \
        static int read_##member(struct reading *r, const struct json_node *n, void *into)         \
        {                                                                                          \
                struct session *s = into;                                                          \
                                                                                                   \
                return reader(r, n, &s->member);                                                   \
        }
SESSION_MEMBER(when, read_text_or_null)
SESSION_MEMBER(systemd, read_text_or_null)
SESSION_MEMBER(kernel, read_text_or_null)
SESSION_MEMBER(probes, read_texts)
SESSION_MEMBER(notes, read_texts)
SESSION_MEMBER(seconds_x1000, read_number)
SESSION_MEMBER(events, read_number)
SESSION_MEMBER(lost, read_number)
SESSION_MEMBER(processes, read_number)
SESSION_MEMBER(execs, read_number)

static int read_seen(struct reading *r, const struct json_node *n, void *into)
{
        static const struct field seen = { .key = "seen", .how = FIELD_WORDS, .terms = seen_terms };
        struct session *s = into;
        uint64_t bits = 0;
        int result = read_bits(r, &seen, n, &bits);

        s->seen = (unsigned)bits;
        return result < 0 || bits <= UINT32_MAX ? result
                                                : reading_wrong(r, "seen", "is out of range");
}

static int read_capabilities(struct reading *r, const struct json_node *n, void *into)
{
        struct session *s = into;

        if (json_kind(n) != JSON_BOOL)
                return reading_wrong(r, "capabilities", "is neither true nor false");
        s->capabilities = json_value(n) > 0;
        return 0;
}

static int read_session(struct reading *r, const struct json_node *n)
{
        static const struct member members[] = { { "stage", read_stage, true },
                                                 { "when", read_when, true },
                                                 { "systemd", read_systemd, false },
                                                 { "kernel", read_kernel, false },
                                                 { "probes", read_probes, false },
                                                 { "notes", read_notes, false },
                                                 { "milliseconds", read_seconds_x1000, true },
                                                 { "events", read_events, true },
                                                 { "lost", read_lost, true },
                                                 { "processes", read_processes, false },
                                                 { "execs", read_execs, false },
                                                 { "seen", read_seen, true },
                                                 { "capabilities", read_capabilities, true },
                                                 { NULL, NULL, false } };
        scoped(session_done) struct session s = { 0 };
        int result = read_members(r, n, members, &s);

        if (result < 0)
                return result;
        return behaviour_add_session(r->behaviour, &s) < 0 ? reading_no_memory(r) : 0;
}

/* ---- the whole ---- */

static int read_format(struct reading *r, const struct json_node *n, void *into)
{
        (void)into;
        if (json_kind(n) != JSON_NUMBER || json_value(n) < BEHAVIOUR_FORMAT)
                return reading_wrong(r, "gird", "is not the number of the format");
        if (json_value(n) > BEHAVIOUR_FORMAT)
                return err_say(r->e, -EINVAL,
                               "%s was written by a newer gird, which this one cannot read",
                               r->file);
        return 0;
}

static int read_unit(struct reading *r, const struct json_node *n, void *into)
{
        (void)into;
        if (!json_string(n) || !profile_unit_fits(json_string(n)))
                return reading_wrong(r, "unit", "is no name of a unit");
        free(r->behaviour->unit);
        r->behaviour->unit = strdup(json_string(n));
        return r->behaviour->unit ? 0 : reading_no_memory(r);
}

static int read_binary(struct reading *r, const struct json_node *n, void *into)
{
        (void)into;
        return read_text_or_null(r, n, &r->behaviour->binary);
}

static int read_version(struct reading *r, const struct json_node *n, void *into)
{
        (void)into;
        if (json_kind(n) != JSON_NULL && (!json_string(n) || !version_fits(json_string(n))))
                return reading_wrong(r, "version", "is no version of a binary");
        return read_text_or_null(r, n, &r->behaviour->version);
}

/* Each of the list's members, at most so many. */
static int read_list(struct reading *r, const struct json_node *n, size_t most,
                     int (*read)(struct reading *r, const struct json_node *n))
{
        size_t i = 0;

        if (json_kind(n) != JSON_ARRAY)
                return reading_wrong(r, json_key(n), "is no list");
        for (const struct json_node *item = json_first(n); item; item = json_next(item)) {
                int result;

                if (i == most)
                        return reading_wrong(r, json_key(n), "is too long");
                snprintf(r->place, sizeof(r->place), "%s[%zu]", json_key(n), i++);
                result = read(r, item);
                if (result < 0)
                        return result;
                r->place[0] = '\0';
        }
        return 0;
}

static int read_sessions(struct reading *r, const struct json_node *n, void *into)
{
        (void)into;
        return read_list(r, n, READ_SESSIONS, read_session);
}

static int read_acts(struct reading *r, const struct json_node *n, void *into)
{
        (void)into;
        return read_list(r, n, READ_ACTS, read_act);
}

static int read_behaviour(struct reading *r, const struct json_node *root)
{
        static const struct member members[] = {
                { "gird", read_format, true },
                { "unit", read_unit, true },
                { "binary", read_binary, false },
                { "version", read_version, false },
                { "sessions", read_sessions, true },
                { "acts", read_acts, true },
                { NULL, NULL, false },
        };

        /* First of all: a newer format may mean other things by the same words. */
        if (json_kind(root) == JSON_OBJECT && json_member(root, "gird")) {
                int result = read_format(r, json_member(root, "gird"), NULL);

                if (result < 0)
                        return result;
        }
        return read_members(r, root, members, NULL);
}

int behaviour_from_json(const char *file, const char *text, struct behaviour **ret, struct err *e)
{
        scoped(json_freep) struct json *j = NULL;
        scoped(behaviour_freep) struct behaviour *b = NULL;
        struct reading r = { .file = file, .e = e };
        int result;

        if (strnlen(text, BEHAVIOUR_FILE_LIMIT + 1) > BEHAVIOUR_FILE_LIMIT)
                return err_say(e, -EFBIG, "%s is larger than any behaviour", file);
        result = json_parse(file, text, &j, e);
        if (result < 0)
                return result;
        result = behaviour_new("", &b);
        if (result < 0)
                return err_set(e, result, "cannot keep %s", file);
        r.behaviour = b;
        result = read_behaviour(&r, json_root(j));
        if (result < 0)
                return result;
        *ret = take(b);
        return 0;
}
