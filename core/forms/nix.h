/* nix.h - what the two NixOS forms share. */
#pragma once

#include "core/forms/assignments.h"

/* A module under construction. */
struct nix {
        const struct form_input *in;
        struct assignments assignments;
        struct text text; /* the attributes so far */
        struct form_output *output;
};

/* Whether the directive is written here, and how. */
enum nix_way {
        NIX_FORCE, /* in place of whatever the module of the service says */
        NIX_ADD,   /* beside what others say: a list without its reset line */
        NIX_SKIP,
};

void nix_done(struct nix *n);

/* One attribute: its reason as a comment, then the value. */
int nix_attribute(struct nix *n, const struct assignment *a, enum nix_way way);

/* "{ lib, ... }:" with the header, the attributes of the unit, and the users they name. */
int nix_module(struct nix *n, const char *path, struct err *e);

/* The attributes of one section. */
struct nix_section {
        const char *attribute;                           /* "serviceConfig" */
        bool of_unit;                                    /* those of [Unit] */
        enum nix_way (*way)(const struct assignment *a); /* NULL: all are forced */
        int (*more)(struct nix *n);                      /* what stands at its end, or NULL */
};
int nix_section(struct nix *n, const struct nix_section *section);

/* "systemd.services.NAME = {" … */
void nix_open(struct nix *n, const char *set);
