/* show_view.c - gird show --view: what a unit can see and do, as it stands and with changes,
 * computed and then looked at from inside, in a twin. */
#include "tui/command/show_view.h"

#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/breach/view.h"
#include "tui/command/report.h"
#include "tui/entering.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { LABEL = 18, HALF = 30, WHOLE = 60, LINES = 400 };

/* One of the two sides. */
struct side {
        struct service_view view;
        struct sight sight;
        char **differences;
        bool there, looked;
};

static void side_done(struct side *s)
{
        view_done(&s->view);
        sight_done(&s->sight);
        strv_free(s->differences);
}

struct both {
        struct side sides[2];
        char *unlooked; /* why nothing was looked at; or NULL */
};

static void both_done(struct both *b)
{
        side_done(&b->sides[0]);
        side_done(&b->sides[1]);
        free(b->unlooked);
}

/* ---- finding out ---- */

static int compute(struct context *c, const struct entering *n, struct both *b, struct err *e)
{
        const struct sandbox *units[] = { n->unit, n->after };
        int r = 0;

        for (size_t i = 0; r >= 0 && i < 2; i++) {
                b->sides[i].there = units[i] != NULL;
                if (units[i])
                        r = view_compute(units[i], &c->dialect, &b->sides[i].view);
        }
        return r < 0 ? err_set(e, r, "cannot work out what %s can do", n->unit->unit) : 0;
}

static int look(struct context *c, struct entering *n, struct both *b, struct err *e)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < 2; i++) {
                struct side *s = &b->sides[i];
                struct inside_options o;

                if (!s->there)
                        continue;
                entering_options(c, n, i == 1, &o);
                r = view_look(&o, &s->view, n->stage, &c->job, &s->sight, e);
                if (r >= 0)
                        r = view_differences(&s->view, &s->sight, &s->differences);
                s->looked = r >= 0 && !s->sight.why;
        }
        return r;
}

/* Without a twin what was computed is told all the same. */
static int look_if_possible(struct context *c, struct entering *n, struct both *b, struct err *e)
{
        struct err why = { 0 };
        int r = entering_stage(c, n, "show --view", &why);

        if (r == -ECANCELED || r == -ENOMEM) {
                *e = why;
                return r;
        }
        if (r == 0)
                return look(c, n, b, e);
        b->unlooked = strdup(why.text);
        return b->unlooked ? 0 : err_set(e, -ENOMEM, "cannot look at the sandbox from inside");
}

/* ---- for people ---- */

/* Breaks words to the width; a word that is longer stands alone and is cut. */
static int wrap(char *const *words, int width, char ***ret)
{
        scoped(strv_freep) char **lines = NULL;
        struct text line = { 0 };
        int r = 0;

        for (; r >= 0 && words && *words; words++) {
                char clean[256];

                text_printable(clean,
                               (size_t)width < sizeof(clean) ? (size_t)width + 1 : sizeof(clean),
                               *words);
                if (line.length && line.length + 1 + strlen(clean) > (size_t)width) {
                        r = strv_add(&lines, line.chars);
                        text_done(&line);
                        line = (struct text){ 0 };
                }
                text_addf(&line, "%s%s", line.length ? " " : "", clean);
        }
        if (r >= 0 && line.length)
                r = strv_add(&lines, line.chars);
        text_done(&line);
        if (r >= 0)
                *ret = take(lines);
        return r;
}

static const char *line_at(char *const *lines, size_t i)
{
        return i < strv_length(lines) ? lines[i] : "";
}

static int print_fact(const struct both *b, enum fact_id id)
{
        scoped(strv_freep) char **left = NULL, **right = NULL;
        bool two = b->sides[1].there;
        char *const *words[] = { b->sides[0].view.facts[id], b->sides[1].view.facts[id] };
        int r = wrap(words[0], two ? HALF : WHOLE, &left);
        size_t n;

        if (r >= 0 && two)
                r = wrap(words[1], HALF, &right);
        n = strv_length(left) > strv_length(right) ? strv_length(left) : strv_length(right);
        for (size_t i = 0; r >= 0 && i < n && i < LINES; i++) {
                if (two)
                        printf("%-*s%-*s %s %s\n", LABEL, i ? "" : fact_label(id), HALF,
                               line_at(left, i), i || strv_equal(words[0], words[1]) ? " " : "|",
                               line_at(right, i));
                else
                        printf("%-*s%s\n", LABEL, i ? "" : fact_label(id), line_at(left, i));
        }
        return r;
}

static void print_look(const struct both *b, const struct side *s, const char *which)
{
        if (!s->there || b->unlooked)
                return;
        if (s->sight.why) {
                fputs(which, stdout);
                fputs(": could not be looked at from inside: ", stdout);
                report_text(s->sight.why);
                putchar('\n');
        } else if (!s->differences) {
                printf("%s: looked at from inside, and it is so\n", which);
        } else {
                printf("%s: looked at from inside, and it is so but for\n", which);
                for (char **d = s->differences; *d; d++) {
                        fputs("  ", stdout);
                        report_text(*d);
                        putchar('\n');
                }
        }
}

static int print_both(const struct entering *n, const struct both *b)
{
        int r = 0;

        report_text(n->unit->unit);
        fputs(": what it can see and do\n", stdout);
        if (b->sides[1].there)
                printf("%-*s%-*s   %s\n", LABEL, "", HALF, "as it stands", n->words);
        for (int i = 0; r >= 0 && i < FACT_COUNT; i++)
                r = print_fact(b, (enum fact_id)i);
        print_look(b, &b->sides[0], "as it stands");
        print_look(b, &b->sides[1], n->words);
        if (b->unlooked) {
                fflush(stdout);
                fprintf(stderr, "gird: computed only, not looked at from inside: %s\n",
                        b->unlooked);
        }
        return r;
}

/* ---- for machines ---- */

static const char *const reaches[REACH_COUNT] = { "writable", "by-mode", "read-only", "empty",
                                                  "hidden" };

static struct json *paths_json(const struct service_view *v)
{
        struct json *list = json_array();

        for (size_t i = 0; i < v->path_count; i++) {
                const struct view_path *p = &v->paths[i];
                struct json *one = json_object();

                json_text(one, "path", p->path);
                json_text(one, "reach", reaches[p->reach]);
                json_text(one, "by",
                          p->by == DIRECTIVE_COUNT ? NULL : directive_at((size_t)p->by)->name);
                json_append(list, one);
        }
        return list;
}

static struct json *answers_json(const struct service_view *v)
{
        struct json *list = json_array();
        struct view_answer *answers = NULL;
        size_t count = 0;

        if (view_answers(v, &answers, &count) < 0)
                return list;
        for (size_t i = 0; i < count; i++) {
                struct json *one = json_object();

                json_bool(one, "possible", answers[i].open);
                json_text(one, "what", answers[i].text);
                json_text(one, "closer", answers[i].closer);
                json_append(list, one);
        }
        view_answers_free(answers, count);
        return list;
}

static struct json *side_json(const struct both *b, const struct side *s)
{
        struct json *j, *calls;

        if (!s->there)
                return NULL;
        j = json_object();
        for (int i = 0; i < FACT_CALLS; i++)
                json_texts(j, fact_key((enum fact_id)i), s->view.facts[i]);
        calls = json_object();
        json_number(calls, "allowed", (double)s->view.calls);
        json_number(calls, "all", (double)s->view.all_calls);
        json_put(j, "calls", calls);
        json_put(j, "paths", paths_json(&s->view));
        json_put(j, "intruder", answers_json(&s->view));
        json_bool(j, "looked", s->looked);
        json_text(j, "why", s->sight.why ? s->sight.why : b->unlooked);
        json_texts(j, "seen", s->sight.lines);
        json_texts(j, "differences", s->differences);
        return j;
}

static struct json *both_json(const struct entering *n, const struct both *b)
{
        struct json *j = json_object(), *after = side_json(b, &b->sides[1]);

        json_text(j, "unit", n->unit->unit);
        json_put(j, "before", side_json(b, &b->sides[0]));
        if (after)
                json_put(j, "after", after);
        else
                json_null(j, "after");
        return j;
}

/* ---- all of it ---- */

static int show_one(struct context *c, const char *word, struct json *array)
{
        scoped(entering_done) struct entering n = { 0 };
        scoped(both_done) struct both b = { 0 };
        struct err e = { 0 };
        int r = entering_open(c, word, &n, &e);

        if (r == -EINVAL || r == -EOPNOTSUPP) {
                complain(&e);
                return STATUS_USAGE;
        }
        if (r >= 0)
                r = compute(c, &n, &b, &e);
        if (r >= 0)
                r = look_if_possible(c, &n, &b, &e);
        if (r < 0)
                return complain(&e);
        if (array)
                json_append(array, both_json(&n, &b));
        else if (c->args->json)
                return report_json(both_json(&n, &b));
        else if (print_both(&n, &b) < 0) {
                err_set(&e, -ENOMEM, "cannot print what %s can do", n.unit->unit);
                return complain(&e);
        }
        return STATUS_DONE;
}

int show_view(struct arguments *a)
{
        scoped(context_close) struct context c = CONTEXT_NONE;
        struct json *array = a->json && a->operand_count > 1 ? json_array() : NULL;
        struct err e = { 0 };
        int status = STATUS_DONE;

        if (context_open(&c, a, &e) < 0 || context_learn(&c, &e) < 0 || context_know(&c, &e) < 0) {
                json_free(array);
                return complain(&e);
        }
        for (size_t i = 0; i < a->operand_count && !c.job.cancelled; i++) {
                int one = show_one(&c, a->operands[i], array);

                if (one > status)
                        status = one;
        }
        if (array && report_json(array) != STATUS_DONE)
                status = STATUS_CANNOT;
        return status;
}
