/* specifier.c - the %x of unit files, by a table. */
#include "core/unit/specifier.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/unit/files_private.h"
#include "core/unit/name.h"

#include <ctype.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/utsname.h>

enum { SMALL_FILE = 64 * 1024, UNRESOLVED = 1 };

/* Each gives an allocated text; 1: there is none; or -ENOMEM. */
static int give(char *text, char **ret)
{
        if (!text)
                return -ENOMEM;
        *ret = text;
        return 0;
}

static int of_name(const struct specifier_context *c, const char *which, char **ret)
{
        const char *suffix = name_suffix(c->unit);

        if (*which == 'N' && suffix)
                return give(strndup(c->unit, (size_t)(suffix - c->unit)), ret);
        return give(strdup(c->unit), ret);
}

/* i I p P j J: parts of the name, the capital ones unescaped. */
static int of_part(const struct specifier_context *c, const char *which, char **ret)
{
        bool instance = *which == 'i' || *which == 'I';
        scoped(mem_freep) char *part = instance ? name_instance(c->unit) : name_prefix(c->unit);
        const char *from = part, *dash;

        if (!part)
                return -ENOMEM;
        dash = strrchr(part, '-');
        if ((*which == 'j' || *which == 'J') && dash)
                from = dash + 1;
        return give(isupper((unsigned char)*which) ? name_unescape(from) : strdup(from), ret);
}

/* f: the instance, or else the prefix, as a path. */
static int of_path(const struct specifier_context *c, const char *which, char **ret)
{
        scoped(mem_freep) char *instance = name_instance(c->unit), *plain = NULL;

        (void)which;
        if (!instance)
                return -ENOMEM;
        if (of_part(c, *instance ? "I" : "P", &plain) < 0)
                return -ENOMEM;
        return give(*plain == '/' ? strdup(plain) : text_format("/%s", plain), ret);
}

static int of_fragment(const struct specifier_context *c, const char *which, char **ret)
{
        const char *slash = c->fragment ? strrchr(c->fragment, '/') : NULL;

        if (!slash)
                return UNRESOLVED;
        return give(*which == 'Y' ? strndup(c->fragment, (size_t)(slash - c->fragment))
                                  : strdup(c->fragment),
                    ret);
}

/* The folders of the system manager, and where a user's manager has them. */
/* clang-format off */
static const struct {
        char letter;
        const char *system, *variable, *below_home, *behind;
} folders[] = {
        { 't', "/run", "XDG_RUNTIME_DIR", NULL, "" },
        { 'S', "/var/lib", "XDG_STATE_HOME", ".local/state", "" },
        { 'C', "/var/cache", "XDG_CACHE_HOME", ".cache", "" },
        { 'L', "/var/log", "XDG_STATE_HOME", ".local/state", "/log" },
        { 'E', "/etc", "XDG_CONFIG_HOME", ".config", "" },
        { 'D', "/usr/share", "XDG_DATA_HOME", ".local/share", "" },
};
/* clang-format on */

static const char *home_of(const struct specifier_context *c)
{
        const char *home = getenv("HOME");

        return c->scope == SCOPE_SYSTEM ? "/root" : home && *home == '/' ? home : NULL;
}

static int of_folder(const struct specifier_context *c, const char *which, char **ret)
{
        size_t i = 0;
        bool before_state;
        const char *value, *below;

        while (folders[i].letter != *which)
                i++;
        if (c->scope == SCOPE_SYSTEM)
                return give(strdup(folders[i].system), ret);
        /* Until 253 a user's state and logs were kept with the configuration. */
        before_state = strchr("SL", *which) && c->version.major < 254;
        value = getenv(before_state ? "XDG_CONFIG_HOME" : folders[i].variable);
        below = before_state ? ".config" : folders[i].below_home;
        if (value && *value == '/')
                return give(text_format("%s%s", value, folders[i].behind), ret);
        if (!below || !home_of(c))
                return UNRESOLVED;
        return give(text_format("%s/%s%s", home_of(c), below, folders[i].behind), ret);
}

static int of_credentials(const struct specifier_context *c, const char *which, char **ret)
{
        scoped(mem_freep) char *runtime = NULL;
        int r = of_folder(c, "t", &runtime);

        (void)which;
        return r ? r : give(text_format("%s/credentials/%s", runtime, c->unit), ret);
}

static int of_temporary(const struct specifier_context *c, const char *which, char **ret)
{
        const char *value = getenv("TMPDIR");

        if (c->scope == SCOPE_USER && value && *value == '/')
                return give(strdup(value), ret);
        return give(strdup(*which == 'T' ? "/tmp" : "/var/tmp"), ret);
}

/* A small file below the root, without the blanks around it.  1: there is none. */
static int read_small(const struct specifier_context *c, const char *path, char **ret)
{
        scoped(tree_done) struct tree t = { .fd = -1 };
        scoped(mem_freep) char *bytes = NULL;
        size_t length = 0;
        int r = tree_open_root(&t, c->root, NULL);

        if (r == 0)
                r = tree_read(&t, path, SMALL_FILE, &bytes, &length);
        if (r == -ENOMEM)
                return r;
        if (r < 0)
                return UNRESOLVED;
        while (length > 0 && isspace((unsigned char)bytes[length - 1]))
                bytes[--length] = '\0';
        *ret = take(bytes);
        return 0;
}

/* The value of KEY=value in a file of such lines; "" if it has none. */
static int read_field(const struct specifier_context *c, const char *path, const char *key,
                      char **ret)
{
        scoped(mem_freep) char *bytes = NULL;
        int r = read_small(c, path, &bytes);

        if (r)
                return r;
        for (char *line = bytes; line;) {
                char *next = strchr(line, '\n'), *value = line + strlen(key);

                if (next)
                        *next++ = '\0';
                if (strncmp(line, key, strlen(key)) == 0 && *value == '=') {
                        size_t n = strlen(++value);

                        if (n >= 2 && (*value == '"' || *value == '\'') && value[n - 1] == *value)
                                return give(strndup(value + 1, n - 2), ret);
                        return give(strdup(value), ret);
                }
                line = next;
        }
        return give(strdup(""), ret);
}

static int of_release(const struct specifier_context *c, const char *which, char **ret)
{
        static const struct {
                char letter;
                const char *key;
        } keys[] = {
                { 'A', "IMAGE_VERSION" }, { 'B', "BUILD_ID" },   { 'M', "IMAGE_ID" }, { 'o', "ID" },
                { 'w', "VERSION_ID" },    { 'W', "VARIANT_ID" },
        };
        size_t i = 0;
        int r;

        while (keys[i].letter != *which)
                i++;
        r = read_field(c, "/etc/os-release", keys[i].key, ret);
        return r == UNRESOLVED ? read_field(c, "/usr/lib/os-release", keys[i].key, ret) : r;
}

static int of_host(const struct specifier_context *c, const char *which, char **ret)
{
        scoped(mem_freep) char *name = NULL;
        struct utsname u;

        if (*which == 'q') {
                int r = read_field(c, "/etc/machine-info", "PRETTY_HOSTNAME", &name);

                if (r < 0)
                        return r;
                if (r == 0 && *name)
                        return give(take(name), ret);
                free(take(name));
        }
        if (c->root) {
                int r = read_small(c, "/etc/hostname", &name);

                if (r)
                        return r;
        } else if (uname(&u) < 0 || !(name = strdup(u.nodename)))
                return -ENOMEM;
        if (*which == 'l')
                name[strcspn(name, ".")] = '\0';
        return give(take(name), ret);
}

static int of_kernel(const struct specifier_context *c, const char *which, char **ret)
{
        static const char *const machines[][2] = {
                { "x86_64", "x86-64" },
                { "aarch64", "arm64" },
                { "i686", "x86" },
                { "i586", "x86" },
                { "armv7l", "arm" },
                { "ppc64le", "ppc64-le" },
                { "loongarch64", "loongarch64" },
        };
        struct utsname u;

        (void)c;
        if (uname(&u) < 0)
                return UNRESOLVED;
        if (*which == 'v')
                return give(strdup(u.release), ret);
        for (size_t i = 0; i < COUNT(machines); i++)
                if (strcmp(machines[i][0], u.machine) == 0)
                        return give(strdup(machines[i][1]), ret);
        return give(strdup(u.machine), ret);
}

/* m: the machine's id, b: this boot's; 32 hex digits without dashes. */
static int of_id(const struct specifier_context *c, const char *which, char **ret)
{
        struct specifier_context here = *c;
        scoped(mem_freep) char *id = NULL;
        size_t n = 0;
        int r;

        if (*which == 'b')
                here.root = NULL;
        r = read_small(&here, *which == 'b' ? "/proc/sys/kernel/random/boot_id" : "/etc/machine-id",
                       &id);
        if (r)
                return r;
        for (const char *from = id; *from; from++)
                if (isxdigit((unsigned char)*from))
                        id[n++] = *from;
        id[n] = '\0';
        return n == 32 ? give(take(id), ret) : UNRESOLVED;
}

/* u U g G h s: who the manager runs as. */
static int of_user(const struct specifier_context *c, const char *which, char **ret)
{
        bool system = c->scope == SCOPE_SYSTEM;
        const struct passwd *user = system ? NULL : getpwuid(geteuid());
        const struct group *group = system ? NULL : getgrgid(getegid());

        switch (*which) {
        case 'U':
                return give(text_format("%u", system ? 0U : (unsigned)geteuid()), ret);
        case 'G':
                return give(text_format("%u", system ? 0U : (unsigned)getegid()), ret);
        case 'u':
                return system || user ? give(strdup(system ? "root" : user->pw_name), ret)
                                      : UNRESOLVED;
        case 'g':
                return system || group ? give(strdup(system ? "root" : group->gr_name), ret)
                                       : UNRESOLVED;
        case 'h':
                return home_of(c) ? give(strdup(home_of(c)), ret) : UNRESOLVED;
        default:
                return give(strdup(user ? user->pw_shell : "/bin/sh"), ret);
        }
}

/* c r R: control groups, which only exist once a manager made them: the usual ones. */
static int of_cgroup(const struct specifier_context *c, const char *which, char **ret)
{
        if (c->scope == SCOPE_USER)
                return UNRESOLVED;
        if (*which == 'c')
                return give(text_format("/system.slice/%s", c->unit), ret);
        return give(strdup(*which == 'r' ? "/system.slice" : "/"), ret);
}

/* clang-format off */
static const struct {
        const char *letters;
        unsigned since;
        int (*expand)(const struct specifier_context *c, const char *which, char **ret);
} table[] = {
        { "nN", 0, of_name },       { "iIpPjJ", 0, of_part },   { "f", 0, of_path },
        { "yY", 0, of_fragment },   { "tSCLE", 0, of_folder },  { "D", 258, of_folder },
        { "d", 0, of_credentials }, { "TV", 0, of_temporary },  { "ABMowW", 0, of_release },
        { "Hlq", 0, of_host },      { "av", 0, of_kernel },     { "mb", 0, of_id },
        { "uUgGhs", 0, of_user },   { "crR", 0, of_cgroup },
};
/* clang-format on */

static int expand_one(const struct specifier_context *c, const char *letter, struct text *out)
{
        for (size_t i = 0; i < COUNT(table); i++) {
                scoped(mem_freep) char *value = NULL;
                int r;

                if (!strchr(table[i].letters, *letter) || c->version.major < table[i].since)
                        continue;
                r = table[i].expand(c, letter, &value);
                if (r == 0)
                        text_add(out, value);
                return r;
        }
        return UNRESOLVED;
}

int specifier_expand(const struct specifier_context *c, const char *text, char **ret, char *ret_bad)
{
        struct text out = { 0 };
        char *whole;

        for (; *text; text++) {
                int r = 0;

                if (text[0] != '%' || !(isalnum((unsigned char)text[1]) || text[1] == '%')) {
                        text_addn(&out, text, 1);
                        continue;
                }
                text++;
                if (*text == '%')
                        text_add(&out, "%");
                else
                        r = expand_one(c, text, &out);
                if (r) {
                        text_done(&out);
                        *ret_bad = *text;
                        return r;
                }
        }
        whole = text_take(&out);
        if (!whole)
                return -ENOMEM;
        *ret = whole;
        return 0;
}
