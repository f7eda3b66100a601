/* json.h - the door to cJSON: profiles, scores, lists and results as JSON, by doc/schema.
 * No other file includes cJSON. */
#pragma once

#include "core/base/err.h"
#include "core/profile/profile.h"
#include "core/score/score.h"

/* A document under construction.  Keys are literals; strings are made valid UTF-8.
 * Errors of memory stick and show in json_take(). */
struct json;
struct json *json_object(void);
struct json *json_array(void);
void json_free(struct json *j);
DEFINE_SCOPED(struct json, json_free)
void json_text(struct json *object, const char *key, const char *text); /* NULL text: null */
void json_number(struct json *object, const char *key, double number);
void json_tenths(struct json *object, const char *key, unsigned tenths); /* 96 -> 9.6 */
void json_bool(struct json *object, const char *key, bool value);
void json_null(struct json *object, const char *key);
void json_texts(struct json *object, const char *key, char *const *list);
void json_put(struct json *object, const char *key, struct json *child); /* takes child */
void json_append(struct json *array, struct json *child);                /* takes child */
char *json_take(struct json *j); /* prints and frees it; NULL: out of memory */

/* Profiles: {"gird":1,"unit":…,"scope":…,"systemd":…,"verdict":…,"tried":…,"probes":[…],
 * "changes":[{"directive":…,"value":[lines],"reason":…,"evidence":…}]}.
 * A newer "gird" number is refused; so is anything unknown, with its place. */
int profile_to_json(const struct profile *p, const struct dialect *dialect, char **ret);
int profile_from_json(const char *file, const char *text, const struct dialect *dialect,
                      struct profile **ret, struct err *e);
