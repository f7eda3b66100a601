/* planted_network.c - the socket rows. */
#include "planted.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <stddef.h>
#include <string.h>
#include <sys/un.h>

static socklen_t internet(int family, const char *address, unsigned port, struct sockaddr_in6 *ret)
{
        struct sockaddr_in *four = (struct sockaddr_in *)(void *)ret;

        memset(ret, 0, sizeof(*ret));
        if (family == AF_INET) {
                four->sin_family = AF_INET;
                four->sin_port = htons((uint16_t)port);
                inet_pton(AF_INET, address, &four->sin_addr);
                return sizeof(*four);
        }
        ret->sin6_family = AF_INET6;
        ret->sin6_port = htons((uint16_t)port);
        inet_pton(AF_INET6, address, &ret->sin6_addr);
        return sizeof(*ret);
}

static socklen_t local(const char *path, struct sockaddr_un *ret)
{
        size_t length = path[0] ? strlen(path) + 1 : 1 + strlen(path + 1);

        memset(ret, 0, sizeof(*ret));
        ret->sun_family = AF_UNIX;
        if (length > sizeof(ret->sun_path))
                cannot("the folder's name is too long for a socket");
        memcpy(ret->sun_path, path, length);
        return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
}

/* The socket, or -1.  again: though one of an earlier run is still going out. */
static int bound_with(int family, int type, const char *address, unsigned port, bool again)
{
        struct sockaddr_in6 a;
        socklen_t length = internet(family, address, port, &a);
        int fd = socket(family, type, 0), one = 1;

        if (fd < 0 || (again && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0))
                return -1;
        return bind(fd, (struct sockaddr *)&a, length) < 0 ? -1 : fd;
}

int bound(int family, int type, const char *address, unsigned port)
{
        return bound_with(family, type, address, port, false);
}

int bound_unix(int type, const char *path)
{
        struct sockaddr_un a;
        socklen_t length = local(path, &a);
        int fd = socket(AF_UNIX, type, 0);

        return fd < 0 || bind(fd, (struct sockaddr *)&a, length) < 0 ? -1 : fd;
}

int bound_netlink(int protocol, unsigned groups)
{
        struct sockaddr_nl a = { .nl_family = AF_NETLINK, .nl_groups = groups };
        int fd = socket(AF_NETLINK, SOCK_RAW, protocol);

        return fd < 0 ? -1 : bind(fd, (struct sockaddr *)&a, sizeof(a));
}

int connected(int family, int type, const char *address, unsigned port)
{
        struct sockaddr_in6 a;
        socklen_t length = internet(family, address, port, &a);
        int fd = socket(family, type, 0);

        return fd < 0 || connect(fd, (struct sockaddr *)&a, length) < 0 ? -1 : fd;
}

int connected_unix(int type, const char *path)
{
        struct sockaddr_un a;
        socklen_t length = local(path, &a);
        int fd = socket(AF_UNIX, type, 0);

        return fd < 0 || connect(fd, (struct sockaddr *)&a, length) < 0 ? -1 : fd;
}

int listening_unix(const char *path)
{
        int fd = bound_unix(SOCK_STREAM, path);

        return fd < 0 || listen(fd, 4) < 0 ? -1 : fd;
}

int sent(int family, const char *address, unsigned port)
{
        struct sockaddr_in6 a;
        socklen_t length = internet(family, address, port, &a);
        int fd = socket(family, SOCK_DGRAM, 0);

        return fd < 0 ? -1 : (int)sendto(fd, "x", 1, 0, (struct sockaddr *)&a, length);
}

int sent_message(const char *address, unsigned port)
{
        struct sockaddr_in6 a;
        struct iovec part = { .iov_base = scratch, .iov_len = 1 };
        struct msghdr message = {
                .msg_name = &a,
                .msg_namelen = internet(AF_INET, address, port, &a),
                .msg_iov = &part,
                .msg_iovlen = 1,
        };
        int fd = socket(AF_INET, SOCK_DGRAM, 0);

        return fd < 0 ? -1 : (int)sendmsg(fd, &message, 0);
}

int sent_messages(const char *address, unsigned port)
{
        struct sockaddr_in6 a;
        struct iovec part = { .iov_base = scratch, .iov_len = 1 };
        struct mmsghdr message = { .msg_hdr = {
                                           .msg_name = &a,
                                           .msg_namelen = internet(AF_INET, address, port, &a),
                                           .msg_iov = &part,
                                           .msg_iovlen = 1,
                                   } };
        int fd = socket(AF_INET, SOCK_DGRAM, 0);

        return fd < 0 ? -1 : sendmmsg(fd, &message, 1, 0);
}

int sent_unix(const char *path)
{
        struct sockaddr_un a;
        socklen_t length = local(path, &a);
        int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

        return fd < 0 ? -1 : (int)sendto(fd, "x", 1, 0, (struct sockaddr *)&a, length);
}

int accepted(int family, const char *address, unsigned port, bool four)
{
        int listener = bound_with(family, SOCK_STREAM, address, port, true);

        if (listener < 0 || listen(listener, 4) < 0 ||
            connected(family, SOCK_STREAM, address, port) < 0)
                return -1;
        return four ? accept4(listener, NULL, NULL, SOCK_CLOEXEC)
                    : (int)sys(accept, listener, NULL, NULL);
}

int accepted_unix(const char *path)
{
        int listener = listening_unix(path);

        if (listener < 0 || connected_unix(SOCK_STREAM, path) < 0)
                return -1;
        return accept4(listener, NULL, NULL, 0);
}

int list_interfaces(void)
{
        struct ifaddrs *list = NULL;
        int r = getifaddrs(&list);

        freeifaddrs(list);
        return r;
}

int set_option(int option, int value)
{
        return setsockopt(OK(socket(AF_INET, SOCK_DGRAM, 0)), SOL_SOCKET, option, &value,
                          sizeof(value));
}

int interface_up(void)
{
        struct ifreq request = { .ifr_flags = IFF_UP };

        strcpy(request.ifr_name, "lo");
        return ioctl(OK(socket(AF_INET, SOCK_DGRAM, 0)), SIOCSIFFLAGS, &request);
}

/* A user message to the kernel's audit, which asks for the capability. */
int audit_message(void)
{
        struct {
                struct nlmsghdr head;
                char text[16];
        } message = { .head = { .nlmsg_len = sizeof(message),
                                .nlmsg_type = 1112,
                                .nlmsg_flags = NLM_F_REQUEST } };
        struct sockaddr_nl a = { .nl_family = AF_NETLINK };
        int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_AUDIT);

        strcpy(message.text, "op=planted");
        return fd < 0 ? -1
                      : (int)sendto(fd, &message, sizeof(message), 0, (struct sockaddr *)&a,
                                    sizeof(a));
}
