/* target.c - which systemd a distribution has. */
#include "core/forms/target.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <string.h>

/* clang-format off */
/* Release by release; the systemd each began with, which is what all its machines understand. */
static const struct {
        const char *name, *release;
        struct version systemd;
} table[] = {
        { "debian", "11",    { 247, 3 } },  { "debian", "12",    { 252, 6 } },  { "debian", "13",    { 257, 7 } },
        { "ubuntu", "22.04", { 249, 11 } }, { "ubuntu", "23.10", { 253, 5 } },  { "ubuntu", "24.04", { 255, 4 } },
        { "ubuntu", "24.10", { 256, 5 } },  { "ubuntu", "25.04", { 257, 4 } },
        { "nixos",  "22.11", { 251, 7 } },  { "nixos",  "23.05", { 253, 3 } },  { "nixos",  "23.11", { 254, 6 } },
        { "nixos",  "24.05", { 255, 4 } },  { "nixos",  "24.11", { 256, 7 } },  { "nixos",  "25.05", { 257, 5 } },
        { "nixos",  "25.11", { 258, 2 } },
        { "rhel",   "9",     { 252, 0 } },  { "rhel",   "10",    { 257, 0 } },
        { "centos", "9",     { 252, 0 } },  { "centos", "10",    { 257, 0 } },
        { "alma",   "9",     { 252, 0 } },  { "alma",   "10",    { 257, 0 } },
        { "rocky",  "9",     { 252, 0 } },  { "rocky",  "10",    { 257, 0 } },
        { "fedora", "38",    { 253, 0 } },  { "fedora", "39",    { 254, 0 } },  { "fedora", "40",    { 255, 0 } },
        { "fedora", "41",    { 256, 0 } },  { "fedora", "42",    { 257, 0 } },  { "fedora", "43",    { 258, 0 } },
};
/* clang-format on */

static bool is_distribution(const char *name)
{
        for (size_t i = 0; i < COUNT(table); i++)
                if (strcmp(table[i].name, name) == 0)
                        return true;
        return false;
}

/* "11, 12 or 13" */
static char *releases_of(const char *name)
{
        struct text t = { 0 };
        size_t left = 0;

        for (size_t i = 0; i < COUNT(table); i++)
                left += strcmp(table[i].name, name) == 0;
        for (size_t i = 0; i < COUNT(table); i++) {
                if (strcmp(table[i].name, name) != 0)
                        continue;
                left--;
                text_addf(&t, "%s%s", table[i].release, left > 1 ? ", " : left ? " or " : "");
        }
        return text_take(&t);
}

static int no_such_release(const char *name, const char *release, struct err *e)
{
        scoped(mem_freep) char *known = releases_of(name);

        return err_say(e, -EINVAL,
                       "--for %s=%s: gird knows %s %s; --for systemd=VERSION takes any other", name,
                       release, name, known ? known : "others");
}

static int parse_systemd(const char *text, struct version *ret, struct err *e)
{
        if (version_parse(text, ret) < 0)
                return err_say(e, -EINVAL, "--for systemd=%s: that is no version; 252 is one",
                               text);
        if (ret->major < VERSION_OLDEST || ret->major > VERSION_NEWEST)
                return err_say(e, -EINVAL, "--for systemd=%s: gird knows systemd %d to %d", text,
                               VERSION_OLDEST, VERSION_NEWEST);
        return 0;
}

static int parse_one(const char *word, struct version *ret, struct err *e)
{
        const char *equals = strchr(word, '=');
        scoped(mem_freep) char *name = NULL;

        if (!equals || equals == word || !equals[1])
                return err_say(e, -EINVAL,
                               "--for %s: say what it is for: systemd=247, debian=12, "
                               "nixos=24.05",
                               word);
        name = strndup(word, (size_t)(equals - word));
        if (!name)
                return err_set(e, -ENOMEM, "cannot read --for");
        if (strcmp(name, "systemd") == 0)
                return parse_systemd(equals + 1, ret, e);
        for (size_t i = 0; i < COUNT(table); i++)
                if (strcmp(table[i].name, name) == 0 && strcmp(table[i].release, equals + 1) == 0) {
                        *ret = table[i].systemd;
                        return 0;
                }
        if (is_distribution(name))
                return no_such_release(name, equals + 1, e);
        return err_say(e, -EINVAL,
                       "--for %s: gird knows systemd, debian, ubuntu, nixos, rhel, centos, alma, "
                       "rocky and fedora",
                       word);
}

int target_parse(const char *words, struct version *ret, struct err *e)
{
        scoped(strv_freep) char **list = NULL;
        struct version oldest = { 0 };
        int r = strv_split(words, ", ", &list);

        if (r < 0)
                return err_set(e, r, "cannot read --for");
        if (!list || !*list)
                return err_say(e, -EINVAL, "--for names nothing: say systemd=247 or debian=12");
        for (char **word = list; *word; word++) {
                struct version one = { 0 };

                r = parse_one(*word, &one, e);
                if (r < 0)
                        return r;
                if (word == list || version_compare(one, oldest) < 0)
                        oldest = one;
        }
        *ret = oldest;
        return 0;
}
