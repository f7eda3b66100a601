/* write_portable.c - a profile for portable services: `portablectl attach --profile=NAME` makes the
 * file a drop-in of each service of the image. */
#include "core/base/mem.h"
#include "core/forms/assignments.h"
#include "core/profile/dropin.h"
#include "core/unit/name.h"

#include <errno.h>
#include <string.h>

/* portablectl says itself where the root is. */
static const enum directive_id roots[] = { D_RootDirectory, D_RootImage, D_RootEphemeral,
                                           D_RootMStack, D_RootImagePolicy };

static bool is_root(enum directive_id id)
{
        for (size_t i = 0; i < COUNT(roots); i++)
                if (roots[i] == id)
                        return true;
        return false;
}

/* Sections, reasons and lines as in the drop-in, without the roots. */
static void add_body(struct text *t, const struct assignments *a, bool of_unit)
{
        bool open = false;

        for (size_t i = 0; i < a->count; i++) {
                const struct assignment *one = &a->list[i];

                if (is_root(one->directive->id) ||
                    !!(one->directive->flags & IN_UNIT_SECTION) != of_unit)
                        continue;
                if (!open && of_unit)
                        text_add(t, "\n[Unit]\n");
                open = true;
                if (one->comment)
                        text_addf(t, "# %s\n", one->comment);
                for (char **line = one->lines; *line; line++)
                        text_addf(t, "%s=%s\n", one->directive->name, *line);
        }
}

/* What a service in an image needs of the host, behind the resets of the profile. */
static void add_host(struct text *t, const struct form_input *in)
{
        text_add(t, "# what every service in an image needs of its host\n"
                    "MountAPIVFS=yes\n");
        if (in->dialect->version.major >= 257)
                text_add(t, "BindLogSockets=yes\n");
        else
                text_add(t, "BindReadOnlyPaths=-/dev/log\n"
                            "BindReadOnlyPaths=/run/systemd/journal/socket\n"
                            "BindReadOnlyPaths=/run/systemd/journal/stdout\n");
        text_add(t, "BindReadOnlyPaths=/etc/machine-id\n"
                    "BindReadOnlyPaths=-/etc/resolv.conf\n");
        if (in->unit->facts.bus_name)
                text_add(t, "BindReadOnlyPaths=-/run/dbus/system_bus_socket\n");
        else
                text_add(t, "# A service that talks on the system bus needs this one, too:\n"
                            "# BindReadOnlyPaths=/run/dbus/system_bus_socket\n");
}

static int leave_out(const struct assignments *a, struct form_output *o)
{
        int r = 0;

        for (size_t i = 0; r == 0 && i < a->count; i++)
                if (is_root(a->list[i].directive->id))
                        r = form_leave_out(o, "%s=: portablectl says itself where the root is",
                                           a->list[i].directive->name);
        return r;
}

FORM_WRITER(portable)
{
        scoped(assignments_done) struct assignments a = { 0 };
        scoped(mem_freep) char *stem = form_stem(in->unit->unit, '-'), *path = NULL;
        const char *suffix = name_suffix(in->unit->unit);
        struct text t = { 0 };
        int r;

        if (!suffix || strcmp(suffix, ".service") != 0 || in->unit->scope == SCOPE_USER)
                return err_say(e, -EOPNOTSUPP, "%s: portable profiles are for system services",
                               in->unit->unit);
        r = assignments_make(in, &a, ret, e);
        if (r < 0)
                return r;
        path = stem ? text_format("gird-%s/service.conf", stem) : NULL;
        r = path ? leave_out(&a, ret) : -ENOMEM;
        if (r == 0)
                r = form_header(&t, "# ", in, ret);
        if (r == 0)
                text_addf(&t,
                          "# As /etc/systemd/portable/profile/%s it is used by\n"
                          "# portablectl attach --profile=gird-%s IMAGE\n",
                          path, stem);
        add_body(&t, &a, true);
        text_add(&t, "\n[Service]\n");
        add_body(&t, &a, false);
        add_host(&t, in);
        return form_finish(ret, path, &t, r, "the portable profile", e);
}
