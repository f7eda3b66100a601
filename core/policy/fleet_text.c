/* fleet_text.c - what was found, for CI servers (JUnit) and for monitoring (a Prometheus textfile).
 */
#include "core/policy/policy_private.h"

#include <string.h>

/* For XML 1.0, which has no control characters at all: text_printable_dup() took them. */
static void add_xml(struct text *t, const char *raw)
{
        static const struct {
                char c;
                const char *entity;
        } entities[] = {
                { '&', "&amp;" },
                { '<', "&lt;" },
                { '>', "&gt;" },
                { '"', "&quot;" },
        };
        scoped(mem_freep) char *clean = text_printable_dup(raw);

        t->failed |= !clean;
        for (const char *p = clean; p && *p; p++) {
                size_t i = 0;

                while (i < COUNT(entities) && entities[i].c != *p)
                        i++;
                if (i < COUNT(entities))
                        text_add(t, entities[i].entity);
                else
                        text_addn(t, p, 1);
        }
}

static void add_case(struct text *t, const struct checked *c, const struct finding *f)
{
        scoped(mem_freep) char *name = finding_name(f);

        text_add(t, "    <testcase classname=\"");
        add_xml(t, c->unit);
        text_add(t, "\" name=\"");
        add_xml(t, name ? name : "");
        text_add(t, "\">\n      ");
        if (f->note || f->excused) {
                text_add(t, "<skipped message=\"");
                add_xml(t, f->message);
                if (f->excused) {
                        text_add(t, "; accepted: ");
                        add_xml(t, f->excused);
                        text_addf(t, " (until %s)", f->until);
                }
                text_add(t, "\"/>\n");
        } else {
                text_addf(t, "<failure type=\"%s\" message=\"", finding_kind_name(f->kind));
                add_xml(t, f->message);
                text_add(t, "\"/>\n");
        }
        text_add(t, "    </testcase>\n");
        t->failed |= !name;
}

struct tally {
        size_t tests, failures, skipped;
};

static struct tally tally(const struct checked *c)
{
        struct tally n = { .tests = strv_length(c->met) + c->finding_count };

        for (size_t i = 0; i < c->finding_count; i++) {
                bool skipped = c->findings[i].note || c->findings[i].excused;

                n.skipped += skipped;
                n.failures += !skipped;
        }
        return n;
}

static void add_suite(struct text *t, const struct fleet *f, const struct checked *c)
{
        struct tally n = tally(c);

        text_add(t, "  <testsuite name=\"");
        add_xml(t, c->unit);
        /* Without "Z": the form has no zones. */
        text_addf(t,
                  "\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\" time=\"0\" "
                  "timestamp=\"%.19s\" hostname=\"",
                  n.tests, n.failures, n.skipped, f->when);
        add_xml(t, f->host);
        text_add(t, "\">\n");
        for (char **name = c->met; name && *name; name++) {
                text_add(t, "    <testcase classname=\"");
                add_xml(t, c->unit);
                text_add(t, "\" name=\"");
                add_xml(t, *name);
                text_add(t, "\"/>\n");
        }
        for (size_t i = 0; i < c->finding_count; i++)
                add_case(t, c, &c->findings[i]);
        if (c->scored)
                text_addf(t, "    <system-out>exposure %u.%u</system-out>\n", c->exposure / 10,
                          c->exposure % 10);
        text_add(t, "  </testsuite>\n");
}

char *fleet_junit(const struct fleet *f)
{
        struct text t = { 0 };
        size_t tests = 0, failures = 0;

        for (size_t i = 0; i < f->count; i++) {
                struct tally n = tally(&f->units[i]);

                tests += n.tests;
                failures += n.failures;
        }
        text_addf(&t,
                  "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                  "<testsuites name=\"gird check\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" "
                  "time=\"0\">\n",
                  tests, failures);
        for (size_t i = 0; i < f->count; i++)
                add_suite(&t, f, &f->units[i]);
        text_add(&t, "</testsuites>\n");
        return text_take(&t);
}

/* --- Prometheus --------------------------------------------------------------------------- */

/* A label's value: backslash, quote and newline are escaped; unit names hold backslashes. */
static void add_label(struct text *t, const char *raw)
{
        scoped(mem_freep) char *clean = text_printable_dup(raw);

        t->failed |= !clean;
        for (const char *p = clean; p && *p; p++) {
                if (*p == '\\' || *p == '"')
                        text_add(t, "\\");
                text_addn(t, p, 1);
        }
}

static void add_metric(struct text *t, const char *metric, const char *unit)
{
        text_addf(t, "%s{unit=\"", metric);
        add_label(t, unit);
        text_add(t, "\"} ");
}

static void add_head(struct text *t, const char *metric, const char *what)
{
        text_addf(t, "# HELP %s %s\n# TYPE %s gauge\n", metric, what, metric);
}

char *fleet_prometheus(const struct fleet *f)
{
        struct text t = { 0 };

        add_head(&t, "systemd_unit_exposure_level",
                 "Exposure of a unit as systemd-analyze security has it, 0 to 10.");
        for (size_t i = 0; i < f->count; i++)
                if (f->units[i].scored) {
                        add_metric(&t, "systemd_unit_exposure_level", f->units[i].unit);
                        text_addf(&t, "%u.%u\n", f->units[i].exposure / 10,
                                  f->units[i].exposure % 10);
                }
        add_head(&t, "gird_unit_findings", "Demands of the policy that the unit does not meet.");
        for (size_t i = 0; i < f->count; i++) {
                add_metric(&t, "gird_unit_findings", f->units[i].unit);
                text_addf(&t, "%zu\n", tally(&f->units[i]).failures);
        }
        add_head(&t, "gird_unit_accepted_findings",
                 "Demands that the unit does not meet, with an accepted exception.");
        for (size_t i = 0; i < f->count; i++) {
                add_metric(&t, "gird_unit_accepted_findings", f->units[i].unit);
                text_addf(&t, "%zu\n", tally(&f->units[i]).skipped);
        }
        return text_take(&t);
}
