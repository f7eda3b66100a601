/* denial_private.h - what the files of the denials share. */
#pragma once

#include "core/trial/blame_private.h"
#include "core/trial/trial_private.h"

enum {
        DENIAL_LIMIT = 64,       /* that are told; the rest is counted */
        DENIAL_CANDIDATES = 256, /* that are looked into */
};

/* A list that grows up to DENIAL_CANDIDATES. */
struct denials {
        struct denial *list;
        size_t count;
};

/* Takes d over, also on failure, and names it; one with the same key gains its count and keeps the
 * earlier witness.  0 or -ENOMEM. */
int denials_add(struct denials *to, struct denial *d);
void denials_done(struct denials *d);
/* Moves all to the end of another list. */
int denials_append(struct denials *from, struct denial **list, size_t *count);

/* ---- denial_words.c ---- */

/* Whether word is one of the blank-separated words of list. */
bool denial_listed(const char *list, const char *word);

/* A sentence on what was seen, printable: fills in .message.  0 or -ENOMEM. */
int denial_tell(struct denial *d);

/* path as a key has it: without what differs from start to start.  Caller frees. */
char *denial_path(const char *path);

/* ---- denial_said.c ---- */

/* Whether what was seen is said by a line as well. */
bool denial_is_quoted(const struct denial *d);

/* ---- denial_known.c: what a behaviour did, to be asked ---- */

/* What was done of one thing: of paths in ACCESS_* bits, of all else 1. */
struct done {
        char *key;
        uint64_t done, failed;
        uint64_t errors[3]; /* bits: errors that it failed with */
        bool made;          /* it made or removed the thing itself */
};
struct known_deeds {
        struct done *list;
        size_t count, room;
};
int known_deeds_of(const struct behaviour *b, struct known_deeds *ret);
void known_deeds_done(struct known_deeds *k);

/* How what a failed act wanted went in another behaviour. */
enum once {
        ONCE_NEVER,  /* it was not tried */
        ONCE_SAME,   /* it failed alike */
        ONCE_FAILED, /* it failed, but otherwise */
        ONCE_DONE,   /* it was done */
        ONCE_OWN,    /* it was done, to something that the unit makes or removes itself */
};
int known_deeds_ask(const struct known_deeds *k, const struct act *a, enum once *ret);
/* Whether all that a wanted was also done there, to the same thing. */
int known_deeds_did(const struct known_deeds *k, const struct act *a, bool *ret);
/* Whether the call was made with success. */
bool known_deeds_called(const struct known_deeds *k, const char *call);

/* ---- denial_calls.c ---- */

/* The call behind a path that was refused, as far as it can be told; the mode it was given. */
const char *denial_call_of(const struct behaviour *b, const struct act *a, uint64_t *ret_mode);
/* Whether call may be behind a use of a path like that. */
bool denial_call_does(const char *call, uint64_t access);

/* ---- denial_rules.c ---- */

enum hardness {
        HARD_NO,     /* not the kind of error a sandbox answers */
        HARD_SOFT,   /* everyone meets it: only where the baseline never did and was let */
        HARD_LIMIT,  /* something ran out: what it was for is no matter */
        HARD_REFUSED /* a refusal */
};
enum hardness denial_hardness(const struct act *a, const char *call);
bool denial_error_is_hard(int error);
/* Whether the error of such an act says something of some calls only. */
bool denial_depends_on_call(enum act_kind kind, int error);
/* The call that is taken in the place of one that is answered ENOSYS, or NULL. */
const char *denial_fallback(const char *call);

/* ---- denial_caps.c ---- */

/* Capabilities that were refused: fills in .capability of what failed for it, and adds those that
 * were granted in the baseline and explain nothing. */
int denials_capabilities(const struct behaviour *baseline, const struct behaviour *tried,
                         uint64_t began, struct denials *to);

/* Capabilities that the use of a path may need: those from row *i on, which moves; NULL: no more.
 * narrow: it is known for that very place. */
const char *denial_place_needs(const struct denial *d, size_t *i, bool *ret_narrow);

/* ---- denial_asked.c ---- */

/* Whether the setting is at least so strict; NULL: set to anything; "=a b": one of these. */
bool sandbox_has(const struct sandbox *s, const struct dialect *dialect, enum directive_id id,
                 const char *least);

/* ---- denial_seen.c ---- */
int denial_of_act(const struct act *a, uint64_t began, struct denial *ret);
