/* observer_private.h - what the files of the observer share. */
#pragma once

#include "core/observe/behaviour_private.h"
#include "core/observe/decode.h"
#include "core/observe/observer.h"

/* ---- observer_cgroup.c: where a unit's processes are ---- */

/* Folder of the version 2 hierarchy as seen by this process.  1: there is none; e says so. */
int cgroup2_mount(char **ret, struct err *e);

struct cgroup_place {
        uint64_t id;        /* as BPF knows it */
        uint32_t level;     /* depth below the mount point */
        uint64_t processes; /* in the folder itself */
};
/* How deep the own cgroup lies, as /proc shows it. */
int cgroup_own_depth(uint32_t *ret);
/* path: below mount, or as a manager says it ("/system.slice/x.service").  1: not there. */
int cgroup_place(const char *mount, const char *path, struct cgroup_place *ret);
/* Name of a unit's folder: systemd puts a "_" before what the kernel might take for a file. */
int cgroup_name(const char *unit, char *name, size_t room);
/* Whether the text of a cgroup file names a folder of that name in its v2 line. */
bool cgroup_within(const char *text, const char *name);
/* The settings for the unit: prefix and parent. */
int cgroup_config(const struct observer_options *o, struct wire_config *ret,
                  struct cgroup_place *ret_running, struct err *e);

/* ---- observer_resolve.c: symlinks, and whose /proc it is ---- */

struct resolver {
        int root;        /* descriptor of the unit's root */
        char *from, *to; /* the folder that was resolved last, before and after */
        uint64_t pid_count;
        uint64_t *pids; /* bits: process ids of the unit, as it counts them */
        char unit[sizeof(((struct wire_config *)0)->unit)];
};
int resolver_open(struct resolver *r, const char *root, const char *unit, struct err *e);
void resolver_done(struct resolver *r);
/* Folders may have changed since. */
void resolver_forget(struct resolver *r);
/* The real path of raw as it is now; parts that do not exist stay as they are written.  1: it
 * cannot be told (a loop, or below /proc). */
int resolve_path(struct resolver *r, const char *raw, bool follow, char **ret);
/* Resolves the paths of an event and marks those below /proc. */
int resolve_event(struct resolver *r, struct decoded *d);
/* "/usr/bin/mount" as the kernel walks it: the file's name first. */
void resolver_turn_round(const char *path, struct wire_program *ret);

/* ---- observer_facts.c: what was told, until its count is known ---- */

struct facts;
struct fact {
        struct wire_key key;
        struct act acts[DECODED_ACTS];
        uint32_t count;
        uint32_t round; /* of drains, when it was told last; 0: a free slot */
};
int facts_new(struct facts **ret);
void facts_free(struct facts *f);
DEFINE_SCOPED(struct facts, facts_free)
/* Takes the acts over, also on failure. */
int facts_put(struct facts *f, struct decoded *d);
const struct fact *facts_find(const struct facts *f, const struct wire_key *key);
/* A drain is over: what was not told again since the one before is let go, if there is much. */
void facts_next_round(struct facts *f);

/* Adds the acts of all (key, value) pairs to b; what was neither told nor says enough by its key is
 * counted in *lost. */
struct counted {
        struct wire_key *keys;
        struct wire_value *values;
        size_t count;
};
int facts_collect(const struct facts *f, const struct decoder *d, const struct counted *c,
                  struct behaviour *b, uint64_t *lost);

/* ---- observer_idle.c ---- */

/* Marks checks as quiet that only all acts together show to be so. */
void idle_checks(struct behaviour *b);

/* ---- observer_load.c: the door to libbpf ---- */

struct program; /* the loaded BPF program with its maps */

/* Loads it, with the best way to see capability checks that works here.  1: it cannot be; e says
 * why. */
int program_open(const struct wire_config *config, struct program **ret, struct err *e);
void program_free(struct program *p);
DEFINE_SCOPED(struct program, program_free)
bool program_sees_capabilities(const struct program *p);
/* path: of a program that "+" lines run, its symlinks followed. */
int program_leave_out(struct program *p, const char *path);
/* Due once, before a unit is set or anything attached. */
int program_find_base(struct program *p, struct err *e);
void program_set_unit(struct program *p, const struct cgroup_place *place);
void program_set_phase(struct program *p, enum act_seen phase);
int program_attach(struct program *p, struct err *e);
void program_detach(struct program *p);
/* Only beginnings of calls tell what seccomp refused; they are seen once attached.  Without them
 * the machine pays half: due only while the unit is not filtered. */
int program_see_begins(struct program *p, bool see);
/* Whether seccomp filters a process of the unit. */
bool program_filtered(const struct program *p);

/* told() gets each event; below 0 it stops there, and program_consume() answers that. */
int program_ring(struct program *p, int (*told)(void *userdata, void *bytes, size_t length),
                 void *userdata, int *ret_fd);
int program_consume(struct program *p);
/* Facts with their counts; forget: they are removed from the kernel. */
int program_facts(struct program *p, bool forget, struct counted *ret);
void counted_done(struct counted *c);
int program_calls(struct program *p, struct wire_call calls[WIRE_CALLS]);
int program_counts(struct program *p, uint64_t counts[COUNT_KINDS]);
uint64_t program_memory(struct program *p);
