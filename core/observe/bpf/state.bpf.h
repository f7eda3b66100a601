/* state.bpf.h - the maps and globals of the observer's program, and which process is the unit's.
 * SPDX-License-Identifier: MIT OR GPL-2.0-only */
#pragma once

#include "core/observe/bpf/wire.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

/* ---- what the loader sets and reads ---- */

const volatile struct wire_config config = {};

__u64 unit_id = 0;       /* cgroup of the unit; 0: it has none now */
__u32 unit_level = 0;    /* its depth */
__u32 own_level = 0;     /* of the loader's own cgroup, as the kernel counts */
__u32 base_level = 0;    /* how much deeper that is than the loader's cgroup namespace shows */
__u32 phase = 0;         /* enum wire_phase */
__u32 generation = 1;    /* raised before every attaching */
__u32 entering = 1;      /* on_enter is attached */
__u32 filtered_seen = 0; /* seccomp filters a task of the unit */

/* PAM moves a login out of the unit's cgroup, into a scope of its session: those that came so. */
struct wire_scope sessions[WIRE_SESSIONS] = {};
__u32 session_count = 0; /* all that there were */

struct {
        __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
        __uint(max_entries, WIRE_CALLS);
        __type(key, __u32);
        __type(value, struct wire_call);
} calls SEC(".maps");

struct {
        __uint(type, BPF_MAP_TYPE_HASH);
        __uint(max_entries, WIRE_FACTS);
        __type(key, struct wire_key);
        __type(value, struct wire_value);
} facts SEC(".maps");

struct {
        __uint(type, BPF_MAP_TYPE_RINGBUF);
        __uint(max_entries, WIRE_RING);
} ring SEC(".maps");

struct {
        __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
        __uint(max_entries, COUNT_KINDS);
        __type(key, __u32);
        __type(value, __u64);
} counts SEC(".maps");

struct {
        __uint(type, BPF_MAP_TYPE_ARRAY);
        __uint(max_entries, WIRE_COMPAT);
        __type(key, __u32);
        __type(value, struct wire_plan);
} plan SEC(".maps");

struct {
        __uint(type, BPF_MAP_TYPE_HASH);
        __uint(max_entries, WIRE_PRIVILEGED);
        __type(key, struct wire_program);
        __type(value, __u8);
} privileged SEC(".maps");

/* ---- the program's own ---- */

enum follow_state {
        FOLLOW_SETUP = 1, /* systemd's own doing, before the command's exec */
        FOLLOW_OURS,
        FOLLOW_IGNORED, /* a "+" line's program */
};

enum {
        CALL_NONE = -1,
        CALL_ODD = WIRE_CALLS, /* a number that has no slot */
#if defined(__TARGET_ARCH_x86)
        RT_SIGRETURN = 15,
        EXECVE = 59,
        EXECVEAT = 322,
#elif defined(__TARGET_ARCH_arm64)
        RT_SIGRETURN = 139,
        EXECVE = 221,
        EXECVEAT = 281,
#endif
        ERRNO_END = 512, /* from here on they are the kernel's own: a restart follows */
        ERRNO_LAST = 4095,
        EEXIST = 17,
};

/* Of each task. */
struct follow {
        __u32 state;
        __u32 generation;
        __s32 call;     /* that it is in, where on_enter keeps it; CALL_NONE */
        __u32 fresh;    /* the next end of a call that is seen says nothing */
        __u32 filtered; /* seccomp filtered it when a call last ended, on_enter being attached */
        __s32 refused;  /* call that SIGSYS is for */
        /* what cap_capable was asked, for the pair of probes there */
        __u32 cap, cap_bits;
};

struct {
        __uint(type, BPF_MAP_TYPE_TASK_STORAGE);
        __uint(map_flags, BPF_F_NO_PREALLOC);
        __type(key, int);
        __type(value, struct follow);
} tasks SEC(".maps");

/* Where an event is put together.  One each for programs that may interrupt one another. */
enum work_place { WORK_CALL, WORK_EXEC, WORK_SIGNAL, WORK_CAP, WORK_OTHER, WORK_PLACES };

enum {
        WORK_NAME = 256, /* one component with its NUL */
        WORK_BYTES = WIRE_STRING + WIRE_BASE,
        ADDRESS_LONGEST = 128, /* struct sockaddr_storage */
};

struct work {
        struct wire_key key;
        __u64 args[6];
        struct wire_program program;
        __u8 address[ADDRESS_LONGEST];
        struct wire_event event; /* and directly behind it: */
        char bytes[WORK_BYTES + WORK_NAME];
};

struct {
        __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
        __uint(max_entries, WORK_PLACES);
        __type(key, __u32);
        __type(value, struct work);
} works SEC(".maps");

static __always_inline struct work *work_at(__u32 place)
{
        return bpf_map_lookup_elem(&works, &place);
}

static __always_inline void count(__u32 what)
{
        __u64 *n = bpf_map_lookup_elem(&counts, &what);

        if (n)
                *n += 1;
}

/* Cuts a length down, in a way that the kernel's verifier can follow: the compiler would compare a
 * copy.  most: a constant. */
#define AT_MOST(length, most)                                                                      \
        ({                                                                                         \
                __u64 length_ = (length);                                                          \
                asm volatile("if %0 <= %1 goto +1\n\t%0 = %1" : "+r"(length_) : "i"(most));        \
                length_;                                                                           \
        })

/* ---- whose task is it ---- */

static __always_inline bool in_unit(void)
{
        __u64 id = unit_id;

        if (!id)
                return false;
        if (bpf_get_current_ancestor_cgroup_id(unit_level) == id)
                return true;
        for (__u32 i = 0; i < WIRE_SESSIONS && i < session_count; i++)
                if (bpf_get_current_ancestor_cgroup_id(sessions[i].level) == sessions[i].id)
                        return true;
        return false;
}

/* Id of the cgroup at that depth that the cgroup lies in, or is; 0: it is not so deep.  On its own,
 * so that the compiler does not move the offset of a field that may be missing out of its branch.
 */
static __noinline __u64 ancestor_of(const struct cgroup *cgroup, __u32 level)
{
        const struct cgroup___old *old = (const void *)cgroup;
        struct cgroup *above = NULL;
        __u64 id = 0;

        if (!cgroup || BPF_CORE_READ(cgroup, level) < (int)level)
                return 0;
        if (bpf_core_field_exists(old->ancestor_ids)) {
                bpf_probe_read_kernel(&id, sizeof(id),
                                      (char *)cgroup + bpf_core_field_offset(old->ancestor_ids) +
                                              level * sizeof(id));
                return id;
        }
        bpf_probe_read_kernel(&above, sizeof(above),
                              (char *)cgroup + bpf_core_field_offset(cgroup->ancestors) +
                                      level * sizeof(above));
        return BPF_CORE_READ(above, kn, id);
}

static __always_inline bool cgroup_in_unit(const struct cgroup *cgroup)
{
        if (!unit_id)
                return false;
        if (ancestor_of(cgroup, unit_level) == unit_id)
                return true;
        for (__u32 i = 0; i < WIRE_SESSIONS && i < session_count; i++)
                if (ancestor_of(cgroup, sessions[i].level) == sessions[i].id)
                        return true;
        return false;
}

/* in_unit() of any task. */
static __always_inline bool task_in_unit(const struct task_struct *task)
{
        return cgroup_in_unit(BPF_CORE_READ(task, cgroups, dfl_cgrp));
}

static __always_inline bool same(const char *name, const char *text, __u32 size)
{
        __u8 differ = 0;

#pragma unroll
        for (__u32 i = 0; i < size; i++)
                differ |= name[i] ^ text[i];
        return !differ;
}

/* Whether the array holds that text. */
#define NAME_IS(array, text) same(array, text, sizeof(text))

/* In a pid namespace its init: number 1 as that counts. */
static __always_inline bool is_init(const struct task_struct *task)
{
        struct pid *pid = BPF_CORE_READ(task, group_leader, thread_pid);
        struct upid number = {};
        unsigned int level = BPF_CORE_READ(pid, level);

        bpf_core_read(&number, bpf_core_type_size(struct upid),
                      (char *)pid + bpf_core_field_offset(pid->numbers) +
                              level * bpf_core_type_size(struct upid));
        return number.nr == 1;
}

/* Whether the task is systemd still setting up what it will exec: systemd-executor (from 255 on),
 * or a child that has not exec'ed yet and is systemd, or has the name that such children give
 * themselves, "(nginx)". */
static __always_inline bool is_setup(const struct task_struct *task)
{
        const unsigned char *name = BPF_CORE_READ(task, mm, exe_file, f_path.dentry, d_name.name);
        char program[20] = {}, comm[16] = {};

        bpf_probe_read_kernel_str(program, sizeof(program), name);
        if (NAME_IS(program, "systemd-executor"))
                return true;
        if (!(BPF_CORE_READ(task, group_leader, flags) & PF_FORKNOEXEC))
                return false;
        bpf_probe_read_kernel_str(comm, sizeof(comm), &task->comm);
        if (comm[0] != '(' && !NAME_IS(comm, "systemd"))
                return false;
        return NAME_IS(program, "systemd") || is_init(BPF_CORE_READ(task, real_parent));
}

static __always_inline bool is_filtered(const struct task_struct *task)
{
        return bpf_core_field_exists(task->seccomp.mode) && task->seccomp.mode == SECCOMP_FILTER;
}

/* What is kept of the task, made when it is new; NULL: there is no room. */
static __noinline struct follow *follow_new(struct task_struct *task)
{
        struct follow *f = bpf_task_storage_get(&tasks, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);

        if (!f) {
                count(COUNT_LOST_TASK);
                return NULL;
        }
        if (f->state == 0 || f->state == FOLLOW_SETUP)
                f->state = is_setup(task) ? FOLLOW_SETUP : FOLLOW_OURS;
        f->call = f->refused = CALL_NONE;
        filtered_seen |= is_filtered(task);
        f->filtered = f->fresh = is_filtered(task) && entering;
        f->generation = generation;
        return f;
}

/* Slot of a call's number, and whether it is one of 32-bit code. */
static __always_inline __s32 slot_of(const struct task_struct *task, long number, bool *compat,
                                     bool *x32)
{
        *compat = *x32 = false;
#if defined(__TARGET_ARCH_x86)
        *compat = task->thread_info.status & TS_COMPAT;
        if (!*compat && number >= 0 && (number & X32_BIT)) {
                *x32 = true; /* numbers and registers as in 64-bit code */
                number &= ~X32_BIT;
        }
#elif defined(__TARGET_ARCH_arm64)
        *compat = task->thread_info.flags >> TIF_32BIT & 1;
#endif
        if (number < 0)
                return RT_SIGRETURN; /* which leaves no number behind */
        if (number >= WIRE_COMPAT)
                return CALL_ODD;
        return *compat ? number + WIRE_COMPAT : number;
}

/* Number of the call as the registers have it; -1 when it is none. */
static __always_inline long number_of(const struct pt_regs *regs)
{
#if defined(__TARGET_ARCH_x86)
        return (int)regs->orig_ax;
#elif defined(__TARGET_ARCH_arm64)
        return regs->syscallno;
#endif
}

/* Slot of the call that a task is in, or was in last; CALL_ODD when that is not known. */
static __always_inline __u32 call_of(struct task_struct *task, const struct follow *f)
{
        struct pt_regs *regs;
        bool compat, x32;

        if (f->call != CALL_NONE)
                return f->call;
        if (is_filtered(task) && entering) /* it may be one that was refused */
                return CALL_ODD;
        regs = (void *)bpf_task_pt_regs(task);
        return slot_of(task, number_of(regs), &compat, &x32);
}

static __always_inline struct follow *follow(struct task_struct *task)
{
        struct follow *f = bpf_task_storage_get(&tasks, task, NULL, 0);

        return f && f->generation == generation ? f : follow_new(task);
}
