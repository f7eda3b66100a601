/* dialect.h - the words a given systemd understands: its version, its manager scope, its
 * system-call groups, the kernel's capabilities.
 *
 * Group tables differ by point release (facts/score/syscalls), so a dialect is made for one
 * version.  The tables for 247 to 262 are compiled in from catalogue/syscalls.inc; where
 * that systemd is installed, what it prints is used instead (dialect_learn). */
#pragma once

#include "core/base/base.h"
#include "core/base/err.h"
#include "core/catalogue/directive.h"
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
        unsigned seccomp; /* release of its libseccomp, 2.5.4 as 20504; 0: newest */
        void *owned;      /* a learnt table, freed by dialect_done() */
};

/* The compiled-in tables nearest to v: the newest that isn't newer.  Not at hand were 257.0 to
 * 257.12, 258 and 259 (taken as 257.13), 260 and 261 (as 262).  last_cap is 40, the newest
 * there is; who knows the kernel's may raise it.
 * Nothing to free unless dialect_learn() was called. */
void dialect_for(struct version v, enum scope scope, struct dialect *ret);

/* Replaces the groups by those in text, the output of `systemd-analyze syscall-filter`
 * (with --no-pager).  0, -EINVAL (not such text; d is unchanged) or -ENOMEM. */
int dialect_learn(struct dialect *d, const char *text);
void dialect_done(struct dialect *d);

const struct syscall_group *dialect_group(const struct dialect *d, const char *name);

/* Calls got() for each system call that name stands for (as syscall_spelling() has it): itself,
 * or the members of a group and of the groups in it.  < 0 from got() ends it.  0, -ENOENT (no such
 * group), or what got() answered. */
int dialect_expand(const struct dialect *d, const char *name,
                   int (*got)(void *userdata, const char *call), void *userdata);

/* A system call that libseccomp has no name for is dropped from every filter, silently where
 * a group brought it.  So filters that a manager reports are read (and written as groups) by
 * the libseccomp it runs with: this sets d->seccomp to the one installed below root (NULL or
 * "" for this machine).  0; 1: none found, d is unchanged; -ENOMEM. */
int dialect_find_seccomp(struct dialect *d, const char *root);
bool dialect_knows_call(const struct dialect *d, const char *name);

/* System calls by libseccomp's table (2.6.1; x86-64, or what the build machine's kernel
 * headers say elsewhere). */
int syscall_number(const char *name); /* native number; -1: none on this architecture */
const char *syscall_name(int number); /* NULL if unknown */
const char *syscall_at(size_t i); /* all names that libseccomp knows, sorted; NULL past the end */
/* As libseccomp says it back: it has one number for sys_debug_setcontext and switch_endian. */
const char *syscall_spelling(const char *name);
int syscall_index(const char *name); /* the other way; -1: libseccomp does not know it */

/* Capabilities, namespaces and address families by name (case as systemd has it). */
int capability_number(const char *name); /* -1 if unknown; takes "CAP_X" in any case and numbers */
const char *capability_name(unsigned number);     /* "CAP_CHOWN"; NULL past the last known */
uint64_t capability_all(const struct dialect *d); /* bits of all the kernel has */
uint64_t namespace_flag(const struct dialect *d, const char *name); /* CLONE_NEW*; 0 if unknown */
const char *namespace_name(size_t i, uint64_t *ret_flag);           /* i-th; NULL past the end */
uint64_t namespace_all(const struct dialect *d); /* what RestrictNamespaces=no means to it */
const char *family_canonical(const char *name);  /* "AF_UNIX" for "af_local"; NULL if unknown */
const char *family_name(size_t i);               /* i-th; NULL past the end */
int errno_number(const char *name);              /* "EPERM" -> 1; -1 if unknown */
const char *errno_name(int number);              /* NULL if unknown */

/* Groups of file systems for RestrictFileSystems= (the same in all versions). */
const struct syscall_group *filesystem_group(const char *name); /* "@network"; NULL if unknown */
const struct syscall_group *filesystem_group_at(size_t i);      /* NULL past the end */

/* The words some directives choose from, for editors and checks. */
enum vocabulary {
        WORDS_SECURE_BITS,   /* SecureBits= */
        WORDS_ARCHITECTURES, /* SystemCallArchitectures= */
        WORDS_PERSONALITIES, /* Personality= */
        WORDS_CONTROLLERS,   /* Delegate=, DisableControllers= */
        WORDS_DUMPS,         /* CoredumpFilter= */
        WORDS_LOG_LEVELS,    /* LogLevelMax= */
        WORDS_INPUTS,        /* StandardInput= */
};
const char *vocabulary_word(enum vocabulary which, size_t i); /* NULL past the end */
bool vocabulary_has(enum vocabulary which, const char *word);
/* The vocabulary of a directive, or -1. */
int vocabulary_of(enum directive_id id);
