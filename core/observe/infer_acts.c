/* infer_acts.c - looking for acts.
 *
 * A behaviour has up to BEHAVIOUR_ACTS of them and the rules ask some hundred questions, so the
 * acts are sorted once: paths and programs by path, so that a folder is one stretch of them, the
 * rest by name. */
#include "core/observe/infer_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <string.h>

struct acts {
        const struct act **sorted;
        size_t from[ACT_KINDS + 1]; /* where each kind begins; the last: how many there are */
};

static bool by_text(enum act_kind k)
{
        return k == ACT_PATH || k == ACT_EXEC;
}

static const char *key_of(const struct act *a)
{
        const char *key = by_text(a->kind) ? a->text : a->name;

        return key ? key : "";
}

static int by_key(const void *x, const void *y)
{
        const struct act *a = *(const struct act *const *)x, *b = *(const struct act *const *)y;
        int order;

        if (a->kind != b->kind)
                return a->kind < b->kind ? -1 : 1;
        order = strcmp(key_of(a), key_of(b));
        if (order != 0)
                return order;
        if (a->first != b->first)
                return a->first < b->first ? -1 : 1;
        return (a > b) - (a < b);
}

int acts_open(const struct behaviour *b, struct acts **ret)
{
        struct acts *acts = calloc(1, sizeof(*acts));
        size_t kind = 0;

        if (acts)
                acts->sorted = calloc(b->act_count + 1, sizeof(*acts->sorted));
        if (!acts || !acts->sorted) {
                free(acts);
                return -ENOMEM;
        }
        for (size_t i = 0; i < b->act_count; i++)
                acts->sorted[i] = &b->acts[i];
        qsort(acts->sorted, b->act_count, sizeof(*acts->sorted), by_key);
        for (size_t i = 0; i < b->act_count; i++)
                while (kind <= acts->sorted[i]->kind && kind < ACT_KINDS)
                        acts->from[kind++] = i;
        while (kind <= ACT_KINDS)
                acts->from[kind++] = b->act_count;
        *ret = acts;
        return 0;
}

void acts_close(struct acts *acts)
{
        if (!acts)
                return;
        free(acts->sorted);
        free(acts);
}

bool act_counts(const struct act *a)
{
        return !(a->flags & (ACT_BY_TWIN | ACT_QUIET));
}

/* The earlier of two; either may be NULL. */
static const struct act *earlier(const struct act *a, const struct act *b)
{
        if (!a || !b)
                return a ? a : b;
        return b->first < a->first ? b : a;
}

/* The first act of the kind whose key is at least n bytes of key; the end of the kind if none. */
static size_t lower_bound(const struct acts *acts, enum act_kind k, const char *key, size_t n)
{
        size_t low = acts->from[k], high = acts->from[k + 1];

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (strncmp(key_of(acts->sorted[middle]), key, n) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

/* All acts of a kind, in which the key's order does not help. */
static const struct act *find_among(const struct inference *in, enum act_kind k, const char *name)
{
        const struct acts *acts = in->acts;
        const struct act *found = NULL;

        for (size_t i = acts->from[k]; i < acts->from[k + 1]; i++) {
                const struct act *a = acts->sorted[i];

                if (act_counts(a) && (!name || (a->name && strcmp(a->name, name) == 0)))
                        found = earlier(found, a);
        }
        return found;
}

const struct act *find_act(const struct inference *in, enum act_kind k, const char *name)
{
        const struct acts *acts = in->acts;

        if (!name || by_text(k))
                return find_among(in, k, name);
        for (size_t i = lower_bound(acts, k, name, strlen(name) + 1); i < acts->from[k + 1]; i++) {
                const struct act *a = acts->sorted[i];

                if (strcmp(key_of(a), name) != 0)
                        break;
                if (act_counts(a))
                        return a; /* within a name they are sorted by time */
        }
        return NULL;
}

struct call_search {
        const struct inference *in;
        const struct act *found;
};

static int look_for_call(void *userdata, const char *call)
{
        struct call_search *s = userdata;

        s->found = earlier(s->found, find_act(s->in, ACT_CALL, call));
        return 0;
}

const struct act *find_call(const struct inference *in, const char *calls)
{
        struct call_search s = { .in = in };

        while (*calls) {
                char name[64];
                size_t n;

                calls += strspn(calls, " ");
                n = strcspn(calls, " ");
                if (n > 0 && n < sizeof(name)) {
                        memcpy(name, calls, n);
                        name[n] = '\0';
                        if (*name == '@')
                                dialect_expand(in->o->dialect, name, look_for_call, &s);
                        else
                                look_for_call(&s, name);
                }
                calls += n;
        }
        return s.found;
}

const struct act *find_args(const struct inference *in, const char *call, uint64_t mask,
                            uint64_t value)
{
        const struct acts *acts = in->acts;
        size_t n = strlen(call) + 1;

        for (size_t i = lower_bound(acts, ACT_ARGS, call, n); i < acts->from[ACT_ARGS + 1]; i++) {
                const struct act *a = acts->sorted[i];

                if (strcmp(key_of(a), call) != 0)
                        break;
                if (act_counts(a) && (a->a & mask) == value)
                        return a;
        }
        return NULL;
}

const struct act *find_cap(const struct inference *in, unsigned capability)
{
        const struct acts *acts = in->acts;
        const struct act *found = NULL;

        for (size_t i = acts->from[ACT_CAP]; i < acts->from[ACT_CAP + 1]; i++)
                if (acts->sorted[i]->a == capability && act_counts(acts->sorted[i]))
                        found = earlier(found, acts->sorted[i]);
        return found;
}

bool path_below(const char *path, const char *folder)
{
        size_t n = strlen(folder);

        while (n > 0 && folder[n - 1] == '/')
                n--;
        return strncmp(path, folder, n) == 0 && (!path[n] || path[n] == '/');
}

/* ---- paths ---- */

struct path_search {
        const struct inference *in;
        unsigned access;
        bool (*matters)(const struct inference *in, const struct act *a);
        bool own_root; /* the unit has a root of its own, so all its paths count from there */
        const struct act *found;
};

static void look_at_path(struct path_search *s, const struct act *a)
{
        if (!(a->a & s->access) || !act_counts(a))
                return;
        if (a->flags & ACT_CHROOT && !s->own_root)
                return;
        if (!s->matters || s->matters(s->in, a))
                s->found = earlier(s->found, a);
}

/* Of the own names of these only files are told as many (behaviour_folders.c). */
static bool tells_folders_apart(const char *path)
{
        static const char *const tops[] = { "/etc",  "/usr", "/var",  "/run", "/home",
                                            "/root", "/dev", "/proc", "/sys" };

        for (size_t i = 0; i < COUNT(tops); i++)
                if (strcmp(tops[i], path) == 0)
                        return true;
        return false;
}

/* What stands for many names of a folder, of which this may be one. */
static void look_above(struct path_search *s, const char *folder)
{
        const struct acts *acts = s->in->acts;
        char above[4096];
        size_t n = strlen(folder);

        if (n >= sizeof(above))
                return;
        memcpy(above, folder, n + 1);
        for (;;) {
                while (n > 0 && above[n] != '/')
                        n--;
                if (n == 0)
                        break; /* of the root's own names only files are told as many */
                above[n] = '\0';
                if (tells_folders_apart(above))
                        break;
                for (size_t i = lower_bound(acts, ACT_PATH, above, n + 1);
                     i < acts->from[ACT_PATH + 1] && strcmp(key_of(acts->sorted[i]), above) == 0;
                     i++)
                        if (acts->sorted[i]->flags & ACT_GENERAL)
                                look_at_path(s, acts->sorted[i]);
        }
}

static void look_exactly(struct path_search *s, const char *path)
{
        const struct acts *acts = s->in->acts;

        for (size_t i = lower_bound(acts, ACT_PATH, path, strlen(path) + 1);
             i < acts->from[ACT_PATH + 1] && strcmp(key_of(acts->sorted[i]), path) == 0; i++)
                look_at_path(s, acts->sorted[i]);
}

static void look_below(struct path_search *s, const char *folder)
{
        const struct acts *acts = s->in->acts;
        size_t n = strlen(folder);
        size_t end = acts->from[ACT_PATH + 1];

        look_exactly(s, folder);
        if (n + 1 < 4096) {
                char prefix[4096];

                memcpy(prefix, folder, n);
                prefix[n] = '\0';
                if (n == 0 || prefix[n - 1] != '/')
                        memcpy(prefix + n++, "/", 2);
                for (size_t i = lower_bound(acts, ACT_PATH, prefix, n);
                     i < end && strncmp(key_of(acts->sorted[i]), prefix, n) == 0; i++)
                        look_at_path(s, acts->sorted[i]);
        }
        look_above(s, folder);
}

static struct path_search search_of(const struct inference *in, unsigned access,
                                    bool (*matters)(const struct inference *in,
                                                    const struct act *a))
{
        const struct sandbox *unit = in->o->unit;

        return (struct path_search){
                .in = in,
                .access = access,
                .matters = matters,
                .own_root = setting_word(unit, D_RootDirectory) || setting_word(unit, D_RootImage),
        };
}

const struct act *find_path_if(const struct inference *in, const char *folders, unsigned access,
                               bool (*matters)(const struct inference *in, const struct act *a))
{
        struct path_search s = search_of(in, access, matters);
        scoped(strv_freep) char **list = NULL;

        if (strv_split(folders, " ", &list) < 0)
                return NULL;
        for (char **folder = list; folder && *folder; folder++)
                look_below(&s, *folder);
        return s.found;
}

const struct act *find_path_at(const struct inference *in, const char *path, unsigned access,
                               bool (*matters)(const struct inference *in, const struct act *a))
{
        struct path_search s = search_of(in, access, matters);

        look_exactly(&s, path);
        return s.found;
}

const struct act *find_path(const struct inference *in, const char *folders, unsigned access)
{
        return find_path_if(in, folders, access, NULL);
}
