/* task.bpf.h - facts about processes: what they exec, the signals they send and die of, and what
 * seccomp refused them.
 * SPDX-License-Identifier: MIT OR GPL-2.0-only */
#pragma once

#include "core/observe/bpf/file.bpf.h"

enum {
        SIGSYS = 31,
        SYS_SECCOMP = 1, /* si_code of seccomp's SIGSYS */
        SI_USER = 0,
        SI_QUEUE = -1,
        SI_TKILL = -6,
        SIGNAL_PENDING = 2, /* up to here the sender was told that it was sent */
        S_ISUID = 04000,
        S_ISGID = 02000,
};

static __always_inline __u64 bits_of(const __u32 *cap)
{
        return cap[0] | (__u64)cap[1] << 32;
}

/* Capabilities that the program's file gave: more than the ambient ones, which is all that an exec
 * leaves to who isn't root. */
static __always_inline __u64 gained(const struct cred *cred)
{
        __u32 permitted[2] = {}, ambient[2] = {};

        BPF_CORE_READ_INTO(&permitted, cred, cap_permitted);
        BPF_CORE_READ_INTO(&ambient, cred, cap_ambient);
        return bits_of(permitted) & ~bits_of(ambient);
}

static __always_inline void weigh(struct work *w, const struct cred *cred,
                                  const struct inode *inode)
{
        __u32 mode = BPF_CORE_READ(inode, i_mode), uid = BPF_CORE_READ(cred, uid.val),
              euid = BPF_CORE_READ(cred, euid.val), gid = BPF_CORE_READ(cred, gid.val),
              egid = BPF_CORE_READ(cred, egid.val);

        if ((mode & S_ISUID) && uid != euid && euid == BPF_CORE_READ(inode, i_uid.val))
                w->key.a |= GAIN_SETUID;
        if ((mode & S_ISGID) && gid != egid && egid == BPF_CORE_READ(inode, i_gid.val))
                w->key.a |= GAIN_SETGID;
        if (uid == 0)
                return;
        w->key.b = gained(cred);
        if (w->key.b && euid)
                w->key.a |= GAIN_FILECAPS;
}

/* Whether the program that is exec'ed by systemd is that of a "+" line. */
__noinline int is_privileged(__u32 place, __u64 dentry, __u64 mnt)
{
        struct work *w = work_at(place);

        if (!w)
                return 0;
        w->event.text_length = w->event.base_length = 0;
        walk(place, dentry, mnt, false);
        __builtin_memset(&w->program, 0, sizeof(w->program));
        bpf_probe_read_kernel(&w->program, AT_MOST(w->event.base_length, WIRE_PROGRAM), w->bytes);
        return bpf_map_lookup_elem(&privileged, &w->program) != NULL;
}

static __always_inline bool is_executor(const struct dentry *dentry)
{
        char name[20] = {};

        bpf_probe_read_kernel_str(name, sizeof(name), BPF_CORE_READ(dentry, d_name.name));
        return NAME_IS(name, "systemd-executor");
}

static __always_inline void note_exec(struct task_struct *task, struct follow *f,
                                      struct linux_binprm *bprm, bool command)
{
        const struct file *file = BPF_CORE_READ(bprm, file);
        __u32 call = call_of(task, f);
        const char *name = BPF_CORE_READ(bprm, filename);
        struct work *w = work_at(WORK_EXEC);
        long length;

        if (!w)
                return;
        count(COUNT_EXECS);
        if (name != BPF_CORE_READ(bprm, interp)) { /* a script: file is its interpreter */
                begin(w, WIRE_PATH, call, 0);
                w->key.a = ACCESS_EXEC;
                note_string(WORK_EXEC, (__u64)name, AT_FDCWD, STRING_KERNEL);
        }
        begin(w, WIRE_EXEC, call, 0);
        w->key.a = command ? GAIN_COMMAND : 0;
        weigh(w, BPF_CORE_READ(task, cred), BPF_CORE_READ(file, f_inode));
        length = bpf_probe_read_kernel_str(w->bytes, sizeof(task->comm),
                                           BPF_CORE_READ(task, real_parent, comm));
        w->event.text_length = length > 0 && length <= 16 ? length - 1 : 0;
        note_file(WORK_EXEC, file);
}

/* Runs 32-bit code: told once of each program. */
static __always_inline void note_compat(const struct task_struct *task, bool x32)
{
        struct work *w = work_at(WORK_CALL);

        if (!w)
                return;
        begin(w, WIRE_COMPAT_TASK, 0, 0);
        w->key.a = x32;
        note_file(WORK_CALL, BPF_CORE_READ(task, mm, exe_file));
}

/* A call that was refused without ever having been entered. */
static __always_inline void note_refused(__u32 place, __u32 call, __s32 error, bool killed)
{
        struct work *w = work_at(place);

        if (!w)
                return;
        begin(w, WIRE_SECCOMP, call, error);
        w->key.c = killed;
        note(place, w);
}

/* As the kernel has it for who may signal whom without CAP_KILL. */
static __always_inline bool is_other(const struct cred *from, const struct cred *to)
{
        __u32 uid = BPF_CORE_READ(from, uid.val), euid = BPF_CORE_READ(from, euid.val),
              his = BPF_CORE_READ(to, uid.val), saved = BPF_CORE_READ(to, suid.val);

        return euid != saved && euid != his && uid != saved && uid != his;
}

static __always_inline void note_signal(struct task_struct *from, const struct follow *f, int sig,
                                        const struct task_struct *to)
{
        struct work *w = work_at(WORK_SIGNAL);

        if (!w)
                return;
        begin(w, WIRE_SIGNAL, call_of(from, f), 0);
        w->key.a = sig;
        if (is_other(BPF_CORE_READ(from, cred), BPF_CORE_READ(to, cred)))
                w->key.b |= SIGNAL_OTHER_UID;
        if (!task_in_unit(to))
                w->key.b |= SIGNAL_OUTSIDE;
        note(WORK_SIGNAL, w);
}

static __always_inline void note_end(struct task_struct *task, const struct follow *f, int sig)
{
        struct work *w = work_at(WORK_SIGNAL);

        if (!w)
                return;
        begin(w, WIRE_KILLED, call_of(task, f), 0);
        w->key.a = sig;
        w->key.b = sig == SIGSYS && f->refused >= 0 ? f->refused : 0;
        note(WORK_SIGNAL, w);
}
