/* deeds_system.c - the manager, the bus, and the sockets of other daemons. */
#include "core/breach/program/bus.h"
#include "core/breach/program/program.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define SYSTEMD .destination = "org.freedesktop.systemd1", .path = "/org/freedesktop/systemd1"
#define MANAGER SYSTEMD, .interface = "org.freedesktop.systemd1.Manager"

static int connect_as(const char *path, int type)
{
        struct sockaddr_un to = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), r;

        if (fd < 0)
                return -errno;
        snprintf(to.sun_path, sizeof(to.sun_path), "%s", path);
        r = result(connect(fd, (const struct sockaddr *)&to, sizeof(to)));
        close(fd);
        /* A full queue is a socket that was reached. */
        return r == -EAGAIN ? 0 : r;
}

int connect_socket(const char *argument, char *said)
{
        (void)said;
        return connect_as(argument, SOCK_STREAM);
}

int connect_seqpacket(const char *argument, char *said)
{
        (void)said;
        return connect_as(argument, SOCK_SEQPACKET);
}

int connect_datagram(const char *argument, char *said)
{
        (void)said;
        return connect_as(argument, SOCK_DGRAM);
}

/* ---- every socket below a folder ---- */

static int count_sockets(const char *folder, int depth, int *first)
{
        DIR *at = opendir(folder);
        struct dirent *entry;
        int count = 0;

        while (at && (entry = readdir(at))) {
                char path[PATH_MAX];
                struct stat st;
                int r;

                if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
                        continue;
                snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
                if (strlen(path) > 100 || lstat(path, &st) < 0)
                        continue;
                if (S_ISDIR(st.st_mode) && depth < 4)
                        count += count_sockets(path, depth + 1, first);
                if (!S_ISSOCK(st.st_mode))
                        continue;
                r = connect_as(path, SOCK_STREAM);
                if (r == -EPROTOTYPE)
                        r = connect_as(path, SOCK_DGRAM);
                if (r == -EPROTOTYPE)
                        r = connect_as(path, SOCK_SEQPACKET);
                count += r == 0;
                if (r < 0 && r != -ECONNREFUSED && *first == ABSENT)
                        *first = r;
        }
        if (at)
                closedir(at);
        return count;
}

int reach_sockets(const char *argument, char *said)
{
        int first = ABSENT, count = count_sockets(argument, 0, &first);

        if (count == 0)
                return first;
        snprintf(said, SAID, "%d", count);
        return 0;
}

/* ---- the bus ---- */

/* What a refusal is called on the bus.  Everything else went past the check. */
static int judge(const char *error)
{
        static const char *const refusals[] = { "AccessDenied", "InteractiveAuthorizationRequired",
                                                "AuthFailed", "NotPrivileged" };

        for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
                if (strstr(error, refusals[i]))
                        return -EACCES;
        return 0;
}

static int ask(bool private, const struct bus_call *call)
{
        char error[256];
        int r = bus_ask(private, call, error, sizeof(error));

        return r < 0 ? r : judge(error);
}

int ask_bus(const char *argument, char *said)
{
        static const struct bus_call call = { .destination = "org.freedesktop.DBus",
                                              .path = "/org/freedesktop/DBus",
                                              .interface = "org.freedesktop.DBus",
                                              .member = "ListNames" };

        (void)argument;
        (void)said;
        return ask(false, &call);
}

/* By either way.  The bus's answer is the one to tell where both say no: the private socket is
 * root's alone. */
static int ask_systemd(const struct bus_call *call)
{
        int r = ask(true, call), over;

        if (r == 0)
                return 0;
        over = ask(false, call);
        return over == -ENOENT || over == -ECONNREFUSED ? r : over;
}

/* There is no such unit: systemd asks whether the caller may before it says so. */
int start_unit(const char *argument, char *said)
{
        static const struct bus_call call = { MANAGER, .member = "StartUnit",
                                              .words = { "gird-no-such-unit.service", "fail" } };

        (void)argument;
        (void)said;
        return ask_systemd(&call);
}

/* No variables at all. */
int set_manager_environment(const char *argument, char *said)
{
        static const struct bus_call call = { MANAGER, .member = "SetEnvironment",
                                              .no_strings = true };

        (void)argument;
        (void)said;
        return ask_systemd(&call);
}

int send_notify(const char *argument, char *said)
{
        static const char state[] = "X_GIRD=0";
        const char *path = getenv("NOTIFY_SOCKET");
        struct sockaddr_un to = { .sun_family = AF_UNIX };
        int fd, r;

        (void)argument;
        (void)said;
        if (!path)
                return ABSENT;
        fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return -errno;
        snprintf(to.sun_path, sizeof(to.sun_path), "%s", path);
        if (*path == '@')
                to.sun_path[0] = '\0';
        r = result(sendto(fd, state, sizeof(state) - 1, MSG_NOSIGNAL | MSG_DONTWAIT,
                          (const struct sockaddr *)&to,
                          (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path))));
        close(fd);
        return r;
}
