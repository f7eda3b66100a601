/* view_walk.h - the guided walk: one directive at a time, most valuable first. */
#pragma once

#include "core/profile/proposal.h"
#include "tui/draft.h"
#include "tui/screen/app.h"
#include "tui/screen/sheet.h"

/* A question still open. */
struct walk_question {
        const struct proposal *proposal;
        struct value value;
        unsigned exposure; /* if it were taken */
};

struct walk_answer {
        const struct proposal *proposal;
        bool taken;
        unsigned before, after; /* exposures */
        size_t past_at;         /* the draft's place in its past, when taken */
};

struct walk_view {
        struct draft *draft;                        /* of the view below */
        struct walk_question open[DIRECTIVE_COUNT]; /* most valuable first */
        size_t open_count;
        struct walk_answer answers[DIRECTIVE_COUNT]; /* in the order given */
        size_t answer_count;
        bool ended;         /* the summary is shown */
        struct sheet sheet; /* the question, or the summary */
};

extern const struct view_ops walk_view_ops;

/* Works out .open and .sheet from the rest. */
int walk_arrange(struct walk_view *v);

/* Writes the question or the summary into .sheet; walk_arrange() does it too. */
void walk_compose(struct walk_view *v);

void walk_draw(const void *state, const struct canvas *c);
