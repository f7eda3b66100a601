/* infer_privileges.h - what the rules on identity, capabilities, calls and launchers share. */
#pragma once

#include "core/observe/infer_private.h"

/* Capabilities that the unit needs, and why those that no check asked for are among them. */
struct needed {
        uint64_t caps;    /* to be kept */
        uint64_t checked; /* of these: a check was granted */
        uint64_t guessed; /* of these: kept for something that was not watched */
        uint64_t by_twin; /* of these: asked for in a twin that has it not */
        bool all;         /* it runs programs with privileges of their own, unseen: keep the rest */
        const struct act *last; /* witness for one of them */
        char **why;             /* sentences on .guessed and .by_twin */
};
int needed_caps(const struct inference *in, struct needed *ret);
void needed_done(struct needed *n);

/* From 255 on, systemd takes CAP_SETUID from a unit that has User=root in so many words and any
 * filter; without new privileges, executing the program no longer brings it back. */
bool loses_setuid(const struct inference *in, const struct needed *n);

/* An act of a process of another user than root, while the unit starts as root. */
const struct act *find_drop(const struct inference *in);
/* A program that gained privileges as it was executed. */
const struct act *find_gain(const struct inference *in, unsigned gains);
/* Whether a command line of the unit stands under key ("ExecReload") that is not run with full
 * privileges anyway ("+"). */
bool has_exec(const struct inference *in, const char *key);
/* The name behind the last slash. */
const char *base_name(const char *path);
/* Whether word is in the blank-separated list. */
bool listed_in(const char *list, const char *word);

/* A set of system calls, by libseccomp's index: what it has no name for, no filter can let
 * through or deny. */
enum { CALL_SET = 1024 };
struct call_set {
        bool has[CALL_SET];
        unsigned count;
};
void call_set_add(struct call_set *s, const char *call);
bool call_set_has(const struct call_set *s, const char *call);
/* Adds blank-separated calls and groups; what the dialect does not know is left out. */
int call_set_fill(struct call_set *s, const struct dialect *dialect, const char *list);
/* The first of the calls (groups allowed) that was made with success at least once. */
const struct act *find_success(const struct inference *in, const char *calls);

/* infer_calls.c: the calls a filter must let through.  seen: those that were made; needed: with
 * what may stand in their place one day, and what was not seen but will come. */
int needed_calls(const struct inference *in, struct call_set *seen, struct call_set *needed);
/* Whether a filter's value lets the call through. */
bool filter_lets(const struct value *v, const char *call);

/* infer_check.c: all that is safe applied at once still lets through what was seen. */
int infer_check(struct inference *in);
/* Turns what is safe into unknown, with its value. */
int take_back(struct inference *in, enum directive_id id, const struct act *witness,
              const char *why);
/* Whether it is safe and changes something. */
bool takes(const struct inference *in, enum directive_id id);
