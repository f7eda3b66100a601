/* trial_private.h - what the files of the trial share. */
#pragma once

#include "core/trial/probe.h"
#include "core/trial/trial.h"

/* exit_status.c: how a process ended, as waitid() codes it, in words.  Caller frees. */
char *exit_words(int code, int status);

/* ---- clue.c: what one line of a journal gives away ---- */

enum operation_id {
        OPERATION_NONE,
#define OPERATION(id, capability, error, words, calls, name) OPERATION_##id,
#include "core/trial/operations.inc"
#undef OPERATION
        OPERATION_COUNT
};

struct operation {
        const char *capability; /* that root needs for it, or NULL */
        int error;              /* the answer without that capability */
        const char *words;      /* that messages use for it, blank-separated */
        const char *calls;      /* system calls behind it, blank-separated */
        const char *name;       /* for people: "binding a port below 1024" */
};
const struct operation *operation_at(enum operation_id id);

struct clue {
        int error;  /* errno, or 0 */
        int signal; /* SIGSYS, or 0 */
        enum operation_id operation;
        char *path; /* folded: /var/run is /run; or NULL */
        char *call; /* a system call that the kernel's audit names; or NULL */
};

/* 1: the line tells of a refusal; 0: it does not; < 0: out of memory. */
int clue_read(const char *message, struct clue *ret);
void clue_done(struct clue *c);

/* The line without what differs from start to start: numbers become '#'. */
char *message_normal(const char *message);

/* ---- denial.c ---- */

/* Refusals that lines of the trial tell of and lines of the baseline do not, each once; adds to the
 * list.  One that was seen already (denials_seen() first) is not added: it keeps the line as its
 * message. */
int denials_find(const struct journal *baseline, const struct journal *tried, struct denial **list,
                 size_t *count);

/* Names a denial: error or signal, call, and what it was about; process ids and numbers that differ
 * from start to start are '#'.  Fills in .key.  0 or -ENOMEM. */
int denial_name(struct denial *d);

/* Marks those that the profile accepts. */
int denials_accept(const struct profile *p, struct denial *list, size_t count);

/* Once blame() looked for reasons: lets go of those that are no evidence.
 *   - An error that everyone meets (ENOENT, ECONNREFUSED …) counts only if a change explains it.
 *   - What was seen counts without a change that explains it only if it is a refusal (EPERM,
 *     EACCES, EROFS, EAFNOSUPPORT, a signal) of what the baseline did and was let: an act of which
 *     the baseline knows nothing may be refused to everyone.
 *   - What a message tells of with one of these errors counts: the baseline did not say it.
 * Of more than 64, the last one says how many more there are.  0 or -ENOMEM. */
int denials_sift(struct denial *list, size_t *count);

/* ---- witness.c: the unit's processes, watched while it is rehearsed ---- */

struct witness;
struct rehearsal;
/* 1: the unit cannot be watched here; e says why in a sentence. */
int witness_open(struct rehearsal *r, struct witness **ret, struct err *e);
void witness_free(struct witness *w);
DEFINE_SCOPED(struct witness, witness_free)
void witness_phase(struct witness *w, enum act_seen phase); /* w may be NULL */
/* All that was seen; the watching ends. */
int witness_take(struct witness *w, struct behaviour **ret, struct err *e);

/* ---- stage_group.c ---- */

/* Folder of the control group that the stage's PID 1 has for its own, for an observer's prefix.
 * 1: control groups of version 2 are not here; e says so. */
int stage_group(struct stage *stage, char **ret, struct err *e);

/* ---- denial_seen.c: refusals by what was observed; pure ---- */

/* What the tried run was refused and the baseline was not, candidates included that only a change
 * which explains them makes a denial (denials_sift()); adds to the list, most telling first, at
 * most 256.  baseline may be NULL (a unit that is watched live).  began: when the tried run did,
 * realtime microseconds. */
int denials_seen(const struct behaviour *baseline, const struct behaviour *tried, uint64_t began,
                 struct denial **list, size_t *count);

/* ---- denial_asked.c: refusals that make no error; pure ---- */

/* What the baseline did and the changed unit could not do without being told: numbers of /proc that
 * are gone, folders that root sees empty, packets that are dropped.  Fills in .directive. */
int denials_asked(const struct behaviour *baseline, const struct sandbox *before,
                  const struct sandbox *after, const struct dialect *dialect, struct denial **list,
                  size_t *count);

/* Whether the stage itself ran out of something; a sentence, or NULL. */
const char *stage_exhausted(const struct run *r, const struct sandbox *after);

/* ---- check.c ---- */

struct problem {
        enum directive_id directive;
        bool fatal; /* the start will fail for it; else systemd takes it silently and wrongly */
        char *text;
};
/* unit may be NULL: what it has besides the profile is then not known. */
int check_profile(const struct profile *p, const struct sandbox *unit,
                  const struct dialect *dialect, const char *root, struct problem **ret,
                  size_t *ret_count);
void problems_free(struct problem *p, size_t count);

/* ---- blame.c ---- */

struct evidence {
        const struct profile *profile;
        const struct dialect *dialect;
        const struct sandbox *before, *after; /* without and with the profile */
        const struct run *tried;
        const struct problem *problems;
        size_t problem_count;
        struct denial *denials; /* blame() fills in .directive */
        size_t denial_count;
        char *const *lost; /* listeners that did not come back */
        bool probe_failed; /* a command of the user did */
        bool broke;        /* it did not merely bend */
};
int blame(const struct evidence *v, struct suspect **ret, size_t *ret_count);

/* How the process that failed ended, by the unit's state or else by systemd's journal lines:
 * 1 and CLD_* with the status or signal; 0 when nothing says so. */
int run_exit(const struct run *r, int *ret_code, int *ret_status);

/* Whether a command around the main process failed: state.control_key. */
bool control_failed(const struct run *r);

/* ---- outcome.c ---- */

/* What became of a start, in words.  job_result: NULL when the job was done. */
char *run_outcome(const struct run *r, const char *job_result, const struct sandbox *unit,
                  uint64_t timeout);

/* ---- verdict.c: pure ---- */

enum verdict verdict_of(const struct trial *t, char *const *lost, size_t change_count);
char *verdict_summary(const struct trial *t, char *const *lost, size_t change_count);

/* ---- listener.c ---- */

struct port_range {
        unsigned first, last; /* ports that the kernel hands out itself */
};
struct port_range port_range_of(const char *root);

/* What the baseline listened on and the trial does not; ports and names that differ from start
 * to start are excepted. */
int listeners_lost(char *const *baseline, char *const *tried, struct port_range ephemeral,
                   char ***ret);

/* ---- logs.c: what a service writes to its own log files ---- */

struct log_file {
        char *path;
        uint64_t size;
};
struct logs {
        struct log_file *files;
        size_t count;
};
void logs_done(struct logs *l);

/* The log files below root and how long they are. */
int logs_mark(const char *root, struct logs *ret);

/* Adds the lines that came since then to the journal, with the file as the identifier. */
int logs_collect(const char *root, const struct logs *before, struct journal *to);

/* ---- rehearsal.c: the unit on the stage ---- */

/* What starts a unit on a real machine. */
enum way { WAY_SYSTEMD, WAY_SOCKET, WAY_TIMER, WAY_PATH, WAY_BUS };

struct rehearsal {
        const struct trial_options *o;
        struct stage *stage;
        struct job *job;
        struct manager *manager;
        const char *unit;
        char *previous;   /* what was at the drop-in's path, or NULL */
        char **sockets;   /* socket units that were started for it */
        char **wanted;    /* units that start it and came with it, as if they were enabled */
        char **brought;   /* files put besides the drop-in, to be removed again */
        char *cursor;     /* where the journal of the present start begins */
        struct logs logs; /* and its log files */
        bool put;         /* the drop-in is there */
        uint64_t settle, probe_timeout;
        struct witness *witness; /* of the present start; NULL: it is not watched */
        enum way way;            /* how it is started */
        char *by;                /* the timer, path or bus name that does; NULL: none */
        char **doors;            /* what its sockets listen on: "tcp 127.0.0.1:80" */
        char ***notes;           /* of the trial; or NULL */
};

/* "tcp 0.0.0.0:80" as a probe asks for it: "tcp:127.0.0.1:80".  Caller frees; NULL: none can, or
 * out of memory. */
char *door_probe(const char *door);

/* Starts the unit and waits until it settles; wanted: listeners to wait for (may be NULL).
 * Leaves it running. */
int rehearse(struct rehearsal *r, char *const *wanted, struct run *ret, struct err *e);

/* Steps of a unit that is up: reloads it, restarts it through systemd, and waits until it settles
 * again.  Fills in the run's step; one that failed leaves the state as it is then.  A unit that
 * cannot be reloaded, or has ended, has no such step. */
bool rehearsal_reloads(const struct rehearsal *r, const struct run *run);
int rehearsal_reload(struct rehearsal *r, struct run *run, struct err *e);
int rehearsal_restart(struct rehearsal *r, struct run *run, struct err *e);

/* Stops it within bounds, notes what did not go well, collects the journal since the start. */
int rehearsal_stop(struct rehearsal *r, struct run *run, char ***notes, struct err *e);
void run_done(struct run *r);

/* ---- performance.c: one start of the unit, with all that belongs to it ---- */

struct part {
        bool baseline;       /* into t->baseline; else into t->tried */
        bool watched;        /* by the observer, where that can be */
        enum moment last;    /* the step it goes up to, before the stop */
        char *const *wanted; /* listeners to wait for, or NULL */
};
/* One that a condition keeps from starting is left as it is. */
int perform(struct rehearsal *r, struct trial *t, const struct part *p, struct err *e);

/* A condition said no, so systemd skipped the start and calls that a success. */
bool run_skipped(const struct run *run);

/* ---- again.c ---- */

/* Nothing convincing says why it broke: once more with the changes, some times without them.
 * 1: it comes and goes; *ret_summary says how. */
int trial_again(struct rehearsal *r, struct trial *t, char **ret_summary, struct err *e);

/* ---- judge.c ---- */

/* From the two runs to refusals, suspects, verdict and summary. */
int trial_judge(struct rehearsal *r, struct trial *t, const struct problem *problems,
                size_t problem_count, struct err *e);
void suspects_free(struct suspect *list, size_t count);

/* Ends the trial with that verdict and sentence, which is taken over; NULL: out of memory. */
int trial_conclude(struct trial *t, enum verdict verdict, char *summary);

/* ---- prepare.c ---- */

/* Makes the unit known to the stage, resets conditions, starts its sockets.  1: it can't be
 * tried; *ret_why says so. */
int rehearsal_prepare(struct rehearsal *r, char **ret_why, char ***notes, struct err *e);

/* The first part of it: makes the unit known to the stage.  Returns likewise. */
int rehearsal_load(struct rehearsal *r, char **ret_why, struct err *e);

/* Undoes everything on the stage, also after a cancel.  Failures are not reported. */
void rehearsal_undo(struct rehearsal *r);

/* ---- readback.c ---- */

/* Lays the profile at the drop-in's path, reloads, and reads the unit back.  Changes that did
 * not come out as asked become notes and are added to not_rehearsed.
 * 1: systemd refuses the unit now; *ret_why says where and why. */
int rehearsal_dress(struct rehearsal *r, struct trial *t, char **ret_why, struct err *e);

/* ---- notes.c ---- */

/* Adds to not_rehearsed, once. */
int trial_not_rehearsed(struct trial *t, enum directive_id id);

/* What this stage does not enforce of the profile. */
int notes_limits(struct trial *t, const struct trial_options *o, struct stage *stage);

/* What a trial that held still does not show, by unit and by directive. */
int notes_reservations(struct trial *t, const struct trial_options *o);

/* ---- probes.c: the probes of a trial ---- */

/* Runs the profile's probes; baseline: makes the results, else completes them. */
int probes_run(struct rehearsal *r, struct trial *t, bool baseline, enum moment moment,
               struct err *e);

/* Adds the built-in probes: one per listener of the baseline. */
int probes_builtin(struct trial *t, char *const *lost);

/* ---- inroot.c ---- */

/* Opens path with symlinks resolved inside root, as the stage sees it.  flags: O_PATH, O_RDONLY.
 * Descriptor, or -errno. */
int open_in_root(const char *root, const char *path, int flags);

/* A whole small file likewise. */
int read_in_root(const char *root, const char *path, size_t limit, char **ret);
