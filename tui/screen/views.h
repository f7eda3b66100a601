/* views.h - how each screen is opened. */
#pragma once

#include "core/trial/trial.h"
#include "tui/advising.h"
#include "tui/draft.h"
#include "tui/screen/app.h"

void view_units_open(struct app *app);                  /* list of units */
void view_unit_open(struct app *app, const char *unit); /* one unit: reads it, then its screen */
void view_walk_open(struct app *app, struct draft *d);  /* guided walk over d */
void view_diff_open(struct app *app, const struct draft *d);   /* what the changes amount to */
void view_inside_open(struct app *app, const struct draft *d); /* what an intruder could do */
void view_breach_open(struct app *app, struct draft *d); /* the same, tried at once in a twin */
void view_trial_open(struct app *app, struct draft *d);  /* starts the trial at once */
/* Observes at once; leaves what follows from it in advising. */
void view_observe_open(struct app *app, struct draft *d, struct advising *advising);
void view_save_open(struct app *app, struct draft *d);
void view_export_open(struct app *app, const struct draft *d); /* in another form, to a file */
void view_harden_open(struct app *app, struct draft *d);       /* starts to search at once */
/* What applying the changes will do; where something is applied already, that. */
void view_apply_open(struct app *app, struct draft *d);
void view_keys_open(struct app *app, enum screen_id screen); /* what the keys do */
void view_page_open(struct app *app, const char *page);      /* a help page by name */

void view_lessons_open(struct app *app); /* the course, with its marks */

/* Editors.  accept() gets the new assignments (each the text behind '='), or is not called when the
 * user leaves it; a complaint it returns in e is shown and the editor stays open. */
struct edit_done {
        int (*accept)(void *state, char *const *lines, struct app *app, struct err *e);
        void *state;
};
void view_edit_open(struct app *app, const struct directive *d, const struct dialect *dialect,
                    const struct value *v, struct edit_done done);
