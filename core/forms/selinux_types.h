/* selinux_types.h - the types that every policy of the reference family has: of files, ports and
 * sockets. */
#pragma once

#include "core/forms/access.h"

/* The type of what lies at path, as the distribution labels it; NULL: it has none of its own
 * there.  *ret_optional: some distributions have another name for it. */
const char *selinux_file_type(const char *path, bool *ret_optional);
/* Whether reading it is what policies forbid to all but a few domains. */
bool selinux_is_secret(const char *path);

/* "http_port_t"; never NULL. */
const char *selinux_port_type(unsigned port, bool stream);

/* "tcp_socket"; NULL: that kind has no class. */
const char *selinux_socket_class(const struct socket_access *s);
