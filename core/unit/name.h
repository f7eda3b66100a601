/* name.h - the names of units: foo.service, foo@.service, foo@bar.service. */
#pragma once

#include <stdbool.h>

enum name_kind {
        NAME_INVALID = 0,
        NAME_PLAIN = 1,
        NAME_TEMPLATE = 2, /* foo@.service */
        NAME_INSTANCE = 3, /* foo@bar.service */
};

enum name_kind name_kind(const char *name);

/* ".service" of "foo.service"; NULL where the suffix is no unit type's. */
const char *name_suffix(const char *name);

/* All of these are allocated; NULL: out of memory. */
char *name_prefix(const char *name);                              /* "foo" */
char *name_instance(const char *name);                            /* "bar", "" if there is none */
char *name_template(const char *name);                            /* "foo@.service" */
char *name_with_instance(const char *name, const char *instance); /* of foo@*.service */
char *name_unescape(const char *text);                            /* "\x2d" -> "-", "-" -> "/" */
char *name_escape_path(const char *path);                         /* "/mnt/a-b" -> "mnt-a\x2db" */

/* Whether a file called alias may be a link to the unit target: same type, and a template
 * to a template, an instance to its template or the same instance. */
bool name_may_alias(const char *alias, const char *target);
