/* probe.h - a question that tells whether a service does its work.
 *
 *      tcp:[HOST:]PORT         something accepts a connection       (HOST: 127.0.0.1, [::1])
 *      udp:[HOST:]PORT         a datagram is not answered with "port unreachable"
 *      unix:/PATH, unix:@NAME  a unix socket accepts a connection (or is bound: no stream)
 *      http://HOST[:PORT]/PATH[=STATUS]   GET answers with that status (default: 200 to 399)
 *      bus:NAME                the name is owned on the system bus
 *      file:/PATH              the file is there (as the stage sees it), made or changed since the
 *                              unit's start: one from before proves nothing
 *      log:TEXT                a line that the unit wrote to the journal since its start holds TEXT
 *      watchdog:               Type=notify says it is ready, and WatchdogSec= is being fed
 * Anything else is a command of /bin/sh that must exit 0; "sh:COMMAND" is one, whatever it begins
 * with.  All run inside the stage, none but commands with a shell.  doc/probes.md. */
#pragma once

#include "core/base/err.h"
#include "core/base/job.h"
#include "core/observe/behaviour.h"
#include "core/stage/stage.h"
#include "core/unit/sandbox.h"

#include <stdint.h>

enum probe_kind {
        PROBE_COMMAND,
        PROBE_TCP,
        PROBE_UDP,
        PROBE_UNIX,
        PROBE_HTTP,
        PROBE_BUS,
        PROBE_FILE,
        PROBE_LOG,
        PROBE_WATCHDOG,
        PROBE_KINDS
};

struct probe {
        enum probe_kind kind;
        char *text;      /* the command; HOST; the path, name or words */
        char *path;      /* HTTP: "/index.html?x" */
        unsigned port;   /* TCP, UDP, HTTP */
        unsigned status; /* HTTP: the one that is wanted; 0: 200 to 399 */
};
/* -EINVAL: e says what is wrong with it and how it is written. */
int probe_parse(const char *text, struct probe *ret, struct err *e);
void probe_done(struct probe *p);

/* Where and of whom it is asked. */
struct probe_place {
        struct stage *stage;
        struct job *job;
        struct manager *manager; /* NULL: nobody knows of the unit's start (tests) */
        const char *unit;
        const char *cursor; /* where the journal of the present start begins; NULL: all */
        uint64_t timeout;   /* microseconds */
};
/* Asks once, within the time.  *ret_said: the last line of output, or why not; "" when there is
 * nothing to say.  -EINVAL: it is no probe, and e says so as probe_parse() does. */
int probe_ask(const struct probe_place *where, const char *text, bool *ret_ok, char **ret_said,
              struct err *e);
/* A service may be a moment slower than its probe: a failure is looked at twice. */
int probe_ask_twice(const struct probe_place *where, const char *text, bool *ret_ok,
                    char **ret_said, struct err *e);

/* Probes that what was seen and the unit suggest, in the form above: a listener on :80 an HTTP
 * probe, a bus name, a watchdog.  Pure.  NULL list: nothing suggests itself. */
int probes_suggest(const struct behaviour *b, const struct sandbox *unit, char ***ret);
