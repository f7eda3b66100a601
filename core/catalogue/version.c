/* version.c - which systemd is meant. */
#include "core/catalogue/version.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int parse_pair(const char *text, struct version *ret)
{
        struct version v = { 0 };
        char *end = NULL;

        if (*text == 'v')
                text++;
        if (!isdigit((unsigned char)*text))
                return -EINVAL;
        v.major = (unsigned)strtoul(text, &end, 10);
        if (*end == '.' && isdigit((unsigned char)end[1]))
                v.minor = (unsigned)strtoul(end + 1, &end, 10);
        if (v.major > 9999 || v.minor > 9999 || isalpha((unsigned char)*end))
                return -EINVAL;
        *ret = v;
        return 0;
}

int version_parse(const char *text, struct version *ret)
{
        const char *bracket;

        if (strncmp(text, "systemd ", 8) == 0)
                text += 8;
        bracket = strchr(text, '(');
        if (bracket && parse_pair(bracket + 1, ret) == 0)
                return 0;
        return parse_pair(text, ret);
}

bool version_at_least(struct version v, unsigned major, unsigned minor)
{
        return v.major > major || (v.major == major && v.minor >= minor);
}

int version_compare(struct version a, struct version b)
{
        if (a.major != b.major)
                return a.major < b.major ? -1 : 1;
        return (a.minor > b.minor) - (a.minor < b.minor);
}
