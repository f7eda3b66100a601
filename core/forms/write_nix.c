/* write_nix.c - a profile as a NixOS module. */
#include "core/base/mem.h"
#include "core/forms/nix.h"
#include "core/forms/quote.h"
#include "core/profile/dropin.h"
#include "core/unit/name.h"

#include <string.h>

/* clang-format off */
/* The kinds of unit for which NixOS has options of their own. */
static const struct {
        const char *suffix, *set, *section;
} kinds[] = {
        { ".service", "services", "serviceConfig" },
        { ".socket",  "sockets",  "socketConfig"  },
        { ".slice",   "slices",   "sliceConfig"   },
};
/* clang-format on */

/* The others are written as text: mounts and swap units have no name there. */
static int write_text(struct nix *n)
{
        const char *line = n->assignments.text;

        text_addf(&n->text, "  systemd.%sunits.", n->in->unit->scope == SCOPE_USER ? "user." : "");
        quote_nix(&n->text, n->in->unit->unit);
        text_add(&n->text, " = {\n    overrideStrategy = \"asDropin\";\n"
                           "    text = lib.concatStringsSep \"\\n\" [\n");
        while (*line) {
                size_t length = strcspn(line, "\n");
                scoped(mem_freep) char *one = strndup(line, length);

                text_add(&n->text, "      ");
                if (one)
                        quote_nix(&n->text, one);
                n->text.failed |= !one;
                text_add(&n->text, "\n");
                line += length + (line[length] == '\n');
        }
        text_add(&n->text, "      \"\"\n    ];\n");
        return 0;
}

static int write_options(struct nix *n, const char *set, const char *attribute)
{
        const struct nix_section unit = { .attribute = "unitConfig", .of_unit = true };
        const struct nix_section own = { .attribute = attribute };
        int r;

        nix_open(n, set);
        r = nix_section(n, &unit);
        return r < 0 ? r : nix_section(n, &own);
}

FORM_WRITER(nix)
{
        scoped(nix_done) struct nix n = { .in = in, .output = ret };
        scoped(mem_freep) char *stem = form_stem(in->unit->unit, '-'), *path = NULL;
        const char *suffix = name_suffix(in->unit->unit);
        size_t i = 0;
        int r = assignments_make(in, &n.assignments, ret, e);

        if (r < 0)
                return r;
        path = stem ? text_format("%s.nix", stem) : NULL;
        while (i < COUNT(kinds) && (!suffix || strcmp(kinds[i].suffix, suffix) != 0))
                i++;
        r = i < COUNT(kinds) ? write_options(&n, kinds[i].set, kinds[i].section) : write_text(&n);
        if (r < 0)
                return err_set(e, r, "cannot write the NixOS module");
        return nix_module(&n, path ? path : "unit.nix", e);
}
