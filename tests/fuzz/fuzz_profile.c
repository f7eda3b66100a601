/* fuzz_profile.c - any bytes may be a profile file.  What we read, we must be able to write,
 * and reading that again must change nothing. */
#include "core/base/mem.h"
#include "core/profile/json.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        scoped(mem_freep) char *text = strndup((const char *)data, size);
        scoped(mem_freep) char *once = NULL, *twice = NULL;
        scoped(profile_freep) struct profile *first = NULL, *second = NULL;
        struct dialect dialect;
        struct err e = { 0 };

        dialect_for((struct version){ .major = VERSION_NEWEST }, SCOPE_SYSTEM, &dialect);
        if (!text || profile_from_json("fuzz", text, &dialect, &first, &e) < 0)
                return 0; /* refusing is fine, crashing is not */
        if (profile_to_json(first, &dialect, &once) < 0 ||
            profile_from_json("once", once, &dialect, &second, &e) < 0 ||
            profile_to_json(second, &dialect, &twice) < 0 || strcmp(once, twice) != 0)
                abort();
        return 0;
}
