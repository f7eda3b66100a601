/* infer_private.h - what the rule files of the inference share. */
#pragma once

#include "core/observe/infer.h"

struct acts; /* the behaviour's acts, sorted for looking up (infer_acts.c) */

/* Made by infer() and by nobody else: tests go through infer() too. */
struct inference {
        const struct infer_options *o;
        struct coverage coverage;
        bool root_user; /* the unit starts as root: no User= or DynamicUser= */
        bool launcher;
        bool foreign; /* 32-bit code ran: its calls have no arguments here */
        struct advices *ret;
        char **about; /* sentences on the launcher, joined at the end */
        struct acts *acts;
        char *watched;        /* coverage_words() */
        unsigned twin_failed; /* 1 << enum basis: calls failed there for the twin's own reasons */
};

/* ---- infer_advise.c: giving advice ---- */

/* What a rule rests on, which bounds its confidence (see infer_confidence.c). */
enum basis {
        BASIS_CALLS,   /* calls and their arguments */
        BASIS_FILES,   /* paths */
        BASIS_NETWORK, /* addresses, ports, families: a twin alone cannot know */
        BASIS_DEVICES, /* likewise */
        BASIS_CAPS,    /* capability checks */
        BASIS_FILTER,  /* the whole set of system calls */
        BASIS_UNIT,    /* the unit's own settings and accounts, not the behaviour */
        BASIS_COUNT
};

/* Advise on a directive; a second time replaces the first (infer_together.c takes back so).
 * lines: the value behind '=' (as in a unit file, plain '%', later lines merge; begins from the
 * default, so no reset is needed; { "", NULL }: the empty set, where that is one), NULL: none is
 * to be set.  witness: the act that decided (its words become part of the evidence) or NULL.  The
 * format is a sentence without a full stop.  0 or -ENOMEM.
 *
 * They keep the promises of infer.h by themselves, so that no rule can forget one: what systemd
 * here does not know is unknown; safe becomes unknown where confidence_of() is NONE; nothing
 * loosens what the unit has (lists that restrict are merged with the unit's own, those that grant
 * keep what the unit grants); breaks or unknown about a value that the unit has already is safe,
 * and changes nothing.  Evidence from outside is made printable here. */
int advise_safe(struct inference *in, enum directive_id id, enum basis basis, char *const *lines,
                const struct act *witness, const char *fmt, ...)
        __attribute__((format(printf, 6, 7)));
int advise_breaks(struct inference *in, enum directive_id id, enum basis basis, char *const *lines,
                  const struct act *witness, const char *fmt, ...)
        __attribute__((format(printf, 6, 7)));
int advise_unknown(struct inference *in, enum directive_id id, char *const *lines,
                   const struct act *witness, const char *fmt, ...)
        __attribute__((format(printf, 5, 6)));
bool advised(const struct inference *in, enum directive_id id);

/* Whether the unit sets (or something implies) at least this: the advice then says so. */
bool unit_has(const struct inference *in, enum directive_id id, const char *text);
/* Whether it would hold at least this once all that is safe is taken over. */
bool will_have(const struct inference *in, enum directive_id id, const char *text);

/* A directive whose values are steps, strictest last, each with what forbids it.  Gives the
 * strictest step that nothing forbids; the evidence is the act that forbids the next one. */
struct step {
        const char *value; /* "full" */
        /* The act that this value would refuse, or NULL. */
        const struct act *(*forbidden)(const struct inference *in);
        const char *why; /* "it writes below /etc" */
};
struct ladder {
        enum directive_id directive;
        enum basis basis;
        const char *nothing;      /* "it wrote nothing below /usr, /boot or /etc" */
        const struct step *steps; /* mildest first; ends with a NULL value */
};
int infer_ladder(struct inference *in, const struct ladder *ladder);

/* ---- infer_acts.c: looking for acts ---- */

/* infer() makes and frees it. */
int acts_open(const struct behaviour *b, struct acts **ret);
void acts_close(struct acts *acts);

/* Nothing is learnt from an act of the twin's own making or of a quiet check. */
bool act_counts(const struct act *a);
/* First act (by time) that counts of that kind with that name (NULL: any). */
const struct act *find_act(const struct inference *in, enum act_kind k, const char *name);
/* First call of the list (blank-separated names, "@group" of the dialect allowed) that was made. */
const struct act *find_call(const struct inference *in, const char *calls);
/* First ARGS act of the call with (a & mask) == value. */
const struct act *find_args(const struct inference *in, const char *call, uint64_t mask,
                            uint64_t value);
/* First PATH act with any of these access bits at or below one of the folders (blank-separated).
 * One that stands for many names counts for a folder below it too; one that counts from a root of
 * the process's own (ACT_CHROOT) does not, unless the unit itself has such a root. */
const struct act *find_path(const struct inference *in, const char *folders, unsigned access);
/* The same, of those that matter. */
const struct act *find_path_if(const struct inference *in, const char *folders, unsigned access,
                               bool (*matters)(const struct inference *in, const struct act *a));
/* The same, of exactly that path. */
const struct act *find_path_at(const struct inference *in, const char *path, unsigned access,
                               bool (*matters)(const struct inference *in, const struct act *a));
const struct act *find_cap(const struct inference *in, unsigned capability);
bool path_below(const char *path, const char *folder);

/* ---- one per room of the catalogue: each advises on all directives of its groups ---- */
int infer_identity(struct inference *in); /* User … KeyringMode; launchers are found first */
int infer_caps(struct inference *in);     /* capabilities, NoNewPrivileges, SecureBits */
int infer_files(struct inference *in);    /* GROUP_FILES but paths */
int infer_paths(struct inference *in);    /* *Paths, *Directory, TemporaryFileSystem, Bind* */
int infer_devices(struct inference *in);
int infer_network(struct inference *in);
int infer_namespaces(struct inference *in);
int infer_kernel(struct inference *in);
int infer_processes(struct inference *in);
int infer_syscalls(struct inference *in);
int infer_rest(struct inference *in); /* MAC, resources, credentials, service: context, limits */

/* infer_launcher.c: sets in->launcher and its words. */
int infer_launcher(struct inference *in);
/* infer_together.c: takes back what does not go together (implications, JIT, DynamicUser …), and
 * what a launcher's sessions could not bear. */
int infer_together(struct inference *in);
/* infer_holes.c: the holes once more, now that it is known what goes together. */
int infer_holes(struct inference *in);
/* infer_files.c: what it mounts has to be seen outside, so nothing may give it a view of its own.
 */
int infer_views(struct inference *in);
/* infer_confidence.c */
enum confidence confidence_of(const struct inference *in, enum basis basis, bool safe,
                              const char **ret_limits);
/* All the reasons why it is no higher, joined; NULL in *ret: none.  0 or -ENOMEM. */
int confidence_limits(const struct inference *in, enum basis basis, char **ret);
void confidence_prepare(struct inference *in); /* infer() calls it once: sets .twin_failed */

/* ---- infer_merge.c: what the unit has and what is advised, in one ---- */

/* *v becomes what both let through (for lists that grant: what either grants).  1: that makes no
 * sense for this directive; *v is unchanged. */
int infer_merge(struct value *v, const struct value *own, const struct directive *d);
