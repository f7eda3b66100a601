/* watch.c - gird watch: tell what a running unit is refused, as it comes. */
#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/command/command.h"
#include "tui/command/report.h"
#include "tui/watching.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const uint64_t FIRST_LINE = 60000000, LINES_APART = 3600000000;

struct printing {
        struct context *c;
        const char *unit;
        uint64_t began; /* realtime microseconds */
        uint64_t next;  /* where no line can be updated: when the next one is due */
        bool line;      /* one that will be updated stands there */
};

static void end_line(struct printing *p)
{
        if (p->line)
                fputs("\r\033[K", stderr);
        p->line = false;
}

/* ---- a refusal ---- */

/* The wall clock of it, where that is known, else of now. */
static time_t when(const struct printing *p, const struct denial *d)
{
        return d->after ? (time_t)((p->began + d->after) / 1000000) : time(NULL);
}

static void print_line(const struct printing *p, const struct denial *d, const struct sandbox *unit)
{
        bool named = d->directive < DIRECTIVE_COUNT, dim = d->accepted || !named;
        bool color = p->c->args->color && isatty(STDOUT_FILENO);
        scoped(mem_freep) char *words = NULL;
        time_t t = when(p, d);
        struct tm parts;
        char clock[16] = "??:??:??";

        words = denial_words(d, unit, &p->c->dialect);
        if (localtime_r(&t, &parts))
                strftime(clock, sizeof(clock), "%H:%M:%S", &parts);
        printf("%s%s  ", !color ? "" : dim ? "\033[2m" : "", clock);
        report_text(words ? words : "out of memory");
        if (d->accepted) {
                fputs("  (accepted: ", stdout);
                report_text(d->accepted);
                putchar(')');
        } else if (!named)
                fputs("  (by no directive)", stdout);
        puts(color ? "\033[0m" : "");
}

static struct json *denial_json(const struct printing *p, const struct denial *d,
                                const struct sandbox *unit)
{
        scoped(mem_freep) char *value = NULL;
        const struct directive *row = d->directive < DIRECTIVE_COUNT ? directive_at(d->directive)
                                                                     : NULL;
        struct json *o = json_object();
        time_t t = when(p, d);
        struct tm parts;
        char clock[32] = "";

        if (row)
                value = value_show(&unit->settings[d->directive].value, row, &p->c->dialect);
        if (gmtime_r(&t, &parts))
                strftime(clock, sizeof(clock), "%Y-%m-%dT%H:%M:%SZ", &parts);
        json_text(o, "time", clock);
        json_text(o, "unit", p->unit);
        json_text(o, "process", d->process);
        json_text(o, "what", d->message);
        json_text(o, "errno", d->error ? errno_name(d->error) : NULL);
        json_text(o, "signal", d->signal ? sigabbrev_np(d->signal) : NULL);
        json_text(o, "path", d->path);
        json_text(o, "syscall", d->call);
        json_text(o, "capability", d->capability);
        json_text(o, "directive", row ? row->name : NULL);
        json_text(o, "value", value);
        json_text(o, "key", d->key);
        json_text(o, "accepted", d->accepted);
        return o;
}

/* One object a line: strings hold no raw line breaks or tabs, so those are only lay-out. */
static void print_json(const struct printing *p, const struct denial *d, const struct sandbox *unit)
{
        scoped(mem_freep) char *text = json_take(denial_json(p, d, unit));
        size_t n = 0;

        if (!text) {
                fputs("gird: out of memory\n", stderr);
                return;
        }
        for (const char *c = text; *c; c++)
                if (*c != '\n' && *c != '\t')
                        text[n++] = *c;
        text[n] = '\0';
        puts(text);
}

static void on_denied(void *userdata, const struct denial *d, const struct sandbox *unit)
{
        struct printing *p = userdata;

        if (p->c->args->quiet && (d->accepted || d->directive >= DIRECTIVE_COUNT))
                return;
        end_line(p);
        (p->c->args->json ? print_json : print_line)(p, d, unit);
        if (fflush(stdout) != 0) /* as they come, also into a pipe; without a reader it ends */
                p->c->job.cancelled = true;
}

/* ---- in between ---- */

static void on_tick(void *userdata, uint64_t lasted, uint64_t calls)
{
        struct printing *p = userdata;
        bool updates = isatty(STDERR_FILENO);

        if (p->c->args->quiet || (!updates && lasted < (p->next ? p->next : FIRST_LINE)))
                return;
        p->next = lasted < LINES_APART ? 2 * lasted : lasted + LINES_APART;
        p->line = updates;
        fprintf(stderr, "%sgird: %.0f s, %llu calls%s", updates ? "\r\033[K" : "",
                (double)lasted / 1e6, (unsigned long long)calls, updates ? "" : "\n");
        fflush(stderr);
}

static void on_step(void *userdata, const char *step, const char *detail)
{
        struct printing *p = userdata;

        end_line(p);
        report_progress(p->c, step, detail);
}

static void sum_up(const struct printing *p, const struct watched *w)
{
        if (p->c->args->quiet)
                return;
        fprintf(stderr, "gird: watched for %.0f s, %llu calls%s: ", (double)w->lasted / 1e6,
                (unsigned long long)w->calls, w->lost ? ", some of them lost" : "");
        if (w->refused)
                fprintf(stderr, "%zu thing%s refused", w->refused, w->refused == 1 ? "" : "s");
        else
                fputs("no directive refused anything", stderr);
        if (w->unnamed)
                fprintf(stderr, "; %zu more by no directive, file permissions for instance",
                        w->unnamed);
        if (w->accepted)
                fprintf(stderr, "; %zu accepted", w->accepted);
        fputc('\n', stderr);
}

static int watch(struct context *c, struct err *e)
{
        scoped(sandbox_freep) struct sandbox *s = NULL;
        struct printing p = { .c = c };
        struct watched w = { 0 };
        struct watching_options o = {
                .lasting = c->args->lasting, .denied = on_denied, .tick = on_tick, .userdata = &p
        };
        struct timespec now = { 0 };
        int r = context_unit(c, c->args->operands[0], &s, e);

        if (r < 0)
                return r;
        p.unit = s->unit;
        clock_gettime(CLOCK_REALTIME, &now);
        p.began = (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
        c->job.progress = on_step;
        c->job.userdata = &p;
        r = watching_run(c, s, &o, &w, e);
        end_line(&p);
        if (r != 0)
                return r < 0 ? r : -ENODATA;
        sum_up(&p, &w);
        return w.refused || (w.unnamed && !c->args->quiet) ? 1 : 0;
}

int command_watch(struct arguments *a)
{
        scoped(context_close) struct context c = CONTEXT_NONE;
        struct err e = { 0 };
        int r;

        if (context_open(&c, a, &e) < 0 || context_learn(&c, &e) < 0)
                return complain(&e);
        r = watch(&c, &e);
        return r < 0 ? complain(&e) : r > 0 ? STATUS_NO : STATUS_DONE;
}
