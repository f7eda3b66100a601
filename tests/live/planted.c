/* planted.c - does one thing at a time, so that an observer can be asked whether it saw it.
 *
 *      planted --list FOLDER              the rows: NAME <tab> what must be found of it
 *      planted --prepare FOLDER NAME...   makes the files that the rows work on
 *      planted --run FOLDER NAME...       does them, each in a process of its own
 *      planted --storm KIND COUNT         a lot of one kind
 *
 * A row's process is called "pN", N its number; one that could not be planted here is named on
 * standard output with the reason.  GIRD_CGROUP, GIRD_OUTSIDE: a folder and a process for rows. */
#include "planted.h"

#include <string.h>
#include <sys/wait.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

char scratch[4096];
static const char *base, *row_name;

#define PLANT(name, pattern, ...)                                                                  \
        static void plant_##name(void)                                                             \
        {                                                                                          \
                __VA_ARGS__;                                                                       \
        }
#include "planted.inc"
#undef PLANT

static const struct row {
        const char *name, *pattern;
        void (*plant)(void);
} rows[] = {
#define PLANT(name, pattern, ...) { #name, pattern, plant_##name },
#include "planted.inc"
#undef PLANT
};

void cannot(const char *what)
{
        dprintf(STDOUT_FILENO, "cannot %s: %s: %s\n", row_name, what, strerror(errno));
        _exit(77);
}

/* The answers live as long as the row. */
static const char *join(const char *a, const char *b, const char *c)
{
        char *path = NULL;

        if (asprintf(&path, "%s%s%s%s%s", a, *b ? "/" : "", b, *c ? "/" : "", c) < 0)
                cannot("no memory");
        return path;
}

const char *at(const char *name)
{
        return join(base, row_name, name);
}

const char *shared(const char *name)
{
        return join(base, name, "");
}

const char *cgroup(const char *name)
{
        const char *folder = getenv("GIRD_CGROUP");

        return join(folder ? folder : "/nonexistent", name, "");
}

const char *proc_of(pid_t pid, const char *name)
{
        char number[16];

        snprintf(number, sizeof(number), "%d", (int)pid);
        return join("/proc", number, name);
}

const char *long_name(size_t length)
{
        char *name = malloc(length + 1);

        if (!name)
                cannot("no memory");
        memset(name, 'n', length);
        name[length] = '\0';
        return name;
}

pid_t outside(void)
{
        const char *pid = getenv("GIRD_OUTSIDE");

        if (!pid)
                cannot("GIRD_OUTSIDE is not set");
        return (pid_t)strtol(pid, NULL, 10);
}

static const struct row *find(const char *name)
{
        for (size_t i = 0; i < COUNT(rows); i++)
                if (strcmp(rows[i].name, name) == 0)
                        return &rows[i];
        fprintf(stderr, "planted: there is no row %s\n", name);
        exit(2);
}

static void make(const char *name, mode_t mode)
{
        int fd = OK(open(at(name), O_WRONLY | O_CREAT, 0600));

        if (write(fd, "planted\n", 8) != 8)
                cannot("write");
        OK(fchmod(fd, mode));
        close(fd);
}

static void prepare(const struct row *row)
{
        row_name = row->name;
        OK(mkdir(at(""), 0755));
        OK(mkdir(at("dir"), 0755));
        OK(mkdir(at("empty"), 0755));
        OK(mkdir(at("shutdir"), 0));
        make("file", 0644);
        make("dir/inner", 0644);
        make("secret", 0600);
        make("shut", 0);
        OK(chown(at("shut"), 1234, 1234));
        OK(chown(at("shutdir"), 1234, 1234));
        OK(link(at("file"), at("hardlink")));
        OK(symlink("file", at("link")));
        OK(symlink(at("dir"), at("dirlink")));
        OK(symlink("made", at("dangling")));
        OK(link(shared("program"), at("program")));
        OK(symlink("program", at("programlink")));
}

static void run(const struct row *row)
{
        char name[16];
        pid_t child = fork();

        row_name = row->name;
        if (child < 0)
                cannot("fork");
        if (child == 0) {
                snprintf(name, sizeof(name), "p%zu", (size_t)(row - rows));
                prctl(PR_SET_NAME, name);
                row->plant();
                _exit(0);
        }
        while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
                ;
}

int main(int argc, char **argv)
{
        const char *what = argc > 1 ? argv[1] : "";

        if (strcmp(what, "--exit") == 0)
                return 0;
        if (strcmp(what, "--touch") == 0 && argc == 3)
                return open(argv[2], O_WRONLY | O_CREAT, 0600) < 0;
        if (strcmp(what, "--storm") == 0 && argc == 4)
                return storm(argv[2], strtoul(argv[3], NULL, 10));
        if (argc < 3) {
                fprintf(stderr, "usage: planted --list|--prepare|--run FOLDER [NAME...]\n");
                return 2;
        }
        base = argv[2];
        if (strcmp(what, "--list") == 0)
                for (size_t i = 0; i < COUNT(rows); i++)
                        printf("%s\t%zu\t%s\n", rows[i].name, i, rows[i].pattern);
        for (int i = 3; i < argc; i++)
                if (strcmp(what, "--prepare") == 0)
                        prepare(find(argv[i]));
                else
                        run(find(argv[i]));
        return 0;
}
