/* infer_device_names.c - device nodes as DeviceAllow= names them: the node, or the whole class
 * where several of one driver were used, as their numbers change with what is plugged in. */
#include "core/observe/infer_devices.h"

#include "core/base/err.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

enum {
        CLASS_LEAST = 3, /* so many nodes of one driver stand for all of them */
        LIST_MOST = 1 << 16,
};

/* The name of a driver in /proc/devices below root; NULL: none, or out of memory, which only
 * makes the nodes be named one by one. */
static char *class_name(const char *root, const struct device *d)
{
        scoped(mem_freep) char *path = text_format("%s/proc/devices", root ? root : "");
        scoped(mem_freep) char *text = NULL;
        bool in_block = false;
        char *rest;

        if (!path || file_read(AT_FDCWD, path, LIST_MOST, &text, NULL, NULL) < 0)
                return NULL;
        rest = text;
        for (char *line; (line = strsep(&rest, "\n"));) {
                char *end = NULL;
                unsigned long number;

                if (text_starts(line, "Block devices"))
                        in_block = true;
                number = strtoul(line, &end, 10);
                if (end == line || *end != ' ' || in_block != d->block || number != d->major)
                        continue;
                end += strspn(end, " ");
                if (*end && !end[strcspn(end, " \t\"'\\*?[")])
                        return strdup(end);
        }
        return NULL;
}

static bool is_class(const struct devices *list, const struct device *d)
{
        size_t same = 0;

        if (!d->known)
                return false;
        for (size_t i = 0; i < list->count; i++) {
                const struct device *other = &list->items[i];

                if (other->known && other->block == d->block && other->major == d->major)
                        same += other->many ? CLASS_LEAST : 1;
        }
        return same >= CLASS_LEAST;
}

static unsigned rights_of_class(const struct devices *list, const struct device *d)
{
        unsigned rights = 0;

        for (size_t i = 0; i < list->count; i++)
                if (list->items[i].known && list->items[i].block == d->block &&
                    list->items[i].major == d->major)
                        rights |= list->items[i].rights;
        return rights;
}

/* What systemd takes as a node's path without quotes. */
static bool is_plain(const struct device *d)
{
        return !d->many && !(d->act->flags & ACT_CHROOT) && text_starts(d->path, "/dev/") &&
               d->path[5] && !d->path[strcspn(d->path, " \t\n\"'\\%*?[")];
}

/* "/dev/fuse", "char-input", "/dev/char/10:229"; "": none. */
static char *name_of(const struct inference *in, const struct devices *list, const struct device *d,
                     bool *ret_class)
{
        *ret_class = false;
        if (is_class(list, d)) {
                scoped(mem_freep) char *class = class_name(in->o->root, d);

                *ret_class = class != NULL;
                if (class)
                        return text_format("%s-%s", d->block ? "block" : "char", class);
        }
        if (is_plain(d))
                return strdup(d->path);
        if (d->known && !d->many)
                return text_format("/dev/%s/%u:%u", d->block ? "block" : "char", d->major,
                                   d->minor);
        return strdup("");
}

int devices_lines(const struct inference *in, const struct devices *list, char ***ret)
{
        scoped(strv_freep) char **lines = NULL;

        for (size_t i = 0; i < list->count; i++) {
                const struct device *d = &list->items[i];
                scoped(mem_freep) char *name = NULL, *line = NULL;
                unsigned rights = d->rights;
                bool whole;
                int r = 0;

                name = name_of(in, list, d, &whole);
                if (!name)
                        return -ENOMEM;
                if (!*name)
                        return 1;
                if (whole)
                        rights = rights_of_class(list, d);
                line = text_format("%s %s%s%s", name, rights & 1 ? "r" : "", rights & 2 ? "w" : "",
                                   rights & 4 ? "m" : "");
                if (!line)
                        return -ENOMEM;
                if (!strv_has(lines, line))
                        r = strv_add(&lines, line);
                if (r < 0)
                        return r;
        }
        *ret = take(lines);
        return 0;
}
