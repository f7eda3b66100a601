/* forms.c - the forms there are, and what a writer puts together. */
#include "core/forms/form.h"

#include "core/base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* clang-format off */
static const struct form forms[] = {
        { .name = "dropin",   .sentence = "a systemd drop-in", .changes_only = true,
          .write = form_write_dropin,
          .read = form_read_dropin, .looks_like = form_looks_dropin,
        },
        { .name = "json",     .sentence = "gird's own profile, for `--profile` and `gird import`", .changes_only = true,
          .write = form_write_json,
          .read = form_read_json, .looks_like = form_looks_json,
        },
        { .name = "nix",      .sentence = "a NixOS module", .changes_only = true,
          .write = form_write_nix,
          .read = form_read_nix, .looks_like = form_looks_nix,
        },
        { .name = "nix-confinement", .sentence = "a NixOS module for a service in systemd-confinement", .changes_only = true,
          .write = form_write_confinement },
        { .name = "ansible",  .sentence = "an Ansible role (a folder)", .changes_only = true,
          .write = form_write_ansible },
        { .name = "portable", .sentence = "a profile for portable services (a folder)", .changes_only = true,
          .write = form_write_portable },
        { .name = "run",      .sentence = "systemd-run and systemctl set-property lines",
          .write = form_write_run },
        { .name = "markdown", .sentence = "a report for a merge request", .changes_only = true,
          .write = form_write_markdown },
        { .name = "policy",   .sentence = "a policy for `systemd-analyze security`, which fails once the unit gets looser",
          .write = form_write_policy },
        { .name = "apparmor", .sentence = "an AppArmor profile, and the line that attaches it", .needs_behaviour = true,
          .write = form_write_apparmor,
          .read = form_read_apparmor, .looks_like = form_looks_apparmor,
        },
        { .name = "selinux",  .sentence = "an SELinux module in CIL, and the line that attaches it", .needs_behaviour = true,
          .write = form_write_selinux },
        { .name = "grsec",    .sentence = "a subject for grsecurity's RBAC", .needs_behaviour = true,
          .write = form_write_grsec },
        { .name = "seccomp",  .sentence = "a seccomp profile for OCI containers",
          .write = form_write_seccomp },
        { .name = "shh",      .sentence = "what the program shh prints",
          .read = form_read_shh, .looks_like = form_looks_shh },
};
/* clang-format on */

const struct form *form_at(size_t i)
{
        return i < COUNT(forms) ? &forms[i] : NULL;
}

const struct form *form_find(const char *name)
{
        for (size_t i = 0; i < COUNT(forms); i++)
                if (strcmp(forms[i].name, name) == 0)
                        return &forms[i];
        return NULL;
}

void form_output_done(struct form_output *o)
{
        for (size_t i = 0; i < o->file_count; i++) {
                free(o->files[i].path);
                free(o->files[i].text);
        }
        free(o->files);
        strv_free(o->left_out);
        *o = (struct form_output){ 0 };
}

int form_add(struct form_output *o, const char *path, char *text, unsigned mode)
{
        struct form_file *files = text ? reallocarray(o->files, o->file_count + 1, sizeof(*files))
                                       : NULL;
        char *name = files ? strdup(path) : NULL;

        if (files)
                o->files = files;
        if (!name) {
                free(text);
                return -ENOMEM;
        }
        o->files[o->file_count++] = (struct form_file){ .path = name, .text = text, .mode = mode };
        return 0;
}

int form_leave_out(struct form_output *o, const char *fmt, ...)
{
        struct text t = { 0 };
        char *words;
        va_list args;
        int r;

        va_start(args, fmt);
        text_addv(&t, fmt, args);
        va_end(args);
        words = text_take(&t);
        r = words ? strv_add(&o->left_out, words) : -ENOMEM;
        free(words);
        return r;
}

/* In a comment near the beginning; in JSON, a member. */
bool form_is_ours(const char *text)
{
        enum { NEAR = 600 };
        const char *mark = strstr(text, FORM_MARK);
        const char *member = *text == '{' ? strstr(text, "\"gird\"") : NULL;

        return (mark && mark - text < NEAR) || (member && member - text < NEAR);
}
