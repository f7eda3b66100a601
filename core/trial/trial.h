/* trial.h - start a unit with a profile on a stage, probe it, compare with a baseline, say what
 * happened and which directives to blame. */
#pragma once

#include "core/base/err.h"
#include "core/base/job.h"
#include "core/observe/behaviour.h"
#include "core/profile/known.h"
#include "core/profile/profile.h"
#include "core/stage/stage.h"
#include "core/unit/files.h"

struct trial_options {
        const struct sandbox *unit; /* as it stands, after sandbox_imply() */
        const struct profile *profile;
        const struct dialect *dialect;
        const struct known *known; /* or NULL */
        const char *dropin_path;   /* inside the stage: where it will be saved */
        const char *root;          /* the tree the unit was read from; NULL: this machine */
        uint64_t settle;           /* microseconds; 0: 3 s */
        uint64_t probe_timeout;    /* 0: 10 s each */
        bool ignore_conditions;
        bool unwatched; /* do without the observer (tests, and search where it costs too much) */
};

/* When a probe was run. */
enum moment { MOMENT_UP, MOMENT_RELOADED, MOMENT_RESTARTED };
const char *moment_name(enum moment m); /* "up", "reloaded", "restarted" */

struct probe_result {
        char *command; /* as probe.h has it */
        bool builtin;  /* "listens again on tcp 0.0.0.0:80" */
        bool baseline_ok, trial_ok;
        unsigned passed;    /* bits 1 << MOMENT_*: when it did without changes; only these count */
        bool trial_ran;     /* false: the service did not come so far */
        enum moment failed; /* where trial_ok is false: after what */
        char *said;         /* last line of output, or why it failed */
};

/* A directive (with the value tried) that the evidence points to, most likely first. */
struct suspect {
        enum directive_id directive;
        unsigned weight; /* 1..100 */
        char *why;       /* "208/STDIN: DevicePolicy=strict hides /dev/null" */
};

/* How a refusal is known. */
enum denial_source {
        DENIAL_SAID,  /* a message tells of it */
        DENIAL_SEEN,  /* the observer saw the answer of the kernel */
        DENIAL_ASKED, /* nobody was told anything: the baseline did what the profile takes away */
};

/* What was asked for, where the observer saw it; members as behaviour.h has them. */
struct deed {
        enum act_kind kind; /* ACT_KINDS: nothing is known of it */
        uint64_t a, b, c;   /* of ACT_PATH, a: ACCESS_*; of ACT_SOCKET, a: the family … */
        unsigned flags, seen;
        uint32_t mode, rdev, uid; /* of the file, and of who asked */
        bool filtered;            /* a seccomp filter answered */
        bool had;                 /* the baseline did the same, and was let */
};

/* Something that was refused in the trial, and not in the baseline. */
struct denial {
        enum denial_source source;
        struct deed deed;
        int error;        /* errno; 0 when a signal came instead, or nothing at all */
        int signal;       /* SIGSYS, or what it died of newly; or 0 */
        char *path;       /* that was refused, or NULL; also an address or a socket's name */
        char *call;       /* system call or kind of operation, or NULL */
        char *capability; /* "CAP_CHOWN", or NULL */
        char *process;    /* comm of who was refused first, or NULL */
        char *message;    /* the line that says so, or a sentence of what was seen */
        char *key;        /* names it, for `--accept`: "EROFS mkdir /usr/share/x" */
        char *accepted;   /* the reason why it is no matter, from the profile; NULL: it counts */
        uint64_t count;   /* 0: not known */
        uint64_t after;   /* microseconds from the start of the unit; 0: not known */
        enum directive_id directive; /* the likeliest cause; DIRECTIVE_COUNT: none known */
};

void denials_free(struct denial *list, size_t count);
void denial_done(struct denial *d); /* frees what it holds */
int denial_copy(const struct denial *d, struct denial *ret);

/* Finds the directive of after that most likely denied each, without a trial: for units that are
 * watched as they run.  One that nothing explains keeps DIRECTIVE_COUNT.  unit: with its profile,
 * after sandbox_imply().  0 or -ENOMEM. */
int denials_attribute(const struct sandbox *unit, const struct dialect *dialect,
                      struct denial *list, size_t count);

/* What a unit that is watched as it runs was refused: all that failed as only a sandbox, or the
 * lack of a right, makes it fail.  began: realtime microseconds.  Adds to the list; no reason is
 * looked for.  0 or -ENOMEM. */
int denials_watched(const struct behaviour *seen, uint64_t began, struct denial **list,
                    size_t *count);

/* "MemoryDenyWriteExecute=yes: mprotect(execute) by php-fpm was refused with EPERM, at 0.4 s", or
 * without the directive where none is known.  Printable.  Caller frees; NULL: out of memory. */
char *denial_words(const struct denial *d, const struct sandbox *after,
                   const struct dialect *dialect);

/* A step that a unit which is up goes through.  done: false where the unit has no such step, or
 * did not come so far. */
struct step {
        bool done, ok;
        char *said; /* why it is not ok, or NULL */
};

/* One start of the unit: the baseline or the trial proper. */
struct run {
        bool started, settled;
        bool exited;    /* it settled by ending well by itself */
        bool restarted; /* it ended and systemd started it again */
        bool stopped;   /* it stopped cleanly, or had ended */
        struct step reload, restart;
        char *outcome; /* in words: "exit status 226/NAMESPACE: systemd could not set up …" */
        struct unit_state state;
        struct journal journal;
        char **listeners;
        struct behaviour *seen; /* what it did, all steps; NULL: it was not watched */
        uint64_t began;         /* realtime microseconds */
        uint64_t took;          /* microseconds until settled */
};

struct trial {
        enum verdict verdict;
        char *summary; /* one sentence */
        struct run baseline, tried;
        struct probe_result *probes;
        size_t probe_count;
        struct suspect *suspects;
        size_t suspect_count;
        struct denial *denials;
        size_t denial_count;
        char **notes; /* warnings of the check, directives not rehearsed and why, … */
        enum directive_id *not_rehearsed; /* of the profile */
        size_t not_rehearsed_count;
        struct sandbox *after; /* the unit with the changes; NULL: it did not come so far */
        bool watched;          /* denials are what the observer saw, too */
        char *unwatched;       /* why it was not watched, and what was gone by instead; or NULL */
        char *where;           /* the stage in a line */
        uint64_t seconds_x1000;
};

/* 0: there is a verdict (not-tried included); < 0: fault or -ECANCELED, everything undone. */
int trial_run(const struct trial_options *o, struct stage *stage, struct job *job,
              struct trial *ret, struct err *e);
void trial_done(struct trial *t);

/* Exit statuses and signals as systemd names them: "226/NAMESPACE", "31/SYS", with the
 * sentence that goes with it. */
const char *exit_status_name(int status);    /* "NAMESPACE", or NULL */
const char *exit_status_meaning(int status); /* a sentence, or NULL */

/* What the profile says that systemd would take silently and wrongly: misspelt capabilities,
 * unknown users, absent paths without "-", unknown file systems.  root: the stage's files. */
int trial_check(const struct profile *p, const struct dialect *dialect, const char *root,
                char ***ret_problems);
