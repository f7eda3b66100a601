/* read_json.c - gird's own profiles. */
#include "core/forms/form.h"

#include "core/base/text.h"
#include "core/profile/json.h"

#include <string.h>

FORM_READER(json);

int form_read_json(const char *file, const char *text, const char *unit, enum scope scope,
                   const struct dialect *dialect, struct profile **ret, char ***ret_notes,
                   struct err *e)
{
        scoped(profile_freep) struct profile *p = NULL;
        int r = profile_from_json(file, text, dialect, &p, e);

        if (r < 0)
                return r;
        *ret_notes = NULL;
        if (strcmp(p->unit, unit) != 0)
                r = strv_addf(ret_notes, "%s: the profile was made for %s", file, p->unit);
        if (r == 0 && p->scope != scope)
                r = strv_addf(ret_notes, "%s: the profile was made for a unit of the %s manager",
                              file, p->scope == SCOPE_USER ? "user" : "system");
        if (r == 0 && p->verdict != VERDICT_NOT_TRIED)
                r = strv_addf(ret_notes,
                              "%s: its verdict (%s) is from another time or machine, and is not "
                              "taken over",
                              file, verdict_name(p->verdict));
        if (r < 0) {
                strv_free(*ret_notes);
                *ret_notes = NULL;
                return err_set(e, r, "cannot read %s", file);
        }
        p->verdict = VERDICT_NOT_TRIED;
        *ret = take(p);
        return 0;
}

unsigned form_looks_json(const char *file, const char *text)
{
        text += strspn(text, " \t\r\n");
        if (*text != '{')
                return 0;
        if (strstr(text, "\"gird\""))
                return 95;
        text += 1 + strspn(text + 1, " \t\r\n");
        return *text == '"' || *text == '}' || text_ends(file, ".json") ? 60 : 0;
}
