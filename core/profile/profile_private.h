/* profile_private.h - what the files of this room share. */
#pragma once

#include "core/profile/profile.h"

#include <time.h>

enum { TIME_ROOM = sizeof("2025-01-01T00:00:00Z") + 8 };

/* The JSON form: its number, and the names of scopes in it. */
enum { PROFILE_FORMAT = 1, SCOPES = SCOPE_USER + 1 };
extern const char *const profile_scopes[];

/* This second as ISO 8601, UTC. */
void profile_time(char *out, size_t room);

/* Length of the UTF-8 character at in; 0 at the end and where the bytes are none. */
size_t profile_character(const unsigned char *in);

/* Whether unit is a unit's name: safe as a folder's name, whatever else is in it. */
bool profile_unit_fits(const char *unit);

/* Whether text can stand on one line of a unit file and come back the same: valid UTF-8, no
 * control characters, no open backslash at its end (it would swallow the next line), no blanks
 * around it (they would be stripped). */
bool profile_text_fits(const char *text);

/* Whether a backslash at its end joins the next line: it does not when another escapes it. */
bool profile_text_continues(const char *text, size_t length);

/* Doubles every '%'. */
int profile_percent_double(char **words);

/* Gives each meaning one form, so that what is written and read back compares equal: whether
 * v is plain (change.literal).  A typed value with only doubled signs becomes plain. */
bool profile_percent_settle(struct value *v, const struct directive *d, bool typed);

/* value_assign() for text as it is typed: its specifiers are kept where the catalogue can hold
 * the value with them, and resolved where it cannot ("%S/x"). */
int profile_merge(struct value *v, const struct directive *d, const struct dialect *dialect,
                  const char *unit, const char *text, struct err *note);

/* The value of a change with its specifiers resolved for that unit. */
int profile_resolve(const struct change *c, const struct sandbox *s, const struct dialect *dialect,
                    struct value *ret);

/* profile_set() for a value that was read from text, whatever the reason: "%%" is a plain '%'. */
int profile_set_typed(struct profile *p, enum directive_id id, struct value *v, enum reason reason,
                      const char *evidence);

/* Whether text can be an accepted refusal or its reason, and comes back the same. */
bool profile_accepted_fits(const char *text);
void profile_accepted_done(struct profile *p);

/* The text that brings a directive back to its default although other files set it: ""
 * where an empty assignment does it, else the default itself.  NULL: nothing does. */
const char *dropin_default(const struct directive *d, enum scope scope);

/* The section a directive is written under for this unit: "Service", "Socket", "Unit" … */
const char *dropin_section(const struct directive *d, const char *unit);

/* The words behind "# " above an assignment that returns to the default. */
#define DROPIN_DEFAULT_WORDS ", back to the default"
/* … and above what the unit has already, and would lose to another directive's reset. */
#define DROPIN_KEPT_WORDS "kept as it is"

/* A refusal that is accepted, in the header of a drop-in: "# accepted: WHAT: why".  In WHAT a
 * backslash is doubled and ": " is ":\x20". */
#define DROPIN_ACCEPTED_WORDS "accepted: "
