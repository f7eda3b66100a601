/* twin_inside.c - what only a process in the twin's namespaces can do: a child goes there,
 * does one thing and ends.  It makes system calls only, and takes nothing along: the twin's
 * root could lay hands on it, and would find neither descriptors nor files of the machine. */
#include "core/stage/twin_private.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

enum { CONNECT_MS = 3000, SYNC_MS = 1000 };

union rights {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
};

/* Sends the code, and the descriptor if there is one. */
static void send_answer(int to, int code, int fd)
{
        union rights control = { 0 };
        struct iovec part = { .iov_base = &code, .iov_len = sizeof(code) };
        struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

        if (fd >= 0) {
                struct cmsghdr *c = &control.header;

                message.msg_control = &control;
                message.msg_controllen = sizeof(control);
                c->cmsg_level = SOL_SOCKET;
                c->cmsg_type = SCM_RIGHTS;
                c->cmsg_len = CMSG_LEN(sizeof(fd));
                memcpy(CMSG_DATA(c), &fd, sizeof(fd));
        }
        _exit(sendmsg(to, &message, MSG_NOSIGNAL) < 0);
}

static int receive_answer(int from)
{
        union rights control = { 0 };
        int code = 0, fd = -1;
        struct iovec part = { .iov_base = &code, .iov_len = sizeof(code) };
        struct msghdr message = { .msg_iov = &part,
                                  .msg_iovlen = 1,
                                  .msg_control = &control,
                                  .msg_controllen = sizeof(control) };
        struct pollfd ready = { .fd = from, .events = POLLIN };
        struct cmsghdr *c;
        int r;

        do
                r = poll(&ready, 1, CONNECT_MS);
        while (r < 0 && errno == EINTR);
        if (r <= 0)
                return r < 0 ? -errno : -ETIMEDOUT;
        if (recvmsg(from, &message, MSG_CMSG_CLOEXEC) != (ssize_t)sizeof(code))
                return -EIO;
        c = CMSG_FIRSTHDR(&message);
        if (code == 0 && c && c->cmsg_type == SCM_RIGHTS)
                memcpy(&fd, CMSG_DATA(c), sizeof(fd));
        return code < 0 ? code : fd >= 0 ? fd : -EIO;
}

/* In a child of the child: setns() moves only what is forked after it. */
static void connect_there(int to, const struct sockaddr_un *address)
{
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (fd < 0 || connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0)
                send_answer(to, -errno, -1);
        send_answer(to, 0, fd);
}

static void go_and_connect(int init_fd, int to, const struct sockaddr_un *address)
{
        pid_t pid;

        prctl(PR_SET_PDEATHSIG, SIGKILL);
        prctl(PR_SET_DUMPABLE, 0);
        descriptors_keep((const int[]){ init_fd, to }, 2);
        if (setns(init_fd, CLONE_NEWNS | CLONE_NEWPID) < 0)
                send_answer(to, -errno, -1);
        pid = fork();
        if (pid == 0)
                connect_there(to, address);
        if (pid < 0)
                send_answer(to, -errno, -1);
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
                ;
        _exit(0);
}

/* A child that answered is about to end, after its own child: a zombie left over in the twin's
 * pid namespace would hold up the twin's end. */
static void reap(pid_t pid, bool answered)
{
        if (!answered)
                kill(pid, SIGKILL);
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
                ;
}

int inside_connect(int init_fd, const char *path, struct err *e)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int pair[2];
        pid_t pid;
        int r;

        if (strlen(path) >= sizeof(address.sun_path))
                return err_set(e, -ENAMETOOLONG, "cannot connect to %s in the twin", path);
        memcpy(address.sun_path, path, strlen(path));
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
                return err_set(e, -errno, "cannot connect to %s in the twin", path);
        pid = fork();
        if (pid == 0)
                go_and_connect(init_fd, pair[1], &address);
        close(pair[1]);
        r = pid < 0 ? -errno : receive_answer(pair[0]);
        close(pair[0]);
        if (pid > 0)
                reap(pid, r != -ETIMEDOUT);
        return r < 0 ? err_set(e, r, "cannot connect to %s in the twin", path) : r;
}

/* Around here /proc/sys may be read-only, as it is in containers; the box has a /proc of its
 * own. */
static bool set_one(pid_t box, const char *name)
{
        char path[96];
        int fd;

        snprintf(path, sizeof(path), "/proc/sys/net/%s", name);
        fd = open(path, O_WRONLY | O_CLOEXEC);
        if (fd < 0) {
                snprintf(path, sizeof(path), "/proc/%d/root/proc/sys/net/%s", (int)box, name);
                fd = open(path, O_WRONLY | O_CLOEXEC);
        }
        return fd >= 0 && write(fd, "1", 1) == 1;
}

/* /proc/sys/net shows the network of the process that looks. */
int inside_any_address(int init_fd, pid_t box)
{
        int status = 0;
        pid_t pid = fork();

        if (pid == 0) {
                bool v4;

                prctl(PR_SET_PDEATHSIG, SIGKILL);
                if (setns(init_fd, CLONE_NEWNET) < 0)
                        _exit(1);
                v4 = set_one(box, "ipv4/ip_nonlocal_bind");
                set_one(box, "ipv6/ip_nonlocal_bind"); /* there may be no IPv6 */
                _exit(v4 ? 0 : 1);
        }
        if (pid < 0)
                return -errno;
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
                ;
        return status == 0 ? 0 : -EIO;
}

void inside_sync_journal(int init_fd)
{
        static const char call[] = "{\"method\":\"io.systemd.Journal.Synchronize\"}";
        scoped(fd_closep) int fd = inside_connect(init_fd,
                                                  "/run/systemd/journal/io.systemd.journal", NULL);
        struct pollfd ready = { .fd = fd, .events = POLLIN };

        /* With the NUL, which ends a message there.  A journald without this call answers at
         * once that it has none; then its lines come when they come. */
        if (fd >= 0 && send(fd, call, sizeof(call), MSG_NOSIGNAL) == (ssize_t)sizeof(call))
                poll(&ready, 1, SYNC_MS);
}
