/* write_markdown.c - a report for a merge request: what changes, why, and what was tried. */
#include "core/base/mem.h"
#include "core/forms/assignments.h"
#include "core/forms/quote.h"
#include "core/score/score.h"

#include <errno.h>
#include <string.h>

struct report {
        const struct form_input *in;
        struct form_output *output;
        struct assignments assignments;
        struct text text;
};

static void report_done(struct report *r)
{
        assignments_done(&r->assignments);
        text_done(&r->text);
}

static const char *verdict_sentence(enum verdict v)
{
        switch (v) {
        case VERDICT_HELD:
                return "It held: the unit started with these settings, all probes passed, and "
                       "nothing "
                       "was newly refused.";
        case VERDICT_BENT:
                return "It bent: the probes passed, but the service was refused something.";
        case VERDICT_BROKE:
                return "It broke: with these settings the unit does not do its work.";
        case VERDICT_BASELINE_FAILED:
                return "Not known: the unit did not start even without these settings.";
        case VERDICT_FLAKY:
                return "Not known: the unit comes and goes even without these settings.";
        case VERDICT_NOT_TRIED:
                break;
        }
        return "Not tried yet.";
}

static void add_exposure(struct report *r)
{
        unsigned before = r->in->before_x10, after = r->in->after_x10;

        text_addf(&r->text,
                  "\n| | Exposure | |\n| --- | ---: | --- |\n"
                  "| Before | %u.%u | %s |\n| After | %u.%u | %s |\n",
                  before / 10, before % 10, score_level_name(score_level(before)), after / 10,
                  after % 10, score_level_name(score_level(after)));
        text_addf(&r->text,
                  "\nThe exposure is what `systemd-analyze security` of systemd %u says: "
                  "10 is a service without any sandbox.\n",
                  r->in->dialect->version.major);
}

/* The value as it will be, all of its lines in one cell; the reset of a list says nothing here. */
static void add_value(struct text *t, const struct assignment *a)
{
        char **first = a->lines + (assignment_resets(a) ? 1 : 0);

        for (char **line = first; *line; line++) {
                scoped(mem_freep) char *words = text_format("%s=%s", a->directive->name, *line);

                text_add(t, line == first ? "" : "<br>");
                quote_markdown_code(t, words ? words : "");
                t->failed |= !words;
        }
}

static int add_before(struct report *r, const struct assignment *a)
{
        const struct setting *s = &r->in->unit->settings[a->directive->id];
        scoped(mem_freep) char *shown = NULL;

        if (!s->value.set) {
                quote_markdown(&r->text, a->directive->unset ? a->directive->unset : "");
                return 0;
        }
        shown = value_show(&s->value, a->directive, r->in->dialect);
        if (!shown)
                return -ENOMEM;
        quote_markdown_code(&r->text, shown);
        return 0;
}

static int add_row(struct report *r, const struct assignment *a)
{
        int k;

        text_add(&r->text, "| ");
        add_value(&r->text, a);
        text_add(&r->text, " | ");
        k = add_before(r, a);
        text_add(&r->text, " | ");
        quote_markdown(&r->text, a->comment ? a->comment : "");
        text_add(&r->text, " |\n");
        return k;
}

static int add_changes(struct report *r)
{
        int k = 0;

        text_add(&r->text, "\n## What is set, and why\n\n"
                           "| Set to | Before | Why |\n| --- | --- | --- |\n");
        for (size_t i = 0; k == 0 && i < r->assignments.count; i++)
                k = add_row(r, &r->assignments.list[i]);
        return k;
}

static void add_trial(struct report *r)
{
        const struct profile *p = r->in->profile;

        text_addf(&r->text, "\n## What was tried\n\n%s", verdict_sentence(p->verdict));
        if (p->tried) {
                text_add(&r->text, " Last tried ");
                quote_markdown(&r->text, p->tried);
                text_add(&r->text, ".");
        }
        text_add(&r->text, "\n");
        if (p->probes)
                text_add(&r->text, "\nProbes that have to pass:\n\n");
        else
                text_add(&r->text,
                         "\nNo probe asks whether the service does its work; that it stays up "
                         "is all that was seen.\n");
        for (char **probe = p->probes; probe && *probe; probe++) {
                text_add(&r->text, "- ");
                quote_markdown_code(&r->text, *probe);
                text_add(&r->text, "\n");
        }
        if (p->accepted_count > 0)
                text_add(&r->text, "\nRefused, and accepted:\n\n");
        for (size_t i = 0; i < p->accepted_count; i++) {
                text_add(&r->text, "- ");
                quote_markdown_code(&r->text, p->accepted[i].what);
                text_add(&r->text, ": ");
                quote_markdown(&r->text, p->accepted[i].reason);
                text_add(&r->text, "\n");
        }
}

static void add_coverage(struct report *r)
{
        struct coverage c;

        if (!r->in->behaviour) {
                text_add(&r->text, "- The service was not observed at work.\n");
                return;
        }
        behaviour_coverage(r->in->behaviour, &c);
        text_addf(&r->text,
                  "- It was observed for %.0f s in %zu sessions (%s%s%s); "
                  "%zu probes ran then.\n",
                  c.seconds, c.sessions, c.twin ? "in a twin" : "",
                  c.twin && c.live ? ", and " : "", c.live ? "live" : "", c.probes);
        if (c.lost > 0)
                text_addf(&r->text, "- Of %llu events %llu were lost.\n",
                          (unsigned long long)c.events, (unsigned long long)c.lost);
        if (!c.reload)
                text_add(&r->text, "- No reload was seen.\n");
        if (!c.live)
                text_add(&r->text, "- Only a twin was watched: what real clients ask for was not "
                                   "seen.\n");
}

static void add_open(struct report *r)
{
        text_add(&r->text, "\n## What this does not cover\n\n");
        add_coverage(r);
        for (char **line = r->output->left_out; line && *line; line++) {
                text_add(&r->text, "- Left out: ");
                quote_markdown(&r->text, *line);
                text_add(&r->text, "\n");
        }
        text_add(&r->text, "- Code paths that no probe and no observation went through.\n");
}

/* "-->" would end the comment; the mark has a date and a version only. */
static void begin(struct report *r)
{
        text_addf(&r->text, "<!-- " FORM_MARK "%s on %s -->\n# Least privilege for ", GIRD_VERSION,
                  r->in->date);
        quote_markdown_code(&r->text, r->in->unit->unit);
        text_add(&r->text, "\n");
}

FORM_WRITER(markdown)
{
        scoped(report_done) struct report r = { .in = in, .output = ret };
        scoped(mem_freep) char *stem = form_stem(in->unit->unit, '-'), *path = NULL;
        int k = assignments_make(in, &r.assignments, ret, e);

        if (k < 0)
                return k;
        path = stem ? text_format("%s.md", stem) : NULL;
        begin(&r);
        add_exposure(&r);
        k = add_changes(&r);
        add_trial(&r);
        add_open(&r);
        return form_finish(ret, path ? path : "unit.md", &r.text, path ? k : -ENOMEM, "the report",
                           e);
}
