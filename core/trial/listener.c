/* listener.c - which listeners of the baseline are missing. */
#include "core/trial/trial_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RANGE_LIMIT = 4096 };

struct port_range port_range_of(const char *root)
{
        struct port_range range = { 32768, 60999 }; /* Linux's own default */
        scoped(mem_freep) char *text = NULL;
        unsigned first, last;

        if (read_in_root(root, "/proc/sys/net/ipv4/ip_local_port_range", RANGE_LIMIT, &text) >= 0 &&
            sscanf(text, "%u %u", &first, &last) == 2 && first <= last && last <= 65535)
                range = (struct port_range){ first, last };
        return range;
}

/* The port of "tcp 0.0.0.0:80", if the kernel chose it; 0 otherwise. */
static unsigned ephemeral_port(const char *listener, struct port_range range)
{
        const char *colon = strrchr(listener, ':');
        unsigned long port;

        if (!colon || text_starts(listener, "unix"))
                return 0;
        port = strtoul(colon + 1, NULL, 10);
        return port >= range.first && port <= range.last ? (unsigned)port : 0;
}

/* Whether two listeners differ only in a port that the kernel chose. */
static bool same_address(const char *a, const char *b, struct port_range range)
{
        size_t n = (size_t)(strrchr(a, ':') ? strrchr(a, ':') - a : 0);

        return n && ephemeral_port(a, range) && ephemeral_port(b, range) && strncmp(a, b, n) == 0 &&
               b[n] == ':' && !strchr(b + n + 1, ':');
}

static bool is_back(const char *listener, char *const *tried, struct port_range range)
{
        scoped(mem_freep) char *normal = message_normal(listener);

        if (strv_has(tried, listener))
                return true;
        for (; tried && *tried; tried++) {
                scoped(mem_freep) char *other = NULL;

                if (same_address(listener, *tried, range))
                        return true;
                if (!text_starts(listener, "unix"))
                        continue;
                other = message_normal(*tried); /* names that hold a process id */
                if (normal && other && strcmp(normal, other) == 0)
                        return true;
        }
        return false;
}

int listeners_lost(char *const *baseline, char *const *tried, struct port_range ephemeral,
                   char ***ret)
{
        scoped(strv_freep) char **lost = NULL;

        for (; baseline && *baseline; baseline++) {
                int r = is_back(*baseline, tried, ephemeral) ? 0 : strv_add(&lost, *baseline);

                if (r < 0)
                        return r;
        }
        *ret = take(lost);
        return 0;
}
