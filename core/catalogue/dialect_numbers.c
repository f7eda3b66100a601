/* dialect_numbers.c - system calls by name and number. */
#include "core/catalogue/dialect.h"

#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

/* libseccomp's numbers are x86-64's.  Elsewhere the kernel headers of the build machine say
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

static int by_name(const void *key, const void *entry)
{
        return strcmp(key, *(const char *const *)entry);
}

int syscall_index(const char *name)
{
        const void *found = bsearch(name, calls, COUNT(calls), sizeof(calls[0]), by_name);

        return found ? (int)(((const char *)found - (const char *)calls) / (long)sizeof(calls[0]))
                     : -1;
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
