/* apply.c - gird apply: put a profile on the running unit, guarded. */
#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/applying.h"
#include "tui/attempt.h"
#include "tui/command/command.h"
#include "tui/command/report.h"
#include "tui/observing.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static bool same_changes(const struct profile *a, const struct profile *b)
{
        if (a->change_count != b->change_count)
                return false;
        for (size_t i = 0; i < a->change_count; i++)
                if (a->changes[i].directive != b->changes[i].directive ||
                    !value_equal(&a->changes[i].value, &b->changes[i].value))
                        return false;
        return true;
}

/* The last profile; or the one given, with the last one's verdict and probes if it is the same. */
static int find_profile(struct context *c, const struct sandbox *s, struct profile **ret,
                        struct err *e)
{
        scoped(profile_freep) struct profile *given = NULL, *last = NULL;
        int r = store_get_profile(&c->store, s->unit, &c->dialect, &last, e);
        int g;

        if (r < 0)
                return r;
        if (c->args->on[OPT_OBSERVED]) {
                g = observing_profile(c, s, &given, e);
                if (g != 0)
                        return g < 0 ? g : -ENOENT;
        } else {
                g = context_profile(c, s, &given, e);
        }
        if (g < 0)
                return g;
        if (g > 0 && !last)
                return err_say(e, -ENODATA,
                               "%s has no profile yet: `gird try %s -p DIRECTIVE=VALUE` or `gird "
                               "harden %s` makes one, or give -p or --profile here",
                               s->unit, s->unit, s->unit);
        if (given && last && same_changes(last, given))
                given->verdict = last->verdict;
        else if (given)
                given->verdict = VERDICT_NOT_TRIED; /* one inside a file is another machine's */
        r = 0;
        if (g > 0) {
                *ret = take(last);
                for (char **probe = c->args->probes; r == 0 && probe && *probe; probe++)
                        if (!strv_has((*ret)->probes, *probe))
                                r = strv_add(&(*ret)->probes, *probe);
                return r < 0 ? err_set(e, r, "cannot keep the probes") : 0;
        }
        *ret = take(given);
        return 0;
}

/* ---- what it will do, and the questions ---- */

static void say(char *const *sentences)
{
        for (; sentences && *sentences; sentences++)
                fprintf(stderr, "gird: %s\n", *sentences);
}

static bool has_terminal(const struct context *c)
{
        return isatty(STDIN_FILENO) && isatty(STDERR_FILENO) && !c->args->json;
}

static bool asks_yes(const char *question)
{
        char answer[16] = "";

        fprintf(stderr, "gird: %s [y/N] ", question);
        return fgets(answer, sizeof(answer), stdin) && (answer[0] == 'y' || answer[0] == 'Y');
}

/* What is in the way, once it is clear what would happen. */
static int check_plan(struct context *c, const struct applying_options *o,
                      const struct applying_plan *plan)
{
        const char *unit = o->unit->unit;

        if (!c->args->quiet)
                say(plan->warnings);
        say(plan->objections);
        say(plan->marks);
        if (plan->objections && !c->args->on[OPT_FORCE]) {
                fprintf(stderr, "gird: not applied; --force applies it to %s anyway\n", unit);
                return STATUS_NO;
        }
        if (!plan->marks || c->args->on[OPT_MARKS])
                return STATUS_DONE;
        if (has_terminal(c) &&
            asks_yes("that stays behind, but for owners and modes, which are put back: go on?"))
                return STATUS_DONE;
        fprintf(stderr, "gird: not applied; --leave-marks is the second yes to that\n");
        return STATUS_NO;
}

/* ---- the countdown ---- */

struct countdown {
        struct context *c;
        const char *unit;
        bool sessions;
        char answer; /* 'y', 'n', or 0 */
};

static void on_tick(void *userdata, uint64_t left)
{
        const struct countdown *d = userdata;

        fprintf(stderr, "\rgird: reverted in %llu s unless you run: gird confirm %s%s\033[K",
                (unsigned long long)((left + 999999) / 1000000), d->unit,
                d->sessions ? " (from a new session; n: revert now)" : " (Enter: yes, n: no)");
        fflush(stderr);
}

/* An answer ends the waiting; what it says is done when that has ended. */
static int on_key(void *userdata)
{
        struct countdown *d = userdata;
        char line[256];
        ssize_t n = read(STDIN_FILENO, line, sizeof(line));

        if (n < 0)
                return errno == EINTR || errno == EAGAIN ? 0 : -errno;
        if (n == 0)
                return -EPIPE; /* nobody is there to answer any more */
        if (line[0] == 'n' || line[0] == 'N')
                d->answer = 'n';
        else if (!d->sessions && (line[0] == 'y' || line[0] == 'Y' || line[0] == '\n'))
                d->answer = 'y';
        if (d->answer)
                d->c->job.cancelled = true;
        return 0;
}

static int end_countdown(struct countdown *d, struct err *e)
{
        struct context *c = d->c;

        c->job.cancelled = false;
        if (d->answer == 'y')
                return applying_confirm(c, d->unit, true, e);
        fprintf(stderr, "gird: taking it back\n");
        return applying_revert(c, d->unit, e) == 0
                       ? err_say(e, 1, "%s is as it was before", d->unit)
                       : 1;
}

static int count_down(struct context *c, const char *unit, bool sessions)
{
        struct countdown d = { .c = c, .unit = unit, .sessions = sessions };
        scoped(job_watch_freep) struct job_watch *watch = NULL;
        struct err e = { 0 };
        int r;

        (void)tcflush(STDIN_FILENO, TCIFLUSH); /* what was typed before answers nothing */
        r = job_watch(&c->job, STDIN_FILENO, on_key, &d, &watch);
        if (r < 0) {
                err_set(&e, r, "cannot read the keyboard");
                return complain(&e);
        }
        r = applying_wait(c, unit, on_tick, &d, &e);
        fputs("\n", stderr);
        if (r == -ECANCELED && !d.answer) {
                fprintf(stderr,
                        "gird: left as it is; systemd takes it back unless you run: gird confirm "
                        "%s\n",
                        unit);
                return STATUS_DONE;
        }
        if (r == -ECANCELED)
                r = end_countdown(&d, &e);
        if (r == 0) {
                printf("confirmed: %s keeps it until the next boot; `gird save %s` makes it last\n",
                       unit, unit);
                return STATUS_DONE;
        }
        fprintf(stderr, "gird: %s\n", e.text);
        return STATUS_NO;
}

/* ---- the answer ---- */

static struct json *probes_json(const struct applied *a)
{
        struct json *list = json_array();

        for (size_t i = 0; i < a->probe_count; i++) {
                const struct probe_result *p = &a->probes[i];
                struct json *o = json_object();

                json_text(o, "command", p->command);
                json_bool(o, "before", p->baseline_ok);
                if (p->trial_ran)
                        json_bool(o, "after", p->trial_ok);
                else
                        json_null(o, "after");
                json_text(o, "said", p->said);
                json_append(list, o);
        }
        return list;
}

static int print_json(const struct applying_options *o, const struct applying_plan *plan,
                      const struct applied *a)
{
        struct json *j = json_object();
        uint64_t until = a->until / 1000000;

        json_text(j, "unit", o->unit->unit);
        json_bool(j, "applied", !a->reverted);
        json_bool(j, "reverted", a->reverted);
        json_text(j, "why", a->why);
        json_bool(j, "next_restart", plan->next_start);
        json_bool(j, "sessions", plan->sessions);
        if (a->until)
                json_number(j, "until", (double)until);
        else
                json_null(j, "until");
        json_put(j, "probes", probes_json(a));
        json_texts(j, "warnings", plan->warnings);
        json_texts(j, "marks", plan->marks);
        return report_json(j);
}

static uint64_t seconds_left(uint64_t until)
{
        struct timespec now;
        uint64_t us;

        clock_gettime(CLOCK_REALTIME, &now);
        us = (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
        return until > us ? (until - us + 999999) / 1000000 : 0;
}

static void print_probes(const struct applied *a)
{
        for (size_t i = 0; i < a->probe_count; i++) {
                const struct probe_result *p = &a->probes[i];
                scoped(mem_freep) char *command = text_printable_dup(p->command);

                if (!p->baseline_ok)
                        fprintf(stderr,
                                "gird: the probe \"%s\" failed before the change already, so it "
                                "says nothing\n",
                                command ? command : "?");
        }
}

static int report(struct context *c, const struct applying_options *o,
                  const struct applying_plan *plan, const struct applied *a)
{
        const char *unit = o->unit->unit;

        print_probes(a);
        if (a->reverted)
                fprintf(stderr, "gird: taken back at once: %s\n", a->why);
        if (c->args->json && print_json(o, plan, a) != STATUS_DONE)
                return STATUS_CANNOT;
        if (a->reverted)
                return STATUS_NO;
        if (has_terminal(c) && !plan->next_start)
                return count_down(c, unit, plan->sessions);
        if (c->args->json)
                return STATUS_DONE;
        if (a->until)
                printf("applied to %s; reverted in %llu s unless you run: gird confirm %s\n", unit,
                       (unsigned long long)seconds_left(a->until), unit);
        else
                printf("applied to %s, from its next restart on; then it is reverted in %llu s "
                       "unless you run: gird confirm %s\n",
                       unit, (unsigned long long)((o->within ? o->within : 60000000) / 1000000),
                       unit);
        return STATUS_DONE;
}

static int apply(struct context *c, const char *word)
{
        scoped(sandbox_freep) struct sandbox *s = NULL;
        scoped(profile_freep) struct profile *p = NULL;
        scoped(applying_plan_done) struct applying_plan plan = { 0 };
        scoped(applied_done) struct applied applied = { 0 };
        struct applying_options o = { .now = c->args->on[OPT_NOW],
                                      .next_start = c->args->on[OPT_NEXT_START],
                                      .within = c->args->confirm_within,
                                      .settle = c->args->settle };
        const char *objection;
        struct err e = { 0 };
        int r = context_unit(c, word, &s, &e);

        if (r >= 0)
                r = attempt_may_write(c, "apply", s->unit, &e);
        if (r >= 0)
                r = find_profile(c, s, &p, &e);
        if (r < 0) {
                complain(&e);
                return r == -ENODATA || r == -EINVAL || r == -EOPNOTSUPP ? STATUS_USAGE
                                                                         : STATUS_CANNOT;
        }
        o.unit = s;
        o.profile = p;
        r = applying_look(c, &o, &plan, &e);
        if (r != 0)
                return complain(&e);
        objection = attempt_objection(p, c->args->on[OPT_ACCEPT_BENT]);
        if (objection && !c->args->on[OPT_UNTESTED]) {
                fprintf(stderr,
                        "gird: not applied: %s; `gird try %s` with the same changes tries it, "
                        "--untested applies it anyway\n",
                        objection, s->unit);
                return STATUS_NO;
        }
        r = check_plan(c, &o, &plan);
        if (r != STATUS_DONE)
                return r;
        r = applying_run(c, &o, &plan, &applied, &e);
        return r < 0 ? complain(&e) : report(c, &o, &plan, &applied);
}

int command_apply(struct arguments *a)
{
        scoped(context_close) struct context c = CONTEXT_NONE;
        struct err e = { 0 };

        if (a->on[OPT_NOW] && a->on[OPT_NEXT_START])
                return complain_usage("--now and --next-restart exclude each other");
        if (context_open(&c, a, &e) < 0 || context_learn(&c, &e) < 0 || context_know(&c, &e) < 0)
                return complain(&e);
        c.job.progress = report_progress;
        c.job.userdata = &c;
        return apply(&c, a->operands[0]);
}
