/* policy_read.c - a policy out of JSON.  Reading is strict: a rule that is skipped is a hole in the
 * fence. */
#include "core/policy/policy_private.h"
#include "core/unit/name.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define POLICY_SCHEMA 1

static int read_schema(const struct policy_reading *r, const struct json_node *n, void *into)
{
        (void)into;
        if (json_kind(n) != JSON_NUMBER)
                return policy_wrong(r, n, "\"gird-policy\" is the number of the form, 1");
        if (json_value(n) > POLICY_SCHEMA)
                return policy_wrong(r, n,
                                    "this policy is of form %.0f, and this gird knows form %d; a "
                                    "newer gird reads it",
                                    json_value(n), POLICY_SCHEMA);
        return json_value(n) == POLICY_SCHEMA
                       ? 0
                       : policy_wrong(r, n, "there is no form %g of a policy", json_value(n));
}

/* One text, or a list of texts, none of them empty. */
static int read_texts(const struct policy_reading *r, const struct json_node *n, void *into)
{
        char ***list = into;
        const struct json_node *one = json_kind(n) == JSON_ARRAY ? json_first(n) : n;

        if (!one)
                return policy_wrong(r, n, "this list is empty");
        for (; one; one = json_kind(n) == JSON_ARRAY ? json_next(one) : NULL) {
                const char *text = json_string(one);

                if (!text || !*text)
                        return policy_wrong(r, one, "this must be a text that is not empty");
                if (strv_add(list, text) < 0)
                        return err_set(r->e, -ENOMEM, "cannot read %s", r->file);
        }
        return 0;
}

static int read_text(const struct policy_reading *r, const struct json_node *n, void *into)
{
        char **text = into;

        if (!json_string(n) || !*json_string(n))
                return policy_wrong(r, n, "this must be a text that is not empty");
        *text = text_printable_dup(json_string(n));
        return *text ? 0 : err_set(r->e, -ENOMEM, "cannot read %s", r->file);
}

static int read_flag(const struct policy_reading *r, const struct json_node *n, bool *ret)
{
        if (json_kind(n) != JSON_BOOL)
                return policy_wrong(r, n, "\"%s\" is true or false", json_key(n));
        *ret = json_value(n) != 0;
        return 0;
}

/* --- rules ------------------------------------------------------------------------------ */

/* Units' names end in their type: what cannot fit any unit would be a rule that is never asked. */
static bool fits_no_unit(const char *pattern)
{
        return !strchr("*?]", pattern[strlen(pattern) - 1]) && !name_suffix(pattern);
}

static int read_patterns(const struct policy_reading *r, const struct json_node *n, void *into)
{
        char ***list = into;
        int k = read_texts(r, n, list);

        for (char **pattern = *list; k >= 0 && pattern && *pattern; pattern++)
                if (fits_no_unit(*pattern))
                        k = policy_wrong(r, n,
                                         "\"%s\" fits no unit: a unit's name ends in .service or "
                                         "another type; is %s.service meant?",
                                         *pattern, *pattern);
        return k;
}

static int read_units(const struct policy_reading *r, const struct json_node *n, void *into)
{
        return read_patterns(r, n, &((struct policy_rule *)into)->units);
}

static int read_not(const struct policy_reading *r, const struct json_node *n, void *into)
{
        return read_patterns(r, n, &((struct policy_rule *)into)->not_units);
}

static int read_why(const struct policy_reading *r, const struct json_node *n, void *into)
{
        return read_text(r, n, &((struct policy_rule *)into)->why);
}

static int read_rule_threshold(const struct policy_reading *r, const struct json_node *n,
                               void *into)
{
        struct policy_rule *rule = into;

        rule->has_threshold = true;
        return policy_exposure(r, n, &rule->threshold);
}

static int read_own_user(const struct policy_reading *r, const struct json_node *n, void *into)
{
        return read_flag(r, n, &((struct policy_rule *)into)->own_user);
}

static int add_value(const struct policy_reading *r, const struct json_node *n,
                     struct policy_values *v)
{
        const char *text = json_string(n);
        struct value *more;

        if (!text)
                return policy_wrong(r, n, "the value of %s= must be a text, as in a unit file",
                                    directive_at(v->directive)->name);
        more = realloc(v->values, (v->count + 1) * sizeof(*more));
        if (!more || strv_add(&v->texts, text) < 0) {
                v->values = more ? more : v->values;
                return err_set(r->e, -ENOMEM, "cannot read %s", r->file);
        }
        v->values = more;
        v->values[v->count] = (struct value){ 0 };
        return policy_value(r, n, v->directive, text, &v->values[v->count++]);
}

/* {"Directive": "value"}, or a list of values of which any will do; of forbid also true. */
static int read_demand(const struct policy_reading *r, const struct json_node *n, bool may_be_true,
                       struct policy_values *v)
{
        int k = policy_directive(r, n, json_key(n), &v->directive);

        if (k < 0)
                return k;
        if (may_be_true && json_kind(n) == JSON_BOOL && json_value(n) != 0)
                return 0;
        if (json_kind(n) != JSON_ARRAY)
                return add_value(r, n, v);
        if (!json_first(n))
                return policy_wrong(r, n, "this list of values is empty");
        for (const struct json_node *one = json_first(n); k >= 0 && one; one = json_next(one))
                k = add_value(r, one, v);
        return k;
}

static int read_demands(const struct policy_reading *r, const struct json_node *n, bool may_be_true,
                        struct policy_values **list, size_t *count)
{
        if (json_kind(n) != JSON_OBJECT)
                return policy_wrong(r, n,
                                    "this must be an object: { \"ProtectSystem\": \"full\" }");
        for (const struct json_node *one = json_first(n); one; one = json_next(one)) {
                struct policy_values *more = realloc(*list, (*count + 1) * sizeof(*more));
                int k;

                if (!more)
                        return err_set(r->e, -ENOMEM, "cannot read %s", r->file);
                *list = more;
                more[*count] = (struct policy_values){ 0 };
                k = read_demand(r, one, may_be_true, &more[(*count)++]);
                if (k < 0)
                        return k;
                for (size_t i = 0; i + 1 < *count; i++)
                        if (more[i].directive == more[*count - 1].directive)
                                return policy_wrong(r, one, "%s is there twice", json_key(one));
        }
        return 0;
}

static int read_require(const struct policy_reading *r, const struct json_node *n, void *into)
{
        struct policy_rule *rule = into;

        return read_demands(r, n, false, &rule->require, &rule->require_count);
}

static int read_forbid(const struct policy_reading *r, const struct json_node *n, void *into)
{
        struct policy_rule *rule = into;

        return read_demands(r, n, true, &rule->forbid, &rule->forbid_count);
}

static const struct policy_member rule_members[] = {
        { "units", read_units },       { "not", read_not },
        { "why", read_why },           { "threshold", read_rule_threshold },
        { "require", read_require },   { "forbid", read_forbid },
        { "own-user", read_own_user }, { 0 },
};

static int read_rules(const struct policy_reading *r, const struct json_node *n, void *into)
{
        struct policy *p = into;

        if (json_kind(n) != JSON_ARRAY)
                return policy_wrong(r, n, "\"rules\" is a list: [ { … }, … ]");
        for (const struct json_node *one = json_first(n); one; one = json_next(one)) {
                struct policy_rule *more = realloc(p->rules, (p->rule_count + 1) * sizeof(*more));
                struct policy_rule *rule;
                int k;

                if (!more)
                        return err_set(r->e, -ENOMEM, "cannot read %s", r->file);
                p->rules = more;
                rule = &more[p->rule_count++];
                *rule = (struct policy_rule){ 0 };
                k = policy_members(r, one, rule_members, rule);
                if (k < 0)
                        return k;
                if (!rule->has_threshold && !rule->own_user && !rule->require_count &&
                    !rule->forbid_count)
                        return policy_wrong(r, one,
                                            "this rule demands nothing: give it \"threshold\", "
                                            "\"require\", \"forbid\" or \"own-user\"");
        }
        return 0;
}

/* --- exceptions ------------------------------------------------------------------------- */

static int read_excepted(const struct policy_reading *r, const struct json_node *n, void *into)
{
        return read_patterns(r, n, &((struct policy_exception *)into)->units);
}

static bool is_rule_name(const char *name)
{
        for (unsigned k = 0; k < FINDING_KINDS; k++)
                if (k != FINDING_REQUIRE && k != FINDING_FORBID &&
                    strcmp(finding_kind_name(k), name) == 0)
                        return true;
        return false;
}

static int read_rule_names(const struct policy_reading *r, const struct json_node *n, void *into)
{
        struct policy_exception *x = into;
        enum directive_id id;
        int k = read_texts(r, n, &x->rules);

        for (char **name = x->rules; k >= 0 && name && *name; name++)
                if (!is_rule_name(*name))
                        k = policy_directive(r, n, *name, &id);
        return k;
}

static int read_reason(const struct policy_reading *r, const struct json_node *n, void *into)
{
        return read_text(r, n, &((struct policy_exception *)into)->reason);
}

static int read_until(const struct policy_reading *r, const struct json_node *n, void *into)
{
        struct policy_exception *x = into;
        const char *text = json_string(n);
        static const unsigned char days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
        unsigned year, month, day;
        char rest;

        if (!text || strlen(text) != 10 || strspn(text, "0123456789-") != 10 ||
            sscanf(text, "%4u-%2u-%2u%c", &year, &month, &day, &rest) != 3 || text[4] != '-' ||
            text[7] != '-' || month < 1 || month > 12 || day < 1 || day > days[month - 1])
                return policy_wrong(r, n, "\"until\" is a day, such as \"2027-06-30\"");
        memcpy(x->until, text, sizeof(x->until));
        return 0;
}

static const struct policy_member exception_members[] = {
        { "units", read_excepted },
        { "rules", read_rule_names },
        { "reason", read_reason },
        { "until", read_until },
        { 0 },
};

static int read_exceptions(const struct policy_reading *r, const struct json_node *n, void *into)
{
        struct policy *p = into;

        if (json_kind(n) != JSON_ARRAY)
                return policy_wrong(r, n, "\"exceptions\" is a list: [ { … }, … ]");
        for (const struct json_node *one = json_first(n); one; one = json_next(one)) {
                struct policy_exception *more = realloc(p->exceptions,
                                                        (p->exception_count + 1) * sizeof(*more));
                struct policy_exception *x;
                unsigned column;
                int k;

                if (!more)
                        return err_set(r->e, -ENOMEM, "cannot read %s", r->file);
                p->exceptions = more;
                x = &more[p->exception_count++];
                *x = (struct policy_exception){ 0 };
                k = policy_members(r, one, exception_members, x);
                if (k < 0)
                        return k;
                if (!x->units || !x->rules || !x->reason || !*x->until)
                        return policy_wrong(r, one,
                                            "an exception needs \"units\", \"rules\", a \"reason\" "
                                            "and the day \"until\" which it holds");
                json_place(r->json, one, r->text, &x->line, &column);
        }
        return 0;
}

/* --- the whole -------------------------------------------------------------------------- */

static int read_threshold(const struct policy_reading *r, const struct json_node *n, void *into)
{
        struct policy *p = into;

        p->has_threshold = true;
        return policy_exposure(r, n, &p->threshold);
}

static int read_profiles(const struct policy_reading *r, const struct json_node *n, void *into)
{
        const char *text = json_string(n);

        if (!text || strcmp(text, "current") != 0)
                return policy_wrong(r, n, "\"profiles\" is \"current\", or is left out");
        ((struct policy *)into)->profiles = true;
        return 0;
}

static const struct policy_member policy_top[] = {
        { "gird-policy", read_schema },    { "threshold", read_threshold },
        { "profiles", read_profiles },     { "rules", read_rules },
        { "exceptions", read_exceptions }, { 0 },
};

int policy_read(const char *file, const char *text, const struct dialect *dialect,
                struct policy **ret, struct err *e)
{
        scoped(json_freep) struct json *json = NULL;
        scoped(policy_freep) struct policy *p = calloc(1, sizeof(*p));
        struct policy_reading r = { .file = file, .text = text, .dialect = dialect, .e = e };
        int k = json_parse(file, text, &json, e);

        if (k < 0)
                return k;
        if (!p || !(p->file = strdup(file)))
                return err_set(e, -ENOMEM, "cannot read %s", file);
        r.json = json;
        k = policy_members(&r, json_root(json), policy_top, p);
        if (k < 0)
                return k;
        if (!json_member(json_root(json), "gird-policy"))
                return policy_wrong(&r, json_root(json),
                                    "this is no policy: it does not begin with \"gird-policy\": 1");
        *ret = take(p);
        return 0;
}

static void values_done(struct policy_values *list, size_t count)
{
        for (size_t i = 0; i < count; i++) {
                for (size_t k = 0; k < list[i].count; k++)
                        value_done(&list[i].values[k]);
                free(list[i].values);
                strv_free(list[i].texts);
        }
        free(list);
}

void policy_free(struct policy *p)
{
        if (!p)
                return;
        for (size_t i = 0; i < p->rule_count; i++) {
                strv_free(p->rules[i].units);
                strv_free(p->rules[i].not_units);
                values_done(p->rules[i].require, p->rules[i].require_count);
                values_done(p->rules[i].forbid, p->rules[i].forbid_count);
                free(p->rules[i].why);
        }
        for (size_t i = 0; i < p->exception_count; i++) {
                strv_free(p->exceptions[i].units);
                strv_free(p->exceptions[i].rules);
                free(p->exceptions[i].reason);
        }
        free(p->rules);
        free(p->exceptions);
        free(p->file);
        free(p);
}
