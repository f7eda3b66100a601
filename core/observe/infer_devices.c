/* infer_devices.c - which device nodes a unit can do without. */
#include "core/observe/infer_devices.h"

#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* What a private /dev has too: nodes, mounts and links. */
#define ORDINARY                                                                                   \
        "/dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty /dev/ptmx /dev/pts "      \
        "/dev/shm /dev/mqueue /dev/hugepages /dev/log /dev/fd /dev/stdin /dev/stdout /dev/stderr"

/* Mounts of their own in it, which stay writable. */
#define MOUNTS "/dev/shm /dev/mqueue /dev/hugepages /dev/pts"

enum { USED = ACCESS_READ | ACCESS_WRITE | ACCESS_TRUNCATE | ACCESS_CHANGE | ACCESS_WATCH };

/* ---- PrivateDevices= ---- */

static bool is_special(const struct inference *in, const struct act *a)
{
        bool is_folder = strcmp(a->text, "/dev") == 0 && !(a->flags & ACT_GENERAL);

        (void)in;
        return !is_folder && !below_any(a->text, ORDINARY);
}

static bool is_outside_mounts(const struct inference *in, const struct act *a)
{
        (void)in;
        return !below_any(a->text, MOUNTS);
}

static bool makes_node(const struct inference *in, const struct act *a)
{
        (void)in;
        return S_ISCHR(a->a) || S_ISBLK(a->a);
}

/* clang-format off */
static const struct need private_devices[] = {
        { .kind = ACT_PATH, .folders = "/dev", .access = USED, .when = is_special, .absent = true,
          .why = "it uses a device that a private /dev does not have" },
        { .kind = ACT_PATH, .folders = "/dev", .access = ACCESS_CREATE | ACCESS_DELETE,
          .when = is_outside_mounts, .why = "it makes or removes names in /dev" },
        { .kind = ACT_PATH, .folders = "/dev", .access = ACCESS_EXEC | ACCESS_MAP_EXEC,
          .when = is_outside_mounts, .why = "it executes memory or a program from /dev" },
        { .kind = ACT_EXEC, .folders = "/dev", .when = is_outside_mounts,
          .why = "it executes a program from /dev" },
        { .kind = ACT_ARGS, .names = "mknod mknodat", .when = makes_node,
          .why = "it makes device nodes" },
        { .kind = ACT_CALL, .names = "@raw-io", .why = "it asks for raw input and output" },
        { .kind = ACT_CAP, .mask = UINT64_MAX, .value = 27,
          .why = "it needs the capability to make device nodes" },
        { .kind = ACT_CAP, .mask = UINT64_MAX, .value = 17,
          .why = "it needs the capability of raw input and output" },
        { .kind = ACT_PATH, .folders = "/dev", .access = ACCESS_LOOK, .when = is_special,
          .absent = true, .doubt = true,
          .why = "it looks whether a device is there that a private /dev does not have" },
        { .why = NULL },
};
/* clang-format on */

/* ---- DevicePolicy= and DeviceAllow= ---- */

enum { RIGHT_READ = 1, RIGHT_WRITE = 2, RIGHT_MAKE = 4 };

static unsigned major_of(uint32_t rdev)
{
        return (rdev & 0xfff00) >> 8;
}

static unsigned minor_of(uint32_t rdev)
{
        return (rdev & 0xff) | (rdev >> 12 & 0xfff00);
}

/* What DevicePolicy=closed permits to everyone. */
static bool is_standard(const struct device *d)
{
        static const unsigned char memory[] = { 3, 5, 7, 8, 9 };

        if (d->block || !d->known)
                return false;
        for (size_t i = 0; i < COUNT(memory); i++)
                if (d->major == 1 && d->minor == memory[i])
                        return true;
        if (d->major == 5)
                return d->minor == 0 || d->minor == 2;
        return d->major >= 136 && d->major <= 143;
}

void devices_done(struct devices *list)
{
        free(list->items);
        *list = (struct devices){ 0 };
}

static bool is_same(const struct device *a, const struct device *b)
{
        if (a->known != b->known)
                return false;
        if (!a->known)
                return strcmp(a->path, b->path) == 0;
        return a->block == b->block && a->major == b->major && a->minor == b->minor;
}

static int add_device(struct devices *list, const struct device *d)
{
        struct device *more;

        for (size_t i = 0; i < list->count; i++)
                if (is_same(&list->items[i], d)) {
                        list->items[i].rights |= d->rights;
                        list->items[i].many |= d->many;
                        return 0;
                }
        more = reallocarray(list->items, list->count + 1, sizeof(*more));
        if (!more)
                return -ENOMEM;
        list->items = more;
        more[list->count++] = *d;
        return 0;
}

/* Whether the act is about a device that has to be allowed. */
static bool read_act(const struct act *a, struct device *ret)
{
        bool node = S_ISCHR(a->mode) || S_ISBLK(a->mode);
        struct device d = { .act = a, .many = a->flags & ACT_GENERAL };

        if (a->kind == ACT_ARGS) {
                d.known = a->b != 0; /* else its number was not told */
                d.block = S_ISBLK(a->a);
                d.major = major_of((uint32_t)a->b);
                d.minor = minor_of((uint32_t)a->b);
                d.rights = RIGHT_MAKE;
        } else {
                if (a->a & ACCESS_READ)
                        d.rights |= RIGHT_READ;
                if (a->a & (ACCESS_WRITE | ACCESS_TRUNCATE))
                        d.rights |= RIGHT_WRITE;
                if (!d.rights || (!node && (a->mode || !path_below(a->text, "/dev"))))
                        return false;
                d.known = node && a->rdev;
                d.block = S_ISBLK(a->mode);
                d.major = major_of(a->rdev);
                d.minor = minor_of(a->rdev);
                if (!d.known && below_any(a->text, ORDINARY " " MOUNTS))
                        return false;
                if (!d.known && strcmp(a->text, "/dev") == 0 && !d.many)
                        return false;
        }
        d.path = a->text ? a->text : "";
        *ret = d;
        return !is_standard(&d);
}

/* All devices that were used, but those that everyone may use. */
static int collect(const struct inference *in, enum act_kind kind, struct devices *list)
{
        const struct behaviour *b = in->o->behaviour;

        for (const struct act *a = behaviour_first(b, kind); a; a = behaviour_next(b, a)) {
                struct device d;
                int r;

                if (a->error || (kind == ACT_PATH && !a->text))
                        continue;
                if (kind == ACT_ARGS &&
                    !(a->name && names_have(in, "mknod mknodat", a->name) && makes_node(in, a)))
                        continue;
                r = read_act(a, &d) ? add_device(list, &d) : 0;
                if (r < 0)
                        return r;
        }
        return 0;
}

static int advise_closed(struct inference *in)
{
        static char *const closed[] = { (char *)"closed", NULL };
        scoped(devices_done) struct devices list = { 0 };
        scoped(strv_freep) char **lines = NULL;
        int r = collect(in, ACT_PATH, &list);

        if (r == 0)
                r = collect(in, ACT_ARGS, &list);
        if (r < 0)
                return r;
        if (list.count == 0) {
                r = advise_safe(in, D_DevicePolicy, BASIS_DEVICES, closed, NULL,
                                "it used no device but those that every service may use");
                return r < 0 ? r
                             : advise_safe(in, D_DeviceAllow, BASIS_DEVICES, NULL, NULL,
                                           "no device has to be allowed to it");
        }
        r = devices_lines(in, &list, &lines);
        if (r < 0)
                return r;
        if (r == 1) {
                r = advise_unknown(in, D_DevicePolicy, closed, list.items[0].act,
                                   "it used devices that cannot be named one by one");
                return r < 0 ? r
                             : advise_unknown(in, D_DeviceAllow, NULL, list.items[0].act,
                                              "it used devices that cannot be named one by one");
        }
        r = advise_safe(in, D_DevicePolicy, BASIS_DEVICES, closed, list.items[0].act,
                        "\"strict\" keeps even /dev/null from a service, which then does not "
                        "start; with \"closed\" what else it used has to be allowed");
        return r < 0 ? r
                     : advise_safe(in, D_DeviceAllow, BASIS_DEVICES, lines, list.items[0].act,
                                   "it used what is listed, with these rights and no more");
}

int infer_devices(struct inference *in)
{
        const struct rungs private = {
                D_PrivateDevices,
                BASIS_DEVICES,
                "it used no device but the pseudo devices that a private /dev has",
                { { "yes", private_devices } },
        };
        int r = advise_rungs(in, &private);

        return r < 0 ? r : advise_closed(in);
}
