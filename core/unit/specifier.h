/* specifier.h - the %x of unit files. */
#pragma once

#include "core/catalogue/dialect.h"

struct specifier_context {
        const char *unit;     /* full name, with the instance */
        const char *fragment; /* path of the unit file, or NULL */
        const char *root;     /* where /etc/os-release and its kin are read; NULL: this machine */
        enum scope scope;
        struct version version;
};

/* Replaces every specifier.  0: done, *ret is allocated.
 * 1: one cannot be resolved; *ret_bad is its letter and *ret is untouched. */
int specifier_expand(const struct specifier_context *c, const char *text, char **ret,
                     char *ret_bad);
