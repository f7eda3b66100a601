/* show.c - gird show: every assessment of a unit, and what changes would make of it. */
#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/command/advice.h"
#include "tui/command/command.h"
#include "tui/command/report.h"
#include "tui/command/show_view.h"
#include "tui/observing.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* A unit as it stands, and as the profile on the command line would make it. */
struct view {
        struct sandbox *now, *then; /* then is NULL without changes */
        struct score before, after;
        bool scored;
        struct advising advising; /* what an observation says of it as it stands */
};

static void view_done(struct view *v)
{
        sandbox_free(v->now);
        sandbox_free(v->then);
        advising_done(&v->advising);
}

static int view_open(struct context *c, const char *word, struct view *v, struct err *e)
{
        scoped(profile_freep) struct profile *p = NULL;
        int r = context_unit(c, word, &v->now, e);

        if (r >= 0 && c->args->on[OPT_OBSERVED]) {
                r = observing_profile(c, v->now, &p, e);
                if (r > 0)
                        return -ENOENT;
        } else if (r >= 0) {
                r = context_profile(c, v->now, &p, e);
        }
        if (r == 0)
                r = profile_apply(p, v->now, &c->dialect, &v->then);
        if (r < 0)
                return e->code ? r : err_set(e, r, "cannot apply the changes to %s", word);
        v->scored = score_sandbox(v->now, &c->dialect, c->mode, &v->before) == 0;
        if (v->scored && v->then)
                v->scored = score_sandbox(v->then, &c->dialect, c->mode, &v->after) == 0;
        else
                v->after = v->before;
        r = v->scored ? advising_load(c, v->now, &v->advising) : 0;
        return r < 0 ? err_set(e, r, "cannot tell what was observed of %s", word) : 0;
}

static const struct sandbox *shown(const struct view *v)
{
        return v->then ? v->then : v->now;
}

static struct json *assessments_json(const struct context *c, const struct view *v)
{
        struct json *array = json_array();

        for (size_t i = 0; v->scored && i < v->after.count; i++) {
                const struct assessment *row = &v->after.rows[i];
                const struct directive *d = directive_at(row->directive);
                const struct setting *s = &shown(v)->settings[row->directive];
                scoped(mem_freep) char *value = value_show(&s->value, d, &c->dialect);
                scoped(mem_freep) char *origin = report_origin(s);
                struct json *o = json_object();

                json_text(o, "id", row->id);
                json_text(o, "directive", d->name);
                json_text(o, "value", value);
                json_number(o, "weight", (double)row->weight);
                if (row->applicable)
                        json_number(o, "badness", (double)row->badness);
                else
                        json_null(o, "badness");
                json_number(o, "range", (double)row->range);
                if (row->applicable && row->exposure)
                        json_tenths(o, "exposure", row->exposure);
                else
                        json_null(o, "exposure");
                json_bool(o, "applicable", row->applicable);
                json_text(o, "origin", origin);
                json_append(array, o);
        }
        return array;
}

static struct json *oddities_json(const struct sandbox *s)
{
        struct json *array = json_array();

        for (size_t i = 0; i < s->oddity_count; i++) {
                struct json *o = json_object();

                json_text(o, "file", s->oddities[i].file);
                json_number(o, "line", s->oddities[i].line);
                json_text(o, "key", s->oddities[i].key);
                json_text(o, "value", s->oddities[i].text);
                json_text(o, "why", s->oddities[i].why);
                json_append(array, o);
        }
        return array;
}

static struct json *view_json(const struct context *c, const struct view *v)
{
        char version[32];
        struct json *o = json_object();

        snprintf(version, sizeof(version), c->dialect.version.minor ? "%u.%u" : "%u",
                 c->dialect.version.major, c->dialect.version.minor);
        json_text(o, "unit", v->now->unit);
        json_text(o, "load", load_state_name(v->now->load));
        json_text(o, "note", v->now->load_note);
        if (v->scored) {
                json_tenths(o, "exposure", v->after.exposure);
                json_text(o, "level", score_level_name(score_level(v->after.exposure)));
        } else {
                json_null(o, "exposure");
                json_null(o, "level");
        }
        if (v->then && v->scored)
                json_tenths(o, "before", v->before.exposure);
        json_text(o, "systemd", version);
        json_text(o, "source", context_source(c));
        json_put(o, "assessments", assessments_json(c, v));
        json_put(o, "oddities", oddities_json(v->now));
        advice_json(c, &v->advising, o);
        return o;
}

static void print_row(const struct context *c, const struct view *v, const struct assessment *row)
{
        const struct setting *s = &shown(v)->settings[row->directive];
        scoped(mem_freep) char *origin = report_origin(s);
        scoped(mem_freep) char *value = value_show(&s->value, directive_at(row->directive),
                                                   &c->dialect);
        const char *mark = !row->applicable ? " " : row->badness ? "-" : "+";

        printf("%s ", mark);
        if (row->applicable && row->exposure)
                printf("%u.%u ", row->exposure / 10, row->exposure % 10);
        else
                fputs("    ", stdout);
        printf("%-54s %-12.12s ", row->title, value ? value : "");
        if (!row->applicable)
                fputs("does not count here", stdout);
        else if (row->badness)
                printf("%s", row->meaning);
        else if (s->origin.kind == ORIGIN_DEFAULT)
                fputs("by default", stdout);
        else
                report_text(origin ? origin : "");
        putchar('\n');
}

static void print_oddities(const struct sandbox *s)
{
        for (size_t i = 0; i < s->oddity_count; i++) {
                const struct oddity *o = &s->oddities[i];

                fputs("! ", stdout);
                report_text(o->file ? o->file : "?");
                printf(":%u: ", o->line);
                report_text(o->key ? o->key : "");
                fputs(": ", stdout);
                report_text(o->why);
                putchar('\n');
        }
}

static void print_view(const struct context *c, const struct view *v)
{
        report_text(v->now->unit);
        if (v->now->facts.description) {
                fputs(" - ", stdout);
                report_text(v->now->facts.description);
        }
        putchar('\n');
        if (v->now->facts.fragment) {
                report_text(v->now->facts.fragment);
                putchar('\n');
        }
        for (char **dropin = v->now->facts.dropins; dropin && *dropin; dropin++) {
                report_text(*dropin);
                putchar('\n');
        }
        print_oddities(v->now);
        if (!v->scored) {
                printf("%s: ", load_state_name(v->now->load));
                report_text(v->now->load_note ? v->now->load_note : "systemd scores no such unit");
                putchar('\n');
                return;
        }
        for (size_t i = 0; i < v->after.count; i++)
                print_row(c, v, &v->after.rows[i]);
        fputs("exposure ", stdout);
        if (v->then) {
                report_exposure(c, v->before.exposure);
                fputs(" -> ", stdout);
        }
        report_exposure(c, v->after.exposure);
        printf(" (systemd %u, %s)\n", c->dialect.version.major, context_source(c));
        advice_print(c, &v->advising);
}

static int show_scores(struct arguments *a)
{
        scoped(context_close) struct context c = CONTEXT_NONE;
        struct json *array = a->json && a->operand_count > 1 ? json_array() : NULL;
        struct err e = { 0 };
        int status = STATUS_DONE;

        if (context_open(&c, a, &e) < 0 || context_learn(&c, &e) < 0) {
                json_free(array);
                return complain(&e);
        }
        for (size_t i = 0; i < a->operand_count; i++) {
                scoped(view_done) struct view v = { 0 };

                e = (struct err){ 0 };
                int r = view_open(&c, a->operands[i], &v, &e);

                if (r < 0) {
                        complain(&e);
                        status = r == -EINVAL || r == -EOPNOTSUPP ? STATUS_USAGE : STATUS_CANNOT;
                        continue;
                }
                if (!v.scored)
                        status = STATUS_CANNOT;
                if (array)
                        json_append(array, view_json(&c, &v));
                else if (!a->json)
                        print_view(&c, &v);
                else if (report_json(view_json(&c, &v)) != STATUS_DONE)
                        status = STATUS_CANNOT;
        }
        if (array && report_json(array) != STATUS_DONE)
                status = STATUS_CANNOT;
        return status;
}

int command_show(struct arguments *a)
{
        return a->on[OPT_VIEW] ? show_view(a) : show_scores(a);
}
