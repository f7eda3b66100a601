/* lessons.h - the course: lessons with a text, a small service, a task, and a check that looks at
 * what the service can do with the learner's answer, not at how that is written.
 *
 * A lesson's page is help/lessons/NAME.txt with the sections Idea, Unit (a whole unit file,
 * indented by two blanks), any "Unit NAME.service" (others beside it) and "Drop-in NAME.conf",
 * Task, Hint 1 to Hint 3, Why, See also.  What is checked is a row of lessons.inc.  doc/lessons.md.
 */
#pragma once

#include "core/base/err.h"
#include "core/trial/trial.h"
#include "tui/context.h"
#include "tui/help.h"

#include <stdio.h>

enum { LESSON_HINTS = 3 };

enum lesson_check_kind {
        LESSON_END,      /* of the list */
        LESSON_WORKS,    /* a probe (core/trial/probe.h) passes */
        LESSON_REFUSED,  /* a move, or a deed of core/breach/program/reach.c, is refused */
        LESSON_EXPOSURE, /* at most .limit, in tenths, as systemd .version scores (0: this one) */
        LESSON_KNOWN,    /* systemd .version knows every directive of the answer */
};

struct lesson_check {
        enum lesson_check_kind kind;
        const char *what; /* the probe, move or deed */
        unsigned limit, version;
        const char *words; /* "serves the page", "reads /etc/shadow" */
        const char *hint;  /* for who got it wrong */
};

enum {
        LESSON_VERBATIM = 1 << 0, /* the answer's lines are laid down as they were typed */
        LESSON_BROKEN = 1 << 1,   /* without an answer it does not work */
};
struct lesson {
        const char *name;                  /* of its page, too */
        unsigned flags;                    /* bits of the enum below */
        const struct lesson_check *checks; /* ends with LESSON_END */
};
const struct lesson *lesson_at(size_t i); /* in the order of the course; NULL past the end */
const struct lesson *lesson_find(const char *name); /* in any case, or by its number */
size_t lesson_number(const struct lesson *l);       /* 1 for the first */

/* ---- the texts (lessons.c); callers free, NULL: out of memory ---- */

const struct help_page *lesson_page(const struct lesson *l); /* never NULL, kept by the build */
char *lesson_unit(const struct lesson *l);                   /* "gird-lesson-files.service" */
/* A section without its indentation; NULL: it has none of that name. */
char *lesson_part(const struct lesson *l, const char *heading);
/* The page without the hints and the reason why; for a page of another folder all of it. */
char *lesson_text(const struct help_page *page);
/* What its page lays beside the unit: the i-th "Unit NAME" or "Drop-in NAME" section.
 * 1: there are no more. */
int lesson_beside(const struct lesson *l, const char *kind, size_t i, char **ret_name,
                  char **ret_text);

/* ---- progress (lessons_kept.c) ---- */

struct lesson_progress {
        bool done;
        unsigned hints; /* shown so far */
        char **answer;  /* the lines tried last: "ProtectSystem=strict" */
};
void lesson_progress_done(struct lesson_progress *p);

/* lessons.json in /var/lib/gird, or, for who is not root, in $XDG_STATE_HOME/gird.  What is no such
 * file counts as nothing done: 1, and e says so; it is replaced by the next lesson_keep(). */
int lesson_progress(const struct lesson *l, struct lesson_progress *ret, struct err *e);
/* Keeps it with those of the other lessons: all or nothing, one gird at a time. */
int lesson_keep(const struct lesson *l, const struct lesson_progress *p, struct err *e);

/* The same with the folder named. */
int lesson_progress_in(const char *folder, const struct lesson *l, struct lesson_progress *ret,
                       struct err *e);
int lesson_keep_in(const char *folder, const struct lesson *l, const struct lesson_progress *p,
                   struct err *e);

/* The course with its marks, a lesson a line. */
int lessons_list(FILE *out);

/* ---- the examination (lessons_answer.c, lessons_examine.c) ---- */

struct lesson_finding {
        const struct lesson_check *check;
        bool ok;
        bool looked;        /* it could be found out */
        bool before, known; /* as the unit stands; whether that was looked at */
        char *said;         /* "exit status 226/NAMESPACE: …", "EROFS", "6.3"; or NULL */
};

struct lesson_result {
        bool done;
        unsigned before, after; /* exposures in tenths */
        struct lesson_finding *findings;
        size_t count;
        char **suspects; /* where it broke: "ProtectSystem=strict: …" */
        char **notes;    /* what the twin does not enforce */
};
void lesson_result_done(struct lesson_result *r);

/* The lesson's unit with its own drop-ins, implied. */
int lesson_sandbox(const struct lesson *l, const struct dialect *dialect, struct sandbox **ret,
                   struct err *e);
/* The answer that -p and --profile make.  1: they say nothing. */
int lesson_answer(struct context *c, const struct lesson *l, char ***ret, struct err *e);

/* A lesson with an answer to it, read and judged as far as paper goes: no twin is needed. */
struct lesson_try {
        const struct lesson *lesson;
        char *unit_name;
        struct sandbox *unit, *after;
        struct profile *profile; /* of the answer */
        char *dropin;            /* the answer as it is laid down */
};
int lesson_try_open(const struct lesson *l, const struct dialect *dialect,
                    const struct known *known, char *const *answer, struct lesson_try *ret,
                    struct err *e);
void lesson_try_done(struct lesson_try *t);
/* Fills in exposures and what follows from them; the rest of the findings stays open. */
int lesson_judge(const struct lesson_try *t, const struct dialect *dialect,
                 struct lesson_result *ret, struct err *e);

/* Starts the service with the answer in a twin and looks what it does and what an intruder in it
 * could do; with compare also without the answer.
 * 1: it can't be examined here; e says why and what to type. */
int lesson_examine(struct context *c, const struct lesson *l, char *const *answer, bool compare,
                   struct lesson_result *ret, struct err *e);
/* The same on a stage that is there and furnished (lesson_furnish), for many in one twin. */
int lesson_examine_on(struct context *c, const struct lesson_try *t, bool compare,
                      struct stage *stage, struct lesson_result *ret, struct err *e);
int lesson_furnish(const struct lesson *l, struct stage *stage, struct job *job, struct err *e);

/* What is wrong, in a sentence: "it still reads /etc/shadow".  Caller frees. */
char *lesson_complaint(const struct lesson_finding *f);
/* Whether it is worth telling: not what nobody could look at, where it did not come up. */
bool lesson_matters(const struct lesson_result *r, const struct lesson_finding *f);
