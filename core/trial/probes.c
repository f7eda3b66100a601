/* probes.c - does the unit still do its work: the probes of a trial, and its listeners. */
#include "core/trial/trial_private.h"

#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum { SECOND_TRY = 500000, SAID_ROOM = 200 };

/* The last line that is not empty, of errors rather than of output. */
static char *last_line(const struct run_result *r)
{
        const char *from[] = { r->errors, r->out };

        for (size_t i = 0; i < COUNT(from); i++) {
                size_t end = from[i] ? strlen(from[i]) : 0;
                size_t start;

                while (end > 0 && strchr(" \t\r\n", from[i][end - 1]))
                        end--;
                for (start = end; start > 0 && from[i][start - 1] != '\n'; start--)
                        ;
                if (end - start > SAID_ROOM)
                        end = start + SAID_ROOM;
                if (end > start)
                        return strndup(from[i] + start, end - start);
        }
        return r->code == CLD_EXITED && r->status == 0 ? strdup("")
                                                       : exit_words(r->code, r->status);
}

/* 0: it ran, *ok says how; 1: not within its time; -ECANCELED and other faults go up. */
static int run_once(struct rehearsal *r, const char *command, bool *ok, char **said, struct err *e)
{
        char *argv[] = { (char *)"/bin/sh", (char *)"-c", (char *)command, NULL };
        scoped(run_result_done) struct run_result result = { 0 };
        int k = r->stage->ops->run(r->stage, r->job, argv, r->probe_timeout, &result, e);

        free(*said);
        *said = NULL;
        *ok = false;
        if (k == -ETIMEDOUT) {
                *said = text_format("it did not end within %llu s",
                                    (unsigned long long)(r->probe_timeout / 1000000));
                return *said ? 1 : -ENOMEM;
        }
        if (k < 0)
                return k;
        *ok = result.code == CLD_EXITED && result.status == 0;
        *said = last_line(&result);
        return *said ? 0 : -ENOMEM;
}

/* A service may be a moment slower than its probe, so a failure is looked at twice. */
static int run_probe(struct rehearsal *r, const char *command, bool *ok, char **said, struct err *e)
{
        int k;

        job_progress(r->job, "probing", command);
        k = run_once(r, command, ok, said, e);
        if (k != 0 || *ok)
                return k < 0 ? k : 0;
        k = job_pause(r->job, SECOND_TRY);
        if (k >= 0)
                k = run_once(r, command, ok, said, e);
        return k < 0 ? k : 0;
}

static struct probe_result *add(struct trial *t, const char *command)
{
        struct probe_result *longer = realloc(t->probes, (t->probe_count + 1) * sizeof(*longer));
        char *copy = strdup(command);

        if (longer)
                t->probes = longer;
        if (!longer || !copy) {
                free(copy);
                return NULL;
        }
        longer[t->probe_count] = (struct probe_result){ .command = copy };
        return &longer[t->probe_count++];
}

/* Without changes.  A probe that failed at first is asked no more, one that fails later is not
 * asked then with the changes either. */
static int ask_baseline(struct rehearsal *r, struct trial *t, size_t i, enum moment moment,
                        struct err *e)
{
        scoped(mem_freep) char *said = NULL;
        struct probe_result *p;
        bool ok = false;
        int k;

        if (moment == MOMENT_UP && !add(t, r->o->profile->probes[i]))
                return err_set(e, -ENOMEM, "cannot run the probes");
        p = &t->probes[i];
        if (moment != MOMENT_UP && !p->baseline_ok)
                return 0;
        k = run_probe(r, p->command, &ok, &said, e);
        if (k < 0)
                return k;
        if (ok)
                p->passed |= 1U << moment;
        if (moment == MOMENT_UP) {
                p->baseline_ok = ok;
                p->said = take(said);
        } else if (!ok)
                return strv_addf(&t->notes,
                                 "the probe \"%s\" fails without changes too once it was %s, so "
                                 "it does not count then: %s",
                                 p->command, moment_name(moment), said);
        return 0;
}

static int ask_trial(struct rehearsal *r, struct trial *t, size_t i, enum moment moment,
                     struct err *e)
{
        struct probe_result *p = &t->probes[i];
        bool goes_on = moment == MOMENT_UP || (p->trial_ran && p->trial_ok);
        int k;

        if (!(p->passed & 1U << moment) || !goes_on)
                return 0;
        p->trial_ran = true;
        k = run_probe(r, p->command, &p->trial_ok, &p->said, e);
        if (k >= 0 && !p->trial_ok)
                p->failed = moment;
        return k;
}

int probes_run(struct rehearsal *r, struct trial *t, bool baseline, enum moment moment,
               struct err *e)
{
        size_t count = strv_length(r->o->profile->probes);
        int k = 0;

        for (size_t i = 0; k >= 0 && i < count; i++)
                k = baseline ? ask_baseline(r, t, i, moment, e) : ask_trial(r, t, i, moment, e);
        return k;
}

int probes_builtin(struct trial *t, char *const *lost)
{
        for (char **listener = t->baseline.listeners; listener && *listener; listener++) {
                struct text words = { 0 };
                char *command;
                struct probe_result *p;

                text_addf(&words, "listens again on %s", *listener);
                command = text_take(&words);
                p = command ? add(t, command) : NULL;
                free(command);
                if (!p)
                        return -ENOMEM;
                p->builtin = true;
                p->baseline_ok = true;
                p->trial_ran = true;
                p->trial_ok = !strv_has(lost, *listener);
                p->said = strdup(p->trial_ok ? "" : "it does not");
                if (!p->said)
                        return -ENOMEM;
        }
        return 0;
}
