/* behaviour_sessions.c - times of watching: added, summed up, and whole behaviours merged. */
#include "core/observe/behaviour_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <string.h>

static int copy_text(const char *text, char **ret)
{
        *ret = text ? strdup(text) : NULL;
        return text && !*ret ? -ENOMEM : 0;
}

int session_copy(const struct session *s, struct session *ret)
{
        struct session copy = *s;
        int r;

        copy.stage = copy.when = copy.systemd = copy.kernel = NULL;
        copy.probes = copy.notes = NULL;
        r = copy_text(s->stage, &copy.stage);
        if (r == 0)
                r = copy_text(s->when, &copy.when);
        if (r == 0)
                r = copy_text(s->systemd, &copy.systemd);
        if (r == 0)
                r = copy_text(s->kernel, &copy.kernel);
        if (r == 0)
                r = strv_copy(s->probes, &copy.probes);
        if (r == 0)
                r = strv_copy(s->notes, &copy.notes);
        if (r < 0) {
                session_done(&copy);
                return r;
        }
        *ret = copy;
        return 0;
}

int behaviour_add_session(struct behaviour *b, struct session *s)
{
        struct session *longer = reallocarray(b->sessions, b->session_count + 1, sizeof(*longer));

        if (!longer) {
                session_done(s);
                return -ENOMEM;
        }
        b->sessions = longer;
        b->sessions[b->session_count++] = *s;
        *s = (struct session){ 0 };
        return 0;
}

/* How many of the session's probes no earlier one ran. */
static size_t new_probes(const struct behaviour *b, size_t session)
{
        size_t n = 0;

        for (char **probe = b->sessions[session].probes; probe && *probe; probe++) {
                bool known = false;

                for (char **same = b->sessions[session].probes; same < probe; same++)
                        known = known || strcmp(*same, *probe) == 0;
                for (size_t i = 0; i < session && !known; i++)
                        known = strv_has(b->sessions[i].probes, *probe);
                n += !known;
        }
        return n;
}

void behaviour_coverage(const struct behaviour *b, struct coverage *ret)
{
        struct coverage c = { .sessions = b->session_count, .capabilities = b->session_count > 0 };

        for (size_t i = 0; i < b->session_count; i++) {
                const struct session *s = &b->sessions[i];
                double seconds = (double)s->seconds_x1000 / 1000;
                bool live = s->stage && strcmp(s->stage, "live") == 0;

                c.seconds += seconds;
                c.live_seconds += live ? seconds : 0;
                c.live = c.live || live;
                c.twin = c.twin || (s->stage && strcmp(s->stage, "twin") == 0);
                c.events = count_sum(c.events, s->events);
                c.lost = count_sum(c.lost, s->lost);
                c.processes = count_sum(c.processes, s->processes);
                c.execs = count_sum(c.execs, s->execs);
                c.probes += new_probes(b, i);
                c.startup = c.startup || s->seen & SEEN_STARTUP;
                c.steady = c.steady || s->seen & SEEN_STEADY;
                c.reload = c.reload || s->seen & SEEN_RELOAD;
                c.stop = c.stop || s->seen & SEEN_STOP;
                c.capabilities = c.capabilities && s->capabilities;
        }
        *ret = c;
}

/* ---- many sessions ---- */

enum { SESSIONS_KEPT = 100, WORDS_KEPT = 100 };

static bool same_text(const char *a, const char *b)
{
        return a && b ? strcmp(a, b) == 0 : a == b;
}

static int add_words(char ***list, char *const *more)
{
        int r = 0;

        for (; r == 0 && more && *more && strv_length(*list) < WORDS_KEPT; more++)
                if (!strv_has(*list, *more))
                        r = strv_add(list, *more);
        return r;
}

/* The times of both as one, that began with the first. */
static int absorb_session(struct session *into, struct session *from)
{
        int r = add_words(&into->probes, from->probes);

        if (r == 0)
                r = add_words(&into->notes, from->notes);
        if (r < 0)
                return r;
        into->seconds_x1000 = count_sum(into->seconds_x1000, from->seconds_x1000);
        into->events = count_sum(into->events, from->events);
        into->lost = count_sum(into->lost, from->lost);
        into->processes = count_sum(into->processes, from->processes);
        into->execs = count_sum(into->execs, from->execs);
        into->seen |= from->seen;
        into->capabilities = into->capabilities && from->capabilities;
        session_done(from);
        return 0;
}

int tidy_sessions(struct behaviour *b)
{
        while (b->session_count > SESSIONS_KEPT) {
                size_t into = 0, from = 0;
                int r;

                /* Of three there are two on the same kind of stage. */
                while (from == 0) {
                        for (size_t i = into + 1; i < b->session_count && from == 0; i++)
                                if (same_text(b->sessions[i].stage, b->sessions[into].stage))
                                        from = i;
                        if (from == 0 && ++into == b->session_count)
                                return 0;
                }
                r = absorb_session(&b->sessions[into], &b->sessions[from]);
                if (r < 0)
                        return r;
                b->session_count--;
                memmove(&b->sessions[from], &b->sessions[from + 1],
                        (b->session_count - from) * sizeof(*b->sessions));
        }
        return 0;
}

/* ---- merging ---- */

/* The names that b has not yet, as what it would become. */
static int adopt_names(struct behaviour *b, const struct behaviour *other)
{
        scoped(mem_freep) char *binary = NULL;
        scoped(mem_freep) char *version = NULL;
        int r = b->binary ? 0 : copy_text(other->binary, &binary);

        if (r == 0 && !b->version)
                r = copy_text(other->version, &version);
        if (r < 0)
                return r;
        if (!b->binary)
                b->binary = take(binary);
        if (!b->version)
                b->version = take(version);
        return 0;
}

int behaviour_merge(struct behaviour *b, const struct behaviour *other)
{
        size_t acts = other->act_count, sessions = other->session_count;
        int r;

        if (strcmp(b->unit, other->unit) != 0)
                return -EINVAL;
        if (b->version && other->version && strcmp(b->version, other->version) != 0)
                return 1;
        r = adopt_names(b, other);
        for (size_t i = 0; r == 0 && i < sessions; i++) {
                struct session copy = { 0 };

                r = session_copy(&other->sessions[i], &copy);
                if (r == 0)
                        r = behaviour_add_session(b, &copy);
        }
        for (size_t i = 0; r == 0 && i < acts; i++) {
                struct act copy = { 0 };

                r = act_copy(&other->acts[i], &copy);
                if (r == 0)
                        r = behaviour_add(b, &copy);
        }
        return r;
}
