/* infer_namespaces.c - namespaces: those a unit may make, and those it can be put into. */
#include "core/observe/infer_rungs.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/socket.h>

static char *const yes[] = { (char *)"yes", NULL };

/* ---- RestrictNamespaces= ---- */

/* clone()'s low byte is a signal, so a time namespace cannot be asked of it. */
#define CLONE_SIGNAL 0xffU

/* What was asked of the kernel, by how it ended. */
struct kinds {
        uint64_t needed, doubtful;
        uint64_t by_clone3; /* of .needed: asked in no other way */
        bool any;           /* setns() into whatever the descriptor is */
        bool untold;        /* setns() that may have been that: .b is what it was told, .a the kind
                             * that it entered */
        const struct act *witness;
};

static uint64_t flags_of(const struct act *a)
{
        return strcmp(a->name, "clone") == 0 ? a->a & ~(uint64_t)CLONE_SIGNAL : a->a;
}

/* Refused before, it is refused again; the twin's own refusals leave doubt. */
static void add_flags(struct kinds *k, const struct act *a, uint64_t flags)
{
        bool is_clone3 = strcmp(a->name, "clone3") == 0;

        if (a->flags & ACT_BY_TWIN && !(a->seen & SEEN_LIVE)) {
                k->doubtful |= flags;
                return;
        }
        if (a->error == EPERM || a->error == EACCES || a->error == ENOSYS)
                return;
        if (is_clone3)
                k->by_clone3 |= flags & ~k->needed;
        else
                k->by_clone3 &= ~flags;
        k->needed |= flags;
        if (!k->witness || a->first < k->witness->first)
                k->witness = a;
}

static void collect(const struct inference *in, uint64_t all, struct kinds *ret)
{
        const struct behaviour *b = in->o->behaviour;

        for (const struct act *a = behaviour_first(b, ACT_ARGS); a; a = behaviour_next(b, a)) {
                uint64_t flags;

                if (!a->name || !names_have(in, "clone clone3 unshare setns", a->name))
                        continue;
                flags = flags_of(a) & all;
                if (flags) {
                        add_flags(ret, a, flags);
                        if (strcmp(a->name, "setns") == 0 && a->b == 0 && a->error == 0)
                                ret->untold = true;
                } else if (strcmp(a->name, "setns") == 0 && a->a == 0 && a->error == 0) {
                        ret->any = true;
                        ret->witness = a;
                }
        }
}

static int list_kinds(const struct inference *in, uint64_t flags, char **ret)
{
        struct text t = { 0 };
        uint64_t flag;
        const char *name;

        for (size_t i = 0; (name = namespace_name(i, &flag)); i++)
                if (flags & flag && namespace_flag(in->o->dialect, name))
                        text_addf(&t, "%s%s", t.length ? " " : "", name);
        *ret = text_take(&t);
        return *ret ? 0 : -ENOMEM;
}

static uint64_t all_kinds(const struct inference *in)
{
        uint64_t all = 0, flag;
        const char *name;

        for (size_t i = 0; (name = namespace_name(i, &flag)); i++)
                all |= namespace_flag(in->o->dialect, name);
        return all;
}

static int advise_restriction(struct inference *in)
{
        scoped(mem_freep) char *list = NULL;
        uint64_t all = all_kinds(in);
        struct kinds k = { 0 };
        char *lines[2] = { NULL, NULL };

        collect(in, all, &k);
        if (k.any || (k.needed & all) == all)
                return advise_breaks(in, D_RestrictNamespaces, BASIS_CALLS, yes, k.witness,
                                     k.any ? "it enters namespaces without saying of what kind, "
                                             "which any restriction refuses"
                                           : "it makes or enters namespaces of every kind");
        if (k.doubtful & ~k.needed)
                return advise_unknown(in, D_RestrictNamespaces, yes, NULL,
                                      "it asked for namespaces that the twin refused: only "
                                      "watching the live unit can tell whether it needs them");
        if (!k.needed)
                return advise_safe(in, D_RestrictNamespaces, BASIS_CALLS, yes, NULL,
                                   "it made and entered no namespaces");
        if (list_kinds(in, k.needed, &list) < 0)
                return -ENOMEM;
        lines[0] = list;
        if (k.by_clone3)
                return advise_unknown(in, D_RestrictNamespaces, lines, k.witness,
                                      "it makes namespaces by clone3(), which any restriction "
                                      "answers with ENOSYS: whether it falls back is not known");
        if (k.untold)
                return advise_unknown(in, D_RestrictNamespaces, lines, k.witness,
                                      "it enters namespaces; if it does not say of what kind, any "
                                      "restriction refuses that");
        return advise_safe(in, D_RestrictNamespaces, BASIS_CALLS, lines, k.witness,
                           "it made or entered namespaces of these kinds only");
}

/* ---- PrivateUsers= ---- */

/* Asked of the machine's own user namespace. */
static bool is_outer_cap(const struct inference *in, const struct act *a)
{
        (void)in;
        return a->c == 0;
}

/* Capabilities that are asked of the owner of a file or of the process's own user namespace work
 * inside one in which all the usual accounts are there: CHOWN, DAC_OVERRIDE, DAC_READ_SEARCH,
 * FOWNER, FSETID, SETGID, SETUID, SETPCAP, SYS_CHROOT. */
static bool is_lost_cap(const struct inference *in, const struct act *a)
{
        static const unsigned char kept[] = { 0, 1, 2, 3, 4, 6, 7, 8, 18 };

        for (size_t i = 0; i < COUNT(kept); i++)
                if (a->a == kept[i])
                        return false;
        return is_outer_cap(in, a);
}

static bool is_others_proc(const struct inference *in, const struct act *a)
{
        (void)in;
        return a->flags & ACT_OTHER_PROC;
}

static bool is_unix_name(const struct inference *in, const struct act *a)
{
        (void)in;
        return a->a == AF_UNIX && a->text && *a->text;
}

static bool is_unix(const struct inference *in, const struct act *a)
{
        (void)in;
        return a->a == AF_UNIX;
}

static bool gains(const struct inference *in, const struct act *a)
{
        (void)in;
        return a->a & (GAIN_SETUID | GAIN_SETGID | GAIN_FILECAPS);
}

/* Accounts that only some machines have, containers' for one. */
static bool is_far_owner(const struct inference *in, const struct act *a)
{
        (void)in;
        return a->mode && (a->owner > 65534 || a->group > 65534);
}

/* clang-format off */
#define GAINS                                                                                      \
        { .kind = ACT_EXEC, .when = gains,                                                         \
          .why = "it runs a program that gains rights, which would be worth nothing inside" }
#define OTHERS                                                                                     \
        { .kind = ACT_PATH, .when = is_others_proc, .absent = true, .doubt = true,                 \
          .why = "it looks at processes of others, which it could not look into any more" }

static const struct need users_identity[] = {
        { .kind = ACT_CAP, .when = is_lost_cap,
          .why = "it needs a capability of the machine, which is void in a user namespace" },
        GAINS,
        { .kind = ACT_PATH, .when = is_far_owner,
          .why = "it uses files of accounts that a user namespace would not have" },
        OTHERS,
        { .why = NULL },
};

static const struct need users_self[] = {
        { .kind = ACT_CAP, .when = is_outer_cap,
          .why = "it needs a capability of the machine, which is void in a user namespace" },
        GAINS,
        { .kind = ACT_CALL, .names = "@setuid", .why = "it changes to other users or groups" },
        { .kind = ACT_CALL, .names = "@chown", .why = "it changes owners of files" },
        OTHERS,
        { .kind = ACT_PEER, .when = is_unix, .doubt = true,
          .why = "it takes connections on a unix socket, whose other users would all be nobody" },
        { .kind = ACT_BIND, .when = is_unix_name, .doubt = true,
          .why = "it offers a unix socket, whose other users would all be nobody to it" },
        { .why = NULL },
};

/* ---- PrivateIPC= and RemoveIPC= ---- */

/* shmget, semget, msgget: the key, and whether it makes the object. */
static bool opens_key(const struct inference *in, const struct act *a)
{
        (void)in;
        return a->a != IPC_PRIVATE && !(a->b & IPC_CREAT);
}

static bool makes_key(const struct inference *in, const struct act *a)
{
        (void)in;
        return a->a != IPC_PRIVATE && a->b & IPC_CREAT;
}

static const struct need private_ipc[] = {
        { .kind = ACT_ARGS, .names = "shmget semget msgget", .when = opens_key, .tried = true,
          .why = "it opens shared memory, semaphores or queues by a key that others made" },
        { .kind = ACT_ARGS, .names = "shmget semget msgget", .when = makes_key, .doubt = true,
          .why = "it makes shared memory, semaphores or queues by a key, which others may look "
                 "for" },
        { .kind = ACT_CALL, .names = "shmget semget msgget", .when = has_no_arguments,
          .doubt = true,
          .why = "it uses shared memory, semaphores or queues, and by which key is not seen" },
        { .kind = ACT_CALL, .names = "mq_open", .doubt = true,
          .why = "it uses message queues by name, which others may share" },
        { .kind = ACT_PATH, .folders = "/dev/mqueue", .doubt = true,
          .why = "it looks at message queues, which would be its own only" },
        { .why = NULL },
};

static const struct need kept_ipc[] = {
        { .kind = ACT_CALL, .names = "shmget semget msgget mq_open", .doubt = true,
          .why = "it makes shared memory, semaphores or queues; these go when the last unit of its "
                 "user stops, under the hands of whoever else runs as that user" },
        { .kind = ACT_PATH, .folders = "/dev/shm", .access = ACCESS_CREATE, .doubt = true,
          .why = "it makes shared memory in /dev/shm; this goes when the last unit of its user "
                 "stops, under the hands of whoever else runs as that user" },
        { .why = NULL },
};

/* ---- PrivatePIDs= ---- */

static bool is_outside(const struct inference *in, const struct act *a)
{
        (void)in;
        return a->b & SIGNAL_OUTSIDE;
}

static const struct need private_pids[] = {
        { .kind = ACT_SIGNAL, .when = is_outside, .why = "it signals processes of others" },
        { .kind = ACT_PATH, .when = is_others_proc, .absent = true,
          .why = "it looks at processes of others" },
        { .kind = ACT_KILLED, .mask = UINT64_MAX, .value = SIGTERM,
          .why = "it ends by SIGTERM without handling it, which the first process of a namespace "
                 "ignores: its stop would take until the timeout" },
        { .why = NULL },
};

static const struct rungs tables[] = {
        { D_PrivateUsers, BASIS_CAPS,
          "it needed no capability of the machine, no other user and no change of owners",
          { { "identity", users_identity }, { "yes", users_self } } },
        { D_PrivateIPC, BASIS_CALLS,
          "it shares no memory, semaphores or queues by System V keys or POSIX names",
          { { "yes", private_ipc } } },
};

static const struct rungs remove_ipc = {
        D_RemoveIPC, BASIS_CALLS, "it leaves no shared memory, semaphores or queues behind",
        { { "yes", kept_ipc } } };
static const struct rungs private_processes = {
        D_PrivatePIDs, BASIS_CALLS,
        "it signals and looks at its own processes only, and handles SIGTERM",
        { { "yes", private_pids } } };

static const struct remark remarks[] = {
        { D_IPCNamespacePath,
          "it names a namespace that somebody else makes, which watching the unit cannot" },
        { D_UserNamespacePath,
          "it names a namespace that somebody else makes, which watching the unit cannot" },
        { D_JoinsNamespaceOf,
          "which units belong together is for you to say; they then share the network, IPC and "
          "/tmp of each other" },
};
/* clang-format on */

static int advise_removal(struct inference *in)
{
        if (in->root_user)
                return advise_unknown(in, D_RemoveIPC, yes, NULL,
                                      "it has an effect only with User= or DynamicUser=");
        return advise_rungs(in, &remove_ipc);
}

static int advise_processes(struct inference *in)
{
        const char *type = setting_word(in->o->unit, D_Type);

        if (type && strcmp(type, "forking") == 0)
                return advise_breaks(in, D_PrivatePIDs, BASIS_UNIT, yes, NULL,
                                     "systemd refuses it together with Type=forking");
        if (!in->coverage.stop)
                return advise_unknown(in, D_PrivatePIDs, yes, NULL,
                                      "its stop was not watched, and a service that does not "
                                      "handle SIGTERM would not stop as process 1 of a namespace");
        return advise_rungs(in, &private_processes);
}

int infer_namespaces(struct inference *in)
{
        int r = advise_restriction(in);

        for (size_t i = 0; i < COUNT(tables) && r == 0; i++)
                r = advise_rungs(in, &tables[i]);
        if (r == 0)
                r = advise_removal(in);
        if (r == 0)
                r = advise_processes(in);
        if (r == 0)
                r = advise_none(in, D_DelegateNamespaces, BASIS_CALLS,
                                "no namespaces have to be given to it; it is for container engines "
                                "that run without rights");
        return r < 0 ? r : advise_remarks(in, remarks, COUNT(remarks));
}
