/* access_private.h - what the files of access share. */
#pragma once

#include "core/forms/access.h"

/* access_files.c.  Adds a copy; the same path once more gains its bits. */
int files_add(struct access *a, const struct file_access *f);
/* Libraries become their folder; what another rule covers goes; sorts. */
int files_settle(struct access *a);

/* access_network.c: sockets, ports and peers, of the behaviour or else of the sandbox. */
int network_find(const struct form_input *in, struct access *ret);
