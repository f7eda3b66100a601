/* decode_words.c - numbers, addresses and paths of the wire, as people write them. */
#include "core/observe/decode.h"

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/catalogue/dialect.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
        CALL_UNIFIED = 424,     /* numbers are the same on all architectures from here on */
        PATH_ROOM = WIRE_DEPTH, /* components at most */
};

#define CALL(number, name) [number] = #name,
static const char *const compat_names[CALL_UNIFIED] = {
#ifdef __x86_64__
#include "core/observe/decode_compat.inc"
#endif
};

const char *decode_call_name(unsigned call, char buffer[CALL_NAME])
{
        bool compat = call >= WIRE_COMPAT;
        unsigned number = compat ? call - WIRE_COMPAT : call;
        const char *name = compat && number < CALL_UNIFIED ? compat_names[number]
                                                           : syscall_name((int)number);

        if (name)
                return name;
        snprintf(buffer, CALL_NAME, "%s_%u", compat ? "compat" : "syscall", number);
        return buffer;
}

bool decode_call_follows(const char *name)
{
        static const char *const stays[] = {
                "lstat",     "lstat64",   "readlink",   "readlinkat", "unlink",
                "unlinkat",  "rmdir",     "mkdir",      "mkdirat",    "mknod",
                "mknodat",   "symlink",   "link",       "linkat",     "symlinkat",
                "rename",    "renameat",  "renameat2",  "lchown",     "lchown32",
                "lgetxattr", "lsetxattr", "llistxattr", "bind",       "lremovexattr",
        };

        for (size_t i = 0; i < COUNT(stays); i++)
                if (strcmp(stays[i], name) == 0)
                        return false;
        return true;
}

void decode_normalise(char *path)
{
        size_t used = 0;

        for (const char *p = path; *p;) {
                size_t n;

                p += strspn(p, "/");
                n = strcspn(p, "/");
                if (n == 2 && p[0] == '.' && p[1] == '.') {
                        while (used > 0 && path[--used] != '/')
                                ;
                } else if (n > 0 && !(n == 1 && p[0] == '.')) {
                        path[used++] = '/';
                        memmove(path + used, p, n);
                        used += n;
                }
                p += n;
        }
        if (used == 0)
                path[used++] = '/';
        path[used] = '\0';
}

/* "/usr/lib" of "lib", "usr". */
static void add_base(struct text *t, const char *base, size_t length)
{
        const char *parts[PATH_ROOM];
        size_t lengths[PATH_ROOM], count = 0;

        for (size_t at = 0; at < length && count < PATH_ROOM; count++) {
                parts[count] = base + at;
                lengths[count] = strnlen(base + at, length - at);
                at += lengths[count] + 1;
        }
        while (count-- > 0) {
                text_add(t, "/");
                text_addn(t, parts[count], lengths[count]);
        }
}

int decode_path(const char *base, size_t base_length, const char *text, size_t text_length,
                char **ret, char **ret_raw)
{
        scoped(text_done) struct text t = { 0 };
        scoped(mem_freep) char *path = NULL, *raw = NULL;

        text_length = text ? strnlen(text, text_length) : 0;
        if (text_length == 0 || text[0] != '/')
                add_base(&t, base, base ? base_length : 0);
        text_add(&t, "/");
        text_addn(&t, text ? text : "", text_length);
        raw = text_take(&t);
        path = raw ? strdup(raw) : NULL;
        if (!path)
                return -ENOMEM;
        decode_normalise(path);
        *ret = take(path);
        if (ret_raw)
                *ret_raw = take(raw);
        return 0;
}

/* Bytes that are no plain characters become \xNN, so that a name stays the name it is. */
static void add_escaped(struct text *t, const char *bytes, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (bytes[i] > ' ' && bytes[i] < 0x7f && bytes[i] != '\\')
                        text_addn(t, bytes + i, 1);
                else
                        text_addf(t, "\\x%02x", (unsigned char)bytes[i]);
}

static char *unix_name(const char *text, size_t length, const char *base, size_t base_length)
{
        struct text t = { 0 };
        char *path = NULL;

        if (length > 0 && text[0] == '\0') {
                text_add(&t, "@");
                add_escaped(&t, text + 1, length - 1);
                return text_take(&t);
        }
        return decode_path(base, base_length, text, length, &path, NULL) < 0 ? NULL : path;
}

char *decode_address(unsigned family, const char *text, size_t text_length, const char *base,
                     size_t base_length)
{
        static const char mapped[12] = "\0\0\0\0\0\0\0\0\0\0\xff\xff";
        char shown[INET6_ADDRSTRLEN] = "";

        if (text_length == 0)
                return strdup("");
        if (family == AF_UNIX)
                return unix_name(text, text_length, base, base_length);
        if (family == AF_INET && text_length >= 4)
                inet_ntop(AF_INET, text, shown, sizeof(shown));
        /* The packets of a mapped address are IPv4, and so are the rules that meet them. */
        else if (family == AF_INET6 && text_length >= 16)
                inet_ntop(memcmp(text, mapped, 12) == 0 ? AF_INET : AF_INET6,
                          memcmp(text, mapped, 12) == 0 ? text + 12 : text, shown, sizeof(shown));
        return strdup(shown);
}
