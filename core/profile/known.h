/* known.h - which directives the installed systemd parses, asked of itself
 * (`systemd --dump-configuration-items`, which runs without being PID 1). */
#pragma once

#include "core/base/base.h"
#include "core/base/err.h"
#include "core/base/job.h"
#include "core/catalogue/directive.h"

struct known;

/* root: ask the systemd below that root (by chroot); NULL: this machine's.
 * 1 and NULL when there is no systemd to ask. */
int known_ask(struct job *job, const char *root, struct known **ret, struct err *e);
int known_parse(const char *dump, struct known **ret);
bool known_has(const struct known *k, const struct directive *d);
void known_free(struct known *k);
DEFINE_SCOPED(struct known, known_free)
