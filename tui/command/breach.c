/* breach.c - gird breach: what someone inside the service could do. */
#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/trial/trial.h"
#include "tui/breaching.h"
#include "tui/command/command.h"
#include "tui/command/report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { WIDTH = 79 };

/* ---- words, wrapped ---- */

/* first stands before the first line, and as many blanks before the others. */
static void print_wrapped(const char *first, const char *text)
{
        scoped(mem_freep) char *clean = text_printable_dup(text);
        int indent = (int)strlen(first), col = indent;

        if (!clean)
                return;
        printf("%s", first);
        for (const char *at = clean; *at;) {
                int n = (int)strcspn(at, " ");

                if (col > indent && col + 1 + n > WIDTH) {
                        printf("\n%*s", indent, "");
                        col = indent;
                }
                if (col > indent)
                        col += printf(" ");
                col += printf("%.*s", n, at);
                at += n;
                at += strspn(at, " ");
        }
        putchar('\n');
}

/* ---- the report ---- */

static void print_chain(const struct context *c, const struct breach_chain *chain)
{
        scoped(mem_freep) char *closer = chain->closer ? breaching_closer(chain->closer) : NULL;
        scoped(mem_freep) char *text = text_format("%s.", chain->chain->sentence);

        if (!text)
                return;
        if (!chain->after) {
                print_wrapped("  closed:  ", text);
                return;
        }
        printf("%s", report_color(c, 96));
        print_wrapped("  open:    ", text);
        printf("%s", report_plain(c));
        print_wrapped("           ", closer ? closer : "No directive that gird knows closes it.");
}

static void print_chains(const struct context *c, const struct breach *b)
{
        if (b->after.chains == 0 && b->before.chains == 0) {
                printf("No way out of this sandbox was found.\n");
                return;
        }
        if (b->after.chains == 0)
                print_wrapped("", "With the changes no way out of this sandbox was found.");
        else
                print_wrapped("", "This sandbox can be left, whatever its exposure:");
        for (size_t i = 0; i < b->chain_count; i++)
                print_chain(c, &b->chains[i]);
        if (b->after.chains == 0)
                return;
        printf("\nThe mildest lines that close all of them:\n");
        for (size_t i = 0; b->close && b->close[i]; i++) {
                /* However long: a line that is copied must be whole. */
                fputs("  ", stdout);
                report_text(b->close[i]);
                putchar('\n');
        }
        if (b->own_user)
                print_wrapped("", "A user of its own (User=NAME, or DynamicUser=yes) closes all of "
                                  "them as well.");
}

static void topic_counts(const struct breach *b, enum move_topic topic, struct breach_count *before,
                         struct breach_count *after)
{
        for (size_t i = 0; i < b->move_count; i++) {
                if (b->moves[i].move->topic != topic)
                        continue;
                before->allowed += b->moves[i].before.result == BREACH_ALLOWED;
                after->allowed += b->moves[i].after.result == BREACH_ALLOWED;
                after->refused += b->moves[i].after.result == BREACH_REFUSED;
                after->unknown += b->moves[i].after.result == BREACH_UNKNOWN;
        }
}

static bool is_listed(const struct breach_move *m, enum move_topic topic)
{
        return m->move->topic == topic && m->after.result == BREACH_ALLOWED;
}

static bool same_closer(const struct breach_move *a, const struct breach_move *b)
{
        return a->closer && b->closer ? strcmp(a->closer, b->closer) == 0 : a->closer == b->closer;
}

/* Those that one closer would close, from the first of them on. */
static void print_group(const struct breach *b, size_t first, enum move_topic topic)
{
        const struct breach_move *m = &b->moves[first];
        scoped(mem_freep) char *closer = m->closer ? breaching_closer(m->closer) : NULL;
        scoped(mem_freep) char *head = closer ? text_format("%s would close:", closer)
                                              : strdup("Nothing that gird knows closes:");

        print_wrapped("  ", head ? head : "");
        for (size_t i = first; i < b->move_count; i++)
                if (is_listed(&b->moves[i], topic) && same_closer(&b->moves[i], m)) {
                        const char *rule = b->moves[i].after.computed ? " (by rule)" : "";
                        scoped(mem_freep) char *text = text_format(
                                "%s%s", b->moves[i].move->sentence, rule);

                        print_wrapped("    - ", text ? text : "");
                }
}

static void print_topic(const struct breach *b, enum move_topic topic)
{
        struct breach_count before = { 0 }, after = { 0 };

        topic_counts(b, topic, &before, &after);
        printf("\n%s: ", breaching_topic(topic));
        if (b->changed)
                printf("%zu -> ", before.allowed);
        printf("%zu allowed, %zu refused", after.allowed, after.refused);
        if (after.unknown)
                printf(", %zu not known", after.unknown);
        putchar('\n');
        for (size_t i = 0; i < b->move_count; i++) {
                bool told = !is_listed(&b->moves[i], topic);

                for (size_t k = 0; !told && k < i; k++)
                        told = is_listed(&b->moves[k], topic) &&
                               same_closer(&b->moves[k], &b->moves[i]);
                if (!told)
                        print_group(b, i, topic);
        }
}

static void print_counts(const struct breach *b)
{
        const struct breach_count *now = &b->after;

        printf("\nTried: %zu.  Allowed: ", b->move_count);
        if (b->changed)
                printf("%zu -> ", b->before.allowed);
        printf("%zu.  Refused: %zu.  Not here: %zu.  Not known: %zu.\n", now->allowed, now->refused,
               now->absent, now->unknown);
}

/* What no trial here can tell. */
static void print_unknown(const struct breach *b)
{
        struct text t = { 0 };
        scoped(mem_freep) char *all = NULL;

        for (size_t i = 0; i < b->move_count; i++)
                if (b->moves[i].after.result == BREACH_UNKNOWN)
                        text_addf(&t, "%s%s", t.length ? ", " : "", b->moves[i].move->name);
        if (t.length)
                printf("\n");
        all = text_take(&t);
        if (all && *all)
                print_wrapped("Not known: ", all);
}

static void print_report(const struct context *c, const struct entering *n, const struct breach *b)
{
        const struct sandbox *s = n->after ? n->after : n->unit;
        scoped(mem_freep) char *head = text_format("%s, %s, as %s, tried in a twin", s->unit,
                                                   n->words, entering_user(s));

        print_wrapped("", head ? head : s->unit);
        putchar('\n');
        print_chains(c, b);
        print_counts(b);
        for (int topic = 0; topic < TOPIC_LAB; topic++)
                print_topic(b, (enum move_topic)topic);
        print_unknown(b);
}

/* ---- JSON ---- */

static struct json *count_json(const struct breach_count *count)
{
        struct json *o = json_object();

        json_number(o, "allowed", (double)count->allowed);
        json_number(o, "refused", (double)count->refused);
        json_number(o, "absent", (double)count->absent);
        json_number(o, "unknown", (double)count->unknown);
        json_number(o, "chains", (double)count->chains);
        return o;
}

static struct json *answer_json(const struct breach_answer *a)
{
        struct json *o = json_object();

        json_text(o, "result", breach_result_name(a->result));
        json_text(o, "answer", *a->answer ? a->answer : NULL);
        json_text(o, "by", a->by);
        json_bool(o, "computed", a->computed);
        return o;
}

static struct json *lines_json(const char *closer)
{
        scoped(strv_freep) char **lines = NULL;
        struct json *list = json_array();

        if (closer && strv_split(closer, "\n", &lines) == 0)
                for (size_t i = 0; lines && lines[i]; i++)
                        json_append_text(list, lines[i]);
        return list;
}

static struct json *chains_json(const struct breach *b)
{
        struct json *list = json_array();

        for (size_t i = 0; i < b->chain_count; i++) {
                const struct breach_chain *chain = &b->chains[i];
                struct json *o = json_object();

                json_text(o, "name", chain->chain->name);
                json_text(o, "sentence", chain->chain->sentence);
                json_bool(o, "before", chain->before);
                json_bool(o, "after", chain->after);
                json_put(o, "closer", lines_json(chain->closer));
                json_append(list, o);
        }
        return list;
}

static struct json *moves_json(const struct breach *b)
{
        struct json *list = json_array();

        for (size_t i = 0; i < b->move_count; i++) {
                const struct breach_move *m = &b->moves[i];
                struct json *o = json_object();

                json_text(o, "name", m->move->name);
                json_text(o, "topic", breaching_topic(m->move->topic));
                json_text(o, "sentence", m->move->sentence);
                json_put(o, "before", answer_json(&m->before));
                json_put(o, "after", answer_json(&m->after));
                json_put(o, "closer", lines_json(m->closer));
                json_append(list, o);
        }
        return list;
}

static struct json *report_breach(const struct entering *n, const struct breach *b)
{
        const struct sandbox *s = n->after ? n->after : n->unit;
        struct json *o = json_object();

        json_text(o, "unit", s->unit);
        json_text(o, "stage", "twin");
        json_text(o, "user", entering_user(s));
        json_number(o, "tried", (double)b->move_count);
        json_put(o, "before", count_json(&b->before));
        json_put(o, "after", count_json(&b->after));
        json_bool(o, "leaves", b->after.chains > 0);
        json_put(o, "chains", chains_json(b));
        json_texts(o, "close", b->close);
        json_bool(o, "own_user_closes", b->own_user);
        json_put(o, "moves", moves_json(b));
        return o;
}

/* ---- the command ---- */

/* The sandbox lets nothing be started, so nothing is known of it. */
static int say_why(const struct entering *n, const struct breach *b)
{
        const char *why = b->changed ? b->why_after : b->why_before;
        struct err e = { 0 };

        if (!why)
                return 0;
        err_say(&e, -EPERM, "nothing can be started in the sandbox of %s, %s: %s", n->unit->unit,
                n->words, why);
        return complain(&e);
}

/* One unit is an object, several are an array. */
static int try_unit(struct context *c, const char *word, struct json *list, struct json **one)
{
        scoped(entering_done) struct entering n = { 0 };
        scoped(breach_done) struct breach b = { 0 };
        struct err e = { 0 };
        int r = entering_open(c, word, &n, &e);

        if (r < 0) {
                complain(&e);
                return r == -EINVAL || r == -EOPNOTSUPP ? STATUS_USAGE : STATUS_CANNOT;
        }
        r = breaching_run(c, &n, &b, &e);
        if (r != 0) {
                complain(&e);
                return STATUS_CANNOT;
        }
        r = say_why(&n, &b);
        if (r != 0)
                return r;
        if (list)
                json_append(list, report_breach(&n, &b));
        else if (one)
                *one = report_breach(&n, &b);
        else
                print_report(c, &n, &b);
        fflush(stdout);
        return b.after.chains > 0 ? STATUS_NO : STATUS_DONE;
}

int command_breach(struct arguments *a)
{
        scoped(context_close) struct context c = CONTEXT_NONE;
        scoped(json_freep) struct json *list = a->json ? json_array() : NULL;
        struct json *one = NULL;
        struct err e = { 0 };
        int worst = STATUS_DONE, r;

        if (context_open(&c, a, &e) < 0 || context_learn(&c, &e) < 0 || context_know(&c, &e) < 0)
                return complain(&e);
        c.job.progress = report_progress;
        c.job.userdata = &c;
        for (size_t i = 0; i < a->operand_count; i++) {
                if (i > 0 && !list)
                        putchar('\n');
                r = try_unit(&c, a->operands[i], a->operand_count > 1 ? list : NULL,
                             list && a->operand_count == 1 ? &one : NULL);
                worst = r > worst ? r : worst;
                if (c.job.cancelled)
                        break;
        }
        if (list && (one || a->operand_count > 1) &&
            report_json(one ? one : take(list)) != STATUS_DONE)
                return STATUS_CANNOT;
        return worst;
}
