/* report_trial.c - a trial on the terminal, and as JSON. */
#include "tui/command/report.h"

#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { JOURNAL_LINES = 12 };

/* ---- in words ---- */

static void print_line(const char *before, const char *text)
{
        fputs(before, stdout);
        report_text(text);
        putchar('\n');
}

static void print_journal(const struct journal *j)
{
        size_t from = j->count > JOURNAL_LINES ? j->count - JOURNAL_LINES : 0;

        for (size_t i = from; i < j->count; i++) {
                printf("    %s: ", j->lines[i].identifier ? j->lines[i].identifier : "?");
                print_line("", j->lines[i].message);
        }
}

static const char *moment_words(enum moment m)
{
        static const char *const words[] = { "", " after a reload", " after a restart" };

        return words[m];
}

static void print_probe(const struct probe_result *p)
{
        const char *how = !p->baseline_ok ? "not counted (failed without changes too)"
                          : !p->trial_ran ? "not run"
                          : p->trial_ok   ? "passed"
                                          : "FAILED";

        printf("  %s%s  ", how, p->trial_ran && !p->trial_ok ? moment_words(p->failed) : "");
        report_text(p->command);
        if (p->said && *p->said && !(p->baseline_ok && (p->trial_ok || !p->trial_ran))) {
                fputs(": ", stdout);
                report_text(p->said);
        }
        putchar('\n');
}

static void print_step(const char *name, const struct step *s)
{
        if (!s->done)
                return;
        printf("  %s  %s", s->ok ? "passed" : "FAILED", name);
        print_line(s->said ? ": " : "", s->said ? s->said : "");
}

/* "ProtectSystem=strict: open(write) /etc/x by sh was refused with EROFS, at 0.4 s" */
static void print_denial(const struct context *c, const struct trial *t, const struct denial *d)
{
        scoped(mem_freep) char *words = t->after ? denial_words(d, t->after, &c->dialect) : NULL;

        fputs("  refused: ", stdout);
        report_text(words ? words : d->message ? d->message : d->key);
        if (d->accepted) {
                fputs("; accepted: ", stdout);
                report_text(d->accepted);
        }
        putchar('\n');
}

static void print_denials(const struct context *c, const struct trial *t, const struct profile *p)
{
        const struct denial *first = NULL;

        for (size_t i = 0; i < t->denial_count; i++) {
                print_denial(c, t, &t->denials[i]);
                if (!first && !t->denials[i].accepted)
                        first = &t->denials[i];
        }
        if (!first || !first->key || t->verdict != VERDICT_BENT)
                return;
        printf("  if that is no matter: gird try %s", c->args->user ? "--user " : "");
        report_text(p->unit);
        fputs(" --accept '", stdout);
        for (const char *key = first->key;;) { /* as a shell reads it */
                size_t plain = strcspn(key, "'");
                scoped(mem_freep) char *part = strndup(key, plain);

                report_text(part ? part : "?");
                key += plain;
                if (!*key)
                        break;
                fputs("'\\''", stdout);
                key++;
        }
        puts("=why'");
}

void report_trial(const struct context *c, const struct trial *t, const struct profile *p,
                  unsigned before, unsigned after)
{
        report_text(p->unit);
        printf(": %s\n", verdict_name(t->verdict));
        print_line("  ", t->summary);
        fputs("  exposure ", stdout);
        report_exposure(c, before);
        fputs(" -> ", stdout);
        report_exposure(c, after);
        printf("; tried in %s\n", t->where ? t->where : "no stage");
        for (size_t i = 0; i < t->suspect_count; i++) {
                printf("  suspect: %s (", directive_at(t->suspects[i].directive)->name);
                report_text(t->suspects[i].why);
                puts(")");
        }
        print_denials(c, t, p);
        if (t->probe_count || t->tried.reload.done || t->tried.restart.done)
                puts("  probes:");
        for (size_t i = 0; i < t->probe_count; i++)
                print_probe(&t->probes[i]);
        print_step("can be reloaded", &t->tried.reload);
        print_step("can be restarted", &t->tried.restart);
        if (t->unwatched)
                print_line("  note: ", t->unwatched);
        for (char **note = t->notes; note && *note; note++)
                print_line("  note: ", *note);
        if (t->verdict == VERDICT_HELD || t->verdict == VERDICT_NOT_TRIED)
                return;
        puts("  journal:");
        print_journal(t->verdict == VERDICT_BASELINE_FAILED ? &t->baseline.journal
                                                            : &t->tried.journal);
}

/* ---- as JSON ---- */

static struct json *changes_json(const struct context *c, const struct profile *p)
{
        struct json *array = json_array();

        for (size_t i = 0; i < p->change_count; i++) {
                const struct change *change = &p->changes[i];
                const struct directive *d = directive_at(change->directive);
                scoped(mem_freep) char *value = value_show(&change->value, d, &c->dialect);
                struct json *o = json_object();

                json_text(o, "directive", d->name);
                json_text(o, "value", value);
                json_text(o, "reason", reason_name(change->reason));
                json_text(o, "evidence", change->evidence);
                json_append(array, o);
        }
        return array;
}

static struct json *suspects_json(const struct trial *t)
{
        struct json *array = json_array();

        for (size_t i = 0; i < t->suspect_count; i++) {
                struct json *o = json_object();

                json_text(o, "directive", directive_at(t->suspects[i].directive)->name);
                json_number(o, "weight", t->suspects[i].weight);
                json_text(o, "why", t->suspects[i].why);
                json_append(array, o);
        }
        return array;
}

static struct json *denial_json(const struct denial *d)
{
        static const char *const sources[] = { "said", "seen", "asked" };
        struct json *o = json_object();

        json_text(o, "what", d->message);
        json_text(o, "errno", d->error ? errno_name(d->error) : NULL);
        json_text(o, "signal", d->signal ? sigabbrev_np(d->signal) : NULL);
        json_text(o, "path", d->path);
        json_text(o, "syscall", d->call);
        json_text(o, "capability", d->capability);
        json_text(o, "directive",
                  d->directive == DIRECTIVE_COUNT ? NULL : directive_at(d->directive)->name);
        json_text(o, "source", sources[d->source]);
        json_text(o, "process", d->process);
        if (d->count)
                json_number(o, "count", (double)d->count);
        else
                json_null(o, "count");
        if (d->after)
                json_number(o, "after", (double)d->after / 1e6);
        else
                json_null(o, "after");
        json_text(o, "key", d->key);
        json_text(o, "accepted", d->accepted);
        return o;
}

static struct json *denials_json(const struct trial *t)
{
        struct json *array = json_array();

        for (size_t i = 0; i < t->denial_count; i++)
                json_append(array, denial_json(&t->denials[i]));
        return array;
}

static struct json *probes_json(const struct trial *t)
{
        struct json *array = json_array();

        for (size_t i = 0; i < t->probe_count; i++) {
                const struct probe_result *p = &t->probes[i];
                bool failed = p->baseline_ok && p->trial_ran && !p->trial_ok;
                struct json *o = json_object();

                json_text(o, "command", p->command);
                json_text(o, "status",
                          !p->baseline_ok ? "failed-in-baseline"
                          : !p->trial_ran ? "not-run"
                          : p->trial_ok   ? "passed"
                                          : "failed");
                json_text(o, "moment", failed ? moment_name(p->failed) : NULL);
                json_text(o, "said", p->said);
                json_append(array, o);
        }
        return array;
}

static const char *step_status(bool done, bool ok)
{
        return !done ? "not-run" : ok ? "passed" : "failed";
}

static void add_step(struct json *array, const char *name, const struct step *before,
                     const struct step *now)
{
        struct json *o = json_object();

        json_text(o, "step", name);
        json_text(o, "baseline", step_status(before->done, before->ok));
        json_text(o, "status", step_status(now->done, now->ok));
        json_text(o, "said", now->done ? now->said : before->said);
        json_append(array, o);
}

static struct json *steps_json(const struct trial *t)
{
        const struct run *b = &t->baseline, *n = &t->tried;
        struct step start[] = { { b->began, b->settled, b->outcome },
                                { n->began, n->settled, n->outcome } };
        struct step stop[] = { { b->settled, b->stopped, NULL }, { n->settled, n->stopped, NULL } };
        struct json *array = json_array();

        add_step(array, "start", &start[0], &start[1]);
        add_step(array, "reload", &b->reload, &n->reload);
        add_step(array, "restart", &b->restart, &n->restart);
        add_step(array, "stop", &stop[0], &stop[1]);
        return array;
}

static struct json *journal_json(const struct journal *j)
{
        struct json *array = json_array();

        for (size_t i = 0; i < j->count; i++) {
                struct json *o = json_object();

                json_text(o, "identifier", j->lines[i].identifier);
                json_text(o, "message", j->lines[i].message);
                json_append(array, o);
        }
        return array;
}

struct json *report_trial_json(const struct context *c, const struct trial *t,
                               const struct profile *p, unsigned before, unsigned after)
{
        struct json *o = json_object();
        scoped(strv_freep) char **names = NULL;

        json_text(o, "unit", p->unit);
        json_text(o, "stage", "twin");
        json_tenths(o, "before", before);
        json_tenths(o, "after", after);
        json_text(o, "verdict", verdict_name(t->verdict));
        json_text(o, "summary", t->summary);
        json_number(o, "trials", t->verdict == VERDICT_NOT_TRIED ? 0 : 1);
        json_number(o, "seconds", (double)t->seconds_x1000 / 1000);
        json_put(o, "changes", changes_json(c, p));
        json_put(o, "denials", denials_json(t));
        json_put(o, "probes", probes_json(t));
        json_put(o, "steps", steps_json(t));
        json_put(o, "suspects", suspects_json(t));
        json_bool(o, "watched", t->watched);
        json_text(o, "unwatched", t->unwatched);
        json_texts(o, "notes", t->notes);
        for (size_t i = 0; i < t->not_rehearsed_count; i++)
                if (strv_add(&names, directive_at(t->not_rehearsed[i])->name) < 0)
                        break;
        json_texts(o, "not_rehearsed", names);
        json_text(o, "where", t->where);
        json_put(o, "journal",
                 journal_json(t->verdict == VERDICT_BASELINE_FAILED ? &t->baseline.journal
                                                                    : &t->tried.journal));
        return o;
}
