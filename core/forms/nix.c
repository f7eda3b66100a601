/* nix.c - NixOS modules: values, sections, the frame around them.
 *
 * A list becomes one line for each member, in order; its first member "" empties it first, which
 * matters where the unit comes with a package and this becomes a drop-in of it. */
#include "core/forms/nix.h"

#include "core/base/mem.h"
#include "core/forms/quote.h"
#include "core/unit/name.h"

#include <errno.h>
#include <string.h>

void nix_done(struct nix *n)
{
        assignments_done(&n->assignments);
        text_done(&n->text);
}

static void add_value(struct text *t, const struct assignment *a, const char *line)
{
        enum directive_kind kind = a->directive->kind;
        bool may_be_bool = kind == KIND_BOOL || kind == KIND_CHOICE;

        if (may_be_bool && strcmp(line, "yes") == 0)
                text_add(t, "true");
        else if (may_be_bool && strcmp(line, "no") == 0)
                text_add(t, "false");
        else
                quote_nix(t, line);
}

static void add_lines(struct text *t, const struct assignment *a, enum nix_way way)
{
        char **line = a->lines;

        if (way == NIX_ADD && assignment_resets(a))
                line++;
        if (way != NIX_ADD && !line[1]) {
                add_value(t, a, *line);
                return;
        }
        text_add(t, "[ ");
        for (; *line; line++) {
                add_value(t, a, *line);
                text_add(t, " ");
        }
        text_add(t, "]");
}

int nix_attribute(struct nix *n, const struct assignment *a, enum nix_way way)
{
        scoped(mem_freep) char *comment = text_printable_dup(a->comment ? a->comment : "");

        if (!comment)
                return -ENOMEM;
        if (*comment)
                text_addf(&n->text, "      # %s\n", comment);
        text_addf(&n->text, "      %s = %s", a->directive->name,
                  way == NIX_FORCE ? "lib.mkForce " : "");
        add_lines(&n->text, a, way);
        text_add(&n->text, ";\n");
        return 0;
}

static bool is_of_unit(const struct assignment *a)
{
        return a->directive->flags & IN_UNIT_SECTION;
}

int nix_section(struct nix *n, const struct nix_section *section)
{
        bool open = false;
        int r = 0;

        for (size_t i = 0; r == 0 && i < n->assignments.count; i++) {
                const struct assignment *a = &n->assignments.list[i];
                enum nix_way how = section->way ? section->way(a) : NIX_FORCE;

                if (is_of_unit(a) != section->of_unit || how == NIX_SKIP)
                        continue;
                if (!open)
                        text_addf(&n->text, "    %s = {\n", section->attribute);
                open = true;
                r = nix_attribute(n, a, how);
        }
        if (section->more && r == 0) {
                if (!open)
                        text_addf(&n->text, "    %s = {\n", section->attribute);
                open = true;
                r = section->more(n);
        }
        if (open)
                text_add(&n->text, "    };\n");
        return r;
}

void nix_open(struct nix *n, const char *set)
{
        const struct sandbox *s = n->in->unit;
        const char *suffix = name_suffix(s->unit);
        char *name = strndup(s->unit, strlen(s->unit) - (suffix ? strlen(suffix) : 0));

        text_addf(&n->text, "  systemd.%s%s.", s->scope == SCOPE_USER ? "user." : "", set);
        if (name)
                quote_nix_name(&n->text, name);
        n->text.failed |= !name;
        free(name);
        text_add(&n->text, " = {\n");
        /* Without it NixOS would write a whole unit that hides the template. */
        if (name_kind(s->unit) == NAME_INSTANCE)
                text_add(&n->text, "    overrideStrategy = \"asDropin\";\n");
}

/* The name that a directive of the profile sets, where NixOS has to make the account. */
static const char *account(const struct nix *n, enum directive_id id)
{
        static const char *const built_in[] = { "root", "nobody", "nogroup", "daemon", "0", "" };
        const struct assignment *a = assignments_find(&n->assignments, id);
        const char *name = a && a->lines ? a->lines[0] : NULL;

        for (size_t i = 0; name && i < COUNT(built_in); i++)
                if (strcmp(name, built_in[i]) == 0)
                        return NULL;
        return name && strspn(name, "0123456789") < strlen(name) ? name : NULL;
}

static void add_accounts(struct nix *n)
{
        const char *user = account(n, D_User), *group = account(n, D_Group);

        if (setting_yes(n->in->after, D_DynamicUser) || n->in->unit->scope == SCOPE_USER)
                return;
        if (user) {
                text_add(&n->text, "  users.users.");
                quote_nix_name(&n->text, user);
                text_add(
                        &n->text,
                        " = {\n    isSystemUser = lib.mkDefault true;\n    group = lib.mkDefault ");
                quote_nix(&n->text, group ? group : user);
                text_add(&n->text, ";\n  };\n");
        }
        if (user || group) {
                text_add(&n->text, "  users.groups.");
                quote_nix_name(&n->text, group ? group : user);
                text_add(&n->text, " = { };\n");
        }
}

int nix_module(struct nix *n, const char *path, struct err *e)
{
        struct text t = { 0 };
        scoped(mem_freep) char *body = NULL;
        int r;

        text_add(&n->text, "  };\n");
        add_accounts(n);
        body = text_take(&n->text);
        r = body ? form_header(&t, "# ", n->in, n->output) : -ENOMEM;
        if (r == 0)
                text_addf(&t, "{ lib, ... }:\n{\n%s}\n", body);
        return form_finish(n->output, path, &t, r, "the NixOS module", e);
}
