/* fuzz_behaviour.c - any bytes may be a behaviour's file.  What we read, we must be able to write,
 * and reading that again must change nothing; tidying twice is tidying once. */
#include "core/base/mem.h"
#include "core/observe/behaviour.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_words(const struct behaviour *b)
{
        for (size_t i = 0; i < b->act_count; i++)
                free(act_words(b, &b->acts[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const struct port_span ports = { 32768, 60999 };
        scoped(mem_freep) char *text = strndup((const char *)data, size);
        scoped(mem_freep) char *once = NULL, *twice = NULL, *tidy = NULL, *tidier = NULL;
        scoped(behaviour_freep) struct behaviour *first = NULL, *second = NULL;
        struct err e = { 0 };

        if (!text || behaviour_from_json("fuzz", text, &first, &e) < 0)
                return 0; /* refusing is fine, crashing is not */
        if (behaviour_to_json(first, &once) < 0 ||
            behaviour_from_json("once", once, &second, &e) < 0 ||
            behaviour_to_json(second, &twice) < 0 || strcmp(once, twice) != 0)
                abort();
        check_words(first);
        if (behaviour_tidy(first, ports) < 0 || behaviour_to_json(first, &tidy) < 0 ||
            behaviour_tidy(first, ports) < 0 || behaviour_to_json(first, &tidier) < 0 ||
            strcmp(tidy, tidier) != 0)
                abort();
        return behaviour_merge(first, second) < 0 ? abort(), 0 : 0;
}
