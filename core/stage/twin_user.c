/* twin_user.c - the systemd of a user in the twin: user@UID.service, by a unit of gird's own.
 *
 * The machine's user@.service opens a session by PAM, wants logind, and starts all that the user
 * has enabled.  This one does none of it: the folder for its sockets, the environment that such a
 * manager has, and a target that wants nothing. */
#include "core/stage/twin_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define START_TIMEOUT SECONDS(20)

static const char target[] = "[Unit]\n"
                             "Description=Units of a user in the twin\n"
                             "DefaultDependencies=no\n";

/* What basic.target of a user pulls in by itself would be started for any unit on trial: overdue
 * timers, and paths that are there.  An empty file masks. */
static const char *const masked[] = { "/etc/systemd/user/timers.target",
                                      "/etc/systemd/user/paths.target" };

static const char *find_systemd(int root)
{
        static const char *const places[] = { "/usr/lib/systemd/systemd", "/lib/systemd/systemd" };

        for (size_t i = 0; i < COUNT(places); i++) {
                scoped(fd_closep) int fd = root_open(root, places[i], O_PATH);

                if (fd >= 0)
                        return places[i];
        }
        return NULL;
}

/* As a line of Environment=; "" where it is not set, or is no plain path. */
static char *environment_line(const char *name)
{
        const char *value = getenv(name);

        if (!value || *value != '/' || value[strcspn(value, " \t\r\n\"'\\%$")])
                return strdup("");
        return text_format("Environment=%s=%s\n", name, value);
}

static char *unit_text(unsigned uid, const char *systemd)
{
        scoped(mem_freep) char *config = environment_line("XDG_CONFIG_HOME");
        scoped(mem_freep) char *data = environment_line("XDG_DATA_HOME");

        if (!config || !data)
                return NULL;
        return text_format("[Unit]\n"
                           "Description=Manager of user %u in the twin\n"
                           "[Service]\n"
                           "Type=notify\n"
                           "User=%u\n"
                           "Slice=user-%u.slice\n"
                           "Environment=XDG_RUNTIME_DIR=/run/user/%u\n"
                           "%s%s"
                           "ExecStartPre=+/bin/mkdir -p /run/user\n"
                           "ExecStartPre=+/usr/bin/install -d -m 0700 -o %u /run/user/%u\n"
                           "ExecStart=%s --user --unit=gird-user.target\n"
                           "KillMode=mixed\n"
                           "Delegate=pids memory cpu\n"
                           "TasksMax=infinity\n"
                           "TimeoutStopSec=5\n"
                           "KeyringMode=inherit\n",
                           uid, uid, uid, uid, config, data, uid, uid, systemd);
}

static int write_units(struct twin *t, int root, unsigned uid, struct err *e)
{
        const char *systemd = find_systemd(root);
        scoped(mem_freep) char *path = text_format("/run/systemd/system/user@%u.service", uid);
        scoped(mem_freep) char *text = systemd ? unit_text(uid, systemd) : NULL;
        int r = 0;

        if (!systemd)
                return err_say(e, 1, "the tree has no systemd that a user could run");
        if (!path || !text)
                return err_set(e, -ENOMEM, "cannot start the user's systemd in the twin");
        r = root_write(root, path, text);
        if (r == 0)
                r = root_write(root, "/run/systemd/user/gird-user.target", target);
        for (size_t i = 0; r == 0 && i < COUNT(masked); i++)
                r = root_write(root, masked[i], "");
        return r < 0 ? err_set(e, r, "cannot write the units of user %u to %s", uid, t->name) : 0;
}

static int connect_user(struct twin *t, unsigned uid, struct job *job, struct err *e)
{
        struct manager_where there = { .scope = SCOPE_USER, .root = t->root };
        char path[60];
        int r;

        snprintf(path, sizeof(path), "/run/user/%u/systemd/private", uid);
        there.fd = inside_connect(t->init_fd, path, e);
        if (there.fd < 0)
                return there.fd;
        r = manager_open(&there, job, &t->user_manager, e);
        return r > 0 ? -ENOTCONN : r;
}

int user_open(struct twin *t, unsigned uid, struct job *job, struct err *e)
{
        scoped(fd_closep) int root = twin_root(t);
        const char *result = NULL;
        char name[40];
        int r;

        if (root < 0)
                return err_say(e, root, "the twin has ended");
        t->uid = uid;
        snprintf(name, sizeof(name), "user@%u.service", uid);
        job_progress(job, "starting the user's systemd in the twin", name);
        r = write_units(t, root, uid, e);
        if (r == 0)
                r = manager_reload(t->manager, job, e);
        if (r == 0)
                r = manager_start(t->manager, job, name, START_TIMEOUT, &result, e);
        if (r > 0 && result)
                return err_say(e, 1, "the systemd of user %u does not start in the twin (%s)", uid,
                               result);
        return r != 0 ? r : connect_user(t, uid, job, e);
}
