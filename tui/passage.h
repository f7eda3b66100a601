/* passage.h - what goes in and out of a program in a sandbox: this terminal, or else the two
 * outputs.
 *
 * With a terminal each key goes inside as it is, Ctrl-C too, and the window's size follows.
 * Whatever becomes of gird, the terminal is as before afterwards: a small process sees to that. */
#pragma once

#include "core/breach/inside.h"

#include <sys/types.h>
#include <termios.h>

struct passage {
        struct job *job;
        int terminal; /* our end of one inside; -1: there is none */
        char *name;   /* the other end's */
        struct job_watch *keys, *screen, *size;
        struct termios before;
        bool raw;
        int sizes; /* a descriptor for SIGWINCH */
        pid_t keeper;
        int keeper_end; /* its pipe: it acts when that ends */
};
#define PASSAGE_NONE                                                                               \
        ((struct passage){ .terminal = -1, .sizes = -1, .keeper = -1, .keeper_end = -1 })

/* Fills in o's .terminal, .term and .output.  p must stay where it is until passage_done(), which
 * comes after inside_run(). */
int passage_open(struct passage *p, struct stage *stage, struct job *job, struct inside_options *o,
                 struct err *e);
void passage_done(struct passage *p);
