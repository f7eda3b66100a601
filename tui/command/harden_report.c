/* harden_report.c - what `gird harden` prints. */
#include "tui/command/harden_report.h"

#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/command/report.h"

#include <stdio.h>
#include <string.h>

/* ---- steps ---- */

static void print_clean(FILE *out, const char *text)
{
        scoped(mem_freep) char *clean = text_printable_dup(text ? text : "");

        fputs(clean ? clean : "?", out);
}

static const char *name_of(enum directive_id id)
{
        return id < DIRECTIVE_COUNT ? directive_at(id)->name : "the changes";
}

static void print_trying(const struct search_step *s)
{
        fprintf(stderr, "gird: trial %zu: %zu change%s, exposure %u.%u (", s->trials, s->count,
                s->count == 1 ? "" : "s", s->exposure / 10, s->exposure % 10);
        print_clean(stderr, s->what);
        fputs(")\n", stderr);
}

static void print_tried(const struct search_step *s)
{
        fprintf(stderr, "gird:   %s, %.1f s, %zu change%s: ", verdict_name(s->outcome->verdict),
                (double)s->outcome->seconds_x1000 / 1000, s->count, s->count == 1 ? "" : "s");
        print_clean(stderr, s->outcome->summary);
        fputc('\n', stderr);
}

static void print_about(const struct search_step *s, const char *words)
{
        fprintf(stderr, "gird:   %s %s: ", name_of(s->directive), words);
        print_clean(stderr, s->what);
        fputc('\n', stderr);
}

void harden_report_step(void *userdata, const struct search_step *s)
{
        const struct context *c = userdata;

        if (c->args->quiet)
                return;
        switch (s->kind) {
        case SEARCH_TRYING:
                print_trying(s);
                break;
        case SEARCH_TRIED:
                print_tried(s);
                break;
        case SEARCH_GAVE:
                print_about(s, "is given back");
                break;
        case SEARCH_EASED:
                print_about(s, "is eased");
                break;
        case SEARCH_KEPT:
                print_about(s, "is in again");
                break;
        case SEARCH_STOPPED:
                fputs("gird: ", stderr);
                print_clean(stderr, s->what);
                fputc('\n', stderr);
                break;
        }
        fflush(stderr);
}

/* ---- in words ---- */

static void print_change(const struct context *c, const struct change *change)
{
        const struct directive *d = directive_at(change->directive);
        scoped(mem_freep) char *value = value_show(&change->value, d, &c->dialect);

        printf("    %s=", d->name);
        report_text(value ? value : "?");
        putchar('\n');
}

static void print_forgone(const struct forgone *f)
{
        printf("    %s: ", directive_at(f->directive)->name);
        report_text(f->had);
        fputs(", not ", stdout);
        report_text(f->wished);
        fputs("\n      ", stdout);
        report_text(f->why);
        putchar('\n');
}

static void print_denial(const struct denial *d)
{
        fputs("    ", stdout);
        report_text(d->message ? d->message : d->key ? d->key : "a refusal");
        if (d->directive < DIRECTIVE_COUNT)
                printf(" (%s)", directive_at(d->directive)->name);
        if (d->accepted) {
                fputs(", accepted: ", stdout);
                report_text(d->accepted);
        }
        putchar('\n');
}

static void print_probes(const struct outcome *o)
{
        for (size_t i = 0; i < o->probe_count; i++) {
                const struct probe_result *p = &o->probes[i];

                printf("    %s  ", !p->baseline_ok ? "not counted (failed without changes too)"
                                   : !p->trial_ran ? "not run"
                                   : p->trial_ok   ? "passed"
                                                   : "FAILED");
                report_text(p->command);
                putchar('\n');
        }
}

static void print_line(const char *before, const char *text)
{
        fputs(before, stdout);
        report_text(text);
        putchar('\n');
}

static void print_found(const struct context *c, const struct search *found)
{
        const struct profile *p = found->profile;

        printf("  %zu directive%s in:\n", p->change_count, p->change_count == 1 ? "" : "s");
        for (size_t i = 0; i < p->change_count; i++)
                print_change(c, &p->changes[i]);
}

static void print_numbers(const struct context *c, const struct search *found)
{
        fputs("  exposure ", stdout);
        report_exposure(c, found->before);
        fputs(" -> ", stdout);
        report_exposure(c, found->after);
        printf("; %zu trial%s (%zu more were known), %.1f s\n", found->trials,
               found->trials == 1 ? "" : "s", found->from_cache,
               (double)found->seconds_x1000 / 1000);
}

bool harden_report_idle(const struct search *found)
{
        return found->trials == 0 && found->stopped && !found->exhausted;
}

void harden_report(const struct context *c, const char *unit, const struct search *found,
                   const char *saved)
{
        const struct outcome *o = &found->outcome;

        report_text(unit);
        printf(": %s\n", harden_report_idle(found) ? "nothing to do" : verdict_name(o->verdict));
        if (o->summary && !harden_report_idle(found))
                print_line("  ", o->summary);
        if (found->stopped)
                print_line(found->exhausted ? "  ended early: " : "  ", found->stopped);
        print_numbers(c, found);
        if (found->profile)
                print_found(c, found);
        if (found->forgone_count)
                puts("  given back, or not to be had:");
        for (size_t i = 0; i < found->forgone_count; i++)
                print_forgone(&found->forgone[i]);
        if (o->denial_count)
                puts("  refused with it:");
        for (size_t i = 0; i < o->denial_count; i++)
                print_denial(&o->denials[i]);
        if (o->probe_count)
                puts("  probes:");
        print_probes(o);
        for (char **note = o->notes; note && *note; note++)
                print_line("  note: ", *note);
        if (saved)
                print_line("  saved ", saved);
        else if (found->profile)
                print_line("  kept as the unit's last profile; to make it last: gird save ", unit);
}

/* ---- as JSON ---- */

static struct json *changes_json(const struct context *c, const struct profile *p)
{
        struct json *array = json_array();

        for (size_t i = 0; p && i < p->change_count; i++) {
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

static struct json *forgone_json(const struct search *found)
{
        struct json *array = json_array();

        for (size_t i = 0; i < found->forgone_count; i++) {
                const struct forgone *f = &found->forgone[i];
                struct json *o = json_object();

                json_text(o, "directive", directive_at(f->directive)->name);
                json_text(o, "wished", f->wished);
                json_text(o, "had", f->had);
                json_text(o, "why", f->why);
                json_append(array, o);
        }
        return array;
}

static struct json *denials_json(const struct outcome *out)
{
        struct json *array = json_array();

        for (size_t i = 0; i < out->denial_count; i++) {
                const struct denial *d = &out->denials[i];
                struct json *o = json_object();

                json_text(o, "what", d->message);
                json_text(o, "key", d->key);
                json_text(o, "errno", d->error ? errno_name(d->error) : NULL);
                json_text(o, "signal", d->signal ? sigabbrev_np(d->signal) : NULL);
                json_text(o, "path", d->path);
                json_text(o, "syscall", d->call);
                json_text(o, "capability", d->capability);
                json_text(o, "process", d->process);
                json_text(o, "accepted", d->accepted);
                json_text(o, "directive",
                          d->directive < DIRECTIVE_COUNT ? directive_at(d->directive)->name : NULL);
                json_append(array, o);
        }
        return array;
}

static struct json *probes_json(const struct outcome *out)
{
        struct json *array = json_array();

        for (size_t i = 0; i < out->probe_count; i++) {
                const struct probe_result *p = &out->probes[i];
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

static struct json *names_json(const enum directive_id *list, size_t count)
{
        struct json *array = json_array();

        for (size_t i = 0; i < count; i++)
                json_append_text(array, directive_at(list[i])->name);
        return array;
}

struct json *harden_report_json(const struct context *c, const char *unit,
                                const struct search *found, const char *saved)
{
        const struct outcome *out = &found->outcome;
        struct json *o = json_object();

        json_text(o, "unit", unit);
        json_text(o, "stage", "twin");
        json_tenths(o, "before", found->before);
        json_tenths(o, "after", found->after);
        json_text(o, "verdict", verdict_name(out->verdict));
        json_text(o, "summary", out->summary);
        json_number(o, "trials", (double)found->trials);
        json_number(o, "from_cache", (double)found->from_cache);
        json_number(o, "seconds", (double)found->seconds_x1000 / 1000);
        json_put(o, "changes", changes_json(c, found->profile));
        json_put(o, "forgone", forgone_json(found));
        json_put(o, "denials", denials_json(out));
        json_put(o, "probes", probes_json(out));
        json_put(o, "not_rehearsed", names_json(out->not_rehearsed, out->not_rehearsed_count));
        json_bool(o, "watched", out->watched);
        json_texts(o, "notes", out->notes);
        json_text(o, "stopped", found->stopped);
        json_bool(o, "exhausted", found->exhausted);
        json_text(o, "saved", saved);
        return o;
}
