/* observe.c - gird observe: watch what a unit really does, and say what it can do without. */
#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/command/command.h"
#include "tui/command/observed.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const uint64_t DETACH_FROM = 600000000, FIRST_LINE = 60000000, LINES_APART = 3600000000,
                      FIRST_LOOK = 1000000;

/* ---- progress ---- */

struct progress {
        const struct context *c;
        const char *unit;
        uint64_t next; /* where no line can be updated: when the next one is due */
        bool line;     /* one that will be updated stands there */
};

static bool updates(const struct progress *p)
{
        return !p->c->args->quiet && isatty(STDERR_FILENO);
}

static void end_line(struct progress *p)
{
        if (p->line)
                fputs("\r\033[K", stderr);
        p->line = false;
}

static void on_step(void *userdata, const char *step, const char *detail)
{
        struct progress *p = userdata;

        end_line(p);
        report_progress((void *)p->c, step, detail);
}

/* "45 s", "12 min", "3.5 h" */
static void time_words(char *out, size_t room, uint64_t usec)
{
        double seconds = (double)usec / 1e6;

        if (seconds < 120)
                snprintf(out, room, "%.0f s", seconds);
        else if (seconds < 7200)
                snprintf(out, room, "%.0f min", seconds / 60);
        else
                snprintf(out, room, "%.1f h", seconds / 3600);
}

static void on_numbers(void *userdata, const struct observer_numbers *n, uint64_t lasted)
{
        struct progress *p = userdata;
        char since[32], whole[40] = "", until[32];
        scoped(mem_freep) char *name = text_printable_dup(p->unit);
        const char *begin = "gird: ", *end = "\n";

        if (p->c->args->quiet || (!updates(p) && lasted < p->next))
                return;
        p->next = lasted < LINES_APART ? 2 * lasted : lasted + LINES_APART;
        time_words(since, sizeof(since), lasted);
        if (p->c->args->lasting) {
                time_words(until, sizeof(until), p->c->args->lasting);
                snprintf(whole, sizeof(whole), " of %s", until);
        }
        if (updates(p)) {
                begin = "\r\033[Kgird: ";
                end = "";
                p->line = true;
        }
        fprintf(stderr, "%s%s: %s%s, %llu calls, %llu facts, %llu lost%s", begin, name ? name : "",
                since, whole, (unsigned long long)n->calls, (unsigned long long)n->facts,
                (unsigned long long)n->lost, end);
        fflush(stderr);
}

/* ---- as a service of its own ---- */

static char *service_name(const char *unit)
{
        return text_format("gird-observe-%.*s.service", (int)(strlen(unit) - strlen(".service")),
                           unit);
}

/* Above a trial's length nobody wants to keep a terminal open. */
static bool detaches(const struct context *c)
{
        return c->args->live && c->manager && c->args->lasting >= DETACH_FROM &&
               !c->args->on[OPT_FOREGROUND];
}

static int add_time(char ***argv, const char *option, uint64_t usec)
{
        return usec ? strv_addf(argv, "--%s=%.6fs", option, (double)usec / 1e6) : 0;
}

static int make_argv(const struct context *c, const char *unit, char ***ret)
{
        static const char *const fixed[] = { "observe", "--live", "--foreground", "--no-color" };
        const struct arguments *a = c->args;
        scoped(strv_freep) char **argv = NULL;
        char self[4096];
        ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
        int r;

        if (n <= 0)
                return n < 0 ? -errno : -ENOENT;
        r = strv_addn(&argv, self, (size_t)n);
        for (size_t i = 0; r >= 0 && i < COUNT(fixed); i++)
                r = strv_add(&argv, fixed[i]);
        if (r >= 0)
                r = add_time(&argv, "for", a->lasting);
        if (r >= 0)
                r = add_time(&argv, "settle", a->settle);
        if (r >= 0 && a->duty_every)
                r = strv_addf(&argv, "--duty=%.6fs/%.6fs", (double)a->duty_on / 1e6,
                              (double)a->duty_every / 1e6);
        for (char **probe = a->probes; r >= 0 && probe && *probe; probe++)
                r = strv_addf(&argv, "--probe=%s", *probe);
        if (r >= 0)
                r = strv_add(&argv, "--");
        if (r >= 0)
                r = strv_add(&argv, unit);
        if (r >= 0)
                *ret = take(argv);
        return r;
}

/* 1: it is there, *e says so with what it has seen. */
static int check_service(struct context *c, const char *unit, const char *service, struct err *e)
{
        scoped(unit_state_done) struct unit_state s = { 0 };
        scoped(behaviour_freep) struct behaviour *b = NULL;
        scoped(mem_freep) char *words = NULL;
        struct coverage coverage;
        int r = manager_state(c->manager, &c->job, service, &s, e);

        if (r < 0)
                return r;
        if (strcmp(s.active, "inactive") == 0 || strcmp(s.active, "failed") == 0)
                return 0;
        if (observing_get(c, unit, &b, NULL, NULL) == 0) {
                behaviour_coverage(b, &coverage);
                words = coverage_words(&coverage);
        }
        return err_say(e, 1, "%s is being observed already, by %s (%s; %s)", unit, service,
                       s.active, words ? words : "nothing is written down yet");
}

static int spawn(struct context *c, const char *unit, const char *service, struct err *e)
{
        scoped(strv_freep) char **argv = NULL;
        scoped(unit_state_done) struct unit_state s = { 0 };
        scoped(mem_freep) char *description = text_format("Description=gird observes %s", unit);
        char *properties[] = { description, (char *)"Type=exec", NULL };
        struct transient t = { .name = service, .properties = properties, .out = -1, .errors = -1 };
        int r = description ? make_argv(c, unit, &argv) : -ENOMEM;

        if (r < 0)
                return err_set(e, r, "cannot start an observation of %s", unit);
        t.argv = argv;
        (void)manager_reset_failed(c->manager, &c->job, service, NULL);
        r = manager_spawn(c->manager, &c->job, &t, e);
        if (r >= 0)
                r = job_pause(&c->job, FIRST_LOOK);
        if (r >= 0)
                r = manager_state(c->manager, &c->job, service, &s, e);
        if (r < 0)
                return r;
        if (strcmp(s.active, "active") != 0)
                return err_say(e, -EIO,
                               "the observation ended at once; `journalctl -u %s` says "
                               "why",
                               service);
        return 0;
}

static int detach(struct context *c, const char *unit, struct json **ret_json, struct err *e)
{
        scoped(mem_freep) char *service = service_name(unit);
        int r = service ? check_service(c, unit, service, e) : -ENOMEM;

        if (r == 0)
                r = spawn(c, unit, service, e);
        if (r != 0)
                return r;
        if (c->args->json) {
                struct json *o = json_object();

                json_text(o, "unit", unit);
                json_text(o, "stage", "live");
                json_text(o, "service", service);
                json_bool(o, "underway", true);
                *ret_json = o;
                return 0;
        }
        report_text(unit);
        fputs(": being observed by ", stdout);
        report_text(service);
        fputs(", which goes on without this terminal\n  what was seen:  gird observe ", stdout);
        report_text(unit);
        fputs(" --show\n  how it is:      systemctl status ", stdout);
        report_text(service);
        fputs("\n  end it early:   systemctl stop ", stdout);
        report_text(service);
        fputs("   (what was seen is kept)\n", stdout);
        return 0;
}

/* ---- one unit ---- */

static int tell(struct context *c, struct observed *o, bool all, struct json **ret_json,
                struct err *e)
{
        int r = observed_make(c, o, e);

        if (r < 0)
                return r;
        if (c->args->json)
                *ret_json = observed_json(c, o, all);
        else
                observed_print(c, o, all);
        return 0;
}

static int show(struct context *c, const struct sandbox *s, const char *word,
                struct json **ret_json, struct err *e)
{
        scoped(behaviour_freep) struct behaviour *b = NULL;
        scoped(observed_done) struct observed o = { .unit = s, .word = word };
        int r = observing_get(c, s->unit, &b, &o.underway, e);

        o.behaviour = b;
        return r != 0 ? r : tell(c, &o, true, ret_json, e);
}

static int watch(struct context *c, const struct sandbox *s, const char *word,
                 struct json **ret_json, struct err *e)
{
        const struct arguments *a = c->args;
        scoped(observing_done) struct observing now = { 0 };
        scoped(observed_done) struct observed o = {
                .unit = s, .word = word, .now = &now, .live = a->live
        };
        struct progress progress = { .c = c, .unit = s->unit, .next = FIRST_LINE };
        struct observing_options options = { .live = a->live,
                                             .probes = a->probes,
                                             .lasting = a->lasting,
                                             .settle = a->settle,
                                             .on = a->duty_on,
                                             .every = a->duty_every,
                                             .ignore_conditions = a->on[OPT_CONDITIONS],
                                             .numbers = on_numbers,
                                             .userdata = &progress };
        bool cut;
        int r;

        c->job.progress = on_step;
        c->job.userdata = &progress;
        r = observing_run(c, s, &options, &now, e);
        end_line(&progress);
        if (r != 0)
                return r;
        cut = c->job.cancelled;
        c->job.cancelled = false; /* for what is still to be read */
        if (cut && !a->quiet)
                fputs("gird: ended early; what was seen is kept\n", stderr);
        o.behaviour = now.behaviour;
        r = tell(c, &o, false, ret_json, e);
        c->job.cancelled = cut;
        return r;
}

static int observe_one(struct context *c, const char *word, struct json *array)
{
        scoped(sandbox_freep) struct sandbox *s = NULL;
        struct json *j = NULL;
        struct err e = { 0 };
        int r = context_unit(c, word, &s, &e);

        if (r == 0 && c->args->on[OPT_SHOW])
                r = show(c, s, word, &j, &e);
        else if (r == 0 && detaches(c)) {
                r = observing_check(c, s, true, &e);
                if (r == 0)
                        r = observer_possible(&e);
                if (r == 0)
                        r = detach(c, s->unit, &j, &e);
        } else if (r == 0)
                r = watch(c, s, word, &j, &e);
        if (r != 0)
                return complain(&e);
        if (j && array)
                json_append(array, j);
        else if (j)
                return report_json(j);
        return STATUS_DONE;
}

int command_observe(struct arguments *a)
{
        scoped(context_close) struct context c = CONTEXT_NONE;
        struct json *array = a->json && a->operand_count > 1 ? json_array() : NULL;
        struct err e = { 0 };
        int status = STATUS_DONE;

        if (context_open(&c, a, &e) < 0 || context_learn(&c, &e) < 0) {
                json_free(array);
                return complain(&e);
        }
        c.job.progress = report_progress;
        c.job.userdata = &c;
        for (size_t i = 0; i < a->operand_count && !c.job.cancelled; i++) {
                int one = observe_one(&c, a->operands[i], array);

                if (one > status)
                        status = one;
        }
        if (array && report_json(array) != STATUS_DONE)
                status = STATUS_CANNOT;
        return status;
}
