/* name.c - the names of units, by systemd's rules for them. */
#include "core/unit/name.h"

#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_LONGEST = 255 };

/* Types that can have other names, and templates. */
/* clang-format off */
static const struct {
        const char *suffix;
        bool aliases, templates;
} types[] = {
        { ".service", true, true },  { ".socket", true, true },    { ".target", true, true },
        { ".device", true, false },  { ".mount", false, false },   { ".automount", false, false },
        { ".swap", false, false },   { ".timer", true, true },     { ".path", true, true },
        { ".slice", false, false },  { ".scope", false, false },
};
/* clang-format on */

const char *name_suffix(const char *name)
{
        const char *dot = strrchr(name, '.');

        for (size_t i = 0; dot && i < COUNT(types); i++)
                if (strcmp(dot, types[i].suffix) == 0)
                        return dot;
        return NULL;
}

enum name_kind name_kind(const char *name)
{
        const char *suffix = name_suffix(name), *at = NULL;

        if (!suffix || suffix == name || strlen(name) > NAME_LONGEST)
                return NAME_INVALID;
        for (const char *c = name; c < suffix; c++) {
                if (*c == '@' && !at)
                        at = c;
                if (!isalnum((unsigned char)*c) && !strchr(":-_.\\@", *c))
                        return NAME_INVALID;
        }
        if (!at)
                return NAME_PLAIN;
        if (at == name)
                return NAME_INVALID;
        return at + 1 == suffix ? NAME_TEMPLATE : NAME_INSTANCE;
}

/* Where the prefix ends: at the first '@', else at the suffix. */
static size_t prefix_length(const char *name)
{
        const char *suffix = name_suffix(name);
        size_t whole = suffix ? (size_t)(suffix - name) : strlen(name);
        size_t at = strcspn(name, "@");

        return at < whole ? at : whole;
}

char *name_prefix(const char *name)
{
        return strndup(name, prefix_length(name));
}

char *name_instance(const char *name)
{
        const char *at = name + prefix_length(name);
        const char *suffix = name_suffix(name);

        if (*at != '@')
                return strdup("");
        return suffix ? strndup(at + 1, (size_t)(suffix - at - 1)) : strdup(at + 1);
}

char *name_with_instance(const char *name, const char *instance)
{
        const char *suffix = name_suffix(name);

        return text_format("%.*s@%s%s", (int)prefix_length(name), name, instance,
                           suffix ? suffix : "");
}

char *name_template(const char *name)
{
        return name_with_instance(name, "");
}

static int hex(char c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

char *name_unescape(const char *text)
{
        char *out = malloc(strlen(text) + 1);
        size_t n = 0;

        if (!out)
                return NULL;
        while (*text) {
                if (text[0] == '\\' && text[1] == 'x' && hex(text[2]) >= 0 && hex(text[3]) >= 0 &&
                    (text[2] != '0' || text[3] != '0')) {
                        out[n++] = (char)(hex(text[2]) << 4 | hex(text[3]));
                        text += 4;
                        continue;
                }
                out[n++] = *text == '-' ? '/' : *text;
                text++;
        }
        out[n] = '\0';
        return out;
}

char *name_escape_path(const char *path)
{
        scoped(strv_freep) char **parts = NULL;
        struct text t = { 0 };

        if (strv_split(path, "/", &parts) < 0)
                return NULL;
        if (!parts)
                return strdup("-");
        for (size_t i = 0; parts[i]; i++) {
                if (i)
                        text_add(&t, "-");
                for (const char *c = parts[i]; *c; c++) {
                        bool first = i == 0 && c == parts[i];

                        if (isalnum((unsigned char)*c) || *c == ':' || *c == '_' ||
                            (*c == '.' && !first))
                                text_addn(&t, c, 1);
                        else
                                text_addf(&t, "\\x%02x", (unsigned char)*c);
                }
        }
        return text_take(&t);
}

/* What follows the '@' is the same in both. */
static bool same_instance(const char *a, const char *b)
{
        scoped(mem_freep) char *one = name_instance(a), *other = name_instance(b);

        return one && other && strcmp(one, other) == 0;
}

bool name_may_alias(const char *alias, const char *target)
{
        enum name_kind a = name_kind(alias), b = name_kind(target);
        const char *suffix = name_suffix(alias), *other = name_suffix(target);

        if (!a || !b || strcmp(suffix, other) != 0)
                return false;
        for (size_t i = 0; i < COUNT(types); i++)
                if (strcmp(suffix, types[i].suffix) == 0 &&
                    (!types[i].aliases || (a != NAME_PLAIN && !types[i].templates)))
                        return false;
        if (a == NAME_INSTANCE && b == NAME_TEMPLATE)
                return true;
        return a == b && (a != NAME_INSTANCE || same_instance(alias, target));
}
