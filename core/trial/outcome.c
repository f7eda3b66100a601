/* outcome.c - what became of a start, in words. */
#include "core/trial/trial_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* systemd's results that are no process's own doing. */
static const struct {
        const char *result, *words;
} results[] = {
        { "protocol", "it did not do what its Type= promises: no PID file, no process left, or no "
                      "word to systemd" },
        { "watchdog", "it did not report to the watchdog in time" },
        { "oom-kill", "the kernel killed it because memory ran out" },
        { "resources", "systemd could not get what it needs for starting it" },
        { "start-limit-hit", "it was started too often in a short time" },
        { "dependency", "a unit that it needs failed" },
        { "assert", "an Assert…= of the unit is not met" },
        { "unsupported", "systemd does not support this kind of unit here" },
        { "canceled", "another job took its place" },
        { "invalid", "systemd refuses the unit's settings" },
        { "collected", "the unit went away" },
        { "once", "it was started once already" },
};

static const char *find_words(const char *result)
{
        for (size_t i = 0; result && i < COUNT(results); i++)
                if (strcmp(results[i].result, result) == 0)
                        return results[i].words;
        return NULL;
}

static const char *exec_of(const struct sandbox *unit, const char *key)
{
        for (size_t i = 0; i < unit->facts.exec_count; i++)
                if (strcmp(unit->facts.exec[i].key, key) == 0)
                        return unit->facts.exec[i].line;
        return NULL;
}

static void add_end(struct text *t, const struct run *r, const struct sandbox *unit)
{
        scoped(mem_freep) char *words = NULL;
        int code = 0, status = 0;

        if (!run_exit(r, &code, &status)) {
                text_add(t, "systemd does not say why");
                return;
        }
        if (control_failed(r)) {
                const char *line = exec_of(unit, r->state.control_key);

                text_addf(t, "%s=%s failed: ", r->state.control_key, line ? line : "");
        }
        words = exit_words(code, status);
        text_add(t, words ? words : "it ended");
}

static void add_timeout(struct text *t, const struct run *r, uint64_t timeout)
{
        const char *type = r->state.type ? r->state.type : "";
        const char *waited = text_starts(type, "notify") ? " (Type=notify: it never said READY=1)"
                             : strcmp(type, "dbus") == 0
                                     ? " (Type=dbus: its name did not appear on the bus)"
                             : strcmp(type, "forking") == 0
                                     ? " (Type=forking: its first process did not end)"
                             : strcmp(type, "oneshot") == 0
                                     ? " (Type=oneshot: its commands were still running)"
                                     : "";

        text_addf(t, "it did not finish starting within %llu s%s",
                  (unsigned long long)(timeout / 1000000), waited);
}

static void add_success(struct text *t, const struct run *r)
{
        if (r->exited)
                text_addf(t, "it ended well by itself after %llu.%llu s",
                          (unsigned long long)(r->took / 1000000),
                          (unsigned long long)(r->took / 100000 % 10));
        else
                text_addf(t, "up, and stayed up for the %llu.%llu s that were watched",
                          (unsigned long long)(r->took / 1000000),
                          (unsigned long long)(r->took / 100000 % 10));
}

char *run_outcome(const struct run *r, const char *job_result, const struct sandbox *unit,
                  uint64_t timeout)
{
        const char *words = find_words(job_result) ? find_words(job_result)
                                                   : find_words(r->state.result);
        struct text t = { 0 };

        if (r->settled)
                add_success(&t, r);
        else if ((job_result && strcmp(job_result, "timeout") == 0) ||
                 (strcmp(r->state.result, "timeout") == 0 && !r->started))
                add_timeout(&t, r, timeout);
        else {
                if (r->restarted)
                        text_add(&t, "it does not stay up, and systemd starts it again: ");
                if (words && strcmp(r->state.result, "start-limit-hit") != 0)
                        text_add(&t, words);
                else
                        add_end(&t, r, unit);
        }
        return text_take(&t);
}
