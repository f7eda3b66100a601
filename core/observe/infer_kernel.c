/* infer_kernel.c - clock, name, tunables, modules, logs, cgroups and BPF of the kernel. */
#include "core/observe/infer_rungs.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

enum {
        CHANGES = ACCESS_WRITE | ACCESS_CREATE | ACCESS_DELETE | ACCESS_CHANGE | ACCESS_TRUNCATE,
        CAP_OF_MODULES = 16,
        CAP_OF_CLOCK = 25,
        CAP_OF_LOGS = 34,
        CAP_OF_ALARMS = 35,
        ALARM_CLOCK = 8, /* CLOCK_REALTIME_ALARM, and 9: CLOCK_BOOTTIME_ALARM */
};

/* ---- predicates ---- */

static bool is_alarm(const struct inference *in, const struct act *a)
{
        (void)in;
        return a->a == ALARM_CLOCK || a->a == ALARM_CLOCK + 1;
}

/* What stays writable although the rest of /sys does not. */
static bool is_tunable(const struct inference *in, const struct act *a)
{
        (void)in;
        return !below_any(a->text, "/sys/fs/cgroup /sys/fs/selinux");
}

/* Up to 251 the clock's device in DeviceAllow= takes all other devices away; the standard ones
 * and those that the unit allows itself stay. */
static bool is_closed_device(const struct inference *in, const struct act *a)
{
        static const char standard[] = "/dev/null /dev/zero /dev/full /dev/random /dev/urandom "
                                       "/dev/tty /dev/ptmx /dev/pts";

        if (in->o->dialect->version.major >= 252 || a->error ||
            !(S_ISCHR(a->mode) || S_ISBLK(a->mode)))
                return false;
        return !below_any(a->text, standard) && !setting_yes(in->o->unit, D_DevicePolicy) &&
               !in->o->unit->settings[D_DeviceAllow].value.set;
}

static bool loads_modules(const struct inference *in, const struct act *a)
{
        const char *name = a->text ? strrchr(a->text, '/') : NULL;

        return name && names_have(in, "modprobe insmod rmmod kmod depmod", name + 1);
}

/* Whether a path below /sys/fs/cgroup belongs to the unit itself. */
static bool is_own_cgroup(const struct inference *in, const char *path)
{
        const char *unit = in->o->unit->unit, *at = path;
        size_t n = strlen(unit);

        while ((at = strstr(at, unit))) {
                if (at > path && at[-1] == '/' && (!at[n] || at[n] == '/'))
                        return true;
                at++;
        }
        return false;
}

static bool is_others_cgroup(const struct inference *in, const struct act *a)
{
        return strcmp(a->text, "/sys/fs/cgroup") != 0 && !is_own_cgroup(in, a->text);
}

static bool is_delegated(const struct inference *in)
{
        return setting_yes(in->o->unit, D_Delegate) ||
               (in->o->unit->settings[D_Delegate].value.set && !unit_has(in, D_Delegate, "no"));
}

/* bpf() commands that use names in the file system: BPF_OBJ_PIN and BPF_OBJ_GET. */
static bool uses_pins(const struct inference *in, const struct act *a)
{
        (void)in;
        return a->a == 6 || a->a == 7;
}

/* ---- what is refused ---- */

/* clang-format off */
static const struct need hostname[] = {
        { .kind = ACT_CALL, .names = "sethostname setdomainname",
          .why = "it sets the host's name" },
        { .kind = ACT_PATH, .folders = "/proc/sys/kernel/hostname /proc/sys/kernel/domainname",
          .access = CHANGES, .why = "it sets the host's name" },
        { .why = NULL },
};

static const struct need clock_needs[] = {
        { .kind = ACT_CALL, .names = "@clock stime clock_settime64 clock_adjtime64",
          .why = "it sets the clock, or asks adjtimex() about it, which is refused as well" },
        { .kind = ACT_PATH, .folders = "/dev/rtc /dev/rtc0 /dev/rtc1 /dev/misc/rtc",
          .access = CHANGES, .absent = true, .why = "it sets the hardware clock" },
        { .kind = ACT_CAP, .mask = UINT64_MAX, .value = CAP_OF_CLOCK,
          .why = "it needs the capability to set the clock" },
        { .kind = ACT_CAP, .mask = UINT64_MAX, .value = CAP_OF_ALARMS,
          .why = "it sets alarms that wake the machine" },
        { .kind = ACT_ARGS, .names = "timer_create timerfd_create", .when = is_alarm,
          .why = "it sets alarms that wake the machine" },
        { .kind = ACT_PATH, .folders = "/dev", .access = ACCESS_READ | ACCESS_WRITE,
          .when = is_closed_device,
          .why = "it uses devices, which ProtectClock= takes away in systemd before 252" },
        { .why = NULL },
};

static const struct need tunables[] = {
        { .kind = ACT_PATH, .folders = "/proc/sys /sys", .access = CHANGES, .when = is_tunable,
          .why = "it changes settings of the kernel" },
        { .kind = ACT_PATH, .access = CHANGES,
          .folders = "/proc/acpi /proc/apm /proc/asound /proc/bus /proc/fs /proc/irq "
                     "/proc/latency_stats /proc/mtrr /proc/scsi /proc/sysrq-trigger "
                     "/proc/timer_stats",
          .why = "it changes settings of the kernel" },
        { .kind = ACT_PATH, .folders = "/proc/kallsyms /proc/kcore", .absent = true,
          .access = ACCESS_READ | ACCESS_WRITE, .why = "it reads the kernel's symbols or memory" },
        { .why = NULL },
};

static const struct need modules[] = {
        { .kind = ACT_CALL, .names = "@module", .why = "it loads or removes kernel modules" },
        { .kind = ACT_CAP, .mask = UINT64_MAX, .value = CAP_OF_MODULES,
          .why = "it needs the capability to load kernel modules" },
        { .kind = ACT_EXEC, .when = loads_modules, .why = "it runs a program that loads modules" },
        { .kind = ACT_PATH, .folders = "/usr/lib/modules /lib/modules", .absent = true,
          .why = "it looks at the kernel's modules" },
        { .why = NULL },
};

static const struct need logs[] = {
        { .kind = ACT_CALL, .names = "syslog", .why = "it reads the kernel's log" },
        { .kind = ACT_PATH, .folders = "/dev/kmsg /proc/kmsg", .absent = true,
          .access = ACCESS_READ | ACCESS_WRITE, .why = "it reads or writes the kernel's log" },
        { .kind = ACT_CAP, .mask = UINT64_MAX, .value = CAP_OF_LOGS,
          .why = "it needs the capability to read the kernel's log" },
        { .why = NULL },
};

#define OTHERS_CGROUPS                                                                             \
        { .kind = ACT_PATH, .folders = "/sys/fs/cgroup", .when = is_others_cgroup, .absent = true, \
          .why = "it looks at cgroups other than its own" }
#define CHANGED_CGROUPS                                                                            \
        { .kind = ACT_PATH, .folders = "/sys/fs/cgroup", .access = CHANGES,                        \
          .why = "it changes cgroups" }

static const struct need cgroups_private[] = { OTHERS_CGROUPS, { .why = NULL } };
static const struct need cgroups_yes[] = { CHANGED_CGROUPS, { .why = NULL } };
static const struct need cgroups_strict[] = { CHANGED_CGROUPS, OTHERS_CGROUPS, { .why = NULL } };

static const struct need bpf_pins[] = {
        { .kind = ACT_PATH, .folders = "/sys/fs/bpf", .absent = true,
          .why = "it uses BPF objects by their names in /sys/fs/bpf" },
        { .kind = ACT_ARGS, .names = "bpf", .when = uses_pins,
          .why = "it uses BPF objects by their names" },
        { .why = NULL },
};

static const struct rungs tables[] = {
        { D_ProtectHostname, BASIS_CALLS, "nothing tried to set the host's name",
          { { "private", hostname }, { "yes", hostname } } },
        { D_ProtectClock, BASIS_CALLS, "nothing tried to set the clock or a waking alarm",
          { { "yes", clock_needs } } },
        { D_ProtectKernelTunables, BASIS_FILES,
          "it wrote nothing below /proc/sys and /sys and did not read the kernel's symbols",
          { { "yes", tunables } } },
        { D_ProtectKernelModules, BASIS_CALLS, "it neither loaded nor looked at kernel modules",
          { { "yes", modules } } },
        { D_ProtectKernelLogs, BASIS_CALLS, "it did not touch the kernel's log",
          { { "yes", logs } } },
};

static const struct rungs cgroups = {
        D_ProtectControlGroups, BASIS_FILES, "it changed no cgroup and looked at no other's",
        { { "private", cgroups_private }, { "yes", cgroups_yes }, { "strict", cgroups_strict } } };
static const struct rungs private_bpf = {
        D_PrivateBPF, BASIS_FILES, "it used no BPF object by its name", { { "yes", bpf_pins } } };

static const enum directive_id grants[] = {
        D_BPFDelegateCommands, D_BPFDelegateMaps, D_BPFDelegatePrograms, D_BPFDelegateAttachments,
};
/* clang-format on */

static int advise_cgroups(struct inference *in)
{
        static char *const yes[] = { (char *)"yes", NULL };

        if (is_delegated(in))
                return advise_unknown(in, D_ProtectControlGroups, yes, NULL,
                                      "the unit is given its cgroup to manage (Delegate=): that it "
                                      "was not seen to do so does not say it never will");
        return advise_rungs(in, &cgroups);
}

/* Without /sys/fs/bpf, as in most containers, the unit would not even start. */
static int advise_bpf(struct inference *in)
{
        static char *const yes[] = { (char *)"yes", NULL };
        scoped(mem_freep) char *path = text_format("%s/sys/fs/bpf", in->o->root ? in->o->root : "");
        struct stat st;

        if (!path)
                return -ENOMEM;
        if (stat(path, &st) < 0 || !S_ISDIR(st.st_mode))
                return advise_unknown(in, D_PrivateBPF, yes, NULL,
                                      "there is no /sys/fs/bpf here, and without it the unit would "
                                      "not start");
        return advise_rungs(in, &private_bpf);
}

static int advise_grants(struct inference *in)
{
        static const struct need any_bpf[] = {
                { .kind = ACT_CALL, .names = "bpf", .why = "it uses BPF" },
                { .why = NULL },
        };
        const struct need *need;
        const struct act *witness;
        enum found found = find_need(in, any_bpf, &witness, &need);
        int r = 0;

        for (size_t i = 0; i < COUNT(grants) && r == 0; i++)
                if (found != FOUND_NOTHING)
                        r = advise_unknown(in, grants[i], NULL, witness,
                                           "it uses BPF with the rights that it has; what it could "
                                           "be given instead is not seen");
                else
                        r = advise_none(in, grants[i], BASIS_CALLS,
                                        "it used no BPF, so nothing of it has to be given to it");
        return r;
}

int infer_kernel(struct inference *in)
{
        int r = 0;

        for (size_t i = 0; i < COUNT(tables) && r == 0; i++)
                r = advise_rungs(in, &tables[i]);
        if (r == 0)
                r = advise_cgroups(in);
        if (r == 0)
                r = advise_bpf(in);
        return r < 0 ? r : advise_grants(in);
}
