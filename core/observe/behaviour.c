/* behaviour.c - acts as a set: each is there once, and adding it again counts. */
#include "core/observe/behaviour_private.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

enum { INDEX_LEAST = 256 };

/* Open addressing; a slot holds an act's place + 1, and 0 where it is free. */
struct act_index {
        uint64_t seed; /* paths come from the service: it shall not choose where they go */
        size_t room, used;
        size_t *slots;
};

void act_done(struct act *a)
{
        free(a->name);
        free(a->text);
        free(a->by);
        *a = (struct act){ 0 };
}

void session_done(struct session *s)
{
        free(s->stage);
        free(s->when);
        free(s->systemd);
        free(s->kernel);
        strv_free(s->probes);
        strv_free(s->notes);
        *s = (struct session){ 0 };
}

int behaviour_new(const char *unit, struct behaviour **ret)
{
        scoped(behaviour_freep) struct behaviour *b = calloc(1, sizeof(*b));

        if (!b)
                return -ENOMEM;
        b->unit = strdup(unit);
        if (!b->unit)
                return -ENOMEM;
        *ret = take(b);
        return 0;
}

void behaviour_free(struct behaviour *b)
{
        if (!b)
                return;
        for (size_t i = 0; i < b->session_count; i++)
                session_done(&b->sessions[i]);
        for (size_t i = 0; i < b->act_count; i++)
                act_done(&b->acts[i]);
        behaviour_stale(b);
        free(b->sessions);
        free(b->acts);
        free(b->unit);
        free(b->binary);
        free(b->version);
        free(b);
}

/* ---- what makes an act itself ---- */

static int text_order(const char *a, const char *b)
{
        if (!a || !b)
                return !b - !a;
        return strcmp(a, b);
}

int path_compare(const char *a, const char *b)
{
        size_t i = 0;

        if (!a || !b)
                return !b - !a;
        while (a[i] && a[i] == b[i])
                i++;
        if (a[i] == b[i])
                return 0;
        if (!a[i] || !b[i])
                return a[i] ? 1 : -1;
        if (a[i] == '/' || b[i] == '/')
                return a[i] == '/' ? -1 : 1;
        return (unsigned char)a[i] < (unsigned char)b[i] ? -1 : 1;
}

static int number_order(uint64_t a, uint64_t b)
{
        return (a > b) - (a < b);
}

int act_compare(const struct act *a, const struct act *b)
{
        int r = number_order(a->kind, b->kind);

        if (r == 0)
                r = path_compare(a->text, b->text);
        if (r == 0)
                r = text_order(a->name, b->name);
        if (r == 0)
                r = number_order(a->a, b->a);
        if (r == 0)
                r = number_order(a->b, b->b);
        if (r == 0)
                r = number_order(a->c, b->c);
        if (r == 0)
                r = (a->error > b->error) - (a->error < b->error);
        if (r == 0)
                r = text_order(a->by, b->by);
        return r ? r : number_order(a->flags & ACT_TELLING, b->flags & ACT_TELLING);
}

bool act_same(const struct act *a, const struct act *b)
{
        return act_compare(a, b) == 0;
}

static uint64_t mix(uint64_t hash, uint64_t number)
{
        hash ^= number;
        hash *= 0x9fb21c651e98df25;
        return hash ^ hash >> 32;
}

static uint64_t mix_text(uint64_t hash, const char *text)
{
        size_t n = text ? strlen(text) : 0;

        hash = mix(hash, text ? n + 1 : 0);
        for (size_t i = 0; i < n; i += 8) {
                uint64_t word = 0;

                memcpy(&word, text + i, n - i < 8 ? n - i : 8);
                hash = mix(hash, word);
        }
        return hash;
}

static uint64_t hash_of(const struct act *a, uint64_t seed)
{
        const uint64_t numbers[] = {
                a->kind, a->a, a->b, a->c, (unsigned)a->error, a->flags & ACT_TELLING
        };
        uint64_t hash = seed;

        for (size_t i = 0; i < COUNT(numbers); i++)
                hash = mix(hash, numbers[i]);
        return mix_text(mix_text(mix_text(hash, a->name), a->text), a->by);
}

int act_copy(const struct act *a, struct act *ret)
{
        struct act copy = *a;

        copy.name = a->name ? strdup(a->name) : NULL;
        copy.text = a->text ? strdup(a->text) : NULL;
        copy.by = a->by ? strdup(a->by) : NULL;
        if ((a->name && !copy.name) || (a->text && !copy.text) || (a->by && !copy.by)) {
                act_done(&copy);
                return -ENOMEM;
        }
        *ret = copy;
        return 0;
}

uint64_t count_sum(uint64_t a, uint64_t b)
{
        return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* Files that are not alike have no mode in common: then none is known. */
static void absorb_file(struct act *into, const struct act *from)
{
        bool node = S_ISCHR(into->mode) || S_ISBLK(into->mode);

        if (from->type[0] && !into->type[0])
                memcpy(into->type, from->type, sizeof(into->type));
        if (!from->mode)
                return;
        if (!into->mode && !(into->flags & ACT_GENERAL && into->count)) {
                into->mode = from->mode;
                into->rdev = from->rdev;
                into->owner = from->owner;
                into->group = from->group;
        } else if (into->flags & ACT_GENERAL && !node &&
                   ((into->mode ^ from->mode) & S_IFMT || into->owner != from->owner ||
                    into->group != from->group))
                into->mode = into->rdev = into->owner = into->group = 0;
}

void act_absorb(struct act *into, struct act *from)
{
        absorb_file(into, from);
        into->count = count_sum(into->count, from->count);
        into->seen |= from->seen;
        into->flags |= from->flags;
        if (from->last > into->last)
                into->last = from->last;
        if (from->first && (!into->first || from->first < into->first)) {
                into->first = from->first;
                into->pid = from->pid;
                into->uid = from->uid;
                memcpy(into->process, from->process, sizeof(into->process));
        }
        act_done(from);
}

/* ---- the index ---- */

void behaviour_stale(struct behaviour *b)
{
        if (b->index)
                free(b->index->slots);
        free(b->index);
        b->index = NULL;
}

/* The slot of that act, or the free one where it belongs. */
static size_t *slot_of(const struct behaviour *b, const struct act *a)
{
        const struct act_index *index = b->index;
        size_t i = hash_of(a, index->seed) & (index->room - 1);

        while (index->slots[i] && !act_same(&b->acts[index->slots[i] - 1], a))
                i = (i + 1) & (index->room - 1);
        return &index->slots[i];
}

/* Made anew for room acts and those that are there. */
static int make_index(struct behaviour *b, size_t room)
{
        struct act_index *index = calloc(1, sizeof(*index));

        if (!index)
                return -ENOMEM;
        index->room = INDEX_LEAST;
        while (index->room < room * 2)
                index->room *= 2;
        index->slots = calloc(index->room, sizeof(*index->slots));
        if (!index->slots) {
                free(index);
                return -ENOMEM;
        }
        if (b->index)
                index->seed = b->index->seed;
        else if (getrandom(&index->seed, sizeof(index->seed), GRND_NONBLOCK) < 0)
                index->seed = (uintptr_t)index;
        behaviour_stale(b);
        b->index = index;
        for (size_t i = 0; i < b->act_count; i++)
                *slot_of(b, &b->acts[i]) = i + 1;
        index->used = b->act_count;
        return 0;
}

/* One more act has room, in the list and in the index. */
static int make_room(struct behaviour *b)
{
        struct act *longer;
        size_t room;

        if (!b->index || b->index->used * 2 >= b->index->room) {
                int r = make_index(b, b->act_count + 1);

                if (r < 0)
                        return r;
        }
        if (b->act_count < b->act_room)
                return 0;
        room = b->act_count ? b->act_count * 2 : 64;
        longer = reallocarray(b->acts, room, sizeof(*longer));
        if (!longer)
                return -ENOMEM;
        b->acts = longer;
        b->act_room = room;
        return 0;
}

int behaviour_add(struct behaviour *b, struct act *a)
{
        size_t *slot;
        int r = make_room(b);

        if (r < 0) {
                act_done(a);
                return r;
        }
        slot = slot_of(b, a);
        if (*slot) {
                act_absorb(&b->acts[*slot - 1], a);
                return 0;
        }
        *slot = b->act_count + 1;
        b->index->used++;
        b->acts[b->act_count++] = *a;
        b->sorted = false;
        *a = (struct act){ 0 };
        return 0;
}

const struct act *behaviour_first(const struct behaviour *b, enum act_kind k)
{
        for (size_t i = 0; i < b->act_count; i++)
                if (b->acts[i].kind == k)
                        return &b->acts[i];
        return NULL;
}

const struct act *behaviour_next(const struct behaviour *b, const struct act *a)
{
        const struct act *end = b->acts + b->act_count;

        for (const struct act *next = a + 1; next < end; next++) {
                if (next->kind == a->kind)
                        return next;
                if (b->sorted)
                        return NULL;
        }
        return NULL;
}
