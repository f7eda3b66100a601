/* behaviour.h - what a unit was seen doing: a set of acts, each with its count and its first
 * witness, and the sessions in which it was watched.
 *
 * Pure data: made by an observer, kept as JSON (doc/behaviour.schema.json), read by inference. */
#pragma once

#include "core/base/base.h"
#include "core/base/err.h"
#include "core/observe/bpf/access.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum act_kind {
        ACT_CALL,   /* .name: system call; .error: 0 it was made, else it failed so at least once */
        ACT_ARGS,   /* .name: call; a, b, c: arguments as plan.inc says (unshare: a = flags) */
        ACT_SOCKET, /* a: AF_*, b: SOCK_* without flags, c: protocol */
        ACT_BIND,   /* a: AF_*, b: SOCK_* | protocol << 32, c: port; .text: address or socket path
                     * ("@name": abstract; "": unnamed) */
        ACT_CONNECT, /* the same: connect, sendto, sendmsg; .name the call */
        ACT_PEER,    /* accepted from .text; c: local port */
        ACT_PATH,    /* .text: absolute path as the unit sees it; a: ACCESS_* bits; the file's
                      * .mode, .owner, .group, .rdev, .type where it was opened */
        ACT_EXEC,    /* .text: program; a: GAIN_*; b: capabilities gained; .mode, .owner */
        ACT_CAP,     /* .name: "CAP_CHOWN"; a: its number; .by: kernel function that asked; c: 1
                      * when asked of a user namespace of its own; .quiet */
        ACT_SIGNAL,  /* a: signal sent; b: SIGNAL_* */
        ACT_KILLED,  /* a: signal it died of; .name: the call, for SIGSYS */
        ACT_REFUSED, /* .name: call that seccomp refused: .error, or a = SIGSYS */
        ACT_FOREIGN, /* .text: program that runs 32-bit code; .name "x86", "arm", "x32" */
        ACT_KINDS
};
const char *act_kind_name(enum act_kind k); /* "path": for JSON */

/* Where and when it was seen; bits. */
enum act_seen {
        SEEN_TWIN = 1,
        SEEN_LIVE = 2,
        SEEN_STARTUP = 4,
        SEEN_STEADY = 8,
        SEEN_RELOAD = 16,
        SEEN_STOP = 32,
};

enum act_flag {
        ACT_RESOLVED = 1, /* the path is the kernel's own, symlinks followed */
        ACT_GENERAL = 2,  /* stands for many: .text is a folder and the names below it vary; of
                           * peers "192.0.2.0/24", "2001:db8::/64" or "any"; "@": abstract ones;
                           * "/memfd:": memory */
        ACT_CUT = 4,      /* .text is not whole */
        ACT_QUIET = 8,    /* CAP: the kernel asked without consequence (…_noaudit and the like) */
        ACT_OWN_PROC = 16,   /* PATH below /proc/PID: it is the process's own or its unit's */
        ACT_OTHER_PROC = 32, /* PATH below /proc/PID of another unit's process */
        ACT_GONE = 64,       /* PATH: the file had no name any more */
        ACT_TEMPORARY = 128, /* PATH: the unit made it itself and removed it again */
        ACT_EPHEMERAL = 256, /* BIND: the port differs each time, and c is 0; CONNECT: the peer's */
        ACT_BY_TWIN = 512,   /* failed for a reason of the twin's own (ENODEV, ENETUNREACH, a
                              * capability that nspawn takes): says nothing of the service */
        ACT_CHROOT = 1024,   /* .text counts from a root of the process's own */
};

struct act {
        enum act_kind kind;
        int error; /* 0, or the errno of the refusal */
        uint64_t a, b, c;
        char *name; /* NULL where the kind has none */
        char *text; /* NULL where the kind has none */
        char *by;   /* CAP: the asking function; EXEC: its parent's program; or NULL */
        unsigned flags, seen;
        uint32_t mode, rdev, owner, group; /* of a file: mode 0 when not known */
        char type[16];                     /* of its file system: "ext4"; "" not known */
        /* the witness of the first time */
        uint64_t count;
        uint64_t first, last; /* realtime microseconds */
        char process[16];
        uint32_t pid, uid; /* effective uid */
};

/* One time of watching. */
struct session {
        char *stage; /* "twin", "live" */
        char *when;  /* ISO 8601, UTC: its begin */
        char *systemd, *kernel;
        char **probes;          /* that ran and succeeded */
        char **notes;           /* what could not be seen, one sentence each */
        uint64_t seconds_x1000; /* watched; without the pauses of a duty cycle */
        uint64_t events, lost;
        uint64_t processes, execs;
        unsigned seen;     /* SEEN_STARTUP etc.: which phases it covers */
        bool capabilities; /* checks were seen themselves, not only inferred from calls */
};

struct behaviour {
        char *unit;
        char *binary;  /* main program, or NULL */
        char *version; /* its build id, or "size-mtime" where it has none; NULL unknown */
        struct session *sessions;
        size_t session_count;
        struct act *acts; /* sorted by kind and text once behaviour_tidy() ran */
        size_t act_count, act_room;
        struct act_index *index; /* behaviour.c's own: finds an act again in one step */
        bool sorted;             /* acts of one kind stand together */
};

int behaviour_new(const char *unit, struct behaviour **ret);
void behaviour_free(struct behaviour *b);
DEFINE_SCOPED(struct behaviour, behaviour_free)
void act_done(struct act *a);
void session_done(struct session *s);

/* Sum of the sessions, for people and for inference. */
struct coverage {
        double seconds, live_seconds;
        uint64_t events, lost, processes, execs;
        size_t sessions, probes; /* probes that ran, each once */
        bool startup, steady, reload, stop;
        bool twin, live;   /* watched there at all */
        bool capabilities; /* in every session */
};
void behaviour_coverage(const struct behaviour *b, struct coverage *ret);
/* "watched 45 s in a twin and 24 h live: start-up and steady state; 1.2 M calls, none lost".
 * Caller frees; NULL: out of memory. */
char *coverage_words(const struct coverage *c);

/* Adds an act (taken over, also on failure); one that is there already gains its count, times,
 * flags and seen bits.  O(1) on average.  0 or -ENOMEM. */
int behaviour_add(struct behaviour *b, struct act *a);
/* Takes the session over. */
int behaviour_add_session(struct behaviour *b, struct session *s);

/* Makes it fit for keeping, whoever observed: process ids in /proc paths become PID, unlinked and
 * random names their folder, many names of one folder the folder (ACT_GENERAL), ports of the
 * kernel's range ephemeral; files that were made and removed within are ACT_TEMPORARY; then sorts.
 * Idempotent, and the result has at most BEHAVIOUR_ACTS acts.  ports: the kernel's own range. */
enum { BEHAVIOUR_ACTS = 20000, BEHAVIOUR_NAMES = 32 /* of one folder before it is general */ };
struct port_span {
        unsigned first, last;
};
int behaviour_tidy(struct behaviour *b, struct port_span ports);

/* Adds all of other to b.  A behaviour of another unit is refused (-EINVAL); of another version of
 * the binary, 1 and nothing is done: what an older version did says little about this one. */
int behaviour_merge(struct behaviour *b, const struct behaviour *other);

/* Walks the acts of one kind: for (a = behaviour_first(b, ACT_PATH); a; a = behaviour_next(b, a))
 */
const struct act *behaviour_first(const struct behaviour *b, enum act_kind k);
const struct act *behaviour_next(const struct behaviour *b, const struct act *a);

/* "write /var/log/nginx/access.log by nginx (312 times, first at 0.4 s)": for evidence, printable.
 * Caller frees; NULL: out of memory. */
char *act_words(const struct behaviour *b, const struct act *a);

/* {"gird":1,"unit":…,"binary":…,"version":…,"sessions":[…],"acts":[…]}; doc/behaviour.schema.json.
 * Anything unknown, doubled, out of range or newer is refused with its place. */
int behaviour_to_json(const struct behaviour *b, char **ret);
int behaviour_from_json(const char *file, const char *text, struct behaviour **ret, struct err *e);

/* Kept beside the unit's profile, one file per version of the binary and the newest known by
 * name: UNIT/behaviour.json.  state: store.state.  Whoever writes holds store_lock().
 * get: 1 when there is none. */
int behaviour_put(const char *state, const struct behaviour *b, struct err *e);
int behaviour_get(const char *state, const char *unit, struct behaviour **ret, struct err *e);

/* Build id of the program at path below root, or "SIZE-MTIME".  Caller frees; NULL: unreadable. */
char *binary_version(const char *root, const char *path);
