/* denial.c - refusals: what they hold, what they are called, and which of them count. */
#include "core/trial/denial_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

void denial_done(struct denial *d)
{
        free(d->path);
        free(d->call);
        free(d->capability);
        free(d->process);
        free(d->message);
        free(d->key);
        free(d->accepted);
        *d = (struct denial){ .deed.kind = ACT_KINDS, .directive = DIRECTIVE_COUNT };
}

void denials_free(struct denial *list, size_t count)
{
        for (size_t i = 0; i < count; i++)
                denial_done(&list[i]);
        free(list);
}

void denials_done(struct denials *d)
{
        denials_free(d->list, d->count);
        *d = (struct denials){ 0 };
}

static int copy_text(const char *from, char **to)
{
        *to = from ? strdup(from) : NULL;
        return from && !*to ? -ENOMEM : 0;
}

int denial_copy(const struct denial *d, struct denial *ret)
{
        struct denial own = *d;
        int r = copy_text(d->path, &own.path);

        r |= copy_text(d->call, &own.call);
        r |= copy_text(d->capability, &own.capability);
        r |= copy_text(d->process, &own.process);
        r |= copy_text(d->message, &own.message);
        r |= copy_text(d->key, &own.key);
        r |= copy_text(d->accepted, &own.accepted);
        if (r) {
                denial_done(&own);
                return -ENOMEM;
        }
        *ret = own;
        return 0;
}

/* ---- names ---- */

static void add_what(struct text *t, const struct denial *d)
{
        const char *error = d->error ? errno_name(d->error) : NULL;

        if (d->signal)
                text_addf(t, "SIG%s", sigabbrev_np(d->signal) ? sigabbrev_np(d->signal) : "?");
        else if (error)
                text_add(t, error);
        else if (d->error)
                text_addf(t, "E%d", d->error);
        else
                text_add(t, "silent");
}

int denial_name(struct denial *d)
{
        struct text t = { 0 };
        scoped(mem_freep) char *path = d->path ? denial_path(d->path) : NULL;
        scoped(mem_freep) char *raw = NULL;
        char *key;

        if (d->path && !path)
                return -ENOMEM;
        add_what(&t, d);
        if (d->capability)
                text_addf(&t, " %s", d->capability);
        if (d->call)
                text_addf(&t, " %s", d->call);
        if (path)
                text_addf(&t, " %s%s", path,
                          d->deed.flags & ACT_GENERAL && *path == '/' ? "/#" : "");
        if (!d->call && !path && !d->capability && d->process)
                text_addf(&t, " %s", d->process);
        else if (!d->call && !path && !d->capability && d->message) {
                scoped(mem_freep) char *normal = message_normal(d->message);

                text_addf(&t, " %s", normal ? normal : "");
                t.failed = t.failed || !normal;
        }
        raw = text_take(&t);
        key = raw ? text_printable_dup(raw) : NULL;
        if (!key)
                return -ENOMEM;
        free(d->key);
        d->key = key;
        return 0;
}

int denials_accept(const struct profile *p, struct denial *list, size_t count)
{
        for (size_t i = 0; i < count; i++) {
                const char *reason = list[i].key ? profile_accepts(p, list[i].key) : NULL;
                char *own = reason ? strdup(reason) : NULL;

                if (reason && !own)
                        return -ENOMEM;
                free(list[i].accepted);
                list[i].accepted = own;
        }
        return 0;
}

/* ---- lists ---- */

static struct denial *find_key(struct denials *in, const char *key)
{
        for (size_t i = 0; i < in->count; i++)
                if (strcmp(in->list[i].key, key) == 0)
                        return &in->list[i];
        return NULL;
}

/* Two of one name: what the first did not know is taken from the second. */
static void absorb(struct denial *into, struct denial *from)
{
        into->count = into->count || from->count ? into->count + from->count : 0;
        into->deed.had |= from->deed.had;
        into->deed.filtered |= from->deed.filtered;
        into->deed.seen |= from->deed.seen;
        if (from->after && (!into->after || from->after < into->after))
                into->after = from->after;
        if (!into->process)
                into->process = take(from->process);
        denial_done(from);
}

int denials_add(struct denials *to, struct denial *d)
{
        struct denial *same, *longer;
        int r = denial_name(d);

        if (r < 0) {
                denial_done(d);
                return r;
        }
        same = find_key(to, d->key);
        if (same || to->count >= DENIAL_CANDIDATES) {
                if (same)
                        absorb(same, d);
                else
                        denial_done(d);
                return 0;
        }
        longer = reallocarray(to->list, to->count + 1, sizeof(*longer));
        if (!longer) {
                denial_done(d);
                return -ENOMEM;
        }
        to->list = longer;
        longer[to->count++] = *d;
        *d = (struct denial){ .deed.kind = ACT_KINDS, .directive = DIRECTIVE_COUNT };
        return 0;
}

int denials_append(struct denials *from, struct denial **list, size_t *count)
{
        struct denial *longer;

        if (from->count == 0)
                return 0;
        longer = reallocarray(*list, *count + from->count, sizeof(*longer));
        if (!longer)
                return -ENOMEM;
        *list = longer;
        memcpy(longer + *count, from->list, from->count * sizeof(*longer));
        *count += from->count;
        free(from->list);
        *from = (struct denials){ 0 };
        return 0;
}

/* ---- which count ---- */

static bool is_evidence(const struct denial *d)
{
        if (d->directive != DIRECTIVE_COUNT || d->source == DENIAL_ASKED)
                return true;
        if (d->signal)
                return d->signal != SIGKILL; /* many are killed so by their own */
        if (!denial_error_is_hard(d->error))
                return false;
        return d->source == DENIAL_SAID || d->deed.had;
}

/* The last one that is kept stands for the rest. */
static int tell_of_rest(struct denial *last, size_t rest)
{
        char *message = text_format("and %zu more refusals, which are not listed", rest);
        char *key = strdup("more");

        if (!message || !key) {
                free(message);
                free(key);
                return -ENOMEM;
        }
        denial_done(last);
        last->message = message;
        last->key = key;
        last->count = rest;
        return 0;
}

int denials_sift(struct denial *list, size_t *count)
{
        size_t keep = 0;
        int r = 0;

        for (size_t i = 0; i < *count; i++) {
                struct denial d = list[i];

                if (is_evidence(&d))
                        list[keep++] = d;
                else
                        denial_done(&d);
        }
        if (keep > DENIAL_LIMIT) {
                r = tell_of_rest(&list[DENIAL_LIMIT - 1], keep - DENIAL_LIMIT + 1);
                for (size_t i = DENIAL_LIMIT; i < keep; i++)
                        denial_done(&list[i]);
                keep = DENIAL_LIMIT;
        }
        *count = keep;
        return r;
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
                               "directive caused";
        return NULL;
}
