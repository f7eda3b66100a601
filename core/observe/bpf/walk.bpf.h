/* walk.bpf.h - the path of a file, from its name up to the root of the task that acts.
 * SPDX-License-Identifier: MIT OR GPL-2.0-only */
#pragma once

#include "core/observe/bpf/fact.bpf.h"

enum {
        WALK_STEPS = WIRE_DEPTH + 32, /* components, and mounts to be crossed */
};

struct walk {
        __u64 dentry, mnt, top; /* where it is; the root of the mount that this is in */
        __u64 root_dentry, root_mnt;
        __u32 place, used, names;
        __u32 over, cut, outside;
};

/* Up to what the mount lies on. */
static __always_inline void cross(struct walk *k)
{
        struct mount *mount = (void *)k->mnt - bpf_core_field_offset(struct mount, mnt);
        struct mount *parent = BPF_CORE_READ(mount, mnt_parent);
        struct vfsmount *mnt;

        if (parent == mount) { /* the top of the namespace, and not the task's root */
                k->over = k->outside = 1;
                return;
        }
        mnt = (void *)parent + bpf_core_field_offset(struct mount, mnt);
        k->dentry = (__u64)BPF_CORE_READ(mount, mnt_mountpoint);
        k->mnt = (__u64)mnt;
        k->top = (__u64)BPF_CORE_READ(mnt, mnt_root);
}

static long step(__u32 index, struct walk *k)
{
        struct work *w = work_at(k->place);
        struct dentry *dentry = (void *)k->dentry, *parent;
        __u32 used = k->used;
        long length;

        if (!w || (k->dentry == k->root_dentry && k->mnt == k->root_mnt)) {
                k->over = 1;
                return 1;
        }
        if (k->dentry == k->top) {
                cross(k);
                return k->over != 0;
        }
        parent = BPF_CORE_READ(dentry, d_parent);
        if (parent == dentry) { /* taken off its tree */
                k->over = k->outside = 1;
                return 1;
        }
        if (k->names >= WIRE_DEPTH || used >= WORK_BYTES - WORK_NAME) {
                k->over = k->cut = 1;
                return 1;
        }
        length = bpf_probe_read_kernel_str(w->bytes + used, WORK_NAME,
                                           BPF_CORE_READ(dentry, d_name.name));
        if (length > 0)
                k->used += length;
        k->names++;
        k->dentry = (__u64)parent;
        return 0;
}

/* Puts the path of dentry behind the event's text, as its base: up to the task's root, or up to the
 * top of its mount namespace. */
__noinline int walk(__u32 place, __u64 dentry, __u64 mnt, bool to_top)
{
        struct work *w = work_at(place);
        struct fs_struct *fs = BPF_CORE_READ(bpf_get_current_task_btf(), fs);
        struct walk k = { .dentry = dentry, .mnt = mnt, .place = place };

        if (!w)
                return 0;
        k.used = w->event.text_length;
        k.top = (__u64)BPF_CORE_READ((struct vfsmount *)mnt, mnt_root);
        if (!to_top)
                k.root_dentry = (__u64)BPF_CORE_READ(fs, root.dentry);
        k.root_mnt = (__u64)BPF_CORE_READ(fs, root.mnt);
        bpf_loop(WALK_STEPS, step, &k, 0);
        if (k.cut || !k.over)
                w->event.flags |= EVENT_CUT;
        if (k.outside && !to_top)
                w->event.flags |= EVENT_CHROOT;
        w->event.base_length = k.used - w->event.text_length;
        return 0;
}

/* Whether the task's root is a folder that it chose itself (chroot): not where a mount begins, or
 * a mount that does not lie on the namespace's own root, as systemd leaves it behind. */
static __always_inline bool has_own_root(const struct task_struct *task)
{
        struct dentry *root = BPF_CORE_READ(task, fs, root.dentry);
        struct vfsmount *mnt = BPF_CORE_READ(task, fs, root.mnt);
        struct mount *mount = (void *)mnt - bpf_core_field_offset(struct mount, mnt);
        struct mount *parent = BPF_CORE_READ(mount, mnt_parent);

        if (root != BPF_CORE_READ(mnt, mnt_root))
                return true;
        return parent != mount &&
               BPF_CORE_READ(mount, mnt_mountpoint) != BPF_CORE_READ(parent, mnt.mnt_root);
}

static __always_inline struct file *file_of(const struct task_struct *task, __s32 fd)
{
        struct fdtable *table = BPF_CORE_READ(task, files, fdt);
        struct file *file = NULL, **files;

        if (fd < 0 || (__u32)fd >= BPF_CORE_READ(table, max_fds))
                return NULL;
        files = BPF_CORE_READ(table, fd);
        bpf_probe_read_kernel(&file, sizeof(file), files + fd);
        return file;
}
