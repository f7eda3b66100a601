/* files_private.h - what the files*.c share.  Nobody else includes it. */
#pragma once

#include "core/unit/files.h"
#include "core/unit/specifier.h"

#include <sys/stat.h>
#include <sys/types.h>

enum {
        FILE_LIMIT = 16 << 20,      /* bytes of a unit file */
        LINE_LIMIT = 1 << 20,       /* bytes of a line, as in systemd */
        ASSIGNMENT_LIMIT = 1 << 16, /* assignments in a file */
        ODDITY_LIMIT = 1000,        /* oddities kept of a unit */
        LIST_LIMIT = 4096,          /* members of a list of facts */
        LINK_LIMIT = 40,            /* symbolic links on the way to a file */
        ALIAS_LIMIT = 8,            /* aliases of aliases, as in systemd */
};

/* --- files_tree.c: a tree of files, and no way out of it --- */

struct tree {
        int fd; /* of the root; -1: this machine */
};

int tree_open_root(struct tree *t, const char *root, struct err *e);
void tree_done(struct tree *t);

/* path is absolute, as seen from inside.  Returns a descriptor or -errno. */
int tree_open(const struct tree *t, const char *path, int flags);

/* The same without openat2(), for kernels and sandboxes that lack it. */
int tree_walk(int root, const char *path, int flags);

int tree_stat(const struct tree *t, const char *path, struct stat *ret);

/* The whole file with a NUL behind it.  -EFBIG past limit; -EISDIR; -EINVAL for what is
 * neither file nor empty device.  A device reads as empty: that is how units are masked. */
int tree_read(const struct tree *t, const char *path, size_t limit, char **ret, size_t *ret_length);

/* The same for what is known to be a regular file: fewer looks at it. */
int tree_read_regular(const struct tree *t, const char *path, size_t limit, char **ret,
                      size_t *ret_length);

/* "/a/./b//../c" -> "/a/c".  Text only.  NULL: out of memory. */
char *path_simplify(const char *folder, const char *path);

/* --- files_index.c: the names in the search path --- */

enum entry_kind {
        ENTRY_FILE,    /* a regular file */
        ENTRY_LINKED,  /* a link to a file outside the search path */
        ENTRY_MASKED,  /* a link to /dev/null */
        ENTRY_ALIAS,   /* a link to another unit of the search path */
        ENTRY_IGNORED, /* a link to its own name, or to one it must not stand for */
        ENTRY_FOLDER,
        ENTRY_ODD, /* a socket, FIFO, device */
};

struct unit_entry {
        char *name;
        unsigned dir; /* index into the search path */
        enum entry_kind kind;
        char *target; /* of a link: absolute inside the root, simplified; else NULL */
};

int index_new(const struct unit_root *r, struct unit_index **ret, struct err *e);
void index_free(struct unit_index *x);
DEFINE_SCOPED(struct unit_index, index_free)
const struct tree *index_tree(const struct unit_index *x);

/* Looks at the folders again if one has changed.  0 or -ENOMEM. */
int index_refresh(const struct unit_root *r);

/* Entries by name, then by rank of their folder. */
size_t index_count(const struct unit_index *x);
const struct unit_entry *index_at(const struct unit_index *x, size_t i);

/* The first entry called name, whatever it is; NULL.  Its equals follow it. */
const struct unit_entry *index_first(const struct unit_index *x, const char *name);

/* The entry systemd would take for name: a file or a link that counts.  NULL: none. */
const struct unit_entry *index_find(const struct unit_index *x, const char *name);

/* Folders in the search path: foo.service.d, foo.target.wants … */
struct subfolder {
        char *name;
        unsigned dir;
};
const struct subfolder *index_subfolders(const struct unit_index *x, size_t *ret_count);

/* Whether the folder name ("foo.service.d") is in the search path's dir. */
bool index_has_folder(const struct unit_index *x, unsigned dir, const char *name);

/* Which folder of the search path path lies in directly; -1: none. */
int index_folder_of(const struct unit_root *r, const char *path);

/* Where a link in folder leads that says text: absolute and simplified.  Where /lib is /usr/lib,
 * only the latter is in the search path, so it is the one that is named. */
char *link_target(const struct unit_root *r, const char *folder, const char *text);

char *entry_path(const struct unit_root *r, const struct unit_entry *entry); /* NULL: no memory */

/* --- files_names.c: which names mean the same unit --- */

/* Follows aliases from name (or its template) to a file or mask.  0; -ENOENT; -ELOOP. */
int names_resolve(const struct unit_index *x, const char *name, const struct unit_entry **ret);

/* Every other name of the unit, sorted.  entry: what its name resolved to. */
int names_aliases(const struct unit_index *x, const char *unit, const struct unit_entry *entry,
                  char ***ret);

/* --- files_links.c: the links that enable units --- */

/* A link that enables a unit or gives it another name. */
struct enabling {
        const char *name, *target; /* file names, without folders */
        unsigned dir;              /* rank of the folder of the search path it is in */
        bool pulled;               /* in a .wants or .requires folder */
};

struct enablings {
        struct enabling *by_name, *by_target;
        size_t count;
        char **owned;
};

int enablings_read(const struct unit_root *r, struct enablings *ret);
void enablings_done(struct enablings *e);

/* For sorting and searching; by the member of that name. */
int enabling_by_name(const void *a, const void *b);
int enabling_by_target(const void *a, const void *b);

/* --- files_install.c: whether a unit file is enabled --- */

/* One of the words of struct unit_file; "bad" for what cannot be told; NULL: out of memory. */
const char *install_state(const struct unit_root *r, const struct enablings *e, const char *name);

/* --- files_dropin.c --- */

/* Paths of the drop-ins of a unit by all its names, in the order in which they are read. */
int dropins_find(const struct unit_root *r, char *const *names, char ***ret);

/* A link to /dev/null masks, even where the root has no /dev. */
bool dropin_is_null(const struct unit_root *r, const char *path);

/* --- files_parse.c: bytes to assignments; nothing but text --- */

struct parse_sink {
        const char *own; /* section of the unit type, "Service"; NULL: it has none */
        void *userdata;
        /* 0: go on; 1: stop here, which files_parse hands up; < 0: a fault. */
        int (*assign)(void *userdata, unsigned line, const char *section, const char *key,
                      const char *value);
        int (*odd)(void *userdata, unsigned line, const char *key, const char *text,
                   const char *why);
};

/* 0; 1: a call said stop; 2: systemd would not read on, why says it; < 0: out of memory. */
int files_parse(const struct parse_sink *sink, const char *text, size_t length, struct err *why);

/* --- files_assign.c: assignments to a sandbox --- */

struct loader {
        struct sandbox *sandbox;
        const struct dialect *dialect;
        struct specifier_context specifiers;
        const char *file;
        bool dropin;
        char *refusal; /* why the unit is refused; the first reason */
        /* Settings that are no sandbox but decide whether a unit loads. */
        struct {
                char restart[16], kill_mode[16], exit_type[16], success_action[32];
                char *bus_name, *where;
                bool remains, forced_restarts, home_directory, has_what, has_trigger;
        } other;
};

void loader_done(struct loader *l);
int loader_sink_assign(void *loader, unsigned line, const char *section, const char *key,
                       const char *value);
int loader_sink_odd(void *loader, unsigned line, const char *key, const char *text,
                    const char *why);
int loader_odd(struct loader *l, unsigned line, const char *key, const char *text, bool refused,
               const char *fmt, ...) __attribute__((format(printf, 6, 7)));
/* Notes the assignment as one for which systemd refuses the unit (or, in a drop-in, reads no
 * further in it).  0 or 1 as parse_sink has it. */
int loader_refuse(struct loader *l, unsigned line, const char *key, const char *text,
                  const char *fmt, ...) __attribute__((format(printf, 5, 6)));
const char *loader_section(const struct loader *l);

/* --- files_other.c: the keys that are not in the catalogue --- */

/* 0, 1 (stop) or < 0; -ENOKEY: no such key in the section. */
int other_assign(struct loader *l, unsigned line, const char *section, const char *key,
                 const char *value);

/* --- files_keys.c: the names of systemd's other keys --- */

bool keys_know(const char *section, const char *key);

/* A section that has the key, for "it belongs in [Unit]"; NULL. */
const char *keys_home(const char *key);

/* --- files_exec.c: command lines --- */

bool exec_is_key(const char *section, const char *key);
int exec_assign(struct loader *l, unsigned line, const char *key, const char *value);
size_t exec_count(const struct sandbox *s, const char *key);

/* --- files_check.c: what systemd asks of a unit once it is read --- */

/* Sets l->refusal where the unit would be refused.  0 or -ENOMEM. */
int check_unit(struct loader *l);
