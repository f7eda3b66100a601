/* lessons_stage.c - what a lesson lays into its twin: the service's program and unit, its files,
 * the machine next door.  Nothing of it is ever on the machine itself. */
#include "tui/lessons.h"

#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/breach/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#define UNITS   "/etc/systemd/system"
#define DEVICE  "lesson-camera"
#define PROGRAM "/usr/local/lib/gird-lesson/serve"

static const uint64_t START_LIMIT = 20000000;

/* The machine next door, the others' files: all in the twin only. */
static const struct {
        const char *path, *text;
} files[] = {
        { "/srv/gird-lesson/index.html", "<p>Welcome.</p>\n" },
        { "/srv/gird-lesson/customers", "Ada, 12 Analytical Lane\n" },
        { "/var/log/gird-lesson/README", "Logs of the lesson's service.\n" },
        { "/var/lib/gird-lesson/README", "State of the lesson's service.\n" },
        { "/var/lib/gird-lesson/reports/README", "Its reports.\n" },
        { "/tmp/gird-lesson-note", "Left here by another service.\n" },
};

static int put_units(const struct lesson *l, struct stage *stage, struct err *e)
{
        scoped(mem_freep) char *name = lesson_unit(l), *unit = lesson_part(l, "Unit");
        scoped(mem_freep) char *path = text_format(UNITS "/%s", name ? name : "");
        int r = name && unit && path ? stage->ops->put(stage, path, unit, e)
                                     : err_set(e, -ENOMEM, "cannot put the lesson's unit");

        for (size_t i = 0; r >= 0; i++) {
                scoped(mem_freep) char *file = NULL, *text = NULL, *where = NULL;

                r = lesson_beside(l, "Drop-in", i, &file, &text);
                if (r != 0)
                        break;
                where = text_format(UNITS "/%s.d/%s", name, file);
                r = where ? stage->ops->put(stage, where, text, e) : -ENOMEM;
        }
        for (size_t i = 0; r >= 0; i++) {
                scoped(mem_freep) char *file = NULL, *text = NULL, *where = NULL;

                r = lesson_beside(l, "Unit", i, &file, &text);
                if (r != 0)
                        break;
                where = text_format(UNITS "/%s", file);
                r = where ? stage->ops->put(stage, where, text, e) : -ENOMEM;
        }
        return r < 0 ? r : 0;
}

/* Those beside it that run all the time. */
static int start_others(const struct lesson *l, struct stage *stage, struct job *job, struct err *e)
{
        struct manager *m = stage->ops->manager(stage);
        int r = manager_reload(m, job, e);

        for (size_t i = 0; r >= 0; i++) {
                scoped(mem_freep) char *name = NULL, *text = NULL;
                const char *result = NULL;

                r = lesson_beside(l, "Unit", i, &name, &text);
                if (r != 0)
                        break;
                r = manager_start(m, job, name, START_LIMIT, &result, e);
                if (r == 1)
                        return err_say(e, -EIO, "%s of the lesson does not start in the twin: %s",
                                       name, result);
        }
        return r < 0 ? r : 0;
}

/* A device beside the harmless ones: a twin has none that every machine has.  It is the network
 * tunnel's, which twins may open. */
static int put_device(struct stage *stage, struct err *e)
{
        scoped(fd_closep) int root = open(stage->ops->root(stage),
                                          O_PATH | O_DIRECTORY | O_CLOEXEC);
        scoped(fd_closep) int dev = -1;
        int r = root < 0 ? err_set(e, -errno, "cannot open the files of the twin")
                         : stage->ops->put(stage, "/run/gird-lesson", "", e);

        if (r < 0) /* had it ended before, its root could be another's */
                return r;
        dev = openat(root, "dev", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (dev < 0 ||
            (mknodat(dev, DEVICE, S_IFCHR | 0600, makedev(10, 200)) < 0 && errno != EEXIST))
                return err_set(e, -errno, "cannot make /dev/" DEVICE " in the twin");
        return 0;
}

int lesson_furnish(const struct lesson *l, struct stage *stage, struct job *job, struct err *e)
{
        int r = inside_put_intruder(stage, PROGRAM, e);

        if (r >= 0)
                r = put_device(stage, e);

        for (size_t i = 0; r >= 0 && i < COUNT(files); i++)
                r = stage->ops->put(stage, files[i].path, files[i].text, e);
        if (r >= 0)
                r = put_units(l, stage, e);
        return r < 0 ? r : start_others(l, stage, job, e);
}
