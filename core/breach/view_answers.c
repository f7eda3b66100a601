/* view_answers.c - what someone who took over the service could do, in plain words: one row a
 * question, worst first. */
#include "core/breach/view_private.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>

static enum reach reach_of(const struct service_view *v, const char *path)
{
        const struct view_path *p = view_path_of(v, path);

        return p ? p->reach : REACH_OWNED;
}

static bool holds(const struct service_view *v, const char *capability)
{
        int n = capability_number(capability);

        return n >= 0 && v->effective >> n & 1;
}

static bool writes(const struct service_view *v, const char *path)
{
        return v->is_root && reach_of(v, path) <= REACH_OWNED;
}

static bool reads(const struct service_view *v, const char *path)
{
        return reach_of(v, path) <= REACH_READ_ONLY;
}

/* ---- the questions ---- */

/* Asks systemd for a new service outside, or lays one where systemd looks. */
static bool can_leave(const struct service_view *v)
{
        return v->is_root &&
               ((reads(v, "/run/systemd/private") && view_lets_family(v, "AF_UNIX")) ||
                writes(v, "/run/systemd/system"));
}

static bool can_own_kernel(const struct service_view *v)
{
        return !view_yes(v, D_PrivateUsers) &&
               ((holds(v, "CAP_SYS_MODULE") && view_lets_call(v, "init_module", NULL)) ||
                (holds(v, "CAP_SYS_RAWIO") && !view_yes(v, D_PrivateDevices)));
}

static bool reads_secrets(const struct service_view *v)
{
        return v->is_root && reads(v, "/etc/shadow");
}

static bool leaves_traps(const struct service_view *v)
{
        return writes(v, "/etc") || writes(v, "/usr");
}

static bool reads_homes(const struct service_view *v)
{
        return reads(v, "/home");
}

static bool gains(const struct service_view *v)
{
        return !v->no_new_privs && !v->is_root;
}

static bool becomes(const struct service_view *v)
{
        return holds(v, "CAP_SETUID") && view_lets_call(v, "setuid", NULL);
}

static bool traces(const struct service_view *v)
{
        return holds(v, "CAP_SYS_PTRACE") && view_lets_call(v, "ptrace", NULL) &&
               !view_yes(v, D_PrivateUsers) && !view_yes(v, D_PrivatePIDs);
}

static bool sees_others(const struct service_view *v)
{
        return strcmp(v->facts[FACT_PROCESSES][0], "all") == 0;
}

static bool takes_devices(const struct service_view *v)
{
        return v->is_root && strcmp(v->facts[FACT_DEVICES][0], "all that the machine has") == 0;
}

static bool reaches_out(const struct service_view *v)
{
        bool closed = view_yes(v, D_PrivateNetwork) ||
                      (strv_has(view_words(v, D_IPAddressDeny), "0.0.0.0/0") &&
                       !view_words(v, D_IPAddressAllow));

        return !closed && (view_lets_family(v, "AF_INET") || view_lets_family(v, "AF_INET6"));
}

static bool reshapes_network(const struct service_view *v)
{
        return holds(v, "CAP_NET_ADMIN") && view_lets_family(v, "AF_NETLINK") &&
               !view_yes(v, D_PrivateNetwork) && !view_yes(v, D_PrivateUsers);
}

static bool makes_user_namespace(const struct service_view *v)
{
        const struct value *value = &v->unit->settings[D_RestrictNamespaces].value;

        return view_lets_call(v, "unshare", NULL) &&
               (!view_sets(v, D_RestrictNamespaces) || (value->bits & CLONE_NEWUSER));
}

static bool mounts(const struct service_view *v)
{
        return holds(v, "CAP_SYS_ADMIN") && view_lets_call(v, "mount", NULL);
}

static bool sets_clock(const struct service_view *v)
{
        return holds(v, "CAP_SYS_TIME") && view_lets_call(v, "clock_settime", NULL) &&
               !view_yes(v, D_PrivateUsers);
}

static bool writes_code(const struct service_view *v)
{
        return !view_yes(v, D_MemoryDenyWriteExecute);
}

static bool rare_calls(const struct service_view *v)
{
        return view_lets_call(v, "ptrace", NULL) || view_lets_call(v, "bpf", NULL) ||
               view_lets_call(v, "io_uring_setup", NULL);
}

/* clang-format off */
static const struct {
        bool (*asks)(const struct service_view *v);
        const char *open, *closed, *closer;
} questions[] = {
        { can_leave,
          "Leave the sandbox: as root it can have systemd start anything outside of it.",
          "Have systemd start something outside of the sandbox.",
          "User= (a user of its own)" },
        { can_own_kernel,
          "Load code into the kernel, and own the machine with it.",
          "Load code into the kernel.",
          "ProtectKernelModules=yes" },
        { reads_secrets,
          "Read the password hashes in /etc/shadow.",
          "Read the password hashes in /etc/shadow.",
          "User= (a user of its own)" },
        { leaves_traps,
          "Write in /etc or /usr: programs and settings that others trust.",
          "Change programs in /usr and settings in /etc.",
          "ProtectSystem=strict" },
        { reads_homes,
          "Look into people's homes, as far as their modes let it.",
          "Look into people's homes.",
          "ProtectHome=yes" },
        { becomes,
          "Become any user it likes.",
          "Become another user by itself.",
          "CapabilityBoundingSet=~CAP_SETUID CAP_SETGID" },
        { gains,
          "Gain more by running set-uid programs such as su and sudo.",
          "Gain more by running set-uid programs.",
          "NoNewPrivileges=yes" },
        { traces,
          "Read and change the memory of every other process.",
          "Read the memory of other users' processes.",
          "CapabilityBoundingSet=~CAP_SYS_PTRACE" },
        { sees_others,
          "See every process, with its command line.",
          "See the processes of others.",
          "ProtectProc=invisible" },
        { takes_devices,
          "Open the machine's devices: disks, input, cameras.",
          "Open the machine's devices.",
          "PrivateDevices=yes" },
        { reaches_out,
          "Reach the network, both inside your walls and outside.",
          "Reach the network.",
          "PrivateNetwork=yes" },
        { reshapes_network,
          "Change addresses, routes and firewall rules.",
          "Change addresses, routes and firewall rules.",
          "CapabilityBoundingSet=~CAP_NET_ADMIN" },
        { mounts,
          "Mount file systems over others.",
          "Mount file systems.",
          "SystemCallFilter=~@mount" },
        { makes_user_namespace,
          "Make a user namespace, which opens more of the kernel to attack.",
          "Make a user namespace.",
          "RestrictNamespaces=yes" },
        { sets_clock,
          "Set the machine's clock.",
          "Set the machine's clock.",
          "ProtectClock=yes" },
        { writes_code,
          "Run code that it writes into its own memory.",
          "Run code that it writes into its own memory.",
          "MemoryDenyWriteExecute=yes" },
        { rare_calls,
          "Make rare system calls (ptrace, bpf, io_uring), where faults of the kernel hide.",
          "Make the rare system calls where faults of the kernel hide.",
          "SystemCallFilter=@system-service" },
};
/* clang-format on */

static int add(struct view_answer *list, size_t *count, size_t i, bool open)
{
        list[*count] = (struct view_answer){
                .question = i,
                .open = open,
                .text = strdup(open ? questions[i].open : questions[i].closed),
                .closer = open ? questions[i].closer : NULL,
        };
        return list[(*count)++].text ? 0 : -ENOMEM;
}

int view_answers(const struct service_view *v, struct view_answer **ret, size_t *ret_count)
{
        struct view_answer *list = calloc(COUNT(questions), sizeof(*list));
        size_t count = 0;
        int r = list ? 0 : -ENOMEM;

        for (size_t i = 0; r >= 0 && i < COUNT(questions); i++)
                if (questions[i].asks(v))
                        r = add(list, &count, i, true);
        for (size_t i = 0; r >= 0 && i < COUNT(questions); i++)
                if (!questions[i].asks(v))
                        r = add(list, &count, i, false);
        if (r < 0) {
                view_answers_free(list, count);
                return r;
        }
        *ret = list;
        *ret_count = count;
        return 0;
}

void view_answers_free(struct view_answer *list, size_t count)
{
        for (size_t i = 0; i < count; i++)
                free(list[i].text);
        free(list);
}
