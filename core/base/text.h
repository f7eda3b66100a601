/* text.h - growing strings, lists of strings, and strings from outside made harmless. */
#pragma once

#include "core/base/base.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* A string that grows.  Zero it to start; a failed allocation sticks, and
 * text_take() then answers NULL, so callers check once. */
struct text {
        char *chars;
        size_t length;
        size_t room;
        bool failed;
};

void text_add(struct text *t, const char *chars);
void text_addn(struct text *t, const char *chars, size_t n);
void text_addf(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void text_addv(struct text *t, const char *fmt, va_list args);
char *text_take(struct text *t); /* "" for an empty one; caller frees; NULL: out of memory */
void text_done(struct text *t);

/* Writes in to out with control characters, invalid UTF-8, bidi and other invisible
 * characters shown as '?' (a tab as a space), cut at room - 1 bytes on a character
 * boundary.  Every string from outside passes here before a person sees it. */
void text_printable(char *out, size_t room, const char *in);
char *text_printable_dup(const char *in); /* the same, allocated */

/* A NULL-terminated list of strings; NULL is the empty list. */
size_t strv_length(char *const *list);
bool strv_has(char *const *list, const char *word);
int strv_add(char ***list, const char *word);             /* copies; 0 or -ENOMEM */
int strv_addn(char ***list, const char *chars, size_t n); /* copies n bytes */
int strv_addf(char ***list, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int strv_copy(char *const *list, char ***ret);
int strv_split(const char *chars, const char *separators, char ***ret); /* empty parts dropped */
char *strv_join(char *const *list, const char *separator);              /* NULL: out of memory */
bool strv_equal(char *const *a, char *const *b);
void strv_remove(char **list, const char *word);
void strv_sort(char **list);
void strv_free(char **list);
DEFINE_SCOPED(char *, strv_free)

bool text_starts(const char *chars, const char *prefix);
bool text_ends(const char *chars, const char *suffix);
char *text_format(const char *fmt, ...) __attribute__((format(printf, 1, 2))); /* NULL: no memory */
