/* behaviour_private.h - what the files of a behaviour share. */
#pragma once

#include "core/observe/behaviour.h"

/* ---- acts (behaviour.c) ---- */

/* Flags that make an act another one: what was seen is not the same thing. */
enum {
        ACT_TELLING = ACT_GENERAL | ACT_QUIET | ACT_OWN_PROC | ACT_OTHER_PROC | ACT_GONE |
                      ACT_EPHEMERAL | ACT_BY_TWIN | ACT_CHROOT
};

/* Whether two are the same act but for count, witness and the file's particulars. */
bool act_same(const struct act *a, const struct act *b);
/* For sorting: by kind, text, name, arguments, error; 0 only for the same act. */
int act_compare(const struct act *a, const struct act *b);
/* Order of paths in which a folder stands right before all that lies in it. */
int path_compare(const char *a, const char *b);
int act_copy(const struct act *a, struct act *ret);
/* Adds from's count, times, phases and file to into; from is done with. */
void act_absorb(struct act *into, struct act *from);
int session_copy(const struct session *s, struct session *ret);
/* The acts were moved or changed: they are looked up anew. */
void behaviour_stale(struct behaviour *b);
uint64_t count_sum(uint64_t a, uint64_t b); /* stays at the greatest number there is */

/* ---- tidying ---- */

/* behaviour_names.c: names that differ each time. */
enum name_fate {
        NAME_FOUND,    /* it was there */
        NAME_MADE,     /* the unit makes it */
        NAME_FLEETING, /* … and removes it again */
};
bool name_is_random(const char *name, size_t length, enum name_fate fate);
/* behaviour_folders.c: folders of which more than limit names were seen. */
int tidy_folders(struct behaviour *b, size_t limit);
/* behaviour_network.c: ports and addresses. */
int tidy_network(struct behaviour *b, struct port_span ports);
/* behaviour_sessions.c: the oldest of many are added up. */
int tidy_sessions(struct behaviour *b);
/* behaviour_tidy.c: makes acts that became the same one. */
int tidy_same(struct behaviour *b);

/* ---- words (behaviour_terms.c) ---- */

struct term {
        const char *name;
        uint64_t number;
};
extern const struct term access_terms[], seen_terms[], flag_terms[], gain_terms[], signal_terms[];
extern const struct term family_terms[], type_terms[]; /* each ends with a NULL name */
const char *term_name(const struct term *terms, uint64_t number);
/* 0, or -EINVAL where there is no such name. */
int term_number(const struct term *terms, const char *name, uint64_t *ret);

struct text;
/* The argument of a call, numbered from 0 as .a, .b and .c of an act, in words. */
void argument_words(struct text *t, const char *call, size_t which, uint64_t number);
