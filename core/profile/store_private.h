/* store_private.h - what the store's files share. */
#pragma once

#include "core/profile/store.h"

#include <sys/types.h>

enum { STORE_FILE_LIMIT = 4 << 20 };

/* ---- files below a folder's descriptor (store_file.c) ---- */

/* A file as it is, or its absence. */
struct blob {
        bool present;
        char *bytes; /* with a NUL behind them */
        size_t length;
        mode_t mode;
        uid_t uid;
        gid_t gid;
};
void blob_done(struct blob *b);
bool blob_same(const struct blob *a, const struct blob *b); /* bytes only */

/* Opens the folder path, whose symlinks are resolved below root.  make: with missing folders. */
int store_folder(int root, const char *path, bool make, int *ret_fd);
/* One more step, which must not be a symlink.  mode 0: do not make it. *ret_made may be NULL. */
int store_step(int folder, const char *name, mode_t mode, int *ret_fd, bool *ret_made);

int store_file_get(int folder, const char *name, struct blob *ret); /* absent is no fault */
/* All or nothing; owner and mode as in b where that may be set. */
int store_file_put(int folder, const char *name, const struct blob *b);
int store_file_remove(int folder, const char *name); /* absent is no fault */
/* Removes what a killed put left behind. */
void store_file_sweep(int folder, const char *name);

/* ---- the folders of one unit (store.c) ---- */

struct site {
        int root;    /* / or the --root */
        int folder;  /* STATE/UNIT */
        int history; /* STATE/UNIT/history; -1: nothing was ever saved */
};
#define SITE_NONE                                                                                  \
        {                                                                                          \
                -1, -1, -1                                                                         \
        }
void site_done(struct site *site);
/* -ENOENT without a sentence when it is not there and make is false. */
int site_open(const struct store *s, const char *unit, bool make, struct site *ret, struct err *e);
const char *store_below(const struct store *s, const char *path); /* path without the root */
char *store_above(const struct store *s, const char *path);       /* path with the root */

/* ---- one history entry (store_record.c) ---- */

struct record {
        unsigned number;
        bool pending;
        bool made_folder;
        char *when, *path, *verdict; /* path: below the root */
        struct blob before, after;
};
void record_done(struct record *r);
int record_numbers(const struct site *site, unsigned **ret, size_t *ret_count); /* newest first */
int record_read(const struct site *site, const struct store *s, const char *unit, unsigned number,
                struct record *ret, struct err *e);
int record_write(const struct site *site, const struct record *r); /* before and after, too */
int record_mark(const struct site *site, const struct record *r);  /* only the entry itself */
int record_remove(const struct site *site, unsigned number);
