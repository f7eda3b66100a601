/* view_walk_draw.c - a question of the guided walk, and its summary. */
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/help.h"
#include "tui/screen/view_walk.h"
#include "tui/screen/wording.h"

void walk_draw(const void *state, const struct canvas *c)
{
        const struct walk_view *v = state;
        struct canvas body = canvas_part(c, 1, 0, c->rows - 1, c->cols);
        int col;

        if (v->ended)
                col = canvas_text(c, 0, 0, ROLE_TITLE, "done");
        else
                col = canvas_text(c, 0, 0, ROLE_TITLE, "%zu of %zu", v->answer_count + 1,
                                  v->answer_count + v->open_count);
        col = wording_exposures(c, 0, col + 2, v->draft);
        canvas_text(c, 0, col + 2, ROLE_TITLE, "%s", v->draft->now->unit);
        sheet_draw(&v->sheet, &body);
}

static void add_values(struct sheet *s, const struct walk_view *v, const struct walk_question *q)
{
        const struct directive *d = directive_at(q->proposal->directive);
        const struct setting *now = draft_setting(v->draft, d->id);
        scoped(mem_freep) char *present = wording_value(&now->value, d, v->draft->dialect);
        scoped(mem_freep) char *origin = wording_origin(now);
        scoped(mem_freep) char *proposed = value_show(&q->value, d, v->draft->dialect);

        sheet_add(s, ROLE_TEXT, "now       %s%s%s%s", present ? present : "?",
                  now->value.set && origin ? " (" : "", now->value.set && origin ? origin : "",
                  now->value.set && origin ? ")" : "");
        sheet_add(s, ROLE_CHANGED, "proposed  %s", proposed ? proposed : "?");
        if (!v->draft->scored)
                return;
        if (q->exposure == v->draft->after.exposure)
                sheet_add(s, ROLE_TEXT, "exposure  %u.%u, which it does not move", q->exposure / 10,
                          q->exposure % 10);
        else
                sheet_add(s, q->exposure < v->draft->after.exposure ? ROLE_GOOD : ROLE_BAD,
                          "exposure  %u.%u \xe2\x86\x92 %u.%u", v->draft->after.exposure / 10,
                          v->draft->after.exposure % 10, q->exposure / 10, q->exposure % 10);
}

static void add_section(struct sheet *s, const struct help_page *page, const char *heading)
{
        scoped(mem_freep) char *body = page ? help_section(page, heading) : NULL;

        if (!body)
                return;
        sheet_add(s, ROLE_TEXT, "%s", "");
        sheet_add(s, ROLE_HEADING, "%s", heading);
        sheet_add_page(s, body);
}

static void compose_question(struct sheet *s, const struct walk_view *v)
{
        const struct walk_question *q = &v->open[0];
        const char *name = directive_at(q->proposal->directive)->name;
        const struct help_page *page = help_find(name);
        scoped(mem_freep) char *sentence = page ? help_sentence(page) : NULL;

        sheet_add(s, ROLE_TITLE, "%s", name);
        sheet_add(s, ROLE_TEXT, "%s", sentence ? sentence : "");
        sheet_add(s, ROLE_TEXT, "%s", "");
        add_values(s, v, q);
        if (q->proposal->decision) {
                sheet_add(s, ROLE_TEXT, "%s", "");
                sheet_add(s, ROLE_FAIR, "%s", q->proposal->decision);
        }
        add_section(s, page, "What it does");
        add_section(s, page, "What breaks");
}

static void add_answers(struct sheet *s, const struct walk_view *v, bool taken)
{
        bool headed = false;

        for (size_t i = 0; i < v->answer_count; i++) {
                const struct walk_answer *a = &v->answers[i];
                const char *name = directive_at(a->proposal->directive)->name;

                if (a->taken != taken)
                        continue;
                if (!headed) {
                        sheet_add(s, ROLE_TEXT, "%s", "");
                        sheet_add(s, ROLE_HEADING, taken ? "Taken" : "Skipped");
                }
                headed = true;
                if (!taken || !v->draft->scored || a->before == a->after)
                        sheet_add(s, taken ? ROLE_CHANGED : ROLE_TEXT, "  %s", name);
                else
                        sheet_add(s, ROLE_CHANGED, "  %u.%u \xe2\x86\x92 %u.%u  %s", a->before / 10,
                                  a->before % 10, a->after / 10, a->after % 10, name);
        }
}

static void compose_summary(struct sheet *s, const struct walk_view *v)
{
        const struct profile *p = v->draft->profile;
        size_t taken = 0;

        for (size_t i = 0; i < v->answer_count; i++)
                taken += v->answers[i].taken;
        sheet_add(s, ROLE_TEXT, "%zu taken, %zu skipped, %zu not asked.", taken,
                  v->answer_count - taken, v->open_count);
        if (p->verdict != VERDICT_NOT_TRIED)
                sheet_add(s, p->verdict == VERDICT_HELD ? ROLE_GOOD : ROLE_BAD,
                          "The trial of these changes: %s.", verdict_name(p->verdict));
        else if (p->change_count)
                sheet_add(s, ROLE_FAIR, "%s starts the unit with the changes in a twin now.",
                          action_key(WALK_SCREEN, ACT_TRY));
        sheet_add(s, ROLE_TEXT, "%s goes back to the questions, %s to the unit.",
                  action_key(WALK_SCREEN, ACT_PREVIOUS), action_key(WALK_SCREEN, ACT_BACK));
        add_answers(s, v, true);
        add_answers(s, v, false);
}

void walk_compose(struct walk_view *v)
{
        sheet_done(&v->sheet);
        if (v->ended)
                compose_summary(&v->sheet, v);
        else
                compose_question(&v->sheet, v);
}
