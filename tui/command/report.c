/* report.c - what the commands print alike. */
#include "tui/command/report.h"

#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool colored(const struct context *c)
{
        return c->args->color && !c->args->json && isatty(STDOUT_FILENO);
}

const char *report_color(const struct context *c, unsigned exposure)
{
        if (!colored(c))
                return "";
        switch (score_level(exposure)) {
        case LEVEL_PERFECT:
        case LEVEL_SAFE:
        case LEVEL_OK:
                return "\033[32m";
        case LEVEL_MEDIUM:
                return "\033[33m";
        case LEVEL_EXPOSED:
        case LEVEL_UNSAFE:
        case LEVEL_DANGEROUS:
                break;
        }
        return "\033[31m";
}

const char *report_plain(const struct context *c)
{
        return colored(c) ? "\033[0m" : "";
}

int report_json(struct json *j)
{
        scoped(mem_freep) char *text = json_take(j);

        if (!text) {
                fputs("gird: out of memory\n", stderr);
                return STATUS_CANNOT;
        }
        puts(text);
        return STATUS_DONE;
}

void report_exposure(const struct context *c, unsigned exposure)
{
        printf("%s%u.%u %s%s", report_color(c, exposure), exposure / 10, exposure % 10,
               score_level_name(score_level(exposure)), report_plain(c));
}

void report_progress(void *userdata, const char *step, const char *detail)
{
        const struct context *c = userdata;

        if (c->args->quiet)
                return;
        fprintf(stderr, "gird: %s%s", step, detail ? ": " : "\n");
        if (detail) {
                scoped(mem_freep) char *clean = text_printable_dup(detail);

                fprintf(stderr, "%s\n", clean ? clean : "");
        }
}

void report_text(const char *text)
{
        scoped(mem_freep) char *clean = text_printable_dup(text);

        fputs(clean ? clean : "?", stdout);
}

char *report_origin(const struct setting *s)
{
        switch (s->origin.kind) {
        case ORIGIN_FILE:
                return text_format("%s:%u", s->origin.file, s->origin.line);
        case ORIGIN_MANAGER:
                return strdup("the manager");
        case ORIGIN_IMPLIED:
                return text_format("implied by %s", directive_at(s->origin.by)->name);
        case ORIGIN_PROFILE:
                return strdup("the profile");
        case ORIGIN_DEFAULT:
                break;
        }
        return strdup("default");
}

static void print_journal(const struct journal *j, size_t most)
{
        size_t from = j->count > most ? j->count - most : 0;

        for (size_t i = from; i < j->count; i++) {
                printf("    %s: ", j->lines[i].identifier ? j->lines[i].identifier : "?");
                report_text(j->lines[i].message);
                putchar('\n');
        }
}

static void print_probes(const struct trial *t)
{
        for (size_t i = 0; i < t->probe_count; i++) {
                const struct probe_result *p = &t->probes[i];

                printf("  %s  ", !p->baseline_ok ? "not counted (failed without changes too)"
                                 : !p->trial_ran ? "not run"
                                 : p->trial_ok   ? "passed"
                                                 : "FAILED");
                report_text(p->command);
                if (p->said && *p->said && !(p->baseline_ok && (p->trial_ok || !p->trial_ran))) {
                        fputs(": ", stdout);
                        report_text(p->said);
                }
                putchar('\n');
        }
}

void report_trial(const struct context *c, const struct trial *t, const struct profile *p,
                  unsigned before, unsigned after)
{
        report_text(p->unit);
        printf(": %s\n  ", verdict_name(t->verdict));
        report_text(t->summary);
        printf("\n  exposure ");
        report_exposure(c, before);
        fputs(" -> ", stdout);
        report_exposure(c, after);
        printf("; tried in %s\n", t->where ? t->where : "no stage");
        for (size_t i = 0; i < t->suspect_count; i++) {
                printf("  suspect: %s (", directive_at(t->suspects[i].directive)->name);
                report_text(t->suspects[i].why);
                puts(")");
        }
        if (t->probe_count)
                puts("  probes:");
        print_probes(t);
        for (char **note = t->notes; note && *note; note++) {
                fputs("  note: ", stdout);
                report_text(*note);
                putchar('\n');
        }
        if (t->verdict == VERDICT_HELD || t->verdict == VERDICT_NOT_TRIED)
                return;
        puts("  journal:");
        print_journal(t->verdict == VERDICT_BASELINE_FAILED ? &t->baseline.journal
                                                            : &t->tried.journal,
                      12);
}

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

static struct json *denials_json(const struct trial *t)
{
        struct json *array = json_array();

        for (size_t i = 0; i < t->denial_count; i++) {
                const struct denial *d = &t->denials[i];
                struct json *o = json_object();

                json_text(o, "what", d->message);
                json_text(o, "errno", d->error ? errno_name(d->error) : NULL);
                json_text(o, "signal", d->signal ? sigabbrev_np(d->signal) : NULL);
                json_text(o, "path", d->path);
                json_text(o, "syscall", d->call);
                json_text(o, "directive",
                          d->directive == DIRECTIVE_COUNT ? NULL
                                                          : directive_at(d->directive)->name);
                json_append(array, o);
        }
        return array;
}

static struct json *probes_json(const struct trial *t)
{
        struct json *array = json_array();

        for (size_t i = 0; i < t->probe_count; i++) {
                const struct probe_result *p = &t->probes[i];
                struct json *o = json_object();

                json_text(o, "command", p->command);
                json_text(o, "status",
                          !p->baseline_ok ? "failed-in-baseline"
                          : !p->trial_ran ? "not-run"
                          : p->trial_ok   ? "passed"
                                          : "failed");
                json_text(o, "said", p->said);
                json_append(array, o);
        }
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
        json_put(o, "suspects", suspects_json(t));
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
