/* fuzz_decode.c - any bytes may come for an event.  What is made of them has an end to each string,
 * paths are absolute and without dots, and the same bytes say the same again. */
#include "core/observe/decode.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct act *a)
{
        if (a->kind >= ACT_KINDS || strnlen(a->process, sizeof(a->process)) == sizeof(a->process) ||
            strnlen(a->type, sizeof(a->type)) == sizeof(a->type) || a->error < 0)
                abort();
        if (a->kind != ACT_PATH && a->kind != ACT_EXEC)
                return;
        if (!a->text || a->text[0] != '/' || strstr(a->text, "//") || strstr(a->text, "/../") ||
            strstr(a->text, "/./"))
                abort();
}

static void once(const struct decoder *d, const uint8_t *data, size_t size)
{
        struct decoded first = { 0 }, second = { 0 };
        int r = decode_event(d, data, size, &first);

        if (decode_event(d, data, size, &second) != r || first.count != second.count)
                abort();
        if (r != 0 && first.count)
                abort();
        for (size_t i = 0; i < first.count; i++)
                check(&first.acts[i]);
        decoded_done(&first);
        decoded_done(&second);
        if (size >= sizeof(struct wire_key)) {
                struct wire_key key;

                memcpy(&key, data, sizeof(key));
                if (decode_key(d, &key, &first) == 0)
                        decoded_done(&first);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const char kernel[] = "0000000000000100 T cap_capable\n0000000000000200 T asker\n";
        struct ksyms *k = NULL;
        struct decoder live = { 0 }, twin = { .twin = true, .boot = 1 };
        /* A copy of the very size, so that reading past it is seen. */
        uint8_t *copy = malloc(size ? size : 1);

        if (!copy || ksym_parse(kernel, sizeof(kernel) - 1, &k) != 0)
                abort();
        memcpy(copy, data, size);
        twin.ksyms = k;
        once(&live, copy, size);
        once(&twin, copy, size);
        ksym_free(k);
        free(copy);
        return 0;
}
