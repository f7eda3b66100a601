/* check.c - gird check: do the units keep to the policy?  For CI and fleets. */
#include "core/base/base.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/checking.h"
#include "tui/command/command.h"
#include "tui/command/report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

static void print_finding(const struct finding *f)
{
        scoped(mem_freep) char *name = finding_name(f);

        printf("  %-7s ", f->note ? "note" : f->excused ? "allowed" : "fails");
        report_text(name ? name : "");
        fputs(": ", stdout);
        report_text(f->message);
        if (f->excused) {
                fputs("; accepted: ", stdout);
                report_text(f->excused);
                printf(" (until %s)", f->until);
        }
        if (f->file) {
                fputs("  [", stdout);
                report_text(f->file);
                if (f->line)
                        printf(":%u", f->line);
                putchar(']');
        }
        putchar('\n');
}

static void print_text(const struct context *c, const struct checking *k)
{
        size_t failed = 0;

        for (size_t i = 0; i < k->count; i++) {
                const struct checked *u = &k->units[i];
                bool fails = checked_fails(u);

                failed += fails;
                if (!u->finding_count || (c->args->quiet && !fails))
                        continue;
                report_text(u->unit);
                if (u->scored) {
                        putchar(' ');
                        report_exposure(c, u->exposure);
                }
                putchar('\n');
                for (size_t n = 0; n < u->finding_count; n++)
                        print_finding(&u->findings[n]);
        }
        if (!c->args->quiet)
                fprintf(stderr, "gird: %zu unit%s checked, %zu fail%s\n", k->count,
                        k->count == 1 ? "" : "s", failed, failed == 1 ? "s" : "");
}

/* --- the forms --------------------------------------------------------------------------- */

static const struct {
        const char *name, *what;
        char *(*make)(const struct fleet *f); /* NULL: text */
} formats[] = {
        { "text", "for people", NULL },
        { "json", "gird's own, doc/json.md", fleet_json },
        { "sarif", "SARIF 2.1.0, for code scanning", fleet_sarif },
        { "junit", "JUnit's XML, for CI servers", fleet_junit },
        { "prometheus", "a textfile for node_exporter", fleet_prometheus },
};

static int find_format(const struct arguments *a, size_t *ret)
{
        const char *name = a->format ? a->format : a->json ? "json" : "text";

        if (strcmp(name, "list") == 0) {
                for (size_t i = 0; i < COUNT(formats); i++)
                        printf("%-12s %s\n", formats[i].name, formats[i].what);
                return 1;
        }
        for (*ret = 0; *ret < COUNT(formats); (*ret)++)
                if (strcmp(formats[*ret].name, name) == 0)
                        return 0;
        complain_usage("--format=%s: there are text, json, sarif, junit and prometheus", name);
        return -EINVAL;
}

static int print_form(const struct context *c, const struct checking *k, size_t format,
                      struct err *e)
{
        struct utsname host = { 0 };
        char when[32] = "";
        time_t now = time(NULL);
        struct tm tm;
        struct fleet f = { .units = k->units, .count = k->count, .when = when };
        scoped(mem_freep) char *made = NULL;

        uname(&host);
        f.host = c->args->host      ? c->args->host
                 : c->args->machine ? c->args->machine
                                    : host.nodename;
        f.root = c->root.root ? c->root.root : "";
        if (gmtime_r(&now, &tm))
                strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm);
        made = formats[format].make(&f);
        if (!made)
                return err_set(e, -ENOMEM, "cannot write %s", formats[format].name);
        if (c->args->output)
                return file_replace(c->args->output, made, 0666, e);
        fputs(made, stdout);
        if (!text_ends(made, "\n"))
                putchar('\n');
        return 0;
}

static int record(struct context *c, const struct checking *k, struct err *e)
{
        scoped(mem_freep) char *text = NULL, *line = NULL;
        int r = baseline_print(&k->now, &c->dialect, &text);

        line = r < 0 ? NULL : text_format("%s\n", text);
        if (!line)
                return err_set(e, r < 0 ? r : -ENOMEM, "cannot write %s", c->args->baseline);
        r = file_replace(c->args->baseline, line, 0666, e);
        if (r >= 0 && !c->args->quiet)
                fprintf(stderr, "gird: %zu unit%s recorded in %s\n", k->now.count,
                        k->now.count == 1 ? "" : "s", c->args->baseline);
        return r;
}

static int check_options(const struct arguments *a, size_t format)
{
        if (a->on[OPT_RECORD] && !a->baseline)
                return complain_usage("--record writes the baseline: name it with --baseline=FILE");
        if (a->on[OPT_RECORD] &&
            (a->policy || a->on[OPT_THRESHOLD] || a->format || a->json || a->output))
                return complain_usage("--record only writes the baseline; check by rules, or in "
                                      "another form, without it");
        if (a->output && !formats[format].make)
                return complain_usage(
                        "--output goes with --format json, sarif, junit or prometheus");
        if (a->json && a->format && strcmp(a->format, "json") != 0)
                return complain_usage("--json and --format=%s are two forms; take one", a->format);
        return STATUS_DONE;
}

int command_check(struct arguments *a)
{
        scoped(context_close) struct context c = CONTEXT_NONE;
        scoped(checking_done) struct checking k = { 0 };
        struct err e = { 0 };
        size_t format = 0;
        int r = find_format(a, &format);

        if (r != 0)
                return r > 0 ? STATUS_DONE : STATUS_USAGE;
        r = check_options(a, format);
        if (r != STATUS_DONE)
                return r;
        if (context_open(&c, a, &e) < 0 || context_learn(&c, &e) < 0 ||
            checking_run(&c, a->operands, &k, &e) < 0)
                return complain(&e);
        if (c.note[0] && !a->quiet)
                fprintf(stderr, "gird: %s\n", c.note);
        if (!k.policy && !a->baseline && !a->quiet)
                fputs("gird: no --policy, --threshold or --baseline: only kept profiles are looked "
                      "at\n",
                      stderr);
        if (a->on[OPT_RECORD])
                return record(&c, &k, &e) < 0 ? complain(&e) : STATUS_DONE;
        if (!formats[format].make)
                print_text(&c, &k);
        else if (print_form(&c, &k, format, &e) < 0)
                return complain(&e);
        for (size_t i = 0; i < k.count; i++)
                if (checked_fails(&k.units[i]))
                        return STATUS_NO;
        return STATUS_DONE;
}
