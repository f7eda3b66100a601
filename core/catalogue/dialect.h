/* dialect.h - the words a given systemd understands: its version, its manager scope, its
 * system-call groups, the kernel's capabilities.
 *
 * Group tables differ by point release (facts/score/syscalls), so a dialect is made for one
 * version.  The tables for 247 to 262 are compiled in from catalogue/syscalls.inc; where
 * that systemd is installed, what it prints is used instead (dialect_learn). */
#pragma once

#include "core/base/base.h"
#include "core/base/err.h"
#include "core/catalogue/version.h"

#include <stdbool.h>
#include <stdint.h>

enum scope { SCOPE_SYSTEM, SCOPE_USER };

struct syscall_group {
        const char *name;           /* "@clock" */
        const char *const *members; /* names and nested groups, NULL-terminated */
};

struct dialect {
        struct version version;
        enum scope scope;
        const struct syscall_group *groups; /* ends with a NULL name */
        unsigned last_cap;                  /* CAP_LAST_CAP of the kernel, 40 or more */
        void *owned;                        /* a learnt table, freed by dialect_done() */
};

/* The compiled-in tables nearest to v.  Nothing to free unless dialect_learn() was called. */
void dialect_for(struct version v, enum scope scope, struct dialect *ret);

/* Replaces the groups by those in text, the output of `systemd-analyze syscall-filter`
 * (with --no-pager).  0, -EINVAL (not such text; d is unchanged) or -ENOMEM. */
int dialect_learn(struct dialect *d, const char *text);
void dialect_done(struct dialect *d);

const struct syscall_group *dialect_group(const struct dialect *d, const char *name);

/* Native number of a system call by libseccomp's table for this architecture; -1: none. */
int syscall_number(const char *name);
const char *syscall_name(int number); /* NULL if unknown */

/* Capabilities, namespaces and address families by name (case as systemd has it). */
int capability_number(const char *name);        /* -1 if unknown; takes "CAP_X" in any case and numbers */
const char *capability_name(unsigned number);   /* "CAP_CHOWN"; NULL past the last known */
uint64_t namespace_flag(const struct dialect *d, const char *name); /* CLONE_NEW*; 0 if unknown */
const char *namespace_name(size_t i, uint64_t *ret_flag);           /* i-th; NULL past the end */
const char *family_canonical(const char *name); /* "AF_UNIX" for "af_local"; NULL if unknown */
const char *family_name(size_t i);              /* i-th; NULL past the end */
int errno_number(const char *name);             /* "EPERM" -> 1; -1 if unknown */
const char *errno_name(int number);             /* NULL if unknown */
