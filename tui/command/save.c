/* save.c - gird save: write the persistent drop-in. */
#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "tui/attempt.h"
#include "tui/command/command.h"
#include "tui/command/report.h"
#include "tui/observing.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Whether two profiles ask for the same, so that a verdict on one holds for the other. */
static bool same_changes(const struct profile *a, const struct profile *b)
{
        if (a->change_count != b->change_count)
                return false;
        for (size_t i = 0; i < a->change_count; i++)
                if (a->changes[i].directive != b->changes[i].directive ||
                    !value_equal(&a->changes[i].value, &b->changes[i].value))
                        return false;
        return true;
}

/* The last profile; or the one given, with the last one's verdict if it is the same. */
static int find_profile(struct context *c, const struct sandbox *s, struct profile **ret,
                        struct err *e)
{
        scoped(profile_freep) struct profile *given = NULL, *last = NULL;
        int r = store_get_profile(&c->store, s->unit, &c->dialect, &last, e);
        int g;

        if (r < 0 && r != -EACCES) /* without root the last one is out of sight */
                return r;
        if (c->args->on[OPT_OBSERVED]) {
                g = observing_profile(c, s, &given, e);
                if (g != 0)
                        return g < 0 ? g : -ENOENT;
        } else {
                g = context_profile(c, s, &given, e);
        }
        if (g < 0)
                return g;
        if (g > 0 && !last)
                return err_say(e, -ENODATA,
                               "%s has no profile yet: `gird try %s -p DIRECTIVE=VALUE` makes one, "
                               "or give -p or --profile here",
                               s->unit, s->unit);
        if (g > 0 || (last && same_changes(last, given))) {
                *ret = take(last);
                return 0;
        }
        /* A verdict inside a file is a claim about another machine. */
        given->verdict = VERDICT_NOT_TRIED;
        *ret = take(given);
        return 0;
}

static int save_one(struct context *c, const char *word)
{
        scoped(sandbox_freep) struct sandbox *s = NULL;
        scoped(profile_freep) struct profile *p = NULL;
        scoped(strv_freep) char **left_out = NULL, **overridden = NULL;
        scoped(mem_freep) char *text = NULL, *path = NULL;
        const char *objection;
        struct err e = { 0 };
        int r = context_unit(c, word, &s, &e);

        if (r >= 0 && s->load != LOAD_LOADED && s->load != LOAD_TEMPLATE)
                r = err_say(&e, -ENOEXEC, "%s can't be started, so there is nothing to harden: %s",
                            s->unit, s->load_note ? s->load_note : load_state_name(s->load));
        if (r >= 0 && !c->args->on[OPT_DRY_RUN])
                r = attempt_may_write(c, "save", s->unit, &e);
        if (r >= 0)
                r = find_profile(c, s, &p, &e);
        if (r >= 0)
                r = attempt_render(c, s, p, &text, &left_out, &e);
        if (r < 0) {
                complain(&e);
                return r == -ENODATA || r == -EINVAL || r == -EOPNOTSUPP ? STATUS_USAGE
                                                                         : STATUS_CANNOT;
        }
        for (char **line = left_out; line && *line; line++)
                fprintf(stderr, "gird: %s\n", *line);
        if (c->args->on[OPT_DRY_RUN]) {
                fputs(text, stdout);
                return STATUS_DONE;
        }
        objection = attempt_objection(p, c->args->on[OPT_ACCEPT_BENT]);
        if (objection && !c->args->on[OPT_UNTESTED]) {
                fprintf(stderr,
                        "gird: not saved: %s; `gird try %s` with the same changes tries it, "
                        "--untested saves it anyway\n",
                        objection, s->unit);
                return STATUS_NO;
        }
        r = attempt_save(c, s, p, &path, &overridden, &e);
        if (r < 0)
                return complain(&e);
        if (c->args->json) {
                struct json *o = json_object();

                json_text(o, "unit", s->unit);
                json_text(o, "path", path);
                json_text(o, "verdict", verdict_name(p->verdict));
                json_texts(o, "overridden", overridden);
                json_texts(o, "left_out", left_out);
                if (report_json(o) != STATUS_DONE)
                        return STATUS_CANNOT;
        } else
                printf("saved %s; it takes effect when %s restarts\n", path, s->unit);
        for (char **line = overridden; line && *line; line++)
                fprintf(stderr, "gird: %s\n", *line);
        return overridden ? STATUS_NO : STATUS_DONE;
}

int command_save(struct arguments *a)
{
        scoped(context_close) struct context c = CONTEXT_NONE;
        struct err e = { 0 };
        int status = STATUS_DONE;

        if (context_open(&c, a, &e) < 0 || context_learn(&c, &e) < 0 || context_know(&c, &e) < 0)
                return complain(&e);
        for (size_t i = 0; i < a->operand_count; i++) {
                int one = save_one(&c, a->operands[i]);

                if (one > status)
                        status = one;
        }
        return status;
}
