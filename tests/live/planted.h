/* planted.h - what the rows of planted.inc are made of. */
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/openat2.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/acct.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/timex.h>
#include <sys/types.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

extern char scratch[4096]; /* for answers that nobody reads */

/* The row cannot be planted here: says so and ends the process. */
_Noreturn void cannot(const char *what);
static inline int must(long answer, const char *what)
{
        if (answer < 0)
                cannot(what);
        return (int)answer;
}

#define OK(call) must((long)(call), #call)
#define FAILS(error, call)                                                                         \
        do {                                                                                       \
                errno = 0;                                                                         \
                if ((long)(call) >= 0)                                                             \
                        errno = 0;                                                                 \
                if (errno != (error))                                                              \
                        cannot(#call);                                                             \
        } while (0)
#define ANY(call)                                                                                  \
        do {                                                                                       \
                if ((long)(call) < 0 && (errno == ENOSYS || errno == EOPNOTSUPP))                  \
                        cannot(#call); /* this kernel has no such thing */                         \
        } while (0)
#define sys(name, ...) syscall(SYS_##name, ##__VA_ARGS__)

/* Paths: in the row's own folder, in the one that all share, and of a process. */
const char *at(const char *name);
const char *shared(const char *name);
const char *cgroup(const char *name);
const char *proc_of(pid_t pid, const char *name);
const char *long_name(size_t length);
pid_t outside(void); /* a process that is not of the unit */

int openat2(int folder, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve);
void open_deep(unsigned depth);
int stat_path(const char *path);
int stat_of(const char *name);
int lstat_of(const char *name);
int name_nameless(const char *name);
int give_capability(const char *path, unsigned capability);
int open_by_handle(const char *name);
int open_terminal(void);
int make_immutable(const char *name);
int set_last_pid(void);
int new_mount(const char *folder);
int tree_attributes(const char *folder);

void become(uid_t uid); /* with its group and no others */
void without(unsigned capability);
void *zeroed(size_t size);
void *writable(void);
int map(int protection, int flags, int fd);
int memory_file(void);
pid_t memory_execute(void);
int attach_exec(void);
void lock_over_limit(void);
int schedule(int policy, int priority);
int schedule_deadline(void);
int affinity(void);
void raise_limit(void);
void lower_limit(void);
int cloned(unsigned long flags);
int cloned3(uint64_t flags);
int enter(const char *name, int type);
int make_map(void);
void *perf_attributes(void);
int same_host_name(void);
int same_domain_name(void);
int set_clock(void);
int set_day(void);
int adjust_clock(unsigned modes);
int foreign_shared_memory(void);
int epoll_wakeup(void);
int int80(long number);

int bound(int family, int type, const char *address, unsigned port);
int bound_unix(int type, const char *path); /* a NUL first: abstract */
int bound_netlink(int protocol, unsigned groups);
int connected(int family, int type, const char *address, unsigned port);
int connected_unix(int type, const char *path);
int listening_unix(const char *path);
int sent(int family, const char *address, unsigned port);
int sent_message(const char *address, unsigned port);
int sent_messages(const char *address, unsigned port);
int sent_unix(const char *path);
int accepted(int family, const char *address, unsigned port, bool four);
int accepted_unix(const char *path);
int list_interfaces(void);
int set_option(int option, int value);
int interface_up(void);
int audit_message(void);

/* These answer the child. */
pid_t execute(const char *path, uid_t uid);
pid_t execute_descriptor(const char *path);
pid_t execute_touch(const char *name);
pid_t trace_child(void);
pid_t traced_child(void);
pid_t trace_other_user(void);
pid_t read_child(void);
pid_t kill_child(uid_t uid, int number);
pid_t die_of(int number);
pid_t die_of_filter(void);
pid_t deep_fork(unsigned depth, const char *name);
void wait_for(pid_t child);
void orphan(const char *name);
void in_thread(const char *name);
int vfork_execute(const char *path);
int signal_by_descriptor(void);
void heed(int number); /* a handler */
/* A seccomp filter that answers the call with the error; kill: it is the call's end instead when
 * error is 0.  modern: by seccomp(2), else by prctl. */
int refuse(long call, unsigned error, bool modern);

/* planted_storm.c: as much as count says of one kind. */
int storm(const char *kind, unsigned long count);
