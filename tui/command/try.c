/* try.c - gird try: start a unit with changes in a twin, and say what happened. */
#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/attempt.h"
#include "tui/command/command.h"
#include "tui/command/report.h"
#include "tui/observing.h"

#include <errno.h>
#include <stdio.h>

/* The changes on the command line, else the unit's last profile. */
static int find_profile(struct context *c, const struct sandbox *s, struct profile **ret,
                        struct err *e)
{
        int r;

        if (c->args->on[OPT_OBSERVED])
                return observing_profile(c, s, ret, e);
        r = context_profile(c, s, ret, e);
        if (r <= 0)
                return r;
        r = store_get_profile(&c->store, s->unit, &c->dialect, ret, e);
        if (r > 0)
                return err_say(
                        e, -ENODATA,
                        "no change to try on %s: give -p DIRECTIVE=VALUE, --profile FILE, or "
                        "--observed after `gird observe %s`",
                        s->unit, s->unit);
        for (char **probe = c->args->probes; r == 0 && probe && *probe; probe++)
                if (!strv_has((*ret)->probes, *probe))
                        r = strv_add(&(*ret)->probes, *probe);
        return r;
}

static int status_of(const struct arguments *a, enum verdict v)
{
        switch (v) {
        case VERDICT_HELD:
                return STATUS_DONE;
        case VERDICT_BENT:
                return a->on[OPT_ACCEPT_BENT] ? STATUS_DONE : STATUS_NO;
        case VERDICT_BROKE:
                return STATUS_NO;
        case VERDICT_BASELINE_FAILED:
        case VERDICT_FLAKY:
        case VERDICT_NOT_TRIED:
                break;
        }
        return STATUS_CANNOT;
}

static int try_one(struct context *c, const char *word, struct json *array)
{
        scoped(sandbox_freep) struct sandbox *s = NULL;
        scoped(profile_freep) struct profile *p = NULL;
        scoped(attempt_done) struct attempt attempt = { 0 };
        struct err e = { 0 };
        int r = context_unit(c, word, &s, &e);

        if (r >= 0)
                r = find_profile(c, s, &p, &e);
        for (char **pair = c->args->accept; r == 0 && pair && *pair; pair++)
                r = profile_accept_word(p, *pair, &e);
        if (r == -ENODATA || r == -EINVAL || r == -EOPNOTSUPP) {
                complain(&e);
                return STATUS_USAGE;
        }
        if (r == 0)
                r = attempt_try(c, s, p, &attempt, &e);
        if (r != 0)
                return complain(&e);
        if (array)
                json_append(array,
                            report_trial_json(c, &attempt.trial, p, attempt.before, attempt.after));
        else if (c->args->json) {
                if (report_json(
                            report_trial_json(c, &attempt.trial, p, attempt.before, attempt.after)))
                        return STATUS_CANNOT;
        } else
                report_trial(c, &attempt.trial, p, attempt.before, attempt.after);
        return status_of(c->args, attempt.trial.verdict);
}

int command_try(struct arguments *a)
{
        scoped(context_close) struct context c = CONTEXT_NONE;
        struct json *array = a->json && a->operand_count > 1 ? json_array() : NULL;
        struct err e = { 0 };
        int status = STATUS_DONE;

        if (context_open(&c, a, &e) < 0 || context_learn(&c, &e) < 0 || context_know(&c, &e) < 0) {
                json_free(array);
                return complain(&e);
        }
        c.job.progress = report_progress;
        c.job.userdata = &c;
        for (size_t i = 0; i < a->operand_count && !c.job.cancelled; i++) {
                int one = try_one(&c, a->operands[i], array);

                if (one > status)
                        status = one;
        }
        if (array && report_json(array) != STATUS_DONE)
                status = STATUS_CANNOT;
        return status;
}
