/* arguments.h - what was typed, as data: one table of options, one of commands.
 *
 * The tables drive the parser, `gird --help`, `gird COMMAND --help` and the man page. */
#pragma once

#include "core/base/err.h"
#include "core/catalogue/version.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Exit statuses: others rely on them. */
enum {
        STATUS_DONE = 0,   /* done, or held */
        STATUS_NO = 1,     /* the answer is no: broke, bent, threshold passed */
        STATUS_USAGE = 2,  /* typed wrongly */
        STATUS_CANNOT = 3, /* cannot, or not tried; a sentence says what to do */
};

enum option_id {
        OPT_HELP,
        OPT_VERSION,
        OPT_JSON,
        OPT_ROOT,
        OPT_USER,
        OPT_HOST,
        OPT_MACHINE,
        OPT_OFFLINE,
        OPT_SYSTEMD,
        OPT_NO_COLOR,
        OPT_ASCII,
        OPT_QUIET,
        OPT_PROPERTY,
        OPT_PROFILE,
        OPT_PROBE,
        OPT_STAGE,
        OPT_SETTLE,
        OPT_CONDITIONS,
        OPT_ACCEPT_BENT,
        OPT_UNTESTED,
        OPT_DRY_RUN,
        OPT_FORCE,
        OPT_LIST,
        OPT_LIVE,
        OPT_FOR,
        OPT_DUTY,
        OPT_SHOW,
        OPT_FOREGROUND,
        OPT_OBSERVED,
        OPT_ACCEPT,
        OPT_KEEP,
        OPT_AIM,
        OPT_PRESET,
        OPT_TRIALS,
        OPT_WITHIN,
        OPT_PARALLEL,
        OPT_SAVE,
        OPT_OUTPUT,
        OPT_CONFIRM_WITHIN,
        OPT_NEXT_START,
        OPT_NOW,
        OPT_MARKS,
        OPT_ALL,
        OPT_SEARCH,
        OPT_VIEW,
        OPT_FORMAT,
        OPT_POLICY,
        OPT_THRESHOLD,
        OPT_BASELINE,
        OPT_RECORD,
        OPT_NEEDS,
        OPT_EXEC,
        OPT_CHECK,
        OPT_HINT,
        OPT_BEFORE,
        OPT_COUNT
};

struct option_row {
        enum option_id id;
        const char *name;
        char letter;          /* 0: none */
        const char *argument; /* "DIR"; NULL: takes none */
        const char *help;
};
const struct option_row *option_at(size_t i); /* NULL past the end */

#define OPTION_BIT(o) (UINT64_C(1) << (o))
extern const uint64_t options_everywhere;

struct arguments {
        const struct command *command;
        char **operands; /* NULL-terminated, inside argv */
        size_t operand_count;
        bool on[OPT_COUNT];
        const char *root, *host, *machine, *profile, *preset, *output;
        const char *target; /* --for, as typed */
        const char *search, *format, *policy, *baseline, *needs, *exec;
        char **properties, **probes, **keep, **accept; /* freed by arguments_done */
        bool user, json, offline, quiet, color, ascii;
        bool has_systemd;
        struct version systemd;
        uint64_t settle;                 /* microseconds; 0: the default */
        uint64_t lasting;                /* --for */
        uint64_t duty_on, duty_every;    /* --duty */
        uint64_t within, confirm_within; /* 0: the default */
        unsigned aim, trials, parallel;  /* aim in tenths; see on[OPT_AIM] */
        unsigned threshold;              /* in tenths; see on[OPT_THRESHOLD] */
        bool live;                       /* --stage=live */
};

struct command {
        const char *name;
        const char *operands; /* "UNIT", "[UNIT…]"; "" */
        const char *sentence;
        const char *more;   /* a paragraph for its --help */
        size_t least, most; /* how many operands */
        uint64_t options;   /* OPTION_BIT()s beside options_everywhere */
        int (*run)(struct arguments *a);
};
const struct command *command_at(size_t i); /* NULL past the end */
const struct command *command_find(const char *name);

/* Parses; words for what is wrong are on stderr already when it is not STATUS_DONE.
 * help and version are answered here: then *ret_finished is true. */
int arguments_parse(int argc, char **argv, struct arguments *ret, bool *ret_finished);
void arguments_done(struct arguments *a);

/* --help, and the option part of the manual page. */
void arguments_help(FILE *out, const struct command *command);

/* "gird: …" on stderr, and the status that belongs to an error of core/. */
int complain(const struct err *e);
int complain_usage(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
