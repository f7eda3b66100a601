/* decode.h - what the BPF program tells, made into acts.
 *
 * Pure: bytes in, acts out.  The bytes come from a kernel that copied them from processes nobody
 * trusts: no length, kind, number or string in them is believed. */
#pragma once

#include "core/base/base.h"
#include "core/observe/behaviour.h"
#include "core/observe/bpf/wire.h"
#include "core/observe/ksym.h"

struct decoder {
        const struct ksyms *ksyms; /* NULL: who asked for a capability is not known */
        bool twin;                 /* what failed may be the twin's own doing */
        int64_t boot;              /* realtime of the kernel's boot clock's zero, microseconds */
};

/* An event is one act, or several: connecting to a socket in a folder is also a path. */
enum { DECODED_ACTS = 2 };
struct decoded {
        struct wire_key key; /* as told, to find its count by */
        struct act acts[DECODED_ACTS];
        size_t count;
        char *raw;   /* the path before "." and ".." went, where symlinks may be in it; else NULL */
        bool follow; /* the call follows a symlink at the path's end as well */
        uint32_t own_tgid; /* as its pid namespace counts */
};
void decoded_done(struct decoded *d);

/* 0; 1: there is nothing to make of it although it is well-formed (a string that could not be
 * read); -EBADMSG: these are not the bytes of an event; -ENOMEM. */
int decode_event(const struct decoder *d, const void *bytes, size_t length, struct decoded *ret);

/* A fact whose event was lost, as far as its key says it.  1: the key alone says nothing. */
int decode_key(const struct decoder *d, const struct wire_key *key, struct decoded *ret);

/* The act of one slot of the table of calls; 1: the slot is empty. */
int decode_call(const struct decoder *d, unsigned slot, const struct wire_call *call,
                struct act *ret);

/* Puts count, times and phases into the act. */
void decode_count(const struct decoder *d, const struct wire_value *value, struct act *a);

/* Sets ACT_BY_TWIN where a twin's own walls explain the failure. */
void decode_twin(struct act *a);

/* ---- its parts ---- */

/* Name of a call by its number as the wire has it; buffer is used for unknown ones. */
enum { CALL_NAME = 32 };
const char *decode_call_name(unsigned call, char buffer[CALL_NAME]);
/* Whether the call goes on to where a symlink at the end of its path points. */
bool decode_call_follows(const char *name);

/* base: components, leaf first, each ended by NUL; text: a string with or without its NUL.  An
 * absolute text counts alone.  Both NULL on -ENOMEM.  *ret_raw may be NULL when not wanted. */
int decode_path(const char *base, size_t base_length, const char *text, size_t text_length,
                char **ret, char **ret_raw);
/* "/a//b/./../c" is "/a/c"; never above "/".  In place; path begins
 * with a slash. */
void decode_normalise(char *path);
/* "10.0.0.1", "::1", "@name", "/run/x"; "" for none.  Caller frees; NULL: out of memory. */
char *decode_address(unsigned family, const char *text, size_t text_length, const char *base,
                     size_t base_length);
