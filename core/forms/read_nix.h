/* read_nix.h - a NixOS module, as a flat list of what it sets.
 *
 * Only values that stand there are understood: strings, numbers, true, false, null, lists, sets,
 * and lib.mkForce and its kin around them.  Anything that would have to be computed is refused with
 * its place. */
#pragma once

#include "core/base/text.h"
#include "core/forms/reading.h"

enum nix_kind { NIX_TEXT, NIX_BOOL, NIX_NULL, NIX_LIST, NIX_OTHER };

struct nix_value {
        char **path; /* "systemd", "services", "web", "serviceConfig", "User" */
        unsigned line, column;
        enum nix_kind kind;
        char **words; /* TEXT, BOOL: one; LIST: its members */
};

struct nix_module {
        struct nix_value *list;
        size_t count, room;
};
void nix_module_done(struct nix_module *m);
int nix_parse(struct reading *r, const char *text, struct nix_module *ret);
