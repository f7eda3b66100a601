/* denial_said.c - refusals that the journal and log files tell of. */
#include "core/trial/denial_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

/* ---- seen and said is one ---- */

/* A path of a message may be written otherwise than the kernel has it: a link, a relative one. */
static bool same_path(const char *said, const char *seen)
{
        scoped(mem_freep) char *x = denial_path(said), *y = denial_path(seen);
        const char *name = x ? strrchr(x, '/') : NULL, *other = y ? strrchr(y, '/') : NULL;

        if (!x || !y)
                return false;
        return strcmp(x, y) == 0 || (name && other && name[1] && strcmp(name, other) == 0);
}

static bool same_refusal(const struct denial *seen, const struct clue *c)
{
        const char *calls = operation_at(c->operation)->calls;
        const char *call = c->call;
        bool path = seen->path && *seen->path == '/';

        if (seen->source != DENIAL_SEEN || (c->signal != seen->signal) ||
            (!c->signal && c->error != seen->error))
                return false;
        if (call)
                return seen->call && strcmp(call, seen->call) == 0;
        if (c->path && path)
                return same_path(c->path, seen->path);
        if (c->operation != OPERATION_NONE && seen->call)
                return denial_listed(calls, seen->call);
        return c->signal != 0 || (!c->path && c->operation == OPERATION_NONE);
}

static struct denial *find_seen(struct denial *list, size_t count, const struct clue *c)
{
        for (size_t i = 0; i < count; i++)
                if (same_refusal(&list[i], c))
                        return &list[i];
        return NULL;
}

bool denial_is_quoted(const struct denial *d)
{
        return d->source == DENIAL_SEEN && d->message && strstr(d->message, ": \"");
}

/* The sentence of what was seen gains the first line that says it. */
static int quote(struct denial *d, const char *line)
{
        enum { ROOM = 300 };
        char words[ROOM];
        char *both;

        if (denial_is_quoted(d))
                return 0;
        text_printable(words, sizeof(words), line);
        both = text_format("%s: \"%s\"", d->message, words);
        if (!both)
                return -ENOMEM;
        free(d->message);
        d->message = both;
        return 0;
}

/* ---- lines ---- */

static int add(struct denial **list, size_t *count, struct clue *c, const char *message,
               const char *process)
{
        struct denial d = { .source = DENIAL_SAID,
                            .deed.kind = ACT_KINDS,
                            .error = c->error,
                            .signal = c->signal,
                            .directive = DIRECTIVE_COUNT };
        const char *call = c->call ? c->call : operation_at(c->operation)->name;
        struct denial *longer;
        int r = 0;

        d.path = take(c->path);
        d.message = strdup(message);
        d.call = call ? strdup(call) : NULL;
        d.process = process ? strdup(process) : NULL;
        if (!d.message || (call && !d.call) || (process && !d.process))
                r = -ENOMEM;
        if (r == 0)
                r = denial_name(&d);
        longer = r == 0 ? reallocarray(*list, *count + 1, sizeof(*longer)) : NULL;
        if (!longer) {
                denial_done(&d);
                return -ENOMEM;
        }
        *list = longer;
        longer[(*count)++] = d;
        return 0;
}

/* Takes up one line if it tells of a refusal that is in none of the lines before. */
static int consider(const struct journal_line *line, char ***before, struct denial **list,
                    size_t *count)
{
        scoped(clue_done) struct clue clue = { 0 };
        scoped(mem_freep) char *normal = NULL;
        struct denial *seen;
        int r = clue_read(line->message, &clue);

        if (r <= 0)
                return r;
        normal = message_normal(line->message);
        if (!normal)
                return -ENOMEM;
        if (strv_has(*before, normal))
                return 0;
        r = strv_add(before, normal);
        if (r < 0)
                return r;
        seen = find_seen(*list, *count, &clue);
        if (seen)
                return quote(seen, line->message);
        return add(list, count, &clue, line->message, line->identifier);
}

int denials_find(const struct journal *baseline, const struct journal *tried, struct denial **list,
                 size_t *count)
{
        scoped(strv_freep) char **before = NULL;
        size_t limit = *count + DENIAL_LIMIT;
        int r = normal_set(baseline, &before);

        for (size_t i = 0; r >= 0 && i < tried->count && *count < limit; i++)
                if (tried->lines[i].message)
                        r = consider(&tried->lines[i], &before, list, count);
        return r;
}
