/* probe_private.h - what the files of the probes share. */
#pragma once

#include "core/trial/probe.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

enum { PROBE_SAID = 200, PROBE_ADDRESSES = 2 };

/* ---- probe_parse.c ---- */

/* Where HOST and PORT are, the likelier first: 127.0.0.1 and ::1 where no address is named.
 * How many. */
size_t probe_addresses(const struct probe *p, struct sockaddr_storage ret[PROBE_ADDRESSES],
                       socklen_t ret_length[PROBE_ADDRESSES]);

/* ---- probe_http.c: pure ---- */

/* The request of an HTTP probe; caller frees. */
char *probe_request(const struct probe *p);

/* The status in the first line of an answer.  0: it is no HTTP; -1: the line is not whole yet. */
int probe_status(const char *bytes, size_t length);

/* ---- probe_net.c ---- */

/* Asks what is asked with a socket (TCP, UDP, UNIX, HTTP).  < 0: fault, -ECANCELED. */
int probe_net(const struct probe_place *where, const struct probe *p, bool *ret_ok,
              char said[PROBE_SAID], struct err *e);
