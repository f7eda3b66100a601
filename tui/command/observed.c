/* observed.c - what an observation comes to, in words and as JSON. */
#include "tui/command/observed.h"

#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <string.h>

/* ---- what follows ---- */

static void count_advices(struct observed *o)
{
        for (size_t i = 0; i < COUNT(o->advices.list); i++) {
                const struct advice *a = &o->advices.list[i];

                switch (a->verdict) {
                case ADVICE_SAFE:
                        o->safe++;
                        o->stricter += a->changes;
                        break;
                case ADVICE_BREAKS:
                        o->breaks++;
                        break;
                case ADVICE_UNKNOWN:
                        o->unknown++;
                        break;
                }
        }
}

/* The exposure with all that is safe. */
static int score_both(struct context *c, struct observed *o)
{
        scoped(profile_freep) struct profile *p = NULL;
        scoped(sandbox_freep) struct sandbox *then = NULL;
        struct score before, after;
        size_t count = 0;
        int r = profile_new(o->unit->unit, o->unit->scope, &p);

        if (r >= 0)
                r = advices_take(&o->advices, p, NULL, &count);
        if (r >= 0)
                r = profile_apply(p, o->unit, &c->dialect, &then);
        if (r < 0)
                return r;
        o->scored = score_sandbox(o->unit, &c->dialect, c->mode, &before) == 0 &&
                    score_sandbox(then, &c->dialect, c->mode, &after) == 0;
        if (o->scored) {
                o->before = before.exposure;
                o->after = after.exposure;
        }
        return 0;
}

int observed_make(struct context *c, struct observed *o, struct err *e)
{
        int r = gist_make(o->behaviour, &o->gist);

        if (r < 0)
                return err_set(e, r, "cannot sum up what was observed of %s", o->unit->unit);
        r = observing_advices(c, o->unit, &o->advices, &o->no_advices);
        if (r != 0) {
                o->no_advices.code = r < 0 ? r : -ENODATA;
                return r == -ENOMEM || r == -ECANCELED ? r : 0;
        }
        count_advices(o);
        r = score_both(c, o);
        return r < 0 ? err_set(e, r, "cannot score what follows for %s", o->unit->unit) : 0;
}

void observed_done(struct observed *o)
{
        gist_done(&o->gist);
        advices_done(&o->advices);
}

/* ---- in words ---- */

enum { WORDS_SHOWN = 12 };

static void print_list(const char *title, char *const *list, const char *separator)
{
        size_t n = strv_length(list);

        if (!n)
                return;
        printf("  %-13s ", title);
        for (size_t i = 0; i < n && i < WORDS_SHOWN; i++) {
                if (i)
                        fputs(separator, stdout);
                report_text(list[i]);
        }
        if (n > WORDS_SHOWN)
                printf(" and %zu more", n - WORDS_SHOWN);
        putchar('\n');
}

static void print_gist(const struct observed *o)
{
        const struct gist *g = &o->gist;

        printf("  %-13s %zu different\n", "calls", g->calls);
        print_list("programs", g->programs, " ");
        print_list("capabilities", g->capabilities, " ");
        print_list("talks", g->families, ", ");
        print_list("listens on", g->ports, ", ");
        print_list("connects to", g->peers, ", ");
        print_list("writes", g->written, " ");
        print_list("was refused", g->refused, ", ");
}

static void print_line(const char *word, const char *text)
{
        printf("  %s: ", word);
        report_text(text);
        putchar('\n');
}

static void print_notes(const struct observed *o)
{
        const struct observing *now = o->now;
        const struct session *last = NULL;

        if (o->behaviour->session_count)
                last = &o->behaviour->sessions[o->behaviour->session_count - 1];
        for (char **note = last ? last->notes : NULL; note && *note; note++)
                print_line("note", *note);
        if (now && now->anew)
                puts("  note: the program is another version than was observed before, so this "
                     "begins anew");
        if (now && now->aside) {
                scoped(mem_freep) char *text = text_format(
                        "%s; what was seen is kept, and joins the rest the next time", now->aside);

                print_line("note", text ? text : now->aside);
        }
        if (o->underway)
                printf("  note: it is being observed live right now, by process %ld\n",
                       o->underway);
        if (now && now->watched_ns > 0)
                printf("  bystanders: a call of a process that is not watched took %.0f ns, and "
                       "%.0f ns meanwhile\n",
                       now->bare_ns, now->watched_ns);
        if (now && now->numbers.memory)
                printf("  memory: %.1f MiB in the kernel\n",
                       (double)now->numbers.memory / (1024 * 1024));
}

static void print_advice(const struct context *c, const struct observed *o)
{
        if (o->no_advices.code) {
                print_line("advice", o->no_advices.text);
                return;
        }
        if (o->advices.about)
                print_line("advice", o->advices.about);
        printf("  advice: %zu safe (%zu of them stricter than now), %zu would break it, %zu "
               "unknown\n",
               o->safe, o->stricter, o->breaks, o->unknown);
        if (o->scored) {
                fputs("  exposure: ", stdout);
                report_exposure(c, o->before);
                fputs(" -> ", stdout);
                report_exposure(c, o->after);
                puts(" with all that is safe");
        }
        fputs("  next: `gird show ", stdout);
        report_text(o->word);
        fputs("` tells the evidence", stdout);
        if (o->stricter) {
                fputs(", `gird try ", stdout);
                report_text(o->word);
                fputs(" --observed` tries all that is safe", stdout);
        }
        putchar('\n');
}

static void print_acts(const struct behaviour *b)
{
        for (int kind = 0; kind < ACT_KINDS; kind++) {
                const struct act *a = behaviour_first(b, (enum act_kind)kind);

                if (a)
                        printf("%s\n", act_kind_name((enum act_kind)kind));
                for (; a; a = behaviour_next(b, a)) {
                        scoped(mem_freep) char *words = act_words(b, a);

                        printf("  %s\n", words ? words : "?");
                }
        }
}

void observed_print(const struct context *c, const struct observed *o, bool all)
{
        struct coverage coverage;
        scoped(mem_freep) char *words = NULL;

        behaviour_coverage(o->behaviour, &coverage);
        words = coverage_words(&coverage);
        report_text(o->unit->unit);
        printf(": %s\n", words ? words : "?");
        print_gist(o);
        print_notes(o);
        print_advice(c, o);
        if (all)
                print_acts(o->behaviour);
}

/* ---- as JSON ---- */

static struct json *coverage_json(const struct behaviour *b)
{
        struct coverage c;
        struct json *o = json_object();
        scoped(mem_freep) char *words = NULL;

        behaviour_coverage(b, &c);
        words = coverage_words(&c);
        json_number(o, "seconds", c.seconds);
        json_number(o, "live_seconds", c.live_seconds);
        json_number(o, "events", (double)c.events);
        json_number(o, "lost", (double)c.lost);
        json_number(o, "processes", (double)c.processes);
        json_number(o, "execs", (double)c.execs);
        json_number(o, "sessions", (double)c.sessions);
        json_number(o, "probes", (double)c.probes);
        json_bool(o, "startup", c.startup);
        json_bool(o, "steady", c.steady);
        json_bool(o, "reload", c.reload);
        json_bool(o, "stop", c.stop);
        json_bool(o, "twin", c.twin);
        json_bool(o, "live", c.live);
        json_bool(o, "capabilities", c.capabilities);
        json_text(o, "words", words);
        return o;
}

static struct json *gist_json(const struct gist *g)
{
        struct json *o = json_object();

        json_number(o, "calls", (double)g->calls);
        json_texts(o, "programs", g->programs);
        json_texts(o, "capabilities", g->capabilities);
        json_texts(o, "families", g->families);
        json_texts(o, "listens", g->ports);
        json_texts(o, "connects", g->peers);
        json_texts(o, "writes", g->written);
        json_texts(o, "refused", g->refused);
        return o;
}

static struct json *advice_json(const struct observed *o)
{
        struct json *a = json_object();

        json_number(a, "safe", (double)o->safe);
        json_number(a, "stricter", (double)o->stricter);
        json_number(a, "breaks", (double)o->breaks);
        json_number(a, "unknown", (double)o->unknown);
        json_text(a, "about", o->advices.about);
        json_text(a, "none", o->no_advices.code ? o->no_advices.text : NULL);
        return a;
}

static void add_notes(struct json *o, const struct behaviour *b)
{
        scoped(strv_freep) char **notes = NULL;

        for (size_t i = 0; i < b->session_count; i++)
                for (char **note = b->sessions[i].notes; note && *note; note++)
                        if (!strv_has(notes, *note) && strv_add(&notes, *note) < 0)
                                return;
        json_texts(o, "notes", notes);
}

/* The document that is kept, as it is. */
static void add_behaviour(struct json *o, const struct behaviour *b)
{
        scoped(mem_freep) char *text = NULL;
        struct json *document = NULL;

        if (behaviour_to_json(b, &text) < 0 || json_parse("behaviour", text, &document, NULL) < 0)
                json_null(o, "behaviour");
        else
                json_put(o, "behaviour", document);
}

static void add_bystander(struct json *o, const struct observing *now)
{
        struct json *b;

        if (!now || !(now->watched_ns > 0))
                return;
        b = json_object();
        json_number(b, "bare_ns", now->bare_ns);
        json_number(b, "watched_ns", now->watched_ns);
        json_put(o, "bystander", b);
}

struct json *observed_json(const struct context *c, const struct observed *o, bool all)
{
        struct json *j = json_object();

        (void)c;
        json_text(j, "unit", o->unit->unit);
        json_text(j, "stage", !o->now ? NULL : o->live ? "live" : "twin");
        json_text(j, "binary", o->behaviour->binary);
        json_text(j, "version", o->behaviour->version);
        json_put(j, "coverage", coverage_json(o->behaviour));
        json_put(j, "gist", gist_json(&o->gist));
        json_number(j, "acts", (double)o->behaviour->act_count);
        add_notes(j, o->behaviour);
        json_put(j, "advice", advice_json(o));
        if (o->scored) {
                json_tenths(j, "before", o->before);
                json_tenths(j, "after", o->after);
        } else {
                json_null(j, "before");
                json_null(j, "after");
        }
        json_bool(j, "underway", o->underway != 0);
        if (o->now) {
                json_bool(j, "anew", o->now->anew);
                json_text(j, "aside", o->now->aside);
                json_number(j, "memory", (double)o->now->numbers.memory);
        }
        add_bystander(j, o->now);
        if (all)
                add_behaviour(j, o->behaviour);
        return j;
}
