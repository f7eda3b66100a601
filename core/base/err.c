/* err.c - how a failure travels. */
#include "core/base/err.h"

#include "core/base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static int fill(struct err *e, int code, const char *fmt, va_list args, const char *reason)
{
        char raw[sizeof(e->text)];
        size_t used;
        int n;

        if (!e)
                return code;
        n = vsnprintf(raw, sizeof(raw), fmt, args);
        used = n < 0 ? 0 : (size_t)n;
        if (n < 0)
                raw[0] = '\0';
        if (reason && used + 3 < sizeof(raw))
                snprintf(raw + used, sizeof(raw) - used, ": %s", reason);
        e->code = code;
        text_printable(e->text, sizeof(e->text), raw);
        return code;
}

int err_set(struct err *e, int code, const char *fmt, ...)
{
        va_list args;

        va_start(args, fmt);
        fill(e, code, fmt, args, strerror(code < 0 ? -code : code));
        va_end(args);
        return code;
}

int err_say(struct err *e, int code, const char *fmt, ...)
{
        va_list args;

        va_start(args, fmt);
        fill(e, code, fmt, args, NULL);
        va_end(args);
        return code;
}
