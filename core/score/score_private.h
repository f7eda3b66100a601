/* score_private.h - the rows of the score and what judges them. */
#pragma once

#include "core/score/score.h"

#include <stdbool.h>
#include <stdint.h>

/* What a judge answers for a row that does not count for this unit. */
#define NOT_APPLICABLE UINT64_MAX

/* The unit on the bench: everything a judge may look at. */
struct subject {
        const struct sandbox *sandbox;
        const struct dialect *dialect;
        enum score_mode mode;
        bool privileged; /* it runs as root, so some rows say nothing about it */
};

/* How open a word leaves the unit.  A row without a word ends the list: for all the rest,
 * unset included. */
struct level {
        const char *word;
        uint64_t badness;
};

/* One assessment, as data.  The judge fixes which of mask, words and levels mean something. */
struct check {
        const char *id, *title;
        const char *old_title; /* what systemd called it up to 249; or NULL */
        enum directive_id directive;
        uint64_t weight, range;
        uint64_t (*judge)(const struct check *c, const struct subject *u);
        uint64_t mask;                    /* capabilities, CLONE_NEW* flags */
        const char *words;                /* address families, or a system-call group */
        const struct level *levels;       /* ends with a NULL word */
        bool wants_dependencies;          /* says nothing with DefaultDependencies=no */
        bool (*exists)(struct version v); /* NULL: in every version */
        const char *wanted, *meaning;
};

/* In order of weight, then id.  NULL past the end. */
const struct check *check_at(size_t i);

/* Where only the order of releases can tell: whether v is at least one of the point
 * releases in fixes, which are in rising order, or newer than all of their majors.
 * Ends with a zero major. */
bool version_has(struct version v, const struct version *fixes);

uint64_t judge_yes(const struct check *c, const struct subject *u);
uint64_t judge_level(const struct check *c, const struct subject *u);
uint64_t judge_caps(const struct check *c, const struct subject *u);
uint64_t judge_namespace(const struct check *c, const struct subject *u);
uint64_t judge_family(const struct check *c, const struct subject *u);
uint64_t judge_user(const struct check *c, const struct subject *u);
uint64_t judge_groups(const struct check *c, const struct subject *u);
uint64_t judge_mounts(const struct check *c, const struct subject *u);
uint64_t judge_root(const struct check *c, const struct subject *u);
uint64_t judge_umask(const struct check *c, const struct subject *u);
uint64_t judge_keyring(const struct check *c, const struct subject *u);
uint64_t judge_ipc(const struct check *c, const struct subject *u);
uint64_t judge_delegate(const struct check *c, const struct subject *u);
uint64_t judge_ambient(const struct check *c, const struct subject *u);
uint64_t judge_devices(const struct check *c, const struct subject *u);
uint64_t judge_addresses(const struct check *c, const struct subject *u);
uint64_t judge_syscalls(const struct check *c, const struct subject *u);
uint64_t judge_architectures(const struct check *c, const struct subject *u);

/* Whether systemd treats the unit as one that root runs. */
bool runs_privileged(const struct sandbox *s, const struct dialect *dialect);

/* From 262 a user manager's units are scored by rules of their own. */
bool judged_as_user_unit(const struct sandbox *s, const struct dialect *dialect);
