/* help_more.c - what follows a page: what the tables know of its subject, for one systemd. */
#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/catalogue/dialect.h"
#include "core/score/score.h"
#include "core/unit/sandbox.h"
#include "tui/help.h"

#include <stdio.h>
#include <string.h>

/* "systemd 252.39" */
struct whose {
        char words[48];
};
static struct whose whose_is(const struct dialect *d)
{
        struct whose w;

        if (d->version.minor)
                snprintf(w.words, sizeof(w.words), "systemd %u.%u", d->version.major,
                         d->version.minor);
        else
                snprintf(w.words, sizeof(w.words), "systemd %u", d->version.major);
        return w;
}

/* "  word word …" over lines of a page's width. */
struct filled {
        struct text *out;
        size_t column, indent;
};

static void fill(struct filled *f, const char *word)
{
        enum { PAGE_WIDTH = 76 };
        size_t n = strlen(word);

        if (f->column > f->indent && f->column + 1 + n > PAGE_WIDTH) {
                text_add(f->out, "\n");
                f->column = 0;
        }
        if (f->column == 0) {
                text_addf(f->out, "%*s", (int)f->indent, "");
                f->column = f->indent;
        } else if (f->column > f->indent) {
                text_add(f->out, " ");
                f->column++;
        }
        text_add(f->out, word);
        f->column += n;
}

static bool listed_before(char *const *seen, const char *name)
{
        return seen && strv_has(seen, name);
}

/* The calls of a group, then each group in it, further to the right. */
static int add_group(const struct dialect *d, const char *name, size_t indent, char ***seen,
                     struct text *out)
{
        const struct syscall_group *g = dialect_group(d, name);
        struct filled f = { .out = out, .indent = indent };
        int r;

        if (!g)
                return 0;
        r = strv_add(seen, name);
        for (size_t i = 0; g->members[i]; i++)
                if (g->members[i][0] != '@')
                        fill(&f, g->members[i]);
        if (f.column)
                text_add(out, "\n");
        for (size_t i = 0; r == 0 && g->members[i]; i++) {
                if (g->members[i][0] != '@')
                        continue;
                if (listed_before(*seen, g->members[i])) {
                        text_addf(out, "%*s%s, as above\n", (int)indent, "", g->members[i]);
                        continue;
                }
                text_addf(out, "%*s%s\n", (int)indent, "", g->members[i]);
                r = add_group(d, g->members[i], indent + 2, seen, out);
        }
        return r;
}

static int count_call(void *userdata, const char *call)
{
        (void)call;
        ++*(size_t *)userdata;
        return 0;
}

static char *calls_text(const char *group, const struct dialect *dialect)
{
        scoped(strv_freep) char **seen = NULL;
        struct text t = { 0 };
        size_t n = 0;

        if (!dialect_group(dialect, group))
                return text_format("\nCalls\n  The %s here has no such group.\n",
                                   whose_is(dialect).words);
        if (dialect_expand(dialect, group, count_call, &n) < 0)
                return NULL;
        text_addf(&t, "\nCalls\n  %zu with %s.\n", n, whose_is(dialect).words);
        if (add_group(dialect, group, 2, &seen, &t) < 0)
                t.failed = true;
        return text_take(&t);
}

int help_score(const struct dialect *d, struct score *ret)
{
        scoped(sandbox_freep) struct sandbox *s = NULL;
        int r = sandbox_new("example.service", SCOPE_SYSTEM, &s);

        if (r == 0)
                r = sandbox_imply(s, d);
        return r == 0 ? score_sandbox(s, d, SCORE_OFFLINE, ret) : r;
}

/* Its weight, its id, and below that the line that satisfies it. */
static void add_assessment(const struct assessment *row, struct text *out)
{
        scoped(strv_freep) char **words = NULL;
        struct filled f = { .out = out, .indent = 15 };

        text_addf(out, "  weight %4llu  %s\n", (unsigned long long)row->weight, row->id);
        if (strv_split(row->wanted, " ", &words) < 0) {
                out->failed = true;
                return;
        }
        for (size_t i = 0; words && words[i]; i++)
                fill(&f, words[i]);
        text_add(out, "\n");
}

static void add_assessments(const struct directive *d, const struct score *score, struct text *out)
{
        uint64_t all = 0;
        size_t n = 0;

        for (size_t i = 0; i < score->count; i++) {
                all += score->rows[i].weight;
                n += score->rows[i].directive == d->id;
        }
        text_add(out, "\nAssessments\n");
        if (n == 0)
                text_add(out, "  None: the score does not look at it.\n");
        else
                text_addf(out, "  The weights of all assessments add up to %llu.\n",
                          (unsigned long long)all);
        for (size_t i = 0; i < score->count; i++)
                if (score->rows[i].directive == d->id)
                        add_assessment(&score->rows[i], out);
        if (n)
                text_add(out, "  Each has a page: gird explain assessments/ID\n");
}

/* What of it this systemd does not know. */
static void add_knowledge(const struct directive *d, const struct dialect *dialect,
                          struct text *out)
{
        const struct version v = dialect->version;

        text_add(out, "\nHere\n");
        if (!directive_known_to(d, v)) {
                text_addf(out, "  The %s here does not know it: it came with %u.\n",
                          whose_is(dialect).words, d->since);
                return;
        }
        text_addf(out, "  The %s here knows it.\n", whose_is(dialect).words);
        for (const struct choice *c = d->choices; c && c->value; c++)
                if (!version_at_least(v, c->since, 0))
                        text_addf(out, "  It does not know the value %s, which came with %u.\n",
                                  c->value, c->since);
}

static char *directive_text(const struct directive *d, const struct dialect *dialect)
{
        struct score score = { 0 };
        struct text t = { 0 };

        if (help_score(dialect, &score) < 0)
                return NULL;
        add_assessments(d, &score, &t);
        add_knowledge(d, dialect, &t);
        return text_take(&t);
}

static const struct directive *subject(const struct help_page *page)
{
        return strcmp(page->folder, "directives") == 0 ? directive_find(page->name) : NULL;
}

char *help_more(const struct help_page *page, const struct dialect *dialect)
{
        const struct directive *d = subject(page);

        if (d)
                return directive_text(d, dialect);
        if (strcmp(page->folder, "calls") == 0)
                return calls_text(page->name, dialect);
        return strdup("");
}
