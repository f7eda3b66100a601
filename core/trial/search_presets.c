/* search_presets.c - the starting sets, for a unit as it is. */
#include "core/trial/search_private.h"

#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <string.h>

enum preset { PRESET_BASELINE, PRESET_STRICT, PRESETS };
enum whom { WHOM_ANYONE, WHOM_OTHERS /* whom root does not run */ };

enum { LINES = 3 };

struct row {
        enum preset preset;
        enum directive_id directive;
        enum whom whom;
        const char *lines[LINES];
};

static const struct row rows[] = {
#define PRESET(p, d, w, ...) { PRESET_##p, D_##d, WHOM_##w, { __VA_ARGS__ } },
#include "core/trial/search_presets.inc"
#undef PRESET
};

static const struct {
        const char *name;
        const char *evidence;
} presets[PRESETS] = {
        [PRESET_BASELINE] = { "baseline", "of the preset baseline: hardly any service minds it" },
        [PRESET_STRICT] = { "strict", "of the preset strict" },
};

static bool runs_as_root(const struct sandbox *s)
{
        const char *user = setting_word(s, D_User);

        if (s->scope == SCOPE_USER || setting_yes(s, D_DynamicUser))
                return false;
        return !user || !*user || strcmp(user, "root") == 0 || strcmp(user, "0") == 0;
}

/* ---- what both let through ---- */

static bool has_call(char *const *words, const char *word)
{
        return strv_has(words, word);
}

/* Words that the one lets through, as far as the other does. */
static int add_common(char *const *words, const struct value *other, char ***to)
{
        int r = 0;

        for (char *const *w = words; r == 0 && w && *w; w++) {
                bool denied = strchr(*w, ':') != NULL; /* a call with an errno, in an allow-list */
                bool through = !other->set || has_call(other->words, *w) == other->allow;

                if ((denied || through) && !strv_has(*to, *w))
                        r = strv_add(to, *w);
        }
        return r;
}

static int add_all(char *const *words, char ***to)
{
        int r = 0;

        for (char *const *w = words; r == 0 && w && *w; w++)
                if (!strv_has(*to, *w))
                        r = strv_add(to, *w);
        return r;
}

static int common_words(const struct value *a, const struct value *b, struct value *ret)
{
        int r;

        if (!a->allow && !b->allow) {
                r = add_all(a->words, &ret->words);
                return r < 0 ? r : add_all(b->words, &ret->words);
        }
        ret->allow = true;
        return a->allow ? add_common(a->words, b, &ret->words)
                        : add_common(b->words, a, &ret->words);
}

/* The value that lets through what both do.  1: there is none of that kind. */
static int meet(const struct value *a, const struct value *b, const struct directive *d,
                struct value *ret)
{
        scoped(value_done) struct value v = { .set = true };
        int r = 1;

        switch (d->kind) {
        case KIND_CAPS:
        case KIND_NAMESPACES:
                v.bits = a->bits & b->bits;
                r = 0;
                break;
        case KIND_UMASK:
                v.bits = a->bits | b->bits;
                r = 0;
                break;
        case KIND_FAMILIES:
        case KIND_POLAR:
        case KIND_SYSCALLS:
                r = common_words(a, b, &v);
                strv_sort(v.words);
                break;
        case KIND_PATHS:
        case KIND_ADDRESSES:
        case KIND_PORTS:
                if (d->flags & MORE_IS_LOOSER)
                        break;
                r = add_all(b->words, &v.words);
                if (r == 0)
                        r = add_all(a->words, &v.words);
                break;
        case KIND_BOOL:
        case KIND_CHOICE:
        case KIND_NAMES:
        case KIND_BINDS:
        case KIND_DIRS:
        case KIND_DEVICES:
        case KIND_LINES:
        case KIND_USER:
        case KIND_PATH:
        case KIND_AMOUNT:
        case KIND_TEXT:
                break;
        }
        if (r != 0)
                return r;
        *ret = v;
        v = (struct value){ 0 };
        return 0;
}

/* ---- a row, for this unit ---- */

/* 1: this systemd does not know it. */
static int value_of(const struct row *row, const struct dialect *dialect, struct value *ret)
{
        const struct directive *d = directive_at(row->directive);
        scoped(value_done) struct value v = { 0 };

        if (!directive_known_to(d, dialect->version) ||
            (dialect->scope == SCOPE_USER && d->flags & NO_USER_MANAGER))
                return 1;
        for (size_t i = 0; i < LINES && row->lines[i]; i++) {
                struct err note = { 0 };
                int r = value_assign(&v, d, dialect, row->lines[i], &note);

                if (r != ASSIGN_TAKEN || note.text[0])
                        return r < 0 ? r : 1;
        }
        *ret = v;
        v = (struct value){ 0 };
        return 0;
}

/* What goes with another row, and is no sandbox by itself. */
static bool is_companion(const struct profile *p, const struct sandbox *unit, enum directive_id id)
{
        return id == D_SystemCallErrorNumber && !unit->settings[id].value.set &&
               profile_find(p, D_SystemCallFilter);
}

/* Adds the row where it takes something away from the unit. */
static int take_row(const struct row *row, const struct sandbox *unit,
                    const struct dialect *dialect, const char *evidence, struct profile *p)
{
        const struct directive *d = directive_at(row->directive);
        const struct value *own = &unit->settings[row->directive].value;
        scoped(value_done) struct value v = { 0 };
        scoped(value_done) struct value both = { 0 };
        enum value_order order;
        int r = value_of(row, dialect, &v);

        if (r != 0)
                return r;
        order = value_compare(&v, own, d, dialect);
        if (order == VALUE_DIFFERENT && !is_companion(p, unit, row->directive)) {
                r = meet(&v, own, d, &both);
                if (r != 0)
                        return r < 0 ? r : 0;
                value_done(&v);
                v = both;
                both = (struct value){ 0 };
                order = value_compare(&v, own, d, dialect);
        }
        if (order != VALUE_STRICTER && !is_companion(p, unit, row->directive))
                return 0;
        r = profile_set(p, row->directive, &v, REASON_PRESET, evidence);
        v = (struct value){ 0 };
        return r;
}

int search_preset(const char *name, const struct sandbox *unit, const struct dialect *dialect,
                  struct profile **ret, struct err *e)
{
        scoped(profile_freep) struct profile *p = NULL;
        bool done[DIRECTIVE_COUNT] = { false };
        size_t which = 0;
        int r;

        while (which < PRESETS && strcmp(presets[which].name, name) != 0)
                which++;
        if (which == PRESETS)
                return err_say(e, -ENOENT, "there is no preset \"%s\"; the presets are %s and %s",
                               name, presets[PRESET_BASELINE].name, presets[PRESET_STRICT].name);
        r = profile_new(unit->unit, unit->scope, &p);
        for (size_t i = 0; r == 0 && i < COUNT(rows); i++) {
                const struct row *row = &rows[i];

                if (done[row->directive] || row->preset > which)
                        continue;
                if (row->whom == WHOM_OTHERS && runs_as_root(unit))
                        continue;
                r = take_row(row, unit, dialect, presets[which].evidence, p);
                done[row->directive] = r == 0;
                r = r > 0 ? 0 : r;
        }
        if (r < 0)
                return err_set(e, r, "cannot make the preset %s", name);
        *ret = take(p);
        return 0;
}
