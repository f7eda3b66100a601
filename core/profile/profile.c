/* profile.c - a set of changes to one unit, each with its reason. */
#include "core/profile/profile.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/profile/profile_private.h"

#include <errno.h>
#include <string.h>

static const struct {
        const char *name, *words;
} reasons[] = {
        [REASON_HAND] = { "hand", "set by hand" },
        [REASON_PRESET] = { "preset", "preset" },
        [REASON_OBSERVED] = { "observed", "observed" },
        [REASON_SEARCH] = { "search", "found by search" },
        [REASON_FILE] = { "file", "from a file" },
};

static const char *const verdicts[] = {
        [VERDICT_NOT_TRIED] = "not-tried", [VERDICT_HELD] = "held",
        [VERDICT_BENT] = "bent",           [VERDICT_BROKE] = "broke",
        [VERDICT_FLAKY] = "flaky",         [VERDICT_BASELINE_FAILED] = "baseline-failed",
};

const char *reason_name(enum reason r)
{
        return reasons[r].name;
}

const char *reason_words(enum reason r)
{
        return reasons[r].words;
}

int reason_parse(const char *name, enum reason *ret)
{
        for (size_t i = 0; i < COUNT(reasons); i++)
                if (strcmp(reasons[i].name, name) == 0) {
                        *ret = (enum reason)i;
                        return 0;
                }
        return -EINVAL;
}

const char *verdict_name(enum verdict v)
{
        return verdicts[v];
}

int verdict_parse(const char *name, enum verdict *ret)
{
        for (size_t i = 0; i < COUNT(verdicts); i++)
                if (strcmp(verdicts[i], name) == 0) {
                        *ret = (enum verdict)i;
                        return 0;
                }
        return -EINVAL;
}

int profile_new(const char *unit, enum scope scope, struct profile **ret)
{
        scoped(profile_freep) struct profile *p = calloc(1, sizeof(*p));

        if (!p)
                return -ENOMEM;
        p->scope = scope;
        p->unit = strdup(unit);
        if (!p->unit)
                return -ENOMEM;
        *ret = take(p);
        return 0;
}

static void change_done(struct change *c)
{
        value_done(&c->value);
        free(c->evidence);
}

void profile_free(struct profile *p)
{
        if (!p)
                return;
        for (size_t i = 0; i < p->change_count; i++)
                change_done(&p->changes[i]);
        free(p->changes);
        free(p->unit);
        strv_free(p->probes);
        free(p->tried);
        free(p->systemd);
        profile_accepted_done(p);
        surroundings_done(&p->with);
        free(p);
}

static int copy_text(const char *text, char **ret)
{
        *ret = text ? strdup(text) : NULL;
        return text && !*ret ? -ENOMEM : 0;
}

static int copy_changes(const struct profile *p, struct profile *copy)
{
        if (!p->change_count)
                return 0;
        copy->changes = calloc(p->change_count, sizeof(*copy->changes));
        if (!copy->changes)
                return -ENOMEM;
        for (size_t i = 0; i < p->change_count; i++) {
                const struct change *from = &p->changes[i];
                struct change *to = &copy->changes[copy->change_count];
                int r;

                *to = (struct change){ .directive = from->directive,
                                       .reason = from->reason,
                                       .literal = from->literal };
                r = value_copy(&from->value, &to->value);
                if (r < 0)
                        return r;
                copy->change_count++;
                r = copy_text(from->evidence, &to->evidence);
                if (r < 0)
                        return r;
        }
        return 0;
}

int profile_copy(const struct profile *p, struct profile **ret)
{
        scoped(profile_freep) struct profile *copy = NULL;
        int r;

        r = profile_new(p->unit, p->scope, &copy);
        if (r == 0)
                r = copy_changes(p, copy);
        if (r == 0)
                r = strv_copy(p->probes, &copy->probes);
        if (r == 0)
                r = copy_text(p->tried, &copy->tried);
        if (r == 0)
                r = copy_text(p->systemd, &copy->systemd);
        if (r == 0)
                r = profile_accept_all(copy, p);
        if (r == 0)
                r = surroundings_copy(&p->with, &copy->with);
        if (r < 0)
                return r;
        copy->verdict = p->verdict;
        *ret = take(copy);
        return 0;
}

/* The verdict is about exactly the changes that were tried. */
static void forget_trial(struct profile *p)
{
        p->verdict = VERDICT_NOT_TRIED;
        free(p->tried);
        p->tried = NULL;
        surroundings_done(&p->with);
}

/* Where the directive is, or would be put. */
static size_t place_of(const struct profile *p, enum directive_id id)
{
        size_t i = 0;

        while (i < p->change_count && p->changes[i].directive < id)
                i++;
        return i;
}

static int make_room(struct profile *p, size_t i)
{
        struct change *more = realloc(p->changes, (p->change_count + 1) * sizeof(*more));

        if (!more)
                return -ENOMEM;
        p->changes = more;
        memmove(&more[i + 1], &more[i], (p->change_count - i) * sizeof(*more));
        more[i] = (struct change){ 0 };
        p->change_count++;
        return 0;
}

static int set(struct profile *p, enum directive_id id, struct value *v, enum reason reason,
               const char *evidence, bool typed)
{
        scoped(mem_freep) char *words = NULL;
        size_t i = place_of(p, id);
        struct change *c;
        int r = 0;

        if (evidence && *evidence) {
                words = text_printable_dup(evidence);
                if (!words)
                        r = -ENOMEM;
        }
        if (r == 0 && (i == p->change_count || p->changes[i].directive != id))
                r = make_room(p, i);
        if (r < 0) {
                value_done(v);
                *v = (struct value){ 0 };
                return r;
        }

        c = &p->changes[i];
        change_done(c);
        *c = (struct change){
                .directive = id, .value = *v, .reason = reason, .evidence = take(words)
        };
        *v = (struct value){ 0 };
        c->literal = profile_percent_settle(&c->value, directive_at(id), typed);
        forget_trial(p);
        return 0;
}

int profile_set(struct profile *p, enum directive_id id, struct value *v, enum reason reason,
                const char *evidence)
{
        return set(p, id, v, reason, evidence, reason != REASON_OBSERVED);
}

int profile_set_typed(struct profile *p, enum directive_id id, struct value *v, enum reason reason,
                      const char *evidence)
{
        return set(p, id, v, reason, evidence, true);
}

void profile_unset(struct profile *p, enum directive_id id)
{
        size_t i = place_of(p, id);

        if (i == p->change_count || p->changes[i].directive != id)
                return;
        change_done(&p->changes[i]);
        p->change_count--;
        memmove(&p->changes[i], &p->changes[i + 1], (p->change_count - i) * sizeof(*p->changes));
        forget_trial(p);
}

const struct change *profile_find(const struct profile *p, enum directive_id id)
{
        size_t i = place_of(p, id);

        return i < p->change_count && p->changes[i].directive == id ? &p->changes[i] : NULL;
}

int change_lines(const struct change *c, const struct dialect *dialect, char ***ret)
{
        scoped(strv_freep) char **lines = NULL;
        int r;

        if (c->value.set) {
                r = value_print(&c->value, directive_at(c->directive), dialect, &lines);
                if (r == 0 && c->literal)
                        r = profile_percent_double(lines);
                if (r < 0)
                        return r;
        }
        *ret = take(lines);
        return 0;
}

int profile_apply(const struct profile *p, const struct sandbox *s, const struct dialect *dialect,
                  struct sandbox **ret)
{
        scoped(sandbox_freep) struct sandbox *result = NULL;
        int r = sandbox_copy(s, &result);

        if (r < 0)
                return r;
        for (size_t i = 0; i < p->change_count; i++) {
                struct value v = { 0 };

                r = profile_resolve(&p->changes[i], s, dialect, &v);
                if (r < 0)
                        return r;
                sandbox_set(result, p->changes[i].directive, &v, ORIGIN_PROFILE);
        }
        r = sandbox_imply(result, dialect);
        if (r < 0)
                return r;
        *ret = take(result);
        return 0;
}
