/* policy_json.c - what the readers of policies and baselines share: each fault is told with its
 * place. */
#include "core/policy/policy_private.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int policy_wrong(const struct policy_reading *r, const struct json_node *n, const char *fmt, ...)
{
        char words[320];
        unsigned line, column;
        va_list args;

        va_start(args, fmt);
        vsnprintf(words, sizeof(words), fmt, args);
        va_end(args);
        json_place(r->json, n, r->text, &line, &column);
        return err_say(r->e, -EINVAL, "%s:%u:%u: %s", r->file, line, column, words);
}

static const struct policy_member *find_member(const struct policy_member *members, const char *key)
{
        for (; members->key; members++)
                if (strcmp(members->key, key) == 0)
                        return members;
        return NULL;
}

/* "did you mean …" is left to the reader: there are few members, so all are named. */
static int unknown_member(const struct policy_reading *r, const struct json_node *n,
                          const struct policy_member *members)
{
        scoped(strv_freep) char **names = NULL;
        scoped(mem_freep) char *list = NULL;

        for (; members->key; members++)
                if (strv_add(&names, members->key) < 0)
                        return -ENOMEM;
        list = strv_join(names, ", ");
        return policy_wrong(r, n, "\"%s\" is nothing that gird knows here; there are: %s",
                            json_key(n), list ? list : "");
}

int policy_members(const struct policy_reading *r, const struct json_node *object,
                   const struct policy_member *members, void *into)
{
        if (json_kind(object) != JSON_OBJECT)
                return policy_wrong(r, object, "this must be an object: { … }");
        for (const struct json_node *n = json_first(object); n; n = json_next(n)) {
                const struct policy_member *m = find_member(members, json_key(n));
                int k;

                if (!m)
                        return unknown_member(r, n, members);
                if (json_member(object, m->key) != n)
                        return policy_wrong(r, n, "\"%s\" is there twice", m->key);
                k = m->read(r, n, into);
                if (k < 0)
                        return k;
        }
        return 0;
}

int policy_directive(const struct policy_reading *r, const struct json_node *n, const char *name,
                     enum directive_id *ret)
{
        const struct directive *d = directive_find(name);
        const char *near = d ? NULL : profile_nearest(name);

        if (!d && near)
                return policy_wrong(r, n, "there is no directive \"%s\"; is %s meant?", name, near);
        if (!d)
                return policy_wrong(r, n, "there is no directive \"%s\"", name);
        *ret = d->id;
        return 0;
}

int policy_value(const struct policy_reading *r, const struct json_node *n, enum directive_id id,
                 const char *text, struct value *v)
{
        struct err note = { 0 };
        int k = value_assign(v, directive_at(id), r->dialect, text, &note);

        if (k < 0)
                return err_set(r->e, k, "cannot read %s", r->file);
        if (k != ASSIGN_TAKEN || note.text[0])
                return policy_wrong(r, n, "%s=%s: %s", directive_at(id)->name, text,
                                    note.text[0] ? note.text : "systemd does not take this value");
        return 0;
}

int policy_exposure(const struct policy_reading *r, const struct json_node *n, unsigned *ret)
{
        double number = json_value(n);

        if (json_kind(n) != JSON_NUMBER || !(number >= 0 && number <= 10))
                return policy_wrong(r, n, "an exposure is a number from 0 to 10, such as 5.0");
        *ret = (unsigned)(number * 10 + 0.5);
        return 0;
}

bool policy_matches(char *const *patterns, const char *unit)
{
        for (; patterns && *patterns; patterns++)
                if (fnmatch(*patterns, unit, 0) == 0)
                        return true;
        return false;
}
