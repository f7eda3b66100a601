/* report.h - what the commands print alike: colours, widths, JSON documents, progress. */
#pragma once

#include "core/profile/json.h"
#include "core/trial/trial.h"
#include "tui/context.h"

/* Escape sequence for a level on a colour terminal, "" elsewhere. */
const char *report_color(const struct context *c, unsigned exposure);
const char *report_plain(const struct context *c);

/* Prints a document and a newline; STATUS_CANNOT when memory ran out. */
int report_json(struct json *j);

/* Exposure as people read it: "9.6 UNSAFE". */
void report_exposure(const struct context *c, unsigned exposure);

/* Steps of long work, on stderr, unless --quiet. */
void report_progress(void *userdata, const char *step, const char *detail);

/* Text of outside, made printable, on stdout. */
void report_text(const char *text);

/* A value's origin in words: "/etc/…/x.conf:3", "default", "implied by DynamicUser".  Caller frees.
 */
char *report_origin(const struct setting *setting);

/* A whole trial: in words on stdout, or as the JSON object of `gird try --json`. */
void report_trial(const struct context *c, const struct trial *t, const struct profile *p,
                  unsigned before, unsigned after);
struct json *report_trial_json(const struct context *c, const struct trial *t,
                               const struct profile *p, unsigned before, unsigned after);
