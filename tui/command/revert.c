/* revert.c - gird revert: take back what was applied, now. */
#include "core/base/mem.h"
#include "tui/applying.h"
#include "tui/command/command.h"
#include "tui/command/report.h"

#include <stdio.h>

int command_revert(struct arguments *a)
{
        scoped(context_close) struct context c = CONTEXT_NONE;
        scoped(mem_freep) char *unit = NULL;
        struct err e = { 0 };
        int r;

        if (context_open(&c, a, &e) < 0 || unit_name_mangle(a->operands[0], &unit, &e) < 0)
                return complain(&e);
        c.job.progress = report_progress;
        c.job.userdata = &c;
        r = applying_revert(&c, unit, &e);
        if (r > 0) {
                fprintf(stderr, "gird: %s\n", e.text);
                return STATUS_NO;
        }
        if (r < 0)
                return complain(&e);
        if (a->json) {
                struct json *o = json_object();

                json_text(o, "unit", unit);
                json_text(o, "state", "reverted");
                return report_json(o);
        }
        printf("%s is as it was before\n", unit);
        return STATUS_DONE;
}
