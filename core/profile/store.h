/* store.h - where profiles and their history are kept, and the persistent drop-in: saved,
 * undone, locked.
 *
 * /var/lib/gird (users: $XDG_STATE_HOME/gird), and the drop-in folders below /etc/systemd
 * (users: $XDG_CONFIG_HOME/systemd/user).  Everything is written atomically, below the root
 * and never through a symlink that leaves it:
 *      UNIT/lock  UNIT/profile.json  UNIT/history/000001.{json,before,after}
 * A save writes its history entry first, as pending, then the drop-in, then marks the entry.
 * Whoever finds a pending entry looks at the drop-in: as before means it never happened, as
 * after means it did.  So a kill at any point leaves the old state or the new one. */
#pragma once

#include "core/base/err.h"
#include "core/profile/dropin.h"
#include "core/profile/profile.h"
#include "core/unit/files.h"

struct store {
        char *state; /* /var/lib/gird below the root */
        const struct unit_root *units;
};

/* units must outlive the store.  Nothing is made before something is kept. */
int store_open(struct store *s, const struct unit_root *units, struct err *e);
void store_done(struct store *s);

/* One gird at a time per unit (flock).  1: another one holds it; e names its pid.
 * Closing the descriptor lets go.  Whoever calls save, undo or put holds it. */
int store_lock(struct store *s, const char *unit, int *ret_fd, struct err *e);

/* The unit's last profile (each trial leaves it, with the verdict). */
int store_put_profile(struct store *s, const struct profile *p, const struct dialect *dialect,
                      struct err *e);
int store_get_profile(struct store *s, const char *unit, const struct dialect *dialect,
                      struct profile **ret, struct err *e); /* 1: there is none */

/* The units that have a last profile, sorted.  NULL list: none has. */
int store_units(struct store *s, char ***ret, struct err *e);

/* Writes the drop-in and a history entry that can bring back the exact bytes from before.
 * Refuses (-EEXIST) a 50-gird.conf that gird did not write.  ret_path: what was written. */
int store_save(struct store *s, const struct profile *p, const char *text, char **ret_path,
               struct err *e);

struct saved {
        char *when; /* ISO 8601, UTC */
        char *path;
        char *verdict;
        bool had_before; /* there was a file, which undo brings back */
};
int store_history(struct store *s, const char *unit, struct saved **ret, size_t *ret_count,
                  struct err *e); /* newest first */
void saved_free(struct saved *list, size_t count);

/* Back to before the newest save.  1: nothing to undo.  Refuses when the file was changed by
 * someone else since (-EBUSY), unless force. */
int store_undo(struct store *s, const char *unit, bool force, char **ret_path, struct err *e);
