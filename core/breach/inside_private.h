/* inside_private.h - what the files that start something in a sandbox share. */
#pragma once

#include "core/base/text.h"
#include "core/breach/inside.h"
#include "core/trial/rehearsal_private.h"

/* Where what is ours lies on the stage. */
#define INSIDE_FOLDER "/run/gird-inside"

/* ---- inside_place.c: the intruder on the stage ---- */

struct place {
        char *path;  /* for ExecStart=, as the sandbox sees it */
        char *bind;  /* for BindReadOnlyPaths=, where it could not be put there; or NULL */
        int folder;  /* that it was put in; -1: nowhere */
        char *name;  /* it has there */
        char *spare; /* what the service's own program goes by meanwhile; NULL: there was none */
};
#define PLACE_NONE ((struct place){ .folder = -1 })

/* Puts the intruder where the service's own program stands, or beside that where others need it.
 * root: O_PATH, the files of the stage; after: the unit with its changes. */
int place_intruder(int root, const struct sandbox *after, struct place *ret, struct err *e);
void place_undo(struct place *p); /* the stage is as before */

/* The files of the stage, O_PATH, with INSIDE_FOLDER among them. */
int inside_root(struct stage *stage, struct err *e);

/* ---- inside_stream.c: what it prints ---- */

struct stream {
        const struct inside_options *o;
        int number; /* 1 or 2 */
        int fd;     /* both ends of a FIFO, so that it never ends */
        struct text text;
        struct job_watch *watch;
};
#define STREAM_NONE ((struct stream){ .fd = -1 })
/* Makes a FIFO in a folder of ours, for whoever owns the service, and opens both its ends. */
int stream_make(int folder, const char *name, int flags, int *ret);
int stream_open(const struct inside_options *o, int folder, const char *name, int number,
                struct job *job, struct stream *ret);
void stream_drain(struct stream *s);                /* what is left in it */
int stream_take(struct stream *s, char **ret_text); /* what it held; cut at 1 MiB */
void stream_done(struct stream *s);

/* ---- inside_feed.c: what it reads ---- */

struct feed {
        int fd; /* both ends of a FIFO, so that it does not end before it is opened */
        pid_t pid;
};
#define FEED_NONE ((struct feed){ -1, -1 })
int feed_open(int folder, const char *name, int input, struct feed *ret);
void feed_opened(struct feed *f); /* the program has it: from now on it may end */
void feed_done(struct feed *f);

/* ---- inside_dropin.c: pure ---- */

struct inside_lines {
        const struct sandbox *after;
        const struct dialect *dialect;
        const char *terminal, *term;
        bool has_input;
        const char *path;   /* of the program, as the sandbox sees it */
        char *const *words; /* and its arguments, or NULL */
        const char *bind;
};
/* The drop-in that takes the unit's commands and conditions away and names ours.  Caller frees.
 * -E2BIG: a longer line than systemd reads. */
int inside_dropin(const struct inside_lines *l, char **ret);

/* A word as ExecStart= takes it, whatever is in it. */
void inside_quote(struct text *t, const char *word);

/* ---- inside_why.c ---- */

/* Why systemd could not start program, with the directive that likely did it. */
int inside_why(const struct run *run, const char *job_result, const struct sandbox *after,
               const struct dialect *dialect, const char *program, char **ret);
