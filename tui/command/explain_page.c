/* explain_page.c - what follows a page: what the tables know of its subject, for the systemd that
 * runs here. */
#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/command/explain.h"

#include <string.h>

void explain_here_open(struct explain_here *h, const struct arguments *a)
{
        struct err e = { 0 };
        int r;

        *h = (struct explain_here){ .context = CONTEXT_NONE };
        r = context_open(&h->context, a, &e);
        if (r == 0)
                r = context_learn(&h->context, &e);
        if (r == 0) {
                h->dialect = h->context.dialect;
                h->dialect.owned = NULL; /* the context's */
        } else {                         /* pages can be read without any systemd */
                dialect_for((struct version){ .major = VERSION_NEWEST }, SCOPE_SYSTEM, &h->dialect);
        }
}

void explain_here_close(struct explain_here *h)
{
        context_close(&h->context);
}

static const struct directive *subject(const struct help_page *page)
{
        return strcmp(page->folder, "directives") == 0 ? directive_find(page->name) : NULL;
}

static int append_call(void *userdata, const char *call)
{
        json_append_text(userdata, call);
        return 0;
}

static struct json *assessments_json(const struct directive *d, const struct dialect *dialect)
{
        struct json *array = json_array();
        struct score score = { 0 };

        if (help_score(dialect, &score) < 0)
                return array;
        for (size_t i = 0; i < score.count; i++) {
                struct json *o;

                if (score.rows[i].directive != d->id)
                        continue;
                o = json_object();
                json_text(o, "id", score.rows[i].id);
                json_number(o, "weight", (double)score.rows[i].weight);
                json_text(o, "wanted", score.rows[i].wanted);
                json_append(array, o);
        }
        return array;
}

void explain_more_json(const struct help_page *page, const struct explain_here *h, struct json *o)
{
        const struct directive *d = subject(page);

        if (d) {
                json_put(o, "assessments", assessments_json(d, &h->dialect));
                json_bool(o, "known", directive_known_to(d, h->dialect.version));
                json_number(o, "since", d->since);
        } else if (strcmp(page->folder, "calls") == 0) {
                struct json *calls = json_array();

                dialect_expand(&h->dialect, page->name, append_call, calls);
                json_put(o, "calls", calls);
        }
}
