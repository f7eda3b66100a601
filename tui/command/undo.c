/* undo.c - gird undo: back to before the last save. */
#include "core/base/base.h"
#include "core/base/mem.h"
#include "tui/attempt.h"
#include "tui/command/command.h"
#include "tui/command/report.h"

#include <stdio.h>

struct history {
        struct saved *list;
        size_t count;
};

static void history_done(struct history *h)
{
        saved_free(h->list, h->count);
}

static int list_history(struct context *c, const char *unit)
{
        scoped(history_done) struct history h = { 0 };
        scoped(mem_freep) char *name = NULL;
        struct json *array;
        struct err e = { 0 };

        if (unit_name_mangle(unit, &name, &e) < 0 ||
            store_history(&c->store, name, &h.list, &h.count, &e) < 0)
                return complain(&e);
        array = c->args->json ? json_array() : NULL;
        for (size_t i = 0; i < h.count; i++) {
                if (!array) {
                        printf("%s  %s  %s%s\n", h.list[i].when, h.list[i].path, h.list[i].verdict,
                               h.list[i].had_before ? "" : "  (undo removes the file)");
                        continue;
                }
                struct json *o = json_object();

                json_text(o, "when", h.list[i].when);
                json_text(o, "path", h.list[i].path);
                json_text(o, "verdict", h.list[i].verdict);
                json_bool(o, "had_before", h.list[i].had_before);
                json_append(array, o);
        }
        if (!array && h.count == 0)
                printf("%s: nothing was saved\n", name);
        return array ? report_json(array) : STATUS_DONE;
}

static int undo_one(struct context *c, const char *unit)
{
        scoped(mem_freep) char *path = NULL;
        struct err e = { 0 };
        int r = attempt_undo(c, unit, c->args->on[OPT_FORCE], &path, &e);

        if (r > 0) {
                fprintf(stderr, "gird: nothing to undo for %s\n", unit);
                return STATUS_NO;
        }
        if (r < 0)
                return complain(&e);
        if (c->args->json) {
                struct json *o = json_object();

                json_text(o, "unit", unit);
                json_text(o, "path", path);
                return report_json(o);
        }
        printf("%s is as it was before; it takes effect when the unit restarts\n", path);
        return STATUS_DONE;
}

int command_undo(struct arguments *a)
{
        scoped(context_close) struct context c = CONTEXT_NONE;
        struct err e = { 0 };
        int status = STATUS_DONE;

        if (context_open(&c, a, &e) < 0)
                return complain(&e);
        for (size_t i = 0; i < a->operand_count; i++) {
                int one = a->on[OPT_LIST] ? list_history(&c, a->operands[i])
                                          : undo_one(&c, a->operands[i]);

                if (one > status)
                        status = one;
        }
        return status;
}
