/* search_wire.c - an outcome between processes, as JSON: what comes back is checked as if it came
 * from a stranger, since a worker may die at any byte. */
#include "core/trial/search_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/profile/json.h"
#include "core/trial/trial_private.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { LIST_LONG = 4096 };

/* ---- from a trial ---- */

void outcome_from(struct trial *t, struct outcome *ret)
{
        *ret = (struct outcome){
                .verdict = t->verdict,
                .summary = take(t->summary),
                .suspects = take(t->suspects),
                .suspect_count = t->suspect_count,
                .denials = take(t->denials),
                .denial_count = t->denial_count,
                .not_rehearsed = take(t->not_rehearsed),
                .not_rehearsed_count = t->not_rehearsed_count,
                .probes = take(t->probes),
                .probe_count = t->probe_count,
                .notes = take(t->notes),
                .watched = t->watched,
                .restarts = t->baseline.restart.done && t->baseline.restart.ok,
                .restart_fails = t->baseline.restart.done && !t->baseline.restart.ok,
                .seconds_x1000 = t->seconds_x1000,
        };
        t->suspect_count = t->denial_count = t->not_rehearsed_count = t->probe_count = 0;
}

/* ---- writing ---- */

static const char *name_of(enum directive_id id)
{
        return id < DIRECTIVE_COUNT ? directive_at(id)->name : NULL;
}

static struct json *suspect_json(const struct suspect *s)
{
        struct json *o = json_object();

        json_text(o, "directive", name_of(s->directive));
        json_number(o, "weight", s->weight);
        json_text(o, "why", s->why);
        return o;
}

/* A double holds no more. */
static const uint64_t HUGE_NUMBER = UINT64_C(1) << 53;

static void json_count(struct json *o, const char *key, uint64_t count)
{
        json_number(o, key, (double)(count < HUGE_NUMBER ? count : HUGE_NUMBER));
}

/* Arguments of calls are any 64 bits. */
static void json_bits(struct json *o, const char *key, uint64_t bits)
{
        char text[24];

        snprintf(text, sizeof(text), "%llx", (unsigned long long)bits);
        json_text(o, key, text);
}

static struct json *denial_json(const struct denial *d)
{
        struct json *o = json_object();

        json_text(o, "directive", name_of(d->directive));
        json_number(o, "source", d->source);
        json_number(o, "error", d->error);
        json_number(o, "signal", d->signal);
        json_count(o, "count", d->count);
        json_count(o, "after", d->after);
        json_number(o, "kind", d->deed.kind);
        json_bits(o, "a", d->deed.a);
        json_bits(o, "b", d->deed.b);
        json_bits(o, "c", d->deed.c);
        json_text(o, "path", d->path);
        json_text(o, "call", d->call);
        json_text(o, "capability", d->capability);
        json_text(o, "process", d->process);
        json_text(o, "message", d->message);
        json_text(o, "key", d->key);
        json_text(o, "accepted", d->accepted);
        return o;
}

static struct json *probe_json(const struct probe_result *p)
{
        struct json *o = json_object();

        json_text(o, "command", p->command);
        json_bool(o, "builtin", p->builtin);
        json_bool(o, "baseline", p->baseline_ok);
        json_bool(o, "trial", p->trial_ok);
        json_bool(o, "ran", p->trial_ran);
        json_number(o, "failed", p->failed);
        json_text(o, "said", p->said);
        return o;
}

char *wire_write(const struct outcome *o)
{
        struct json *whole = json_object(), *suspects = json_array(), *denials = json_array(),
                    *names = json_array(), *probes = json_array();

        for (size_t i = 0; i < o->suspect_count; i++)
                json_append(suspects, suspect_json(&o->suspects[i]));
        for (size_t i = 0; i < o->denial_count; i++)
                json_append(denials, denial_json(&o->denials[i]));
        for (size_t i = 0; i < o->not_rehearsed_count; i++)
                json_append_text(names, name_of(o->not_rehearsed[i]));
        for (size_t i = 0; i < o->probe_count; i++)
                json_append(probes, probe_json(&o->probes[i]));
        json_text(whole, "verdict", verdict_name(o->verdict));
        json_text(whole, "summary", o->summary);
        json_count(whole, "seconds_x1000", o->seconds_x1000);
        json_bool(whole, "watched", o->watched);
        json_bool(whole, "restarts", o->restarts);
        json_bool(whole, "restart_fails", o->restart_fails);
        json_put(whole, "suspects", suspects);
        json_put(whole, "denials", denials);
        json_put(whole, "not_rehearsed", names);
        json_put(whole, "probes", probes);
        json_texts(whole, "notes", o->notes);
        return json_take(whole);
}

/* ---- reading: a fault sticks ---- */

struct reading {
        int fault;
};

static int fail(struct reading *r, int fault)
{
        if (r->fault == 0)
                r->fault = fault;
        return fault;
}

/* null is NULL. */
static char *text_of(struct reading *r, const struct json_node *o, const char *key)
{
        const struct json_node *n = json_member(o, key);
        char *copy;

        if (!n || json_kind(n) == JSON_NULL)
                return NULL;
        if (json_kind(n) != JSON_TEXT) {
                fail(r, -EBADMSG);
                return NULL;
        }
        copy = strdup(json_string(n));
        if (!copy)
                fail(r, -ENOMEM);
        return copy;
}

static uint64_t number_of(struct reading *r, const struct json_node *o, const char *key,
                          uint64_t most)
{
        const struct json_node *n = json_member(o, key);
        double v = n ? json_value(n) : -1;

        if (!n || json_kind(n) != JSON_NUMBER || !(v >= 0) || v > (double)most ||
            v != (double)(uint64_t)v) {
                fail(r, -EBADMSG);
                return 0;
        }
        return (uint64_t)v;
}

static uint64_t bits_of(struct reading *r, const struct json_node *o, const char *key)
{
        scoped(mem_freep) char *text = text_of(r, o, key);

        if (!text || !*text || text[strspn(text, "0123456789abcdef")] || strlen(text) > 16) {
                fail(r, -EBADMSG);
                return 0;
        }
        return strtoull(text, NULL, 16);
}

static bool bool_of(struct reading *r, const struct json_node *o, const char *key)
{
        const struct json_node *n = json_member(o, key);

        if (!n || json_kind(n) != JSON_BOOL) {
                fail(r, -EBADMSG);
                return false;
        }
        return json_value(n) != 0;
}

static enum directive_id directive_named(struct reading *r, const char *name)
{
        const struct directive *d = name ? directive_find(name) : NULL;

        if (name && !d)
                fail(r, -EBADMSG);
        return d ? d->id : DIRECTIVE_COUNT;
}

static enum directive_id directive_of(struct reading *r, const struct json_node *o)
{
        scoped(mem_freep) char *name = text_of(r, o, "directive");

        return directive_named(r, name);
}

/* Room for the members of a list, zeroed; *ret_first: the first of them. */
static void *list_of(struct reading *r, const struct json_node *o, const char *key, size_t size,
                     const struct json_node **ret_first)
{
        const struct json_node *list = json_member(o, key);
        size_t count = 0;
        void *room;

        *ret_first = NULL;
        if (!list || json_kind(list) != JSON_ARRAY) {
                fail(r, -EBADMSG);
                return NULL;
        }
        for (const struct json_node *n = json_first(list); n; n = json_next(n))
                count++;
        if (count > LIST_LONG) {
                fail(r, -EBADMSG);
                return NULL;
        }
        room = calloc(count + 1, size);
        if (!room)
                fail(r, -ENOMEM);
        else
                *ret_first = json_first(list);
        return room;
}

static void read_suspects(struct reading *r, const struct json_node *o, struct outcome *ret)
{
        const struct json_node *n;

        ret->suspects = list_of(r, o, "suspects", sizeof(*ret->suspects), &n);
        for (; n; n = json_next(n)) {
                struct suspect *s = &ret->suspects[ret->suspect_count++];

                s->directive = directive_of(r, n);
                s->weight = (unsigned)number_of(r, n, "weight", 100);
                s->why = text_of(r, n, "why");
                if (s->directive == DIRECTIVE_COUNT)
                        fail(r, -EBADMSG);
        }
}

static void read_denials(struct reading *r, const struct json_node *o, struct outcome *ret)
{
        const struct json_node *n;

        ret->denials = list_of(r, o, "denials", sizeof(*ret->denials), &n);
        for (; n; n = json_next(n)) {
                struct denial *d = &ret->denials[ret->denial_count++];

                d->directive = directive_of(r, n);
                d->source = (enum denial_source)number_of(r, n, "source", DENIAL_ASKED);
                d->error = (int)number_of(r, n, "error", 4095);
                d->signal = (int)number_of(r, n, "signal", 64);
                d->count = number_of(r, n, "count", HUGE_NUMBER);
                d->after = number_of(r, n, "after", HUGE_NUMBER);
                d->deed.kind = (enum act_kind)number_of(r, n, "kind", ACT_KINDS);
                d->deed.a = bits_of(r, n, "a");
                d->deed.b = bits_of(r, n, "b");
                d->deed.c = bits_of(r, n, "c");
                d->path = text_of(r, n, "path");
                d->call = text_of(r, n, "call");
                d->capability = text_of(r, n, "capability");
                d->process = text_of(r, n, "process");
                d->message = text_of(r, n, "message");
                d->key = text_of(r, n, "key");
                d->accepted = text_of(r, n, "accepted");
        }
}

static void read_probes(struct reading *r, const struct json_node *o, struct outcome *ret)
{
        const struct json_node *n;

        ret->probes = list_of(r, o, "probes", sizeof(*ret->probes), &n);
        for (; n; n = json_next(n)) {
                struct probe_result *p = &ret->probes[ret->probe_count++];

                p->command = text_of(r, n, "command");
                p->builtin = bool_of(r, n, "builtin");
                p->baseline_ok = bool_of(r, n, "baseline");
                p->trial_ok = bool_of(r, n, "trial");
                p->trial_ran = bool_of(r, n, "ran");
                p->failed = (enum moment)number_of(r, n, "failed", MOMENT_RESTARTED);
                p->said = text_of(r, n, "said");
                if (!p->command)
                        fail(r, -EBADMSG);
        }
}

static void read_rest(struct reading *r, const struct json_node *o, struct outcome *ret)
{
        const struct json_node *n = NULL;
        scoped(mem_freep) char *verdict = text_of(r, o, "verdict");
        enum verdict v = VERDICT_NOT_TRIED;

        if (!verdict || verdict_parse(verdict, &v) < 0)
                fail(r, -EBADMSG);
        ret->verdict = v;
        ret->summary = text_of(r, o, "summary");
        if (!ret->summary)
                fail(r, -EBADMSG);
        ret->watched = bool_of(r, o, "watched");
        ret->restarts = bool_of(r, o, "restarts");
        ret->restart_fails = bool_of(r, o, "restart_fails");
        ret->seconds_x1000 = number_of(r, o, "seconds_x1000", HUGE_NUMBER);
        ret->not_rehearsed = list_of(r, o, "not_rehearsed", sizeof(*ret->not_rehearsed), &n);
        for (; n; n = json_next(n)) {
                enum directive_id id = directive_named(r, json_string(n));

                if (id == DIRECTIVE_COUNT)
                        fail(r, -EBADMSG);
                ret->not_rehearsed[ret->not_rehearsed_count++] = id;
        }
        n = json_member(o, "notes");
        for (n = n && json_kind(n) == JSON_ARRAY ? json_first(n) : NULL; n; n = json_next(n))
                if (!json_string(n) || strv_add(&ret->notes, json_string(n)) < 0)
                        fail(r, -EBADMSG);
}

int wire_read(const char *text, struct outcome *ret)
{
        scoped(json_freep) struct json *j = NULL;
        scoped(outcome_done) struct outcome o = { 0 };
        struct reading reading = { 0 };
        const struct json_node *root;
        int r = json_parse("outcome", text, &j, NULL);

        if (r < 0)
                return r == -ENOMEM ? r : -EBADMSG;
        root = json_root(j);
        if (json_kind(root) != JSON_OBJECT)
                return -EBADMSG;
        read_rest(&reading, root, &o);
        read_suspects(&reading, root, &o);
        read_denials(&reading, root, &o);
        read_probes(&reading, root, &o);
        if (reading.fault < 0)
                return reading.fault;
        *ret = o;
        o = (struct outcome){ 0 };
        return 0;
}
