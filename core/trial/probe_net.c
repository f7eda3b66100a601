/* probe_net.c - probes that ask through a socket.
 *
 * A child goes to the network of the stage's PID 1, asks, and answers by a pipe.  So a unit with a
 * network of its own is asked as any client would ask it.  The child makes system calls only, takes
 * no descriptor along but the few it needs, and dies with gird. */
#include "core/trial/probe_private.h"

#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/trial/trial_private.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

enum { LINE_ROOM = 1024, UDP_WAIT_MS = 250, AGAIN_MS = 20, GRACE = 2000000 };

/* What the child was told to do, before the fork. */
struct question {
        enum probe_kind kind;
        struct sockaddr_storage addresses[PROBE_ADDRESSES];
        socklen_t lengths[PROBE_ADDRESSES];
        size_t count;
        const char *request;
        uint64_t deadline; /* as job_now() counts */
        int network;       /* a network namespace to go to, or -1 */
        int file;          /* the socket's file, or -1 */
};

enum failure {
        FAILED_NOT,      /* .status: of HTTP; else it is as it should be */
        FAILED_NETWORK,  /* .code: the network could not be entered; gird's own fault */
        FAILED_CONNECT,  /* .code */
        FAILED_TALK,     /* .code: after the connection was made */
        FAILED_SILENT,   /* it closed the connection without an answer */
        FAILED_LANGUAGE, /* that is no HTTP */
};

struct answer {
        enum failure failure;
        int code;
        int status;
};

/* ---- in the child ---- */

static int left_ms(uint64_t deadline)
{
        uint64_t now = job_now();

        return now >= deadline ? 0 : (int)((deadline - now) / 1000) + 1;
}

/* 0, or -ETIMEDOUT. */
static int wait_for(int fd, short events, uint64_t deadline)
{
        struct pollfd ready = { .fd = fd, .events = events };
        int r;

        do
                r = poll(&ready, 1, left_ms(deadline));
        while (r < 0 && errno == EINTR);
        return r > 0 ? 0 : r < 0 ? -errno : -ETIMEDOUT;
}

/* A port of the range for clients may be connected to itself while nobody listens. */
static bool is_itself(int fd)
{
        struct sockaddr_storage own = { 0 }, peer = { 0 };
        socklen_t own_length = sizeof(own), peer_length = sizeof(peer);

        return getsockname(fd, (struct sockaddr *)&own, &own_length) == 0 &&
               getpeername(fd, (struct sockaddr *)&peer, &peer_length) == 0 &&
               own_length == peer_length && own.ss_family != AF_UNIX &&
               memcmp(&own, &peer, own_length) == 0;
}

/* A connected socket, or -errno. */
static int connect_to(const struct sockaddr_storage *address, socklen_t length, int type,
                      uint64_t deadline)
{
        int fd = socket(address->ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        socklen_t size = sizeof(int);
        int code = 0;

        if (fd < 0)
                return -errno;
        while (connect(fd, (const struct sockaddr *)address, length) < 0 && errno != EISCONN) {
                if (errno == EINPROGRESS || errno == EALREADY || errno == EINTR) {
                        code = wait_for(fd, POLLOUT, deadline);
                        if (code == 0 && getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &size) == 0)
                                code = -code;
                        break;
                }
                code = -errno;
                if (errno != EAGAIN || left_ms(deadline) == 0)
                        break;
                code = 0; /* its queue is full: somebody is there, and busy */
                poll(NULL, 0, AGAIN_MS);
        }
        if (code == 0 && is_itself(fd))
                code = -ECONNREFUSED;
        if (code == 0)
                return fd;
        close(fd);
        return code;
}

/* The first that answers; the ways share the time. */
static int connect_any(const struct question *q, int type)
{
        int fd = -EADDRNOTAVAIL, first = 0;

        for (size_t i = 0; i < q->count && fd < 0; i++) {
                uint64_t now = job_now();
                uint64_t share = now >= q->deadline ? 0 : (q->deadline - now) / (q->count - i);

                fd = connect_to(&q->addresses[i], q->lengths[i], type, now + share);
                if (i == 0)
                        first = fd;
        }
        return fd < 0 ? first : fd;
}

static struct answer failed(enum failure failure, int code)
{
        return (struct answer){ .failure = failure, .code = code };
}

static struct answer ask_tcp(const struct question *q)
{
        int fd = connect_any(q, SOCK_STREAM);

        return fd < 0 ? failed(FAILED_CONNECT, fd) : (struct answer){ 0 };
}

/* "Port unreachable" comes at once where nobody has the port; silence is all that a service says
 * which expects something else. */
static struct answer ask_udp(const struct question *q)
{
        struct answer a = failed(FAILED_CONNECT, -EADDRNOTAVAIL);

        for (size_t i = 0; i < q->count; i++) {
                int fd = connect_to(&q->addresses[i], q->lengths[i], SOCK_DGRAM, q->deadline);
                uint64_t until = job_now() + (uint64_t)UDP_WAIT_MS * 1000;
                char byte = '\n';
                int code = fd < 0 ? fd : 0;

                if (fd >= 0 && send(fd, &byte, 1, MSG_NOSIGNAL) < 0)
                        code = -errno;
                if (fd >= 0 && code == 0 &&
                    wait_for(fd, POLLIN, until < q->deadline ? until : q->deadline) == 0 &&
                    recv(fd, &byte, 1, 0) < 0)
                        code = -errno;
                if (code == 0)
                        return (struct answer){ 0 };
                if (i == 0)
                        a = failed(FAILED_CONNECT, code);
        }
        return a;
}

static struct answer ask_unix(const struct question *q)
{
        static const int types[] = { SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM };
        int fd = -EPROTOTYPE;

        for (size_t i = 0; i < COUNT(types) && fd == -EPROTOTYPE; i++)
                fd = connect_to(&q->addresses[0], q->lengths[0], types[i], q->deadline);
        return fd < 0 ? failed(FAILED_CONNECT, fd) : (struct answer){ 0 };
}

static int send_all(int fd, const char *bytes, size_t length, uint64_t deadline)
{
        while (length > 0) {
                ssize_t n = send(fd, bytes, length, MSG_NOSIGNAL);
                int r = 0;

                if (n < 0 && errno == EAGAIN)
                        r = wait_for(fd, POLLOUT, deadline);
                else if (n < 0 && errno != EINTR)
                        r = -errno;
                if (r < 0)
                        return r;
                if (n > 0) {
                        bytes += n;
                        length -= (size_t)n;
                }
        }
        return 0;
}

static struct answer ask_http(const struct question *q)
{
        char line[LINE_ROOM];
        size_t length = 0;
        int fd = connect_any(q, SOCK_STREAM);
        int r;

        if (fd < 0)
                return failed(FAILED_CONNECT, fd);
        r = send_all(fd, q->request, strlen(q->request), q->deadline);
        while (r == 0 && length < sizeof(line)) {
                ssize_t n;
                int status;

                r = wait_for(fd, POLLIN, q->deadline);
                if (r < 0)
                        break;
                n = recv(fd, line + length, sizeof(line) - length, 0);
                if (n < 0 && (errno == EINTR || errno == EAGAIN))
                        continue;
                if (n < 0)
                        r = -errno;
                if (n == 0)
                        return failed(length ? FAILED_LANGUAGE : FAILED_SILENT, 0);
                if (n <= 0)
                        break;
                length += (size_t)n;
                status = probe_status(line, length);
                if (status > 0)
                        return (struct answer){ .status = status };
                if (status == 0)
                        break;
        }
        return r < 0 ? failed(FAILED_TALK, r) : failed(FAILED_LANGUAGE, 0);
}

/* Closes all but these two, which may be -1.  Where the kernel cannot, they close with the child.
 */
static void keep_only(int a, int b)
{
        unsigned low = a < 0 ? (unsigned)b : b < 0 || a < b ? (unsigned)a : (unsigned)b;
        unsigned high = a < 0 || b < 0 ? low : (unsigned)(a < b ? b : a);

        if (low > 0)
                syscall(SYS_close_range, 0U, low - 1, 0U);
        if (high > low + 1)
                syscall(SYS_close_range, low + 1, high - 1, 0U);
        syscall(SYS_close_range, high + 1, ~0U, 0U);
}

static void answer_and_end(const struct question *q, int to, pid_t parent)
{
        static struct answer (*const ways[PROBE_KINDS])(const struct question *q) = {
                [PROBE_TCP] = ask_tcp,
                [PROBE_UDP] = ask_udp,
                [PROBE_UNIX] = ask_unix,
                [PROBE_HTTP] = ask_http,
        };
        struct answer a;

        prctl(PR_SET_PDEATHSIG, SIGKILL);
        prctl(PR_SET_DUMPABLE, 0);
        if (getppid() != parent)
                _exit(1);
        if (q->network >= 0 && setns(q->network, CLONE_NEWNET) < 0)
                a = failed(FAILED_NETWORK, -errno);
        else {
                keep_only(to, q->file);
                a = ways[q->kind](q);
        }
        _exit(write(to, &a, sizeof(a)) == (ssize_t)sizeof(a) ? 0 : 1);
}

/* ---- in gird ---- */

struct asker {
        pid_t pid;
        int from;
};

static void asker_done(struct asker *a)
{
        if (a->pid > 0) {
                kill(a->pid, SIGKILL);
                while (waitpid(a->pid, NULL, 0) < 0 && errno == EINTR)
                        ;
        }
        fd_closep(&a->from);
}

static int start(const struct question *q, struct asker *a)
{
        pid_t parent = getpid();
        int ends[2];

        if (pipe2(ends, O_CLOEXEC) < 0)
                return -errno;
        a->from = ends[0];
        a->pid = fork();
        if (a->pid == 0)
                answer_and_end(q, ends[1], parent);
        close(ends[1]);
        return a->pid < 0 ? -errno : 0;
}

/* 1: it did not come in time. */
static int hear(struct asker *a, struct job *job, uint64_t timeout, struct answer *ret)
{
        ssize_t n;
        int r = job_wait_fd(job, a->from, timeout + GRACE);

        if (r < 0)
                return r == -ETIMEDOUT ? 1 : r;
        do
                n = read(a->from, ret, sizeof(*ret));
        while (n < 0 && errno == EINTR);
        return n < 0 ? -errno : n == (ssize_t)sizeof(*ret) ? 0 : -EIO;
}

static const char *connect_words(const struct probe *p, int code)
{
        bool file = p->kind == PROBE_UNIX && p->text[0] == '/';

        switch (-code) {
        case ECONNREFUSED:
                return file ? "the file is there, but nobody listens (connection refused)"
                            : "nobody is there (connection refused)";
        case ETIMEDOUT:
                return "no answer in time: packets are dropped, or it is too busy";
        case EAGAIN:
                return "it is there, but does not take the connection in time";
        case ENETUNREACH:
                return "there is no way to that address from the stage (network unreachable)";
        default:
                return strerror(-code);
        }
}

static bool is_wanted(const struct probe *p, int status)
{
        if (p->kind != PROBE_HTTP)
                return true;
        return p->status ? (unsigned)status == p->status : status >= 200 && status < 400;
}

static bool judge(const struct probe *p, const struct answer *a, char said[PROBE_SAID])
{
        char wanted[24] = "200 to 399";

        if (p->status)
                snprintf(wanted, sizeof(wanted), "%u", p->status);
        said[0] = '\0';
        switch (a->failure) {
        case FAILED_NOT:
                if (!is_wanted(p, a->status))
                        snprintf(said, PROBE_SAID, "it answers %d, not %s", a->status, wanted);
                return !said[0];
        case FAILED_CONNECT:
                snprintf(said, PROBE_SAID, "%s", connect_words(p, a->code));
                break;
        case FAILED_TALK:
                snprintf(said, PROBE_SAID, "it takes the connection, but then: %s",
                         a->code == -ETIMEDOUT ? "no answer in time" : strerror(-a->code));
                break;
        case FAILED_SILENT:
                snprintf(said, PROBE_SAID, "it closes the connection without an answer");
                break;
        case FAILED_LANGUAGE:
                snprintf(said, PROBE_SAID, "what it answers is not HTTP");
                break;
        case FAILED_NETWORK:
                break;
        }
        return false;
}

/* Where this machine is the stage, its network is this process's. */
static int open_network(const struct probe_place *where)
{
        pid_t init = where->stage->ops->init(where->stage);
        char path[48];
        int fd;

        if (init <= 1)
                return -1;
        snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)init);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

/* The file is opened below the stage's root, whatever links are on the way; the child connects to
 * what was opened.  An answer < 0: there is no such file. */
static int aim_unix(const struct probe_place *where, const struct probe *p, struct question *q)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        size_t n = strlen(p->text);

        if (p->text[0] == '@') {
                memcpy(address.sun_path + 1, p->text + 1, n - 1);
                q->lengths[0] = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
        } else {
                q->file = open_in_root(where->stage->ops->root(where->stage), p->text, O_PATH);
                if (q->file < 0)
                        return q->file;
                snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d", q->file);
                q->lengths[0] = sizeof(address);
        }
        memcpy(&q->addresses[0], &address, sizeof(address));
        q->count = 1;
        return 0;
}

static int ask(const struct probe_place *where, const struct probe *p, struct question *q,
               bool *ret_ok, char said[PROBE_SAID], struct err *e)
{
        scoped(asker_done) struct asker asker = { .from = -1 };
        struct answer a = { 0 };
        int r = start(q, &asker);

        if (r == 0)
                r = hear(&asker, where->job, where->timeout, &a);
        if (r == 1)
                a = failed(FAILED_CONNECT, -ETIMEDOUT);
        if (r < 0)
                return err_set(e, r, "cannot ask %s", p->text);
        if (a.failure == FAILED_NETWORK)
                return err_set(e, a.code, "cannot enter the network of the stage");
        *ret_ok = judge(p, &a, said);
        return 0;
}

int probe_net(const struct probe_place *where, const struct probe *p, bool *ret_ok,
              char said[PROBE_SAID], struct err *e)
{
        struct question q = {
                .kind = p->kind, .deadline = job_now() + where->timeout, .network = -1, .file = -1
        };
        scoped(mem_freep) char *request = p->kind == PROBE_HTTP ? probe_request(p) : NULL;
        scoped(fd_closep) int network = open_network(where);
        int r;

        if (network < -1)
                return err_set(e, network, "cannot find the network of the stage");
        if (p->kind == PROBE_HTTP && !request)
                return err_set(e, -ENOMEM, "cannot ask %s", p->text);
        q.network = network;
        q.request = request;
        if (p->kind != PROBE_UNIX)
                q.count = probe_addresses(p, q.addresses, q.lengths);
        else {
                r = aim_unix(where, p, &q);
                if (r < 0) {
                        *ret_ok = false;
                        snprintf(said, PROBE_SAID, "%s", strerror(-r));
                        return 0;
                }
        }
        r = ask(where, p, &q, ret_ok, said, e);
        fd_closep(&q.file);
        return r;
}
