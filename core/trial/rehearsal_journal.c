/* rehearsal_journal.c - what a start of the unit left in the journal and in its log files. */
#include "core/trial/rehearsal_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int rehearsal_mark(struct rehearsal *r, struct err *e)
{
        scoped(journal_done) struct journal before = { 0 };
        int k = r->stage->ops->journal(r->stage, r->unit, &r->cursor, &before, e);

        if (k < 0 || !is_private(r))
                return k;
        logs_done(&r->logs);
        k = logs_mark(r->stage->ops->root(r->stage), &r->logs);
        return k < 0 ? err_set(e, k, "cannot look at the log files") : 0;
}

/* What the kernel logs of seccomp belongs to no unit. */
static bool is_audit(const struct journal_line *line)
{
        return line->message &&
               (strstr(line->message, "type=1326") || strstr(line->message, "SECCOMP ")) &&
               strstr(line->message, "syscall=");
}

static int add_audit(struct rehearsal *r, struct journal *to, struct err *e)
{
        scoped(mem_freep) char *cursor = r->cursor ? strdup(r->cursor) : NULL;
        scoped(journal_done) struct journal all = { 0 };
        int k = r->stage->ops->journal(r->stage, NULL, &cursor, &all, e);

        for (size_t i = 0; k >= 0 && i < all.count; i++) {
                struct journal_line *longer;

                if (!is_audit(&all.lines[i]))
                        continue;
                longer = realloc(to->lines, (to->count + 1) * sizeof(*longer));
                if (!longer)
                        return err_set(e, -ENOMEM, "cannot keep the journal");
                to->lines = longer;
                longer[to->count++] = all.lines[i];
                all.lines[i] = (struct journal_line){ 0 };
        }
        return k;
}

int rehearsal_collect(struct rehearsal *r, struct run *run, struct err *e)
{
        scoped(mem_freep) char *cursor = r->cursor ? strdup(r->cursor) : NULL;
        struct journal lines = { 0 };
        int k = r->stage->ops->journal(r->stage, r->unit, &cursor, &lines, e);

        if (k < 0)
                return k;
        journal_done(&run->journal);
        run->journal = lines;
        if (is_private(r)) {
                k = logs_collect(r->stage->ops->root(r->stage), &r->logs, &run->journal);
                if (k < 0)
                        return err_set(e, k, "cannot read the log files");
        }
        return add_audit(r, &run->journal, e);
}
