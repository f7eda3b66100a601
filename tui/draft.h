/* draft.h - a unit with changes under way: the sandbox as it stands, the changes, what comes of
 * them, and a way back.  The screens edit this; nothing here touches the machine. */
#pragma once

#include "core/base/err.h"
#include "core/observe/infer.h"
#include "core/profile/profile.h"
#include "core/score/score.h"

struct draft {
        struct sandbox *now, *then; /* then: with the changes; both implied */
        struct profile *profile;
        const struct dialect *dialect;
        enum score_mode mode;
        bool scored;
        struct score before, after;
        struct profile **past;      /* what undo goes back to, oldest first */
        size_t past_count, past_at; /* past_at < past_count: redo is possible */
        bool saved;   /* nothing is lost by leaving: unchanged, tried (kept as last profile) or
                         written */
        bool written; /* the drop-in was written: .now is out of date */
};

/* Takes s (implied) and, where there is one, the profile to start from. */
int draft_open(struct draft *d, struct sandbox *s, struct profile *p, const struct dialect *dialect,
               enum score_mode mode, struct err *e);
void draft_done(struct draft *d);

/* The value as it would be, and whether the changes touch it. */
const struct setting *draft_setting(const struct draft *d, enum directive_id id);
bool draft_changed(const struct draft *d, enum directive_id id);

/* Sets a value (taken over) as a change with its undo step; a value equal to the unit's own takes
 * the change away instead. */
int draft_set(struct draft *d, enum directive_id id, struct value *v, struct err *e);

/* Sets from assignments, as the editors type them: each a line behind '='.  On a refused or
 * ignored line nothing changes and e says why. */
int draft_set_lines(struct draft *d, enum directive_id id, char *const *lines, struct err *e);

/* +1 stricter, -1 looser; 0: the next value, and the first after the last.  1: there is none. */
int draft_step(struct draft *d, enum directive_id id, int direction, struct err *e);
int draft_reset(struct draft *d, enum directive_id id, struct err *e); /* 1: not changed */

/* Takes over all that an observation found safe and the changes do not set by hand, in one undo
 * step.  1: there is nothing more to take.  *ret_count: how many directives. */
int draft_take(struct draft *d, const struct advices *a, size_t *ret_count, struct err *e);

/* Takes the changes, probes and verdict of p (copied) instead of its own, in one undo step. */
int draft_load(struct draft *d, const struct profile *p, struct err *e);

/* Accepts a refusal (a denial's key) for the reason given, in one undo step. */
int draft_accept(struct draft *d, const char *what, const char *reason, struct err *e);

int draft_undo(struct draft *d, struct err *e); /* 1: nothing to undo */
int draft_redo(struct draft *d, struct err *e);

/* What a value would make of the exposure, without setting it.  Tenths. */
int draft_what_if(const struct draft *d, enum directive_id id, const struct value *v,
                  unsigned *ret_exposure);

/* What the rows of this directive contribute to the exposure: the sum of their shares, in tenths.
 */
unsigned draft_share(const struct draft *d, enum directive_id id);
