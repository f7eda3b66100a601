/* view.h - what a service can see and do: computed from its sandbox, and seen from inside by the
 * intruder (`intruder --look`).  Where the two differ, that is told. */
#pragma once

#include "core/breach/inside.h"

enum reach {
        REACH_WRITABLE,  /* it can write there */
        REACH_OWNED,     /* where owner and mode of the files let it */
        REACH_READ_ONLY, /* it can read there, as far as owner and mode let it */
        REACH_EMPTY,     /* it sees an empty folder of its own */
        REACH_HIDDEN,
        REACH_COUNT
};

struct view_path {
        char *path;
        enum reach reach;
        enum directive_id by; /* that makes it so; DIRECTIVE_COUNT: none does */
        bool same;            /* as what lies above it, so that it need not be told */
        bool of_twin;         /* twins have it read-only for everyone, so looking tells nothing */
};

/* The lines of a view.  Those of paths are in the order of enum reach. */
enum fact_id {
        FACT_USER,
        FACT_GROUPS,
        FACT_GAIN, /* whether set-uid programs give it more */
        FACT_EFFECTIVE,
        FACT_BOUNDING,
        FACT_AMBIENT,
        FACT_WRITABLE,
        FACT_OWNED,
        FACT_READ_ONLY,
        FACT_EMPTY,
        FACT_HIDDEN,
        FACT_DEVICES,
        FACT_PROCESSES,
        FACT_NETWORK,
        FACT_FAMILIES,
        FACT_NAMESPACES,     /* its own */
        FACT_NEW_NAMESPACES, /* that it may make */
        FACT_MEMORY,
        FACT_CALLS,
        FACT_COUNT
};
const char *fact_label(enum fact_id id); /* "may write": for people */
const char *fact_key(enum fact_id id);   /* "writable": for machines */

struct service_view {
        const struct sandbox *unit; /* not its own */
        const struct dialect *dialect;
        bool is_root;      /* of the machine or, with PrivateUsers=, of its own */
        bool is_free;      /* '+' before its command: no directive of the sandbox counts */
        bool no_new_privs; /* set, or what systemd brings along */
        uint64_t effective, bounding, ambient;
        uint64_t own_namespaces; /* CLONE_NEW* */
        struct view_path *paths; /* sorted, each once */
        size_t path_count;
        size_t calls, all_calls;  /* of this machine's processor: let through, and there are */
        char **facts[FACT_COUNT]; /* words; NULL: nothing to be told */
};

/* unit: after sandbox_imply(); it and the dialect must outlive the view.  0 or -ENOMEM. */
int view_compute(const struct sandbox *unit, const struct dialect *dialect,
                 struct service_view *ret);
void view_done(struct service_view *v);

/* Whether the filter lets a system call through; *ret_error (may be NULL): with which errno it is
 * refused, 0: the process is killed. */
bool view_lets_call(const struct service_view *v, const char *name, int *ret_error);
bool view_lets_family(const struct service_view *v, const char *name);
const struct view_path *view_path_of(const struct service_view *v,
                                     const char *path); /* or above it */

/* ---- what was seen ---- */

struct sight {
        char **lines;    /* as core/breach/program/look.c prints them */
        char *why;       /* nothing could be started: a sentence; or NULL */
        uint64_t shared; /* namespaces (CLONE_NEW*) that it has in common with PID 1 */
        uint64_t caps;   /* capabilities that the stage lets anyone have */
};

/* Sends the intruder in to look; o as for inside_run(), .argv and .words are set here. */
int view_look(const struct inside_options *o, const struct service_view *v, struct stage *stage,
              struct job *job, struct sight *ret, struct err *e);
void sight_done(struct sight *s);

/* The answer to a question, "ok" to "family AF_UNIX"; NULL: it was not asked.  Caller frees. */
char *sight_answer(const struct sight *s, const char *question);

/* What was seen otherwise than computed, a sentence each.  0 or -ENOMEM. */
int view_differences(const struct service_view *v, const struct sight *s, char ***ret);

/* ---- what an intruder could do, in plain words ---- */

struct view_answer {
        size_t question;    /* the same in every view */
        bool open;          /* it could; else it could not */
        char *text;         /* "Load code into the kernel." */
        const char *closer; /* a line that would close it, or NULL */
};
/* Those that are open come first, worst first. */
int view_answers(const struct service_view *v, struct view_answer **ret, size_t *ret_count);
void view_answers_free(struct view_answer *list, size_t count);
