/* denials_needs_network.c - sockets. */
#include "denials_needs.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/un.h>

static struct sockaddr_in internet(const char *address, unsigned port)
{
        struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };

        inet_pton(AF_INET, address, &a.sin_addr);
        return a;
}

int bound(int type, const char *address, unsigned port)
{
        struct sockaddr_in a = internet(address, port);
        int fd = socket(AF_INET, type, 0), one = 1;

        if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0)
                return -1;
        return bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 ? -1 : fd;
}

int connected(const char *address, unsigned port)
{
        struct sockaddr_in a = internet(address, port);
        struct timeval second = { .tv_sec = 1 };
        int listener = bound(SOCK_STREAM, address, port), fd = socket(AF_INET, SOCK_STREAM, 0);

        if (listener < 0 || fd < 0 || listen(listener, 4) < 0 ||
            setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &second, sizeof(second)) < 0)
                return -1;
        return connect(fd, (struct sockaddr *)&a, sizeof(a));
}

int connected_unix(const char *path)
{
        struct sockaddr_un a = { .sun_family = AF_UNIX };
        int fd;

        snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
        fd = socket(AF_UNIX, SOCK_STREAM, 0);
        if (fd < 0)
                return -1;
        if (connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0)
                return 0;
        /* Bound, and nobody answers: that is as good. */
        return errno == ECONNREFUSED || errno == EPROTOTYPE ? 0 : -1;
}

int sent(const char *address, unsigned port)
{
        struct sockaddr_in a = internet(address, port);
        int fd = socket(AF_INET, SOCK_DGRAM, 0);

        return fd < 0 ? -1 : (int)sendto(fd, "x", 1, 0, (struct sockaddr *)&a, sizeof(a));
}

int interface_up(void)
{
        struct ifreq request = { .ifr_flags = IFF_UP };

        strcpy(request.ifr_name, "lo");
        return ioctl(OK(socket(AF_INET, SOCK_DGRAM, 0)), SIOCSIFFLAGS, &request);
}

int tell(const char *state)
{
        struct sockaddr_un a = { .sun_family = AF_UNIX };
        const char *path = getenv("NOTIFY_SOCKET");
        int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
        size_t length;

        if (!path)
                return 0; /* it is not asked for */
        length = strlen(path);
        if (fd < 0 || length >= sizeof(a.sun_path))
                return -1;
        memcpy(a.sun_path, path, length);
        if (a.sun_path[0] == '@')
                a.sun_path[0] = '\0';
        return (int)sendto(fd, state, strlen(state), 0, (struct sockaddr *)&a,
                           (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length));
}

void child_tells(const char *state)
{
        pid_t child = OK(fork());

        if (child != 0)
                return;
        OK(tell(state));
        pause();
}

void answer(int listener)
{
        OK(listen(listener, 16));
        for (;;)
                close(accept(listener, NULL, NULL));
}
