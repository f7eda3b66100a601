/* guard_session.c - whether who confirms came in through the unit after it was changed: a session
 * that was open before proves nothing about the next login. */
#include "core/stage/guard_private.h"

#include "core/base/file.h"
#include "core/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LINE_LIMIT = 64, STAT_LIMIT = 4096 };

static bool is_below(const char *group, const char *folder)
{
        size_t n = strlen(folder);

        return n > 1 && strncmp(group, folder, n) == 0 && (!group[n] || group[n] == '/');
}

bool session_is_new(const struct process *line, size_t count, const struct host *host)
{
        for (size_t i = 0; i < count; i++) {
                const struct process *p = &line[i];

                if (p->pid == host->main_pid || p->began < host->began)
                        continue; /* the service itself is no session */
                if (host->main_pid > 1 && p->parent == host->main_pid)
                        return true;
                if (p->group && host->group && is_below(p->group, host->group))
                        return true;
        }
        return false;
}

/* The name in it may hold anything, so what counts begins behind its end. */
static int read_process(long pid, struct process *ret)
{
        scoped(mem_freep) char *text = NULL, *groups = NULL;
        char path[48];
        const char *rest, *line;
        unsigned long long began = 0;
        int r;

        snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
        r = file_read(AT_FDCWD, path, STAT_LIMIT, &text, NULL, NULL);
        if (r < 0)
                return r;
        rest = strrchr(text, ')');
        *ret = (struct process){ .pid = pid };
        if (!rest || sscanf(rest,
                            ") %*c %ld %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d "
                            "%*d %*d %llu",
                            &ret->parent, &began) != 2)
                return -EINVAL;
        ret->began = began;
        snprintf(path, sizeof(path), "/proc/%ld/cgroup", pid);
        if (file_read(AT_FDCWD, path, STAT_LIMIT, &groups, NULL, NULL) < 0)
                return 0;
        /* Version 2, or systemd's own hierarchy of version 1, whichever it uses. */
        line = strstr(groups, "0::/");
        if (!line || line[4] == '\n' || !line[4])
                line = strstr(groups, "name=systemd:/");
        line = line ? strchr(line, '/') : NULL;
        ret->group = line ? strndup(line, strcspn(line, "\n")) : NULL;
        return line && !ret->group ? -ENOMEM : 0;
}

struct ancestors {
        struct process line[LINE_LIMIT];
        size_t count;
};

static void ancestors_done(struct ancestors *a)
{
        for (size_t i = 0; i < a->count; i++)
                free(a->line[i].group);
}

static int read_ancestors(struct ancestors *a)
{
        long pid = (long)getpid();

        while (pid > 1 && a->count < LINE_LIMIT) {
                int r = read_process(pid, &a->line[a->count]);

                if (r < 0) /* it ended meanwhile; those above are not known then */
                        return r == -ENOMEM ? r : 0;
                pid = a->line[a->count++].parent;
        }
        return 0;
}

/* CLOCK_MONOTONIC, as systemd gives it, in the ticks that /proc counts from the boot. */
static uint64_t ticks_of(uint64_t monotonic)
{
        struct timespec mono, boot;
        int64_t slept;

        clock_gettime(CLOCK_MONOTONIC, &mono);
        clock_gettime(CLOCK_BOOTTIME, &boot);
        slept = ((int64_t)boot.tv_sec - mono.tv_sec) * 1000000 +
                (boot.tv_nsec - mono.tv_nsec) / 1000;
        return (monotonic + (uint64_t)(slept > 0 ? slept : 0)) * (uint64_t)sysconf(_SC_CLK_TCK) /
               1000000;
}

static int refuse(const struct guard *g, struct err *e)
{
        return err_say(e, 1,
                       "%s hosts sessions, and this one did not come through it since it was "
                       "restarted, so it proves nothing about the next login: log in anew, leave "
                       "this session open, and run `gird confirm %s` there (--force confirms it "
                       "anyway)",
                       g->unit, g->unit);
}

int guard_may_confirm(const struct guard *g, struct manager *m, struct job *job, struct err *e)
{
        scoped(ancestors_done) struct ancestors ancestors = { .count = 0 };
        scoped(unit_state_done) struct unit_state s = { 0 };
        struct process main_process = { 0 };
        struct host host;
        int r = manager_state(m, job, g->unit, &s, e);

        if (r < 0)
                return r;
        if (strcmp(s.invocation, g->invocation) == 0 || !*s.invocation)
                return err_say(e, 1,
                               "%s was not restarted since, so nothing shows that it works with "
                               "the change: `systemctl restart %s` first (--force confirms it "
                               "anyway)",
                               g->unit, g->unit);
        if (!g->sessions)
                return 0;
        host = (struct host){ .main_pid = (long)s.main_pid,
                              .began = ticks_of(s.active_since),
                              .group = s.control_group ? s.control_group : "" };
        if (s.main_pid > 0 && read_process((long)s.main_pid, &main_process) == 0)
                host.began = main_process.began;
        free(main_process.group);
        r = read_ancestors(&ancestors);
        if (r < 0)
                return err_set(e, r, "cannot tell where this session comes from");
        return session_is_new(ancestors.line, ancestors.count, &host) ? 0 : refuse(g, e);
}
