/* sandbox_report.c - what a manager makes of the values of a file before it reports them. */
#include "core/unit/sandbox.h"

#include <stdlib.h>
#include <string.h>

void sandbox_as_reported(struct sandbox *s, const struct dialect *manager)
{
        struct value *filter = &s->settings[D_SystemCallFilter].value;
        size_t kept = 0;

        if (!filter->allow || !filter->words || !version_at_least(manager->version, 252, 0))
                return;
        for (size_t i = 0; filter->words[i]; i++)
                if (strchr(filter->words[i], ':'))
                        free(filter->words[i]);
                else
                        filter->words[kept++] = filter->words[i];
        filter->words[kept] = NULL;
}
