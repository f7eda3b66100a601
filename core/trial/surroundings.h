/* surroundings.h - what a unit was tried with, and whether that is still what is there. */
#pragma once

#include "core/profile/profile.h"

/* The unit's program: the first ExecStart=; NULL without one. */
const char *surroundings_program(const struct sandbox *unit);

/* What is there now below root (NULL, "" or "/": this machine): program, C library and kernel.
 * What cannot be told is NULL: the kernel of another root, say.  0 or -ENOMEM. */
int surroundings_now(const char *root, const char *program, struct surroundings *ret);

/* A sentence for each that differs: "nginx was another build then".  What is not known on either
 * side does not differ.  program: as above, or NULL. */
int surroundings_changed(const struct surroundings *then, const struct surroundings *now,
                         const char *program, char ***ret_words);

/* Whether nothing is known of what was there. */
bool surroundings_unknown(const struct surroundings *s);
