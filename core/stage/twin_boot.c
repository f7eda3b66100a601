/* twin_boot.c - from the first byte to READY=1, told by nspawn and by nothing else. */
#include "core/stage/twin_private.h"

#include "core/base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>

enum { STATUS_LIMIT = 64 << 10 };

int boot_listen(const char *name, struct boot *ret, struct err *e)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        scoped(fd_closep) int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        size_t length = strlen(name);
        int yes = 1;

        if (length + 1 > sizeof(address.sun_path))
                return err_set(e, -ENAMETOOLONG, "cannot listen to the twin");
        memcpy(address.sun_path + 1, name, length);
        if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &yes, sizeof(yes)) < 0 ||
            bind(fd, (const struct sockaddr *)&address,
                 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + length)) < 0)
                return err_set(e, -errno, "cannot listen to the twin");
        *ret = (struct boot){ .socket = take_fd(fd) };
        return 0;
}

void boot_done(struct boot *boot)
{
        fd_closep(&boot->socket);
        boot->socket = -1;
}

static void take_message(struct boot *boot, char *message)
{
        char *rest = NULL;

        for (char *line = strtok_r(message, "\n", &rest); line;
             line = strtok_r(NULL, "\n", &rest)) {
                if (strcmp(line, "READY=1") == 0)
                        boot->ready = true;
                else if (text_starts(line, "STATUS="))
                        text_printable(boot->status, sizeof(boot->status), line + 7);
                else if (text_starts(line, "X_NSPAWN_LEADER_PID="))
                        boot->leader = (pid_t)strtol(line + 20, NULL, 10);
        }
}

/* The socket's name is no secret: only what nspawn itself sends counts. */
static void receive(struct boot *boot, pid_t nspawn)
{
        for (;;) {
                char bytes[4096];
                union {
                        struct cmsghdr header;
                        char room[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(sizeof(int) * 16)];
                } control;
                struct iovec part = { .iov_base = bytes, .iov_len = sizeof(bytes) - 1 };
                struct msghdr message = { .msg_iov = &part,
                                          .msg_iovlen = 1,
                                          .msg_control = &control,
                                          .msg_controllen = sizeof(control) };
                struct ucred sender = { 0 };
                ssize_t n = recvmsg(boot->socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return;
                for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
                        if (c->cmsg_level != SOL_SOCKET)
                                continue;
                        if (c->cmsg_type == SCM_CREDENTIALS)
                                memcpy(&sender, CMSG_DATA(c), sizeof(sender));
                        else if (c->cmsg_type == SCM_RIGHTS)
                                for (size_t i = 0; i < (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
                                     i++)
                                        close(((const int *)(const void *)CMSG_DATA(c))[i]);
                }
                bytes[n] = '\0';
                if (sender.pid == nspawn)
                        take_message(boot, bytes);
        }
}

/* Whether pid is PID 1 of the namespace right below nspawn's. */
static bool is_leader(pid_t pid, const struct boot *boot)
{
        scoped(mem_freep) char *text = NULL;
        scoped(strv_freep) char **numbers = NULL;
        char path[40];
        char *line;
        size_t n;

        snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
        if (file_read(AT_FDCWD, path, STATUS_LIMIT, &text, NULL, NULL) < 0)
                return false;
        line = strstr(text, "\nNSpid:");
        if (!line)
                return false;
        line += 7;
        line[strcspn(line, "\n")] = '\0';
        if (strv_split(line, "\t ", &numbers) < 0)
                return false;
        n = strv_length(numbers);
        if (n < 3 || strcmp(numbers[n - 1], "1") != 0)
                return false;
        return boot->leader == 0 || strtol(numbers[n - 2], NULL, 10) == boot->leader;
}

/* The child of nspawn that is the twin's PID 1, with a hold on it. */
static int find_init(const struct boot *boot, pid_t nspawn, pid_t *ret, int *ret_fd)
{
        scoped(mem_freep) char *text = NULL;
        scoped(strv_freep) char **children = NULL;
        char path[60];
        int r;

        snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)nspawn, (int)nspawn);
        r = file_read(AT_FDCWD, path, STATUS_LIMIT, &text, NULL, NULL);
        if (r == 0)
                r = strv_split(text, " ", &children);
        if (r < 0)
                return r;
        for (char **child = children; child && *child; child++) {
                pid_t pid = (pid_t)strtol(*child, NULL, 10);
                int fd;

                if (!is_leader(pid, boot))
                        continue;
                fd = (int)syscall(SYS_pidfd_open, pid, 0);
                if (fd < 0)
                        return -errno;
                if (is_leader(pid, boot)) { /* still: the number was not used again meanwhile */
                        *ret = pid;
                        *ret_fd = fd;
                        return 0;
                }
                close(fd);
        }
        return -ESRCH;
}

static int watch(int epoll, int fd)
{
        struct epoll_event event = { .events = EPOLLIN };

        return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

static bool has_ended(const struct box *box)
{
        struct pollfd end = { .fd = box->fd, .events = POLLIN };

        return poll(&end, 1, 0) > 0;
}

static int explain_end(struct box *box, struct err *e)
{
        scoped(mem_freep) char *words = NULL;

        box_listen(box);
        if (box->failure.code != 0) {
                if (e)
                        *e = box->failure;
                return box->failure.code;
        }
        words = box_last_words(box);
        return err_say(e, -ECONNRESET, "the twin ended while it was %s%s%s",
                       box->step[0] ? box->step : "starting", words ? ": " : "",
                       words ? words : "");
}

/* The services that run in a twin that is not up: what it waits for is among them. */
static char *list_busy(const struct boot *boot, const struct box *box)
{
        scoped(fd_closep) int init_fd = -1;
        scoped(mem_freep) char *group = NULL;
        scoped(mem_freep) char *path = NULL;
        scoped(dir_closep) DIR *dir = NULL;
        struct text names = { 0 };
        struct dirent *entry;
        pid_t init;

        if (find_init(boot, box->pid, &init, &init_fd) < 0 || cgroup_of(init, &group, NULL) < 0)
                return NULL;
        path = text_format("%s/../system.slice", group);
        dir = path ? opendir(path) : NULL;
        while (dir && (entry = readdir(dir)))
                if (text_ends(entry->d_name, ".service") &&
                    !text_starts(entry->d_name, "gird-check-") &&
                    strcmp(entry->d_name, "systemd-journald.service") != 0)
                        text_addf(&names, " %s", entry->d_name);
        return names.length ? text_take(&names) : NULL;
}

static int explain_timeout(const struct boot *boot, const struct box *box, uint64_t timeout,
                           struct err *e)
{
        scoped(mem_freep) char *words = box_last_words(box);
        scoped(mem_freep) char *busy = list_busy(boot, box);
        const char *at = boot->status[0] ? boot->status : box->step;

        return err_say(e, -ETIMEDOUT, "the twin was not up after %llu s; it was at: %s%s%s%s%s",
                       (unsigned long long)(timeout / SECONDS(1)), at, busy ? " Running then:" : "",
                       busy ? busy : "", words ? "; it last said: " : "", words ? words : "");
}

static int wait_ready(struct boot *boot, struct box *box, struct job *job, int epoll,
                      uint64_t timeout, struct err *e)
{
        uint64_t end = job_now() + timeout;

        while (!boot->ready) {
                uint64_t now = job_now();
                int r = now < end ? job_wait_fd(job, epoll, end - now) : -ETIMEDOUT;

                if (r == -ETIMEDOUT)
                        return explain_timeout(boot, box, timeout, e);
                if (r < 0)
                        return err_set(e, r, "the twin was not booted");
                box_listen(box);
                receive(boot, box->pid);
                job_progress(job, "booting the twin", boot->status[0] ? boot->status : box->step);
                if (!boot->ready && has_ended(box))
                        return explain_end(box, e);
        }
        return 0;
}

int boot_wait(struct boot *boot, struct box *box, struct job *job, uint64_t timeout,
              pid_t *ret_init, int *ret_fd, struct err *e)
{
        scoped(fd_closep) int epoll = epoll_create1(EPOLL_CLOEXEC);
        int r = epoll < 0 ? -errno : 0;

        if (r == 0)
                r = watch(epoll, boot->socket);
        if (r == 0)
                r = watch(epoll, box->fd);
        if (r == 0)
                r = watch(epoll, box->reports);
        if (r < 0)
                return err_set(e, r, "cannot wait for the twin");
        r = wait_ready(boot, box, job, epoll, timeout, e);
        if (r != 0)
                return r;
        r = find_init(boot, box->pid, ret_init, ret_fd);
        return r < 0 ? err_set(e, r, "cannot find the twin's PID 1") : 0;
}
