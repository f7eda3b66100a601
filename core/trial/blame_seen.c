/* blame_seen.c - which changes one refusal that the observer saw points to: by call and error, by
 * its arguments, and by what the values deny. */
#include "core/trial/denial_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/observe/behaviour_private.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>

static bool is_call(const struct denial *d, const char *calls)
{
        return d->call && denial_listed(calls, d->call);
}

static const char *answer(const struct denial *d)
{
        return d->signal ? "killed by SIGSYS" : strerrordesc_np(d->error);
}

/* The address of "10.0.0.1:80" and "[::1]:80"; "" for others. */
static void address_of(const struct denial *d, char *ret, size_t room)
{
        const char *at = d->path ? d->path : "";
        size_t n;

        *ret = '\0';
        if (d->deed.a != AF_INET && d->deed.a != AF_INET6)
                return;
        at += *at == '[';
        n = d->deed.a == AF_INET6 ? strcspn(at, "]") : strcspn(at, ":");
        if (n < room) {
                memcpy(ret, at, n);
                ret[n] = '\0';
        }
}

/* ---- whether a directive could have answered so, by the arguments and its value ---- */

static bool could_namespaces(const struct ranking *k, const struct denial *d)
{
        uint64_t flags = is_call(d, "unshare clone setns") ? d->deed.a : 0;

        if (is_call(d, "clone") && !flags)
                return false;
        return denies_namespaces(k->v->after, k->v->dialect, flags);
}

static bool could_wx(const struct ranking *k, const struct denial *d)
{
        (void)k;
        if (is_call(d, "mmap"))
                return d->deed.a & PROT_EXEC && d->deed.a & PROT_WRITE;
        return d->deed.a & (is_call(d, "shmat") ? (uint64_t)SHM_EXEC : PROT_EXEC);
}

/* Every sched_setattr() is refused from 262 on, before that what asks for real time. */
static bool could_realtime(const struct ranking *k, const struct denial *d)
{
        uint64_t policy = d->deed.a & ~(uint64_t)0x40000000; /* SCHED_RESET_ON_FORK */

        if (is_call(d, "sched_setattr") && version_at_least(k->v->dialect->version, 262, 0))
                return true;
        return policy == SCHED_FIFO || policy == SCHED_RR || policy == 6 /* SCHED_DEADLINE */;
}

static bool could_suid(const struct ranking *k, const struct denial *d)
{
        uint64_t mode = d->deed.kind == ACT_PATH ? d->deed.b : d->deed.a;

        (void)k;
        if (is_call(d, "openat2"))
                return d->error == ENOSYS;
        return is_call(d, "chmod fchmod fchmodat fchmodat2 mkdir mkdirat mknod mknodat open openat "
                          "creat") &&
               (mode & (S_ISUID | S_ISGID)) != 0;
}

static bool could_bind(const struct ranking *k, const struct denial *d)
{
        bool tcp = (d->deed.b & UINT32_MAX) != SOCK_DGRAM;

        if (d->deed.kind != ACT_BIND)
                return false;
        return (d->deed.a == AF_INET || d->deed.a == AF_INET6) &&
               denies_port(k->v->after, d->deed.a == AF_INET6, tcp, (unsigned)d->deed.c);
}

static bool could_drop(const struct ranking *k, const struct denial *d)
{
        char address[64];

        address_of(d, address, sizeof(address));
        return *address && denies_address(k->v->after, address);
}

static bool could_keep_in(const struct ranking *k, const struct denial *d)
{
        char address[64];

        address_of(d, address, sizeof(address));
        return *address && denies_interface(k->v->after, address);
}

/* Sockets in folders are the same in every network. */
static bool could_part(const struct ranking *k, const struct denial *d)
{
        (void)k;
        return d->deed.a != AF_UNIX || !d->path || *d->path != '/';
}

static bool could_hide_exec(const struct ranking *k, const struct denial *d)
{
        const struct value *v = &k->v->after->settings[D_NoExecPaths].value;

        return !d->path || *d->path != '/' || value_covers(v, d->path);
}

static bool could_node(const struct ranking *k, const struct denial *d)
{
        (void)k;
        return d->deed.kind != ACT_PATH || !d->deed.b || S_ISCHR(d->deed.b) || S_ISBLK(d->deed.b);
}

static const struct {
        enum directive_id directive;
        bool (*could)(const struct ranking *k, const struct denial *d);
} conditions[] = {
        { D_RestrictNamespaces, could_namespaces },
        { D_MemoryDenyWriteExecute, could_wx },
        { D_RestrictRealtime, could_realtime },
        { D_RestrictSUIDSGID, could_suid },
        { D_SocketBindDeny, could_bind },
        { D_SocketBindAllow, could_bind },
        { D_IPAddressDeny, could_drop },
        { D_IPAddressAllow, could_drop },
        { D_RestrictNetworkInterfaces, could_keep_in },
        { D_PrivateNetwork, could_part },
        { D_NetworkNamespacePath, could_part },
        { D_NoExecPaths, could_hide_exec },
        { D_DevicePolicy, could_node },
};

/* Of some refusals the call alone is known: then nothing speaks against a directive. */
static bool is_bare(const struct denial *d)
{
        return d->deed.kind == ACT_CALL || d->deed.kind == ACT_REFUSED || d->deed.kind == ACT_KINDS;
}

/* The limit that a call is about. */
static bool could_limit(enum directive_id id, const struct denial *d)
{
        static const struct {
                enum directive_id directive;
                uint64_t resource;
        } rows[] = { { D_LimitCORE, RLIMIT_CORE },    { D_LimitNOFILE, RLIMIT_NOFILE },
                     { D_LimitNPROC, RLIMIT_NPROC },  { D_LimitMEMLOCK, RLIMIT_MEMLOCK },
                     { D_LimitFSIZE, RLIMIT_FSIZE },  { D_LimitAS, RLIMIT_AS },
                     { D_LimitRTPRIO, RLIMIT_RTPRIO } };

        for (size_t i = 0; i < COUNT(rows); i++)
                if (rows[i].directive == id && d->deed.a != rows[i].resource)
                        return false;
        return true;
}

static bool could(const struct ranking *k, enum directive_id id, const struct denial *d)
{
        if (is_bare(d))
                return true;
        if (is_call(d, "setrlimit prlimit64") && !could_limit(id, d))
                return false;
        for (size_t i = 0; i < COUNT(conditions); i++)
                if (conditions[i].directive == id && !conditions[i].could(k, d))
                        return false;
        return true;
}

/* Those that are seccomp filters, wholly or in part. */
static bool is_filter(enum directive_id id)
{
        static const enum directive_id ids[] = {
                D_SystemCallFilter,      D_SystemCallArchitectures, D_RestrictAddressFamilies,
                D_RestrictNamespaces,    D_MemoryDenyWriteExecute,  D_RestrictRealtime,
                D_RestrictSUIDSGID,      D_LockPersonality,         D_ProtectClock,
                D_ProtectHostname,       D_ProtectKernelLogs,       D_ProtectKernelModules,
                D_ProtectKernelTunables, D_PrivateDevices,
        };

        for (size_t i = 0; i < COUNT(ids); i++)
                if (ids[i] == id)
                        return true;
        return false;
}

/* ---- filters ---- */

/* Nothing says which of them; SystemCallFilter= would have been found. */
static void by_any_filter(struct ranking *k, const struct denial *d)
{
        for (size_t i = 0; i < DIRECTIVE_COUNT; i++) {
                enum directive_id id = (enum directive_id)i;

                if (is_filter(id) && id != D_SystemCallFilter)
                        point(k, id, 40, 0, "a filter refused %s(): %s",
                              d->call ? d->call : "a call", answer(d));
        }
}

static bool newly_denied(const struct ranking *k, const char *call)
{
        return denies_call(k->v->after, call) && !denies_call(k->v->before, call);
}

/* With an error, it may as well be the kernel's own, unless a filter was seen to answer. */
static void by_filter(struct ranking *k, const struct denial *d)
{
        unsigned weight = d->deed.filtered ? 98 : 78;

        if (!d->call)
                return;
        if (!newly_denied(k, d->call)) {
                if (denies_call(k->v->after, d->call) &&
                    denied_call_error(k->v->after, d->call) == d->error &&
                    denied_call_error(k->v->before, d->call) != d->error)
                        point(k, D_SystemCallErrorNumber, 95, BY_LOOSENING,
                              "%s(): %s, which SystemCallErrorNumber= has a filter answer now",
                              d->call, answer(d));
                return;
        }
        if (denied_call_error(k->v->after, d->call) == d->error)
                point(k, D_SystemCallFilter, weight, 0, "%s(): %s, and SystemCallFilter= denies it",
                      d->call, answer(d));
}

static void by_signal(struct ranking *k, const struct denial *d)
{
        const char *call = d->call ? d->call : "a system call";

        if (d->signal != SIGSYS) {
                blame_signal(k, d->signal);
                return;
        }
        by_filter(k, d);
        if (k->best)
                return;
        point(k, D_SystemCallArchitectures, 90, 0,
              "%s() was killed by SIGSYS: the filter permits it, for the native architecture alone",
              call);
        point(k, D_SystemCallFilter, 60, 0, "%s() was killed by SIGSYS", call);
}

/* ---- families ---- */

static void by_family(struct ranking *k, const struct denial *d)
{
        const char *name = d->deed.kind == ACT_SOCKET ? d->path
                                                      : term_name(family_terms, d->deed.a);
        bool socket = d->deed.kind == ACT_SOCKET || d->deed.kind == ACT_BIND ||
                      d->deed.kind == ACT_CONNECT;

        if (d->error != EAFNOSUPPORT)
                return;
        if (!socket || !name)
                point(k, D_RestrictAddressFamilies, 80, 0,
                      "%s(): %s, as for a family that RestrictAddressFamilies= denies",
                      d->call ? d->call : "socket", answer(d));
        else if (denies_family(k->v->after, name) && !denies_family(k->v->before, name))
                point(k, D_RestrictAddressFamilies, 98, 0,
                      "%s was refused, and RestrictAddressFamilies= denies it", name);
}

/* ---- calls ---- */

static void by_call_table(struct ranking *k, const struct denial *d)
{
        static const struct {
                enum operation_id operation;
                int error;
                enum directive_id directive;
                const char *least;
        } rows[] = {
#define CALL(o, e, d, l) { OPERATION_##o, e, D_##d, l },
#define PATH(p, e, d, l)
#include "core/trial/reverse.inc"
#undef PATH
#undef CALL
        };

        for (size_t i = 0; i < COUNT(rows); i++) {
                enum directive_id id = rows[i].directive;
                const struct operation *o = operation_at(rows[i].operation);
                scoped(mem_freep) char *setting = NULL;
                bool sure = d->deed.filtered && is_filter(id);

                if (rows[i].error != d->error || !is_call(d, o->calls) ||
                    (d->deed.filtered && !is_filter(id)) || !could(k, id, d) ||
                    !ranking_at_least(k, id, rows[i].least))
                        continue;
                setting = ranking_setting(k, id);
                point(k, id, sure ? 96 : 91, 0, "%s: %s, which %s answers", o->name, answer(d),
                      setting ? setting : "it");
        }
}

/* Code is not run from file systems that are mounted so; only the mapping itself tells. */
static void by_mapping(struct ranking *k, const struct denial *d)
{
        static const enum directive_id ids[] = { D_NoExecPaths, D_PrivateDevices };

        if (!is_call(d, "mmap mprotect pkey_mprotect") || !(d->deed.a & PROT_EXEC) ||
            d->deed.b & MAP_ANONYMOUS || (d->error != EPERM && d->error != EACCES) ||
            d->deed.filtered)
                return;
        for (size_t i = 0; i < COUNT(ids); i++)
                point(k, ids[i], d->deed.a & PROT_WRITE ? 60 : 88 - (unsigned)i * 4, 0,
                      "a file of a place without execution was to be mapped as code: %s",
                      answer(d));
}

/* ---- capabilities ---- */

/* Some calls need a capability with some arguments only. */
static bool is_needed(const struct denial *d, enum operation_id id)
{
        bool netlink = d->deed.a == AF_NETLINK;

        switch ((int)id) {
        case OPERATION_RAW_SOCKET:
                return d->deed.kind != ACT_SOCKET || d->deed.a == AF_PACKET ||
                       (d->deed.b == SOCK_RAW && !netlink) || d->deed.b == SOCK_PACKET;
        case OPERATION_BIND_LOW:
                return d->deed.kind == ACT_BIND && d->deed.c > 0 && d->deed.c < 1024;
        case OPERATION_NET_ADMIN:
                return !is_call(d, "sendmsg") || netlink;
        case OPERATION_UNSHARE:
                return d->deed.a != CLONE_NEWUSER;
        case OPERATION_MKNOD:
                return could_node(NULL, d);
        case OPERATION_SUID_MODE: /* the bit is dropped without a word */
                return false;
        default:
                return true;
        }
}

static void by_capabilities(struct ranking *k, const struct denial *d)
{
        const char *capability;
        bool narrow;

        if (d->deed.filtered)
                return;
        if (d->capability) {
                blame_needed(k, d->capability, d->call ? d->call : d->capability, answer(d), 96);
                return;
        }
        for (int i = OPERATION_NONE + 1; i < OPERATION_COUNT; i++) {
                enum operation_id id = (enum operation_id)i;
                const struct operation *o = operation_at(id);

                if (o->capability && is_call(d, o->calls) && is_needed(d, id) &&
                    (d->error == o->error || d->error == EPERM))
                        blame_needed(k, o->capability, o->name, answer(d), 90);
        }
        for (size_t i = 0; (capability = denial_place_needs(d, &i, &narrow)); i++)
                blame_needed(k, capability, d->path, answer(d), narrow ? 89 : 71);
}

/* ---- all of it ---- */

static bool has_path(const struct denial *d)
{
        return d->path && *d->path == '/' &&
               (d->deed.kind == ACT_PATH || d->deed.kind == ACT_EXEC ||
                d->deed.kind == ACT_CONNECT || d->deed.kind == ACT_BIND);
}

void blame_seen(struct ranking *k, const struct denial *d)
{
        const struct clue c = { .error = d->error, .path = d->path };

        if (d->signal) {
                by_signal(k, d);
                return;
        }
        by_filter(k, d);
        by_family(k, d);
        by_call_table(k, d);
        by_mapping(k, d);
        if (has_path(d) && !d->deed.filtered)
                blame_path(k, &c);
        by_capabilities(k, d);
        if (k->best == 0 && d->deed.filtered)
                by_any_filter(k, d);
        else if (k->best == 0 && d->deed.had)
                blame_error(k, &c);
}
