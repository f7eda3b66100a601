/* fuzz_dropin.c - any bytes may be a drop-in.  What we read, we must be able to write, and
 * reading that again must give the same changes. */
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/profile/dropin.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool same(const struct profile *a, const struct profile *b)
{
        if (a->change_count != b->change_count || a->accepted_count != b->accepted_count)
                return false;
        for (size_t i = 0; i < a->change_count; i++)
                if (a->changes[i].directive != b->changes[i].directive ||
                    a->changes[i].literal != b->changes[i].literal ||
                    !value_equal(&a->changes[i].value, &b->changes[i].value))
                        return false;
        for (size_t i = 0; i < a->accepted_count; i++)
                if (strcmp(a->accepted[i].what, b->accepted[i].what) != 0 ||
                    strcmp(a->accepted[i].reason, b->accepted[i].reason) != 0)
                        return false;
        return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        scoped(mem_freep) char *text = strndup((const char *)data, size);
        scoped(mem_freep) char *written = NULL;
        scoped(strv_freep) char **left_out = NULL;
        scoped(profile_freep) struct profile *first = NULL, *second = NULL;
        struct dialect dialect;
        struct dropin_options o = { .dialect = &dialect,
                                    .date = "2025-01-01T00:00:00Z",
                                    .ret_left_out = &left_out };
        struct err e = { 0 };

        dialect_for((struct version){ .major = VERSION_NEWEST }, SCOPE_SYSTEM, &dialect);
        if (!text || dropin_parse("fuzz", text, "fuzz.service", &dialect, &first, &e) < 0)
                return 0; /* refusing is fine, crashing is not */
        if (dropin_render(first, &o, &written, &e) < 0 || !dropin_is_ours(written) ||
            dropin_parse("once", written, "fuzz.service", &dialect, &second, &e) < 0)
                abort();
        /* The few settings that no drop-in can take away are said to be left out. */
        if (!left_out && !same(first, second))
                abort();
        return 0;
}
