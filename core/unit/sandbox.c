/* sandbox.c - one unit's sandbox as it stands. */
#include "core/unit/sandbox_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void origin_done(struct origin *o)
{
        free(o->file);
        *o = (struct origin){ 0 };
}

static int origin_copy(const struct origin *o, struct origin *ret)
{
        struct origin copy = *o;

        if (o->file && !(copy.file = strdup(o->file)))
                return -ENOMEM;
        *ret = copy;
        return 0;
}

static void given_free(struct given *g)
{
        if (!g)
                return;
        value_done(&g->value);
        origin_done(&g->origin);
        free(g);
}
DEFINE_SCOPED(struct given, given_free)

static int given_new(const struct value *value, const struct origin *origin, struct given **ret)
{
        scoped(given_freep) struct given *g = calloc(1, sizeof(*g));
        int r;

        if (!g)
                return -ENOMEM;
        r = value_copy(value, &g->value);
        if (r >= 0)
                r = origin_copy(origin, &g->origin);
        if (r < 0)
                return r;
        *ret = take(g);
        return 0;
}

static void setting_done(struct setting *s)
{
        value_done(&s->value);
        origin_done(&s->origin);
        given_free(s->given);
        s->given = NULL;
}

static int setting_copy(const struct setting *s, struct setting *ret)
{
        int r = value_copy(&s->value, &ret->value);

        if (r >= 0)
                r = origin_copy(&s->origin, &ret->origin);
        if (r >= 0 && s->given)
                r = given_new(&s->given->value, &s->given->origin, &ret->given);
        return r < 0 ? r : 0;
}

int setting_keep_given(struct setting *s)
{
        if (s->given || !s->value.set)
                return 0;
        return given_new(&s->value, &s->origin, &s->given);
}

void setting_restore_given(struct setting *s)
{
        if (s->given) {
                struct given *g = take(s->given);

                setting_done(s);
                s->value = g->value;
                s->origin = g->origin;
                free(g);
        } else if (s->origin.kind == ORIGIN_IMPLIED)
                setting_done(s);
}

static void facts_done(struct unit_facts *f)
{
        free(f->description);
        free(f->fragment);
        free(f->bus_name);
        strv_free(f->dropins);
        strv_free(f->names);
        for (size_t i = 0; i < f->exec_count; i++) {
                free(f->exec[i].key);
                free(f->exec[i].prefixes);
                free(f->exec[i].path);
                free(f->exec[i].line);
        }
        free(f->exec);
        strv_free(f->requires);
        strv_free(f->triggers);
        strv_free(f->conditions);
}

static int copy_word(const char *word, char **ret)
{
        if (!word)
                return 0;
        *ret = strdup(word);
        return *ret ? 0 : -ENOMEM;
}

static int exec_line_copy(const struct exec_line *e, struct exec_line *ret)
{
        int r = copy_word(e->key, &ret->key);

        if (r >= 0)
                r = copy_word(e->prefixes, &ret->prefixes);
        if (r >= 0)
                r = copy_word(e->path, &ret->path);
        if (r >= 0)
                r = copy_word(e->line, &ret->line);
        return r;
}

/* What was copied before a failure hangs in *ret, for facts_done(). */
static int facts_copy(const struct unit_facts *f, struct unit_facts *ret)
{
        char **const *lists[] = { &f->dropins, &f->names, &f->requires, &f->triggers,
                                  &f->conditions };
        char ***copies[] = { &ret->dropins, &ret->names, &ret->requires, &ret->triggers,
                             &ret->conditions };
        int r = copy_word(f->description, &ret->description);

        if (r >= 0)
                r = copy_word(f->fragment, &ret->fragment);
        if (r >= 0)
                r = copy_word(f->bus_name, &ret->bus_name);
        for (size_t i = 0; i < COUNT(lists) && r >= 0; i++)
                r = strv_copy(*lists[i], copies[i]);
        if (r < 0 || f->exec_count == 0)
                return r;
        ret->exec = calloc(f->exec_count, sizeof(*ret->exec));
        if (!ret->exec)
                return -ENOMEM;
        ret->exec_count = f->exec_count;
        for (size_t i = 0; i < f->exec_count && r >= 0; i++)
                r = exec_line_copy(&f->exec[i], &ret->exec[i]);
        return r;
}

static void oddity_done(struct oddity *o)
{
        free(o->file);
        free(o->key);
        free(o->text);
        free(o->why);
}

static bool has_exec_context(const char *unit)
{
        static const char *const suffixes[] = { ".service", ".socket", ".mount", ".swap" };

        for (size_t i = 0; i < COUNT(suffixes); i++)
                if (text_ends(unit, suffixes[i]))
                        return true;
        return false;
}

int sandbox_new(const char *unit, enum scope scope, struct sandbox **ret)
{
        scoped(sandbox_freep) struct sandbox *s = calloc(1, sizeof(*s));

        if (!s)
                return -ENOMEM;
        s->unit = strdup(unit);
        if (!s->unit)
                return -ENOMEM;
        s->scope = scope;
        s->is_service = has_exec_context(unit);
        s->umask = 0022;
        *ret = take(s);
        return 0;
}

void sandbox_free(struct sandbox *s)
{
        if (!s)
                return;
        for (size_t i = 0; i < DIRECTIVE_COUNT; i++)
                setting_done(&s->settings[i]);
        for (size_t i = 0; i < s->oddity_count; i++)
                oddity_done(&s->oddities[i]);
        free(s->oddities);
        facts_done(&s->facts);
        free(s->load_note);
        free(s->unit);
        free(s);
}

int sandbox_copy(const struct sandbox *s, struct sandbox **ret)
{
        scoped(sandbox_freep) struct sandbox *copy = NULL;
        int r = sandbox_new(s->unit, s->scope, &copy);

        if (r < 0)
                return r;
        copy->load = s->load;
        copy->is_service = s->is_service;
        copy->umask = s->umask;
        copy->from_manager = s->from_manager;
        r = copy_word(s->load_note, &copy->load_note);
        for (size_t i = 0; i < DIRECTIVE_COUNT && r >= 0; i++)
                r = setting_copy(&s->settings[i], &copy->settings[i]);
        for (size_t i = 0; i < s->oddity_count && r >= 0; i++) {
                const struct oddity *o = &s->oddities[i];

                r = sandbox_oddity(copy, o->file, o->line, o->key, o->text, o->refused, o->why);
        }
        if (r >= 0)
                r = facts_copy(&s->facts, &copy->facts);
        if (r < 0)
                return r;
        *ret = take(copy);
        return 0;
}

void sandbox_set(struct sandbox *s, enum directive_id id, struct value *v, enum origin_kind kind)
{
        struct setting *setting = &s->settings[id];
        struct value taken = *v;

        *v = (struct value){ 0 };
        setting_done(setting);
        setting->value = taken;
        setting->origin.kind = kind;
}

int sandbox_oddity(struct sandbox *s, const char *file, unsigned line, const char *key,
                   const char *text, bool refused, const char *why)
{
        struct oddity o = { .line = line, .refused = refused };
        struct oddity *more;
        int r = copy_word(file, &o.file);

        if (r >= 0)
                r = copy_word(key, &o.key);
        if (r >= 0)
                r = copy_word(text, &o.text);
        if (r >= 0)
                r = copy_word(why, &o.why);
        more = r < 0 ? NULL : reallocarray(s->oddities, s->oddity_count + 1, sizeof(o));
        if (!more) {
                oddity_done(&o);
                return -ENOMEM;
        }
        s->oddities = more;
        s->oddities[s->oddity_count++] = o;
        return 0;
}

const char *load_state_name(enum load_state s)
{
        static const char *const names[] = {
                [LOAD_LOADED] = "loaded", [LOAD_NOT_FOUND] = "not-found",
                [LOAD_MASKED] = "masked", [LOAD_BAD_SETTING] = "bad-setting",
                [LOAD_ERROR] = "error",   [LOAD_TEMPLATE] = "template",
        };

        return names[s];
}

const char *setting_word(const struct sandbox *s, enum directive_id id)
{
        char **words = s->settings[id].value.words;

        return words ? words[0] : NULL;
}

bool setting_yes(const struct sandbox *s, enum directive_id id)
{
        const struct value *v = &s->settings[id].value;
        const struct choice *choices = directive_at(id)->choices;
        const char *word = setting_word(s, id);

        if (!v->set)
                return false;
        if (!choices)
                return v->bits != 0;
        return word && *word && strcmp(word, choices[0].value) != 0;
}
