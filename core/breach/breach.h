/* breach.h - the intruder's view: what someone who took over a service could do from inside its
 * sandbox, tried in a twin, as the unit stands and with a profile.
 *
 * The same moves are made by a plain unit of root's as well: what the twin refuses even that one
 * says nothing about the sandbox, and is answered from the sandbox by rule instead. */
#pragma once

#include "core/base/err.h"
#include "core/base/job.h"
#include "core/breach/chains.h"
#include "core/breach/inside.h"
#include "core/breach/moves.h"

enum breach_result {
        BREACH_ALLOWED,
        BREACH_REFUSED,
        BREACH_ABSENT,  /* this machine has nothing to try it on */
        BREACH_UNKNOWN, /* the twin itself refuses it, and no rule tells */
};
const char *breach_result_name(enum breach_result r); /* "allowed" */

/* One move in one state of the unit. */
struct breach_answer {
        enum breach_result result;
        bool computed;   /* by rule: the twin does not let it be tried */
        char answer[48]; /* what the intruder said: "EACCES"; "" when it was never tried */
        char *by;        /* BREACH_REFUSED: "ProtectSystem=strict", "User=www-data"; or NULL */
};

struct breach_move {
        const struct move *move;
        struct breach_answer before, after;
        char *closer; /* BREACH_ALLOWED after: the mildest that isn't set yet, parted by \n; or NULL
                       */
};

struct breach_chain {
        const struct chain *chain;
        bool before, after; /* open */
        char *closer;       /* open after: as above */
};

struct breach_count {
        size_t allowed, refused, absent, unknown, chains;
};

struct breach {
        struct breach_move *moves; /* by topic, without the lab's */
        size_t move_count;
        struct breach_chain *chains; /* those open before or after */
        size_t chain_count;
        struct breach_count before, after;
        bool changed;     /* there were changes; else before and after are the same */
        char **close;     /* the mildest lines that close all that is open after */
        bool own_user;    /* a user of its own would close all of them, too */
        char *why_before; /* nothing could be started in the sandbox: a sentence; then nothing is */
        char *why_after;  /* known of it */
};
void breach_done(struct breach *b);

/* Tries all.  o: as for inside_run(), its profile NULL when there are no changes; .argv and .words
 * are ours.  after: the unit with the profile, or NULL.  0, or < 0 (-ECANCELED). */
int breach_run(const struct inside_options *o, const struct sandbox *after, struct stage *stage,
               struct job *job, struct breach *ret, struct err *e);

/* ---- the pure part ---- */

/* What the intruder said to each move: breach_index() counts those of the report. */
struct breach_answers {
        char **said; /* one for each move; NULL: not tried */
};
size_t breach_size(void);               /* how many moves the report has */
const struct move *breach_at(size_t i); /* NULL past the end */
int breach_answers_new(struct breach_answers *ret);
void breach_answers_done(struct breach_answers *a);
/* Lines "MOVE ANSWER"; others are let go. */
int breach_answers_read(struct breach_answers *a, const char *out);

struct breach_evidence {
        const struct breach_answers *plain, *before, *after; /* after NULL: no changes */
        const struct sandbox *unit, *changed;
        const struct dialect *dialect;
        const struct stage_limit *limits; /* what the stage does not enforce */
        size_t limit_count;
        bool (*there)(void *userdata, const char *path); /* whether the machine has that file */
        void *userdata;
};
int breach_judge(const struct breach_evidence *e, struct breach *ret);

/* Whether the sandbox has what the closer says, or as much; *ret_by (may be NULL) names what it
 * has, as in "ProtectSystem=strict"; caller frees.  1 yes, 0 no, -ENOMEM. */
int closer_holds(const char *closer, const struct sandbox *s, const struct dialect *dialect,
                 char **ret_by);
/* The lines of the closer that the sandbox does not have.  NULL: it has them all. */
int closer_rest(const char *closer, const struct sandbox *s, const struct dialect *dialect,
                char **ret);
/* Whether that systemd takes every line of it. */
bool closer_known(const char *closer, const struct dialect *dialect);

/* A mark of all values of a sandbox that is the same as long as they are.  16 hex digits and NUL.
 */
int breach_mark(const struct sandbox *s, const struct dialect *dialect, char ret[17]);
