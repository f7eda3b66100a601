/* binary_version.c - which build of a program this is: the build id in its notes, else its size and
 * time.  The file may be anything: no offset or size in it is believed. */
#include "core/observe/behaviour.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <elf.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

enum {
        SEGMENTS = 256,       /* looked at, at most */
        NOTES_ROOM = 1 << 16, /* of one segment */
        ID_LEAST = 4,
        ID_MOST = 64,
};

/* Numbers of the file in its own byte order and width. */
struct elf {
        int fd;
        bool wide, swap;
        uint64_t segments; /* where their table is */
        unsigned count, size;
};

static uint64_t number_at(const struct elf *f, const unsigned char *bytes, size_t width)
{
        uint64_t number = 0;

        for (size_t i = 0; i < width; i++) {
                size_t from = f->swap ? i : width - 1 - i;

                number = number << 8 | bytes[from];
        }
        return number;
}

/* Exactly so many bytes; false at the end of the file. */
static bool read_at(int fd, void *out, size_t n, uint64_t where)
{
        size_t got = 0;

        if (where > INT64_MAX - n)
                return false;
        while (got < n) {
                ssize_t r = pread(fd, (char *)out + got, n - got, (off_t)(where + got));

                if (r < 0 && errno == EINTR)
                        continue;
                if (r <= 0)
                        return false;
                got += (size_t)r;
        }
        return true;
}

static bool open_elf(int fd, struct elf *ret)
{
        struct elf f = { .fd = fd };
        unsigned char head[sizeof(Elf64_Ehdr)];

        if (!read_at(fd, head, sizeof(Elf32_Ehdr), 0) || memcmp(head, ELFMAG, SELFMAG) != 0)
                return false;
        f.wide = head[EI_CLASS] == ELFCLASS64;
        f.swap = head[EI_DATA] == ELFDATA2MSB;
        if (f.wide && !read_at(fd, head, sizeof(Elf64_Ehdr), 0))
                return false;
        f.segments = f.wide ? number_at(&f, head + offsetof(Elf64_Ehdr, e_phoff), 8)
                            : number_at(&f, head + offsetof(Elf32_Ehdr, e_phoff), 4);
        f.size = (unsigned)number_at(&f,
                                     head + (f.wide ? offsetof(Elf64_Ehdr, e_phentsize)
                                                    : offsetof(Elf32_Ehdr, e_phentsize)),
                                     2);
        f.count = (unsigned)number_at(
                &f, head + (f.wide ? offsetof(Elf64_Ehdr, e_phnum) : offsetof(Elf32_Ehdr, e_phnum)),
                2);
        if (f.size < (f.wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr)))
                return false;
        if (f.count > SEGMENTS)
                f.count = SEGMENTS;
        *ret = f;
        return true;
}

/* Hexadecimal; NULL without one, or without memory. */
static char *id_in_notes(const struct elf *f, const unsigned char *notes, size_t n, size_t align)
{
        for (size_t at = 0; n - at >= 12;) {
                uint64_t name = number_at(f, notes + at, 4);
                uint64_t length = number_at(f, notes + at + 4, 4);
                uint64_t type = number_at(f, notes + at + 8, 4);
                uint64_t room = (12 + name + align - 1) / align * align - 12;
                struct text hex = { 0 };

                at += 12;
                if (room > n - at || length > n - at - room)
                        return NULL;
                if (type == NT_GNU_BUILD_ID && name == 4 && memcmp(notes + at, "GNU", 4) == 0 &&
                    length >= ID_LEAST && length <= ID_MOST) {
                        for (size_t i = 0; i < length; i++)
                                text_addf(&hex, "%02x", notes[at + room + i]);
                        return text_take(&hex);
                }
                at += room;
                length = (length + align - 1) / align * align;
                if (length > n - at)
                        return NULL;
                at += length;
        }
        return NULL;
}

static char *id_in_segment(const struct elf *f, uint64_t entry)
{
        scoped(mem_freep) unsigned char *notes = NULL;
        unsigned char head[sizeof(Elf64_Phdr)];
        uint64_t where, size, align;

        if (!read_at(f->fd, head, f->wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr), entry) ||
            number_at(f, head, 4) != PT_NOTE)
                return NULL;
        if (f->wide) {
                where = number_at(f, head + offsetof(Elf64_Phdr, p_offset), 8);
                size = number_at(f, head + offsetof(Elf64_Phdr, p_filesz), 8);
                align = number_at(f, head + offsetof(Elf64_Phdr, p_align), 8);
        } else {
                where = number_at(f, head + offsetof(Elf32_Phdr, p_offset), 4);
                size = number_at(f, head + offsetof(Elf32_Phdr, p_filesz), 4);
                align = number_at(f, head + offsetof(Elf32_Phdr, p_align), 4);
        }
        if (size > NOTES_ROOM)
                size = NOTES_ROOM;
        notes = malloc(size + 1);
        if (!notes || !read_at(f->fd, notes, size, where))
                return NULL;
        return id_in_notes(f, notes, size, align == 8 ? 8 : 4);
}

static char *build_id(int fd)
{
        struct elf f;
        char *id = NULL;

        if (!open_elf(fd, &f))
                return NULL;
        for (unsigned i = 0; i < f.count && !id; i++)
                if (f.segments <= INT64_MAX)
                        id = id_in_segment(&f, f.segments + (uint64_t)i * f.size);
        return id;
}

/* Below root, whose symlinks do not lead out of it. */
static int open_program(const char *root, const char *path)
{
        struct open_how how = { .flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
                                .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
        scoped(fd_closep) int top = open(*root ? root : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
        long fd = top < 0 ? -1 : syscall(SYS_openat2, top, path, &how, sizeof(how));

        if (fd >= 0 || top < 0 || (errno != ENOSYS && errno != EPERM))
                return (int)fd;
        path += strspn(path, "/");
        return openat(top, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);
}

char *binary_version(const char *root, const char *path)
{
        scoped(fd_closep) int fd = open_program(root ? root : "", path);
        struct stat st;
        char *id;

        if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
                return NULL;
        id = build_id(fd);
        return id ? id : text_format("%lld-%lld", (long long)st.st_size, (long long)st.st_mtime);
}
