/* serve.c - the service of the lessons: a web server of one process, which does one thing more than
 * serving for each KEY=VALUE it is given.  Whatever it cannot do it says, on stderr and as answer
 * 500. */
#include "core/breach/program/serve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { BODY = 4096, REQUEST = 2048, PATIENCE_MS = 2000, MOST = 16 };

struct reply {
        int status;
        char body[BODY];
        size_t length;
};

static void fail(struct reply *r, const char *what, const char *path, int code)
{
        r->status = 500;
        r->length = (size_t)snprintf(r->body, sizeof(r->body), "cannot %s %.300s: %s\n", what, path,
                                     strerror(code));
        dprintf(STDERR_FILENO, "%s", r->body);
}

static void add(struct reply *r, const char *bytes, size_t n)
{
        if (n > sizeof(r->body) - r->length)
                n = sizeof(r->body) - r->length;
        memcpy(r->body + r->length, bytes, n);
        r->length += n;
}

/* Writes it all to a file that is opened anew.  0 or errno. */
static int write_file(const char *path, int flags, const char *bytes)
{
        int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0644);
        size_t n = strlen(bytes);
        int code = 0;

        if (fd < 0)
                return errno;
        if (write(fd, bytes, n) != (ssize_t)n)
                code = errno ? errno : EIO;
        close(fd);
        return code;
}

/* ---- what is done for each request ---- */

static void answer_page(const char *path, struct reply *r)
{
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        char bytes[BODY];
        ssize_t n = fd < 0 ? -1 : read(fd, bytes, sizeof(bytes));

        if (n < 0)
                fail(r, "read", path, errno);
        else
                add(r, bytes, (size_t)n);
        if (fd >= 0)
                close(fd);
}

static void answer_log(const char *path, struct reply *r)
{
        int code = write_file(path, O_APPEND, "GET\n");

        if (code)
                fail(r, "write", path, code);
}

/* A number that has to outlive the service. */
static void answer_count(const char *path, struct reply *r)
{
        char text[32] = "0";
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        int code;

        if (fd >= 0) {
                ssize_t n = read(fd, text, sizeof(text) - 1);

                text[n > 0 ? n : 0] = '\0';
                close(fd);
        } else if (errno != ENOENT) {
                fail(r, "read", path, errno);
                return;
        }
        snprintf(text, sizeof(text), "%lu\n", strtoul(text, NULL, 10) + 1);
        code = write_file(path, O_TRUNC, text);
        if (code)
                fail(r, "write", path, code);
        else
                add(r, text, strlen(text));
}

/* Four bytes of a device. */
static void answer_dice(const char *path, struct reply *r)
{
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        unsigned number = 0;
        char text[32];

        if (fd < 0 || read(fd, &number, sizeof(number)) != (ssize_t)sizeof(number)) {
                fail(r, "read", path, errno);
        } else {
                snprintf(text, sizeof(text), "%u\n", number % 6 + 1);
                add(r, text, strlen(text));
        }
        if (fd >= 0)
                close(fd);
}

static void answer_report(const char *folder, struct reply *r)
{
        char path[512];
        int code;

        snprintf(path, sizeof(path), "%.400s/%lld.txt", folder, (long long)time(NULL));
        code = write_file(path, O_TRUNC, "all is well\n");
        if (code)
                fail(r, "write", path, code);
        else
                add(r, path, strlen(path));
}

/* ---- what is done once, before the first request.  0 or errno ---- */

/* Keeps what it writes to itself, as many a server does: hands the file to its own user. */
static int start_own(const char *path)
{
        int code = write_file(path, O_APPEND, "");

        if (code)
                return code;
        return chown(path, geteuid(), getegid()) < 0 ? errno : 0;
}

/* A worker with a host name of its own. */
static int start_worker(const char *name)
{
        pid_t pid = fork();
        int status = 0;

        if (pid == 0) {
                if (unshare(CLONE_NEWUTS) < 0 || sethostname(name, strlen(name)) < 0)
                        _exit(errno);
                _exit(0);
        }
        if (pid < 0 || waitpid(pid, &status, 0) < 0)
                return errno;
        return WIFEXITED(status) ? WEXITSTATUS(status) : EPERM;
}

/* Another address for the loopback device: that of a machine next door, as far as anyone can tell.
 */
static int start_alias(const char *address)
{
        struct ifreq request = { 0 };
        struct sockaddr_in in = { .sin_family = AF_INET };
        int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        int code = 0;

        if (fd < 0)
                return errno;
        if (inet_pton(AF_INET, address, &in.sin_addr) != 1)
                code = EINVAL;
        snprintf(request.ifr_name, sizeof(request.ifr_name), "lo:1");
        memcpy(&request.ifr_addr, &in, sizeof(in));
        if (!code && ioctl(fd, SIOCSIFADDR, &request) < 0)
                code = errno;
        close(fd);
        return code;
}

/* ---- the keys ---- */

static const struct key {
        const char *name, *what;
        const char *page; /* which it belongs to */
        int (*start)(const char *value);
        void (*answer)(const char *value, struct reply *r);
} keys[] = {
        { "address", "listen on", NULL, NULL, NULL },
        { "page", "read", "/", NULL, answer_page },
        { "log", "write", "/", NULL, answer_log },
        { "count", "write", "/", NULL, answer_count },
        { "dice", "read", "/", NULL, answer_dice },
        { "report", "write", "/report", NULL, answer_report },
        { "own", "change the owner of", NULL, start_own, NULL },
        { "worker", "give a host name of its own to the worker", NULL, start_worker, NULL },
        { "alias", "take the address", NULL, start_alias, NULL },
};

struct given {
        const struct key *key;
        const char *value;
};

static bool find_key(const char *word, struct given *ret)
{
        size_t n = strcspn(word, "=");

        for (size_t i = 0; word[n] && i < COUNT(keys); i++)
                if (strncmp(keys[i].name, word, n) == 0 && !keys[i].name[n]) {
                        *ret = (struct given){ &keys[i], word + n + 1 };
                        return true;
                }
        return false;
}

/* ---- requests ---- */

static void send_all(int fd, const char *bytes, size_t n)
{
        while (n > 0) {
                ssize_t sent = send(fd, bytes, n, MSG_NOSIGNAL);

                if (sent < 0 && errno == EINTR)
                        continue;
                if (sent <= 0)
                        return;
                bytes += sent;
                n -= (size_t)sent;
        }
}

/* The path of "GET /path HTTP/1.1"; false: it never came. */
static bool read_request(int fd, char path[REQUEST])
{
        char bytes[REQUEST];
        size_t n = 0;

        while (n < sizeof(bytes) - 1) {
                struct pollfd in = { .fd = fd, .events = POLLIN };
                ssize_t got = poll(&in, 1, PATIENCE_MS) > 0
                                      ? read(fd, bytes + n, sizeof(bytes) - 1 - n)
                                      : 0;

                if (got <= 0)
                        return false;
                n += (size_t)got;
                bytes[n] = '\0';
                if (strstr(bytes, "\r\n\r\n"))
                        break;
        }
        return sscanf(bytes, "GET %1000s", path) == 1;
}

static void answer(int fd, const struct given *given, size_t count)
{
        struct reply r = { .status = 404 };
        char path[REQUEST], head[128];
        size_t n;

        if (!read_request(fd, path))
                return;
        for (size_t i = 0; i < count && r.status != 500; i++) {
                if (!given[i].key->page || strcmp(given[i].key->page, path) != 0)
                        continue;
                r.status = 200;
                given[i].key->answer(given[i].value, &r);
        }
        n = (size_t)snprintf(head, sizeof(head),
                             "HTTP/1.1 %d %s\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n",
                             r.status, r.status == 200 ? "OK" : "sorry", r.length);
        send_all(fd, head, n);
        send_all(fd, r.body, r.length);
}

static int listen_on(const char *address, unsigned port)
{
        struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        int yes = 1;

        if (fd < 0 || inet_pton(AF_INET, address, &in.sin_addr) != 1 ||
            setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) < 0 ||
            bind(fd, (struct sockaddr *)&in, sizeof(in)) < 0 || listen(fd, 16) < 0) {
                dprintf(STDERR_FILENO, "cannot listen on %s:%u: %s\n", address, port,
                        strerror(errno));
                return -1;
        }
        return fd;
}

static int start_all(const struct given *given, size_t count)
{
        for (size_t i = 0; i < count; i++) {
                int code = given[i].key->start ? given[i].key->start(given[i].value) : 0;

                if (code) {
                        dprintf(STDERR_FILENO, "cannot %s %s: %s\n", given[i].key->what,
                                given[i].value, strerror(code));
                        return 1;
                }
        }
        return 0;
}

int serve_main(int argc, char **argv)
{
        struct given given[MOST] = { 0 };
        const char *address = "127.0.0.1";
        unsigned port = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 0;
        size_t count = 0;
        int fd;

        for (int i = 2; i < argc; i++, count++) {
                if (count == MOST || !find_key(argv[i], &given[count])) {
                        dprintf(STDERR_FILENO, "no such word: %s\n", argv[i]);
                        return 2;
                }
                if (strcmp(given[count].key->name, "address") == 0)
                        address = given[count].value;
        }
        if (port == 0 || port > 65535) {
                dprintf(STDERR_FILENO, "--serve PORT [KEY=VALUE]...\n");
                return 2;
        }
        if (start_all(given, count))
                return 1;
        fd = listen_on(address, port);
        if (fd < 0)
                return 1;
        dprintf(STDERR_FILENO, "serving on %s:%u\n", address, port);
        for (;;) {
                int one = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

                if (one < 0 && (errno == EINTR || errno == ECONNABORTED || errno == EAGAIN))
                        continue;
                if (one < 0)
                        return 1;
                answer(one, given, count);
                close(one);
        }
}
