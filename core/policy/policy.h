/* policy.h - what a fleet demands of its units: thresholds, directives that must or must not be
 * set, who a service may run as, accepted exceptions that end on a day, and a baseline that nothing
 * may get looser than.
 *
 * A small JSON file, described in doc/policy.md.  Checking is pure: unit + score + policy in,
 * findings out. */
#pragma once

#include "core/base/err.h"
#include "core/profile/profile.h"
#include "core/score/score.h"

/* Values of one directive: any of them will do.  count 0: of forbid, that it is set at all. */
struct policy_values {
        enum directive_id directive;
        struct value *values;
        char **texts; /* as they were written */
        size_t count;
};

struct policy_rule {
        char **units;     /* patterns: "*.service"; NULL: every unit */
        char **not_units; /* patterns that it leaves out */
        bool has_threshold;
        unsigned threshold; /* tenths */
        bool own_user;      /* User= or DynamicUser=, and never nobody */
        struct policy_values *require, *forbid;
        size_t require_count, forbid_count;
        char *why; /* shown with what it finds; or NULL */
};

struct policy_exception {
        char **units;
        char **rules; /* "threshold", "own-user", "baseline", "profiles", or a directive's name */
        char *reason;
        char until[11]; /* YYYY-MM-DD, the last day that it holds */
        unsigned line;
};

struct policy {
        char *file;         /* for what is said about it; or NULL */
        bool has_threshold; /* for units that no rule has one for */
        unsigned threshold;
        bool profiles; /* kept profiles must have been tried with what is installed now */
        struct policy_rule *rules;
        size_t rule_count;
        struct policy_exception *exceptions;
        size_t exception_count;
};

/* Refuses anything unknown, doubled or misspelt with FILE:LINE:COLUMN. */
int policy_read(const char *file, const char *text, const struct dialect *dialect,
                struct policy **ret, struct err *e);
void policy_free(struct policy *p);
DEFINE_SCOPED(struct policy, policy_free)

/* What is recorded of units, so that later none is looser: their exposure and the value of every
 * directive that is set. */
struct recorded {
        char *unit;
        bool scored;
        unsigned exposure;
        bool has[DIRECTIVE_COUNT];
        struct value values[DIRECTIVE_COUNT];
};
struct baseline {
        struct recorded *units; /* sorted */
        size_t count;
};
int baseline_read(const char *file, const char *text, const struct dialect *dialect,
                  struct baseline *ret, struct err *e);
/* Adds what s is now.  score NULL: it has none. */
int baseline_add(struct baseline *b, const struct sandbox *s, const struct score *score);
/* Moves the records that b has not out of from: units that were not looked at keep theirs. */
int baseline_keep(struct baseline *b, struct baseline *from);
int baseline_print(const struct baseline *b, const struct dialect *dialect, char **ret);
const struct recorded *baseline_find(const struct baseline *b, const char *unit);
void baseline_done(struct baseline *b);

enum finding_kind {
        FINDING_THRESHOLD,
        FINDING_REQUIRE,
        FINDING_FORBID,
        FINDING_OWN_USER,
        FINDING_BASELINE,
        FINDING_PROFILE, /* of a kept profile: due to be tried again */
        FINDING_LOAD,    /* it can't be read, or systemd refuses it */
        FINDING_KINDS
};
const char *finding_kind_name(enum finding_kind k);  /* "own-user": for machines */
const char *finding_kind_words(enum finding_kind k); /* a sentence on what such a check is */

struct finding {
        enum finding_kind kind;
        enum directive_id directive; /* DIRECTIVE_COUNT: none */
        char *message;               /* a sentence, printable */
        char *file;                  /* where it is set, or the unit file; or NULL */
        unsigned line;
        bool note;     /* said, and no failure */
        char *excused; /* the exception's reason; NULL: it counts */
        char until[11];
};

/* One unit, checked. */
struct checked {
        char *unit;
        bool scored;
        unsigned exposure;
        char **met; /* demands that it meets, named as findings are */
        struct finding *findings;
        size_t finding_count;
};
void checked_done(struct checked *c);
bool checked_fails(const struct checked *c);
/* The finding's name within its unit: "require:ProtectSystem", "threshold". Caller frees. */
char *finding_name(const struct finding *f);
int checked_add(struct checked *c, const struct finding *f); /* copies */

struct policy_input {
        const struct policy *policy;
        const struct baseline *baseline; /* or NULL */
        const struct dialect *dialect;
        const char *today; /* YYYY-MM-DD */
};
/* s after sandbox_imply(); score NULL: systemd scores it not. Fills *ret. */
int policy_check(const struct policy_input *in, const struct sandbox *s, const struct score *score,
                 struct checked *ret);
/* Adds a finding of the caller's, excused where the policy says so. */
int policy_found(const struct policy_input *in, struct checked *c, struct finding *f);

/* What was found, for other programs; each is the whole text, or NULL: out of memory.
 * when: ISO 8601, UTC. */
struct fleet {
        const struct checked *units;
        size_t count;
        const char *host, *when, *root;
};
char *fleet_json(const struct fleet *f);
char *fleet_sarif(const struct fleet *f);      /* SARIF 2.1.0 */
char *fleet_junit(const struct fleet *f);      /* JUnit's XML, as Jenkins takes it */
char *fleet_prometheus(const struct fleet *f); /* a textfile of node_exporter */
