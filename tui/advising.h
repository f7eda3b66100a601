/* advising.h - what an observation says of a unit, worked out once and kept for a screen. */
#pragma once

#include "core/observe/infer.h"
#include "tui/context.h"

struct advising {
        bool known; /* .advices hold; else .why says why there are none */
        struct advices advices;
        char *watched;                          /* "watched 45 s in a twin: …" */
        size_t safe, stricter, breaks, unknown; /* stricter: safe, and not what the unit has */
        struct err why;
};

/* Loads what is kept of the unit and infers.  Also 0 when there is nothing to go by: .known is
 * false then.  < 0 only when memory ran out; *ret is emptied first. */
int advising_load(struct context *c, const struct sandbox *s, struct advising *ret);
/* The same from advices made elsewhere, which are taken over. */
int advising_from(struct advices *a, struct advising *ret);
void advising_done(struct advising *a);

/* "safe", "would break", "unknown": for people. */
const char *advising_words(const struct advice *a);
/* "fair confidence: the twin has no network".  Caller frees; NULL: out of memory. */
char *advising_confidence(const struct advice *a);
