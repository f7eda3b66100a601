/* err.h - how a failure travels.
 *
 * A function that can fail returns int:
 *      < 0   a fault, as -errno; hand it up unchanged
 *        0   done
 *      > 0   an answer its own header documents, never handed up
 * Words for the user go into a caller-owned struct err.  Nothing in core/
 * prints: the same failure is a status line on the screen, stderr in a command. */
#pragma once

struct err {
        int code;
        char text[400];
};

/* Sets *e and returns code, so that failing is one line:
 *      return err_set(e, -errno, "cannot open %s", path);
 * The reason behind code is appended.  Control characters that came in with the
 * arguments are made printable.  e may be NULL. */
int err_set(struct err *e, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The same without the reason: the sentence is whole as it stands. */
int err_say(struct err *e, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
