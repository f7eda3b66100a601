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
void json_append_text(struct json *array, const char *text);
char *json_take(struct json *j); /* prints and frees it; NULL: out of memory */

/* A document that was read.  A json_node belongs to it. */
struct json_node;
enum json_kind { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_TEXT, JSON_ARRAY, JSON_OBJECT };

/* Refuses what is no JSON with file:line, and what no string here can hold (a NUL character,
 * invalid UTF-8). */
int json_parse(const char *file, const char *text, struct json **ret, struct err *e);
const struct json_node *json_root(const struct json *j);
const struct json_node *json_first(const struct json_node *n); /* of an array or object; or NULL */
const struct json_node *json_next(const struct json_node *n);  /* or NULL */
const struct json_node *json_member(const struct json_node *object, const char *key);
enum json_kind json_kind(const struct json_node *n);
const char *json_key(const struct json_node *n);    /* NULL in an array */
const char *json_string(const struct json_node *n); /* NULL if it is no JSON_TEXT (or n is NULL) */
double json_value(const struct json_node *n);       /* of a number or bool; 0 for others */

/* Where n stands in text, which j was made of: of a member its key.  Line and column count from 1,
 * a column is a character. */
void json_place(const struct json *j, const struct json_node *n, const char *text, unsigned *line,
                unsigned *column);

/* Profiles: {"gird":1,"unit":…,"scope":…,"systemd":…,"verdict":…,"tried":…,
 * "with":{"binary":…,"libc":…,"kernel":…},"probes":[…],"accepted":[{"what":…,"reason":…}],
 * "changes":[{"directive":…,"value":[lines],"reason":…,"evidence":…}]}; doc/profile.schema.json.
 * The lines are what stands behind '=' in a drop-in; none take the setting away.
 * -EILSEQ: a value holds what no unit file can.
 * A newer "gird" number is refused; so is anything unknown, with its place. */
int profile_to_json(const struct profile *p, const struct dialect *dialect, char **ret);
int profile_from_json(const char *file, const char *text, const struct dialect *dialect,
                      struct profile **ret, struct err *e);
