/* twin_tree.c - the tree to boot: is there a systemd in it that this machine can run? */
#include "core/stage/twin_private.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Where nspawn looks, in its order. */
static const char *const inits[] = { "/usr/lib/systemd/systemd", "/lib/systemd/systemd" };

/* Something that runs for long, does nothing and is found in any tree with systemd. */
static const struct {
        const char *file, *command;
} sleepers[] = {
        { "/usr/bin/sleep", "/usr/bin/sleep infinity" },
        { "/bin/sleep", "/bin/sleep infinity" },
        { "/usr/bin/journalctl", "/usr/bin/journalctl --follow --lines=0" },
        { "/bin/journalctl", "/bin/journalctl --follow --lines=0" },
};

static const struct {
        unsigned machine;
        const char *name;
} machines[] = {
        { EM_X86_64, "x86-64" },    { EM_386, "x86 (32 bit)" }, { EM_AARCH64, "arm64" },
        { EM_ARM, "arm (32 bit)" }, { EM_RISCV, "riscv" },      { EM_PPC64, "ppc64" },
        { EM_S390, "s390" },        { EM_MIPS, "mips" },        { 258, "loongarch" },
};

static const char *machine_name(unsigned machine)
{
        for (size_t i = 0; i < COUNT(machines); i++)
                if (machines[i].machine == machine)
                        return machines[i].name;
        return "another architecture";
}

struct program {
        unsigned class, order, machine;
};

/* 0, or -ENOEXEC for what is no ELF file. */
static int read_program(int fd, struct program *ret)
{
        unsigned char head[20];

        if (pread(fd, head, sizeof(head), 0) != (ssize_t)sizeof(head) ||
            memcmp(head, ELFMAG, SELFMAG) != 0)
                return -ENOEXEC;
        ret->class = head[EI_CLASS];
        ret->order = head[EI_DATA];
        ret->machine = ret->order == ELFDATA2MSB ? (unsigned)head[18] << 8 | head[19]
                                                 : (unsigned)head[19] << 8 | head[18];
        return 0;
}

static bool runs_here(const struct program *theirs, const struct program *ours)
{
        if (theirs->machine == ours->machine)
                return theirs->class == ours->class && theirs->order == ours->order;
        return theirs->machine == EM_386 && ours->machine == EM_X86_64;
}

static int check_init(const struct boot_tree *t, struct err *e)
{
        scoped(fd_closep) int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
        scoped(fd_closep) int init = -1;
        struct program ours = { 0 }, theirs = { 0 };
        struct stat st;

        for (size_t i = 0; i < COUNT(inits) && init < 0; i++)
                init = root_open(t->fd, inits[i], O_RDONLY | O_NONBLOCK | O_NOCTTY);
        if (init < 0 || fstat(init, &st) < 0 || !S_ISREG(st.st_mode))
                return err_say(e, 1, "there is no systemd in %s, so no twin of it can be booted%s",
                               t->path, t->is_host ? "; install the package systemd" : "");
        if (self < 0 || read_program(self, &ours) < 0)
                return err_say(e, 1, "/proc is not mounted here; a twin needs it");
        if (read_program(init, &theirs) < 0)
                return err_say(e, 1, "the systemd in %s is no program", t->path);
        if (!runs_here(&theirs, &ours))
                return err_say(e, 1, "%s is made for %s, which this machine (%s) cannot run",
                               t->path, machine_name(theirs.machine), machine_name(ours.machine));
        return 0;
}

static bool is_there(const struct boot_tree *t, const char *path)
{
        scoped(fd_closep) int fd = root_open(t->fd, path, O_PATH);

        return fd >= 0;
}

static int find_sleeper(struct boot_tree *t)
{
        for (size_t i = 0; i < COUNT(sleepers); i++) {
                if (!is_there(t, sleepers[i].file))
                        continue;
                t->sleeper = strdup(sleepers[i].command);
                return t->sleeper ? 0 : -ENOMEM;
        }
        return 0;
}

static int open_root(const char *root, struct boot_tree *t, struct err *e)
{
        struct stat st;

        t->path = realpath(root, NULL);
        if (!t->path)
                return err_say(e, errno == ENOMEM ? -ENOMEM : 1, "cannot boot %s: %s", root,
                               strerror(errno));
        t->fd = open(t->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (t->fd < 0 || fstat(t->fd, &st) < 0)
                return err_say(e, 1, "cannot boot %s: %s", root, strerror(errno));
        t->is_host = strcmp(t->path, "/") == 0;
        return 0;
}

int boot_tree_open(const char *root, struct boot_tree *ret, struct err *e)
{
        struct boot_tree t = { .fd = -1 };
        int r;

        r = open_root(root && *root ? root : "/", &t, e);
        if (r == 0)
                r = check_init(&t, e);
        if (r == 0) {
                r = find_sleeper(&t);
                if (r < 0)
                        err_set(e, r, "cannot look into %s", t.path);
        }
        if (r != 0) {
                boot_tree_done(&t);
                return r;
        }
        t.has_os_release = is_there(&t, "/etc/os-release") || is_there(&t, "/usr/lib/os-release");
        *ret = t;
        return 0;
}

void boot_tree_done(struct boot_tree *t)
{
        free(t->path);
        free(t->sleeper);
        fd_closep(&t->fd);
        *t = (struct boot_tree){ .fd = -1 };
}
