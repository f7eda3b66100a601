/* stage_group.c - the control group that a stage lives in, as an observer counts it. */
#include "core/trial/recording_private.h"

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/trial/trial_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

enum { CGROUP_LIMIT = 64 << 10 };

int stage_group(struct stage *stage, char **ret, struct err *e)
{
        scoped(mem_freep) char *text = NULL, *mount = NULL, *path = NULL, *group = NULL;
        char file[40];
        int k = recording_cgroup(&mount, e);

        if (k != 0)
                return k;
        snprintf(file, sizeof(file), "/proc/%d/cgroup", (int)stage->ops->init(stage));
        k = file_read(AT_FDCWD, file, CGROUP_LIMIT, &text, NULL, e);
        if (k < 0)
                return k;
        k = recording_cgroup_path(text, &path);
        if (k == 0) {
                group = text_format("%s%s", mount, strcmp(path, "/") == 0 ? "" : path);
                k = group ? 0 : -ENOMEM;
        }
        if (k != 0)
                return err_set(e, k > 0 ? -ENOENT : k, "cannot find the stage's control group");
        *ret = take(group);
        return 0;
}
