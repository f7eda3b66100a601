/* sandbox.h - one unit's sandbox as it stands: a value per directive, and where it came from. */
#pragma once

#include "core/base/base.h"
#include "core/base/err.h"
#include "core/catalogue/dialect.h"
#include "core/catalogue/directive.h"
#include "core/catalogue/value.h"

#include <stdbool.h>
#include <stdint.h>

enum origin_kind {
        ORIGIN_DEFAULT, /* nothing sets it */
        ORIGIN_FILE,    /* file:line of the last assignment that counted */
        ORIGIN_MANAGER, /* the manager says so; no file we can read does (transient, set-property)
                         */
        ORIGIN_IMPLIED, /* another directive brings it: .by */
        ORIGIN_PROFILE, /* a change not yet saved */
};

struct origin {
        enum origin_kind kind;
        char *file; /* ORIGIN_FILE: absolute path inside the root */
        unsigned line;
        enum directive_id by; /* ORIGIN_IMPLIED */
};

/* What stood in a setting before sandbox_imply() changed it. */
struct given {
        struct value value;
        struct origin origin;
};

struct setting {
        struct value value;
        struct origin origin;
        struct given *given; /* or NULL: nothing was given, or it stands as it was */
};

/* An assignment systemd ignores or refuses, or a directive gird has no row for: kept, shown. */
struct oddity {
        char *file;
        unsigned line;
        char *key, *text;
        char *why;    /* a sentence */
        bool refused; /* systemd would refuse the unit for it */
};

enum load_state {
        LOAD_LOADED,
        LOAD_NOT_FOUND,
        LOAD_MASKED,
        LOAD_BAD_SETTING, /* systemd refuses it */
        LOAD_ERROR,       /* it cannot be read */
        LOAD_TEMPLATE,    /* foo@.service: read as an instance would be */
};
const char *load_state_name(enum load_state s);

/* One command line of an Exec*= list. */
struct exec_line {
        char *key;      /* "ExecStart" */
        char *prefixes; /* any of "@-:+!|" */
        char *path;     /* first word, without the prefixes */
        char *line;     /* the whole text behind the prefixes */
};

/* The rest of the unit that a trial, the lists and the inference need. */
struct unit_facts {
        char *description;
        char *fragment; /* path of the unit file; NULL without one */
        char *bus_name; /* BusName=, or NULL */
        char **dropins;
        char **names; /* every name it goes by, the primary first */
        struct exec_line *exec;
        size_t exec_count;
        char **requires;   /* Requires=, Wants=, BindsTo=, After= are not resolved: as written */
        char **triggers;   /* sockets, timers, paths that start it, where the source knows */
        char **conditions; /* "ConditionPathExists=/x", as written */
};

struct sandbox {
        char *unit; /* primary name */
        enum scope scope;
        enum load_state load;
        char *load_note; /* why it is not loaded; NULL if it is */
        bool is_service; /* has an exec context: .service, .socket, .mount, .swap */
        unsigned umask;  /* what an unset UMask= means: 0022, or a user manager's own umask */
        struct setting settings[DIRECTIVE_COUNT];
        struct oddity *oddities;
        size_t oddity_count;
        struct unit_facts facts;
        /* What the manager reports and implication cannot rebuild from .settings is already in
         * .settings when this is set (values came over D-Bus, after systemd's own implications). */
        bool from_manager;
};

/* Loaded, with nothing set.  Whether it has an exec context follows from the name. */
int sandbox_new(const char *unit, enum scope scope, struct sandbox **ret);
void sandbox_free(struct sandbox *s);
DEFINE_SCOPED(struct sandbox, sandbox_free)
int sandbox_copy(const struct sandbox *s, struct sandbox **ret);

/* Takes over v (which is left zero) with the origin. */
void sandbox_set(struct sandbox *s, enum directive_id id, struct value *v, enum origin_kind kind);

int sandbox_oddity(struct sandbox *s, const char *file, unsigned line, const char *key,
                   const char *text, bool refused, const char *why);

/* Brings in what directives imply for each other when systemd loads the unit (DynamicUser=
 * brings ProtectSystem=strict, PrivateDevices= takes CAP_MKNOD, …; formula.md section 3).
 * Each implied setting's origin says by whom; a list that was given and only loses or gains a
 * member keeps its origin.  It first undoes what it did before, so doing it twice changes
 * nothing, and what lost its cause goes away: after sandbox_set() just call it again.
 * A combination that systemd refuses makes .load LOAD_BAD_SETTING.  0 or -ENOMEM. */
int sandbox_imply(struct sandbox *s, const struct dialect *dialect);

/* Makes of values that were read from files those that a manager of that version would report
 * for them over D-Bus, so that SCORE_LIVE by another version's rules is right: from 252 it
 * leaves out the members of an allow-list that are denied with an errno. */
void sandbox_as_reported(struct sandbox *s, const struct dialect *manager);

const char *setting_word(const struct sandbox *s, enum directive_id id); /* words[0] or NULL */
/* BOOL: set and true.  CHOICE: set, and not the loosest. */
bool setting_yes(const struct sandbox *s, enum directive_id id);
