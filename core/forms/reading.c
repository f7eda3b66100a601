/* reading.c - assignments from elsewhere become changes of a profile. */
#include "core/forms/reading.h"

#include "core/base/mem.h"
#include "core/profile/profile_private.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

int reading_open(struct reading *r, const char *file, const char *unit, enum scope scope,
                 const struct dialect *dialect, struct err *e)
{
        int result;

        *r = (struct reading){ .file = file, .unit = unit, .dialect = dialect, .e = e };
        result = profile_new(unit, scope, &r->profile);
        return result < 0 ? err_set(e, result, "cannot read %s", file) : 0;
}

int reading_close(struct reading *r, int result, const char *form, struct profile **ret,
                  char ***ret_notes)
{
        if (result >= 0 && r->profile->change_count == 0)
                result = err_say(r->e, -ENODATA,
                                 "%s: nothing in it is a setting that gird knows, as "
                                 "%s",
                                 r->file, form);
        if (result < 0) {
                profile_free(take(r->profile));
                strv_free(take(r->notes));
                return result == -ENOMEM ? err_set(r->e, result, "cannot read %s", r->file)
                                         : result;
        }
        for (size_t i = 0; i < r->profile->change_count; i++)
                r->profile->changes[i].reason = REASON_FILE;
        r->profile->verdict = VERDICT_NOT_TRIED;
        *ret = take(r->profile);
        *ret_notes = take(r->notes);
        return 0;
}

int reading_note(struct reading *r, const char *fmt, ...)
{
        scoped(mem_freep) char *words = NULL, *clean = NULL;
        struct text t = { 0 };
        va_list args;

        va_start(args, fmt);
        text_addv(&t, fmt, args);
        va_end(args);
        words = text_take(&t);
        clean = words ? text_printable_dup(words) : NULL;
        if (!clean)
                return -ENOMEM;
        return strv_has(r->notes, clean) ? 0 : strv_add(&r->notes, clean);
}

int reading_fail(struct reading *r, unsigned line, unsigned column, const char *fmt, ...)
{
        scoped(mem_freep) char *words = NULL;
        struct text t = { 0 };
        va_list args;

        va_start(args, fmt);
        text_addv(&t, fmt, args);
        va_end(args);
        words = text_take(&t);
        if (!words)
                return -ENOMEM;
        if (column)
                return err_say(r->e, -EINVAL, "%s:%u:%u: %s", r->file, line, column, words);
        return err_say(r->e, -EINVAL, "%s:%u: %s", r->file, line, words);
}

int reading_assign(struct reading *r, unsigned line, unsigned column, const char *key,
                   const char *text)
{
        scoped(mem_freep) char *word = NULL;
        struct err why = { 0 };
        int result;

        if (!directive_find(key)) {
                const char *nearest = profile_nearest(key);

                return reading_note(r,
                                    "%s:%u: %s= is no directive of hardening; it is not taken "
                                    "over%s%s%s",
                                    r->file, line, key, nearest ? " (did you mean " : "",
                                    nearest ? nearest : "", nearest ? "=?)" : "");
        }
        if (!profile_text_fits(text))
                return reading_fail(r, line, column,
                                    "control characters or broken UTF-8 in %s=", key);
        word = text_format("%s=%s", key, text);
        if (!word)
                return -ENOMEM;
        result = profile_assign(r->profile, r->dialect, word, &why);
        if (result == -EOPNOTSUPP)
                return reading_note(r, "%s:%u: not taken over: %s", r->file, line, why.text);
        if (result == -EINVAL)
                return reading_fail(r, line, column, "%s", why.text);
        return result;
}
