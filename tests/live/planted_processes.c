/* planted_processes.c - users, signals, filters, programs and their children. */
#include "planted.h"

#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <spawn.h>
#include <stddef.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>

void become(uid_t uid)
{
        OK(sys(setgroups, 0, NULL));
        OK(sys(setresgid, uid, uid, uid));
        OK(sys(setresuid, uid, uid, uid));
}

void without(unsigned capability)
{
        struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
        struct __user_cap_data_struct data[2];

        OK(sys(capget, &head, data));
        data[capability / 32].effective &= ~(1U << capability % 32);
        OK(sys(capset, &head, data));
}

void wait_for(pid_t child)
{
        if (child < 0)
                cannot("fork");
        while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
                ;
}

pid_t execute(const char *path, uid_t uid)
{
        pid_t child = fork();

        if (child != 0)
                return child;
        if (uid)
                become(uid);
        execve(path, (char *[]){ (char *)path, (char *)"--exit", NULL }, environ);
        _exit(77);
}

pid_t execute_descriptor(const char *path)
{
        pid_t child = fork();
        int fd;

        if (child != 0)
                return child;
        fd = open(path, O_PATH);
        sys(execveat, fd, "", (char *[]){ (char *)path, (char *)"--exit", NULL }, environ,
            AT_EMPTY_PATH);
        _exit(77);
}

pid_t execute_touch(const char *name)
{
        pid_t child = fork();

        if (child != 0)
                return child;
        execve(shared("program"),
               (char *[]){ (char *)"program", (char *)"--touch", (char *)at(name), NULL }, environ);
        _exit(77);
}

pid_t memory_execute(void)
{
        pid_t child = fork();
        int from, to;
        ssize_t n;

        if (child != 0)
                return child;
        from = OK(open(shared("program"), O_RDONLY));
        to = OK(memfd_create("gird", MFD_CLOEXEC));
        while ((n = read(from, scratch, sizeof(scratch))) > 0)
                OK(write(to, scratch, (size_t)n));
        sys(execveat, to, "", (char *[]){ (char *)"memory", (char *)"--exit", NULL }, environ,
            AT_EMPTY_PATH);
        _exit(77);
}

void heed(int number)
{
        (void)number;
}

/* posix_spawn() is vfork underneath. */
int vfork_execute(const char *path)
{
        pid_t child;
        int r = posix_spawn(&child, path, NULL, NULL,
                            (char *[]){ (char *)path, (char *)"--exit", NULL }, environ);

        return r == 0 ? waitpid(child, NULL, 0) : -1;
}

/* A child that does nothing, as that user; *ret_ready is closed by it when it is so far. */
static pid_t idle(uid_t uid)
{
        int ready[2];
        pid_t child;

        OK(pipe2(ready, O_CLOEXEC));
        child = fork();
        if (child == 0) {
                if (uid)
                        become(uid);
                close(ready[0]);
                close(ready[1]);
                for (;;)
                        pause();
        }
        close(ready[1]);
        if (read(ready[0], scratch, 1) < 0)
                cannot("read");
        close(ready[0]);
        return child;
}

pid_t kill_child(uid_t uid, int number)
{
        pid_t child = idle(uid);

        OK(kill(child, number));
        return child;
}

int signal_by_descriptor(void)
{
        int fd = (int)sys(pidfd_open, outside(), 0);

        return fd < 0 ? -1 : (int)sys(pidfd_send_signal, fd, SIGUSR1, NULL, 0);
}

pid_t trace_child(void)
{
        pid_t child = idle(0);

        OK(ptrace(PTRACE_SEIZE, child, NULL, NULL));
        OK(kill(child, SIGKILL));
        return child;
}

pid_t traced_child(void)
{
        pid_t child = fork();

        if (child == 0) {
                ptrace(PTRACE_TRACEME, 0, NULL, NULL);
                _exit(0);
        }
        return child;
}

pid_t trace_other_user(void)
{
        pid_t child = idle(1);

        ANY(ptrace(PTRACE_SEIZE, child, NULL, NULL));
        OK(kill(child, SIGKILL));
        return child;
}

pid_t read_child(void)
{
        pid_t child = idle(0);
        struct iovec here = { .iov_base = scratch + 8, .iov_len = 8 };
        struct iovec there = { .iov_base = scratch, .iov_len = 8 };

        ANY(process_vm_readv(child, &here, 1, &there, 1, 0));
        OK(kill(child, SIGKILL));
        return child;
}

pid_t die_of(int number)
{
        pid_t child = fork();
        struct rlimit none = { 0, 0 };

        if (child == 0) {
                setrlimit(RLIMIT_CORE, &none);
                kill(getpid(), number);
                _exit(77);
        }
        return child;
}

pid_t die_of_filter(void)
{
        pid_t child = fork();
        struct rlimit none = { 0, 0 };

        if (child == 0) {
                setrlimit(RLIMIT_CORE, &none);
                if (refuse(SYS_getppid, 0, false) == 0)
                        sys(getppid);
                _exit(77);
        }
        return child;
}

int refuse(long call, unsigned error, bool modern)
{
        unsigned action = error ? SECCOMP_RET_ERRNO | error : SECCOMP_RET_KILL_PROCESS;
        struct sock_filter lines[] = {
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call, 0, 1),
                BPF_STMT(BPF_RET | BPF_K, action),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        };
        struct sock_fprog program = { .len = 4, .filter = lines };

        if (modern)
                return (int)sys(seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
        return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

pid_t deep_fork(unsigned depth, const char *name)
{
        pid_t child = fork();

        if (child != 0)
                return child;
        if (depth > 1)
                wait_for(deep_fork(depth - 1, name));
        else
                OK(open(at(name), O_WRONLY | O_CREAT, 0600));
        _exit(0);
}

/* The grandchild acts when its parent is gone. */
void orphan(const char *name)
{
        int gone[2], done[2];
        pid_t child;

        OK(pipe2(gone, O_CLOEXEC));
        OK(pipe2(done, O_CLOEXEC));
        child = fork();
        if (child == 0) {
                if (fork() > 0)
                        _exit(0);
                close(gone[1]);
                if (read(gone[0], scratch, 1) == 0)
                        OK(open(at(name), O_WRONLY | O_CREAT, 0600));
                _exit(0);
        }
        wait_for(child);
        close(gone[1]);
        close(done[1]);
        ANY(read(done[0], scratch, 1));
}

static void *act(void *name)
{
        OK(open(at(name), O_WRONLY | O_CREAT, 0600));
        return NULL;
}

void in_thread(const char *name)
{
        pthread_t thread;

        if (pthread_create(&thread, NULL, act, (void *)name) != 0)
                cannot("pthread_create");
        pthread_join(thread, NULL);
}
