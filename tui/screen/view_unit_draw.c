/* view_unit_draw.c - one unit, drawn. */
#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/help.h"
#include "tui/screen/list.h"
#include "tui/screen/view_unit.h"
#include "tui/screen/wording.h"

#include <stdio.h>
#include <string.h>

static void draw_head(const struct unit_view *v, const struct canvas *c)
{
        const struct draft *d = &v->draft;
        /* The numbers come first where the window is narrow: they are what one looks for. */
        int col = wording_exposures(c, 0, 0, d);

        col = canvas_text(c, 0, col + 2, ROLE_TITLE, "%s", d->now->unit);
        if (d->now->facts.description)
                canvas_text(c, 0, col, ROLE_TEXT, "  %s", d->now->facts.description);
}

/* What is applied comes before all else: it may be taken back any moment. */
static int draw_pending(const struct unit_view *v, const struct canvas *c)
{
        const struct guard *g = pending_of(&v->pending, v->draft.now->unit);
        char words[64];
        int col;

        if (!g)
                return 0;
        pending_words(g, v->pending.now, words, sizeof(words));
        col = canvas_text(c, 1, 0, pending_role(g), "%s", words);
        return canvas_text(c, 1, col, ROLE_TEXT, " (A)  ");
}

static void draw_state(const struct unit_view *v, const struct canvas *c)
{
        static const char *const filters[SHOW_COUNT] = { "what the score looks at",
                                                         "all directives", "what is set",
                                                         "the changes" };
        const struct profile *p = v->draft.profile;
        int col;

        if (v->draft.now->load != LOAD_LOADED && v->draft.now->load != LOAD_TEMPLATE) {
                canvas_text(c, 1, 0, ROLE_BAD, "%s: %s", load_state_name(v->draft.now->load),
                            v->draft.now->load_note ? v->draft.now->load_note
                                                    : "systemd does not start it");
                return;
        }
        col = draw_pending(v, c);
        col = canvas_text(c, 1, col, ROLE_TEXT, "%s", filters[v->filter]);
        if (p->change_count)
                col = canvas_text(c, 1, col, ROLE_CHANGED, ", %zu change%s", p->change_count,
                                  p->change_count == 1 ? "" : "s");
        if (p->verdict != VERDICT_NOT_TRIED)
                col = canvas_text(c, 1, col, p->verdict == VERDICT_HELD ? ROLE_GOOD : ROLE_BAD,
                                  ", %s", verdict_name(p->verdict));
        if (unit_count_takes(v))
                col = canvas_text(c, 1, col, ROLE_GOOD, ", %zu safe to take", unit_count_takes(v));
        if (v->draft.now->oddity_count)
                canvas_text(c, 1, col, ROLE_FAIR, ", %zu odd line%s in its files (d)",
                            v->draft.now->oddity_count, v->draft.now->oddity_count == 1 ? "" : "s");
}

static char *value_text(const struct unit_view *v, const struct directive *d)
{
        const struct draft *draft = &v->draft;

        if (!directive_known_to(d, draft->dialect->version))
                return text_format("from systemd %u", d->since);
        return value_show(&draft_setting(draft, d->id)->value, d, draft->dialect);
}

/* What an observation says of it: '+' safe and stricter than it is, '!' would break, '?' unknown.
 */
static void draw_advice(const struct unit_view *v, const struct canvas *c, int row,
                        const struct directive *d)
{
        const struct advice *a = &v->advising.advices.list[d->id];

        switch (a->verdict) {
        case ADVICE_SAFE:
                if (unit_can_take(v, d->id))
                        canvas_text(c, row, c->cols - 1, ROLE_GOOD, "+");
                break;
        case ADVICE_BREAKS:
                canvas_text(c, row, c->cols - 1, ROLE_BAD, "!");
                break;
        case ADVICE_UNKNOWN:
                canvas_text(c, row, c->cols - 1, ROLE_FAIR, "?");
                break;
        }
}

static void draw_directive(const struct unit_view *v, const struct canvas *c, int row,
                           const struct directive *d, bool under)
{
        scoped(mem_freep) char *value = value_text(v, d);
        const struct setting *s = draft_setting(&v->draft, d->id);
        unsigned share = draft_share(&v->draft, d->id);
        bool changed = draft_changed(&v->draft, d->id);
        bool shares = c->cols >= 26; /* narrower, the value is worth more than its share */
        int name = c->cols < 34 ? c->cols / 2 + 1 : 23;
        int advice = v->advising.known ? 2 : 0;
        int value_width = c->cols - name - 2 - (shares ? 5 : 0) - advice;
        enum role role = changed                            ? ROLE_CHANGED
                         : s->origin.kind != ORIGIN_DEFAULT ? ROLE_TITLE
                                                            : ROLE_TEXT;
        int col;

        canvas_text(c, row, 0, role, "%s", changed ? "*" : s->value.set ? "=" : " ");
        col = canvas_field(c, row, 1, name, role, d->name);
        if (value_width > 0)
                canvas_field(c, row, col + 1, value_width, role, value ? value : "?");
        if (share && shares)
                canvas_text(c, row, c->cols - 4 - advice, share >= 3 ? ROLE_BAD : ROLE_FAIR,
                            "%2u.%u", share / 10, share % 10);
        if (advice)
                draw_advice(v, c, row, d);
        if (under)
                canvas_paint(c, row, 0, c->cols, v->in_pane ? ROLE_TITLE : ROLE_CURSOR);
}

static void draw_list(const struct unit_view *v, const struct canvas *c)
{
        int top = list_top(v->cursor, (int)v->line_count, c->rows);

        for (int i = 0; i < c->rows && top + i < (int)v->line_count; i++) {
                const struct unit_line *line = &v->lines[top + i];

                if (line->directive < 0)
                        canvas_field(c, i, 0, c->cols, ROLE_HEADING,
                                     directive_group_name(line->group));
                else
                        draw_directive(v, c, i, directive_at((size_t)line->directive),
                                       top + i == v->cursor);
        }
        if (!v->line_count)
                canvas_wrap(c, 0, ROLE_TEXT, "Nothing here; v shows other directives.", 0);
}

static void add_assessments(struct sheet *pane, const struct draft *draft, enum directive_id id)
{
        for (size_t i = 0; draft->scored && i < draft->after.count; i++) {
                const struct assessment *row = &draft->after.rows[i];

                if (row->directive != id)
                        continue;
                if (!row->applicable)
                        sheet_add(pane, ROLE_TEXT, "    %s does not count here", row->title);
                else if (row->badness)
                        sheet_add(pane, ROLE_FAIR, "%u.%u %s", row->exposure / 10,
                                  row->exposure % 10, row->meaning);
                else
                        sheet_add(pane, ROLE_GOOD, "ok  %s", row->title);
        }
}

static void add_needs(struct sheet *pane, const struct directive *d)
{
        struct text needs = { 0 };
        const char *need;

        for (size_t i = 0; (need = directive_need(d, i)); i++)
                text_addf(&needs, "%s%s", i ? ", " : "needs ", need);
        if (d->flags & LEAVES_MARKS)
                text_addf(&needs, "%sleaves marks that undo does not take back",
                          needs.length ? "; " : "");
        if (needs.length)
                sheet_add(pane, ROLE_TEXT, "%s", needs.chars);
        text_done(&needs);
}

static void add_advice(struct sheet *pane, const struct unit_view *v, const struct directive *d)
{
        const struct advice *a = &v->advising.advices.list[d->id];
        scoped(mem_freep) char *value = NULL;
        scoped(mem_freep) char *confidence = NULL;

        if (!v->advising.known)
                return;
        if (a->value.set)
                value = value_show(&a->value, d, v->draft.dialect);
        confidence = advising_confidence(a);
        sheet_add(pane, ROLE_TEXT, "%s", "");
        sheet_add(pane,
                  a->verdict == ADVICE_SAFE     ? ROLE_GOOD
                  : a->verdict == ADVICE_BREAKS ? ROLE_BAD
                                                : ROLE_FAIR,
                  "%s%s%s%s%s", advising_words(a), value ? ": " : "", value ? d->name : "",
                  value ? "=" : "", value ? value : "");
        if (a->evidence)
                sheet_add(pane, ROLE_TEXT, "%s", a->evidence);
        sheet_add(pane, ROLE_TEXT, "(%s)", confidence ? confidence : "?");
}

void unit_fill_pane(struct unit_view *v)
{
        const struct directive *d = unit_directive(v);
        int top = d && d == v->pane_of ? v->pane.top : 0;
        const struct help_page *page = d ? help_find(d->name) : NULL;
        const char *body = page ? strchr(page->text, '\n') : NULL; /* the name stands above */

        sheet_done(&v->pane);
        v->pane_of = d;
        if (!d)
                return;
        scoped(mem_freep) char *value = value_text(v, d);
        scoped(mem_freep) char *origin = wording_origin(draft_setting(&v->draft, d->id));

        sheet_add(&v->pane, ROLE_TITLE, "%s=%s", d->name, value ? value : "");
        sheet_add(&v->pane, ROLE_TEXT, "(%s)", origin ? origin : "");
        add_needs(&v->pane, d);
        add_assessments(&v->pane, &v->draft, d->id);
        add_advice(&v->pane, v, d);
        sheet_add(&v->pane, ROLE_TEXT, "%s", "");
        sheet_add_page(&v->pane, body ? body + 1 : "");
        v->pane.top = top;
}

void unit_draw(const void *state, const struct canvas *c)
{
        const struct unit_view *v = state;
        int rows = c->rows - 2 - (v->prompt.open ? 1 : 0);
        int width = c->cols >= 64 ? (c->cols > 110 ? 54 : c->cols / 2) : c->cols;
        struct canvas list = canvas_part(c, 2, 0, rows, width);
        struct canvas bar = canvas_part(c, 2, width, rows, 1);
        struct canvas pane = canvas_part(c, 2, width + 2, rows, c->cols - width - 2);

        draw_head(v, c);
        draw_state(v, c);
        if (width < c->cols) {
                draw_list(v, &list);
                canvas_bar(&bar, 0, ROLE_TEXT);
                sheet_draw(&v->pane, &pane);
        } else if (v->in_pane)
                sheet_draw(&v->pane, &list);
        else
                draw_list(v, &list);
        if (v->prompt.open)
                prompt_draw(&v->prompt, c, c->rows - 1, "search: ");
}
