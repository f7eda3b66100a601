/* seccomp_rules.c - arguments that directives refuse. */
#include "core/forms/seccomp_rules.h"

#include "core/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>

enum { WX = PROT_WRITE | PROT_EXEC, SUIDS = S_ISUID | S_ISGID, FAMILY_LAST = 45 };

const char *compare_name(enum compare c)
{
        static const char *const names[] = {
                [COMPARE_EQ] = "SCMP_CMP_EQ",
                [COMPARE_NE] = "SCMP_CMP_NE",
                [COMPARE_LT] = "SCMP_CMP_LT",
                [COMPARE_GT] = "SCMP_CMP_GT",
                [COMPARE_MASKED] = "SCMP_CMP_MASKED_EQ",
        };

        return names[c];
}

void rules_done(struct rules *r)
{
        free(r->list);
}

bool rules_about(const struct rules *r, const char *call)
{
        for (size_t i = 0; i < r->count; i++)
                if (strcmp(r->list[i].call, call) == 0)
                        return true;
        return false;
}

static int add(struct rules *r, const struct rule *rule)
{
        struct rule *more = reallocarray(r->list, r->count + 1, sizeof(*more));

        if (!more)
                return -ENOMEM;
        r->list = more;
        r->list[r->count++] = *rule;
        return 0;
}

/* ---- yes or no ---- */

#define ARG(i, o, ...)                                                                             \
        {                                                                                          \
                .index = (i), .op = COMPARE_##o, __VA_ARGS__                                       \
        }
#define MASKED(i, mask, rest) ARG(i, MASKED, .value = (mask), .two = (rest))
#define ONE(c, e, ...)                                                                             \
        {                                                                                          \
                .call = (c), .error = (e), .count = 1, .args = { __VA_ARGS__ }                     \
        }
#define TWO(c, e, ...)                                                                             \
        {                                                                                          \
                .call = (c), .error = (e), .count = 2, .args = { __VA_ARGS__ }                     \
        }
#define NEVER(c, e)                                                                                \
        {                                                                                          \
                .call = (c), .error = (e)                                                          \
        }
/* Refuses a mode that would set a user or group, at that argument. */
#define MODE(c, i)                                                                                 \
        ONE(c, 0, MASKED(i, SUIDS, 0)), ONE(c, EPERM, MASKED(i, S_ISUID, S_ISUID)),                \
                ONE(c, EPERM, MASKED(i, S_ISGID, S_ISGID))
/* The same of a call that makes a file only if its flags say so. */
#define OPENS(c, flags, mode)                                                                      \
        ONE(c, 0, MASKED(mode, SUIDS, 0)), ONE(c, 0, MASKED(flags, O_CREAT, 0)),                   \
                TWO(c, EPERM, MASKED(flags, O_CREAT, O_CREAT), MASKED(mode, S_ISUID, S_ISUID)),    \
                TWO(c, EPERM, MASKED(flags, O_CREAT, O_CREAT), MASKED(mode, S_ISGID, S_ISGID))

/* clang-format off */
static const struct {
        enum directive_id id;
        struct rule rule;
} rows[] = {
        { D_LockPersonality, ONE("personality", 0, ARG(0, EQ, .value = 0)) },
        { D_LockPersonality, ONE("personality", EPERM, ARG(0, NE, .value = 0)) },

        { D_MemoryDenyWriteExecute, ONE("mmap", 0, MASKED(2, WX, 0)) },
        { D_MemoryDenyWriteExecute, ONE("mmap", 0, MASKED(2, WX, PROT_WRITE)) },
        { D_MemoryDenyWriteExecute, ONE("mmap", 0, MASKED(2, WX, PROT_EXEC)) },
        { D_MemoryDenyWriteExecute, ONE("mmap", EPERM, MASKED(2, WX, WX)) },
        { D_MemoryDenyWriteExecute, ONE("mprotect", 0, MASKED(2, PROT_EXEC, 0)) },
        { D_MemoryDenyWriteExecute, ONE("mprotect", EPERM, MASKED(2, PROT_EXEC, PROT_EXEC)) },
        { D_MemoryDenyWriteExecute, ONE("pkey_mprotect", 0, MASKED(2, PROT_EXEC, 0)) },
        { D_MemoryDenyWriteExecute, ONE("pkey_mprotect", EPERM, MASKED(2, PROT_EXEC, PROT_EXEC)) },
        { D_MemoryDenyWriteExecute, ONE("shmat", 0, MASKED(2, SHM_EXEC, 0)) },
        { D_MemoryDenyWriteExecute, ONE("shmat", EPERM, MASKED(2, SHM_EXEC, SHM_EXEC)) },

        { D_RestrictRealtime, ONE("sched_setscheduler", 0, ARG(1, EQ, .value = SCHED_OTHER)) },
        { D_RestrictRealtime, ONE("sched_setscheduler", 0, ARG(1, EQ, .value = SCHED_BATCH)) },
        { D_RestrictRealtime, ONE("sched_setscheduler", 0, ARG(1, EQ, .value = SCHED_IDLE)) },
        { D_RestrictRealtime, ONE("sched_setscheduler", EPERM, ARG(1, EQ, .value = SCHED_FIFO)) },
        { D_RestrictRealtime, ONE("sched_setscheduler", EPERM, ARG(1, EQ, .value = SCHED_RR)) },
        { D_RestrictRealtime, ONE("sched_setscheduler", EPERM, ARG(1, EQ, .value = 4)) },
        { D_RestrictRealtime, ONE("sched_setscheduler", EPERM, ARG(1, GT, .value = SCHED_IDLE)) },
};

static const struct rule no_suid[] = {
        MODE("chmod", 1), MODE("fchmod", 1), MODE("fchmodat", 2), MODE("fchmodat2", 2),
        MODE("mkdir", 1), MODE("mkdirat", 2), MODE("mknod", 1), MODE("mknodat", 2), MODE("creat", 1),
        OPENS("open", 1, 2), OPENS("openat", 2, 3),
        NEVER("openat2", ENOSYS), /* its arguments lie behind a pointer */
};
/* clang-format on */

static int make_switches(const struct sandbox *s, struct rules *ret)
{
        int r = 0;

        for (size_t i = 0; i < COUNT(rows) && r == 0; i++)
                if (setting_yes(s, rows[i].id))
                        r = add(ret, &rows[i].rule);
        for (size_t i = 0; i < COUNT(no_suid) && r == 0; i++)
                if (setting_yes(s, D_RestrictSUIDSGID))
                        r = add(ret, &no_suid[i]);
        return r;
}

/* ---- address families ---- */

/* clang-format off */
static const struct {
        const char *name;
        unsigned number;
} families[] = {
        { "AF_UNIX", 1 },       { "AF_INET", 2 },      { "AF_AX25", 3 },      { "AF_IPX", 4 },
        { "AF_APPLETALK", 5 },  { "AF_NETROM", 6 },    { "AF_BRIDGE", 7 },    { "AF_ATMPVC", 8 },
        { "AF_X25", 9 },        { "AF_INET6", 10 },    { "AF_ROSE", 11 },     { "AF_DECnet", 12 },
        { "AF_NETBEUI", 13 },   { "AF_SECURITY", 14 }, { "AF_KEY", 15 },      { "AF_NETLINK", 16 },
        { "AF_PACKET", 17 },    { "AF_ASH", 18 },      { "AF_ECONET", 19 },   { "AF_ATMSVC", 20 },
        { "AF_RDS", 21 },       { "AF_SNA", 22 },      { "AF_IRDA", 23 },     { "AF_PPPOX", 24 },
        { "AF_WANPIPE", 25 },   { "AF_LLC", 26 },      { "AF_IB", 27 },       { "AF_MPLS", 28 },
        { "AF_CAN", 29 },       { "AF_TIPC", 30 },     { "AF_BLUETOOTH", 31 }, { "AF_IUCV", 32 },
        { "AF_RXRPC", 33 },     { "AF_ISDN", 34 },     { "AF_PHONET", 35 },   { "AF_IEEE802154", 36 },
        { "AF_CAIF", 37 },      { "AF_ALG", 38 },      { "AF_NFC", 39 },      { "AF_VSOCK", 40 },
        { "AF_KCM", 41 },       { "AF_QIPCRTR", 42 },  { "AF_SMC", 43 },      { "AF_XDP", 44 },
        { "AF_MCTP", 45 },
};
/* clang-format on */

static const char *name_of(unsigned family)
{
        for (size_t i = 0; i < COUNT(families); i++)
                if (families[i].number == family)
                        return families[i].name;
        return NULL;
}

static int add_family(struct rules *ret, unsigned family, enum compare op, int error)
{
        struct rule rule = { .call = "socket",
                             .error = error,
                             .count = 1,
                             .args = { { .index = 0, .op = op, .value = family } } };

        return add(ret, &rule);
}

static int make_families(const struct value *v, struct rules *ret)
{
        int r = 0;

        if (!v->set)
                return 0;
        if (v->allow && (!v->words || !*v->words))
                return add(ret, &(struct rule)NEVER("socket", EAFNOSUPPORT));
        for (unsigned i = 0; i <= FAMILY_LAST && r == 0; i++) {
                const char *name = name_of(i);
                bool named = name && strv_has(v->words, name);

                r = add_family(ret, i, COMPARE_EQ, named == v->allow ? 0 : EAFNOSUPPORT);
        }
        /* Families to come: an allow-list leaves them out, a deny-list lets them in. */
        if (r == 0)
                r = add_family(ret, FAMILY_LAST, COMPARE_GT, v->allow ? EAFNOSUPPORT : 0);
        return r;
}

/* ---- namespaces ---- */

static int add_masked(struct rules *ret, const char *call, unsigned index, uint64_t mask,
                      uint64_t rest, int error)
{
        struct rule rule = { .call = call,
                             .error = error,
                             .count = 1,
                             .args = { { index, COMPARE_MASKED, mask, rest } } };

        return add(ret, &rule);
}

static int make_namespaces(const struct value *v, const struct dialect *dialect, struct rules *ret)
{
        uint64_t all = namespace_all(dialect), flag = 0, denied = v->set ? all & ~v->bits : 0;
        int r = 0;

        if (!denied)
                return 0;
        r = add(ret, &(struct rule)NEVER("clone3", ENOSYS)); /* flags behind a pointer */
        if (r == 0)
                r = add_masked(ret, "clone", 0, denied, 0, 0);
        if (r == 0)
                r = add_masked(ret, "unshare", 0, denied, 0, 0);
        if (r == 0 && denied == all)
                r = add(ret, &(struct rule)NEVER("setns", EPERM));
        for (size_t i = 0; namespace_name(i, &flag) && r == 0; i++) {
                if (denied & flag)
                        r = add_masked(ret, "clone", 0, flag, flag, EPERM);
                if (r == 0 && denied & flag)
                        r = add_masked(ret, "unshare", 0, flag, flag, EPERM);
                /* setns() names one kind, or 0 for any, which could be a denied one. */
                if (r == 0 && denied != all)
                        r = add(ret, &(struct rule)ONE("setns", denied & flag ? EPERM : 0,
                                                       ARG(1, EQ, .value = flag)));
        }
        if (r == 0 && denied != all)
                r = add(ret, &(struct rule)ONE("setns", EPERM, ARG(1, EQ, .value = 0)));
        return r;
}

/* ---- tables of calls ---- */

/* clang-format off */
static const struct {
        const char *word, *table;
} architectures[] = {
        { "x86-64", "SCMP_ARCH_X86_64" }, { "x86", "SCMP_ARCH_X86" },     { "x32", "SCMP_ARCH_X32" },
        { "arm64", "SCMP_ARCH_AARCH64" }, { "arm", "SCMP_ARCH_ARM" },     { "ppc64-le", "SCMP_ARCH_PPC64LE" },
        { "ppc64", "SCMP_ARCH_PPC64" },   { "ppc", "SCMP_ARCH_PPC" },     { "s390x", "SCMP_ARCH_S390X" },
        { "s390", "SCMP_ARCH_S390" },     { "riscv64", "SCMP_ARCH_RISCV64" },
        { "mips64-le", "SCMP_ARCH_MIPSEL64" }, { "mips-le", "SCMP_ARCH_MIPSEL" },
        { "mips64", "SCMP_ARCH_MIPS64" }, { "mips", "SCMP_ARCH_MIPS" },
        { "mips64-n32", "SCMP_ARCH_MIPS64N32" }, { "mips64-le-n32", "SCMP_ARCH_MIPSEL64N32" },
};
/* clang-format on */

#if defined(__x86_64__)
static const char *const local[] = { "x86-64", "x86", "x32" };
#elif defined(__aarch64__)
static const char *const local[] = { "arm64", "arm" };
#elif defined(__riscv)
static const char *const local[] = { "riscv64" };
#elif defined(__s390x__)
static const char *const local[] = { "s390x", "s390" };
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
static const char *const local[] = { "ppc64-le" };
#elif defined(__i386__)
static const char *const local[] = { "x86" };
#else
static const char *const local[] = { "arm" };
#endif

/* The native one is always among them: a filter that kills its own program is none. */
static void make_tables(const struct value *v, struct rules *ret)
{
        size_t n = 0;

        for (size_t i = 0; i < COUNT(local); i++)
                for (size_t k = 0; k < COUNT(architectures); k++)
                        if (strcmp(architectures[k].word, local[i]) == 0 &&
                            (i == 0 || !v->set || strv_has(v->words, local[i])))
                                ret->tables[n++] = architectures[k].table;
        ret->many_tables = n > 1 && rules_about(ret, "socket");
}

int rules_make(const struct sandbox *s, const struct dialect *dialect, struct rules *ret)
{
        int r = make_switches(s, ret);

        if (r == 0)
                r = make_families(&s->settings[D_RestrictAddressFamilies].value, ret);
        if (r == 0)
                r = make_namespaces(&s->settings[D_RestrictNamespaces].value, dialect, ret);
        make_tables(&s->settings[D_SystemCallArchitectures].value, ret);
        return r;
}
