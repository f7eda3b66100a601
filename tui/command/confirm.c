/* confirm.c - gird confirm: keep what was applied, until the next boot. */
#include "core/base/mem.h"
#include "tui/applying.h"
#include "tui/command/command.h"
#include "tui/command/report.h"

#include <stdio.h>

int command_confirm(struct arguments *a)
{
        scoped(context_close) struct context c = CONTEXT_NONE;
        scoped(mem_freep) char *unit = NULL;
        struct err e = { 0 };
        int r;

        if (context_open(&c, a, &e) < 0 || unit_name_mangle(a->operands[0], &unit, &e) < 0)
                return complain(&e);
        r = applying_confirm(&c, unit, a->on[OPT_FORCE], &e);
        if (r > 0) {
                fprintf(stderr, "gird: %s\n", e.text);
                return STATUS_NO;
        }
        if (r < 0)
                return complain(&e);
        if (a->json) {
                struct json *o = json_object();

                json_text(o, "unit", unit);
                json_text(o, "state", guard_state_name(GUARD_CONFIRMED));
                return report_json(o);
        }
        printf("confirmed: %s keeps it until the next boot; `gird save %s` makes it last\n", unit,
               unit);
        return STATUS_DONE;
}
