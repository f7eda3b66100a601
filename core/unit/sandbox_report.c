/* sandbox_report.c - what a manager makes of the values of a file before it reports them. */
#include "core/unit/sandbox.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/unit/sandbox_prefix.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct member {
        struct prefix prefix;
        size_t at; /* in the list */
};

/* What covers a prefix comes before it, with nothing else but covered ones between. */
static int by_address(const void *a, const void *b)
{
        const struct member *x = a, *y = b;
        int order = x->prefix.family - y->prefix.family;

        if (order == 0)
                order = memcmp(x->prefix.bytes, y->prefix.bytes, sizeof(x->prefix.bytes));
        if (order == 0)
                order = (int)x->prefix.length - (int)y->prefix.length;
        if (order == 0)
                order = (x->at > y->at) - (x->at < y->at);
        return order;
}

static void drop_nulls(char **words, size_t count)
{
        size_t kept = 0;

        for (size_t i = 0; i < count; i++)
                if (words[i])
                        words[kept++] = words[i];
        words[kept] = NULL;
}

static int drop_covered(char **words)
{
        size_t count = strv_length(words), n = 0;
        scoped(mem_freep) struct member *members = calloc(count + 1, sizeof(*members));
        const struct prefix *last = NULL;

        if (!members)
                return -ENOMEM;
        for (size_t i = 0; i < count; i++) {
                members[n].at = i;
                if (prefix_parse(words[i], &members[n].prefix))
                        n++;
        }
        qsort(members, n, sizeof(*members), by_address);
        for (size_t i = 0; i < n; i++) {
                if (!last || !prefix_covers(last, &members[i].prefix)) {
                        last = &members[i].prefix;
                        continue;
                }
                free(words[members[i].at]);
                words[members[i].at] = NULL;
        }
        drop_nulls(words, count);
        return 0;
}

static void drop_own_errnos(char **words)
{
        size_t count = strv_length(words);

        for (size_t i = 0; i < count; i++)
                if (strchr(words[i], ':')) {
                        free(words[i]);
                        words[i] = NULL;
                }
        drop_nulls(words, count);
}

int sandbox_as_reported(struct sandbox *s, const struct dialect *manager)
{
        static const enum directive_id prefixes[] = { D_IPAddressAllow, D_IPAddressDeny };
        struct value *filter = &s->settings[D_SystemCallFilter].value;
        int r = 0;

        if (filter->allow && filter->words && version_at_least(manager->version, 252, 0))
                drop_own_errnos(filter->words);
        for (size_t i = 0; i < COUNT(prefixes) && r >= 0; i++) {
                char **words = s->settings[prefixes[i]].value.words;

                if (words && !version_at_least(manager->version, 250, 0))
                        r = drop_covered(words);
        }
        return r;
}
