/* view_lesson_fill.c - a lesson as text: what came of the answer first, then the answer, the
 * lesson, the hints that were asked for, and, once it is done, why. */
#include "tui/screen/view_lesson.h"

#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/screen/wording.h"

#include <stdio.h>
#include <string.h>

/* Between two parts. */
static void gap(struct sheet *s)
{
        if (s->count)
                sheet_add(s, ROLE_TEXT, "%s", "");
}

static void add_finding(struct sheet *s, const struct lesson_finding *f)
{
        bool works = f->check->kind == LESSON_WORKS;

        if (!works && f->check->kind != LESSON_REFUSED)
                return;
        sheet_add(s,
                  !f->looked ? ROLE_FAIR
                  : f->ok    ? ROLE_GOOD
                             : ROLE_BAD,
                  "  %-3s %s",
                  !f->looked       ? "?"
                  : f->ok == works ? "yes"
                                   : "no",
                  f->check->words);
}

static void add_missing(struct sheet *s, const struct lesson_result *r)
{
        sheet_add(s, ROLE_HEADING, "Not yet");
        for (size_t i = 0; i < r->count; i++) {
                scoped(mem_freep) char *complaint = NULL;

                if (!lesson_matters(r, &r->findings[i]))
                        continue;
                complaint = lesson_complaint(&r->findings[i]);
                sheet_add(s, ROLE_BAD, "  %s", complaint ? complaint : "out of memory");
                sheet_add(s, ROLE_TEXT, "    %s", r->findings[i].check->hint);
        }
        for (char **suspect = r->suspects; suspect && *suspect; suspect++)
                sheet_add(s, ROLE_FAIR, "  because of %s", *suspect);
        for (char **note = r->notes; note && *note; note++)
                sheet_add(s, ROLE_FAIR, "  %s", *note);
}

static void add_result(struct sheet *s, const struct lesson_result *r)
{
        sheet_add(s, ROLE_HEADING, "With this answer");
        sheet_add(s, wording_role(r->after), "  exposure %u.%u \xe2\x86\x92 %u.%u", r->before / 10,
                  r->before % 10, r->after / 10, r->after % 10);
        for (size_t i = 0; i < r->count; i++)
                add_finding(s, &r->findings[i]);
        if (r->done)
                sheet_add(s, ROLE_GOOD, "Done.");
        else
                add_missing(s, r);
}

static void add_part(struct sheet *s, const struct lesson *l, const char *heading)
{
        scoped(mem_freep) char *body = lesson_part(l, heading), *whole = NULL;
        struct text page = { 0 };
        size_t n;

        gap(s);
        text_addf(&page, "%s\n", heading);
        for (size_t at = 0; body && body[at]; at += n) {
                n = strcspn(body + at, "\n");
                n += body[at + n] == '\n';
                text_add(&page, "  ");
                text_addn(&page, body + at, n);
        }
        whole = text_take(&page);
        if (whole)
                sheet_add_page(s, whole);
        else
                s->failed = true;
}

static void add_answer(struct sheet *s, const struct lesson_progress *p)
{
        if (!p->answer)
                return;
        gap(s);
        sheet_add(s, ROLE_HEADING, "Your answer");
        for (char **line = p->answer; *line; line++)
                sheet_add(s, ROLE_CHANGED, "  %s", *line);
}

/* The name is the title, and what stands at the margin of a page is a heading. */
static void add_text(struct sheet *s, const struct lesson *l)
{
        scoped(mem_freep) char *text = lesson_text(lesson_page(l));
        const char *sentence = text ? strchr(text, '\n') : NULL;
        const char *rest = sentence ? strchr(sentence + 1, '\n') : NULL;

        gap(s);
        if (!rest) {
                s->failed = true;
                return;
        }
        sheet_add(s, ROLE_TEXT, "%.*s", (int)(rest - sentence - 1), sentence + 1);
        sheet_add_page(s, rest + 1);
}

void lesson_fill(struct lesson_view *v)
{
        struct sheet *s = &v->sheet;
        int top = s->top;

        sheet_done(s);
        s->top = top;
        if (v->error.code)
                sheet_add(s, ROLE_FAIR, "%s", v->error.text);
        if (v->examined)
                add_result(s, &v->result);
        if (v->progress.done && v->examined && v->result.done)
                add_part(s, v->lesson, "Why");
        add_answer(s, &v->progress);
        add_text(s, v->lesson);
        for (unsigned i = 1; i <= v->progress.hints; i++) {
                char heading[16];

                snprintf(heading, sizeof(heading), "Hint %u", i);
                add_part(s, v->lesson, heading);
        }
        if (v->progress.done && !(v->examined && v->result.done))
                add_part(s, v->lesson, "Why");
}
