/* form.h - a profile in the forms of other programs: one file each that writes it, one each that
 * reads it.
 *
 * Writing is pure: unit + profile + behaviour + dialect of the target in, text out.  What a form
 * cannot express is said in it, as a comment, and in .left_out; never dropped in silence. */
#pragma once

#include "core/base/err.h"
#include "core/observe/behaviour.h"
#include "core/profile/known.h"
#include "core/profile/profile.h"
#include "core/unit/sandbox.h"

struct form_input {
        const struct sandbox *unit;  /* as it stands, after sandbox_imply() */
        const struct sandbox *after; /* with the profile, after sandbox_imply() */
        const struct profile *profile;
        const struct behaviour *behaviour; /* what it was seen doing, or NULL: none is known */
        const struct dialect *dialect; /* of the target's systemd: only what it knows is written */
        const struct known *known; /* of the installed systemd, where that is the target; or NULL */
        const char *date;          /* ISO 8601, UTC */
        unsigned before_x10, after_x10; /* exposures in tenths */
};

struct form_file {
        char *path; /* relative; of a form of one file the name it goes by: "50-gird.conf" */
        char *text;
        unsigned mode; /* 0644 */
};

struct form_output {
        struct form_file *files; /* one, or those of a folder */
        size_t file_count;
        char **left_out; /* a sentence each: "SystemCallFilter=: AppArmor knows no system calls" */
};
void form_output_done(struct form_output *o);
/* Adds a file; text is taken over, also on failure. */
int form_add(struct form_output *o, const char *path, char *text, unsigned mode);
int form_leave_out(struct form_output *o, const char *fmt, ...)
        __attribute__((format(printf, 2, 3)));

/* Each form says so near its beginning ("Written by gird 0.5 on …", or a member "gird" in JSON), so
 * that gird knows its own files again and writes over no others. */
#define FORM_MARK "Written by gird "
bool form_is_ours(const char *text);

struct form {
        const char *name;     /* "nix" */
        const char *sentence; /* "a NixOS module" */
        bool needs_behaviour; /* says little without an observation */
        bool changes_only;    /* without a change there is nothing to write */
        int (*write)(const struct form_input *in, struct form_output *ret, struct err *e);
        /* Notes: what it could not take over, a sentence each. NULL: it is only written. */
        int (*read)(const char *file, const char *text, const char *unit, enum scope scope,
                    const struct dialect *dialect, struct profile **ret, char ***ret_notes,
                    struct err *e);
        /* How sure it is, 0 to 100, that text is of this form; NULL: it must be named. */
        unsigned (*looks_like)(const char *file, const char *text);
};
const struct form *form_at(size_t i); /* NULL past the end; the table is core/forms/forms.c */
const struct form *form_find(const char *name);

/* One function a form, in a file of its own. */
#define FORM_WRITER(name)                                                                          \
        int form_write_##name(const struct form_input *in, struct form_output *ret, struct err *e)
#define FORM_READER(name)                                                                          \
        int form_read_##name(const char *file, const char *text, const char *unit,                 \
                             enum scope scope, const struct dialect *dialect,                      \
                             struct profile **ret, char ***ret_notes, struct err *e);              \
        unsigned form_looks_##name(const char *file, const char *text)
FORM_WRITER(dropin);
FORM_WRITER(json);
FORM_WRITER(nix);
FORM_WRITER(confinement);
FORM_WRITER(ansible);
FORM_WRITER(portable);
FORM_WRITER(run);
FORM_WRITER(markdown);
FORM_WRITER(policy);
FORM_WRITER(apparmor);
FORM_WRITER(selinux);
FORM_WRITER(grsec);
FORM_WRITER(seccomp);
FORM_READER(dropin);
FORM_READER(json);
FORM_READER(shh);
FORM_READER(apparmor);
FORM_READER(nix);
