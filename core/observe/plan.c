/* plan.c - the table of plan.inc, by number. */
#include "core/observe/plan.h"

#include "core/base/base.h"
#include "core/catalogue/dialect.h"

#include <string.h>

/* One call.  Arguments are counted from 1 here, 0 is none: so rows say only what they have. */
struct row {
        const char *name;
        unsigned notes, access, access2;
        int path, dirfd, path2, dirfd2, flags;
        int arg[WIRE_PLAN_ARGS];
        unsigned long long mask[WIRE_PLAN_ARGS];
};

enum {
        HOW = -1,       /* .flags: in the struct open_how at .arg[0] */
        MODE = 07777,   /* bits of a mode */
        KIND = 0177777, /* and the file's type; a file descriptor's or memory's flags */
        PROT = 7,       /* PROT_READ, WRITE, EXEC */
        MAP = 0x42033,  /* MAP_SHARED, PRIVATE, FIXED, ANONYMOUS, LOCKED, HUGETLB */
        TYPE = 0xf,     /* SOCK_* without its flags */
        SIGNALS = 0x7f,
        SPACES = 0x7e020000,     /* CLONE_NEW* as clone() has them */
        SPACES3 = SPACES | 0x80, /* and CLONE_NEWTIME, which is an exit signal there */
};
#define INT 0xffffffffULL

/* clang-format off */
#define PATH(call, p, d, a) \
        { .name = #call, .notes = NOTE_PATH, .path = p, .dirfd = d, .access = a }
#define PATH_AT(call, p, d, a, f) \
        { .name = #call, .notes = NOTE_PATH, .path = p, .dirfd = d, .flags = f, .access = a }
#define REMOVE(call, p, d, f) \
        { .name = #call, .notes = NOTE_PATH, .path = p, .dirfd = d, .flags = f, \
          .access = ACCESS_DELETE }
#define ROOT(call, p, a) \
        { .name = #call, .notes = NOTE_PATH | NOTE_ROOT, .path = p, .access = a }
#define PATH_ARG(call, p, d, a, n, m) \
        { .name = #call, .notes = NOTE_PATH | NOTE_ARGS, .path = p, .dirfd = d, .access = a, \
          .arg = { n }, .mask = { m } }
#define PATH_ARGS(call, p, d, a, n, m, n2, m2) \
        { .name = #call, .notes = NOTE_PATH | NOTE_ARGS, .path = p, .dirfd = d, .access = a, \
          .arg = { n, n2 }, .mask = { m, m2 } }
#define PATHS(call, p, d, a, p2, d2, a2) \
        { .name = #call, .notes = NOTE_PATH | NOTE_PATH2, .path = p, .dirfd = d, .access = a, \
          .path2 = p2, .dirfd2 = d2, .access2 = a2 }
#define ATTACH(call, p, d, p2, d2, n) \
        { .name = #call, .notes = NOTE_PATH | NOTE_PATH2 | NOTE_ABSOLUTE | NOTE_ARGS, .path = p, \
          .dirfd = d, .access = ACCESS_MOUNT, .path2 = p2, .dirfd2 = d2, .access2 = ACCESS_LOOK, \
          .arg = { n }, .mask = { INT } }
#define OPEN(call, p, d, f, n) \
        { .name = #call, .notes = NOTE_OPEN, .path = p, .dirfd = d, .flags = f, \
          .arg = { n }, .mask = { MODE } }
#define EXEC(call, p, d) \
        { .name = #call, .notes = NOTE_EXEC, .path = p, .dirfd = d, .access = ACCESS_EXEC }
#define FD(call, d, a) { .name = #call, .notes = NOTE_FD, .dirfd = d, .access = a }
#define FD_ARG(call, d, a, n, m) \
        { .name = #call, .notes = NOTE_FD | NOTE_ARGS, .dirfd = d, .access = a, \
          .arg = { n }, .mask = { m } }
#define DEVICE(call, d, n) \
        { .name = #call, .notes = NOTE_DEVICE | NOTE_ARGS, .dirfd = d, .arg = { n }, \
          .mask = { INT } }
#define ADDRESS(call, d, p, f) \
        { .name = #call, .notes = NOTE_ADDRESS, .dirfd = d, .path = p, .flags = f }
#define MESSAGE(call, d, p) { .name = #call, .notes = NOTE_MSGHDR, .dirfd = d, .path = p }
#define PEER(call)          { .name = #call, .notes = NOTE_PEER }
#define ARG(call, n, m)     { .name = #call, .notes = NOTE_ARGS, .arg = { n }, .mask = { m } }
#define ARGS(call, n, m, n2, m2) \
        { .name = #call, .notes = NOTE_ARGS, .arg = { n, n2 }, .mask = { m, m2 } }
#define ARGS3(call, n, m, n2, m2, n3, m3) \
        { .name = #call, .notes = NOTE_ARGS, .arg = { n, n2, n3 }, .mask = { m, m2, m3 } }
#define SMALL(call, n, n2, n3) \
        { .name = #call, .notes = NOTE_ARGS | NOTE_SMALL, .arg = { n, n2, n3 }, \
          .mask = { INT, ~0ULL, ~0ULL } }
#define STRUCT(call, p, offset, m, n2) \
        { .name = #call, .notes = NOTE_ARGS | NOTE_STRUCT, .path = p, .flags = offset + 1, \
          .arg = { 0, n2 }, .mask = { m, INT } }
#define MAPPING(call, prot, flag, d) \
        { .name = #call, .notes = NOTE_MMAP | NOTE_ARGS, .flags = prot, .dirfd = d, \
          .arg = { prot, flag }, .mask = { PROT, MAP } }
#define NAMESPACE(call, d, n) \
        { .name = #call, .notes = NOTE_ARGS | NOTE_NAMESPACE, .dirfd = d, .arg = { n }, \
          .mask = { INT } }
/* clang-format on */

static const struct row rows[] = {
#include "core/observe/plan.inc"
};

static void convert(const struct row *row, struct wire_plan *ret)
{
        *ret = (struct wire_plan){
                .notes = row->notes,
                .access = row->access,
                .access2 = row->access2,
                .path = (__s8)(row->path - 1),
                .dirfd = (__s8)(row->dirfd - 1),
                .path2 = (__s8)(row->path2 - 1),
                .dirfd2 = (__s8)(row->dirfd2 - 1),
                .flags = (__s8)(row->flags - 1),
        };
        for (size_t i = 0; i < WIRE_PLAN_ARGS; i++) {
                ret->arg[i] = (__s8)(row->arg[i] - 1);
                ret->mask[i] = row->mask[i];
        }
}

const char *plan_at(size_t i, struct wire_plan *ret)
{
        if (i >= COUNT(rows))
                return NULL;
        convert(&rows[i], ret);
        return rows[i].name;
}

void plan_fill(struct wire_plan slots[static WIRE_COMPAT])
{
        memset(slots, 0, WIRE_COMPAT * sizeof(*slots));
        for (size_t i = 0; i < COUNT(rows); i++) {
                int number = syscall_number(rows[i].name);

                if (number >= 0 && number < WIRE_COMPAT)
                        convert(&rows[i], &slots[number]);
        }
}
