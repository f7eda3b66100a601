/* notes.c - what a trial on this stage cannot show. */
#include "core/trial/trial_private.h"

#include "core/base/text.h"
#include "core/stage/twin.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

int trial_not_rehearsed(struct trial *t, enum directive_id id)
{
        enum directive_id *longer;

        for (size_t i = 0; i < t->not_rehearsed_count; i++)
                if (t->not_rehearsed[i] == id)
                        return 0;
        longer = realloc(t->not_rehearsed, (t->not_rehearsed_count + 1) * sizeof(*longer));
        if (!longer)
                return -ENOMEM;
        t->not_rehearsed = longer;
        longer[t->not_rehearsed_count++] = id;
        return 0;
}

/* Whether the unit brings along what the stage lacks. */
static bool is_had(const struct trial_options *o, const char *mechanism)
{
        const struct change *users = profile_find(o->profile, D_PrivateUsers);
        char **words = users ? users->value.words : NULL;

        if (strcmp(mechanism, LIMIT_USER_MOUNTS) != 0)
                return false;
        return users ? words && *words && strcmp(*words, "no") != 0
                     : setting_yes(o->unit, D_PrivateUsers);
}

int notes_limits(struct trial *t, const struct trial_options *o, struct stage *stage)
{
        size_t count = 0;
        const struct stage_limit *limits = stage->ops->limits(stage, &count);

        for (size_t i = 0; i < count; i++)
                for (const enum directive_id *id = limits[i].directives;
                     id && *id < DIRECTIVE_COUNT; id++) {
                        const struct change *change = profile_find(o->profile, *id);
                        int k;

                        if (!change || is_had(o, limits[i].mechanism))
                                continue;
                        /* Taking back what only tightens needs no mechanism. */
                        if (!change->value.set && !(directive_at(*id)->flags & MORE_IS_LOOSER))
                                continue;
                        k = strv_addf(&t->notes,
                                      "%s is not enforced on this stage (%s: %s), so it was not "
                                      "rehearsed",
                                      directive_at(*id)->name, limits[i].mechanism, limits[i].why);
                        if (k >= 0)
                                k = trial_not_rehearsed(t, *id);
                        if (k < 0)
                                return k;
                }
        return 0;
}

/* Everything that is started under these gets their sandbox, too. */
static const char *const launchers[] = {
        "ssh.service",
        "sshd.service",
        "ssh@*.service",
        "sshd@*.service",
        "cron.service",
        "crond.service",
        "cronie.service",
        "atd.service",
        "anacron.service",
        "getty@*.service",
        "login*.service",
        "gdm*.service",
        "lightdm.service",
        "sddm.service",
        "docker.service",
        "crio.service",
        "containerd.service",
        "podman*.service",
        "kubelet.service",
        "user@*.service",
        "libvirtd.service",
        "virtqemud.service",
        "jenkins*.service",
        "gitlab-runner.service",
        "puppet*.service",
        "salt-minion.service",
        "serial-getty@*.service",
        "actions.runner.*.service",
};

/* Directives whose effect is silent, or needs what a stage does not have. */
static const struct {
        enum directive_id directive;
        const char *words;
        bool seen; /* the observer sees whether the unit asked for it */
} silent[] = {
        { D_IPAddressDeny,
          "peers and name servers are out of reach on a stage: which addresses it needs was "
          "not exercised",
          false },
        { D_RestrictNetworkInterfaces,
          "the interfaces of the machine are not on a stage: which it needs was not "
          "exercised",
          false },
        { D_PrivateNetwork, "outgoing connections were not exercised", false },
        { D_ProcSubset,
          "programs that read /proc for numbers fail silently under it: look at what it reports",
          true },
        { D_ProtectProc, "processes of others vanish without an error: look at what it reports",
          true },
        { D_PrivateDevices,
          "the devices of the machine are not on a stage, so their use was not exercised", false },
        { D_DevicePolicy,
          "the devices of the machine are not on a stage, so their use was not exercised", false },
        { D_ProtectHome, "to root, hidden folders look empty rather than forbidden", true },
        { D_RemoveIPC, "shared memory of other services of the same user goes when it stops",
          false },
};

static bool is_launcher(const char *unit)
{
        for (size_t i = 0; i < COUNT(launchers); i++)
                if (fnmatch(launchers[i], unit, 0) == 0)
                        return true;
        return false;
}

/* Wrappers run nothing themselves: other units do the work. */
static bool is_wrapper(const struct sandbox *unit)
{
        bool any = false;

        for (size_t i = 0; i < unit->facts.exec_count; i++) {
                const struct exec_line *x = &unit->facts.exec[i];

                if (strcmp(x->key, "ExecStart") != 0)
                        continue;
                if (strcmp(x->path, "/bin/true") != 0 && strcmp(x->path, "/usr/bin/true") != 0)
                        return false;
                any = true;
        }
        return any;
}

/* Whether the profile makes it something else than it is. */
static bool is_changed(const struct trial_options *o, enum directive_id id)
{
        const struct change *change = profile_find(o->profile, id);

        return change && change->value.set &&
               !value_equal(&change->value, &o->unit->settings[id].value);
}

int notes_reservations(struct trial *t, const struct trial_options *o)
{
        int k = 0;

        if (is_launcher(o->unit->unit))
                k = strv_addf(
                        &t->notes,
                        "%s starts programs for others (logins, jobs, containers), and all of them "
                        "inherit this sandbox; that it stays up does not show that they still work",
                        o->unit->unit);
        if (k >= 0 && is_wrapper(o->unit))
                k = strv_addf(&t->notes,
                              "%s runs nothing but \"true\": the units that it stands for do the "
                              "work, and "
                              "the changes do not reach them",
                              o->unit->unit);
        for (size_t i = 0; k >= 0 && i < COUNT(silent); i++)
                if (is_changed(o, silent[i].directive) && !(silent[i].seen && t->watched))
                        k = strv_addf(&t->notes, "%s: %s", directive_at(silent[i].directive)->name,
                                      silent[i].words);
        return k;
}
