/* directive.h - what a hardening directive is, as data.
 *
 * The rows in directives.inc are the only place that knows directives by name: the enum
 * below, the unit-file reader, the D-Bus reader, the score, the drop-in writer, the
 * editors, the help check and the man page all walk them.
 * Names, values and versions: facts/directives.tsv, measured on systemd 247 to 262. */
#pragma once

#include "core/catalogue/version.h"

#include <stdbool.h>
#include <stddef.h>

enum directive_kind {
        KIND_BOOL,       /* yes or no */
        KIND_CHOICE,     /* one of .choices, loosest first */
        KIND_CAPS,       /* set of capabilities: bits */
        KIND_NAMESPACES, /* set of namespaces a process may make: CLONE_NEW* bits */
        KIND_FAMILIES,   /* address families, allowed or denied */
        KIND_SYSCALLS,   /* system calls, allowed or denied, each with an errno of its own */
        KIND_NAMES,      /* words; order means nothing */
        KIND_POLAR,      /* words, allowed or denied (~) */
        KIND_PATHS,      /* paths with optional '-' and '+' */
        KIND_BINDS,      /* SOURCE[:DESTINATION[:OPTIONS]]; and images, temporary file systems */
        KIND_DIRS,       /* names below /var/lib and its kin */
        KIND_DEVICES,    /* NODE-OR-CLASS [rwm] */
        KIND_ADDRESSES,  /* IP prefixes and any, localhost, link-local, multicast */
        KIND_PORTS,      /* SocketBindAllow= rules */
        KIND_LINES,      /* list whose members may hold blanks: one a line */
        KIND_UMASK,      /* octal */
        KIND_USER,       /* name or number of a user or group */
        KIND_PATH,       /* one absolute path */
        KIND_AMOUNT,     /* bytes, counts, percent, weights, times; "infinity" */
        KIND_TEXT,       /* anything else on one line */
};

enum directive_group {
        GROUP_IDENTITY, /* whom it runs as */
        GROUP_CAPS,     /* capabilities and privileges */
        GROUP_FILES,    /* what it sees and writes */
        GROUP_DEVICES,
        GROUP_NETWORK,
        GROUP_NAMESPACES,
        GROUP_KERNEL,
        GROUP_PROCESSES, /* /proc, memory, personality */
        GROUP_SYSCALLS,
        GROUP_MAC,       /* SELinux, AppArmor, Smack */
        GROUP_RESOURCES, /* cgroup controls and limits */
        GROUP_DIRECTORIES,
        GROUP_CREDENTIALS,
        GROUP_SERVICE, /* not a sandbox, but the score or a trial looks at it */
        GROUP_COUNT
};

/* Bits of .flags */
enum {
        IN_UNIT_SECTION = 1 << 0,  /* written under [Unit], not [Service] */
        NO_USER_MANAGER = 1 << 1,  /* no effect, or start failure, in a user manager */
        NEEDS_ROOT = 1 << 2,       /* only the system manager can set it up */
        NEEDS_CGROUP2 = 1 << 3,    /* unified hierarchy */
        NEEDS_CGROUP_BPF = 1 << 4, /* cgroup BPF programs */
        NEEDS_BPF_LSM = 1 << 5,    /* lsm=...,bpf and a build with BPF_FRAMEWORK */
        NEEDS_MAC = 1 << 6,        /* the named security module */
        LEAVES_MARKS = 1 << 7,     /* a live trial of it can't be undone (owners, modes, /tmp) */
        MORE_IS_LOOSER = 1 << 8,   /* a list that grants: every member opens something */
        NOT_A_SANDBOX = 1 << 9,    /* shown, kept, never advised: context for score and trial */
};

struct choice {
        const char *value;   /* as gird writes it */
        const char *also;    /* other spellings, blank-separated, or NULL */
        unsigned since;      /* systemd release that knows it; 0: as old as the directive */
        unsigned also_since; /* the same for the other spellings */
};

enum directive_id {
#define DIRECTIVE(id, kind, group, choices, since, flags, reset, property, loosest) D_##id,
#include "core/catalogue/directives.inc"
#undef DIRECTIVE
        DIRECTIVE_COUNT
};

struct directive {
        enum directive_id id;
        const char *name; /* "ProtectHome"; also names the help page */
        enum directive_kind kind;
        enum directive_group group;
        const struct choice *choices; /* loosest first; ends with a NULL value; or NULL */
        unsigned since;               /* release that brought it; 0: before 247 */
        unsigned flags;
        /* What an empty assignment does: see enum below. */
        int reset;
        const char *property; /* D-Bus name where it isn't .name; "" where there is none */
        const char *unset;    /* what holds when nothing sets it, in words or as a value */
};

enum directive_reset {
        RESET_UNSETS,  /* back to the default */
        RESET_EMPTIES, /* to the empty set, which is not the default (CapabilityBoundingSet) */
        RESET_NOTHING, /* ignored by systemd */
        RESET_YES,     /* turns it on (Delegate) */
};

const struct directive *directive_at(size_t i);           /* NULL past the end */
const struct directive *directive_find(const char *name); /* NULL if unknown; case counts */
const char *directive_group_name(enum directive_group g);
const char *directive_section(const struct directive *d); /* "Unit" or "Service" */
/* What it takes to have an effect, in words: "cgroup v2"; i counts from 0, NULL past the last. */
const char *directive_need(const struct directive *d, size_t i);
bool directive_known_to(const struct directive *d, struct version v);
