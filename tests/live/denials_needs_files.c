/* denials_needs_files.c - files, folders and what is prepared of them. */
#include "denials_needs.h"

#include <dirent.h>
#include <stddef.h>
#include <string.h>
#include <sys/un.h>

const char *made(const char *path)
{
        unlink(path); /* that of the last start may be another's by now */
        close(OK(open(path, O_WRONLY | O_CREAT, 0600)));
        return path;
}

int fleeting(const char *path)
{
        return mkdir(path, 0755) < 0 ? -1 : rmdir(path);
}

int put(const char *path, const char *text)
{
        int fd = open(path, O_WRONLY);

        return fd < 0 ? -1 : (int)write(fd, text, strlen(text));
}

int stat_of(const char *path)
{
        struct stat st;

        return stat(path, &st);
}

/* Besides "." and "..". */
int entries(const char *path)
{
        DIR *dir = opendir(path);
        int count = 0;

        if (!dir)
                return -1;
        while (readdir(dir))
                count++;
        closedir(dir);
        return count - 2;
}

long bytes_in(const char *path)
{
        int fd = open(path, O_RDONLY);

        return fd < 0 ? -1 : read(fd, scratch, sizeof(scratch));
}

/* The folder in it has this process's number: those of earlier starts may be there yet. */
int seen_by_others(const char *path)
{
        char below[4096], others[8192];

        OK(mount("gird", path, "tmpfs", 0, ""));
        snprintf(below, sizeof(below), "%s/%d", path, (int)getpid());
        snprintf(others, sizeof(others), "/proc/1/root%s", below);
        OK(mkdir(below, 0700));
        return stat_of(others);
}

int stays(const char *path)
{
        if (stat_of("/mark-of-the-test") == 0)
                return stat_of(path) == 0;
        return mkdir(path, 0700) == 0 && mkdir("/mark-of-the-test", 0700) == 0;
}

const char *own_cgroup(const char *name)
{
        static char path[8192];
        FILE *f = fopen("/proc/self/cgroup", "re");

        while (f && fgets(scratch, sizeof(scratch), f)) {
                char *end = strchr(scratch, '\n');

                if (strncmp(scratch, "0::", 3) != 0)
                        continue;
                if (end)
                        *end = '\0';
                snprintf(path, sizeof(path), "/sys/fs/cgroup%s/%s", scratch + 3, name);
                fclose(f);
                return path;
        }
        gone();
}

int credential(const char *name)
{
        const char *where = getenv("CREDENTIALS_DIRECTORY");
        char path[4096];

        snprintf(path, sizeof(path), "%s/%s", where ? where : "/run/credentials", name);
        return where && bytes_in(path) > 0;
}

int open_many(unsigned count)
{
        for (unsigned i = 0; i < count; i++)
                if (open("/dev/null", O_RDONLY) < 0)
                        return -1;
        return 0;
}

int write_nowhere(void)
{
        int ends[2];

        OK(pipe2(ends, O_CLOEXEC));
        close(ends[0]);
        return write(ends[1], "x", 1) < 0 ? errno : 0;
}

/* ---- before the unit starts ---- */

void prepare_tmp(void)
{
        struct sockaddr_un a = { .sun_family = AF_UNIX, .sun_path = "/tmp/gird-socket" };
        int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

        made("/tmp/gird-need");
        OK(chmod("/tmp/gird-need", 0644));
        unlink(a.sun_path);
        OK(bind(fd, (struct sockaddr *)&a, sizeof(a)));
}

void prepare_modules(void)
{
        mkdir("/usr/lib/modules", 0755);
        mkdir("/usr/lib/modules/gird-need", 0755);
}

void prepare_keyring(void)
{
        sys(add_key, "user", "gird-need", "x", 1, -3);
}

/* Once: what is prepared may be in the sandbox, too. */
void prepare_shared_memory(void)
{
        if (mkdir("/run/gird-shared", 0700) == 0)
                OK(shmget(KEY, 4096, 0600 | IPC_CREAT));
}

void prepare_nothing_shared(void)
{
        mkdir("/run/gird-kept", 0777);
        OK(chmod("/run/gird-kept", 0777));
}

void prepare_pid(void)
{
        char pid[16];

        snprintf(pid, sizeof(pid), "%d", (int)getppid());
        unlink("/run/gird-pid");
        OK(symlink(pid, "/run/gird-pid"));
}
