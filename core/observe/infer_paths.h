/* infer_paths.h - what the rules on files and paths share. */
#pragma once

#include "core/observe/infer_private.h"

#include <sys/stat.h>

/* All that a read-only file system refuses. */
enum {
        ACCESS_WRITES = ACCESS_WRITE | ACCESS_CREATE | ACCESS_DELETE | ACCESS_CHANGE |
                        ACCESS_TRUNCATE | ACCESS_MADE,
};

/* What ProtectSystem= makes read-only: by yes, full and strict. */
enum reach { REACH_SYSTEM, REACH_ETC, REACH_ALL };

enum { DIRS_STATE, DIRS_CACHE, DIRS_LOGS, DIRS_RUNTIME, DIRS_COUNT };

/* Folders that systemd makes and keeps for a unit, and keeps writable. */
struct kept_directory {
        enum directive_id id;
        const char *folder;
};
extern const struct kept_directory kept_directories[DIRS_COUNT];

/* What has to stay writable within a reach, so that all that was written can be. */
struct holes {
        char **paths;            /* for ReadWritePaths=, '-' before what may be absent */
        char **dirs[DIRS_COUNT]; /* for StateDirectory= and its kin */
        bool run;                /* /run itself is among them */
        const struct act *witness;
        /* A write that no hole can permit, and why; NULL: none. */
        const struct act *impossible;
        const char *why;
};
/* NoExecPaths= and ExecPaths=; infer_system() looks at what came of it. */
int infer_exec_paths(struct inference *in);

int holes_find(const struct inference *in, enum reach reach, struct holes *ret);
void holes_done(struct holes *h);

/* ---- infer_paths_merge.c: places ---- */

/* A folder (or file) that must stay writable. */
struct place {
        char *path;
        const struct act *act;
        bool soft;     /* it would be nice: nothing depends on it */
        bool resolved; /* no symlink is in it */
};
struct places {
        struct place *list;
        size_t count, room;
};
void places_done(struct places *p);
int places_add(struct places *p, const struct act *a, const char *path, size_t length, bool soft);
/* Resolves symlinks, sorts, drops what lies within others and brings many siblings together. */
int places_merge(struct places *p, const char *root);
/* Whether it is never to be a hole as a whole. */
bool place_is_shared(const char *path);
/* "/bin/x" and "/var/run/x" as they are called today; caller frees; NULL: out of memory. */
char *place_spelt(const char *path);
/* lstat() below root, symlinks in between resolved there.  0 or -errno. */
int place_stat(const char *root, const char *path, struct stat *ret);
/* Length of the folder that holds the last name. */
size_t parent_of(const char *path);

/* ---- infer_open.c: what the unit's own settings change ---- */

/* Whether the unit (or what is advised) keeps it writable already, or gives it a copy of its own.
 */
bool place_is_open(const struct inference *in, const char *path);
/* Whether the word of a list of paths ("-/x", "+/x") names the path or a folder above it. */
bool word_covers(const char *word, const char *path);

/* Whether a program was run or mapped, or any file used, at or below the folder. */
const struct act *find_run(const struct inference *in, const char *folder);
const struct act *find_touch(const struct inference *in, const char *folder);
/* Whether it changed the mode or owner of exactly that file. */
bool was_changed(const struct inference *in, const char *path);
/* Whether a command line of the unit speaks of the folder or something below it. */
bool commands_name(const struct inference *in, const char *folder);

int infer_system(struct inference *in); /* ProtectSystem= and its holes */
int infer_umask(struct inference *in);
