/* write_confinement.c - a profile as a NixOS module for a service under systemd-confinement.
 *
 * That option puts the service into a root of its own, which holds the store paths it needs.  It
 * sets some directives itself, as defaults that this module may override, and others as lists,
 * which must be added to and not replaced. */
#include "core/base/mem.h"
#include "core/forms/nix.h"
#include "core/forms/quote.h"
#include "core/unit/name.h"

#include <errno.h>
#include <string.h>

/* clang-format off */
/* It sets these to yes; only another value is written. */
static const enum directive_id switched_on[] = {
        D_MountAPIVFS, D_PrivateMounts, D_PrivateDevices, D_PrivateTmp, D_PrivateUsers,
        D_ProtectControlGroups, D_ProtectKernelModules, D_ProtectKernelTunables,
};
/* Its own lists, which it adds members to. */
static const enum directive_id shared[] = {
        D_ReadOnlyPaths, D_InaccessiblePaths, D_RuntimeDirectory, D_BindPaths, D_BindReadOnlyPaths,
        D_TemporaryFileSystem,
};
/* It says itself where the root is. */
static const enum directive_id roots[] = {
        D_RootDirectory, D_RootImage, D_RootEphemeral, D_RootMStack, D_RootImagePolicy,
};
/* clang-format on */

static bool is_one_of(const enum directive_id *list, size_t count, enum directive_id id)
{
        for (size_t i = 0; i < count; i++)
                if (list[i] == id)
                        return true;
        return false;
}

static bool is_yes(const struct assignment *a)
{
        return a->lines[0] && strcmp(a->lines[0], "yes") == 0;
}

static enum nix_way way(const struct assignment *a)
{
        enum directive_id id = a->directive->id;

        if (is_one_of(roots, COUNT(roots), id))
                return NIX_SKIP;
        if (is_one_of(switched_on, COUNT(switched_on), id))
                return is_yes(a) ? NIX_SKIP : NIX_FORCE;
        /* What it writes is bound into its root instead: see add_writable(). */
        if (id == D_ReadWritePaths || id == D_BindPaths)
                return NIX_SKIP;
        return is_one_of(shared, COUNT(shared), id) ? NIX_ADD : NIX_FORCE;
}

/* What confinement would turn on although the service, as it was tried, has it off. */
static void add_switched_off(struct nix *n)
{
        for (size_t i = 0; i < COUNT(switched_on); i++) {
                enum directive_id id = switched_on[i];

                if (id == D_MountAPIVFS || id == D_PrivateMounts ||
                    assignments_find(&n->assignments, id) || setting_yes(n->in->after, id))
                        continue;
                text_addf(&n->text,
                          "      # confinement would turn it on; it was not tried with that\n"
                          "      %s = false;\n",
                          directive_at(id)->name);
        }
}

/* A path as BindPaths= has it: without the '+', and with the characters that divide escaped. */
static int add_bind(struct text *t, const char *path)
{
        const char *bare = path + strspn(path, "+-");
        struct text words = { 0 };
        char *line;

        if (memchr(path, '-', (size_t)(bare - path)))
                text_add(&words, "-");
        for (; *bare; bare++) {
                if (strchr(":\\ ", *bare))
                        text_add(&words, "\\");
                text_add(&words, *bare == '%' ? "%%" : (char[]){ *bare, '\0' });
        }
        line = text_take(&words);
        if (!line)
                return -ENOMEM;
        text_add(t, " ");
        quote_nix(t, line);
        free(line);
        return 0;
}

static int add_writable(struct nix *n)
{
        const struct sandbox *s = n->in->after;
        const struct assignment *binds = assignments_find(&n->assignments, D_BindPaths);
        char **paths = s->settings[D_ReadWritePaths].value.words;
        int r = 0;

        if (!binds && strv_length(paths) == 0)
                return 0;
        text_add(&n->text, "      # what it writes, bound into its root\n      BindPaths = [");
        for (char **line = binds ? binds->lines : NULL; line && *line; line++) {
                if (!**line)
                        continue;
                text_add(&n->text, " ");
                quote_nix(&n->text, *line);
        }
        for (char **path = paths; r == 0 && path && *path; path++)
                r = add_bind(&n->text, *path);
        text_add(&n->text, " ];\n");
        return r;
}

static int add_own(struct nix *n)
{
        add_switched_off(n);
        return add_writable(n);
}

static int leave_out(struct nix *n)
{
        for (size_t i = 0; i < n->assignments.count; i++) {
                const struct assignment *a = &n->assignments.list[i];
                int r = 0;

                if (is_one_of(roots, COUNT(roots), a->directive->id))
                        r = form_leave_out(n->output, "%s=: confinement has a root of its own",
                                           a->directive->name);
                else if (is_one_of(switched_on, COUNT(switched_on), a->directive->id) && is_yes(a))
                        r = form_leave_out(n->output, "%s=yes: confinement sets it",
                                           a->directive->name);
                if (r < 0)
                        return r;
        }
        return form_leave_out(n->output,
                              "files outside the store: the service sees none, so what it reads "
                              "below /etc needs BindReadOnlyPaths=");
}

FORM_WRITER(confinement)
{
        static const struct nix_section of_unit = { .attribute = "unitConfig", .of_unit = true };
        static const struct nix_section of_service = { .attribute = "serviceConfig",
                                                       .way = way,
                                                       .more = add_own };
        scoped(nix_done) struct nix n = { .in = in, .output = ret };
        scoped(mem_freep) char *stem = form_stem(in->unit->unit, '-'), *path = NULL;
        const char *suffix = name_suffix(in->unit->unit);
        int r;

        if (!suffix || strcmp(suffix, ".service") != 0 || in->unit->scope == SCOPE_USER)
                return err_say(e, -EOPNOTSUPP,
                               "%s: confinement is for system services; --format=nix takes other "
                               "units",
                               in->unit->unit);
        r = assignments_make(in, &n.assignments, ret, e);
        if (r < 0)
                return r;
        path = stem ? text_format("%s-confinement.nix", stem) : NULL;
        nix_open(&n, "services");
        text_add(&n.text, "    confinement.enable = true;\n");
        r = nix_section(&n, &of_unit);
        if (r == 0)
                r = nix_section(&n, &of_service);
        if (r == 0)
                r = leave_out(&n);
        if (r < 0)
                return err_set(e, r, "cannot write the NixOS module");
        return nix_module(&n, path ? path : "unit.nix", e);
}
