/* target.h - what a form is for, as typed behind --for: "systemd=247", "debian=12",
 * "nixos=24.05,ubuntu=22.04". */
#pragma once

#include "core/base/err.h"
#include "core/catalogue/version.h"

/* The oldest systemd among those named.  A distribution's is that of its first release. */
int target_parse(const char *words, struct version *ret, struct err *e);
