/* lesson.c - gird lesson: the course, on a terminal without the screen. */
#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/profile/json.h"
#include "tui/command/command.h"
#include "tui/command/report.h"
#include "tui/lessons.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* ---- the list ---- */

static int list(const struct arguments *a)
{
        struct json *array;
        const struct lesson *l;

        if (!a->json)
                return lessons_list(stdout) < 0 ? complain_usage("out of memory") : STATUS_DONE;
        array = json_array();
        for (size_t i = 0; (l = lesson_at(i)); i++) {
                scoped(lesson_progress_done) struct lesson_progress p = { 0 };
                scoped(mem_freep) char *sentence = help_sentence(lesson_page(l));
                struct json *o = json_object();

                lesson_progress(l, &p, NULL);
                json_text(o, "lesson", l->name);
                json_text(o, "sentence", sentence);
                json_bool(o, "done", p.done);
                json_append(array, o);
        }
        return report_json(array);
}

/* ---- one lesson, to read ---- */

static void print_part(const char *heading, const char *body)
{
        size_t n;

        printf("\n%s\n", heading);
        for (size_t at = 0; body[at]; at += n + (body[at + n] == '\n')) {
                n = strcspn(body + at, "\n");
                fputs("  ", stdout);
                fwrite(body + at, 1, n, stdout);
                fputs("\n", stdout);
        }
}

static int print_hints(const struct lesson *l, unsigned count)
{
        for (unsigned i = 1; i <= count && i <= LESSON_HINTS; i++) {
                char heading[16];
                scoped(mem_freep) char *hint = NULL;

                snprintf(heading, sizeof(heading), "Hint %u", i);
                hint = lesson_part(l, heading);
                if (!hint)
                        return -ENOMEM;
                print_part(heading, hint);
        }
        return 0;
}

static int print_why(const struct lesson *l)
{
        scoped(mem_freep) char *why = lesson_part(l, "Why");

        if (!why)
                return -ENOMEM;
        print_part("Why", why);
        return 0;
}

static void print_answer(const struct lesson_progress *p)
{
        if (!p->answer)
                return;
        printf("\nYour answer so far\n");
        for (char **line = p->answer; *line; line++) {
                printf("  ");
                report_text(*line);
                printf("\n");
        }
}

static int show(const struct lesson *l, const struct lesson_progress *p)
{
        scoped(mem_freep) char *text = lesson_text(lesson_page(l));

        if (!text || fputs(text, stdout) == EOF || print_hints(l, p->hints) < 0)
                return STATUS_CANNOT;
        print_answer(p);
        if (p->done)
                return print_why(l) < 0 ? STATUS_CANNOT : STATUS_DONE;
        printf("\nHow to answer\n"
               "  sudo gird lesson %s -p DIRECTIVE=VALUE...   tries it in a twin\n"
               "  sudo gird lesson %s --check   says whether it is done, or what is missing\n"
               "  gird lesson %s --hint   the next hint\n",
               l->name, l->name, l->name);
        return STATUS_DONE;
}

static int show_json(const struct lesson *l, const struct lesson_progress *p)
{
        scoped(mem_freep) char *sentence = help_sentence(lesson_page(l)),
                               *text = lesson_text(lesson_page(l)), *unit = lesson_part(l, "Unit"),
                               *task = lesson_part(l, "Task");
        struct json *o = json_object();

        json_text(o, "lesson", l->name);
        json_text(o, "sentence", sentence);
        json_text(o, "text", text);
        json_text(o, "unit", unit);
        json_text(o, "task", task);
        json_bool(o, "done", p->done);
        json_number(o, "hints", p->hints);
        json_texts(o, "answer", p->answer);
        return report_json(o);
}

static int hint(const struct lesson *l, struct lesson_progress *p)
{
        scoped(mem_freep) char *text = NULL;
        char heading[16];
        struct err e = { 0 };

        if (p->hints < LESSON_HINTS)
                p->hints++;
        snprintf(heading, sizeof(heading), "Hint %u", p->hints);
        text = lesson_part(l, heading);
        if (!text)
                return complain_usage("out of memory");
        printf("%s of %d\n%s", heading, LESSON_HINTS, text);
        if (lesson_keep(l, p, &e) < 0) /* the hint counts more than the memory of it */
                complain(&e);
        return STATUS_DONE;
}

/* ---- an answer ---- */

static const char *mark(bool does)
{
        return does ? "yes" : "no";
}

/* Whether it does what the words say. */
static bool does(const struct lesson_finding *f)
{
        return f->check->kind == LESSON_WORKS ? f->ok : !f->ok;
}

static void print_findings(const struct context *c, const struct lesson_result *r)
{
        printf("exposure  ");
        report_exposure(c, r->before);
        printf(" -> ");
        report_exposure(c, r->after);
        printf("\n");
        for (size_t i = 0; i < r->count; i++) {
                const struct lesson_finding *f = &r->findings[i];

                if (f->check->kind != LESSON_WORKS && f->check->kind != LESSON_REFUSED)
                        continue;
                printf("  %-46s %s%s%s\n", f->check->words, f->known ? mark(f->before) : "",
                       f->known ? " -> " : "", f->looked ? mark(does(f)) : "?");
        }
}

static int print_missing(const struct lesson_result *r)
{
        for (size_t i = 0; i < r->count; i++) {
                const struct lesson_finding *f = &r->findings[i];
                scoped(mem_freep) char *complaint = NULL;

                if (!lesson_matters(r, f))
                        continue;
                complaint = lesson_complaint(f);
                if (!complaint)
                        return -ENOMEM;
                printf("- ");
                report_text(complaint);
                printf("\n    %s\n", f->check->hint);
        }
        for (char **s = r->suspects; s && *s; s++) {
                printf("  because of ");
                report_text(*s);
                printf("\n");
        }
        for (char **n = r->notes; n && *n; n++) {
                printf("  note: ");
                report_text(*n);
                printf("\n");
        }
        return 0;
}

static struct json *result_json(const struct lesson *l, const struct lesson_result *r)
{
        struct json *o = json_object(), *checks = json_array();

        json_text(o, "lesson", l->name);
        json_bool(o, "done", r->done);
        json_tenths(o, "before", r->before);
        json_tenths(o, "after", r->after);
        for (size_t i = 0; i < r->count; i++) {
                const struct lesson_finding *f = &r->findings[i];
                scoped(mem_freep) char *complaint = f->ok ? NULL : lesson_complaint(f);
                struct json *one = json_object();

                json_text(one, "what", f->check->what);
                json_text(one, "words", f->check->words);
                json_bool(one, "ok", f->ok);
                json_text(one, "said", f->said);
                json_text(one, "missing", complaint);
                json_text(one, "hint", f->ok ? NULL : f->check->hint);
                json_append(checks, one);
        }
        json_put(o, "checks", checks);
        json_texts(o, "suspects", r->suspects);
        json_texts(o, "notes", r->notes);
        return o;
}

static int tell(const struct context *c, const struct lesson *l, const struct lesson_result *r)
{
        bool check = c->args->on[OPT_CHECK];
        int status = r->done || !check ? STATUS_DONE : STATUS_NO;

        if (c->args->json)
                return report_json(result_json(l, r)) == STATUS_DONE ? status : STATUS_CANNOT;
        if (!check)
                print_findings(c, r);
        printf("%s%s\n", check ? "" : "\n", r->done ? "Done." : "Not yet:");
        if ((r->done ? print_why(l) : print_missing(r)) < 0)
                return STATUS_CANNOT;
        return status;
}

static int examine(struct context *c, const struct lesson *l, struct lesson_progress *p)
{
        scoped(lesson_result_done) struct lesson_result result = { 0 };
        struct err e = { 0 };
        char **answer = NULL;
        int r = lesson_answer(c, l, &answer, &e);

        if (r == 0) {
                strv_free(p->answer);
                p->answer = answer;
        }
        if (r == -EINVAL || r == -EOPNOTSUPP) {
                complain(&e);
                return STATUS_USAGE;
        }
        if (r >= 0)
                r = lesson_examine(c, l, p->answer, !c->args->on[OPT_CHECK], &result, &e);
        if (r != 0) {
                complain(&e);
                return r == -EINVAL || r == -EOPNOTSUPP ? STATUS_USAGE : STATUS_CANNOT;
        }
        p->done = p->done || result.done;
        if (lesson_keep(l, p, &e) < 0)
                complain(&e);
        return tell(c, l, &result);
}

static int with_context(struct arguments *a, const struct lesson *l, struct lesson_progress *p)
{
        scoped(context_close) struct context c = CONTEXT_NONE;
        struct err e = { 0 };

        if (context_open(&c, a, &e) < 0 || context_learn(&c, &e) < 0 || context_know(&c, &e) < 0)
                return complain(&e);
        c.job.progress = report_progress;
        c.job.userdata = &c;
        return examine(&c, l, p);
}

int command_lesson(struct arguments *a)
{
        scoped(lesson_progress_done) struct lesson_progress p = { 0 };
        const struct lesson *l;
        bool answers = a->on[OPT_CHECK] || a->properties || a->profile;
        struct err e = { 0 };

        if (a->operand_count == 0 && (answers || a->on[OPT_HINT]))
                return complain_usage("which lesson? `gird lesson` lists them");
        if (a->on[OPT_HINT] && (answers || a->json))
                return complain_usage("--hint goes alone");
        if (a->operand_count == 0)
                return list(a);
        l = lesson_find(a->operands[0]);
        if (!l) {
                complain_usage("there is no lesson `%s`; `gird lesson` lists them", a->operands[0]);
                return STATUS_CANNOT;
        }
        if (lesson_progress(l, &p, &e) != 0)
                complain(&e);
        if (a->on[OPT_HINT])
                return hint(l, &p);
        if (answers)
                return with_context(a, l, &p);
        return a->json ? show_json(l, &p) : show(l, &p);
}
