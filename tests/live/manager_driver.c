/* manager_driver.c - core/unit/manager.h from the command line, for tests/live/manager.sh.
 *
 *      manager_driver PID|user|system|host:NAME|container:NAME COMMAND [ARGUMENT...]
 * PID is the init of a container: its private socket is reached from inside its pid namespace. */
#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/score/score.h"
#include "core/unit/manager.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

#define SECOND UINT64_C(1000000)

struct driver {
        struct job job;
        struct manager *manager;
        struct dialect dialect;
        char **arguments;
        struct err err;
};

/* In a process of the container's pid namespace: connects and hands the socket over. */
static int connect_there(const char *socket_path, int channel)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        union {
                char bytes[CMSG_SPACE(sizeof(int))];
                struct cmsghdr align;
        } control = { 0 };
        char byte = 0;
        struct iovec iov = { &byte, 1 };
        struct msghdr message = { .msg_iov = &iov,
                                  .msg_iovlen = 1,
                                  .msg_control = control.bytes,
                                  .msg_controllen = sizeof(control.bytes) };
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        snprintf(address.sun_path, sizeof(address.sun_path), "%s", socket_path);
        if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
                return 1;
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(header), &fd, sizeof(fd));
        return sendmsg(channel, &message, 0) == 1 ? 0 : 1;
}

static int receive(int channel)
{
        union {
                char bytes[CMSG_SPACE(sizeof(int))];
                struct cmsghdr align;
        } control = { 0 };
        char byte;
        struct iovec iov = { &byte, 1 };
        struct msghdr message = { .msg_iov = &iov,
                                  .msg_iovlen = 1,
                                  .msg_control = control.bytes,
                                  .msg_controllen = sizeof(control.bytes) };
        struct cmsghdr *header;
        int fd = -1;

        if (recvmsg(channel, &message, MSG_CMSG_CLOEXEC) != 1)
                return -1;
        header = CMSG_FIRSTHDR(&message);
        if (header && header->cmsg_type == SCM_RIGHTS)
                memcpy(&fd, CMSG_DATA(header), sizeof(fd));
        return fd;
}

static int connect_in(pid_t init)
{
        char path[108];
        int pair[2], status, fd;
        int pidfd = (int)syscall(SYS_pidfd_open, init, 0);
        pid_t child;

        snprintf(path, sizeof(path), "/proc/%d/root/run/systemd/private", (int)init);
        if (pidfd < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
                return -1;
        child = fork();
        if (child == 0) {
                pid_t inside;

                if (setns(pidfd, CLONE_NEWPID) < 0)
                        _exit(1);
                inside = fork(); /* only a child is in the namespace */
                if (inside == 0)
                        _exit(connect_there(path, pair[1]));
                waitpid(inside, &status, 0);
                _exit(WEXITSTATUS(status));
        }
        close(pair[1]);
        fd = receive(pair[0]);
        waitpid(child, &status, 0);
        close(pair[0]);
        close(pidfd);
        return fd;
}

static int do_list(struct driver *d)
{
        struct unit_row *rows = NULL;
        size_t count = 0;
        int r = manager_list(d->manager, &d->job, NULL, &rows, &count, &d->err);

        for (size_t i = 0; r == 0 && i < count; i++)
                printf("%s\t%s\t%s\t%s\t%s\n", rows[i].name, rows[i].load, rows[i].active,
                       rows[i].sub, rows[i].file_state ? rows[i].file_state : "");
        unit_rows_free(rows, count);
        return r;
}

static const char *const origins[] = { [ORIGIN_DEFAULT] = "default",
                                       [ORIGIN_FILE] = "file",
                                       [ORIGIN_MANAGER] = "manager",
                                       [ORIGIN_IMPLIED] = "implied",
                                       [ORIGIN_PROFILE] = "profile" };

static void print_setting(const struct driver *d, const struct directive *row,
                          const struct setting *s)
{
        scoped(mem_freep) char *shown = NULL;

        if (!s->value.set)
                return;
        shown = value_show(&s->value, row, &d->dialect);
        printf("%s=%s\t%s", row->name, shown ? shown : "?", origins[s->origin.kind]);
        if (s->origin.kind == ORIGIN_FILE)
                printf(" %s:%u", s->origin.file, s->origin.line);
        if (s->origin.kind == ORIGIN_IMPLIED)
                printf(" %s", directive_at(s->origin.by)->name);
        printf("\n");
}

static int print_unit(void *userdata, size_t index, struct sandbox *s)
{
        struct driver *d = userdata;
        const struct directive *row;

        printf("[%s] %s %s\n", d->arguments[index], s->unit, load_state_name(s->load));
        if (s->load_note)
                printf("note %s\n", s->load_note);
        for (char **name = s->facts.names; name && *name; name++)
                printf("name %s\n", *name);
        for (size_t i = 0; i < s->facts.exec_count; i++)
                printf("exec %s=%s%s\n", s->facts.exec[i].key, s->facts.exec[i].prefixes,
                       s->facts.exec[i].line);
        for (char **c = s->facts.conditions; c && *c; c++)
                printf("condition %s\n", *c);
        if (getenv("IMPLY") && sandbox_imply(s, &d->dialect) < 0)
                return -ENOMEM;
        for (size_t i = 0; (row = directive_at(i)); i++)
                print_setting(d, row, &s->settings[i]);
        for (size_t i = 0; i < s->oddity_count; i++)
                printf("oddity %s:%u %s=%s: %s\n", s->oddities[i].file, s->oddities[i].line,
                       s->oddities[i].key, s->oddities[i].text, s->oddities[i].why);
        sandbox_free(s);
        return 0;
}

static int do_read(struct driver *d)
{
        return manager_read(d->manager, &d->job, d->arguments, &d->dialect, print_unit, d, &d->err);
}

static int print_score(void *userdata, size_t index, struct sandbox *s)
{
        struct driver *d = userdata;
        struct score score = { 0 };
        int r = sandbox_imply(s, &d->dialect);

        (void)index;
        if (r >= 0)
                r = score_sandbox(s, &d->dialect, SCORE_LIVE, &score);
        if (r == 0)
                printf("%s %u.%u\n", s->unit, score.exposure / 10, score.exposure % 10);
        for (size_t i = 0; r == 0 && getenv("ROWS") && i < score.count; i++)
                printf("  %s %d %llu\n", score.rows[i].id, score.rows[i].applicable,
                       (unsigned long long)score.rows[i].badness);
        sandbox_free(s);
        return r < 0 ? r : 0;
}

static int do_score(struct driver *d)
{
        return manager_read(d->manager, &d->job, d->arguments, &d->dialect, print_score, d,
                            &d->err);
}

/* Ends only when the manager does: for the test in which it is killed. */
static int do_hammer(struct driver *d)
{
        for (;;) {
                int r = do_list(d);

                if (r < 0)
                        return r;
        }
}

static int do_state(struct driver *d)
{
        scoped(unit_state_done) struct unit_state s = { 0 };
        int r = manager_state(d->manager, &d->job, d->arguments[0], &s, &d->err);

        if (r < 0)
                return r;
        printf("active=%s sub=%s result=%s load=%s type=%s\n", s.active, s.sub, s.result, s.load,
               s.type);
        printf("condition=%d %s\n", s.condition, s.failed_condition ? s.failed_condition : "-");
        printf("main=%d/%d control=%s %d/%d restarts=%u reload=%d\n", s.main_code, s.main_status,
               s.control_key ? s.control_key : "-", s.control_code, s.control_status, s.restarts,
               s.needs_reload);
        printf("group=%s invocation=%s status=%s\n", s.control_group ? s.control_group : "-",
               s.invocation, s.status_text ? s.status_text : "-");
        return 0;
}

static int do_job(struct driver *d)
{
        static const struct {
                const char *verb;
                int (*run)(struct manager *, struct job *, const char *, uint64_t, const char **,
                           struct err *);
        } verbs[] = { { "start", manager_start },
                      { "stop", manager_stop },
                      { "restart", manager_restart },
                      { "reload", manager_reload_unit } };
        const char *result = "-";
        int r = -EINVAL;

        for (size_t i = 0; i < COUNT(verbs); i++)
                if (strcmp(verbs[i].verb, d->arguments[-1]) == 0)
                        r = verbs[i].run(d->manager, &d->job, d->arguments[0], 20 * SECOND, &result,
                                         &d->err);
        printf("%d %s\n", r, result);
        return r > 0 ? 0 : r;
}

static int do_hold(struct driver *d)
{
        return manager_hold(d->manager, &d->job, d->arguments[0], &d->err);
}

static int do_release(struct driver *d)
{
        manager_release(d->manager, &d->job, d->arguments[0]);
        return 0;
}

static int do_reset(struct driver *d)
{
        return manager_reset_failed(d->manager, &d->job, d->arguments[0], &d->err);
}

static int do_reload_all(struct driver *d)
{
        return manager_reload(d->manager, &d->job, &d->err);
}

static int do_run(struct driver *d)
{
        const struct transient t = { .name = "gird-test-run.service",
                                     .argv = d->arguments,
                                     .out = STDOUT_FILENO,
                                     .errors = STDERR_FILENO };
        struct transient_result result = { 0 };
        int r = manager_run(d->manager, &d->job, &t, 3 * SECOND, &result, &d->err);

        if (r == 0)
                printf("result=%s code=%d status=%d\n", result.result, result.code, result.status);
        return r;
}

static int do_scope(struct driver *d)
{
        char *properties[] = { (char *)"Delegate=yes",
                               (char *)"MemoryMax=512M",
                               (char *)"TasksMax=100",
                               (char *)"DevicePolicy=closed",
                               (char *)"DeviceAllow=/dev/null rw",
                               (char *)"Description=a scope of a test",
                               NULL };
        pid_t pid = (pid_t)atoi(d->arguments[0]);

        return manager_scope(d->manager, &d->job, "gird-test.scope", &pid, 1, properties, &d->err);
}

static int do_version(struct driver *d)
{
        struct version v = manager_version(d->manager);

        printf("%u.%u\n", v.major, v.minor);
        return 0;
}

static const struct {
        const char *name;
        int (*run)(struct driver *d);
} commands[] = {
        { "list", do_list },       { "read", do_read },   { "state", do_state },
        { "start", do_job },       { "stop", do_job },    { "restart", do_job },
        { "reload", do_job },      { "reset", do_reset }, { "daemon-reload", do_reload_all },
        { "run", do_run },         { "scope", do_scope }, { "hammer", do_hammer },
        { "version", do_version }, { "score", do_score }, { "hold", do_hold },
        { "release", do_release }
};

static int run(struct driver *d, const char *where, const char *command)
{
        struct manager_where at = { .fd = -1 };
        int r;

        if (strcmp(where, "user") == 0)
                at.scope = SCOPE_USER;
        else if (strncmp(where, "host:", 5) == 0)
                at.host = where + 5;
        else if (strncmp(where, "container:", 10) == 0)
                at.container = where + 10;
        else if (strcmp(where, "system") != 0)
                at.fd = connect_in((pid_t)atoi(where));
        r = manager_open(&at, &d->job, &d->manager, &d->err);
        if (r != 0)
                return r;
        dialect_for(manager_version(d->manager), at.scope, &d->dialect);
        for (size_t i = 0; i < COUNT(commands); i++)
                if (strcmp(commands[i].name, command) == 0)
                        return commands[i].run(d);
        return -EINVAL;
}

int main(int argc, char **argv)
{
        struct driver d = { 0 };
        int r;

        if (argc < 3 || job_open(&d.job, &d.err) < 0)
                return 2;
        setvbuf(stdout, NULL, _IOLBF, 0);
        d.arguments = argv + 3;
        r = run(&d, argv[1], argv[2]);
        if (r != 0)
                fprintf(stderr, "%d: %s\n", r, d.err.text);
        manager_close(d.manager);
        dialect_done(&d.dialect);
        job_done(&d.job);
        return r == 0 ? 0 : 1;
}
