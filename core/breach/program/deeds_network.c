/* deeds_network.c - sockets.  Nothing leaves the machine but one empty datagram to 192.0.2.1, an
 * address that nobody has. */
#include "core/breach/program/program.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_alg.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { WAIT = 900 };

static const struct kind {
        const char *name;
        int family, type, protocol;
} kinds[] = {
        { "unix", AF_UNIX, SOCK_STREAM, 0 },        { "inet", AF_INET, SOCK_STREAM, 0 },
        { "inet6", AF_INET6, SOCK_STREAM, 0 },      { "netlink", AF_NETLINK, SOCK_RAW, 0 },
        { "packet", AF_PACKET, SOCK_RAW, 0 },       { "raw", AF_INET, SOCK_RAW, IPPROTO_ICMP },
        { "vsock", AF_VSOCK, SOCK_STREAM, 0 },      { "alg", AF_ALG, SOCK_SEQPACKET, 0 },
        { "bluetooth", AF_BLUETOOTH, SOCK_RAW, 1 },
};

int make_socket(const char *argument, char *said)
{
        (void)said;
        for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
                int fd;

                if (strcmp(kinds[i].name, argument) != 0)
                        continue;
                fd = socket(kinds[i].family, kinds[i].type | SOCK_CLOEXEC, kinds[i].protocol);
                if (fd < 0)
                        return -errno;
                close(fd);
                return 0;
        }
        return ABSENT;
}

int make_socketpair(const char *argument, char *said)
{
        int pair[2];

        (void)argument;
        (void)said;
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
                return -errno;
        close(pair[0]);
        close(pair[1]);
        return 0;
}

/* ---- ports ---- */

static int bind_as(int type, uint16_t port)
{
        struct sockaddr_in at = { .sin_family = AF_INET,
                                  .sin_port = htons(port),
                                  .sin_addr.s_addr = htonl(INADDR_ANY) };
        int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0), r;

        if (fd < 0)
                return -errno;
        r = result(bind(fd, (const struct sockaddr *)&at, sizeof(at)));
        close(fd);
        return r;
}

int bind_port(const char *argument, char *said)
{
        (void)said;
        return bind_as(SOCK_STREAM, (uint16_t)atoi(argument));
}

int bind_udp(const char *argument, char *said)
{
        (void)said;
        return bind_as(SOCK_DGRAM, (uint16_t)atoi(argument));
}

int bind_port6(const char *argument, char *said)
{
        struct sockaddr_in6 at = { .sin6_family = AF_INET6,
                                   .sin6_port = htons((uint16_t)atoi(argument)),
                                   .sin6_addr = IN6ADDR_ANY_INIT };
        int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0), r;

        (void)said;
        if (fd < 0)
                return -errno;
        r = result(bind(fd, (const struct sockaddr *)&at, sizeof(at)));
        close(fd);
        return r;
}

/* ---- talking ---- */

/* What a connection that was begun comes to; no answer is a refusal too. */
static int connect_end(int fd)
{
        struct pollfd p = { .fd = fd, .events = POLLOUT };
        int error = 0;
        socklen_t size = sizeof(error);

        if (poll(&p, 1, WAIT) <= 0)
                return -ETIMEDOUT;
        if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
                return -errno;
        return -error;
}

/* To a listener of its own, on a port that the kernel chooses.  Where it may not listen, any port:
 * "nobody is there" is an answer from the other side. */
int connect_loopback(const char *argument, char *said)
{
        struct sockaddr_in at = { .sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        socklen_t size = sizeof(at);
        int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), fd, r;

        (void)argument;
        (void)said;
        if (listener < 0)
                return -errno;
        fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return -errno;
        if (bind(listener, (const struct sockaddr *)&at, sizeof(at)) < 0 ||
            listen(listener, 1) < 0 || getsockname(listener, (struct sockaddr *)&at, &size) < 0)
                at.sin_port = htons(9);
        r = result(connect(fd, (const struct sockaddr *)&at, sizeof(at)));
        if (r == -EINPROGRESS)
                r = connect_end(fd);
        close(fd);
        close(listener);
        return r == -ECONNREFUSED ? 0 : r;
}

int send_udp(const char *argument, char *said)
{
        struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) };
        int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), r;

        (void)said;
        if (fd < 0)
                return -errno;
        if (inet_pton(AF_INET, argument, &to.sin_addr) != 1)
                return -EINVAL;
        r = result(sendto(fd, "", 0, MSG_DONTWAIT, (const struct sockaddr *)&to, sizeof(to)));
        close(fd);
        return r;
}

int abstract_socket(const char *argument, char *said)
{
        struct sockaddr_un at = { .sun_family = AF_UNIX };
        int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        int fd = listener >= 0 ? socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) : -1, r = 0;
        socklen_t size;

        (void)argument;
        (void)said;
        if (fd < 0)
                return -errno;
        snprintf(at.sun_path + 1, sizeof(at.sun_path) - 1, "gird-%d", (int)getpid());
        size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(at.sun_path + 1));
        if (bind(listener, (const struct sockaddr *)&at, size) < 0 || listen(listener, 1) < 0 ||
            connect(fd, (const struct sockaddr *)&at, size) < 0)
                r = -errno;
        close(fd);
        close(listener);
        return r;
}

/* ---- the network's set-up ---- */

/* Loopback's flags, to what they are: that needs the same right as any change. */
int set_interface(const char *argument, char *said)
{
        struct ifreq request = { .ifr_name = "lo" };
        int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), r = 0;

        (void)argument;
        (void)said;
        if (fd < 0)
                fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return -errno;
        if (ioctl(fd, SIOCGIFFLAGS, &request) < 0 || ioctl(fd, SIOCSIFFLAGS, &request) < 0)
                r = -errno;
        close(fd);
        return r;
}

int spoof_address(const char *argument, char *said)
{
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1, r;

        (void)argument;
        (void)said;
        if (fd < 0)
                return -errno;
        r = result(setsockopt(fd, IPPROTO_IP, IP_TRANSPARENT, &on, sizeof(on)));
        close(fd);
        return r;
}
