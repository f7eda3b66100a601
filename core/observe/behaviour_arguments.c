/* behaviour_arguments.c - arguments of system calls in words. */
#include "core/observe/behaviour_private.h"

#include "core/base/base.h"
#include "core/base/text.h"
#include "core/catalogue/dialect.h"

#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>

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
        if (flags || !*between)
                text_addf(t, "%s0x%" PRIx64, between, flags);
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
        if (prot || !*between)
                text_addf(t, "%s0x%" PRIx64, between, prot);
}

static void say_mode(struct text *t, uint64_t mode)
{
        text_addf(t, "mode %04" PRIo64, mode);
}

static void say_family(struct text *t, uint64_t family)
{
        const char *name = term_name(family_terms, family);

        if (name)
                text_add(t, name);
        else
                text_addf(t, "%" PRIu64, family);
}

/* Which argument of which call is what. */
static const struct {
        const char *call;
        size_t which;
        void (*say)(struct text *t, uint64_t number);
} rows[] = {
        { "unshare", 0, say_namespaces },
        { "clone", 0, say_namespaces },
        { "clone3", 0, say_namespaces },
        { "setns", 0, say_namespaces },
        { "mmap", 0, say_protection },
        { "mprotect", 0, say_protection },
        { "pkey_mprotect", 0, say_protection },
        { "chmod", 0, say_mode },
        { "fchmod", 0, say_mode },
        { "fchmodat", 0, say_mode },
        { "fchmodat2", 0, say_mode },
        { "mknod", 0, say_mode },
        { "mknodat", 0, say_mode },
        { "socketpair", 0, say_family },
};

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
