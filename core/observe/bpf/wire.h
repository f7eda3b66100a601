/* wire.h - what the BPF program and its loader say to each other.  Included by both sides, so it
 * uses only the kernel's integer types and access.h.
 * SPDX-License-Identifier: MIT OR GPL-2.0-only */
#pragma once

#ifdef __bpf__
#include "core/observe/bpf/kernel.h"
#else
#include <linux/types.h>
#endif

#include "core/observe/bpf/access.h"

enum {
        WIRE_CALLS = 1024,   /* slots of .calls: native numbers below 512, 32-bit ones above */
        WIRE_COMPAT = 512,   /* added to the number of a 32-bit call */
        WIRE_FACTS = 32768,  /* different facts kept in the kernel between two drains */
        WIRE_RING = 4 << 20, /* bytes */
        WIRE_STRING = 512,   /* of a user's string; longer ones are cut and flagged */
        WIRE_BASE = 2048,    /* of a path walked in the kernel; longer ones are cut, flagged */
        WIRE_DEPTH = 64,     /* components of such a path */
        WIRE_PLAN_ARGS = 3,
        WIRE_PRIVILEGED = 16, /* programs of "+" command lines */
        WIRE_PROGRAM = 256,   /* key of the map `privileged`: see struct wire_program */
        WIRE_STACK = 8,       /* frames of a capability check */
        WIRE_SESSIONS = 16,   /* of the unit that are followed at a time; a power of two */
};

/* What a fact is.  a, b, c and the strings per kind; see also enum act_kind. */
enum wire_kind {
        WIRE_NONE,
        WIRE_CALL,    /* first sight of a call; nothing else in it */
        WIRE_FAILED,  /* a call's error: every (call, error) pair */
        WIRE_ARGS,    /* a, b, c: the planned arguments, masked */
        WIRE_ADDRESS, /* bind, connect, sendto …: a: family; b: type | protocol << 32; c: port;
                       * .text: the address, 4 or 16 bytes; AF_UNIX: its name (abstract: a NUL
                       * first) with the working folder as .base when relative;
                       * AF_NETLINK: c is the groups; AF_PACKET: c the ethertype */
        WIRE_PEER,    /* accepted: as WIRE_ADDRESS, .text the peer, c the *local* port */
        WIRE_PATH,    /* a: access bits (enum wire_access); .text: the string as passed, with .base
                       * the folder it counts from; or, resolved, .base alone */
        WIRE_EXEC,    /* as a resolved path; a: enum wire_gain bits; b: caps gained; .text: name
                       * (comm) of its parent */
        WIRE_CAP,     /* a: capability; b: caller's stack id; c: enum wire_check bits; error as
                       * answered; .call: WIRE_CALLS outside of any */
        WIRE_SIGNAL,  /* sent: a: signal; b: enum wire_signal bits */
        WIRE_KILLED,  /* died: a: signal; b: call for SIGSYS */
        WIRE_SECCOMP, /* refused by a seccomp errno rule: error; or c: 1, killed by SIGSYS */
        WIRE_COMPAT_TASK, /* runs 32-bit code: .base its program; a: 1 for x32 */
        WIRE_KINDS
};

enum wire_check {
        CHECK_OTHER = 1, /* asked of another user namespace than the first */
        CHECK_QUIET = 2, /* by the kernel for itself, CAP_OPT_NOAUDIT; the tracepoint cannot tell */
        CHECK_BORROWED = 4, /* with the rights of another, as overlayfs has those of its mounter */
};

/* Phases, as bits of wire_value.phases. */
enum wire_phase { PHASE_STARTUP = 1, PHASE_STEADY = 2, PHASE_RELOAD = 4, PHASE_STOP = 8 };

/* One fact: what makes it different from others. */
struct wire_key {
        __u16 kind;
        __u16 call;  /* number, + WIRE_COMPAT for 32-bit */
        __s32 error; /* positive errno, 0: it worked */
        __u64 a, b, c;
        __u64 text; /* hash of the strings; dentry and inode for a resolved path */
        __u64 base;
};

struct wire_value {
        __u64 count;
        __u64 first, last; /* bpf_ktime_get_boot_ns */
        __u32 phases;
        __u32 told; /* the event went out */
};

struct wire_call {
        __u64 count, first, last;
        __u32 phases, pad;
};

/* Flags of wire_event. */
enum {
        EVENT_RESOLVED = 1, /* .base is the file itself, root-first order restored by the reader */
        EVENT_RELATIVE = 2, /* .text counts from .base */
        EVENT_CUT = 4,      /* a string did not fit */
        EVENT_UNREADABLE = 8, /* the string could not be read from the process */
        EVENT_DELETED = 16,   /* the file has no name any more */
        EVENT_CHROOT = 32,    /* the process has another root than PID 1 of its namespace */
        EVENT_OWN_PROC = 64,  /* a path below /proc that is the process's own entry */
        EVENT_STAYS = 128,    /* a symlink at the end of .text was not followed */
};

/* First sight of a fact.  Followed by text_length bytes of .text, then base_length bytes of .base:
 * components, leaf first, each ended by NUL. */
struct wire_event {
        struct wire_key key;
        __u64 when;
        __u32 tgid, tid;
        __u32 own_tgid; /* as its pid namespace counts */
        __u32 uid, euid;
        __u32 flags;
        __u32 phases;
        /* of the file, where there is one */
        __u32 mode, rdev; /* rdev as new_encode_dev() has it */
        __u32 owner, group;
        __u32 magic;   /* of its file system */
        char type[16]; /* name of its file system */
        char comm[16];
        __u16 text_length, base_length;
        __u32 stack_length; /* frames in .stack */
        __u64 stack[WIRE_STACK];
};

/* Counters, per CPU. */
enum wire_count {
        COUNT_CALLS,     /* calls seen of the unit */
        COUNT_LOST_FACT, /* facts not kept: the map was full */
        COUNT_LOST_RING, /* first sights not told: the ring was full */
        COUNT_LOST_TASK, /* no room to follow a process */
        COUNT_FORKS,
        COUNT_EXECS,
        COUNT_EXITS,
        COUNT_CUT,
        COUNT_CAP_CHECKS,
        COUNT_LEFT, /* processes that went to another cgroup, which is not a session's */
        COUNT_KINDS
};

/* What to note of a call beside its count and errors, by number (userspace fills it from
 * plan.inc by name, so the program knows no numbers). */
enum wire_note {
        NOTE_ARGS = 1,  /* key.a, b, c from .arg and .mask */
        NOTE_PATH = 2,  /* a string at .path, from the folder at .dirfd (-1: working folder);
                         * AT_REMOVEDIR at .flags: it is a folder */
        NOTE_PATH2 = 4, /* a second one (rename, link; symlink's new name) */
        NOTE_OPEN = 8,  /* answers a descriptor of the file it opened; flags at .flags; -1: creat;
                         * -2: struct open_how at .flags's place .arg[0] */
        NOTE_FD = 16,   /* acts on the file of the descriptor at .dirfd */
        NOTE_ADDRESS = 32, /* struct sockaddr at .path, its length at .flags, socket at .dirfd */
        NOTE_MSGHDR = 64,  /* the same by struct msghdr at .path; ADDRESS is what it carries */
        NOTE_PEER = 128,   /* answers an accepted socket */
        NOTE_MMAP = 256, /* prot at .flags, descriptor at .dirfd: file if PROT_EXEC; ARGS besides */
        NOTE_EXEC = 512, /* execve, execveat: failures as paths (successes: WIRE_EXEC) */
        NOTE_STRUCT = 1024,    /* ARGS, but a is what lies in the process's memory, in the 8 bytes
                                * at the address in argument .path plus .flags, masked */
        NOTE_SMALL = 2048,     /* ARGS, but a value above 0xffff is noted as ~0: pointers */
        NOTE_DEVICE = 4096,    /* as NOTE_FD, when it is a device; access from how it was opened */
        NOTE_NAMESPACE = 8192, /* setns: ARGS, and a 0 becomes the kind of the namespace opened
                                * at .dirfd */
        NOTE_ROOT = 32768, /* chroot: once it is done, the new root resolved, counted from the top
                            * of the mount namespace, instead of the string */
        NOTE_ABSOLUTE = 16384, /* .path2 is a path only when it begins with a slash (mount's
                                * source) */
};

struct wire_plan {
        __u32 notes;
        __u32 access, access2; /* enum wire_access of .path and .path2; OPEN: from the flags */
        __s8 path, dirfd, path2, dirfd2, flags; /* argument numbers from 0; -1: none */
        __s8 arg[WIRE_PLAN_ARGS];               /* -1: none */
        __u64 mask[WIRE_PLAN_ARGS];
};

/* Key of `privileged`: the program's own path (symlinks followed), components leaf first, each
 * ended by NUL, cut at the size, zeros behind: "mount\0bin\0usr\0". */
struct wire_program {
        char path[WIRE_PROGRAM];
};

/* A cgroup, at its depth. */
struct wire_scope {
        __u64 id, level;
};

/* Settings, read-only once loaded. */
struct wire_config {
        __u64 prefix_id;    /* cgroup that is an ancestor of the unit's, */
        __u32 prefix_level; /* at this depth; 0: not looked at */
        __u32 pad;
        __u64 parent_id; /* the cgroup that a new folder of the unit must lie in; 0: any */
        char unit[256];  /* last part of the cgroup's path */
};
