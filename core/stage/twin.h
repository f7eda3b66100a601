/* twin.h - a throwaway copy of a machine, booted with its real systemd as PID 1.
 *
 * Overlay over every real file system, private network, own cgroup (or transient scope on a
 * host that runs systemd), outer pid namespace whose init dies with gird.  Nothing of the
 * host changes, and nothing is left after gird's end, however it ends.
 * How and why: doc/twin.md; measured in facts/twin.md. */
#pragma once

#include "core/stage/stage.h"

/* The mechanism that the systemd of a user, other than root, has with PrivateUsers=yes only. */
#define LIMIT_USER_MOUNTS "mount namespaces of a user"

struct twin_options {
        const char *root;      /* tree to boot; NULL or "": this machine */
        uint64_t boot_timeout; /* microseconds; 0: 30 s */
        bool no_bpf;           /* for tests: leave bpf out of nspawn's call filter */
        bool for_user;         /* the stage is the systemd of a user, in the twin */
        unsigned uid;          /* of the user */
        /* Bytes for the upper layers, in memory.  0: a quarter of what is free, at most 2 GiB;
         * or an unlinked file where the tree has files too big for that. */
        uint64_t memory;
};

/* 1: a twin cannot be made here, for a reason that e says with what to do about it (not root,
 * no systemd-nspawn, no overlayfs, foreign architecture, no systemd in root …). */
int twin_open(const struct twin_options *o, struct job *job, struct stage **ret, struct err *e);

/* Removes what twins of dead girds left (empty cgroup folders).  Called by twin_open. */
void twin_sweep(void);
