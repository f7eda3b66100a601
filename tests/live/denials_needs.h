/* denials_needs.h - what the rows of denials.inc and search.inc are made of. */
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

extern char scratch[4096]; /* for answers that nobody reads */
extern char folder[4096];  /* of the program */

/* It did not get what it needs: ends the process with 1. */
_Noreturn void gone(void);

static inline int must(long answer)
{
        if (answer < 0)
                gone();
        return (int)answer;
}

#define NEEDS(call)     ((void)must((long)(call)))
#define NEED_TRUE(test) ((test) ? (void)0 : gone())
#define OK(call)        must((long)(call)) /* on the way; it is no matter of the row */
#define sys(name, ...)  syscall(SYS_##name, __VA_ARGS__)

#define KEY          0x67697264
#define FILE_OF_OURS made("/run/gird-file")

/* In the folder of the test. */
const char *at(const char *name);

/* denials_needs_*.c: -1 and errno, or what is said. */
const char *made(const char *path); /* a file of root's that is made there */
int fleeting(const char *path);     /* a folder that is made and removed */
int put(const char *path, const char *text);
int stat_of(const char *path);
int entries(const char *path);
long bytes_in(const char *path);
int seen_by_others(const char *path); /* what is mounted there */
int stays(const char *path);          /* a mark of the last start is there; the first makes it */
const char *own_cgroup(const char *name);
int credential(const char *name);
int open_many(unsigned count);
int write_nowhere(void); /* the error of it */

int bound(int type, const char *address, unsigned port);
int connected(const char *address, unsigned port); /* to itself, within a second */
int connected_unix(const char *path);
int sent(const char *address, unsigned port);
int interface_up(void);
int tell(const char *state); /* as sd_notify() does */
void child_tells(const char *state);

void become(uid_t uid);
pid_t child_of(uid_t uid); /* that does nothing */
int helper(const char *path, const char *what);
int help(const char *what);
pid_t noted_pid(void);
int cloned(unsigned long flags);
int schedule(int policy, int priority);
int on_processor(unsigned number);
int raise_limit(int which, rlim_t to);
void burn(unsigned milliseconds); /* of processor time */
bool machine_is(const char *name);
int read_clock(void);

void *memory(size_t size);
int map_memory(int protection);
int map_memory_of(size_t size);
int map_file(const char *path, int protection);
int attach_executable(void);
int kept_memory(void);
#ifdef __x86_64__
int int80(long number);
#endif

void prepare_tmp(void);
void prepare_modules(void);
void prepare_keyring(void);
void prepare_shared_memory(void);
void prepare_nothing_shared(void);
void prepare_pid(void);

/* Of search.inc. */
void when_reloaded(void (*act)(void));
void later(unsigned milliseconds);
bool one_in(unsigned n); /* at random */
bool is_hardened(void);  /* NoNewPrivileges= */
bool has_mask(mode_t mask);
bool may_have(int capability); /* by the bounding set */
void write_etc(void);
void write_etc_hardened(void);
_Noreturn void answer(int listener); /* every caller */
