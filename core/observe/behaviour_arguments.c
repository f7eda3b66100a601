/* behaviour_arguments.c - arguments of system calls in words. */
#include "core/observe/behaviour_private.h"

#include "core/base/base.h"
#include "core/base/text.h"
#include "core/catalogue/dialect.h"

#include <inttypes.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>

static void say_namespaces(struct text *t, uint64_t flags)
{
        const char *between = "";
        uint64_t flag = 0;
        const char *name;

        for (size_t i = 0; (name = namespace_name(i, &flag)); i++)
                if (flags & flag) {
                        text_addf(t, "%s%s namespace", between, name);
                        between = ", ";
                        flags &= ~flag;
                }
        if (flags)
                text_addf(t, "%s0x%" PRIx64, between, flags);
        else if (!*between)
                text_add(t, "no namespace");
}

static void say_protection(struct text *t, uint64_t prot)
{
        static const struct {
                uint64_t bit;
                const char *word;
        } words[] = { { PROT_READ, "read" }, { PROT_WRITE, "write" }, { PROT_EXEC, "execute" } };
        const char *between = "";

        for (size_t i = 0; i < COUNT(words); i++)
                if (prot & words[i].bit) {
                        text_addf(t, "%s%s", between, words[i].word);
                        between = "+";
                        prot &= ~words[i].bit;
                }
        if (prot)
                text_addf(t, "%s0x%" PRIx64, between, prot);
        else if (!*between)
                text_add(t, "nothing");
}

static void say_mode(struct text *t, uint64_t mode)
{
        text_addf(t, "mode %04" PRIo64, mode);
}

static void say_id(struct text *t, uint64_t id)
{
        if (id >= UINT32_MAX)
                text_add(t, "unchanged");
        else
                text_addf(t, "%" PRIu64, id);
}

static void say_signal(struct text *t, uint64_t number)
{
        const char *name = number < 128 ? sigabbrev_np((int)number) : NULL;

        text_addf(t, "%s", number == 0 ? "no signal, only asked" : name ? "SIG" : "signal ");
        if (name)
                text_add(t, name);
        else if (number)
                text_addf(t, "%" PRIu64, number);
}

static void say_term(struct text *t, const struct term *terms, uint64_t number)
{
        const char *name = term_name(terms, number);

        if (name)
                text_add(t, name);
        else
                text_addf(t, number < 10 ? "%" PRIu64 : "0x%" PRIx64, number);
}

static void say_family(struct text *t, uint64_t family)
{
        say_term(t, family_terms, family);
}

static void say_type(struct text *t, uint64_t type)
{
        say_term(t, type_terms, type);
}

static void say_policy(struct text *t, uint64_t policy)
{
        static const struct term terms[] = {
                { "SCHED_OTHER", SCHED_OTHER },
                { "SCHED_FIFO", SCHED_FIFO },
                { "SCHED_RR", SCHED_RR },
                { "SCHED_BATCH", SCHED_BATCH },
                { "SCHED_IDLE", SCHED_IDLE },
                { "SCHED_DEADLINE", 6 },
                { NULL, 0 },
        };

        say_term(t, terms, policy & ~(uint64_t)0x40000000); /* SCHED_RESET_ON_FORK */
}

static void say_option(struct text *t, uint64_t option)
{
        static const struct term terms[] = {
                { "PR_SET_PDEATHSIG", PR_SET_PDEATHSIG },
                { "PR_SET_DUMPABLE", PR_SET_DUMPABLE },
                { "PR_SET_KEEPCAPS", PR_SET_KEEPCAPS },
                { "PR_SET_NAME", PR_SET_NAME },
                { "PR_SET_SECCOMP", PR_SET_SECCOMP },
                { "PR_CAPBSET_READ", PR_CAPBSET_READ },
                { "PR_CAPBSET_DROP", PR_CAPBSET_DROP },
                { "PR_GET_SECUREBITS", PR_GET_SECUREBITS },
                { "PR_SET_SECUREBITS", PR_SET_SECUREBITS },
                { "PR_SET_TIMERSLACK", PR_SET_TIMERSLACK },
                { "PR_SET_MM", PR_SET_MM },
                { "PR_SET_CHILD_SUBREAPER", PR_SET_CHILD_SUBREAPER },
                { "PR_SET_NO_NEW_PRIVS", PR_SET_NO_NEW_PRIVS },
                { "PR_GET_NO_NEW_PRIVS", PR_GET_NO_NEW_PRIVS },
                { "PR_CAP_AMBIENT", PR_CAP_AMBIENT },
                { NULL, 0 },
        };

        say_term(t, terms, option);
}

/* Which argument of which call is what. */
/* clang-format off */
static const struct {
        const char *call;
        size_t which;
        void (*say)(struct text *t, uint64_t number);
} rows[] = {
        { "unshare",   0, say_namespaces }, { "clone",     0, say_namespaces },
        { "clone3",    0, say_namespaces }, { "setns",     0, say_namespaces },
        { "mmap",      0, say_protection }, { "mprotect",  0, say_protection },
        { "pkey_mprotect", 0, say_protection }, { "remap_file_pages", 0, say_protection },
        { "open",      0, say_mode }, { "openat",    0, say_mode }, { "openat2",   0, say_mode },
        { "creat",     0, say_mode }, { "mkdir",     0, say_mode }, { "mkdirat",   0, say_mode },
        { "mknod",     0, say_mode }, { "mknodat",   0, say_mode }, { "chmod",     0, say_mode },
        { "fchmod",    0, say_mode }, { "fchmodat",  0, say_mode }, { "fchmodat2", 0, say_mode },
        { "umask",     0, say_mode }, { "mq_open",   1, say_mode },
        { "socket",    0, say_family }, { "socketpair", 0, say_family },
        { "socket",    1, say_type },   { "socketpair", 1, say_type },
        { "setuid",    0, say_id }, { "setgid",    0, say_id },
        { "setreuid",  0, say_id }, { "setreuid",  1, say_id },
        { "setregid",  0, say_id }, { "setregid",  1, say_id },
        { "setresuid", 0, say_id }, { "setresuid", 1, say_id }, { "setresuid", 2, say_id },
        { "setresgid", 0, say_id }, { "setresgid", 1, say_id }, { "setresgid", 2, say_id },
        { "setfsuid",  0, say_id }, { "setfsgid",  0, say_id },
        { "kill",      0, say_signal }, { "tkill",   0, say_signal },
        { "tgkill",    0, say_signal }, { "rt_sigqueueinfo", 0, say_signal },
        { "rt_tgsigqueueinfo", 0, say_signal }, { "pidfd_send_signal", 0, say_signal },
        { "sched_setscheduler", 0, say_policy }, { "sched_setattr", 0, say_policy },
        { "prctl",     0, say_option },
};
/* clang-format on */

void argument_words(struct text *t, const char *call, size_t which, uint64_t number)
{
        for (size_t i = 0; call && i < COUNT(rows); i++)
                if (rows[i].which == which && strcmp(rows[i].call, call) == 0) {
                        rows[i].say(t, number);
                        return;
                }
        if (number < 10)
                text_addf(t, "%" PRIu64, number);
        else
                text_addf(t, "0x%" PRIx64, number);
}
