/* cap.bpf.h - checks of capabilities, with the function of the kernel that asked.
 *
 * Every mmap() and fork() asks, so the stack is not walked each time: of checks that are alike in
 * all else the first ones are, then now and then one; the others count with the one before.
 * SPDX-License-Identifier: MIT OR GPL-2.0-only */
#pragma once

#include "core/observe/bpf/fact.bpf.h"

enum {
        CHECK_KINDS = 2048,
        CHECK_WALKED = 32, /* so many are walked always */
        CHECK_EVERY = 256, /* then each so manieth; a power of two */
        CAP_OPT_NOAUDIT = 2,
        STACK_SKIP = 2, /* the BPF program itself and what called it */
};

struct check {
        __u32 cap, call;
        __s32 error;
        __u32 bits;
};
struct checked {
        __u64 count;
        __u64 asker; /* of the last one that was walked */
};

struct {
        __uint(type, BPF_MAP_TYPE_HASH);
        __uint(max_entries, CHECK_KINDS);
        __type(key, struct check);
        __type(value, struct checked);
} checks SEC(".maps");

/* Where a check of a task of ours is to be noted, with the key but for its asker. */
static __always_inline struct work *cap_begin(const struct follow *f, __u32 cap, __s32 ret,
                                              __u32 bits)
{
        struct work *w = work_at(WORK_CAP);

        if (!w)
                return NULL;
        count(COUNT_CAP_CHECKS);
        begin(w, WIRE_CAP, call_of(bpf_get_current_task_btf(), f), ret < 0 ? -ret : 0);
        w->key.a = cap;
        w->key.c = bits;
        return w;
}

/* Whether the stack need not be walked: the check then counts with its like. */
static __always_inline bool cap_is_usual(struct work *w, struct checked **ret)
{
        struct check like = { w->key.a, w->key.call, w->key.error, w->key.c };
        struct checked *c = bpf_map_lookup_elem(&checks, &like);
        struct checked none = {};

        if (!c) {
                bpf_map_update_elem(&checks, &like, &none, BPF_NOEXIST);
                c = bpf_map_lookup_elem(&checks, &like);
        }
        *ret = c;
        if (!c || c->count++ < CHECK_WALKED || !(c->count & (CHECK_EVERY - 1)))
                return false;
        w->key.b = c->asker;
        return known(&w->key);
}

static __always_inline void note_cap(void *ctx, const struct follow *f, __u32 cap, __s32 ret,
                                     __u32 bits)
{
        struct work *w = cap_begin(f, cap, ret, bits);
        struct checked *c;
        long length;
        __u64 asker = 0;

        if (!w || cap_is_usual(w, &c))
                return;
        __builtin_memset(w->event.stack, 0, sizeof(w->event.stack));
        length = bpf_get_stack(ctx, w->event.stack, sizeof(w->event.stack), STACK_SKIP);
        for (__u32 i = 0; i < WIRE_STACK; i++)
                asker = mix(asker, w->event.stack[i]);
        w->event.stack_length = length > 0 ? length / sizeof(__u64) : 0;
        w->key.b = asker;
        if (c)
                c->asker = asker;
        note(WORK_CAP, w);
}

/* What a check needs to know of the task that asks; NULL: it is not ours. */
static __always_inline struct follow *cap_task(void)
{
        struct follow *f;

        if (!in_unit())
                return NULL;
        f = bpf_task_storage_get(&tasks, bpf_get_current_task_btf(), NULL, 0);
        return f && f->state == FOLLOW_OURS && f->generation == generation ? f : NULL;
}

static __always_inline __u32 cap_bits(const struct user_namespace *of, __u32 options)
{
        struct task_struct *task = bpf_get_current_task_btf();
        bool borrowed = BPF_CORE_READ(task, cred) != BPF_CORE_READ(task, real_cred);

        return (BPF_CORE_READ(of, level) ? CHECK_OTHER : 0) |
               (options & CAP_OPT_NOAUDIT ? CHECK_QUIET : 0) | (borrowed ? CHECK_BORROWED : 0);
}
