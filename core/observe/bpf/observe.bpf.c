/* observe.bpf.c - the part of the observer that runs in the kernel: follows the processes of one
 * unit and keeps a set of facts about what they do.
 *
 * Maps       calls       PERCPU_ARRAY of struct wire_call, by number (+ WIRE_COMPAT for 32-bit)
 *            facts       HASH, struct wire_key -> struct wire_value
 *            ring        RINGBUF of struct wire_event with its strings: first sights
 *            counts      PERCPU_ARRAY of __u64, by enum wire_count
 *            plan        ARRAY of struct wire_plan, by native number (WIRE_COMPAT entries)
 *            privileged  HASH, struct wire_program -> __u8: programs of "+" lines
 *            tasks       task storage; the program's own
 * .rodata    config      struct wire_config, set before loading
 * .bss       unit_id, unit_level   the unit's cgroup (id and depth), set by the loader when it
 *                        runs; on_cgroup sets them too when its folder is made
 *            own_level, base_level   the first is told by on_task, the second set by the loader
 *            phase       enum wire_phase bits that facts get
 *            filtered_seen  1: seccomp filters a task of the unit
 * .data      entering    1: on_enter is attached.  It is needed only to tell what seccomp refused,
 *                        so while filtered_seen is 0 the loader may do without, at half the price
 *                        for the whole machine: set after attaching, cleared before detaching
 *            generation  to be raised before each attaching but the first (after a pause): what
 *                        tasks were in the middle of is then forgotten
 * Programs   on_enter, on_exit (to be attached in this order), on_fork, on_exec, on_end,
 *            on_signal, on_cgroup, on_move; on_task: an iterator to be read once after attaching;
 *            on_task may be read again at the end: calls that do not end are then counted too;
 *            capabilities, one of: on_cap (tracepoint, 6.15), on_cap_fexit, or on_cap_kprobe with
 *            on_cap_kretprobe: the loader switches autoload off for the others
 * SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "core/observe/bpf/call.bpf.h"
#include "core/observe/bpf/cap.bpf.h"
#include "core/observe/bpf/task.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

static __always_inline void count_call(__u32 slot)
{
        struct wire_call *call = bpf_map_lookup_elem(&calls, &slot);
        struct work *w;
        __u32 now;

        count(COUNT_CALLS);
        if (!call)
                return;
        /* The clock is asked for once a tick only. */
        now = bpf_jiffies64();
        if (!call->count || call->pad != now) {
                call->pad = now;
                call->last = bpf_ktime_get_boot_ns();
                call->phases |= phase;
        }
        if (call->count++)
                return;
        call->first = call->last;
        w = work_at(WORK_CALL);
        if (!w)
                return;
        begin(w, WIRE_CALL, slot, 0);
        note(WORK_CALL, w);
}

/* Every process of the machine comes here: so all is left to the end of the call, and only of
 * filtered ones it must be known that a call was let in. */
SEC("tp_btf/sys_enter")
int BPF_PROG(on_enter, struct pt_regs *regs, long number)
{
        struct task_struct *task = bpf_get_current_task_btf();
        struct follow *f;
        bool compat, x32;

        if (!is_filtered(task) || !in_unit())
                return 0;
        f = follow(task);
        if (!f)
                return 0;
        f->call = slot_of(task, number, &compat, &x32);
        f->fresh = 0;
        return 0;
}

/* A call ends that never began: seccomp answered. */
static __always_inline void never_entered(struct task_struct *task, const struct pt_regs *regs,
                                          long ret)
{
        bool compat, x32;

        if (ret < 0 && ret >= -ERRNO_LAST)
                note_refused(WORK_CALL, slot_of(task, number_of(regs), &compat, &x32), -ret, false);
}

/* All else of a call that is over. */
static __always_inline void ended(const struct pt_regs *regs, __u32 slot, long ret)
{
        __s32 error = ret < 0 && ret >= -ERRNO_LAST ? -ret : 0;
        struct wire_plan *p;
        struct work *w;

        if (error >= ERRNO_END)
                return;
        if (error) {
                w = work_at(WORK_CALL);
                if (!w)
                        return;
                begin(w, WIRE_FAILED, slot, error);
                note(WORK_CALL, w);
        }
        p = bpf_map_lookup_elem(&plan, &slot);
        if (!p || !p->notes)
                return;
        w = work_at(WORK_CALL);
        if (!w)
                return;
        read_arguments(w, regs);
        note_call(slot, ret, error);
}

SEC("tp_btf/sys_exit")
int BPF_PROG(on_exit, struct pt_regs *regs, long ret)
{
        bool compat = false, x32 = false, filtered, fresh, was;
        struct task_struct *task;
        struct follow *f;
        __s32 slot;

        if (!in_unit())
                return 0;
        task = bpf_get_current_task_btf();
        f = follow(task);
        if (!f)
                return 0;
        slot = f->call;
        fresh = f->fresh;
        was = f->filtered;
        filtered_seen |= is_filtered(task);
        filtered = is_filtered(task) && entering;
        f->call = CALL_NONE;
        f->fresh = 0;
        f->filtered = filtered;
        if (f->state != FOLLOW_OURS || fresh)
                return 0;
        if (slot == CALL_NONE) {
                /* Not so the end of the call that brought the filter, or on_enter. */
                if (filtered && was) {
                        never_entered(task, regs, ret);
                        return 0;
                }
                slot = slot_of(task, number_of(regs), &compat, &x32);
        } else {
                compat = slot >= WIRE_COMPAT && slot < WIRE_CALLS;
        }
        if (compat || x32)
                note_compat(task, x32);
        count_call(slot);
        if (slot != RT_SIGRETURN) /* what it answers is what the interrupted call did */
                ended(regs, slot, ret);
        return 0;
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(on_fork, struct task_struct *parent, struct task_struct *child)
{
        struct follow *f, *new;

        if (!in_unit())
                return 0;
        f = follow(bpf_get_current_task_btf());
        if (!f)
                return 0;
        new = bpf_task_storage_get(&tasks, child, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
        if (!new) {
                count(COUNT_LOST_TASK);
                return 0;
        }
        new->state = f->state;
        new->generation = f->generation;
        new->call = new->refused = CALL_NONE;
        new->fresh = 1; /* its half of fork() */
        new->filtered = f->filtered;
        if (f->state == FOLLOW_OURS && BPF_CORE_READ(child, pid) == BPF_CORE_READ(child, tgid))
                count(COUNT_FORKS);
        return 0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *old, int old_pid, struct linux_binprm *bprm)
{
        struct task_struct *task;
        struct dentry *dentry;
        struct vfsmount *mnt;
        struct follow *f;
        bool command;

        if (!in_unit())
                return 0;
        task = bpf_get_current_task_btf();
        f = follow(task);
        if (!f || f->state == FOLLOW_IGNORED)
                return 0;
        dentry = BPF_CORE_READ(bprm, file, f_path.dentry);
        mnt = BPF_CORE_READ(bprm, file, f_path.mnt);
        command = f->state == FOLLOW_SETUP;
        if (command && is_executor(dentry))
                return 0;
        if (command && is_privileged(WORK_EXEC, (__u64)dentry, (__u64)mnt)) {
                f->state = FOLLOW_IGNORED;
                return 0;
        }
        f->state = FOLLOW_OURS;
        if (f->call == CALL_NONE) /* the registers will not have it at its end */
                f->call = BPF_CORE_READ(bprm, fdpath) ? EXECVEAT : EXECVE;
        note_exec(task, f, bprm, command);
        return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(on_end, struct task_struct *task)
{
        struct task_struct *self = bpf_get_current_task_btf();
        struct follow *f;
        int sig;

        if (!in_unit())
                return 0;
        f = bpf_task_storage_get(&tasks, self, NULL, 0);
        if (!f || f->state != FOLLOW_OURS)
                return 0;
        sig = self->exit_code & 0x7f;
        if (sig != SIGSYS)
                count_call(call_of(self, f)); /* it does not return */
        if (self->pid != self->tgid)
                return 0;
        count(COUNT_EXITS);
        if (sig)
                note_end(self, f, sig);
        return 0;
}

SEC("tp_btf/signal_generate")
int BPF_PROG(on_signal, int sig, struct kernel_siginfo *info, struct task_struct *task, int group,
             int result)
{
        struct task_struct *self;
        struct follow *f;
        bool compat, x32;
        int code;

        /* 0 and 1 stand for signals without a story. */
        if ((__u64)info <= 1 || !in_unit())
                return 0;
        self = bpf_get_current_task_btf();
        f = bpf_task_storage_get(&tasks, self, NULL, 0);
        if (!f || f->state != FOLLOW_OURS)
                return 0;
        code = BPF_CORE_READ(info, si_code);
        if (sig == SIGSYS && code == SYS_SECCOMP) {
                f->refused = slot_of(self, BPF_CORE_READ(info, _sifields._sigsys._syscall), &compat,
                                     &x32);
                note_refused(WORK_SIGNAL, f->refused, 0, true);
                return 0;
        }
        if (result > SIGNAL_PENDING)
                return 0;
        if (code == SI_USER || code == SI_QUEUE || code == SI_TKILL)
                note_signal(self, f, sig, task);
        return 0;
}

/* Whether that is the name of the unit's folder. */
static __always_inline bool is_unit_name(const char *name)
{
        struct work *w = work_at(WORK_OTHER);
        long length;

        if (!w)
                return false;
        length = bpf_probe_read_kernel_str(w->bytes, sizeof(config.unit), name);
        if (length < 2)
                return false;
        for (__u32 i = 0; i < sizeof(config.unit); i++) {
                if (w->bytes[i] != config.unit[i])
                        return false;
                if (w->bytes[i] == '\0')
                        return true;
        }
        return false;
}

/* systemd makes the unit's folder anew at each start. */
SEC("tp_btf/cgroup_mkdir")
int BPF_PROG(on_cgroup, struct cgroup *cgroup, const char *path)
{
        if (BPF_CORE_READ(cgroup, root, hierarchy_id) != 0 || in_unit())
                return 0;
        if (config.prefix_level && bpf_get_current_ancestor_cgroup_id(
                                           base_level + config.prefix_level) != config.prefix_id)
                return 0;
        if (config.parent_id &&
            BPF_CORE_READ(cgroup, self.parent, cgroup, kn, id) != config.parent_id)
                return 0;
        if (!is_unit_name(BPF_CORE_READ(cgroup, kn, name)))
                return 0;
        unit_level = BPF_CORE_READ(cgroup, level);
        unit_id = BPF_CORE_READ(cgroup, kn, id);
        return 0;
}

/* A process of the unit's is moved.  Sessions are followed; from then on they cost a comparison
 * more for everybody. */
SEC("tp_btf/cgroup_attach_task")
int BPF_PROG(on_move, struct cgroup *to, const char *path, struct task_struct *task,
             bool threadgroup)
{
        struct wire_scope *scope;
        char name[8] = {};
        struct follow *f;

        if (!unit_id || BPF_CORE_READ(to, root, hierarchy_id) != 0)
                return 0;
        f = bpf_task_storage_get(&tasks, task, NULL, 0);
        if (!f || f->generation != generation || f->state == FOLLOW_IGNORED || cgroup_in_unit(to))
                return 0;
        bpf_probe_read_kernel(name, sizeof(name), BPF_CORE_READ(to, kn, name));
        if (!same(name, "session-", sizeof(name))) {
                count(COUNT_LEFT);
                return 0;
        }
        scope = &sessions[session_count % WIRE_SESSIONS];
        scope->id = BPF_CORE_READ(to, kn, id);
        scope->level = BPF_CORE_READ(to, level);
        __sync_fetch_and_add(&session_count, 1);
        return 0;
}

/* Takes in what runs already, with the calls that it waits in.  Those may never end: so it may be
 * read again at the end. */
SEC("iter/task")
int on_task(struct bpf_iter__task *ctx)
{
        struct task_struct *task = ctx->task;
        struct wire_key key = { .kind = WIRE_CALL };
        struct wire_call *call;
        struct follow *f;
        __u32 slot;

        own_level = BPF_CORE_READ(bpf_get_current_task_btf(), cgroups, dfl_cgrp, level);
        if (!task || !task_in_unit(task))
                return 0;
        f = follow(task);
        if (!f || f->state != FOLLOW_OURS)
                return 0;
        key.call = slot = call_of(task, f);
        call = bpf_map_lookup_elem(&calls, &slot);
        if (!call || call->count || bpf_map_lookup_elem(&facts, &key))
                return 0;
        call->first = call->last = bpf_ktime_get_boot_ns();
        call->phases |= phase;
        call->count = 1;
        return 0;
}

SEC("tp_btf/cap_capable")
int BPF_PROG(on_cap, const struct cred *cred, struct user_namespace *of,
             const struct user_namespace *at, int cap, int ret)
{
        struct follow *f = cap_task();

        if (f)
                note_cap(ctx, f, cap, ret, cap_bits(of, 0));
        return 0;
}

SEC("fexit/cap_capable")
int BPF_PROG(on_cap_fexit, const struct cred *cred, struct user_namespace *of, int cap,
             unsigned int options, int ret)
{
        struct follow *f = cap_task();

        if (f)
                note_cap(ctx, f, cap, ret, cap_bits(of, options));
        return 0;
}

SEC("kprobe/cap_capable")
int on_cap_kprobe(struct pt_regs *ctx)
{
        struct follow *f = cap_task();

        if (!f)
                return 0;
#if defined(__TARGET_ARCH_x86)
        f->cap = ctx->dx;
        f->cap_bits = cap_bits((void *)ctx->si, ctx->cx);
#elif defined(__TARGET_ARCH_arm64)
        f->cap = ctx->regs[2];
        f->cap_bits = cap_bits((void *)ctx->regs[1], ctx->regs[3]);
#endif
        return 0;
}

SEC("kretprobe/cap_capable")
int on_cap_kretprobe(struct pt_regs *ctx)
{
        struct follow *f = cap_task();
        int ret;

        if (!f)
                return 0;
#if defined(__TARGET_ARCH_x86)
        ret = ctx->ax;
#elif defined(__TARGET_ARCH_arm64)
        ret = ctx->regs[0];
#endif
        note_cap(ctx, f, f->cap, ret, f->cap_bits);
        return 0;
}
