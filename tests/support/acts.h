/* acts.h - a unit, what it was seen doing, and the advice on it: for the tests of inference.
 *
 *      struct seen s;
 *
 *      seen_open(&s, 257);
 *      seen_set(&s, "User", "www-data");
 *      seen_path(&s, "/etc/app.conf", ACCESS_WRITE);
 *      seen_infer(&s);
 *      assert_safe(&s, "ProtectSystem", "yes");
 *      seen_done(&s);
 *
 * Unless told otherwise it was watched twice, thoroughly, and nothing was lost: in a twin (start,
 * work, reload, stop, one probe) and two hours live. */
#pragma once

#include "core/observe/infer.h"

struct seen {
        struct sandbox *unit; /* "app.service" of the system manager */
        struct behaviour *behaviour;
        struct session *twin, *live; /* its two sessions, to be changed before seen_infer() */
        struct dialect dialect;
        const char *root; /* for infer_options; "/nonexistent" unless a test sets it */
        struct act *last; /* what was added last, to add flags to: until the next one */
        uint64_t clock;   /* of the next act */
        struct advices advices;
};

void seen_open(struct seen *s, unsigned major);
void seen_open_user(struct seen *s, unsigned major); /* a unit of a user manager */
void seen_done(struct seen *s);

/* Takes one of the two sessions away. */
void seen_twin_only(struct seen *s);
void seen_live_only(struct seen *s);

/* Sets a directive of the unit, as a line of its file would. */
void seen_set(struct seen *s, const char *directive, const char *text);
/* A command line: seen_command(&s, "ExecReload", "/bin/kill", "/bin/kill -HUP $MAINPID"). */
void seen_command(struct seen *s, const char *key, const char *path, const char *line);

/* Adds a copy of *a, strings included.  first, last, count, seen and process are filled in where
 * they are zero.  The rest are short forms of it. */
struct act *seen_act(struct seen *s, const struct act *a);
struct act *seen_call(struct seen *s, const char *call);
struct act *seen_args(struct seen *s, const char *call, uint64_t a, uint64_t b, uint64_t c);
struct act *seen_path(struct seen *s, const char *path, unsigned access); /* worked; resolved */
struct act *seen_failed(struct seen *s, const char *path, unsigned access, int error);
/* A file or folder of that type and mode (S_IFREG | 0644), owner and file system. */
struct act *seen_file(struct seen *s, const char *path, unsigned access, unsigned mode,
                      unsigned owner, const char *type);
struct act *seen_exec(struct seen *s, const char *program, unsigned gain);
struct act *seen_cap(struct seen *s, unsigned capability);
struct act *seen_socket(struct seen *s, int family, int type, int protocol);
/* address: as the act's text; port 0 for unix sockets. */
struct act *seen_bind(struct seen *s, int family, int type, const char *address, unsigned port);
struct act *seen_connect(struct seen *s, int family, int type, const char *address, unsigned port);

/* Implies, tidies, infers; fails the test where that fails.  May be called again. */
void seen_infer(struct seen *s);

const struct advice *seen_advice(const struct seen *s, const char *directive);

/* Fail the test, saying what the advice was.  Values are lines as in a unit file. */
void assert_advice(const struct seen *s, const char *directive, enum advice_verdict verdict,
                   const char *const *lines);
#define assert_safe(s, directive, ...)                                                             \
        assert_advice(s, directive, ADVICE_SAFE, (const char *const[]){ __VA_ARGS__, NULL })
#define assert_breaks(s, directive, ...)                                                           \
        assert_advice(s, directive, ADVICE_BREAKS, (const char *const[]){ __VA_ARGS__, NULL })
void assert_unknown(const struct seen *s, const char *directive); /* whatever its value */
/* Safe, and nothing changes: what the unit has stands. */
void assert_stands(const struct seen *s, const char *directive);
void assert_changes(const struct seen *s, const char *directive);
/* The evidence (and the limits) hold these words. */
void assert_evidence(const struct seen *s, const char *directive, const char *words);
void assert_limits(const struct seen *s, const char *directive, const char *words);
