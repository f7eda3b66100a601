/* denial.c - what the trial was refused and the baseline was not. */
#include "core/trial/trial_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { DENIAL_LIMIT = 64 };

void denials_free(struct denial *d, size_t count)
{
        for (size_t i = 0; i < count; i++) {
                free(d[i].path);
                free(d[i].call);
                free(d[i].message);
        }
        free(d);
}

static int normal_set(const struct journal *j, char ***ret)
{
        scoped(strv_freep) char **set = NULL;

        for (size_t i = 0; i < j->count; i++) {
                scoped(mem_freep) char *normal = message_normal(
                        j->lines[i].message ? j->lines[i].message : "");
                int r = normal ? 0 : -ENOMEM;

                if (r == 0 && !strv_has(set, normal))
                        r = strv_add(&set, normal);
                if (r < 0)
                        return r;
        }
        *ret = take(set);
        return 0;
}

static int add(struct denial **list, size_t *count, struct clue *c, const char *message)
{
        struct denial *longer = realloc(*list, (*count + 1) * sizeof(*longer));
        struct denial *d;

        if (!longer)
                return -ENOMEM;
        *list = longer;
        d = &longer[*count];
        *d = (struct denial){ .error = c->error,
                              .signal = c->signal,
                              .directive = DIRECTIVE_COUNT };
        d->message = strdup(message);
        if (!d->message)
                return -ENOMEM;
        (*count)++;
        d->path = take(c->path);
        d->call = take(c->call);
        if (!d->call && operation_at(c->operation)->name)
                d->call = strdup(operation_at(c->operation)->name);
        return 0;
}

/* Takes up one line if it tells of a refusal that is in none of seen. */
static int consider(const char *message, char ***seen, struct denial **list, size_t *count)
{
        scoped(clue_done) struct clue clue = { 0 };
        scoped(mem_freep) char *normal = NULL;
        int r = clue_read(message, &clue);

        if (r <= 0)
                return r;
        normal = message_normal(message);
        if (!normal)
                return -ENOMEM;
        if (strv_has(*seen, normal))
                return 0;
        r = strv_add(seen, normal);
        return r < 0 ? r : add(list, count, &clue, message);
}

int denials_find(const struct journal *baseline, const struct journal *tried, struct denial **ret,
                 size_t *ret_count)
{
        scoped(strv_freep) char **seen = NULL;
        struct denial *list = NULL;
        size_t count = 0;
        int r = normal_set(baseline, &seen);

        for (size_t i = 0; r >= 0 && i < tried->count && count < DENIAL_LIMIT; i++)
                if (tried->lines[i].message)
                        r = consider(tried->lines[i].message, &seen, &list, &count);
        if (r < 0) {
                denials_free(list, count);
                return r;
        }
        *ret = list;
        *ret_count = count;
        return 0;
}

const char *stage_exhausted(const struct run *r, const struct sandbox *after)
{
        if (strcmp(r->state.result, "oom-kill") == 0 &&
            !(after && after->settings[D_MemoryMax].value.set))
                return "the stage ran out of memory, which no directive caused";
        for (size_t i = 0; i < r->journal.count; i++)
                if (r->journal.lines[i].message &&
                    strcasestr(r->journal.lines[i].message, strerrordesc_np(ENOSPC)))
                        return "the stage ran out of space (\"No space left on device\"), which no "
                               "directive "
                               "caused";
        return NULL;
}
