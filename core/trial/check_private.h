/* check_private.h - what the files of the check share. */
#pragma once

#include "core/trial/trial_private.h"

struct checking {
        const struct sandbox *unit; /* or NULL */
        const struct profile *profile;
        const struct dialect *dialect;
        const char *root;
        const struct change *change; /* the one being checked */
        const char *name;            /* of its directive */
        struct problem *list;
        size_t count;
};

/* Adds a problem with the change at hand.  fatal: the start will fail for it. */
int check_report(struct checking *c, bool fatal, const char *fmt, ...)
        __attribute__((format(printf, 3, 4)));

/* Specifiers are resolved by systemd; only plain text can be checked here. */
bool check_has_specifier(const struct checking *c, const char *word);

/* What the directive is with the profile, or NULL where that is not known. */
const struct value *check_value(const struct checking *c, enum directive_id id);

bool check_is_number(const char *word);

/* One per kind of directive: 0, or -ENOMEM. */
int check_account(struct checking *c, const char *name, bool group);
int check_paths(struct checking *c);
int check_one_path(struct checking *c);
int check_binds(struct checking *c);
int check_lines(struct checking *c);
int check_devices(struct checking *c);
int check_caps(struct checking *c);
int check_calls(struct checking *c);
int check_families(struct checking *c);
int check_polar(struct checking *c);
int check_names(struct checking *c);
int check_text(struct checking *c);
