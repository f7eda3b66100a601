/* kernel.h - the kernel's types, as far as the observer reads them.
 *
 * Written by hand and CO-RE: the loader moves every access to where the running kernel keeps the
 * field, so the build needs neither vmlinux.h nor the BTF of the build machine.  What follows
 * "___" in a name is ours: another shape of the same struct in older kernels.
 * SPDX-License-Identifier: MIT OR GPL-2.0-only */
#pragma once

#include <stdbool.h>
#include <stddef.h>

typedef unsigned char __u8;
typedef unsigned short __u16;
typedef short __s16;
typedef unsigned int __u32;
typedef int __s32;
typedef unsigned long long __u64;
typedef long long __s64;
typedef signed char __s8;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;

/* From the kernel's interface to user space: they never change. */
enum {
        BPF_MAP_TYPE_HASH = 1,
        BPF_MAP_TYPE_ARRAY = 2,
        BPF_MAP_TYPE_PERCPU_ARRAY = 6,
        BPF_MAP_TYPE_RINGBUF = 27,
        BPF_MAP_TYPE_TASK_STORAGE = 29,
        BPF_NOEXIST = 1,
        BPF_F_NO_PREALLOC = 1,
        BPF_LOCAL_STORAGE_GET_F_CREATE = 1,
};

/* From inside the kernel, but the same since long before the oldest that is of use here. */
enum {
        PF_FORKNOEXEC = 0x40,
        TS_COMPAT = 2,
        TIF_32BIT = 22,
        X32_BIT = 0x40000000,
        FMODE_READ = 1,
        FMODE_WRITE = 2,
        FMODE_CREATED = 1 << 20,
        SB_NOUSER = 1u << 31, /* pipes, sockets, memfd …: nothing in it has a path */
        SECCOMP_FILTER = 2,
        MNT_NS_INTERNAL = -22, /* as a pointer: a mount that no namespace has, of nsfs for one */
};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct thread_info {
        unsigned long flags; /* arm64: _TIF_32BIT */
        __u32 status;        /* x86: TS_COMPAT */
};

#if defined(__TARGET_ARCH_x86)
struct pt_regs {
        unsigned long r10, r9, r8, ax, cx, dx, si, di, orig_ax;
};
#elif defined(__TARGET_ARCH_arm64)
struct pt_regs {
        __u64 regs[31];
        __u64 orig_x0;
        __s32 syscallno;
};
#endif

struct hlist_node {
        struct hlist_node *next, **pprev;
};
struct hlist_head {
        struct hlist_node *first;
};
struct hlist_bl_node {
        struct hlist_bl_node *next, **pprev;
};

struct qstr {
        __u64 hash_len;
        const unsigned char *name;
};
struct dentry {
        struct hlist_bl_node d_hash;
        struct dentry *d_parent;
        struct qstr d_name;
        struct inode *d_inode;
};
struct file_system_type {
        const char *name;
};
struct super_block {
        unsigned long s_flags, s_magic;
        struct file_system_type *s_type;
};
struct inode {
        __u16 i_mode;
        struct {
                __u32 val;
        } i_uid, i_gid;
        __u32 i_rdev;
        unsigned long i_ino;
        struct super_block *i_sb;
        void *i_private;
};
struct vfsmount {
        struct dentry *mnt_root;
};
struct mount {
        struct mount *mnt_parent;
        struct dentry *mnt_mountpoint;
        struct vfsmount mnt;
        struct mnt_namespace *mnt_ns;
};
struct path {
        struct vfsmount *mnt;
        struct dentry *dentry;
};
struct file {
        __u32 f_mode;
        struct inode *f_inode;
        struct path f_path;
        void *private_data;
};
struct fdtable {
        unsigned int max_fds;
        struct file **fd;
};
struct files_struct {
        struct fdtable *fdt;
};
struct fs_struct {
        struct path root, pwd;
};
struct mm_struct {
        struct file *exe_file;
};
struct linux_binprm {
        struct file *file;
        const char *filename, *interp, *fdpath;
};

/* What lies behind a file below /proc or /proc/PID/ns. */
struct proc_inode {
        struct pid *pid;
        struct inode vfs_inode;
};
struct ns_common { /* from 6.18 on */
        __u32 ns_type;
};
struct proc_ns_operations___old {
        int type;
};
struct ns_common___old {
        const struct proc_ns_operations___old *ops;
};

struct kernfs_node {
        const char *name;
        __u64 id;
};
struct cgroup_root {
        int hierarchy_id;
};
struct cgroup_subsys_state {
        struct cgroup *cgroup;
        struct cgroup_subsys_state *parent;
};
struct cgroup {
        struct cgroup_subsys_state self;
        int level;
        struct kernfs_node *kn;
        struct cgroup_root *root;
        struct cgroup *ancestors[1];
};
struct cgroup___old { /* up to 6.0 */
        __u64 ancestor_ids[1];
};
struct css_set {
        struct cgroup *dfl_cgrp;
};

struct user_namespace {
        int level;
};
struct pid_namespace {
        struct task_struct *child_reaper;
};
struct upid {
        int nr;
        struct pid_namespace *ns;
};
struct pid {
        unsigned int level;
        struct hlist_head tasks[4];
        struct upid numbers[1];
};
struct cred {
        struct {
                __u32 val;
        } uid, gid, suid, euid, egid;
        struct {
                __u32 cap[2];
        } cap_permitted, cap_ambient;
};
struct seccomp {
        int mode;
};
struct task_struct {
        struct thread_info thread_info;
        unsigned int flags;
        int pid, tgid;
        int exit_code;
        struct task_struct *real_parent, *group_leader;
        struct mm_struct *mm;
        struct fs_struct *fs;
        struct files_struct *files;
        struct css_set *cgroups;
        struct cred *cred, *real_cred;
        struct pid *thread_pid;
        struct hlist_node pid_links[4];
        struct seccomp seccomp;
        char comm[16];
};

union sifields {
        struct {
                int _pid;
        } _kill;
        struct {
                void *_call_addr;
                int _syscall;
                unsigned int _arch;
        } _sigsys;
};
struct kernel_siginfo {
        int si_signo, si_code;
        union sifields _sifields;
};

struct in6_addr {
        struct {
                __u8 u6_addr8[16];
        } in6_u;
};
struct sock_common {
        __be32 skc_daddr;
        __u16 skc_num;
        __u16 skc_family;
        struct in6_addr skc_v6_daddr;
};
struct sock {
        struct sock_common __sk_common;
        __u16 sk_type, sk_protocol;
};
struct socket {
        short type;
        struct sock *sk;
};

struct bpf_iter_meta {
        __u64 session_id;
};
struct bpf_iter__task {
        struct bpf_iter_meta *meta;
        struct task_struct *task;
};

#pragma clang attribute pop
