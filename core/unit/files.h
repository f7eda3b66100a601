/* files.h - units read from files below a root, as the manager would, without a manager. */
#pragma once

#include "core/base/err.h"
#include "core/unit/sandbox.h"

/* Where to look.  root NULL or "" is this machine.  Every path that is opened stays below
 * root: symlinks are resolved inside it. */
struct unit_root {
        const char *root;
        enum scope scope;
        char **path;              /* search path, most important first; made by unit_root_open */
        bool generated;           /* also look where generators write (the default) */
        struct unit_index *index; /* what is in these folders; kept fresh by the calls below */
};

/* With SCOPE_USER: the paths of the calling user's manager. */
int unit_root_open(struct unit_root *r, const char *root, enum scope scope, struct err *e);
void unit_root_done(struct unit_root *r);

struct unit_file {
        char *name; /* "nginx.service", "getty@.service", and instances that are enabled */
        char *path; /* inside the root; NULL for an alias found only as a link */
        /* As `systemctl list-unit-files` has it: enabled, enabled-runtime, linked, linked-runtime,
         * alias, masked, masked-runtime, static, disabled, indirect, generated, transient, bad. */
        const char *state;
};

/* All .service units there are, each name once, sorted. */
int unit_files_list(const struct unit_root *r, struct unit_file **ret, size_t *ret_count,
                    struct err *e);
void unit_files_free(struct unit_file *files, size_t count);

/* Reads one unit with its drop-ins of every level.  name: a unit name (".service" is added
 * where no known suffix is there), or a path (contains '/'): that file, with the drop-ins
 * beside it and in the search path, as `systemd-analyze security --offline` has it.
 * Always gives a sandbox: load says how it went.  < 0 only when nothing can be said at all
 * (out of memory, no such root). Values are as written; call sandbox_imply() afterwards. */
int unit_read(const struct unit_root *r, const char *name, const struct dialect *dialect,
              struct sandbox **ret, struct err *e);

/* The same from bytes: one fragment, no drop-ins. For tests, fuzzing and the profile reader. */
int unit_parse(struct sandbox *s, const struct dialect *dialect, const char *file, const char *text,
               size_t length);

/* "nginx" -> "nginx.service"; refuses what is no unit name.  Caller frees. */
int unit_name_mangle(const char *word, char **ret, struct err *e);

/* The drop-in folder for saving: below root, for the primary name and scope. Caller frees. */
int unit_dropin_path(const struct unit_root *r, const char *unit, const char *file, char **ret);
