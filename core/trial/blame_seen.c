/* blame_seen.c - which changes one refusal that the observer saw points to. */
#include "core/trial/denial_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The first operation that has the call behind it. */
static enum operation_id operation_of(const char *call)
{
        for (int id = OPERATION_NONE + 1; id < OPERATION_COUNT; id++)
                if (denial_listed(operation_at((enum operation_id)id)->calls, call))
                        return (enum operation_id)id;
        return OPERATION_NONE;
}

void blame_seen(struct ranking *k, const struct denial *d)
{
        struct clue c = { .error = d->error,
                          .signal = d->signal,
                          .operation = d->call ? operation_of(d->call) : OPERATION_NONE,
                          .path = d->path && *d->path == '/' ? d->path : NULL,
                          .call = d->deed.filtered ? d->call : NULL };

        blame_clue(k, &c, d->path ? d->path : "");
}
