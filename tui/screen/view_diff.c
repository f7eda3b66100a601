/* view_diff.c - what the changes amount to. */
#include "tui/screen/view_diff.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/screen/views.h"
#include "tui/screen/wording.h"

#include <string.h>

static void draw(const void *state, const struct canvas *c)
{
        const struct diff_view *v = state;
        const struct draft *d = v->draft;
        struct canvas body = canvas_part(c, 1, 0, c->rows - 1, c->cols);
        size_t n = d->profile->change_count;
        int col = wording_exposures(c, 0, 0, d);

        col = canvas_text(c, 0, col + 2, ROLE_CHANGED, "%zu change%s", n, n == 1 ? "" : "s");
        canvas_text(c, 0, col + 2, ROLE_TITLE, "%s", d->now->unit);
        sheet_draw(&v->sheet, &body);
}

static bool act(void *state, enum action a, struct app *app)
{
        struct diff_view *v = state;

        (void)app;
        return sheet_move(&v->sheet, a);
}

static void view_free(void *state)
{
        struct diff_view *v = state;

        sheet_done(&v->sheet);
        free(v);
}

static const enum action footer[] = { ACT_DOWN, ACT_PAGE_DOWN, ACT_BACK, ACT_HELP, ACT_NONE };

const struct view_ops diff_view_ops = {
        .screen = DIFF_SCREEN,
        .draw = draw,
        .act = act,
        .free = view_free,
        .footer = footer,
};

static const struct assessment *row_before(const struct draft *d, const struct assessment *after)
{
        for (size_t i = 0; i < d->before.count; i++)
                if (strcmp(d->before.rows[i].id, after->id) == 0)
                        return &d->before.rows[i];
        return NULL;
}

/* A row whose share of the exposure, or whose badness, is no longer the same. */
static void add_row(struct sheet *s, const struct assessment *was, const struct assessment *is)
{
        bool better = is->badness < was->badness || (!is->applicable && was->applicable);

        if (!is->applicable || !was->applicable)
                sheet_add(s, better ? ROLE_GOOD : ROLE_BAD, "  %s: %s", is->title,
                          is->applicable ? "counts now" : "does not count any more");
        else
                sheet_add(s, better ? ROLE_GOOD : ROLE_BAD, "  %u.%u \xe2\x86\x92 %u.%u  %s",
                          was->exposure / 10, was->exposure % 10, is->exposure / 10,
                          is->exposure % 10, is->title);
}

/* The rows that moved and belong to a directive; to none that is changed, with DIRECTIVE_COUNT. */
static void add_rows(struct sheet *s, const struct draft *d, enum directive_id id)
{
        bool headed = id != DIRECTIVE_COUNT;

        for (size_t i = 0; d->scored && i < d->after.count; i++) {
                const struct assessment *is = &d->after.rows[i], *was = row_before(d, is);
                bool moved = was &&
                             (was->badness != is->badness || was->applicable != is->applicable);
                bool mine = id == DIRECTIVE_COUNT ? !draft_changed(d, is->directive)
                                                  : is->directive == id;

                if (!moved || !mine)
                        continue;
                if (!headed)
                        sheet_add(s, ROLE_HEADING, "Moves with them in the score");
                headed = true;
                add_row(s, was, is);
        }
}

static void add_values(struct sheet *s, const struct draft *d, enum directive_id id, enum role role)
{
        const struct directive *row = directive_at(id);
        scoped(mem_freep) char *was = wording_value(&d->now->settings[id].value, row, d->dialect);
        scoped(mem_freep) char *is = wording_value(&d->then->settings[id].value, row, d->dialect);

        sheet_add(s, role, "  %s \xe2\x86\x92 %s", was ? was : "?", is ? is : "?");
}

static void add_change(struct sheet *s, const struct draft *d, const struct change *change)
{
        scoped(mem_freep) char *origin = wording_origin(&d->now->settings[change->directive]);

        sheet_add(s, ROLE_HEADING, "%s", directive_at(change->directive)->name);
        add_values(s, d, change->directive, ROLE_CHANGED);
        sheet_add(s, ROLE_TEXT, "  before: %s", origin ? origin : "?");
        sheet_add(s, ROLE_TEXT, "  why: %s%s%s", reason_words(change->reason),
                  change->evidence ? "; " : "", change->evidence ? change->evidence : "");
        add_rows(s, d, change->directive);
}

/* What systemd changes by itself because of the changes. */
static void add_implied(struct sheet *s, const struct draft *d)
{
        bool headed = false;

        for (size_t i = 0; i < DIRECTIVE_COUNT; i++) {
                const struct setting *is = &d->then->settings[i];

                if (draft_changed(d, (enum directive_id)i) ||
                    value_equal(&is->value, &d->now->settings[i].value))
                        continue;
                if (!headed)
                        sheet_add(s, ROLE_HEADING, "Brought along");
                headed = true;
                if (is->origin.kind == ORIGIN_IMPLIED)
                        sheet_add(s, ROLE_TEXT, "  %s, implied by %s", directive_at(i)->name,
                                  directive_at(is->origin.by)->name);
                else
                        sheet_add(s, ROLE_TEXT, "  %s", directive_at(i)->name);
                add_values(s, d, (enum directive_id)i, ROLE_CHANGED);
        }
}

static void add_oddities(struct sheet *s, const struct sandbox *unit)
{
        if (unit->oddity_count)
                sheet_add(s, ROLE_HEADING, "Odd lines in the unit's files");
        for (size_t i = 0; i < unit->oddity_count; i++) {
                const struct oddity *o = &unit->oddities[i];

                sheet_add(s, o->refused ? ROLE_BAD : ROLE_FAIR, "  %s:%u", o->file ? o->file : "?",
                          o->line);
                sheet_add(s, ROLE_TEXT, "    %s=%s", o->key ? o->key : "", o->text ? o->text : "");
                sheet_add(s, ROLE_TEXT, "    %s", o->why ? o->why : "systemd ignores it");
        }
}

void view_diff_open(struct app *app, const struct draft *d)
{
        struct diff_view *v = calloc(1, sizeof(*v));

        if (v) {
                v->draft = d;
                if (!d->profile->change_count)
                        sheet_add(&v->sheet, ROLE_TEXT,
                                  "Nothing is changed: the unit as it stands.");
                for (size_t i = 0; i < d->profile->change_count; i++)
                        add_change(&v->sheet, d, &d->profile->changes[i]);
                add_implied(&v->sheet, d);
                add_rows(&v->sheet, d, DIRECTIVE_COUNT);
                add_oddities(&v->sheet, d->now);
        }
        app_push(app, &diff_view_ops, v);
}
