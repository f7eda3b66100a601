/* breach.c - the intruder sent in: plain, as the unit stands, and with the changes. */
#include "core/breach/breach.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#define PLAIN_PATH "/run/gird-plain/intruder"

static const uint64_t ALL_TIMEOUT = 60000000, ONE_TIMEOUT = 10000000;

struct run {
        const struct inside_options *o;
        struct stage *stage;
        struct job *job;
};

/* ---- without a sandbox ---- */

static int list_moves(char ***ret)
{
        const struct move *m;
        int r = 0;

        for (size_t i = 0; r == 0 && (m = breach_at(i)); i++)
                r = strv_add(ret, m->name);
        return r;
}

/* A transient unit of root's in the same twin. */
static int run_plain(const struct run *x, struct breach_answers *ret, struct err *e)
{
        scoped(run_result_done) struct run_result result = { 0 };
        scoped(strv_freep) char **argv = NULL;
        int r = inside_put_intruder(x->stage, PLAIN_PATH, e);

        if (r < 0)
                return r;
        r = strv_add(&argv, PLAIN_PATH);
        if (r == 0)
                r = list_moves(&argv);
        if (r < 0)
                return err_set(e, r, "cannot try the moves");
        job_progress(x->job, "trying what the twin itself lets anyone do", NULL);
        r = x->stage->ops->run(x->stage, x->job, argv, ALL_TIMEOUT, &result, e);
        if (r < 0)
                return r;
        x->stage->ops->put(x->stage, PLAIN_PATH, NULL, NULL);
        r = breach_answers_read(ret, result.out);
        return r < 0 ? err_set(e, r, "cannot read the answers") : 0;
}

/* ---- in the sandbox ---- */

static int send(const struct run *x, const struct profile *profile, char *const *words,
                uint64_t timeout, struct inside_result *ret, struct err *e)
{
        struct inside_options o = *x->o;

        o.profile = profile;
        o.argv = NULL;
        o.words = words;
        o.timeout = timeout;
        return inside_run(&o, x->stage, x->job, ret, e);
}

/* What changes the process that does it so that other moves come out otherwise: these go alone. */
static bool goes_alone(const struct move *m)
{
        static const char *const names[] = { "setuid-other", "become-root-in-namespace",
                                             "unshare-user", "setns" };

        for (size_t i = 0; i < COUNT(names); i++)
                if (strcmp(m->name, names[i]) == 0)
                        return true;
        return false;
}

/* What ended the intruder is the answer to the move that it was at. */
static int note_end(struct breach_answers *a, size_t at, const struct inside_result *r)
{
        char text[32];

        if (a->said[at])
                return 0;
        if (strcmp(r->result, "timeout") == 0 || r->code == CLD_EXITED)
                snprintf(text, sizeof(text), "ETIMEDOUT");
        else if (sigabbrev_np(r->status))
                snprintf(text, sizeof(text), "SIG%s", sigabbrev_np(r->status));
        else
                snprintf(text, sizeof(text), "signal %d", r->status);
        a->said[at] = strdup(text);
        return a->said[at] ? 0 : -ENOMEM;
}

/* The moves from at on that are still to be made in one process. */
static int next_words(const struct breach_answers *a, size_t at, char ***ret)
{
        const struct move *m;
        int r = strv_add(ret, "--here");

        for (size_t i = at; r == 0 && (m = breach_at(i)); i++) {
                if (a->said[i])
                        continue;
                if (i > at && goes_alone(m))
                        continue;
                r = strv_add(ret, m->name);
                if (goes_alone(m))
                        break;
        }
        return r;
}

/* Which move a process that ended was at: the first of its list without an answer. */
static size_t stopped_at(const struct breach_answers *a, char *const *words, size_t at)
{
        const struct move *m;

        for (size_t i = at; (m = breach_at(i)); i++)
                if (!a->said[i] && strv_has(words, m->name))
                        return i;
        return breach_size();
}

/* Where it can start no process of its own, the moves are made in a row, each in the service's
 * place; what is killed for one of them is sent in anew for the rest. */
static int send_rest(const struct run *x, const struct profile *profile, struct breach_answers *a,
                     struct err *e)
{
        int r = 0;

        for (size_t at = 0; r == 0 && at < breach_size(); at++) {
                while (r == 0 && !a->said[at]) {
                        scoped(inside_done) struct inside_result result = { 0 };
                        scoped(strv_freep) char **words = NULL;
                        size_t stopped;

                        r = next_words(a, at, &words);
                        if (r == 0)
                                r = send(x, profile, words, ONE_TIMEOUT, &result, e);
                        if (r == 0 && result.why)
                                return 0; /* it was let the first time: nothing more is known */
                        if (r == 0)
                                r = breach_answers_read(a, result.out);
                        stopped = r == 0 ? stopped_at(a, words, at) : breach_size();
                        if (stopped < breach_size())
                                r = note_end(a, stopped, &result);
                }
        }
        return r;
}

static bool is_whole(const struct breach_answers *a)
{
        for (size_t i = 0; i < breach_size(); i++)
                if (!a->said[i])
                        return false;
        return true;
}

static bool is_empty(const struct breach_answers *a)
{
        for (size_t i = 0; i < breach_size(); i++)
                if (a->said[i])
                        return false;
        return true;
}

/* *ret_why: nothing can be started there. */
static int run_inside(const struct run *x, const struct profile *profile, struct breach_answers *a,
                      char **ret_why, struct err *e)
{
        scoped(inside_done) struct inside_result result = { 0 };
        scoped(strv_freep) char **words = NULL;
        int r = list_moves(&words);

        if (r == 0)
                r = send(x, profile, words, ALL_TIMEOUT, &result, e);
        if (r == 0)
                r = breach_answers_read(a, result.out);
        if (r == 0 && result.why)
                *ret_why = take(result.why);
        else if (r == 0 && is_empty(a) && strcmp(result.result, "timeout") == 0)
                r = err_say(
                        e, -ETIMEDOUT,
                        "nothing was heard of the intruder in the place of %s: the twin may not "
                        "do without that unit",
                        x->o->unit->unit);
        else if (r == 0 && !is_whole(a))
                r = send_rest(x, profile, a, e);
        return r < 0 && e && !e->code ? err_set(e, r, "cannot read the answers") : r;
}

/* ---- all of it ---- */

static bool has_file(void *userdata, const char *path)
{
        struct stage *stage = userdata;
        scoped(mem_freep) char *whole = text_format("%s%s", stage->ops->root(stage), path);
        struct stat st;

        return whole && lstat(whole, &st) == 0;
}

int breach_run(const struct inside_options *o, const struct sandbox *after, struct stage *stage,
               struct job *job, struct breach *ret, struct err *e)
{
        struct run x = { .o = o, .stage = stage, .job = job };
        scoped(breach_answers_done) struct breach_answers plain = { 0 };
        scoped(breach_answers_done) struct breach_answers as_is = { 0 };
        scoped(breach_answers_done) struct breach_answers changed = { 0 };
        scoped(mem_freep) char *why_before = NULL;
        scoped(mem_freep) char *why_after = NULL;
        struct breach_evidence evidence = { .plain = &plain,
                                            .before = &as_is,
                                            .after = after ? &changed : NULL,
                                            .unit = o->unit,
                                            .changed = after,
                                            .dialect = o->dialect,
                                            .there = has_file,
                                            .userdata = stage };
        int r;

        if (breach_answers_new(&plain) < 0 || breach_answers_new(&as_is) < 0 ||
            breach_answers_new(&changed) < 0)
                return err_set(e, -ENOMEM, "cannot try the moves");
        r = run_plain(&x, &plain, e);
        if (r == 0)
                r = run_inside(&x, NULL, &as_is, &why_before, e);
        if (r == 0 && after)
                r = run_inside(&x, o->profile, &changed, &why_after, e);
        if (r < 0)
                return r;
        evidence.limits = stage->ops->limits(stage, &evidence.limit_count);
        r = breach_judge(&evidence, ret);
        if (r < 0)
                return err_set(e, r, "cannot judge the answers");
        ret->why_before = take(why_before);
        ret->why_after = take(why_after);
        return 0;
}
