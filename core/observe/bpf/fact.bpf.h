/* fact.bpf.h - the set of facts, and the events that tell of new ones.
 *
 * Whoever has something to say fills work->key, asks known(), and only when it is new collects
 * what the event carries besides, and calls tell().
 * SPDX-License-Identifier: MIT OR GPL-2.0-only */
#pragma once

#include "core/observe/bpf/state.bpf.h"

static __always_inline __u64 mix(__u64 hash, __u64 with)
{
        hash = (hash ^ with) * 0x9e3779b97f4a7c15ULL;
        return hash ^ hash >> 29;
}

static __always_inline void touch(struct wire_value *value)
{
        __sync_fetch_and_add(&value->count, 1);
        value->last = bpf_ktime_get_boot_ns();
        value->phases |= phase;
}

/* Counts the fact when it is there already. */
static __always_inline bool known(const struct wire_key *key)
{
        struct wire_value *value = bpf_map_lookup_elem(&facts, key);

        if (!value)
                return false;
        touch(value);
        return true;
}

/* A key without anything but its kind, and an event to match. */
static __always_inline void begin(struct work *w, __u32 kind, __u32 call, __s32 error)
{
        struct wire_event *e = &w->event;

        w->key = (struct wire_key){ .kind = kind, .call = call, .error = error };
        e->flags = e->text_length = e->base_length = e->stack_length = 0;
        e->mode = e->rdev = e->owner = e->group = e->magic = 0;
        __builtin_memset(e->type, 0, sizeof(e->type));
}

/* Number of the process in its own pid namespace. */
static __always_inline __u32 own_number(const struct task_struct *task)
{
        struct pid *pid = BPF_CORE_READ(task, group_leader, thread_pid);
        unsigned int level = BPF_CORE_READ(pid, level);
        int number = 0;

        bpf_probe_read_kernel(&number, sizeof(number),
                              (char *)pid + bpf_core_field_offset(pid->numbers) +
                                      level * bpf_core_type_size(struct upid) +
                                      bpf_core_field_offset(struct upid, nr));
        return number;
}

/* Keeps the new fact and sends its event; text_length, base_length, flags and the file's fields are
 * set already.  A fact that cannot be told is not kept, so that it is new again next time. */
__noinline int tell(__u32 place)
{
        struct work *w = work_at(place);
        struct task_struct *task = bpf_get_current_task_btf();
        struct wire_value value = { .count = 1, .told = 1 };
        __u64 ids = bpf_get_current_pid_tgid();
        __u64 size;
        long r;

        if (!w)
                return 0;
        value.first = value.last = bpf_ktime_get_boot_ns();
        value.phases = phase;
        r = bpf_map_update_elem(&facts, &w->key, &value, BPF_NOEXIST);
        if (r == -EEXIST) {
                known(&w->key); /* another processor was faster */
                return 0;
        }
        if (r) {
                count(COUNT_LOST_FACT);
                return 0;
        }
        if (w->event.flags & EVENT_CUT)
                count(COUNT_CUT);
        w->event.key = w->key;
        w->event.when = value.first;
        w->event.phases = value.phases;
        w->event.tgid = ids >> 32;
        w->event.tid = ids;
        w->event.own_tgid = own_number(task);
        w->event.uid = BPF_CORE_READ(task, cred, uid.val);
        w->event.euid = BPF_CORE_READ(task, cred, euid.val);
        bpf_get_current_comm(w->event.comm, sizeof(w->event.comm));
        size = sizeof(w->event) + w->event.text_length + w->event.base_length;
        size = AT_MOST(size, sizeof(w->event) + WORK_BYTES);
        if (bpf_ringbuf_output(&ring, &w->event, size, 0)) {
                bpf_map_delete_elem(&facts, &w->key);
                count(COUNT_LOST_RING);
        }
        return 0;
}

/* A fact that is all in its key. */
static __always_inline void note(__u32 place, struct work *w)
{
        if (!known(&w->key))
                tell(place);
}
