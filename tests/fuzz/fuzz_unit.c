/* fuzz_unit.c - any bytes may be a unit file.  Reading never fails for want of sense, the note is
 * there when the unit does not load, and what was read gives the same when it is written and
 * read again.  Built with -fsanitize=fuzzer, or linked to a replayer of saved inputs. */
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/unit/files.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct sandbox *parse(const struct dialect *d, const char *text, size_t length)
{
        struct sandbox *s = NULL;

        if (sandbox_new("fuzz-a@b.service", SCOPE_SYSTEM, &s) < 0 ||
            unit_parse(s, d, "/fuzz@.service", text, length) < 0)
                abort();
        return s;
}

/* A unit file that sets what s has. */
static char *write_unit(const struct sandbox *s, const struct dialect *d)
{
        struct text t = { 0 };

        for (size_t i = 0; i < DIRECTIVE_COUNT; i++) {
                const struct directive *row = directive_at(i);
                scoped(strv_freep) char **lines = NULL;

                if (!s->settings[i].value.set)
                        continue;
                if (value_print(&s->settings[i].value, row, d, &lines) < 0)
                        abort();
                text_addf(&t, "[%s]\n", directive_section(row));
                for (size_t n = 0; lines && lines[n]; n++) {
                        text_addf(&t, "%s=", row->name);
                        for (const char *c = lines[n]; *c; c++)
                                text_addn(&t, *c == '%' ? "%%" : c, *c == '%' ? 2 : 1);
                        text_add(&t, "\n");
                }
        }
        return text_take(&t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const unsigned versions[] = { 247, 252, 257, 262 };
        struct dialect d;

        dialect_for((struct version){ versions[size % COUNT(versions)], 0 }, SCOPE_SYSTEM, &d);
        {
                scoped(sandbox_freep) struct sandbox *s = parse(&d, (const char *)data, size);
                scoped(mem_freep) char *text = write_unit(s, &d);

                if (!text || (s->load != LOAD_LOADED && !s->load_note))
                        abort();
                for (size_t i = 0; i < s->oddity_count; i++)
                        if (!s->oddities[i].why || !*s->oddities[i].why)
                                abort();
                for (size_t i = 0; i < DIRECTIVE_COUNT; i++)
                        if (s->settings[i].value.set != (s->settings[i].origin.kind == ORIGIN_FILE))
                                abort();
        }
        dialect_done(&d);
        return 0;
}
