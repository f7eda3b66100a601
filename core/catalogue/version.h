/* version.h - which systemd is meant: "252.39". */
#pragma once

#include <stdbool.h>

struct version {
        unsigned major, minor;
};

enum { VERSION_OLDEST = 247, VERSION_NEWEST = 262 };

/* Takes the forms systemd prints ("252", "252.39", "v254.1", "252 (252.38-1~deb12u1)",
 * "262~rc1-2").  0 or -EINVAL. */
int version_parse(const char *text, struct version *ret);

bool version_at_least(struct version v, unsigned major, unsigned minor);

/* Compares as integers do: < 0, 0, > 0. */
int version_compare(struct version a, struct version b);
