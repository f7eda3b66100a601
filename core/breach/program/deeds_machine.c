/* deeds_machine.c - the clock, the name, the power switch, devices.  The arguments are such that
 * nothing changes; the right is asked for before they are looked at. */
#include "core/breach/program/program.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <unistd.h>

/* A step of minus one microsecond is no step: EINVAL, but for those who may step the clock only. */
int set_clock(const char *argument, char *said)
{
        struct timex t = { .modes = ADJ_SETOFFSET, .time.tv_usec = -1 };

        (void)argument;
        (void)said;
        return syscall(SYS_clock_adjtime, CLOCK_REALTIME, &t) >= 0 || errno == EINVAL ? 0 : -errno;
}

/* To what it is. */
int set_hostname(const char *argument, char *said)
{
        char name[HOST_NAME_MAX + 1] = "";

        (void)argument;
        (void)said;
        if (gethostname(name, sizeof(name) - 1) < 0)
                return -errno;
        return result(sethostname(name, strlen(name)));
}

/* With numbers that are not the magic ones: EINVAL for who may. */
int call_reboot(const char *argument, char *said)
{
        (void)argument;
        (void)said;
        return syscall(SYS_reboot, 0, 0, 0, NULL) >= 0 || errno == EINVAL ? 0 : -errno;
}

/* A timer that is never set. */
int wake_alarm(const char *argument, char *said)
{
        int fd = timerfd_create(CLOCK_BOOTTIME_ALARM, TFD_CLOEXEC);

        (void)argument;
        (void)said;
        if (fd < 0)
                return -errno;
        close(fd);
        return 0;
}

static int make_node(const char *folder, mode_t type, dev_t device, int *first)
{
        char path[PATH_MAX];
        int r;

        snprintf(path, sizeof(path), "%s/.gird-node-%d", folder, (int)getpid());
        r = result(mknod(path, type | 0600, device));
        if (r == 0)
                unlink(path);
        else if (*first == 0)
                *first = r;
        return r;
}

/* "null", or the first loop device, which is not opened. */
int make_device(const char *argument, char *said)
{
        bool null = strcmp(argument, "null") == 0;
        mode_t type = null ? S_IFCHR : S_IFBLK;
        dev_t device = null ? makedev(1, 3) : makedev(7, 0);
        static const char *const folders[] = { "/tmp", "/var/tmp", "/dev/shm", "/run", "." };
        int first = 0;

        (void)said;
        for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
                if (make_node(folders[i], type, device, &first) == 0)
                        return 0;
        return first;
}
