/* observer_possible.c - whether this machine lets gird watch, and if not, which of the many causes
 * it is. */
#include "core/observe/observer_private.h"

#if defined(GIRD_BPF) && GIRD_BPF

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/base/text.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STATUS_LIMIT = 1 << 16 };

#define BIT(n) (1ULL << (n))

static uint64_t effective_capabilities(void)
{
        scoped(mem_freep) char *text = NULL;
        const char *line;

        if (file_read(AT_FDCWD, "/proc/self/status", STATUS_LIMIT, &text, NULL, NULL) < 0)
                return 0;
        line = strstr(text, "\nCapEff:");
        return line ? strtoull(line + strlen("\nCapEff:"), NULL, 16) : 0;
}

static int privilege(struct err *e)
{
        uint64_t has = effective_capabilities();

        if (has & BIT(CAP_SYS_ADMIN) || (has & BIT(CAP_BPF) && has & BIT(CAP_PERFMON)))
                return 0;
        if (geteuid() != 0)
                return err_say(e, 1,
                               "Watching a service needs root; gird list, show, explain and export "
                               "work without.");
        return err_say(e, 1,
                       "This container gives root neither CAP_SYS_ADMIN nor CAP_BPF and "
                       "CAP_PERFMON, which watching needs; gird list, show and export work "
                       "without.");
}

static int lockdown(struct err *e)
{
        scoped(mem_freep) char *text = NULL;

        if (file_read(AT_FDCWD, "/sys/kernel/security/lockdown", STATUS_LIMIT, &text, NULL, NULL) <
                    0 ||
            !strstr(text, "[confidentiality]"))
                return 0;
        return err_say(e, 1,
                       "The kernel is locked down (lockdown=confidentiality), which forbids "
                       "watching processes; gird try works without.");
}

static int types(struct err *e)
{
        if (access("/sys/kernel/btf/vmlinux", R_OK) == 0)
                return 0;
        return err_say(e, 1,
                       "This kernel has no description of its own types "
                       "(/sys/kernel/btf/vmlinux, CONFIG_DEBUG_INFO_BTF), which watching needs; "
                       "gird try works without.");
}

/* The least that bpf() does for those who may. */
static int refused(struct err *e)
{
        int fd = bpf_map_create(BPF_MAP_TYPE_HASH, "gird_probe", 4, 4, 1, NULL);

        if (fd >= 0) {
                close(fd);
                return 0;
        }
        if (errno == ENOSYS)
                return err_say(e, 1,
                               "This kernel has no bpf(), which watching needs; gird try works "
                               "without.");
        return err_say(e, 1,
                       "bpf() is refused here (%s): a container's system call filter, as of "
                       "systemd-nspawn, or a security module; gird try works without.",
                       strerror(errno));
}

/* Asked for by name of what is missing, since distributions carry things back. */
static int age(struct err *e)
{
        if (libbpf_probe_bpf_helper(BPF_PROG_TYPE_RAW_TRACEPOINT, BPF_FUNC_loop, NULL) == 0)
                return err_say(e, 1,
                               "This kernel is too old for watching (it lacks bpf_loop, which came "
                               "with Linux 5.17); gird try works without.");
        return 0;
}

static int groups(struct err *e)
{
        scoped(mem_freep) char *mount = NULL;

        return cgroup2_mount(&mount, e);
}

static int no_words(enum libbpf_print_level level, const char *fmt, va_list args)
{
        (void)level;
        (void)fmt;
        (void)args;
        return 0;
}

int observer_possible(struct err *e)
{
        static int (*const causes[])(struct err * e) = { privilege, lockdown, types,
                                                         groups,    refused,  age };

        libbpf_set_print(no_words);
        for (size_t i = 0; i < COUNT(causes); i++) {
                int r = causes[i](e);

                if (r != 0)
                        return r;
        }
        return 0;
}

#endif
