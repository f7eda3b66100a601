/* search_set.c - the wish as items, and profiles made of some of them. */
#include "core/trial/search_private.h"

#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <string.h>

/* What opens something, and what it is a hole in: it is only there while that is. */
static const struct {
        enum directive_id strict, hole;
} holes[] = {
        { D_ProtectSystem, D_ReadWritePaths },
        { D_ProtectSystem, D_StateDirectory },
        { D_ProtectSystem, D_CacheDirectory },
        { D_ProtectSystem, D_LogsDirectory },
        { D_ProtectSystem, D_RuntimeDirectory },
        { D_ProtectHome, D_ReadWritePaths },
        { D_ReadOnlyPaths, D_ReadWritePaths },
        { D_InaccessiblePaths, D_ReadWritePaths },
        { D_DynamicUser, D_ReadWritePaths },
        { D_DynamicUser, D_StateDirectory },
        { D_DynamicUser, D_CacheDirectory },
        { D_DynamicUser, D_LogsDirectory },
        { D_DynamicUser, D_RuntimeDirectory },
        { D_User, D_StateDirectory },
        { D_User, D_CacheDirectory },
        { D_User, D_LogsDirectory },
        { D_User, D_RuntimeDirectory },
        { D_NoExecPaths, D_ExecPaths },
        { D_ProtectHome, D_BindPaths },
        { D_ProtectHome, D_BindReadOnlyPaths },
        { D_TemporaryFileSystem, D_BindPaths },
        { D_TemporaryFileSystem, D_BindReadOnlyPaths },
        { D_PrivateDevices, D_BindPaths },
        { D_DevicePolicy, D_DeviceAllow },
        { D_PrivateDevices, D_DeviceAllow },
        { D_IPAddressDeny, D_IPAddressAllow },
        { D_SocketBindDeny, D_SocketBindAllow },
        { D_User, D_AmbientCapabilities },
        { D_User, D_SupplementaryGroups },
        { D_User, D_Group },
        { D_DynamicUser, D_AmbientCapabilities },
        { D_DynamicUser, D_SupplementaryGroups },
        { D_SystemCallFilter, D_SystemCallErrorNumber },
};

bool is_hole(enum directive_id strict, enum directive_id hole)
{
        for (size_t i = 0; i < COUNT(holes); i++)
                if (holes[i].strict == strict && holes[i].hole == hole)
                        return true;
        return false;
}

static bool is_listed_hole(enum directive_id id)
{
        for (size_t i = 0; i < COUNT(holes); i++)
                if (holes[i].hole == id)
                        return true;
        return false;
}

/* ---- the unit's own ---- */

static const struct value *own_value(const struct engine *en, enum directive_id id)
{
        return &en->o->trial.unit->settings[id].value;
}

const struct value *item_own(const struct engine *en, const struct item *it)
{
        return own_value(en, it->id);
}

bool item_tightens(const struct engine *en, const struct item *it, const struct value *v)
{
        return value_compare(v, item_own(en, it), directive_at(it->id), en->o->trial.dialect) ==
               VALUE_STRICTER;
}

static bool is_loosest(const struct engine *en, enum directive_id id)
{
        const struct value none = { 0 };
        enum value_order order = value_compare(own_value(en, id), &none, directive_at(id),
                                               en->o->trial.dialect);

        return order == VALUE_SAME || order == VALUE_LOOSER;
}

static bool is_below(const char *path, const char *folder)
{
        size_t n = strlen(folder);

        while (n > 1 && folder[n - 1] == '/')
                n--;
        return n <= 1 || (strncmp(path, folder, n) == 0 && (!path[n] || path[n] == '/'));
}

static bool is_below_any(const char *path, const struct value *list)
{
        for (char **w = list->words; w && *w; w++)
                if (is_below(path, *w + strspn(*w, "-+")))
                        return true;
        return false;
}

/* Whether the unit as it is may write there: what its own directives make read-only stays so. */
static bool could_write(const struct engine *en, const char *path)
{
        static const struct {
                const char *least, *folder; /* from that value on */
        } systems[] = {
                { "yes", "/usr" },  { "yes", "/boot" }, { "yes", "/efi" },
                { "full", "/etc" }, { "strict", "/" },
        };
        static const char *const homes[] = { "/home", "/root", "/run/user" };
        const struct sandbox *unit = en->o->trial.unit;
        bool hole = is_below_any(path, own_value(en, D_ReadWritePaths));

        for (size_t i = 0; i < COUNT(systems); i++) {
                struct value least = { 0 };
                enum value_order order = VALUE_LOOSER;

                if (value_assign(&least, directive_at(D_ProtectSystem), en->o->trial.dialect,
                                 systems[i].least, NULL) == ASSIGN_TAKEN)
                        order = value_compare(own_value(en, D_ProtectSystem), &least,
                                              directive_at(D_ProtectSystem), en->o->trial.dialect);
                value_done(&least);
                if (order != VALUE_LOOSER && is_below(path, systems[i].folder) && !hole)
                        return false;
        }
        for (size_t i = 0; i < COUNT(homes); i++)
                if (setting_yes(unit, D_ProtectHome) && is_below(path, homes[i]) && !hole)
                        return false;
        return (hole || !is_below_any(path, own_value(en, D_ReadOnlyPaths))) &&
               !is_below_any(path, own_value(en, D_InaccessiblePaths));
}

/* A folder of the unit's own, by the name that its directive gives it. */
static int could_have_folder(const struct engine *en, enum directive_id id, const char *name)
{
        static const struct {
                enum directive_id id;
                const char *below;
        } kinds[] = {
                { D_StateDirectory, "/var/lib" },
                { D_CacheDirectory, "/var/cache" },
                { D_LogsDirectory, "/var/log" },
                { D_RuntimeDirectory, "/run" },
        };

        for (size_t i = 0; i < COUNT(kinds); i++) {
                scoped(mem_freep) char *path = NULL;

                if (kinds[i].id != id)
                        continue;
                path = text_format("%s/%.*s", kinds[i].below, (int)strcspn(name, ":"), name);
                return path && could_write(en, path);
        }
        return -1;
}

bool hole_allowed(const struct engine *en, enum directive_id hole, const char *word)
{
        int folder = could_have_folder(en, hole, word);

        if (strv_has(own_value(en, hole)->words, word))
                return true;
        if (folder >= 0)
                return folder > 0;
        if (hole == D_ReadWritePaths)
                return could_write(en, word + strspn(word, "-+"));
        for (size_t i = 0; i < COUNT(holes); i++)
                if (holes[i].hole == hole && !is_loosest(en, holes[i].strict))
                        return false;
        return true;
}

/* ---- items ---- */

static void item_done(struct item *it)
{
        value_done(&it->wish);
        value_done(&it->aim);
        free(it->evidence);
        free(it->why);
}

void items_done(struct engine *en)
{
        for (size_t i = 0; i < en->count; i++)
                item_done(&en->items[i]);
        free(en->items);
        en->items = NULL;
        en->count = 0;
}

struct item *item_find(const struct engine *en, enum directive_id id)
{
        for (size_t i = 0; i < en->count; i++)
                if (en->items[i].id == id)
                        return &en->items[i];
        return NULL;
}

static struct item *item_new(struct engine *en, enum directive_id id)
{
        struct item *more = realloc(en->items, (en->count + 1) * sizeof(*more));

        if (!more)
                return NULL;
        en->items = more;
        more[en->count] = (struct item){ .id = id, .reason = REASON_SEARCH };
        return &more[en->count++];
}

int item_hole(struct engine *en, enum directive_id id, size_t *ret)
{
        struct item *it = item_find(en, id);
        int r;

        if (!it) {
                it = item_new(en, id);
                if (!it)
                        return -ENOMEM;
                it->hole = it->literal = true;
                r = value_copy(item_own(en, it), &it->aim);
                if (r < 0)
                        return r;
        }
        *ret = (size_t)(it - en->items);
        return 0;
}

static bool is_kept(const struct search_options *o, enum directive_id id)
{
        for (const enum directive_id *k = o->keep; k && *k != DIRECTIVE_COUNT; k++)
                if (*k == id)
                        return true;
        return false;
}

/* A hole keeps of its wish what the unit may do now.  1: nothing. */
static int trim_hole(struct engine *en, struct item *it)
{
        bool had = it->aim.words && *it->aim.words;

        for (char **w = it->aim.words; w && *w;) {
                if (hole_allowed(en, it->id, *w)) {
                        w++;
                        continue;
                }
                free(*w);
                for (char **rest = w; *rest; rest++)
                        rest[0] = rest[1];
        }
        return had && !*it->aim.words;
}

/* Amounts whose default is no single number can't be compared with it; any limit is one more. */
static bool is_first_limit(const struct engine *en, const struct item *it)
{
        const struct directive *d = directive_at(it->id);

        return d->kind == KIND_AMOUNT && !(d->flags & (MORE_IS_LOOSER | NOT_A_SANDBOX)) &&
               !item_own(en, it)->set;
}

/* What becomes of a change of the wish.  0: it is an item; 1: it is none. */
static int classify(struct engine *en, const struct change *change, struct item *it)
{
        const struct directive *d = directive_at(change->directive);
        enum value_order order = value_compare(&change->value, item_own(en, it), d,
                                               en->o->trial.dialect);

        it->fixed = change->reason == REASON_HAND || change->reason == REASON_FILE;
        if (it->fixed)
                return 0;
        if (is_kept(en->o, it->id) || order == VALUE_SAME)
                return 1;
        if (order == VALUE_STRICTER || (order == VALUE_DIFFERENT && is_first_limit(en, it)))
                return 0;
        if (is_listed_hole(it->id)) {
                it->hole = true;
                return trim_hole(en, it);
        }
        tell(en, SEARCH_GAVE, it,
             order == VALUE_LOOSER ? "what was wished for would loosen what the unit has"
                                   : "what was wished for would let through something that the "
                                     "unit does not");
        return 1;
}

int items_make(struct engine *en)
{
        const struct profile *wish = en->o->wish;

        for (size_t i = 0; i < wish->change_count; i++) {
                const struct change *change = &wish->changes[i];
                struct item *it = item_new(en, change->directive);
                int r = it ? value_copy(&change->value, &it->wish) : -ENOMEM;

                if (r == 0)
                        r = value_copy(&change->value, &it->aim);
                if (r == 0 && change->evidence) {
                        it->evidence = strdup(change->evidence);
                        r = it->evidence ? 0 : -ENOMEM;
                }
                if (r < 0)
                        return r;
                it->reason = change->reason;
                it->literal = change->literal;
                r = classify(en, change, it);
                if (r < 0)
                        return r;
                if (r > 0)
                        item_done(&en->items[--en->count]);
        }
        return 0;
}

/* ---- profiles ---- */

/* As observed: then no percent sign of the value is touched. */
static int put(struct profile *p, const struct item *it, const struct value *value,
               enum reason reason, const char *evidence)
{
        struct value v = { 0 };
        int r = value_copy(value, &v);

        if (r < 0)
                return r;
        r = profile_set(p, it->id, &v, REASON_OBSERVED, evidence);
        for (size_t i = 0; r == 0 && i < p->change_count; i++)
                if (p->changes[i].directive == it->id) {
                        p->changes[i].reason = reason;
                        p->changes[i].literal = it->literal;
                }
        return r;
}

static int put_item(struct profile *p, const struct item *it, const struct value *value)
{
        bool own = !value_equal(value, &it->wish);
        enum reason reason = own ? REASON_SEARCH : it->reason;

        return put(p, it, value, reason, own && it->why ? it->why : it->evidence);
}

static int put_holes(const struct engine *en, struct profile *p, const bool *on)
{
        for (size_t i = 0; i < en->count; i++) {
                const struct item *it = &en->items[i];
                bool used = false;
                int r;

                for (size_t k = 0; it->hole && !used && k < en->count; k++)
                        used = on[k] && is_hole(en->items[k].id, it->id);
                if (!used || it->lost || value_equal(&it->aim, item_own(en, it)))
                        continue;
                r = put_item(p, it, &it->aim);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* What an earlier save set, and what is asked of the unit in every set. */
int begin_profile(const struct engine *en, struct profile **ret)
{
        const struct profile *wish = en->o->wish;
        scoped(profile_freep) struct profile *p = NULL;
        int r = en->o->base ? profile_copy(en->o->base, &p)
                            : profile_new(wish->unit, wish->scope, &p);

        for (char **probe = wish->probes; r >= 0 && probe && *probe; probe++)
                if (!strv_has(p->probes, *probe))
                        r = strv_add(&p->probes, *probe);
        for (size_t i = 0; r >= 0 && i < wish->accepted_count; i++)
                r = profile_accept(p, wish->accepted[i].what, wish->accepted[i].reason);
        if (r >= 0)
                *ret = take(p);
        return r < 0 ? r : 0;
}

int set_profile(const struct engine *en, const size_t *more, size_t count, const struct swap *swap,
                struct profile **ret)
{
        scoped(profile_freep) struct profile *p = NULL;
        scoped(mem_freep) bool *on = calloc(en->count + 1, sizeof(*on));
        scoped(mem_freep) bool *again = calloc(en->count + 1, sizeof(*again));
        int r = on && again ? begin_profile(en, &p) : -ENOMEM;

        for (size_t i = 0; r == 0 && i < en->count; i++)
                on[i] = !en->items[i].hole && !en->items[i].lost &&
                        (en->items[i].fixed || en->items[i].in);
        for (size_t i = 0; r == 0 && i < count; i++) {
                again[more[i]] = on[more[i]] || en->items[more[i]].aside;
                on[more[i]] = !en->items[more[i]].lost;
        }
        if (r == 0 && swap)
                on[swap->item] = true;
        for (size_t i = 0; r == 0 && i < en->count; i++) {
                const struct item *it = &en->items[i];
                const struct value *v = swap && swap->item == i ? swap->value
                                        : again[i]              ? &it->wish
                                                                : &it->aim;

                if (on[i])
                        r = put_item(p, it, v);
        }
        if (r == 0)
                r = put_holes(en, p, on);
        if (r == 0)
                *ret = take(p);
        return r;
}

int set_exposure(const struct engine *en, const struct profile *p, unsigned *ret)
{
        scoped(sandbox_freep) struct sandbox *s = NULL;
        struct score score = { 0 };
        int r = profile_apply(p, en->o->trial.unit, en->o->trial.dialect, &s);

        if (r < 0)
                return r;
        *ret = score_sandbox(s, en->o->trial.dialect, en->o->mode, &score) == 0 ? score.exposure
                                                                                : 0;
        return 0;
}
