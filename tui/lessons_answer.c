/* lessons_answer.c - an answer to a lesson, read and judged as far as paper goes. */
#include "tui/lessons.h"

#include "core/base/base.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/profile/dropin.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_LIMIT = 1 << 20 };

#define DROPIN_FOLDER "/etc/systemd/system"

/* ---- the unit ---- */

/* What stands behind fragment and vendor's drop-ins; text may be NULL. */
static int parse_all(const struct lesson *l, const struct dialect *dialect, const char *last,
                     struct sandbox *s, struct err *e)
{
        scoped(mem_freep) char *unit = lesson_part(l, "Unit");
        scoped(mem_freep) char *path = text_format(DROPIN_FOLDER "/%s", s->unit);
        int r = unit && path ? unit_parse(s, dialect, path, unit, strlen(unit)) : -ENOMEM;

        for (size_t i = 0; r >= 0; i++) {
                scoped(mem_freep) char *name = NULL, *text = NULL;
                scoped(mem_freep) char *file = NULL;

                r = lesson_beside(l, "Drop-in", i, &name, &text);
                if (r != 0)
                        break;
                file = text_format(DROPIN_FOLDER "/%s.d/%s", s->unit, name);
                r = file ? unit_parse(s, dialect, file, text, strlen(text)) : -ENOMEM;
        }
        if (r >= 0 && last)
                r = unit_parse(s, dialect, "the answer", last, strlen(last));
        if (r >= 0)
                r = sandbox_imply(s, dialect);
        return r < 0 ? err_set(e, r, "cannot read the unit of lesson %s", l->name) : 0;
}

static int make_sandbox(const struct lesson *l, const struct dialect *dialect, const char *last,
                        struct sandbox **ret, struct err *e)
{
        scoped(sandbox_freep) struct sandbox *s = NULL;
        scoped(mem_freep) char *name = lesson_unit(l);
        int r = name ? sandbox_new(name, SCOPE_SYSTEM, &s) : -ENOMEM;

        if (r < 0)
                return err_set(e, r, "cannot read the unit of lesson %s", l->name);
        r = parse_all(l, dialect, last, s, e);
        if (r < 0)
                return r;
        *ret = take(s);
        return 0;
}

int lesson_sandbox(const struct lesson *l, const struct dialect *dialect, struct sandbox **ret,
                   struct err *e)
{
        return make_sandbox(l, dialect, NULL, ret, e);
}

/* ---- the answer ---- */

/* Every assignment of a file, as it stands there. */
static int file_lines(const char *path, char ***ret, struct err *e)
{
        scoped(strv_freep) char **lines = NULL;
        scoped(mem_freep) char *text = NULL;
        size_t length = 0;
        int r = file_read(AT_FDCWD, path, FILE_LIMIT, &text, &length, e);

        if (r < 0)
                return r;
        if (strlen(text) != length)
                return err_say(e, -EINVAL, "%s has NUL bytes; a drop-in is text", path);
        r = strv_split(text, "\r\n", &lines);
        for (char **line = lines; r >= 0 && line && *line; line++) {
                const char *at = *line + strspn(*line, " \t");

                if (*at && !strchr("#;[", *at))
                        r = strv_add(ret, at);
        }
        return r < 0 ? err_set(e, r, "cannot keep the answer") : 0;
}

/* The changes of a profile as lines. */
static int profile_lines(const struct profile *p, const struct dialect *dialect, char ***ret,
                         struct err *e)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < p->change_count; i++) {
                const char *name = directive_at(p->changes[i].directive)->name;
                scoped(strv_freep) char **lines = NULL;

                r = change_lines(&p->changes[i], dialect, &lines);
                if (r >= 0 && !lines)
                        r = strv_addf(ret, "%s=", name);
                for (char **line = lines; r >= 0 && line && *line; line++)
                        r = strv_addf(ret, "%s=%s", name, *line);
        }
        return r < 0 ? err_set(e, r, "cannot keep the answer") : 0;
}

int lesson_answer(struct context *c, const struct lesson *l, char ***ret, struct err *e)
{
        const struct arguments *a = c->args;
        scoped(strv_freep) char **lines = NULL;
        int r = 0;

        if (!a->profile && !a->properties)
                return 1;
        if (a->profile && (l->flags & LESSON_VERBATIM))
                r = file_lines(a->profile, &lines, e);
        else if (a->profile) {
                scoped(sandbox_freep) struct sandbox *s = NULL;
                scoped(profile_freep) struct profile *p = NULL;

                r = lesson_sandbox(l, &c->dialect, &s, e);
                if (r >= 0)
                        r = context_profile(c, s, &p, e); /* -p included */
                if (r >= 0)
                        r = profile_lines(p, &c->dialect, &lines, e);
        }
        if (!a->profile || (l->flags & LESSON_VERBATIM))
                for (char **word = a->properties; r >= 0 && word && *word; word++)
                        if (strv_add(&lines, *word) < 0)
                                r = err_set(e, -ENOMEM, "cannot keep the answer");
        if (r < 0)
                return r;
        *ret = take(lines);
        return 0;
}

/* A whole drop-in of lines that are laid down as they are. */
static char *verbatim_dropin(char *const *answer)
{
        static const char *const sections[] = { "Unit", "Service" };
        struct text t = { 0 };

        for (size_t i = 0; i < COUNT(sections); i++) {
                text_addf(&t, "[%s]\n", sections[i]);
                for (char *const *line = answer; line && *line; line++) {
                        scoped(mem_freep) char *name = strndup(*line, strcspn(*line, "= \t"));
                        const struct directive *d = name ? directive_find(name) : NULL;

                        t.failed |= !name;
                        if (d && strcmp(directive_section(d), sections[i]) == 0)
                                text_addf(&t, "%s\n", *line);
                }
        }
        return text_take(&t);
}

void lesson_try_done(struct lesson_try *t)
{
        free(t->unit_name);
        sandbox_free(t->unit);
        sandbox_free(t->after);
        profile_free(t->profile);
        free(t->dropin);
        *t = (struct lesson_try){ 0 };
}

/* The unit with the answer: as systemd merges its lines, or as gird would write them. */
static int lay_answer(struct lesson_try *t, const struct dialect *dialect,
                      const struct known *known, char *const *answer, struct err *e)
{
        scoped(strv_freep) char **left_out = NULL;
        struct dropin_options options = {
                .dialect = dialect, .known = known, .unit = t->unit, .ret_left_out = &left_out
        };
        int r;

        /* It also says what no line of a unit file can hold. */
        r = dropin_render(t->profile, &options, &t->dropin, e);
        if (r < 0)
                return r;
        if (t->lesson->flags & LESSON_VERBATIM) {
                free(t->dropin);
                t->dropin = verbatim_dropin(answer);
                if (!t->dropin)
                        return err_set(e, -ENOMEM, "cannot lay the answer down");
                return make_sandbox(t->lesson, dialect, t->dropin, &t->after, e);
        }
        r = profile_apply(t->profile, t->unit, dialect, &t->after);
        return r < 0 ? err_set(e, r, "cannot apply the answer") : 0;
}

int lesson_try_open(const struct lesson *l, const struct dialect *dialect,
                    const struct known *known, char *const *answer, struct lesson_try *ret,
                    struct err *e)
{
        scoped(lesson_try_done) struct lesson_try t = { .lesson = l, .unit_name = lesson_unit(l) };
        int r = t.unit_name ? lesson_sandbox(l, dialect, &t.unit, e)
                            : err_set(e, -ENOMEM, "cannot name the unit");

        if (r >= 0) {
                r = profile_new(t.unit_name, SCOPE_SYSTEM, &t.profile);
                if (r < 0)
                        err_set(e, r, "cannot read the answer");
        }
        for (char *const *line = answer; r >= 0 && line && *line; line++)
                r = profile_assign(t.profile, dialect, *line, e);
        if (r >= 0)
                r = lay_answer(&t, dialect, known, answer, e);
        if (r >= 0 && t.after->load != LOAD_LOADED)
                r = err_say(e, -EINVAL, "systemd would refuse the unit with that: %s",
                            t.after->load_note ? t.after->load_note
                                               : load_state_name(t.after->load));
        if (r < 0)
                return r;
        *ret = t;
        t = (struct lesson_try){ 0 };
        return 0;
}

/* ---- what follows without a twin ---- */

void lesson_result_done(struct lesson_result *r)
{
        for (size_t i = 0; i < r->count; i++)
                free(r->findings[i].said);
        free(r->findings);
        strv_free(r->suspects);
        strv_free(r->notes);
        *r = (struct lesson_result){ 0 };
}

/* A version of systemd knows less: what it does not know has no effect there. */
static int score_as(const struct lesson_try *t, const struct dialect *dialect, unsigned version,
                    unsigned *ret)
{
        scoped(sandbox_freep) struct sandbox *there = NULL;
        struct dialect own = *dialect;
        struct score score = { 0 };
        int r = sandbox_copy(t->after, &there);

        if (r < 0)
                return r;
        if (version)
                dialect_for((struct version){ version, 0 }, SCOPE_SYSTEM, &own);
        for (size_t i = 0; version && i < DIRECTIVE_COUNT; i++)
                if (!directive_known_to(directive_at(i), own.version)) {
                        struct value nothing = { 0 };

                        sandbox_set(there, (enum directive_id)i, &nothing, ORIGIN_DEFAULT);
                }
        r = sandbox_imply(there, &own);
        if (r < 0)
                return r;
        *ret = score_sandbox(there, &own, SCORE_OFFLINE, &score) == 0 ? score.exposure : 100;
        return 0;
}

static int judge_known(const struct lesson_try *t, struct lesson_finding *f)
{
        struct text names = { 0 };

        for (size_t i = 0; i < t->profile->change_count; i++) {
                const struct directive *d = directive_at(t->profile->changes[i].directive);

                if (!directive_known_to(d, (struct version){ f->check->version, 0 }))
                        text_addf(&names, "%s%s=", names.length ? ", " : "", d->name);
        }
        f->looked = true;
        f->ok = names.length == 0 && !names.failed;
        f->said = text_take(&names);
        return f->said ? 0 : -ENOMEM;
}

static int judge_exposure(const struct lesson_try *t, const struct dialect *dialect,
                          struct lesson_finding *f)
{
        unsigned exposure = 0;
        int r = score_as(t, dialect, f->check->version, &exposure);

        if (r < 0)
                return r;
        f->looked = true;
        f->ok = exposure <= f->check->limit;
        f->said = text_format("%u.%u", exposure / 10, exposure % 10);
        return f->said ? 0 : -ENOMEM;
}

static size_t count_checks(const struct lesson *l)
{
        size_t n = 0;

        while (l->checks[n].kind != LESSON_END)
                n++;
        return n;
}

int lesson_judge(const struct lesson_try *t, const struct dialect *dialect,
                 struct lesson_result *ret, struct err *e)
{
        scoped(lesson_result_done) struct lesson_result made = { 0 };
        struct score score = { 0 };
        int r = 0;

        made.findings = calloc(count_checks(t->lesson), sizeof(*made.findings));
        if (!made.findings)
                return err_set(e, -ENOMEM, "cannot judge the answer");
        made.count = count_checks(t->lesson);
        for (size_t i = 0; r >= 0 && i < made.count; i++) {
                struct lesson_finding *f = &made.findings[i];

                f->check = &t->lesson->checks[i];
                if (f->check->kind == LESSON_EXPOSURE)
                        r = judge_exposure(t, dialect, f);
                else if (f->check->kind == LESSON_KNOWN)
                        r = judge_known(t, f);
        }
        if (r < 0)
                return err_set(e, r, "cannot judge the answer");
        if (score_sandbox(t->unit, dialect, SCORE_OFFLINE, &score) == 0)
                made.before = score.exposure;
        if (score_sandbox(t->after, dialect, SCORE_OFFLINE, &score) == 0)
                made.after = score.exposure;
        *ret = made;
        made = (struct lesson_result){ 0 };
        return 0;
}
