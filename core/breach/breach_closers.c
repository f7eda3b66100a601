/* breach_closers.c - whether a sandbox has what a closer says: pure. */
#include "core/breach/breach.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/catalogue/value.h"

#include <errno.h>
#include <string.h>

/* One line of a closer: "Directive=value". */
struct line {
        const struct directive *directive;
        char *text; /* behind '=' */
};

static void line_done(struct line *l)
{
        free(l->text);
}

static int line_parse(const char *chars, size_t n, struct line *ret)
{
        scoped(mem_freep) char *whole = strndup(chars, n);
        char *equal = whole ? strchr(whole, '=') : NULL;

        if (!whole)
                return -ENOMEM;
        if (!equal)
                return -EINVAL;
        *equal = '\0';
        ret->directive = directive_find(whole);
        ret->text = strdup(equal + 1);
        if (!ret->text)
                return -ENOMEM;
        return ret->directive ? 0 : -EINVAL;
}

/* ---- whom it runs as ---- */

static bool is_root(const struct sandbox *s)
{
        const char *user = setting_word(s, D_User);

        if (setting_yes(s, D_DynamicUser) || s->scope == SCOPE_USER)
                return false;
        return !user || !*user || strcmp(user, "root") == 0 || strcmp(user, "0") == 0;
}

static char *user_words(const struct sandbox *s)
{
        const char *user = setting_word(s, D_User);

        if (setting_yes(s, D_DynamicUser))
                return strdup("DynamicUser=yes");
        return user && *user ? text_format("User=%s", user) : strdup("a user of its own");
}

/* ---- kinds of values ---- */

/* "-/run/x" and "+/run/x" are about /run/x. */
static const char *bare(const char *path)
{
        return path + strspn(path, "-+");
}

static bool is_below(const char *path, const char *folder)
{
        size_t n = strlen(folder);

        return strcmp(folder, "/") == 0 ||
               (strncmp(path, folder, n) == 0 && (path[n] == '\0' || path[n] == '/'));
}

static bool path_covered(const struct value *have, const char *path)
{
        for (size_t i = 0; have->words && have->words[i]; i++) {
                const char *word = have->words[i];
                size_t n = strcspn(word, ":");
                char folder[512];

                snprintf(folder, sizeof(folder), "%.*s", (int)n, bare(word));
                if (is_below(bare(path), folder))
                        return true;
        }
        return false;
}

/* Each member of the closer is there, or below what is. */
static bool covers(const struct directive *d, const struct value *have, const struct value *want)
{
        if (!have->set || !want->words)
                return false;
        for (size_t i = 0; want->words[i]; i++)
                if (d->kind == KIND_PORTS || d->kind == KIND_ADDRESSES
                            ? !strv_has(have->words, want->words[i])
                            : !path_covered(have, want->words[i]))
                        return false;
        return true;
}

static bool is_list(const struct directive *d)
{
        return d->kind == KIND_PATHS || d->kind == KIND_BINDS || d->kind == KIND_PORTS ||
               d->kind == KIND_ADDRESSES;
}

/* ---- one line ---- */

/* What a process does not have at all, it does not have whatever the bounding set says: without
 * being root it has the ambient ones only, and in a user namespace none that count outside. */
static int lacks_caps(const struct sandbox *s, const struct value *want,
                      const struct dialect *dialect, char **ret_by)
{
        const struct value *bounding = &s->settings[D_CapabilityBoundingSet].value;
        const struct value *ambient = &s->settings[D_AmbientCapabilities].value;
        uint64_t asked = capability_all(dialect) & ~want->bits;
        uint64_t have = capability_all(dialect);
        char *by = NULL;

        if (bounding->set)
                have &= bounding->bits;
        if ((have & asked) == 0)
                by = strdup("CapabilityBoundingSet=");
        else if (is_root(s) ? setting_yes(s, D_PrivateUsers)
                            : !(ambient->set && (ambient->bits & asked & have)))
                by = is_root(s) ? strdup("PrivateUsers=yes") : user_words(s);
        else
                return 0;
        *ret_by = by;
        return by ? 1 : -ENOMEM;
}

static char *line_words(const struct line *l, const struct sandbox *s,
                        const struct dialect *dialect)
{
        scoped(mem_freep) char *shown = NULL;

        if (l->directive->kind != KIND_BOOL && l->directive->kind != KIND_CHOICE)
                return text_format("%s=", l->directive->name);
        shown = value_show(&s->settings[l->directive->id].value, l->directive, dialect);
        return shown ? text_format("%s=%s", l->directive->name, shown) : NULL;
}

static int line_holds(const struct line *l, const struct sandbox *s, const struct dialect *dialect,
                      char **ret_by)
{
        const struct value *have = &s->settings[l->directive->id].value;
        scoped(value_done) struct value want = { 0 };
        enum value_order order;
        bool holds;
        int r;

        if (l->directive->id == D_DynamicUser) {
                *ret_by = is_root(s) ? NULL : user_words(s);
                return is_root(s) ? 0 : *ret_by ? 1 : -ENOMEM;
        }
        r = value_assign(&want, l->directive, dialect, l->text, NULL);
        if (r < 0)
                return r;
        if (r != ASSIGN_TAKEN)
                return 0;
        if (l->directive->id == D_CapabilityBoundingSet)
                return lacks_caps(s, &want, dialect, ret_by);
        order = value_compare(have, &want, l->directive, dialect);
        holds = is_list(l->directive)
                        ? covers(l->directive, have, &want)
                        : have->set && (order == VALUE_SAME || order == VALUE_STRICTER);
        if (!holds)
                return 0;
        *ret_by = line_words(l, s, dialect);
        return *ret_by ? 1 : -ENOMEM;
}

/* ---- a closer ---- */

int closer_holds(const char *closer, const struct sandbox *s, const struct dialect *dialect,
                 char **ret_by)
{
        scoped(mem_freep) char *all = NULL;

        while (*closer) {
                scoped(line_done) struct line l = { 0 };
                scoped(mem_freep) char *by = NULL;
                size_t n = strcspn(closer, "\n");
                int r = line_parse(closer, n, &l);

                if (r == 0)
                        r = line_holds(&l, s, dialect, &by);
                if (r <= 0)
                        return r == -EINVAL ? 0 : r;
                if (all) {
                        char *both = text_format("%s, %s", all, by);

                        free(all);
                        all = both;
                } else {
                        all = take(by);
                }
                if (!all)
                        return -ENOMEM;
                closer += n + (closer[n] == '\n');
        }
        if (ret_by)
                *ret_by = take(all);
        return 1;
}

int closer_rest(const char *closer, const struct sandbox *s, const struct dialect *dialect,
                char **ret)
{
        struct text rest = { 0 };

        while (*closer) {
                size_t n = strcspn(closer, "\n");
                scoped(mem_freep) char *line = strndup(closer, n);
                int r = line ? closer_holds(line, s, dialect, NULL) : -ENOMEM;

                if (r < 0) {
                        text_done(&rest);
                        return r;
                }
                if (r == 0)
                        text_addf(&rest, "%s%s", rest.length ? "\n" : "", line);
                closer += n + (closer[n] == '\n');
        }
        *ret = NULL;
        if (rest.failed)
                text_done(&rest);
        else if (rest.length == 0)
                return 0;
        *ret = text_take(&rest);
        return *ret ? 0 : -ENOMEM;
}

bool closer_known(const char *closer, const struct dialect *dialect)
{
        bool known = true;

        while (known && *closer) {
                scoped(line_done) struct line l = { 0 };
                scoped(value_done) struct value v = { 0 };
                size_t n = strcspn(closer, "\n");

                known = line_parse(closer, n, &l) == 0 &&
                        directive_known_to(l.directive, dialect->version) &&
                        value_assign(&v, l.directive, dialect, l.text, NULL) == ASSIGN_TAKEN;
                closer += n + (closer[n] == '\n');
        }
        return known;
}

/* ---- a mark of the whole ---- */

static uint64_t stir(uint64_t mark, const char *chars)
{
        do {
                mark ^= (unsigned char)*chars;
                mark *= UINT64_C(1099511628211);
        } while (*chars++);
        return mark;
}

int breach_mark(const struct sandbox *s, const struct dialect *dialect, char ret[17])
{
        uint64_t mark = UINT64_C(14695981039346656037);

        for (size_t i = 0; i < DIRECTIVE_COUNT; i++) {
                const struct directive *d = directive_at(i);
                scoped(mem_freep) char *shown = NULL;

                if (!s->settings[i].value.set)
                        continue;
                shown = value_show(&s->settings[i].value, d, dialect);
                if (!shown)
                        return -ENOMEM;
                mark = stir(stir(mark, d->name), shown);
        }
        snprintf(ret, 17, "%016llx", (unsigned long long)mark);
        return 0;
}
