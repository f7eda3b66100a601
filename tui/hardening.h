/* hardening.h - `gird harden` as a person asks for it: observe, infer, search, keep.  The command
 * and the screen both go through here. */
#pragma once

#include "core/trial/search.h"
#include "tui/context.h"

struct hardening_options {
        const enum directive_id *keep; /* ends with DIRECTIVE_COUNT; or NULL */
        const char *preset;            /* NULL: from what is observed */
        const struct profile *by_hand; /* changes that are taken first and kept; or NULL */
        char *const *probes;           /* besides the kept profile's and the suggested ones */
        unsigned aim, parallel;        /* as in struct search_options */
        size_t trials;
        uint64_t within, settle;
        bool accept_bent, ignore_conditions;
        void (*step)(void *userdata, const struct search_step *s); /* may be NULL */
        void *userdata;
};

/* Observes s in a twin (or takes what is kept, where it is of this version of the program and saw
 * start and work), makes the wish, searches, and keeps the profile found as the unit's last one.
 * 1: it cannot be tried here; e says why and what to do. */
int hardening_run(struct context *c, const struct sandbox *s, const struct hardening_options *o,
                  struct search *ret, struct err *e);
