/* profile.h - a set of changes to one unit, each with its reason.
 *
 * sandbox + profile = sandbox, so a what-if score is the same pure function. */
#pragma once

#include "core/base/base.h"
#include "core/base/err.h"
#include "core/unit/sandbox.h"

enum reason {
        REASON_HAND, /* set by the user */
        REASON_PRESET,
        REASON_OBSERVED, /* inferred; .evidence says from what */
        REASON_SEARCH,
        REASON_FILE, /* came with a profile or drop-in file */
};
const char *reason_name(enum reason r);  /* "hand": for machines */
const char *reason_words(enum reason r); /* "set by hand": for people */
int reason_parse(const char *name, enum reason *ret);

struct change {
        enum directive_id directive;
        struct value value; /* replaces what the unit has; set == false: takes the setting away */
        enum reason reason;
        char *evidence; /* a sentence, or NULL */
        /* A '%' in the value is a plain character, not a specifier, so it is doubled when written.
         * What was observed is plain; what was typed keeps its specifiers, and a typed value
         * in which every '%' is doubled is stored as the plain one that it means. */
        bool literal;
};

enum verdict {
        VERDICT_NOT_TRIED,
        VERDICT_HELD,
        VERDICT_BENT,
        VERDICT_BROKE,
        VERDICT_BASELINE_FAILED,
        VERDICT_FLAKY,
};
const char *verdict_name(enum verdict v); /* "held", "baseline-failed" */
int verdict_parse(const char *name, enum verdict *ret);

/* A refusal that is no matter, and why.  what: a denial's key (core/trial/trial.h); a star at its
 * end stands for any rest.  Both are one printable line without blanks around it. */
struct accepted {
        char *what, *reason;
};

/* What was there when it was tried; NULL members: not known.  core/trial/surroundings.h looks. */
struct surroundings {
        char *binary; /* build id of the unit's program, or its size and time */
        char *libc;   /* "2.36-9+deb12u10 " and its build id; without the former where it has none
                       */
        char *kernel; /* its release */
};
void surroundings_done(struct surroundings *s);
int surroundings_copy(const struct surroundings *s, struct surroundings *ret);

struct profile {
        char *unit;
        enum scope scope;
        struct change *changes; /* one per directive, in catalogue order */
        size_t change_count;
        char **probes;             /* command lines, run by /bin/sh -c inside the stage */
        enum verdict verdict;      /* of the last trial of exactly these changes */
        char *tried;               /* when (ISO 8601, UTC) and where ("twin"); NULL if never */
        char *systemd;             /* version it was made for: "252.39" */
        struct accepted *accepted; /* each .what once */
        size_t accepted_count;
        struct surroundings with; /* of the last trial; forgotten with its verdict */
};

int profile_new(const char *unit, enum scope scope, struct profile **ret);
void profile_free(struct profile *p);
DEFINE_SCOPED(struct profile, profile_free)
int profile_copy(const struct profile *p, struct profile **ret);

/* Sets (or replaces) a change; v is taken over, also on failure.  The evidence is stored
 * printable.  Any change makes the verdict not-tried. */
int profile_set(struct profile *p, enum directive_id id, struct value *v, enum reason reason,
                const char *evidence);
void profile_unset(struct profile *p, enum directive_id id);
const struct change *profile_find(const struct profile *p, enum directive_id id);

/* Accepts a refusal; one that is accepted already gets the new reason.  Both are made printable.
 * The verdict stays as it is: that of a trial which did not know of it.  A profile that bent must
 * be tried again to become one that held.  -EINVAL: one of them is empty, or what is
 * a star alone. */
int profile_accept(struct profile *p, const char *what, const char *reason);
/* All that from accepts, over what p accepts. */
int profile_accept_all(struct profile *p, const struct profile *from);
/* "WHAT=REASON", as typed; the last '=' divides. */
int profile_accept_word(struct profile *p, const char *word, struct err *e);
/* The reason why key is accepted, or NULL.  One that is named in full goes before a star. */
const char *profile_accepts(const struct profile *p, const char *key);

/* One "Directive=value" word of the command line.  Repeated calls for a list directive add up
 * within the profile as systemd merges lines.  Says what is wrong with it: unknown directive
 * (with the nearest name), value systemd would ignore, not known to this version. */
int profile_assign(struct profile *p, const struct dialect *dialect, const char *word,
                   struct err *e);

/* s with the profile's changes (origin: profile) and then all implications.  Caller frees. */
int profile_apply(const struct profile *p, const struct sandbox *s, const struct dialect *dialect,
                  struct sandbox **ret);

/* The catalogue's name nearest to a misspelt one; NULL if none is near. */
const char *profile_nearest(const char *name);

/* The change as lines of text behind '=', with the reset first and '%' doubled where it is
 * plain.  NULL list when it takes the setting away. */
int change_lines(const struct change *c, const struct dialect *dialect, char ***ret);
