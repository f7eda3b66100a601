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

/* An empty assignment to these clears another directive too; a new file needs none. */
static bool resets_another(enum directive_id id)
{
        return id == D_BindReadOnlyPaths || id == D_LoadCredentialEncrypted ||
               id == D_SetCredentialEncrypted;
}

/* A '%' would be expanded once more, in some directives; and a path that ends in a blank ("/x /",
 * simplified) or a backslash is nothing that the end of a line can say. */
static bool is_writable(char *const *lines)
{
        for (; lines && *lines; lines++)
                if (strchr(*lines, '%') || text_ends(*lines, " ") || text_ends(*lines, "\\") ||
                    text_ends(*lines, "\t"))
                        return false;
        return true;
}

/* A unit file that sets what s has; skipped[] tells what it leaves out. */
static char *write_unit(const struct sandbox *s, const struct dialect *d, bool *skipped)
{
        struct text t = { 0 };

        for (size_t i = 0; i < DIRECTIVE_COUNT; i++) {
                const struct directive *row = directive_at(i);
                scoped(strv_freep) char **lines = NULL;

                if (!s->settings[i].value.set)
                        continue;
                if (value_print(&s->settings[i].value, row, d, &lines) < 0)
                        abort();
                skipped[i] = !is_writable(lines);
                text_addf(&t, "[%s]\n", directive_section(row));
                for (size_t n = 0; !skipped[i] && lines && lines[n]; n++)
                        if (*lines[n] || !resets_another(row->id))
                                text_addf(&t, "%s=%s\n", row->name, lines[n]);
        }
        return text_take(&t);
}

static void read_again(const struct sandbox *s, const struct dialect *d)
{
        bool skipped[DIRECTIVE_COUNT] = { false };
        scoped(mem_freep) char *text = write_unit(s, d, skipped);
        scoped(sandbox_freep) struct sandbox *again = NULL;

        if (!text)
                abort();
        again = parse(d, text, strlen(text));
        for (size_t i = 0; i < DIRECTIVE_COUNT; i++)
                if (!skipped[i] && !value_equal(&s->settings[i].value, &again->settings[i].value))
                        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const unsigned versions[] = { 247, 252, 257, 262 };
        scoped(sandbox_freep) struct sandbox *s = NULL;
        struct dialect d;

        dialect_for((struct version){ versions[size % COUNT(versions)], 0 }, SCOPE_SYSTEM, &d);
        s = parse(&d, (const char *)data, size);
        if (s->load != LOAD_LOADED && !s->load_note)
                abort();
        for (size_t i = 0; i < s->oddity_count; i++)
                if (!s->oddities[i].why || !*s->oddities[i].why)
                        abort();
        for (size_t i = 0; i < DIRECTIVE_COUNT; i++)
                if (s->settings[i].value.set != (s->settings[i].origin.kind == ORIGIN_FILE))
                        abort();
        if (s->load != LOAD_ERROR)
                read_again(s, &d);
        dialect_done(&d);
        return 0;
}
