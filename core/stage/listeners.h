/* listeners.h - the sockets that a control group listens on. */
#pragma once

#include "core/base/err.h"

/* folder: of the control group, with those below it.  One line each, sorted, no doubles:
 * "tcp 0.0.0.0:80", "tcp6 [::]:80", "udp 127.0.0.1:53", "udp6 [::]:53", "unix /run/x.sock",
 * "unix @name".  Sockets that systemd opened for the service count.  Not told: UDP ports of
 * the range from which the kernel picks for clients, and unnamed or autobound unix sockets. */
int listeners_read(const char *folder, char ***ret, struct err *e);

/* The peers that the control group's processes have TCP connections open to, in the same form. */
int connections_read(const char *folder, char ***ret, struct err *e);
