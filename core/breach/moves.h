/* moves.h - what someone who took over a service would try, and what else the help pages make
 * claims about: each a harmless form of a deed, with a name that the intruder, the pages and the
 * tests share. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* What a move is about: the groups of the report, in this order. */
enum move_topic {
        TOPIC_SECRETS,   /* keys, password hashes, other users' files and environments */
        TOPIC_FOOTHOLD,  /* places from which something is started later: cron, units, profiles */
        TOPIC_SYSTEM,    /* the manager, the bus, other daemons' sockets */
        TOPIC_IDENTITY,  /* becoming someone else, set-uid programs */
        TOPIC_PROCESSES, /* seeing, tracing and ending what others run */
        TOPIC_NETWORK,
        TOPIC_KERNEL,  /* modules, BPF, namespaces, tunables, keyrings, io_uring … */
        TOPIC_MACHINE, /* clock, name, devices, power */
        TOPIC_CODE,    /* new code: writing and running a program, memory that is written and run */
        TOPIC_LAB,     /* of no use to an intruder: for the claims of help pages only */
};

struct move {
        const char *name;     /* "read-shadow" */
        const char *sentence; /* "reads the password hashes in /etc/shadow" */
        enum move_topic topic;
        /* What would close it, mildest first, as lines of a drop-in; ends with NULL. */
        const char *const *closers;
};
const struct move *move_at(size_t i); /* NULL past the end */
const struct move *move_find(const char *name);

/* "Secrets", for people. */
const char *move_topic_name(enum move_topic topic);
