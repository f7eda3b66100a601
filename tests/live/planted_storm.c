/* planted_storm.c - more of one kind than an observer can keep. */
#include "planted.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/wait.h>

static int forks(unsigned long count)
{
        for (unsigned long i = 0; i < count; i++) {
                pid_t child = fork();

                if (child < 0)
                        return 1;
                if (child == 0)
                        _exit(open("/dev/null", O_RDONLY) < 0);
                if (i % 64 == 63) /* some at a time, so that they run beside each other */
                        while (waitpid(-1, NULL, 0) > 0)
                                ;
        }
        while (waitpid(-1, NULL, 0) > 0)
                ;
        return 0;
}

static int opens(unsigned long count)
{
        for (unsigned long i = 0; i < count; i++) {
                int fd = open("/etc/passwd", O_RDONLY);

                if (fd < 0)
                        return 1;
                close(fd);
        }
        return 0;
}

/* Below the working folder: a name each, in one folder. */
static int paths(unsigned long count)
{
        char name[64];

        for (unsigned long i = 0; i < count; i++) {
                int fd;

                snprintf(name, sizeof(name), "name-%lu", i);
                fd = open(name, O_WRONLY | O_CREAT, 0600);
                if (fd < 0)
                        return 1;
                close(fd);
        }
        return 0;
}

/* A folder each, ten deep in width, so that no one folder has many names. */
static int trees(unsigned long count)
{
        char name[64];

        for (unsigned long i = 0; i < count; i++) {
                snprintf(name, sizeof(name), "tree-%lu", i / 10);
                if (i % 10 == 0 && mkdir(name, 0755) < 0 && errno != EEXIST)
                        return 1;
                snprintf(name, sizeof(name), "tree-%lu/%lu", i / 10, i % 10);
                close(open(name, O_WRONLY | O_CREAT, 0600));
        }
        return 0;
}

/* Datagrams to that many addresses and ports, none of which answers. */
static int peers(unsigned long count)
{
        struct sockaddr_in a = { .sin_family = AF_INET };
        int fd = socket(AF_INET, SOCK_DGRAM, 0);

        for (unsigned long i = 0; i < count; i++) {
                a.sin_addr.s_addr = htonl(0x7f000001U + (uint32_t)(i / 50000));
                a.sin_port = htons((uint16_t)(1024 + i % 50000));
                if (connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0)
                        return 1;
        }
        return 0;
}

/* A call that changes nothing and is about nothing: what watching costs who isn't watched. */
static int calls(unsigned long count)
{
        for (unsigned long i = 0; i < count; i++)
                sys(getppid);
        return 0;
}

int storm(const char *kind, unsigned long count)
{
        static const struct {
                const char *name;
                int (*run)(unsigned long);
        } kinds[] = {
                { "forks", forks }, { "opens", opens }, { "paths", paths },
                { "trees", trees }, { "peers", peers }, { "calls", calls },
        };

        for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
                if (strcmp(kinds[i].name, kind) == 0)
                        return kinds[i].run(count);
        fprintf(stderr, "planted: there is no storm of %s\n", kind);
        return 2;
}
