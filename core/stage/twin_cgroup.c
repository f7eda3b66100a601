/* twin_cgroup.c - a control group for each twin: in a shared one, a BPF program of one twin's
 * unit would act on the other's. */
#include "core/stage/twin_private.h"

#include "core/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

enum { MOUNTINFO_LIMIT = 64 << 20, CGROUP_LIMIT = 64 << 10 };

/* Takes the mount point out of one line of mountinfo if it is a hierarchy we look for. */
static int look_at_line(const char *line, char **v2, char **named)
{
        scoped(strv_freep) char **fields = NULL;
        scoped(strv_freep) char **options = NULL;
        const char *dash = strstr(line, " - ");
        char **slot = NULL;
        int r;

        if (!dash)
                return 0;
        r = strv_split(line, " ", &fields);
        if (r < 0)
                return r;
        r = strv_split(strrchr(dash, ' ') + 1, ",", &options);
        if (r < 0)
                return r;
        if (text_starts(dash, " - cgroup2 "))
                slot = v2;
        else if (text_starts(dash, " - cgroup ") && strv_has(options, "name=systemd"))
                slot = named;
        if (!slot || *slot || strv_length(fields) < 6)
                return 0;
        *slot = strdup(fields[4]);
        return *slot ? 0 : -ENOMEM;
}

int cgroup_find(char **ret_v2, char **ret_named, struct err *e)
{
        scoped(mem_freep) char *text = NULL;
        scoped(strv_freep) char **lines = NULL;
        scoped(mem_freep) char *v2 = NULL;
        scoped(mem_freep) char *named = NULL;
        int r = file_read(AT_FDCWD, "/proc/self/mountinfo", MOUNTINFO_LIMIT, &text, NULL, e);

        if (r < 0)
                return r;
        r = strv_split(text, "\n", &lines);
        for (char **line = lines; r >= 0 && line && *line; line++)
                r = look_at_line(*line, &v2, &named);
        if (r < 0)
                return err_set(e, r, "cannot find the control groups");
        if (!v2)
                return err_say(e, 1,
                               "control groups of version 2 are not mounted here; a twin needs "
                               "them");
        *ret_v2 = take(v2);
        if (ret_named)
                *ret_named = take(named);
        return 0;
}

static int write_value(const char *folder, const char *file, const char *value)
{
        scoped(mem_freep) char *path = text_format("%s/%s", folder, file);
        scoped(fd_closep) int fd = -1;

        if (!path)
                return -ENOMEM;
        fd = open(path, O_WRONLY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        return write(fd, value, strlen(value)) < 0 ? -errno : 0;
}

/* Where the machine has the controllers on at this level; otherwise there is no limit. */
static void set_limits(const char *folder, const struct limits_wanted *limits)
{
        char value[32];

        snprintf(value, sizeof(value), "%llu", (unsigned long long)limits->memory);
        (void)write_value(folder, "memory.max", value);
        snprintf(value, sizeof(value), "%u", limits->tasks);
        (void)write_value(folder, "pids.max", value);
        (void)write_value(folder, "cpu.weight", "50");
}

static int make_folder(const char *below, const char *name, char **ret)
{
        char *path = text_format("%s/%s", below, name);

        if (!path)
                return -ENOMEM;
        *ret = path;
        return mkdir(path, 0755) < 0 ? -errno : 0;
}

int cgroup_open_own(const char *name, pid_t pid, const struct limits_wanted *limits,
                    struct cgroup *ret, struct err *e)
{
        scoped(mem_freep) char *v2 = NULL;
        scoped(mem_freep) char *named = NULL;
        char number[16];
        int r = cgroup_find(&v2, &named, e);

        if (r != 0)
                return r;
        r = make_folder(v2, name, &ret->folders[0]);
        if (r == 0 && named)
                r = make_folder(named, name, &ret->folders[1]);
        if (r == -EROFS || r == -EACCES || r == -EPERM)
                return err_say(e, 1,
                               "this container does not let root make control groups below %s, so "
                               "no twin can be made in it",
                               v2);
        if (r < 0)
                return err_set(e, r, "cannot make a control group below %s", v2);
        r = device_policy(ret->folders[0], e);
        if (r != 0)
                return r;
        set_limits(ret->folders[0], limits);
        snprintf(number, sizeof(number), "%d", (int)pid);
        for (size_t i = 0; r == 0 && i < COUNT(ret->folders) && ret->folders[i]; i++)
                r = write_value(ret->folders[i], "cgroup.procs", number);
        if (r < 0)
                return err_set(e, r, "cannot move the twin into its control group");
        ret->path = strdup(ret->folders[0]);
        return ret->path ? 0 : err_set(e, -ENOMEM, "cannot make a control group");
}

int cgroup_open_scope(const char *name, pid_t pid, const struct limits_wanted *limits,
                      struct manager *host, struct job *job, struct cgroup *ret, struct err *e)
{
        scoped(mem_freep) char *scope = text_format("%s.scope", name);
        scoped(mem_freep) char *memory = text_format("MemoryMax=%llu",
                                                     (unsigned long long)limits->memory);
        scoped(mem_freep) char *tasks = text_format("TasksMax=%u", limits->tasks);
        char *properties[] = {
                (char *)"Description=Twin of this machine, made by gird",
                (char *)"Delegate=yes",
                (char *)"CollectMode=inactive-or-failed",
                (char *)"DevicePolicy=closed",
                (char *)"DeviceAllow=char-pts rw",
                (char *)"DeviceAllow=/dev/net/tun rwm",
                (char *)"CPUWeight=50",
                (char *)"TimeoutStopUSec=500000", /* nothing in it is worth a clean end */
                memory,
                tasks,
                NULL,
        };
        int r;

        if (!scope || !memory || !tasks)
                return err_set(e, -ENOMEM, "cannot make a scope");
        r = manager_scope(host, job, scope, &pid, 1, properties, e);
        if (r < 0)
                return r;
        if (r > 0)
                return err_say(e, -EIO, "systemd could not make the scope %s", scope);
        return cgroup_of(pid, &ret->path, e);
}

int cgroup_of(pid_t pid, char **ret, struct err *e)
{
        scoped(mem_freep) char *v2 = NULL;
        scoped(mem_freep) char *text = NULL;
        scoped(strv_freep) char **lines = NULL;
        char path[40] = "/proc/self/cgroup";
        int r = cgroup_find(&v2, NULL, e);

        if (r != 0)
                return r < 0 ? r : -ENOENT;
        if (pid != 0)
                snprintf(path, sizeof(path), "/proc/%d/cgroup", (int)pid);
        r = file_read(AT_FDCWD, path, CGROUP_LIMIT, &text, NULL, e);
        if (r < 0)
                return r;
        r = strv_split(text, "\n", &lines);
        for (char **line = lines; r >= 0 && line && *line; line++) {
                if (!text_starts(*line, "0::/"))
                        continue;
                *ret = text_format("%s%s", v2, *line + 3);
                return *ret ? 0 : err_set(e, -ENOMEM, "cannot find a control group");
        }
        return err_set(e, r < 0 ? r : -ENOENT, "cannot find the control group of process %d",
                       (int)pid);
}

/* The folders themselves are the sweeper's. */
void cgroup_done(struct cgroup *c)
{
        for (size_t i = 0; i < COUNT(c->folders); i++)
                free(c->folders[i]);
        free(c->path);
        *c = (struct cgroup){ 0 };
}
