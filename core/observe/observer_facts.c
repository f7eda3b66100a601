/* observer_facts.c - what was told of each fact, until its count is fetched. */
#include "core/observe/observer_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
        FACTS_BEGIN = 1024,
        FACTS_MOST = 2 * WIRE_FACTS, /* more than that are not kept after their drain */
};

struct facts {
        struct fact *slots; /* open addressing */
        size_t room, used;
        uint32_t round;
};

int facts_new(struct facts **ret)
{
        scoped(facts_freep) struct facts *f = calloc(1, sizeof(*f));

        if (!f)
                return -ENOMEM;
        f->slots = calloc(FACTS_BEGIN, sizeof(*f->slots));
        if (!f->slots)
                return -ENOMEM;
        f->room = FACTS_BEGIN;
        f->round = 1;
        *ret = take(f);
        return 0;
}

static void let_go(struct fact *fact)
{
        for (size_t i = 0; i < fact->count; i++)
                act_done(&fact->acts[i]);
        *fact = (struct fact){ 0 };
}

void facts_free(struct facts *f)
{
        if (!f)
                return;
        for (size_t i = 0; f->slots && i < f->room; i++)
                let_go(&f->slots[i]);
        free(f->slots);
        free(f);
}

/* FNV-1a over eight bytes at a time, mixed at the end. */
static size_t hash(const struct wire_key *key)
{
        const unsigned char *bytes = (const unsigned char *)key;
        uint64_t h = 14695981039346656037U;

        for (size_t i = 0; i < sizeof(*key); i += sizeof(uint64_t)) {
                uint64_t word;

                memcpy(&word, bytes + i, sizeof(word));
                h = (h ^ word) * 1099511628211U;
                h ^= h >> 29;
        }
        return (size_t)(h ^ h >> 32);
}
_Static_assert(sizeof(struct wire_key) % sizeof(uint64_t) == 0, "keys are compared whole");

/* The slot of key, or the free one where it belongs. */
static struct fact *slot(struct fact *slots, size_t room, const struct wire_key *key)
{
        size_t at = hash(key) & (room - 1);

        while (slots[at].round && memcmp(&slots[at].key, key, sizeof(*key)) != 0)
                at = (at + 1) & (room - 1);
        return &slots[at];
}

/* Moves all facts that keep() wants into a table of that room. */
static int move_all(struct facts *f, size_t room, uint32_t least_round)
{
        struct fact *slots = calloc(room, sizeof(*slots));
        size_t used = 0;

        if (!slots)
                return -ENOMEM;
        for (size_t i = 0; i < f->room; i++) {
                struct fact *fact = &f->slots[i];

                if (!fact->round)
                        continue;
                /* Calls are told once and for all. */
                if (fact->round < least_round && fact->key.kind != WIRE_CALL) {
                        let_go(fact);
                        continue;
                }
                *slot(slots, room, &fact->key) = *fact;
                used++;
        }
        free(f->slots);
        f->slots = slots;
        f->room = room;
        f->used = used;
        return 0;
}

int facts_put(struct facts *f, struct decoded *d)
{
        struct fact *fact = slot(f->slots, f->room, &d->key);
        int r = 0;

        if (!fact->round && (f->used + 1) * 4 > f->room * 3) {
                r = move_all(f, f->room * 2, 0);
                fact = r == 0 ? slot(f->slots, f->room, &d->key) : NULL;
        }
        if (fact && !fact->round) {
                fact->key = d->key;
                fact->count = (uint32_t)d->count;
                memcpy(fact->acts, d->acts, sizeof(fact->acts));
                d->count = 0;
                f->used++;
        }
        if (fact)
                fact->round = f->round;
        decoded_done(d);
        return r;
}

const struct fact *facts_find(const struct facts *f, const struct wire_key *key)
{
        const struct fact *fact = slot(f->slots, f->room, key);

        return fact->round ? fact : NULL;
}

void facts_next_round(struct facts *f)
{
        /* When there is no memory to move them, they stay: that is only more than we like. */
        if (f->used > FACTS_MOST)
                move_all(f, f->room, f->round);
        f->round++;
}

static int add_counted(const struct decoder *d, const struct act *acts, size_t count,
                       const struct wire_value *value, struct behaviour *b)
{
        for (size_t i = 0; i < count; i++) {
                struct act copy;
                int r = act_copy(&acts[i], &copy);

                if (r < 0)
                        return r;
                decode_count(d, value, &copy);
                r = behaviour_add(b, &copy);
                if (r < 0)
                        return r;
        }
        return 0;
}

int facts_collect(const struct facts *f, const struct decoder *d, const struct counted *c,
                  struct behaviour *b, uint64_t *lost)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < c->count; i++) {
                const struct fact *fact = facts_find(f, &c->keys[i]);
                struct decoded bare = { 0 };

                if (c->keys[i].kind == WIRE_CALL) /* the table of calls has these */
                        continue;
                if (fact) {
                        r = add_counted(d, fact->acts, fact->count, &c->values[i], b);
                        continue;
                }
                r = decode_key(d, &c->keys[i], &bare);
                if (r == 0)
                        r = add_counted(d, bare.acts, bare.count, &c->values[i], b);
                else if (r != -ENOMEM) {
                        *lost += 1;
                        r = 0;
                }
                decoded_done(&bare);
        }
        return r;
}
