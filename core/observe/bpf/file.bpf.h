/* file.bpf.h - facts about files: resolved ones, which the kernel has in hand, and strings, which
 * the loader resolves.
 * SPDX-License-Identifier: MIT OR GPL-2.0-only */
#pragma once

#include "core/observe/bpf/walk.bpf.h"

enum {
        PROC_MAGIC = 0x9fa0,
        AT_FDCWD = -100,
        PIDTYPE_PID = 0,
};

/* Of a file below /proc/PID: whether that is the process itself or another one of the unit. */
static __always_inline bool is_own_proc(const struct task_struct *task, const struct inode *inode)
{
        const struct proc_inode *entry = (void *)inode -
                                         bpf_core_field_offset(struct proc_inode, vfs_inode);
        struct pid *pid = BPF_CORE_READ(entry, pid);
        struct hlist_node *node;

        if (!pid)
                return false;
        if (pid == BPF_CORE_READ(task, group_leader, thread_pid) ||
            pid == BPF_CORE_READ(task, thread_pid))
                return true;
        node = BPF_CORE_READ(pid, tasks[PIDTYPE_PID].first);
        return node && task_in_unit((void *)node - bpf_core_field_offset(struct task_struct,
                                                                         pid_links[PIDTYPE_PID]));
}

/* What is said of the file itself. */
static __always_inline void describe(struct work *w, const struct task_struct *task,
                                     const struct inode *inode)
{
        struct super_block *sb = BPF_CORE_READ(inode, i_sb);
        __u32 device = BPF_CORE_READ(inode, i_rdev);
        __u32 minor = device & 0xfffff;

        w->event.mode = BPF_CORE_READ(inode, i_mode);
        w->event.rdev = (minor & 0xff) | (device >> 20) << 8 | (minor & ~0xffu) << 12;
        w->event.owner = BPF_CORE_READ(inode, i_uid.val);
        w->event.group = BPF_CORE_READ(inode, i_gid.val);
        w->event.magic = BPF_CORE_READ(sb, s_magic);
        bpf_probe_read_kernel_str(w->event.type, sizeof(w->event.type),
                                  BPF_CORE_READ(sb, s_type, name));
        if (w->event.magic == PROC_MAGIC && is_own_proc(task, inode))
                w->event.flags |= EVENT_OWN_PROC;
}

static __always_inline bool is_nameless(const struct inode *inode, __u64 mnt)
{
        struct mount *mount = (void *)mnt - bpf_core_field_offset(struct mount, mnt);

        return BPF_CORE_READ(inode, i_sb, s_flags) & SB_NOUSER ||
               (long)BPF_CORE_READ(mount, mnt_ns) == MNT_NS_INTERNAL;
}

/* A file without a path: only memfd and its like are of interest, and only as code. */
static __always_inline void note_nameless(__u32 place, struct work *w, const struct dentry *dentry,
                                          const struct task_struct *task, const struct inode *inode)
{
        long length;

        if (w->key.kind == WIRE_PATH && !(w->key.a & (ACCESS_MAP_EXEC | ACCESS_EXEC)))
                return;
        w->key.text = 1;
        w->key.base = 0;
        if (known(&w->key))
                return;
        length = bpf_probe_read_kernel_str(w->bytes, WORK_NAME, BPF_CORE_READ(dentry, d_name.name));
        w->event.text_length = length > 0 ? length - 1 : 0;
        w->event.flags = EVENT_DELETED;
        describe(w, task, inode);
        tell(place);
}

/* A fact about that path; the key holds all but text and base, and the event may hold a text. */
__noinline int note_path(__u32 place, __u64 dentry_at, __u64 mnt)
{
        struct task_struct *task = bpf_get_current_task_btf();
        struct dentry *dentry = (void *)dentry_at;
        struct inode *inode = BPF_CORE_READ(dentry, d_inode);
        struct work *w = work_at(place);

        if (!w || !inode)
                return 0;
        if (is_nameless(inode, mnt)) {
                note_nameless(place, w, dentry, task, inode);
                return 0;
        }
        /* A name that was removed leaves its place in memory to another: so more than that. */
        w->key.text = mix(mix(dentry_at, BPF_CORE_READ(inode, i_ino)),
                          BPF_CORE_READ(dentry, d_name.hash_len));
        w->key.base = mix(mnt, (__u64)BPF_CORE_READ(dentry, d_parent));
        if (known(&w->key))
                return 0;
        w->event.flags |= EVENT_RESOLVED;
        /* What is mounted has the name of its place, as /proc/kmsg in a container does. */
        if (!BPF_CORE_READ(dentry, d_hash.pprev) && BPF_CORE_READ(dentry, d_parent) != dentry &&
            BPF_CORE_READ((struct vfsmount *)mnt, mnt_root) != dentry)
                w->event.flags |= EVENT_DELETED;
        if (has_own_root(task))
                w->event.flags |= EVENT_CHROOT;
        describe(w, task, inode);
        walk(place, dentry_at, mnt, false);
        tell(place);
        return 0;
}

/* chroot() has been: the new root, as it is called from outside of it. */
__noinline int note_root(__u32 place)
{
        struct fs_struct *fs = BPF_CORE_READ(bpf_get_current_task_btf(), fs);
        struct dentry *dentry = BPF_CORE_READ(fs, root.dentry);
        struct vfsmount *mnt = BPF_CORE_READ(fs, root.mnt);
        struct work *w = work_at(place);

        if (!w)
                return 0;
        w->key.text = mix((__u64)dentry, BPF_CORE_READ(dentry, d_name.hash_len));
        w->key.base = mix((__u64)mnt, (__u64)BPF_CORE_READ(dentry, d_parent));
        if (known(&w->key))
                return 0;
        w->event.flags |= EVENT_RESOLVED;
        walk(place, (__u64)dentry, (__u64)mnt, true);
        tell(place);
        return 0;
}

static __always_inline void note_file(__u32 place, const struct file *file)
{
        note_path(place, (__u64)BPF_CORE_READ(file, f_path.dentry),
                  (__u64)BPF_CORE_READ(file, f_path.mnt));
}

static __always_inline __u64 hash_text(const struct work *w, __u32 length)
{
        const __u64 *words = (const __u64 *)w->bytes;
        __u64 hash = length;

        for (__u32 i = 0; i < WIRE_STRING / 8; i++) {
                __u64 word;

                if (i * 8 >= length)
                        break;
                word = words[i];
                if (length - i * 8 < 8)
                        word &= (1ULL << (length - i * 8) * 8) - 1;
                hash = mix(hash, word);
        }
        return hash;
}

/* Where the folder lies that a relative string counts from. */
static __always_inline bool folder_of(const struct task_struct *task, __s32 fd, __u64 *dentry,
                                      __u64 *mnt)
{
        struct file *file;

        if (fd == AT_FDCWD) {
                *dentry = (__u64)BPF_CORE_READ(task, fs, pwd.dentry);
                *mnt = (__u64)BPF_CORE_READ(task, fs, pwd.mnt);
                return true;
        }
        file = file_of(task, fd);
        *dentry = (__u64)BPF_CORE_READ(file, f_path.dentry);
        *mnt = (__u64)BPF_CORE_READ(file, f_path.mnt);
        return file;
}

/* How a string is to be read. */
enum {
        STRING_KERNEL = 1,   /* it lies in the kernel */
        STRING_IN_ROOT = 2,  /* a leading slash means the folder: openat2(RESOLVE_IN_ROOT) */
        STRING_ABSOLUTE = 4, /* without a leading slash it is no path */
};

/* The string is there, of that length: finish the fact. */
static __always_inline void note_text(__u32 place, struct work *w, __u32 length, __s32 fd,
                                      __u32 how)
{
        struct task_struct *task = bpf_get_current_task_btf();
        __u64 dentry = 0, mnt = 0;

        w->key.text = hash_text(w, length);
        w->key.base = 0;
        w->event.text_length = length;
        if (has_own_root(task)) {
                w->event.flags |= EVENT_CHROOT;
                w->key.base = (__u64)BPF_CORE_READ(task, fs, root.dentry);
        }
        if (w->bytes[0] != '/' || (how & STRING_IN_ROOT)) {
                w->event.flags |= EVENT_RELATIVE;
                if (!folder_of(task, fd, &dentry, &mnt))
                        w->event.flags |= EVENT_UNREADABLE;
                w->key.base = mix(dentry, mnt);
        }
        if (known(&w->key))
                return;
        if (dentry)
                walk(place, dentry, mnt, false);
        tell(place);
}

/* A fact about the path at that address, which counts from the folder fd; the key holds all but
 * text and base.  Nothing at the address means the file of fd itself, as AT_EMPTY_PATH has it. */
__noinline int note_string(__u32 place, __u64 address, __s32 fd, __u32 how)
{
        struct task_struct *task = bpf_get_current_task_btf();
        struct work *w = work_at(place);
        long length = 0;

        if (!w)
                return 0;
        if (address && (how & STRING_KERNEL))
                length = bpf_probe_read_kernel_str(w->bytes, WIRE_STRING, (void *)address);
        else if (address)
                length = bpf_probe_read_user_str(w->bytes, WIRE_STRING, (void *)address);
        if (length < 0 || length > WIRE_STRING) {
                w->event.flags = EVENT_UNREADABLE;
                w->key.text = w->key.base = 0;
                note(place, w);
                return 0;
        }
        if (length < 2) {
                /* fstat() of what was opened before says nothing new. */
                __u64 dentry, mnt;

                if (!w->key.error && w->key.a != ACCESS_LOOK && folder_of(task, fd, &dentry, &mnt))
                        note_path(place, dentry, mnt);
                return 0;
        }
        if ((how & STRING_ABSOLUTE) && w->bytes[0] != '/')
                return 0;
        if (length == WIRE_STRING)
                w->event.flags |= EVENT_CUT;
        note_text(place, w, length - 1, fd, how);
        return 0;
}
