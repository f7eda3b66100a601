/* needs.h - what a new service needs, in a few words, as a profile that gives it that and nothing
 * more.
 *
 *      net:listen:8080  net:listen:53/udp  net:connect  net:connect:10.0.0.0/8  net:local  unix
 *      write:/var/lib/app  read:/home/x  dev:/dev/ttyS0  cap:CAP_NET_RAW  secret:NAME:/path
 *      user:NAME  root  jit  realtime  proc  fork-namespaces  calls:@mount */
#pragma once

#include "core/base/err.h"
#include "core/profile/profile.h"

struct needs {
        struct profile *profile; /* all changes have REASON_PRESET and say why */
        char **probes;           /* what tells that it works: "tcp:8080" */
        char *user;              /* User= that must be there, or NULL: a dynamic one, or root */
        char **notes;            /* what the user should know, a sentence each */
};
void needs_done(struct needs *n);

/* words: a comma-separated list, "" for nothing.  Refuses what it does not know, by name.
 * Directives that this systemd does not know are left out, with a note. */
int needs_read(const char *unit, enum scope scope, const char *words, const struct dialect *dialect,
               struct needs *ret, struct err *e);

/* The words there are, each with what it means; NULL past the end. */
const char *needs_word(size_t i, const char **ret_meaning);
