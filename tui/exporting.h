/* exporting.h - a profile in another form, as a person asks for it: which profile, for which
 * systemd, and the files.  The command and the screen both go through here. */
#pragma once

#include "core/forms/form.h"
#include "tui/context.h"

/* The profile that -p, --profile and --observed make, else the unit's last one; with its verdict
 * where the last one asks for the same.  Where the form needs no change it may be empty. */
int exporting_profile(struct context *c, const struct sandbox *s, const struct form *form,
                      struct profile **ret, struct err *e);

/* p (and what an earlier save has set) in that form.  target: as typed behind --for, or NULL: this
 * machine's systemd.  *ret_observed (may be NULL): something was known of what the unit does. */
int exporting_make(struct context *c, const struct sandbox *s, const struct profile *p,
                   const struct form *form, const char *target, struct form_output *ret,
                   bool *ret_observed, struct err *e);

/* More than one file, or one with a folder of its own. */
bool exporting_is_folder(const struct form_output *o);

/* Writes the files: below path where it is a folder or the form is one, else as path.  All or none
 * of them; over no file that gird did not write, unless force; through no symbolic link.
 * ret_paths: what was written. */
int exporting_write(const struct form_output *o, const char *path, bool force, char ***ret_paths,
                    struct err *e);
