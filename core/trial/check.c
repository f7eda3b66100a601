/* check.c - what a profile says that systemd would take silently and wrongly, or would fail on. */
#include "core/trial/check_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { ACCOUNTS_LIMIT = 16 << 20 };

int check_report(struct checking *c, bool fatal, const char *fmt, ...)
{
        struct problem *longer = realloc(c->list, (c->count + 1) * sizeof(*longer));
        struct text t = { 0 };
        va_list args;

        if (!longer)
                return -ENOMEM;
        c->list = longer;
        va_start(args, fmt);
        text_addv(&t, fmt, args);
        va_end(args);
        longer[c->count] = (struct problem){
                .directive = c->change->directive,
                .fatal = fatal,
                .text = text_take(&t),
        };
        return longer[c->count++].text ? 0 : -ENOMEM;
}

/* Specifiers are resolved by systemd; only plain text can be checked here. */
bool check_has_specifier(const struct checking *c, const char *word)
{
        return !c->change->literal && strchr(word, '%') != NULL;
}

/* What the directive is with the profile, or NULL where that is not known. */
const struct value *check_value(const struct checking *c, enum directive_id id)
{
        const struct change *change = profile_find(c->profile, id);

        if (change)
                return &change->value;
        return c->unit ? &c->unit->settings[id].value : NULL;
}

static bool is_yes(const struct checking *c, enum directive_id id)
{
        const struct value *v = check_value(c, id);

        return v && v->set && v->bits;
}

/* ---- accounts ---- */

/* 1: the file has a line "name:…"; 0: not; < 0: it cannot be read. */
static int has_account(const struct checking *c, const char *file, const char *name)
{
        scoped(mem_freep) char *text = NULL;
        size_t n = strlen(name);
        int r = read_in_root(c->root, file, ACCOUNTS_LIMIT, &text);

        if (r < 0)
                return r;
        for (const char *line = text; line && *line; line = strchr(line, '\n')) {
                line += *line == '\n';
                if (strncmp(line, name, n) == 0 && line[n] == ':')
                        return 1;
        }
        return 0;
}

/* Whether accounts also come from where no file tells: LDAP, sssd, winbind … */
static bool has_directory_service(const struct checking *c)
{
        static const char *const local[] = { "files", "compat", "systemd", "db", "altfiles", "[" };
        scoped(mem_freep) char *text = NULL;
        scoped(strv_freep) char **words = NULL;
        char *line;

        if (read_in_root(c->root, "/etc/nsswitch.conf", ACCOUNTS_LIMIT, &text) < 0)
                return false;
        line = text_starts(text, "passwd:") ? text : strstr(text, "\npasswd:");
        if (!line)
                return false;
        line = strchr(line, ':') + 1;
        line[strcspn(line, "\n#")] = '\0';
        if (strv_split(line, " \t", &words) < 0)
                return true;
        for (char **word = words; word && *word; word++) {
                bool known = false;

                for (size_t i = 0; i < COUNT(local); i++)
                        known |= text_starts(*word, local[i]);
                if (!known && !text_ends(*word, "]"))
                        return true;
        }
        return false;
}

bool check_is_number(const char *word)
{
        return *word && word[strspn(word, "0123456789")] == '\0';
}

/* systemd itself knows root and nobody, without any file. */
static bool is_built_in(const char *name)
{
        return strcmp(name, "root") == 0 || strcmp(name, "nobody") == 0 ||
               strcmp(name, "nogroup") == 0;
}

int check_account(struct checking *c, const char *name, bool group)
{
        const char *file = group ? "/etc/group" : "/etc/passwd";
        const char *what = group ? "group" : "user";
        int r;

        if (!*name || check_is_number(name) || is_built_in(name) || check_has_specifier(c, name))
                return 0;
        if (is_yes(c, D_DynamicUser) && c->change->directive != D_SupplementaryGroups)
                return 0; /* systemd makes it up */
        r = has_account(c, file, name);
        if (r != 0)
                return 0; /* there, or nothing to look it up in */
        if (has_directory_service(c))
                return check_report(
                        c, false,
                        "%s=%s: no such %s in %s; it must come from the directory service", c->name,
                        name, what, file);
        return check_report(c, true,
                            "%s=%s: there is no %s of that name in %s, so the start will fail",
                            c->name, name, what, file);
}

static int check_user(struct checking *c)
{
        const char *name = c->change->value.words ? c->change->value.words[0] : NULL;

        return name ? check_account(c, name, c->change->directive == D_Group) : 0;
}

static int check_change(struct checking *c)
{
        static int (*const checks[])(struct checking * c) = {
                [KIND_CAPS] = check_caps,      [KIND_FAMILIES] = check_families,
                [KIND_SYSCALLS] = check_calls, [KIND_NAMES] = check_names,
                [KIND_POLAR] = check_polar,    [KIND_PATHS] = check_paths,
                [KIND_BINDS] = check_binds,    [KIND_DEVICES] = check_devices,
                [KIND_LINES] = check_lines,    [KIND_USER] = check_user,
                [KIND_PATH] = check_one_path,  [KIND_TEXT] = check_text,
        };
        enum directive_kind kind = directive_at(c->change->directive)->kind;

        if (!c->change->value.set || (size_t)kind >= COUNT(checks) || !checks[kind])
                return 0;
        return checks[kind](c);
}

int check_profile(const struct profile *p, const struct sandbox *unit,
                  const struct dialect *dialect, const char *root, struct problem **ret,
                  size_t *ret_count)
{
        struct checking c = { .unit = unit, .profile = p, .dialect = dialect, .root = root };
        int r = 0;

        for (size_t i = 0; r >= 0 && i < p->change_count; i++) {
                c.change = &p->changes[i];
                c.name = directive_at(c.change->directive)->name;
                r = check_change(&c);
        }
        if (r < 0) {
                problems_free(c.list, c.count);
                return r;
        }
        *ret = c.list;
        *ret_count = c.count;
        return 0;
}

void problems_free(struct problem *p, size_t count)
{
        for (size_t i = 0; i < count; i++)
                free(p[i].text);
        free(p);
}

int trial_check(const struct profile *p, const struct dialect *dialect, const char *root,
                char ***ret_problems)
{
        scoped(strv_freep) char **texts = NULL;
        struct problem *list = NULL;
        size_t count = 0;
        int r = check_profile(p, NULL, dialect, root, &list, &count);

        for (size_t i = 0; r >= 0 && i < count; i++)
                r = strv_add(&texts, list[i].text);
        problems_free(list, count);
        if (r < 0)
                return r;
        *ret_problems = take(texts);
        return 0;
}
