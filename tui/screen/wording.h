/* wording.h - how the screens put a value, its origin and an exposure. */
#pragma once

#include "core/score/score.h"
#include "core/trial/trial.h"
#include "tui/draft.h"
#include "tui/screen/canvas.h"
#include "tui/screen/sheet.h"

/* A value as a person reads it; where nothing is set, what holds by default.  Caller frees;
 * NULL: out of memory. */
char *wording_value(const struct value *v, const struct directive *d,
                    const struct dialect *dialect);

/* "set in /etc/systemd/system/x.service:3", "implied by DynamicUser".  Caller frees. */
char *wording_origin(const struct setting *s);

enum role wording_role(unsigned exposure);
enum role wording_verdict(enum verdict v);

/* A refusal of a trial, with the directive behind it as the changed unit has it; marked: a cursor
 * is on it.  Returns how many parts of the sheet that was. */
size_t wording_denial(struct sheet *s, const struct denial *d, const struct sandbox *then,
                      const struct dialect *dialect, bool marked);

/* Writes "9.6 UNSAFE → 8.1 EXPOSED" in the roles of the two; the column behind it. */
int wording_exposures(const struct canvas *c, int row, int col, const struct draft *d);
