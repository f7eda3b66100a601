/* dialect_numbers.c - system calls by name and number. */
#include "core/catalogue/dialect.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

/* Left out are four calls of other architectures that libseccomp learnt late (atomic_barrier,
 * atomic_cmpxchg_32, getpagesize, riscv_hwprobe): with them a filter read from a manager with
 * an older libseccomp would differ from its own groups.  They have no number here anyway.
 *
 * libseccomp's numbers are x86-64's.  Elsewhere the kernel headers of the build machine say
 * them: a macro that is not defined there stays a name, which is no digit. */
#if defined(__x86_64__) && !defined(__ILP32__)
#define SYSCALL(call, x86_64) { #call, x86_64, "" },
#else
#define TEXT_OF(token)        #token
#define EXPAND(token)         TEXT_OF(token)
#define SYSCALL(call, x86_64) { #call, -1, EXPAND(__NR_##call) },
#endif

static const struct {
        const char *name;
        int number;
        const char *text;
} calls[] = {
#include "core/catalogue/syscall_numbers.inc"
};

/* Calls that libseccomp learnt after 2.5.1, the oldest that was looked at. */
/* clang-format off */
static const struct {
        const char *name;
        unsigned since;
} late[] = {
        { "cachestat", 20504 }, { "fchmodat2", 20504 }, { "file_getattr", 20601 },
        { "file_setattr", 20601 }, { "futex_requeue", 20504 }, { "futex_wait", 20504 },
        { "futex_waitv", 20504 }, { "futex_wake", 20504 }, { "getxattrat", 20600 },
        { "listmount", 20600 }, { "listxattrat", 20600 }, { "lsm_get_self_attr", 20600 },
        { "lsm_list_modules", 20600 }, { "lsm_set_self_attr", 20600 },
        { "map_shadow_stack", 20504 }, { "mseal", 20600 }, { "open_tree_attr", 20601 },
        { "removexattrat", 20600 }, { "set_mempolicy_home_node", 20504 }, { "setxattrat", 20600 },
        { "statmount", 20600 }, { "uretprobe", 20600 },
};
/* clang-format on */

static int by_name(const void *key, const void *entry)
{
        return strcmp(key, *(const char *const *)entry);
}

const char *syscall_spelling(const char *name)
{
        return strcmp(name, "sys_debug_setcontext") == 0 ? "switch_endian" : name;
}

int syscall_index(const char *name)
{
        const void *found = bsearch(syscall_spelling(name), calls, COUNT(calls), sizeof(calls[0]),
                                    by_name);

        return found ? (int)(((const char *)found - (const char *)calls) / (long)sizeof(calls[0]))
                     : -1;
}

bool dialect_knows_call(const struct dialect *d, const char *name)
{
        for (size_t i = 0; d->seccomp && i < COUNT(late); i++)
                if (d->seccomp < late[i].since && strcmp(late[i].name, name) == 0)
                        return false;
        return syscall_index(name) >= 0;
}

/* "libseccomp.so.2.5.4" -> 20504; 0: another file. */
static unsigned release_of(const char *name)
{
        static const char prefix[] = "libseccomp.so.";
        unsigned parts[3] = { 0 };

        if (strncmp(name, prefix, sizeof(prefix) - 1) != 0)
                return 0;
        name += sizeof(prefix) - 1;
        for (size_t i = 0; i < COUNT(parts); i++) {
                char *end = NULL;

                if (*name < '0' || *name > '9')
                        return 0;
                parts[i] = (unsigned)strtoul(name, &end, 10);
                if (parts[i] > 99 || (*end && *end != '.'))
                        return 0;
                name = *end ? end + 1 : end;
        }
        return *name ? 0 : parts[0] * 10000 + parts[1] * 100 + parts[2];
}

int dialect_find_seccomp(struct dialect *d, const char *root)
{
        /* Where distributions keep it; with several architectures, the first that is there. */
        static const char *const folders[] = {
                "/usr/lib/x86_64-linux-gnu",
                "/usr/lib/aarch64-linux-gnu",
                "/lib/x86_64-linux-gnu",
                "/lib/aarch64-linux-gnu",
                "/usr/lib64",
                "/usr/lib",
                "/lib64",
                "/lib",
        };

        for (size_t i = 0; i < COUNT(folders); i++) {
                scoped(mem_freep) char *path = text_format("%s%s", root ? root : "", folders[i]);
                scoped(dir_closep) DIR *dir = path ? opendir(path) : NULL;
                unsigned newest = 0;

                if (!path)
                        return -ENOMEM;
                for (struct dirent *entry; dir && (entry = readdir(dir));) {
                        unsigned release = release_of(entry->d_name);

                        newest = release > newest ? release : newest;
                }
                if (newest) {
                        d->seccomp = newest;
                        return 0;
                }
        }
        return 1;
}

static int number_at(size_t i)
{
        if (calls[i].text[0] >= '0' && calls[i].text[0] <= '9')
                return (int)strtol(calls[i].text, NULL, 0);
        return calls[i].number < 0 ? -1 : calls[i].number;
}

int syscall_number(const char *name)
{
        int i = syscall_index(name);

        return i < 0 ? -1 : number_at((size_t)i);
}

const char *syscall_name(int number)
{
        for (size_t i = 0; number >= 0 && i < COUNT(calls); i++)
                if (number_at(i) == number)
                        return calls[i].name;
        return NULL;
}

const char *syscall_at(size_t i)
{
        return i < COUNT(calls) ? calls[i].name : NULL;
}
