/* twin_private.h - what the files of the twin share.  Only twin*.c may include it. */
#pragma once

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/stage/twin.h"

#include <stdint.h>
#include <sys/types.h>

#define SECONDS(n) ((uint64_t)(n)*1000000)
#define MEBI       ((uint64_t)1 << 20)

/* Where the box builds the twin: below its own /run, which nobody else sees. */
#define BOX "/run/gird"

/* --- twin_tree.c: the tree to boot ------------------------------------------------------ */

struct boot_tree {
        char *path; /* absolute and without symlinks; "/" for this machine */
        int fd;     /* O_PATH */
        bool is_host;
        bool has_os_release;
        char *sleeper; /* a command of the tree that lasts: "/usr/bin/sleep infinity", or NULL */
};
/* 1: it cannot be booted here; e says why. */
int boot_tree_open(const char *root, struct boot_tree *ret, struct err *e);
void boot_tree_done(struct boot_tree *t);

/* Opens path below the folder root; symlinks and ".." cannot lead out of it. */
int root_open(int root, const char *path, int flags);
/* Makes the folders of path below root as far as they are missing, and opens the last. */
int root_make_dirs(int root, const char *path);
/* Writes a file below root by way of a temporary one. */
int root_write(int root, const char *path, const char *text);
int root_remove(int root, const char *path);

/* --- twin_plan.c: which file systems to cover, and how ---------------------------------- */

enum cover {
        COVER_OVERLAY, /* an overlay with an upper layer */
        COVER_LOWER,   /* an overlay without one: it was mounted read-only */
        COVER_SAME,    /* a bind mount of what an earlier row covers */
};

struct plan_row {
        char *point;         /* inside the tree; the first row is "/" */
        char *device;        /* "254:0" */
        char *part;          /* which folder of that device shows there */
        char *type;          /* "ext4" */
        int id;              /* of the mount; 0 for a tree that is no mount point itself */
        unsigned long flags; /* MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_RDONLY */
        enum cover cover;
        size_t same;  /* COVER_SAME: the row that has it */
        char *inside; /* COVER_SAME: where in that row, "" for all of it */
};

struct plan {
        struct plan_row *rows;
        size_t count;
};

/* Pure: text is a mountinfo file.  Rows come in the order in which they have to be mounted. */
int plan_make(const char *text, const char *tree, struct plan *ret);
void plan_done(struct plan *p);

/* --- twin_upper.c: where the twin's writes go ------------------------------------------- */

struct upper {
        uint64_t bytes; /* limit of size */
        int disk;       /* a mount of its own, that has to be put somewhere; or -1: memory */
};
/* Memory, or an unlinked file where the tree holds files too big for that.  1: no room. */
int upper_open(const struct boot_tree *t, uint64_t memory, struct job *job, struct upper *ret,
               struct err *e);
void upper_done(struct upper *u);
/* A line of /proc/meminfo ("MemAvailable:") in bytes; 0 if it is not there. */
uint64_t memory_value(const char *name);
/* In the box: mounts it on folder. */
int upper_mount(const struct upper *u, const char *folder);

/* --- twin_disk.c ------------------------------------------------------------------------ */

/* A file system on an unlinked file.  -ECANCELED; with any other fault it has to be memory. */
int disk_open(struct job *job, int *ret, uint64_t *ret_bytes);
int disk_mount(int disk, const char *folder);

/* --- twin_units.c: what is laid over the units of the tree ------------------------------ */

/* In the box: writes the twin's target, its checks, and masks below BOX "/stage". */
int units_write(const struct boot_tree *t);

/* --- twin_mount.c: the box builds what the plan says ------------------------------------ */

struct report; /* how the box talks to gird */
int mounts_build(const struct boot_tree *t, const struct upper *u, struct report *report);

/* --- twin_box.c: the outer pid and mount namespace that nspawn runs in ------------------ */

struct box {
        pid_t pid;           /* nspawn, which is process 1 of the box */
        int fd;              /* pidfd */
        int go;              /* write end: a byte lets it begin, its end ends it */
        int reports;         /* read end */
        int console;         /* what nspawn and the twin's PID 1 print */
        char step[120];      /* what it was about when heard of last */
        struct err failure;  /* code != 0: why it did not come to exec */
        char **notes;        /* what could not be covered as it should */
        struct text pending; /* half a line of reports */
};
struct box_options {
        const struct boot_tree *tree;
        const struct upper *upper;
        const char *name;
        const char *socket; /* of notifications, abstract, without the '@' */
        bool no_bpf;
        bool scope; /* the host's systemd will be asked for one */
};
int box_open(const struct box_options *o, struct box *ret, struct err *e);
int box_go(struct box *b, struct err *e);
void box_listen(struct box *b); /* takes what has been reported so far */
void box_kill(struct box *b);   /* and waits for its end */
void box_done(struct box *b);
/* The last thing that was printed on the console; NULL if there was nothing. */
char *box_last_words(const struct box *b);

/* In a child: closes all descriptors above 2 but these (-1 is nobody): a pipe of another
 * twin that stayed open here would never end. */
void descriptors_keep(const int *kept, size_t count);

/* One line from the box to gird: 's' a step, 'n' a note, 'e' the fault that ended it. */
struct report {
        int fd;
};
void report_line(struct report *r, char kind, const char *fmt, ...)
        __attribute__((format(printf, 3, 4)));
/* Tells the failure; hands code back. */
int report_fault(struct report *r, int code, const char *fmt, ...)
        __attribute__((format(printf, 3, 4)));

/* --- twin_cgroup.c: a control group of its own ------------------------------------------ */

struct cgroup {
        char *folders[2]; /* v2 first, then name=systemd where that exists; NULL with a scope */
        char *path;       /* v2 folder that the box is in */
};
struct limits_wanted {
        uint64_t memory; /* bytes for all of the twin */
        unsigned tasks;
};
/* Finds the hierarchies.  1: there is no version 2. */
int cgroup_find(char **ret_v2, char **ret_named, struct err *e);
/* Folders under name with a device policy; pid is moved into them.  1: not possible here. */
int cgroup_open_own(const char *name, pid_t pid, const struct limits_wanted *limits,
                    struct cgroup *ret, struct err *e);
/* A transient scope of the host's systemd around pid: one stop of it ends all. */
int cgroup_open_scope(const char *name, pid_t pid, const struct limits_wanted *limits,
                      struct manager *host, struct job *job, struct cgroup *ret, struct err *e);
void cgroup_done(struct cgroup *c);
/* The v2 folder of a process (0: this one) as this machine sees it. */
int cgroup_of(pid_t pid, char **ret, struct err *e);

/* --- twin_device.c ---------------------------------------------------------------------- */

/* Lets processes below the v2 folder open no device but the harmless ones. */
int device_policy(const char *folder, struct err *e);

/* --- twin_sweep.c: nothing stays behind ------------------------------------------------- */

/* "gird-NAMESPACE-PID-STARTED-RANDOM": names its owner, so that others can tell it is dead. */
int owner_name(char *ret, size_t room);
bool owner_is_dead(const char *name);

struct sweeper {
        pid_t pid;
        int life;    /* write end: the sweeper waits for its end, however that comes */
        bool unsure; /* systemd was asked for a scope, and has not answered */
};
/* A process that removes the control groups of that name after gird's end, or sees to it that
 * the host's systemd lets go of the scope. */
int sweeper_open(const char *name, bool scope, struct sweeper *ret, struct err *e);
void sweeper_done(struct sweeper *s);

/* --- twin_boot.c: from the first byte to READY=1 ---------------------------------------- */

struct boot {
        int socket; /* of notifications */
        char status[160];
        pid_t leader; /* as nspawn counts, or 0 */
        bool ready;
};
int boot_listen(const char *name, struct boot *ret, struct err *e);
/* Waits for the twin to be up; *ret_init and *ret_fd are its PID 1. */
int boot_wait(struct boot *boot, struct box *box, struct job *job, uint64_t timeout,
              pid_t *ret_init, int *ret_fd, struct err *e);
void boot_done(struct boot *boot);

/* --- twin_inside.c: what has to be done by a process inside ----------------------------- */

/* A stream to a socket of the twin, made in its pid namespace so that its PID 1 takes it. */
int inside_connect(int init_fd, const char *path, struct err *e);
/* Sockets may be bound to addresses that the twin does not have. */
int inside_any_address(int init_fd, pid_t box);
/* Lets journald write down what it has been sent. */
void inside_sync_journal(int init_fd);

/* --- twin_run.c ------------------------------------------------------------------------- */

/* On the live stage too.  fleeting: as in struct transient. */
int run_inside(struct manager *m, struct job *job, const char *name, bool fleeting,
               char *const argv[], uint64_t timeout, struct run_result *ret, struct err *e);

/* --- twin_user.c ------------------------------------------------------------------------ */

struct twin;
/* Starts the systemd of a user in the twin and connects to it.  1: it does not start there. */
int user_open(struct twin *t, unsigned uid, struct job *job, struct err *e);

/* --- twin_checks.c: what the twin enforces, tried out ----------------------------------- */

enum check {
        CHECK_SECCOMP,
        CHECK_MOUNTS,
        CHECK_NETWORK,
        CHECK_IPC,
        CHECK_HOSTNAME,
        CHECK_USERS,
        CHECK_PIDS,
        CHECK_FIREWALL,
        CHECK_DEVICES,
        CHECK_BIND,
        CHECK_INTERFACES,
        CHECK_FILESYSTEMS,
        CHECK_MEMORY,
        CHECK_TASKS,
        CHECK_CPU,
        CHECK_CPUS,
        CHECK_IO,
        CHECK_APPARMOR,
        CHECK_SELINUX,
        CHECK_SMACK,
        CHECK_COUNT
};
/* Looks at the check units, which the twin started when it was born, and ends them. */
void checks_look(const struct twin *t, bool ret_enforced[CHECK_COUNT]);

/* --- twin_limits.c ---------------------------------------------------------------------- */

struct limits {
        struct stage_limit *rows;
        size_t count;
        bool checked;
        bool enforced[CHECK_COUNT];
};

struct twin {
        struct stage stage; /* first: the ops are handed this */
        char name[64];
        struct boot_tree tree;
        struct upper upper;
        struct sweeper sweeper;
        struct box box;
        struct cgroup cgroup;
        struct boot boot;
        pid_t init;
        int init_fd;
        struct manager *manager;
        unsigned uid;                 /* of the user with a manager */
        struct manager *user_manager; /* whose units are tried; NULL: the machine's own are */
        char *payload;                /* v2 folder that the twin's PID 1 has for its own */
        char root[32];
        char *where;
        struct limits limits;
        unsigned runs;
};

/* The root of its files, O_PATH; -ESRCH once the twin has ended: the number of its PID 1 may be
 * another's then, and its root this machine's. */
int twin_root(const struct twin *t);
#define JOURNAL_BELOW "/proc/self/fd/%d/run/log/journal"

/* What the twin does not enforce; looks when asked for the first time, and each time for
 * what has run out. */
const struct stage_limit *limits_look(struct twin *t, size_t *ret_count);
const struct stage_limit *limits_denied(size_t *ret_count);
void limits_done(struct limits *l);
