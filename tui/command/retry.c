/* retry.c - gird retry: try kept profiles again, after an upgrade. */
#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/command/command.h"
#include "tui/command/report.h"
#include "tui/retrying.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { NAME_LEAST = 4, NAME_MOST = 44, VERDICT_WIDTH = 15 };

struct retrials {
        struct retrial *list;
        size_t count;
};

static void retrials_done(struct retrials *r)
{
        retrials_free(r->list, r->count);
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

/* ---- the table ---- */

static int name_width(const struct retrials *all)
{
        int width = NAME_LEAST;

        for (size_t i = 0; i < all->count; i++) {
                int n = (int)strlen(all->list[i].unit);

                width = n > width ? n : width;
        }
        return width > NAME_MOST ? NAME_MOST : width;
}

static void print_name(const struct retrial *r, int width)
{
        int n = (int)strlen(r->unit);

        report_text(r->unit);
        printf("%*s", n < width ? width - n + 2 : 2, "");
}

/* A line each, below the row. */
static void print_lines(char *const *lines)
{
        for (; lines && *lines; lines++) {
                fputs("    ", stdout);
                report_text(*lines);
                putchar('\n');
        }
}

static const char *due_words(const struct retrial *r)
{
        if (r->why_not)
                return r->gone ? "no" : "?";
        return r->due ? "yes" : "no";
}

static void print_due(const struct retrial *r, int width)
{
        const char *rest = r->why_not                     ? r->why_not
                           : r->changed                   ? r->changed[0]
                           : r->then == VERDICT_NOT_TRIED ? "never tried"
                                                          : "as it was tried";

        print_name(r, width);
        printf("%-*s  %-4s ", VERDICT_WIDTH, r->profile ? verdict_name(r->then) : "-",
               due_words(r));
        report_text(rest);
        putchar('\n');
        print_lines(r->changed ? r->changed + 1 : NULL);
}

/* ---- JSON ---- */

static struct json *retrial_json(const struct retrial *r)
{
        struct json *o = json_object();

        json_text(o, "unit", r->unit);
        json_text(o, "then", r->profile ? verdict_name(r->then) : NULL);
        json_bool(o, "due", r->due);
        json_texts(o, "changed", r->changed);
        json_text(o, "note", r->why_not);
        return o;
}

/* The same members whether or not it came to a trial. */
static struct json *tried_json(const struct retrial *r, const struct trial *t, const char *error)
{
        struct json *o = retrial_json(r), *suspects = json_array();

        json_text(o, "verdict", t ? verdict_name(t->verdict) : NULL);
        json_text(o, "summary", t ? t->summary : error);
        for (size_t i = 0; t && i < t->suspect_count; i++) {
                struct json *suspect = json_object();

                json_text(suspect, "directive", directive_at(t->suspects[i].directive)->name);
                json_text(suspect, "why", t->suspects[i].why);
                json_append(suspects, suspect);
        }
        json_put(o, "suspects", suspects);
        json_number(o, "seconds", t ? (double)t->seconds_x1000 / 1000 : 0);
        return o;
}

/* ---- --list ---- */

static int list(const struct context *c, const struct retrials *all)
{
        struct json *array = c->args->json ? json_array() : NULL;
        int width = name_width(all), status = STATUS_DONE;

        if (!array && all->count)
                printf("%-*s  %-*s  %-4s %s\n", width, "UNIT", VERDICT_WIDTH, "VERDICT", "DUE",
                       "WHY");
        for (size_t i = 0; i < all->count; i++) {
                const struct retrial *r = &all->list[i];
                int one = r->why_not && !r->gone ? STATUS_CANNOT : r->due ? STATUS_NO : STATUS_DONE;

                status = one > status ? one : status;
                if (array)
                        json_append(array, retrial_json(r));
                else
                        print_due(r, width);
        }
        if (array && report_json(array) != STATUS_DONE)
                return STATUS_CANNOT;
        return status;
}

/* ---- trying ---- */

static void print_tried(const struct retrial *r, const struct trial *t, int width)
{
        print_name(r, width);
        printf("%-*s  %-*s  ", VERDICT_WIDTH, verdict_name(r->then), VERDICT_WIDTH,
               verdict_name(t->verdict));
        report_text(t->summary);
        putchar('\n');
        for (size_t i = 0; i < t->suspect_count; i++) {
                printf("    suspect: %s (", directive_at(t->suspects[i].directive)->name);
                report_text(t->suspects[i].why);
                puts(")");
        }
        if (t->verdict != VERDICT_HELD)
                print_lines(r->changed);
        fflush(stdout); /* the next one takes its time */
}

static int complain_of(const struct retrial *r, const char *why)
{
        scoped(mem_freep) char *name = text_printable_dup(r->unit);

        fprintf(stderr, "gird: %s: %s\n", name ? name : "?", why);
        return STATUS_CANNOT;
}

static int try_one(struct context *c, struct retrial *r, struct json *array, int width)
{
        scoped(attempt_done) struct attempt attempt = { 0 };
        struct err e = { 0 };
        int k;

        if (r->why_not) {
                if (array)
                        json_append(array, tried_json(r, NULL, r->why_not));
                complain_of(r, r->why_not);
                return r->gone && !c->args->operand_count ? STATUS_DONE : STATUS_CANNOT;
        }
        job_progress(&c->job, "trying again", r->unit);
        k = retrying_try(c, r, &attempt, &e);
        if (k != 0) {
                if (array)
                        json_append(array, tried_json(r, NULL, e.text));
                return complain_of(r, e.text);
        }
        if (array)
                json_append(array, tried_json(r, &attempt.trial, NULL));
        else
                print_tried(r, &attempt.trial, width);
        return status_of(c->args, attempt.trial.verdict);
}

static int try_all(struct context *c, const struct retrials *all)
{
        bool whatever = c->args->operand_count > 0 || c->args->on[OPT_ALL];
        struct json *array = c->args->json ? json_array() : NULL;
        int width = name_width(all), status = STATUS_DONE;
        size_t tried = 0;

        for (size_t i = 0; i < all->count && !c->job.cancelled; i++) {
                struct retrial *r = &all->list[i];
                int one;

                if (!whatever && !r->due && !(r->why_not && !r->gone))
                        continue;
                if (!array && tried++ == 0)
                        printf("%-*s  %-*s  %-*s  %s\n", width, "UNIT", VERDICT_WIDTH, "THEN",
                               VERDICT_WIDTH, "NOW", "SUMMARY");
                one = try_one(c, r, array, width);
                status = one > status ? one : status;
        }
        if (c->job.cancelled)
                status = STATUS_CANNOT;
        if (array && report_json(array) != STATUS_DONE)
                return STATUS_CANNOT;
        return status;
}

/* What there is to say when there is nothing to do. */
static void say_nothing(const struct context *c, const struct retrials *all)
{
        if (c->args->json || c->args->quiet)
                return;
        if (all->count == 0)
                fputs("gird: no unit has a profile yet; `gird try` and `gird harden` make them\n",
                      stderr);
        else
                fprintf(stderr,
                        "gird: nothing is due: %zu profile%s, and what was tried was tried with "
                        "the versions that are here (--all tries again all the same)\n",
                        all->count, all->count == 1 ? "" : "s");
}

static bool is_idle(const struct context *c, const struct retrials *all)
{
        if (all->count == 0)
                return true;
        if (c->args->on[OPT_LIST] || c->args->operand_count || c->args->on[OPT_ALL])
                return false;
        for (size_t i = 0; i < all->count; i++)
                if (all->list[i].due || (all->list[i].why_not && !all->list[i].gone))
                        return false;
        return true;
}

int command_retry(struct arguments *a)
{
        scoped(context_close) struct context c = CONTEXT_NONE;
        scoped(retrials_done) struct retrials all = { 0 };
        struct err e = { 0 };

        if (a->on[OPT_ALL] && a->operand_count)
                return complain_usage("--all tries every kept profile; leave the units out");
        if (context_open(&c, a, &e) < 0 || context_learn(&c, &e) < 0)
                return complain(&e);
        c.job.progress = report_progress;
        c.job.userdata = &c;
        if (retrying_look(&c, a->operands, &all.list, &all.count, &e) < 0)
                return complain(&e);
        if (is_idle(&c, &all))
                say_nothing(&c, &all);
        if (a->on[OPT_LIST])
                return list(&c, &all);
        if (context_know(&c, &e) < 0)
                return complain(&e);
        return try_all(&c, &all);
}
