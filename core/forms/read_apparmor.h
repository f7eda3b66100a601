/* read_apparmor.h - an AppArmor profile as a list of rules. */
#pragma once

#include "core/forms/reading.h"

enum aa_kind { AA_FILE, AA_CAPABILITY, AA_NETWORK, AA_INCLUDE, AA_OTHER };

struct aa_rule {
        enum aa_kind kind;
        unsigned line;
        bool deny, owner;
        char **words; /* behind "capability" and "network" */
        char *path; /* FILE: the fixed part before a pattern; NULL: not known.  INCLUDE: of what */
        bool cut;   /* there was a pattern behind it */
        char modes[32];   /* FILE: "rwk", "mrix" */
        const char *text; /* the rule as it stands, blanks made one */
};

/* What the rules come to. */
struct confinement {
        struct reading *reading;
        unsigned line, profile_line;
        uint64_t caps, caps_denied;
        bool caps_seen, caps_all, network, families_all, includes, files, writes_all, runs_all;
        char **families;
        char **written, **run, **hidden, **frozen;
};

/* Calls got() for each rule of the first profile in text, hats and profiles within it left out
 * with a note.  What cannot be read fails with file:line. */
int aa_parse(struct reading *r, const char *text,
             int (*got)(struct confinement *c, const struct aa_rule *rule), struct confinement *c);

/* A plain path as a word of a unit file: '%' doubled, quoted where needed, "-" before it.  "" where
 * it cannot stand in one.  Caller frees; NULL: no memory. */
char *systemd_path(const char *path);
