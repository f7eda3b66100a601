/* manager_defaults.c - what holds for a directive that nothing sets: systemd's own default, or
 * the one that the administrator gave in system.conf. */
#include "core/unit/manager_private.h"

#include "core/base/base.h"
#include "core/base/mem.h"

#include <errno.h>
#include <string.h>

/* Directives whose default is a setting of the manager.  Soft limits have a row of their own
 * there, named like those of units. */
static const struct {
        const char *property;
        enum directive_id id;
} inherited[MANAGER_DEFAULT_COUNT] = {
        { "DefaultTasksMax", D_TasksMax },
        { "DefaultIPAccounting", D_IPAccounting },
        { "DefaultOOMPolicy", D_OOMPolicy },
        { "DefaultOOMScoreAdjust", D_OOMScoreAdjust },
        { "TimerSlackNSec", D_TimerSlackNSec },
        { "DefaultLimitCORE", D_LimitCORE },
        { "DefaultLimitNOFILE", D_LimitNOFILE },
        { "DefaultLimitNPROC", D_LimitNPROC },
        { "DefaultLimitMEMLOCK", D_LimitMEMLOCK },
        { "DefaultLimitFSIZE", D_LimitFSIZE },
        { "DefaultLimitAS", D_LimitAS },
        { "DefaultLimitRTPRIO", D_LimitRTPRIO },
        { "DefaultRestrictSUIDSGID", D_RestrictSUIDSGID },
};

/* "DefaultLimitCORESoft": the index of DefaultLimitCORE, and that it is the soft one. */
static size_t find(const char *name, bool *ret_soft)
{
        for (size_t i = 0; i < COUNT(inherited); i++) {
                size_t n = strlen(inherited[i].property);

                if (strncmp(name, inherited[i].property, n) != 0)
                        continue;
                *ret_soft = strcmp(name + n, "Soft") == 0;
                if (!name[n] || *ret_soft)
                        return i;
        }
        return COUNT(inherited);
}

static int join_limits(struct value *hard, const struct value *soft)
{
        char *both;

        if (!hard->words || !soft->words || strcmp(hard->words[0], soft->words[0]) == 0)
                return 0;
        both = text_format("%s:%s", soft->words[0], hard->words[0]);
        if (!both)
                return -ENOMEM;
        free(hard->words[0]);
        hard->words[0] = both;
        return 0;
}

static int take_default(struct manager_defaults *d, size_t i, bool soft, const char *contents,
                        sd_bus_message *m)
{
        struct value v = { 0 };
        int r = property_value(m, contents, directive_at(inherited[i].id), &v);

        if (r == 0)
                return sd_bus_message_skip(m, contents);
        if (r < 0)
                return r;
        if (soft) {
                r = join_limits(&d->values[i], &v);
                value_done(&v);
                return r;
        }
        value_done(&d->values[i]);
        d->values[i] = v;
        return 0;
}

static int take_version(struct manager *m, const char *contents, sd_bus_message *properties)
{
        const char *text = NULL;
        int r;

        if (strcmp(contents, "s") != 0)
                return -EBADMSG;
        r = sd_bus_message_read(properties, "s", &text);
        return r < 0 ? r : version_parse(text, &m->version);
}

static int take_property(struct manager *m, const char *name, sd_bus_message *properties)
{
        const char *contents = NULL;
        bool soft = false;
        size_t i = find(name, &soft);
        char type = 0;
        int r;

        if (i == COUNT(inherited) && strcmp(name, "Version") != 0)
                return sd_bus_message_skip(properties, "v");
        r = sd_bus_message_peek_type(properties, &type, &contents);
        if (r <= 0 || type != 'v')
                return r < 0 ? r : -EBADMSG;
        r = sd_bus_message_enter_container(properties, 'v', contents);
        if (r >= 0)
                r = i == COUNT(inherited)
                            ? take_version(m, contents, properties)
                            : take_default(&m->defaults, i, soft, contents, properties);
        return r < 0 ? r : sd_bus_message_exit_container(properties);
}

int manager_defaults_take(struct manager *m, sd_bus_message *properties)
{
        int r = sd_bus_message_enter_container(properties, 'a', "{sv}");

        while (r >= 0 && (r = sd_bus_message_enter_container(properties, 'e', "sv")) > 0) {
                const char *name = NULL;

                r = sd_bus_message_read(properties, "s", &name);
                if (r >= 0)
                        r = take_property(m, name, properties);
                if (r >= 0)
                        r = sd_bus_message_exit_container(properties);
        }
        if (r < 0)
                return r;
        return m->version.major > 0 ? 0 : -EPROTO;
}

bool manager_changes_default(const struct manager *m)
{
        for (size_t i = 0; i < COUNT(inherited); i++)
                if (inherited[i].id == D_RestrictSUIDSGID && m->defaults.values[i].bits)
                        return true;
        return false;
}

void manager_defaults_done(struct manager_defaults *d)
{
        for (size_t i = 0; i < COUNT(d->values); i++)
                value_done(&d->values[i]);
}

/* What a property holds where nothing sets the directive, for those of which the catalogue
 * tells it in words. */
static const struct {
        enum directive_id id;
        const char *word;
} fixed[] = {
        { D_NotifyAccess, "none" },    { D_MemoryMax, "infinity" },
        { D_MemoryHigh, "infinity" },  { D_MemorySwapMax, "infinity" },
        { D_CPUQuota, "infinity" },    { D_IOWeight, "infinity" },
        { D_CPUWeight, "infinity" },   { D_Nice, "0" },
        { D_OOMScoreAdjust, "0" },     { D_FileDescriptorStoreMax, "0" },
        { D_WatchdogSec, "0" },        { D_WatchdogSec, "infinity" },
        { D_TimerSlackNSec, "50000" }, { D_StandardInput, "null" },
        { D_Delegate, "no" },
};

/* Properties that answer what follows from other settings or from the machine: without a line
 * in a file they tell nothing. */
static const enum directive_id derived[] = { D_SetLoginEnvironment, D_MountAPIVFS, D_Slice,
                                             D_CoredumpFilter, D_RootImagePolicy };

static bool is_usual_word(const struct manager *m, const struct directive *d, const char *word)
{
        for (size_t i = 0; i < COUNT(fixed); i++)
                if (fixed[i].id == d->id && strcmp(fixed[i].word, word) == 0)
                        return true;
        if (d->id == D_KeyringMode && m->scope == SCOPE_USER)
                return strcmp(word, "inherit") == 0;
        return d->unset && strcmp(d->unset, word) == 0;
}

static bool is_all(const struct directive *d, const struct dialect *dialect, uint64_t bits)
{
        uint64_t all = 0;

        if (d->kind == KIND_CAPS)
                all = caps_all(dialect);
        else
                for (size_t i = 0;; i++) {
                        uint64_t flag = 0;

                        if (!namespace_name(i, &flag))
                                break;
                        /* A flag that came later is missing in what an older systemd calls all. */
                        all |= namespace_flag(dialect, namespace_name(i, NULL)) ? flag : 0;
                }
        return (bits & all) == all;
}

bool manager_is_default(const struct manager *m, const struct directive *d,
                        const struct dialect *dialect, const struct value *v)
{
        if (!v->set)
                return true;
        for (size_t i = 0; i < COUNT(derived); i++)
                if (derived[i] == d->id)
                        return true;
        for (size_t i = 0; i < COUNT(inherited); i++)
                if (inherited[i].id == d->id && value_equal(&m->defaults.values[i], v))
                        return true;
        switch (d->kind) {
        case KIND_BOOL:
                return v->bits == (d->unset && strcmp(d->unset, "yes") == 0);
        case KIND_CAPS:
                return d->id == D_AmbientCapabilities ? v->bits == 0 : is_all(d, dialect, v->bits);
        case KIND_NAMESPACES:
                return is_all(d, dialect, v->bits);
        case KIND_UMASK:
                return v->bits == 0022;
        case KIND_FAMILIES:
        case KIND_SYSCALLS:
        case KIND_POLAR:
                return !v->allow && (!v->words || !*v->words);
        default:
                /* Delegate= with no controller is on all the same. */
                if (!v->words)
                        return d->id != D_Delegate;
                return !v->words[1] && is_usual_word(m, d, v->words[0]);
        }
}
