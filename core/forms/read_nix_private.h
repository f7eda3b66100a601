/* read_nix_private.h - what the reader of Nix has in hand, for its two files. */
#pragma once

#include "core/forms/read_nix.h"

struct nix {
        struct reading *reading;
        const char *at, *line_begin;
        unsigned line, depth;
        char **path; /* where we are */
        struct nix_module *module;
};

unsigned nix_column(const struct nix *n);
int nix_refuse(struct nix *n, const char *why); /* with the place; -EINVAL */
void nix_advance(struct nix *n);
int nix_skip(struct nix *n); /* blanks and comments */
bool nix_is_name(char c);
bool nix_word(struct nix *n, const char *w); /* takes the word, if it stands here */
int nix_expect(struct nix *n, char c, const char *why);
int nix_string(struct nix *n, char **ret); /* "…" or two quotes … two quotes */
