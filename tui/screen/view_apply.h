/* view_apply.h - changes put on the running unit: what that will do, how it goes, the countdown
 * until it is confirmed or taken back, and what became of it. */
#pragma once

#include "core/base/text.h"
#include "tui/applying.h"
#include "tui/draft.h"
#include "tui/screen/app.h"
#include "tui/screen/pending.h"
#include "tui/screen/sheet.h"

enum apply_stage {
        APPLY_WORKING,  /* looking, applying, confirming, taking back: .doing */
        APPLY_PLANNED,  /* .plan holds, and an answer is wanted */
        APPLY_STANDING, /* something is applied: .guard's state says what */
        APPLY_OVER,     /* .outcome */
};

struct apply_view {
        struct app *app;
        struct draft *draft;
        enum apply_stage stage;
        const char *doing; /* "Applying to" */
        char **steps;      /* "1.2 s  restarting" */
        uint64_t started;  /* of the work */
        struct applying_plan plan;
        const char *objection; /* the profile's own: no trial has held it; or NULL */
        bool now, next_start;  /* as asked for */
        uint64_t within;       /* until it is taken back, microseconds */
        bool ran;              /* .applied holds */
        struct applied applied;
        struct pending pending;
        enum guard_state shown; /* that the sheet is about */
        bool found;             /* it was applied when this was opened: the draft knows it so */
        bool reverted;          /* here */
        enum role outcome_role;
        struct text outcome; /* what became of it */
        struct sheet sheet;
};

extern const struct view_ops apply_view_ops;
void apply_draw(const void *state, const struct canvas *c);

/* What is applied to the unit, or NULL. */
const struct guard *apply_guard(const struct apply_view *v);

/* Fills .sheet for the stage. */
void apply_fill(struct apply_view *v);

/* It came to an end, with these words. */
void apply_over(struct apply_view *v, enum role role, const char *fmt, ...)
        __attribute__((format(printf, 3, 4)));

/* Goes by what is applied now: a guard that stands, or one that is gone. */
void apply_settle(struct apply_view *v);
