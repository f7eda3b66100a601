/* chains.h - combinations of moves that lead out of any sandbox, whatever its score. */
#pragma once

#include "core/breach/moves.h"

struct chain {
        const char *name;     /* "ask-systemd" */
        const char *sentence; /* "it asks systemd to start a command outside of it" */
        /* It is open when one of these is allowed, and all of .with.  End with NULL. */
        const char *const *any;
        const char *const *with;
        /* Files of the machine of which one must be there, or NULL. */
        const char *const *needs;
        const char *const *closers; /* as a move's */
};
const struct chain *chain_at(size_t i); /* NULL past the end */
