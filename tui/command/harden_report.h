/* harden_report.h - what `gird harden` prints: steps as they come, and what was found. */
#pragma once

#include "core/profile/json.h"
#include "core/trial/search.h"
#include "tui/context.h"

/* A step on stderr, unless --quiet.  userdata: the context. */
void harden_report_step(void *userdata, const struct search_step *s);

/* Whether nothing had to be tried: the unit has it all, or is within the aim. */
bool harden_report_idle(const struct search *found);

/* The whole result: in words on stdout, or as the JSON object of `gird harden --json`.  saved: the
 * drop-in that was written, or NULL. */
void harden_report(const struct context *c, const char *unit, const struct search *found,
                   const char *saved);
struct json *harden_report_json(const struct context *c, const char *unit,
                                const struct search *found, const char *saved);
