/* view_unit.h - one unit: its directives by group, the help beside them, the what-if score. */
#pragma once

#include "tui/advising.h"
#include "tui/draft.h"
#include "tui/screen/app.h"
#include "tui/screen/pending.h"
#include "tui/screen/prompt.h"
#include "tui/screen/sheet.h"

enum unit_filter { SHOW_SCORED, SHOW_ALL, SHOW_SET, SHOW_CHANGED, SHOW_COUNT };

/* A line of the list: a directive, or (directive < 0) the heading of a group. */
struct unit_line {
        int directive;
        enum directive_group group;
};

struct unit_view {
        struct draft draft;
        struct advising advising; /* what an observation says of the unit as it stands */
        struct pending pending;   /* what is applied and not settled, of all units */
        struct unit_line *lines;
        size_t line_count;
        int cursor; /* always on a directive, where there is one */
        enum unit_filter filter;
        bool in_pane; /* keys move the help, not the list */
        struct sheet
                pane; /* value, origin, assessments and help of the directive under the cursor */
        const struct directive *pane_of;
        struct prompt prompt;
        char search[128];
};

extern const struct view_ops unit_view_ops;

/* What is applied to it, or NULL. */
const struct guard *unit_guard(const struct unit_view *v);

void unit_view_free(void *state);
/* Reads the unit anew on the loop: what was a change may be how it stands now. */
void unit_reread(void *state, struct app *app);

/* Works out .lines from the rest; the cursor stays on its directive.  0 or -ENOMEM. */
int unit_arrange(struct unit_view *v);

/* The directive under the cursor; NULL when the list is empty. */
const struct directive *unit_directive(const struct unit_view *v);

/* Whether an observation found a stricter value safe that is not among the changes; how many. */
bool unit_can_take(const struct unit_view *v, enum directive_id id);
size_t unit_count_takes(const struct unit_view *v);
/* Takes all of them; says how it went. */
void unit_take_safe(struct unit_view *v, struct app *app);

/* Fills .pane for the directive under the cursor; it stays scrolled where it was. */
void unit_fill_pane(struct unit_view *v);

void unit_draw(const void *state, const struct canvas *c);
