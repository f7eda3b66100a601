/* infer_rest.c - MAC, resources, credentials and service: mostly what watching cannot decide, and
 * a sentence on why; numbers are never made up. */
#include "core/observe/infer_rungs.h"

#include "core/base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

static char *const zero[] = { (char *)"0", NULL };

/* ---- limits that what was seen says something about ---- */

static bool is_core_limit(const struct inference *in, const struct act *a)
{
        (void)in;
        return a->a == RLIMIT_CORE && a->b != 0; /* b: a new limit is given */
}

static bool is_realtime_limit(const struct inference *in, const struct act *a)
{
        (void)in;
        return a->a == RLIMIT_RTPRIO && a->b != 0;
}

static bool locks_map(const struct inference *in, const struct act *a)
{
        (void)in;
        return a->b & 0x2000; /* MAP_LOCKED, where the flags are told */
}

/* clang-format off */
static const struct need core_limit[] = {
        { .kind = ACT_ARGS, .names = "setrlimit prlimit64", .when = is_core_limit, .doubt = true,
          .why = "it sets the limit of its core dumps itself" },
        { .why = NULL },
};

static const struct need locked_memory[] = {
        { .kind = ACT_CALL, .names = "mlock mlock2 mlockall", .doubt = true,
          .why = "it locks memory, and how much at a time is not seen" },
        { .kind = ACT_ARGS, .names = "mmap", .when = locks_map, .doubt = true,
          .why = "it locks memory, and how much at a time is not seen" },
        { .kind = ACT_CALL, .names = "io_uring_setup bpf perf_event_open shmctl", .doubt = true,
          .why = "it makes a call that may count locked memory, and how much is not seen" },
        { .why = NULL },
};

static const struct need realtime_limit[] = {
        { .kind = ACT_CALL, .names = "sched_setscheduler sched_setattr sched_setparam",
          .doubt = true, .why = "it changes how it is scheduled" },
        { .kind = ACT_ARGS, .names = "setrlimit prlimit64", .when = is_realtime_limit,
          .doubt = true, .why = "it sets the limit itself" },
        { .why = NULL },
};

static const struct rungs limits[] = {
        { D_LimitCORE, BASIS_UNIT,
          "no core dump is needed to work, and one would hold its secrets",
          { { "0", core_limit } } },
        { D_LimitMEMLOCK, BASIS_CALLS, "it locked no memory", { { "0", locked_memory } } },
        { D_LimitRTPRIO, BASIS_CALLS, "it did not change how it is scheduled",
          { { "0", realtime_limit } } },
};

/* ---- what watching does not decide ---- */

static const struct remark remarks[] = {
        /* mandatory access control */
        { D_SELinuxContext, "which domain is right is for the policy to say; gird export makes one "
          "for SELinux of what was seen" },
        { D_AppArmorProfile, "it names a profile that has to be loaded first; gird export makes "
          "one for AppArmor of what was seen" },
        { D_SmackProcessLabel, "which label is right is for the policy of this machine to say" },
        /* resources */
        { D_DelegateSubgroup, "it is not a sandbox: it only says where a delegated cgroup begins" },
        { D_Slice, "it is not a sandbox: it says with which units it shares resources" },
        { D_MemoryMax, "how much memory it uses is not watched: set it with room for its worst "
          "day, as what goes beyond is killed" },
        { D_MemoryHigh, "how much memory it uses is not watched; beyond it the service is slowed "
          "down, not killed" },
        { D_MemorySwapMax, "how much memory it uses is not watched" },
        { D_CPUQuota, "how much time it needs is not watched" },
        { D_IOWeight, "it is not a sandbox: it shares out the disk under load" },
        { D_CPUWeight, "it is not a sandbox: it shares out the processors under load" },
        { D_AllowedCPUs, "which processors it should have is for you to say" },
        { D_DisableControllers, "it is not a sandbox: it is about what systemd measures" },
        { D_ManagedOOMPreference, "it is not a sandbox: it says who goes first when memory ends" },
        { D_OOMScoreAdjust, "it is not a sandbox: it says who goes first when memory ends" },
        { D_LimitNOFILE, "how many files it has open at a time is not watched" },
        { D_LimitFSIZE, "how large its files become is not watched, and logs grow" },
        { D_LimitAS, "systemd itself advises against it: programs reserve much more than they "
          "use. MemoryMax= is what is meant" },
        { D_Nice, "it is not a sandbox: it shares out the processors" },
        { D_CPUSchedulingPolicy, "it is not a sandbox: it shares out the processors" },
        /* credentials */
        { D_LoadCredentialEncrypted, "it is not a sandbox: it is LoadCredential= with a secret "
          "that only this machine can read" },
        { D_SetCredential, "it is not a sandbox, and what it holds every user can read" },
        { D_SetCredentialEncrypted, "it is not a sandbox: it passes a secret in the unit's file" },
        { D_ImportCredential, "it is not a sandbox: it passes on what the machine was given" },
        /* service */
        { D_OOMPolicy, "it is not a sandbox: it says what follows when memory ends" },
        { D_OpenFile, "it is not a sandbox: it would pass a file that is open already, which "
          "the program has to expect" },
        { D_WatchdogSec, "it is not a sandbox, and the program has to answer the watchdog" },
        { D_RestartMode, "it is not a sandbox: it says how a failed service is restarted" },
        { D_DefaultDependencies, "it is not a sandbox: it is about the order at boot" },
        { D_Type, "it is not a sandbox: the program decides how it tells that it is ready" },
        { D_FileDescriptorStoreMax, "it is not a sandbox: the program has to use the store" },
        { D_LogLevelMax, "it is not a sandbox: it says which of its messages are kept" },
        { D_StandardInput, "it is not a sandbox: the program decides what it reads" },
        { D_TimerSlackNSec, "it is not a sandbox: it is about saving power" },
        { D_IgnoreSIGPIPE, "it is not a sandbox: pipelines of shells depend on it" },
};
/* clang-format on */

/* ---- processes ---- */

static int advise_counts(struct inference *in)
{
        static const enum directive_id counted[] = { D_TasksMax, D_LimitNPROC };

        for (size_t i = 0; i < COUNT(counted); i++) {
                int r = advise_unknown(
                        in, counted[i], NULL, NULL,
                        "%" PRIu64 " processes were seen in all, but how many at a time at its "
                        "busiest is not known%s",
                        in->coverage.processes,
                        counted[i] == D_LimitNPROC
                                ? "; it counts all processes of the user, so TasksMax= is better"
                                : "");

                if (r < 0)
                        return r;
        }
        return 0;
}

/* ---- Delegate= ---- */

static int advise_delegation(struct inference *in)
{
        static const struct need managed[] = {
                { .kind = ACT_PATH,
                  .folders = "/sys/fs/cgroup",
                  .access = ACCESS_WRITE | ACCESS_CREATE | ACCESS_DELETE,
                  .tried = true,
                  .why = "it changes cgroups" },
                { .why = NULL },
        };
        const struct need *need;
        const struct act *witness;

        if (find_need(in, managed, &witness, &need) != FOUND_NOTHING)
                return advise_unknown(in, D_Delegate, NULL, witness,
                                      "it changes cgroups: whether those are its own to manage is "
                                      "for its documentation to say");
        return advise_none(in, D_Delegate, BASIS_FILES,
                           "it changed no cgroup, so none has to be given to it");
}

/* ---- LoadCredential= ---- */

static bool is_secret(const struct act *a)
{
        return a->text && a->error == 0 && a->a & ACCESS_READ && S_ISREG(a->mode) &&
               a->owner == 0 && !(a->mode & 077) && path_below(a->text, "/etc");
}

static int advise_credentials(struct inference *in)
{
        const struct behaviour *b = in->o->behaviour;

        for (const struct act *a = behaviour_first(b, ACT_PATH); a; a = behaviour_next(b, a))
                if (is_secret(a))
                        return advise_unknown(in, D_LoadCredential, NULL, a,
                                              "it reads a file that only root may read; as a "
                                              "credential it could have it without being root, "
                                              "if its configuration can name another path");
        return advise_unknown(in, D_LoadCredential, NULL, NULL,
                              "it was seen to read no file below /etc that only root may read");
}

/* ---- NotifyAccess= ---- */

/* A message to systemd's socket, whoever sent it. */
static const struct act *find_message(const struct inference *in)
{
        const struct behaviour *b = in->o->behaviour;

        for (const struct act *a = behaviour_first(b, ACT_CONNECT); a; a = behaviour_next(b, a))
                if (a->a == AF_UNIX && a->text &&
                    (strcmp(a->text, "/run/systemd/notify") == 0 ||
                     strcmp(a->text, "/var/run/systemd/notify") == 0 ||
                     text_starts(a->text, "@/org/freedesktop/systemd1/notify")))
                        return a;
        return NULL;
}

/* Whether the witness is a process of another program than the main one. */
static bool is_child(const struct inference *in, const struct act *a)
{
        const char *binary = in->o->behaviour->binary;
        const char *slash = binary ? strrchr(binary, '/') : NULL;

        return slash && a->process[0] &&
               strncmp(slash + 1, a->process, sizeof(a->process) - 1) != 0;
}

/* Whether the unit's type, watchdog or store has systemd wait for messages. */
static bool waits_for_messages(const struct inference *in)
{
        static const enum directive_id counts[] = { D_WatchdogSec, D_FileDescriptorStoreMax };
        const char *type = setting_word(in->o->unit, D_Type);

        for (size_t i = 0; i < COUNT(counts); i++) {
                const char *word = setting_word(in->o->unit, counts[i]);

                if (word && (strpbrk(word, "123456789") || strcmp(word, "infinity") == 0))
                        return true;
        }
        return type && text_starts(type, "notify");
}

static int advise_notify(struct inference *in)
{
        static char *const main_only[] = { (char *)"main", NULL };
        static char *const none[] = { (char *)"none", NULL };
        const struct act *message = find_message(in);

        if (!message && !waits_for_messages(in))
                return advise_safe(in, D_NotifyAccess, BASIS_CALLS, none, NULL,
                                   "it sent systemd no message");
        if (!message)
                return advise_unknown(in, D_NotifyAccess, main_only, NULL,
                                      "systemd waits for its messages, but none was seen: who "
                                      "sends them is not known");
        if (is_child(in, message))
                return advise_breaks(in, D_NotifyAccess, BASIS_CALLS, main_only, message,
                                     "a process other than the main one speaks to systemd");
        if (unit_has(in, D_NotifyAccess, "main"))
                return advise_safe(in, D_NotifyAccess, BASIS_UNIT, main_only, message,
                                   "it sends systemd messages, and its main process may");
        return advise_unknown(in, D_NotifyAccess, main_only, message,
                              "it sends systemd messages; whether a child of the main process "
                              "never does was not seen");
}

int infer_rest(struct inference *in)
{
        static int (*const rooms[])(struct inference * in) = {
                advise_counts,
                advise_delegation,
                advise_credentials,
                advise_notify,
        };
        int r = 0;

        for (size_t i = 0; i < COUNT(limits) && r == 0; i++) {
                const struct rungs *row = &limits[i];

                if (in->o->unit->settings[row->directive].value.set)
                        r = advise_unknown(in, row->directive, zero, NULL,
                                           "the unit sets a limit of its own");
                else
                        r = advise_rungs(in, row);
        }
        for (size_t i = 0; i < COUNT(rooms) && r == 0; i++)
                r = rooms[i](in);
        return r < 0 ? r : advise_remarks(in, remarks, COUNT(remarks));
}
