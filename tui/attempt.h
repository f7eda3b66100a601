/* attempt.h - a trial or a save as a person asks for it: stage, lock, trial, kept profile.
 * The commands and the screen both go through here. */
#pragma once

#include "core/trial/trial.h"
#include "tui/context.h"

/* The drop-in that an earlier save wrote is replaced by the next one, so what it set goes on: fills
 * *ret with its changes and p's over them, p's verdict and probes.  Trial and save both use this;
 * callers need it only to compare profiles. */
int attempt_complete(struct context *c, const struct profile *p, struct profile **ret,
                     struct err *e);

struct attempt {
        struct trial trial;
        unsigned before, after; /* exposures in tenths */
        bool scored;
};

/* 1: no twin can be had for that unit here (not root, -H, a template …); e says why and what to
 * type: command is "try", "enter" … */
int attempt_check(const struct context *c, const struct sandbox *s, const char *command,
                  struct err *e);
/* A twin of the machine, or of the tree of --root.  Returns as twin_open(). */
int attempt_twin(struct context *c, struct stage **ret, struct err *e);
/* Where the profile will be saved, as the stage sees it.  Caller frees. */
int attempt_dropin_path(const struct context *c, const char *unit, char **ret, struct err *e);

/* Tries p on s in a twin, keeps p with its verdict as the unit's last profile (and in p).
 * 1: it could not be tried here; e says why and what to do. */
int attempt_try(struct context *c, const struct sandbox *s, struct profile *p, struct attempt *ret,
                struct err *e);
void attempt_done(struct attempt *a);

/* This machine's own units are root's to save; below --root, or in one's own manager, the files
 * decide.  0, or -EPERM with the command to type. */
int attempt_may_write(const struct context *c, const char *command, const char *unit,
                      struct err *e);

/* The drop-in as it would be saved.  left_out: what this systemd does not know. */
int attempt_render(struct context *c, const struct sandbox *s, const struct profile *p, char **ret,
                   char ***left_out, struct err *e);

/* Why p may not be saved without --untested: a sentence, or NULL when it held. */
const char *attempt_objection(const struct profile *p, bool accept_bent);

/* Writes the drop-in under the unit's lock, reloads the manager where there is one, reads the unit
 * back and compares.  *ret_path: the file.  ret_overridden: what a later drop-in overrides, a
 * sentence each with file:line; NULL when all came out as written. */
int attempt_save(struct context *c, const struct sandbox *s, const struct profile *p,
                 char **ret_path, char ***ret_overridden, struct err *e);

/* Undoes the last save likewise.  1: nothing to undo. */
int attempt_undo(struct context *c, const char *unit, bool force, char **ret_path, struct err *e);
