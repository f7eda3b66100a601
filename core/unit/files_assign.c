/* files_assign.c - assignments to a sandbox: the catalogue's directives here, the rest next door.
 */
#include "core/unit/files_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/unit/name.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

/* Directives of a service and of nothing else that has a sandbox. */
/* clang-format off */
static const enum directive_id service_only[] = {
        D_Type,     D_OOMPolicy,    D_NotifyAccess, D_OpenFile,
        D_WatchdogSec, D_RestartMode, D_FileDescriptorStoreMax,
};
/* clang-format on */

/* What slices and scopes take as well: the controls of a cgroup. */
/* clang-format off */
static const enum directive_id cgroup_rows[] = {
        D_Slice,           D_AllowedCPUs,      D_CPUWeight,        D_CPUQuota,
        D_MemoryHigh,      D_MemoryMax,        D_MemorySwapMax,    D_DeviceAllow,
        D_DevicePolicy,    D_IOWeight,         D_TasksMax,         D_Delegate,
        D_DelegateSubgroup, D_DisableControllers, D_IPAccounting,  D_IPAddressAllow,
        D_IPAddressDeny,   D_IPIngressFilterPath, D_IPEgressFilterPath, D_ManagedOOMPreference,
        D_BPFProgram,      D_SocketBindAllow,  D_SocketBindDeny,   D_RestrictNetworkInterfaces,
        D_BindNetworkInterface, D_NFTSet,
};
/* clang-format on */

/* Of the kinds that are not always expanded, the directives in which systemd expands "%x". */
/* clang-format off */
static const enum directive_id expanded[] = {
        D_SupplementaryGroups, D_UnsetEnvironment, D_PassEnvironment, D_JoinsNamespaceOf,
        D_ImportCredential,    D_PAMName,          D_LogNamespace,    D_Slice,
        D_SELinuxContext,      D_AppArmorProfile,  D_SmackProcessLabel, D_ExecSearchPath,
        D_OOMScoreAdjust,      D_ProtectHostname,
};
/* clang-format on */

/* A specifier without a value in one of these is fatal to the unit. */
static const enum directive_id strict_rows[] = {
        D_User, D_Group, D_SupplementaryGroups, D_RootDirectory, D_RootImage,
};

static bool among(enum directive_id id, const enum directive_id *rows, size_t count)
{
        for (size_t i = 0; i < count; i++)
                if (rows[i] == id)
                        return true;
        return false;
}

#define AMONG(id, rows) among(id, rows, COUNT(rows))

void loader_done(struct loader *l)
{
        free(l->refusal);
        free(l->other.bus_name);
        free(l->other.where);
}

const char *loader_section(const struct loader *l)
{
        static const char *const sections[][2] = {
                { ".service", "Service" },     { ".socket", "Socket" }, { ".mount", "Mount" },
                { ".automount", "Automount" }, { ".swap", "Swap" },     { ".timer", "Timer" },
                { ".path", "Path" },           { ".slice", "Slice" },   { ".scope", "Scope" },
        };
        const char *suffix = name_suffix(l->sandbox->unit);

        for (size_t i = 0; suffix && i < COUNT(sections); i++)
                if (strcmp(suffix, sections[i][0]) == 0)
                        return sections[i][1];
        return NULL;
}

int loader_odd(struct loader *l, unsigned line, const char *key, const char *text, bool refused,
               const char *fmt, ...)
{
        scoped(mem_freep) char *why = NULL;
        struct text t = { 0 };
        va_list args;

        if (l->sandbox->oddity_count > ODDITY_LIMIT)
                return 0;
        if (l->sandbox->oddity_count == ODDITY_LIMIT)
                return sandbox_oddity(l->sandbox, l->file, line, "", "", refused,
                                      "there is more of this kind, which gird does not list");
        va_start(args, fmt);
        text_addv(&t, fmt, args);
        va_end(args);
        why = text_take(&t);
        return why ? sandbox_oddity(l->sandbox, l->file, line, key, text, refused, why) : -ENOMEM;
}

int loader_refuse(struct loader *l, unsigned line, const char *key, const char *text,
                  const char *fmt, ...)
{
        scoped(mem_freep) char *why = NULL;
        struct text t = { 0 };
        va_list args;
        int r;

        va_start(args, fmt);
        text_addv(&t, fmt, args);
        va_end(args);
        why = text_take(&t);
        if (!why)
                return -ENOMEM;
        if (l->dropin) {
                r = loader_odd(l, line, key, text, false,
                               "%s; systemd reads no further in this file", why);
                return r < 0 ? r : 1;
        }
        if (!l->refusal) {
                l->refusal = text_format("%s:%u: %s=%s", l->file, line, key, why);
                if (!l->refusal)
                        return -ENOMEM;
        }
        return loader_odd(l, line, key, text, true, "%s", why);
}

int loader_sink_odd(void *loader, unsigned line, const char *key, const char *text, const char *why)
{
        return loader_odd(loader, line, key, text, false, "%s", why);
}

static bool is_expanded(const struct loader *l, const struct directive *d)
{
        switch (d->kind) {
        case KIND_PATHS:
        case KIND_BINDS:
        case KIND_DIRS:
        case KIND_DEVICES:
        case KIND_LINES:
        case KIND_USER:
        case KIND_PATH:
                return true;
        default:
                return AMONG(d->id, expanded) &&
                       (d->id != D_ProtectHostname || l->dialect->version.major >= 258);
        }
}

static bool is_word_list(enum directive_kind kind)
{
        return kind == KIND_NAMES || kind == KIND_PATHS || kind == KIND_BINDS ||
               kind == KIND_DIRS || kind == KIND_DEVICES;
}

/* Expands word by word; one that cannot be is left out, with an oddity. */
static int expand_words(struct loader *l, unsigned line, const char *key, const char *text,
                        char **ret)
{
        struct text out = { 0 };
        int r = 0;

        while (r >= 0 && *text) {
                size_t blanks = strspn(text, " \t"), n = strcspn(text + blanks, " \t");
                scoped(mem_freep) char *word = strndup(text + blanks, n), *done = NULL;
                char bad = 0;

                r = word ? specifier_expand(&l->specifiers, word, &done, &bad) : -ENOMEM;
                if (r == 0) {
                        text_addn(&out, text, blanks);
                        text_add(&out, done);
                } else if (r == 1)
                        r = loader_odd(l, line, key, word, false,
                                       "%%%c has no value here, so systemd passes this word over",
                                       bad);
                text += blanks + n;
        }
        if (r < 0) {
                text_done(&out);
                return r;
        }
        *ret = text_take(&out);
        return *ret ? 0 : -ENOMEM;
}

static size_t count_words(const char *text)
{
        size_t count = 0;

        for (text += strspn(text, " \t"); *text; text += strspn(text, " \t")) {
                text += strcspn(text, " \t");
                count++;
        }
        return count;
}

/* Whether a name that was written has come to nothing (%i in a unit that is no instance), or
 * to something that begins or ends with a blank. */
static bool spoils_name(const struct directive *d, const char *text, const char *name)
{
        size_t n = strlen(name);

        if (d->id == D_SupplementaryGroups)
                return count_words(name) < count_words(text);
        return d->kind == KIND_USER &&
               (n == 0 || strchr(" \t", name[0]) || strchr(" \t", name[n - 1]));
}

/* 0: *ret is the text to assign; 1: there is nothing to assign; 2: stop reading. */
static int expand(struct loader *l, unsigned line, const struct directive *d, const char *text,
                  char **ret)
{
        char bad = 0;
        int r;

        if (!strchr(text, '%') || !is_expanded(l, d)) {
                *ret = strdup(text);
                return *ret ? 0 : -ENOMEM;
        }
        if (is_word_list(d->kind) && !AMONG(d->id, strict_rows)) {
                r = expand_words(l, line, d->name, text, ret);
                if (r == 0 && !**ret)
                        return 1;
                return r;
        }
        r = specifier_expand(&l->specifiers, text, ret, &bad);
        if (r == 0 && spoils_name(d, text, *ret)) {
                r = loader_refuse(l, line, d->name, text, "\"%s\" is no name", *ret);
                return r < 0 ? r : r + 1;
        }
        if (r <= 0)
                return r;
        if (AMONG(d->id, strict_rows)) {
                r = loader_refuse(l, line, d->name, text, "%%%c has no value here", bad);
                return r < 0 ? r : r + 1;
        }
        r = loader_odd(l, line, d->name, text, false,
                       "%%%c has no value here, so systemd passes the line over", bad);
        return r < 0 ? r : 1;
}

static int set_origin(struct loader *l, struct setting *setting, unsigned line)
{
        char *file = setting->value.set ? strdup(l->file) : NULL;

        if (setting->value.set && !file)
                return -ENOMEM;
        free(setting->origin.file);
        setting->origin = (struct origin){
                .kind = file ? ORIGIN_FILE : ORIGIN_DEFAULT,
                .file = file,
                .line = file ? line : 0,
        };
        return 0;
}

static int reset_partner(struct loader *l, const struct directive *d, unsigned line)
{
        const struct directive *partner = value_reset_also(d);
        struct setting *other = partner ? &l->sandbox->settings[partner->id] : NULL;

        if (!other)
                return 0;
        value_done(&other->value);
        other->value = (struct value){ 0 };
        return set_origin(l, other, line);
}

static int directive_assign(struct loader *l, unsigned line, const struct directive *d,
                            const char *text)
{
        struct setting *setting = &l->sandbox->settings[d->id];
        scoped(mem_freep) char *value = NULL;
        struct err note = { 0 };
        int r;

        if (!directive_known_to(d, l->dialect->version))
                return loader_odd(l, line, d->name, text, false,
                                  "systemd %u does not know %s= (it came with %u)",
                                  l->dialect->version.major, d->name, d->since);
        r = expand(l, line, d, text, &value);
        if (r)
                return r < 0 ? r : r - 1;
        r = value_assign(&setting->value, d, l->dialect, value, &note);
        if (r < 0)
                return r;
        if (r == ASSIGN_REFUSED)
                return loader_refuse(l, line, d->name, text, "%s",
                                     *note.text ? note.text : "systemd refuses this value");
        if (r == ASSIGN_TAKEN) {
                r = set_origin(l, setting, line);
                if (r == 0 && !*value)
                        r = reset_partner(l, d, line);
                if (r < 0 || !*note.text)
                        return r;
        }
        return loader_odd(l, line, d->name, text, false, "%s",
                          *note.text ? note.text : "systemd ignores this value");
}

/* The directive that key is in this section of this kind of unit; NULL. */
static const struct directive *directive_in(const struct loader *l, const char *section,
                                            const char *key)
{
        const struct directive *d = directive_find(key);
        bool unit_section = strcmp(section, "Unit") == 0;

        if (!d || strcmp(section, "Install") == 0 || unit_section != !!(d->flags & IN_UNIT_SECTION))
                return NULL;
        if (unit_section || strcmp(section, "Service") == 0)
                return d;
        if (strcmp(section, "Scope") == 0 && d->id == D_OOMPolicy)
                return d;
        if (l->sandbox->is_service)
                return AMONG(d->id, service_only) ? NULL : d;
        return (strcmp(section, "Slice") == 0 || strcmp(section, "Scope") == 0) &&
                               AMONG(d->id, cgroup_rows)
                       ? d
                       : NULL;
}

static int unknown(struct loader *l, unsigned line, const char *section, const char *key,
                   const char *value)
{
        const struct directive *d = directive_find(key);
        const char *home = d ? directive_section(d) : keys_home(key);

        if (home && strcmp(home, section) != 0)
                return loader_odd(l, line, key, value, false,
                                  "systemd ignores %s= in [%s]; it belongs in [%s]", key, section,
                                  home);
        return loader_odd(l, line, key, value, false, "systemd knows no %s= in [%s]", key, section);
}

int loader_sink_assign(void *loader, unsigned line, const char *section, const char *key,
                       const char *value)
{
        struct loader *l = loader;
        const struct directive *d = directive_in(l, section, key);
        int r;

        if (d)
                return directive_assign(l, line, d, value);
        if (exec_is_key(section, key))
                return exec_assign(l, line, key, value);
        r = other_assign(l, line, section, key, value);
        if (r != -ENOKEY)
                return r;
        if (keys_know(section, key) || text_starts(key, "X-"))
                return 0;
        return unknown(l, line, section, key, value);
}
