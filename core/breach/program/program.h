/* program.h - the other things the intruder's program can be, and what its deeds share. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* argv[0] is the word that chose it. */
int look_main(int argc, char **argv); /* --look */

/* A deed: tries what a move says to `argument`.  0: it was let, and what it saw is in said[SAID];
 * ABSENT: there is nothing here to try it on; < 0: refused, -errno.  It undoes what it did. */
enum { SAID = 512, ABSENT = 1 };

/* Each move's deed, as moves.inc names it; several moves share one. */
#define MOVE(topic, name, deed, about, sentence, ...) int deed(const char *argument, char *said);
#include "core/breach/moves.inc"
#undef MOVE

/* ---- answer.c ---- */

/* The line's second half for what a deed returned. */
void answer_code(int code, const char *said, char ret[SAID + 16]);
void answer_signal(int signal, char ret[SAID + 16]);

/* ---- helps for deeds ---- */

/* Calls each for every path that a ':'-separated list of patterns names, until one returns 0.
 * The answer is 0, or the first refusal; ABSENT when nothing matches. */
int paths_each(const char *patterns, int (*each)(const char *path, void *userdata), void *userdata);

/* Writes a file of its own into folder and opens it for reading and writing; it is gone already. */
int scratch_open(const char *folder);
/* The same in the first of a ':'-separated list that lets it; its path in ret_path if wanted, and
 * then it is still there. */
int scratch_make(const char *folders, char *ret_path, size_t size);

/* A process that is not of this service: of another user where there is one.  -ESRCH: none. */
int other_process(void);
/* A user that it is not. */
uid_t other_user(void);

int result(long r); /* 0 or more: 0; else -errno */

/* What a child that runs argv[0] makes of it: 0, or -errno of what refused it. */
int run_program(char *const argv[]);
