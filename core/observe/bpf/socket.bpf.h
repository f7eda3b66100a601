/* socket.bpf.h - facts about addresses.
 * SPDX-License-Identifier: MIT OR GPL-2.0-only */
#pragma once

#include "core/observe/bpf/file.bpf.h"

enum {
        AF_UNIX = 1,
        AF_INET = 2,
        AF_INET6 = 10,
        AF_NETLINK = 16,
        AF_PACKET = 17,
        S_IFMT = 0170000,
        S_IFSOCK = 0140000,
        ADDRESS_PATH = 108, /* of a unix socket's name */
        PEERS_WHOLE = 1024, /* so many different peers are told apart; then their networks */
        PEERS_PART = 2048,  /* then none */
};

/* Different peers so far. */
__u32 peers = 0;

static __always_inline struct socket *socket_of(const struct task_struct *task, __s32 fd)
{
        struct file *file = file_of(task, fd);

        if (!file || (BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFSOCK)
                return NULL;
        return BPF_CORE_READ(file, private_data);
}

static __always_inline __u64 type_of(const struct socket *socket)
{
        __u64 protocol = BPF_CORE_READ(socket, sk, sk_protocol);

        return (__u16)BPF_CORE_READ(socket, type) | protocol << 32;
}

/* An IPv4 address that an IPv6 socket has to do with is one of IPv4. */
static __always_inline void unmap(struct work *w)
{
        const __u32 *words = (const __u32 *)w->bytes;

        if (w->key.a != AF_INET6 || words[0] || words[1] || words[2] != 0xffff0000)
                return;
        w->key.a = AF_INET;
        w->event.text_length = 4;
        *(__u32 *)w->bytes = words[3];
}

/* The address of 4 or 16 bytes is there. */
static __always_inline void hash_address(struct work *w)
{
        const __u32 *words = (const __u32 *)w->bytes;

        w->key.text = mix(w->key.text, words[0]);
        if (w->event.text_length == 16) {
                w->key.text = mix(w->key.text, words[1]);
                w->key.text = mix(w->key.text, (__u64)words[2] << 32 | words[3]);
        }
}

/* Name of a unix socket: text, or a NUL and whatever follows. */
static __always_inline void note_unix(__u32 place, struct work *w, __u32 length)
{
        const char *name = (const char *)w->address + 2;
        long got = 0;

        length = AT_MOST(length, ADDRESS_PATH);
        w->bytes[0] = '\0';
        if (length && name[0]) {
                got = bpf_probe_read_kernel_str(w->bytes, ADDRESS_PATH + 1, name);
                if (got > 1 && got <= ADDRESS_PATH + 1)
                        note_text(place, w, got - 1 < length ? got - 1 : length, AT_FDCWD, 0);
                return;
        }
        bpf_probe_read_kernel(w->bytes, AT_MOST(length, ADDRESS_PATH), name);
        w->event.text_length = length;
        w->key.text = hash_text(w, length);
        note(place, w);
}

/* Takes a struct sockaddr apart. */
static __always_inline void note_sockaddr(__u32 place, struct work *w, __u32 length)
{
        const __u8 *bytes = w->address;

        w->key.a = bytes[0] | bytes[1] << 8;
        w->key.c = bytes[2] << 8 | bytes[3]; /* a port, of PACKET the protocol */
        if (w->key.a == AF_UNIX) {
                w->key.c = 0;
                note_unix(place, w, length - 2);
                return;
        }
        if (w->key.a == AF_INET) {
                w->event.text_length = 4;
                bpf_probe_read_kernel(w->bytes, 4, bytes + 4);
        } else if (w->key.a == AF_INET6) {
                w->event.text_length = 16;
                bpf_probe_read_kernel(w->bytes, 16, bytes + 8);
                unmap(w);
        } else if (w->key.a == AF_NETLINK) {
                w->key.c = *(const __u32 *)(bytes + 8);
        } else if (w->key.a != AF_PACKET) {
                w->key.c = 0;
        }
        if (w->event.text_length)
                hash_address(w);
        note(place, w);
}

/* bind, connect, sendto …: the key holds kind, call and error. */
__noinline int note_address(__u32 place, __s32 fd, __u64 address, __u32 length)
{
        struct task_struct *task = bpf_get_current_task_btf();
        struct work *w = work_at(place);
        struct socket *socket;

        if (!w || !address || length < 2)
                return 0;
        socket = socket_of(task, fd);
        if (!socket)
                return 0;
        __builtin_memset(w->address, 0, sizeof(w->address));
        w->key.b = type_of(socket);
        if (bpf_probe_read_user(w->address, AT_MOST(length, ADDRESS_LONGEST), (void *)address))
                w->event.flags |= EVENT_UNREADABLE;
        note_sockaddr(place, w, length);
        return 0;
}

/* The same of a struct msghdr. */
__noinline int note_message(__u32 place, __s32 fd, __u64 address)
{
        struct {
                __u64 name;
                __u32 length;
        } header = {};

        if (bpf_probe_read_user(&header, sizeof(header), (void *)address))
                return 0;
        return note_address(place, fd, header.name, header.length);
}

/* A busy server has very many peers: what matters then is that it has. */
static __always_inline void widen(struct work *w)
{
        if (peers < PEERS_WHOLE)
                return;
        w->event.flags |= EVENT_CUT;
        if (peers >= PEERS_PART)
                __builtin_memset(w->bytes, 0, 16);
        else
                __builtin_memset(w->bytes + w->event.text_length / 2 % 16, 0, 8);
}

/* An accepted socket. */
__noinline int note_peer(__u32 place, __s32 fd)
{
        struct task_struct *task = bpf_get_current_task_btf();
        struct work *w = work_at(place);
        struct socket *socket = socket_of(task, fd);
        struct sock *sock;

        if (!w || !socket)
                return 0;
        sock = BPF_CORE_READ(socket, sk);
        w->key.a = BPF_CORE_READ(sock, __sk_common.skc_family);
        w->key.b = type_of(socket);
        w->key.c = BPF_CORE_READ(sock, __sk_common.skc_num);
        __builtin_memset(w->bytes, 0, 32);
        if (w->key.a == AF_INET) {
                w->event.text_length = 4;
                BPF_CORE_READ_INTO((__u32 *)w->bytes, sock, __sk_common.skc_daddr);
        } else if (w->key.a == AF_INET6) {
                w->event.text_length = 16;
                BPF_CORE_READ_INTO((__u8(*)[16])w->bytes, sock,
                                   __sk_common.skc_v6_daddr.in6_u.u6_addr8);
                unmap(w);
        } else {
                return 0;
        }
        widen(w);
        hash_address(w);
        if (known(&w->key))
                return 0;
        peers++;
        tell(place);
        return 0;
}
