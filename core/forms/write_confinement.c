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

/* A path as a word of BindPaths=: without the '+', and with the characters that divide escaped. */
static int add_bind(struct value *v, const char *path)
{
        const char *bare = path + strspn(path, "+-");
        scoped(mem_freep) char *word = NULL;
        struct text t = { 0 };

        if (memchr(path, '-', (size_t)(bare - path)))
                text_add(&t, "-");
        for (; *bare; bare++) {
                if (strchr(":\\ \t\"'", *bare))
                        text_add(&t, "\\");
                text_addn(&t, bare, 1);
                if (*bare == ' ' && !bare[1]) /* it would be stripped from the line's end */
                        text_add(&t, "/");
        }
        word = text_take(&t);
        return word ? strv_add(&v->words, word) : -ENOMEM;
}

/* The lines of BindPaths= that bind what ReadWritePaths= names. */
static int bind_lines(const struct nix *n, char *const *paths, char ***ret)
{
        scoped(value_done) struct value v = { .set = true };
        int r = 0;

        for (; r == 0 && paths && *paths; paths++)
                r = add_bind(&v, *paths);
        if (r < 0 || !v.words)
                return r;
        return value_print(&v, directive_at(D_BindPaths), n->in->dialect, ret);
}

/* Plain text in a unit file: '%' is no specifier. */
static int add_plain(struct text *t, const char *line)
{
        scoped(mem_freep) char *doubled = NULL;
        struct text words = { 0 };

        for (; *line; line++)
                text_addn(&words, *line == '%' ? "%%" : line, *line == '%' ? 2 : 1);
        doubled = text_take(&words);
        if (!doubled)
                return -ENOMEM;
        quote_nix(t, doubled);
        text_add(t, " ");
        return 0;
}

static int add_writable(struct nix *n)
{
        const struct assignment *binds = assignments_find(&n->assignments, D_BindPaths);
        scoped(strv_freep) char **lines = NULL;
        int r = bind_lines(n, n->in->after->settings[D_ReadWritePaths].value.words, &lines);

        if (r < 0 || (!binds && !lines))
                return r;
        text_add(&n->text, "      # what it writes, bound into its root\n      BindPaths = [ ");
        for (char **line = binds ? binds->lines : NULL; line && *line; line++)
                if (**line) {
                        quote_nix(&n->text, *line);
                        text_add(&n->text, " ");
                }
        for (char **line = lines; r == 0 && line && *line; line++)
                r = **line ? add_plain(&n->text, *line) : 0;
        text_add(&n->text, "];\n");
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
