/* fuzz_value.c - the first byte picks a directive, the rest are lines assigned to it.  What
 * came of them, printed and read again, must be the same, in any version. */
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/catalogue/value.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void assign_all(struct value *v, const struct directive *d, const struct dialect *dialect,
                       char *const *lines)
{
        for (; lines && *lines; lines++) {
                struct err note = { 0 };
                int r = value_assign(v, d, dialect, *lines, &note);

                /* what is ignored or refused says why */
                if (r < 0 || (r != ASSIGN_TAKEN && !note.text[0]))
                        abort();
        }
}

static void check(const struct directive *d, const struct dialect *dialect, char *const *lines)
{
        scoped(value_done) struct value first = { 0 }, second = { 0 };
        scoped(strv_freep) char **once = NULL, **twice = NULL;
        scoped(mem_freep) char *shown = NULL;

        assign_all(&first, d, dialect, lines);
        shown = value_show(&first, d, dialect);
        if (!shown || value_print(&first, d, dialect, &once) < 0)
                abort();
        assign_all(&second, d, dialect, once);
        if (!value_equal(&first, &second) || value_print(&second, d, dialect, &twice) < 0 ||
            !strv_equal(once, twice))
                abort();
        if (value_compare(&first, &second, d, dialect) != VALUE_SAME)
                abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const struct version versions[] = {
                { 247, 0 }, { 252, 39 }, { 257, 13 }, { 262, 1 }
        };
        scoped(mem_freep) char *text = size > 0 ? strndup((const char *)data + 1, size - 1) : NULL;
        scoped(strv_freep) char **lines = NULL;
        char *rest = text;

        if (!text)
                return 0;
        for (char *line; (line = strsep(&rest, "\n"));)
                if (strv_add(&lines, line) < 0)
                        abort();
        for (size_t i = 0; i < COUNT(versions); i++) {
                struct dialect dialect;

                dialect_for(versions[i], SCOPE_SYSTEM, &dialect);
                check(directive_at(data[0] % DIRECTIVE_COUNT), &dialect, lines);
        }
        return 0;
}
