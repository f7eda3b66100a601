/* infer_paths.c - where nothing is run from, and what is never looked at. */
#include "core/observe/infer_paths.h"

#include "core/base/text.h"

#include <errno.h>
#include <string.h>

/* ---- running ---- */

/* Places that hold data: a program in one of them is what an intruder brought along. */
static const char *const data_folders[] = {
        "/boot", "/dev/shm", "/home", "/media", "/mnt", "/root", "/run", "/srv", "/tmp", "/var",
};

static const struct act *run_in_own_root(const struct inference *in)
{
        static const enum act_kind kinds[] = { ACT_EXEC, ACT_PATH };
        const struct behaviour *b = in->o->behaviour;

        if (setting_word(in->o->unit, D_RootDirectory) || setting_word(in->o->unit, D_RootImage))
                return NULL;
        for (size_t k = 0; k < COUNT(kinds); k++)
                for (const struct act *a = behaviour_first(b, kinds[k]); a;
                     a = behaviour_next(b, a))
                        if (a->flags & ACT_CHROOT &&
                            (kinds[k] == ACT_EXEC || a->a & (ACCESS_EXEC | ACCESS_MAP_EXEC)))
                                return a;
        return NULL;
}

int infer_exec_paths(struct inference *in)
{
        scoped(strv_freep) char **lines = NULL;
        const struct act *chroot = run_in_own_root(in), *witness = NULL;
        const char *left = NULL;
        int r = 0;

        if (chroot)
                r = advise_unknown(in, D_NoExecPaths, NULL, chroot,
                                   "it runs programs below a root of its own, and where that lies "
                                   "is not known");
        for (size_t i = 0; !chroot && i < COUNT(data_folders) && r == 0; i++) {
                const struct act *a = find_run(in, data_folders[i]);

                if (!a && !commands_name(in, data_folders[i]))
                        r = strv_addf(&lines, "-%s", data_folders[i]);
                else if (a && !witness) {
                        witness = a;
                        left = data_folders[i];
                }
        }
        if (!chroot && r == 0 && !lines)
                r = advise_unknown(in, D_NoExecPaths, NULL, witness, "it runs programs everywhere");
        else if (!chroot && r == 0 && left)
                r = advise_safe(in, D_NoExecPaths, BASIS_FILES, lines, witness,
                                "it ran nothing from there; %s is left out, as it runs something "
                                "there",
                                left);
        else if (!chroot && r == 0)
                r = advise_safe(in, D_NoExecPaths, BASIS_FILES, lines, NULL,
                                "it ran no program and mapped no library from there");
        if (r == 0)
                r = advise_safe(in, D_ExecPaths, BASIS_FILES, NULL, NULL,
                                "NoExecPaths= names no place that it runs programs from");
        return r;
}

/* ---- looking ---- */

/* Places that tempt an intruder.  always: those of somebody else's; the rest may hold the content
 * that a service serves one day, so only long watching tells. */
static const struct {
        const char *path;
        bool always;
} tempting[] = {
        { "/boot", true },
        { "/efi", true },
        { "/etc/NetworkManager/system-connections", true },
        { "/etc/ssh", true },
        { "/etc/sudoers.d", true },
        { "/etc/wireguard", true },
        { "/media", false },
        { "/mnt", false },
        { "/opt", false },
        { "/srv", false },
        { "/var/backups", true },
        { "/var/lib/containerd", true },
        { "/var/lib/docker", true },
        { "/var/lib/libvirt", true },
        { "/var/lib/mysql", true },
        { "/var/lib/postgresql", true },
        { "/var/lib/redis", true },
        { "/var/lib/samba/private", true },
        { "/var/mail", false },
        { "/var/spool/cron", true },
};

enum { LIVE_ENOUGH = 3600 };

/* A file of its own that systemd would cover is missed even where it was not watched. */
static bool is_own(const struct inference *in, const char *path)
{
        const char *unit = in->o->unit->unit;
        const char *name = strrchr(path, '/') + 1;
        size_t n = strlen(name);

        return place_is_open(in, path) || commands_name(in, path) ||
               (strncmp(unit, name, n) == 0 && !(unit[n] >= 'a' && unit[n] <= 'z'));
}

static int infer_hidden(struct inference *in)
{
        bool long_live = in->coverage.live_seconds >= LIVE_ENOUGH;
        scoped(strv_freep) char **lines = NULL;
        int r = 0;

        for (size_t i = 0; i < COUNT(tempting) && r == 0; i++) {
                const char *path = tempting[i].path;
                struct stat st;

                if ((!tempting[i].always && !long_live) || is_own(in, path) ||
                    place_stat(in->o->root, path, &st) < 0 || !S_ISDIR(st.st_mode) ||
                    find_touch(in, path))
                        continue;
                r = strv_addf(&lines, "-%s", path);
        }
        if (r < 0)
                return r;
        if (!lines)
                return advise_safe(in, D_InaccessiblePaths, BASIS_FILES, NULL, NULL,
                                   "nothing that is worth hiding is here that it never used");
        return advise_safe(in, D_InaccessiblePaths, BASIS_FILES, lines, NULL,
                           "it never looked there, and holds nothing of its own there");
}

int infer_paths(struct inference *in)
{
        return infer_hidden(in);
}
