/* score.h - the exposure of a sandbox, equal to what systemd-analyze security of that version
 * says, per assessment and overall.  Pure: no I/O, microseconds.
 * Source of the rules: facts/score/formula.md, checked against 15 builds (tests/oracle). */
#pragma once

#include "core/catalogue/dialect.h"
#include "core/unit/sandbox.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* systemd-analyze judges differently over D-Bus and from files; gird follows each. */
enum score_mode { SCORE_LIVE, SCORE_OFFLINE };

struct assessment {
        const char *id;              /* systemd's json_field */
        const char *title;           /* systemd's name column: "CapabilityBoundingSet=~CAP_BPF" */
        enum directive_id directive; /* the one to change for it */
        const char *meaning;         /* our words, a sentence: what the row asks of the service */
        const char *wanted;          /* assignment that satisfies it: "PrivateTmp=yes" */
        uint64_t weight, range;
        uint64_t badness;  /* 0..range */
        bool applicable;   /* false: leaves both sums */
        unsigned exposure; /* tenths; 0 for none */
};

enum { ASSESSMENT_MAX = 96 };

struct score {
        unsigned exposure; /* tenths: 96 is 9.6 */
        size_t count;
        struct assessment rows[ASSESSMENT_MAX]; /* in order of weight, then id */
};

enum score_level {
        LEVEL_PERFECT,
        LEVEL_SAFE,
        LEVEL_OK,
        LEVEL_MEDIUM,
        LEVEL_EXPOSED,
        LEVEL_UNSAFE,
        LEVEL_DANGEROUS
};
enum score_level score_level(unsigned exposure);
const char *score_level_name(enum score_level level); /* "UNSAFE" */

/* s must have been through sandbox_imply().  Returns 0, or 1 when that systemd-analyze scores
 * no such unit: it isn't loaded, isn't a service (live), or is one it crashes on (slices up to
 * 252.0 offline; SystemCallArchitectures= with 250.5 to 250.7 live).  *ret is then unchanged.
 * The rules are those of dialect, whoever loaded the sandbox. */
int score_sandbox(const struct sandbox *s, const struct dialect *dialect, enum score_mode mode,
                  struct score *ret);

/* Whether changing the directive can move the row: it is the row's own, or implies it. */
bool score_moves(const struct assessment *row, enum directive_id id);
