/* twin_sweep.c - nothing stays behind: control groups outlive the processes in them, so
 * somebody outside the box has to remove them when gird cannot. */
#include "core/stage/twin_private.h"

#include "core/base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

enum {
        TRIES = 500,
        LATECOMER = 100, /* 2 s */
        VISIT = 50,      /* 1 s */
        PAUSE_NS = 20 * 1000 * 1000,
        STAT_LIMIT = 4096,
        DEPTH_LIMIT = 32
};

/* When the process began, in ticks since boot; 0 if there is none. */
static unsigned long long started(unsigned pid)
{
        scoped(mem_freep) char *text = NULL;
        char path[40];
        char *at;

        snprintf(path, sizeof(path), "/proc/%u/stat", pid);
        if (file_read(AT_FDCWD, path, STAT_LIMIT, &text, NULL, NULL) < 0)
                return 0;
        at = strrchr(text, ')'); /* the name before it may hold anything */
        for (int field = 2; at && field < 22; field++)
                at = strchr(at + 1, ' ');
        return at ? strtoull(at + 1, NULL, 10) : 0;
}

static unsigned long long pid_namespace(void)
{
        struct stat st;

        return stat("/proc/self/ns/pid", &st) < 0 ? 0 : (unsigned long long)st.st_ino;
}

int owner_name(char *ret, size_t room)
{
        unsigned short random = 0;
        unsigned pid = (unsigned)getpid();

        if (getrandom(&random, sizeof(random), 0) < 0)
                return -errno;
        snprintf(ret, room, "gird-%llx-%x-%llx-%x", pid_namespace(), pid, started(pid),
                 (unsigned)random);
        return 0;
}

/* Of a gird in another pid namespace nothing can be told from here, so it counts as alive. */
bool owner_is_dead(const char *name)
{
        unsigned long long space, start;
        unsigned pid, random;
        int length = 0;

        if (sscanf(name, "gird-%llx-%x-%llx-%x%n", &space, &pid, &start, &random, &length) != 4 ||
            name[length])
                return false;
        return space == pid_namespace() && started(pid) != start;
}

/* Removes the folder with those below it; 0 when it is gone. */
static int remove_tree(int parent, const char *name, unsigned depth)
{
        int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        scoped(dir_closep) DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
        struct dirent *entry;

        if (!dir) {
                int r = errno == ENOENT ? 0 : -errno;

                fd_closep(&fd);
                return r;
        }
        while (depth < DEPTH_LIMIT && (entry = readdir(dir)))
                if (entry->d_type == DT_DIR && strcmp(entry->d_name, ".") != 0 &&
                    strcmp(entry->d_name, "..") != 0)
                        remove_tree(fd, entry->d_name, depth + 1);
        return unlinkat(parent, name, AT_REMOVEDIR) < 0 && errno != ENOENT ? -errno : 0;
}

static void kill_group(int parent, const char *name)
{
        char path[300];
        int fd;

        snprintf(path, sizeof(path), "%s/cgroup.kill", name);
        fd = openat(parent, path, O_WRONLY | O_CLOEXEC);
        if (fd >= 0 && write(fd, "1", 1) < 0) {
                /* an old kernel, or it is gone: the box dies with gird all the same */
        }
        fd_closep(&fd);
}

static void remove_group(const int *roots, size_t count, const char *name, unsigned tries)
{
        for (unsigned i = 0; i < tries; i++) {
                bool gone = true;

                for (size_t k = 0; k < count; k++) {
                        if (roots[k] < 0)
                                continue;
                        kill_group(roots[k], name);
                        if (remove_tree(roots[k], name, 0) < 0)
                                gone = false;
                }
                if (gone)
                        return;
                nanosleep(&(struct timespec){ .tv_nsec = PAUSE_NS }, NULL);
        }
}

/* Joins the group, or one below it where the kernel wants it so, and ends. */
static void visit(int folder)
{
        static const char *const files[] = { "cgroup.procs", "payload/cgroup.procs",
                                             "supervisor/cgroup.procs" };
        pid_t pid = fork();

        if (pid == 0) {
                for (size_t i = 0; i < COUNT(files); i++) {
                        int fd = openat(folder, files[i], O_WRONLY | O_CLOEXEC);

                        if (fd >= 0 && write(fd, "0", 1) == 1)
                                break;
                }
                _exit(0);
        }
        while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
                ;
}

/* A scope is systemd's to remove, when it hears that nobody is left in it.  Should it have
 * missed that, a visitor makes it look again; not at once, as one who is there just then keeps
 * it from removing the scope.
 * sure: the scope has been there, so its absence means that all is done. */
static void release_scope(int slice, const char *name, bool sure, unsigned tries)
{
        char scope[80];

        snprintf(scope, sizeof(scope), "%s.scope", name);
        for (unsigned i = 1; i < tries; i++) {
                int folder = openat(slice, scope, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

                if (folder < 0 && (sure || i > LATECOMER))
                        return;
                if (folder >= 0) {
                        sure = true;
                        kill_group(slice, scope);
                        if (i % VISIT == 0)
                                visit(folder);
                        close(folder);
                }
                nanosleep(&(struct timespec){ .tv_nsec = PAUSE_NS }, NULL);
        }
}

static int open_folder(const char *path)
{
        return path ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
}

/* Where the twins' own groups are. */
static int open_roots(int *ret, struct err *e)
{
        scoped(mem_freep) char *v2 = NULL;
        scoped(mem_freep) char *named = NULL;
        int r = cgroup_find(&v2, &named, e);

        if (r != 0)
                return r;
        ret[0] = open_folder(v2);
        ret[1] = open_folder(named);
        return 0;
}

/* Where this machine's systemd has its scopes; 1 if it is not process 1. */
static int open_slice(int *ret, struct err *e)
{
        scoped(mem_freep) char *group = NULL;
        scoped(mem_freep) char *path = NULL;
        char *end;
        int r = cgroup_of(1, &group, e);

        if (r < 0)
                return r;
        end = strrchr(group, '/');
        if (!end || strcmp(end, "/init.scope") != 0)
                return 1;
        *end = '\0';
        path = text_format("%s/system.slice", group);
        *ret = open_folder(path);
        return 0;
}

static void sweep_root(int root)
{
        int fd = openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        scoped(dir_closep) DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
        struct dirent *entry;

        if (!dir)
                fd_closep(&fd);
        while (dir && (entry = readdir(dir)))
                if (entry->d_type == DT_DIR && owner_is_dead(entry->d_name))
                        remove_group(&root, 1, entry->d_name, 5);
}

static void sweep_slice(int slice)
{
        int fd = openat(slice, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        scoped(dir_closep) DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
        struct dirent *entry;

        if (!dir)
                fd_closep(&fd);
        while (dir && (entry = readdir(dir))) {
                scoped(mem_freep) char *name = NULL;

                if (entry->d_type != DT_DIR || !text_ends(entry->d_name, ".scope"))
                        continue;
                name = strndup(entry->d_name, strlen(entry->d_name) - strlen(".scope"));
                if (name && owner_is_dead(name))
                        release_scope(slice, name, true, 2 * VISIT);
        }
}

void twin_sweep(void)
{
        int roots[2] = { -1, -1 };
        int slice = -1;

        if (open_roots(roots, NULL) != 0)
                return;
        for (size_t i = 0; i < COUNT(roots); i++) {
                if (roots[i] >= 0)
                        sweep_root(roots[i]);
                fd_closep(&roots[i]);
        }
        if (open_slice(&slice, NULL) == 0 && slice >= 0)
                sweep_slice(slice);
        fd_closep(&slice);
}

/* In the child: waits for gird's end, deaf to everything that may end gird.  A byte before
 * the end says that the scope is known to have been there, or never will be. */
static void sweeper_main(int life, const int *roots, const char *name, bool scope)
{
        const int kept[] = { life, roots[0], roots[1] };
        int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
        bool sure = false;
        char byte;
        ssize_t n;

        setsid();
        prctl(PR_SET_NAME, "gird-sweeper");
        for (int i = 0; i < 3; i++)
                dup2(nothing, i);
        descriptors_keep(kept, COUNT(kept));
        do {
                n = read(life, &byte, 1);
                sure |= n > 0;
        } while (n > 0 || (n < 0 && errno == EINTR));
        if (scope)
                release_scope(roots[0], name, sure, TRIES);
        else
                remove_group(roots, 2, name, TRIES);
        _exit(0);
}

/* With all signals blocked, and for ever in the child. */
static pid_t fork_deaf(void)
{
        sigset_t all, before;
        pid_t pid;

        sigfillset(&all);
        sigprocmask(SIG_SETMASK, &all, &before);
        pid = fork();
        if (pid != 0)
                sigprocmask(SIG_SETMASK, &before, NULL);
        return pid;
}

int sweeper_open(const char *name, bool scope, struct sweeper *ret, struct err *e)
{
        int roots[2] = { -1, -1 };
        int ends[2];
        pid_t pid;
        int r = scope ? open_slice(roots, e) : open_roots(roots, e);

        if (r > 0 && scope)
                return err_say(e, r, "systemd answers, but it is not process 1 of this machine");
        if (r != 0)
                return r;
        if (pipe2(ends, O_CLOEXEC) < 0)
                r = -errno;
        else {
                pid = fork_deaf();
                if (pid == 0)
                        sweeper_main(ends[0], roots, name, scope);
                r = pid < 0 ? -errno : 0;
                close(ends[0]);
                if (r < 0)
                        close(ends[1]);
                else
                        *ret = (struct sweeper){ .pid = pid, .life = ends[1] };
        }
        fd_closep(&roots[0]);
        fd_closep(&roots[1]);
        return r < 0 ? err_set(e, r, "cannot start the twin's sweeper") : 0;
}

void sweeper_done(struct sweeper *s)
{
        if (s->life >= 0 && !s->unsure && write(s->life, "s", 1) < 0) {
                /* it is gone, and there is nobody to tell */
        }
        fd_closep(&s->life);
        s->life = -1;
        if (s->pid > 0)
                while (waitpid(s->pid, NULL, 0) < 0 && errno == EINTR)
                        ;
        s->pid = 0;
}
