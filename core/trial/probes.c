/* probes.c - does the unit still do its work: the probes of a trial, and its listeners. */
#include "core/trial/trial_private.h"

#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int ask(struct rehearsal *r, const char *probe, bool *ok, char **said, struct err *e)
{
        struct probe_place where = { .stage = r->stage,
                                     .job = r->job,
                                     .manager = r->manager,
                                     .unit = r->unit,
                                     .cursor = r->cursor,
                                     .timeout = r->probe_timeout };

        free(*said);
        *said = NULL;
        *ok = false;
        return probe_ask_twice(&where, probe, ok, said, e);
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
        k = ask(r, p->command, &ok, &said, e);
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
        k = ask(r, p->command, &p->trial_ok, &p->said, e);
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
