/* observer_cgroup.c - where a unit's processes are: control groups by their numbers. */
#include "core/observe/observer_private.h"

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { PROC_LIMIT = 4 << 20 };

/* "36 35 0:30 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw"; the fifth word is the folder. */
static int look_at_line(const char *line, char **ret)
{
        scoped(strv_freep) char **words = NULL;
        const char *dash = strstr(line, " - cgroup2 ");
        int r;

        if (!dash || *ret)
                return 0;
        r = strv_split(line, " ", &words);
        if (r < 0)
                return r;
        /* A bind mount of a part of the hierarchy would count the depth from elsewhere. */
        if (strv_length(words) < 5 || strcmp(words[3], "/") != 0)
                return 0;
        *ret = strdup(words[4]);
        return *ret ? 0 : -ENOMEM;
}

int cgroup2_mount(char **ret, struct err *e)
{
        scoped(mem_freep) char *text = NULL;
        scoped(mem_freep) char *found = NULL;
        scoped(strv_freep) char **lines = NULL;
        int r = file_read(AT_FDCWD, "/proc/self/mountinfo", PROC_LIMIT, &text, NULL, e);

        if (r < 0)
                return r;
        r = strv_split(text, "\n", &lines);
        for (char **line = lines; r >= 0 && line && *line; line++)
                r = look_at_line(*line, &found);
        if (r < 0)
                return err_set(e, r, "cannot find the control groups");
        if (!found)
                return err_say(e, 1,
                               "Watching needs control groups of version 2, which are not mounted "
                               "here; trying works without (gird try).");
        *ret = take(found);
        return 0;
}

/* How many names there are in "/a/b". */
static uint32_t depth(const char *path)
{
        uint32_t n = 0;

        for (path += strspn(path, "/"); *path; path += strspn(path, "/")) {
                path += strcspn(path, "/");
                n++;
        }
        return n;
}

int cgroup_own_depth(uint32_t *ret)
{
        scoped(mem_freep) char *text = NULL;
        char *line;
        int r = file_read(AT_FDCWD, "/proc/self/cgroup", PROC_LIMIT, &text, NULL, NULL);

        if (r < 0)
                return r;
        line = text_starts(text, "0::") ? text : strstr(text, "\n0::");
        if (!line)
                return -ENOENT;
        line += *line == '\n';
        line[strcspn(line, "\n")] = '\0';
        *ret = depth(line + strlen("0::"));
        return 0;
}

static uint64_t count_processes(const char *folder)
{
        scoped(mem_freep) char *path = text_format("%s/cgroup.procs", folder);
        scoped(mem_freep) char *text = NULL;
        uint64_t n = 0;

        if (!path || file_read(AT_FDCWD, path, PROC_LIMIT, &text, NULL, NULL) < 0)
                return 0;
        for (const char *p = text; (p = strchr(p, '\n')); p++)
                n++;
        return n;
}

int cgroup_place(const char *mount, const char *path, struct cgroup_place *ret)
{
        const char *below = text_starts(path, mount) ? path + strlen(mount) : path;
        scoped(mem_freep) char *full = text_format("%s/%s", mount, below);
        struct stat st;

        if (!full)
                return -ENOMEM;
        if (stat(full, &st) < 0)
                return errno == ENOENT ? 1 : -errno;
        *ret = (struct cgroup_place){ st.st_ino, depth(below), count_processes(full) };
        return 0;
}

int cgroup_name(const char *unit, char *name, size_t room)
{
        static const char *const files[] = {
                "cgroup", "cpu",    "cpuacct", "cpuset",  "io",
                "blkio",  "memory", "devices", "pids",    "hugetlb",
                "rdma",   "misc",   "freezer", "net_cls", "perf_event"
        };
        size_t first = strcspn(unit, ".");
        bool like = unit[0] == '_' || unit[0] == '.' || strcmp(unit, "tasks") == 0 ||
                    strcmp(unit, "notify_on_release") == 0 || strcmp(unit, "release_agent") == 0;
        int n;

        for (size_t i = 0; i < COUNT(files); i++)
                if (strlen(files[i]) == first && strncmp(files[i], unit, first) == 0 && unit[first])
                        like = true;
        n = snprintf(name, room, "%s%s", like ? "_" : "", unit);
        return n < 0 || (size_t)n >= room ? -ENAMETOOLONG : 0;
}

bool cgroup_within(const char *text, const char *name)
{
        const char *line = text_starts(text, "0::") ? text : strstr(text, "\n0::");
        size_t n = strlen(name);

        if (!line || n == 0)
                return false;
        line += *line == '\n';
        for (const char *p = line + 3; *p && *p != '\n';) {
                size_t length;

                p += strspn(p, "/");
                length = strcspn(p, "/\n");
                if (length == n && strncmp(p, name, n) == 0)
                        return true;
                p += length;
        }
        return false;
}

/* A live unit comes back in the same folder's folder, where that one is sure to stay: slices of
 * their own go and come. */
static int find_parent(const char *mount, const char *cgroup, __u64 *ret)
{
        const char *below = text_starts(cgroup, mount) ? cgroup + strlen(mount) : cgroup;
        scoped(mem_freep) char *parent = strdup(below);
        struct cgroup_place place = { 0 };
        char *slash;
        int r;

        if (!parent)
                return -ENOMEM;
        slash = strrchr(parent, '/');
        if (slash)
                *slash = '\0';
        if (strcmp(parent, "") != 0 && strcmp(parent, "/system.slice") != 0)
                return 0;
        r = cgroup_place(mount, parent, &place);
        *ret = place.id;
        return r < 0 ? r : 0;
}

int cgroup_config(const struct observer_options *o, struct wire_config *ret,
                  struct cgroup_place *ret_running, struct err *e)
{
        scoped(mem_freep) char *mount = NULL;
        struct cgroup_place prefix = { 0 };
        int r = cgroup2_mount(&mount, e);

        if (r != 0)
                return r;
        r = cgroup_name(o->unit, ret->unit, sizeof(ret->unit));
        if (r < 0)
                return err_set(e, r, "cannot watch %s", o->unit);
        if (o->prefix) {
                r = cgroup_place(mount, o->prefix, &prefix);
                if (r != 0)
                        return err_set(e, r < 0 ? r : -ENOENT, "cannot look at control group %s",
                                       o->prefix);
                ret->prefix_id = prefix.id;
                ret->prefix_level = prefix.level;
        }
        if (!o->cgroup)
                return 0;
        r = cgroup_place(mount, o->cgroup, ret_running);
        if (r >= 0 && !o->prefix)
                r = find_parent(mount, o->cgroup, &ret->parent_id);
        /* It may have ended in the meantime: its next start is waited for. */
        return r < 0 ? err_set(e, r, "cannot look at control group %s", o->cgroup) : 0;
}
