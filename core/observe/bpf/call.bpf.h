/* call.bpf.h - what the plan has to say of a call that is over.
 * SPDX-License-Identifier: MIT OR GPL-2.0-only */
#pragma once

#include "core/observe/bpf/socket.bpf.h"

enum {
        O_ACCMODE = 3,
        O_WRONLY = 1,
        O_RDWR = 2,
        O_CREAT = 0100,
        O_TRUNC = 01000,
        O_PATH = 010000000,
        O_TMPFILE = 020000000, /* without O_DIRECTORY, whose bit differs by processor */
        RESOLVE_IN_ROOT = 16,
        PROT_EXEC = 4,
        S_IFCHR = 0020000,
        S_IFBLK = 0060000,
        NSFS_MAGIC = 0x6e736673,
        AT_SYMLINK_NOFOLLOW = 0x100,
        AT_REMOVEDIR = 0x200,
        SMALL = 0xffff,
};

/* What the processor's registers hold of the call; they are still there when it is over. */
static __always_inline void read_arguments(struct work *w, const struct pt_regs *regs)
{
#if defined(__TARGET_ARCH_x86)
        w->args[0] = regs->di;
        w->args[1] = regs->si;
        w->args[2] = regs->dx;
        w->args[3] = regs->r10;
        w->args[4] = regs->r8;
        w->args[5] = regs->r9;
#elif defined(__TARGET_ARCH_arm64)
        w->args[0] = regs->orig_x0;
        w->args[1] = regs->regs[1];
        w->args[2] = regs->regs[2];
        w->args[3] = regs->regs[3];
        w->args[4] = regs->regs[4];
        w->args[5] = regs->regs[5];
#endif
}

static __always_inline __u64 argument(const struct work *w, __s32 index)
{
        return index >= 0 && index < 6 ? w->args[index] : 0;
}

static __always_inline __s32 folder(const struct work *w, __s32 index)
{
        return index < 0 ? AT_FDCWD : (__s32)argument(w, index);
}

static __always_inline __u64 masked(const struct wire_plan *p, __u32 i, __u64 value)
{
        value &= p->mask[i];
        return (p->notes & NOTE_SMALL) && value > SMALL ? ~0ULL : value;
}

/* setns(fd, 0) takes whatever namespace it is. */
static __always_inline __u64 namespace_of(const struct task_struct *task, __s32 fd)
{
        struct inode *inode = BPF_CORE_READ(file_of(task, fd), f_inode);
        struct ns_common *ns;
        struct ns_common___old *old;

        if (BPF_CORE_READ(inode, i_sb, s_magic) != NSFS_MAGIC)
                return 0;
        ns = BPF_CORE_READ(inode, i_private);
        old = (void *)ns;
        if (bpf_core_field_exists(ns->ns_type))
                return BPF_CORE_READ(ns, ns_type);
        return BPF_CORE_READ(old, ops, type);
}

__noinline int note_arguments(__u32 place, __u32 call, __s32 error)
{
        struct wire_plan *p = bpf_map_lookup_elem(&plan, &call);
        struct work *w = work_at(place);
        __u64 first;

        if (!w || !p)
                return 0;
        begin(w, WIRE_ARGS, call, error);
        first = argument(w, p->arg[0]);
        if (p->notes & NOTE_STRUCT) {
                __u64 address = argument(w, p->path);

                if (!address ||
                    bpf_probe_read_user(&first, sizeof(first), (void *)(address + p->flags)))
                        return 0;
        } else if ((p->notes & NOTE_NAMESPACE) && !first) {
                first = namespace_of(bpf_get_current_task_btf(), argument(w, p->dirfd));
        }
        w->key.a = masked(p, 0, first);
        w->key.b = masked(p, 1, argument(w, p->arg[1]));
        w->key.c = masked(p, 2, argument(w, p->arg[2]));
        note(place, w);
        return 0;
}

/* What an open asks for: its flags, mode and RESOLVE_* bits. */
struct wish {
        __u64 flags, mode, resolve;
};

static __always_inline struct wish wish_of(const struct work *w, const struct wire_plan *p)
{
        struct wish wish = {};

        if (p->flags == -2) {
                bpf_probe_read_user(&wish, sizeof(wish), (void *)argument(w, p->arg[0]));
                return wish;
        }
        wish.flags = p->flags == -1 ? O_CREAT | O_WRONLY | O_TRUNC : argument(w, p->flags);
        wish.mode = argument(w, p->arg[0]);
        return wish;
}

static __always_inline __u32 access_of(__u64 flags)
{
        __u32 access = 0;

        if (flags & O_PATH)
                return ACCESS_LOOK;
        if ((flags & O_ACCMODE) != O_WRONLY)
                access |= ACCESS_READ;
        if (flags & O_ACCMODE)
                access |= ACCESS_WRITE;
        if (flags & (O_CREAT | O_TMPFILE))
                access |= ACCESS_CREATE;
        if (flags & O_TRUNC)
                access |= ACCESS_TRUNCATE | ACCESS_WRITE;
        return access;
}

__noinline int note_open(__u32 place, __u32 call, __s32 error, __s32 fd)
{
        struct task_struct *task = bpf_get_current_task_btf();
        struct wire_plan *p = bpf_map_lookup_elem(&plan, &call);
        struct work *w = work_at(place);
        struct file *file;
        struct wish wish;

        if (!w || !p)
                return 0;
        wish = wish_of(w, p);
        if (!(wish.flags & O_PATH) && (wish.flags & (O_CREAT | O_TMPFILE))) {
                begin(w, WIRE_ARGS, call, error);
                w->key.a = wish.mode & p->mask[0];
                note(place, w);
        }
        begin(w, WIRE_PATH, call, error);
        w->key.a = access_of(wish.flags);
        if (error) {
                note_string(place, argument(w, p->path), folder(w, p->dirfd),
                            wish.resolve & RESOLVE_IN_ROOT ? STRING_IN_ROOT : 0);
                return 0;
        }
        file = file_of(task, fd);
        if (!file)
                return 0;
        if (wish.flags & O_TMPFILE && !(wish.flags & O_PATH)) {
                /* It has no name: what matters is the folder. */
                note_path(place, (__u64)BPF_CORE_READ(file, f_path.dentry, d_parent),
                          (__u64)BPF_CORE_READ(file, f_path.mnt));
                return 0;
        }
        if (BPF_CORE_READ(file, f_mode) & FMODE_CREATED)
                w->key.a |= ACCESS_MADE;
        note_file(place, file);
        return 0;
}

/* Acts on the file of a descriptor; of a device, when only those count, as it was opened. */
__noinline int note_descriptor(__u32 place, __s32 fd, __u32 only_device)
{
        struct file *file = file_of(bpf_get_current_task_btf(), fd);
        struct work *w = work_at(place);
        __u32 type, mode;

        if (!file || !w)
                return 0;
        if (only_device) {
                type = BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT;
                mode = BPF_CORE_READ(file, f_mode);
                if (type != S_IFCHR && type != S_IFBLK)
                        return 0;
                if (mode & FMODE_READ)
                        w->key.a |= ACCESS_READ;
                if (mode & FMODE_WRITE)
                        w->key.a |= ACCESS_WRITE;
        }
        note_file(place, file);
        return 0;
}

static __always_inline void note_at_flags(struct work *w, __u32 access, __u64 flags)
{
        if ((access & ACCESS_DELETE) && (flags & AT_REMOVEDIR))
                w->key.a |= ACCESS_FOLDER;
        if (!(access & ACCESS_DELETE) && (flags & AT_SYMLINK_NOFOLLOW)) {
                w->key.b = 1;
                w->event.flags |= EVENT_STAYS;
        }
}

static __always_inline void note_strings(__u32 place, struct work *w, const struct wire_plan *p,
                                         __u32 call, __s32 error)
{
        if (p->notes & (NOTE_PATH | NOTE_EXEC)) {
                begin(w, WIRE_PATH, call, error);
                w->key.a = p->access;
                if (p->flags >= 0)
                        note_at_flags(w, p->access, argument(w, p->flags));
                if ((p->notes & NOTE_ROOT) && !error)
                        note_root(place);
                else
                        note_string(place, argument(w, p->path), folder(w, p->dirfd), 0);
        }
        if (p->notes & NOTE_PATH2) {
                begin(w, WIRE_PATH, call, error);
                w->key.a = p->access2;
                note_string(place, argument(w, p->path2), folder(w, p->dirfd2),
                            p->notes & NOTE_ABSOLUTE ? STRING_ABSOLUTE : 0);
        }
}

static __always_inline void note_descriptors(__u32 place, struct work *w, const struct wire_plan *p,
                                             __u32 call, __s32 error)
{
        __s32 fd = argument(w, p->dirfd);

        if (p->notes & (NOTE_FD | NOTE_DEVICE)) {
                begin(w, WIRE_PATH, call, error);
                w->key.a = p->access;
                note_descriptor(place, fd, p->notes & NOTE_DEVICE);
        }
        if ((p->notes & NOTE_MMAP) && !error && (argument(w, p->flags) & PROT_EXEC) && fd >= 0) {
                begin(w, WIRE_PATH, call, error);
                w->key.a = ACCESS_MAP_EXEC;
                note_descriptor(place, fd, 0);
        }
}

static __always_inline void note_addresses(__u32 place, struct work *w, const struct wire_plan *p,
                                           __u32 call, long ret, __s32 error)
{
        __s32 fd = argument(w, p->dirfd);

        if (p->notes & NOTE_ADDRESS) {
                begin(w, WIRE_ADDRESS, call, error);
                note_address(place, fd, argument(w, p->path), argument(w, p->flags));
        }
        if (p->notes & NOTE_MSGHDR) {
                begin(w, WIRE_ADDRESS, call, error);
                note_message(place, fd, argument(w, p->path));
        }
        if ((p->notes & NOTE_PEER) && !error) {
                begin(w, WIRE_PEER, call, 0);
                note_peer(place, ret);
        }
}

/* All that the plan asks for. */
__noinline int note_call(__u32 call, long ret, __s32 error)
{
        struct wire_plan *p = bpf_map_lookup_elem(&plan, &call);
        struct work *w = work_at(WORK_CALL);

        if (!p || !w)
                return 0;
        if (p->notes & NOTE_ARGS)
                note_arguments(WORK_CALL, call, error);
        if (p->notes & NOTE_OPEN)
                note_open(WORK_CALL, call, error, ret);
        if ((p->notes & (NOTE_PATH | NOTE_PATH2)) || ((p->notes & NOTE_EXEC) && error))
                note_strings(WORK_CALL, w, p, call, error);
        if (p->notes & (NOTE_FD | NOTE_DEVICE | NOTE_MMAP))
                note_descriptors(WORK_CALL, w, p, call, error);
        if (p->notes & (NOTE_ADDRESS | NOTE_MSGHDR | NOTE_PEER))
                note_addresses(WORK_CALL, w, p, call, ret, error);
        return 0;
}
