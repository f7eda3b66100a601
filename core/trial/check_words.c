/* check_words.c - words of a profile that no vocabulary has. */
#include "core/trial/check_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <string.h>

enum { FILE_SYSTEMS_LIMIT = 1 << 20 };

int check_caps(struct checking *c)
{
        uint64_t known = c->dialect->last_cap >= 63 ? UINT64_MAX
                                                    : (1ULL << (c->dialect->last_cap + 1)) - 1;

        if (c->change->value.set && c->change->directive == D_AmbientCapabilities &&
            (c->change->value.bits & ~known))
                return check_report(c, false,
                                    "%s=: the kernel does not know all of these capabilities",
                                    c->name);
        return 0;
}

/* Groups hold calls of every architecture, so a name that stands in one is right. */
static bool is_in_a_group(const struct dialect *d, const char *name)
{
        for (const struct syscall_group *g = d->groups; g && g->name; g++)
                for (const char *const *m = g->members; *m; m++)
                        if (strcmp(*m, name) == 0)
                                return true;
        return false;
}

int check_calls(struct checking *c)
{
        for (char **word = c->change->value.words; word && *word; word++) {
                scoped(mem_freep) char *name = strndup(*word, strcspn(*word, ":"));
                int r = 0;

                if (!name)
                        return -ENOMEM;
                if (name[0] == '@' ? !dialect_group(c->dialect, name)
                                   : syscall_number(name) < 0 && !is_in_a_group(c->dialect, name))
                        r = check_report(
                                c, false,
                                "%s=: there is no system call or group \"%s\"; systemd skips it",
                                c->name, name);
                if (r < 0)
                        return r;
        }
        return 0;
}

int check_families(struct checking *c)
{
        for (char **word = c->change->value.words; word && *word; word++) {
                int r = 0;

                if (!family_canonical(*word))
                        r = check_report(c, false,
                                         "%s=: there is no address family \"%s\"; systemd skips it",
                                         c->name, *word);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* File systems that systemd knows by number; others are dropped without a message. */
static bool is_file_system(const struct checking *c, const char *name)
{
        static const char *const known[] = {
#include "core/trial/file_systems.inc"
        };
        scoped(mem_freep) char *text = NULL;
        scoped(strv_freep) char **words = NULL;

        for (size_t i = 0; i < COUNT(known); i++)
                if (strcmp(known[i], name) == 0)
                        return true;
        return read_in_root(c->root, "/proc/filesystems", FILE_SYSTEMS_LIMIT, &text) >= 0 &&
               strv_split(text, " \t\n", &words) >= 0 && strv_has(words, name);
}

int check_polar(struct checking *c)
{
        if (c->change->directive != D_RestrictFileSystems)
                return 0;
        for (char **word = c->change->value.words; word && *word; word++) {
                int r = 0;

                if (**word != '@' && !is_file_system(c, *word))
                        r = check_report(
                                c, false,
                                "%s=: there is no file system \"%s\"; systemd skips it without a "
                                "message",
                                c->name, *word);
                if (r < 0)
                        return r;
        }
        return 0;
}

int check_names(struct checking *c)
{
        static const char *const architectures = " native alpha arc-be arm arm64 cris ia64 "
                                                 "loongarch64 m68k mips mips-le mips64 mips64-le "
                                                 "mips64-le-n32 mips64-n32 parisc parisc64 ppc "
                                                 "ppc-le ppc64 ppc64-le riscv32 riscv64 s390 s390x "
                                                 "sh sh64 sparc sparc64 tilegx x32 x86 x86-64 ";
        static const char *const bits =
                " keep-caps keep-caps-locked no-setuid-fixup no-setuid-fixup-locked "
                "noroot noroot-locked ";
        const char *vocabulary = c->change->directive == D_SystemCallArchitectures ? architectures
                                 : c->change->directive == D_SecureBits            ? bits
                                                                                   : NULL;

        for (char **word = c->change->value.words; word && *word; word++) {
                scoped(mem_freep) char *padded = text_format(" %s ", *word);
                int r = 0;

                if (!padded)
                        return -ENOMEM;
                if (c->change->directive == D_SupplementaryGroups)
                        r = check_account(c, *word, true);
                else if (vocabulary && !strstr(vocabulary, padded))
                        r = check_report(c, false, "%s=: systemd does not know \"%s\" and skips it",
                                         c->name, *word);
                if (r < 0)
                        return r;
        }
        return 0;
}

int check_text(struct checking *c)
{
        const char *word = c->change->value.words ? c->change->value.words[0] : NULL;

        if (c->change->directive != D_SystemCallErrorNumber || !word || strcmp(word, "kill") == 0)
                return 0;
        if (errno_number(word) >= 0 || check_is_number(word))
                return 0;
        return check_report(c, false, "%s=: there is no error \"%s\"; systemd skips it", c->name,
                            word);
}
