/* access.h - what a service has to be able to do, as mandatory access control thinks of it: files
 * and what is done to them, sockets, ports, capabilities.
 *
 * It comes of what was observed, of the folders that the unit keeps for itself, and of its command
 * lines.  Names that change from run to run stand for their folder; libraries for all libraries,
 * since their names change with each update. */
#pragma once

#include "core/base/text.h"
#include "core/forms/form.h"

#include <sys/types.h>

enum may {
        MAY_LOOK = 1, /* stat, readlink */
        MAY_READ = 2,
        MAY_WRITE = 4,
        MAY_CREATE = 8,
        MAY_DELETE = 16,
        MAY_CHANGE = 32, /* mode, owner, times */
        MAY_RUN = 64,
        MAY_MAP = 128, /* to execute it */
        MAY_CONNECT = 256,
        MAY_ENTER = 512,
        MAY_MOUNT = 1024,
        MAY_WATCH = 2048,
        MAY_ALTER = MAY_WRITE | MAY_CREATE | MAY_DELETE | MAY_CHANGE,
};

struct file_access {
        char *path;    /* without symlinks; bytes; "/proc/PID/…" for any process */
        unsigned may;  /* enum may */
        bool below;    /* all that lies below the folder path; not path itself */
        bool own;      /* /proc/PID is the unit's own */
        bool numbered; /* each number in the last name is another one every time */
        uint32_t mode; /* of the file; 0: not known */
};

struct port_access {
        unsigned family; /* AF_INET, AF_INET6 */
        unsigned type, protocol;
        unsigned first, last; /* 0 to 65535: any */
        char *address;        /* NULL: any */
};

struct socket_access {
        unsigned family, type, protocol;
};

struct access {
        struct file_access *files; /* sorted by path */
        size_t file_count;
        struct port_access *binds, *connects;
        size_t bind_count, connect_count;
        struct socket_access *sockets;
        size_t socket_count;
        uint64_t caps;   /* that it used and the unit leaves it */
        uint64_t unused; /* that the unit leaves it, and that were not seen in use */
        bool wx;         /* memory that it can write and execute */
        bool links;      /* makes hard links */
        bool traces;     /* ptrace */
        bool mounts, pivots;
        bool kills;       /* sends signals to processes that are not its own */
        bool bus;         /* talks to D-Bus */
        bool logs_kernel; /* syslog() */
        char *watched;    /* "watched 45 s in a twin…"; NULL: nothing was observed */
        char **notes;     /* a sentence each: what could not be told */
};

/* Where the numbers begin that may be others: at the last name; else at the path's end. */
const char *file_numbers(const struct file_access *f);

/* 0, -ENOMEM. */
int access_find(const struct form_input *in, struct access *ret);
void access_done(struct access *a);

const char *program_of(const struct form_input *in); /* of ExecStart=, absolute; or NULL */

/* Whether others run it, too: an interpreter, a shell.  A rule about it would be about them. */
bool program_is_shared(const char *program);

/* "worker@1.service" -> "worker_1", letters, digits and what is in extra; caller frees. */
char *plain_name(const char *unit, const char *extra);

/* Says of each directive that the unit will have and the form cannot express, why; and of what
 * could not be told.  expressed: directives, ends with DIRECTIVE_COUNT. */
struct form_limits {
        const char *name; /* "AppArmor" */
        const enum directive_id *expressed;
        const char *groups[GROUP_COUNT]; /* "it knows no system calls"; NULL: a general sentence */
};
int access_leave_out(const struct form_input *in, const struct form_limits *limits,
                     const struct access *a, struct form_output *ret);

/* The lines of left_out behind the mark ("# "), each at most about 100 columns. */
void access_write_left_out(struct text *t, const char *mark, const struct form_output *o);
/* The head of a file: what it is, of which unit, from what. */
void access_write_head(struct text *t, const char *mark, const char *what,
                       const struct form_input *in, const struct access *a);

/* 0, or -ENODATA with the command that makes an observation. */
int access_must_be_observed(const struct form_input *in, const char *what, struct err *e);
