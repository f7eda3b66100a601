/* baseline.c - what units were, recorded, so that none gets looser. */
#include "core/policy/policy_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BASELINE_SCHEMA 1

static void recorded_done(struct recorded *u)
{
        for (unsigned id = 0; id < DIRECTIVE_COUNT; id++)
                value_done(&u->values[id]);
        free(u->unit);
}

void baseline_done(struct baseline *b)
{
        for (size_t i = 0; i < b->count; i++)
                recorded_done(&b->units[i]);
        free(b->units);
        *b = (struct baseline){ 0 };
}

const struct recorded *baseline_find(const struct baseline *b, const char *unit)
{
        for (size_t i = 0; i < b->count; i++)
                if (strcmp(b->units[i].unit, unit) == 0)
                        return &b->units[i];
        return NULL;
}

/* The record of unit, made where there is none. */
static struct recorded *record_of(struct baseline *b, const char *unit)
{
        struct recorded *more;

        for (size_t i = 0; i < b->count; i++)
                if (strcmp(b->units[i].unit, unit) == 0)
                        return &b->units[i];
        more = realloc(b->units, (b->count + 1) * sizeof(*more));
        if (!more)
                return NULL;
        b->units = more;
        more[b->count] = (struct recorded){ .unit = strdup(unit) };
        return more[b->count].unit ? &more[b->count++] : NULL;
}

int baseline_add(struct baseline *b, const struct sandbox *s, const struct score *score)
{
        struct recorded *u = record_of(b, s->unit);

        if (!u)
                return -ENOMEM;
        u->scored = score != NULL;
        u->exposure = score ? score->exposure : 0;
        for (unsigned id = 0; id < DIRECTIVE_COUNT; id++) {
                value_done(&u->values[id]);
                u->values[id] = (struct value){ 0 };
                u->has[id] = s->settings[id].value.set;
                if (u->has[id] && value_copy(&s->settings[id].value, &u->values[id]) < 0)
                        return -ENOMEM;
        }
        return 0;
}

int baseline_keep(struct baseline *b, struct baseline *from)
{
        for (size_t i = 0; i < from->count; i++) {
                struct recorded *u;

                if (baseline_find(b, from->units[i].unit))
                        continue;
                u = record_of(b, from->units[i].unit);
                if (!u)
                        return -ENOMEM;
                for (unsigned id = 0; id < DIRECTIVE_COUNT; id++) {
                        u->has[id] = from->units[i].has[id];
                        u->values[id] = from->units[i].values[id];
                        from->units[i].values[id] = (struct value){ 0 };
                }
                u->scored = from->units[i].scored;
                u->exposure = from->units[i].exposure;
        }
        return 0;
}

/* --- as JSON ----------------------------------------------------------------------------- */

static int put_directives(struct json *object, const struct recorded *u,
                          const struct dialect *dialect)
{
        for (unsigned id = 0; id < DIRECTIVE_COUNT; id++) {
                const struct directive *d = directive_at(id);
                scoped(strv_freep) char **lines = NULL;

                if (!u->has[id] || d->flags & NOT_A_SANDBOX)
                        continue;
                if (value_print(&u->values[id], d, dialect, &lines) < 0)
                        return -ENOMEM;
                json_texts(object, d->name, lines);
        }
        return 0;
}

static int compare_units(const void *a, const void *b)
{
        return strcmp(((const struct recorded *)a)->unit, ((const struct recorded *)b)->unit);
}

int baseline_print(const struct baseline *b, const struct dialect *dialect, char **ret)
{
        struct json *top = json_object(), *units = json_object();
        int r = 0;

        /* Sorted, so that a recorded change is a small diff. */
        if (b->count)
                qsort(b->units, b->count, sizeof(*b->units), compare_units);
        json_number(top, "gird-baseline", BASELINE_SCHEMA);
        for (size_t i = 0; r >= 0 && i < b->count; i++) {
                struct json *unit = json_object(), *directives = json_object();

                if (b->units[i].scored)
                        json_tenths(unit, "exposure", b->units[i].exposure);
                else
                        json_null(unit, "exposure");
                r = put_directives(directives, &b->units[i], dialect);
                json_put(unit, "directives", directives);
                json_put(units, b->units[i].unit, unit);
        }
        json_put(top, "units", units);
        *ret = json_take(top);
        return r < 0 ? r : *ret ? 0 : -ENOMEM;
}

static int read_schema(const struct policy_reading *r, const struct json_node *n, void *into)
{
        (void)into;
        if (json_kind(n) != JSON_NUMBER || json_value(n) != BASELINE_SCHEMA)
                return policy_wrong(r, n, "this gird knows baselines of form %d only",
                                    BASELINE_SCHEMA);
        return 0;
}

static int read_exposure(const struct policy_reading *r, const struct json_node *n, void *into)
{
        struct recorded *u = into;

        if (json_kind(n) == JSON_NULL)
                return 0;
        u->scored = true;
        return policy_exposure(r, n, &u->exposure);
}

static int read_directives(const struct policy_reading *r, const struct json_node *n, void *into)
{
        struct recorded *u = into;
        enum directive_id id;

        for (const struct json_node *one = json_first(n); one; one = json_next(one)) {
                int k = policy_directive(r, one, json_key(one), &id);

                if (k < 0)
                        return k;
                if (u->has[id])
                        return policy_wrong(r, one, "%s is there twice", json_key(one));
                u->has[id] = true;
                if (json_kind(one) != JSON_ARRAY)
                        return policy_wrong(r, one, "this must be a list of lines");
                for (const struct json_node *line = json_first(one); line; line = json_next(line)) {
                        if (!json_string(line))
                                return policy_wrong(r, line, "this must be a text");
                        k = policy_value(r, line, id, json_string(line), &u->values[id]);
                        if (k < 0)
                                return k;
                }
        }
        return 0;
}

static const struct policy_member unit_members[] = {
        { "exposure", read_exposure },
        { "directives", read_directives },
        { 0 },
};

static int read_units(const struct policy_reading *r, const struct json_node *n, void *into)
{
        struct baseline *b = into;

        if (json_kind(n) != JSON_OBJECT)
                return policy_wrong(r, n, "\"units\" must be an object");
        for (const struct json_node *one = json_first(n); one; one = json_next(one)) {
                struct recorded *u;
                int k;

                if (baseline_find(b, json_key(one)))
                        return policy_wrong(r, one, "%s is there twice", json_key(one));
                u = record_of(b, json_key(one));
                k = u ? policy_members(r, one, unit_members, u) : -ENOMEM;
                if (k < 0)
                        return k;
        }
        return 0;
}

static const struct policy_member baseline_top[] = {
        { "gird-baseline", read_schema },
        { "units", read_units },
        { 0 },
};

int baseline_read(const char *file, const char *text, const struct dialect *dialect,
                  struct baseline *ret, struct err *e)
{
        scoped(json_freep) struct json *json = NULL;
        struct policy_reading r = { .file = file, .text = text, .dialect = dialect, .e = e };
        int k = json_parse(file, text, &json, e);

        *ret = (struct baseline){ 0 };
        if (k < 0)
                return k;
        r.json = json;
        k = policy_members(&r, json_root(json), baseline_top, ret);
        if (k >= 0 && !json_member(json_root(json), "gird-baseline"))
                k = policy_wrong(
                        &r, json_root(json),
                        "this is no baseline: it does not begin with \"gird-baseline\": 1");
        if (k < 0)
                baseline_done(ret);
        return k;
}
