/* wording.c - how the screens put a value, its origin and an exposure. */
#include "tui/screen/wording.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <string.h>

char *wording_value(const struct value *v, const struct directive *d, const struct dialect *dialect)
{
        if (!v->set && d->unset)
                return text_format("%s (default)", d->unset);
        return value_show(v, d, dialect);
}

char *wording_origin(const struct setting *s)
{
        switch (s->origin.kind) {
        case ORIGIN_FILE:
                return text_format("set in %s:%u", s->origin.file, s->origin.line);
        case ORIGIN_MANAGER:
                return strdup("set by the manager");
        case ORIGIN_IMPLIED:
                return text_format("implied by %s", directive_at(s->origin.by)->name);
        case ORIGIN_PROFILE:
                return strdup("changed here, not saved");
        case ORIGIN_DEFAULT:
                break;
        }
        return strdup("not set");
}

enum role wording_role(unsigned exposure)
{
        switch (score_level(exposure)) {
        case LEVEL_PERFECT:
        case LEVEL_SAFE:
        case LEVEL_OK:
                return ROLE_GOOD;
        case LEVEL_MEDIUM:
                return ROLE_FAIR;
        case LEVEL_EXPOSED:
        case LEVEL_UNSAFE:
        case LEVEL_DANGEROUS:
                break;
        }
        return ROLE_BAD;
}

enum role wording_verdict(enum verdict v)
{
        switch (v) {
        case VERDICT_HELD:
                return ROLE_GOOD;
        case VERDICT_BENT:
        case VERDICT_FLAKY:
        case VERDICT_NOT_TRIED:
                return ROLE_FAIR;
        case VERDICT_BROKE:
        case VERDICT_BASELINE_FAILED:
                break;
        }
        return ROLE_BAD;
}

size_t wording_denial(struct sheet *s, const struct denial *d, const struct sandbox *then,
                      const struct dialect *dialect, bool marked)
{
        scoped(mem_freep) char *words = denial_words(d, then, dialect);
        size_t before = s->count;
        enum role role = marked                           ? ROLE_CURSOR
                         : d->accepted                    ? ROLE_TEXT
                         : d->directive < DIRECTIVE_COUNT ? ROLE_BAD
                                                          : ROLE_FAIR;

        sheet_add(s, role, "%s %s", marked ? ">" : " ", words ? words : "out of memory");
        if (d->accepted)
                sheet_add(s, ROLE_GOOD, "    accepted: %s", d->accepted);
        return s->count - before;
}

static int exposure(const struct canvas *c, int row, int col, unsigned tenths)
{
        return canvas_text(c, row, col, wording_role(tenths), "%u.%u %s", tenths / 10, tenths % 10,
                           score_level_name(score_level(tenths)));
}

int wording_exposures(const struct canvas *c, int row, int col, const struct draft *d)
{
        if (!d->scored)
                return canvas_text(c, row, col, ROLE_TEXT, "not scored");
        col = exposure(c, row, col, d->before.exposure);
        if (d->before.exposure == d->after.exposure)
                return col;
        col = canvas_text(c, row, col, ROLE_TEXT, " \xe2\x86\x92 ");
        return exposure(c, row, col, d->after.exposure);
}
