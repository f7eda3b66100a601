/* guard.h - a dead man's switch inside systemd: what is applied to a running unit is taken back
 * unless it is confirmed in time, whatever becomes of gird.
 *
 * Of each unit, below /run/gird/guard/UNIT/ (gone with a reboot, as the drop-in is):
 *      state.json   who applied what, when, until when (doc/guard.md)
 *      revert.sh    takes the drop-in away, puts owners and modes back, reloads, resets the start
 *                   limit, restarts the unit if it is to run; sh, rm, mv and systemctl only
 *      pending      is there until it is either confirmed or reverted: whoever renames it away
 *                   (to confirmed, reverting, failed) decides, so a confirm and the guard never
 *                   both do
 *      restarted    its time is when the unit was restarted; 0: not yet
 *      reserve      room in /run, so that systemd can reload although somebody filled it
 * and in systemd a transient timer and service, gird-guard-UNIT, which runs revert.sh.
 * Order: timer, state and script, the marker, and only then the drop-in.  Whatever a kill leaves,
 * the timer cleans up. */
#pragma once

#include "core/base/err.h"
#include "core/base/job.h"
#include "core/unit/manager.h"

enum guard_state {
        GUARD_PENDING,   /* applied (or about to be); the timer runs */
        GUARD_CONFIRMED, /* kept until the next boot; no timer any more */
        GUARD_REVERTING, /* the guard, or a revert, is at it */
        GUARD_FAILED,    /* it was to be reverted, and that did not go well: .said */
};
const char *guard_state_name(enum guard_state s); /* "pending" */

struct guard {
        char *unit;
        char *dropin; /* /run/systemd/system/UNIT.d/zz-gird-trial.conf */
        enum guard_state state;
        bool next_start;       /* it takes effect with the unit's next start, and the time to
                                * confirm it counts from there: until is 0 before that */
        bool sessions;         /* the unit hosts sessions: see guard_may_confirm() */
        uint64_t began, until; /* realtime microseconds; until 0: not pending */
        uint64_t restarted;    /* realtime, 0: not yet: sessions that began later count as new */
        long pid;              /* of the gird that applied it */
        char *said;            /* of GUARD_FAILED, or NULL */
        char *who;             /* "root", or who became root to apply it */
        char *invocation;      /* of the unit before it was restarted; "" if it did not run */
        uint64_t within;       /* microseconds that there are to confirm it */
};
void guard_done(struct guard *g);

/* A file or folder whose owner and mode (st_mode) the directives may change, as it is now.  Those
 * of one folder lie side by side in a list. */
struct mark {
        char *path;
        uint32_t uid, gid, mode;
        bool there; /* false: it does not exist, and is removed by the revert if it is empty */
        bool top;   /* a directive names it: its mode changes too, and it may be moved */
};

struct guard_options {
        const char *unit;
        const char *dropin_text;
        bool running;    /* it runs now, so the revert restarts it; else it stops it */
        bool next_start; /* nothing is restarted, by the revert neither unless somebody did */
        bool sessions;
        uint64_t within; /* microseconds */
        const struct mark *marks;
        size_t mark_count;
};

/* Arms the switch and lays the drop-in down (not reloaded, not restarted yet).
 * 1: something is applied to the unit already; e says what and since when. */
int guard_arm(const struct guard_options *o, struct manager *m, struct job *job, struct err *e);

/* Why nothing else can be applied to that unit now: always 1, and e says it. */
int guard_refuse(const struct guard *g, struct err *e);

/* Tells the guard that the unit was restarted now. */
int guard_restarted(const char *unit, struct err *e);

/* 0: whoever asks may confirm.  1: the unit hosts sessions, and this session is older than the
 * restart; e says so and what to do. */
int guard_may_confirm(const struct guard *g, struct manager *m, struct job *job, struct err *e);

/* 0: it stays.  1: too late, or nothing is pending; e says which. */
int guard_confirm(const char *unit, struct manager *m, struct job *job, struct err *e);

/* Takes it back now, confirmed or not, as the switch would, and waits for the end.
 * 1: nothing is applied. */
int guard_revert(const char *unit, struct manager *m, struct job *job, struct err *e);

/* Before a save.  1: a change is on trial, and what is saved now would outlive its guard; e. */
int guard_may_save(const char *unit, struct err *e);

/* After a save: the confirmed runtime drop-in and the state go, nothing is restarted. */
int guard_forget(const char *unit, struct err *e);

/* 1: there is none. */
int guard_get(const char *unit, struct guard *ret, struct err *e);
int guard_list(struct guard **ret, size_t *ret_count, struct err *e);
void guards_free(struct guard *list, size_t count);

/* Cleans up after a gird, or a guard, that was killed: what is pending or being reverted with
 * nobody at it any more is reverted.  Does nothing for who is not root.  unit NULL: all. */
int guard_sweep(const char *unit, struct manager *m, struct job *job, struct err *e);
