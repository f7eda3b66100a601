/* policy_private.h - what the files of this room share. */
#pragma once

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/policy/policy.h"
#include "core/profile/json.h"

/* A JSON file as it is read, and the place in it for what is said about it. */
struct policy_reading {
        const char *file, *text;
        const struct json *json;
        const struct dialect *dialect;
        struct err *e;
};
/* "FILE:LINE:COLUMN: …" */
int policy_wrong(const struct policy_reading *r, const struct json_node *n, const char *fmt, ...)
        __attribute__((format(printf, 3, 4)));

/* A member of an object, and who reads it. */
struct policy_member {
        const char *key;
        int (*read)(const struct policy_reading *r, const struct json_node *n, void *into);
};
/* Each member of object must be one of these, once.  members end with a NULL key. */
int policy_members(const struct policy_reading *r, const struct json_node *object,
                   const struct policy_member *members, void *into);

/* The directive that n's key, or text, names; with the nearest name when there is none. */
int policy_directive(const struct policy_reading *r, const struct json_node *n, const char *name,
                     enum directive_id *ret);
/* The value that assignments give. */
int policy_value(const struct policy_reading *r, const struct json_node *n, enum directive_id id,
                 const char *text, struct value *v);
/* An exposure in tenths, 0 to 10. */
int policy_exposure(const struct policy_reading *r, const struct json_node *n, unsigned *ret);

bool policy_matches(char *const *patterns, const char *unit);
