/* main.c - the intruder; see README beside it. */
#include "core/breach/program/program.h"
#include "core/breach/program/serve.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE = 2000, STATUS_USAGE = 2, STATUS_NO_FORK = 3 }; /* milliseconds */

static const struct row {
        const char *name;
        int (*deed)(const char *argument, char *said);
        const char *argument;
} moves[] = {
#define MOVE(topic, name, deed, argument, sentence, ...) { name, deed, argument },
#include "core/breach/moves.inc"
#undef MOVE
};

static const struct {
        const char *word;
        int (*run)(int argc, char **argv);
} programs[] = {
        { "--look", look_main },
        { "--serve", serve_main },
        { "--reach", reach_main },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct row *find(const char *name)
{
        for (size_t i = 0; i < COUNT(moves); i++)
                if (strcmp(moves[i].name, name) == 0)
                        return &moves[i];
        return NULL;
}

static void tell(const struct row *m, const char *answer)
{
        char line[SAID + 128];
        int n = snprintf(line, sizeof(line), "%s %s\n", m->name, answer);

        /* One write a line: whatever ends this program later, the line is out. */
        if (n > 0 && write(STDOUT_FILENO, line, (size_t)n) < 0)
                _exit(STATUS_NO_FORK);
}

/* ---- in a child ---- */

static void do_in_child(const struct row *m, int to)
{
        struct {
                int code;
                char said[SAID];
        } report = { 0 };

        prctl(PR_SET_PDEATHSIG, SIGKILL);
        setsid(); /* so that no terminal of the caller is its own */
        report.code = m->deed(m->argument, report.said);
        report.said[SAID - 1] = '\0';
        if (write(to, &report, sizeof(report)) < 0)
                _exit(1);
        _exit(0);
}

static int left_until(const struct timespec *end)
{
        struct timespec now;
        long ms;

        clock_gettime(CLOCK_MONOTONIC, &now);
        ms = (end->tv_sec - now.tv_sec) * 1000 + (end->tv_nsec - now.tv_nsec) / 1000000;
        return ms > 0 ? (int)ms : 0;
}

/* Waits for the report, or for the end of the pipe. */
static ssize_t hear(int from, void *ret, size_t size)
{
        struct timespec end;
        struct pollfd p = { .fd = from, .events = POLLIN };

        clock_gettime(CLOCK_MONOTONIC, &end);
        end.tv_sec += PATIENCE / 1000;
        for (;;) {
                int left = left_until(&end);
                int n = poll(&p, 1, left);

                if (n > 0)
                        return read(from, ret, size);
                if (n < 0 && errno != EINTR)
                        return -1;
                if (left == 0)
                        return -1;
        }
}

/* Returns 0, or -errno when no child can be had. */
static int try_in_child(const struct row *m)
{
        struct {
                int code;
                char said[SAID];
        } report = { 0 };
        char answer[SAID + 16];
        int pipes[2], status = 0;
        ssize_t got;
        pid_t child;

        if (pipe2(pipes, 0) < 0)
                return -errno;
        child = fork();
        if (child < 0) {
                int e = errno;

                close(pipes[0]);
                close(pipes[1]);
                return -e;
        }
        if (child == 0) {
                close(pipes[0]);
                do_in_child(m, pipes[1]);
        }
        close(pipes[1]);
        got = hear(pipes[0], &report, sizeof(report));
        close(pipes[0]);
        if (got != 0)
                kill(child, SIGKILL);
        while (waitpid(child, &status, 0) < 0 && errno == EINTR)
                ;
        if (got == (ssize_t)sizeof(report))
                answer_code(report.code, report.said, answer);
        else if (got == 0 && WIFSIGNALED(status))
                answer_signal(WTERMSIG(status), answer);
        else
                answer_code(-ETIMEDOUT, "", answer);
        tell(m, answer);
        return 0;
}

/* ---- what was asked ---- */

static void try_here(const struct row *m)
{
        char said[SAID] = "", answer[SAID + 16];
        int code = m->deed(m->argument, said);

        said[SAID - 1] = '\0';
        answer_code(code, said, answer);
        tell(m, answer);
}

/* Where it may start no process, a move that is the only one is tried right here. */
static int try_one(const struct row *m, bool only)
{
        char answer[SAID + 16];
        int r = try_in_child(m);

        if (r == 0)
                return 0;
        if (only) {
                try_here(m);
                return 0;
        }
        answer_code(r, "", answer);
        dprintf(STDERR_FILENO, "intruder: no process can be started: %s\n", answer);
        return STATUS_NO_FORK;
}

static int try_named(int argc, char **argv, bool here)
{
        int r = 0;

        for (int i = 0; i < argc; i++)
                if (!find(argv[i])) {
                        dprintf(STDERR_FILENO, "intruder: no such move: %s\n", argv[i]);
                        return STATUS_USAGE;
                }
        for (int i = 0; i < argc && r == 0; i++)
                if (here)
                        try_here(find(argv[i]));
                else
                        r = try_one(find(argv[i]), argc == 1);
        return r;
}

static int try_all(void)
{
        int r = 0;

        for (size_t i = 0; i < COUNT(moves) && r == 0; i++)
                r = try_one(&moves[i], false);
        return r;
}

static int list(void)
{
        for (size_t i = 0; i < COUNT(moves); i++)
                dprintf(STDOUT_FILENO, "%s\n", moves[i].name);
        return 0;
}

int main(int argc, char **argv)
{
        for (size_t i = 0; argc > 1 && i < COUNT(programs); i++)
                if (strcmp(argv[1], programs[i].word) == 0)
                        return programs[i].run(argc - 1, argv + 1);
        if (argc == 2 && strcmp(argv[1], "--list") == 0)
                return list();
        if (argc == 2 && strcmp(argv[1], "--all") == 0)
                return try_all();
        if (argc > 2 && strcmp(argv[1], "--here") == 0)
                return try_named(argc - 2, argv + 2, true);
        if (argc > 1 && argv[1][0] != '-')
                return try_named(argc - 1, argv + 1, false);
        dprintf(STDERR_FILENO, "usage: intruder MOVE... | --all | --list\n");
        return STATUS_USAGE;
}
