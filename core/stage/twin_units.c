/* twin_units.c - what the twin's systemd finds below /run: a target that starts nothing of
 * the machine's own accord, and a few units that show what is enforced here.
 *
 * The folders are bound to /run/systemd/… in the twin.  Masks of dependencies lie in
 * system.control, which goes before everything else: a link to /dev/null in NAME.wants
 * there takes the unit out of the target, and leaves the unit itself as it is. */
#include "core/stage/twin_private.h"

#include "core/base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define STAGE BOX "/stage"

static const char target[] = "[Unit]\n"
                             "Description=Twin made by gird\n"
                             "Requires=sysinit.target\n"
                             "Wants=dbus.socket\n"
                             "After=sysinit.target dbus.socket\n";

static const char journald[] = "[Journal]\n"
                               "Storage=volatile\n"
                               "RuntimeMaxUse=64M\n"
                               "RateLimitIntervalSec=0\n"
                               "RateLimitBurst=0\n"
                               "ForwardToSyslog=no\n"
                               "ForwardToKMsg=no\n"
                               "ForwardToConsole=no\n"
                               "ForwardToWall=no\n"
                               "Audit=no\n";

/* Control groups need no program to be looked at: gird joins the slice and tries. */
static const char check_slice[] = "[Unit]\n"
                                  "Description=What gird's twin enforces: control groups\n"
                                  "DefaultDependencies=no\n"
                                  "[Slice]\n"
                                  "DevicePolicy=strict\n"
                                  "MemoryMax=1G\n"
                                  "TasksMax=8\n"
                                  "CPUQuota=90%\n"
                                  "IOWeight=90\n"
                                  "AllowedCPUs=0\n";

/* What may keep a unit from starting is in a unit of its own; there are no more than needed,
 * as each costs some milliseconds of the start. */
static const struct {
        const char *name, *settings;
} services[] = {
        { "gird-check-base.service",
          "PrivateTmp=yes\nPrivateMounts=yes\nProtectHostname=yes\nSystemCallFilter=~reboot\n" },
        { "gird-check-spaces.service", "PrivateNetwork=yes\nPrivateIPC=yes\n" },
        { "gird-check-users.service", "PrivateUsers=yes\n" },
        { "gird-check-pids.service", "PrivatePIDs=yes\n" },
        /* systemd applies these to services, not to slices */
        { "gird-check-group.service",
          "IPAddressDeny=any\nSocketBindDeny=any\nRestrictFileSystems=~sysfs\n" },
        { "gird-check-interfaces.service", "RestrictNetworkInterfaces=~lo\n" },
};

/* What these pull in of the machine's own is not part of any one unit's trial. */
static const char *const emptied[] = {
        "sysinit.target",       "local-fs.target",          "local-fs-pre.target",
        "swap.target",          "cryptsetup.target",        "cryptsetup-pre.target",
        "veritysetup.target",   "integritysetup.target",    "remote-fs.target",
        "remote-fs-pre.target", "remote-cryptsetup.target", "remote-veritysetup.target",
        "network.target",       "network-pre.target",       "network-online.target",
        "nss-lookup.target",    "nss-user-lookup.target",   "time-sync.target",
        "time-set.target",      "machines.target",
};

static const char *const folders[] = {
        "/etc/systemd/system",     "/run/systemd/system", "/usr/local/lib/systemd/system",
        "/usr/lib/systemd/system", "/lib/systemd/system",
};

/* Parts of systemd's own early boot that make the twin slower and nothing better. */
static const char *const unneeded[] = {
        "systemd-journal-flush.service",
        "systemd-pstore.service",
        "systemd-hwdb-update.service",
        "systemd-firstboot.service",
        "systemd-update-utmp.service",
        "systemd-random-seed.service",
        "systemd-boot-random-seed.service",
        "systemd-journal-catalog-update.service",
        "systemd-udevd.service",
        "systemd-udev-trigger.service",
        "systemd-timesyncd.service",
        "systemd-resolved.service",
        "systemd-networkd.service",
};

static bool is_kept(const char *target_name, const char *unit)
{
        if (text_ends(unit, ".target"))
                return true;
        if (strcmp(target_name, "sysinit.target") != 0)
                return false;
        for (size_t i = 0; i < COUNT(unneeded); i++)
                if (strcmp(unneeded[i], unit) == 0)
                        return false;
        if (text_starts(unit, "systemd-"))
                return text_ends(unit, ".service");
        return strcmp(unit, "dev-mqueue.mount") == 0 || strcmp(unit, "dev-hugepages.mount") == 0;
}

static int mask(const char *folder, const char *unit)
{
        scoped(mem_freep) char *path = NULL;
        scoped(mem_freep) char *full = text_format(STAGE "/control/%s", folder);
        int r;

        if (!full)
                return -ENOMEM;
        path = text_format("%s/%s", full, unit);
        if (!path)
                return -ENOMEM;
        r = file_make_dirs(full, 0755, NULL);
        if (r < 0)
                return r;
        return symlink("/dev/null", path) < 0 && errno != EEXIST ? -errno : 0;
}

/* Takes out of one target what one folder of the tree adds to it by suffix. */
static int empty(const struct boot_tree *t, const char *where, const char *name, const char *suffix)
{
        scoped(mem_freep) char *base = text_format("%s.%s", name, suffix);
        scoped(mem_freep) char *path = text_format("%s/%s.%s", where, name, suffix);
        scoped(dir_closep) DIR *dir = NULL;
        struct dirent *entry;
        int fd, r = 0;

        if (!base || !path)
                return -ENOMEM;
        fd = root_open(t->fd, path, O_RDONLY | O_DIRECTORY);
        if (fd < 0)
                return 0;
        dir = fdopendir(fd);
        if (!dir) {
                close(fd);
                return -ENOMEM;
        }
        while (r == 0 && (entry = readdir(dir)))
                if (entry->d_name[0] != '.' && !is_kept(name, entry->d_name))
                        r = mask(base, entry->d_name);
        return r;
}

static int empty_targets(const struct boot_tree *t)
{
        static const char *const suffixes[] = { "wants", "requires" };
        int r = 0;

        for (size_t i = 0; i < COUNT(emptied); i++)
                for (size_t j = 0; j < COUNT(folders); j++)
                        for (size_t k = 0; r == 0 && k < COUNT(suffixes); k++)
                                r = empty(t, folders[j], emptied[i], suffixes[k]);
        return r;
}

static int write_file(const char *path, const char *text)
{
        scoped(stream_closep) FILE *file = fopen(path, "we");

        if (!file)
                return -errno;
        return fwrite(text, strlen(text), 1, file) != 1 || fflush(file) != 0 ? -errno : 0;
}

static int write_check(const char *name, const char *settings, const char *command)
{
        scoped(mem_freep) char *path = text_format(STAGE "/system/%s", name);
        scoped(mem_freep) char *text = NULL;

        text = text_format("[Unit]\n"
                           "Description=What gird's twin enforces\n"
                           "DefaultDependencies=no\n"
                           "[Service]\n"
                           "Type=exec\n"
                           "ExecStart=%s\n"
                           "StandardOutput=null\n"
                           "StandardError=null\n"
                           "SuccessExitStatus=SIGKILL\n"
                           "%s",
                           command, settings);
        return path && text ? write_file(path, text) : -ENOMEM;
}

static int write_target(const struct boot_tree *t)
{
        struct text text = { 0 };
        scoped(mem_freep) char *whole = NULL;

        text_add(&text, target);
        text_add(&text, "Wants=gird-check.slice\n");
        for (size_t i = 0; t->sleeper && i < COUNT(services); i++)
                text_addf(&text, "Wants=%s\n", services[i].name);
        whole = text_take(&text);
        return whole ? write_file(STAGE "/system/gird-twin.target", whole) : -ENOMEM;
}

int units_write(const struct boot_tree *t)
{
        static const char *const made[] = { STAGE, STAGE "/system", STAGE "/control",
                                            STAGE "/journald" };
        int r = 0;

        for (size_t i = 0; r == 0 && i < COUNT(made); i++)
                r = mkdir(made[i], 0755) < 0 ? -errno : 0;
        if (r == 0)
                r = write_target(t);
        if (r == 0)
                r = write_file(STAGE "/system/gird-check.slice", check_slice);
        if (r == 0)
                r = write_file(STAGE "/journald/zz-gird.conf", journald);
        for (size_t i = 0; r == 0 && t->sleeper && i < COUNT(services); i++)
                r = write_check(services[i].name, services[i].settings, t->sleeper);
        return r == 0 ? empty_targets(t) : r;
}
